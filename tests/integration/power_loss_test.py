# SPDX-License-Identifier: Apache-2.0
"""Every file that is written, by its line in WRITTEN: with a kill at each system call that touches it, as if power was lost; with an
error at each, as of a disk that breaks or a name that cannot be had; on a disk that is full; and beyond a limit on the length of files.
There is the old one or the new one, never a half, of which nobody says a word; and the next run works and leaves nothing else. CTest
sets MSTR_BIN, MSTR_SIM, MSTR_PLUGINS and MSTR_MATRIX_PLAYER; a sample of the calls is taken without MSTR_WHOLE (the target
`any-moment` takes all)."""
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest
from dataclasses import dataclass

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from at_call import can_trace, disturbed, list_calls, recorded, run_command, run_disturbed, run_recorded, sample, send
from job_case import PASSWORD, JobCase

MSTR = os.environ["MSTR_BIN"]
WHOLE = bool(os.environ.get("MSTR_WHOLE"))
KILLS, ERRORS, DISKS, LIMITS = 24, 16, 6, 6  # of a sample, over all that is written: keys of sessions cost a tenth of a second each
CHANGES = re.compile(r"(p?write|f(data)?sync|rename|link|unlink|mkdir|f?truncate|flock|f?chmod|f?chown)\w*")  # of what is there
ERROR = {"write": "ENOSPC", "pwrite64": "ENOSPC", "mkdir": "ENOSPC", "openat": "ENOSPC"}  # others: EIO
NEVER_WRONG = re.compile(r"close|unlink(at)?")  # what they could not take away stays there
PAGE = 4096
PAST, FUTURE = "2020-01-01T00:00:00Z", "2035-01-01T00:00:00Z"
SSO = ("[default]\nregion = us-east-1\nsso_session = dev\nsso_account_id = 123456789012\nsso_role_name = Reader\n"
       "[sso-session dev]\nsso_region = us-east-1\nsso_start_url = https://corp.example/start\n")
SSO_CACHE = f".aws/sso/cache/{hashlib.sha1(b'dev').hexdigest()}.json"
LOGIN = "arn:aws:sts::123456789012:assumed-role/Admin/admin"
LOGIN_CACHE = f".aws/login/cache/{hashlib.sha256(LOGIN.encode()).hexdigest()}.json"
FULL_DISK = """cp -a "$1" "$2" && mount -t tmpfs -o mode=700,size="$3" none "$1" && cp -a "$2/." "$1" || exit 99
old=$2 new=$1; shift 3; "$@"; status=$?
find "$old" -mindepth 1 -delete; cp -a "$new/." "$old"; exit $status"""


@dataclass(frozen=True)
class Written:
    """A command that writes. `begin` makes what is there before, `whole` says whether what is there is whole, given what was there
    before, `left` is what a run leaves; names are those of methods."""
    name: str
    words: tuple
    begin: str = "clear"
    whole: str = "is_old_or_new"
    left: tuple = ("out",)
    again: tuple = (0,)  # how the next run may end
    usual: int = 0  # how a run ends
    must: bool = True  # what it is for: it fails where it cannot write
    program: str = MSTR
    given: str = ""  # a file with its standard input


def output(name, *words, **more):
    return [Written(f"{name}, {how}", words, begin, **more) for how, begin in (("anew", "clear"), ("over another", "put_old"))]


SESSION = ("--session-file", "{work}/out")
KEPT = ("out", "out.lock")
WRITTEN = [
    # All commands with --output go this way but those that follow.
    *output("get --output", "get", "aws-sm:prod/mstr#password", "--output", "{work}/out"),
    *output("report -o", "report", "Revenue by Region", "-o", "{work}/out"),
    *output("export -o", "export", "Sales Dashboard", "-o", "{work}/out", "--format", "pdf"),
    *output("inject -o", "inject", "-i", "{folder}/template", "-o", "{work}/out", "--allow", "aws-sm:**", "--mode", "0640"),
    *output("mstr_document_export()", "{config}", "{work}/out", "60000", program=os.environ["MSTR_MATRIX_PLAYER"],
            given="steps"),
    # What holds output back has no name.
    Written("report --spool", ("report", "Revenue by Region", "--spool"), left=()),
    # Saved sessions and what stands in their locks: which values were refused.
    Written("session login", ("session", "login", *SESSION), whole="has_a_session_or_none", left=KEPT),
    Written("a login in its place", ("session", "login", *SESSION), "put_session", "has_a_session", KEPT),
    Written("a saved session that is renewed", ("api", "projects", *SESSION), "put_expired_session", "has_a_session", KEPT),
    Written("session import", ("session", "import", *SESSION), whole="has_a_session_or_none", left=KEPT, given="plain"),
    Written("session logout", ("session", "logout", *SESSION), "put_session", "has_a_session_or_none", ("out.lock",), again=(0, 4)),
    Written("refused values", ("api", "projects", "--profile", "wrong", *SESSION), "put_expired_session", "is_old", KEPT, (6,), 6, False),
    # Who logged in when: of this, the next one says that it is too soon.
    Written("doctor", ("doctor",), whole="has_records", left=("mstr/*.login", "mstr/*.login.lock"), must=False),
    # What AWS's own tools have put there. Whose token was spent without a word of the new one has to log in by hand.
    Written("the cache of aws sso login", ("get", "aws-sm:prod/plain"), "put_sso", "has_json", (".aws/config", SSO_CACHE), (0, 6), must=False),
    Written("the cache of aws login", ("get", "aws-sm:prod/plain"), "put_login", "has_json", (".aws/config", LOGIN_CACHE), (0, 6), must=False),
]
# Elsewhere: the agent's folder, lock, socket and token in agent_moment_test.py. Not here: mstr-provider-test's configuration, and the
# simulator's folder, which are written for one run. All other programs write nothing: `config`, `completion`, `agent unit` and `agent
# env` print, and what a fleet shares is in its store.


def changes(call):
    return CHANGES.fullmatch(call.name) or "O_CREAT" in call.text


def can_mount():
    return subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], stderr=subprocess.DEVNULL, check=False).returncode == 0


class PowerLoss(JobCase):
    more = "[profile wrong]\nbase_url = {mstr}\nusername = analyst\npassword = wrong\npersistence_key = ${{env:SEAL}}\n"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.known = []
        cls.work = os.path.join(cls.folder.name, "work")
        cls.usual_env, cls.env = cls.env, {**cls.env, "TMPDIR": cls.work, "XDG_STATE_HOME": cls.work}
        # The user's own files say who asks.
        cls.aws_env = {name: value for name, value in cls.env.items() if not name.startswith("AWS_ACCESS") and not name.startswith("AWS_SECRET")}
        cls.aws_env.update(HOME=cls.work, AWS_ENDPOINT_URL=cls.sim.urls["aws"].rstrip("/"))
        for name, text in (("template", "password: ${aws-sm:prod/mstr#password}\n"), ("steps", "open\nexport\nlogout\n")):
            with open(os.path.join(cls.folder.name, name), "w", encoding="utf-8") as file:
                file.write(text)
        cls.key = subprocess.run(["openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout"], check=True, capture_output=True, text=True).stdout

    def setUp(self):
        super().setUp()
        os.mkdir(self.work)
        self.addCleanup(shutil.rmtree, self.work)

    # --- what is there before

    def path(self, name):
        return os.path.join(self.work, name)

    def put(self, name, octets):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(octets)
        os.chmod(self.path(name), 0o600)

    def clear(self):
        for entry in os.scandir(self.work):
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                os.unlink(entry)

    def put_old(self):
        self.clear()
        self.put("out", b"old")

    def put_session(self):
        self.clear()
        ended = self.run_tool("session", "login", "--session-file", self.path("out"))
        self.assertEqual(ended.returncode, 0, ended.stderr)

    def put_expired_session(self):
        self.put_session()
        self.sim.admin("POST", "/sessions/expire", {})

    def put_sso(self):
        self.clear()
        self.put(".aws/config", SSO.encode())
        self.put(SSO_CACHE, json.dumps({"accessToken": "old", "expiresAt": PAST, "refreshToken": "sim-sso-refresh-token", "clientId": "sim-sso-client",
                                        "clientSecret": "sim-sso-client-secret", "registrationExpiresAt": FUTURE}).encode())

    def put_login(self):
        self.clear()
        self.sim.reset()  # what was spent
        self.put(".aws/config", f"[default]\nlogin_session = {LOGIN}\nregion = us-east-1\n".encode())
        token = {"accessKeyId": "ASIAOLD", "secretAccessKey": "s", "sessionToken": "t", "accountId": "123456789012", "expiresAt": PAST}
        self.put(LOGIN_CACHE, json.dumps({"accessToken": token, "tokenType": "aws_sigv4", "refreshToken": "sim-login-refresh-token", "idToken": "id",
                                          "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": self.key}).encode())

    # --- and whether what is there is whole

    def tree(self):
        """All files but locks, which are of no account, by their names."""
        found = {}
        for folder, _, names in os.walk(self.work):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, self.work)] = file.read()
        return found

    @staticmethod
    def without_locks(tree):
        return {name: octets for name, octets in tree.items() if not name.endswith(".lock")}

    def is_old(self, old):
        return self.read("out") == old.get("out")

    def is_old_or_new(self, old):
        return self.is_old(old) or self.read("out") == self.new

    def read(self, name):
        return self.tree().get(name)

    def shows(self):
        return self.run_tool("session", "show", "--session-file", self.path("out"), env=self.usual_env).returncode

    def has_a_session(self, _):
        return self.shows() in (0, 6)

    def has_a_session_or_none(self, _):
        return self.shows() in (0, 6) if self.read("out") is not None else self.shows() == 4

    def has_records(self, _):
        return all(re.fullmatch(rb"mstr-login 1 \d{20}\n", octets) for name, octets in self.tree().items() if name.endswith(".login"))

    def has_json(self, _):
        caches = [json.loads(octets) for name, octets in self.tree().items() if name.endswith(".json")]
        return len(caches) == 1 and "refreshToken" in caches[0]

    # --- runs

    def command(self, written):
        self.env_of = self.aws_env if written.begin in ("put_sso", "put_login") else self.env
        places = {"work": self.work, "folder": self.folder.name, "config": self.config}
        self.given = b""
        if written.given:
            with open(os.path.join(self.folder.name, written.given), "rb") as file:
                self.given = file.read()
        return [written.program, *(word.format(**places) if "{" in word else word for word in written.words)]

    def go(self, command, preexec=None):
        return run_command(command, self.env_of, self.given, preexec)

    @staticmethod
    def well(written, ended):
        """Whether it did what it is for; the player tells by a line for each step."""
        lines = ended.stdout.splitlines() if written.program != MSTR else []
        return ended.returncode == written.usual and all(line.startswith(b"ok") for line in lines)

    def names(self):
        """With a star for a digest."""
        return sorted(re.sub(r"/[0-9a-f]{32}\.login", "/*.login", name) for name in self.tree())

    def start(self, written):
        getattr(self, written.begin)()
        return self.tree()

    def check_next(self, command, written):
        ended = self.go(command)
        self.assertIn(ended.returncode, written.again, ended.stderr)
        if ended.returncode == written.usual:
            self.assertEqual(self.names(), sorted(written.left))

    def check_failure(self, written, ended, old):
        """A run that could not write: it says so and leaves all as it was, or it was not for that."""
        self.assertGreaterEqual(ended.returncode, 0, ended.stderr)
        self.assertNotIn(PASSWORD, ended.stderr)
        self.assertTrue(getattr(self, written.whole)(old), (ended, self.names()))
        self.assertLessEqual(set(self.names()), {*written.left, *old, "out.lock"})
        if written.must and not self.well(written, ended):
            self.assertTrue(ended.stderr.startswith(b"mstr: ") or written.program != MSTR, ended.stderr)
            self.assertEqual(self.without_locks(self.tree()), self.without_locks(old))
        elif written.must and written.whole == "is_old_or_new" and written.left:
            self.assertEqual(self.read("out"), self.new)

    def touching(self, calls):
        """Those of what is written; poll() changes nothing, and comes as often as others are waited for."""
        return [call for call in calls if self.work in call.text and call.name != "poll"]

    def each_written(self):
        """With its command, and the calls of an undisturbed run that touch what is written."""
        if not self.known:
            plain = os.path.join(self.folder.name, "plain")
            self.put_session()
            ended = self.run_tool("session", "export", "--session-file", self.path("out"), "-o", plain)
            self.assertEqual(ended.returncode, 0, ended.stderr)
            for written in WRITTEN:
                with self.subTest(written=written.name):
                    command = self.command(written)
                    self.start(written)
                    ended, calls = run_recorded(command, self.env_of, self.given)
                    self.assertTrue(self.well(written, ended), ended)
                    self.assertEqual(self.names(), sorted(written.left))
                    calls = self.touching(calls)
                    self.assertGreater(len(calls), 3)
                    self.check_order(calls)
                    self.known.append((written, command, calls if WHOLE else list(filter(changes, calls)), self.read("out")))
        return self.known

    def try_each(self, count, ways, work):
        """Whatever is written, in each of the ways that there are for it, or in a sample of all; and then once more without."""
        tries = [(known, way) for known in self.each_written() for way in ways(known)]
        for (written, command, _, self.new), way in sample(tries, count):
            with self.subTest(written=written.name, way=way):
                self.command(written)
                old = self.start(written)
                work(written, command, way, old)
                self.check_next(command, written)

    def check_order(self, calls):
        """What takes a place has reached the disk before."""
        synced = False
        for call in calls:
            if call.name.startswith("rename"):
                self.assertTrue(synced, call)
            synced = call.name == "fsync" or (synced and not call.name.endswith("write"))

    @unittest.skipUnless(can_trace(), "processes cannot be traced here")
    def test_a_kill_at_any_call_leaves_the_old_or_the_new(self):
        def kill(written, command, call, old):
            ended = run_disturbed(call, "signal=KILL", command, self.env_of, self.given)
            self.assertEqual(ended.returncode, -signal.SIGKILL, ended.stderr)
            self.assertTrue(getattr(self, written.whole)(old), self.names())

        self.try_each(KILLS, lambda known: known[2], kill)

    @unittest.skipUnless(can_trace(), "processes cannot be traced here")
    def test_an_error_at_any_call_is_told_and_leaves_the_old(self):
        def fail(written, command, call, old):
            ended = run_disturbed(call, f"error={ERROR.get(call.name, 'EIO')}", command, self.env_of, self.given)
            self.check_failure(written, ended, old)

        self.try_each(ERRORS, lambda known: [call for call in known[2] if not NEVER_WRONG.fullmatch(call.name)], fail)

    @unittest.skipUnless(can_trace() and can_mount(), "nothing can be mounted here")
    def test_a_full_disk_is_told_and_leaves_the_old(self):
        beside = os.path.join(self.folder.name, "beside")

        def fill(written, command, pages, old):
            self.put("full", b"x" * PAGE)  # a limit of 0 would be none
            size = sum(-(-os.path.getsize(self.path(name)) // PAGE) for name in self.tree()) + pages
            ended = self.go(["unshare", "-m", "sh", "-c", FULL_DISK, "sh", self.work, beside, str(size * PAGE), *command])
            self.assertNotEqual(ended.returncode, 99, ended.stderr)
            shutil.rmtree(self.work)
            os.rename(beside, self.work)
            os.unlink(self.path("full"))
            self.check_failure(written, ended, old)

        self.try_each(DISKS, lambda _: range(4 if WHOLE else 1), fill)

    @unittest.skipUnless(can_trace(), "processes cannot be traced here")
    def test_a_limit_on_the_length_of_files_is_told_and_leaves_the_old(self):
        def limit(written, command, length, old):
            ended = self.go(command, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (length, length)))
            self.check_failure(written, ended, old)

        # In a program that is not the tool it is up to the program what the signal does.
        self.try_each(LIMITS, lambda known: (0, 1, 100, PAGE) if known[0].program == MSTR else (), limit)

    @unittest.skipUnless(can_trace(), "processes cannot be traced here")
    def test_a_lock_that_is_a_file_is_taken_away_in_time(self):
        """As where the file system has none of its own; two minutes after its holder was killed."""
        def log_in(*more):
            return run_command(["strace", "-D", "-f", "-qq", "-o", os.devnull, "-e", "trace=flock,unlink", "-e", "inject=flock:error=ENOLCK", *more,
                                MSTR, "session", "login", "--session-file", self.path("out")], self.env)

        self.assertEqual(log_in("-e", "inject=unlink:signal=KILL").returncode, -signal.SIGKILL)
        self.assertEqual(self.names(), ["out.lock", "out.lock.held"])
        past = time.time() - 125
        os.utime(self.path("out.lock.held"), (past, past))
        ended = log_in()
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(self.names(), ["out", "out.lock"])

    # --- what stays and writes again

    def watch(self, within=()):
        """`inject --watch` until it has written once more, as its template has changed, or has ended; how it ended."""
        template, texts = os.path.join(self.folder.name, "watched"), ("one: {}\n", "another: {}\n")
        self.put_old()
        process = None
        for text in texts:
            with open(template + "~", "w", encoding="utf-8") as file:
                file.write(text.format("${aws-sm:prod/mstr#password}"))
            os.rename(template + "~", template)
            if process is None:
                process = subprocess.Popen([*within, MSTR, "inject", "-i", template, "-o", self.path("out"), "--allow", "aws-sm:**", "--watch"],
                                           env=self.env, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while process.poll() is None and self.read("out") != text.format(PASSWORD.decode()).encode():
                send(process, signal.SIGWINCH)  # of which it has a look around
                time.sleep(0.02)
        send(process, signal.SIGTERM)
        try:
            return process.wait(timeout=60)
        finally:
            send(process, signal.SIGKILL)

    @unittest.skipUnless(can_trace(), "processes cannot be traced here")
    def test_what_is_written_again_and_again_is_old_or_new(self):
        log = os.path.join(self.folder.name, "calls")
        self.assertEqual(self.watch(recorded(log)), 0)
        calls = self.touching(list_calls(log))
        self.assertEqual(sum(call.name.startswith("rename") for call in calls), 2)
        self.check_order(calls)
        for call in sample(calls, 4):
            with self.subTest(call=call):
                self.assertEqual(self.watch(disturbed(call, "signal=KILL")), -signal.SIGKILL)
                self.assertIn(self.read("out"), (b"old", b"one: " + PASSWORD + b"\n", b"another: " + PASSWORD + b"\n"))
                self.assertEqual(self.watch(), 0)
                self.assertEqual(self.names(), ["out"])

    def test_what_could_not_be_written_is_written_once_there_is_room(self):
        """Also where nothing changes any more: a value first, then the template."""
        value, template, out, told = (os.path.join(self.folder.name, name) for name in ("value", "of-value", "written", "told"))

        def put(path, text):
            with open(path + "~", "w", encoding="utf-8") as file:
                file.write(text)
            os.rename(path + "~", path)

        def wait_for(what):
            until = time.monotonic() + 300
            while not what():
                self.assertLess(time.monotonic(), until)
                process.send_signal(signal.SIGWINCH)  # of which it has a look around
                time.sleep(0.05)

        def holds(path, text):
            with open(path, encoding="utf-8") as file:
                return text in file.read()

        def limit(length):
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (length, resource.RLIM_INFINITY))

        put(value, "one")
        put(template, f"v=${{file:{value}}}")
        with open(told, "wb") as errors, subprocess.Popen([MSTR, "inject", "-i", template, "-o", out, "--allow", "file:**", "--watch", "--poll",
                                                           "5s"], env=self.env, stderr=subprocess.PIPE) as process:
            teller = threading.Thread(target=lambda: [errors.write(line) and errors.flush() for line in process.stderr])
            teller.start()
            wait_for(lambda: os.path.exists(out))
            for path, text, new in ((value, "two", "v=two"), (template, f"w=${{file:{value}}}", "w=two")):
                limit(0)
                before = os.path.getsize(told)
                put(path, text)
                wait_for(lambda before=before: os.path.getsize(told) > before)
                self.assertFalse(holds(out, new))
                limit(resource.RLIM_INFINITY)
                wait_for(lambda new=new: holds(out, new))
            process.terminate()
            teller.join()
            self.assertEqual(process.wait(timeout=60), 0)
        self.assertTrue(holds(told, "File too large"))


if __name__ == "__main__":
    unittest.main()

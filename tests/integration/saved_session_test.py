# SPDX-License-Identifier: Apache-2.0
"""A session kept between runs: mstr session and mstr api --session, through the real binary and the simulator."""
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import Simulator, environment, run

MSTR = os.environ["MSTR_BIN"]
PROFILE = """[profile default]
base_url = {base}
username = analyst
password = {password}
{key}
"""
KEY = "persistence_key = ${env:SEAL}"


class SavedSession(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])

    @classmethod
    def tearDownClass(cls):
        cls.sim.__exit__(None, None, None)

    def setUp(self):
        self.sim.reset()
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.state = os.path.join(self.folder.name, "state")
        self.file = os.path.join(self.state, "mstr", "default.session")
        self.configure()

    def configure(self, key=KEY, password="Simul8-analyst"):
        self.config = os.path.join(self.folder.name, "config")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(PROFILE.format(base=self.sim.urls["mstr"], key=key, password=password))

    def mstr(self, *arguments, status=0, stdin="", seal="a long enough passphrase"):
        done = run(MSTR, *arguments, stdin=stdin,
                   env=environment(MSTR_CONFIG=self.config, XDG_STATE_HOME=self.state, SEAL=seal))
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done.stdout.decode() if status == 0 else done.stderr.decode()

    def logins(self):
        return sum(entry["path"].endswith("/auth/login") for entry in self.sim.log("mstr"))

    def test_one_login_serves_many_runs_until_the_logout(self):
        self.mstr("session", "login")
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)
        with open(self.file, "rb") as file:
            self.assertNotIn(b"AuthToken", file.read())
        for _ in range(2):
            self.assertIn("MicroStrategy Tutorial", self.mstr("api", "--session", "projects"))
        self.assertEqual(json.loads(self.mstr("session", "show", "--json"))["timeout"], 1800)
        self.mstr("session", "extend")
        self.assertEqual(self.logins(), 1)
        self.mstr("session", "logout")
        self.assertFalse(os.path.exists(self.file))
        self.assertIn("mstr session login", self.mstr("session", "show", status=4))

    def test_an_expired_session_is_told_by_show_and_renewed_by_api(self):
        self.mstr("session", "login")
        self.sim.admin("POST", "/clock", {"advance_ms": 10_000_000})
        self.assertIn("expired", self.mstr("session", "show", status=6))
        self.mstr("api", "--session", "projects")
        self.mstr("session", "show")
        self.assertEqual(self.logins(), 2)

    def test_a_session_that_cannot_be_saved_is_told_whatever_becomes_of_the_request(self):
        def leave_no_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

        self.mstr("session", "login")
        self.sim.admin("POST", "/clock", {"advance_ms": 10_000_000})
        for path, status, lines in (("projects", 3, ["mstr: cannot write "]),
                                    ("projects/none", 4, ["mstr: ", "mstr: the session is not saved: cannot write "])):
            done = subprocess.run([MSTR, "api", "--session", path], capture_output=True, timeout=60, preexec_fn=leave_no_room,
                                  env=environment(MSTR_CONFIG=self.config, XDG_STATE_HOME=self.state, SEAL="a long enough passphrase"))
            told = [line for line in done.stderr.decode().splitlines() if line.startswith("mstr: ")]
            self.assertEqual((done.returncode, len(told)), (status, len(lines)), done.stderr)
            for line, begin in zip(told, lines):
                self.assertTrue(line.startswith(begin), line)

    def start(self, *arguments):
        return subprocess.Popen([MSTR, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=environment(MSTR_CONFIG=self.config, XDG_STATE_HOME=self.state,
                                                SEAL="a long enough passphrase"))

    def live_sessions(self):
        return [session for session in json.loads(self.sim.admin("GET", "/state"))["mstr"]["sessions"]]

    def test_of_many_processes_that_meet_one_expiry_one_logs_in_and_nothing_is_left_behind(self):
        self.mstr("session", "login")
        self.sim.admin("POST", "/sessions/expire", {})
        runs = [self.start("api", "--session", "projects") for _ in range(20)]
        for run_of_many in runs:
            out, errors = run_of_many.communicate(timeout=300)
            self.assertEqual(run_of_many.returncode, 0, errors.decode())
            self.assertIn(b"MicroStrategy Tutorial", out)
        self.assertEqual(self.logins(), 2)
        self.assertEqual(len(self.live_sessions()), 1)
        self.mstr("session", "show")
        self.mstr("session", "logout")
        self.assertEqual(self.live_sessions(), [])

    def run_many(self, count, *arguments, status=0):
        """Processes at once; what they wrote, standard output and error."""
        written = []
        for run_of_many in [self.start(*arguments) for _ in range(count)]:
            out, errors = run_of_many.communicate(timeout=300)
            self.assertEqual(run_of_many.returncode, status, errors.decode())
            written.append((out.decode(), errors.decode()))
        return written

    def test_of_many_processes_with_a_password_that_was_changed_one_sends_it(self):
        self.mstr("session", "login")
        self.sim.admin("POST", "/sessions/expire", {})
        self.configure(password="Simul8-before")
        for _, errors in self.run_many(8, "api", "--session", "projects", status=6):
            self.assertIn("the session expired: ", errors)
        self.assertEqual(self.logins(), 2)
        self.assertIn("refused these credentials before", self.mstr("api", "--session", "projects", status=6))
        self.assertEqual(self.logins(), 2)
        for name in os.listdir(os.path.dirname(self.file)):
            with open(os.path.join(os.path.dirname(self.file), name), "rb") as file:
                self.assertNotIn(b"Simul8", file.read())
        self.configure()
        self.mstr("api", "--session", "projects")
        self.assertEqual(self.logins(), 3)

    def test_of_many_first_logins_with_a_wrong_password_one_sends_it(self):
        self.configure(password="Simul8-before")
        for _, errors in self.run_many(4, "session", "login", status=6):
            self.assertRegex(errors, "ERR003|refused these credentials before")
        self.assertEqual(self.logins(), 1)
        self.configure()
        self.mstr("session", "login")
        self.assertEqual(self.logins(), 2)

    def test_of_many_processes_under_which_the_session_is_logged_out_one_logs_in(self):
        self.mstr("session", "login")
        self.sim.admin("POST", "/faults", {"service": "mstr", "action": "delay", "ms": 300, "path": "*/projects"})
        runs = [self.start("api", "--session", "projects") for _ in range(8)]
        self.mstr("session", "logout")
        for run_of_many in runs:
            out, errors = run_of_many.communicate(timeout=300)
            self.assertIn(run_of_many.returncode, (0, 4), errors.decode())  # 4: it began when the file was gone
        self.assertLessEqual(self.logins(), 2)
        self.assertLessEqual(len(self.live_sessions()), 1)

    def test_many_logins_to_one_file_leave_one_session(self):
        self.run_many(4, "session", "login")
        self.assertEqual(len(self.live_sessions()), 1)
        self.mstr("session", "show")
        self.mstr("session", "logout")
        self.assertEqual(self.live_sessions(), [])

    def test_the_plain_form_goes_out_and_in_again(self):
        self.mstr("session", "login")
        plain = self.mstr("session", "export")
        self.assertEqual(set(json.loads(plain)), {"base_url", "cookies", "headers"})
        other = os.path.join(self.folder.name, "other", "copy.session")
        self.mstr("session", "import", "--session-file", other, stdin=plain)
        self.mstr("session", "show", "--session-file", other)
        self.assertIn("MicroStrategy Tutorial", self.mstr("api", "--session-file", other, "projects"))
        self.assertEqual(self.logins(), 1)
        self.assertIn("cookies", self.mstr("session", "import", stdin='{"base_url": "http://127.0.0.1:1/"}', status=2))

    def test_a_session_of_another_server_than_the_profile_names_is_refused(self):
        plain = json.dumps({"base_url": "http://127.0.0.1:1/", "cookies": {}, "headers": {"X-MSTR-AuthToken": "t"}})
        self.assertIn("another server", self.mstr("session", "import", stdin=plain, status=3))
        self.assertFalse(os.path.exists(self.file))

    def test_another_key_does_not_open_it(self):
        self.mstr("session", "login")
        self.mstr("session", "show", seal="another passphrase", status=6)

    def test_a_session_that_cannot_be_kept_is_not_opened(self):
        self.configure(key="")
        self.assertIn("persistence_key", self.mstr("session", "login", status=3))
        self.configure()
        os.makedirs(self.file + ".lock")
        self.assertIn("default.session.lock: Is a directory", self.mstr("session", "login", status=3))
        self.assertEqual(self.logins(), 0)

    def test_a_file_that_others_can_read_is_refused(self):
        self.mstr("session", "login")
        os.chmod(self.file, 0o644)
        self.assertIn("chmod 600", self.mstr("session", "show", status=5))

    def test_misuse_is_told(self):
        self.assertIn("login, show", self.mstr("session", "renew", status=2))
        self.mstr("session", status=2)
        self.mstr("session", "show", "more", status=2)
        self.mstr("api", "--session", "--no-auth", "status", status=2)

    def test_bodies_come_from_files_and_answers_go_to_files(self):
        body = os.path.join(self.folder.name, "body.json")
        answer = os.path.join(self.folder.name, "answer.json")
        with open(body, "w", encoding="utf-8") as file:
            file.write("{}")
        self.mstr("session", "login")
        path = "v2/reports/D9EAE8ED11E8B6CD00000080EF25E4B9/instances"
        self.mstr("api", "--session", "--project", "MicroStrategy Tutorial", "-d", "@" + body, "-q", "limit=2",
                  "-o", answer, path)
        with open(answer, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["data"]["paging"]["current"], 2)
        found = json.loads(self.mstr("api", "--session", "--project", "MicroStrategy Tutorial", "--paginate",
                                     "-q", "limit=2", "searches/results"))
        whole = json.loads(self.mstr("api", "--session", "--project", "MicroStrategy Tutorial", "-q", "limit=1000",
                                     "searches/results"))
        self.assertGreater(len(found), 2)
        self.assertEqual(found, whole["result"])

    def test_a_failure_leaves_the_file_of_the_answer_as_it_was(self):
        answer = os.path.join(self.folder.name, "kept.json")
        link = os.path.join(self.folder.name, "link.json")
        with open(answer, "w", encoding="utf-8") as file:
            file.write("before")
        os.chmod(answer, 0o640)
        os.symlink(answer, link)
        self.mstr("session", "login")
        before = sorted(os.listdir(self.folder.name))
        self.mstr("api", "--session", "-o", answer, "no/such/path", status=4)
        self.assertEqual(open(answer, encoding="utf-8").read(), "before")
        self.mstr("api", "--session", "-o", link, "sessions")
        self.assertIn("Ann Analyst", open(answer, encoding="utf-8").read())
        self.assertEqual(os.stat(answer).st_mode & 0o777, 0o640)
        self.assertTrue(os.path.islink(link))
        self.mstr("api", "--session", "-o", os.path.join(self.folder.name, "none", "x"), "sessions", status=1)
        self.mstr("api", "--session", "-o", "/dev/full", "sessions", status=1)
        self.mstr("api", "--session", "-o", "/dev/null", "sessions")
        self.assertEqual(sorted(os.listdir(self.folder.name)), before)

    def test_large_bodies_are_sent_as_they_are_read(self):
        body = os.path.join(self.folder.name, "large.json")
        with open(body, "wb") as file:
            file.write(b'{"x":"')
            file.truncate(70 << 20)
        self.assertIn("405", self.mstr("api", "-d", "@" + body, "-X", "PUT", "projects", status=10))
        sent = [dict(entry["headers"]) for entry in self.sim.log("mstr") if entry["method"] == "PUT"]
        self.assertEqual([headers["Content-Length"] for headers in sent], [str(70 << 20)])
        self.assertEqual(sent[0]["Content-Type"], "application/json")


if __name__ == "__main__":
    unittest.main()

# SPDX-License-Identifier: Apache-2.0
"""The command line as its manual has it: forms of options, what goes to which stream, with which newlines, how configuration,
environment and options stand over each other, and what `run` hands to its command. Through the real binary."""
import ctypes
import json
import os
import pty
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment, run

MSTR = os.environ["MSTR_BIN"]
CANARY = "c4n4ry-literal"


class Tool(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        cls.sim.__exit__(None, None, None)

    def setUp(self):
        self.sim.reset()
        self.sim.admin("DELETE", "/log")

    def config(self, text):
        path = os.path.join(self.folder.name, "config")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def mstr(self, *arguments, config="", **more):
        variables = environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY,
                                MSTR_CONFIG=self.config(config), X="val", EMPTY="", **more)
        return run(MSTR, *arguments, env=variables)

    def expect(self, arguments, stdout, status=0, **more):
        done = self.mstr(*arguments, **more)
        self.assertEqual((done.returncode, done.stdout.decode()), (status, stdout), done.stderr.decode())
        return done.stderr.decode()

    def test_a_single_value_has_no_newline_and_several_have_one_each(self):
        for arguments, stdout in ((["env:X"], "val"), (["env:EMPTY"], ""), (["env:X", "env:EMPTY"], "val\n\n"),
                                  (["-o", "raw", "env:X", "env:X"], "valval"),
                                  (["-o", "env", "A=env:X", "B=env:EMPTY"], "A='val'\nB=''\n")):
            self.expect(["get", *arguments], stdout)

    def test_options_are_read_in_every_form_and_place(self):
        expected = '{"env:X": {"value": "val", "version": null, "expires": null}}\n'
        for arguments in (["-o", "json", "env:X"], ["-ojson", "env:X"], ["--format=json", "env:X"],
                          ["--format", "json", "env:X"], ["env:X", "-o", "json"], ["-o", "json", "--", "env:X"]):
            self.expect(["get", *arguments], expected)

    def test_every_command_tells_about_itself(self):
        overview = self.mstr("help").stdout.decode()
        self.assertEqual(self.mstr("--help").stdout.decode(), overview)
        commands = [line.split()[0] for line in overview.split("Commands:\n")[1].split("\n\n")[0].splitlines()]
        for command in commands:
            about = self.mstr("help", command)
            self.assertIn(f"mstr {command}", about.stdout.decode())
            for option in ("--help", "-h"):
                asked = self.mstr(command, option)
                self.assertEqual((asked.returncode, asked.stdout, asked.stderr), (0, about.stdout, b""))

    def test_wrong_usage_is_told_once_whatever_the_form(self):
        for arguments, more in ((["--log", "loud", "get", "env:X"], {}), (["get", "env:X"], {"MSTR_LOG": "loud"}),
                                (["get"], {}), (["none"], {}), (["run", "--env", "X", "--", "true"], {}),
                                (["--timeout", "soon", "get", "env:X"], {}), (["config", "chek"], {})):
            plain = self.mstr(*arguments, **more)
            self.assertEqual((plain.returncode, plain.stdout), (2, b""))
            self.assertEqual(plain.stderr.count(b"mstr: "), 1, plain.stderr)
            self.assertNotIn(b"  ", plain.stderr)
            told = self.mstr("--json", *arguments, **more)
            self.assertEqual(json.loads(told.stderr)["exit_status"], 2)

    def test_the_environment_stands_over_the_profile_that_is_chosen(self):
        server = f"base_url = {self.sim.urls['mstr']}\nusername = svc_etl\npassword = wrong\n"
        config = f"[profile default]\n{server}[profile other]\n{server}"
        for arguments, more in (([], {}), (["--profile", "other"], {}), ([], {"MSTR_PROFILE": "other"}),
                                (["--profile", "other"], {"MSTR_PROFILE": "none"})):
            refused = self.mstr(*arguments, "projects", config=config, **more)
            self.assertEqual(refused.returncode, 6)
            listed = self.mstr(*arguments, "projects", config=config, MSTR_PASSWORD="Simul8-etl", **more)
            self.assertEqual(listed.returncode, 0, listed.stderr.decode())

    def test_what_is_literal_in_a_secret_setting_is_never_shown(self):
        config = f"""[profile default]
base_url = https://mstr.example.com/
username = ann@example.com
password = {CANARY}${{env:X}}{CANARY}
api_key = {CANARY}$${{literal}}
proxy = http://ann:{CANARY}@proxy.example.com
client_key_password = ${{file:/run/key || env:X}}
[env worker]
URL = postgres://ann:{CANARY}@db/${{env:X}}
[provider corp]
plugin = exec
command = /bin/get --token {CANARY}
"""
        for arguments in (["config", "show"], ["config", "show", "--json"]):
            shown = self.mstr(*arguments, config=config)
            self.assertNotIn(CANARY.encode(), shown.stdout + shown.stderr)
        values = {item["key"]: item["value"] for item in json.loads(shown.stdout)}
        self.assertEqual(values, {
            "base_url": "https://mstr.example.com/", "username": "ann@example.com",
            "password": "(hidden)${env:X}(hidden)", "api_key": None, "proxy": None,
            "client_key_password": "${file:/run/key || env:X}", "URL": "(hidden)${env:X}", "plugin": "exec",
            "command": None})

    def test_run_asks_for_everything_at_once_and_options_win_over_sets(self):
        config = f"""[provider aws-sm]
region = us-east-1
endpoint = {self.sim.urls['aws']}
[env worker]
NAME = ${{aws-sm:prod/mstr#username}}
PLAIN = <${{aws-sm:prod/plain}}>
X = from the set
"""
        self.expect(["run", "--env", "X=aws-sm:prod/mstr#password", "--env-set", "worker", "--", "sh", "-c",
                     'printf "%s,%s,%s" "$NAME" "$PLAIN" "$X"'], "analyst,<plain text>,Simul8-analyst", config=config)
        self.assertEqual(len(self.sim.log("aws")), 1)

    def test_run_ends_as_its_command_or_as_a_shell_would(self):
        for command, status in ((["sh", "-c", "exit 42"], 42), (["/proc/none"], 127), (["/proc"], 126),
                                (["sh", "-c", "kill -9 $$"], -9)):
            self.expect(["run", "--env", "A=env:X", "--", *command], "", status)

    def test_run_does_not_start_its_command_when_anything_is_missing(self):
        told = self.expect(["run", "--env", "A=env:NONE", "--env", "B=env:X", "--", "echo", "started"], "", 4)
        self.assertIn("env:NONE", told)
        told = self.expect(["run", "--env-set", "worker", "--", "echo", "started"], "", 4,
                           config="[env worker]\nA = ${env:NONE}\n")
        self.assertIn('config:2: "A": ', told)

    def test_doctor_tells_when_memory_cannot_be_locked(self):
        def limit():
            libc.prctl(24, 14, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_IPC_LOCK: root would not feel the limit
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
        libc = ctypes.CDLL(None)
        done = subprocess.run([MSTR, "doctor", "env:X"], env=environment(MSTR_CONFIG=self.config(""), X="val"),
                              preexec_fn=limit, stdout=subprocess.PIPE, timeout=60, check=True)
        with open(MSTR, "rb") as program:
            sanitized = re.search(rb"__[at]san_init", program.read())  # whose mlock() does nothing, and succeeds
        self.assertEqual(b"RLIMIT_MEMLOCK" in done.stdout, not sanitized)

    def test_doctor_tells_where_a_login_goes_and_how_long_it_takes(self):
        self.sim.admin("POST", "/faults", {"service": "mstr", "action": "delay", "ms": 50, "path": "*/auth/login", "times": 1})
        server = f"base_url = {self.sim.urls['mstr']}\nusername = analyst\npassword = Simul8-analyst\n"
        told = self.mstr("--json", "doctor", config=f"[profile default]\n{server}")
        steps = {step["step"]: step for step in json.loads(told.stdout)[-2]["steps"]}
        self.assertEqual((steps["base_url"]["detail"], steps["login"]["outcome"]), (self.sim.urls["mstr"], "used"))
        self.assertGreaterEqual(steps["login"]["ms"], 50)

    def test_doctor_examines_every_alternative_of_a_profile(self):
        told = self.mstr("doctor", config="[profile default]\nusername = ${env:A B||file:/no/such || env:X}\n")
        for reference in ("env:A B", "file:/no/such", "env:X"):
            self.assertIn(f"\n{reference}\n", "\n" + told.stdout.decode())

    def test_a_list_that_cannot_be_had_leaves_standard_output_empty(self):
        config = f"[profile default]\nbase_url = {self.sim.urls['mstr']}\nusername = analyst\npassword = Simul8-analyst\n"
        self.expect(["api", "--paginate", "no/such/list"], "", 4, config=config)
        whole = self.mstr("api", "--paginate", "projects", config=config)
        self.assertEqual(len(json.loads(whole.stdout)), 3)

    def test_headers_reach_a_terminal_as_they_look_and_anything_else_as_they_are(self):
        config = self.config(f"[profile default]\nbase_url = {self.sim.urls['mstr']}\n")
        call = [MSTR, "api", "-i", "--no-auth", "status"]
        self.sim.admin("POST", "/faults", {"service": "mstr", "action": "status", "status": 200, "path": "*/status",
                                           "headers": {"X-Evil": "a\x1b[2Jb"}, "times": -1})
        master, terminal = pty.openpty()
        subprocess.run(call, env=environment(MSTR_CONFIG=config), stdout=terminal, timeout=120, check=True)
        os.close(terminal)
        shown = os.read(master, 65536)
        os.close(master)
        self.assertIn(b"X-Evil: a\\u{1B}[2Jb\r\n", shown)
        piped = subprocess.run(call, env=environment(MSTR_CONFIG=config), capture_output=True, timeout=120, check=True)
        self.assertIn(b"X-Evil: a\x1b[2Jb\n", piped.stdout)

    def test_what_cannot_be_written_is_told(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([MSTR, "get", "env:X"], env=environment(MSTR_CONFIG=self.config(""), X="val"),
                                  stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (1, b"mstr: standard output: No space left on device\n"))

    def test_a_reader_that_takes_nothing_is_waited_for_as_long_as_the_run_lasts(self):
        file = os.path.join(self.folder.name, "much")
        with open(file, "w", encoding="utf-8") as much:
            much.write("x" * 200000)  # more than a pipe holds
        env = environment(MSTR_CONFIG=self.config(""))
        for number, option, status, words in ((signal.SIGTERM, [], 130, b"interrupted"),
                                              (None, ["--timeout", "300ms"], 7, b"was not taken in time")):
            with subprocess.Popen([MSTR, *option, "get", f"file:{file}"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tool:
                if number is not None:
                    self.assertTrue(select.select([tool.stdout], [], [], 60)[0])
                    tool.send_signal(number)
                self.assertEqual(tool.wait(60), status)
                self.assertEqual(tool.stderr.read(), b"mstr: standard output: " + words + b"\n")
        pipe = os.path.join(self.folder.name, "pipe")
        os.mkfifo(pipe)
        done = run(MSTR, "version", "--timeout", "100ms", "-o", pipe, env=env)
        self.assertEqual((done.returncode, done.stderr.decode()), (7, f"mstr: {pipe}: was not taken in time\n"))

    def test_a_closed_stream_is_never_taken_for_another(self):
        server = f"base_url = {self.sim.urls['mstr']}\nusername = analyst\npassword = Simul8-analyst\n"
        config = self.config(f"[profile default]\n{server}")
        for closed in ("<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"):
            done = subprocess.run(["sh", "-c", f'"$0" projects {closed}', MSTR], env=environment(MSTR_CONFIG=config),
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
            self.assertEqual(done.returncode, 1 if ">&-" in closed.split() else 0, (closed, done.stderr))
            self.assertNotEqual(bool(done.stdout), ">&-" in closed.split())
            if closed == ">&-":
                self.assertEqual(done.stderr, b"mstr: standard output: Bad file descriptor\n")

    def test_run_hands_signals_on_as_they_were(self):
        for ignored in ((), (signal.SIGINT, signal.SIGPIPE)):
            def prepare():
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE):
                    signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)
            done = subprocess.run([MSTR, "run", "--env", "A=env:X", "--", "cat", "/proc/self/status"], preexec_fn=prepare,
                                  env=environment(MSTR_CONFIG=self.config(""), X="val"), stdout=subprocess.PIPE,
                                  timeout=60, check=True)
            mask = int(re.search(rb"SigIgn:\s*([0-9a-f]+)", done.stdout)[1], 16)
            self.assertEqual({number for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)
                              if mask >> (number - 1) & 1}, set(ignored))

    def test_a_signal_ends_a_command_that_waits_for_a_silent_server(self):
        file = os.path.join(self.folder.name, "session")
        env = environment(MSTR_CONFIG=self.config(f"[profile default]\nbase_url = {self.sim.urls['mstr']}\nusername = analyst\n"
                                                  "password = Simul8-analyst\npersistence_key = ${env:SEAL}\n"),
                          SEAL="a long enough passphrase")
        run(MSTR, "session", "login", "--session-file", file, env=env)
        for path, command in (("projects", ["projects"]), ("sessions", ["session", "show", "--session-file", file]),
                              ("sessions", ["session", "extend", "--session-file", file])):
            with self.subTest(" ".join(command[:2])):
                self.sim.admin("DELETE", "/log")
                self.sim.admin("POST", "/faults", {"service": "mstr", "path": "*/" + path, "action": "hang"})
                with subprocess.Popen([MSTR, *command], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tool:
                    while not any(entry["path"].endswith("/" + path) for entry in self.sim.log("mstr")):
                        self.assertIsNone(tool.poll())
                        time.sleep(0.01)
                    tool.terminate()
                    tool.communicate(timeout=60)
                self.assertEqual(tool.returncode, 130)
                self.assertEqual(self.sim.log("mstr")[-1]["path"].endswith("/auth/logout"), command == ["projects"])


if __name__ == "__main__":
    unittest.main()

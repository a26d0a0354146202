# SPDX-License-Identifier: Apache-2.0
"""`mstr run` beside its command and `mstr inject`, through the real binary: terminals, signals, groups and descriptors as a shell
has them, values searched for in all that is written, files that cannot be replaced."""
import base64
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
import urllib.parse

MSTR = os.environ["MSTR_BIN"]
CANARY = 'c4n4ry/"va lue"-42'


class Place(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.file("config", "")
        self.variables = {"PATH": os.environ["PATH"], "HOME": self.folder.name, "MSTR_CONFIG": self.path("config"),
                          "VALUE": CANARY, "LC_ALL": "C.UTF-8"}

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def file(self, name, text, mode=0o600):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def mstr(self, *arguments, **more):
        return subprocess.run([MSTR, *arguments], env=self.variables, capture_output=True, timeout=300, check=False, **more)


class Mask(Place):
    def test_a_value_is_hidden_in_each_form_and_both_streams(self):
        text = CANARY.encode()
        forms = [text, json.dumps(CANARY).encode(), urllib.parse.quote(text, safe="").encode(), urllib.parse.quote(text).encode(),
                 urllib.parse.quote_plus(text).encode(), urllib.parse.quote(text, safe="").lower().encode()]
        forms += [base64.b64encode(before + text + b"!") for before in (b"", b"x", b"xy")]
        with open(self.path("forms"), "wb") as file:
            file.write(b"\n".join(forms) + b"\n")
        done = self.mstr("run", "--mask", "--env", "V=env:VALUE", "--", "sh", "-c", f"cat {self.path('forms')}; cat {self.path('forms')} >&2")
        for stream in (done.stdout, done.stderr):
            self.assertEqual(stream.count(b"(hidden)"), len(forms), stream)
            for form in forms:
                self.assertNotIn(form[3:-4], stream)

    def test_a_password_within_a_text_is_a_value_of_its_own(self):
        self.file("config", "[env w]\nURL = db://ann:${env:VALUE}@host\n")
        for option in (["--env-set", "w"], ["--env", "URL=db://ann:${env:VALUE}@host"]):
            done = self.mstr("run", "--mask", *option, "--", "sh", "-c", 'printf "%s\\n" "$URL" "$VALUE"')
            self.assertEqual((done.stdout, done.stderr), (b"(hidden)\n(hidden)\n", b""))

    def test_what_is_held_back_is_written_within_a_second_or_so(self):
        with subprocess.Popen([MSTR, "run", "--mask", "--env", "V=env:VALUE", "--", "sh", "-c", "printf c4n4; read x"],
                              env=self.variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
            self.assertEqual(os.read(running.stdout.fileno(), 100), b"c4n4")
            running.stdin.close()

    def test_a_reader_that_goes_away_ends_the_command(self):
        done = subprocess.run(["sh", "-c", f"{{ '{MSTR}' run --mask -- yes; echo $? >&2; }} | head -n 1"], env=self.variables,
                              capture_output=True, timeout=300, check=False)
        self.assertEqual((done.stdout, done.stderr), (b"y\n", b"141\n"))

    def test_a_reader_that_takes_nothing_keeps_no_signal_from_the_command(self):
        def is_asleep(pid):
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                return file.read().split()[2] == "S"
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        with subprocess.Popen([MSTR, "run", "--mask", "--", "yes"], env=self.variables, stdout=writer) as running:
            children = f"/proc/{running.pid}/task/{running.pid}/children"
            full = 0
            while full < 3:  # the command, too, whose own pipe is read no more
                with open(children, encoding="utf-8") as file:
                    pids = [running.pid, *file.read().split()]
                stands = len(pids) == 2 and not select.select([], [writer], [], 0)[1]
                full = full + 1 if stands and all(map(is_asleep, pids)) else 0
                time.sleep(0.01)
            running.terminate()
            self.assertEqual(running.wait(300), 143)

    def test_what_is_lost_is_told(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([MSTR, "run", "--mask", "--", "echo", "lost"], env=self.variables, stdout=full, stderr=subprocess.PIPE,
                                  timeout=300, check=False)
        self.assertEqual((done.returncode, done.stderr), (1, b"mstr: standard output: No space left on device\n"))

    def test_descriptors_are_those_that_were_given(self):
        for option in ("", "--mask"):
            script = f"exec '{MSTR}' run {option} -- python3 -c 'import os; print(os.listdir(\"/proc/self/fd\")); os.write(7, b\"there\")'"
            done = subprocess.run(["sh", "-c", f"{script} 7>{self.path('seven')}"], env=self.variables, capture_output=True, timeout=300,
                                  check=False)
            self.assertEqual(done.stdout, b"['0', '1', '2', '3', '7']\n", done.stderr)  # the folder is 3
            with open(self.path("seven"), "rb") as file:
                self.assertEqual(file.read(), b"there")

    def test_signals_reach_the_command_and_statuses_are_those_of_shells(self):
        script = "trap 'echo usr' USR1; trap 'echo term; exit 3' TERM; echo ready; while :; do sleep 0.05; done"
        with subprocess.Popen([MSTR, "run", "--mask", "--", "sh", "-c", script], env=self.variables, stdout=subprocess.PIPE) as running:
            for line, number in ((b"ready\n", signal.SIGUSR1), (b"usr\n", signal.SIGTERM), (b"term\n", None)):
                self.assertEqual(running.stdout.readline(), line)
                if number is not None:
                    running.send_signal(number)
            self.assertEqual(running.wait(300), 3)
        for command, status in ((["sh", "-c", "kill -KILL $$"], 137), (["/proc/none"], 127), (["/proc"], 126), (["true"], 0)):
            self.assertEqual(self.mstr("run", "--mask", "--", *command).returncode, status)


class Terminal(Place):
    def start(self, *words, size=(33, 99)):
        pid, terminal = pty.fork()
        if pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
            os.execvpe(words[0], words, self.variables)
        self.addCleanup(os.close, terminal)
        return pid, terminal

    def read_until(self, terminal, wanted):
        text = b""
        while wanted not in text:
            piece = os.read(terminal, 4096)
            self.assertTrue(piece, text)
            text += piece
        return text

    def end(self, pid):
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_the_command_sees_a_terminal_of_the_same_size(self):
        script = ("test -t 0 && test -t 1 && test -t 2 && stty size <&1 && stty size <&2; trap 'size=$(stty size <&2); "
                  "test \"$size\" = \"44 88\" && echo \"$size $V\" && exit 4' WINCH; "  # the terminal itself may tell it before
                  "printf '\\033[31mready\\033[0m\\n'; while :; do sleep 0.05; done")
        pid, terminal = self.start(MSTR, "run", "--mask", "--env", "V=env:VALUE", "--", "sh", "-c", script)
        text = self.read_until(terminal, b"\x1b[31mready\x1b[0m\r\n")
        self.assertEqual(text.count(b"33 99\r\n"), 2, text)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 44, 88, 0, 0))
        self.read_until(terminal, b"44 88 (hidden)\r\n")
        self.assertEqual(self.end(pid), 4)

    def test_an_interrupt_is_the_commands(self):
        for option in ("--mask", "--on-change=restart"):
            pid, terminal = self.start(MSTR, "run", option, "--", "sh", "-c", "trap 'exit 5' INT; echo ready; while :; do sleep 0.05; done")
            self.read_until(terminal, b"ready")
            os.write(terminal, b"\x03")
            self.assertEqual(self.end(pid), 5)
            pid, terminal = self.start(MSTR, "run", option, "--", "sh", "-c", "echo ready; exec sleep 1000")
            self.read_until(terminal, b"ready")
            os.write(terminal, b"\x03")
            self.assertEqual(self.end(pid), 130)

    def test_a_shell_stops_it_and_lets_it_go_on_as_any_job(self):
        pid, terminal = self.start("bash", "-m", "-c", f"{MSTR} run --mask -- sh -c 'echo ready; read line; echo got $line'; echo stopped; fg")
        self.read_until(terminal, b"ready")
        os.write(terminal, b"\x1a")
        self.read_until(terminal, b"stopped")
        os.write(terminal, b"line\n")
        self.read_until(terminal, b"got line")
        self.assertEqual(self.end(pid), 0)

    def test_who_reads_what_it_writes_has_the_terminal_too(self):
        script = f"{MSTR} run --mask -- sh -c 'read line; echo $line' | {{ read passed; read own </dev/tty; echo $own after $passed; }}"
        pid, terminal = self.start("bash", "-m", "-c", script)
        os.write(terminal, b"first\n")
        self.read_until(terminal, b"first")
        os.write(terminal, b"second\n")
        self.read_until(terminal, b"second after first")
        self.assertEqual(self.end(pid), 0)


class Inject(Place):
    def test_a_file_is_whole_or_not_at_all(self):
        template = self.file("template", "${env:VALUE}\n" + "x" * 200000)
        os.mkdir(self.path("small"))
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", self.path("small")], capture_output=True, check=False).returncode:
            self.skipTest("nothing can be mounted here")
        self.addCleanup(subprocess.run, ["umount", self.path("small")], check=True)
        target = self.file("small/file", "before")
        done = self.mstr("inject", "-i", template, "-o", target)
        self.assertEqual((done.returncode, done.stderr.decode()), (1, f"mstr: {target}: No space left on device\n"))
        with open(target, encoding="utf-8") as file:
            self.assertEqual(file.read(), "before")
        self.assertEqual(os.listdir(self.path("small")), ["file"])

    def test_a_file_that_is_mounted_by_itself_is_told(self):
        template = self.file("template", "${env:VALUE}")
        target = self.file("target", "before")
        if subprocess.run(["mount", "--bind", self.file("other", "other"), target], capture_output=True, check=False).returncode:
            self.skipTest("nothing can be mounted here")
        self.addCleanup(subprocess.run, ["umount", target], check=True)
        done = self.mstr("inject", "-i", template, "-o", target)
        self.assertEqual((done.returncode, done.stderr.decode()), (
            1, f"mstr: {target}: is mounted by itself and cannot be replaced; mount the folder that it is in\n"))
        self.assertNotIn(CANARY, "".join(os.listdir(self.folder.name)))

    def test_owner_group_and_mode_are_kept(self):
        template = self.file("template", "${env:VALUE}")
        target = self.file("target", "before", 0o640)
        if os.geteuid() != 0:
            self.skipTest("only root gives files away")
        os.chown(target, 12345, 12346)
        self.assertEqual(self.mstr("inject", "-i", template, "-o", target).returncode, 0)
        status = os.stat(target)
        self.assertEqual((status.st_uid, status.st_gid, status.st_mode & 0o777), (12345, 12346, 0o640))

    def test_each_syntax_is_read_back_by_its_own_reader(self):
        for syntax, template, read in (
                ("json", '{"a": "${env:VALUE}"}', lambda text: json.loads(text)["a"]),
                ("shell", "A=${env:VALUE}\n", lambda text: subprocess.run(
                    ["sh", "-c", f'{text}printf %s "$A"'], capture_output=True, check=True).stdout.decode()),
                ("xml", '<a b="${env:VALUE}"/>', lambda text: __import__("xml.etree.ElementTree").etree.ElementTree.fromstring(text).get("b"))):
            done = self.mstr("inject", "-i", self.file("template", template), "--escape", syntax)
            self.assertEqual(read(done.stdout.decode()), CANARY)


@unittest.skipUnless("MSTR_SLOW" in os.environ, "nobody looks more often than each 5 s")
class Watch(Place):
    def wait_for(self, what):
        until = time.monotonic() + 300
        while not what():
            self.assertLess(time.monotonic(), until)
            time.sleep(0.05)

    def read(self, name):
        try:
            with open(self.path(name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def test_a_command_is_restarted_and_a_file_written_anew_by_a_change_alone(self):
        source = self.file("source", "first-value")
        template = self.file("template", f"v=${{file:{source}}}\n")
        other = self.file("other", f"v=${{file:{template}}}\n")
        script = f'echo "$V" >> {self.path("starts")}; trap "exit 0" TERM; while :; do sleep 0.05; done'
        with subprocess.Popen([MSTR, "run", "--on-change", "restart", "--poll", "5s", "--env", f"V=file:{source}", "--", "sh", "-c", script],
                              env=self.variables) as running, \
             subprocess.Popen([MSTR, "inject", "-i", template, "-o", self.path("target"), "--watch", "--poll", "5s", "--exec",
                               f"cat {self.path('target')} >> {self.path('told')}"], env=self.variables) as injecting, \
             subprocess.Popen([MSTR, "inject", "-i", other, "-o", self.path("another"), "--watch", "--poll", "5s"], env=self.variables,
                              stderr=subprocess.PIPE) as rewritten:
            self.wait_for(lambda: self.read("starts") == "first-value\n" and self.read("target") == "v=first-value\n"
                          and self.read("another"))
            self.file("other", f"${{file:{self.path('none')}}}")  # which is told of, and is no change
            os.rename(source, self.path("away"))  # a store that fails
            time.sleep(7)
            self.file("other", f"w=${{file:{template}}}\n")
            self.file("next", "second-value")
            os.rename(self.path("next"), source)
            self.wait_for(lambda: self.read("starts") == "first-value\nsecond-value\n" and self.read("told") == "v=second-value\n")
            self.assertEqual(self.read("target"), "v=second-value\n")
            self.wait_for(lambda: self.read("another").startswith("w="))
            for process, status in ((running, 0), (injecting, 0), (rewritten, 0)):
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(300), status)
            self.assertEqual(rewritten.stderr.read().count(b"No such file"), 1)


    def test_a_command_that_does_not_end_is_ended(self):
        source = self.file("source", "first-value")
        script = f'echo "$V" >> {self.path("starts")}; trap "" TERM; test "$V" = second-value && exit 6; while :; do sleep 0.05; done'
        with subprocess.Popen([MSTR, "run", "--on-change", "restart", "--poll", "5s", "--env", f"V=file:{source}", "--", "sh", "-c", script],
                              env=self.variables) as running:
            self.wait_for(lambda: self.read("starts") == "first-value\n")
            self.file("source", "second-value")
            self.assertEqual(running.wait(300), 6)
        self.assertEqual(self.read("starts"), "first-value\nsecond-value\n")


if __name__ == "__main__":
    unittest.main()

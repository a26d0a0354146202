# SPDX-License-Identifier: Apache-2.0
"""Files that decide what happens, through the real binary: what somebody else may write is refused with the command that mends
it, as root and as an ordinary user, and MSTR_TRUSTED_FOLDERS is told as a weakening wherever somebody looks."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import environment

MSTR = os.environ["MSTR_BIN"]
ANN, STRANGER = 12345, 777
SCRIPT = "#!/bin/sh\nprintf value\n"


def become(user):
    """How a command line begins that runs as another user."""
    return [shutil.which("setpriv"), "--reuid", str(user), "--regid", str(user), "--clear-groups"] if user is not None else []


class Trust(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        os.chmod(self.folder.name, 0o755)

    def file(self, name, text, mode=0o644, owner=None):
        path = os.path.join(self.folder.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        if owner is not None:
            os.chown(path, owner, owner)
        os.chmod(path, mode)
        return path

    def users(self):
        """Root and an ordinary user; where the test runs as one itself, it alone."""
        if os.geteuid() != 0:
            return [None]
        probe = subprocess.run([*become(ANN), MSTR, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               check=False)
        return [None] if probe.returncode != 0 else [None, ANN]  # the build may lie where others have no access

    def mstr(self, *arguments, user=None, **variables):
        return subprocess.run([*become(user), MSTR, *arguments], env=environment(X="value", **variables), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)

    def expect_refusal(self, words, *arguments, **more):
        done = self.mstr(*arguments, **more)
        told = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (3, b""), told)
        for word in words:
            self.assertIn(word, told)
        return told

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a file to another group")
    def test_a_configuration_that_a_group_may_write_is_refused(self):
        for user in self.users():
            owner = user or 0
            config = self.file("config", "", 0o664, owner)
            os.chown(config, owner, STRANGER)
            told = self.expect_refusal([f"{config}: is writable by a group of others (owner {owner}, group {STRANGER}, mode 0664)",
                                        f"chmod g-w {config}", f"MSTR_TRUSTED_FOLDERS={self.folder.name}"],
                                       "--config", config, "get", "env:X", user=user)
            for line in (f"chmod g-w {config}", f"MSTR_TRUSTED_FOLDERS={self.folder.name}"):  # each mends it
                trusted = line.partition("=")[2] or None
                if trusted is None:
                    subprocess.run(line.split(), check=True)
                done = self.mstr("--config", config, "get", "env:X", user=user, MSTR_TRUSTED_FOLDERS=trusted)
                self.assertEqual((done.returncode, done.stdout), (0, b"value"), told)
                os.chmod(config, 0o664)

    def test_a_program_that_others_may_write_is_refused(self):
        for user in self.users():
            program = self.file("bin/program", SCRIPT, 0o757)
            config = self.file("config", f"[provider x]\nplugin = exec\nformat = text\ncommand = {program}\n")
            self.expect_refusal([f"program refused: {program} is writable by others", f"chmod o-w {program}"],
                                "--config", config, "get", "x:y", user=user)
            os.chmod(program, 0o755)
            self.assertEqual(self.mstr("--config", config, "get", "x:y", user=user).stdout, b"value")

    def test_the_folder_on_path_that_holds_a_program_is_looked_at(self):
        for user in self.users():
            program = self.file("bin/program", SCRIPT, 0o755)
            config = self.file("config", "[provider x]\nplugin = exec\nformat = text\ncommand = program\n")
            for mode in (0o777, 0o1777):
                os.chmod(os.path.dirname(program), mode)
                self.expect_refusal([f"program refused: {os.path.dirname(program)} is writable by others"],
                                    "--config", config, "get", "x:y", user=user, PATH=os.path.dirname(program))
            os.chmod(os.path.dirname(program), 0o755)
            self.assertEqual(self.mstr("--config", config, "get", "x:y", user=user, PATH=os.path.dirname(program)).stdout,
                             b"value")

    def test_a_script_is_looked_at_like_its_interpreter(self):
        for user in self.users():
            script = self.file("bin/script", "printf value", 0o646)
            config = self.file("config", "[provider x]\nplugin = exec\nformat = text\n"
                                         f"command = /bin/sh {script} /nowhere {self.folder.name} /dev/null\n")
            self.expect_refusal([f"program refused: {script} is writable by others"], "--config", config, "get", "x:y",
                                user=user)
            os.chmod(script, 0o644)
            self.assertEqual(self.mstr("--config", config, "get", "x:y", user=user).stdout, b"value")

    def test_links_in_a_plugin_folder_are_looked_at_as_their_targets(self):
        plugins = os.environ["MSTR_PLUGINS"]
        for user in self.users():
            for name in ("aws-sm.provider", "aws.so"):
                folder = tempfile.mkdtemp(dir=self.folder.name)
                target = os.path.join(folder, "target", name)
                os.makedirs(os.path.dirname(target))
                os.makedirs(os.path.join(folder, "plugins"))
                shutil.copy(os.path.join(plugins, name), target)
                for file in ("aws-sm.provider", "aws.so"):
                    source = target if file == name else os.path.join(plugins, file)
                    os.symlink(source, os.path.join(folder, "plugins", file))
                for path in (folder, os.path.join(folder, "plugins"), os.path.dirname(target)):
                    os.chmod(path, 0o755)
                variables = {"MSTR_PLUGIN_PATH": os.path.join(folder, "plugins"), "AWS_REGION": "eu-west-1",
                             "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
                self.assertNotIn(b"refused:", self.mstr("--timeout", "1s", "get", "aws-sm:x", user=user, **variables).stderr)
                os.chmod(os.path.dirname(target), 0o777)
                done = self.mstr("get", "aws-sm:x", user=user, **variables)
                self.assertEqual(done.returncode, 9, done.stderr)
                self.assertIn(f"refused: {os.path.dirname(target)} is writable by others".encode(), done.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_for_root_trusted_folders_do_not_extend_to_programs(self):
        program = self.file("bin/program", SCRIPT, 0o757)
        config = self.file("config", f"[provider x]\nplugin = exec\nformat = text\ncommand = {program}\n", 0o666)
        for user in self.users():
            done = self.mstr("--config", config, "get", "x:y", user=user, MSTR_TRUSTED_FOLDERS=self.folder.name)
            self.assertEqual(done.returncode, 0 if user else 3, done.stderr)
            self.assertEqual(b"program refused" in done.stderr, not user)
            self.assertNotIn(b"MSTR_TRUSTED_FOLDERS", done.stderr)

    def test_a_shell_s_own_pipe_is_a_configuration(self):
        done = subprocess.run(["bash", "-c", f"'{MSTR}' --config <(echo '[env w]'; echo 'A = b') config show"],
                              env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        self.assertIn(b"[env w]", done.stdout, done.stderr)

    def test_check_and_doctor_tell_trusted_folders(self):
        config = self.file("config", "")
        setting = {"MSTR_CONFIG": config, "MSTR_TRUSTED_FOLDERS": f"{self.folder.name}:/tmp"}
        told = self.mstr("config", "check", **setting)
        self.assertEqual((told.returncode, told.stdout), (0, b"the configuration is in order\n"))
        self.assertIn(f"environment: MSTR_TRUSTED_FOLDERS={self.folder.name}: whoever may write there".encode(), told.stderr)
        self.assertIn(b"MSTR_TRUSTED_FOLDERS=/tmp: it does not count: everybody may put files into it", told.stderr)
        items = json.loads(self.mstr("config", "check", "--json", **setting).stdout)
        self.assertEqual([(item["key"], item["value"]) for item in items],
                         [("MSTR_TRUSTED_FOLDERS", self.folder.name), ("MSTR_TRUSTED_FOLDERS", "/tmp")])
        told = self.mstr("doctor", "env:X", **setting)
        self.assertRegex(told.stdout.decode(), rf"(?s)^weakenings\n  info +MSTR_TRUSTED_FOLDERS .*  {self.folder.name}\n")
        subjects = json.loads(self.mstr("doctor", "--json", "env:X", **setting).stdout)
        self.assertEqual([subject["subject"] for subject in subjects], ["weakenings", "env:X"])
        self.assertNotIn(b"weakenings", self.mstr("doctor", "env:X", MSTR_CONFIG=config).stdout)

    def test_the_fault_of_a_configuration_stands_beside_the_weakenings(self):
        config = self.file("config", "[nonsense]\n")
        told = self.mstr("config", "check", MSTR_CONFIG=config, MSTR_TRUSTED_FOLDERS=self.folder.name)
        self.assertEqual((told.returncode, told.stdout), (3, b""))
        self.assertIn(b'unknown section "[nonsense]"'.replace(b'"', b""), told.stderr)


if __name__ == "__main__":
    unittest.main()

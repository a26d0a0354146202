# SPDX-License-Identifier: Apache-2.0
"""What befalls the agent at any system call of its life: it begins, serves, reads its configuration anew and ends. There it is stopped,
told a signal, and continued. It goes on after SIGCONT alone and SIGHUP; it ends in order by SIGTERM and SIGINT, with status 0, all
sessions logged out and its socket gone, or by the signal itself before it has made anything. What it answers is right, or it answers
nothing. A kill while it begins keeps none from beginning. CTest sets MSTR_AGENT_PROGRAM, MSTR_SIM and MSTR_PLUGINS; a sample of the
calls is taken without MSTR_WHOLE (the target `any-moment` takes all)."""
import http.client
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Answer, Connection, runtime_folder
from at_call import can_trace, disturbed, list_calls, recorded, sample, send
from in_front import await_ready
from job_case import PASSWORD, JobCase

AGENT = os.environ["MSTR_AGENT_PROGRAM"]
AT_ONCE = 6  # most of the time they wait
DEADLINE = 60
SIGNALS = (None, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
ENDING = (signal.SIGTERM, signal.SIGINT)
LEFT = ["agent.lock", "token"]


class Life:
    """An agent that is used: `within` is what it is started by; `trace` tells when that has stopped it, and `number` is what it is told
    then."""

    def __init__(self, config, env, within=(), trace=None, number=None):
        self.config, self.env, self.within, self.trace, self.number = config, env, within, trace, number
        self.answers, self.begun, self.told, self.over = [], False, False, False

    def __enter__(self):
        self.parent, self.log = runtime_folder(), tempfile.TemporaryFile()
        self.folder = os.path.join(self.parent, "run")
        self.socket = os.path.join(self.folder, "agent.sock")
        return self

    def __exit__(self, *exception):
        self.log.close()
        shutil.rmtree(self.parent)

    def begin(self):
        """Until it is ready, or has ended."""
        notify = os.path.join(self.parent, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(notify)
            notified.settimeout(0.05)
            self.process = subprocess.Popen(
                [*self.within, AGENT, "run", "--config", self.config, "--socket", self.socket, "--listen", "127.0.0.1:0", "--token-file",
                 os.path.join(self.folder, "token")], env={**self.env, "NOTIFY_SOCKET": notify}, stdin=subprocess.DEVNULL, stdout=self.log,
                stderr=self.log, cwd=self.parent)
            self.over = self.trace is None
            self.attending = threading.Thread(target=self.attend)
            self.attending.start()
            self.begun = await_ready(notified, self.process)
        os.unlink(notify)

    def attend(self):
        """Continues it whenever it was stopped, and tells it the signal the first time."""
        stops = 0
        while not self.over:
            with open(self.trace, encoding="utf-8", errors="replace") as trace:
                found = trace.read().count("stopped by SIGSTOP")
            if found > stops:
                stops = found
                if self.number is not None and not self.told:
                    self.process.send_signal(self.number)
                self.told = True
                self.process.send_signal(signal.SIGCONT)
            time.sleep(0.004)

    def ask(self, method, target, right):
        connection = Connection(self.socket, DEADLINE)
        began = time.monotonic()
        try:
            connection.request(method, target, body=b"" if method == "POST" else None)
            answer = Answer(connection.getresponse())
            self.answers.append((target, answer.status, answer.status != 200 or right in answer.body))
        except TimeoutError:
            self.answers.append((target, "hangs", False))
        except (OSError, http.client.HTTPException) as failure:
            self.answers.append((target, f"{type(failure).__name__} after {time.monotonic() - began:.1f} s", True))
        finally:
            connection.close()

    def use(self):
        self.ask("GET", "/v1/status", b"pid")
        self.ask("GET", "/v1/secret?reference=aws-sm:prod/mstr&field=password", PASSWORD)
        self.ask("GET", "/session/default/projects", b"MicroStrategy Tutorial")

    def live(self):
        self.begin()
        if self.begun:
            self.use()
            self.ask("POST", "/v1/reload", b"")
            self.use()
            send(self.process, signal.SIGTERM)
            self.use()
        return self.end()

    def end(self):
        """The exit status, or "hangs"."""
        try:
            return self.process.wait(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return "hangs"
        finally:
            self.over = True
            self.attending.join()

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def wrongs(self, status):
        """What is not as it should be."""
        ends = self.told and self.number in ENDING
        good = [answer for answer in self.answers[:7] if answer[1] in (200, 204)]
        checks = (
            (status == 0 or (ends and not self.begun and status == -self.number), f"ends with {status}: {self.said()}"),
            (self.begun or ends, "has not begun"),
            (ends or len(good) == 7, "does not serve"),
            (all(right for _, _, right in self.answers), "answers wrong"),
            (set(os.listdir(self.folder) if os.path.exists(self.folder) else ()) <= set(LEFT), f"leaves {os.path.exists(self.folder) and os.listdir(self.folder)}"),
            (set(os.listdir(self.parent)) <= {"run"}, f"leaves {os.listdir(self.parent)}"),
            (PASSWORD not in self.said(), "tells a secret"),
        )
        return [(words, self.answers) for good, words in checks if not good]


@unittest.skipUnless(can_trace(), "processes cannot be traced here")
class AgentMoment(JobCase):
    def record(self, config, live):
        """The calls of a life, or of its part, and the folder that was its own."""
        log = os.path.join(self.folder.name, "calls")
        with Life(config, self.env, recorded(log)) as life:
            live(life)
            return list_calls(log), life.folder

    def test_at_any_call_it_goes_on_or_ends_in_order(self):
        tries, heeding, seen = [], False, set()
        calls, _ = self.record(self.config, lambda life: self.assertEqual(life.wrongs(life.live()), []))
        self.assertEqual(self.sessions(), [])
        for call in calls:
            heeding |= self.config in call.text  # what is read while it is being loaded does not
            if call[:2] not in seen:
                seen.add(call[:2])
                signals = SIGNALS if heeding else [each for each in SIGNALS if each != signal.SIGHUP]
                tries.append((call, signals[len(tries) % len(signals)]))
        tries = sample(tries, 12)

        def live(one):
            call, number = one
            with tempfile.NamedTemporaryFile() as trace:
                with Life(self.config, self.env, disturbed(call, "signal=STOP", trace.name), trace.name, number) as life:
                    return life.wrongs(life.live()), life.told

        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(live, tries))
        for (call, number), (wrongs, _) in zip(tries, found):
            with self.subTest(call=call, signal=number):
                self.assertEqual(wrongs, [])
        self.assertGreater(sum(told for _, told in found), len(found) // 2)
        self.assertEqual(self.sessions(), [])

    def test_a_kill_while_it_begins_keeps_none_from_beginning(self):
        shared = os.path.join(self.folder.name, "shared")
        with open(self.config, encoding="utf-8") as file, open(os.open(shared, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as to:
            to.write(file.read() + f"allow_user = {pwd.getpwuid(os.geteuid()).pw_name}\n")
        tries = []
        for config, mode in ((self.config, 0o700), (shared, 0o711)):
            calls, folder = self.record(config, lambda life: (life.begin(), send(life.process, signal.SIGKILL), life.end()))
            tries += [(config, mode, call) for call in calls if folder in call.text]
        self.assertGreater(len(tries), 20)
        for config, mode, call in sample(tries, 8):
            with self.subTest(call=call, mode=oct(mode)), Life(config, self.env, disturbed(call, "signal=KILL")) as life:
                life.begin()
                life.process.kill()
                life.end()
                life.within = ()
                life.begin()
                self.assertTrue(life.begun, life.said())
                self.assertEqual(sorted(os.listdir(life.folder)), ["agent.lock", "agent.sock", "token"])
                self.assertEqual(stat.S_IMODE(os.stat(life.folder).st_mode), mode)
                life.process.kill()
                life.end()


if __name__ == "__main__":
    unittest.main()

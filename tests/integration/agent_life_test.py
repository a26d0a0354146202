# SPDX-License-Identifier: Apache-2.0
"""How mstr-agent begins, reads its configuration anew and ends. CTest sets MSTR_AGENT_PROGRAM, MSTR_BIN, MSTR_SIM and
MSTR_PLUGINS."""
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Agent, Connection, runtime_folder
from agent_test import OTHER_USER
from simulator import ACCESS_KEY, SECRET_KEY, environment


class Life(unittest.TestCase):
    """How it begins and ends."""

    env = environment(AGENT_VALUE="value")
    config = "[agent]\nallow = env:AGENT_*\n"

    def test_it_serves_two_seconds_more_and_leaves_nothing(self):
        with Agent(self.config, env=self.env) as agent:
            agent.process.send_signal(signal.SIGTERM)
            agent.await_state("STOPPING=1")
            self.assertTrue(agent.ask("GET", "/v1/status").json()["draining"])
            self.assertEqual(agent.resolve("env:AGENT_VALUE")[0]["value"], "value")
            self.assertEqual(agent.verb("status")[0], 8)
            self.assertEqual(agent.process.wait(timeout=60), 0)
            self.assertFalse(os.path.exists(agent.socket))
            self.assertEqual(agent.verb("status")[0], 7)

    def test_after_a_kill_the_next_one_begins(self):
        with Agent(self.config, env=self.env) as agent:
            agent.kill()
            self.assertTrue(os.path.exists(agent.socket))
            again = subprocess.Popen(agent.command, env={**self.env, "NOTIFY_SOCKET": os.path.join(agent.folder, "notify")},
                                     stderr=subprocess.DEVNULL)
            agent.process = again
            agent.await_state("READY=1")
            self.assertEqual(agent.ask("GET", "/v1/status").json()["pid"], again.pid)

    def test_a_second_one_does_not_begin(self):
        with Agent(self.config, env=self.env) as agent:
            second = subprocess.run(agent.command, env=self.env, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
            self.assertEqual(second.returncode, 1)
            self.assertIn(f"already running, pid {agent.process.pid}", second.stderr)
            self.assertEqual(agent.ask("GET", "/v1/status").status, 200)

    def test_a_reload_changes_the_policy_and_a_bad_one_nothing(self):
        with Agent(self.config, env=self.env) as agent:
            agent.write_config("[agent]\nallow = env:OTHER\n")
            self.assertEqual(agent.verb("reload")[0], 0)
            self.assertEqual(agent.resolve("env:AGENT_VALUE")[0]["error"]["class"], "denied")
            agent.write_config("[agent]\nallow = nonsense\n")
            status, _, errors = agent.verb("reload")
            self.assertEqual(status, 3)
            self.assertIn("nonsense", errors)
            self.assertEqual(agent.verb("status")[0], 8)
            agent.write_config("[agent]\nidle = soon\n")
            agent.process.send_signal(signal.SIGHUP)
            agent.await_state("READY=1")
            self.assertIn("stays as it was: " + agent.config + ':2: "idle" must be a duration', agent.said())
            agent.write_config(self.config)
            agent.process.send_signal(signal.SIGHUP)
            agent.await_state("READY=1")
            self.assertEqual(agent.resolve("env:AGENT_VALUE")[0]["value"], "value")
            self.assertEqual(agent.verb("status")[0], 0)
            for _ in range(100):
                agent.process.send_signal(signal.SIGHUP)
            self.assertEqual(agent.verb("reload")[0], 0)
            self.assertEqual(agent.end(), 0)

    def test_it_ends_when_nobody_has_asked_for_a_while(self):
        with Agent(self.config + "idle = 100ms\n", env=self.env) as agent:
            agent.await_state("STOPPING=1")

    def test_the_verbs_reach_it(self):
        with Agent(self.config, env=self.env) as agent:
            status, output, _ = agent.verb("status")
            self.assertEqual(status, 0)
            self.assertIn(f"ready, pid {agent.process.pid}", output)
            self.assertEqual(agent.verb("flush"), (0, "", ""))
            self.assertEqual(agent.verb("stop")[0], 0)
            agent.await_state("STOPPING=1")

    def test_the_tool_hands_over(self):
        def tool(*words):
            return subprocess.run([os.environ["MSTR_BIN"], "agent", *words], env=self.env, capture_output=True, text=True,
                                  timeout=60, check=False)

        bare = tool()
        self.assertEqual(bare.returncode, 0)
        self.assertIn("Usage: mstr agent run", bare.stdout)
        with Agent(self.config, env=self.env) as agent:
            self.assertIn(f"pid {agent.process.pid}", tool("status", "--socket", agent.socket).stdout)
        self.assertEqual(tool("status", "--socket", agent.socket).returncode, 7)
        self.assertEqual(tool("dance").returncode, 2)
        self.assertIn("ExecStart=", tool("unit", "--user").stdout)

    def test_what_cannot_be_promised_keeps_it_from_beginning(self):
        with Agent(self.config, env=self.env) as agent:
            locked = agent.ask("GET", "/v1/status").json()["locked"]
            agent.kill()
            cases = [] if locked else [(agent.command, "RLIMIT_MEMLOCK", "[agent]\nmemory = locked\n")]
            for path in ("/tmp/mstr/agent.sock", "@mstr", "relative", "/run/" + "x" * 108):
                cases.append((agent.command + ["--socket", path], "socket", self.config))
            for command, why, config in cases:
                agent.write_config(config)
                ended = subprocess.run(command, env=self.env, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
                self.assertEqual(ended.returncode, 3, why)
                self.assertIn(why, ended.stderr)

    def test_it_comes_before_those_it_serves_where_nobody_has_said_otherwise(self):
        ask = (sys.executable, "-c", "import os; os.setpriority(os.PRIO_PROCESS, 0, -10)")
        first = -10 if subprocess.run(ask, stderr=subprocess.DEVNULL, timeout=60, check=False).returncode == 0 else 0
        own = os.getpriority(os.PRIO_PROCESS, 0)  # that of a test which is nice itself is what somebody said
        for within, priority in (((), own or first), (("nice", "-n", "5"), min(own + 5, 19))):
            with Agent(self.config, env=self.env, within=within) as agent:
                self.assertEqual(os.getpriority(os.PRIO_PROCESS, agent.process.pid), priority)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_the_socket_of_somebody_else_is_told_and_nothing_is_sent(self):
        folder = runtime_folder()
        os.chown(folder, OTHER_USER, OTHER_USER)
        path = os.path.join(folder, "agent.sock")
        listen = ("import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\ns.listen()\nprint(flush=True)\n"
                  "c = s.accept()[0]\nprint(c.recv(100), flush=True)")
        with subprocess.Popen(["/usr/bin/python3", "-c", listen, path], user=OTHER_USER, group=OTHER_USER, extra_groups=[],
                              stdout=subprocess.PIPE, text=True, cwd="/") as other:
            other.stdout.readline()
            ended = subprocess.run([os.environ["MSTR_AGENT_PROGRAM"], "status", "--socket", path], env=self.env,
                                   stderr=subprocess.PIPE, text=True, timeout=60, check=False)
            self.assertEqual(ended.returncode, 5, ended.stderr)
            self.assertIn(str(OTHER_USER), ended.stderr)
            self.assertEqual(other.stdout.readline(), "b''\n")
        os.unlink(path)
        os.rmdir(folder)

    def test_it_asks_no_agent_itself(self):
        with Agent(self.config + "use = require\n", env={**self.env, "MSTR_AGENT": "require"}) as agent:
            self.assertEqual(agent.resolve("env:AGENT_VALUE")[0]["value"], "value")

    def test_a_failed_prefetch_is_a_warning(self):
        with Agent(self.config + "prefetch = env:AGENT_NONE\n", env=self.env) as agent:
            self.assertEqual(agent.ask("GET", "/v1/status").status, 200)
            while "prefetch: " not in agent.said():
                self.assertIsNone(agent.process.poll())

    def test_status_tells_of_a_store_that_cannot_be_used(self):
        env = environment(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_REGION="us-east-1",
                          AWS_ENDPOINT_URL="http://127.0.0.1:1", MSTR_PLUGIN_PATH=os.environ["MSTR_PLUGINS"])
        with Agent("[agent]\nallow = aws-sm:*\n", env=env) as agent:
            self.assertEqual(agent.resolve("aws-sm:x")[0]["error"]["class"], "network")
            self.assertEqual(agent.ask("GET", "/v1/status").json()["instances"], {"aws-sm": {"state": "failing"}})

    def test_systemds_socket_is_used_and_stays(self):
        folder = runtime_folder()
        path = os.path.join(folder, "given.sock")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        tcp = socket.create_server(("127.0.0.1", 0))

        def hand_over():
            given = [fcntl.fcntl(each.fileno(), fcntl.F_DUPFD, 10) for each in (listener, tcp)]
            for number, each in enumerate(given):
                os.dup2(each, 3 + number)

        script = 'export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=api:tcp; exec "$0" "$@"'
        with Agent(self.config, env=self.env) as agent:
            notify = os.path.join(agent.folder, "notify")
            agent.kill()
            narrow = subprocess.run(["/bin/sh", "-c", script, *agent.command], env=self.env, pass_fds=[3, 4],
                                    preexec_fn=hand_over, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
            self.assertIn("with a TCP socket of systemd the agent does not start without allow and profiles", narrow.stderr)
            token = os.path.join(agent.folder, "token")
            agent.write_config(f"{self.config}profiles = p\ntoken_file = {token}\n")
            agent.process = subprocess.Popen(["/bin/sh", "-c", script, *agent.command],
                                             env={**self.env, "NOTIFY_SOCKET": notify}, pass_fds=[3, 4], preexec_fn=hand_over,
                                             stderr=subprocess.DEVNULL)
            agent.await_state("READY=1")
            connection = Connection(path)
            self.assertEqual(agent.ask("GET", "/v1/status", connection=connection).json()["pid"], agent.process.pid)
            connection.close()
            with open(token, encoding="ascii") as file:
                headers = {"X-Mstr-Token": file.read()}
            connection = http.client.HTTPConnection("127.0.0.1", tcp.getsockname()[1], timeout=60)
            self.assertEqual(agent.ask("GET", "/v1/status", headers=headers, connection=connection).status, 200)
            connection.close()
            self.assertEqual(agent.end(), 0)
            self.assertTrue(os.path.exists(path))
        tcp.close()
        listener.close()
        os.unlink(path)
        os.rmdir(folder)

    def test_the_watchdog_is_fed_by_the_serving_loop(self):
        with Agent(self.config, env={**self.env, "WATCHDOG_USEC": "200000"}) as agent:
            agent.await_state("WATCHDOG=1")
            agent.await_state("WATCHDOG=1")


if __name__ == "__main__":
    unittest.main()

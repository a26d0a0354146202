# SPDX-License-Identifier: Apache-2.0
"""mstr-agent in the hands of a Python test: starts it, waits until it listens, and speaks HTTP to its socket."""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile


def runtime_folder():
    """A new folder in which a socket may be: not below /tmp."""
    base = "/run" if os.geteuid() == 0 else os.environ.get("XDG_RUNTIME_DIR") or os.getcwd()
    return tempfile.mkdtemp(prefix="mstr-test-", dir=base)


class Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path, timeout=60):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Agent:
    """mstr-agent with a configuration; ends with the with block."""

    def __init__(self, config="", *options, env, program=None, pass_fds=(), preexec=None, log="debug", user=None, within=()):
        """`user` is whose it is, `within` a command that starts it."""
        self.folder = runtime_folder()
        self.socket = os.path.join(self.folder, "run", "agent.sock")
        self.config = os.path.join(self.folder, "config")
        self.write_config(config)
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notified.settimeout(60)
        self.notified.bind(os.path.join(self.folder, "notify"))
        self.log = tempfile.TemporaryFile()
        self.command = [*within, program or os.environ["MSTR_AGENT_PROGRAM"], "run", "--config", self.config, "--socket", self.socket,
                        "--log", log, *options]
        for path in (self.folder, self.config, os.path.join(self.folder, "notify")) if user is not None else ():
            os.chown(path, user, user)
        self.process = subprocess.Popen(self.command, env={**env, "NOTIFY_SOCKET": os.path.join(self.folder, "notify")},
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, pass_fds=pass_fds,
                                        preexec_fn=preexec, cwd="/" if user is not None else None, user=user, group=user,
                                        extra_groups=None if user is None else [])
        self.await_state("READY=1")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if "MSTR_COUNTED" in os.environ and self.process.poll() is None:  # gcov, who hears nothing of what is killed
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                pass
        self.kill()
        said = self.said()
        self.notified.close()
        self.log.close()
        shutil.rmtree(self.folder)
        if "Sanitizer" in said and exception[0] is None:  # of a build with one: its exit status would be lost
            raise RuntimeError(said)

    def write_config(self, text):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.config, 0o600)

    def await_state(self, state):
        """Waits until the agent says so; fails if it ends before."""
        while True:
            try:
                self.notified.settimeout(0.2)
                if state in self.notified.recv(4096).decode().split("\n"):
                    return
            except TimeoutError:
                if self.process.poll() is not None:
                    raise RuntimeError(f"mstr-agent ended with {self.process.returncode}: {self.said()}") from None

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def end(self):
        """In order; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def connection(self):
        return Connection(self.socket)

    def ask(self, method, target, body=None, headers=None, connection=None):
        own = connection or self.connection()
        try:
            own.request(method, target, body=body if body is None or isinstance(body, bytes) else json.dumps(body).encode(),
                        headers=headers or {})
        except BrokenPipeError:
            pass  # it has answered before it had all
        answer = Answer(own.getresponse())
        if connection is None:
            own.close()
        return answer

    def resolve(self, *references, **more):
        return self.ask("POST", "/v1/resolve", {"references": references, **more}).json()["results"]

    def verb(self, verb, *options):
        """What `mstr-agent VERB` says to this agent: status, output, errors."""
        env = {**os.environ, "HOME": "/nonexistent"}
        ended = subprocess.run([self.command[0], verb, "--socket", self.socket, "--config", self.config, *options], env=env,
                               stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
        return ended.returncode, ended.stdout, ended.stderr

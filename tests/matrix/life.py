# SPDX-License-Identifier: Apache-2.0
"""The life of a secret and of a session, with every fault of the simulator at every stage, for every source: a program (player.c)
is brought to a stage, a fault befalls the source, the program takes its next step, and then another one without the fault. What is
to come of it follows from rules, not from a table: it ends in time, in a class that fits the fault, in few requests and without a
secret in what is told; where the fault befell nobody it succeeds; and once the fault has gone all is well again."""
import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Agent
from azure_files import Certificates
from sources import SOURCES, VALUE, Impossible
from stage import Run, Stage, leaked

LIMIT = 4000  # ms that a step may take
SLACK = 4000  # what a loaded machine may add to that
NEW = "Simul8-rotated"
SEAL_KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
WORKERS = 4

@dataclass(frozen=True)
class Fault:
    name: str
    rule: dict
    classes: tuple  # in which a step may end beside "ok"
    passes: bool = False  # it befalls one request, which may be sent again


def once(name, classes, **rule):
    return Fault(name, {"times": 1, **rule}, classes, True)


def lasting(name, classes, **rule):
    return Fault(name, {"times": -1, **rule}, classes)


FAULTS = [
    once("delay", (), action="delay", ms=700),
    once("one 429", ("throttled",), action="status", status=429),
    once("one 503", ("unavailable",), action="status", status=503),
    once("one reset", ("network",), action="reset"),
    once("one truncated", ("network",), action="truncate", bytes=10),
    once("close-idle", (), action="close-idle"),
    lasting("429", ("throttled",), action="status", status=429),
    lasting("500", ("unavailable", "server"), action="status", status=500),
    lasting("reset", ("network",), action="reset"),
    lasting("truncate", ("network",), action="truncate", bytes=10),
    lasting("html", ("protocol",), action="html", status=200),
    lasting("garbage", ("protocol",), action="garbage"),
    lasting("wrong length", ("network",), action="wrong_length", difference=7),
    lasting("endless headers", ("protocol",), action="endless_headers"),
    lasting("oversize", ("protocol",), action="oversize", bytes=64 << 20),
    lasting("drip", ("timeout",), action="drip", bytes_per_second=10),
    lasting("hang", ("timeout",), action="hang"),
]


@dataclass(frozen=True)
class Step:
    """A stage: what is done before, what with the fault, and what the session needs for it."""
    name: str
    before: tuple
    step: str
    more: str = ""  # of the configuration
    turn: str = ""  # what changes at the servers between both: "expire", "rotate"
    where: str = "player"  # "agent": by way of one; "fleet": with a store
    asks: dict = field(default_factory=dict)  # which request of MicroStrategy's the fault is for
    recover: bool = True


UNCACHED = "[cache]\nttl = 0\n"
STAGES = [
    Step("first resolve", (), "get"),
    Step("refresh", ("get",), "refresh"),
    Step("rotation", ("open",), "request", turn="rotate", recover=False),  # what was refused is not tried again so soon
    Step("login", (), "open", asks={"path": "*/auth/login"}),
    Step("request", ("open",), "request", asks={"path": "*/projects"}),
    Step("re-login", ("open",), "request", more=UNCACHED, turn="expire", asks={"path": "*/auth/login"}),
    Step("logout", ("open",), "logout", asks={"path": "*/auth/logout"}, recover=False),  # there is no session any more
    Step("through the agent", (), "get", where="agent", asks={"path": "*/projects"}),
    Step("in the fleet", (), "open", where="fleet", asks={"path": "*/auth/login"}),
]
# How a store is told another value of the secret, which the references of sources.py name.
PUTS = {
    "aws-sm": {"service": "aws", "name": "prod/mstr"},
    "azure-kv": {"service": "azure", "name": "mstr"},
    "gcp-sm": {"service": "gcp", "project": "sim-project", "name": "mstr"},
    "vault": {"service": "vault", "name": "secret/prod/mstr"},
    "k8s": {"service": "k8s", "namespace": "default", "name": "mstr"},
}


def scheme_of(run):
    return run.arguments[1].split(":")[0]


class Redis:
    """redis-server on a Unix socket, with nothing kept."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.socket = os.path.join(self.folder.name, "s")
        self.process = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", self.socket, "--save", "", "--dir", self.folder.name],
                                        stdout=subprocess.DEVNULL)
        while not os.path.exists(self.socket):
            time.sleep(0.01)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


class Player:
    """player.c at work."""

    def __init__(self, run, config, env):
        reference = run.arguments[1] if run.section != "profile default" else "-"
        self.trace = tempfile.TemporaryFile()
        self.process = subprocess.Popen([*run.prefix, os.environ["MSTR_MATRIX_PLAYER"], config, reference, str(LIMIT)], env=env,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.trace, text=True)

    def take(self, step):
        """Class, ms and message; a program that hangs is ended."""
        end = threading.Timer((LIMIT + 2 * SLACK) / 1000, self.process.kill)
        end.start()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(step + "\n")
            self.process.stdin.flush()
        line = self.process.stdout.readline()
        end.cancel()
        if not line:
            return "ended", LIMIT + 2 * SLACK, "the program ended, or was ended as it hung"
        code, elapsed, message = line.rstrip("\n").split(" ", 2)
        return code, int(elapsed), message

    def end(self):
        """The trace."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        status = self.process.wait(timeout=60)
        self.trace.seek(0)
        text = self.trace.read().decode("utf-8", "replace")
        self.trace.close()
        return text + ("" if status == 0 else f"\nthe program ended with status {status}")


class Cell:
    def __init__(self, source, stage, fault):
        self.source, self.stage, self.fault = source, stage, fault
        self.why_not = self.lacks()
        self.code, self.elapsed, self.message, self.requests, self.struck, self.after = "", 0, "", 0, 0, None
        self.wrongs = []

    @property
    def name(self):
        return f"{self.source.name}, {self.stage.name}, {self.fault.name}"

    @property
    def is_session(self):
        return self.source.store == "mstr"

    @property
    def spends(self):
        """Whether what was sent is used up, though its answer was lost: then somebody has to log in by hand."""
        return "spends" in self.source.traits.split()

    def lacks(self):
        """Why it makes no sense, or None."""
        if not self.is_session:
            return "its store is asked for nothing then" if self.stage.name in ("request", "logout") else \
                "its value cannot be changed there" if self.stage.turn == "rotate" and self.source.short == "Parameter Store" else None
        if self.source.short != "login":
            return "is asked in the rows of the login"
        return "its profile has no reference" if self.stage.name in ("first resolve", "refresh", "rotation") else None

    def step(self):
        """Which step: a session's way through the agent is a request."""
        through = self.is_session and self.stage.where == "agent"
        return (("open",), "request") if through else (self.stage.before, self.stage.step)

    def configuration(self, run, redis):
        more = "\n" + self.stage.more
        if not self.is_session:
            more += f"[profile default]\nbase_url = {run.sim.urls['mstr']}\nusername = analyst\npassword = ${{{run.arguments[1]}}}\n"
        if self.stage.where == "fleet":
            shared = "" if self.is_session else f"share_secrets = {scheme_of(run)}:**\n"
            more += f"[fleet]\nstore = redis\nurl = unix://{redis.socket}\nnamespace = {os.path.basename(run.home)}\nseal_key = {SEAL_KEY}\n{shared}"
        return f"{more}[plugins]\npath = {os.environ['MSTR_PLUGINS']}\n"

    def turn(self, run, value):
        if self.stage.turn == "rotate":
            self.rotate(run, value)
        if self.stage.turn:
            run.sim.admin("POST", "/sessions/expire", {})

    @staticmethod
    def rotate(run, value):
        members = {"username": "analyst", "password": value}
        put = dict(PUTS[scheme_of(run)])
        put.update({"data": members} if put["service"] == "vault" else {"action": "put", "stringData": members} if put["service"] == "k8s"
                   else {"action": "put", "string": json.dumps(members)})
        run.sim.admin("POST", "/secrets", put)
        run.sim.admin("POST", "/users/password", {"service": "mstr", "user": "analyst", "password": value})

    def play(self, stage, redis):
        run = Run(stage, False)
        try:
            with contextlib.ExitStack() as held:
                self.source.arrange(run)
                config = run.write(self.configuration(run, redis))
                agent = None
                if self.stage.where == "agent":
                    with open(config, encoding="utf-8") as file:
                        agent = held.enter_context(Agent(file.read(), env=run.env, within=run.prefix, log="trace"))
                if self.stage.turn == "rotate":
                    held.callback(self.rotate, run, VALUE)
                self.go(run, Player(run, config, {**run.env, **({"MSTR_AGENT": agent.socket} if agent else {})}), agent)
        except Impossible as why:
            self.why_not = str(why)
        finally:
            run.sim.admin("DELETE", "/faults")
            shutil.rmtree(run.home)

    def go(self, run, player, agent):
        before, step = self.step()
        for name in before:
            code, _, message = player.take(name)
            if code != "ok":
                self.wrongs.append(f"cannot be brought there: {name}: {code}: {message}")
        self.turn(run, NEW)
        run.sim.admin("DELETE", "/log")
        rule = self.stage.asks if self.is_session else self.source.rule
        run.sim.admin("POST", "/faults", {"service": self.source.store, **rule, **self.fault.rule})
        self.code, self.elapsed, self.message = player.take(step)
        log = json.loads(run.sim.admin("GET", "/log"))
        run.sim.admin("DELETE", "/faults")
        if self.stage.recover and step == "request" and self.code != "ok":
            player.take("open")  # a failure that does not pass by itself has ended the session
        if self.stage.recover:
            self.after = player.take(step)
        told = self.message if self.code != "ok" else ""
        self.requests, self.struck = len(log), sum("fault" in entry for entry in log)
        self.judge(player.end() + told + (agent.said() if agent else ""), log)

    def judge(self, told, log):
        allowed = self.allowed()
        checks = (
            (self.elapsed <= LIMIT + SLACK, f"took {self.elapsed} ms of {LIMIT}"),
            (self.code in allowed, f"ends as {self.code}: {self.message}"),
            (self.code == "ok" or self.message != "", "says nothing"),
            (self.requests <= self.most(), f"took {self.requests} requests"),
            (not leaked(log, told, NEW), "shows " + ", ".join(secret[:6] + "…" for secret in leaked(log, told, NEW))),
            ("the program ended with" not in told, "died"),
            (self.after is None or self.after[0] == "ok" or self.spends, f"is not well again: {self.after and self.after[0]}: {self.after and self.after[2]}"),
        )
        self.wrongs += [words for good, words in checks if not good]

    def allowed(self):
        traits = self.source.traits.split()
        if self.struck == 0:
            return ("ok",)
        got_over = self.fault.passes and not set(traits) & {"once", "counted"} and not self.spends and self.stage.name != "logout"
        classes = ("ok",) if got_over else ("ok", *self.fault.classes)
        classes += ("authentication",) if self.stage.turn == "rotate" or self.spends else ()
        classes += ("timeout",) if self.elapsed >= LIMIT else ()
        return classes + (("authentication", "not-available") if "detected" in traits else ())

    def most(self):
        """Three attempts, one more where a kept connection had gone, and beside what a good run needs a login or two."""
        return sum(self.source.requests) + 7


def cells(store=None):
    return [Cell(source, stage, fault) for source in SOURCES if store in (None, source.store) for stage in STAGES for fault in FAULTS]


def play(store, chosen):
    """Those of a store, side by side."""
    free = queue.SimpleQueue()

    def play_one(cell):
        stage, redis = free.get()
        try:
            cell.play(stage, redis)
        finally:
            free.put((stage, redis))

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        certificates = Certificates(folder) if store == "azure" else None
        places = list(pool.map(lambda _: (Stage(store, certificates), Redis()), range(min(WORKERS, len(chosen)))))
        for place in places:
            free.put(place)
        list(pool.map(play_one, [cell for cell in chosen if not cell.why_not]))
        for stage, redis in places:
            stage.close()
            redis.close()

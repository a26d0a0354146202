# SPDX-License-Identifier: Apache-2.0
"""A program whose system calls are known, and which meets a signal, its end or an error at one of them. strace(1) does it at the
entry of the call: SIGKILL comes before the call has done anything, any other signal while it is under way."""
import collections
import contextlib
import os
import re
import subprocess
import tempfile

LINE = re.compile(r"(\d+) +(\w+)\((.*)")
Call = collections.namedtuple("Call", "name number text")  # the number-th call of this name by its thread; what is said of it


def can_trace():
    """Where processes may be traced at all, which some containers forbid."""
    try:
        return subprocess.run(["strace", "-o", os.devnull, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    except FileNotFoundError:
        return False


def list_calls(log):
    """Those that `strace` wrote, in their order."""
    found, counts = [], collections.Counter()
    with open(log, encoding="utf-8", errors="replace") as lines:
        for thread, name, text in (match.groups() for match in map(LINE.match, lines) if match):
            counts[thread, name] += 1
            found.append(Call(name, counts[thread, name], text))
    return found


def recorded(log):
    """The words before a command that have its calls written."""
    return ["strace", "-f", "-qq", "-y", "-s", "8", "-e", "signal=none", "-o", log]


def send(process, number):
    """A signal to the program itself, where `recorded` words have started it: strace ends after it."""
    with contextlib.suppress(OSError):  # it has ended
        with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
            children = file.read().split()
        with open(f"/proc/{process.pid}/comm", encoding="utf-8") as file:
            program = int(children[0]) if children and file.read() == "strace\n" else process.pid
        os.kill(program, number)


def disturbed(call, what, log=os.devnull):
    """The words before a command that have it meet `what` at this call: signal=INT, signal=KILL, error=EINTR. The process that is
    started is the command itself."""
    return ["strace", "-D", "-f", "-qq", "-e", f"trace={call.name}", "-e", f"inject={call.name}:{what}:when={call.number}", "-o", log]


def run_command(command, env, given=b"", preexec=None):
    return subprocess.run(command, env=env, input=given, capture_output=True, timeout=300, preexec_fn=preexec, check=False)


def run_recorded(command, env, given=b""):
    """How an undisturbed run ended, and its calls."""
    with tempfile.NamedTemporaryFile() as log:
        return run_command([*recorded(log.name), *command], env, given), list_calls(log.name)


def run_disturbed(call, what, command, env, given=b""):
    return run_command([*disturbed(call, what), *command], env, given)


def sample(calls, count):
    """So many of them, evenly over the whole; all with MSTR_WHOLE set."""
    if os.environ.get("MSTR_WHOLE") or len(calls) <= count:
        return calls
    return [calls[(2 * i + 1) * len(calls) // (2 * count)] for i in range(count)]

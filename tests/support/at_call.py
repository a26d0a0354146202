# SPDX-License-Identifier: Apache-2.0
"""A program whose system calls are known, and which meets a signal, its end or an error at one of them. strace(1) does it at the
entry of the call: SIGKILL comes before the call has done anything, any other signal while it is under way."""
import collections
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


def disturbed(call, what):
    """The words before a command that have it meet `what` at this call: signal=INT, signal=KILL, error=EINTR. The process that is
    started is the command itself."""
    return ["strace", "-D", "-f", "-qq", "-e", f"trace={call.name}", "-e", f"inject={call.name}:{what}:when={call.number}", "-o", os.devnull]


def run_recorded(command, env):
    """How an undisturbed run ended, and its calls."""
    with tempfile.NamedTemporaryFile() as log:
        ended = subprocess.run([*recorded(log.name), *command], env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=300,
                               check=False)
        return ended, list_calls(log.name)


def run_disturbed(call, what, command, env):
    return subprocess.run([*disturbed(call, what), *command], env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=300,
                          check=False)


def sample(calls, count):
    """So many of them, evenly over the whole; all with MSTR_WHOLE set."""
    if os.environ.get("MSTR_WHOLE") or len(calls) <= count:
        return calls
    return [calls[i * len(calls) // count] for i in range(count)]

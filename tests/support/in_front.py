# SPDX-License-Identifier: Apache-2.0
"""An agent in front of every run of the tool: with MSTR_TEST_AGENT set, simulator.run() starts one for each, with the
configuration, the options and the environment that the tool is given, so that the tests of the tool are tests of both ways.
Where no agent can begin (a configuration that is wrong) the tool finds none and says itself what is the matter. CTest sets
MSTR_AGENT_PROGRAM."""
import contextlib
import os
import shutil
import socket
import subprocess
import unittest

from agent import runtime_folder

WANTED = bool(os.environ.get("MSTR_TEST_AGENT"))
SHARED = ("--config", "--profile")  # options of the tool that the agent has too


def alone(why):
    """For a test whose outcome through an agent is another one, as `why` says."""
    return unittest.skipIf(WANTED, why)


def shared_options(arguments):
    """Those of the tool's options that make its context."""
    told = []
    words = iter(arguments)
    for word in words:
        name, given, value = word.partition("=")
        if word == "--":
            break
        if name in SHARED:
            told += [name, value if given else next(words, "")]
    return told


def plugins(env):
    """The agent finds those of the build where the tool finds them last: beside the library, which it has within itself."""
    return ":".join(filter(None, (env.get("MSTR_PLUGIN_PATH"), os.environ["MSTR_PLUGINS"])))


def await_ready(notified, process):
    """False where it has ended before."""
    while process.poll() is None:
        with contextlib.suppress(TimeoutError):
            if b"READY=1" in notified.recv(4096):
                return True
    return False


@contextlib.contextmanager
def agent_for(arguments, env):
    """The environment in which the tool finds an agent of its own."""
    folder = runtime_folder()
    path, notify = os.path.join(folder, "agent.sock"), os.path.join(folder, "notify")
    command = [os.environ["MSTR_AGENT_PROGRAM"], "run", "--socket", path, *shared_options(arguments)]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(notify)
        notified.settimeout(0.05)
        own = {**env, "NOTIFY_SOCKET": notify, "MSTR_PLUGIN_PATH": plugins(env)}
        with subprocess.Popen(command, env=own, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            try:
                await_ready(notified, process)
                yield {**env, "MSTR_AGENT": path}
            finally:
                process.kill()
                shutil.rmtree(folder)

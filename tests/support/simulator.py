# SPDX-License-Identifier: Apache-2.0
"""The simulator and the tool in the hands of a Python test: starts mstr-sim, reads its log, runs mstr against it."""
import contextlib
import json
import os
import subprocess
import tempfile
import urllib.request

import in_front

ACCESS_KEY = "AKIASIMULATOR0000001"
SECRET_KEY = "simulatorSecretKey/0000000000000000000001"


class Simulator:
    """mstr-sim on loopback; ends with the with block, or with this process."""

    def __init__(self, program, *options):
        self.folder = tempfile.TemporaryDirectory()
        self.process = subprocess.Popen([program, "--until-eof", "--state-dir", self.folder.name, *options],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self.folder.name, text=True)
        self.urls = {}
        for line in self.process.stdout:
            if line.strip() == "ready":
                break
            name, url = line.split(maxsplit=1)
            self.urls[name] = url.strip()
        else:
            raise RuntimeError("mstr-sim ended before it was ready")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.stdin.close()
        self.process.stdout.close()
        status = self.process.wait(timeout=30)
        self.folder.cleanup()
        if status != 0 and exception[0] is None:
            raise RuntimeError(f"mstr-sim ended with status {status}")

    def admin(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.urls["admin"].rstrip("/") + path, data=data, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return answer.read()

    def log(self, service):
        return [entry for entry in json.loads(self.admin("GET", "/log")) if entry["service"] == service]

    def reset(self):
        self.admin("POST", "/reset")


SETTINGS = ("MSTR_", "AWS_", "AZURE_", "GOOGLE_", "KUBE", "POD_NAMESPACE", "VAULT_", "BAO_", "SSL_CERT_", "REQUESTS_CA_",
            "CURL_CA_")  # how their variables begin


def environment(**more):
    """This process's environment without anything that would change what mstr or an SDK does, and `more`."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(SETTINGS) and not name.lower().endswith("_proxy")}
    kept.update(HOME="/proc/nonexistent", AWS_EC2_METADATA_DISABLED="true")
    kept.update({name: value for name, value in more.items() if value is not None})
    return kept


def run(program, *arguments, env, stdin=""):
    """A program by itself or, with MSTR_TEST_AGENT set, the tool with an agent in front of it."""
    with contextlib.ExitStack() as held:
        if in_front.WANTED and program == os.environ["MSTR_BIN"] and "--agent" not in arguments and "MSTR_AGENT" not in env:
            env = held.enter_context(in_front.agent_for(arguments, env))
        return subprocess.run([program, *arguments], env=env, input=stdin.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=120, check=False)

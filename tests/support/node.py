# SPDX-License-Identifier: Apache-2.0
"""Scripts for Node in the hands of a Python peer test: each is given a JSON request and answers with JSON."""
import json
import os
import subprocess
import unittest

SKIPPED = 77


def ask(script, request, env):
    """What a script of tests/peers answers. The test is skipped, saying so, where Node is missing or too old."""
    here = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers")
    result = subprocess.run([os.path.join(here, "node"), os.environ["MSTR_NODE_PACKAGES"], os.path.join(here, script)],
                            env=env, input=json.dumps(request).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            timeout=120, check=False)
    if result.returncode == SKIPPED:
        raise unittest.SkipTest(result.stderr.decode().strip())
    if result.returncode != 0:
        raise RuntimeError(f"{script} ended with status {result.returncode}: {result.stderr.decode()}")
    return json.loads(result.stdout)

# SPDX-License-Identifier: Apache-2.0
"""The tool's main job, credentials in a store and a session at the server, with a simulator and a configuration for all tests of the
class. CTest sets MSTR_BIN, MSTR_SIM and MSTR_PLUGINS."""
import json
import os
import subprocess

from simulator import ACCESS_KEY, SECRET_KEY
from tool_case import ToolCase

PASSWORD = b"Simul8-analyst"
CONFIG = """[profile default]
base_url = {mstr}
username = ${{aws-sm:prod/mstr#username}}
password = ${{aws-sm:prod/mstr#password}}
project = MicroStrategy Tutorial
persistence_key = ${{env:SEAL}}
[provider aws-sm]
region = us-east-1
endpoint = {aws}
[agent]
allow = aws-sm:**
profiles = default
"""


class JobCase(ToolCase):
    more = ""  # of the configuration

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.configure((CONFIG + cls.more).format(**cls.sim.urls), AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY,
                      MSTR_PLUGIN_PATH=os.environ["MSTR_PLUGINS"], SEAL="a long enough passphrase", MSTR_AGENT="off")

    def setUp(self):
        self.sim.reset()

    def sessions(self):
        """Those that are open at the server."""
        return json.loads(self.sim.admin("GET", "/state"))["mstr"]["sessions"]

    def run_tool(self, *words, env=None, preexec=None):
        return subprocess.run([os.environ["MSTR_BIN"], *words], env=env or self.env, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=300, preexec_fn=preexec, check=False)

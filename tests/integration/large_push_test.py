# SPDX-License-Identifier: Apache-2.0
"""`mstr push` of half a million rows in bounded memory, the last of which is wrong: it is told, and nothing is published or left."""
import json
import os
import resource
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import Simulator, environment

ROWS = 500000
MEMORY = 400 << 20


class LargePush(unittest.TestCase):
    def test_a_wrong_type_in_the_last_row_publishes_nothing(self):
        with Simulator(os.environ["MSTR_SIM"]) as sim, tempfile.TemporaryDirectory() as folder:
            config = os.path.join(folder, "config")
            with open(config, "w", encoding="utf-8") as file:
                file.write(f"[profile default]\nbase_url = {sim.urls['mstr']}\nusername = analyst\npassword = Simul8-analyst\n"
                           "project = MicroStrategy Tutorial\n")
            os.chmod(config, 0o600)
            path = os.path.join(folder, "rows.csv")
            with open(path, "w", encoding="ascii") as file:
                file.write("Region,Revenue\n")
                file.writelines(f"Region {row} of so many that they fill several chunks,{row}\n" for row in range(1, ROWS))
                file.write("Region,a lot\n")
            done = subprocess.run([os.environ["MSTR_BIN"], "push", path, "--dataset", "Sales Upload"], env=environment(MSTR_CONFIG=config),
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
                                  stderr=subprocess.PIPE, timeout=600, check=False)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(f'row {ROWS}, column "Revenue": a lot is no INTEGER', done.stderr.decode())
            state = json.loads(sim.admin("GET", "/state"))["mstr"]
            self.assertEqual((state["uploads"], state["sessions"]), ([], []))
            self.assertNotIn("data", state["datasets"][0])
            self.assertGreater(json.loads(sim.admin("GET", "/counters"))["mstr"]["chunks"], 3)


if __name__ == "__main__":
    unittest.main()

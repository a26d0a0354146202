# SPDX-License-Identifier: Apache-2.0
"""How mstr-agent ends while requests wait for a store that does not answer, which takes the ten seconds that they have: in
the release suite alone. CTest sets MSTR_AGENT_PROGRAM, MSTR_SIM and MSTR_PLUGINS."""
import os
import signal
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from agent import Agent
from agent_test import store_environment
from simulator import Simulator


class End(unittest.TestCase):
    def test_requests_end_by_eight_seconds_and_all_by_ten(self):
        with Simulator(os.environ["MSTR_SIM"]) as sim, Agent("[agent]\n", env=store_environment(sim)) as agent:
            sim.admin("POST", "/faults", {"service": "aws", "action": "hang", "times": -1})
            results = []
            asking = threading.Thread(target=lambda: results.extend(agent.resolve("aws-sm:prod/mstr")))
            asking.start()
            while not sim.log("aws"):
                time.sleep(0.05)  # until the store has been asked
            began = time.monotonic()
            agent.process.send_signal(signal.SIGTERM)
            self.assertEqual(agent.process.wait(timeout=60), 0)
            self.assertGreater(time.monotonic() - began, 7.5)
            asking.join()
            self.assertIn("error", results[0])
            self.assertFalse(os.path.exists(agent.socket))


if __name__ == "__main__":
    unittest.main()

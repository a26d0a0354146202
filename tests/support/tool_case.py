# SPDX-License-Identifier: Apache-2.0
"""Tests against a simulator, and of the tool with a configuration and a folder of their own. CTest sets MSTR_SIM."""
import os
import tempfile
import unittest

from simulator import Simulator, environment


class SimulatorCase(unittest.TestCase):
    """One simulator, `sim`, for all tests of the class."""

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(os.environ["MSTR_SIM"])
        cls.addClassCleanup(cls.sim.__exit__, None, None, None)


class ToolCase(SimulatorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)

    @classmethod
    def configure(cls, text, **more):
        """Writes the configuration `config`, and makes the environment `env` that names it."""
        cls.config = os.path.join(cls.folder.name, "config")
        with open(cls.config, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(cls.config, 0o600)
        cls.env = environment(MSTR_CONFIG=cls.config, **more)

# SPDX-License-Identifier: Apache-2.0
"""Debian's Azure SDK for Python, of 2023, and our Azure plugin, each kind of identity against each thing that its token endpoint may
answer. Where the two differ on purpose, the reason stands here."""
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import azure_matrix
from azure_matrix import IMDS_KINDS, KINDS

# - The SDK asks the vault without a token first, and Entra for its endpoints and its clouds; ours computes what it needs.
# - It signs assertions with RS256 and names the certificate by its SHA-1, which Microsoft has since given up; ours sign with PS256
#   and name it by its SHA-256.


class Matrix(azure_matrix.Matrix):
    kinds = KINDS
    intended = [
        ({"federated"}, {"malformed"}, ((True, 2), (False, 1)),
         "the SDK asks again when it cannot read an answer, for this kind alone; to ours it is a broken authority"),
        (IMDS_KINDS, {"410"}, ((False, 1), (True, 2)),
         "this version does not know yet that the metadata service is being updated, and back soon"),
    ]

    @staticmethod
    def ask(request, env):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "azure_python.py")
        done = subprocess.run([sys.executable, "-B", script], env=env, input=json.dumps(request).encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=240, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.decode())
        return json.loads(done.stdout)

    def shape_of(self, normal):
        """What an assertion says is compared, and not how it is signed."""
        assertion = normal["form"].get("client_assertion")
        if isinstance(assertion, dict):
            normal["form"]["client_assertion"] = assertion["said"]
        return normal


if __name__ == "__main__":
    unittest.main()

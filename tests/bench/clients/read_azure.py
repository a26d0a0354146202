# SPDX-License-Identifier: Apache-2.0
"""With Debian's Azure SDK for Python: `read_azure.py VAULT` reads the secret "plain" as the machine that the environment tells of."""
import sys

from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient

print(SecretClient(sys.argv[1], ManagedIdentityCredential(), verify_challenge_resource=False).get_secret("plain").value)

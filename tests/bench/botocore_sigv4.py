# SPDX-License-Identifier: Apache-2.0
"""How many GetSecretValue requests botocore signs a second."""
import time

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

COUNT = 5000
signer = SigV4Auth(Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), "secretsmanager", "us-east-1")
start = time.monotonic()
for _ in range(COUNT):
    signer.add_auth(AWSRequest("POST", "https://secretsmanager.us-east-1.amazonaws.com/", data=b'{"SecretId":"prod/mstr"}', headers={
        "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.GetSecretValue"}))
print(round(COUNT / (time.monotonic() - start)))

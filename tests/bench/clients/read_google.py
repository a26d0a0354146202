# SPDX-License-Identifier: Apache-2.0
"""With Debian's google-auth and requests: `read_google.py ENDPOINT KEY_FILE` reads the secret "plain" with a token signed by the key itself."""
import base64
import sys

from google.auth import jwt
from google.auth.transport.requests import AuthorizedSession

identity = jwt.Credentials.from_service_account_file(sys.argv[2], audience="https://secretmanager.googleapis.com/")
with AuthorizedSession(identity) as session:
    answer = session.get(sys.argv[1] + "/v1/projects/sim-project/secrets/plain/versions/latest:access")
    answer.raise_for_status()
    print(base64.b64decode(answer.json()["payload"]["data"]).decode())

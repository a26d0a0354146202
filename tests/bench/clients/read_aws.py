# SPDX-License-Identifier: Apache-2.0
"""With Debian's boto3 and requests: `read_aws.py ENDPOINT [BASE_URL]` reads prod/mstr and, where a base URL is given, logs in with it, lists
the projects and logs out."""
import json
import sys

import boto3

secret = boto3.client("secretsmanager", endpoint_url=sys.argv[1]).get_secret_value(SecretId="prod/mstr")["SecretString"]
if len(sys.argv) > 2:
    import requests
    base, login = sys.argv[2], json.loads(secret)
    with requests.Session() as session:
        answer = session.post(base + "auth/login", json={"username": login["username"], "password": login["password"], "loginMode": 1})
        session.headers["X-MSTR-AuthToken"] = answer.headers["X-MSTR-AuthToken"]
        projects = session.get(base + "projects")
        projects.raise_for_status()
        print(projects.text)
        session.post(base + "auth/logout").raise_for_status()

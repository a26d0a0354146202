# SPDX-License-Identifier: Apache-2.0
"""boto3 as a peer: fetches the secret that each line of JSON on standard input names, with the identity of the environment that
it holds, and answers with a line: the value, or the error's name. Each request has a process of its own, as what boto3 knows of an
environment is the process's; they are forked from this one, as loading boto3 takes longer than all that it is asked. HOME must be
the same throughout: boto3 looks at it while it is loaded."""
import json
import os
import sys

import boto3
import botocore.session

# Debian's boto3 is older than AWS_ENDPOINT_URL; every client of its chain gets what that says.
create_client = botocore.session.Session.create_client


def with_endpoint(session, *positional, **named):
    named["endpoint_url"] = named.get("endpoint_url") or os.environ.get("AWS_ENDPOINT_URL")
    return create_client(session, *positional, **named)


botocore.session.Session.create_client = with_endpoint


def answer(request):
    try:
        client = boto3.client("secretsmanager")
        return {"value": client.get_secret_value(SecretId=request["secret"])["SecretString"]}
    except Exception as error:  # whatever it is, it is what a program would get
        return {"error": type(error).__name__}


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        request = json.loads(line)
        os.environ.clear()
        os.environ.update(request["environment"])
        print(json.dumps(answer(request)), flush=True)
        os._exit(0)
    os.waitpid(child, 0)

"""boto3 as a peer: fetches the secret that a JSON request on standard input names, with the identity of the environment, and
answers with the value or the error's name."""
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


json.dump(answer(json.load(sys.stdin)), sys.stdout)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The calls of the Python original, as it makes them over requests, pointed at the agent: nothing of them knows that the session
is shared. `mstr agent env` says MSTR_AGENT_URL and MSTR_AGENT_TOKEN_FILE.

    original.py [PROFILE]"""
import os
import sys

import requests

BASE = os.environ["MSTR_AGENT_URL"] + f"session/{sys.argv[1] if len(sys.argv) > 1 else 'default'}/api/"
with open(os.environ["MSTR_AGENT_TOKEN_FILE"], encoding="ascii") as file:
    TOKEN = file.read().strip()

session = requests.Session()
session.trust_env = False  # no proxy for loopback


def call(method, path, project=None, **more):
    """One request, whose X-MSTR headers go along with all that follow: the token is among them."""
    headers = {"X-MSTR-ProjectID": project} if project else {}
    answer = session.request(method, BASE + path, headers=headers, timeout=60, **more)
    answer.raise_for_status()
    session.headers.update({name: value for name, value in answer.headers.items() if name.upper().startswith("X-MSTR")})
    return answer


print(call("POST", "auth/login", json={"username": "any", "password": TOKEN, "loginMode": 1, "applicationType": 8}).status_code)
print(call("GET", "sessions").status_code)
print(call("GET", "sessions/userInfo").status_code)
print(call("PUT", "sessions").status_code)
print(call("GET", "projects").text)
print(call("GET", "searches/results?name=x", project="B19DEDCC11D4E0EFC000EB9495D0F44F").status_code)
print(call("POST", "auth/logout").status_code)

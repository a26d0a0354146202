# SPDX-License-Identifier: Apache-2.0
"""The calls that mstrio-py 11 makes when it opens a connection, lists projects from several threads and closes, in its order and
forms, over requests as it does. Prints the statuses. Usage: mstrio_calls.py URL PASSWORD"""
import sys
from concurrent.futures import ThreadPoolExecutor

import requests

url, password = sys.argv[1:]
base = url.split("/api")[0].rstrip("/") + "/api/"  # it cuts at the first one, wherever that is
session = requests.Session()
session.trust_env = False  # no proxy for loopback
login = {"username": "any", "password": password, "loginMode": 1, "applicationType": 76, "locale": "en-US", "workingSet": 10}


def call(method, path, timeout=60, **more):
    answer = session.request(method, base + path, timeout=timeout, **more)
    answer.raise_for_status()
    return answer


answer = call("POST", "auth/login", data=login)  # a form
statuses = [answer.status_code]
session.headers["X-MSTR-AuthToken"] = answer.headers["X-MSTR-AuthToken"]  # a KeyError where there is none
statuses.append(call("GET", "sessions").status_code)
statuses.append(call("PUT", "sessions").status_code)
statuses.append(call("GET", "sessions/userInfo").status_code)
with ThreadPoolExecutor(8) as threads:
    statuses.append(len({answer.text for answer in threads.map(lambda _: call("GET", "projects", headers={
        "X-MSTR-ProjectID": "B19DEDCC11D4E0EFC000EB9495D0F44F"}), range(32))}))
statuses.append(call("POST", "auth/logout").status_code)
print(*statuses)

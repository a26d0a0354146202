# SPDX-License-Identifier: Apache-2.0
"""The original's way of a request, in a loop: python3-requests with its session's headers. Prints microseconds a request."""
import json
import sys
import time

import requests

url, count = sys.argv[1], int(sys.argv[2])
session = requests.Session()
session.trust_env = False
session.headers["X-MSTR-AuthToken"] = "token-1"
session.cookies.set("JSESSIONID", "s1")
session.get(url)
begin = time.perf_counter()
for _ in range(count):
    json.loads(session.get(url).text)
print((time.perf_counter() - begin) / count * 1e6)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A provider in Python, for `plugin = exec`: secrets out of a JSON file that stands for a store of your own."""
import json
import os
import sys

request = json.load(sys.stdin)
with open(os.environ["SECRETS_FILE"], encoding="utf-8") as file:
    store = json.load(file)

results = []
for reference in request["references"]:
    name = reference["body"]
    if reference["query"]:
        results.append({"error": {"class": "config", "message": "no query is known here"}})
    elif name in store:
        results.append({"value": store[name], "version": "1"})
    else:
        results.append({"error": {"class": "not-found", "message": f"there is no {name}"}})
json.dump({"version": 1, "results": results}, sys.stdout)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A provider in Python that stays, for `plugin = exec` with `protocol = lines`: one question a line, one answer a line."""
import json
import os
import sys

with open(os.environ["SECRETS_FILE"], encoding="utf-8") as file:
    store = json.load(file)  # a store of your own would be logged in to here, once


def look_up(reference):
    name = reference["body"]
    if reference["query"]:
        return {"error": {"class": "config", "message": "no query is known here"}}
    if name in store:
        return {"value": store[name], "version": "1"}
    return {"error": {"class": "not-found", "message": f"there is no {name}"}}


for line in sys.stdin:
    question = json.loads(line)
    results = [look_up(reference) for reference in question["references"]]
    print(json.dumps({"version": 1, "id": question["id"], "results": results}), flush=True)

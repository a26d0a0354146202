# SPDX-License-Identifier: Apache-2.0
"""Lists of what is left as it is, each with its reason: survivors.txt of mutants, findings.txt of analysers."""
import os


def listed(text):
    """A dictionary from lines to reasons: a paragraph begins with "= REASON", and the lines below it are those it is true of."""
    reasons, reason = {}, None
    for line in text.splitlines():
        if line.startswith("= "):
            reason = line[2:]
        elif line and not line.startswith("#"):
            reasons[line] = reason
    return reasons


def read(name):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8") as file:
        return listed(file.read())

# SPDX-License-Identifier: Apache-2.0
"""The plan of the code, read from its includes: modules, the floors they stand on, and who includes whom.

A module is a source with the header of its name. The floors are folders, listed from the lowest to the highest; a module
may include its own floor and those listed before it. plan_test.py holds the code against this, picture.py draws it."""
import os
import re

CORE = [
    "core/base", "core/secret", "core/http", "core/local", "core/reference", "core/config", "core/plugin", "core/resolve",
    "core/fleet", "core/context", "core/session/parts", "core/session", "core/session/saved", "core/session/login",
    "core/session/exchange", "core/session/api", "core/session/table", "core/session/document", "core/session/upload",
    "core/session/pool", "core/queue",
]
# Programs, over the public headers alone; but one that only tests and generates may use the tool's parts.
PROGRAMS = ["core/cli", "core/tools", "core/agent"]
# What else they take of the library: the tool a file that it compiles in, which stands on the C library alone; the agent, which is
# linked with the static form, beside the base and the local floor; and the conformance run of stores.
TAKES = {"core/cli": {"core/base/whole_file"},
         "core/agent": {"core/context/agent_policy", "core/context/agent_rules", "core/context/context_agent",
                        "core/session/session_agent"},
         "core/tools": {"core/context/context", "core/plugin/store_instance"}}
# Within a store's plugin. What its plugin.c shares with nobody stands in the folder itself.
PLUGIN = ["config", "wire", "identity", "service", ""]
# Files of a plugin's lower floors that another plugin compiles in: AWS's signing serves federation and AWS logins.
BORROWED = {"providers/aws": ("config", "wire", "identity")}
# The library `base`, which plugins compile in: no state of the process, no symbol of libmstr.
STATELESS = {"array", "base64", "buffer", "condition", "crypto", "flight", "glob", "home", "ini", "json", "json_reader", "json_scan", "name_index",
             "parallel", "retry_policy", "text", "text_list", "thread", "timestamp", "uri", "whole_file"}

INCLUDE = re.compile(r'^#\s*include\s+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)


def sources(root, *folders):
    """The C files below these folders, as paths from the root."""
    found = []
    for folder in folders:
        for place, _, names in os.walk(os.path.join(root, folder)):
            found += [os.path.relpath(os.path.join(place, name), root) for name in names if name.endswith((".c", ".h"))]
    return sorted(found)


def module_of(path):
    return os.path.splitext(path)[0]


class Code:
    """The sources below a root: their texts, and what each includes."""

    def __init__(self, root):
        self.root = root
        self.files = sources(root, "core", "providers")
        self.texts = {}
        self.system = {}  # file -> names in angle brackets
        self.includes = {}  # file -> files of the project
        self.unknown = []  # pairs of a file and what it includes that is nowhere
        for path in self.files:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                self.texts[path] = file.read()
        for path in self.files:
            found = INCLUDE.findall(self.texts[path])
            self.system[path] = [name for _, name in found if name]
            named = [(name, self.resolve(path, name)) for name, _ in found if name]
            self.includes[path] = [other for _, other in named if other]
            self.unknown += [(path, name) for name, other in named if not other]

    def resolve(self, path, name):
        """The file of core or providers that `path` means by `name`; None if there is none."""
        near = os.path.normpath(os.path.join(os.path.dirname(path), name))
        for candidate in (os.path.join("core", name), os.path.join("providers", name), near):
            if candidate in self.texts:
                return candidate
        return None

    def edges(self):
        """Pairs of modules, who includes whom."""
        pairs = {(module_of(path), module_of(other)) for path in self.files for other in self.includes[path]}
        return sorted((a, b) for a, b in pairs if a != b)


def circles(edges):
    """Groups of names that reach each other."""
    reach = {}
    for a, b in edges:
        reach.setdefault(a, set()).add(b)
        reach.setdefault(b, set())
    changed = True
    while changed:
        changed = False
        for name, others in reach.items():
            more = others.union(*(reach[other] for other in others)) if others else others
            if len(more) > len(others):
                reach[name] = more
                changed = True
    groups = {tuple(sorted(other for other in reach[name] if name in reach[other])) for name in reach if name in reach[name]}
    return sorted(groups)


def is_upward(a, b):
    """Whether the module a may not include b because of where they stand."""
    from_folder, to_folder = os.path.dirname(a), os.path.dirname(b)
    if from_folder == to_folder:
        return from_folder == "core/base" and _is_stateless(a) and not _is_stateless(b)
    if from_folder.startswith("core/"):
        return not (_core_may(from_folder, to_folder) or b in TAKES.get(from_folder, ()))
    return not _provider_may(from_folder, b)


def _is_stateless(module):
    return os.path.basename(module) in STATELESS


def _core_may(folder, other):
    if folder in PROGRAMS:
        return other in {"core/tools": ("core/cli", "core/base"), "core/agent": ("core/base", "core/local")}.get(folder, ())
    if other == "providers/builtin":  # handed down by the composition root as a table
        return folder == "core/context"
    return other in CORE and folder in CORE and CORE.index(other) < CORE.index(folder)


def _provider_may(folder, other):
    other_folder = os.path.dirname(other)
    if other_folder == "core/base":  # the built-in providers are linked into the library, so they may use all of it
        return _is_stateless(other) or folder == "providers/builtin"
    store, part = _parts(folder)
    other_store, other_part = _parts(other_folder)
    if other_store == "providers/sdk":
        return True
    if other_store == store:
        return part in PLUGIN and other_part in PLUGIN and PLUGIN.index(other_part) < PLUGIN.index(part)
    return store != "providers/sdk" and other_part in BORROWED.get(other_store, ())


def _parts(folder):
    """The store's folder, and which part of it this is."""
    names = folder.split("/")
    return "/".join(names[:2]), "/".join(names[2:])

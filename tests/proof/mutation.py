# SPDX-License-Identifier: Apache-2.0
"""Puts small faults into the code that security rests on, one at a time, and tells which of them no test notices.

    mutation.py SOURCE SCRATCH [--quick] [--again] [--page FILE] [PATH...]

A copy of the source goes to SCRATCH and is built there once, with every mutant of every file in it (mutants.py); which of them is
at work says a small file that all programs of that build map. Each mutant is tried with the tests of its file that reach it, the
quickest first: the file's unit test, and those that FILES names. Results stay in SCRATCH for each file, so that PATHs alone may
be tried again; --again tries only what survived before, --quick with unit tests alone. Survivors that are no faults stand in survivors.txt with the reason."""
import collections
import filecmp
import json
import mmap
import os
import re
import resource
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

import mutants
import reasons

AGENT = ("integration/agent", "integration/agent_proxy")
ORIGIN = ("integration/origin", "integration/session", "integration/request")
FLEET = ("unit/fleet/shelf", "unit/fleet/fleet", "unit/fleet/worker")
# Whose mutants are made, and which tests besides the unit test of the same path are tied to it.
FILES = {
    # whom files may belong to, and where they may be
    "core/base/trusted_file.c": ("unit/base/trusted_rule", "integration/trust"),
    "core/base/trusted_folders.c": ("unit/base/trusted_file", "integration/trust"),
    "core/base/trusted_rule.c": ("unit/base/trusted_file", "integration/trust"),
    "core/base/whole_file.c": ("unit/session/saved/snapshot_file",),
    "core/local/socket_path.c": ("unit/local/local",),
    "core/plugin/abi.c": (),
    "core/plugin/host_file.c": (),
    "core/plugin/loader.c": ("integration/trust",),
    "core/plugin/plugin_path.c": ("integration/setuid", "integration/trust"),
    "core/session/saved/snapshot_file.c": ("unit/session/saved/snapshot_lock", "integration/saved_session"),
    "providers/builtin/file.c": ("integration/trust",),
    "providers/sdk/file.c": (),
    # what programs are started, by whom, and with what
    "core/base/environment.c": ("integration/setuid",),
    "providers/builtin/exec_command.c": ("unit/builtin/exec",),
    "providers/sdk/process_start.c": ("unit/sdk/process", "integration/kubernetes"),
    # whom TLS trusts
    "core/http/pinned_key.c": ("integration/tls",),
    "core/http/peer_setup.c": ("unit/http/request_setup", "unit/http/tls", "integration/tls"),
    "core/http/trust.c": ("unit/http/tls", "integration/tls"),
    "core/plugin/host_trust.c": (),
    # to which server a request goes, and with what
    "core/base/uri.c": ("unit/base/path", "unit/session/parts/url"),
    "core/http/proxy.c": (),
    "core/http/request_setup.c": ("unit/http/receive",),
    "core/http/response.c": ("unit/http/receive",),
    "core/session/attempt.c": ("unit/session/attempt_tell", *ORIGIN, "integration/transport", "integration/streaming", "integration/receive_budget",
                               "integration/bad_server", "integration/echo"),
    "core/session/exchange/exchange.c": ("unit/session/login/sharing", "unit/session/parts/agent_transport", *ORIGIN),
    "core/session/exchange/request_url.c": ORIGIN,
    "core/session/parts/cookies.c": ORIGIN,
    "core/session/parts/header.c": (),
    "core/session/parts/redirect.c": ("unit/session/attempt", *ORIGIN),
    "core/session/parts/url.c": ORIGIN,
    "providers/azure/config/secret_id.c": ("unit/azure/service/key_vault",),
    "providers/azure/service/vault.c": ("unit/azure/service/key_vault",),
    "providers/azure/wire/challenge.c": ("unit/azure/service/key_vault",),
    "providers/gcp/config/resource.c": ("unit/gcp/service/secret_manager",),
    "providers/gcp/config/url_policy.c": (),
    "providers/kubernetes/config/secret_name.c": (),
    "providers/vault/config/wanted.c": (),
    # what stays out of texts, and of memory
    "core/cli/display.c": (),
    "core/cli/mask.c": (),
    "core/cli/mask_forms.c": ("unit/cli/mask",),
    "core/config/shown.c": (),
    "core/http/curl_api.c": ("unit/http/curl_api_start",),
    "core/http/sent_secrets.c": (),
    "core/plugin/call.c": ("unit/plugin/host", "unit/plugin/instance_calls"),
    "core/plugin/instance.c": ("unit/plugin/instance_calls",),
    "core/secret/memory.c": ("unit/secret/secret", "integration/memory"),
    "core/secret/secret.c": ("integration/memory",),
    "core/secret/secret_filter.c": ("unit/secret/secret_search",),
    "core/secret/secret_search.c": ("unit/secret/secret_filter",),
    "providers/kubernetes/config/veil.c": ("unit/kubernetes/config/kubeconfig",),
    # seals and signatures
    "core/fleet/keys.c": FLEET,
    "core/fleet/record.c": FLEET,
    "core/fleet/shared_value.c": FLEET,
    "core/fleet/health.c": (),
    "core/fleet/shelf.c": (),
    "core/secret/gcm.c": ("unit/secret/seal", "unit/fleet/record"),
    "core/secret/seal.c": (),
    "core/session/saved/sealed_session.c": ("integration/saved_session",),
    "core/session/saved/sealing.c": ("unit/session/saved/sealed_session", "integration/saved_session"),
    "providers/sdk/sigv4.c": ("unit/aws/wire/send",),
    # whom the agent answers, what, and which requests it passes on
    "core/agent/client_tokens.c": ("unit/agent/proxy", "integration/agent_proxy"),
    "core/agent/head.c": AGENT,
    "core/agent/listener.c": AGENT,
    "core/agent/peer.c": AGENT,
    "core/agent/proxy_headers.c": AGENT,
    "core/agent/proxy_path.c": AGENT,
    "core/agent/proxy_reply.c": AGENT,
    "core/agent/quota.c": AGENT,
    "core/agent/resolve.c": AGENT,
    "core/agent/routes.c": ("unit/agent/govern", *AGENT),
    "core/agent/token.c": AGENT,
    "core/base/glob.c": ("unit/context/agent_policy",),
    "core/config/login_mode.c": (),
    "core/context/agent_choice.c": (),
    "core/context/agent_policy.c": ("unit/context/agent_rules", *AGENT),
    "core/context/agent_rules.c": ("unit/context/agent_policy",),
    "core/context/context_agent.c": (),
    "core/context/rights.c": AGENT,
    "core/plugin/fingerprint.c": (),
    "core/reference/pattern.c": ("unit/context/agent_policy",),
    # how long a value is handed out
    "core/resolve/cache_entries.c": ("unit/resolve/cache_memory",),
    "core/resolve/cache_hot.c": ("unit/resolve/cache_memory",),
    "core/resolve/cache_memory.c": ("unit/resolve/cache_memory_claims",),
    "core/resolve/credential.c": (),
    "core/resolve/credentials.c": (),
    "core/resolve/resolver.c": (),
    # what was refused, and is not tried again
    "core/secret/refusal_record.c": (),
    "core/secret/refusals.c": (),
    "core/session/login/refused_login.c": (),
}
# What the mutated files begin with, behind their includes.
QUESTION = """
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
static volatile struct { int chosen; unsigned char reached[%(count)d]; } *mutant_switch;
__attribute__((constructor)) static void mutant_find(void)
{
    int fd = open("%(switch)s", O_RDWR | O_CLOEXEC);
    void *map = fd >= 0 ? mmap(0, sizeof(*mutant_switch), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (fd >= 0) { close(fd); }
    mutant_switch = map != MAP_FAILED ? map : 0;
}
static int MUTANT(int number)
{
    if (mutant_switch && mutant_switch->chosen < 0) { mutant_switch->reached[number] = 1; }
    return mutant_switch && mutant_switch->chosen == number;
}
#line %(line)d
"""
RECORD, NONE = -1, -2 + 2 ** 31
Result = collections.namedtuple("Result", "line what killer")


def key_of(path, source, mutant):
    """How a mutant is told and listed: what became what."""
    def flat(text):
        return re.sub(r"\s+", " ", text).strip()
    return f"{path}: {flat(source[mutant.start:mutant.end])} => {flat(mutant.text) or 'nothing'}"


class Switch:
    """The file that says which mutant is at work, and notes which were asked for."""

    def __init__(self, path, count):
        with open(path, "wb") as file:
            file.write(bytes(4 + count))
        os.chmod(path, 0o666)  # programs of the tests may run as somebody else
        self.count = count
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 4 + count)

    def choose(self, number):
        self.map[:4] = struct.pack("i", number)

    def reached(self):
        found = {i for i in range(self.count) if self.map[4 + i]}
        self.map[4:] = bytes(self.count)
        return found


class Scratch:
    """The copy of the source, and what is built of it."""

    def __init__(self, root, folder):
        self.root = os.path.realpath(root)
        self.folder = os.path.realpath(folder)
        self.source, self.build = os.path.join(self.folder, "source"), os.path.join(self.folder, "build")
        self.results = os.path.join(self.folder, "results")
        os.makedirs(self.results, exist_ok=True)
        self.texts, self.mutants = {}, {}
        number = 0
        for path in sorted(FILES):
            with open(os.path.join(self.root, path), encoding="utf-8") as file:
                self.texts[path] = file.read()
            for mutant in mutants.mutants_of(self.texts[path]):
                self.mutants[number] = (path, mutant)
                number += 1
        self.broken_file = os.path.join(self.folder, "broken.json")
        self.broken = self.known_to_be_broken()
        self.switch = Switch(os.path.join(self.folder, "switch"), number)
        self.switch.choose(NONE)

    def key(self, number):
        path, mutant = self.mutants[number]
        return key_of(path, self.texts[path], mutant)

    def known_to_be_broken(self):
        """Mutants that did not compile before, so that not all is built twice."""
        if not os.path.exists(self.broken_file):
            return set()
        with open(self.broken_file, encoding="utf-8") as file:
            keys = set(json.load(file))
        return {number for number in self.mutants if self.key(number) in keys}

    def put(self, path, text):
        """Writes a file of the copy, unless it is there already, so that it is not built again."""
        target = os.path.join(self.source, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.exists(target):
            with open(target, encoding="utf-8") as file:
                if file.read() == text:
                    return
        with open(target, "w", encoding="utf-8") as file:
            file.write(text)

    def mirror(self):
        for folder in ("core", "providers", "include", "tests", "docs", ".ci"):
            for place, folders, names in os.walk(os.path.join(self.root, folder)):
                folders[:] = [name for name in folders if name not in ("__pycache__", "node_modules")]
                for name in names:
                    path = os.path.relpath(os.path.join(place, name), self.root)
                    target = os.path.join(self.source, path)
                    if path not in FILES and not (os.path.exists(target) and
                                                  filecmp.cmp(os.path.join(place, name), target, shallow=False)):
                        os.makedirs(os.path.dirname(target), exist_ok=True)
                        shutil.copy(os.path.join(place, name), target)
        for name in os.listdir(self.root):
            if os.path.isfile(os.path.join(self.root, name)) and name != ".git":
                shutil.copy2(os.path.join(self.root, name), os.path.join(self.source, name))

    def write(self):
        for path, text in self.texts.items():
            numbered = {number: mutant for number, (owner, mutant) in self.mutants.items()
                        if owner == path and number not in self.broken}
            self.put(path, with_question(mutants.written(text, numbered), self.switch.count, self.folder))

    def drop(self, output):
        """Leaves out the mutants of lines that do not compile: sums of pointers first, for what else would it be."""
        bad = {(found.group(1), int(found.group(2)))
               for found in re.finditer(r"/source/((?:core|providers)/\S+?):(\d+):\d+: error", output)}
        def on(number):
            path, mutant = self.mutants[number]
            return (path, mutant.line) in bad and number not in self.broken
        sums = {number for number in self.mutants if on(number) and self.mutants[number][1].what in ("+ becomes -", "- becomes +")}
        more = sums or {number for number in self.mutants if on(number)}
        self.broken |= more
        with open(self.broken_file, "w", encoding="utf-8") as file:
            json.dump([self.key(number) for number in sorted(self.broken)], file)
        return bool(more)

    def make(self, tests):
        """Builds what these tests need."""
        self.write()
        vectors = os.path.join(self.root, "..", "shared", "vectors")
        run(["cmake", "-S", self.source, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DMSTR_TESTS=ON",
             "-DCMAKE_C_FLAGS_DEBUG=-O0", "-DCMAKE_C_FLAGS=-w -DMSTR_INSTRUMENTED", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
             f"-DMSTR_TEST_VECTORS={vectors}"])
        targets = ["core/all", "providers/all", "tests/support/all", "tests/plugins/all", "mstr-sim"]
        targets += [test.replace("/", "_") + "_test" for test in tests if not self.is_python(test)]
        while True:
            done = subprocess.run(["ninja", "-C", self.build, "-k", "0", f"-j{os.cpu_count()}", *targets], capture_output=True,
                                  text=True, check=False)
            if done.returncode == 0:
                self.leave_out()
                return
            if not self.drop(done.stdout):
                sys.exit(done.stdout[-4000:])
            self.write()

    def leave_out(self):
        """Forgets the mutants of what this build has no code of: that of other programs, or for other versions of a library."""
        with open(os.path.join(self.build, "compile_commands.json"), encoding="utf-8") as file:
            commands = [shlex.split(one["command"]) for one in json.load(file)
                        if os.path.relpath(one["file"], self.source) in FILES]
        there = set().union(*(preprocessed(command, self.build) for command in commands))
        self.mutants = {number: mutant for number, mutant in self.mutants.items() if number in there}

    def is_python(self, test):
        return os.path.exists(os.path.join(self.root, "tests", test + "_test.py"))

    def commands(self):
        """What ctest runs as these tests: dictionaries from their names."""
        shown = json.loads(run(["ctest", "--test-dir", self.build, "--show-only=json-v1"]))
        return {test["name"]: test for test in shown["tests"] if "command" in test}


def preprocessed(command, folder):
    """The mutants that the preprocessor leaves to the compiler."""
    output = command.index("-o")
    text = run([*command[:output], *command[output + 2:], "-E"], folder)
    return {int(number) for number in re.findall(r"\bMUTANT\((\d+)\)", text)}


def with_question(text, count, folder):
    lines = text.split("\n")
    last, depth = 0, 0
    for i, line in enumerate(lines):
        depth += line.startswith("#if") - line.startswith("#endif")
        last = i if line.startswith("#include") and depth == 0 else last  # not those of some builds alone
    question = QUESTION % {"count": count, "switch": os.path.join(folder, "switch"), "line": last + 2}
    return "\n".join(lines[:last + 1]) + question + "\n".join(lines[last + 1:])


def run(command, folder=None):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def bounds():
    """What a mutant may take: it might ask for more and more."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 ** 30, 2 ** 30))
    resource.setrlimit(resource.RLIMIT_DATA, (2 ** 32, 2 ** 32))


class Test:
    def __init__(self, shown):
        properties = {one["name"]: one["value"] for one in shown.get("properties", ())}
        self.name, self.command = shown["name"], shown["command"]
        self.environment = dict(one.split("=", 1) for one in properties.get("ENVIRONMENT", ()))
        self.folder = properties.get("WORKING_DIRECTORY")
        self.seconds, self.reaches = 100, set()

    def passes(self):
        """Whether it passes; what takes ten times as long as without a mutant does not: it hangs."""
        with tempfile.TemporaryDirectory(prefix="mutant") as temporary, tempfile.TemporaryFile() as output:
            os.chmod(temporary, 0o1777)  # some tests go on as another user
            process = subprocess.Popen(self.command, cwd=self.folder, env={**os.environ, **self.environment, "TMPDIR": temporary},
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                                       preexec_fn=bounds)
            try:
                status = process.wait(min(10 * self.seconds + 2, 120))
            except subprocess.TimeoutExpired:
                status = None
            try:  # and whatever it has left behind
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
            output.seek(0)
            self.output = output.read().decode(errors="replace")
        return status == 0

    def learn(self, switch):
        """Runs it without a mutant at work, and notes which it reaches."""
        switch.choose(RECORD)
        begin = time.monotonic()
        if not self.passes():
            sys.exit(f"{self.name} fails without any mutant\n{self.output[-3000:]}")
        self.seconds, self.reaches = time.monotonic() - begin, switch.reached()


def killer_of(number, tests, switch):
    switch.choose(number)
    for test in sorted(tests, key=lambda test: test.seconds):
        if number in test.reaches and not test.passes():
            return test.name
    return None


def tests_of(path):
    return ["unit/" + os.path.splitext(path.split("/", 1)[1])[0], *FILES[path]]


def result_file(scratch, path):
    return os.path.join(scratch.results, path.replace("/", "+") + ".json")


def read_results(scratch, path):
    """What is known of a file: a dictionary from mutants to Result; empty if nothing is."""
    try:
        with open(result_file(scratch, path), encoding="utf-8") as file:
            return {key: Result(*value) for key, value in json.load(file).items()}
    except FileNotFoundError:
        return {}


def try_file(scratch, path, tests, again):
    """Has each mutant of a file meet those of these tests that are tied to it."""
    before, results, survivors = read_results(scratch, path), {}, 0
    begin = time.monotonic()
    for number, (owner, mutant) in scratch.mutants.items():
        if owner != path or number in scratch.broken:
            continue
        key = scratch.key(number)
        known = before.get(key)
        killer = known.killer if again and known else None
        killer = killer or killer_of(number, [tests[name] for name in tests_of(path) if name in tests],
                                     scratch.switch)
        survivors += killer is None
        if killer is None or key not in results:
            results[key] = Result(mutant.line, mutant.what, killer)
    scratch.switch.choose(NONE)
    with open(result_file(scratch, path), "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
    print(f"{path}: {len(results)} mutants, {survivors} survived ({time.monotonic() - begin:.0f} s)", flush=True)


HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 -->
# Mutants

Small faults, put one at a time into the code that security rests on: a comparison or a condition turned round, `&&` for `||`, `+`
for `-`, another answer, a call left out. A mutant is *killed* if a test of its file fails, or takes ten times as long as without
it, be it the file's unit test or one that `FILES` in `tests/proof/mutation.py` names. What gives memory and files back is not
left out: AddressSanitizer watches over that.
Written by `cmake --build --preset debug --target mutation`, which takes an hour or so. Mutants do what the
code is there to prevent, to files of the system as well: run them where nothing can be lost.
"""


def page(scratch, excused):
    yield HEAD
    killers = {result.killer for path in FILES for result in read_results(scratch, path).values()}
    if not any(killer and killer.startswith("integration/") for killer in killers):
        yield "The present figures are of `tests/proof/mutation.py . FOLDER --quick`: unit tests alone. What survives here may yet fail an integration test.\n"
    yield "| file | mutants | killed | no fault | survive |\n|---|---|---|---|---|"
    totals, left, told = [0] * 4, [], collections.Counter()
    for path in sorted(FILES):
        results = read_results(scratch, path)
        if not results:
            yield f"| `{path}` | not tried | | | |"
            continue
        alive = [key for key, result in results.items() if result.killer is None]
        told.update(excused[key] for key in alive if key in excused)
        bad = [key for key in alive if key not in excused]
        row = [len(results), len(results) - len(alive), len(alive) - len(bad), len(bad)]
        totals = [a + b for a, b in zip(totals, row)]
        left += bad
        yield f"| `{path}` | " + " | ".join(map(str, row)) + " |"
    yield "| all | " + " | ".join(map(str, totals)) + " |"
    yield "\n## Survivors that are no faults\n\n`tests/proof/survivors.txt` lists them each; these are the reasons.\n"
    yield from (f"* {reason}: {count}" for reason, count in told.items())
    yield "\n## Survivors\n"
    yield from [f"* `` {key} ``" for key in left] or ["None."]


def finish(scratch, out):
    """Tells what survived without a reason, and reasons without a survivor; writes the page."""
    excused = reasons.read("survivors.txt")
    known = {key: result for path in FILES for key, result in read_results(scratch, path).items()}
    bad = [f"survives: {key} (line {result.line})" for key, result in known.items()
           if result.killer is None and key not in excused]
    bad += [f"is listed, but does not survive: {key}" for key in excused
            if read_results(scratch, key.split(":")[0]) and (key not in known or known[key].killer)]
    print("\n".join(bad))
    if out:
        with open(out, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in page(scratch, excused))
    return not bad


def main(arguments):
    quick, again = "--quick" in arguments, "--again" in arguments
    out = arguments[arguments.index("--page") + 1] if "--page" in arguments else None
    root, folder, *wanted = [one for one in arguments if one not in ("--quick", "--again", "--page", out)]
    wanted = wanted or sorted(FILES)
    scratch = Scratch(root, folder)
    os.makedirs(scratch.source, exist_ok=True)
    scratch.mirror()
    names = sorted({name for path in wanted for name in tests_of(path) if not (quick and name.startswith("integration/"))})
    scratch.make(names)
    commands = scratch.commands()
    tests = {name: Test(commands[name]) for name in names}
    for test in tests.values():
        test.learn(scratch.switch)
    for path in wanted:
        try_file(scratch, path, tests, again)
    return 0 if finish(scratch, out) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

# SPDX-License-Identifier: Apache-2.0
"""What docs/examples has for systemd, Kubernetes, cron and containers, and what docs/guide says about it: units are verified,
objects fit their schema, pages quote the files, and each job is run as it would be there: as a user without a name, on a file
system that cannot be written, with the volumes, variables and limits that the file asks for. The hosts are those of the examples;
a proxy leads to the simulator. MSTR_BIN may be the single-file tool or one with its plugins. Exit status 77: all is well, so far
as somebody who is not root can tell."""
import csv
import fcntl
import glob
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import yaml
from kubernetes import client

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import unit_limits
from azure_files import TENANT, federated_token
from example_stage import ACCOUNT, AUTHORITIES, EXAMPLES, NAMESPACE, SOURCE, Stage, annotation, read
from plain_root import Volume, libraries, may_make_roots

GUIDES = os.path.join(SOURCE, "docs", "guide")
FOLDERS = ("container", "cron", "kubernetes", "systemd")
NOBODY_KNOWN, STRANGER = 1000680000, 777  # a user as OpenShift makes them up; somebody else
WHY_NOT = "only root can make a root of its own, and not in every container"
STAGE = None


def setUpModule():
    global STAGE
    STAGE = Stage() if may_make_roots() else None
    if STAGE is not None:
        unittest.addModuleCleanup(STAGE.close)


@unittest.skipUnless(may_make_roots(), WHY_NOT)
class Job(unittest.TestCase):
    """A job that is run, and what it leaves."""

    def setUp(self):
        STAGE.sim.reset()
        STAGE.sim.admin("DELETE", "/log")

    def assert_reported(self, done, volume, name="revenue.csv"):
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))
        with open(os.path.join(volume.source, name), encoding="utf-8", newline="") as file:
            self.assertEqual(len(list(csv.DictReader(file))), 6)
        self.assertEqual([entry["path"].rsplit("/", 1)[1] for entry in STAGE.sim.log("mstr")][-1], "logout")


class Pages(unittest.TestCase):
    def test_pages_quote_the_files_as_they_are(self):
        quoted = set()
        for page in glob.glob(os.path.join(GUIDES, "*.md")):
            with open(page, encoding="utf-8") as file:
                text = file.read()
            for path, block in re.findall(r"\]\(\.\./examples/([^)]+)\)[^\n]*:\n\n((?:    .*\n|\n)+)", text):
                lines = re.sub("(?m)^    ", "", block).strip("\n")
                self.assertIn("\n" + lines + "\n", "\n" + read(path), f"{page} quotes {path}")
            quoted.update(re.findall(r"\]\(\.\./examples/([^)]+)\)", text))
        for folder in FOLDERS:
            for name in os.listdir(os.path.join(EXAMPLES, folder)):
                self.assertIn(f"{folder}/{name}", quoted)

    def test_what_another_try_does_not_help_against_is_the_same_everywhere(self):
        statuses = {int(word) for word in Unit("mstr-revenue.service").value("RestartPreventExitStatus").split()}
        rule = yaml.safe_load(read("kubernetes", "cronjob.yaml"))["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"][0]
        self.assertEqual(statuses, set(rule["onExitCodes"]["values"]))
        self.assertEqual(statuses, set(range(2, 11)) - {7, 8})


class Unit:
    """A unit file: its settings in their order, continued lines as one."""

    def __init__(self, name):
        self.settings = re.findall(r"(?m)^(\w+)=(.*)$", read("systemd", name).replace("\\\n", ""))

    def values(self, key):
        return [value for name, value in self.settings if name == key]

    def value(self, key):
        return self.values(key)[0]


class Systemd(Job):
    FOLDER, CREDENTIALS = "/var/lib/mstr-revenue", "/run/credentials/mstr-revenue.service"

    def run_unit(self, **credentials):
        """The unit's command with its volumes, limits and variables."""
        unit = Unit("mstr-revenue.service")
        STAGE.system.write("/etc/mstr/config.d/revenue.conf", read("systemd", "revenue.conf"))
        handed = STAGE.volume(self.CREDENTIALS, credentials, 0o400)
        for name in credentials:
            os.chown(os.path.join(handed.source, name), NOBODY_KNOWN, NOBODY_KNOWN)
        variables = STAGE.variables(STATE_DIRECTORY=self.FOLDER, CREDENTIALS_DIRECTORY=self.CREDENTIALS, HOME="/")
        command = [re.sub(r"\$\{(\w+)\}", lambda match: variables[match[1]], word) for word in shlex.split(unit.value("ExecStart"))]
        limit = None
        if unit_limits.is_known_here():
            limit = unit_limits.limit(unit.values("SystemCallFilter"), unit.value("RestrictAddressFamilies").split(),
                                      unit.value("MemoryDenyWriteExecute") == "yes")
        return STAGE.system.run(command, NOBODY_KNOWN, variables, volumes=[handed, self.state], limit=limit,
                                proc="hidepid=invisible,subset=pid")

    def setUp(self):
        super().setUp()
        self.state = STAGE.writable(self.FOLDER, NOBODY_KNOWN, NOBODY_KNOWN, 0o700)

    def test_the_job_runs_within_the_unit_s_limits(self):
        for _ in range(2):  # the second one replaces a file
            self.assert_reported(self.run_unit(**{"mstr-password": "Simul8-analyst\n"}), self.state)

    def test_a_credential_that_was_not_handed_over_is_no_reason_for_another_try(self):
        done = self.run_unit()
        self.assertIn(str(done.returncode), Unit("mstr-revenue.service").value("RestartPreventExitStatus").split())
        self.assertIn(b"mstr-password", done.stderr)

    @unittest.skipUnless(unit_limits.is_known_here(), "the numbers of the system calls are not known here")
    def test_the_limits_of_this_test_are_limits(self):
        limit = unit_limits.limit(["@system-service", "~@privileged"], ["AF_UNIX"], True)
        done = STAGE.system.run(["/usr/bin/chroot", "/", "/bin/sh"], 0, {}, limit=limit)
        self.assertEqual(done.returncode, -signal.SIGSYS)


class UnitFiles(unittest.TestCase):
    def analyze(self, *arguments):
        done = subprocess.run(["systemd-analyze", "--no-pager", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_systemd_has_nothing_to_say_against_the_units(self):
        with tempfile.TemporaryDirectory() as root:
            units = os.path.join(root, "usr/lib/systemd/system")
            shutil.copytree("/lib/systemd/system", units, symlinks=True)
            os.symlink("usr/lib", os.path.join(root, "lib"))
            os.mkdir(os.path.join(root, "usr/bin"))
            shutil.copy("/bin/true", os.path.join(root, "usr/bin/mstr"))
            for name in ("mstr-revenue.service", "mstr-revenue.timer"):
                shutil.copy(os.path.join(EXAMPLES, "systemd", name), units)
            told = self.analyze(f"--root={root}", "--man=no", "verify", "mstr-revenue.timer", "mstr-revenue.service")
            self.assertNotIn("mstr-revenue", told)

    def test_systemd_s_own_measure_finds_little_exposure(self):
        self.analyze("security", "--offline=true", "--threshold=15", os.path.join(EXAMPLES, "systemd", "mstr-revenue.service"))


class Cron(Job):
    """The line of the crontab, by cron's rules: variables first, then when, who and what; % is a newline unless a backslash is before."""
    FOLDER = "/var/lib/mstr-revenue"

    def run_line(self):
        text = read("cron", "mstr-revenue")
        variables = dict(re.findall(r"(?m)^(\w+)=(.*)$", text))
        line = next(line for line in text.splitlines() if re.match(r"[\d*]", line))
        user, command = line.split(maxsplit=6)[5:]
        self.assertEqual(re.findall(r"(?<!\\)%", command), [])
        password = STAGE.volume("/etc/mstr", {"revenue.conf": read("cron", "revenue.conf"), "revenue-password": "Simul8-analyst\n"})
        return STAGE.system.run([variables["SHELL"], "-c", command.replace("\\%", "%")], NOBODY_KNOWN,
                                STAGE.variables(HOME="/home/" + user, LOGNAME=user, **variables), volumes=[password, self.state])

    def setUp(self):
        super().setUp()
        self.state = STAGE.writable(self.FOLDER, NOBODY_KNOWN, NOBODY_KNOWN, 0o700)

    def test_the_job_runs_in_the_environment_of_cron_and_gives_no_mail(self):
        done = self.run_line()
        self.assert_reported(done, self.state, time.strftime("revenue-%F.csv"))

    def test_a_second_one_does_not_begin_beside_the_first(self):
        folder = os.open(self.state.source, os.O_RDONLY)
        self.addCleanup(os.close, folder)
        fcntl.flock(folder, fcntl.LOCK_EX)
        done = self.run_line()
        self.assertEqual((done.returncode, done.stdout, done.stderr, STAGE.sim.log("mstr")), (1, b"", b"", []))


class Vals(Job):
    def test_another_tool_s_store_answers_by_its_own_references(self):
        STAGE.system.write("/usr/bin/vals", '#!/bin/sh\n[ "$1 $2" = "get ref+sops:///etc/mstr/secrets.yaml#/mstr/password" ] && '
                           "echo Simul8-analyst\n", 0o755)
        STAGE.system.write("/etc/vals.conf", read("exec", "vals.conf"))
        done = STAGE.system.run(["/usr/bin/mstr", "--config", "/etc/vals.conf", "projects"], NOBODY_KNOWN, STAGE.variables())
        self.assertEqual((done.returncode, done.stderr), (0, b""))


class Container(Job):
    CONFIG = "[profile default]\nbase_url = https://mstr.example.com/MicroStrategyLibrary\nusername = svc-revenue\n" \
             "password = Simul8-analyst\n"

    def run_container(self, *arguments, user=None, env=None, **more):
        return STAGE.image.run([*STAGE.started_as, *arguments], user or STAGE.user, env or STAGE.variables(), **more)

    def test_the_image_holds_the_tool_and_what_it_cannot_do_without(self):
        found = {os.path.join(folder, name).removeprefix(STAGE.image.folder) for folder, _, names in os.walk(STAGE.image.folder)
                 for name in names if not folder.endswith("/mstr") and ".so" not in name}
        self.assertEqual(found, {"/usr/bin/mstr", "/etc/nsswitch.conf", AUTHORITIES, "/dev/null"})

    def test_the_job_runs_where_nobody_has_a_name_and_nothing_can_be_written(self):
        for user, group in ((STAGE.user, None), (NOBODY_KNOWN, 0)):
            config = STAGE.volume("/etc/mstr", {"config": self.CONFIG})
            done = self.run_container("projects", volumes=[config], user=user, group=group)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn(b"MicroStrategy Tutorial", done.stdout)

    def test_who_could_write_a_configuration_counts_but_not_on_a_mount_that_is_read_only(self):
        config = STAGE.volume("/etc/mstr", {"config": self.CONFIG}, mode=0o666)
        os.chown(config.source, STRANGER, STRANGER)
        self.assertEqual(self.run_container("projects", volumes=[config]).returncode, 0)
        config.read_only = False
        done = self.run_container("projects", volumes=[config])
        self.assertEqual(done.returncode, 3)
        self.assertIn(b"MSTR_TRUSTED_FOLDERS=/etc/mstr", done.stderr)
        trusted = STAGE.variables(MSTR_TRUSTED_FOLDERS="/etc/mstr")
        self.assertEqual(self.run_container("projects", volumes=[config], env=trusted).returncode, 0)

    def test_a_container_that_is_stopped_logs_out_first(self):
        """As process 1, which gets no signal that it has no handler for."""
        STAGE.sim.admin("POST", "/faults", {"service": "mstr", "path": "*/sessions", "action": "hang"})
        config = STAGE.volume("/etc/mstr", {"config": self.CONFIG})
        child = STAGE.image.start([*STAGE.started_as, "api", "sessions"], STAGE.user, STAGE.variables(), volumes=[config], first=True)
        while not any(entry["path"].endswith("/sessions") for entry in STAGE.sim.log("mstr")):
            self.assertIsNone(child.poll())
            time.sleep(0.01)
        child.terminate()
        child.communicate(timeout=300)
        self.assertEqual(child.returncode, 130)
        self.assertEqual(STAGE.sim.log("mstr")[-1]["path"].rsplit("/", 1)[1], "logout")


class Schema:
    """The client's own models of Kubernetes' objects, as strict as the API server: no unknown key, none of the wrong type, none missing.
    What came after the client's release is named here."""
    NEWER = {("V1CronJobSpec", "timeZone"), ("V1JobSpec", "podFailurePolicy"), ("V1Container", "restartPolicy")}
    PLAIN = {"str": str, "int": int, "bool": bool}

    def build(self, kind, data):
        listed, mapped = re.fullmatch(r"list\[(.*)\]", kind), re.fullmatch(r"dict\(str, (.*)\)", kind)
        if listed:
            return [self.build(listed[1], item) for item in data]
        if mapped:
            return {name: self.build(mapped[1], value) for name, value in data.items()}
        if kind in self.PLAIN:
            if not isinstance(data, self.PLAIN[kind]):
                raise ValueError(f"{data!r} is no {kind}")
            return data
        model = getattr(client, kind)
        attributes = {name: attribute for attribute, name in model.attribute_map.items()}
        return model(**{attributes[name]: self.build(model.openapi_types[attributes[name]], value) for name, value in data.items()
                        if (kind, name) not in self.NEWER})


class Objects(unittest.TestCase):
    def test_objects_fit_the_schema(self):
        for path in glob.glob(os.path.join(EXAMPLES, "kubernetes", "*.yaml")) + glob.glob(os.path.join(EXAMPLES, "agent", "*.yaml")):
            for item in yaml.safe_load_all(read(path)):
                with self.subTest(os.path.basename(path), kind=item["kind"]):
                    Schema().build("V1" + item["kind"], item)

    def test_the_schema_is_strict(self):
        for wrong in ({"spec": {"schedule": 5}}, {"spec": {"shedule": "* * * * *"}}, {"spec": {}}):
            with self.assertRaises((KeyError, ValueError)):
                Schema().build("V1CronJob", wrong)

    def test_the_cronjob_names_what_there_is(self):
        spec = yaml.safe_load(read("kubernetes", "cronjob.yaml"))["spec"]["jobTemplate"]["spec"]
        pod, rule = spec["template"]["spec"], spec["podFailurePolicy"]["rules"][0]["onExitCodes"]
        self.assertEqual(pod["restartPolicy"], "Never")  # without which there is no policy for failures
        self.assertEqual(rule["containerName"], pod["containers"][0]["name"])
        self.assertEqual({mount["name"] for mount in pod["containers"][0]["volumeMounts"]}, {volume["name"] for volume in pod["volumes"]})
        for name in self.identities():
            named = [(item["kind"], item["metadata"]["name"]) for item in yaml.safe_load_all(read("kubernetes", name))]
            self.assertEqual(named[:2], [("ServiceAccount", pod["serviceAccountName"]),
                                         ("ConfigMap", pod["volumes"][0]["configMap"]["name"])])

    @staticmethod
    def identities():
        return sorted(set(os.listdir(os.path.join(EXAMPLES, "kubernetes"))) - {"cronjob.yaml"})


class CronJob(Job):
    """The pod of the CronJob, with the ConfigMap of each identity and what its cloud puts into the pod."""

    def setUp(self):
        super().setUp()
        self.pod = yaml.safe_load(read("kubernetes", "cronjob.yaml"))["spec"]["jobTemplate"]["spec"]["template"]["spec"]

    def run_pod(self, name, volumes=(), secret=None, **variables):
        container, group = self.pod["containers"][0], self.pod["securityContext"]["fsGroup"]
        self.assertTrue(container["securityContext"]["readOnlyRootFilesystem"])
        config = next(item for item in yaml.safe_load_all(read("kubernetes", name)) if item["kind"] == "ConfigMap")
        mode = self.pod["volumes"][1]["secret"]["defaultMode"]
        places = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        out = STAGE.writable(places["out"], 0, group)
        mounted = [STAGE.volume(places["config"], config["data"]), STAGE.volume(places["secrets"], secret or {}, mode, group), out]
        done = STAGE.image.run([*STAGE.started_as, *container["args"]], NOBODY_KNOWN, STAGE.variables(**variables), group=0,
                               groups=[group], volumes=[*mounted, *volumes])
        self.assert_reported(done, out)

    def test_eks_irsa(self):
        folder = "/var/run/secrets/eks.amazonaws.com/serviceaccount"
        self.run_pod("eks-irsa.yaml", [STAGE.volume(folder, {"token": "sim-pod-token"})], AWS_ROLE_ARN=annotation("eks-irsa.yaml"),
                     AWS_WEB_IDENTITY_TOKEN_FILE=folder + "/token", AWS_STS_REGIONAL_ENDPOINTS="regional", AWS_REGION="us-east-1")

    def test_eks_pod_identity(self):
        folder = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount"
        self.run_pod("eks-pod-identity.yaml", [STAGE.volume(folder, {"eks-pod-identity-token": "sim-container-token"})],
                     AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=folder + "/eks-pod-identity-token",
                     AWS_CONTAINER_CREDENTIALS_FULL_URI=STAGE.sim.urls["aws"] + "/v1/credentials")

    def test_aks(self):
        folder = "/var/run/secrets/azure/tokens"
        token = federated_token(STAGE.sim, sub=ACCOUNT)
        self.run_pod("aks.yaml", [STAGE.volume(folder, {"azure-identity-token": token})], AZURE_CLIENT_ID=annotation("aks.yaml"),
                     AZURE_TENANT_ID=TENANT, AZURE_FEDERATED_TOKEN_FILE=folder + "/azure-identity-token",
                     AZURE_AUTHORITY_HOST="https://login.microsoftonline.com/")

    def test_gke(self):
        self.run_pod("gke.yaml", GCE_METADATA_HOST=STAGE.sim.urls["gcp"].removeprefix("http://"))

    def account(self):
        """What Kubernetes itself mounts for a service account."""
        with open(STAGE.sim.urls["ca"], encoding="ascii") as file:
            files = {"token": "sim-account-token", "ca.crt": file.read(), "namespace": NAMESPACE}
        return STAGE.volume("/var/run/secrets/kubernetes.io/serviceaccount", files)

    def test_vault(self):
        self.run_pod("vault.yaml", [self.account()])

    def test_a_mounted_secret(self):
        self.run_pod("mounted-secret.yaml", secret={"username": "svc-revenue", "password": "Simul8-analyst\n"})

    def test_a_secret_by_the_api_server(self):
        port = STAGE.sim.urls["k8s-tls"].rsplit(":", 1)[1].rstrip("/")
        self.run_pod("secret-by-api.yaml", [self.account()], KUBERNETES_SERVICE_HOST="127.0.0.1", KUBERNETES_SERVICE_PORT=port)


AGENT = os.environ.get("MSTR_AGENT_PROGRAM")


@unittest.skipUnless(AGENT, "there is no agent in this build")
class AgentUnits(unittest.TestCase):
    def test_systemd_has_nothing_to_say_against_the_units_and_what_is_added(self):
        with tempfile.TemporaryDirectory() as root:
            for owner in ("system", "user"):
                units = os.path.join(root, owner)
                os.mkdir(units)
                for kind in ("service", "socket"):
                    with open(os.path.join(units, f"mstr-agent.{kind}"), "wb") as file:
                        subprocess.run([AGENT, "unit", f"--{owner}", f"--only={kind}", "--program", "/bin/true"], stdout=file, check=True)
                os.mkdir(os.path.join(units, "mstr-agent.socket.d"))
                if owner == "system":
                    shutil.copy(os.path.join(EXAMPLES, "agent", "host.socket.conf"), os.path.join(units, "mstr-agent.socket.d", "group.conf"))
                told = subprocess.run(["systemd-analyze", f"--{owner}", "--no-pager", "--man=no", "verify", "mstr-agent.socket", "mstr-agent.service"],
                                      env={"SYSTEMD_UNIT_PATH": units + ":", "XDG_RUNTIME_DIR": root, "PATH": "/usr/bin:/bin"},
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
                self.assertNotIn("mstr-agent", told)

    def test_the_host_s_configuration_is_in_order_where_there_is_the_group(self):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write(read("agent", "host.conf").replace("= reports", "= users") +
                       "[profile default]\nbase_url = https://mstr.example.com/\nusername = a\npassword = ${env:P}\n")
            file.flush()
            done = subprocess.run([os.environ["MSTR_BIN"], "--config", file.name, "config", "check"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


@unittest.skipUnless(AGENT and any("libmstr" in library for library in libraries(os.environ["MSTR_BIN"])),
                     "there is no agent in this build, or the tool has other plugins than the agent")
class Sidecar(Job):
    """The Deployment's pod: its agent and its program in roots with volumes, neither of which sees the other's processes."""

    def setUp(self):
        super().setUp()
        items = {item["kind"]: item for item in yaml.safe_load_all(read("agent", "sidecar.yaml"))}
        self.pod = items["Deployment"]["spec"]["template"]["spec"]
        self.user = self.pod["securityContext"]["runAsUser"]
        self.folder = "/var/run/secrets/eks.amazonaws.com/serviceaccount"
        self.shared = {"config": STAGE.volume("/etc/mstr", items["ConfigMap"]["data"]),
                       "agent": STAGE.writable("/run/mstr", 0, 0, 0o777)}
        STAGE.system.take(AGENT)

    def run_container(self, container, command, start=False, user=None):
        volumes = [STAGE.volume(self.folder, {"token": "sim-pod-token"})]
        for wanted in container["volumeMounts"]:
            volume = self.shared[wanted["name"]]
            self.assertEqual(volume.inside, wanted["mountPath"])
            volumes.append(Volume(volume.source, volume.inside, wanted.get("readOnly", False)))
        env = STAGE.variables(**{variable["name"]: variable["value"] for variable in container["env"]},
                              AWS_ROLE_ARN=annotation("eks-irsa.yaml"), AWS_WEB_IDENTITY_TOKEN_FILE=self.folder + "/token",
                              AWS_STS_REGIONAL_ENDPOINTS="regional", AWS_REGION="us-east-1")
        how = STAGE.system.start if start else STAGE.system.run
        return how(["/usr/bin/" + command[0], *command[1:]], user or self.user, env, volumes=volumes, first=True)

    def start_agent(self):
        container = self.pod["initContainers"][0]
        child = self.run_container(container, container["command"], start=True)
        probe = container["startupProbe"]["exec"]["command"]
        self.assertEqual(probe, container["readinessProbe"]["exec"]["command"])
        done = self.run_container(container, probe)
        while done.returncode == 7 and child.poll() is None:  # absent
            done = self.run_container(container, probe)
        if done.returncode != 0:
            child.kill()
            self.fail((done.stderr, child.communicate()))
        return child

    def end(self, child):
        child.terminate()
        self.assertEqual(child.wait(timeout=300), 0)
        child.communicate()

    def test_the_program_has_its_answers_from_the_agent_beside_it(self):
        program = self.pod["containers"][0]
        child = self.start_agent()
        for _ in range(2):
            done = self.run_container(program, ["mstr", "projects"])
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertIn(b"MicroStrategy Tutorial", done.stdout)
        done = self.run_container(program, ["mstr", "projects"], user=STRANGER)
        self.assertEqual(done.returncode, 7)
        self.end(child)
        paths = [entry["path"].rsplit("/", 1)[1] for entry in STAGE.sim.log("mstr")]
        self.assertEqual((paths.count("login"), paths.count("projects"), paths.count("logout")), (1, 2, 0))


if __name__ == "__main__":
    program = unittest.main(exit=False)
    if not program.result.wasSuccessful():
        sys.exit(1)
    if program.result.skipped:
        print("not all of it was run:", *{reason for _, reason in program.result.skipped}, file=sys.stderr)
        sys.exit(77)

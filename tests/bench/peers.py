# SPDX-License-Identifier: Apache-2.0
"""`mstr`, its single file and its agent beside other people's ways to the same: `peers.py BIN TESTS BUNDLE OUT` measures whole
processes against one simulator, in turn (`measure`), counts what each sends, prints a table and writes OUT/peers.tsv and
OUT/growth.tsv, which peers.plot and growth.plot draw. ROUNDS sets how often each is run. The target `bench-peers` does all of it."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from gcp_files import key_file
from simulator import ACCESS_KEY, SECRET_KEY, Simulator, environment

BIN, TESTS, BUNDLE, OUT = map(os.path.abspath, sys.argv[1:5])
ROUNDS = os.environ.get("ROUNDS", "40")
PACKAGES = os.environ["MSTR_NODE_PACKAGES"]
COLUMNS = ("job", "who", "wall_ms", "cpu_ms", "memory_mib", "requests")
CONFIG = """[profile default]
base_url = {mstr}
username = ${{aws-sm:prod/mstr#username}}
password = ${{aws-sm:prod/mstr#password}}
[provider aws-sm]
region = us-east-1
endpoint = {aws}
[provider azure-kv]
endpoint = {azure-tls}
ca_file = {ca}
[provider gcp-sm]
endpoint = {gcp}
[agent]
allow = aws-sm:** azure-kv:** gcp-sm:**
profiles = default
"""


class Bench:
    def __init__(self, sim, folder):
        self.sim, self.folder = sim, folder
        self.config = self.file("config", CONFIG.format(**{**sim.urls, "azure-tls": sim.urls["azure-tls"].rstrip("/")}))
        self.key = self.file("key.json", json.dumps(key_file(sim)))
        self.socket = os.path.join(folder, "run", "agent.sock")
        authority = sim.urls["azure"].rstrip("/")
        self.env = environment(
            MSTR_CONFIG=self.config, MSTR_PLUGIN_PATH=os.path.join(BIN, "..", "lib", "mstr"), AWS_ACCESS_KEY_ID=ACCESS_KEY,
            AWS_SECRET_ACCESS_KEY=SECRET_KEY, AWS_DEFAULT_REGION="us-east-1", AWS_REGION="us-east-1",
            AZURE_POD_IDENTITY_AUTHORITY_HOST=authority, GOOGLE_APPLICATION_CREDENTIALS=self.key, REQUESTS_CA_BUNDLE=sim.urls["ca"],
            NODE_EXTRA_CA_CERTS=sim.urls["ca"], NODE_PATH=os.path.join(PACKAGES, "node_modules"))

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def curl(self, *words):
        return subprocess.run(["curl", "-s", "-q", "--cacert", self.sim.urls["ca"], *words], env=self.env, check=True, capture_output=True,
                              text=True).stdout

    # --- what is done, by whom; curl has the token of another login, and one that was signed before, as it cannot make either

    def ours(self, *words):
        return {"mstr": [f"{BIN}/mstr", *words], "mstr, single file": [f"{BUNDLE}/mstr", *words],
                "mstr, warm agent": [f"{BIN}/mstr", "--agent", self.socket, *words]}

    def theirs(self, store, *words):
        node = ["node", f"{HERE}/clients/read_{store}.js", *words]
        return {f"python, {({'aws': 'boto3', 'azure': 'azure SDK', 'google': 'google-auth'})[store]}":
                ["/usr/bin/python3", f"{HERE}/clients/read_{store}.py", *words],
                **({"node, npm SDK": node} if shutil.which("node") and os.path.isdir(PACKAGES) else {})}

    def ask_aws(self):
        return ["curl", "-s", "-q", "--aws-sigv4", "aws:amz:us-east-1:secretsmanager", "--user", f"{ACCESS_KEY}:{SECRET_KEY}", "-H",
                "Content-Type: application/x-amz-json-1.1", "-H", "X-Amz-Target: secretsmanager.GetSecretValue", "-d",
                '{"SecretId":"prod/mstr"}', self.sim.urls["aws"]]

    def the_job(self):
        base = self.sim.urls["mstr"]
        login = ["-H", "Content-Type: application/json", "-d",
                 '{"username":"analyst","password":"Simul8-analyst","loginMode":1,"applicationType":8}', base + "auth/login"]
        told = self.curl("-D", "-", "-o", "/dev/null", *login).splitlines()
        value = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in told}
        curl = [*self.ask_aws(), "--next", "-s", *login, "--next", "-s", "-H", "X-MSTR-AuthToken: " + value["x-mstr-authtoken"], "-b",
                value["set-cookie"].split(";")[0], base + "projects", "--next", "-s", "-H", "X-MSTR-AuthToken: none", "-d", "",
                base + "auth/logout"]
        return {**self.ours("projects"), "curl": curl, **self.theirs("aws", self.sim.urls["aws"], base)}

    def a_secret_of_aws(self):
        return {**self.ours("get", "aws-sm:prod/mstr"), "curl": self.ask_aws(), **self.theirs("aws", self.sim.urls["aws"])}

    def a_secret_of_azure(self):
        vault = self.sim.urls["azure-tls"].rstrip("/")
        metadata = self.sim.urls["azure"].rstrip("/") + "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net"
        token = json.loads(self.curl("-H", "Metadata: true", metadata))["access_token"]
        curl = ["curl", "-s", "-q", "-H", "Metadata: true", metadata, "--next", "-s", "--cacert", self.sim.urls["ca"], "-H",
                "Authorization: Bearer " + token, vault + "/secrets/plain?api-version=7.6"]
        return {**self.ours("get", "azure-kv://corp/plain"), "curl": curl, **self.theirs("azure", vault)}

    def a_secret_of_google(self):
        url = self.sim.urls["gcp"].rstrip("/")
        from google.auth import jwt
        signed = jwt.Credentials.from_service_account_file(self.key, audience="https://secretmanager.googleapis.com/")
        signed.refresh(None)
        curl = ["curl", "-s", "-q", "-H", "Authorization: Bearer " + signed.token.decode(),
                url + "/v1/projects/sim-project/secrets/plain/versions/latest:access"]
        return {**self.ours("get", "gcp-sm://sim-project/plain"), "curl": curl, **self.theirs("google", url, self.key)}

    # --- and what it costs

    def count_requests(self, command):
        self.sim.admin("DELETE", "/log")
        ended = subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if ended.returncode != 0 or b"error" in ended.stdout.lower():
            sys.exit(f"peers.py: {command[:2]} failed: {ended.stdout.decode()}{ended.stderr.decode()}")
        return len(json.loads(self.sim.admin("GET", "/log")))

    def measure(self, commands):
        words = []
        for command in commands:
            words += ["--", *command]
        told = subprocess.run([f"{TESTS}/measure", ROUNDS, "-", *words[1:]], env=self.env, check=True, capture_output=True, text=True).stdout
        return [line.split("\t") for line in told.splitlines()]

    def compare(self, job, subjects):
        requests = []
        for name, command in subjects.items():
            if "agent" in name:
                self.count_requests(command)  # that which warms it up
            requests.append(self.count_requests(command))
        rows = [(job, name, *figures, str(count)) for name, figures, count in
                zip(subjects, self.measure(subjects.values()), requests)]
        print(f"{job}:")
        for _, name, wall, cpu, memory, count in rows:
            print(f"  {name:22} {float(wall):8.2f} ms {float(cpu):8.2f} ms of processor {float(memory):7.1f} MiB {count:>3} requests")
        return rows


def main():
    os.makedirs(OUT, exist_ok=True)
    with Simulator(f"{BIN}/mstr-sim", "--tls") as sim, tempfile.TemporaryDirectory(dir="/run" if os.geteuid() == 0 else None) as folder:
        bench = Bench(sim, folder)
        agent = subprocess.Popen([f"{BIN}/mstr-agent", "run", "--socket", bench.socket], env=bench.env, stderr=subprocess.DEVNULL)
        try:
            while subprocess.run([f"{BIN}/mstr-agent", "status", "--socket", bench.socket], env=bench.env, check=False,
                                 capture_output=True).returncode != 0 and agent.poll() is None:
                pass
            rows = [row for job, subjects in (("the job, AWS", bench.the_job()), ("a secret, AWS", bench.a_secret_of_aws()),
                                              ("a secret, Azure", bench.a_secret_of_azure()),
                                              ("a secret, Google", bench.a_secret_of_google()))
                    for row in bench.compare(job, subjects)]
        finally:
            agent.kill()
            agent.wait()
        with open(os.path.join(OUT, "peers.tsv"), "w", encoding="utf-8") as file:
            file.write("# " + "\t".join(COLUMNS) + "\n")
            for row, before in zip(rows, [rows[0], *rows]):
                file.write("\n\n" * (row[0] != before[0]) + "\t".join(row) + "\n")
        sim.admin("PUT", "/knobs/mstr", {"report_rows": 100000})
        grown = subprocess.run([f"{TESTS}/growth_bench", sim.urls["mstr"]], stdout=subprocess.PIPE, text=True, check=False)
        print(grown.stdout, end="")
        with open(os.path.join(OUT, "growth.tsv"), "w", encoding="utf-8") as file:
            file.write(grown.stdout)
        return grown.returncode


if __name__ == "__main__":
    sys.exit(main())

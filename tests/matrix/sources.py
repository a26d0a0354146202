# SPDX-License-Identifier: Apache-2.0
"""The rows of the matrix: every remote source, a line each, at the end. A line says which store it belongs to, which of the
simulator's requests are its own, how many requests a good run makes before, for and after it, how its service writes a refusal,
what arranges a run in which it is asked, what is peculiar to it, and its names in the network."""
import hashlib
import json
import os
import subprocess
import time
from dataclasses import dataclass
from typing import Callable

from azure_files import APP, ARC_TOKENS, HEADER, SECRET, TENANT, beside_arc, federated_token
from gcp_files import READER, SUBJECT_TOKEN, external_file, user_file
from simulator import ACCESS_KEY, SECRET_KEY

VALUE = "Simul8-analyst"  # which every store keeps, and MicroStrategy takes as a password
SAID = "you sent {sent}, which is no good"

# How services write a refusal; see the simulator for {sent}.
JSON_1_1 = {"__type": "EchoException", "message": SAID}
XML = f"<ErrorResponse><Error><Code>Echo</Code><Message>{SAID}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
OAUTH = {"error": "invalid_request", "error_description": SAID}
RPC = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": SAID}}
VAULT = {"error": {"code": "BadParameter", "message": SAID}}
ERRORS = {"errors": [SAID]}
STATUS = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": SAID, "reason": "BadRequest", "code": 400}
LIBRARY = {"code": "ERR006", "message": SAID, "ticketId": "1"}
TEXT = SAID


TRAITS = {
    "tls": "is spoken to in TLS",
    "aws": "obeys the settings of AWS",
    "secret": "is sent something secret",
    "link-local": "is on this machine or next to it",
    "detected": "is passed over where something else answers in its place",
    "once": "is never sent the same again",
    "counted": "counts what fails, so that it is sent again only where nobody took it",
    "spends": "takes what it is sent once, even if its answer is lost",
    "empty": "answers without a body",
    "mute": "has a refusal whose text is not told",
}


@dataclass(frozen=True, eq=False)
class Source:
    store: str  # the simulator's name of it
    short: str
    rule: dict  # matches its requests, as faults do
    requests: tuple  # that a good run makes before its first, its own, and after its last one
    refusal: object
    arrange: Callable
    traits: str = "tls secret"
    hosts: tuple = ()  # its usual name, the one with FIPS, the one with dual-stack

    def __post_init__(self):
        assert set(self.traits.split()) <= set(TRAITS), self.traits

    @property
    def name(self):
        return f"{self.store}/{self.short}"


class Impossible(Exception):
    """What this machine does not let a test arrange."""


# Arrangements: each makes a run out of a bare one, see stage.Run.

def aws(run, reference="aws-sm:prod/mstr#password"):
    run.section, run.arguments = f"provider {reference.split(':')[0]}", ["get", reference]
    run.env.update(AWS_REGION="us-east-1")
    if not run.real:
        run.env["AWS_ENDPOINT_URL"] = run.https


def keys(run, reference="aws-sm:prod/mstr#password"):
    aws(run, reference)
    run.env.update(AWS_ACCESS_KEY_ID=ACCESS_KEY, AWS_SECRET_ACCESS_KEY=SECRET_KEY)


def parameter(run):
    keys(run, "aws-ssm:/prod/mstr/password")


def role(run):
    aws(run)
    run.profile += ["role_arn = arn:aws:iam::123456789012:role/reader", "source_profile = own"]
    run.file(".aws/credentials", f"[own]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n")


def web_identity(run):
    aws(run)
    run.env.update(AWS_ROLE_ARN="arn:aws:iam::123456789012:role/web",
                   AWS_WEB_IDENTITY_TOKEN_FILE=run.file("web", "sim-web-identity-token"))


def sso(run, **login):
    aws(run)
    run.profile += ["sso_session = dev", "sso_account_id = 123456789012", "sso_role_name = Reader"]
    run.more = "[sso-session dev]\nsso_region = us-east-1\nsso_start_url = https://corp.example/start\n"
    login = {"accessToken": "sim-sso-access-token", "expiresAt": "2035-01-01T00:00:00Z"} | login
    run.file(f".aws/sso/cache/{hashlib.sha1(b'dev').hexdigest()}.json", json.dumps(login))


def sso_renewed(run):
    sso(run, expiresAt="2020-01-01T00:00:00Z", refreshToken="sim-sso-refresh-token", clientId="sim-sso-client",
        clientSecret="sim-sso-client-secret", registrationExpiresAt="2035-01-01T00:00:00Z")


def sign_in(run):
    aws(run)
    run.sim.reset()  # its refresh tokens are good once
    session = "arn:aws:sts::123456789012:assumed-role/Admin/admin"
    run.profile += [f"login_session = {session}"]
    key = subprocess.run(["openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout"], check=True, text=True,
                         stdout=subprocess.PIPE).stdout
    run.file(f".aws/login/cache/{hashlib.sha256(session.encode()).hexdigest()}.json", json.dumps(
        {"accessToken": {"accessKeyId": "ASIAOLD", "secretAccessKey": "s", "sessionToken": "t", "accountId": "123456789012",
                         "expiresAt": "2020-01-01T00:00:00Z"},
         "tokenType": "aws_sigv4", "refreshToken": "sim-login-refresh-token", "idToken": "id",
         "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": key}))


def instance(run):
    aws(run)
    run.env.update(AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=run.plain,
                   AWS_METADATA_SERVICE_TIMEOUT="20")  # where many tests run, a second is soon over


def container(run):
    aws(run)
    run.env.update(AWS_CONTAINER_CREDENTIALS_FULL_URI=run.plain + "/v1/credentials",
                   AWS_CONTAINER_AUTHORIZATION_TOKEN="sim-container-token")


def azure(run, **env):
    run.section, run.arguments = "provider azure-kv", ["get", "azure-kv://corp/mstr#password"]
    run.env.update({"AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://127.0.0.1:1", "PATH": "/nonexistent", **env})
    if not run.real:
        run.options.update(endpoint=run.https, authority_host=run.https)


def principal(run, **env):
    azure(run, AZURE_TENANT_ID=TENANT, AZURE_CLIENT_ID=APP, **env)


def client_secret(run):
    principal(run, AZURE_CLIENT_SECRET=SECRET)


def client_certificate(run):
    principal(run, AZURE_CLIENT_CERTIFICATE_PATH=run.stage.certificates.pem)


def workload_identity(run):
    now = int(time.time())
    token = federated_token(run.sim, nbf=now - 7200, exp=now + 7200)  # of a cluster whose clock the authority agrees with
    principal(run, AZURE_FEDERATED_TOKEN_FILE=run.file("federated", token))


def pipeline(run):
    azure(run, AZURE_TOKEN_CREDENTIALS="AzurePipelinesCredential", AZURESUBSCRIPTION_TENANT_ID=TENANT,
          AZURESUBSCRIPTION_CLIENT_ID=APP, AZURESUBSCRIPTION_SERVICE_CONNECTION_ID="cccccccc-0000-0000-0000-000000000001",
          SYSTEM_ACCESSTOKEN="sim-system-access-token", SYSTEM_OIDCREQUESTURI=run.at("dev.azure.com") + "/pipelines/oidctoken")


def machine_in_chain(run, **env):
    azure(run, AZURE_POD_IDENTITY_AUTHORITY_HOST=run.plain, **env)
    run.options.update(imds_timeout="20s")


def machine(run):
    machine_in_chain(run, AZURE_TOKEN_CREDENTIALS="ManagedIdentityCredential")


def app_service(run):
    azure(run, IDENTITY_ENDPOINT=run.plain + "/msi/token", IDENTITY_HEADER=HEADER)


def arc(run):
    folder = os.path.join(run.home, "arc")
    os.mkdir(folder)
    azure(run, IDENTITY_ENDPOINT=run.plain + "/arc/metadata/identity/oauth2/token", IMDS_ENDPOINT="x")
    run.sim.admin("PUT", "/knobs/azure", {"arc_key_file": folder + "/sim.key", "arc_key_shown": ARC_TOKENS + "/sim.key"})
    run.prefix = beside_arc(folder)
    if subprocess.run([*run.prefix, "/bin/true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        raise Impossible("this machine lets no process have a namespace of its own")


def google(run, credentials=None, **env):
    run.section, run.arguments = "provider gcp-sm", ["get", "gcp-sm://sim-project/mstr#password"]
    run.env.update({"NO_GCE_CHECK": "true", **env})
    if credentials:
        run.env["GOOGLE_APPLICATION_CREDENTIALS"] = run.file("credentials.json", json.dumps(credentials))
    if not run.real:
        run.options.update(endpoint=run.https)


def user(run):
    google(run, user_file(run.at("oauth2.googleapis.com") + "/token"))


def self_signed(run):
    google(run, run.stage.google_key)


def exchanged(run):
    """Without its id a key signs no token for the service itself."""
    key = run.stage.google_key | {"token_uri": run.at("oauth2.googleapis.com") + "/token"}
    google(run, {name: value for name, value in key.items() if name != "private_key_id"})


def metadata_server(run):
    google(run, NO_GCE_CHECK="false", GCE_METADATA_HOST=run.plain.removeprefix("http://"))


def federation(run, **more):
    file = external_file(run.at("sts.googleapis.com"), {"file": run.file("subject", SUBJECT_TOKEN)})
    google(run, file | more)


def federation_by_url(run):
    federation(run, credential_source={
        "url": run.at("subjects.googleapis.com") + "/subject?format=json", "headers": {"Metadata": "True"},
        "format": {"type": "json", "subject_token_field_name": "access_token"}})


def impersonation(run):
    url = run.at("iamcredentials.googleapis.com")
    federation(run, service_account_impersonation_url=f"{url}/v1/projects/-/serviceAccounts/{READER}:generateAccessToken")


def boundary(run):
    impersonation(run)
    run.env.update(GOOGLE_AUTH_TRUST_BOUNDARY_ENABLED="true")


def vault(run, **options):
    run.section, run.arguments = "provider vault", ["get", "vault:secret/prod/mstr#password"]
    run.options.update(address=run.at("vault.example.com"), **options)


def vault_token(run):
    vault(run, token="hvs.sim-reader")


def approle(run):
    vault(run, role_id="11111111-aaaa-4aaa-8aaa-111111111111", secret_id="22222222-bbbb-4bbb-8bbb-222222222222")


def kubernetes(run):
    run.section, run.arguments = "provider k8s", ["get", "k8s://default/mstr#password"]
    run.env.update(KUBECONFIG=run.file("kubeconfig", "current-context: sim\n"
                                       "contexts: [{name: sim, context: {cluster: c, user: u}}]\n"
                                       f"clusters: [{{name: c, cluster: {{server: '{run.at('k8s.example.com')}'}}}}]\n"
                                       "users: [{name: u, user: {token: sim-k8s-token}}]\n"))


def library(run):
    run.section, run.arguments, run.answer = "profile default", ["projects"], "MicroStrategy Tutorial"
    base = "https://mstr.example.com" if run.real else run.https
    run.options.update(base_url=f"{base}/MicroStrategyLibrary/api/", username="analyst", password=VALUE)


REGION = "us-east-1.amazonaws.com"
ENTRA = ("login.microsoftonline.com",)


def regional(name):
    return (f"{name}.{REGION}", f"{name}-fips.{REGION}", f"{name}.us-east-1.api.aws")


SOURCES = [
    Source("aws", "Secrets Manager", {"target": "secretsmanager.*"}, (0, 1, 0), JSON_1_1, keys, "tls secret aws",
           (f"secretsmanager.{REGION}", f"secretsmanager-fips.{REGION}", f"secretsmanager.{REGION}")),
    Source("aws", "Parameter Store", {"target": "AmazonSSM.*"}, (0, 1, 0), JSON_1_1, parameter, "tls secret aws", regional("ssm")),
    Source("aws", "STS, role", {"path": "/"}, (0, 1, 1), XML, role, "tls secret aws", regional("sts")),
    Source("aws", "STS, web identity", {"path": "/"}, (0, 1, 1), XML, web_identity, "tls secret aws", regional("sts")),
    Source("aws", "SSO", {"path": "/federation/*"}, (0, 1, 1), JSON_1_1, sso, "tls secret aws",
           (f"portal.sso.{REGION}", f"portal.sso-fips.{REGION}", "portal.sso.us-east-1.api.aws")),
    Source("aws", "SSO-OIDC", {"path": "/token"}, (0, 1, 2), OAUTH, sso_renewed, "tls secret aws", regional("oidc")),
    Source("aws", "sign-in", {"path": "/v1/token"}, (0, 1, 1), JSON_1_1, sign_in, "tls secret aws spends",
           ("us-east-1.signin.aws.amazon.com", f"signin-fips.{REGION}", "signin.us-east-1.api.aws")),
    Source("aws", "IMDS, session", {"path": "/latest/api/token"}, (0, 3, 1), TEXT, instance, "aws link-local detected"),
    Source("aws", "IMDS, keys", {"path": "*/simulator-instance"}, (2, 1, 1), TEXT, instance, "secret aws mute link-local"),
    Source("aws", "container", {"path": "/v1/credentials"}, (0, 1, 1), TEXT, container, "secret aws link-local"),

    Source("azure", "Key Vault", {"path": "/secrets/*"}, (1, 1, 0), VAULT, client_secret, hosts=("corp.vault.azure.net",)),
    Source("azure", "Entra, secret", {"path": "*/token"}, (0, 1, 1), OAUTH, client_secret, hosts=ENTRA),
    Source("azure", "Entra, certificate", {"path": "*/token"}, (0, 1, 1), OAUTH, client_certificate, hosts=ENTRA),
    Source("azure", "Entra, workload identity", {"path": "*/token"}, (0, 1, 1), OAUTH, workload_identity, hosts=ENTRA),
    Source("azure", "Pipelines", {"path": "/pipelines/*"}, (0, 1, 2), TEXT, pipeline, "tls secret mute", ("dev.azure.com",)),
    Source("azure", "IMDS in the chain", {"path": "/metadata/*"}, (0, 1, 1), OAUTH, machine_in_chain, "link-local detected"),
    Source("azure", "IMDS alone", {"path": "/metadata/*"}, (0, 1, 1), OAUTH, machine, "link-local detected"),
    Source("azure", "App Service", {"path": "/msi/*"}, (0, 1, 1), OAUTH, app_service, "secret link-local"),
    Source("azure", "Arc", {"path": "/arc/*"}, (0, 2, 1), OAUTH, arc, "link-local"),

    Source("gcp", "Secret Manager", {"path": "*:access"}, (0, 1, 0), RPC, self_signed, hosts=("secretmanager.googleapis.com",)),
    Source("gcp", "OAuth, key", {"path": "/token"}, (0, 1, 1), OAUTH, exchanged, hosts=("oauth2.googleapis.com",)),
    Source("gcp", "OAuth, user", {"path": "/token"}, (0, 1, 1), OAUTH, user, hosts=("oauth2.googleapis.com",)),
    Source("gcp", "STS", {"path": "/v1/token"}, (0, 1, 1), OAUTH, federation, hosts=("sts.googleapis.com",)),
    Source("gcp", "IAM Credentials", {"path": "*:generateAccessToken"}, (1, 1, 1), RPC, impersonation,
           hosts=("iamcredentials.googleapis.com",)),
    Source("gcp", "allowed locations", {"path": "*/allowedLocations"}, (2, 1, 1), RPC, boundary,
           hosts=("iamcredentials.googleapis.com",)),
    Source("gcp", "subject's URL", {"path": "/subject"}, (0, 1, 2), TEXT, federation_by_url, "tls", ("subjects.googleapis.com",)),
    Source("gcp", "metadata server", {"path": "/computeMetadata/*"}, (0, 1, 1), TEXT, metadata_server, "link-local"),

    Source("vault", "key/value", {"path": "/v1/secret/*"}, (1, 1, 0), ERRORS, vault_token, hosts=("vault.example.com",)),
    Source("vault", "mounts", {"path": "/v1/sys/internal/*"}, (0, 1, 1), ERRORS, vault_token, hosts=("vault.example.com",)),
    Source("vault", "AppRole", {"path": "*/login"}, (0, 1, 3), ERRORS, approle, "tls secret counted", ("vault.example.com",)),

    Source("k8s", "API server", {"path": "*/secrets/*"}, (0, 1, 0), STATUS, kubernetes, hosts=("k8s.example.com",)),

    Source("mstr", "login", {"path": "*/auth/login"}, (0, 1, 2), LIBRARY, library, "tls secret empty once", ("mstr.example.com",)),
    Source("mstr", "requests", {"path": "*/projects"}, (2, 1, 0), LIBRARY, library, hosts=("mstr.example.com",)),
]

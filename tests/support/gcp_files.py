"""What Google's clients read: credential files for the simulator's identities, and JSON Web Tokens signed with its keys."""
import base64
import json
import os
import subprocess
import urllib.error
import urllib.parse
import urllib.request

READER = "reader@sim-project.iam.gserviceaccount.com"
DEPUTY = "deputy@sim-project.iam.gserviceaccount.com"
NOBODY = "nobody@sim-project.iam.gserviceaccount.com"
MACHINE = "machine@sim-project.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
POOL = "//iam.googleapis.com/projects/111122223333/locations/global/workloadIdentityPools/sim/providers/"
WORKFORCE = "//iam.googleapis.com/locations/global/workforcePools/sim/providers/oidc"
SUBJECT_TOKEN = "sim.subject.token"
JWT_TYPE = "urn:ietf:params:oauth:token-type:jwt"
ID_TYPE = "urn:ietf:params:oauth:token-type:id_token"
AWS_TYPE = "urn:ietf:params:aws:token-type:aws4_request"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def user_file(token_uri=None, **more):
    file = {"type": "authorized_user", "client_id": "sim-client.apps.googleusercontent.com",
            "client_secret": "sim-client-secret", "refresh_token": "1//sim-refresh-token", **more}
    return file | ({"token_uri": token_uri} if token_uri else {})


def workforce_user_file(url, **more):
    return {"type": "external_account_authorized_user", "audience": WORKFORCE, "token_url": url + "/v1/oauthtoken",
            "client_id": "sim-workforce-client", "client_secret": "sim-workforce-secret",
            "refresh_token": "sim-workforce-refresh-token", **more}


def external_file(url, source, provider="oidc", token_type=JWT_TYPE, impersonate=None, **more):
    file = {"type": "external_account", "audience": POOL + provider, "subject_token_type": token_type,
            "token_url": url + "/v1/token", "credential_source": source, **more}
    if impersonate:
        file["service_account_impersonation_url"] = impersonation_url(url, impersonate)
    return file


def impersonation_url(url, email):
    return f"{url}/v1/projects/-/serviceAccounts/{email}:generateAccessToken"


def key_file(sim, email=READER, **more):
    """A new key of the simulator's, good until its next reset."""
    return json.loads(sim.admin("POST", "/keys", {"service": "gcp", "email": email,
                                                  "token_uri": sim.urls["gcp"] + "/token"})) | more


def unpad(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4)))


def decode_jwt(text):
    header, claims, _ = text.split(".")
    return decoded(header), decoded(claims)


def sign_jwt(folder, key, claims, header=None):
    """Signed by the openssl program, with which neither side shares code."""
    path = os.path.join(folder, "key.pem")
    with open(path, "w", encoding="ascii") as file:
        file.write(key["private_key"])
    header = {"alg": "RS256", "typ": "JWT", "kid": key["private_key_id"]} if header is None else header
    text = unpad(json.dumps(header).encode()) + "." + unpad(json.dumps(claims).encode())
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", path], input=text.encode(), check=True,
                               stdout=subprocess.PIPE).stdout
    return text + "." + unpad(signature)


def send(url, form=None, headers=None, body=None, method=None):
    """Status, headers and body of an answer, whatever the status; JSON is parsed."""
    data = body if form is None else urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url, data=data, headers=headers or {}, method=method)
    try:
        answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        text = answer.read()
        return answer.status, answer.headers, json.loads(text) if text[:1] in (b"{", b"[") else text

# SPDX-License-Identifier: Apache-2.0
"""What Google's clients read: credential files for the simulator's identities, and JSON Web Tokens signed with its keys."""
import json
import os

from wire import encode_jwt

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


def sign_jwt(folder, key, claims, header=None):
    path = os.path.join(folder, "key.pem")
    with open(path, "w", encoding="ascii") as file:
        file.write(key["private_key"])
    return encode_jwt(path, claims, header or {"alg": "RS256", "typ": "JWT", "kid": key["private_key_id"]})

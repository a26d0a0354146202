# SPDX-License-Identifier: Apache-2.0
"""What goes over the wire, made and read with code that neither side shares: requests, and JSON Web Tokens. And ports where it
ends."""
import base64
import json
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request


def unpad(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def decoded(part):
    return json.loads(base64.urlsafe_b64decode(part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4)))


def decode_jwt(text):
    header, claims, _ = text.split(".")
    return decoded(header), decoded(claims)


def encode_jwt(key_file, claims, header):
    """Signed by the openssl program, as the header's algorithm says."""
    padding = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"] if header["alg"] == "PS256" else []
    text = unpad(json.dumps(header).encode()) + "." + unpad(json.dumps(claims).encode())
    signature = subprocess.run(["openssl", "dgst", "-sha256", *padding, "-sign", key_file], input=text.encode(), check=True,
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


def bound(test, listen=False):
    """A socket of a test's own on loopback, which refuses connections, or lets them come and never answers."""
    server = socket.socket()
    test.addCleanup(server.close)
    server.bind(("127.0.0.1", 0))
    if listen:
        server.listen()
    return server

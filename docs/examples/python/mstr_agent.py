# SPDX-License-Identifier: Apache-2.0
"""Secrets, and requests to MicroStrategy, by the agent of this user or host (mstr-agent(1)). One file to copy, over the
standard library alone; Linux.

    import mstr_agent

    password = mstr_agent.get("aws-sm:prod/db#password")          # text; get_bytes() for octets

    with mstr_agent.Session("default") as session:                # [profile default]; no login, no logout
        for project in session.get("projects").json():
            print(project["id"], project["name"])
        report = session.post("v2/reports/8CCDA29611E943E8B5FB0080EFD5AF44/instances", project=project["id"],
                              params={"limit": 1000}, json={})
        report.raise_for_status()

The socket is that of MSTR_AGENT, else the usual one. A listener that is neither this user nor root gets nothing.
"""
import http.client
import json as json_module
import os
import socket
import struct
import urllib.parse

__all__ = ["get", "get_bytes", "Session", "Response", "AgentError", "Absent"]


class AgentError(Exception):
    """What the agent refuses or fails to do."""

    def __init__(self, message, status=None):
        super().__init__(message)
        self.status = status


class Absent(AgentError):
    """There is no agent, or none that can be believed."""


def socket_paths():
    """Where an agent's socket may be, the first one first (mstr-config(5), [agent])."""
    chosen = os.environ.get("MSTR_AGENT", "")
    if chosen.startswith("/"):
        return [chosen]
    user = os.geteuid()
    folders = [] if user == 0 else [os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{user}"]
    return [f"{folder}/mstr/agent.sock" for folder in [*folders, "/run"] if folder.startswith("/")]


def _connect(path, timeout):
    if path.startswith("/tmp/"):
        raise Absent(f"{path} is below /tmp, where anybody may be first")
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.connect(path)
        _, user, _ = struct.unpack("iII", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if user not in (0, os.geteuid()):
            raise Absent(f"user {user} listens at {path}, whom user {os.geteuid()} does not trust")
    except BaseException:
        connection.close()
        raise
    return connection


class _Connection(http.client.HTTPConnection):
    def __init__(self, path=None, timeout=None):
        super().__init__("localhost", timeout=timeout)
        self.paths = [path] if path else socket_paths()

    def connect(self):
        failure = None
        for path in self.paths:
            try:
                self.sock = _connect(path, self.timeout)
                return
            except OSError as error:
                failure = failure or Absent(f"nobody listens at {path}: {error.strerror or error}")
        raise failure or Absent("there is no place for an agent's socket")


def _detail(status, body):
    try:
        problem = json_module.loads(body)
        return problem.get("detail") or problem.get("message") or problem["title"]
    except (ValueError, KeyError, AttributeError, TypeError):
        return f"the agent answers {status}"


def get_bytes(reference, *, path=None, timeout=30):
    """The octets of a reference, field and all."""
    secret, _, field = reference.partition("#")
    query = {"reference": secret, **({"field": field} if field else {"whole": "1"})}
    connection = _Connection(path, timeout)
    try:
        connection.request("GET", "/v1/secret?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote))
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise AgentError(_detail(answer.status, body), answer.status)
    return body


def get(reference, *, path=None, timeout=30):
    """The value of a reference as text."""
    return get_bytes(reference, path=path, timeout=timeout).decode()


class Response:
    """An answer of the server, as requests has it."""

    def __init__(self, answer, method):
        self.method = method
        self.status_code = answer.status
        self.reason = answer.reason
        self.headers = answer.headers
        self.content = answer.read()

    @property
    def ok(self):
        return self.status_code < 400

    @property
    def text(self):
        return self.content.decode(self.headers.get_content_charset("utf-8"), "replace")

    def json(self):
        return json_module.loads(self.content)

    def raise_for_status(self):
        if not self.ok:
            raise AgentError(f"{self.method}: {self.status_code}: {_detail(self.status_code, self.content)}", self.status_code)


class Session:
    """Requests to the server of a profile, in the agent's own session with it. For one thread at a time."""

    def __init__(self, profile="default", *, path=None, timeout=300):
        self.base = f"/session/{urllib.parse.quote(profile, safe='')}/"
        self.headers = {"Accept": "application/json"}
        self._connection = _Connection(path, timeout)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        self._connection.close()

    def request(self, method, url, *, params=None, json=None, data=None, headers=None, project=None):
        """`url` is below the server's api/. `project` is the id of a project."""
        target = self.base + url.lstrip("/")
        if params:
            target += ("&" if "?" in target else "?") + urllib.parse.urlencode(params, doseq=True)
        sent = {**self.headers, **(headers or {})}
        if json is not None:
            data = json_module.dumps(json).encode()
            sent.setdefault("Content-Type", "application/json")
        if project is not None:
            sent["X-MSTR-ProjectID"] = project
        for again in (method in ("GET", "HEAD"), False):  # a connection that was kept may have ended meanwhile
            try:
                self._connection.request(method, target, body=data, headers=sent)
                return Response(self._connection.getresponse(), method)
            except (ConnectionError, http.client.HTTPException):
                self._connection.close()
                if not again:
                    raise

    def get(self, url, **more):
        return self.request("GET", url, **more)

    def head(self, url, **more):
        return self.request("HEAD", url, **more)

    def post(self, url, **more):
        return self.request("POST", url, **more)

    def put(self, url, **more):
        return self.request("PUT", url, **more)

    def patch(self, url, **more):
        return self.request("PATCH", url, **more)

    def delete(self, url, **more):
        return self.request("DELETE", url, **more)

# SPDX-License-Identifier: Apache-2.0
"""A server of the REST API for tests of the session proxy: counts logins, ends sessions when told, tells what it was sent,
and streams bodies of any length."""
import hashlib
import http.server
import json
import threading

PIECE = 64 * 1024


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body=None, headers=()):
        octets = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if body is not None:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(octets)

    def pieces(self):
        """The request's body, as it comes."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while (size := int(self.rfile.readline(), 16)) > 0:
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        left = int(self.headers.get("Content-Length") or 0)
        while left > 0:
            piece = self.rfile.read(min(left, PIECE))
            left -= len(piece)
            yield piece

    def answer(self):
        path, _, query = self.path.partition("?")
        digest, length = hashlib.sha256(), 0
        for piece in self.pieces():
            digest.update(piece)
            length += len(piece)
        name = path.removeprefix("/Library/api/")
        library = self.server.library
        with library.lock:
            library.seen.append((self.command, path))
        if name == "auth/login":
            self.log_in()
        elif name == "auth/delegate":
            self.reply(204, None, [("X-MSTR-AuthToken", "delegated"), ("Set-Cookie", "JSESSIONID=delegated; Path=/")])
        elif name == "auth/logout":
            with library.lock:
                library.logouts += 1
            self.reply(204)
        elif self.headers.get("X-MSTR-AuthToken") not in library.tokens:
            self.reply(401, {"code": "ERR009", "message": "The user's session has expired.", "ticketId": "t"})
        elif name == "busy":
            self.reply(503, {"code": "ERR001", "message": "busy", "ticketId": "t"})
        elif name == "slow":
            self.be_slow()
        elif name == "big":
            self.stream(int(query))
        elif name == "broken":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"half")
            self.close_connection = True
        elif name == "away":
            self.reply(302, {}, [("Location", query or "/Library/api/projects")])
        elif name == "switch":
            self.send_response(101)
            self.end_headers()
            self.close_connection = True
        elif name == "twice":
            self.send_response(200)
            self.send_header("Content-Length", "9")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"2\r\nhi\r\n0\r\n\r\n")
        elif "/instances/" in name and name not in library.instances:
            self.reply(404, {"code": "ERR004", "message": "no such instance", "ticketId": "t"})
        else:
            self.reply(200, {"method": self.command, "path": self.path, "headers": self.headers.items(), "length": length,
                             "sha256": digest.hexdigest()},
                       [("Set-Cookie", "a=b"), ("X-MSTR-IdentityToken", "i"), ("WWW-Authenticate", "Basic"), ("X-MSTR-Total-Count", "7"),
                        ("Connection", "keep-alive"), ("Connection", "X-Hop"), ("X-Hop", "1")])

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = answer

    def log_in(self):
        library = self.server.library
        with library.lock:
            library.logins += 1
            token = f"server-token-{library.logins}"
            if not library.refuses:
                library.tokens = {token}
        if library.refuses:
            self.reply(401, {"code": "ERR003", "message": "Login failure", "ticketId": "t"})
        else:
            self.reply(204, None, [("X-MSTR-AuthToken", token), ("Set-Cookie", "JSESSIONID=secret; Path=/")])

    def be_slow(self):
        """Answers once it may, or sees that nobody waits any more."""
        library = self.server.library
        library.waiting.release()
        self.connection.settimeout(0.05)
        while not library.go.is_set():
            try:
                if self.connection.recv(1) == b"":
                    library.left.release()
                    self.close_connection = True
                    return
            except TimeoutError:
                pass
        self.connection.settimeout(None)
        self.reply(200, {})

    def stream(self, length):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while length > 0:
            piece = b"x" * min(PIECE, length)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            length -= len(piece)
            self.server.library.sent += len(piece)
        self.wfile.write(b"0\r\n\r\n")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *_):
        pass  # a client that has gone


class Library:
    """Ends with the with block."""

    def __init__(self):
        self.lock = threading.Lock()
        self.tokens, self.instances, self.seen = set(), set(), []
        self.logins = self.logouts = self.sent = 0
        self.refuses = False
        self.go, self.waiting, self.left = threading.Event(), threading.Semaphore(0), threading.Semaphore(0)
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.library = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/Library/api/"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def expire(self):
        with self.lock:
            self.tokens = set()

    def close(self):
        self.go.set()
        self.server.shutdown()
        self.server.server_close()

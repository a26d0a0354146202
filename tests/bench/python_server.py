# SPDX-License-Identifier: Apache-2.0
"""A server in Python on loopback, as stand-ins for real ones mostly are: logs everybody in and answers every GET with a user.
Prints its base URL."""
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USER = b'{"id":"0123456789ABCDEF","fullName":"A. User"}'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet an answer

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(204, b"", [("X-MSTR-AuthToken", "token-1"), ("Set-Cookie", "JSESSIONID=s1; Path=/")])

    def do_GET(self):
        self.answer(200, USER)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(f"http://127.0.0.1:{server.server_port}/api/", flush=True)
server.serve_forever()

# SPDX-License-Identifier: Apache-2.0
"""Servers of a test's own, on loopback, for what the simulator does not do."""
import http.server
import threading


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers in one go, and logs nothing."""

    def log_message(self, *_):
        pass

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve(handler):
    """A server whose threads end with this process; to be shut down and closed."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server

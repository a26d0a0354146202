# SPDX-License-Identifier: Apache-2.0
"""A gate before a service of the simulator that lets only those in who show a certificate in TLS."""
import http.server
import os
import ssl
import subprocess
import threading
import urllib.request


def make_certificate(folder, name):
    """The paths of a new self-signed certificate and its key."""
    paths = [os.path.join(folder, name + end) for end in (".pem", ".key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-out", paths[0], "-keyout", paths[1]],
                   check=True, stderr=subprocess.DEVNULL)
    return paths


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        names = dict(pair for part in self.connection.getpeercert()["subject"] for pair in part)
        self.server.subjects.append(names["commonName"])
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = urllib.request.Request(self.server.behind + self.path, data=body,
                                         headers={"Content-Type": self.headers["Content-Type"]})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            content = answer.read()
            self.send_response(answer.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


class Gate(http.server.ThreadingHTTPServer):
    """Serves from now on; `subjects` are the common names of those who came."""

    def __init__(self, behind, certificate, key, trusted):
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.load_verify_locations(trusted)
        context.verify_mode = ssl.CERT_REQUIRED
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.behind = behind
        self.subjects = []
        self.url = f"https://localhost:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()

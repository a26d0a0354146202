# SPDX-License-Identifier: Apache-2.0
"""An HTTP proxy that leads every CONNECT to one port of loopback, whatever name was asked for, or to the one that a function of the
name gives, and remembers what it was asked: a way to clients that know only their services' real names."""
import contextlib
import socket
import socketserver
import threading


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            chunk = self.request.recv(4096)
            if not chunk:
                return
            head += chunk
        method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
        self.server.asked.append((method, target))
        if method != "CONNECT":
            self.request.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        port = self.server.port(target) if callable(self.server.port) else self.server.port
        with socket.create_connection(("127.0.0.1", port)) as other:
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=copy, args=(other, self.request), daemon=True)
            back.start()
            copy(self.request, other)
            back.join()


def copy(source, target):
    try:
        while chunk := source.recv(65536):
            target.sendall(chunk)
    except OSError:
        pass  # one side has gone
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)  # and the other shall notice


class Proxy(socketserver.ThreadingTCPServer):
    """Serves from now on; `asked` holds (method, target) of each request."""
    daemon_threads = True

    def __init__(self, port):
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = port
        self.asked = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()

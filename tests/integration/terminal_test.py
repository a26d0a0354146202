# SPDX-License-Identifier: Apache-2.0
"""The tool as people see it: under a pseudo-terminal of a given width, with colour or without, while it waits, when it is
interrupted, and with a server whose texts would command the terminal. Through the real binary."""
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from server import Answering, serve
from simulator import environment

MSTR = os.environ["MSTR_BIN"]
EVIL = "x\x1b[2J\x1b]0;owned\x07\u202e\u200b\x9b31m"
LONGEST = 120 # s, under the slowest of tools


class Server(Answering):
    """A Library server whose every text is an attack; `slow` is sent in two halves, the second once `go` is set."""
    protocol_version = "HTTP/1.1"
    go = threading.Event()
    began = threading.Event()
    ended = threading.Event()

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("/logout"):
            self.ended.set()
        self.answer(204, b"", X_MSTR_AuthToken="token")

    def do_GET(self):
        if self.path.endswith("/projects"):
            self.answer(200, json.dumps([{"id": EVIL, "name": EVIL}]).encode())
        elif self.path.endswith("/slow"):
            self.send_response(200)
            self.send_header("Content-Length", "200000")
            self.end_headers()
            self.wfile.write(b"a" * 100000)
            self.wfile.flush()
            self.began.set()
            self.go.wait(LONGEST)
            try:
                self.wfile.write(b"b" * 100000)
            except OSError:
                pass
        elif self.path.endswith("/raw"): # a character in two pieces, one that commands, and one that is cut off
            body = b"a\xc3\xa9\x1b[2J\xc2\x9b31m\n\tb\xe2\x82"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for octet in body:
                self.wfile.write(bytes([octet]))
                self.wfile.flush()
        elif self.path.endswith("/headers"):
            self.answer(200, b"{}", X_Evil="a\x1b[2Jb")
        else:
            self.answer(404, json.dumps({"code": "ERR004", "message": EVIL, "ticketId": EVIL}).encode())


class Terminal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = serve(Server)
        cls.folder = tempfile.TemporaryDirectory()
        cls.config = os.path.join(cls.folder.name, "config")
        with open(cls.config, "w", encoding="utf-8") as file:
            file.write(f"[profile default]\nbase_url = http://127.0.0.1:{cls.server.server_port}/api/\n"
                       "username = ann\npassword = ${env:PW}\n")

    @classmethod
    def tearDownClass(cls):
        Server.go.set()
        cls.server.shutdown()
        cls.server.server_close()
        cls.folder.cleanup()

    def setUp(self):
        for event in (Server.go, Server.began, Server.ended):
            event.clear()

    def start(self, *arguments, columns=80, streams=("stdout", "stderr"), **variables):
        """The process, and the terminal's other end."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        env = environment(MSTR_CONFIG=self.config, PW="c4n4ry", **{"TERM": "xterm-256color", **variables})
        others = {stream: subprocess.DEVNULL for stream in {"stdout", "stderr"} - set(streams)}
        process = subprocess.Popen([MSTR, *arguments], env=env, stdin=theirs, start_new_session=True,
                                   **others, **{stream: theirs for stream in streams})
        os.close(theirs)
        self.addCleanup(os.close, ours)
        return process, ours

    def read(self, ours, until=None):
        seen = b""
        while until is None or until not in seen:
            self.assertTrue(select.select([ours], [], [], LONGEST)[0], seen)
            try:
                piece = os.read(ours, 65536)
            except OSError: # nobody has the other end any more
                break
            seen += piece
            if not piece:
                break
        return seen

    def run_to_end(self, *arguments, **more):
        process, ours = self.start(*arguments, **more)
        seen = self.read(ours)
        return process.wait(LONGEST), seen.decode(errors="surrogateescape").replace("\r\n", "\n")

    def assert_harmless(self, seen):
        for character in "\x1b\x07\x9b\u202e\u200b":
            self.assertNotIn(character, seen)

    def test_no_text_of_the_server_commands_the_terminal(self):
        for arguments, status in ((["projects"], 0), (["api", "nowhere"], 4), (["api", "-i", "nowhere"], 4),
                                  (["api", "--error-body", "stdout", "nowhere"], 4), (["api", "-i", "headers"], 0),
                                  (["--json", "api", "nowhere"], 4)):
            got, seen = self.run_to_end(*arguments)
            self.assertEqual(got, status, seen)
            self.assert_harmless(seen)
            self.assertNotIn("c4n4ry", seen)

    def test_a_body_is_shown_in_its_characters_and_lines(self):
        status, seen = self.run_to_end("api", "raw")
        self.assertEqual((status, seen.expandtabs()), (0, "a\u00e9\\u{1B}[2J\\u{9B}31m\n        b\\xE2\\x82\n"))

    def test_width_and_colour_change_nothing_that_is_written(self):
        _, wide = self.run_to_end("help", "api", columns=200)
        for more in ({"columns": 20}, {"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertEqual(self.run_to_end("help", "api", **more), (0, wide)) # no pager waits either
        self.assertNotIn("\x1b", wide)

    def test_progress_is_one_line_that_is_wiped_away(self):
        kept = os.path.join(self.folder.name, "slow")
        process, ours = self.start("api", "-o", kept, "slow", streams=("stderr",))
        seen = self.read(ours, until=b"100000 octets")
        self.assertFalse(os.path.exists(kept))
        Server.go.set()
        seen += self.read(ours)
        self.assertEqual(process.wait(LONGEST), 0)
        self.assertTrue(seen.endswith(b"\r\x1b[K"), seen)
        self.assertNotIn(b"\n", seen)
        self.assertEqual(os.path.getsize(kept), 200000)
        os.remove(kept)

    def test_nothing_moves_where_it_is_not_wanted(self):
        Server.go.set()
        for arguments, variables in ((["--quiet", "api", "-o", "/dev/null", "slow"], {}),
                                     (["api", "-o", "/dev/null", "slow"], {"TERM": "dumb"})):
            status, seen = self.run_to_end(*arguments, streams=("stderr",), **variables)
            self.assertEqual((status, seen), (0, ""))

    def test_an_interrupt_leaves_no_file_no_line_and_no_session(self):
        kept = os.path.join(self.folder.name, "slow")
        process, ours = self.start("api", "-o", kept, "slow", streams=("stderr",))
        self.read(ours, until=b"octets")
        os.killpg(process.pid, signal.SIGINT)
        seen = self.read(ours)
        self.assertEqual(process.wait(LONGEST), 130)
        self.assertIn(b"mstr: ", seen.split(b"\x1b[K")[-1])
        self.assertEqual([name for name in os.listdir(self.folder.name) if name.startswith("slow")], [])
        self.assertTrue(Server.ended.wait(LONGEST))

    def test_an_answer_ends_with_a_line_on_a_terminal_alone(self):
        self.assertEqual(self.run_to_end("get", "env:PW"), (0, "c4n4ry\n"))


if __name__ == "__main__":
    unittest.main()

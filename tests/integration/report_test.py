# SPDX-License-Identifier: Apache-2.0
"""`mstr report` and `mstr cube` against the simulator: each trait of a grid as CSV, read back by another implementation, and as JSON;
prompts, failures halfway, files that are whole or not at all, and what somebody at a terminal sees. Through the real binary."""
import csv
import io
import json
import os
import pty
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from simulator import run
from tool_case import ToolCase

MSTR = os.environ["MSTR_BIN"]
STRANGER = 4711
MITTE = "Ost & West, „Mitte“"
CUSTOMERS = [["Region", "Customer@ID", "Customer@DESC", "Customer@Since", "Revenue", "Cost", "Note", "Exact"],
             ["North", "007", 'Ann "A" Abel', "2020-02-29T00:00:00.000Z", "1200.5", "7", "fine", "12345678901234567890.123456789"],
             ["North", "008", "Boß, Émile", "2021-12-31T23:59:59.000Z", "", "0", "", ""],
             ["South", "009", "王小明 😀", "", "-0.5", "9007199254740993", 'line\nbreak, "quote"', "1e400"],
             [MITTE, "010", "", "", "0", "", "", "-0.10"]]

# Options, and what python3's csv reads.
GRIDS = (
    (["Customers with Forms"], CUSTOMERS),
    (["Equal Rows"], [["Region", "Cost"], ["North", "1"], ["North", "1"], ["North", "2"], ["South", "3"], ["North", "1"]]),
    (["Metrics on Rows"], [["Region", "Year", "Revenue", "Cost"], ["North", "2024", "1.5", "1"], ["North", "2025", "2.5", "2"],
                           ["South", "2024", "3.5", "3"], ["South", "2024", "4.5", "4"]]),
    (["Metrics in the Middle"], [["Region", "Year", "Revenue", "Cost"], ["North", "2024", "1.5", "1"], ["North", "2025", "2.5", "2"],
                                 ["South", "2024", "3.5", "3"], ["South", "2025", "4.5", "4"]]),
    (["Cross-tab", "--limit", "4"], [["Region", "Year", "Revenue", "Cost"], ["North", "2024", "1.5", "1"], ["North", "2025", "2.5", "2"],
                                     ["North", "2026", "", ""], ["South", "2024", "", ""]]),
    (["Cross-tab", "--cross", "keep"],
     [["Region", "2024 | Revenue", "2024 | Cost", "2025 | Revenue", "2025 | Cost", "2026 | Revenue", "2026 | Cost"],
      ["North", "1.5", "1", "2.5", "2", "", ""], ["South", "", "", "4.5", "4", "", ""], [MITTE, "5.5", "5", "", "", "6.5", "6"]]),
    (["With Totals", "--totals", "--no-header"],
     [["North", "007", 'Ann "A" Abel', "2020-02-29T00:00:00.000Z", "7"], ["South", "008", "Boß, Émile", "2021-12-31T23:59:59.000Z", "8"],
      ["Total", "Total", "Total", "Total", "15.0"]]),
    (["Duplicate Names"], [["Region", "Region (2)", "Region (3)"], ["North", "1.5", "2"]]),
    (["Duplicate Names", "--ids"], [["Region", "Region [4C05177011D3E877C000B3B2D86C964F]", "Region [7FD5B69611D5AC76C000D98A4CC5F24F]"],
                                    ["North", "1.5", "2"]]),
    (["No Metrics"], [["Region", "Year"], ["North", "2024"], ["South", "2025"]]),
    (["No Rows"], [["Region", "Revenue"]]),
    (["Paged by Year and Quarter", "--page-by", "Year=2025", "--page-by", "Quarter=Q4"],
     [["Year", "Quarter", "Region", "Revenue"], ["2025", "Q4", "North", "130.25"], ["2025", "Q4", "South", "131.25"],
      ["2025", "Q4", MITTE, "132.25"]]),
    (["Customers with Forms", "--attributes", "Customer", "--metrics", "Cost", "--forms", "Customer@DESC", "--filter", "Region in North,South",
      "--filter", "Cost > 5", "--null", "none"], [["Customer", "Cost"], ['Ann "A" Abel', "7"], ["王小明 😀", "9007199254740993"]]),
    (["Customers with Forms", "--attributes", "Region", "--metrics", "Cost", "--filter", r"Region in Ost & West\, „Mitte“", "--null", "none"],
     [["Region", "Cost"], [MITTE, "none"]]),
    (["Nested Prompts", "--prompt", "Year=2024", "--prompt", "Kind=full", "--prompt", "Regions=North", "--prompt", "Regions=South"],
     [["Region", "Cost"], ["North", "1"], ["South", "2"]]),
    (["Nested Prompts", "--prompt", "Year=2024", "--prompt", "Kind=full", "--prompt", "Regions"],
     [["Region", "Cost"], ["North", "1"], ["South", "2"], [MITTE, "3"]]),
    (["Nested Prompts", "--prompts", "default"], [["Region", "Cost"], ["North", "1"], ["South", "2"], [MITTE, "3"]]),
)


def grid(label, *texts):
    """An answer with a grid of one attribute with these elements, a row each, and a metric."""
    elements = [{"formValues": [text], "id": f"h{at};8D679D3711D3E4981000E787EC6DE8A4"} for at, text in enumerate(texts)]
    return {"instanceId": "A1", "status": 1, "definition": {"grid": {
        "rows": [{"name": label, "id": "8D679D3711D3E4981000E787EC6DE8A4", "type": "attribute", "elements": elements}],
        "columns": [{"type": "templateMetrics", "elements": [{"name": "M", "id": "4C05177011D3E877C000B3B2D86C964F"}]}], "pageBy": []}},
        "data": {"paging": {"total": len(texts)}, "headers": {"rows": [[at] for at in range(len(texts))], "columns": [[0]]},
                 "metricValues": {"raw": [[-1.5]] * len(texts)}}}


class Terminal:
    """A command whose standard error and terminal is ours; its output goes to a pipe, or is ours too."""

    def __init__(self, words, env, output=subprocess.DEVNULL, term="xterm"):
        self.master, line = pty.openpty()
        self.process = subprocess.Popen(words, env={**env, "TERM": term}, stdin=line, stdout=line if output is None else output,
                                        stderr=line, preexec_fn=lambda: (os.setsid(), os.close(os.open(os.ttyname(2), os.O_RDWR))))
        os.close(line)
        self.shown = b""

    def read(self):
        try:
            piece = os.read(self.master, 65536) if select.select([self.master], [], [], 120)[0] else b""
        except OSError:  # the other side is closed
            piece = b""
        self.shown += piece
        return piece

    def wait_for(self, text):
        while text not in self.shown:
            if not self.read():
                raise AssertionError(f"{text} was not shown: {self.shown}")

    def type(self, text):
        os.write(self.master, text)

    def end(self):
        while self.read():
            pass
        os.close(self.master)
        return self.process.wait(timeout=120)


class Report(ToolCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.configure(f"[profile default]\nbase_url = {cls.sim.urls['mstr']}\nusername = analyst\npassword = Simul8-analyst\n"
                      "project = MicroStrategy Tutorial\npersistence_key = a long enough passphrase\n")

    def setUp(self):
        self.sim.reset()
        self.sim.admin("DELETE", "/log")
        self.work = tempfile.TemporaryDirectory()
        self.addCleanup(self.work.cleanup)
        self.file = os.path.join(self.work.name, "rows")

    def tearDown(self):
        logins, logouts = (len([entry for entry in self.sim.log("mstr") if entry["path"].endswith(path)])
                           for path in ("/auth/login", "/auth/logout"))
        self.assertEqual(logins, logouts + self.lost)

    lost = 0  # sessions that the server ended by itself

    def fault(self, method, path, status, body, **more):
        self.sim.admin("POST", "/faults", {"service": "mstr", "method": method, "path": path, "action": "status", "status": status,
                                           "body": body, "times": -1, **more})

    def sized(self, rows):
        self.sim.admin("PUT", "/knobs/mstr", {"report_rows": rows})

    def mstr(self, *words, **more):
        return run(MSTR, *words, env={**self.env, **more})

    def done(self, *words, **more):
        done = self.mstr(*words, **more)
        self.assertEqual((done.returncode, done.stderr), (0, b""), words)
        return done.stdout.decode()

    def failed(self, status, told, *words, **more):
        done = self.mstr(*words, **more)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(told, done.stderr.decode())
        return done.stdout.decode()

    # --- rows

    def test_another_csv_reader_finds_each_grid_as_it_is(self):
        for words, rows in GRIDS:
            with self.subTest(words=words):
                self.assertEqual(list(csv.reader(io.StringIO(self.done("report", *words), newline=""), strict=True)), rows)

    def test_json_tells_nulls_from_empty_texts_and_keeps_digits(self):
        text = self.done("report", "Customers with Forms", "--json")
        whole = json.loads(text, parse_float=str, parse_int=str)
        self.assertEqual([column["name"] for column in whole["columns"]], CUSTOMERS[0])
        self.assertEqual(whole["columns"][1], {"name": "Customer@ID", "attribute": "Customer", "form": "ID", "pageBy": False,
                                               "id": "8D679D3711D3E4981000E787EC6DE8A4", "dataType": "varChar"})
        self.assertEqual(whole["columns"][5], {"name": "Cost", "metric": "Cost", "id": "7FD5B69611D5AC76C000D98A4CC5F24F",
                                               "dataType": "integer"})
        self.assertEqual([[cell or "" for cell in row] for row in whole["rows"]], CUSTOMERS[1:])
        self.assertEqual(whole["rows"][1][4:], [None, "0", "", None])
        lines = [json.loads(line, parse_float=str, parse_int=str)
                 for line in self.done("report", "Customers with Forms", "--format", "jsonl").splitlines()]
        self.assertEqual([list(line.values()) for line in lines], whole["rows"])
        self.assertEqual(list(lines[0]), CUSTOMERS[0])
        self.assertIn('"Year": 2024,', self.done("report", "Metrics on Rows", "--format", "jsonl", "--typed"))
        self.assertIn('"Revenue": "$1200.5"', self.done("report", "Customers with Forms", "--format", "jsonl", "--formatted"))
        self.assertEqual(json.loads(self.done("report", "No Rows", "--json"))["rows"], [])

    def test_csv_tells_nulls_from_empty_texts(self):
        second = self.done("report", "Customers with Forms").split("\n")[2]
        self.assertEqual(second, 'North,008,"Boß, Émile",2021-12-31T23:59:59.000Z,,0,"",')
        second = self.done("report", "Customers with Forms", "--null", "NULL", "--crlf").split("\r\n")[2]
        self.assertEqual(second, 'North,008,"Boß, Émile",2021-12-31T23:59:59.000Z,NULL,0,"",NULL')
        self.fault("POST", "*/instances", 200, grid("A", "NULL", None, ""))
        self.assertEqual(self.done("report", "All Orders", "--null", "NULL"), 'A,M\n"NULL",-1.5\nNULL,-1.5\n"",-1.5\n')

    def test_a_lone_null_is_still_a_line(self):
        answer = grid("A", "x", None)
        answer["definition"]["grid"]["columns"] = []
        answer["data"]["headers"]["columns"] = []
        answer["data"]["metricValues"] = {}
        self.fault("POST", "*/instances", 200, answer)
        self.assertEqual(self.done("report", "All Orders"), 'A\nx\n""\n')

    def test_what_a_spreadsheet_would_compute_is_guarded_when_asked_for(self):
        texts = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "-7", "+1.5e3", "plain", "-", 'x"=')
        self.fault("POST", "*/instances", 200, grid("=A", *texts))
        plain = self.done("report", "All Orders")
        self.assertEqual([row[0] for row in csv.reader(io.StringIO(plain))], ["=A", *texts])
        guarded = list(csv.reader(io.StringIO(self.done("report", "All Orders", "--excel-safe"))))
        self.assertEqual([row[0] for row in guarded], ["'=A"] + ["'" + text for text in texts[:5]] + ["-7", "+1.5e3", "plain", "'-", 'x"='])
        self.assertEqual({row[1] for row in guarded}, {"M", "-1.5"})

    def test_a_cube_is_read_likewise(self):
        rows = list(csv.reader(io.StringIO(self.done("cube", "Sales Cube", "--spool"))))
        self.assertEqual(rows, [["Row", "Revenue"]] + [[f"Row {row}", f"{row}.5"] for row in range(40)])
        self.failed(4, "no report \"Sales Cube\"", "report", "Sales Cube")
        self.assertEqual(self.done("cube", "EE55FF6611E8B6CD00000080EF25E4B9", "--limit", "1", "--no-header"), "Row 0,0.5\n")

    def test_a_description_runs_nothing(self):
        told = self.done("report", "Nested Prompts", "--describe")
        self.assertIn("attribute\tRegion\tnVarChar\t8D679D3F11D3E4981000E787EC6DE8A4\n", told)
        self.assertIn("prompt\tYear\tVALUE NUMERIC, at least 1990, at most 2030, required, has a default\t", told)
        whole = json.loads(self.done("report", "Nested Prompts", "--describe", "--json"))
        self.assertEqual((whole["columns"][1]["metric"], whole["prompts"][0]["min"], whole["prompts"][1]["required"]), ("Cost", "1990", True))
        self.assertIn("page-by\tYear\t", self.done("report", "Paged by Year and Quarter", "--describe"))
        self.assertFalse([entry for entry in self.sim.log("mstr") if "/instances" in entry["path"]])

    # --- files with filters and answers

    def write(self, text):
        path = os.path.join(self.work.name, "given")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_filters_and_answers_come_from_files(self):
        region = self.write('{"operator":"In","operands":[{"type":"attribute","id":"8D679D3F11D3E4981000E787EC6DE8A4"},'
                            '{"type":"elements","elements":[{"id":"h2;8D679D3F11D3E4981000E787EC6DE8A4"}]}]}')
        self.done("report", "Customers with Forms", "--filter", "@" + region)
        body = [entry for entry in self.sim.log("mstr") if entry["path"].endswith("/instances")][-1]
        self.assertIn("h2;8D679D3F11D3E4981000E787EC6DE8A4", json.dumps(body))
        answers = self.write('{"prompts":[{"name":"Year","answers":2020},{"name":"Kind","useDefault":true},'
                             '{"name":"Regions","answers":[{"name":"North"}]}]}')
        self.assertEqual(self.done("report", "Nested Prompts", "--prompts", answers), "Region,Cost\nNorth,1\n")
        regions = self.write('[{"name":"South"}]')
        self.assertEqual(self.done("report", "Nested Prompts", "--prompt", "Year=2024", "--prompt", "Kind=full", "--prompt",
                                   "Regions=@" + regions), "Region,Cost\nSouth,2\n")
        self.failed(2, "No such file", "report", "Nested Prompts", "--prompts", self.file)

    # --- what goes wrong

    def test_prompts_left_open_are_listed(self):
        self.failed(2, '"Year" (VALUE NUMERIC, at least 1990, at most 2030, required), "Kind" (VALUE TEXT, required)', "report", "Nested Prompts")
        self.failed(2, 'no prompt "Colours"', "report", "Nested Prompts", "--prompts", "default", "--prompt", "Colours=red")
        self.failed(2, "--prompts ask needs a terminal", "report", "Nested Prompts", "--prompts", "ask")

    def test_what_the_server_cannot_do_has_a_status_of_its_own(self):
        for iserver, status in ((-2147072488, 10), (-2147072194, 10), (-2147209054, 8), (-2147209177, 8), (-2147209192, 8),
                                (-2147072486, 8), (-2147205488, 10), (-2147213784, 5)):
            self.sim.reset()
            self.fault("POST", "*/instances", 500, {"code": "ERR002", "message": "Not now.", "iServerCode": iserver})
            self.failed(status, "Not now.", "cube", "Sales Cube", "-o", self.file)
        self.assertEqual(os.listdir(self.work.name), [])
        self.sim.reset()
        self.failed(8, "execution timed out", "report", "Too Long at the Server")
        self.sim.reset()
        self.fault("POST", "*/instances", 404, "<html>no such page</html>")
        self.failed(10, "404", "report", "All Orders")

    def test_a_failure_halfway_leaves_the_file_as_it_was(self):
        self.sized(5000)
        for before in (None, "precious"):
            if before:
                with open(self.file, "w", encoding="utf-8") as file:
                    file.write(before)
            self.sim.reset()
            self.sized(5000)
            self.fault("GET", "*/instances/*", 500, {"code": "ERR001", "message": "Broken halfway."})
            self.failed(10, "Broken halfway.", "report", "Sized by a Knob", "-o", self.file)
            self.assertEqual(os.listdir(self.work.name), ["rows"] if before else [])
        with open(self.file, encoding="utf-8") as file:
            self.assertEqual(file.read(), "precious")
        self.assertTrue(self.failed(10, "Broken halfway.", "report", "Sized by a Knob").startswith("Row,Revenue\nRow 0,0.5\n"))
        self.assertEqual(self.failed(10, "Broken halfway.", "report", "Sized by a Knob", "--spool"), "")

    def test_a_session_that_ends_between_two_pages_gives_no_half_table(self):
        self.sized(5000)
        self.fault("GET", "*/instances/*", 401, {"code": "ERR009", "message": "The session expired."}, times=1)
        self.lost = 1
        self.failed(10, "expired", "report", "Sized by a Knob", "-o", self.file)
        self.assertEqual(os.listdir(self.work.name), [])

    def test_a_saved_session_stays_open(self):
        kept = os.path.join(self.work.name, "kept")
        self.done("session", "login", "--session-file", kept)
        for _ in range(2):
            self.assertEqual(self.done("report", "No Rows", "--session-file", kept), "Region,Revenue\n")
        self.assertEqual(len([entry for entry in self.sim.log("mstr") if entry["path"].endswith("/auth/login")]), 1)
        self.done("session", "logout", "--session-file", kept)

    def test_wrong_usage_asks_nobody(self):
        for words in ([], ["A", "B"], ["A", "--limit", "0"], ["A", "--limit", "1x"], ["A", "--text"], ["A", "--format", "xml"],
                      ["A", "--cross", "wide"], ["A", "--json", "--crlf"], ["A", "--prompt", "=x"], ["A", "--prompt", "K", "--prompt", "K=1"],
                      ["A", "--filter", "@/nonexistent"], ["A", "--excel-safe", "--format", "jsonl"]):
            done = self.mstr("report", *words)
            self.assertEqual((done.returncode, done.stdout), (2, b""), words)
            self.assertTrue(done.stderr)
        self.assertEqual(self.sim.log("mstr"), [])

    # --- where it goes

    def test_a_full_disk_is_told_and_leaves_nothing(self):
        self.sized(5000)
        with open("/dev/full", "wb") as full:
            done = subprocess.run([MSTR, "report", "Sized by a Knob"], env=self.env, stdout=full, stderr=subprocess.PIPE, timeout=120, check=False)
        self.assertEqual((done.returncode, done.stderr), (1, b"mstr: standard output: No space left on device\n"))

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

        for words in (["-o", self.file], ["--spool"]):
            done = subprocess.run([MSTR, "report", "Sized by a Knob", *words], env={**self.env, "TMPDIR": self.work.name}, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=120, check=False, preexec_fn=limit)
            self.assertEqual((done.returncode, done.stdout), (1, b""), done.stderr)
            self.assertIn(b"File too large\n", done.stderr)
            self.assertEqual(os.listdir(self.work.name), [])

    @unittest.skipUnless(os.geteuid() == 0, "needs root to have a file of another user")
    def test_a_file_of_another_in_a_shared_folder_is_left_alone(self):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write("another's")
        os.chmod(self.file, 0o644)
        os.chmod(self.work.name, 0o1777)

        def become():  # owns neither the file nor the folder, and has the right of no superuser to pass over that
            os.setgroups([])
            os.setgid(STRANGER)
            os.setuid(STRANGER)

        tool = os.path.join(tempfile.mkdtemp(prefix="mstr-report-"), "mstr")
        self.addCleanup(lambda: (os.unlink(tool), os.rmdir(os.path.dirname(tool))))
        os.chmod(os.path.dirname(tool), 0o755)
        with open(MSTR, "rb") as source, open(tool, "wb") as copy:
            copy.write(source.read())
        os.chmod(tool, 0o755)
        done = subprocess.run([tool, "report", "No Rows", "-o", self.file, "--config", "/dev/null"], preexec_fn=become, stdout=subprocess.PIPE,
                              env={**self.env, "MSTR_BASE_URL": self.sim.urls["mstr"], "MSTR_USERNAME": "analyst", "MSTR_PASSWORD": "Simul8-analyst",
                                   "MSTR_PROJECT": "MicroStrategy Tutorial", "LD_LIBRARY_PATH": os.path.join(os.path.dirname(MSTR), "..", "lib")},
                              stderr=subprocess.PIPE, timeout=120, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(b"Operation not permitted", done.stderr)
        self.assertEqual(os.listdir(self.work.name), ["rows"])
        with open(self.file, encoding="utf-8") as file:
            self.assertEqual(file.read(), "another's")

    def test_a_reader_that_goes_away_ends_it_silently(self):
        self.sized(20000)
        process = subprocess.Popen([MSTR, "report", "Sized by a Knob"], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), b"Row,Revenue\n")
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()
        self.assertEqual(process.wait(timeout=120), 141)

    # --- at a terminal

    def test_progress_is_shown_on_a_terminal_and_wiped(self):
        self.sized(3000)
        self.sim.admin("POST", "/faults", {"service": "mstr", "method": "GET", "path": "*/instances/*", "action": "delay", "ms": 300, "times": -1})
        words = [MSTR, "report", "Sized by a Knob", "-o", self.file]
        terminal = Terminal(words, self.env)
        terminal.wait_for(b"of 3000 rows\x1b[K")
        self.assertEqual(terminal.end(), 0)
        self.assertTrue(terminal.shown.endswith(b"\r\x1b[K"), terminal.shown)
        self.assertEqual(terminal.shown.count(b"\n"), 0)
        for more, term in ((["--quiet"], "xterm"), ([], "dumb")):
            terminal = Terminal(words + more, self.env, term=term)
            self.assertEqual((terminal.end(), terminal.shown), (0, b""))
        with open(self.file, encoding="utf-8") as file:
            self.assertEqual(sum(1 for _ in file), 3001)

    def test_an_interrupt_ends_in_order(self):
        self.sized(3000)
        self.sim.admin("POST", "/faults", {"service": "mstr", "method": "GET", "path": "*/instances/*", "action": "hang", "times": -1})
        terminal = Terminal([MSTR, "report", "Sized by a Knob", "-o", self.file], self.env)
        terminal.wait_for(b"1000 of 3000 rows")
        terminal.type(b"\x03")
        self.assertEqual(terminal.end(), 130)
        self.assertIn(b"mstr: ", terminal.shown)
        self.assertEqual(os.listdir(self.work.name), [])

    def test_text_of_the_server_cannot_command_the_terminal(self):
        self.fault("POST", "*/instances", 200, grid("x\x1b]0;evil\x07", "\x1b[2J\u202egpj", "two\nlines"))
        for words in ([], ["--json"], ["--format", "jsonl"]):
            terminal = Terminal([MSTR, "report", "All Orders", *words], self.env, output=None)
            self.assertEqual(terminal.end(), 0)
            self.assertNotIn(b"\x1b", terminal.shown)
            self.assertNotIn("\u202e".encode(), terminal.shown)
            self.assertIn(b"[2J", terminal.shown)
        self.assertIn("\x1b[2J\u202egpj", self.done("report", "All Orders"))
        terminal = Terminal([MSTR, "report", "All Orders", "--format", "arrow"], self.env, output=None)
        self.assertEqual(terminal.end(), 2)
        self.assertIn(b"a terminal cannot show that; write to a file with -o", terminal.shown)
        self.sim.reset()
        self.fault("POST", "*/instances", 500, {"code": "ERR001", "message": "no\x1b[2J"})
        terminal = Terminal([MSTR, "report", "All Orders"], self.env, output=None)
        self.assertEqual(terminal.end(), 10)
        self.assertNotIn(b"\x1b", terminal.shown)

    def test_prompts_are_asked_at_the_terminal(self):
        terminal = Terminal([MSTR, "report", "Nested Prompts", "--prompts", "ask", "-o", self.file], self.env)
        for question, answer in ((b"Year: Which year? (VALUE NUMERIC, at least 1990, at most 2030; empty = its default): ", b"\n"),
                                 (b"empty = its default): ", b"full\n"), (b"Regions: Which regions? (ELEMENTS; empty = none): ", b"South\n")):
            terminal.wait_for(question)
            terminal.shown = b""
            terminal.type(answer)
        self.assertEqual(terminal.end(), 0)
        with open(self.file, encoding="utf-8") as file:
            self.assertEqual(file.read(), "Region,Cost\nSouth,2\n")
        terminal = Terminal([MSTR, "report", "Nested Prompts", "--prompts", "ask", "-o", self.file + "2"], self.env)
        terminal.wait_for(b"default): ")
        terminal.type(b"\x03")
        self.assertEqual(terminal.end(), 130)
        self.assertEqual(os.listdir(self.work.name), ["rows"])

    # --- how much

    @unittest.skipUnless(os.environ.get("MSTR_MANY_ROWS"), "in the release suite alone")
    def test_many_rows_take_the_memory_of_a_few(self):
        most = []
        for rows in (50000, int(os.environ.get("MSTR_MANY_ROWS", "0"))):
            self.sized(rows)
            begun = time.monotonic()
            process = subprocess.Popen([MSTR, "report", "Sized by a Knob"], env=self.env, stdout=subprocess.PIPE)
            count, last = 0, b""
            with process.stdout as lines:
                for last in lines:
                    count += 1
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual((process.returncode, count, last), (0, rows + 1, f"Row {rows - 1},{rows - 1}.5\n".encode()))
            most.append(usage.ru_maxrss)
            print(f"{rows} rows: {time.monotonic() - begun:.1f} s, {usage.ru_maxrss} KiB", file=sys.stderr)
        self.assertLess(most[1], most[0] + 64 * 1024)


if __name__ == "__main__":
    unittest.main()

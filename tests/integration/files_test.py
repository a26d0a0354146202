# SPDX-License-Identifier: Apache-2.0
"""`mstr export`, `push`, `refresh`, `trigger`, `send` and `search` against the simulator: files that are whole or not at all, rows that
are published or gone, nothing left at the server however a run ends. Through the real binary."""
import json
import os
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
CHART = '"Region","Revenue"\n"Süd 😀","$3,306,510"\n"Ost ""neu""","€0"\n'


class Files(ToolCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.configure(f"[profile default]\nbase_url = {cls.sim.urls['mstr']}\nusername = analyst\npassword = Simul8-analyst\n"
                      "project = MicroStrategy Tutorial\n")

    def setUp(self):
        self.sim.reset()
        self.sim.admin("DELETE", "/log")
        self.knobs(publish_polls=0, retry_after=0)
        self.work = tempfile.TemporaryDirectory()
        self.addCleanup(self.work.cleanup)
        self.file = os.path.join(self.work.name, "out")

    def tearDown(self):
        """Whatever was begun at the server is gone."""
        state = self.state()
        self.assertEqual((state["sessions"], state["uploads"]), ([], []))
        deleted = [path for path in self.paths("DELETE", "") if "/instances/" in path]
        self.assertEqual(len(self.paths("POST", "/instances")), len(deleted))

    def state(self):
        return json.loads(self.sim.admin("GET", "/state"))["mstr"]

    def paths(self, method, end):
        return [entry["path"] for entry in self.sim.log("mstr")
                if entry["method"] == method and entry["path"].endswith(end) and entry["status"] < 400]

    def fault(self, method, path, **more):
        self.sim.admin("POST", "/faults", {"service": "mstr", "method": method, "path": path, "action": "status", **more})

    def knobs(self, **knobs):
        self.sim.admin("PUT", "/knobs/mstr", knobs)

    def mstr(self, *words, stdin="", **more):
        return run(MSTR, *words, env={**self.env, **more}, stdin=stdin)

    def done(self, *words, told="", **more):
        done = self.mstr(*words, **more)
        self.assertEqual((done.returncode, done.stderr.decode()), (0, told), words)
        return done.stdout

    def failed(self, status, told, *words, **more):
        done = self.mstr(*words, **more)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(told, done.stderr.decode())
        return done.stdout

    def interrupted(self, *words, until, count=1):
        """Runs until the server saw a request whose path ends so, then presses Ctrl-C."""
        with subprocess.Popen([MSTR, *words], env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            while len([entry for entry in self.sim.log("mstr") if entry["path"].endswith(until)]) < count:
                self.assertIsNone(process.poll())
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 130, told)

    def files(self):
        return sorted(os.listdir(self.work.name))

    # --- export

    def test_a_document_comes_in_each_form_however_the_server_packs_it(self):
        for form, begin, end in (("pdf", b"%PDF-1.7\n", b"%%EOF\n"), ("xlsx", b"PK\3\4", b"PK\5\6"), ("mstr", b"PK\3\4", b"PK\5\6")):
            for packed in ("octets", "json", "later") if form == "pdf" else ("octets", "json"):
                self.knobs(export_form=packed, export_octets=100000)
                file = f"{self.file}.{form}"
                self.assertEqual(self.done("export", "Sales Dashboard", "-o", file), b"")
                with open(file, "rb") as content:
                    octets = content.read()
                self.assertEqual((len(octets), octets[:len(begin)], octets[-len(end):]), (100000, begin, end))
                if packed != "later":
                    self.assertEqual(octets, self.done("export", "Sales Dashboard", "--format", form))

    def test_csv_is_of_one_visualization_and_in_utf_8(self):
        self.assertEqual(self.done("export", "Sales Dashboard", "--format", "csv", "--visualization", "Revenue by Region").decode(), CHART)
        self.done("export", "Sales Dashboard", "--visualization", "K52", "-o", self.file + ".csv", "--raw")
        with open(self.file + ".csv", encoding="utf-16", newline="") as file:
            self.assertEqual(file.read(), CHART)
        listed = 'K52 "Revenue by Region", W63 "Detail", W64 "Detail"'
        for words in ([], ["--visualization", "Detail"], ["--visualization", "None"]):
            self.failed(2, listed, "export", "Sales Dashboard", "--format", "csv", *words)

    def test_what_is_no_such_file_is_never_in_the_file(self):
        with open(self.file + ".pdf", "w", encoding="ascii") as file:
            file.write("before")
        for form, told in (("html", "a page of HTML in place of a PDF"), ("error", "in place of a PDF: no export service"),
                           ("short", "ends in the middle"), ("empty", "nothing in place of a PDF")):
            self.knobs(export_form=form)
            self.failed(8, told, "export", "Sales Dashboard", "-o", self.file + ".pdf")
            self.assertEqual(self.failed(8, told, "export", "Sales Dashboard", "--format", "pdf", "--spool"), b"")
        self.knobs(export_form="json")
        self.fault("POST", "*/pdf", action="truncate", bytes=900, times=-1)
        self.failed(7, "mstr: ", "export", "Sales Dashboard", "-o", self.file + ".pdf")
        with open(self.file + ".pdf", encoding="ascii") as file:
            self.assertEqual(file.read(), "before")
        self.assertEqual(self.files(), ["out.pdf"])

    def test_prompts_failures_and_reports_are_told(self):
        self.failed(2, '"Year" (VALUE NUMERIC, at least 1990, at most 2030, required)', "export", "Prompted Dashboard", "--format", "pdf")
        self.done("export", "Prompted Dashboard", "--prompt", "Year=2025", "-o", self.file + ".pdf")
        self.done("export", "Slow Dashboard", "-o", self.file + ".pdf")
        self.failed(10, "with status 3", "export", "Failing Dashboard", "-o", self.file + ".xlsx")
        self.failed(5, "You lack the privilege", "export", "Denied Dashboard", "-o", self.file + ".xlsx")
        self.failed(4, "hint: it is a report", "export", "All Orders", "-o", self.file + ".xlsx")
        self.failed(4, "hint: it is a report", "export", "D9EAE8ED11E8B6CD00000080EF25E4B9", "-o", self.file + ".xlsx")
        self.failed(4, 'no document "None"', "export", "None", "-o", self.file + ".xlsx")
        self.failed(2, "say with --format", "export", "Sales Dashboard", "-o", self.file)
        self.assertEqual(self.files(), ["out.pdf"])

    def test_a_full_disk_or_a_strangers_file_is_no_success(self):
        self.failed(1, "No space left on device", "export", "Sales Dashboard", "--format", "pdf", "-o", "/dev/full")
        self.failed(1, "No such file", "export", "Sales Dashboard", "-o", self.file + "/none/out.pdf")
        if os.geteuid() == 0:
            os.chmod(self.work.name, 0o1777)
            with open(self.file + ".pdf", "w", encoding="ascii") as file:
                file.write("theirs")
            self.assertEqual(self.as_stranger("export", "Sales Dashboard", "-o", self.file + ".pdf"), 1)
            with open(self.file + ".pdf", encoding="ascii") as file:
                self.assertEqual(file.read(), "theirs")
            self.assertEqual(self.files(), ["out.pdf"])

    def as_stranger(self, *words):
        """With a configuration of their own."""
        with tempfile.TemporaryDirectory() as folder:
            config = os.path.join(folder, "config")
            with open(self.env["MSTR_CONFIG"], encoding="utf-8") as file, open(config, "w", encoding="utf-8") as copy:
                copy.write(file.read())
            os.chmod(config, 0o600)
            os.chown(config, STRANGER, STRANGER)
            os.chown(folder, STRANGER, STRANGER)
            return subprocess.run([MSTR, *words], env={**self.env, "MSTR_CONFIG": config}, user=STRANGER, group=STRANGER, extra_groups=[],
                                  stderr=subprocess.DEVNULL, timeout=120, check=False).returncode

    def test_an_interrupted_export_leaves_neither_file_nor_instance(self):
        self.sim.admin("POST", "/faults", {"service": "mstr", "method": "POST", "path": "*/pdf", "action": "hang", "times": 1})
        self.interrupted("export", "Sales Dashboard", "-o", self.file + ".pdf", until="/instances")
        self.assertEqual(self.files(), [])

    def test_what_an_interrupted_request_began_is_ended_at_the_server(self):
        """The server does what it was asked, and its answer alone says what there is to be ended."""
        for words, begun in ((["export", "Sales Dashboard", "-o", self.file + ".pdf"], "/instances"),
                             (["push", self.csv("Region,Revenue\nNorth,1\n"), "--dataset", "Sales Upload"], "/uploadSessions")):
            self.sim.admin("DELETE", "/log")
            self.sim.admin("POST", "/faults", {"service": "mstr", "method": "POST", "path": "*" + begun, "action": "delay", "ms": 300,
                                               "times": 1})
            self.interrupted(*words, until=begun)
            ended = [entry["path"] for entry in self.sim.log("mstr") if entry["method"] == "DELETE"]
            self.assertEqual([begun + "/" in path for path in ended], [True], words)

    # --- push

    def csv(self, text, name="rows.csv"):
        path = os.path.join(self.work.name, name)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def rows(self, dataset):
        return [found.get("data") for found in self.state()["datasets"] if found["name"] == dataset][0]

    def test_rows_of_csv_are_published_with_their_types(self):
        path = self.csv("\ufeffRegion,Revenue\r\n\"Süd, \"\"neu\"\"\",1200.50\r\n,\r\n\"\",-1e3\r\n")
        told = "Region\tstring\tattribute\nRevenue\tdouble\tmetric\n"
        self.done("push", path, "--dataset", "Sales Upload", told=told + "3 rows are published\n")
        self.assertEqual(self.rows("Sales Upload"), [['Süd, "neu"', 1200.5], [None, None], ["", -1000]])
        self.assertEqual(self.done("push", path, "--dataset", "Sales Upload", "--policy", "add", "--json"), b'{"rows": 3}\n')
        self.assertEqual(len(self.rows("Sales Upload")), 6)
        self.assertEqual(self.done("push", path, "--dry-run").decode(), told)
        self.done("push", "-", "--dataset", "Sales Upload", "--quiet", stdin="Region,Revenue\nNorth,1\n")
        self.assertEqual(self.rows("Sales Upload"), [["North", 1]])
        lines = self.csv('{"Region": "S\\u00fcd", "Revenue": 1.50}\n{"Revenue": null}\n', "rows.jsonl")
        self.done("push", lines, "--dataset", "Sales Upload", "--quiet")
        self.assertEqual(self.rows("Sales Upload"), [["Süd", 1.5], [None, None]])
        self.assertEqual(json.loads(self.done("push", path, "--dry-run", "--json"))["metrics"][0]["name"], "Revenue")

    def test_types_are_inferred_and_can_be_said(self):
        path = self.csv("Id@ID,Id@DESC,Zip,Year,Big,On,Day,At,Moment,None\n"
                        "1,one,00123,2025,3000000000,true,2025-01-31,23:59:59,2025-01-31T00:00:00,\n"
                        "2,two,99999,,2,false,,,,\n")
        lines = [line.split("\t") for line in self.done("push", path, "--dry-run").decode().splitlines()]
        self.assertEqual([line[1] for line in lines],
                         ["integer", "string", "string", "integer", "biginteger", "bool", "date", "time", "datetime", "string"])
        self.assertEqual([line[3:] for line in lines[:3]], [["Id@ID"], ["Id@DESC"], []])
        self.failed(4, 'no dataset "New"', "push", path, "--dataset", "New")
        self.done("push", path, "--dataset", "New", "--create", "--attribute", "Year", "--metric", "On", "--types", "Zip=bigdecimal,Big=double",
                  "--quiet", "--types", "Zip=string")
        model = [found for found in self.state()["datasets"] if found["name"] == "New"][0]
        self.assertEqual([(each["name"], [form["category"] for form in each["attributeForms"]]) for each in model["attributes"]],
                         [("Id", ["ID", "DESC"]), ("Zip", ["ID"]), ("Year", ["ID"]), ("Day", ["ID"]), ("At", ["ID"]), ("Moment", ["ID"]),
                          ("None", ["ID"])])
        self.assertEqual([each["name"] for each in model["metrics"]], ["Big", "On"])
        self.assertEqual(model["data"][1], [2, "two", "99999", None, 2, False, None, None, None, None])
        for words, told in ((["--types", "Zip=text"], "there are the types"), (["--types", "Zap=string"], 'has no column "Zap'),
                            (["--attribute", "Zap"], "has no column"), (["--types", "Zip"], "COLUMN=TYPE"), (["--policy", "x"], "policies")):
            self.failed(2, told, "push", path, "--dataset", "New", *words)

    def test_bad_csv_publishes_nothing(self):
        good = "Region,Revenue\nNorth,1\n"
        for text, told in ((good + 'So"uth,2\n', "line 3: there is a quote within"), (good + '"South,2\n', "line 3: the quotes that are opened"),
                           (good + "South\0,2\n", "line 3: there is a NUL"), (good + "South\n", "line 3: there are 1 fields, not 2"),
                           (good + "South,a lot\n", ""), (b"Region,Revenue\n\xff,1\n", "row 1, column \"Region\": the text is no UTF-8"),
                           ("", "is empty"), ("Region,Region\na,b\n", "two columns are named"), ("Region,\na,b\n", "column 2 has no name")):
            words = ["--types", "Revenue=double"] if told == "" else []
            self.failed(2, told or "row 2, column \"Revenue\": a lot is no DOUBLE", "push", self.csv(text), "--dataset", "Sales Upload", *words)
        self.failed(2, "larger than a chunk", "push", self.csv("Region,Revenue\n" + 10_000_000 * "x" + ",1\n"), "--dataset", "Sales Upload")
        self.failed(2, "the row has more than 16 MiB", "push", self.csv("Region,Revenue\n" + 17_000_000 * "x"), "--dataset", "Sales Upload")
        self.failed(1, "No such file", "push", self.file, "--dataset", "Sales Upload")
        self.assertIsNone(self.rows("Sales Upload"))

    def test_what_the_server_refuses_is_told_and_gone(self):
        path = self.csv("Region,Revenue\nNorth,1\n")
        for status, told in ((3, "with status 3: The column C does not fit."), (18, "with status 18"), (99, "with status 99")):
            self.knobs(publish_status=status)
            self.failed(10, told, "push", path, "--dataset", "Sales Upload")
        self.failed(10, "The quota of the project is used up", "push", path, "--dataset", "Over Quota")
        self.failed(10, "no such table or column", "push", self.csv("Region,Cost\nNorth,1\n"), "--dataset", "Sales Upload")
        self.assertIsNone(self.rows("Sales Upload"))

    def test_chunks_are_halved_and_sent_again(self):
        text = "Region,Revenue\n" + "".join(f"R{i},{i}\n" for i in range(5000))
        self.knobs(chunk_limit=30000)
        self.sim.admin("POST", "/faults", {"service": "mstr", "method": "PUT", "path": "*/uploadSessions/*", "action": "reset", "after": 3,
                                           "times": 1, "handled": True})
        self.done("push", self.csv(text), "--dataset", "Sales Upload", "--quiet")
        self.assertEqual(self.rows("Sales Upload"), [[f"R{i}", i] for i in range(5000)])
        counters = json.loads(self.sim.admin("GET", "/counters"))["mstr"]
        self.assertGreater(counters["chunks"], 3)

    def test_an_interrupted_push_leaves_no_upload_session(self):
        self.knobs(publish_status=6)
        self.interrupted("push", self.csv("Region,Revenue\nNorth,1\n"), "--dataset", "Sales Upload", until="/publishStatus")
        self.assertIsNone(self.rows("Sales Upload"))

    # --- refresh, send, trigger

    def test_the_last_end_is_not_taken_for_this_one(self):
        for words in (["refresh", "Sales Cube"], ["send", "Morning Mail"], ["trigger", "Load Finished"]):
            for lag, looks in ((0, 0), (0, 1), (2, 1), (2, 0)) if words[0] == "refresh" else ((0, 0), (1, 1)):
                self.knobs(run_lag=lag, run_looks=looks)
                self.done(*words, "--wait")
        self.sim.reset()
        self.knobs(no_status=True, run_lag=1, run_looks=1)  # as before the first end
        self.done("send", "Morning Mail", "--wait")
        self.knobs(run_shows=False)
        for words, looked in ((["refresh", "Sales Cube"], "/cubes/EE55FF6611E8B6CD00000080EF25E4B9"), (["send", "Morning Mail"], "/status"),
                              (["trigger", "Load Finished"], "/status")):
            self.sim.admin("DELETE", "/log")
            self.interrupted(*words, "--wait", until=looked, count=3)
            self.done(*words)

    def test_what_ends_badly_is_told(self):
        self.knobs(run_ends=6, run_looks=0)  # which nobody sees at work
        self.failed(10, "its status is 6", "refresh", "Sales Cube", "--wait")
        for state, told in ((2, "failed: The mailbox is full."), (3, "was cancelled"), (4, "took too long"), (5, "was left out"),
                            (9, "that nobody knows")):
            self.knobs(run_ends=state)
            self.failed(10, told, "send", "Morning Mail", "--wait")
        self.failed(10, "that nobody knows", "trigger", "Load Finished", "--wait")
        self.done("trigger", "Nobody Listens", "--wait", told="mstr: no subscription waits for the event\n")

    def test_names_must_be_of_one_object(self):
        self.failed(4, 'no cube "None"', "refresh", "None")
        self.failed(4, 'no cube "All Orders"', "refresh", "All Orders")
        self.failed(4, 'no event "None"', "trigger", "None")
        self.failed(2, "several of the subscriptions", "send", "Evening Mail")
        self.done("send", "50B5C00211E943E8B5FB0080EFD5AF44")
        self.failed(4, "not found", "send", "50B5C00F11E943E8B5FB0080EFD5AF44", "--wait")
        for command in ("refresh", "send", "trigger", "push", "export"):
            self.failed(2, "named", command)

    def test_an_interrupt_ends_the_waiting(self):
        self.knobs(run_looks=1000)
        self.interrupted("refresh", "Sales Cube", "--wait", until="/cubes/EE55FF6611E8B6CD00000080EF25E4B9", count=3)
        self.interrupted("send", "Morning Mail", "--wait", until="/status", count=3)

    # --- search

    def test_a_search_lists_all_pages_of_what_it_found(self):
        self.assertEqual(self.done("search", "Dashboard", "--type", "document").decode().splitlines()[0],
                         "D000000111E943E8B5FB0080EFD5AF44\tdocument\tSales Dashboard")
        self.assertEqual([found["type"] for found in json.loads(self.done("search", "Sales", "--json"))],
                         ["cube", "document", "dataset"])
        self.assertEqual(self.done("search", "Sales", "--type", "dataset", "--type", "cube").decode().count("\n"), 2)
        self.assertEqual((self.done("search", "nothing of this"), json.loads(self.done("search", "nothing of this", "--json"))), (b"", []))
        self.failed(2, 'no type "chart"', "search", "Sales", "--type", "chart")
        self.failed(2, "say what", "search")


if __name__ == "__main__":
    unittest.main()

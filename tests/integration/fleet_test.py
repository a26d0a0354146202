# SPDX-License-Identifier: Apache-2.0
"""A fleet of real processes, Debian's redis-server and the simulator: how many log in, whatever befalls them."""
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from fleet import KEY, OTHER, WithFleet, Worker
from simulator import environment

MSTR = os.environ["MSTR_BIN"]


class Fleet(WithFleet):
    def test_64_processes_at_once_make_one_login_and_no_logout(self):
        processes = [subprocess.Popen([MSTR, "api", "projects"], env=environment(MSTR_CONFIG=self.config),
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(64)]
        for process in processes:
            out, err = process.communicate()
            self.assertEqual(process.returncode, 0, err.decode())
            self.assertIn(b"MicroStrategy Tutorial", out)
        self.assertEqual(self.logins(), 1)
        self.assertEqual(self.logouts(), 0)

    def test_1024_workers_at_once_make_one_login(self):
        for worker in self.start(16, 64, pause=500):
            worker.wait_open()
        self.end()
        self.assertEqual(self.logins(), 1)

    def test_as_many_log_in_as_there_are_sessions(self):
        self.config = self.configure("config", fleet="sessions = 3")
        for worker in self.start(8, 4):
            worker.wait_open()
        self.end()
        self.assertLessEqual(self.logins(), 3)

    def test_an_end_of_the_session_under_load_makes_one_login(self):
        for worker in self.start(8, 4):
            worker.wait_open()
        self.sim.admin("POST", "/sessions/expire", {})
        self.wait_for(lambda: self.logins() >= 2)
        time.sleep(1)
        self.end()
        self.assertEqual(self.logins(), 2)

    def test_rotations_under_load_make_no_login(self):
        for worker in self.start(8, 4):
            worker.wait_open()
        self.sim.admin("PUT", "/knobs/mstr", {"rotate_token_every": 400})
        time.sleep(2)
        self.sim.admin("PUT", "/knobs/mstr", {"rotate_token_every": 0})
        time.sleep(1)
        self.end()
        self.assertGreater(len(self.tokens()), 1)
        self.assertEqual(self.logins(), 1)

    def test_an_idle_session_is_kept_as_long_as_the_server_wants_it_to(self):
        self.sim.admin("PUT", "/knobs/mstr", {"idle_timeout": 4})
        self.addCleanup(self.sim.admin, "PUT", "/knobs/mstr", {"idle_timeout": 1800})
        holder = Worker(self.config, 1, 600000).wait_open()
        self.addCleanup(holder.kill)
        self.assertLessEqual(min(self.redis.tell("PTTL", key) for key in self.redis.keys(b"s:0")), 4000)
        time.sleep(5)
        self.start(1)[0].wait_open()
        self.end()
        self.assertEqual(self.logins(), 1)
        self.assertTrue(any(entry["method"] == "PUT" and entry["path"].endswith("/sessions") for entry in self.sim.log("mstr")))

    def test_who_is_killed_with_the_lease_holds_nobody_up_for_longer_than_that(self):
        self.slow_login(3000)
        holder = Worker(self.config, 1)
        self.wait_for(lambda: self.redis.keys(b"lease"))
        holder.kill()
        self.start(2)
        time.sleep(0.5)
        self.assertLessEqual(self.logins(), 1)
        self.end_lease()  # as 15 s do
        for worker in self.workers:
            worker.wait_open()
        self.end()
        self.assertLessEqual(self.logins(), 2)  # the one that was killed counts, if the server has noticed it

    def test_who_slept_past_the_lease_is_refused_its_write(self):
        self.slow_login(1000)
        sleeper = self.start(1, 1)[0]
        self.wait_for(lambda: self.redis.keys(b"lease"))
        sleeper.process.send_signal(signal.SIGSTOP)
        self.end_lease()
        self.start(1, 1)[0].wait_open()
        written = [self.redis.tell("DUMP", key) for key in sorted(self.redis.keys(b"s:0"))]
        sleeper.process.send_signal(signal.SIGCONT)
        sleeper.wait_open()
        time.sleep(0.2)
        self.assertEqual([self.redis.tell("DUMP", key) for key in sorted(self.redis.keys(b"s:0"))], written)
        self.end()
        self.assertEqual(self.logins(), 2)

    def test_without_the_store_all_go_on_and_with_it_too(self):
        for worker in self.start(4, 2):
            worker.wait_open()
        self.redis.kill()
        time.sleep(1)
        self.redis.start()  # empty
        time.sleep(0.5)
        self.redis.tell("CLIENT", "PAUSE", 2000)
        time.sleep(2.5)
        self.end()
        self.assertEqual(self.logins(), 1)

    def test_a_store_that_refuses_costs_neither_a_login_nor_an_answer(self):
        for worker in self.start(4, 2):
            worker.wait_open()
        for fault, remedy in ((("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
                              (("ACL", "SETUSER", "default", "-@all", "+acl"), ("ACL", "SETUSER", "default", "+@all"))):
            self.redis.tell(*fault)
            time.sleep(1)
            self.redis.tell(*remedy)
        self.end()
        self.assertEqual(self.logins(), 1)

    def test_a_replica_that_takes_over_without_the_last_writes_costs_one_login(self):
        for worker in self.start(4, 2):
            worker.wait_open()
        self.redis.tell("SAVE")
        self.sim.admin("POST", "/sessions/expire", {})
        self.wait_for(lambda: self.logins() >= 2)
        self.redis.kill()
        self.redis.start()  # with the record of before
        self.assertTrue(self.redis.keys(b"s:0"))
        self.start(1)[0].wait_open()
        self.end()
        self.assertLessEqual(self.logins(), 3)

    def test_a_replica_that_takes_no_writes_leaves_each_with_its_session(self):
        for worker in self.start(4, 2):
            worker.wait_open()
        self.redis.tell("REPLICAOF", "127.0.0.1", "1")
        time.sleep(0.5)
        self.start(1)[0].wait_open()  # what can be read is used
        self.redis.tell("REPLICAOF", "NO", "ONE")
        self.end()
        self.assertEqual(self.logins(), 1)

    def test_an_end_of_the_session_while_the_store_is_killed(self):
        self.end_session_during(self.redis.kill, self.redis.start)

    def test_an_end_of_the_session_while_the_store_stands_still(self):
        process = self.redis.process
        self.end_session_during(lambda: process.send_signal(signal.SIGSTOP), lambda: process.send_signal(signal.SIGCONT))

    def test_an_end_of_the_session_while_the_store_takes_no_writes(self):
        self.end_session_during(lambda: self.redis.tell("REPLICAOF", "127.0.0.1", "1"),
                                lambda: self.redis.tell("REPLICAOF", "NO", "ONE"))

    def end_session_during(self, fault, remedy):
        """Each process goes alone once, and all are together again once the store is back and somebody logs in there."""
        self.config = self.configure("config", more="timeout = 4s")
        for worker in self.start(4, 2):
            worker.wait_open()
        fault()
        self.sim.admin("POST", "/sessions/expire", {})
        self.wait_for(lambda: self.logins() == 5)
        remedy()
        self.start(1)[0].wait_open()
        self.wait_for(lambda: len(self.tokens(40)) == 1)
        workers = self.workers
        self.end()
        self.assertLessEqual(self.logins(), 6)
        for worker in workers[:4]:
            for told in ("the fleet's store is of no use for now", "logged in alone", "the fleet's store is back"):
                self.assertIn(told, worker.said)
        self.assertLess(max(worker.longest for worker in workers), 6000)
        strange = [entry for entry in self.sim.log("mstr") if entry.get("verdict") == "no session has this token"]
        self.assertLessEqual({value for entry in strange for name, value in entry["headers"] if name.lower() == "x-mstr-authtoken"},
                             self.tokens(status=200))  # which were good once

    def test_another_key_is_another_fleet(self):
        self.start(1)[0].wait_open()
        self.start(1, config=self.configure("other", key=OTHER))[0].wait_open()
        self.end()
        self.assertEqual(self.logins(), 2)

    def test_the_seal_key_is_changed_under_load_without_a_stop(self):
        """Worker after worker gets the next step's keys, while those of the step before are at work."""
        before = []
        for number, (key, old) in enumerate([(KEY, None), (KEY, OTHER), (OTHER, KEY), (OTHER, None)]):
            config = self.configure(f"config{number}", key=key, fleet=f"seal_key_old = {old}" if old else "")
            after = self.start(2, config=config)
            for worker in after:
                worker.wait_open()
            if old == KEY:  # while the keys are swapped all are one fleet, also where the session ends
                self.end_session()
            self.end(before)
            if old == KEY:  # what the old key sealed has ended when it is taken away
                self.end_session()
            before = after
        self.end()
        self.assertLessEqual(self.logins(), 4)  # at the begin, where names change, and where the session ended

    def end_session(self):
        """After which all who are there have one again, by one login."""
        logins = self.logins()
        self.sim.admin("POST", "/sessions/expire", {})
        self.wait_for(lambda: self.logins() > logins and len(self.tokens(40)) == 1)
        self.assertEqual(self.logins(), logins + 1)

    def test_a_record_that_was_tampered_with_is_replaced(self):
        self.start(1)[0].wait_open()
        for key in self.redis.keys(b"s:0"):
            if self.redis.tell("TYPE", key) == b"string":
                octets = bytearray(self.redis.tell("GET", key))
                octets[-1] ^= 1
                self.redis.tell("SET", key, bytes(octets), "KEEPTTL")
            else:
                for field in self.redis.tell("HKEYS", key):
                    octets = bytearray(self.redis.tell("HGET", key, field))
                    if len(octets) > 100:
                        octets[-1] ^= 1
                        self.redis.tell("HSET", key, field, bytes(octets))
        self.start(1)[0].wait_open()
        self.end()
        self.assertEqual(self.logins(), 2)

    def test_forged_records_raise_an_alarm_and_cost_nobody_a_session(self):
        worker = self.start(1)[0].wait_open()
        key = next(key for key in self.redis.keys(b"s:0") if key.endswith(b"s:0"))
        octets = bytearray(self.redis.tell("GET", key))
        octets[-1] ^= 1
        self.redis.tell("SET", key, bytes(octets), "KEEPTTL")
        channel = key[:-len(b"s:0")] + b"c"
        self.wait_for(lambda: self.redis.tell("PUBLISH", channel, "0 9000000000000") > 0)
        for _ in range(4):
            time.sleep(0.5)
            self.redis.tell("PUBLISH", channel, "0 9000000000000")
        self.end()
        self.assertEqual(self.logins(), 1)
        self.assertEqual(worker.said.count("ALARM: more than 3 forged records"), 1, worker.said)

    def test_a_record_of_another_account_is_of_no_use(self):
        self.start(1)[0].wait_open()
        ours = self.redis.keys(b"s:0")
        self.start(1, config=self.configure("admin", user="svc_etl", password="etl"))[0].wait_open()
        self.end()
        self.assertEqual(self.logins(), 2)
        for theirs in set(self.redis.keys(b"s:0")) - set(ours):
            mine = [key for key in ours if key.split(b"}")[1] == theirs.split(b"}")[1]]
            for key in mine:
                self.redis.tell("COPY", key, theirs, "REPLACE")
        self.start(1, config=self.configure("admin", user="svc_etl", password="etl"))[0].wait_open()
        self.end()
        self.assertEqual(self.logins(), 3)

    def test_neither_the_stores_memory_nor_its_traffic_holds_a_secret(self):
        seen = bytearray()
        link = self.redis.connect()
        link.sendall(b"MONITOR\r\n")
        monitor = threading.Thread(target=lambda: [seen.extend(piece) for piece in iter(lambda: link.recv(65536), b"")])
        monitor.start()
        for worker in self.start(2, 2):
            worker.wait_open()
        self.sim.admin("POST", "/sessions/expire", {})
        self.wait_for(lambda: self.logins() >= 2)
        self.end()
        self.redis.tell("SAVE")
        link.shutdown(socket.SHUT_RDWR)
        monitor.join()
        link.close()
        with open(os.path.join(self.redis.folder.name, "dump.rdb"), "rb") as file:
            kept = file.read()
        tokens = self.tokens()
        self.assertGreater(len(tokens), 0)
        self.assertIn(b"mstr:", seen)
        self.assertIn(b"mstr:", kept)
        for secret in tokens | {"Simul8-analyst", "analyst", self.sim.urls["mstr"].split("/")[2]}:
            self.assertNotIn(secret.encode(), bytes(seen))
            self.assertNotIn(secret.encode(), kept)

    def fleet(self, *words):
        """What `mstr fleet` tells."""
        done = subprocess.run([MSTR, "fleet", *words, "--json"], env=environment(MSTR_CONFIG=self.config), check=True,
                              capture_output=True, text=True)
        for secret in self.tokens() | {"Simul8-analyst", KEY}:
            self.assertNotIn(secret, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def test_an_operator_sees_the_fleet_and_drains_it_under_load(self):
        self.config = self.configure("config", fleet="sessions = 2")
        for worker in self.start(4, 4):
            worker.wait_open()
        seen = self.fleet("status")
        self.assertEqual([slot["state"] for slot in seen["slots"]], ["open", "open"])
        self.assertLessEqual(seen["workers"], 4)  # those whose first heartbeat has come
        self.assertIn("connection", [step["step"] for step in seen["store"]])
        before = self.logins()
        self.assertEqual(self.fleet("drain"), {"sessions": 2, "logouts": 2})
        self.wait_for(lambda: [slot["state"] for slot in self.fleet("status")["slots"]] == ["open", "open"])
        self.end()
        self.assertEqual(self.logins(), before + 2)


if __name__ == "__main__":
    unittest.main()

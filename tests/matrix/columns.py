# SPDX-License-Identifier: Apache-2.0
"""The columns of the matrix: what befalls a source, a line each, at the end. A line says what happens, by a fault of the simulator,
a change of the arrangement or a wrong clock; what is to come of it; and what it needs of a source to make sense."""
from dataclasses import dataclass, field
from typing import Callable

# What a column needs of a source, or (with "no" before it) what keeps it from making sense, and how an empty cell explains that.
NEEDS = {
    "tls": "is asked in plain http, on this machine or next to it",
    "aws": "is none of AWS",
    "secret": "is sent no secret",
    "no empty": "answers without a body",
    "no link-local": "is never far away, and has no such name",
}


@dataclass(frozen=True)
class Expect:
    """Status and words of the message; and how many requests it may cost: more than a good run, or where it fails, more than those
    before the source and one."""
    status: tuple = (0,)
    words: str = ""
    more: int = 0

    def most(self, source):
        return self.more + (sum(source.requests) if 0 in self.status else source.requests[0] + 1)


WELL, AGAIN = Expect(), Expect(more=1)


@dataclass(frozen=True)
class Column:
    name: str
    expect: Expect = WELL
    fault: dict = field(default_factory=dict)
    change: Callable = None
    minutes: int = 0  # that the service's clock is ahead of ours
    host: int = None  # through a proxy, to this one of the source's names
    needs: tuple = ()
    instead: dict = field(default_factory=dict)  # what is expected of sources with a trait

    def lacks(self, source):
        """Why it makes no sense for a source, or None."""
        traits = source.traits.split()
        return next((NEEDS[need] for need in self.needs if (need.split()[-1] in traits) == need.startswith("no ")), None)

    def expected(self, source):
        return next((expect for trait, expect in self.instead.items() if trait in source.traits.split()), self.expect)


# Changes of an arrangement, see stage.Run.

def trust(name, file="authority"):
    """A variable in place of ca_file."""
    def change(run):
        del run.options["ca_file"]
        run.env[name] = getattr(run.stage, file)
    return change


def ca_bundle(run):
    run.profile.append(f"ca_bundle = {run.options.pop('ca_file')}")


def ca_file(file):
    return lambda run: run.options.update(ca_file=getattr(run.stage, file))


def switch(name):
    return lambda run: run.env.update({name: "true"})


def dead_proxy(run):
    run.env.update(https_proxy="http://127.0.0.1:1")


def fault(action, times=1, **more):
    return {"action": action, "times": times, **more}


TLS, AWS_NAMES = ("tls",), ("tls", "aws")
UNTRUSTED = Expect((7,), "not trusted")
FOREIGN = {"detected": Expect((6,), "no metadata service")}  # whatever answers so is not the cloud

COLUMNS = [
    Column("well"),
    Column("another CA", UNTRUSTED, change=ca_file("stranger"), needs=TLS),
    Column("CA by AWS_CA_BUNDLE", change=trust("AWS_CA_BUNDLE"), needs=AWS_NAMES),
    Column("CA by the profile's ca_bundle", change=ca_bundle, needs=AWS_NAMES),
    Column("CA by MSTR_CA_FILE", change=trust("MSTR_CA_FILE"), needs=TLS),
    Column("CA by SSL_CERT_FILE", change=trust("SSL_CERT_FILE"), needs=TLS),
    Column("CA by SSL_CERT_DIR", change=trust("SSL_CERT_DIR", "authorities"), needs=TLS),
    Column("CA by REQUESTS_CA_BUNDLE", change=trust("REQUESTS_CA_BUNDLE"), needs=TLS),
    Column("CA by CURL_CA_BUNDLE", change=trust("CURL_CA_BUNDLE"), needs=TLS),
    Column("ca_file missing", Expect((3,), "ca_file"), change=ca_file("nothing"), needs=TLS),
    Column("SSL_CERT_FILE missing", Expect((3,), "SSL_CERT_FILE"), change=trust("SSL_CERT_FILE", "nothing"), needs=TLS),
    Column("AWS_CA_BUNDLE missing", Expect((3,), "AWS_CA_BUNDLE"), change=trust("AWS_CA_BUNDLE", "nothing"), needs=AWS_NAMES),
    Column("one 429", AGAIN, fault("status", status=429), instead={"once": Expect((8,), "429")}),
    Column("one 503", AGAIN, fault("status", status=503), instead={"once": Expect((8,), "503")}),
    Column("one reset", AGAIN, fault("reset"), instead=dict.fromkeys(("once", "counted"), Expect((7,), "broke"))),
    Column("one truncated body", AGAIN, fault("truncate", bytes=10), needs=("no empty",),
           instead={"spends": Expect((6,), "run: aws login", more=1), "counted": Expect((7,), "cut short")}),
    Column("slow first byte", AGAIN, fault("delay", ms=1500)),
    Column("clock 20 min behind", AGAIN, minutes=20),
    Column("clock 20 min ahead", AGAIN, minutes=-20),
    Column("proxy", host=0),
    Column("dead proxy", Expect((7,), "proxy"), host=0, change=dead_proxy, needs=("no link-local",)),
    Column("FIPS", host=1, change=switch("AWS_USE_FIPS_ENDPOINT"), needs=("aws", "no link-local")),
    Column("dual-stack", host=2, change=switch("AWS_USE_DUALSTACK_ENDPOINT"), needs=("aws", "no link-local")),
    Column("oversize answer", Expect((8,), "larger than"), fault("oversize", -1, bytes=48 << 20), instead=FOREIGN),
    Column("HTML for JSON", Expect((8,)), fault("html", -1, status=200), instead=FOREIGN),
    Column("echo", Expect((3, 5, 6, 8, 10), "you sent"), fault("status", -1, status=400, body="refusal"), needs=("secret",),
           instead={"mute": Expect((6,))}),
]

# SPDX-License-Identifier: Apache-2.0
"""Random config and credentials files read by us and by the SDK for JavaScript's loader. Plain files must come to the same;
each way of writing in which the newest grammar of AWS's SDKs differs from that loader is listed with its reason, must come up,
and alone must make the difference that it is listed for. Seeded: MSTR_SEED repeats a failure with another seed than today's."""
import json
import os
import random
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import node
from simulator import environment

COUNT = 500
SEED = int(os.environ.get("MSTR_SEED", "20260115"))
NAMES = ["default", "dev", "Prod", "a-b_c", "x/y", "q@r", "1", "a:b", "p%1", "c+"]
KEYS = ["region", "aws_access_key_id", "role_arn", "source_profile", "output", "key-1", "n_2"]
PARENTS = ["s3", "secrets_manager"]
VALUES = ["us-east-1", "a=b", "x#y", "a;b", "äß€ 😀", "two words", "'q'", '"q"', "arn:aws:iam::1:role/r",
          "%s", "[x]", "\\", "~/x"]
COMMENTS = ["", "", "", " # note", " ; note", "\t#note", " #"]
ERROR = "error"    # ours refuses the file with its line; the loader passes over the line
DIFFERS = "differs"  # both read it, as different things

# A line or some that JavaScript's loader takes otherwise, where it may stand, what comes of it, and why ours does as it does.
IN_CONFIG, IN_CREDENTIALS, ANYWHERE = "config", "credentials", "anywhere"
ODD = {
    "no equals sign": ("nonsense", ANYWHERE, ERROR, "a line that means nothing is a mistake to be told with its number"),
    "no name": ("= value", ANYWHERE, ERROR, "a property needs a name"),
    "bracket left open": ("[profile open", ANYWHERE, ERROR, "what follows would land in the section before"),
    "indented without a property": ("[{section}9]\n  x = 1", ANYWHERE, ERROR, "a continuation must continue something"),
    "sub-property without a sign": ("s4 =\n  nonsense", ANYWHERE, ERROR, "below an empty value stand properties only"),
    "sub-property without a name": ("s4 =\n  = 1", ANYWHERE, ERROR, "a property needs a name"),
    "property before any section": (None, ANYWHERE, ERROR, "it would belong to no profile"),
    "continuation": ("text = one\n  two", ANYWHERE, DIFFERS, "an indented line goes on with the value above"),
    "continuation with a sign": ("text = one\n  k = v", ANYWHERE, DIFFERS, "an indented line goes on with the value above"),
    "comment in a continuation": ("text = one\n  two # three", ANYWHERE, DIFFERS, "all of a continuation is value"),
    "comment in a sub-property": ("s5 =\n  a = 1 # note", ANYWHERE, DIFFERS, "comments end only values of their own line"),
    "empty sub-property": ("s6 =\n  a =\n  b = 1", ANYWHERE, DIFFERS, "an empty sub-property is the parent of nothing"),
    "key in two cases": ("twice = 1\nTWICE = 2", ANYWHERE, DIFFERS, "names of properties are compared without case"),
    "key that is no identifier": ("k! = 1", ANYWHERE, DIFFERS, "such properties are passed over"),
    "emptied later": ("gone = 1\ngone =", ANYWHERE, DIFFERS, "the last value wins, also an empty one"),
    "blanks in the brackets": ("[ profile blanks ]\nx = 1", IN_CONFIG, DIFFERS, "brackets' content is trimmed"),
    "two blanks before the name": ("[profile  wide]\nx = 1", IN_CONFIG, DIFFERS, "any blanks separate type and name"),
    "comment close to the bracket": ("[profile close];note\nx = 1", IN_CONFIG, DIFFERS, "a section line ends at its comment"),
    "dot in place of the blank": ("[profile.dotted]\nx = 1", IN_CONFIG, DIFFERS, "only a blank separates type and name"),
    "typed section of credentials": ("[profile typed]\nx = 1", IN_CREDENTIALS, DIFFERS, "a credentials file types no sections"),
    "section that is no identifier": ("[na!me]\nx = 1", IN_CREDENTIALS, DIFFERS, "such sections are passed over"),
    "empty profile default": ("[profile default]\n[default]\nx = 1", IN_CONFIG, DIFFERS, "it replaces [default] even so"),
}


def spaces(draw):
    return draw.choice(["", " ", "  ", "\t"])


def put_properties(draw, lines):
    for key in draw.sample(KEYS + PARENTS, draw.randint(0, 5)):
        if key in PARENTS:
            lines.append(f"{key}{spaces(draw)}={spaces(draw)}")
            lines.extend(f"{draw.choice([' ', '  ', chr(9)])}{name}{spaces(draw)}={spaces(draw)}{draw.choice(VALUES)}"
                         for name in draw.sample(["endpoint_url", "a", "max-1"], draw.randint(0, 3)))
        else:
            lines.append(f"{key}{spaces(draw)}={spaces(draw)}{draw.choice(VALUES)}{draw.choice(COMMENTS)}")
        if draw.random() < 0.2:
            lines.append(draw.choice(["", "   ", "# note", "; note [x]", "#a=b"]))


def header(draw, config, names):
    name = draw.choice(names)
    if not config:
        title = name
    elif name == "default":
        title = draw.choice(["default", "profile default"])
    else:
        # A name without a type is no profile of a config file, and neither is one of another type.
        kind = draw.choice(["profile"] * 6 + ["sso-session", "services", "", "sesion"])
        quotes = draw.choice(["", "", "", '"', "'"]) if kind else ""
        title = f"{kind} {quotes}{name}{quotes}"
    return f"[{title.strip()}]{draw.choice(['', '', ' # note', ' ; note'])}"


def file(draw, config, odd):
    lines = list(draw.choice([[], ["# first"], ["", "; first"]]))
    at = draw.randint(0, 3)
    for i in range(4):
        lines.append(header(draw, config, NAMES[1:] if odd else NAMES))
        if lines[-1].startswith("[profile default]"):
            lines.append("source_profile = here")  # an empty one is an oddity of its own
        put_properties(draw, lines)
        for name in odd if i == at else []:
            text = ODD[name][0]
            if text is None:
                lines.insert(0, "early = 1")
            else:
                # In a section that both know, so that nothing but the line itself makes the difference.
                lines.append("[profile known]" if config else "[known]")
                lines.append(text.replace("{section}", "profile known" if config else "known"))
    end = draw.choice(["\n", "\r\n"])
    return end.join(lines).replace("\r\n", "\n").replace("\n", end) + draw.choice(["", end])


def make(draw, number):
    """Every other pair is plain; of the rest, most have one oddity, some have three."""
    names = sorted(ODD)
    chosen = [] if number % 2 == 0 else [names[number // 2 % len(names)]]
    if number % 10 == 9:
        chosen += draw.sample([name for name in names if name not in chosen], 2)
    in_credentials = [name for name in chosen if ODD[name][1] == IN_CREDENTIALS or
                      ODD[name][1] == ANYWHERE and draw.random() < 0.3]
    in_config = [name for name in chosen if name not in in_credentials]
    return {"odd": chosen, "config": file(draw, True, in_config), "credentials": file(draw, False, in_credentials)}


def settled(sections):
    """Without what neither counts: sections that have nothing in them, which JavaScript forgets."""
    return {name: section for name, section in sections.items() if section}


class ConfigFiles(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        draw = random.Random(SEED)
        cls.files = [make(draw, number) for number in range(COUNT)]
        lines = "".join(json.dumps(files) + "\n" for files in cls.files)
        done = subprocess.run([os.environ["MSTR_AWS_OURS"], "config"], input=lines.encode(), stdout=subprocess.PIPE, check=True,
                              timeout=120)
        cls.ours = [json.loads(line) for line in done.stdout.splitlines()]
        cls.theirs = node.ask("aws_config.js", cls.files, environment())
        assert len(cls.ours) == len(cls.theirs) == COUNT

    def each(self, oddities, check):
        """Runs a check over the pairs of files that have so many oddities."""
        for files, ours, theirs in zip(self.files, self.ours, self.theirs):
            if len(files["odd"]) == oddities:
                with self.subTest(seed=SEED, files=files, ours=ours):
                    check(files["odd"], ours, theirs)

    def test_plain_files_are_read_the_same(self):
        def check(odd, ours, theirs):
            self.assertNotIn("error", ours)
            self.assertEqual(settled(ours["sections"]), settled(theirs))
        self.each(0, check)

    def test_each_difference_is_of_the_kind_that_is_listed(self):
        def check(odd, ours, theirs):
            _, _, kind, reason = ODD[odd[0]]
            if kind == ERROR:
                self.assertRegex(ours["error"], r"^(config|credentials):\d+: ")
            else:
                self.assertNotIn("error", ours)
                self.assertNotEqual(settled(ours["sections"]), settled(theirs), f"they agree by now, although: {reason}")
        self.each(1, check)

    def test_an_error_is_one_among_other_differences_too(self):
        self.each(3, lambda odd, ours, theirs: self.assertEqual("error" in ours, any(ODD[name][2] == ERROR for name in odd)))

    def test_every_difference_comes_up_alone(self):
        self.assertEqual({files["odd"][0] for files in self.files if len(files["odd"]) == 1}, set(ODD))


if __name__ == "__main__":
    unittest.main()

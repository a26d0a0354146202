# SPDX-License-Identifier: Apache-2.0
"""A MINOR keeps what those before it had: programs, plugins and store modules that were built with one go on working with all later
ones of its MAJOR. Each has a folder in tests/abi, in the form of abidw, which tests/integration/abi_test holds against what is built, and with
the structures that public headers define, since abidw takes some of the private ones for such, too. Symbols stay, with their versions and types; so do members of structures and enumerators. What comes is another symbol, another
enumerator, and members behind the others of a structure that tells its size. CTest sets MSTR_SOURCE."""
import itertools
import os
import re
import sys
import unittest
import xml.etree.ElementTree as tree

FOLDER = os.path.join(os.environ["MSTR_SOURCE"], "tests/abi")
KINDS = {"typedef-decl": "{name}", "type-decl": "{name}", "class-decl": "struct {name}", "union-decl": "union {name}",
         "enum-decl": "enum {name}", "pointer-type-def": "{of} *", "reference-type-def": "{of} &", "array-type-def": "{of}[{dimensions}]"}

# Structures without their size: the calls that take them, or the table that has them, say how large an element is.
MEASURED = {"mstr_lookup", "mstr_option", "mstr_setting"}


class Interface:
    """What a file of abidw says, by names: symbols, functions, structures, enumerations and other names for types."""

    def __init__(self, text, public):
        root = tree.fromstring(text)
        self.soname = root.get("soname")
        self.types = {one.get("id"): one for one in root.iter() if one.get("id")}
        self.symbols = {(one.get("name"), one.get("version")) for one in root.iter("elf-symbol")}
        self.functions = {one.get("name"): self.signature(one) for one in root.iter("function-decl")}
        self.names = {one.get("name"): self.text(one.get("type-id")) for one in root.iter("typedef-decl") if one.get("name").startswith("mstr_")}
        self.enumerations = {self.name(one): {(value.get("name"), value.get("value")) for value in one.iter("enumerator")}
                             for one in root.iter("enum-decl") if self.name(one).startswith("mstr_")}
        self.structures = {(one.tag, self.name(one)): (int(one.get("size-in-bits")), self.members(one))
                           for one in itertools.chain(root.iter("class-decl"), root.iter("union-decl"))
                           if one.get("size-in-bits") and one.get("name") in public}

    @staticmethod
    def name(one):
        """Of what has none of its own, the other name that it goes by."""
        return one.get("naming-typedef-id") or one.get("name") if one.get("is-anonymous") else one.get("name")

    def text(self, identifier):
        one = self.types.get(identifier)
        if one is None:
            return "void"
        of = one.get("type-id") and self.text(one.get("type-id"))
        if one.tag == "qualified-type-def":
            return " ".join(word for word in ("const", "volatile", "restrict") if one.get(word)) + f" {of}"
        if one.tag == "function-type":
            return self.signature(one)
        dimensions = ",".join(part.get("length", "") for part in one.iter("subrange"))
        return KINDS[one.tag].format(name=self.name(one), of=of, dimensions=dimensions)

    def signature(self, one):
        parameters = ["..." if part.get("is-variadic") else self.text(part.get("type-id")) for part in one.findall("parameter")]
        returned = one.find("return")
        return f"{self.text(returned.get('type-id')) if returned is not None else 'void'} ({', '.join(parameters)})"

    def members(self, one):
        return [(part.get("layout-offset-in-bits"), part.find("var-decl").get("name"), self.text(part.find("var-decl").get("type-id")))
                for part in one.findall("data-member")]


def broken(old, new):
    """What of the older interface the newer one does not keep, in words."""
    if old.soname != new.soname:
        yield f"the soname {old.soname} is {new.soname}"
    yield from (f"the symbol {name}@{version} is gone" for name, version in old.symbols - new.symbols)
    for what in ("functions", "names"):
        for name, text in getattr(old, what).items():
            now = getattr(new, what).get(name)
            if now != text:
                yield f"{name} was {text}, and is {now}"
    for name, values in old.enumerations.items():
        yield from (f"{value[0]} of {name} is gone, or not {value[1]}" for value in values - new.enumerations.get(name, set()))
    for (kind, name), (size, members) in old.structures.items():
        now_size, now = new.structures.get((kind, name), (0, []))
        sized = name in MEASURED or ("size", "uint32_t") in [one[1:] for one in members]
        if now[:len(members)] != members:
            yield f"{name} has other members than {members}"
        elif now_size != size and not sized or now_size < size:
            yield f"{name} has {now_size} bits, and had {size}"
        elif any(int(one[0]) < size for one in now[len(members):]):
            yield f"{name} has got a member within what it had"


def read(version, name):
    with open(os.path.join(FOLDER, version, name), encoding="utf-8") as file:
        return file.read()


def structures(version):
    return set(read(version, "structures.txt").split("\n")[1:-1])


def versions():
    return sorted((name for name in os.listdir(FOLDER) if re.fullmatch(r"\d+\.\d+", name)), key=lambda name: [*map(int, name.split("."))])


class Abi(unittest.TestCase):
    maxDiff = None

    def test_each_minor_keeps_what_the_one_before_it_had(self):
        for old, new in itertools.pairwise(versions()):
            if old.split(".")[0] == new.split(".")[0]:
                public = structures(old)
                self.assertEqual(public - structures(new), set(), "these structures are gone")
                for name in ("libmstr.abi", "plugin.abi", "store.abi"):
                    self.assertEqual(list(broken(Interface(read(old, name), public), Interface(read(new, name), public))), [], f"{new}/{name} and {old}")


class Measure(unittest.TestCase):
    """The measure itself, on the interface as it is."""

    def setUp(self):
        self.text = read(versions()[-1], "libmstr.abi")
        self.options = re.search(r" *<class-decl name='mstr_call_options'.*?</class-decl>\n", self.text, re.S).group()

    def faults(self, old, new):
        self.assertNotEqual(old, new)
        return list(broken(*(Interface(text, structures(versions()[-1])) for text in (old, new))))

    def with_options(self, form):
        """The interface with mstr_call_options in another form."""
        return self.text.replace(self.options, form)

    def longer(self):
        """mstr_call_options with one member more."""
        size = re.search(r"size-in-bits='(\d+)'", self.options).group(1)
        more = f"<data-member layout-offset-in-bits='{size}'><var-decl name='more' type-id='{self.int64()}'/></data-member>"
        return self.options.replace(f"size-in-bits='{size}'", f"size-in-bits='{int(size) + 64}'").replace("</class-decl>", more + "</class-decl>")

    def int64(self):
        return re.search(r"name='timeout' type-id='([^']+)'", self.options).group(1)

    def test_a_symbol_may_come_and_must_not_go(self):
        more = self.text.replace("</elf-function-symbols>", "<elf-symbol name='mstr_new' version='LIBMSTR_1.9'/></elf-function-symbols>")
        self.assertEqual(self.faults(self.text, more), [])
        self.assertEqual(self.faults(more, self.text), ["the symbol mstr_new@LIBMSTR_1.9 is gone"])

    def test_functions_keep_their_types(self):
        other = re.sub(r"(<function-decl name='mstr_wipe'.*?)<parameter [^\n]*\n", r"\1", self.text, count=1, flags=re.S)
        self.assertIn("mstr_wipe was void (", self.faults(self.text, other)[0])

    def test_enumerators_keep_their_values(self):
        self.assertEqual(len(self.faults(self.text, self.text.replace("name='MSTR_E_MEMORY' value='", "name='MSTR_E_MEMORY' value='9"))), 1)
        self.assertEqual(self.faults(re.sub(r" *<enumerator name='MSTR_E_ISERVER'[^\n]*\n", "", self.text), self.text), [])

    def test_a_structure_that_tells_its_size_may_grow_at_its_end_and_no_other(self):
        self.assertEqual(self.faults(self.text, self.with_options(self.longer())), [])
        self.assertIn("has other members", self.faults(self.with_options(self.longer()), self.text)[0])
        unsized, longer = (form.replace("'size'", "'count'") for form in (self.options, self.longer()))
        self.assertIn("and had", self.faults(self.with_options(unsized), self.with_options(longer))[0])

    def test_members_keep_their_places(self):
        for old, new in (("'64'", "'96'"), ("'timeout'", "'wait'"), (f"'{self.int64()}'", "'of-no-type'")):
            self.assertIn("has other members", self.faults(self.text, self.with_options(self.options.replace(old, new)))[0])


if __name__ == "__main__":
    if len(sys.argv) == 3:  # two files that must be the same
        texts = [open(path, encoding="utf-8").read() for path in sys.argv[1:]]
        one, other = (Interface(text, structures(versions()[-1])) for text in texts)
        sys.exit("\n".join([*broken(one, other), *broken(other, one)]) or None)
    unittest.main()

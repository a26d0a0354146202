# SPDX-License-Identifier: Apache-2.0
"""What the sources of core and providers tell a user to do about failures: each hint with the message and the class it
comes with, as far as the source says so at that place.

A hint stands where it can be found: in the call that sets it, or under a name with `hint` or `remedy` in it, which is a
variable, a constant, a function's parameter, a member of a table's rows, or a function that chooses one."""
import os
import re

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|\s+|(?P<text>"(?:[^"\\]|\\.)*")|(?P<letter>\'(?:[^\'\\]|\\.)*\')|(?P<word>\w+)|'
                   r"(?P<mark>->|\.\.\.|[=!<>]=|.)", re.DOTALL)
DIRECTIVE = re.compile(r"^#(?:[^\n\\]|\\\n|\\.)*$", re.MULTILINE)
DEFINE = re.compile(r'^#define[ \t]+(\w+)[ \t\\\n]+("(?:[^\n\\]|\\\n|\\.)*)$', re.MULTILINE)
CONVERSION = re.compile(r"%%|%[-+ 0#]*(?:\d+|\*)?(?:\.(?:\d+|\*))?(?:hh|h|ll|l|z|j)?([diouxXcsp])")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
# Who tells a failure, and at which of its arguments the class and the message stand.
TELLERS = {"error_set": 1, "mstr_error_set": 1, "set_error": 1, "error_set_plain": 1, "set_error_plain": 1, "response_tell_absent": 1}
COMPOSERS = {"buffer_puts": 1, "buffer_printf": 1, "snprintf": 2}
# Words of arguments that name what a message has in their place.
TELLING = {"TRANSFER_HOST": "HOST", "PROXY_NAME": "PROXY"}
TELLING |= {word: word.upper() for word in ("name", "path", "profile", "scheme", "section", "key", "region", "host", "vault", "role",
                                            "file", "program", "package", "plugin", "id", "version", "url", "field", "port", "status",
                                            "number", "tenant", "variable", "secret", "source", "address", "nearest", "folder", "origin")}
TWO = {"TRANSFER_HOST", "PROXY_NAME"}  # macros that are a length and a text


def tokens(text):
    return [found.group() for found in TOKEN.finditer(text) if found.lastgroup]


def closing(code, at):
    """The index of what closes the bracket at `at`."""
    depth = 0
    for i in range(at, len(code)):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth == 0:
            return i
    return len(code)


def split(code, marks=","):
    """Parts between the marks that are in no brackets."""
    parts, depth = [[]], 0
    for one in code:
        depth += (one in "([{") - (one in ")]}")
        if one in marks and depth == 0:
            parts.append([])
        else:
            parts[-1].append(one)
    return [part for part in parts if part]


def arguments(code, at):
    """Those of the call whose name is at `at`."""
    return split(code[at + 2:closing(code, at + 1)])


def expression(code, at):
    """What begins at `at`, to the next , or ; or the end of its brackets."""
    depth = 0
    for i in range(at, len(code)):
        depth += (code[i] in "([{") - (code[i] in ")]}")
        if depth < 0 or (depth == 0 and code[i] in ",;"):
            return code[at:i]
    return code[at:]


def without_calls(code):
    """An expression without the arguments of its calls."""
    kept, i = [], 0
    while i < len(code):
        kept.append(code[i])
        if re.match(r"[A-Za-z_]", code[i]) and code[i + 1:i + 2] == ["("]:
            i = closing(code, i + 1)
        i += 1
    return kept


def unquote(text):
    return re.sub(r"\\(.)", lambda found: ESCAPES.get(found.group(1), found.group(1)), text[1:-1])


def is_hint(name):
    return re.search(r"hint|remedy", name, re.IGNORECASE) is not None


def fill(text, given):
    """A format with words in capitals, or …, in place of its conversions."""
    given = list(given)

    def one(found):
        if found.group() == "%%":
            return "%"
        argument = given.pop(0) if given else []
        if ".*" in found.group() and not TWO & set(argument):
            argument = given.pop(0) if given else []
        if len(argument) == 1 and argument[0][0] == '"':
            return argument[0][1:-1]
        words = [TELLING[word] for word in argument if word in TELLING]
        return words[-1] if words else "…" if found.group(1) in "sc" else "N"

    return " ".join(CONVERSION.sub(one, text).split(" "))


class Hint:
    def __init__(self, path, where, text, told=None, fields=()):
        self.path, self.where, self.text = path, where, text
        self.classes, self.message = told or ([], None)
        self.fields = list(fields)  # of its row, or the other arguments of its call


class Source:
    """A source file: its constants, functions and tables of hints."""

    def __init__(self, path, text, constants, structures=None):
        self.path = path
        self.constants = dict(constants)
        self.constants.update(read_constants(text))
        self.numbers = dict(re.findall(r"\b([A-Z_]+) = (\d+)\b", text))  # of enumerations
        self.structures = dict(structures or {})
        self.tables = []  # (name, members, rows)
        self.functions = []  # (name, parameters, body)
        code = tokens(DIRECTIVE.sub("", text))
        self.outside = self.read_functions(code)  # of all functions
        self.read_declarations(code)

    def read_functions(self, code):
        i, outside = 1, []
        while i < len(code):
            outside.append(code[i])
            if code[i] == "(" and re.match(r"\w", code[i - 1]):
                end = closing(code, i)
                if code[end + 1:end + 2] == ["{"]:
                    stop = closing(code, end + 1)
                    self.functions.append((code[i - 1], split(code[i + 1:end]), code[end + 2:stop]))
                    i = stop
            i += 1
        return outside

    def read_declarations(self, code):
        for i, one in enumerate(code):
            if one == "struct" and "{" in code[i + 1:i + 3]:
                start = code.index("{", i)
                end = closing(code, start)
                members = [[word for word in part if re.match(r"[A-Za-z_]", word)][-1] for part in split(code[start + 1:end], ";")]
                if start == i + 2:
                    self.structures[code[i + 1]] = members
                if any(map(is_hint, members)) and "=" in code[end + 2:end + 6]:
                    self.read_table(code, end + 1, members)
            elif one == "struct" and any(map(is_hint, self.structures.get(code[i + 1], ()))) and code[i + 3:i + 4] == ["["]:
                self.read_table(code, i + 2, self.structures[code[i + 1]])
            elif one == "char" and is_hint(code[i + 1]) and code[i + 2:i + 5] == ["[", "]", "="]:
                self.constants[code[i + 1]] = self.texts(expression(code, i + 5))[0]

    def read_table(self, code, at, members):
        start = code.index("{", at)
        rows = [split(row[1:-1]) for row in split(code[start + 1:closing(code, start)]) if row[0] == "{"]
        self.tables.append((code[at], members, rows))

    def texts(self, code):
        """The texts that an expression may have: of ?: each, adjacent ones as one."""
        if code[:1] == ["("] and closing(code, 0) == len(code) - 1:
            code = code[1:-1]
        found = []
        for part in split(without_calls(code), "?:"):
            if "==" in part or "!=" in part:
                continue
            words = [unquote(word) if word[0] == '"' else self.constants.get(word, "d" if word.startswith("PRI") else None)
                     for word in part if word not in "()"]
            if any(word[0] == '"' or word in self.constants for word in part):
                found.append("".join(word for word in words if word))
        return found

    def formats(self, given):
        """The texts of a format with its arguments; those of its only one where it is "%s"."""
        texts = self.texts(given[0])
        if texts == ["%s"] and len(given) > 1:
            return self.texts(given[1])
        fixed = [self.texts(one) for one in given[1:]]
        return [fill(text, [[f'"{its[0]}"'] if len(one) == 1 and its and '"' not in its[0] else one for one, its in zip(given[1:], fixed)])
                for text in texts]

    def told(self, body):
        """The last failure that a piece of code tells: its classes and message."""
        last = None
        for i, word in enumerate(body):
            given = arguments(body, i) if word in TELLERS and body[i + 1:i + 2] == ["("] else []
            texts = self.formats(given[2:]) if len(given) > 2 else []
            if texts:
                last = [one for one in given[1] if one.startswith("MSTR_E_")], texts[0]
        return last

    def takers(self):
        """Functions that are handed a hint: at which argument."""
        found = {"error_hint": 2}
        for name, parameters, _ in self.functions:
            for i, parameter in enumerate(parameters):
                if is_hint(parameter[-1]) and parameter[-1] != "null_hint" and name not in ("error_hint", "error_set_hint"):
                    found[name] = i
        return found

    def call_hints(self, name, body, i, takers):
        given = arguments(body, i)
        context = self.told(body[:closing(body, i + 1)])
        if body[i] == "error_set_hint":
            texts = self.formats(given[1:])
        elif body[i] == "error_detail" and given[1] == ["MSTR_DETAIL_HINT"]:
            texts = self.texts(given[2])
        elif body[i] in takers and len(given) > takers[body[i]]:
            texts = self.texts(given[takers[body[i]]])
        else:
            return
        fields = [(self.texts(one) or ["…"])[0] for one in given]
        yield from (Hint(self.path, name, text, context, fields) for text in texts)

    def function_hints(self, name, body, takers):
        composed = []
        for i, word in enumerate(body):
            following = body[i + 1:i + 2]
            if following == ["("]:
                yield from self.call_hints(name, body, i, takers)
                given = arguments(body, i) if word in COMPOSERS else []
                if given and (is_hint(given[0][-1]) or is_hint(name)):
                    composed += self.formats(given[COMPOSERS[word]:])
            elif is_hint(word) and following == ["="]:
                context = None if body[i - 1] == "." else self.told(body[:i])
                yield from (Hint(self.path, name, text, context) for text in self.texts(expression(body, i + 2)))
            elif word == "return" and is_hint(name):
                yield from (Hint(self.path, name, text) for text in self.texts(expression(body, i + 1)))
        if composed:
            yield Hint(self.path, name, "".join(composed), self.told(body))

    def hints(self):
        takers = self.takers()
        for i, word in enumerate(self.outside):
            if is_hint(word) and self.outside[i - 1:i + 2:2] == [".", "="]:
                yield from (Hint(self.path, word, text) for text in self.texts(expression(self.outside, i + 2)))
            elif is_hint(word) and word.islower() and word in self.constants and self.outside[i - 1] == ",":
                yield Hint(self.path, word, self.constants[word])
        for name, _, body in self.functions:
            yield from self.function_hints(name, body, takers)
            self.read_declarations(body)
        for name, members, rows in self.tables:
            column = next(i for i, member in enumerate(members) if is_hint(member))
            for row in rows:
                fields = [(self.texts(one) or [self.numbers.get(one[0], " ".join(one))])[0] for one in row]
                classes = [word for one in row for word in one if word.startswith("MSTR_E_")]
                yield from (Hint(self.path, name, text, (classes, None), fields)
                            for text in (self.texts(row[column]) if len(row) > column else []))

    def hidden(self):
        """Calls that set a hint which is found nowhere by its name."""
        for name, _, body in self.functions:
            for i, word in enumerate(body):
                given = arguments(body, i) if body[i + 1:i + 2] == ["("] else []
                setting = given[1:] if word == "error_set_hint" else \
                    given[2:] if word == "error_hint" or (word == "error_detail" and given[1] == ["MSTR_DETAIL_HINT"]) else []
                found = [one for one in setting if self.texts(one) not in ([], ["%s"]) or any(map(is_hint, one))]
                if setting and not found and not is_hint(name):
                    yield f"{self.path}: {name}() sets a hint that no name tells: {' '.join(setting[-1])}"


def read_constants(text):
    return {name: "".join(unquote(one) for one in tokens(value) if one[0] == '"') for name, value in DEFINE.findall(text)}


def read_structures(text):
    """Members of the structures that have a hint."""
    found = Source("", text, {}).structures
    return {name: members for name, members in found.items() if any(map(is_hint, members))}


def read(root):
    """The sources that speak of hints, or have a table of structures that do; each knows the constants and structures of all headers."""
    texts = {}
    for folder in ("core", "providers"):
        for place, _, names in os.walk(os.path.join(root, folder)):
            for name in names:
                if name.endswith((".c", ".h")):
                    path = os.path.join(place, name)
                    with open(path, encoding="utf-8") as file:
                        texts[os.path.relpath(path, root)] = file.read()
    constants, structures = {}, {}
    for path, text in texts.items():
        if path.endswith(".h"):
            constants.update({name: value for name, value in read_constants(text).items() if re.search("HINT|FORMS|INTERNATIONAL", name)})
            structures.update(read_structures(text) if is_hint(text) else {})
    speaks = re.compile("|".join(["hint", "remedy"] + [rf"struct {name}\b" for name in structures]), re.IGNORECASE)
    return [Source(path, texts[path], constants, structures)
            for path in sorted(texts) if path.endswith(".c") and speaks.search(texts[path])]

# SPDX-License-Identifier: Apache-2.0
"""Mutants of a C file: single small faults, such as a condition turned round or a call left out, of which a good test notices
each. All mutants of a file are written into one text, each behind the question whether it is the chosen one, so that a
program is built once and tried with each of them. mutation.py does that.

The C that is understood is that of this project: formatted by clang-format, braces around every branch, no macros that hide
control flow."""
import bisect
import re

TOKEN = re.compile(r"""(?P<space>\s+|/\*.*?\*/|//[^\n]*|^[ \t]*\#(?:\\\n|[^\n])*)|(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
                       |(?P<name>[A-Za-z_]\w*)|(?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
                       |(?P<sign><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)""", re.X | re.S | re.M)
BINARY = {"||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, ">": 7, "<=": 7, ">=": 7, "<<": 8, ">>": 8,
          "+": 9, "-": 9, "*": 10, "/": 10, "%": 10}
CHANGED = {"||": "&&", "&&": "||", "|": "&", "&": "|", "==": "!=", "!=": "==", "<": "<=", ">": ">=", "<=": "<", ">=": ">",
           "+": "-", "-": "+"}
TURNED = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}  # what compares sizes is also turned round
ASSIGN = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="}
TYPES = {"bool", "char", "int", "long", "short", "signed", "unsigned", "void", "const", "struct", "enum", "static"}
TYPE = re.compile(r"(?:\w+_t|mode|curl_\w+)\Z")
JUMPS = {"return", "case", "goto", "sizeof", "else", "do"}
OPEN, CLOSE = {"(": ")", "[": "]", "{": "}"}, {")", "]", "}"}


class Token:
    def __init__(self, kind, text, start):
        self.kind, self.text, self.start, self.end = kind, text, start, start + len(text)
        self.mate = None  # index of the bracket that belongs to this one


class Mutant:
    """A fault: the octets from start to end of the file become `text`. `what` says so in words."""

    def __init__(self, start, end, text, what, statement=False):
        self.start, self.end, self.text, self.what, self.statement = start, end, text, what, statement
        self.line = 0


def tokens_of(source):
    tokens, stack = [], []
    for found in TOKEN.finditer(source):
        if found.lastgroup == "space":
            continue
        token = Token(found.lastgroup, found.group(), found.start())
        tokens.append(token)
        if token.kind == "sign" and token.text in OPEN:
            stack.append(len(tokens) - 1)
        elif token.kind == "sign" and token.text in CLOSE:
            token.mate = stack.pop()
            tokens[token.mate].mate = len(tokens) - 1
    return tokens


class File:
    def __init__(self, source):
        self.source = source
        self.tokens = tokens_of(source)
        self.loop_heads = [(i + 1, self.tokens[i + 1].mate) for i, token in enumerate(self.tokens) if token.text == "for"]
        self.lines = [0] + [found.end() for found in re.finditer("\n", source)]

    def line_of(self, offset):
        return bisect.bisect_right(self.lines, offset)

    def text(self, first, last):
        """What the tokens from first to last say, on one line and without comments."""
        cut = self.source[self.tokens[first].start:self.tokens[last].end]
        return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", " ", cut, flags=re.S))

    def is_type(self, index):
        token = self.tokens[index]
        return token.kind == "name" and (token.text in TYPES or bool(TYPE.match(token.text)) or
                                         self.tokens[index - 1].text in ("struct", "enum"))

    def is_cast(self, closing):
        inside = range(self.tokens[closing].mate + 1, closing)
        return len(inside) > 0 and all(self.is_type(i) or self.tokens[i].text == "*" for i in inside) and \
            self.tokens[self.tokens[closing].mate - 1].kind != "name"

    def is_in_loop_head(self, index):
        return any(begin < index < end for begin, end in self.loop_heads)

    def is_binary(self, index):
        if self.tokens[index].kind != "sign" or self.tokens[index].text not in BINARY:
            return False
        before = self.tokens[index - 1]
        if before.text == ")":
            return not self.is_cast(index - 1)
        if before.kind == "name" and (before.text in JUMPS or self.is_type(index - 1)):
            return False
        return before.kind in ("name", "number", "text") or before.text == "]"

    def first_of(self, index, level):
        """Where the operand that ends before `index` begins; what binds weaker than `level` ends it."""
        while True:
            token = self.tokens[index - 1]
            if token.text in CLOSE and token.text != "}":
                index = token.mate
            elif token.text == "}" or token.text in OPEN or token.text in ASSIGN or token.text in (";", ",", "?", ":"):
                return index
            elif token.kind == "name" and token.text in JUMPS and token.text != "sizeof":
                return index
            elif self.is_binary(index - 1) and BINARY[token.text] < level:
                return index
            else:
                index -= 1

    def last_of(self, index, level):
        """Where the operand that begins behind `index` ends; what binds no stronger than `level` ends it."""
        while True:
            token = self.tokens[index + 1]
            if token.text in OPEN:
                index = token.mate
            elif token.text in CLOSE or token.text in ASSIGN or token.text in (";", ",", "?", ":"):
                return index
            elif self.is_binary(index + 1) and BINARY[token.text] <= level:
                return index
            else:
                index += 1


def functions(file):
    """Pairs of the brackets around the functions' bodies, and the words before their names."""
    index, begin = 0, 0
    while index < len(file.tokens):
        token = file.tokens[index]
        if token.text == "{":
            if file.tokens[index - 1].text == ")":
                yield index, token.mate, [one.text for one in file.tokens[begin:file.tokens[index - 1].mate - 1]]
            index = begin = token.mate + 1
        else:
            index += 1
            if token.text == ";":
                begin = index


def left_alone(file, first, last):
    """Indexes of tokens that are no part of what runs: constants, labels, sizes of arrays, tables."""
    alone, index = set(), first
    while index < last:
        token = file.tokens[index]
        end = None
        if token.text in ("static", "enum") and file.tokens[index - 1].text in (";", "{", "}"):
            end = next(i for i in range(index, last) if file.tokens[i].text == ";" and not _inside(file, index, i))
        elif token.text == "case":
            end = next(i for i in range(index, last) if file.tokens[i].text == ":")
        elif token.text == "sizeof" and file.tokens[index + 1].text == "(":
            end = file.tokens[index + 1].mate
        elif token.text == "[" and (file.is_type(index - 2) or file.tokens[index - 2].text == "*"):
            end = token.mate
        if end is not None:
            alone.update(range(index, end + 1))
            index = end
        index += 1
    return alone


def _inside(file, start, index):
    return any(file.tokens[i].text == "{" and file.tokens[i].mate > index for i in range(start, index))


def of_operators(file, index):
    sign, level = file.tokens[index].text, BINARY[file.tokens[index].text]
    first, last = file.first_of(index, level), file.last_of(index, level)
    left, right = file.text(first, index - 1), file.text(index + 1, last)
    start, end = file.tokens[first].start, file.tokens[last].end
    for other in (CHANGED.get(sign), TURNED.get(sign)):
        if other is not None:
            yield Mutant(start, end, f"{left} {other} {right}", f"{sign} becomes {other}")
    if sign in ("&&", "||"):
        for begin, stop in ((first, index - 1), (index + 1, last)):
            yield from of_condition(file, begin, stop)


def of_condition(file, first, last):
    """What is neither a comparison nor made of other conditions is turned round as it is."""
    index = first
    while index <= last:
        if file.tokens[index].text in OPEN:
            index = file.tokens[index].mate
        elif file.tokens[index].text in ASSIGN or file.is_binary(index) and BINARY[file.tokens[index].text] <= 7:
            return
        index += 1
    yield Mutant(file.tokens[first].start, file.tokens[last].end, f"!({file.text(first, last)})", "turned round")


def of_return(file, index, words):
    last = file.last_of(index, 0)
    if last == index or file.tokens[last + 1].text != ";":
        return
    told, start, end = file.text(index + 1, last), file.tokens[index + 1].start, file.tokens[last].end
    if told in ("true", "false"):
        yield Mutant(start, end, {"true": "false", "false": "true"}[told], "the other answer")
    elif "*" in words:
        return
    elif last == index + 1 and re.fullmatch(r"[A-Z][A-Z0-9_]+", told) and not told.endswith(("_OK", "NO_FAULT")):
        yield Mutant(start, end, "0", f"{told} becomes the answer that is 0")
    elif "bool" in words:
        yield from of_condition(file, index + 1, last)
    elif file.tokens[last].text == ")" and file.tokens[last].mate == index + 2 and "enum" in words:
        yield Mutant(start, end, f"({told}, 0)", "its answer becomes the one that is 0")


def of_loop(file, index):
    """The condition of a for."""
    parts = [i for i in range(index + 2, file.tokens[index + 1].mate) if file.tokens[i].text == ";"]
    if parts[0] + 1 < parts[1]:
        yield from of_condition(file, parts[0] + 1, parts[1] - 1)


# What is not left out: whatever gives memory and files back. AddressSanitizer watches over that.
GIVES_BACK = re.compile(r"(?:\w+_)?(?:free|release|close|fclose|closedir|unlock|unref|put_back|destroy)\Z")


def of_call(file, index):
    """A call whose answer nobody wants is left out."""
    if file.tokens[index - 1].text in (";", "{", "}") and file.tokens[index].kind == "name" and \
            file.tokens[index + 1].text == "(" and file.tokens[index].text not in ("if", "while", "for", "switch", "return") and \
            not GIVES_BACK.match(file.tokens[index].text) and not file.is_in_loop_head(index):
        end = file.tokens[index + 1].mate + 1
        if file.tokens[end].text == ";":
            yield Mutant(file.tokens[index].start, file.tokens[end].end, "", "left out", statement=True)


def of_token(file, index, words):
    token = file.tokens[index]
    if file.is_binary(index):
        yield from of_operators(file, index)
    elif token.text in ("if", "while") and file.tokens[index + 1].text == "(":
        yield from of_condition(file, index + 2, file.tokens[index + 1].mate - 1)
    elif token.text == "?":
        yield from of_condition(file, file.first_of(index, 0), index - 1)
    elif token.text == "for":
        yield from of_loop(file, index)
    elif token.text == "return":
        yield from of_return(file, index, words)
    else:
        yield from of_call(file, index)


def mutants_of(source):
    """All mutants of a C source, in its order."""
    file, found = File(source), {}
    for first, last, words in functions(file):
        alone = left_alone(file, first, last)
        for index in range(first + 1, last):
            if index not in alone:
                for mutant in of_token(file, index, words):
                    mutant.line = file.line_of(mutant.start)
                    found.setdefault((mutant.start, -mutant.end, mutant.text), mutant)
    return [found[key] for key in sorted(found)]


def written(source, numbered):
    """The source with these mutants in it: a dictionary from their numbers. Lines stay where they are."""
    spans = {}
    for number, mutant in numbered.items():
        spans.setdefault((mutant.start, -mutant.end, not mutant.statement), []).append((number, mutant))
    opening, closing = {}, {}
    for (start, end, _), group in sorted(spans.items()):
        if group[0][1].statement:
            opening.setdefault(start, []).append(f"if (!MUTANT({group[0][0]})) {{ ")
            closing.setdefault(-end, []).insert(0, " }")
            continue
        chosen = "".join(f"MUTANT({number}) ? ({mutant.text}) : " for number, mutant in group)
        opening.setdefault(start, []).append(f"({chosen}(")
        closing.setdefault(-end, []).insert(0, "))")
    out, at = [], 0
    for place in sorted(set(opening) | set(closing)):
        out += [source[at:place], *closing.get(place, ()), *opening.get(place, ())]
        at = place
    return "".join(out + [source[at:]])

# SPDX-License-Identifier: Apache-2.0
"""Each function of the public headers tells all that a caller has to know: its parameters, what it returns, whom what it
gives belongs to, and which threads may call it. CTest sets MSTR_SOURCE. Whether Doxygen makes a page of that without a
warning is integration/reference."""
import os
import re
import unittest

HEADERS = os.path.join(os.environ["MSTR_SOURCE"], "include", "mstr")
FUNCTION = re.compile(r"(/\*\*(?:(?!\*/).)*\*/\n)?(?:MSTR_API|MSTR_PLUGIN_EXPORT) ([^;{}]*?)\b(mstr_\w+)\(((?:[^()]|\([^()]*\))*)\)[^;()]*"
                      r"(?:MSTR_PRINTF\([^)]*\))?;", re.DOTALL)
# A type's own comment, which stands before its typedef.
TYPE = re.compile(r"/\*\*((?:(?!\*/).)*)\*/\ntypedef struct (mstr_\w+)", re.DOTALL)
PARAMETER = re.compile(r"@param(\[out\])?\s+(\w+)\s+((?:(?!@param|@return).)*)", re.DOTALL)
# Whom a pointer belongs to that a caller gets, and until when it is good.
OWNED = re.compile(r"\b(?:freed|released|given back|lives?|static|its argument|the caller's|copied)\b")


def split_parameters(text):
    """[(type, name)] of a parameter list; one that is a function is a pointer."""
    found, depth, one = [], 0, ""
    for letter in text + ",":
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            one = " ".join(one.split())
            if one not in ("void", "..."):
                name = re.search(r"\(\*(\w+)\)|(\w+)(?:\[\d+\])?$", one)
                found.append((one, name.group(1) or name.group(2)))
            one = ""
        else:
            one += letter
    return found


class Function:
    def __init__(self, comment, returned, name, parameters):
        self.name = name
        self.comment = re.sub(r"\n \*[ \t]*", " ", comment or "")
        self.returned = returned.strip()
        self.parameters = split_parameters(parameters)
        self.told = {name: text.strip() for _, name, text in PARAMETER.findall(self.comment)}
        found = re.search(r"@return (.*)", self.comment, re.DOTALL)
        self.told_return = found.group(1) if found else ""

    def faults(self, thread_types):
        names = [name for _, name in self.parameters]
        for name in sorted(set(names) ^ set(self.told)):
            yield f"{self.name}: tells no @param {name}" if name in names else f"{self.name}: has no parameter {name}"
        if (self.returned == "void") == bool(self.told_return):
            yield f"{self.name}: @return is {'told of nothing' if self.told_return else 'missing'}"
        for kind, name in self.parameters:
            if re.search(r"\bmstr_\w+ \*\*", kind) and not OWNED.search(self.told.get(name, "")):
                yield f"{self.name}: whose is what comes in {name}, and how long does it live?"
        if self.returned.endswith("*") and not OWNED.search(self.told_return):
            yield f"{self.name}: whose is what it returns, and how long does it live?"
        mentioned = set(re.findall(r"\bmstr_\w+", " ".join(kind for kind, _ in self.parameters) + " " + self.returned))
        mentioned -= set() if self.name.startswith("mstr_error_") else {"mstr_error"}  # which most take beside their object
        if "thread" not in self.comment and not mentioned & thread_types:
            yield f"{self.name}: neither it nor a type that it takes tells of threads"


def read():
    types, functions = set(), []
    for name in sorted(os.listdir(HEADERS)):
        with open(os.path.join(HEADERS, name), encoding="utf-8") as file:
            text = file.read()
        types |= {found[1] for found in TYPE.findall(text) if "thread" in found[0]}
        functions += [Function(*found) for found in FUNCTION.findall(text)]
    return types, functions


class Reference(unittest.TestCase):
    maxDiff = None

    def test_each_public_function_tells_its_parameters_returns_owners_and_threads(self):
        types, functions = read()
        self.assertEqual([fault for function in functions for fault in function.faults(types)], [])

    def test_each_symbol_of_the_library_is_among_them(self):
        with open(os.path.join(os.environ["MSTR_SOURCE"], "core", "libmstr.map"), encoding="utf-8") as file:
            symbols = set(re.findall(r"\bmstr_\w+(?=;)", re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)))
        told = {function.name for function in read()[1]} - {"mstr_provider_entry", "mstr_store_entry"}  # which plugins have
        self.assertEqual(sorted(symbols ^ told), [])


class Measure(unittest.TestCase):
    """The measure itself."""

    def faults(self, comment, declaration):
        found = FUNCTION.findall(f"/** {comment} */\nMSTR_API {declaration};")
        self.assertEqual(len(found), 1)
        return [fault.partition(": ")[2] for fault in Function(*found[0]).faults({"mstr_session"})]

    def test_what_is_not_told_is_found(self):
        self.assertEqual(self.faults("Ends it.", "void mstr_end(mstr_session *session)"), ["tells no @param session"])
        self.assertEqual(self.faults("@param a is not there", "void mstr_end(mstr_session *session)"),
                         ["has no parameter a", "tells no @param session"])
        self.assertEqual(self.faults("@param session it", "int mstr_end(mstr_session *session)"), ["@return is missing"])
        self.assertEqual(self.faults("@return a text", "const char *mstr_name(mstr_session **out)"),
                         ["tells no @param out", "whose is what comes in out, and how long does it live?",
                          "whose is what it returns, and how long does it live?"])
        self.assertEqual(self.faults("Ends. @param a one", "void mstr_end(int a)"),
                         ["neither it nor a type that it takes tells of threads"])

    def test_what_is_told_is_found(self):
        self.assertEqual(self.faults("@param[out] out to be freed\n * @param f called\n * @return MSTR_OK",
                                     "enum mstr_code mstr_new(mstr_session **out, void (*f)(void *))"), [])


if __name__ == "__main__":
    unittest.main()

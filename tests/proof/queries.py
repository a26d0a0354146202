# SPDX-License-Identifier: Apache-2.0
"""Questions to the code, in the manner of CodeQL: queries.py SOURCE. Each is about a class of faults that befall code like this, and
finds where one may be, by the tokens of a function (mutants.py reads them). What it finds is mended, or stands in answers.txt with
the reason why it is none; all else fails, and so does a line of answers.txt that is found no longer.

A finding is told as "QUERY: FILE: FUNCTION(): WHAT", without the line, so that lines may move. pthread_mutex_init() and _lock() are
asked about by none: with the attributes that all mutexes here have, glibc fails in neither, and "forbidden" sees that no others come."""
import os
import re
import sys

import mutants
import reasons

# What names a secret: the last words of an identifier. What is about one (token_length, key_id) is not its octets.
SECRET = re.compile(r"(?:^|_)(?:secret|password|passphrase|token|credential|bearer|assertion)(?:_text|_octets|_value)?$|"
                    r"(?:^|_)(?:private|seal|sealing|api|signing|session|access)_key$")
GIVES_SECRET = re.compile(r"(?:secret|password|token)_(?:octets|text)$")
WIPES = {"explicit_bzero", "mstr_wipe", "OPENSSL_cleanse", "text_wipe_free", "digest_wipe"}
OCTETS = {"char", "uint8_t"}
FILLS = {"read", "pread", "recv", "recvfrom", "fread", "fgets"}
COMPARES = {"memcmp", "strcmp", "strncmp", "strcasecmp", "strncasecmp", "text_equal_nocase", "text_equal_nocase_length"}
COPIES = {"strdup": (0,), "strndup": (0,), "text_copy": (0,), "text_copy_length": (0,), "asprintf": range(2, 20)}
# Calls whose failure changes what is true afterwards. Of streams the last word is that of fclose().
TELLING = {"write", "pwrite", "writev", "fflush", "fclose", "fsync", "fdatasync", "rename", "renameat", "link", "symlink", "ftruncate", "fchmod",
           "fchown", "chmod", "chown", "mkdir", "mkostemp", "setrlimit", "setsockopt", "fcntl", "ioctl", "pthread_create", "sigaction", "dup2",
           "pipe2", "read", "chdir", "setuid", "setgid", "mlock", "mprotect", "madvise", "snprintf", "vsnprintf", "getrandom", "realloc"}
# Calls that open something, and what among their words makes it end with exec(); None where there is a call that can.
OPENS = {"open": "O_CLOEXEC", "openat": "O_CLOEXEC", "mkostemp": "O_CLOEXEC", "pipe2": "O_CLOEXEC", "socket": "SOCK_CLOEXEC",
         "socketpair": "SOCK_CLOEXEC", "accept4": "SOCK_CLOEXEC", "epoll_create1": "EPOLL_CLOEXEC", "eventfd": "EFD_CLOEXEC",
         "inotify_init1": "IN_CLOEXEC", "signalfd": "SFD_CLOEXEC", "timerfd_create": "TFD_CLOEXEC", "memfd_create": "MFD_CLOEXEC",
         "recvmsg": "MSG_CMSG_CLOEXEC", "fopen": '"[rwa]b?e', "pipe": None, "accept": None, "dup": None, "mkstemp": None,
         "epoll_create": None, "inotify_init": None, "creat": None, "tmpfile": None}
FORBIDDEN = {"popen", "system", "gets", "strcpy", "strcat", "stpcpy", "sprintf", "vsprintf", "alloca", "tmpnam", "tempnam", "mktemp", "strtok", "rand",
             "random", "drand48", "atoi", "atol", "scanf", "gmtime", "localtime", "asctime", "ctime", "gethostbyname", "getpwuid", "getpwnam",
             "vfork", "longjmp", "pthread_cancel", "pthread_mutexattr_settype", "pthread_mutexattr_setrobust", "getline", "getdelim",
             "open_memstream"}
BY_LOCALE = {"isalpha", "isalnum", "isspace", "isupper", "islower", "isprint", "ispunct", "toupper", "tolower", "strcasecmp", "strncasecmp",
             "strtod", "strtof", "setlocale", "strcoll", "strftime", "strptime"}
ENVIRONMENT = {"getenv", "secure_getenv", "setenv", "putenv", "unsetenv", "clearenv", "environ"}
ENDS = {"assert", "abort", "exit", "_exit", "_Exit", "quick_exit", "raise"}
CURL = re.compile(r"CURLOPT_(?:FOLLOWLOCATION|MAXREDIRS|UNRESTRICTED_AUTH|SSL\w+|CAINFO\w*|CAPATH\w*|PINNEDPUBLICKEY|PROXY\w*|PRE_PROXY|NOPROXY|"
                  r"NETRC\w*|COOKIE\w*|PROTOCOLS\w*|REDIR_PROTOCOLS\w*|DOH_\w+|RESOLVE|CONNECT_TO|UNIX_SOCKET_PATH)$")
CURL_PLACES = {"core/http/request_setup.c", "core/http/peer_setup.c", "core/http/client_certificate.c", "core/http/tls.c", "core/http/trust.c"}
TELLS = re.compile(r"(?:mstr_)?error_set\w*$|log_write$|v?[fd]?printf$|f?puts$|perror$|syslog$")
MAKES_ROOM = {"malloc": (0,), "realloc": (1,), "calloc": (0, 1), "aligned_alloc": (1,), "mmap": (1,)}
CONTROLS = {"if", "while", "for", "switch", "return", "sizeof"}


class Function:
    """A function: a call is a name with a bracket behind it, told by its index."""

    def __init__(self, file, first, last):
        self.file, self.tokens, self.first, self.last = file, file.tokens, first, last
        self.name = self.tokens[self.tokens[first - 1].mate - 1].text
        self.calls = [i for i in range(first + 1, last) if self.tokens[i].kind == "name" and self.tokens[i + 1].text == "(" and
                      self.tokens[i].text not in CONTROLS and self.tokens[i - 1].text not in (".", "->")]

    def arguments(self, call):
        """First and last index of each."""
        at = start = call + 2
        end = self.tokens[call + 1].mate
        while at < end:
            if self.tokens[at].text in mutants.OPEN:
                at = self.tokens[at].mate
            elif self.tokens[at].text == ",":
                yield start, at - 1
                start = at + 1
            at += 1
        if start < end:
            yield start, end - 1

    def words(self, first, last):
        return [self.tokens[i].text for i in range(first, last + 1)]

    def argument_words(self, call):
        return [self.words(*argument) for argument in self.arguments(call)]

    def text(self, call):
        return self.file.text(call, self.tokens[call + 1].mate)

    def is_statement(self, call):
        """Whether nobody looks at what it gives; a cast to void is no look."""
        before = self.tokens[call - 1]
        if before.text == ")":
            head = self.tokens[before.mate - 1].text in ("if", "while", "for")
            before = before if head or self.words(before.mate, call - 1) == ["(", "void", ")"] else None
        return before is not None and before.text in (";", "{", "}", ":", ")", "else") and \
            self.tokens[self.tokens[call + 1].mate + 1].text == ";"

    def arrays(self):
        """Indexes of the names of arrays of octets that end with the function."""
        for i in range(self.first + 2, self.last):
            if self.tokens[i].kind == "name" and self.tokens[i + 1].text == "[" and self.tokens[i - 1].text in OCTETS:
                begin = i
                while self.tokens[begin - 1].text not in (";", "{", "}"):
                    begin -= 1
                if self.tokens[begin].text not in ("static", "extern", "case"):
                    yield i

    def wipes(self, name):
        return [call for call in self.calls if self.tokens[call].text in WIPES and name in self.words(call, self.tokens[call + 1].mate)]


def is_library(path):
    """All but programs."""
    return not path.startswith(("core/cli/", "core/tools/", "core/agent/"))


def is_secret(words):
    """Whether an expression is the octets of a secret: by its last name, or by the function that gives them."""
    names = [word for word in words if re.match(r"[A-Za-z_]", word)]
    calls = [word for word, behind in zip(words, words[1:]) if behind == "(" and re.match(r"\w", word)]
    if calls:
        return any(GIVES_SECRET.search(word) for word in calls)
    return bool(names) and "?" not in words and bool(SECRET.search(names[-1]))


def unwiped(_, function):
    """A local array that is named as a secret, or into which others' octets are read, is wiped before the function returns."""
    for array in function.arrays():
        name = function.tokens[array].text
        uses = [i for i in range(array + 1, function.last) if function.tokens[i].text == name]
        filled = any(function.tokens[call].text in FILLS and any(words[:1] == [name] for words in function.argument_words(call))
                     for call in function.calls)
        if uses and (filled or SECRET.search(name)):
            wipes = function.wipes(name)
            ways = [i for i in range(uses[0], function.last) if function.tokens[i].text == "return"] or [function.last]
            if any(all(wipe > way for wipe in wipes) for way in ways):
                yield name


def freed(_, function):
    """free() and realloc() leave octets where they were: text_wipe_free(), mstr_secret_release(), a buffer."""
    for call in function.calls:
        if function.tokens[call].text in ("free", "realloc"):
            words = function.argument_words(call)[:1]
            if words and is_secret(words[0]) and not any(wipe < call for wipe in function.wipes(words[0][-1])):
                yield function.text(call)


def copied(_, function):
    """A copy that free() gives back is one that nobody wipes: mstr_secret_new(), mstr_secret_retain()."""
    for call in function.calls:
        places = COPIES.get(function.tokens[call].text, ())
        if any(is_secret(words) for i, words in enumerate(function.argument_words(call)) if i in places):
            yield function.text(call)


def compared(_, function):
    """How long memcmp() takes tells how much of a secret was guessed: digest_equal()."""
    for call in function.calls:
        if function.tokens[call].text in COMPARES and any(map(is_secret, function.argument_words(call))):
            yield function.text(call)


def can_be_cut(formats):
    """Whether a format takes in a text whose length it does not bound."""
    return not formats or any(re.search(r"%-?\*?\d*s|%\.\*s", text) for text in formats)


def ignored(_, function):
    """A failure is looked at, and so is a text that did not fit."""
    for call in function.calls:
        name = function.tokens[call].text
        formats = [word for words in function.argument_words(call) for word in words if word.startswith('"')]
        if name in TELLING and function.is_statement(call) and ("snprintf" not in name or can_be_cut(formats)):
            yield function.text(call)


def environment(path, function):
    """A program that runs with others' rights is not led by its caller's variables: environment_get()."""
    if is_library(path):
        yield from (function.text(i) if function.tokens[i + 1].text == "(" else "environ"
                    for i in range(function.first, function.last) if function.tokens[i].text in ENVIRONMENT)


def inherited(_, function):
    """No descriptor lives on in a program that is started meanwhile."""
    for call in function.calls:
        name = function.tokens[call].text
        if name in OPENS and (OPENS[name] is None or not re.search(OPENS[name], function.text(call))):
            yield function.text(call)


def forbidden(_, function):
    """Calls that overrun, that share state between threads, that ask a shell, or in which secrets are moved about."""
    yield from (function.text(call) for call in function.calls if function.tokens[call].text in FORBIDDEN)


def locale(_, function):
    """What the user's language changes has no place in protocols and files."""
    yield from (function.text(call) for call in function.calls if function.tokens[call].text in BY_LOCALE)


def curl(path, function):
    """Whom TLS trusts, which way a request goes and where it is led on is decided in few places."""
    if path not in CURL_PLACES:
        yield from (token.text for token in function.tokens[function.first:function.last] if CURL.match(token.text))


def told(_, function):
    """No error, log or message has a secret in it."""
    for call in function.calls:
        if TELLS.match(function.tokens[call].text) and any(map(is_secret, function.argument_words(call))):
            yield function.text(call)


def varies(words):
    """Whether an operand is more than constants: names in capitals, numbers, sizes of types."""
    text = re.sub(r"sizeof (?:\( [^()]* \)|(?:\* )*\w+(?: (?:->|\.) \w+)*)", "", " ".join(words))
    return bool(re.search(r"\b(?![A-Z0-9_]+\b)[A-Za-z_]\w*", text))


def size(_, function):
    """A product of two things that others choose may be more than a size_t holds, where it has 32 bits: array_resize()."""
    for call in function.calls:
        for argument in (one for i, one in enumerate(function.arguments(call)) if i in MAKES_ROOM.get(function.tokens[call].text, ())):
            for i in range(argument[0], argument[1] + 1):
                if function.tokens[i].text in ("*", "<<") and function.file.is_binary(i):
                    level = mutants.BINARY[function.tokens[i].text]
                    if varies(function.words(function.file.first_of(i, level), i - 1)) and varies(function.words(i + 1, function.file.last_of(i, level))):
                        yield function.text(call)


def ends(path, function):
    """A library does not end its program."""
    if is_library(path):
        yield from (function.text(call) for call in function.calls if function.tokens[call].text in ENDS)


def thread(path, function):
    """Threads of a library take none of the program's signals: thread_start()."""
    if not path.startswith(("core/cli/", "core/tools/")):
        yield from (function.text(call) for call in function.calls if function.tokens[call].text == "pthread_create")


QUERIES = (unwiped, freed, copied, compared, ignored, environment, inherited, forbidden, locale, curl, told, size, ends, thread)


def ask(path, source):
    """Findings in a source, with the line of the function each is in."""
    file, found = mutants.File(source), {}
    for first, last, _ in mutants.functions(file):
        function = Function(file, first, last)
        for query in QUERIES:
            for what in query(path, function):
                found.setdefault(f"{query.__name__}: {path}: {function.name}(): {what}", file.line_of(file.tokens[first].start))
    return found


def sources(root):
    for top in ("core", "providers"):
        for folder, _, names in sorted(os.walk(os.path.join(root, top))):
            yield from (os.path.relpath(os.path.join(folder, name), root) for name in sorted(names) if name.endswith((".c", ".h")))


def meaning(key):
    """What the query is about, and what is called in the place of what it found."""
    return next(query.__doc__ for query in QUERIES if key.startswith(query.__name__ + ":"))


def faults(root):
    """What is found and has no answer, and answers to what is found no longer."""
    found, answered = {}, reasons.read("answers.txt")
    for path in sources(root):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            found.update(ask(path, file.read()))
    yield from (f"{key} (line {line}) [{meaning(key)}]" for key, line in found.items() if key not in answered)
    yield from (f"answers.txt: found no longer: {key}" for key in answered if key not in found)


def main(root):
    told_now = list(faults(root))
    print("\n".join(told_now))
    return 1 if told_now else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

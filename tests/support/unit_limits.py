# SPDX-License-Identifier: Apache-2.0
"""What a unit of systemd forbids its process, put upon a child as the manager would: SystemCallFilter, RestrictAddressFamilies and
MemoryDenyWriteExecute, with the sets of system calls that this machine's systemd knows."""
import ctypes
import functools
import glob
import platform
import re
import socket
import struct
import subprocess

from plain_root import LIBC, check, prctl

SET_SECCOMP, FILTER, SET_MDWE, REFUSE_GAIN = 22, 2, 65, 1
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # of the filter's machine
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, X86_64 = 0, 4, 16, 0xC000003E
ENOSYS, EAFNOSUPPORT = 38, 97


def is_known_here():
    return platform.machine() == "x86_64" and bool(headers())


def headers():
    return glob.glob("/usr/include/**/asm/unistd_64.h", recursive=True)


@functools.cache
def members(name):
    """The system calls of a set, and of those in it."""
    if not name.startswith("@"):
        return frozenset([name])
    told = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    words = [line.strip() for line in told.splitlines()[1:] if line.startswith(" ") and not line.strip().startswith("#")]
    return frozenset().union(*(members(word) for word in words))


def allowed_calls(lines):
    """What the values of SystemCallFilter= come to, one after the other."""
    allowed = set(members("@default"))
    for line in lines:
        for name in line.lstrip("~").split():
            allowed = allowed - members(name) if line.startswith("~") else allowed | members(name)
    return allowed


def numbers():
    with open(headers()[0], encoding="ascii") as file:
        return {name: int(number) for name, number in re.findall(r"#define __NR_(\w+) (\d+)", file.read())}


def program(filters, families):
    """The filter: what is allowed passes, a socket of another family fails, any other call that systemd knows ends the process, and
    one that it does not know is not there."""
    known, allowed = members("@known"), allowed_calls(filters)
    code = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, X86_64), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER)]
    for name, number in numbers().items():
        if name != "socket" and name in known:
            code += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW if name in allowed else KILL)]
    chosen = [(EQUAL, 0, 1, int(getattr(socket, family))) for family in families]
    verdict = [step for test in chosen for step in (test, (RETURN, 0, 0, ALLOW))]
    code += [(EQUAL, 0, len(verdict) + 2, numbers()["socket"]), (LOAD, 0, 0, FIRST_ARGUMENT), *verdict,
             (RETURN, 0, 0, ERROR | EAFNOSUPPORT), (RETURN, 0, 0, ERROR | ENOSYS)]
    return b"".join(struct.pack("HBBI", *step) for step in code)


class SocketFilter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def limit(filters, families, deny_write_execute):
    """A function that puts these limits upon the process that calls it, and on what it becomes."""
    code = program(filters, families)
    loaded = SocketFilter(len(code) // 8, code)

    def put():
        if deny_write_execute and LIBC.prctl(SET_MDWE, ctypes.c_ulong(REFUSE_GAIN), 0, 0, 0) < 0:
            check(0 if ctypes.get_errno() == 22 else -1)  # a kernel before 6.3 does not know it
        prctl(SET_SECCOMP, FILTER, ctypes.addressof(loaded))

    return put

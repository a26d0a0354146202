# SPDX-License-Identifier: Apache-2.0
"""A root of a test's own, with as few files as an image has, and programs that run in it as an engine or manager would have them:
as anybody, on a file system that cannot be written, with volumes, without privileges. Only root of the machine can do that."""
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile

LIBC = ctypes.CDLL(None, use_errno=True)
NEW_MOUNTS, NEW_PROCESSES = 0x20000, 0x20000000  # CLONE_NEWNS, CLONE_NEWPID
READ_ONLY, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 32, 4096, 16384, 1 << 18
CAPBSET_DROP, NO_NEW_PRIVILEGES = 24, 38


def check(result):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def mount(source, target, kind=None, flags=0, options=None):
    check(LIBC.mount(*(text and text.encode() for text in (source, target, kind)), ctypes.c_ulong(flags),
                     options and options.encode()))


def prctl(*numbers):
    check(LIBC.prctl(*(ctypes.c_ulong(number) for number in (*numbers, 0, 0, 0, 0)[:5])))


def become_first():
    """Goes on as process 1 of a namespace; the process that was here before hands on SIGTERM to it, and its status to whoever waits."""
    check(LIBC.unshare(NEW_PROCESSES))
    child = os.fork()
    if child != 0:
        signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
        os.closerange(3, 256)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256)


def may_make_roots():
    """Whether this process may do all of this, as in most containers it may not."""
    probe = ["unshare", "--mount", "--pid", "--fork", "mount", "-t", "proc", "-o", "hidepid=invisible,subset=pid", "proc", "/proc"]
    return os.geteuid() == 0 and subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode == 0


def libraries(program):
    """What the loader finds for a program or library, itself among it."""
    told = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
    return [word for line in told.splitlines() for word in line.split() if word.startswith("/")]


class Volume:
    """A folder in the root that is mounted there while a program runs."""

    def __init__(self, source, inside, read_only=True):
        self.source, self.inside, self.read_only = source, inside, read_only


class PlainRoot:
    """With programs it is laid out as Debian is; without any there is nothing in it but what a program sees mounted."""

    def __init__(self, *programs):
        self.folder = tempfile.mkdtemp()
        os.chmod(self.folder, 0o755)
        os.mkdir(self.path("proc"))
        self.write("/dev/null", "")
        for name in ("bin", "lib", "lib64") if programs else ():
            os.makedirs(self.path("usr/" + name))
            os.symlink("usr/" + name, self.path(name))
        for program in programs:
            self.take(program)

    def close(self):
        shutil.rmtree(self.folder)

    def path(self, inside):
        return os.path.join(self.folder, inside.lstrip("/"))

    def write(self, inside, text, mode=0o644, owner=0):
        os.makedirs(os.path.dirname(self.path(inside)), exist_ok=True)
        with open(self.path(inside), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(inside), mode)
        os.chown(self.path(inside), owner, owner)

    def copy(self, source, inside):
        os.makedirs(os.path.dirname(self.path(inside)), exist_ok=True)
        shutil.copy(source, self.path(inside))

    def take(self, program, inside=None):
        """A program or library of this system with the libraries that it needs. Those of a build come to the system's own."""
        self.copy(program, inside or "/usr/bin/" + os.path.basename(program))
        for library in libraries(program):
            place = library if library.startswith(("/lib", "/usr/lib")) else self.library_folder() + os.path.basename(library)
            if not os.path.exists(self.path(place)):
                self.copy(library, place)

    @staticmethod
    def library_folder():
        """Where this system has its libraries, with a slash behind it."""
        library = next(name for name in libraries("/bin/sh") if "libc.so" in name)
        return "/usr" + os.path.dirname(library).removeprefix("/usr") + "/"

    def run(self, arguments, user, env, **more):
        """Runs a program to its end; the rest is that of entrance()."""
        child = self.start(arguments, user, env, **more)
        stdout, stderr = child.communicate(timeout=300)
        return subprocess.CompletedProcess(arguments, child.returncode, stdout, stderr)

    def start(self, arguments, user, env, **more):
        return subprocess.Popen(arguments, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                preexec_fn=self.entrance(user, **more))

    def entrance(self, user, group=None, groups=(), read_only=True, volumes=(), proc="", limit=None, first=False):
        """What a child does before it becomes the program. `limit` is called last, with all privileges given away; `first` is for
        one that is to be process 1, as it is in a container."""
        for volume in volumes:
            os.makedirs(self.path(volume.inside), exist_ok=True)

        def enter():
            if first:
                become_first()
            check(LIBC.unshare(NEW_MOUNTS))
            mount(None, "/", None, PRIVATE | RECURSIVE)
            mount(self.folder, self.folder, None, BIND)
            mount("proc", self.path("proc"), "proc", 0, proc)
            mount("/dev/null", self.path("dev/null"), None, BIND)
            for volume in volumes:
                mount(volume.source, self.path(volume.inside), None, BIND)
                if volume.read_only:
                    mount(None, self.path(volume.inside), None, BIND | REMOUNT | READ_ONLY)
            if read_only:
                mount(None, self.folder, None, BIND | REMOUNT | READ_ONLY)
            os.chroot(self.folder)
            os.chdir("/")
            if user != 0:
                for capability in range(41):
                    prctl(CAPBSET_DROP, capability)
                prctl(NO_NEW_PRIVILEGES, 1)
            os.setgroups(groups)
            os.setgid(user if group is None else group)
            os.setuid(user)
            if limit is not None:
                limit()

        return enter

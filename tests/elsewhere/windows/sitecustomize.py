"""Python runs this at its start wherever this folder is on its path: from then on it is on Windows.

For improvd's own modules only: Python's would look for Windows itself. They see `sys`, `os`,
`signal`, `socket`, `select`, `subprocess` and `time` as they are there, and `msvcrt`; what Windows
refuses, such as taking away a file that is open, improvd's processes are refused. README.md says
what this cannot show.
"""

import asyncio
import builtins
import errno
import fcntl
import os
import select
import selectors
import signal
import socket
import stat
import struct
import subprocess
import sys
import time
import types
from pathlib import Path

_OURS = sys.orig_argv[1:2] == ["-m"] and sys.orig_argv[2].partition(".")[0] == "improvd"
_STEP_NS = 15_625_000


class _View(types.ModuleType):
    """A module as it is on Windows: without some names, and with some others."""

    def __init__(self, real, lacking, /, **others) -> None:
        super().__init__(real.__name__)
        self.__dict__.update(others, _real=real, _lacking=tuple(lacking.split()))

    def __getattr__(self, name):
        if name.startswith(self._lacking):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(self._real, name)

    def __setattr__(self, name, value):
        setattr(self._real, name, value)


# -- processes ---------------------------------------------------------------------------------


class _StartupInfo:
    def __init__(self, *, lpAttributeList=None, **rest) -> None:  # noqa: N803 - Windows' name
        self.lpAttributeList = lpAttributeList or {}


class _Popen(subprocess.Popen):
    """A process that has no descriptor but its own three, and the handles on the list."""

    def __init__(self, args, *rest, startupinfo=None, creationflags=0, **named) -> None:
        for refused in ("pass_fds", "preexec_fn", "start_new_session"):
            if refused in named:
                raise ValueError(f"{refused} is not supported on Windows platforms")
        handles = startupinfo.lpAttributeList["handle_list"] if startupinfo else []
        for handle in handles:
            if not os.get_inheritable(handle):
                raise OSError(errno.EINVAL, f"handle {handle} is not inheritable")
        alone = bool(creationflags & 0x200)
        super().__init__(args, *rest, pass_fds=handles, start_new_session=alone, **named)


def _locking(descriptor, mode, count) -> None:
    """Lock or unlock bytes from where the file stands, for this opening of it alone."""
    kind = fcntl.F_UNLCK if mode == _MSVCRT.LK_UNLCK else fcntl.F_WRLCK
    at = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        fcntl.fcntl(
            descriptor, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", kind, os.SEEK_SET, at, count, 0)
        )
    except BlockingIOError:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES)) from None


# -- sockets -----------------------------------------------------------------------------------


def _socketpair(family=socket.AF_INET, type=socket.SOCK_STREAM, proto=0):  # noqa: A002 - its name
    """Two ends of a connection on this machine: there is no other kind."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        one = socket.create_connection(server.getsockname())
        other, _ = server.accept()
    return one, other


def _select(readers, writers, others, timeout=None):
    for each in (*readers, *writers, *others):
        number = each if isinstance(each, int) else each.fileno()
        if not stat.S_ISSOCK(os.fstat(number).st_mode):
            raise OSError(errno.ENOTSOCK, "not a socket")
    return select.select(readers, writers, others, timeout)


# -- files -------------------------------------------------------------------------------------


def _kept_open(refused):
    """A call that takes away a file, which nobody may have open: its last path is that file."""

    def call(*paths, **named):
        for path in paths:
            if _is_open(path):
                raise PermissionError(errno.EACCES, "used by another process", str(path))
        return refused(*paths, **named)

    return call


def _is_open(path) -> bool:
    try:
        wanted = Path(path).stat()
    except OSError:
        return False
    for opened in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if os.path.samestat(opened.stat(), wanted):
                return True
        except OSError:
            continue
    return False


_MSVCRT = types.ModuleType("msvcrt")
_MSVCRT.LK_UNLCK, _MSVCRT.LK_NBLCK = 0, 2
_MSVCRT.locking = _locking
_MSVCRT.get_osfhandle = lambda descriptor: descriptor
_MSVCRT.open_osfhandle = lambda handle, flags: handle

_VIEWS = {
    "msvcrt": _MSVCRT,
    "sys": _View(sys, "", platform="win32"),
    "os": _View(
        os,
        "EFD_ O_NONBLOCK O_CLOEXEC O_DIRECT SCHED_ WNOHANG chown eventfd fchmod fork get_blocking "
        "getegid geteuid getgid getloadavg getpgid getpriority getuid killpg memfd_create mkfifo "
        "openpty pidfd_open pipe2 posix_f pread pwrite sched_ set_blocking setsid sync uname",
        name="nt",
        O_BINARY=0,
        set_handle_inheritable=os.set_inheritable,
        get_handle_inheritable=os.get_inheritable,
    ),
    "signal": _View(
        signal,
        "ITIMER SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR alarm "
        "pthread_ setitimer sigtimedwait sigwait",
        SIGBREAK=signal.SIGQUIT,
    ),
    "socket": _View(
        socket, "AF_UNIX CMSG SCM_ SOCK_SEQPACKET SO_PASSCRED SO_PEERCRED", socketpair=_socketpair
    ),
    "select": _View(select, "EPOLL POLL epoll poll", select=_select),
    "subprocess": _View(
        subprocess,
        "",
        Popen=_Popen,
        STARTUPINFO=_StartupInfo,
        CREATE_NEW_PROCESS_GROUP=0x200,
    ),
    "time": _View(time, "", monotonic_ns=lambda: time.monotonic_ns() // _STEP_NS * _STEP_NS),
}
_ABSENT = frozenset({"fcntl", "grp", "pwd", "resource", "termios", "tty"})
_import = builtins.__import__


def _imported(name, globals=None, locals=None, fromlist=(), level=0):  # noqa: A002 - its name
    """Import for one of improvd's modules what it would find on Windows."""
    who = (globals or {}).get("__spec__")
    if level == 0 and who is not None and who.name.partition(".")[0] == "improvd":
        if name in _ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if name in _VIEWS:
            return _VIEWS[name]
    return _import(name, globals, locals, fromlist, level)


def _no_signal(loop, number, callback, *rest):
    raise NotImplementedError


sys.as_on = "windows"  # for the tests
if _OURS:
    builtins.__import__ = _imported
    asyncio.SelectorEventLoop.add_signal_handler = _no_signal
    selectors.DefaultSelector = selectors.SelectSelector
    os.unlink, os.remove = _kept_open(os.unlink), _kept_open(os.remove)
    os.replace, os.rename = _kept_open(os.replace), _kept_open(os.rename)

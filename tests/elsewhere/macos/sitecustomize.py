"""Python runs this at its start wherever this folder is on its path: from then on it is on a Mac.

As far as Linux can: what macOS has not is taken away, and `sys.platform` is what it is there. What
improvd's own processes ask for by name (files, symbols of the C library, sockets) is refused where
a Mac would refuse it; pytest and what else runs for it sees the machine as it is. README.md says
what this cannot show.
"""

import errno
import fcntl
import mmap
import os
import resource
import select
import selectors
import signal
import socket
import sys
import time

# What the documentation of these modules has for Linux only, or for others but not for macOS.
_LACKING = {
    os: (
        "CLONE_ EFD_ GRND_ MFD_ O_DIRECT O_LARGEFILE O_NOATIME O_PATH O_RSYNC O_TMPFILE P_PIDFD "
        "SCHED_ SPLICE_ XATTR_ copy_file_range eventfd fdatasync getrandom getresgid getresuid "
        "getxattr listxattr memfd_create pidfd_ pipe2 posix_fadvise posix_fallocate removexattr "
        "sched_ setns setresgid setresuid setxattr splice unshare waitid"
    ),
    select: "EPOLL epoll",
    signal: (
        "SIGCLD SIGPOLL SIGPWR SIGRTMAX SIGRTMIN SIGSTKFLT pidfd_send_signal sigtimedwait "
        "sigwaitinfo"
    ),
    socket: (
        "AF_ALG AF_NETLINK AF_PACKET AF_VSOCK MSG_CONFIRM MSG_MORE MSG_NOSIGNAL SCM_CREDENTIALS "
        "SOCK_CLOEXEC SOCK_NONBLOCK SO_BINDTODEVICE SO_MARK SO_PASSCRED SO_PASSSEC SO_PEERCRED "
        "SO_PRIORITY"
    ),
    time: "CLOCK_BOOTTIME CLOCK_TAI clock_settime pthread_getcpuclockid",
    resource: "RLIMIT_MSGQUEUE RLIMIT_NICE RLIMIT_RTPRIO RLIMIT_RTTIME RLIMIT_SIGPENDING prlimit",
    fcntl: "F_ADD_SEALS F_GETPIPE_SZ F_GET_SEALS F_NOTIFY F_OFD_ F_SETLEASE F_SETPIPE_SZ",
    mmap: "MADV_DONTDUMP MADV_DONTFORK MADV_HUGEPAGE MAP_LOCKED MAP_NORESERVE MAP_POPULATE",
}
# What Apple's C library does not export.
_LACKING_IN_C = frozenset(
    (
        *("accept4", "clock_nanosleep", "epoll_create1", "epoll_wait", "eventfd", "fallocate"),
        *("fdatasync", "getrandom", "memfd_create", "mremap", "pidfd_open", "pipe2"),
        *("posix_fallocate", "ppoll", "prctl", "sched_setaffinity", "sched_setattr"),
        *("sched_setscheduler", "sem_timedwait", "signalfd", "timerfd_create", "timerfd_settime"),
    )
)
_LACKING_FOLDERS = ("/proc/", "/sys/", "/run/", "/dev/shm/", "/dev/snd/")  # noqa: S108 - what is refused
_LACKING_LIBRARIES = ("libasound", "libjack")
# Of a Unix socket's path, in bytes: sizeof(sun_path) less its end.
_LONGEST_PATH = 103
# net.local.stream.sendspace and recvspace, unless more is asked for.
_ROOM = 8192

_OURS = sys.orig_argv[1:2] == ["-m"] and sys.orig_argv[2].partition(".")[0] == "improvd"


def _take_away() -> None:
    for module, names in _LACKING.items():
        gone = tuple(names.split())
        for name in dir(module):
            if name.startswith(gone):
                delattr(module, name)
    del selectors.EpollSelector  # as it would have been defined then
    selectors.DefaultSelector = selectors.PollSelector


def _socketpair(family=socket.AF_UNIX, type=socket.SOCK_STREAM, proto=0):  # noqa: A002 - its name
    """A pair with the little room that it has there; only streams and datagrams."""
    if type & 0xF not in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        raise OSError(errno.EPROTONOSUPPORT, os.strerror(errno.EPROTONOSUPPORT))
    pair = _pair(family, type, proto)
    for end in pair:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
    return pair


def _refuse(event, arguments) -> None:
    """An audit hook: raise where a Mac has not what is asked for."""
    if event in ("open", "os.listdir", "os.scandir"):
        _refuse_path(arguments[0])
    elif event in ("ctypes.dlsym", "ctypes.dlsym/handle"):
        if arguments[1] in _LACKING_IN_C:
            raise AttributeError(f"no symbol {arguments[1]}")
    elif event == "ctypes.dlopen":
        if str(arguments[0]).startswith(_LACKING_LIBRARIES):
            raise OSError(f"no library {arguments[0]}")
    elif event in ("socket.bind", "socket.connect", "socket.sendto"):
        _refuse_address(arguments[1])


def _refuse_path(path) -> None:
    if isinstance(path, (str, bytes, os.PathLike)):
        text = os.fsdecode(path)
        if f"{text}/".startswith(_LACKING_FOLDERS):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), text)


def _refuse_address(address) -> None:
    if not isinstance(address, (str, bytes)):
        return
    written = os.fsencode(address)
    if written.startswith(b"\0"):  # an abstract name is a path there, and an empty one
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    if len(written) > _LONGEST_PATH:
        raise OSError("AF_UNIX path too long")


def _without_folders(look):
    """A call of `os` that asks whether there is a file, which no audit hook hears of."""

    def looked(path, *rest, **named):
        _refuse_path(path)
        return look(path, *rest, **named)

    return looked


def _accessible(look):
    def looked(path, *rest, **named):
        try:
            _refuse_path(path)
        except FileNotFoundError:
            return False
        return look(path, *rest, **named)

    return looked


# Python looks for how it was built under the name of the system that it was built for.
_built = f"_sysconfigdata_{sys.abiflags}_{sys.platform}_{sys.implementation._multiarch}"
os.environ["_PYTHON_SYSCONFIGDATA_NAME"] = _built
sys.platform, sys.as_on = "darwin", "macos"  # the latter for the tests
_take_away()
if _OURS:
    # Whoever has it loaded already has it by its name.
    _pair, socket.socketpair = socket.socketpair, _socketpair
    os.stat, os.lstat = _without_folders(os.stat), _without_folders(os.lstat)
    os.access = _accessible(os.access)
    sys.addaudithook(_refuse)

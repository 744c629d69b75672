"""The room for each system's own: what Linux, macOS and Windows do in ways of their own.

Which system this is, is asked here and nowhere else. A module of one system is imported on that
system only and begins with an assertion that says so; what all have is in `portable`, and
`handover` has what a player is given when it is started.

    time        now, sleep_until, readable, Wake, ask_for_time
    memory      memory, reserve
    files       lock, state_folder, runtime_folder, is_ours, BINARY
    processes   asleep, forked, hand_over, taken_over, on_signal, HANG_UP, user, is_root,
                STARTS_SERVICES
    MIDI        MIDI_SYSTEMS, jack_server, pipewire_answers, load_rtmidi, HOW_TO_HAVE_MIDI
    sockets     control_socket, bind, connect, send_datagram
    people      has_screen
"""

import sys

if sys.platform == "win32":
    from improvd.system.loopback import bind, connect, control_socket
    from improvd.system.portable import has_screen
    from improvd.system.windows import (
        BINARY,
        HANG_UP,
        HOW_TO_HAVE_MIDI,
        MIDI_SYSTEMS,
        STARTS_SERVICES,
        ask_for_time,
        hand_over,
        is_ours,
        is_root,
        lock,
        on_signal,
        runtime_folder,
        send_datagram,
        state_folder,
        taken_over,
        user,
    )
    from improvd.system.windows import SocketWake as Wake
else:
    from improvd.system.posix import (
        BINARY,
        HANG_UP,
        bind,
        connect,
        control_socket,
        hand_over,
        has_screen,
        is_ours,
        is_root,
        lock,
        on_signal,
        send_datagram,
        taken_over,
        user,
    )

if sys.platform == "linux":
    from improvd.system.jack_servers import jack_server, load_rtmidi, pipewire_answers
    from improvd.system.linux import HOW_TO_HAVE_MIDI, MIDI_SYSTEMS, STARTS_SERVICES
    from improvd.system.linux.memory import memory, reserve, runtime_folder, state_folder
    from improvd.system.linux.processes import asleep, forked
    from improvd.system.linux.real_time import ask_for_time
    from improvd.system.linux.waiting import EventWake as Wake
    from improvd.system.linux.waiting import now, readable, sleep_until
else:
    from improvd.system.portable import (
        asleep,
        forked,
        jack_server,
        load_rtmidi,
        memory,
        now,
        pipewire_answers,
        readable,
        reserve,
        sleep_until,
    )

if sys.platform == "darwin":
    from improvd.system.macos import (
        HOW_TO_HAVE_MIDI,
        MIDI_SYSTEMS,
        STARTS_SERVICES,
        ask_for_time,
        state_folder,
    )
    from improvd.system.posix import PipeWake as Wake
    from improvd.system.posix import runtime_folder
elif sys.platform not in ("linux", "win32"):
    from improvd.system.portable import ask_for_time
    from improvd.system.posix import PipeWake as Wake
    from improvd.system.posix import runtime_folder
    from improvd.system.unix import HOW_TO_HAVE_MIDI, MIDI_SYSTEMS, STARTS_SERVICES, state_folder

__all__ = [
    "BINARY",
    "HANG_UP",
    "HOW_TO_HAVE_MIDI",
    "MIDI_SYSTEMS",
    "STARTS_SERVICES",
    "Wake",
    "ask_for_time",
    "asleep",
    "bind",
    "connect",
    "control_socket",
    "forked",
    "hand_over",
    "has_screen",
    "is_ours",
    "is_root",
    "jack_server",
    "load_rtmidi",
    "lock",
    "memory",
    "now",
    "on_signal",
    "pipewire_answers",
    "readable",
    "reserve",
    "runtime_folder",
    "send_datagram",
    "sleep_until",
    "state_folder",
    "taken_over",
    "user",
]

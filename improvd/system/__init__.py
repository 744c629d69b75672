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
    from improvd.system.windows import (
        BINARY,
        HANG_UP,
        HOW_TO_HAVE_MIDI,
        MIDI_SYSTEMS,
        STARTS_SERVICES,
        ask_for_time,
        asleep,
        bind,
        connect,
        control_socket,
        forked,
        hand_over,
        has_screen,
        is_ours,
        is_root,
        jack_server,
        load_rtmidi,
        lock,
        memory,
        now,
        on_signal,
        pipewire_answers,
        readable,
        reserve,
        runtime_folder,
        send_datagram,
        sleep_until,
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
    from improvd.system.linux import (
        HOW_TO_HAVE_MIDI,
        MIDI_SYSTEMS,
        STARTS_SERVICES,
        ask_for_time,
        asleep,
        forked,
        jack_server,
        load_rtmidi,
        memory,
        now,
        pipewire_answers,
        readable,
        reserve,
        runtime_folder,
        sleep_until,
        state_folder,
    )
    from improvd.system.linux import EventWake as Wake
elif sys.platform == "darwin":
    from improvd.system.macos import (
        HOW_TO_HAVE_MIDI,
        MIDI_SYSTEMS,
        STARTS_SERVICES,
        ask_for_time,
        asleep,
        forked,
        jack_server,
        load_rtmidi,
        memory,
        now,
        pipewire_answers,
        readable,
        reserve,
        runtime_folder,
        sleep_until,
        state_folder,
    )
    from improvd.system.macos import PipeWake as Wake
elif sys.platform != "win32":
    from improvd.system.unix import (
        HOW_TO_HAVE_MIDI,
        MIDI_SYSTEMS,
        STARTS_SERVICES,
        ask_for_time,
        asleep,
        forked,
        jack_server,
        load_rtmidi,
        memory,
        now,
        pipewire_answers,
        readable,
        reserve,
        runtime_folder,
        sleep_until,
        state_folder,
    )
    from improvd.system.unix import PipeWake as Wake

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

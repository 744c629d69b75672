"""The guest's part of `make vm-test`: installs improvd, runs it under systemd, and does it harm.

Runs as root at each boot of the virtual machine, on the standard library alone. Each step says on
the serial line, and in the shared folder, whether it passed. Nothing here is about time but its
order: without hardware virtualisation a guest is ten times slower than a machine.
"""

import json
import os
import re
import signal
import socket
import subprocess
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ears import MidiInput

SHARE = Path("/host")
STAGE = Path("/var/lib/vm-test-stage")
VENV = Path("/opt/improvd")
PROGRAM = VENV / "bin/improvd"
UNIT = "improvd@box.service"
CONFIG = Path("/etc/improvd/box.toml")
SOCKET = "/run/improvd/box/improvd.sock"
# solo, so that it plays whatever is heard
SETTINGS = 'api = "alsa"\nmode = "{mode}"\ntempo = {tempo}\ncount_in = 0\n'
OF_PERSON = Path("/home/musician/.config/improvd/improvd.toml")
OWN_SETTINGS = 'api = "{api}"\nport = "{port}"\nmode = "solo"\ncount_in = 0\n'
KEYBOARD = Path("/dev/snd/midiC0D0")
FIFO = 1
PERSON = 1000
AS_PERSON = (
    *("runuser", "-u", "musician", "--"),
    *("env", f"XDG_RUNTIME_DIR=/run/user/{PERSON}", "HOME=/home/musician"),
)


def run(*command: object, check: bool = True, **options: Any) -> str:
    """What a command printed; fails with its error output."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, **options)
    if check and done.returncode:
        raise AssertionError(f"{words} gave {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def as_person(*command: object, check: bool = True) -> str:
    """The same by a person who is not root."""
    return run(*AS_PERSON, *command, check=check, cwd="/home/musician")


def eventually(happened: Callable[[], Any], what: str, seconds: float = 120) -> Any:
    """Wait for an event, and give what it gave; fail, naming it, if it does not come."""
    deadline = time.monotonic() + seconds
    while not (outcome := happened()):
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds} s"
        time.sleep(0.1)
    return outcome


def shown(name: str) -> str:
    """A property of the unit."""
    return run("systemctl", "show", "--value", "--property", name, UNIT).strip()


def main_pid() -> int:
    """The service's process."""
    return int(shown("MainPID"))


def log() -> str:
    """What the service has said."""
    return run("journalctl", "--no-pager", "--output", "cat", "--unit", UNIT)


def status() -> dict[str, Any]:
    """What the service says on its control socket."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(60)
        line.connect(SOCKET)
        line.sendall(b'{"order": "status"}\n')
        answer: dict[str, Any] = json.loads(line.makefile().readline())
    assert answer["ok"], answer
    said: dict[str, Any] = answer["status"]
    return said


def ports() -> dict[str, tuple[str, int]]:
    """The ALSA ports of improvd: the address and the process of "out" and "in"."""
    found, client, pid = {}, "", 0
    for line in run("aconnect", "-l").splitlines():
        if head := re.match(r"client (\d+): '(.*)' \[type=user(?:,pid=(\d+))?\]", line):
            client, pid = (head[1], int(head[3] or 0)) if head[2] == "improvd" else ("", 0)
        elif line.startswith("client"):
            client = ""
        elif client and (port := re.match(r" +(\d+) '(\w+) *'", line)):
            found[port[2]] = f"{client}:{port[1]}", pid
    return found


def player() -> int:
    """The process that plays."""
    there: dict[str, tuple[str, int]] = eventually(ports, "the opening of its ports")
    return there["out"][1]


def goes_on(before: int = 0) -> int:
    """Wait until more notes are heard than before, and tell how many there were."""
    before = before or EARS.notes
    eventually(lambda: EARS.notes >= before + 4, "the next notes")
    return EARS.notes - before


def survives(harm: Callable[[], object], *, restarts: int) -> str:
    """Do harm while a note sounds: it is let go, and the music goes on for those who listened."""
    run("systemctl", "reset-failed", UNIT, check=False)
    restarted, heard = int(shown("NRestarts")), EARS.notes
    left = eventually(lambda: EARS.sounding_since(time.monotonic()), "a note")
    harm()
    moment = time.monotonic()
    eventually(lambda: shown("ActiveState") == "active", "being active")
    eventually(lambda: int(shown("NRestarts")) == restarted + restarts, "the restart")
    eventually(lambda: not EARS.sounding_since(moment), f"letting go of {left}")
    silent = EARS.notes
    goes_on(silent)
    return f"{len(left)} sounding, let go; {EARS.notes - heard} more heard"


# -- before the reboot --------------------------------------------------------------------------


def it_installs_from_a_clean_checkout() -> str:
    """From wheels of HEAD and of what it needs, without a network."""
    (pip,) = Path("/usr/share/python-wheels").glob("pip-*.whl")
    run("python3", "-m", "venv", "--without-pip", VENV)
    run(
        *("python3", "-m", "pip", "--python", VENV / "bin/python", "install", "--quiet"),
        *("--no-compile", "--no-index", "--find-links", SHARE / "wheels", "improvd", "pytest"),
        env=os.environ | {"PYTHONPATH": str(pip)},
    )
    return run(PROGRAM, "--version").strip()


def the_alsa_sequencer_s_tests_pass() -> str:
    """Those of the checkout that need a kernel with one."""
    said = run(
        *(VENV / "bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        *("--noconftest", "tests/player/ports/test_alsa.py"),
        cwd=SHARE / "sources",
    )
    return said.strip().splitlines()[-1]


def it_starts_as_a_service() -> str:
    """By the command that a person would use."""
    CONFIG.parent.mkdir(exist_ok=True)
    CONFIG.write_text(SETTINGS.format(mode="solo", tempo=120))
    run(PROGRAM, "install-service", "--system", "box", cwd="/")
    assert shown("ActiveState") == "active"
    exposure = run("systemd-analyze", "--no-pager", "security", UNIT).strip().splitlines()[-1]
    return f"{shown('StatusText')}; {exposure.strip('→ ')}"


def it_plays_in_real_time_in_its_sandbox() -> str:
    """SCHED_FIFO and locked memory, with no rights at all."""
    return in_real_time(player())


def in_real_time(pid: int) -> str:
    """How a player is scheduled, confined as it is."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    held = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    assert held["NoNewPrivs"] == "1", held
    assert held["Seccomp"] == "2", held
    assert int(held["CapEff"], 16) == 0, held
    locked = int(held["VmLck"].split()[0])
    policy = os.sched_getscheduler(pid)
    assert policy == FIFO, f"scheduling policy {policy}, {locked} kB locked"
    assert locked > 0
    return f"SCHED_FIFO {os.sched_getparam(pid).sched_priority}, {locked} kB locked"


def its_notes_arrive_at_aseqdump() -> str:
    """Connected as a person does, with aconnect."""
    run("aconnect", ports()["out"][0], EARS.port)
    return f"{goes_on()} notes"


def what_a_keyboard_plays_is_heard() -> str:
    """A virtual raw MIDI device of the kernel, connected to its input."""
    run("aconnect", "Virtual Raw MIDI 0-0:0", ports()["in"][0])
    CONFIG.write_text(SETTINGS.format(mode="follow", tempo=120))
    run("systemctl", "reload", UNIT)

    def heard() -> bool:
        for message in (b"\x90\x43\x50", b"\x80\x43\x40"):
            KEYBOARD.write_bytes(message)
            time.sleep(0.2)
        return bool(status()["heard"])

    eventually(heard, "hearing the keyboard")
    CONFIG.write_text(SETTINGS.format(mode="solo", tempo=120))
    run("systemctl", "reload", UNIT)
    return "x is what was played"


def a_reload_changes_the_tempo() -> str:
    """And the music goes on in the same two processes."""
    before = main_pid(), player()
    CONFIG.write_text(SETTINGS.format(mode="solo", tempo=140))
    run("systemctl", "reload", UNIT)
    eventually(lambda: round(status()["bpm"]) == 140, "the new tempo")
    goes_on()
    assert (main_pid(), player()) == before
    return "140 BPM, the same processes"


def a_reload_of_nonsense_changes_nothing() -> str:
    """The log says why."""
    before = main_pid(), player()
    CONFIG.write_text("tempi = 3\n")
    run("systemctl", "reload", UNIT)
    eventually(lambda: "tempi" in log(), "the sentence")
    goes_on()
    assert (main_pid(), player()) == before
    CONFIG.write_text(SETTINGS.format(mode="solo", tempo=120))
    (sentence,) = {line for line in log().splitlines() if "tempi" in line}
    return sentence


def it_survives_sigkill_of_the_player() -> str:
    """The spare goes on, and finds who listened."""
    return survives(lambda: os.kill(player(), signal.SIGKILL), restarts=0)


def it_survives_sigstop_of_the_player() -> str:
    """The heartbeat is missed, and the spare goes on."""
    return survives(lambda: os.kill(player(), signal.SIGSTOP), restarts=0)


def it_survives_sigkill_of_everything() -> str:
    """systemctl kill -s KILL."""
    return survives(lambda: run("systemctl", "kill", "--signal", "KILL", UNIT), restarts=1)


def it_survives_a_bite_of_the_watchdog() -> str:
    """SIGSTOP of the service: systemd ends it and starts it again."""
    outcome = survives(lambda: os.kill(main_pid(), signal.SIGSTOP), restarts=1)
    told = run("journalctl", "--no-pager", "--unit", UNIT, "--grep", "Watchdog timeout")
    assert "Watchdog timeout" in told
    return outcome


def it_survives_a_restart() -> str:
    """systemctl restart, after which those who listened hear it again."""
    return survives(lambda: run("systemctl", "restart", UNIT), restarts=0)


def stopped_it_leaves_silence() -> str:
    """systemctl stop closes its notes and its ports; start brings it back."""
    run("systemctl", "stop", UNIT)
    assert shown("ActiveState") == "inactive"
    assert shown("Result") == "success"
    eventually(lambda: not EARS.sounding, "silence")
    assert ports() == {}
    run("systemctl", "start", UNIT)
    return f"nothing sounds; {goes_on()} notes after the next start"


def a_person_s_own_service_plays_on_jack() -> str:
    """The user unit, of a person who may have real time, with a JACK server of their own.

    Connections are made and notes are heard by JACK's own programs.
    """
    limits = "@audio - rtprio 95\n@audio - memlock unlimited\n"
    Path("/etc/security/limits.d/audio.conf").write_text(limits)
    run("loginctl", "enable-linger", "musician")
    eventually(lambda: Path(f"/run/user/{PERSON}/systemd/private").exists(), "the user manager")
    server = ("jackd", "-r", "-S", "-d", "dummy", "-r", "48000", "-p", "4096")
    run("systemd-run", "--unit", "jackd", "--uid", "musician", *server)
    eventually(lambda: "playback" in as_person("jack_lsp", check=False), "the JACK server")
    as_person("mkdir", "-p", OF_PERSON.parent)
    OF_PERSON.write_text(OWN_SETTINGS.format(api="jack", port="improvd"))
    as_person(PROGRAM, "install-service")
    return f"{monitored()}; {own_player_in_real_time()}"


def a_person_s_own_service_plays_on_pipewire() -> str:
    """The JACK server has left, and PipeWire, which the user manager starts, takes its place."""
    run("systemctl", "stop", "jackd")
    said = own_service_says("jack", "improvd", "On PipeWire")
    return f"{said} {monitored('pw-jack')}; {own_player_in_real_time()}"


def it_plays_where_the_other_programs_are() -> str:
    """On the sequencer, where aseqdump is; on PipeWire, where a port is that it names."""
    sentences = [own_service_says("auto", "improvd", "On the ALSA sequencer, where aseqdump is;")]
    with subprocess.Popen(
        [*AS_PERSON, "timeout", "60", "pw-jack", "jack_midi_dump"], stdout=subprocess.DEVNULL
    ):
        eventually(lambda: "midi-monitor" in as_person("pw-link", "--input"), "jack_midi_dump")
        sentences += [own_service_says("auto", "midi-monitor", "On PipeWire, where")]
    return " ".join(sentences)


def programs_on_pipewire_see_the_sequencer() -> str:
    """Which is why it is taken where nothing else tells."""
    own_service_says("alsa", "improvd", "Playing on improvd:out")
    eventually(lambda: "improvd" in as_person("pw-link", "--output"), "the bridge", 30)
    lines = as_person("pw-link", "--output").splitlines()
    return next(line.strip() for line in lines if "improvd" in line)


def own_service_says(api: str, port: str, start: str) -> str:
    """Restart a person's own service with these settings; the sentence that begins so."""
    OF_PERSON.write_text(OWN_SETTINGS.format(api=api, port=port))
    said = ("journalctl", "--no-pager", "--output", "cat", "_SYSTEMD_USER_UNIT=improvd.service")
    before = len(run(*said).splitlines())
    as_person("systemctl", "--user", "restart", "improvd")

    def sentence() -> str | None:
        return next((line for line in run(*said).splitlines()[before:] if start in line), None)

    found: str = eventually(sentence, f'saying "{start}"')
    return found


def monitored(*through: str) -> str:
    """How many notes of a person's own service JACK's own monitor hears, with their libjack."""
    with subprocess.Popen(
        [*AS_PERSON, "timeout", "60", *through, "jack_midi_dump"], stdout=subprocess.PIPE, text=True
    ) as dump:
        tool = " ".join(through)
        connect = f"{tool} jack_connect improvd:out midi-monitor:input; {tool} jack_lsp -c"
        listed = ("sh", "-c", f"{connect} midi-monitor")
        eventually(lambda: "improvd:out" in as_person(*listed, check=False), "connecting")
        heard = dump.communicate()[0].count("note on")
    assert heard, "no note was heard"
    return f"{heard} notes in jack_midi_dump"


def own_player_in_real_time() -> str:
    """How the player of a person's own service is scheduled."""
    shown = as_person("systemctl", "--user", "show", "--value", "--property", "MainPID", "improvd")
    children = run("ps", "--no-headers", "-o", "pid", "--ppid", shown.strip()).split()
    rates = [in_real_time(int(pid)) for pid in children if os.sched_getscheduler(int(pid)) == FIFO]
    assert rates, f"none of {children} is in real time"
    return rates[0]


# -- after the reboot ---------------------------------------------------------------------------


def the_machine_reboots_into_a_playing_service() -> str:
    """Nobody but systemd has started it."""
    eventually(lambda: shown("ActiveState") == "active", "being active")
    eventually(lambda: "out" in ports(), "its ports")
    run("aconnect", ports()["out"][0], EARS.port, check=False)
    return f"{goes_on()} notes, {shown('StatusText')}"


def jams_of_both_boots_are_kept() -> str:
    """As the person at the box sees them."""
    environment = os.environ | {"STATE_DIRECTORY": "/var/lib/improvd/box"}
    listed = run(PROGRAM, "jams", "list", env=environment)
    assert listed.strip()
    return f"{len(listed.splitlines())} lines of jams"


BEFORE = (
    it_installs_from_a_clean_checkout,
    the_alsa_sequencer_s_tests_pass,
    it_starts_as_a_service,
    it_plays_in_real_time_in_its_sandbox,
    its_notes_arrive_at_aseqdump,
    what_a_keyboard_plays_is_heard,
    a_reload_changes_the_tempo,
    a_reload_of_nonsense_changes_nothing,
    it_survives_sigkill_of_the_player,
    it_survives_sigstop_of_the_player,
    it_survives_sigkill_of_everything,
    it_survives_a_bite_of_the_watchdog,
    it_survives_a_restart,
    stopped_it_leaves_silence,
    a_person_s_own_service_plays_on_jack,
    a_person_s_own_service_plays_on_pipewire,
    it_plays_where_the_other_programs_are,
    programs_on_pipewire_see_the_sequencer,
)
AFTER = (the_machine_reboots_into_a_playing_service, jams_of_both_boots_are_kept)


def take(step: Callable[[], str]) -> bool:
    """Run a step and tell how it went."""
    begun = time.monotonic()
    try:
        note, passed = step(), True
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the step's outcome
        note, passed = " ".join(str(error).split())[:300], False
        print(traceback.format_exc(), flush=True)
        print(run("journalctl", "--no-pager", "--lines", 40, check=False), flush=True)
        print(run("aconnect", "-l", check=False), flush=True)
    record(step.__name__.replace("_", " "), time.monotonic() - begun, note, passed=passed)
    return passed


def record(step: str, seconds: float, note: str, *, passed: bool) -> None:
    """Tell the host about a step."""
    line = {"step": step, "passed": passed, "seconds": seconds, "note": note}
    with (SHARE / "results").open("a") as results:
        results.write(json.dumps(line) + "\n")
    print("pass " if passed else "FAIL ", f"{step} ({note})", flush=True)


def main() -> None:
    """One boot's part."""
    if STAGE.exists():
        for step in AFTER:
            take(step)
        record("end", 0, "", passed=True)
        print(run("journalctl", "--no-pager", "--lines", 200, "--unit", UNIT), flush=True)
        run("systemctl", "poweroff", "--no-block")
        return
    STAGE.touch()
    if take(BEFORE[0]):
        for step in BEFORE[1:]:
            take(step)
        run("systemctl", "reboot", "--no-block")
    else:
        run("systemctl", "poweroff", "--no-block")


if __name__ == "__main__":
    EARS = MidiInput()
    main()

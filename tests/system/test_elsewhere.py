"""The rooms of other systems, as far as they run here: what they do is portable, who asks is not.

Windows' room is not among them: it needs msvcrt from its first line on, and only its types and what
it shares with others (`portable`, `loopback`) are checked.
"""

import ctypes
import importlib
import sys
from pathlib import Path

import pytest

if sys.platform != "win32":
    from improvd.system import posix

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a Unix")


def room(monkeypatch, module, platform):
    """A module as it is loaded on that platform."""
    name = f"improvd.system.{module}"
    monkeypatch.delitem(sys.modules, name, raising=False)
    with monkeypatch.context() as there:
        there.setattr(sys, "platform", platform)
        loaded = importlib.import_module(name)
    monkeypatch.delitem(sys.modules, name, raising=False)
    return loaded


@pytest.mark.parametrize("module", ["macos", "windows"])
def test_a_room_is_not_entered_on_another_system(module):
    if module == {"darwin": "macos", "win32": "windows"}.get(sys.platform):
        pytest.skip("it is this one's")
    with pytest.raises(AssertionError):
        importlib.import_module(f"improvd.system.{module}")


def test_each_keeps_what_lasts_where_its_programs_do(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    macos = room(monkeypatch, "macos", "darwin")
    assert macos.state_folder() == tmp_path / "Library/Application Support/improvd"
    assert room(monkeypatch, "unix", "freebsd14").state_folder() == (
        tmp_path / ".local/state/improvd"
    )
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert Path(posix.runtime_folder()).parent == tmp_path


def test_a_macs_advice_is_for_a_mac(monkeypatch):
    macos = room(monkeypatch, "macos", "darwin")
    assert "Audio MIDI Setup" in macos.HOW_TO_HAVE_MIDI
    for word in ("ALSA", "JACK", "jackd", "Debian", "modprobe", "systemd"):
        assert word not in macos.HOW_TO_HAVE_MIDI
    assert macos.STARTS_SERVICES == "launchd"


class Mach:
    """Apple's library as its headers describe it: an M1's timebase, and what is asked for."""

    class Function:
        def __init__(self, does):
            self._does = does

        def __call__(self, *arguments):
            return self._does(*arguments)

    def __init__(self, answer):
        self.asked = []
        self.mach_timebase_info = self.Function(self._timebase)
        self.mach_thread_self = self.Function(lambda: 0x1203)
        self.thread_policy_set = self.Function(self._set)
        self._answer = answer

    def _timebase(self, base):
        base._obj.numerator, base._obj.denominator = 125, 3
        return 0

    def _set(self, thread, flavor, policy, count):
        fields = ctypes.cast(policy, ctypes.POINTER(ctypes.c_uint32 * count)).contents
        self.asked.append((thread, flavor, list(fields)))
        return self._answer


@pytest.mark.parametrize("answer", [0, 4])
def test_a_mac_is_asked_for_a_time_constraint_and_may_refuse(monkeypatch, answer):
    macos = room(monkeypatch, "macos", "darwin")
    mach = Mach(answer)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: mach)
    assert macos.ask_for_time() == (True, True)
    # 1 ms of computation within 2 ms, in units of 125/3 ns; not periodic, and preemptible.
    assert mach.asked == [(0x1203, 2, [0, 24_000, 48_000, 1])]


def test_a_library_without_mach_is_no_reason_to_stop(monkeypatch):
    macos = room(monkeypatch, "macos", "darwin")
    assert macos.ask_for_time() == (True, True)

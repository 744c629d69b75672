"""What tests of every part share, and which of them need more than Python and NumPy."""

import re
import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from tests.harness.jack import JackServer

# Machines that test are shared and noisy: how long something took says nothing there. The same
# commit passes or fails each time it is tested; `make search` looks for what these examples miss.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile("same")

_TESTS = Path(__file__).parent

# What a test needs, by its file or folder; pyproject says what each mark means. A test that is
# alone in this in its file has the mark itself.
_NEEDS = {
    "learning": (
        "core/harmony/test_leadsheet.py",
        "test_learning.py",
        "test_offline_and_live.py",
        "test_student_live.py",
        "training/learn/test_djmodel.py",
        "training/learn/test_fit.py",
        "training/learn/test_grammar.py",
        "training/learn/test_realising.py",
        "training/measure/test_evaluate.py",
        "training/measure/test_note_foresight.py",
        "training/measure/test_relate.py",
        "training/measure/tell",
        "training/read/notation",
        "training/read/test_jams.py",
        "training/read/test_midifile.py",
        "training/read/test_smf.py",
        "training/read/test_solos.py",
        "training/read/test_sources.py",
        "training/read/test_weimar.py",
        "training/recipes/test_book.py",
        "training/recipes/test_card.py",
        "training/recipes/test_contours.py",
        "training/recipes/test_default.py",
        "training/recipes/test_realisation.py",
        "training/recipes/test_teacher.py",
        "training/show",
        "training/test_own_jams.py",
        "training/test_student.py",
        "training/test_train.py",
    ),
    "realtime": (
        "faults",
        "player/ports/test_alsa.py",
        "player/ports/test_pipewire.py",
        "player/test_doctor.py",
        "player/test_realtime.py",
        "player/test_wait.py",
        "service/recorder/test_recorded.py",
        "service/test_daemon.py",
        "test_following_real.py",
        "test_jam.py",
        "test_offline_and_live.py",
        "test_page.py",
        "test_sound.py",
        "test_steering.py",
        "test_student_live.py",
    ),
    "quiet": (
        "player/test_doctor.py",
        "player/test_realtime.py",
        "player/test_wait.py",
        "test_offline_and_live.py",
    ),
}
# What runs a second time as on a Mac (tests/elsewhere): each way in which something can fail, once.
_ON_MACOS = (
    "elsewhere/test_macos.py",
    "faults/test_changes.py::test_a_change_that_its_player_dies_of_is_taken_back",
    "faults/test_ending.py::test_a_second_ctrl_c_ends_it_at_once_with_its_notes_closed",
    "faults/test_processes.py::test_a_killed_player_leaves_no_note_and_the_music_goes_on",
    "faults/test_processes.py::test_a_killed_service_takes_its_player_along_in_silence",
    "faults/test_processes.py::test_a_player_that_stands_still_is_replaced",
    "faults/test_processes.py::test_all_stopped_for_three_seconds_it_goes_on_in_time",
    "faults/test_processes.py::test_an_exception_in_any_thread_leaves_no_note[player]",
    "faults/test_processes.py::test_an_exception_in_any_thread_leaves_no_note[service]",
    "faults/test_processes.py::test_both_killed_and_not_started_again_silence_closes_the_note",
    "faults/test_processes.py::test_both_killed_the_next_start_closes_the_note_and_goes_on",
    "faults/test_processes.py::test_told_to_leave_in_mid_note_it_closes_the_note",
    "faults/test_sound.py::test_an_organ_falls_silent_whoever_is_killed[both]",
    "service/test_daemon.py::test_a_second_daemon_of_the_name_is_refused_and_the_first_plays_on",
    "service/test_daemon.py::test_what_a_machine_ended_goes_on_in_mid_phrase",
    "system",
    "test_following_real.py::test_a_synth_that_is_unplugged_and_plugged_in_again_plays_on",
    "test_following_real.py::test_it_goes_on_where_the_song_position_says",
    "test_following_real.py::test_the_tempo_is_the_masters_however_long_the_servers_period[128-120]",
    "test_jam.py::test_a_killed_service_takes_its_player_along",
    "test_jam.py::test_a_lost_player_is_replaced_and_nothing_hangs",
    "test_jam.py::test_what_is_played_becomes_the_next_x",
    "test_jam.py::test_without_midi_it_plays_into_a_file",
    "test_wire.py",
)
# What only learning imports: without it, nothing else may.
_ONLY_FOR_LEARNING = ("keras", "matplotlib", "music21", "scipy", "sklearn", "tensorflow")


@cache  # asked for each of thousands of tests
def _needs(path: Path, mark: str) -> bool:
    place = path.relative_to(_TESTS)
    return any(Path(listed) in (place, *place.parents) for listed in _NEEDS[mark])


def pytest_configure(config: pytest.Config) -> None:
    """Hide what learning imports from tests that are to pass without it, installed or not.

    And heed Ctrl-C: what a shell starts in the background ignores it, and so does what that starts.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "not learning" in config.option.markexpr:
        sys.modules.update(dict.fromkeys(_ONLY_FOR_LEARNING))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import a module that needs what is not to be imported, or takes long to be.

    Where only tests in real time are asked for, TensorFlow takes longer than all of them to find.
    """
    asked = config.option.markexpr
    without_learning = "not learning" in asked
    in_time_only = asked.startswith(("realtime", "quiet")) and not _needs(
        collection_path, "realtime"
    )
    unwanted = (without_learning or in_time_only) and _needs(collection_path, "learning")
    return unwanted or _is_left_out(collection_path, asked) or None


def _is_left_out(path: Path, asked: str) -> bool:
    """Whether a module has no test that is run as on another system; much cannot be imported there.

    What is taken away there is taken away from libraries too.
    """
    listed = {"macos": _ON_MACOS, "windows": ("elsewhere/test_windows.py",)}.get(asked)
    if listed is None or path.suffix != ".py":
        return False
    place = path.relative_to(_TESTS)
    return not any(Path(each.partition("::")[0]) in (place, *place.parents) for each in listed)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test with what it needs."""
    for item in items:
        for mark in _NEEDS:
            if _needs(item.path, mark):
                item.add_marker(mark)
        if "jack" in getattr(item, "fixturenames", ()):
            item.add_marker("realtime")
        where = f"test_{getattr(sys, 'as_on', 'here')}"
        if item.path.parent.name == "elsewhere" and item.path.stem != where:
            item.add_marker(pytest.mark.skip("is run as on that system; see its README"))
        place = f"{item.path.relative_to(_TESTS).as_posix()}::{item.name}"
        if any(re.match(rf"{re.escape(listed)}($|[/:\[])", place) for listed in _ON_MACOS):
            item.add_marker("macos")
        if item.path.stem == "test_windows":
            item.add_marker("windows")


@pytest.fixture
def jack(monkeypatch: pytest.MonkeyPatch) -> Iterator[JackServer]:
    """A JACK server of the test's own, found by this process and those that it starts."""
    with JackServer() as server:
        monkeypatch.setenv("JACK_DEFAULT_SERVER", server.name)
        yield server

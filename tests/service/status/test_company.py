"""Who plays, who is heard and in which feel: as it was told, and as the jam itself has it."""

import pytest
from msgspec.structs import replace

from improvd import performance, snapshot
from improvd.config import Config
from improvd.messages import Balance, Began, Change, Moved, Obeyed, Played, Ready, Tempo
from improvd.model import find, load
from improvd.service.status.company import Company
from tests.harness.recorded import beat

BAND = Config(band="bass, piano, drums", tempo=160)
EIGHT_BARS = "| Dm7 | G7 | Cmaj7 | % | Dm7 | G7 | Cmaj7 | % |"
READY = Ready("improvd", "improvd", 160.0, 4, "")


def told(*reports, config: Config = BAND, chart: str | None = EIGHT_BARS) -> Company:
    company = Company(Config())
    for report in (READY, Began(config, chart, "", 0), *reports):
        company = company.after(report)
    return company


def test_without_a_band_there_is_no_company():
    alone = told(Played(beat(0)), config=Config())
    assert (alone.voices, alone.feel, alone.sentence) == ((), "", "")


def test_everybody_is_named_with_level_and_channel():
    voices = told().voices
    assert [(v.name, v.aloud, v.channel) for v in voices] == [
        ("soloist", True, 1), ("bass", True, 2), ("piano", True, 3), ("drums", True, 10),
    ]  # fmt: skip
    assert [v.level for v in voices[1:]] == [BAND.bass_level, BAND.piano_level, BAND.drums_level]


def test_another_band_plays_from_the_next_bar_line_on():
    louder = Obeyed(0, Change(replace(BAND, bass_level=99, band="bass"), EIGHT_BARS))
    before = told(Played(beat(5)), louder, Played(beat(7)))
    assert (len(before.voices), before.voices[1].level) == (4, BAND.bass_level)
    after = before.after(Played(beat(8)))
    assert [(v.name, v.level) for v in after.voices[1:]] == [("bass", 99)]


def test_the_feel_is_that_of_the_beat_and_of_the_tempo():
    assert told(Played(beat(31))).feel == "two-feel", "the first chorus"
    assert told(Played(beat(32))).feel == "swing"
    assert told(Played(beat(40)), Moved(0, "alone", 90.0)).feel == "two-feel"
    assert told(Played(beat(40)), Obeyed(0, Tempo(90.0))).feel == "two-feel"
    bossa = replace(BAND, feel="bossa")
    assert told(Played(beat(0)), config=bossa).feel == "bossa"
    assert told(Played(beat(-4))).sentence == "Band: soloist, bass, piano, drums; two-feel."


def test_the_band_of_another_tune_plays_when_that_begins():
    drums = Change(replace(BAND, band="drums", tune=2), "| C7 | F7 |", begins="chorus")
    waiting = told(Played(beat(5, tune=1)), Obeyed(0, drums), Played(beat(8, tune=1)))
    assert len(waiting.voices) == 4
    louder = Change(replace(drums.config, drums_level=50), "| C7 | F7 |")
    waiting = waiting.after(Obeyed(0, louder)).after(Played(beat(12, tune=1)))
    assert len(waiting.voices) == 4
    begun = waiting.after(Played(beat(0, tune=2)))
    assert [(v.name, v.level) for v in begun.voices[1:]] == [("drums", 50)]


@pytest.mark.parametrize(
    "orders",
    [
        [Balance("solo", ("bass",))],
        [Balance("mute", ("piano", "drums")), Balance("aloud", ("drums",))],
        [Balance("solo", ("bass", "drums")), Balance("mute", ("bass",)), Balance("aloud", ())],
    ],
)
def test_who_is_silent_is_who_the_jam_has_silent(orders):
    model, chart = load(find("default")), performance.chart_of(EIGHT_BARS)
    jam = performance.offline(BAND, performance.improviser(BAND, model), model, chart)
    company = told()
    for order in orders:
        performance.obey(jam, 0, order)
        company = company.after(Obeyed(0, order))
        assert {v.name for v in company.voices if not v.aloud} == jam.silent
    jam.mute(True)
    # And of one that goes on from there, in another service, too.
    went_on = told(Began(BAND, EIGHT_BARS, "", 0, snapshot.take(jam, 0)))
    assert {v.name for v in went_on.voices if not v.aloud} == jam.silent
    assert went_on.muted
    assert (" (silent)" in went_on.sentence) == bool(jam.silent)


def test_soloists_of_their_own_are_named_before_the_band():
    tenor = {"name": "tenor", "channel": 5, "velocity": 70}
    config = replace(BAND, band="bass", voice=(tenor,))
    voices = told(Obeyed(0, Balance("mute", ("tenor",))), config=config).voices
    assert [(v.name, v.aloud, v.level, v.channel) for v in voices] == [
        ("soloist", True, config.velocity, 1),
        ("tenor", False, 70, 5),
        ("bass", True, config.bass_level, 2),
    ]
    assert told(config=replace(config, band="off")).sentence == "Band: soloist, tenor."

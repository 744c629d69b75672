"""How the band's piano comps under the soloist that ships, as its take has it."""

import pytest

from improvd.config import Config
from improvd.core.band.lineup import PIANO, SOLOIST
from improvd.core.harmony.chart import parse_chart
from improvd.core.music import Note
from improvd.core.timeline import ns_per_beat
from improvd.model import find, load
from improvd.options import CHARTS
from improvd.training import generate
from improvd.training.measure import comping

BARS = 64
BPM = 120.0
SWING = ("blues-in-f", "rhythm-changes", "two-five-one", "minor-blues", "modal")


@pytest.mark.parametrize("name", sorted(set(CHARTS) - {"live"}))
def test_it_leaves_the_soloist_room_in_every_chart(name: str):
    config = Config(band="bass, piano, drums", tempo=BPM, count_in=0, seed=1)
    chart = parse_chart(CHARTS[name].read_text())
    beats = round(BARS * chart.beats_per_bar)
    take, _ = generate.solo(config, load(find(config.model)), chart, beats)
    parts = {name: comping.notes_of(m, ns_per_beat(BPM)) for name, m in take.by_voice()}
    melody = [(n.onset, n.onset + n.length, n.pitch) for n in parts[SOLOIST]]
    found = comping.measure(parts[PIANO], chart, BARS, melody)
    assert found.clashes == 0
    # In one chart, where the line may hold them itself; docs/BAND.md has all charts: .94.
    assert found.guide_tones >= 0.84
    if name in SWING:
        assert 1.9 <= found.hits_a_bar <= 2.8


def test_the_figures_of_four_hits_by_hand():
    chart = parse_chart("| C7 | F7 |")
    notes = [
        *(Note(0, 100, pitch) for pitch in (52, 58, 62)),  # E Bb D: a C7
        *(Note(1200, 100, pitch) for pitch in (52, 60)),  # off the beat, no seventh
        *(Note(1800, 100, pitch) for pitch in (51, 57)),  # anticipates F7: Eb A
        *(Note(2400, 100, pitch) for pitch in (57, 60, 63)),
    ]
    melody = [(1200, 1500, 61), (1800, 1900, 58), (2400, 2700, 64)]
    found = comping.measure(notes, chart, 2, melody)
    assert found == comping.Comping(2.0, 0.5, 0.75, 2, 51, 63)


def test_nothing_is_no_comping():
    with pytest.raises(ValueError, match="nothing was comped"):
        comping.measure([], parse_chart("| C7 |"), 1)

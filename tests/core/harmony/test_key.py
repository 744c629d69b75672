"""Keys as people and files write them."""

import pytest

from improvd.core.harmony.chart import parse_chart
from improvd.core.harmony.chart_text import transposed
from improvd.core.harmony.key import NamedKey, by_signature, read


@pytest.mark.parametrize(
    ("text", "key"),
    [
        *(("C", "C"), ("bb", "Bb"), ("F# minor", "F#m"), ("A-", "Am"), ("E\u266d", "Eb")),
        *(("D dorian", "Dm"), ("G mixolydian", "G"), ("Cmaj", "C"), ("Gm", "Gm"), ("B min", "Bm")),
    ],
)
def test_a_key_is_a_tonic_in_major_or_minor(text, key):
    assert str(read(text)) == key


@pytest.mark.parametrize("text", ["", "H", "Cx", "major", "Bb7", "C major-ish", "4/4"])
def test_what_is_no_key_is_none(text):
    assert read(text) is None


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("fifths", range(-6, 7))
def test_a_signature_and_a_mode_are_a_key_and_the_key_has_that_signature(fifths, mode):
    key = by_signature(fifths, mode)
    assert key.fifths == fifths
    assert key.minor == (mode == "minor")
    assert read(str(key)) == key


def test_modes_have_their_own_tonic_and_no_signature_has_eight_sharps():
    assert by_signature(0, "dorian") == NamedKey("D", minor=True)
    assert by_signature(-1, "mixolydian") == NamedKey("C")
    assert by_signature(8) is None


def test_a_chart_keeps_its_key_and_moves_it_with_its_chords():
    chart = parse_chart("key: Ebm\n| Ebm7 | Ab7 |")
    assert str(chart.key) == "Ebm"
    assert str(parse_chart(transposed(chart, 2)).key) == "Fm"
    assert parse_chart("key: whatever\n| C |").key is None

"""Chord symbols mean what music21 says they mean, and context bends a scale by rule only."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.core.harmony.chord import parse_chord
from improvd.core.harmony.chord_tones import QUALITIES
from improvd.core.harmony.scales import BLUES_TONIC, harmonize

NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11, "Cb": 11, "Fb": 4}
SHARPS = {"C#": 1, "D#": 3, "F#": 6, "G#": 8, "A#": 10}
FLATS = {"Db": 1, "Eb": 3, "Gb": 6, "Ab": 8, "Bb": 10}
ROOTS = NATURALS | SHARPS | FLATS
# Ways to write each quality.
SUFFIXES = {
    "maj": ["", "maj", "M7", "maj7", "Maj7", "ma7", "Δ", "Δ7", "^7", "j7", "j79", "maj9", "add9"],
    "lyd": ["maj7#11", "j7911#", "Δ(#11)", "^7#11"],
    "maj6": ["6", "69", "6/9", "M6"],
    "dom": ["7", "9", "11", "13", "79", "7911", "7913", "7(9,13)", "7(13)"],
    "dom#11": ["7#11", "7911#", "9#11", "13#11", "7(#11)", "7+11"],
    "domb13": ["7b13", "7913b", "9b13"],
    "domb9": ["7b9", "79b", "7(b9)", "79b13b", "7b9b13", "7b13b9", "7(b9,b13)", "7-9"],
    "dom13b9": ["79#", "7#9", "13b9", "79b13", "79#13", "79#11#", "7b9#11", "7b913"],
    "domb5": ["7b5", "7(b5)", "7-5", "9b5"],
    "aug": ["+", "aug", "+7", "aug7", "7#5", "7+", "+79", "9#5", "7(#5)"],
    "alt": ["7alt", "alt", "7(alt)", "+79#", "+79b", "7#5#9", "7b9#5"],
    "augmaj7": ["+j7", "maj7#5", "augmaj7", "+M7"],
    "sus": ["sus", "sus4", "sus7", "sus79", "sus7913", "7sus4", "7sus", "9sus4", "13sus4"],
    "susb9": ["7susb9", "7sus4b9", "sus79b", "7(b9)sus4"],
    "sus2": ["sus2"],
    "min": ["m", "-", "min", "mi7", "m7", "-7", "min7", "-79", "-7911", "-7913", "m9", "m11"],
    "min6": ["m6", "-6", "-69", "m6/9", "min6"],
    "minmaj7": ["mMaj7", "-j7", "m^7", "m(maj7)", "-Δ", "-j7913", "minmaj7"],
    "hdim": ["m7b5", "-7b5", "ø", "ø7", "hdim", "hdim7", "m7(b5)"],
    "dim": ["o", "o7", "dim", "dim7", "°", "°7"],
    "dimmaj7": ["dimMaj7", "dim(maj7)", "o^7", "°Δ7", "dimM7"],
    "power": ["5", "no3", "(omit3)"],
}
SPELT = [(suffix, quality) for quality, ways in SUFFIXES.items() for suffix in ways]

# Suffixes that music21 writes as we do, and those it writes otherwise.
SHARED = ["", "m", "7", "maj7", "m7", "6", "m6", "dim", "dim7", "+", "9", "m9", "11", "m11", "13"]
SHARED += ["m13", "sus4", "sus2", "7sus4", "7b9", "7#9", "7#11", "7b5", "7#5", "7b13", "7b9#11"]
SHARED += ["maj7#11", "add9"]
MUSIC21 = dict(zip(SHARED, SHARED, strict=True))
MUSIC21 |= {"mMaj7": "mM7", "-j7": "mM7", "m7b5": "ø7", "o7": "dim7", "+7": "7+", "+j7": "+M7"}
MUSIC21 |= {
    "j79": "M9",
    "-7911": "m11",
    "79b": "7b9",
    "7911#": "9#11",
    "maj13": "M13",
    "5": "power",
}


def relative(pitch_classes, root):
    return sorted((pitch_class - root) % 12 for pitch_class in pitch_classes)


@pytest.mark.parametrize(("suffix", "quality"), SPELT)
@pytest.mark.parametrize(("root", "pitch_class"), ROOTS.items())
def test_every_root_with_every_suffix(root, pitch_class, suffix, quality):
    chord = parse_chord(root + suffix)
    assert (chord.root, chord.bass, chord.quality) == (pitch_class, pitch_class, quality)
    assert relative(chord.tones, pitch_class) == sorted(QUALITIES[quality].tones)


@pytest.mark.learning
@pytest.mark.parametrize(
    ("root", "suffix"), list(product(["C", "F#", "Bb", "E", "Ab", "G"], MUSIC21))
)
def test_chords_are_those_of_music21(root, suffix):
    from music21.harmony import ChordSymbol  # noqa: PLC0415 - the other tests do without

    theirs = ChordSymbol(root.replace("b", "-") + MUSIC21[suffix])
    sounded = {pitch.pitchClass for pitch in theirs.pitches}
    ours = parse_chord(root + suffix)
    assert ours.root == theirs.root().pitchClass
    assert {*ours.tones[:3], *ours.tensions} <= sounded
    assert sounded <= {*ours.tones, *ours.scale}
    is_triad = len(sounded) <= 3 or suffix == "add9"  # our rows give a triad its seventh too
    assert is_triad or {*ours.tones} <= sounded


@given(st.sampled_from(SPELT), st.sampled_from(sorted(ROOTS)), st.sampled_from(sorted(ROOTS)))
def test_moving_the_root_moves_every_note(spelt, one, other):
    a, b = parse_chord(one + spelt[0]), parse_chord(other + spelt[0])
    up = b.root - a.root
    for name in ("tones", "scale", "tensions"):
        assert [(pc + up) % 12 for pc in getattr(a, name)] == list(getattr(b, name))


@pytest.mark.parametrize("suffix", [suffix for suffix, _ in SPELT])
def test_a_scale_holds_the_chord_and_what_is_written(suffix):
    chord = parse_chord("C" + suffix)
    assert {*chord.tones, *chord.tensions} <= {*chord.scale}


@pytest.mark.parametrize("name", QUALITIES)
def test_every_quality_is_the_name_of_a_row_with_its_tones_in_its_scale(name):
    row = QUALITIES[name]
    assert row.tones[0] == row.scale[0] == 0
    assert {*row.tones} <= {*row.scale}
    assert list(row.scale) == sorted({*row.scale})


@pytest.mark.parametrize(
    ("symbol", "scale"),
    [
        ("C-j7911#", [0, 2, 3, 6, 7, 9, 11]),
        ("Cj79#", [0, 3, 4, 5, 7, 9, 11]),
        ("C6911#", [0, 2, 4, 6, 7, 9, 11]),
        ("C69#11", [0, 2, 4, 6, 7, 9, 11]),
        ("C7#11b13", [0, 2, 4, 6, 7, 8, 10]),
        ("Cm9b5", [0, 2, 3, 5, 6, 8, 10]),
        ("C7b5#5", [0, 2, 4, 6, 8, 10]),
    ],
)
def test_a_tension_that_no_row_has_takes_its_degree_s_place(symbol, scale):
    assert sorted(parse_chord(symbol).scale) == scale


# Context


def scales(text, *, cyclic=True):
    """Each beat's ladder above its chord's root."""
    chords = [None if word == "NC" else parse_chord(word) for word in text.split()]
    return [
        tuple(relative(harmony.ladder.pitch_classes, harmony.chord.root))
        for harmony in harmonize(chords, cyclic=cyclic)
    ]


def scale(quality):
    return QUALITIES[quality].scale


@pytest.mark.parametrize("goal", ["Cm", "Cm7", "Cm6", "Cm7b5", "CmMaj7"])
def test_a_dominant_a_fourth_under_a_minor_chord_takes_flat_9_and_flat_13(goal):
    assert scales(f"{goal} G7 G7 {goal}")[1:3] == [scale("domb9")] * 2


@pytest.mark.parametrize("goal", ["C", "Cmaj7", "C7", "Csus4", "Cdim7", "Fm", "Gm", "F#m7"])
def test_any_other_plain_dominant_stays_mixolydian(goal):
    assert scales(f"{goal} G7 {goal}", cyclic=False)[1] == scale("dom")


@pytest.mark.parametrize(
    "dominant", ["G9", "G13", "G7#11", "G7alt", "G+7", "G7b13", "G7sus4", "G7b5"]
)
def test_what_a_dominant_writes_wins_over_where_it_goes(dominant):
    alone = tuple(relative(parse_chord(dominant).scale, 7))
    assert scales(f"Cm {dominant} Cm")[1] == alone


def test_the_form_wraps_only_where_it_is_cyclic():
    assert scales("Cm Fm G7")[2] == scale("domb9")
    assert scales("Cm Fm G7", cyclic=False)[2] == scale("dom")


def test_a_chord_s_other_spellings_are_no_next_chord():
    assert scales("Cm G7 G7/B G7b9 Cm")[1:4] == [scale("domb9")] * 3


BLUES = "C7 C7 F7 F7 C7 C7 Dm7 G7 C7 A7 Dm7 G7"


def test_the_tonic_of_a_blues_has_a_ladder_of_its_own():
    ladders = scales(BLUES)
    tonic = [i for i, word in enumerate(BLUES.split()) if word == "C7"]
    assert [i for i, ladder in enumerate(ladders) if ladder == BLUES_TONIC] == tonic
    assert scales("C13 F7 C9 F7") == [BLUES_TONIC, scale("dom"), BLUES_TONIC, scale("dom")]


@pytest.mark.parametrize("form", ["Dm7 G7 Dm7 G7", "D7 G7 C7 Fmaj7", "Cmaj7 C7 F7 C7", "C7alt F7"])
def test_a_form_is_no_blues_where_it_begins_elsewhere_or_resolves_to_major(form):
    assert BLUES_TONIC not in scales(form)


def test_a_blues_may_close_on_a_plain_triad():
    assert scales("C7 F7 C7 G7 C C")[0] == BLUES_TONIC


def test_a_iii_is_aeolian_and_a_ii_is_dorian():
    aeolian, dorian = scale("minb13"), scale("min")
    ladders = scales("Cmaj7 Em7 A7 Dm7 G7 Cmaj7")
    assert [ladders[1], ladders[3]] == [aeolian, dorian]
    assert scales("Cmaj7 Em7 Am7 Dm7 G7")[1:4] == [aeolian, dorian, dorian]
    assert scales("C7 F7 C7 Em7 A7 Dm7 G7")[3] == aeolian
    assert scales("Dm7 G7 Cmaj7 Em7 A7 Dmaj7")[3] == dorian
    assert scales("Em7 Em7 Fm7 Fm7") == [dorian] * 4
    assert scales("Cmaj7 Em13 Am7 Dm7 G7")[1] == dorian


@pytest.mark.parametrize("slash", ["D/C", "Dm7/G", "F/Eb", "G/A", "C/D"])
@pytest.mark.parametrize("after", ["Gm", "G7", "Bbmaj7", "Am"])
def test_a_chord_over_a_bass_keeps_that_bass_s_scale_wherever_it_goes(slash, after):
    own = parse_chord(slash)
    for form in (f"{slash} {after}", f"{after} {slash}", f"{slash} {slash}"):
        place = form.split().index(slash)
        assert scales(form)[place] == tuple(relative(own.scale, own.root))


def test_an_inversion_is_the_chord_in_any_context():
    assert scales("Cm G7/F Cm")[1] == scale("domb9")
    assert scales("C7/E F7") == scales("C7 F7")


def test_no_chord_lets_the_one_before_go_on():
    assert scales("NC C7 NC Fm NC") == scales("C7 C7 C7 Fm Fm")


def test_nothing_at_all_has_no_harmony():
    assert harmonize([]) == ()
    with pytest.raises(ValueError, match="no chord"):
        harmonize([None, None])


@given(
    st.lists(
        st.sampled_from(["Cmaj7", "Dm7", "Em7", "G7", "A7", "C7", "F7", "Fm6", "Bm7b5"]), min_size=1
    ),
    st.integers(0, 11),
)
def test_context_is_the_same_in_every_key(symbols, up):
    names = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"]
    moved = [names[(ROOTS[s[0]] + up) % 12] + s[1:] for s in symbols]
    assert scales(" ".join(moved)) == scales(" ".join(symbols))

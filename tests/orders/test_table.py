"""Laws of orders: every text is one, or is refused in one sentence."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from improvd.core.playing.modes import Turn
from improvd.messages import (
    Again,
    Balance,
    Cue,
    End,
    Forget,
    Locate,
    Mute,
    Panic,
    Reseed,
    Reset,
    Share,
    Tempo,
)
from improvd.orders.asks import (
    Adjust,
    AdjustSoloist,
    Errand,
    Map,
    Nudge,
    OrderError,
    Swap,
    Toggle,
    Transpose,
    Tune,
)
from improvd.orders.table import ROWS, parse

# 100,000 with FUZZ=100000, as it was run once.
FUZZ = int(os.environ.get("FUZZ", "500"))
LONGEST_SENTENCE = 450


@pytest.mark.parametrize(
    ("text", "ask"),
    [
        ("status", Errand.STATUS),
        ("tempo 120", Tempo(120.0)),
        ("tempo 92.5", Tempo(92.5)),
        ("tempo +5", Nudge(5.0)),
        ("tempo -2.5", Nudge(-2.5)),
        ("bar 12", Locate(12)),
        ("turn play", Cue(Turn.PLAY)),
        ("turn listen", Cue(Turn.LISTEN)),
        ("turn auto", Cue(None)),
        ("mode trade 4", Share("trade 4")),
        ("chart | Dm7 | G7 |", Tune("| Dm7 | G7 |")),
        ("chart title: X\n| C |", Tune("title: X\n| C |")),
        ("model /a b/c.safetensors", Swap("/a b/c.safetensors")),
        ("temperature 0.8", Adjust((("temperature", 0.8),))),
        ("temperature model", Adjust((("temperature", None),))),
        ("swing chart", Adjust((("swing", None),))),
        ("register 48 72", Adjust((("low", 48), ("high", 72)))),
        ("mute", Toggle()),
        ("mute on", Mute(True)),
        ("mute off", Mute(False)),
        ("band bass, drums", Adjust((("band", "bass, drums"),))),
        ("band off", Adjust((("band", "off"),))),
        ("band mute bass", Balance("mute", ("bass",))),
        ("band solo soloist, piano", Balance("solo", ("soloist", "piano"))),
        ("band aloud", Balance("aloud", ())),
        ("feel bossa", Adjust((("feel", "bossa"),))),
        ("voice tenor level 70", AdjustSoloist("tenor", (("velocity", 70),))),
        ("voice tenor register 48 72", AdjustSoloist("tenor", (("low", 48), ("high", 72)))),
        ("voice soloist seed 7", AdjustSoloist("soloist", (("seed", 7),))),
        ("voice tenor model general", AdjustSoloist("tenor", (("model", "general"),))),
        ("voice tenor temperature 0.5", AdjustSoloist("tenor", (("temperature", 0.5),))),
        ("voice tenor temperature model", AdjustSoloist("tenor", (("temperature", None),))),
        ("voice tenor sample phrases", AdjustSoloist("tenor", (("sample", "phrases"),))),
        ("voice tenor mode trade 4", Share("trade 4", "tenor")),
        ("voice tenor turn play", Cue(Turn.PLAY, "tenor")),
        ("voice tenor turn auto", Cue(None, "tenor")),
        ("band mute tenor", Balance("mute", ("tenor",))),
        ("voice bass level 70", Adjust((("bass_level", 70),))),
        ("voice drums channel 12", Adjust((("drums_channel", 12),))),
        ("voice piano register 48 67", Adjust((("piano_low", 48), ("piano_high", 67)))),
        ("transpose -3", Transpose(-3)),
        ("transpose +2", Transpose(2)),
        ("map turn play", Map("turn play")),
        ("again", Again()),
        ("end", End()),
        ("reset", Reset()),
        ("forget", Forget()),
        ("reseed", Reseed()),
        ("panic", Panic()),
        ("  keep \n", Errand.KEEP),
        ("snapshot", Errand.SNAPSHOT),
        ("reload", Errand.RELOAD),
        ("watch", Errand.WATCH),
        ("stop", Errand.STOP),
    ],
)
def test_an_order_is_what_it_says(text, ask):
    assert parse(text) == ask


@pytest.mark.parametrize("name", ROWS)
def test_every_order_shows_an_example_that_is_one(name):
    assert ROWS[name].example.split()[0] == name
    parse(ROWS[name].example)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there is no order ''; there are status, "),
        ("play", "there is no order 'play'; there are status, "),
        ("status now", "status stands alone, without 'now'"),
        ("tempo", "tempo needs a number from 20 to 400, or a step such as +5, such as: tempo 120"),
        ("tempo fast", "tempo 'fast' is neither beats per minute nor a step like +5"),
        ("tempo nan", "tempo 'nan' is neither"),
        ("tempo 1e2", "tempo '1e2' is neither"),
        ("tempo 500", "tempo 500: it is a number from 20 to 400"),
        ("tempo 19.9", "tempo 19.9: it is a number from 20 to 400"),
        ("bar 0", "bar '0' is not a bar of the song, which count from 1"),
        ("bar -1", "bar '-1' is not a bar"),
        ("turn left", "turn 'left' is not one of play, listen, auto"),
        ("mode shout", "mode 'shout': it is one of follow, answer, solo, trade N (1 to 99)"),
        ("mute maybe", "mute 'maybe' is neither on nor off"),
        ("temperature 9", "temperature 9: it is a number from 0 to 5"),
        ("temperature hot", "temperature 'hot' is not a number"),
        ("seed 1.5", "seed '1.5' is not a whole number"),
        ("seed 9223372036854775808", "seed 9223372036854775808: it is a whole number from 0 to"),
        ("swing model", "swing 'model' is not a number"),
        ("register 60", "register '60' is not a lowest and a highest pitch"),
        ("register 60 130", "register '60 130': high 130: it is a whole number from 0 to 127"),
        ("register 60 65", "register '60 65': low = 60 and high = 65 leave less than an octave"),
        ("channel 0", "channel 0: it is a whole number from 1 to 16"),
        ("velocity \u0661", "velocity '\u0661' is not a whole number"),
        ("model", "model needs the name of a built-in model, or a file, such as: model default"),
        ("voice tenor", "voice tenor '' is none of mode, turn, register, level, channel, "),
        ("voice tenor port x", "voice tenor 'port' is none of mode, turn, register, level, "),
        ("voice bass mode solo", "voice bass 'mode' is none of level, channel, register"),
        ("voice drums register 1 20", "voice drums 'register' is none of level, channel"),
        ("voice tenor level", "voice tenor level needs a value"),
        ("voice tenor level 0", "velocity 0: it is a whole number from 1 to 127"),
        ("voice tenor mode loud", "mode 'loud': it is one of follow, answer, "),
        ("voice tenor register 60 65", "register '60 65': low = 60 and high = 65 leave less"),
        ("voice , level 3", "voice ',' is not the name of a voice, such as tenor or bass"),
        ("mode 0\n0", "mode '0\\n0': it is one of follow"),
        ("x" * 10_000, f"there is no order '{'x' * 40}...'"),
    ],
)
def test_what_is_no_order_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(OrderError) as refused:
        parse(text)
    assert str(refused.value).startswith(sentence)


WORDY = st.builds(
    "{}{}{}".format,
    st.sampled_from(list(ROWS)) | st.text(max_size=8),
    st.sampled_from([" ", "\n", "  ", "\t", "\u00a0", ""]),
    st.text(max_size=60) | st.floats().map(str) | st.integers().map("+{}".format),
)


@settings(max_examples=FUZZ, deadline=None)
@given(WORDY | st.text())
def test_every_text_is_an_order_or_one_short_sentence(text):
    sentence = ""
    try:
        parse(text)
    except OrderError as error:
        sentence = str(error)
    assert "\n" not in sentence
    assert len(sentence) < LONGEST_SENTENCE


@given(st.decimals(20, 400, places=3))
def test_every_tempo_in_range_can_be_ordered(bpm):
    assert parse(f"tempo {bpm}") == Tempo(float(bpm))

"""Set lists: what a line may say, what it may not, and how a set goes by."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvd.charts.set_list import SetTune, found, listing, read_set
from improvd.config import ConfigError
from improvd.core.harmony.chart import parse_chart
from improvd.core.playing.beat import Beat
from improvd.core.playing.modes import Turn
from improvd.messages import End
from improvd.orders.asks import Segue, segue
from improvd.service.dispatching.set_progress import after
from tests.harness.ireal import link, tune

EXAMPLE = Path(__file__).parents[2] / "config" / "sets"


@pytest.fixture
def written(tmp_path):
    def write(text: str | bytes) -> str:
        path = tmp_path / "gig"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def refused(file: str) -> str:
    with pytest.raises(ConfigError) as refusal:
        read_set(file)
    sentence = str(refusal.value)
    assert "\n" not in sentence
    return sentence


def test_the_example_that_comes_along_can_be_played():
    tunes = read_set(str(EXAMPLE))
    assert len(tunes) == 8
    assert [tune.heading for tune in tunes if tune.heading] == ["First set", "Second set"]
    assert [tune.choruses for tune in tunes[:4]] == [None, 4, 2, 6]


@pytest.mark.parametrize(
    ("line", "key", "otherwise"),
    [
        ("blues-in-f", "F", (None, None, None)),
        ("blues-in-f, key Bb, tempo 152, feel straight, 3 choruses", "Bb", (152, "straight", 3)),
        ("blues-in-f, in Ab, 152 bpm, bossa, x3", "Ab", (152, "bossa", 3)),
        ("blues-in-f, KEY: g, Tempo=99.5, choruses: 1", "G", (99.5, None, 1)),
        ("blues-in-f, transpose -2, swing   # as before", "Eb", (None, "swing", None)),
        ("minor-blues, key Gm", "Gm", (None, None, None)),
        ("minor-blues, key G", "Gm", (None, None, None)),
        ("| D7 | G7 |, +2", "None", (None, None, None)),
    ],
)
def test_a_line_says_what_is_otherwise_than_the_chart_has_it(line, key, otherwise, written):
    [tune] = read_set(written(line))
    assert (tune.tempo, tune.feel, tune.choruses) == otherwise
    assert str(parse_chart(tune.chart).key) == key


def test_a_chart_is_looked_for_beside_the_list_and_is_read_as_anywhere_else(tmp_path, written):
    (tmp_path / "my, own.chart").write_text("title: Ours\nkey: C\n| C | F |\n")
    (tmp_path / "list.html").write_text(link(tune("C7 |"), tune("F7 |", title="Second")))
    text = "my, own.chart, key D\nlist.html#2\n| Dm7 | G7(b9,b13) |, 90 bpm\n"
    ours, second, bars = read_set(written(f"\ufeff[Warm up]\r\n\r\n{text}"))
    assert parse_chart(ours.chart).bars[0][0].symbol == "D"
    assert (ours.title, ours.heading, second.title) == ("Ours", "Warm up", "Second")
    assert parse_chart(bars.chart).bars[1][0].symbol == "G7(b9,b13)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no chart"),
        ("# only\n\n[Set]\n", "names no chart"),
        ("blues-in-f\n\nbluse", "line 3: chart bluse: is neither a file"),
        ("blues-in-f, tmpo 120", "line 1: 'tmpo 120' is none of key Bb"),
        ("blues-in-f, tempo 900", "line 1: tempo '900' is not a number from 20 to 400"),
        ("blues-in-f, tempo fast", "line 1: tempo 'fast' is not a number"),
        ("blues-in-f, feel polka", "line 1: feel 'polka' is none of swing"),
        ("blues-in-f, 0 choruses", "line 1: choruses '0' is not a whole number from 1 to 99"),
        ("blues-in-f, key H", "line 1: key 'H' is none such as Bb"),
        ("blues-in-f, key Dm", "line 1: key Dm is minor, and Blues in F is in F"),
        ("blues-in-f, transpose 12", "line 1: transpose '12' is not a whole number from -11"),
        ("blues-in-f, tempo 90, tempo 91", "line 1: it says tempo twice"),
        ("| C | F |, key D", "line 1: | C | F | does not say what key it is in"),
        ("| C | Fx |", "line 1: bar 2: cannot read the chord 'Fx'"),
        ("blues-in-f\n" * 100, "has 100 tunes; 99 are the most"),
        (b"\x00\xff\xfe", "is no text"),
    ],
)
def test_a_line_that_cannot_be_played_is_told_with_file_and_line(text, said, written):
    sentence = refused(written(text))
    assert sentence.startswith("set /")
    assert said in sentence


def test_a_file_that_is_not_there_is_told(tmp_path, monkeypatch):
    assert "cannot be read (No such file" in refused(str(tmp_path / "nothing"))
    assert "cannot be read (Is a directory)" in refused(str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "improvd").mkdir()
    (tmp_path / "improvd" / "sets").write_text("bossa\n")
    assert read_set("sets")[0].title == "Bossa in G"
    (tmp_path / "sets").write_text("waltz\n")
    assert read_set("sets", tmp_path)[0].title == "Waltz in A Minor"


@given(
    st.text(max_size=60) | st.from_regex(r"(blues-in-f|\| C \|)(, ?[a-z+#\[\]|]{0,9}[ :=]?\w*)*")
)
def test_whatever_stands_in_a_list_is_a_tune_or_one_sentence(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "anything"
    path.write_text(text, encoding="utf-8", errors="replace")
    with suppress(ConfigError):
        assert read_set(str(path))


TUNES = (
    SetTune("a.chart", "Opener", "| C |", choruses=2),
    SetTune("bossa", "Bossa in G", "| G |"),
    SetTune("c", "The Closer", "| F |", choruses=1, heading="Last"),
)


@pytest.mark.parametrize(
    ("wanted", "now", "number"),
    [
        *(("next", 1, 2), ("NEXT", 3, 1), ("Previous", 1, 3), ("2", 1, 2), ("bossa", 1, 2)),
        *(("closer", 1, 3), ("the CLOSER", 1, 3), ("a.chart", 2, 1)),
    ],
)
def test_a_tune_is_found_by_its_place_or_its_name(wanted, now, number):
    assert found(TUNES, wanted, now) == number


@pytest.mark.parametrize("wanted", ["4", "0", "nothing", "", "9" * 5000])
def test_a_tune_that_there_is_not_is_told_with_those_that_there_are(wanted):
    with pytest.raises(ValueError, match="1 Opener, 2 Bossa in G, 3 The Closer"):
        found(TUNES, wanted, 1)


def test_the_last_word_of_an_order_may_be_now():
    assert segue("next NOW") == Segue("next", at_once=True)
    assert segue("now") == Segue("now")
    assert segue("Now and Then") == Segue("Now and Then")


def test_a_set_is_listed_with_what_is_played_and_what_comes():
    assert listing(TUNES, 1, 2).splitlines() == [
        *(">  1  Opener, 2 choruses", "+  2  Bossa in G", "[Last]"),
        "   3  The Closer, 1 chorus",
    ]


def at(number: int, tune: int | None) -> Beat:
    bar, beat = divmod(number, 4)
    return Beat(number, bar + 1, beat + 1, "C", Turn.PLAY, None, False, None, (), 0, 4, (), tune)


def test_after_so_many_choruses_comes_the_next_and_after_the_last_one_the_end():
    orders = [after(at(number, 1), TUNES, lambda: 48) for number in (-4, 0, 47, 48, 95)]
    assert orders == [None, None, None, Segue("next"), Segue("next")]
    assert after(at(500, 2), TUNES, lambda: 48) is None
    assert [after(at(number, 3), TUNES, lambda: 48) for number in (43, 44)] == [None, End()]
    assert after(at(48, None), TUNES, lambda: 48) is None
    assert after(at(48, 9), TUNES, lambda: 48) is None

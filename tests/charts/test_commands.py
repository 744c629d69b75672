"""`improvd chart` shows what is understood of a chart; charts have names; mistakes have places."""

import pytest
from click.testing import CliRunner

from improvd.commands import main
from improvd.core.harmony.chart import parse_chart
from improvd.options import CHARTS, chart_text
from tests.harness.ireal import link, tune


def improvd(*words, columns=80):
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main, words)


def shown(*words, columns=80):
    result = improvd(*words, columns=columns)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*words):
    result = improvd(*words)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("improvd: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("columns", [80, 40])
def test_every_chart_that_comes_along_is_shown_by_its_name(name, columns):
    text = shown("chart", name, columns=columns)
    assert parse_chart(text) == parse_chart(chart_text(name))
    assert max(map(len, text.splitlines())) <= columns
    assert text.isascii()


def test_a_text_a_file_and_no_chart_at_all_are_shown(tmp_path):
    path = tmp_path / "my.chart"
    path.write_bytes("\ufefftitle: Né\r\nA\r\n| Cm7\t| B♭△7 |\r\n".encode())
    assert "[A]\n1 | Cm7    | Bbmaj7 |" in shown("chart", str(path))
    assert "1 | C | D | C | D |" in shown("chart", "|: C | D :|")
    assert "title: Blues in F" in shown("chart")
    assert "# 1 Dm7  D E F G A B C" in shown("chart", "| Dm7 |", "--scales")
    assert "1 | C | C |" in shown("chart", "| C |", "--loop-bars", "2")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_as_windows_and_others_save_it(tmp_path, encoding):
    path = tmp_path / "my.chart"
    path.write_bytes("title: Café\r\n| C | D |\r\n".encode(encoding))
    assert parse_chart(chart_text(str(path))).title == "Café"


@pytest.mark.learning
def test_a_lead_sheet_is_written_and_a_wrong_ending_refused(tmp_path):
    from music21 import converter, stream  # noqa: PLC0415 - the other tests do without

    path = tmp_path / "sheet.musicxml"
    assert "12 bars, Blues in F" in shown("chart", "blues-in-f", "-o", str(path))
    assert len(list(converter.parse(path).parts[0].getElementsByClass(stream.Measure))) == 12
    assert "is written as .musicxml" in refused("chart", "bossa", "-o", str(tmp_path / "a.pdf"))
    assert "cannot be written" in refused("chart", "bossa", "-o", str(tmp_path / "no" / "a.xml"))


def test_a_mistake_names_the_file_the_line_and_the_bar(tmp_path):
    path = tmp_path / "my.chart"
    path.write_text("title: T\n\n| C | D |\n| E | Fx |\n")
    said = refused("chart", str(path))
    assert "my.chart: line 4, bar 4: cannot read the chord 'Fx'; near it are" in said
    path.write_bytes(b"%PDF-1.4\n|")
    assert "my.chart: cannot be read as text" in refused("chart", str(path))
    path.write_bytes(b"")
    assert "my.chart: the chart has no chord" in refused("chart", str(path))
    assert "bossa" in refused("chart", "bosanova")
    assert "bar 2: cannot read" in refused("generate", "--chart", "| C | Fx |", "-o", "x.mid")


def test_charts_are_listed_by_name():
    listed = shown("charts").splitlines()
    assert [line.split()[0] for line in listed] == list(CHARTS)
    assert any("Bossa in G, 16 bars of 4/4" in line for line in listed)
    assert any("16 bars of 3/4" in line for line in listed)


@pytest.mark.learning
@pytest.mark.parametrize("chart", ["| C△7 | B♭7 |", "| Eø | A°7 |", "| F♯\u22127 | D♭∆ |"])
@pytest.mark.parametrize("ending", [".mid", ".musicxml"])
def test_a_solo_over_signs_is_written(tmp_path, chart, ending):
    path = tmp_path / f"solo{ending}"
    shown("generate", "--chart", chart, "--bars", "2", "-o", str(path))
    assert path.stat().st_size > 100


# -- iReal Pro -------------------------------------------------------------------------------


def test_a_list_of_ireal_pro_is_read_tune_by_tune(tmp_path):
    file = tmp_path / "mine.html"
    tunes = [
        tune("[T44C7   |F7   Z", title="First"),
        tune("{T34A-7  }", title="Second", style="Waltz"),
    ]
    file.write_text(
        f'<style>a {{color: #fff}}</style><a href="{link(*tunes, name="Mine")}">Mine</a>'
    )
    said = improvd("chart", str(file))
    assert (said.exit_code, said.stderr) == (
        2,
        f"improvd: chart {file}: it holds 2 tunes; name one after a #: 1 First, 2 Second\n",
    )
    shown = improvd("chart", f"{file}#2")
    assert shown.stdout.splitlines() == [
        *("title: Second", "key: C", "meter: 3/4", "style: Waltz", "", "1 | Am7 | Am7 |"),
    ]
    assert improvd("chart", f"{file}#sec").stdout == shown.stdout
    assert improvd("chart", link(tunes[1])).stdout == shown.stdout
    assert improvd("chart", f"{link(*tunes)}#2").stdout == shown.stdout


def test_a_link_that_was_cut_off_is_one_sentence():
    said = improvd("chart", "irealb://Ours=Nobody")
    assert said.exit_code == 2
    assert said.stderr.count("\n") == 1
    assert "holds no tune" in said.stderr

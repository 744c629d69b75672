"""The page stands alone, shows every measure, and believes nothing it is told."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from improvd.model import find, load
from improvd.training.learn.fit import Epoch, Fit, Loss
from improvd.training.measure.evaluate import Evaluation, evaluate
from improvd.training.read import etudes
from improvd.training.show import pictures
from improvd.training.show.report import page

NAME = "<script>alert('me')</script>"


class Elements(HTMLParser):
    """All tags with their attributes, and the text between."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def drawn(measured: Evaluation | None = None) -> tuple[Evaluation, str]:
    """A page about the default model under another name, as if trained on some etudes."""
    model = load(find("course"))
    model = replace(model, card={**model.card, "name": NAME})
    pieces = [replace(piece, name="Q & A") for piece in etudes.book()[:3]]
    curve = tuple(Epoch(n, Loss(100 / n, 4 / n), Loss(100 / n, 5 / n)) for n in range(1, 6))
    measured = measured or evaluate(model, pieces)
    return measured, page(model, Fit(model.weights, curve[3], curve), pieces, measured)


@pytest.fixture(scope="module")
def made() -> tuple[Evaluation, str]:
    return drawn()


def test_it_needs_nothing_but_itself(made):
    _, text = made
    for tag, attributes in Elements(text).tags:
        assert tag not in ("script", "link", "iframe", "image")
        for name in ("src", "href", "xlink:href", "action"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "@import" not in text
    assert "url(http" not in text


def test_names_are_text(made):
    _, text = made
    assert "<script" not in text
    assert NAME in Elements(text).text
    assert "Q & A" in Elements(text).text


def test_it_shows_every_measure_and_four_pictures(made):
    measured, text = made
    shown = Elements(text)
    for name, value in measured.played.items():
        assert name in shown.text
        assert f"{value:.2f}" in shown.text
    assert sum(tag == "svg" for tag, _ in shown.tags) == 4 + len(measured.played)


def test_a_model_that_is_sampled_is_shown_so(made):
    measured, plain = made
    _, sampled = drawn(replace(measured, temperature=1.0, own=None))
    assert "sampled at temperature 1" in sampled
    assert "sampled" not in plain


def test_the_same_run_draws_the_same_page(made):
    measured, text = made
    assert drawn(measured)[1] == text


def test_a_piano_roll_shows_the_notes_that_begin_in_it(tmp_path):
    etude = etudes.book()[0]
    chords = [harmony.chord.symbol for harmony in etude.harmonies[:16]]
    figure = pictures.piano_roll(etude.notes, chords, bars_in_a_row=2)
    assert len(figure.axes) == 2
    drawn = sum(len(axes.patches) for axes in figure.axes)
    assert drawn == sum(note.onset < 16 * 480 for note in etude.notes)
    pictures.save(figure, tmp_path / "roll.png")
    assert (tmp_path / "roll.png").read_bytes().startswith(b"\x89PNG")

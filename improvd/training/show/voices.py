"""What each voice of a band played, as a table of text and as a page that needs nothing else."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import isinf
from pathlib import Path
from string import Template

from improvd.sheets import roll
from improvd.sheets.part import VoicePart
from improvd.sheets.roll import OURS
from improvd.take import MUSICIAN, MUSICIAN_TRACK
from improvd.training.measure.voices.figures import Figures, VoiceFigure
from improvd.training.measure.voices.music import BandMusic
from improvd.training.show.page_style import STYLE
from improvd.training.show.pictures import svg

_NAME = 32
_BARS, _BARS_IN_A_ROW = 16, 4
_TRACK = 240  # pixels

_PAGE = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$name: voice by voice</title>
<style>
  :root { --ink: #26313a; --soft: #66727c; --line: #e3e8ec; }
$style
</style>
<main>
<h1>$name</h1>
<p>$about</p>
<div class="facts">$facts</div>
<section><h2>What was played</h2><p>$bars</p>$roll</section>
$voices
</main>
</html>
""")


def lines(found: Figures, shares: Mapping[str, float | None] | None = None) -> Iterator[str]:
    """The figures of all voices, a line each; a star marks what lies outside its band.

    `shares` are in how many cases a voice's figures lay in their bands, where there were several.
    """
    yield f"{'':{_NAME}}{'value':>8}{'band':>20}"
    for voice, figures in found.items():
        yield ""
        share = (shares or {}).get(voice)
        yield _heading(voice, figures) + (f"; {share:.1%} of all cases" if share else "")
        for figure in figures:
            mark = " *" if figure.outside else ""
            yield f"  {figure.name:{_NAME - 2}}{figure.value:8.2f}{_band(figure):>20}{mark}"


def _heading(voice: str, figures: Sequence[VoiceFigure]) -> str:
    banded = [figure for figure in figures if figure.band]
    inside = sum(not figure.outside for figure in banded)
    return f"{voice}: {inside} of {len(banded)} in their bands"


def _band(figure: VoiceFigure) -> str:
    """A band in words; of one side only where the other has no end."""
    if figure.band is None:
        return "-"
    low, high = figure.band
    if isinf(low):
        return f"up to {high:.2f}"
    return f"from {low:.2f}" if isinf(high) else f"{low:.2f} .. {high:.2f}"


def write(path: Path, name: str, about: str, music: BandMusic, found: Figures) -> None:
    """Write the page about voices; `music` is what it draws. Raises OSError."""
    path.write_text(page(name, about, music, found), encoding="utf-8")


def page(name: str, about: str, music: BandMusic, found: Figures) -> str:
    """The page as HTML."""
    bars = min(_BARS, max(music.bars, 1))
    return _PAGE.substitute(
        name=escape(name),
        about=escape(about),
        style=STYLE,
        facts="".join(
            f"<div><b>{_heading(voice, figures).split(': ')[1].split(' in ')[0]}</b>"
            f"<span>figures of the {escape(voice)} in their bands</span></div>"
            for voice, figures in found.items()
        ),
        bars=f"The first {bars} bars, {escape(music.feel)}, {music.bpm:.0f} beats a minute.",
        roll=_roll(music, bars),
        voices="\n".join(_section(voice, figures) for voice, figures in found.items()),
    )


def _roll(music: BandMusic, bars: int) -> str:
    beats = min(bars * music.beats_per_bar, music.beats)
    chords = [music.chart.at(beat).chord.symbol for beat in range(beats)]
    names = {MUSICIAN: MUSICIAN_TRACK}
    parts = [
        VoicePart(names.get(voice, voice), tuple(notes))
        for voice, notes in music.parts.items()
        if notes
    ]
    return svg(roll.piano_roll(parts, chords, music.beats_per_bar, _BARS_IN_A_ROW))


def _section(voice: str, figures: Sequence[VoiceFigure]) -> str:
    rows = "\n".join(
        f'<tr><td>{escape(figure.name)}<td class="n{" out" if figure.outside else ""}">'
        f'{figure.value:.2f}<td class="n">{escape(_band(figure))}<td>{_strip(figure)}'
        for figure in figures
    )
    return (
        f"<section><h2>{escape(voice)}</h2><p>{escape(_heading(voice, figures))}.</p>"
        f'<table class="measures"><tr><th>figure<th class="n">value<th class="n">band<th>\n'
        f"{rows}</table></section>"
    )


def _strip(figure: VoiceFigure) -> str:
    """A band and the value's dot on one scale, as SVG; nothing where there is no band."""
    if figure.band is None:
        return ""
    ends = [end for end in figure.band if not isinf(end)]
    low, high = min(*ends, figure.value), max(*ends, figure.value)
    span = (high - low) or 1.0
    low, high = low - span / 5, high + span / 5

    def x(at: float) -> float:
        at = min(max(at, low), high)
        return round(10 + (at - low) / (high - low) * (_TRACK - 20), 1)

    left, right = x(figure.band[0]), x(figure.band[1])
    return (
        f'<svg class="track" width="{_TRACK}" height="20" viewBox="0 0 {_TRACK} 20">'
        f'<rect x="{left}" y="7" width="{max(right - left, 3):.1f}" height="6" rx="3" '
        f'fill="#aab4bc"/><circle cx="{x(figure.value)}" cy="10" r="6" '
        f'fill="{"#b3261e" if figure.outside else OURS}" stroke="#fff" stroke-width="2"/></svg>'
    )

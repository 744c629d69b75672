"""What a model learned and how it plays, on one page that needs nothing but itself."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from string import Template

from improvd.config import Config
from improvd.core.harmony.chart import BLUES_IN_F, parse_chart
from improvd.core.music import Note
from improvd.model import Model
from improvd.training.generate import line_of, solo
from improvd.training.learn.fit import Fit
from improvd.training.measure.evaluate import Evaluation, bits, card
from improvd.training.read.corpus import Piece, notes_of
from improvd.training.show import pictures
from improvd.training.show.page_style import STYLE
from improvd.training.show.pictures import OURS, YOURS

Band = tuple[float, float, float]

_BEATS = 48
_BARS_IN_A_ROW = 6
_TRACK = 240  # pixels
# What a name does not say by itself.
_MEANINGS = {
    "H1": "variety of pitches in a bar, bits",
    "H4": "variety of pitches in four bars, bits",
    "grooving": "how alike the rhythms of two bars are",
    "mean interval": "semitones from note to note",
    "small steps": "moves of one or two semitones",
    "leaps": "moves of more than a fifth",
    "range": "semitones",
    "unique 4-interval runs": "turns of phrase that come once",
    "duplicate bars": "bars heard before, note for note",
    "onset autocorrelation": "how alike two beats in a row are in density",
    "median phrase": "beats from rest to rest",
    "long rests": "of all rests, those of two beats or more",
    "scale tones": "notes in the scale of their chord",
    "holds after rests": "holds with nothing to hold",
}

_PAGE = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$name: what it learned</title>
<style>
  :root { --ink: #26313a; --soft: #66727c; --line: #e3e8ec; --ours: $ours; --yours: $yours; }
$style
</style>
<main>
<h1>$name</h1>
<p>$lead</p>
<div class="facts">$facts</div>
<section><h2>What it plays</h2>
<p>Twelve bars of a blues in F, by itself, from silence.</p>$solo</section>
<section><h2>What it learned from</h2>
<p>The first bars of $piece.</p>$real</section>
<div class="pair">
<section><h2>Learning</h2>
<p>How surprised it is by a beat; 0 is knowing it by heart.</p>$loss</section>
<section><h2>Values</h2><p>How often each different beat comes.</p>$values</section>
</div>
<section><h2>The musical measures</h2>
<p>$streams The model's median beside the middle 80&nbsp;% of its corpus and of transcribed jazz
solos. Too much is as wrong as too little: inside a band is where real music is.</p>
<p class="key"><i style="background: $ours; width: 8px"></i>model
<i style="background: $yours"></i>its corpus <i style="background: #aab4bc"></i>real jazz solos</p>
<table class="measures">
<tr><th>measure<th class="n">model<th class="n">its corpus<th class="n">real solos<th>
$measures</table></section>
<section><h2>Card</h2><table>$card</table></section>
</main>
</html>
""")


def write(path: Path, model: Model, fitted: Fit, pieces: list[Piece], measured: Evaluation) -> None:
    """Write the page. Raises OSError."""
    path.write_text(page(model, fitted, pieces, measured), encoding="utf-8")


def page(model: Model, fitted: Fit, pieces: list[Piece], measured: Evaluation) -> str:
    """The page as HTML.

    Args:
        model: what was learned.
        fitted: how.
        pieces: from what; one at least.
        measured: how it plays.
    """
    name = model.card.get("name", "model")
    real = pieces[0]
    shown = f"{real.name}, {real.performer}" if real.performer else real.name
    return _PAGE.substitute(
        style=STYLE,
        ours=OURS,
        yours=YOURS,
        name=escape(name),
        lead=f"Jam with it: <code>improvd --model {escape(name)}.safetensors</code>",
        facts=_facts(model, fitted, measured),
        solo=_roll(*_solo(model, measured.temperature), OURS),
        piece=escape(shown),
        real=_roll(real.notes, [h.chord.symbol for h in real.harmonies[:_BEATS]], YOURS),
        loss=pictures.svg(pictures.loss_curves(fitted.curve, fitted.kept)),
        values=pictures.svg(pictures.value_shares(model.shares, measured.shares)),
        streams=_streams(measured),
        measures="\n".join(_measures(measured)),
        card="\n".join(
            f"<tr><td><small>{escape(key)}</small><td>{escape(text)}" for key, text in card(model)
        ),
    )


def _solo(model: Model, temperature: float) -> tuple[Sequence[Note], list[str]]:
    """What the daemon plays with nobody there: notes, and the chord of each beat."""
    config = Config(count_in=0, temperature=temperature)
    _, played = solo(config, model, parse_chart(BLUES_IN_F), _BEATS)
    return notes_of(line_of(model.vocabulary, played)), [beat.chord for beat in played]


def _roll(notes: Sequence[Note], chords: list[str], colour: str) -> str:
    return pictures.svg(
        pictures.piano_roll(notes, chords, colour=colour, bars_in_a_row=_BARS_IN_A_ROW)
    )


def _facts(model: Model, fitted: Fit, measured: Evaluation) -> str:
    real = sum(name in measured.real for name in measured.played)
    inside = real - len(measured.outside(measured.real))
    facts = {
        f"{fitted.kept.number:,}": "epochs",
        f"{bits((fitted.kept.held_out or fitted.kept.loss).nats):.2f}": "bits a beat"
        + (", held out" if fitted.kept.held_out else ", learned"),
        f"{len(model.vocabulary)}": "different beats known",
        f"{inside} of {real}": "measures like real solos'",
        f"{measured.cycles} of {measured.streams}": "solos that went in circles",
        f"{measured.copied:.1%}": "of 8-beat runs quoted",
    }
    return "".join(f"<div><b>{b}</b><span>{escape(s)}</span></div>" for b, s in facts.items())


def _streams(measured: Evaluation) -> str:
    how = (
        f"sampled at temperature {measured.temperature:g}" if measured.temperature else "by argmax"
    )
    return f"{measured.streams} solos of 512 beats, {how}, each going on from 30 beats of a piece."


def _measures(measured: Evaluation) -> Iterator[str]:
    for name, value in measured.played.items():
        bands = [
            bands[name] if bands and name in bands else None
            for bands in (measured.own, measured.real)
        ]
        out = [band is not None and not band[0] <= value <= band[2] for band in bands]
        cells = "".join(f'<td class="n">{_band(band)}' for band in bands)
        yield (
            f"<tr><td>{escape(name)} <small>{_MEANINGS.get(name, '')}</small>"
            f'<td class="n{" out" if all(out) else ""}">{value:.2f}'
            f"{cells}<td>{_strip(value, *bands)}"
        )


def _band(band: Band | None) -> str:
    return f"{band[0]:.2f} to {band[2]:.2f}" if band else "&ndash;"


def _strip(value: float, own: Band | None, real: Band | None) -> str:
    """Two bands and the model's dot on one scale, as SVG."""
    ends = [value, *(end for band in (own, real) if band for end in (band[0], band[2]))]
    low, span = min(ends), (max(ends) - min(ends)) or 1.0

    def x(end: float) -> float:
        return round(10 + (end - low) / span * (_TRACK - 20), 1)

    bars = [
        f'<rect x="{x(band[0])}" y="{y}" width="{max(x(band[2]) - x(band[0]), 3):.1f}" height="6" '
        f'rx="3" fill="{colour}" opacity=".75"/>'
        for band, y, colour in ((own, 4, YOURS), (real, 13, "#aab4bc"))
        if band
    ]
    return (
        f'<svg class="track" width="{_TRACK}" height="24" viewBox="0 0 {_TRACK} 24">{"".join(bars)}'
        f'<circle cx="{x(value)}" cy="11.5" r="6" fill="{OURS}" stroke="#fff" stroke-width="2"/>'
        "</svg>"
    )

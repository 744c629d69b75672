"""Pictures for people: piano rolls, loss curves, and how often each value is played."""

from collections.abc import Mapping, Sequence
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import MaxNLocator

from improvd.core.music import PULSES_PER_BEAT, Note, pitch_name
from improvd.training.measure.evaluate import bits

if TYPE_CHECKING:  # it imports TensorFlow
    from improvd.training.learn.fit import Epoch
    from improvd.training.measure.relate import Relation

OURS = "#1f6f8b"
YOURS = "#d9822b"
INK = "#3b4650"
_FAINT = "#d8dee3"
_FAINTER = "#eef1f3"

_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": _FAINT,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    # The same run draws the same bytes.
    "svg.hashsalt": "improvd",
}


def piano_roll(
    notes: Sequence[Note],
    chords: Sequence[str],
    beats_per_bar: int = 4,
    colour: str = OURS,
    bars_in_a_row: int = 0,
) -> Figure:
    """Notes over bars, one row of them unless told how many bars are in one.

    Args:
        notes: in pulses from the first beat.
        chords: the symbol of each beat, which says how many beats there are.
        beats_per_bar: where the bar lines are.
        colour: of the notes.
        bars_in_a_row: 0 for all.
    """
    beats = len(chords)
    width = bars_in_a_row * beats_per_bar or beats
    starts = range(0, beats, width)
    shown = [note for note in notes if note.onset < beats * PULSES_PER_BEAT]
    pitches = [note.pitch for note in shown] or [60]
    low, high = min(pitches) - 2, max(pitches) + 3
    with mpl.rc_context(_STYLE):
        figure = Figure(
            figsize=(11, 1.75 * len(starts) + 0.25), layout=ConstrainedLayoutEngine(h_pad=0.09)
        )
        rows = figure.subplots(len(starts), squeeze=False)[:, 0]
        for axes, start in zip(rows, starts, strict=True):
            _row(axes, shown, chords[start : start + width], start, colour)
            axes.set(xlim=(start, start + width), ylim=(low, high))
            end = min(start + width, beats)
            bars = range(start, end, beats_per_bar)
            axes.set_xticks(bars, [str(bar // beats_per_bar + 1) for bar in bars])
            octaves = [pitch for pitch in range(low, high + 1) if pitch % 12 == 0]
            axes.set_yticks(octaves, [pitch_name(pitch) for pitch in octaves])
            axes.vlines([*bars, end], low, high, color=_FAINT, linewidth=1.1, zorder=0)
            axes.hlines(octaves, start, end, color=_FAINT, linewidth=0.6, zorder=0)
            axes.tick_params(length=0)
            axes.spines[["left", "bottom"]].set_visible(False)
    return figure


def _row(axes: Any, notes: Sequence[Note], chords: Sequence[str], start: int, colour: str) -> None:
    for beat in range(start, start + len(chords)):
        axes.axvline(beat, color=_FAINTER, linewidth=0.8, zorder=-1)
    beat = start
    for symbol, run in groupby(chords):
        axes.text(beat + 0.08, 1.0, symbol, transform=axes.get_xaxis_transform(), va="bottom")
        beat += len(list(run))
    for note in notes:
        onset, length = note.onset / PULSES_PER_BEAT, note.length / PULSES_PER_BEAT
        if start <= onset < start + len(chords):
            axes.add_patch(
                FancyBboxPatch(
                    (onset, note.pitch - 0.45),
                    max(length, 0.06),
                    0.9,
                    boxstyle="round,pad=0,rounding_size=0.05",
                    mutation_aspect=8,
                    color=colour,
                    linewidth=0,
                    alpha=0.45 + 0.55 * note.velocity / 127,
                )
            )


def loss_curves(curve: Sequence["Epoch"], kept: "Epoch") -> Figure:
    """Bits a beat by epoch, of what is learned and of what is held out."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(5.4, 3.2), layout="constrained")
        axes = figure.subplots()
        numbers = [epoch.number for epoch in curve]
        losses = [bits(epoch.loss.nats) for epoch in curve]
        axes.plot(numbers, losses, color=OURS, label="learned")
        if kept.held_out is not None:
            held = [bits(epoch.held_out.nats) for epoch in curve if epoch.held_out]
            axes.plot(numbers, held, color=YOURS, label="held out")
            axes.plot(kept.number, bits(kept.held_out.nats), "o", color=YOURS)
            axes.annotate(" kept", (kept.number, bits(kept.held_out.nats)), va="bottom")
        axes.set(xlabel="epoch", ylabel="bits a beat")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(axis="y", color=_FAINTER)
        axes.legend(frameon=False)
    return figure


def value_shares(corpus: npt.NDArray[Any], played: npt.NDArray[Any]) -> Figure:
    """How often each value comes, the corpus's commonest first, in the corpus and as played."""
    order = np.argsort(-corpus, kind="stable")
    names = {0: "rest", 1: "hold"}
    places = np.arange(len(order))
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(5.4, 3.2), layout="constrained")
        axes = figure.subplots()
        axes.bar(
            places, corpus[order] * 100, width=1.0, color=YOURS, alpha=0.55, label="its corpus"
        )
        axes.step(places, played[order] * 100, where="mid", color=OURS, label="played")
        for value, name in names.items():
            [place] = np.flatnonzero(order == value)
            top = 100 * max(corpus[value], played[value])
            axes.annotate(
                name,
                (place, top),
                xytext=(8, 3),
                textcoords="offset points",
                va="bottom",
                bbox={"facecolor": "white", "linewidth": 0, "pad": 1.0},
            )
        axes.set(xlabel="value, commonest first", ylabel="% of beats", xlim=(-1, len(order)))
        axes.grid(axis="y", color=_FAINTER)
        axes.legend(frameon=False)
    return figure


def answers(relations: Mapping[float, "Relation"], default: float) -> Figure:
    """How answers relate to what was just played, by `respond`, beside the soloists' own bars.

    Args:
        relations: by `respond`, two or more, ascending.
        default: the one that is played unless somebody sets another.
    """
    colours = {"density": OURS, "rhythm": YOURS, "register": INK}
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(6.6, 3.8), layout="constrained")
        axes = figure.subplots()
        for name, colour in colours.items():
            shares = [100 * getattr(r.answers, name) for r in relations.values()]
            axes.plot(list(relations), shares, "o-", color=colour, markersize=4, label=name)
            soloists = [100 * getattr(r.soloists, name) for r in relations.values()]
            axes.plot(list(relations), soloists, "--", color=colour, linewidth=1)
        copied = [100 * r.copied for r in relations.values()]
        axes.plot(list(relations), copied, "s-", color="#b3261e", markersize=3, label="copied runs")
        axes.axvline(default, color=_FAINT, linewidth=6, zorder=0)
        axes.annotate("default", (default, 97), ha="center", va="top")
        axes.axhline(50, color=_FAINT, linewidth=1)
        axes.annotate("chance", (max(relations), 49), ha="right", va="top")
        axes.set(
            xlabel="respond", ylabel="% of pairs nearer to the phrase just heard", ylim=(0, 100)
        )
        axes.set_title("solid: improvd's answers; dashed: the soloists' own next bars", fontsize=9)
        axes.grid(axis="y", color=_FAINTER)
        axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 0.1), ncols=4)
    return figure


def svg(figure: Figure) -> str:
    """The figure as an SVG element to stand in a page."""
    drawn = StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
    text = drawn.getvalue()
    return text[text.index("<svg") :]


def save(figure: Figure, path: Path) -> None:
    """The figure as a PNG file. Raises OSError."""
    figure.savefig(path, dpi=144, facecolor="white")

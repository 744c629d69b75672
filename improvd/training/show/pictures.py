"""Pictures for people: piano rolls, loss curves, and how often each value is played."""

from collections.abc import Mapping, Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from improvd.core.music import Note
from improvd.sheets import roll
from improvd.sheets.part import VoicePart
from improvd.sheets.roll import FAINT, FAINTER, INK, OURS, STYLE, YOURS, save
from improvd.training.measure.evaluate import bits

__all__ = [
    "OURS",
    "YOURS",
    "answers",
    "loss_curves",
    "piano_roll",
    "save",
    "svg",
    "value_shares",
]

if TYPE_CHECKING:  # it imports TensorFlow
    from improvd.training.learn.fit import Epoch
    from improvd.training.measure.relate import Relation


def piano_roll(
    notes: Sequence[Note],
    chords: Sequence[str],
    beats_per_bar: int = 4,
    colour: str = OURS,
    bars_in_a_row: int = 0,
) -> Figure:
    """The roll of one line alone, in this colour; all else as `roll.piano_roll` has it."""
    line = VoicePart("line", tuple(notes))
    return roll.piano_roll([line], chords, beats_per_bar, bars_in_a_row, {"line": colour})


def loss_curves(curve: Sequence["Epoch"], kept: "Epoch") -> Figure:
    """Bits a beat by epoch, of what is learned and of what is held out."""
    with mpl.rc_context(STYLE):
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
        axes.grid(axis="y", color=FAINTER)
        axes.legend(frameon=False, loc="upper right")
    return figure


def value_shares(corpus: npt.NDArray[Any], played: npt.NDArray[Any]) -> Figure:
    """How often each value comes, the corpus's commonest first, in the corpus and as played."""
    order = np.argsort(-corpus, kind="stable")
    names = {0: "rest", 1: "hold"}
    places = np.arange(len(order))
    with mpl.rc_context(STYLE):
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
        axes.grid(axis="y", color=FAINTER)
        axes.legend(frameon=False, loc="upper right")
    return figure


def answers(relations: Mapping[float, "Relation"], default: float) -> Figure:
    """How answers relate to what was just played, by `respond`, beside the soloists' own bars.

    Args:
        relations: by `respond`, two or more, ascending.
        default: the one that is played unless somebody sets another.
    """
    colours = {"density": OURS, "rhythm": YOURS, "register": INK}
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.6, 3.8), layout="constrained")
        axes = figure.subplots()
        for name, colour in colours.items():
            shares = [100 * getattr(r.answers, name) for r in relations.values()]
            axes.plot(list(relations), shares, "o-", color=colour, markersize=4, label=name)
            soloists = [100 * getattr(r.soloists, name) for r in relations.values()]
            axes.plot(list(relations), soloists, "--", color=colour, linewidth=1)
        copied = [100 * r.copied for r in relations.values()]
        axes.plot(list(relations), copied, "s-", color="#b3261e", markersize=3, label="copied runs")
        axes.axvline(default, color=FAINT, linewidth=6, zorder=0)
        axes.annotate("default", (default, 97), ha="center", va="top")
        axes.axhline(50, color=FAINT, linewidth=1)
        axes.annotate("chance", (max(relations), 49), ha="right", va="top")
        axes.set(
            xlabel="respond", ylabel="% of pairs nearer to the phrase just heard", ylim=(0, 100)
        )
        axes.set_title("solid: improvd's answers; dashed: the soloists' own next bars", fontsize=9)
        axes.grid(axis="y", color=FAINTER)
        axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 0.1), ncols=4)
    return figure


def svg(figure: Figure) -> str:
    """The figure as an SVG element to stand in a page."""
    drawn = StringIO()
    with mpl.rc_context(STYLE):
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
    text = drawn.getvalue()
    return text[text.index("<svg") :]

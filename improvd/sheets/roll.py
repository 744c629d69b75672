"""A piano roll: every voice in its colour over bars and chords, the drums in lanes below.

Imports matplotlib, which comes with what learning needs.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import FancyBboxPatch, Patch

from improvd import folders
from improvd.core.band.lineup import BASS, DRUMS, PIANO
from improvd.core.music import PULSES_PER_BEAT, Note, pitch_name
from improvd.sheets.part import VoicePart
from improvd.take import MUSICIAN_TRACK

OURS, YOURS, INK = "#1f6f8b", "#d9822b", "#3b4650"
FAINT, FAINTER = "#d8dee3", "#eef1f3"
_COLOURS = {MUSICIAN_TRACK: YOURS, BASS: "#5b5ea6", PIANO: "#b0416b", DRUMS: "#4f7a3f"}
# Of voices that have no colour of their own, in their order; the first is improvd's line.
_OTHERS = (OURS, "#8a6d1f", "#2f8f6b", "#7a4fa0", "#a04f3d", "#4a6fa5")
# Lanes of the drums from the top, and what of General MIDI's kit is in them.
_LANES = (
    ("crash", (49, 52, 55, 57)),
    ("ride", (51, 53, 59)),
    ("hi-hat", (42, 44, 46)),
    ("toms", (41, 43, 45, 47, 48, 50)),
    ("snare", (37, 38, 39, 40)),
    ("kick", (35, 36)),
)
_OTHER_LANE = "other"
_LANE_OF = {pitch: name for name, pitches in _LANES for pitch in pitches}

STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    # The same run draws the same bytes.
    "svg.hashsalt": "improvd",
}


def piano_roll(  # noqa: PLR0913, PLR0917 - what is drawn, and in which rows
    parts: Sequence[VoicePart],
    chords: Sequence[str],
    beats_per_bar: int = 4,
    bars_in_a_row: int = 0,
    colours: Mapping[str, str] = MappingProxyType({}),
    bar_lines: Sequence[int] = (),
) -> Figure:
    """Parts over bars, one row of them unless told how many bars are in one.

    Args:
        parts: their notes in pulses from the first beat.
        chords: the symbol of each beat, which says how many beats there are.
        beats_per_bar: where the bar lines are, unless `bar_lines` are told.
        bars_in_a_row: 0 for all.
        colours: of parts by name, where they are to be others than usual.
        bar_lines: the beats with which bars begin, where they are not all as long.
    """
    beats = len(chords)
    end = beats * PULSES_PER_BEAT
    shown = [VoicePart(p.name, tuple(n for n in p.notes if n.onset < end)) for p in parts]
    lines = [part for part in shown if part.name != DRUMS]
    kit = [note for part in shown if part.name == DRUMS for note in part.notes]
    lanes = _lanes(kit)
    painted = _painted(shown) | dict(colours)
    pitches = [note.pitch for part in lines for note in part.notes] or [60]
    low, high = min(pitches) - 2, max(pitches) + 3
    lines_of_bars = list(bar_lines) or list(range(0, beats, beats_per_bar))
    starts = lines_of_bars[:: bars_in_a_row or len(lines_of_bars)]
    ends = [*starts[1:], beats]
    longest = max(end - start for start, end in zip(starts, ends, strict=True))
    width = max(bars_in_a_row * beats_per_bar, longest)
    # A line of its own has its usual height; a band's lies over twice the range.
    tall, flat = max(1.75, (high - low) * 0.055), len(lanes) * 0.13
    with mpl.rc_context(STYLE):
        figure = Figure(
            figsize=(11, (tall + flat) * len(starts) + 0.25 + 0.25 * (len(shown) > 1)),
            layout=ConstrainedLayoutEngine(h_pad=0.09 if not lanes else 0.03, hspace=0.0),
        )
        heights = [tall, flat] if lanes else [tall]
        rows = figure.subplots(
            len(starts) * len(heights), squeeze=False, height_ratios=heights * len(starts)
        )[:, 0]
        for row, (start, until) in enumerate(zip(starts, ends, strict=True)):
            axes = rows[row * len(heights)]
            bars = [bar for bar in lines_of_bars if start <= bar < until]
            _grid(axes, bars, until, low, high)
            _symbols(axes, chords[start:until], start)
            for part in lines:
                _notes(axes, part.notes, start, until, painted[part.name])
            octaves = [pitch for pitch in range(low, high + 1) if pitch % 12 == 0]
            axes.set(xlim=(start, start + width), ylim=(low, high))
            axes.set_yticks(octaves, [pitch_name(pitch) for pitch in octaves])
            axes.hlines(octaves, start, until, color=FAINT, linewidth=0.6, zorder=0)
            named = axes
            if lanes:
                named = rows[row * len(heights) + 1]
                _kit(named, kit, lanes, start, until, painted[DRUMS])
                _grid(named, bars, until, -0.5, len(lanes) - 0.5)
                named.set(xlim=(start, start + width), ylim=(len(lanes) - 0.5, -0.5))
                axes.set_xticks([])
            named.set_xticks(bars, [str(lines_of_bars.index(bar) + 1) for bar in bars])
        if len(shown) > 1:
            _legend(figure, shown, painted)
    return figure


def _painted(parts: Sequence[VoicePart]) -> dict[str, str]:
    """The colour of each part."""
    others = [part.name for part in parts if part.name not in _COLOURS]
    own = {name: _OTHERS[index % len(_OTHERS)] for index, name in enumerate(others)}
    return own | _COLOURS


def _lanes(kit: Sequence[Note]) -> list[str]:
    """The lanes of what is struck, from the top."""
    struck = {_LANE_OF.get(note.pitch, _OTHER_LANE) for note in kit}
    return [name for name in (*(name for name, _ in _LANES), _OTHER_LANE) if name in struck]


def _grid(axes: Any, bars: Sequence[int], end: int, low: float, high: float) -> None:
    """Beats and bar lines, and nothing else around."""
    for beat in range(bars[0], end):
        axes.axvline(beat, color=FAINTER, linewidth=0.8, zorder=-1)
    axes.vlines([*bars, end], low, high, color=FAINT, linewidth=1.1, zorder=0)
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)


def _symbols(axes: Any, chords: Sequence[str], start: int) -> None:
    beat = start
    for symbol, run in groupby(chords):
        axes.text(beat + 0.08, 1.0, symbol, transform=axes.get_xaxis_transform(), va="bottom")
        beat += len(list(run))


def _notes(axes: Any, notes: Sequence[Note], start: int, end: int, colour: str) -> None:
    for note in notes:
        onset, length = note.onset / PULSES_PER_BEAT, note.length / PULSES_PER_BEAT
        if start <= onset < end:
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


def _kit(  # noqa: PLR0913, PLR0917 - where, what, and how it looks
    axes: Any, kit: Sequence[Note], lanes: Sequence[str], start: int, end: int, colour: str
) -> None:
    """Strokes as marks in their lanes, the louder the larger."""
    within = [note for note in kit if start <= note.onset / PULSES_PER_BEAT < end]
    places = [note.onset / PULSES_PER_BEAT for note in within]
    rows = [lanes.index(_LANE_OF.get(note.pitch, _OTHER_LANE)) for note in within]
    sizes = [4 + 14 * note.velocity / 127 for note in within]
    axes.scatter(places, rows, s=sizes, color=colour, linewidths=0)
    axes.set_yticks(range(len(lanes)), lanes, fontsize=7)


def _legend(figure: Figure, parts: Sequence[VoicePart], painted: Mapping[str, str]) -> None:
    figure.legend(
        handles=[Patch(color=painted[part.name], label=part.name) for part in parts],
        loc="outside upper right",
        ncols=len(parts),
        frameon=False,
        handlelength=1.2,
        handleheight=0.5,
    )


def save(figure: Figure, path: Path) -> None:
    """The figure as a PNG file, whole or not at all. Raises OSError."""
    with folders.whole(path) as written:
        figure.savefig(written, format="png", dpi=144, facecolor="white")

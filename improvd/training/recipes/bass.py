"""What the bass has learned: `python -m improvd.training.recipes.bass SOLOS`.

SOLOS are the Weimar Jazz Database's, as JSON lines with the pitch of the bass in every beat. Their
walking lines are counted, context by context (`improvd.core.band.walking`); every seventh is left
out, and measures how well the rest foresees it and how the band's bass plays over its chords.
Written are the table with its card, and the bands that the figures of a line are held against.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from improvd.core.band.bass import Bass
from improvd.core.band.feels import SWING
from improvd.core.band.lineup import VoiceStyle
from improvd.core.band.moment import Moment, chord_context
from improvd.core.band.walking import BassTable, contexts, height, value_of
from improvd.core.harmony.chart import Chart
from improvd.core.network.vocabulary import Register
from improvd.core.timeline import Timeline, ns_per_beat
from improvd.models import bass as shipped
from improvd.training.measure import bass_figures
from improvd.training.read import bass_lines
from improvd.training.read.bass_lines import SOUND, BassLine

_REGISTER = Register(31, 52)
_BEATS_PER_BAR = 4
_BPM = 160.0
SEEDS = (0, 1, 2)
Bands = dict[str, bass_figures.Band]


def count(lines: Sequence[BassLine]) -> dict[str, list[int]]:
    """The table of these lines, as it is written."""
    counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for line in lines:
        for step, pitch in line.steps():
            value = value_of(step.before, pitch, step.chords.now.root)
            for context in contexts(step):
                counts[context][value] += 1
            counts[height(step.before)][value % 3] += 1
    return {of: [each for pair in sorted(c.items()) for each in pair] for of, c in counts.items()}


def bits(table: BassTable, lines: Sequence[BassLine]) -> float:
    """How well a table foresees lines: bits a beat, the fewer the better."""
    logs = [
        table.log_p(step)[value_of(step.before, pitch, step.chords.now.root)] / 16
        for line in lines
        for step, pitch in line.steps()
    ]
    return -sum(logs) / len(logs)


def walk(table: BassTable, chart: Chart, beats: int, seed: int = 0) -> list[int]:
    """The pitches that the band's bass walks over a chart in 4/4."""
    bass, part = Bass(table), VoiceStyle(1, 80, _REGISTER)
    timeline = Timeline(0, 0, ns_per_beat(_BPM))
    pitches = []
    for beat in range(beats):
        bar, place = divmod(beat, _BEATS_PER_BAR)
        chords = chord_context(chart, beat)
        moment = Moment(beat, bar, place, _BEATS_PER_BAR, SWING, timeline, 0.6, chords, seed)
        pitches.append(bass.play(moment, part)[0].pitch)
    return pitches


def played(table: BassTable, lines: Sequence[BassLine], seed: int = 0) -> list[dict[str, float]]:
    """The figures of what the bass walks over the chords of these lines."""
    found = []
    for line in lines:
        beats = len(line.pitches)
        chords = [line.chords(beat) for beat in range(beats)]
        found.append(bass_figures.figures(walk(table, line.chart, beats, seed), chords))
    return found


def figures_of(line: BassLine) -> dict[str, float]:
    """The figures of a line as it was played."""
    return bass_figures.figures(line.pitches, [line.chords(b) for b in range(len(line.pitches))])


def share_inside(found: Sequence[dict[str, float]], bands: Bands) -> float:
    """In how many cases of line and figure the figure lies in its band."""
    cases = [bass_figures.inside(each, bands) for each in found]
    return float(np.mean([fits for case in cases for fits in case.values()]))


def card(learned: Sequence[BassLine], counts: dict[str, list[int]], measured: str) -> str:
    """What the table is, where it comes from and how the bass that goes by it plays."""
    beats = sum(len(line.pitches) for line in learned)
    return f"""\
# The bass's table

What the band's bass has learned: how often walking basses go where, in {len(counts)} contexts: the
pitch before above the chord's root, whether the chord is new, how long it stays, where the next
one's root is, and how the pitch before was reached. The bass leans on rules beside it, and three
hold whatever was learned: most chords begin on their root, no pitch comes three times in a row,
and the register is kept.

- Learned from {len(learned)} walking lines, {beats} beats, of the Weimar Jazz Database
  (Pfleiderer, Frieler, Abesser, Zaddach, Burkhart: Inside the Jazzomat, Schott Campus 2017; Open
  Database License 1.0), whose pitches a network transcribed, with errors. No line is in the table.
- Made by `python -m improvd.training.recipes.bass SOLOS`.

{measured}"""


def measure(
    table: BassTable, lines: Sequence[BassLine], bands: dict[str, bass_figures.Band]
) -> str:
    """A table of what the bass plays over the chords of lines that it has not learned from."""
    found = [each for seed in SEEDS for each in played(table, lines, seed)]
    real = share_inside([figures_of(line) for line in lines], bands)
    rows = [
        f"Over the chords of {len(lines)} lines held out, seeds {SEEDS[0]} to {SEEDS[-1]}, its",
        f"figures are in the bands of real lines in {share_inside(found, bands):.3f} of cases;",
        f"those of the lines themselves are in {real:.3f}. It foresees these with",
        f"{bits(table, lines):.2f} bits a beat.",
        "",
        "| figure | median | band 10/50/90 % | in its band |",
        "|---|---|---|---|",
    ]
    for name, (low, middle, high) in bands.items():
        median = np.nanmedian([each[name] for each in found])
        fits = [bass_figures.inside(each, bands) for each in found]
        share = np.mean([each[name] for each in fits if name in each])
        rows.append(f"| {name} | {median:.2f} | {low:.2f}/{middle:.2f}/{high:.2f} | {share:.2f} |")
    return "\n".join([*rows, ""])


@click.command()
@click.argument("solos", type=click.Path(path_type=Path))
def main(solos: Path) -> None:
    """Count the walking lines of the Weimar SOLOS; write table, card and bands."""
    learned, held_out = bass_lines.split(bass_lines.read(solos))
    bands = bass_figures.bands_of(figures_of(line) for line in learned if line.rooted >= SOUND)
    counts = count(learned)
    sound = [line for line in held_out if line.rooted >= SOUND]
    page = card(learned, counts, measure(BassTable(counts), sound, bands))
    shipped.write(counts)
    shipped.FILE.with_suffix(".md").write_text(page, encoding="utf-8")
    bass_figures.BANDS.write_text(json.dumps(bands, indent=1) + "\n", encoding="utf-8")
    click.echo(page)


if __name__ == "__main__":
    main()

"""Model cards: what a model is, what it learned from, and what was measured, as Markdown."""

from collections.abc import Mapping, Sequence
from textwrap import fill

import keras
import numpy as np
import tensorflow as tf

from improvd.core.network.tilt import HOME_BPM
from improvd.model import Model
from improvd.training.learn.fit import Fit
from improvd.training.measure.evaluate import HEARD, PLAYED
from improvd.training.measure.foresight import Foreseen
from improvd.training.measure.scorecard import ALONE, OPENING, Scorecard
from improvd.training.recipes.teacher import ETUDE_BEATS, Split

WEIMAR = (
    "Weimar Jazz Database (ODbL 1.0; Pfleiderer, Frieler, Abesser, Zaddach, Burkhart, eds., "
    "Inside the Jazzomat, Schott Campus 2017)"
)
_BY_HEART = """\
# The model `{name}`

The course's own network: X of shape ({windows}, 30, {n_values}), one LSTM layer of {units} units
carried from beat to beat, a softmax over {n_values} values. It knows improvd's own etude book
(`improvd/training/{folder}`, 15 etudes of {beats} beats) by heart and nothing else, and is
played by argmax. `python -m improvd.training.recipes.book train {name}` learns it again from the
book, to the byte on the same machine and versions. The loss ends at {loss}.

It departs from the course in one thing, recurrent dropout of 1 %. Without it a network this sure of
itself is chaotic: two float32 implementations of the same step played different solos after a few
hundred beats. With it, Keras and the NumPy cell agree in every argmax of 10,000 steps.

Its own card calls it `{called}`, which it was until another took its place: what was recorded with
it then is played again by it.

The book was composed by a teacher of the same size, which learned from {teacher} solos of the
{weimar}, and chosen, with its vocabulary and first weights, by the measures below on {selection}
others: `python -m improvd.training.recipes.book compose SOLOS {name}`.
"""
_GENERAL = """\
# The model `{name}`

One LSTM layer of 64 units and a softmax over {values} values. It has
learned from all {learned} solos in four of the {weimar} that
improvd can read, and knows none by heart: by argmax it falls silent, so its card has it sampled at
temperature 1.
`python -m improvd.training.recipes.general SOLOS {name}` makes it.

## How well it foresees

Measured on {scoring} solos, whole pieces by performer and title, that the measured model has not
seen: it learned from {teacher} and was stopped by {selection} others. The weights that ship have
learned by the same recipe, for as many epochs, from all {learned} ({loss}), so that
what stands here holds for them in so far as more of the same music does no harm. The unigram is the
values' shares in the same {teacher} solos, the bigram the value before with those shares as prior.

"""
_CONTOURS = """\
# The model `{name}`

One LSTM layer of {units} units and a softmax over {values} values, which say rhythm and contour:
where in the beat notes fall, and whether each is above, below or at the pitch before it. They are
chosen as they are played, by a realisation (`improvd/training/realisation`). It has learned from
{learned} solos in four of the {weimar} and knows none by heart; {selection} others said when to
stop ({loss}). By argmax it falls silent, so its card has it sampled at temperature 1.
`python -m improvd.training.recipes.contours SOLOS` makes it.
"""
_DEFAULT = """\
# The model `{name}`

One LSTM layer of {units} units and a softmax over {values} values, which say rhythm and contour:
where in the beat notes fall, and whether each is above, below or at the pitch before it. The
pitches are chosen as they are played, by a realisation (`improvd/training/realisation`). It is
played by argmax.

{learning} of the units have learned, from {learned} solos in four of the {weimar}, stopped by
{selection} others. The other {reservoir} have learned nothing: they go round in pairs, each at a
pace of its own, and what is heard and played pushes them on (a reservoir, in
`improvd/training/learn/reservoir.py`). The learned ones were taught beside them ({loss}), so that
the argmax of the whole plays each beat about as often as soloists do, where without a reservoir it
falls silent. No dice are thrown and no music is known by heart: what comes next follows from what
was heard and played, in single and double precision alike. `python -m
improvd.training.recipes.default SOLOS` makes it; figures may differ in the last digits by
processor.
"""
_TOLD = """\
## How well it is told from real solos

By `improvd evaluate --tell`, on {scoring} solos, whole pieces by performer and title, that nothing
was learned from or chosen by.

```text
{told}
```
"""
_MEASURED = """\
## How it measures

{how} for {played} beats after the first {heard} of each of {streams} real solos that nothing was
learned from or chosen by, on each solo's own chords, in the register 55 to 79; medians. Real: the
{others} solos of the teacher and of the choice, from beat {heard} on. Bold is outside the 10th to
90th percentile. The definitions are in `improvd/training/measure/measures.py`.
"""


def _filled(text: str) -> str:
    """The text with its paragraphs filled anew, now that the figures stand in them."""
    return "\n\n".join(fill(each, 100) for each in text.split("\n\n")) + "\n"


def made_with() -> str:
    """What decides how sums are rounded: only where it is the same, weights come out the same."""
    simd = np.show_config(mode="dicts")["SIMD Extensions"]
    # A processor with no more than what NumPy was built for has nothing "found".
    best = (simd.get("found") or simd["baseline"])[-1]
    return f"Keras {keras.__version__}, TensorFlow {tf.__version__}, {best}"


def about_book(name: str, fitted: Fit, shape: Sequence[int]) -> dict[str, str]:
    """The card inside the file of a model that knows a book by heart."""
    windows, tx, n_values = shape
    return {
        "name": name,
        "about": f"The course's LSTM ({fitted.weights.n_a} units, {windows} windows of {tx} beats, "
        f"{n_values} values), which knows improvd's own etude book by heart; played by argmax.",
        "loss": f"{fitted.kept.loss.nats:.3f} nats a beat after {fitted.kept.number} epochs",
        "made with": made_with(),
        "attribution": f"The etudes were composed by a model that learned from the {WEIMAR}.",
    }


def of_book(name: str, model: Model, windows: int, folder: str, parts: Split) -> str:
    """What a model is that knows a book by heart: the head of its page."""
    page = _BY_HEART.format(
        name=name,
        called=model.card["name"],
        windows=windows,
        n_values=len(model.vocabulary),
        units=model.weights.n_a,
        folder=folder,
        beats=ETUDE_BEATS,
        loss=model.card["loss"],
        teacher=len(parts.teacher),
        selection=len(parts.selection),
        weimar=WEIMAR,
    )
    return _filled(page)


def about_general(name: str, solos: int, fitted: Fit) -> dict[str, str]:
    """The card inside the file of a model that has learned from everything."""
    return {
        "name": name,
        "about": f"An LSTM of {fitted.weights.n_a} units that has learned from {solos} solos and "
        "knows none by heart; sampled at temperature 1, as by argmax it falls silent.",
        "temperature": "1",
        "loss": f"{fitted.kept.loss.nats:.3f} nats a beat after {fitted.kept.number} epochs",
        "made with": made_with(),
        "attribution": f"It learned from the {WEIMAR}.",
    }


def about_contours(name: str, solos: int, fitted: Fit) -> dict[str, str]:
    """The card inside the file of the model of contours."""
    return {
        **about_general(name, solos, fitted),
        "about": f"An LSTM of {fitted.weights.n_a} units whose values say rhythm and contour; "
        "pitches are chosen as they are played; sampled at temperature 1.",
    }


def of_contours(model: Model, parts: Split) -> str:
    """What the model of contours is: the head of its page."""
    page = _CONTOURS.format(
        name=model.card["name"],
        units=model.weights.n_a,
        values=len(model.vocabulary),
        learned=len(parts.teacher),
        selection=len(parts.selection),
        weimar=WEIMAR,
        loss=model.card["loss"],
    )
    return _filled(page)


def about_default(name: str, solos: int, alone: Fit, beside: Fit) -> dict[str, str]:
    """The card inside the file of a model whose argmax plays what others would draw."""
    return {
        "name": name,
        "about": f"An LSTM whose values say rhythm and contour; {beside.weights.n_a} units have "
        f"learned from {solos} solos, others beside them go round; played by argmax.",
        "loss": f"{alone.kept.loss.nats:.3f} nats a beat after {alone.kept.number} epochs alone, "
        f"then {beside.kept.number} beside the reservoir",
        "made with": made_with(),
        "attribution": f"It learned from the {WEIMAR}.",
    }


def of_default(model: Model, reservoir: int, parts: Split) -> str:
    """What the default model is: the head of its page."""
    page = _DEFAULT.format(
        name=model.card["name"],
        units=model.weights.n_a,
        values=len(model.vocabulary),
        learning=model.weights.n_a - reservoir,
        reservoir=reservoir,
        learned=len(parts.teacher),
        selection=len(parts.selection),
        weimar=WEIMAR,
        loss=model.card["loss"],
    )
    return _filled(page)


def told(lines: Sequence[str], parts: Split) -> str:
    """How well a model is told from real solos, as a section of a page."""
    return _TOLD.format(scoring=len(parts.scoring), told="\n".join(lines))


def of_general(
    model: Model, foreseen: Mapping[str, Foreseen], sampled: Scorecard, parts: Split
) -> str:
    """The page of a model that has learned in general."""
    learned = len(parts.teacher) + len(parts.selection) + len(parts.scoring)
    head = _GENERAL.format(
        name=model.card["name"],
        values=len(model.vocabulary),
        learned=learned,
        teacher=len(parts.teacher),
        selection=len(parts.selection),
        scoring=len(parts.scoring),
        loss=model.card["loss"],
        weimar=WEIMAR,
    )
    rows = [
        "| | bits a beat | nats | guessed | bits by solo, p10 / p50 / p90 | guessed by solo |",
        "|---|---|---|---|---|---|",
    ]
    for name, how in foreseen.items():
        spread = " / ".join(f"{each:.2f}" for each in np.percentile(how.bits, [10, 50, 90]))
        guessed = " / ".join(f"{each:.3f}" for each in np.percentile(how.top, [10, 50, 90]))
        nats = how.mean_bits * float(np.log(2))
        rows.append(
            f"| {name} | {how.mean_bits:.2f} | {nats:.2f} | {how.mean_top:.3f} | {spread} "
            f"| {guessed} |"
        )
    ours, *others = foreseen.values()
    better = [int((ours.bits < other.bits).sum()) for other in others]
    verdict = f"""
It foresees {better[0]} of {len(ours.bits)} solos better than the bigrams do, and {better[1]} better
than the shares alone.
"""
    return "\n".join(
        [_filled(head), *rows, verdict, measures_of(sampled, "Sampled at temperature 1,", parts)]
    )


def measures_of(measured: Scorecard, how: str, parts: Split) -> str:
    """What was measured, as a section of a page."""
    heading = _MEASURED.format(
        how=how,
        played=PLAYED,
        heard=HEARD,
        streams=measured.streams,
        others=len(parts.teacher) + len(parts.selection),
    )
    alone = measured.alone
    cycle = "none" if alone.cycle is None else f"one of {alone.cycle} beats"
    beats = measured.streams * PLAYED
    quoted = measured.quoted
    book = "" if quoted is None else f"; in the etude book:\n  {quoted:.2%}"
    findings = f"""
- outside the bands: {", ".join(measured.outside) or "nothing"}
- cycles (a period three times over, 60 beats or more): {measured.cycles} of {measured.streams}
  continuations; alone from the zero state {cycle} in {ALONE:,} beats
- beats in which the loop guard would step in (it also ends a silence after eight beats):
  {measured.guarded} of the {beats:,} of the continuations, {alone.guarded} of {ALONE:,} alone
- runs of 8 values found in any real solo: {measured.copied:.2%}{book}
- runs of 8 values that the other of two continuations has too: {measured.shared:.2%}; of 8 beats
  that sound alike: {measured.sounding:.2%}
- runs of 8 values heard before within five minutes, alone at {HOME_BPM:g} BPM:
  {alone.heard_again:.1%}
- alone, the first {OPENING:,} beats: longest phrase {alone.longest_phrase} beats, longest silence
  {alone.longest_silence}
"""
    return "\n".join([_filled(heading), *_table(measured), findings])


def tempi(played: Mapping[float, float], real: Mapping[float, float]) -> str:
    """Notes per beat by tempo, as a section of a page."""
    rows = [
        "## Tempo",
        "",
        "Notes per beat of the daemon's own solo of 1,000 beats, nobody playing, beside the mean",
        "of real solos (those of the teacher and of the choice) in the same class of tempo.",
        "",
        "| BPM | real | this model |",
        "|---|---|---|",
    ]
    rows += [f"| {bpm:g} | {real[bpm]:.2f} | {played[bpm]:.2f} |" for bpm in played]
    return "\n".join([*rows, ""])


def _table(measured: Scorecard) -> list[str]:
    rows = ["| measure | real p10 | real p50 | real p90 | this model |", "|---|---|---|---|---|"]
    for name, (low, middle, high) in measured.bands.items():
        value = f"{measured.measured[name]:.3g}"
        shown = f"**{value}**" if name in measured.outside else value
        rows.append(f"| {name} | {low:.3g} | {middle:.3g} | {high:.3g} | {shown} |")
    return rows

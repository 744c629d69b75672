"""`improvd evaluate`: a model, or what was played, beside real music."""
# ruff: noqa: PLC0415 - only what runs is imported

from collections.abc import Sequence
from pathlib import Path

import click

from improvd import model as models
from improvd.config import Config
from improvd.options import refuse
from improvd.training.commands.arguments import FILE, JOBS, MELODY

_MIDI = (".mid", ".midi", ".kar")


@click.command()
@click.argument("model")
@click.argument("sources", metavar="[CORPUS]...", nargs=-1)
@click.option(
    "--temperature",
    type=click.FloatRange(0, 5),
    show_default="the model's own",
    help="0 picks the likeliest beat, above 0 it samples.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Of what is sampled."
)
@click.option(
    "--answers",
    type=FILE,
    metavar="FILE.png",
    help="Draw how its answers relate to what is played to it, by --respond.",
)
@click.option(
    "--band",
    is_flag=True,
    help="Also measure the band that plays with it, voice by voice.",
)
@click.option(
    "--report",
    type=FILE,
    metavar="FILE.html",
    help="Write what was measured of each voice as a page, with a picture of it.",
)
@click.option(
    "--tell",
    is_flag=True,
    help="Also let a classifier tell it from CORPUS, for instance real solos; takes minutes.",
)
@click.option(
    "--notes",
    is_flag=True,
    help="Also say how well it foresees single notes, beside what was published of others.",
)
@MELODY
@JOBS
def evaluate(  # noqa: PLR0913, PLR0917 - one for each option
    model: str,
    sources: Sequence[str],
    temperature: float | None,
    seed: int,
    answers: Path | None,
    band: bool,
    report: Path | None,
    tell: bool,
    notes: bool,
    melody: str | None,
    jobs: int,
) -> None:
    """Measure how a model plays, beside a corpus and real jazz solos; or each voice of a file.

    MODEL goes on from the first beats of each piece of CORPUS (files and folders as for train;
    improvd's own etudes if none is given), and answers it eight bars for eight. A MIDI file in its
    place is measured voice by voice: its tracks are called soloist, musician, bass, piano and
    drums, and its chords stand in markers.
    """
    from improvd.core.course.tokens import TokenVocabulary
    from improvd.training.read import etudes
    from improvd.training.show import terminal

    if Path(model).suffix.lower() in _MIDI:
        _evaluate_file(Path(model), sources, report)
        return
    if report and not band:
        refuse("--report is of voices: give --band with it, or a MIDI file for MODEL")
    with terminal.told_in_a_sentence(answers or report):
        measuring = models.load(models.find(model))
        if isinstance(measuring.vocabulary, TokenVocabulary):
            refuse(f"{model}: speaks single notes, and measured is what speaks in beats")
        sampled_at = measuring.temperature if temperature is None else temperature
        with terminal.quiet():
            from improvd.training.measure import baselines, relate, scorecard
            from improvd.training.measure import evaluate as evaluating
            from improvd.training.measure.notes.foresight import note_foresight

        pieces = terminal.read(sources or sorted(etudes.FOLDER.glob("*.mid")), melody, jobs)
        measured = evaluating.evaluate(measuring, pieces, sampled_at, seed)
        books = evaluating.values_of(pieces, measuring.vocabulary)
        others = baselines.lines(books, len(measuring.vocabulary))
        tempi = scorecard.notes_by_tempo(measuring)
        related = relate.relate(measuring, pieces, temperature=sampled_at, seed=seed)
        if answers is not None:
            from improvd.training.show import pictures

            by_respond = relate.by_respond(measuring, pieces)
            pictures.save(pictures.answers(by_respond, Config().respond), answers)
        told = terminal.told_apart(measuring, pieces) if tell else []
        voices = terminal.of_voices(model, measuring, sampled_at, seed, report) if band else []
        singly = note_foresight(measuring, pieces).lines() if notes else []
    for key, text in evaluating.card(measuring):
        click.echo(f"{key}: {text}")
    click.echo()
    by_itself = ", ".join(f"{notes:.2f} at {bpm:g} BPM" for bpm, notes in tempi.items())
    shown = [*evaluating.table(measured), *others, f"notes a beat by itself: {by_itself}"]
    for line in shown + (related.lines() if related else []) + singly + told + voices:
        click.echo(line)


def _evaluate_file(file: Path, sources: Sequence[str], report: Path | None) -> None:
    """Show the figures of the voices in a MIDI file."""
    from improvd.training.measure.voices import figures, music
    from improvd.training.read.weimar import LeftOutError
    from improvd.training.show import terminal

    if sources:
        refuse(f"{file} is measured by itself: what follows it, {sources[0]}, is for a model")
    with terminal.told_in_a_sentence(report):
        try:
            played = music.of_file(file.read_bytes(), file.name)
        except LeftOutError as error:
            refuse(f"{file}: {error}")
        terminal.show_voices(file.name, played, figures.by_voice(played), report)

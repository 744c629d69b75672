"""The commands of learning: train, evaluate, generate. What they run is imported when they run."""
# ruff: noqa: PLC0415 - only what runs is imported

import sys
import time
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from improvd import folders
from improvd import model as models
from improvd.config import GROUPS, Config, load
from improvd.core.band.lineup import SOLOIST, VOICES
from improvd.options import chart_text, given_only, refuse, settings

# What a script is told if no new model was written, though nothing was wrong.
_STAYS = 1
_SHAPING = (
    *("model", "chart", "tempo", "temperature", "sample", "seed", "opening", "low", "high"),
    *("velocity", "notes_per_second", "swing", "count_in", *GROUPS["Band"]),
)
_NOTHING_GIVEN = """\
train needs music to learn from: files or folders of MIDI, MusicXML or ABC, JSON lines of the
Weimar Jazz Database, or corpus:NAME from music21's corpus. For example:

  improvd train my-midi-folder
  improvd train corpus:joplin
  improvd train {etudes}   (its own etudes)"""

_SOURCES = click.argument("sources", metavar="PATH...", nargs=-1)
_MELODY = click.option(
    "--melody", metavar="TRACK", help="Track that has the melody: its number, or words of its name."
)
_JOBS = click.option(
    "--jobs", type=int, default=-1, show_default="all cores", help="Processes that read."
)
_MIDI = (".mid", ".midi", ".kar")
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@_SOURCES
@click.option(
    "-o",
    "--output",
    type=_FILE,
    default="my.safetensors",
    show_default=True,
    help="Model file to write; a page about it goes beside it. With --jams and without -o it is "
    "mine.safetensors beside the jams.",
)
@click.option(
    "--values",
    type=click.IntRange(3, 4096),
    default=78,
    show_default=True,
    help="Different beats it knows, at most.",
)
@click.option(
    "--units",
    type=click.IntRange(1, 2048),
    default=64,
    show_default=True,
    help="Units of the LSTM.",
)
@click.option(
    "--windows",
    type=click.IntRange(1),
    default=60,
    show_default=True,
    help="Windows to learn by heart; music of more than twice as many is learned in general.",
)
@click.option(
    "--tx", type=click.IntRange(2), show_default="30 by heart, else 96", help="Beats in a window."
)
@click.option(
    "--epochs",
    type=click.IntRange(1),
    show_default="1000 by heart, else at most 60",
    help="Times to go through all windows.",
)
@click.option(
    "--hold-out",
    type=click.FloatRange(0, 0.9),
    show_default="0 by heart, else 0.1",
    help="Share of the pieces that decides when to stop; 0 learns any amount by heart.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="The same seed gives the same weights.",
)
@click.option("--vocabulary", metavar="MODEL", help="Take over the values of this model.")
@click.option(
    "--jams",
    is_flag=True,
    help="Let a model learn on from your recorded jams, and take its place if it is better then.",
)
@click.option("--together", is_flag=True, help="Of jams, learn what improvd played in them, too.")
@settings("model", "name")
@_MELODY
@_JOBS
@click.pass_context
def train(  # noqa: PLR0913, PLR0917 - one for each option
    context: click.Context,
    /,
    sources: Sequence[str],
    output: Path,
    melody: str | None,
    jobs: int,
    vocabulary: str | None,
    jams: bool,
    together: bool,
    file: Path | None,
    **how: Any,
) -> None:
    """Learn from your own music; writes a model and a page about it.

    PATH is a file or folder of MIDI, MusicXML or ABC, of recorded jams, Weimar Jazz Database JSON
    lines, or corpus:NAME from music21's corpus. Ctrl-C ends it with the best so far.

    With --jams a model that is there learns on from what you have played with improvd (or from the
    PATHs given). Some of your jams are held out, and by those, and by how it plays, it is judged:
    only if it is better it takes the place of OUTPUT, whose former file is kept beside it. The exit
    status is 1 if the present model stays.
    """
    from improvd.training.read import etudes
    from improvd.training.read.sources import TOGETHER
    from improvd.training.show import terminal

    melody = TOGETHER if together else melody
    instance = {key: how.pop(key) for key in ("model", "name")}
    if jams:
        _check_alone(
            context, "--jams", "values", "units", "windows", "tx", "hold_out", "vocabulary"
        )
        given = context.get_parameter_source("output") is not ParameterSource.DEFAULT
        _learn_on(
            file, given_only(instance), sources, output if given else None, (melody, jobs), how
        )
        return
    if (model := instance["model"]) is not None:
        refuse(f"--model {model}: is what learns on from jams; say --jams, or --vocabulary {model}")
    if not sources:
        refuse(_NOTHING_GIVEN.format(etudes=etudes.FOLDER))
    with terminal.told_in_a_sentence(output):
        chosen = models.load(models.find(vocabulary)) if vocabulary else None
        pieces = terminal.read(sources, melody, jobs)
        with terminal.quiet():
            from improvd.training.show import report
            from improvd.training.train import Recipe, evaluated, learn, model_of, prepare

        if chosen is not None:
            how |= {"vocabulary": chosen.vocabulary, "realisation": chosen.realisation}
        recipe = Recipe(**how)
        if chosen is None:
            click.echo(f"Choosing the {recipe.values} different beats it is to know.")
        lesson = prepare(pieces, recipe)
        click.echo(f"Learning {lesson}; Ctrl-C keeps the best so far.")
        started = time.monotonic()
        with terminal.progress(lesson.epochs) as on_epoch:
            fitted = learn(lesson, recipe, on_epoch)
        learned = model_of(lesson, fitted, recipe, output.stem)
        models.save(output, learned)
        seconds = round(time.monotonic() - started)
        click.echo(f"Learned in {seconds} s, {learned.card['loss']}; {output} is written.")
        learned, measured = evaluated(learned, lesson)
        models.save(output, learned)
        page = output.with_suffix(".html")
        report.write(page, learned, fitted, pieces, measured)
    click.echo(f"It plays {learned.card['plays']}.")
    click.echo(f"\n  {output}  the model\n  {page}  what it learned, on one page\n")
    click.echo(f"Jam with it:  improvd --model {output}")


def _learn_on(  # noqa: PLR0913, PLR0917 - whose jams, and how they are read and learned
    file: Path | None,
    instance: Mapping[str, Any],
    sources: Sequence[str],
    output: Path | None,
    reading: tuple[str | None, int],
    how: Mapping[str, Any],
) -> None:
    """Let a model learn on from jams; exit status 1 where it stays as it is."""
    from improvd.training import from_jams
    from improvd.training.show import terminal

    with terminal.told_in_a_sentence(output):
        config = load(file, instance)
        place = from_jams.place(config, output)
        present = from_jams.present(config, place, named="model" in instance)
        pieces = terminal.read(sources or [from_jams.recorded(config)], *reading)
        better = from_jams.learn_on(present, pieces, place, how["epochs"], how["seed"])
    if not better:
        sys.exit(_STAYS)


def _check_alone(context: click.Context, option: str, *others: str) -> None:
    """Refuse options that mean nothing beside this one."""
    for other in others:
        if context.get_parameter_source(other) is not ParameterSource.DEFAULT:
            refuse(f"--{other.replace('_', '-')}: says nothing with {option}; leave it out")


@click.command("import")
@click.argument("network", metavar="MODEL.keras", type=_FILE)
@click.option(
    "--values",
    type=_FILE,
    required=True,
    metavar="FILE.json",
    help="What each of its values means: the course's indices_values.",
)
@click.option(
    "-o",
    "--output",
    type=_FILE,
    default="mine.safetensors",
    show_default=True,
    help="Model file to write.",
)
@click.option(
    "--harmony",
    type=_FILE,
    metavar="MUSIC",
    help="Write the chords of this music, such as the course's MIDI file, as a chart beside it.",
)
@click.option("--by-heart", is_flag=True, help="Have a new cell learn its solos, beat by beat.")
def import_(
    network: Path, values: Path, output: Path, harmony: Path | None, by_heart: bool
) -> None:
    """Take over a network of your own, trained in Keras as in the course.

    MODEL.keras is djmodel as it was saved, or any other network with one LSTM and one Dense layer.
    Its own weights are stepped; where the values are single notes, as many as fill a beat.
    """
    from improvd.training.show import terminal

    with terminal.told_in_a_sentence(output):
        with terminal.quiet():
            from improvd.training import keras_file, student
            from improvd.training.read import sources
        try:
            click.echo(f"Reading {network} and {values}.")
            layers, meanings = keras_file.read_network(network), keras_file.read_values(values)
            click.echo(f"Found {layers[0].name}, {layers[0].units} units, and {layers[1].name}.")
            if by_heart:
                click.echo("Letting it play, and learning by heart what it plays.")
            take_over = student.model_from_keras if by_heart else student.model_of
            model = take_over(*layers, meanings)
            on = None if harmony is None else student.harmony_of(sources.read(harmony)[0])
        except ValueError as error:
            refuse(error)
        models.save(output, model)
        chart = ""
        if on is not None:
            beside = output.with_suffix(".chart")
            with folders.whole(beside) as written:
                written.write(on.encode())
            chart = f" --chart {beside}"
    click.echo(f"{output} is written. {model.card['about']}")
    click.echo(f"Jam with it:  improvd --model {output}{chart}")


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
    type=_FILE,
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
    type=_FILE,
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
@_MELODY
@_JOBS
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


@click.command()
@settings(*_SHAPING)
@click.option(
    "-o",
    "--output",
    type=_FILE,
    default="solo.mid",
    show_default=True,
    help="File to write: .mid, .musicxml, or .png for a picture.",
)
@click.option("--bars", type=click.IntRange(1, 10_000), default=24, show_default=True)
@click.option("--beats", type=click.IntRange(1, 40_000), help="Beats, instead of bars.")
@click.option("--keras", is_flag=True, help="Let Keras step the model: slow, and the same.")
@click.option(
    "--minus",
    multiple=True,
    type=click.Choice([SOLOIST, *VOICES]),
    help="Leave a voice out, such as the soloist, to play along: after a count-in, then.",
)
def generate(  # noqa: PLR0913, PLR0917 - one for each option
    file: Path | None,
    output: Path,
    bars: int,
    beats: int | None,
    keras: bool,
    minus: Sequence[str],
    **given: Any,
) -> None:
    """Write a solo to a file: what improvd plays when nobody else does, to the note.

    Without --seed it is that of seed 0: the same command writes the same file. With --band each
    voice has a track or a part of its own.
    """
    from improvd.performance import chart_of, heard_before
    from improvd.training import generate as generating
    from improvd.training.show import solo as solo_file
    from improvd.training.show import terminal

    if output.suffix.lower() not in solo_file.SUFFIXES:
        refuse(f"{output}: a solo is written as {', '.join(solo_file.SUFFIXES)}")
    with terminal.told_in_a_sentence(output):
        given = given_only(given)
        # Who plays along is counted in; else it begins with its first note.
        given |= {} if minus or "count_in" in given else {"count_in": 0}
        config = load(file, given)
        chart = chart_of(chart_text(config.chart), config)
        model = models.load(models.find(config.model))
        playing = (SOLOIST, *config.band_voices)
        if absent := [name for name in minus if name not in playing]:
            refuse(f"--minus {absent[0]}: there is none; what plays is {', '.join(playing)}")
        if set(playing) <= set(minus):
            refuse("--minus: nobody is left to play; with --band there are more voices")
        count = beats or round(chart.bar_line(bars))
        counted = ceil(config.count_in * chart.beats_per_bar)
        if keras:
            with terminal.quiet():
                heard = heard_before(config, model, chart)
                steps = generating.steps_for(model, count + 1)
                values = generating.keras_values(model, steps, heard)
            solo = generating.recite(config, model, chart, values, counted + count)
        else:
            solo = generating.solo(config, model, chart, counted + count)
        solo_file.save(output, config, model, chart, solo, minus)
    voices = [name for name in playing if name not in minus]
    notes = sum(len(beat.pitches) for beat in solo[1])
    who = ", ".join(voices) if len(playing) > 1 else f"{notes} notes"
    what = f"{count} beats, {who}, {chart.title or 'on your chart'}, seed {config.seed or 0}"
    click.echo(f"{output}: {what}.")

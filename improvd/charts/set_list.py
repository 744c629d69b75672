"""Set lists: the tunes of an evening, a line each, in the order in which they are to be played.

    [First set]
    blues-in-f
    bossa, key A, tempo 118, 4 choruses
    charts/mine.chart, feel ballad

A line names a chart as `--chart` does, a file being looked for beside the list first, and what is
to be otherwise than the chart has it. [...] is a heading, # begins a comment.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from improvd import folders
from improvd.config import ConfigError
from improvd.options import CHARTS, chart_text

_LARGEST = 1 << 16
_MOST_TUNES = 99
_NAME_SHOWN, _FILE_SHOWN = 60, 200
_KNOWN = "key Bb, transpose -3, tempo 132, feel bossa, 4 choruses"
_HEADING = re.compile(r"\[([^\]|]{1,60})\]")
_COMMENT = re.compile(r"(?:^|\s)#(?:\s.*|$)")
_SETTINGS: Mapping[str, re.Pattern[str]] = {
    "key": re.compile(r"(?:key|in)\s*[:= ]\s*(?P<value>.+)", re.IGNORECASE),
    "transpose": re.compile(
        r"transpose\s*[:= ]\s*(?P<value>.+)|(?P<alone>[+-][0-9]{1,2})", re.IGNORECASE
    ),
    "tempo": re.compile(
        r"(?:tempo|bpm)\s*[:= ]\s*(?P<value>.+)|(?P<alone>[0-9.]+)\s*bpm", re.IGNORECASE
    ),
    "feel": re.compile(
        r"feel\s*[:= ]\s*(?P<value>.+)|(?P<alone>swing|two-feel|ballad|bossa|waltz|straight)",
        re.IGNORECASE,
    ),
    "choruses": re.compile(
        r"chorus(?:es)?\s*[:= ]\s*(?P<value>.+)|(?P<alone>[0-9]+)\s*chorus(?:es)?"
        r"|x\s*(?P<times>[0-9]+)",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True, slots=True)
class SetTune:
    """A tune of a set: `chart` is the text, in its key, and `name` how the list has it.

    Where they are None, `tempo` and `feel` are left to chart and configuration, and the tune is
    played until another is asked for; else the next one follows after so many `choruses`.
    `heading` stands above it.
    """

    name: str
    title: str
    chart: str
    tempo: float | None = None
    feel: str | None = None
    choruses: int | None = None
    heading: str = ""


def read_set(file: str, beside: Path | None = None) -> tuple[SetTune, ...]:
    """The tunes of a set list. Raises ConfigError, a sentence that names the file and the line.

    It is looked for here, in the folder `beside`, and among a person's settings.
    """
    path = Path(file).expanduser()
    others = [folder / path for folder in (beside, folders.settings()) if folder is not None]
    path = next((each for each in (path, *others) if _is_file(each)), path)
    shown = str(path)[:_FILE_SHOWN]
    try:
        text = folders.read(path, _LARGEST).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigError(f"set {shown}: cannot be read ({why})") from None
    tunes: list[SetTune] = []
    heading = ""
    for number, line in enumerate(text.splitlines(), start=1):
        written = _COMMENT.sub("", line).strip()
        if named := _HEADING.fullmatch(written):
            heading = named[1].strip()
        elif written:
            try:
                tune = _tune(written, path.parent)
            except ValueError as error:
                raise ConfigError(f"set {shown}: line {number}: {error}") from None
            tunes.append(replace(tune, heading=heading))
            heading = ""
    if not tunes:
        raise ConfigError(f"set {shown}: names no chart: write one a line, such as blues-in-f")
    if len(tunes) > _MOST_TUNES:
        raise ConfigError(f"set {shown}: has {len(tunes)} tunes; {_MOST_TUNES} are the most")
    return tuple(tunes)


def found(tunes: Sequence[SetTune], wanted: str, now: int) -> int:
    """The number, from 1, of a tune: next, previous, a number or words of its name or title.

    `now` is the number of the one that is played; the set goes round. Raises ValueError, a
    sentence.
    """
    word = wanted.strip().casefold()
    step = {"next": 1, "previous": -1}.get(word)
    if step is not None:
        return (now - 1 + step) % len(tunes) + 1
    if word.isdecimal() and 0 < int(word[:4]) <= len(tunes):
        return int(word)
    named = [
        number
        for number, tune in enumerate(tunes, start=1)
        if word in (tune.name.casefold(), tune.title.casefold())
    ] or [
        number
        for number, tune in enumerate(tunes, start=1)
        if word and word in f"{tune.name} {tune.title}".casefold()
    ]
    if not named or word.isdecimal():
        listed = ", ".join(f"{number} {tune.title}" for number, tune in enumerate(tunes, start=1))
        raise ValueError(
            f"the set has no tune {wanted[:_NAME_SHOWN]!r}; next, previous, or one of: {listed}"
        )
    return named[0]


def listing(tunes: Sequence[SetTune], now: int | None, coming: int | None = None) -> str:
    """A set as a person reads it, a line a tune, the one that is played marked."""
    lines = []
    for number, tune in enumerate(tunes, start=1):
        mark = ">" if number == now else "+" if number == coming else " "
        said = [f"{tune.tempo:g} BPM"] if tune.tempo else []
        said += [tune.feel] if tune.feel else []
        said += [f"{tune.choruses} chorus{'es' * (tune.choruses > 1)}"] if tune.choruses else []
        lines += [f"[{tune.heading}]"] if tune.heading else []
        lines.append(f"{mark} {number:2}  {', '.join([tune.title, *said])}")
    return "\n".join(lines)


def _tune(line: str, folder: Path) -> SetTune:
    """A line. Raises ValueError, a sentence without the place."""
    name, told = line, dict[str, str]()
    while "," in name:
        before, _, last = name.rpartition(",")
        setting = _setting(last.strip())
        if setting is None:
            break
        if setting[0] in told:
            raise ValueError(f"it says {setting[0]} twice")
        told[setting[0]] = setting[1]
        name = before.strip()
    if "|" not in name and "," in name and not _is_file(folder / name):
        wrong = name.partition(",")[2].strip()
        raise ValueError(f"{wrong[:_NAME_SHOWN]!r} is none of {_KNOWN}")
    text = chart_text(_beside(name, folder)) or ""
    # It brings NumPy, which who has no set does not wait for.
    from improvd.core.harmony import key  # noqa: PLC0415 - only when it is needed
    from improvd.core.harmony.chart import parse_chart  # noqa: PLC0415 - only when it is needed
    from improvd.core.harmony.chart_text import transposed  # noqa: PLC0415 - only when it is needed

    chart = parse_chart(text)
    semitones = _whole(told, "transpose", -11, 11) or 0
    if "key" in told:
        wanted = key.read(told["key"])
        if wanted is None:
            raise ValueError(f"key {told['key'][:_NAME_SHOWN]!r} is none such as Bb or F# minor")
        if chart.key is None:
            raise ValueError(
                f"{name[:_NAME_SHOWN]} does not say what key it is in: write key: ... above its "
                "bars, or transpose and so many semitones here"
            )
        if wanted.minor and not chart.key.minor:
            raise ValueError(f"key {wanted} is minor, and {chart.title or name} is in {chart.key}")
        semitones = chart.key.semitones_to(wanted)
    return SetTune(
        name=name,
        title=chart.title or name[:_NAME_SHOWN],
        chart=transposed(chart, semitones) if semitones else text,
        tempo=_number(told, "tempo", 20, 400),
        feel=_feel(told),
        choruses=_whole(told, "choruses", 1, 99),
    )


def _setting(segment: str) -> tuple[str, str] | None:
    for name, written in _SETTINGS.items():
        if said := written.fullmatch(segment):
            return name, next(group for group in said.groups() if group is not None).strip()
    return None


def _beside(name: str, folder: Path) -> str:
    """A chart's name, or its file's beside the list."""
    if "|" in name or "://" in name or name in CHARTS:
        return name
    beside = folder / name
    tune = folder / name.rpartition("#")[0] if "#" in name else beside
    return str(beside) if _is_file(beside) or _is_file(tune) else name


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # of a name longer than any file's
        return False


def _feel(told: Mapping[str, str]) -> str | None:
    from improvd.core.band.feels import FEELS  # noqa: PLC0415 - only when it is needed

    feel = told.get("feel", "").lower() or None
    if feel not in (None, "auto", *FEELS):
        raise ValueError(f"feel {told['feel'][:_NAME_SHOWN]!r} is none of {', '.join(FEELS)}")
    return feel


def _whole(told: Mapping[str, str], name: str, low: int, high: int) -> int | None:
    number = _number(told, name, low, high, whole=True)
    return None if number is None else int(number)


def _number(
    told: Mapping[str, str], name: str, low: int, high: int, *, whole: bool = False
) -> float | None:
    if name not in told:
        return None
    try:
        number = float(int(told[name]) if whole else float(told[name]))
    except (ValueError, OverflowError):
        number = low - 1
    if not low <= number <= high:
        what = "a whole number" if whole else "a number"
        raise ValueError(f"{name} {told[name][:_NAME_SHOWN]!r} is not {what} from {low} to {high}")
    return number

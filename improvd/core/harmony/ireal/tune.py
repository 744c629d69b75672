"""A tune of iReal Pro as the text of a chart: its measures in the order in which they are played.

Repeats, endings, signs and codas are played out once; what only follows the last chorus, a coda
that nothing jumps to, is left out, as a chart goes round. Alternate chords are passed over.
"""

from collections.abc import Iterator, Sequence

from improvd.core.harmony.form import ChartError
from improvd.core.harmony.ireal import links, measures
from improvd.core.harmony.ireal.links import LinkedTune
from improvd.core.harmony.ireal.measures import HELD, Measure
from improvd.core.harmony.written.choosing import chosen

_MOST_BARS = 600
_IN_A_LINE = 4
_TEMPI = (20, 400)


def chart_text(link: str, which: str | None = None) -> str:
    """The chart of a link's tune: of its number from 1, or of words of its title.

    Raises ChartError, one sentence, for what cannot be read, and where there are several and none
    is named.
    """
    tune = chosen(links.tunes(link), which)
    try:
        written = measures.read(tune.music)
        bars = [written[at] for at in _order(written)]
    except ChartError as error:
        raise ChartError(f"{tune.title}: {error}") from None
    return "\n".join([*_headers(tune, bars[0].meter), *_lines(bars), ""])


def _headers(tune: LinkedTune, meter: str) -> Iterator[str]:
    yield f"title: {' '.join(tune.title.replace('|', ' ').split())}"
    if tune.style:
        yield f"style: {' '.join(tune.style.replace('|', ' ').split())}"
    if tune.key:
        yield f"key: {' '.join(tune.key.replace('|', ' ').split())}"
    yield f"meter: {meter}"
    if tune.tempo is not None and _TEMPI[0] <= tune.tempo <= _TEMPI[1]:
        yield f"tempo: {tune.tempo:g}"


def _lines(bars: Sequence[Measure]) -> Iterator[str]:
    meter = bars[0].meter
    row: list[str] = []
    for bar in bars:
        if bar.section or len(row) == _IN_A_LINE:
            yield from _row(row)
            row = []
        if bar.section:
            yield f"[{bar.section}]"
        changed = "" if bar.meter == meter else f"{bar.meter} "
        meter = bar.meter
        row.append(changed + _words(bar.cells, int(meter.partition("/")[0])))
    yield from _row(row)


def _row(row: Sequence[str]) -> Iterator[str]:
    if row:
        yield f"| {' | '.join(row)} |"


def _words(cells: Sequence[str | None], beats: int) -> str:
    """A measure's words: a chord for each cell where there are as many as beats, else shared."""
    chords = [cell for cell in cells if cell]
    if len(chords) == 1 and cells[0]:
        return chords[0] if chords[0] != HELD else "%"
    if len(cells) == beats:
        return " ".join(cell or HELD for cell in cells)
    return " ".join(chords[:beats])


def _order(written: Sequence[Measure]) -> list[int]:
    """The indices of measures in the order in which they are played. Raises ChartError."""
    codas = [at for at, measure in enumerate(written) if measure.coda]
    jumps = [at for at, measure in enumerate(written) if measure.jump]
    end = codas[1] if len(codas) > 1 else len(written)
    first = _played(written, 0, jumps[0] + 1 if jumps else end, second=False)
    if not first:
        raise ChartError("its endings leave nothing to play")
    if not jumps:
        return first
    jump = written[jumps[0]]
    segnos = [at for at, measure in enumerate(written) if measure.segno]
    start = segnos[0] if jump.jump == "S" and segnos else 0
    stop = jumps[0] + 1
    if jump.until == "coda" and codas:
        stop = codas[0] + 1
    elif jump.until == "fine":
        stop = next((at + 1 for at, each in enumerate(written) if each.fine), stop)
    ending = int(jump.until) if jump.until and jump.until.isdecimal() else None
    again = _played(written, start, stop, second=True, ending=ending)
    coda = _played(written, end, len(written), second=False) if jump.until == "coda" else []
    return first + again + coda


def _played(
    written: Sequence[Measure], start: int, stop: int, *, second: bool, ending: int | None = None
) -> list[int]:
    """Measures from one up to another, repeats played out; after a jump they are not repeated.

    `ending` is the one that is taken after a jump, else the last.
    """
    order: list[int] = []
    at, opened, turn = start, start, 1
    while at < stop and len(order) < _MOST_BARS:
        measure = written[at]
        if measure.opens and at != opened:
            opened, turn = at, 1
        last = _endings(written, opened, stop)
        wanted = (ending or last) if second else turn
        if measure.ending is not None and measure.ending != wanted:
            at = _past_ending(written, at, stop)
            continue
        order.append(at)
        said = (each.times for each in written[opened : at + 1] if each.times)
        times = next(said, max(last, 2))
        if measure.closes and not second and turn < times:
            at, turn = opened, turn + 1
            continue
        if measure.closes and turn >= times:
            opened, turn = at + 1, 1
        elif measure.closes and last <= 1:
            opened = at + 1
        at += 1
    if len(order) >= _MOST_BARS:
        raise ChartError(f"it would go on for more than {_MOST_BARS} bars")
    return order


def _endings(written: Sequence[Measure], opened: int, stop: int) -> int:
    """The highest number of the endings that belong to a repeat; 0 where it has none."""
    highest = 0
    for at in range(opened, stop):
        measure = written[at]
        if measure.opens and at > opened:
            break
        if measure.ending is not None:
            if measure.ending <= highest:
                break
            highest = measure.ending
    return highest


def _past_ending(written: Sequence[Measure], at: int, stop: int) -> int:
    """Where the music goes on that leaves out an ending: at the next, or after its close."""
    for after in range(at + 1, stop):
        if written[after].ending is not None or written[after - 1].closes:
            return after
    return stop

"""MusicXML bar by bar, as other programs write it."""

from collections.abc import Iterable

SCALE = "CDEFGABC"
DIVISIONS = 24


def note(  # the parts of a note, all but its pitch with what is usual
    step: str = "C", quarters: float = 1, *, alter: int = 0, octave: int = 4, more: str = ""
) -> str:
    return (
        f"<note><pitch><step>{step}</step><alter>{alter}</alter><octave>{octave}</octave></pitch>"
        f"<duration>{round(quarters * DIVISIONS)}</duration><type>quarter</type>{more}</note>"
    )


def rest(quarters: float = 1) -> str:
    return f"<note><rest/><duration>{round(quarters * DIVISIONS)}</duration></note>"


def harmony(
    root: str = "C",
    kind: str = "major",
    degrees: Iterable[tuple[int, int, str]] = (),
    more: str = "",
) -> str:
    """A chord; its root may end in # or b, and a degree is (value, alter, type)."""
    alter = {"#": 1, "b": -1}.get(root[1:], 0)
    changed = "".join(
        f"<degree><degree-value>{value}</degree-value><degree-alter>{alter}</degree-alter>"
        f"<degree-type>{how}</degree-type></degree>"
        for value, alter, how in degrees
    )
    return (
        f"<harmony><root><root-step>{root[0]}</root-step><root-alter>{alter}</root-alter></root>"
        f"<kind>{kind}</kind>{changed}{more}</harmony>"
    )


def bar(content: str = "", start: int = 0) -> str:
    """A bar of four quarters from this step of a scale on, after whatever content there is."""
    return content + "".join(note(SCALE[(start + i) % 8]) for i in range(4))


def repeat(direction: str, times: str = "") -> str:
    place = "left" if direction == "forward" else "right"
    said = f' times="{times}"' if times else ""
    return f'<barline location="{place}"><repeat direction="{direction}"{said}/></barline>'


def ending(number: str, kind: str, *, back: bool = False) -> str:
    place = "left" if kind == "start" else "right"
    repeated = '<repeat direction="backward"/>' if back else ""
    return (
        f'<barline location="{place}"><ending number="{number}" type="{kind}"/>{repeated}</barline>'
    )


def part(bars: Iterable[str], attributes: str = "", metre: tuple[int, int] = (4, 4)) -> str:
    """The measures of a part, the first with its attributes."""
    first = (
        f"<attributes><divisions>{DIVISIONS}</divisions><time><beats>{metre[0]}</beats>"
        f"<beat-type>{metre[1]}</beat-type></time>{attributes}</attributes>"
    )
    return "".join(
        f'<measure number="{i}">{first if i == 1 else ""}{content}</measure>'
        for i, content in enumerate(bars, start=1)
    )


def score(*parts: str, names: Iterable[str] = ("Tune", "Piano", "Bass")) -> str:
    listed = "".join(
        f'<score-part id="P{i}"><part-name>{name}</part-name></score-part>'
        for i, (name, _) in enumerate(zip(names, parts, strict=False))
    )
    measures = "".join(f'<part id="P{i}">{content}</part>' for i, content in enumerate(parts))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><score-partwise version="4.0">'
        "<work><work-title>Made</work-title></work>"
        f"<part-list>{listed}</part-list>{measures}</score-partwise>"
    )

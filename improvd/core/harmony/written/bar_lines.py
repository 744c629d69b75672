"""Bar lines, endings and signs of a text, taken one by one, and the bars that they lie between."""

import re
from dataclasses import dataclass, field

from improvd.core.harmony.meter import ChartError
from improvd.core.harmony.written import form
from improvd.core.harmony.written.form import Bar

SIGN = re.compile(
    r"(?<!\S)[\[(<]?(?P<sign>(?P<jump>d\.\s?[cs]\.?|d[cs](?=\s+al\s)|da\s+capo|dal\s+segno)"
    r"(?:\s+al\s+(?P<until>fine|coda))?|to\s+(?:coda|\U0001d10c)|fine|coda|segno"
    r"|\U0001d10b|\U0001d10c)[\])>]?(?!\S)",
    re.IGNORECASE,
)
"""A sign of the order in which bars are played, in or behind a bar."""
_SEGNO, _CODA = ("segno", "\U0001d10b"), ("coda", "\U0001d10c")


@dataclass
class BarLines:
    """The bars written so far, `bars` holding what is said of their order.

    `since` is the first bar of the section that is open, `opened` the number of the bar after |: as
    errors have it.
    """

    bars: list[Bar] = field(default_factory=list)
    opened: int | None = None
    _since: int = 0
    _opens: bool = False  # the next bar begins a section
    _endings: frozenset[int] = frozenset()  # of the bars to come
    _first: bool = False  # in the first ending
    _before: int | None = None  # the bar that all endings come after, where there are any
    _until: str = ""  # what the jump that there is ends with
    _signs: list[str] = field(default_factory=list)  # of the next bar

    def bar(self) -> None:
        """A bar is written."""
        self.bars.append(Bar(opens=self._opens, endings=self._endings))
        self._opens = False
        self.bars[-1].segno = any(sign in _SEGNO for sign in self._signs)
        self.bars[-1].coda = any(sign in _CODA for sign in self._signs)
        self._signs.clear()

    @property
    def goes_on_from(self) -> int:
        """The bar that is played before the next one to be written: the one that it repeats."""
        if self._before is not None and self._since == len(self.bars):
            return self._before
        return len(self.bars) - 1

    def next_is_coda(self) -> None:
        """The next bar begins the coda."""
        self._signs.append("coda")

    def sign(self, found: re.Match[str], *, ahead: bool) -> bool:
        """Take a sign that is the next bar's: segno or coda, `ahead` of its chords; else False."""
        said = found["sign"].lower()
        if not ahead or said not in (*_SEGNO, *_CODA):
            return False
        self._signs.append(said)
        return True

    def mark(self, found: re.Match[str]) -> None:
        """Take a sign that is the last bar's. Raises ChartError where there is none."""
        said = " ".join(found["sign"].lower().split())
        if not self.bars:
            raise ChartError(f"{found['sign']} stands before all bars")
        bar = self.bars[-1]
        if found["jump"]:
            bar.da_capo = bool(re.match(r"da c|d\.? ?c", said))
            bar.dal_segno = not bar.da_capo
            self._until = (found["until"] or "").lower()
        bar.segno |= said in _SEGNO
        bar.fine |= said == "fine"
        bar.to_coda |= said in _CODA or said.startswith("to ")

    def begins(self, number: int) -> None:
        """|: before the bar of this number. Raises ChartError."""
        if self.opened:
            raise ChartError(f"the |: before bar {self.opened} is not closed before the next")
        self._start_section(opens=True)
        self.opened = number

    def _start_section(self, *, opens: bool) -> None:
        self._since, self._opens = len(self.bars), opens
        self._endings, self._before, self._first = frozenset(), None, False

    def ending(self, passes: list[int]) -> None:
        """|1, the first ending, for these passes."""
        common = self.bars[self._since :]
        for bar in common:
            bar.endings = frozenset()
        if common:
            common[0].opens = True
        self._before = len(self.bars) - 1 if common else None
        self._endings, self._first = frozenset(passes), True

    @property
    def has_endings(self) -> bool:
        """Whether there is a first ending that another could come after."""
        return bool(self._endings)

    @property
    def empty(self) -> bool:
        """Whether the section that is open has no bars yet."""
        return self._since == len(self.bars)

    def ends(self, times: int, passes: list[int]) -> None:
        """:| for so many times, and what passes the ending after it is for, if it begins one."""
        section = self.bars[self._since :]
        section[-1].closes = max(times, 2)
        self.opened = None
        first, before = self._first, self._before
        if first and not passes:  # one ending, which the last pass is without
            last = max(times - 1, *self._endings)
            for bar in section:
                bar.endings = frozenset(range(1, last + 1)) if bar.endings else bar.endings
        self._start_section(opens=False)
        self._endings = frozenset(passes)
        self._before = before if first or passes else None

    def ended(self) -> list[int]:
        """The bars in the order in which they are played. Raises ChartError."""
        if self.opened:
            raise ChartError(f"the |: before bar {self.opened} is never closed with :|")
        if self._first:
            raise ChartError("the first ending is never closed with :|")
        self._check_jumps()
        return form.played_order(self.bars)

    def _check_jumps(self) -> None:
        jumps = [at for at, bar in enumerate(self.bars) if bar.da_capo or bar.dal_segno]
        if not jumps:
            return
        at = jumps[0]
        if len(jumps) > 1:
            raise ChartError("it has more than one D.C. or D.S.: write its bars out from there on")
        if self.bars[at].dal_segno and not any(bar.segno for bar in self.bars[: at + 1]):
            raise ChartError("its D.S. has no segno before it")
        if self._until == "fine" and not any(bar.fine for bar in self.bars):
            raise ChartError("its D.C. or D.S. al Fine has no Fine")
        if self._until == "coda" and not any(bar.coda for bar in self.bars[at + 1 :]):
            raise ChartError("its D.C. or D.S. al Coda has no coda after it")

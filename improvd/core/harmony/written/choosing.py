"""A tune of several, by its number or by words of its title."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from improvd.core.harmony.meter import ChartError

_SHOWN = 12


class Titled(Protocol):
    """What has a title."""

    @property
    def title(self) -> str:
        """The title, which may be empty."""


Tune = TypeVar("Tune", bound=Titled)


def chosen(every: Sequence[Tune], which: str | None) -> Tune:
    """The tune of a number from 1, or of words of its title; of one alone it needs neither.

    Raises ChartError, a sentence with those that there are.
    """
    if which is None and len(every) == 1:
        return every[0]
    titles = ", ".join(f"{number} {tune.title}" for number, tune in enumerate(every[:_SHOWN], 1))
    more = ", ..." if len(every) > _SHOWN else ""
    if which is None:
        raise ChartError(f"it holds {len(every)} tunes; name one after a #: {titles}{more}")
    if which.isdecimal() and 0 < int(which[:6]) <= len(every):
        return every[int(which[:6]) - 1]
    found = [tune for tune in every if which.lower() in tune.title.lower()]
    if not found or which.isdecimal():
        raise ChartError(f"it holds no tune {which!r}: {titles}{more}")
    return found[0]

"""What a link or an exported file of iReal Pro holds: one tune, or a list of them.

`irealb://` has tunes of title, composer, (nothing), style, key, transposition, music, the player's
style, tempo and repeats, with `=` between and `===` between tunes; its music is shuffled. The older
`irealbook://` has six fields a tune (title, composer, style, key, n, music), plain. Both are
percent-encoded.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from improvd.core.harmony.form import ChartError

_LINK = re.compile(r"ireal(?P<new>b)(?P<old>ook)?://(?P<body>[^\"'<>\s]+)")
_SHUFFLED = "1r34LbKcu7"
_BLOCK = 50
_OLD_FIELDS = 6
# How three frequent pieces of music are written in what is shuffled.
_SHORT = (("Kcl", "| x"), ("LZ", " |"), ("XyQ", "   "))


@dataclass(frozen=True, slots=True)
class LinkedTune:
    """A tune as it stands in a link; `music` is plain, `tempo` in beats a minute or None."""

    title: str
    composer: str
    style: str
    key: str
    music: str
    tempo: float | None = None


def is_link(text: str) -> bool:
    """Whether there is a link of iReal Pro in a text, such as a page that it exported."""
    return _LINK.search(text) is not None


def tunes(text: str) -> list[LinkedTune]:
    """All tunes of the first link in a text. Raises ChartError where there is none."""
    link = _LINK.search(text)
    if link is None:
        raise ChartError("there is no irealb:// or irealbook:// link in it")
    body = unquote(link["body"])
    found = _old(body) if link["old"] else _new(body)
    if not found:
        raise ChartError("the iReal Pro link holds no tune: it may have been cut off")
    return found


def unshuffled(music: str) -> str:
    """Music with its characters back in place; the same again shuffles it.

    In each block of fifty the first five change places with the last five in reverse, and so do
    the 11th to the 24th with those as far from the end; a last block of fewer stays as it is, and
    so does one that fewer than two characters follow.
    """
    blocks: list[str] = []
    while len(music) > _BLOCK:
        block, music = music[:_BLOCK], music[_BLOCK:]
        blocks.append(block if len(music) < 2 else _mirrored(block))
    return "".join(blocks) + music


def _mirrored(block: str) -> str:
    places = {*range(5), *range(10, 24)}
    places |= {_BLOCK - 1 - place for place in places}
    return "".join(
        block[_BLOCK - 1 - at] if at in places else letter for at, letter in enumerate(block)
    )


def _new(body: str) -> list[LinkedTune]:
    found = []
    for part in body.split("==="):
        fields = part.split("=")
        at = next((i for i, each in enumerate(fields) if each.startswith(_SHUFFLED)), None)
        if at is None or at < 4:  # the name of a list, or what is left of a cut
            continue
        music = unshuffled(fields[at].removeprefix(_SHUFFLED))
        for short, long in _SHORT:
            music = music.replace(short, long)
        tempo = fields[at + 2] if len(fields) > at + 2 else ""
        title, composer, style, key = (
            field.strip() for field in (fields[0], fields[1], fields[at - 3], fields[at - 2])
        )
        bpm = float(tempo) if tempo.isdecimal() and int(tempo) else None
        found.append(LinkedTune(title, composer, style, key, music, bpm))
    return found


def _old(body: str) -> list[LinkedTune]:
    fields = body.split("=")
    found = []
    for at in range(0, len(fields) - _OLD_FIELDS + 1, _OLD_FIELDS):
        title, composer, style, key = (each.strip() for each in fields[at : at + 4])
        found.append(LinkedTune(title, composer, style, key, fields[at + 5]))
    return found

"""Which port a name means.

A person writes the words that matter ("IAC Bus"); systems decorate them ("IAC Driver Bus 1",
"Synth:Synth port 0 128:0"). A name finds the port in which all of its words stand, in order; where
it finds several, nothing is guessed.
"""

import re
import shlex
import unicodedata
from collections.abc import Callable, Sequence

CLIENT = "improvd"

# A second client of our name becomes improvd-01 on JACK; a port follows its client after a colon
# (ALSA, JACK) or a space (CoreMIDI, where it has no client and we put our name before its own).
_OURS = re.compile(rf"{CLIENT}(-\d+)?(?=[: ]|$)")
# What a system has by itself: nothing that makes a sound. On JACK and ALSA, by client and port.
_OF_THE_SYSTEM = re.compile(r"system:|.*\bmidi through\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
# What is the same in every language of a bus: "IAC-Treiber Bus 1", "IACドライバ バス1".
_UNTRANSLATED = re.compile(r"iac(?![a-z])|\d+")
_IAC = "iac"

# Control characters and the symbols that Unicode has for them.
_SYMBOLS = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421}
_CONTROLS = {symbol: code for code, symbol in _SYMBOLS.items()}

# What a system adds by itself and changes from one start to the next: no part of a name. On JACK
# a2j does so, in the middle: "a2j:Keystation 49 [20] (capture): Keystation 49 MIDI 1".
_ADDED = {
    "alsa": re.compile(r"\s+\d+:\d+$"),
    "jack": re.compile(r"\s+\[\d+\](?= \((?:capture|playback)\))"),
    "winmm": re.compile(r"\s+\d+$"),
}


class PortError(ValueError):
    """A port that cannot be had by the name given; the message says why and what to do."""


def ours(name: str, api: str) -> bool:
    """Whether a port belongs to improvd, this one or another.

    Never on Windows, where improvd has no ports of its own and a loopback port that somebody
    called improvd is meant for us.
    """
    return api != "winmm" and _OURS.match(name) is not None


def synthesisers(names: Sequence[str], api: str) -> list[str]:
    """Those among the ports to play on that may make a sound: not ours, and not the system's."""
    return [name for name in names if not (ours(name, api) or _OF_THE_SYSTEM.match(name))]


def find(wanted: str, names: Sequence[str], api: str) -> str | None:
    """The one port among `names` that `wanted` means, or None.

    Args:
        wanted: what a person wrote, or a name copied from a list, in full.
        names: the system's ports of one direction, as it writes them.
        api: "alsa", "jack", "coremidi" or "winmm".

    Raises:
        PortError: `wanted` has no letter and no digit, or means several ports.
    """
    words = _words(wanted)
    if not words:
        raise PortError(f"the port name {wanted!r} needs at least one letter or digit")
    candidates = [name for name in names if not ours(name, api)]
    # From the strictest reading to the loosest: a name written in full is never ambiguous because
    # of a longer one beside it, and one copied with what the system had added is known again.
    readings: tuple[Callable[[str], bool], ...] = (
        lambda name: _folded(name) == _folded(wanted),
        lambda name: _plain(name, api) == _folded(wanted),
        lambda name: _in_order(words, _words(_plain(name, api))),
        lambda name: _plain(name, api) == _plain(wanted, api),
        lambda name: _in_order(_words(_unaccented(wanted)), _words(_unaccented(bare(name, api)))),
        lambda name: api == "coremidi" and _same_bus(words, _folded(name)),
    )
    for fits in readings:
        found = [name for name in candidates if fits(name)]
        if len(found) == 1:
            return found[0]
        if found:
            listed = ", ".join(f'"{name}"' for name in found)
            raise PortError(f'the name "{wanted}" fits several ports, say more of one: {listed}')
    return None


def decoded(name: bytes) -> str:
    """A port's name as the system stores it, read: UTF-8, or Latin-1 where it is not that.

    Old drivers and programs under Wine write the latter; every name must be one that can be shown.
    What a terminal would obey (a new line, an escape) is shown by its symbol.
    """
    try:
        text = name.decode()
    except UnicodeDecodeError:
        text = name.decode("latin-1")
    return text.translate(_SYMBOLS)


def encoded(name: str) -> tuple[bytes, ...]:
    """The names that `decoded` reads so, as a system may store them, the likelier first."""
    text = name.translate(_CONTROLS)
    try:
        return text.encode(), text.encode("latin-1")
    except UnicodeEncodeError:
        return (text.encode(errors="replace"),)


def bare(name: str, api: str) -> str:
    """A port's name without what the system added."""
    added = _ADDED.get(api)
    return added.sub("", name) if added else name


def call(port: str, names: Sequence[str], api: str) -> str:
    """What `find` knows this port by, among these: its client's name, if that will do."""
    client, _, _ = port.partition(":")
    try:
        known = find(client, names, api) == port
    except PortError:
        known = False
    return client if known else bare(port, api)


def address_of(name: str, api: str) -> str | None:
    """The address that a name ends with on ALSA: it stays when a client or port is renamed."""
    found = _ADDED["alsa"].search(name) if api == "alsa" else None
    return None if found is None else found[0].strip()


def again(name: str, names: Sequence[str], api: str) -> str | None:
    """The port that was called `name`, come back: what the system adds may be another by now."""
    if name in names:
        return name
    return next((new for new in names if bare(new, api) == bare(name, api)), None)


def connecting(source: str, destination: str, api: str) -> str:
    """The command with which a person connects two ports on JACK or ALSA."""
    if api == "alsa":
        ends = [address_of(name, api) or name for name in (source, destination)]
        return shlex.join(["aconnect", *ends])
    return shlex.join(["jack_connect", source, destination])


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _plain(name: str, api: str) -> str:
    """The bare name, case ignored."""
    return _folded(bare(name, api))


def virtual_name(name: str, role: str, api: str) -> str:
    """What a virtual port is to be called for which a person asked by a name.

    On CoreMIDI, which shows no client's name, the port itself has to say whose it is; and RtMidi
    makes Apple's strings from ASCII only, and crashes where there is something else.
    """
    if api != "coremidi":
        return name
    plain = _unaccented(name).encode("ascii", "ignore").decode().strip()
    return f"{CLIENT} {plain or role}"


def _unaccented(text: str) -> str:
    """A name as somebody writes it who has no keys for its accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def _same_bus(words: list[str], name: str) -> bool:
    """Whether a bus of the IAC driver is meant whose name is in another language than the words."""
    kept = _UNTRANSLATED.findall(" ".join(words))
    translated = not set(words) <= set(_words(name))
    return _IAC in kept and translated and _in_order(kept, _UNTRANSLATED.findall(name))


def _words(text: str) -> list[str]:
    return _WORD.findall(_folded(text))


def _in_order(words: list[str], text: list[str]) -> bool:
    """Whether all words occur in the text, in this order, others between them or not."""
    rest = iter(text)
    return all(word in rest for word in words)

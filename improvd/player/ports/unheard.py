"""What to tell a person who hears nothing: that nobody is connected, and what could be."""

import shlex
from collections.abc import Sequence

from improvd.player.ports.names import address_of, bare, call, synthesisers

_MOST = 5


def sentence(own: str, there: Sequence[str], api: str) -> str:
    """That nobody is connected to our port, whom one sees, and how to connect them.

    Args:
        own: the full name of the port that we play on.
        there: the ports that it could be connected with.
        api: "alsa" or "jack", where a command connects any two ports.
    """
    ours = bare(own, api)
    nobody = f"Nobody is connected to {ours}, so nothing is heard"
    seen = synthesisers(there, api)
    if not seen:
        return f"{nobody}, and no synthesiser is there: start one, and connect it with {ours}."
    names = [bare(name, api) for name in seen]
    listed = ", ".join(names[:_MOST]) + (" and others" if len(names) > _MOST else "")
    be = "is" if len(seen) == 1 else "are"
    option = f"improvd --port {shlex.quote(call(seen[0], there, api))}"
    return f"{nobody}; there {be} {listed}: {option}, or now: {_command(own, seen[0], api)}"


def _command(own: str, other: str, api: str) -> str:
    ends = [own, other]
    if api == "alsa":
        return " ".join(["aconnect", *(address_of(end, api) or end for end in ends)])
    return shlex.join(["jack_connect", *ends])

"""What a key of the configuration means and may be, for people and for the command line."""

import re
from typing import Any, get_args, get_type_hints

import msgspec
from msgspec import Meta

from improvd.config.keys import WEB, Config

# What is no list of choices and no range.
_IN_WORDS = {
    "controls": 'a table of lines such as "cc 64" = "turn play": cc 0 to 119, the same with '
    "up for letting go or latching for both, or program 1 to 128, and the order in quotes",
    "name": "up to 32 letters, digits, - and _, a letter or digit first",
    "web": f"an address and a port, such as {WEB}, or off",
    "band": "off, or some of bass, piano, drums with commas between",
    "voice": "a table [[voice]] for each",
    "metrics": "an address and a port, such as 127.0.0.1:9464",
}


def describe(key: str) -> str:
    """What a key means, for people."""
    return _meta(key).description or ""


def limits(key: str) -> tuple[float, float] | None:
    """The least and the greatest value of a key that is a number."""
    meta = _meta(key)
    if meta.ge is None or meta.le is None:
        return None
    return meta.ge, meta.le


def allowed(key: str) -> str:
    """What the value of a key may be, for people: such as "a number from 20 to 400"."""
    meta = _meta(key)
    if key in _IN_WORDS:
        return _IN_WORDS[key]
    if meta.pattern is not None:
        choices = re.sub(r"\( \[1-9\]\[0-9\]\?\)\?", " N (1 to 99)", meta.pattern.strip(r"^()\Z"))
        return f"one of {choices.replace('|', ', ')}"
    if value_type(key) is bool:
        return "true or false"
    kind = {int: "a whole number", float: "a number", str: "a text"}[value_type(key)]
    if meta.ge is None:
        return f"{kind}, not empty"
    return f"{kind} from {meta.ge} to {meta.le}"


def fits(key: str, value: object) -> bool:
    """Whether a value is allowed for a key, by itself."""
    try:
        msgspec.convert(value, get_type_hints(Config, include_extras=True)[key])
    except msgspec.ValidationError:
        return False
    return True


def value_type(key: str) -> type[str] | type[int] | type[float] | type[bool]:
    """The type that the value of an option's key is written in."""
    kind: type[str | int | float | bool] = _annotated(key)[0]
    return kind


def _meta(key: str) -> Meta:
    meta: Meta = _annotated(key)[1]
    return meta


def _annotated(key: str) -> tuple[Any, ...]:
    """Type and meta of a key, those of an optional one inside its union with None."""
    hint = get_type_hints(Config, include_extras=True)[key]
    args = get_args(hint)
    return args if isinstance(args[1], Meta) else get_args(args[0])

"""What people write into TOML for what they mean, and what to write instead."""

import re

_IN_DOUBLE_QUOTES = re.compile(r'\s*([\w-]+)\s*=\s*"(.*)"\s*(?:#.*)?')
# A backslash before these is meant as TOML has it; so is a line's end where a value ends.
_MEANT_ESCAPE = re.compile(r'\\\\|\\"(?=.)|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\[nrt]\Z')
_TYPOGRAPHIC = str.maketrans("\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019", '"""""' + "''")
_AS_IN_YAML = re.compile(r"\s*([\w-]+)\s*:\s*(\S.*?)\s*")
_WITHOUT_QUOTES = re.compile(r"\s*([\w-]+)\s*=\s*([^\"'\s#\[{][^\"'#]*?)\s*(?:#.*)?")
_VALUE = re.compile(r"-?[0-9]+(\.[0-9]+)?|true|false|\".*\"|'.*'")


def path_in_double_quotes(text: str) -> str | None:
    r"""What is wrong with the first Windows path in double quotes, whose backslashes are escapes.

    Some of them are good TOML that names another file: in "C:\new", \n is the end of a line.
    """
    for number, line in enumerate(text.splitlines(), start=1):
        found = _IN_DOUBLE_QUOTES.fullmatch(line)
        if found and "|" not in found[2] and "\\" in _MEANT_ESCAPE.sub("", found[2]):
            key, value = found[1], found[2]
            quoted = '"' + value.replace("\\", "/") + '"' if "'" in value else f"'{value}'"
            return (
                f"line {number}: in double quotes TOML takes a backslash for an escape: "
                f"write {key} = {quoted}"
            )
    return None


def remedy(text: str, error: str) -> str:
    """What to write instead, where the line that an error names shows what was meant; else ""."""
    found = re.search(r"at line (\d+)", error)
    line = text.splitlines()[int(found[1]) - 1] if found else ""
    straight = line.translate(_TYPOGRAPHIC)
    if straight != line:
        return f"; quotes are straight ones: write {straight.strip()}"
    if written := _AS_IN_YAML.fullmatch(line):
        return f"; write {written[1]} = {_as_value(written[2])}"
    if written := _WITHOUT_QUOTES.fullmatch(line):
        return f"; a text stands in quotes: write {written[1]} = {_as_value(written[2])}"
    return ""


def _as_value(text: str) -> str:
    return text if _VALUE.fullmatch(text) else f"'{text}'"

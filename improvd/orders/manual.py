"""The manual's list of orders; `python -m improvd.orders.manual docs/CONTROL.md` rewrites it."""

import sys
from pathlib import Path

from improvd.orders.row import Row
from improvd.orders.table import ROWS

BEGIN, END = "<!-- orders: begin -->\n", "<!-- orders: end -->\n"


def table() -> str:
    """The orders as a table in Markdown."""
    lines = ["| order | its argument | what happens |", "|---|---|---|"]
    lines += [f"| `{row.word}` | {row.limits} | {_what(row)} |" for row in ROWS.values()]
    return "\n".join(lines) + "\n"


def _what(row: Row) -> str:
    return f"{row.help}. {row.more}".strip() if row.more else row.help


def rewritten(page: str) -> str:
    """The page with the table as it is now. Raises ValueError where it has no place for it."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no lines {BEGIN.strip()} and {END.strip()}")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def main(path: Path) -> None:
    """Rewrite the list in this file."""
    path.write_text(rewritten(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

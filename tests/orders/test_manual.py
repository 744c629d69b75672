"""The manual's list of orders is the table, and every row of that says what a person needs."""

from pathlib import Path

import pytest

from improvd.orders.manual import main, rewritten
from improvd.orders.table import CARRIED_OUT, ROWS, parse

MANUAL = Path(__file__).parents[2] / "docs" / "CONTROL.md"


def test_the_manual_lists_the_orders_as_the_table_has_them():
    page = MANUAL.read_text("utf-8")
    assert rewritten(page) == page, "python -m improvd.orders.manual docs/CONTROL.md rewrites it"
    for word in ROWS:
        assert f"| `{word}` |" in page


def test_the_list_is_rewritten_and_nothing_else(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- orders: begin -->\n| dance |\n<!-- orders: end -->\nb\n")
    main(page)
    text = page.read_text()
    assert text.startswith("a\n<!-- orders: begin -->\n\n| order |")
    assert text.endswith("|\n\n<!-- orders: end -->\nb\n")
    assert "dance" not in text
    with pytest.raises(ValueError, match="no lines"):
        rewritten("nothing")


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row_explains_itself(row):
    assert row.example.split()[0] == row.word
    parse(row.example)
    assert row.help
    assert bool(row.takes) == bool(row.limits)
    assert (row.order is None) == (row.carry_out is None)
    assert row.order is None or CARRIED_OUT[row.order] is row.carry_out

"""What a model's foresight is held against: bigrams and single values, counted in other pieces."""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from improvd.training.measure.foresight import Bigram, Foreseen, by_rows, by_solo

# Beats of prior that the values' shares have in a bigram's row.
PRIOR = 20.0
_KEYS = ("bits", "top", "beats")


def foreseen_by_the_others(books: Sequence[Sequence[int]], n_values: int) -> dict[str, Foreseen]:
    """How well each of two books or more is foreseen by all the others: their bigrams, and values.

    A value that no other has counts for one beat.
    """
    foreseen: dict[str, list[Foreseen]] = {"bigrams": [], "single values": []}
    for place, book in enumerate(books):
        others = [*books[:place], *books[place + 1 :]]
        counts = np.bincount(list(chain.from_iterable(others)), minlength=n_values)
        bigram = Bigram(others, np.maximum(counts, 1).astype(float))
        for name, rows in (("bigrams", bigram.rows(PRIOR)), ("single values", bigram.unigram())):
            foreseen[name].append(by_solo([book], by_rows(rows)))
    return {
        name: Foreseen(*(np.concatenate([getattr(f, key) for f in each]) for key in _KEYS))
        for name, each in foreseen.items()
    }


def lines(books: Sequence[Sequence[int]], n_values: int) -> list[str]:
    """What people read; nothing for a single book."""
    if len(books) < 2:
        return []
    return [
        f"  the other pieces' {name}: {foreseen.mean_bits:.2f}, {foreseen.mean_top:.1%} guessed"
        for name, foreseen in foreseen_by_the_others(books, n_values).items()
    ]

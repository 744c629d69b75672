"""The choir: improvisers of one model take a step together, in one matrix product for all.

A product of several rows rounds otherwise than that of a single one, and by how many there are: the
same bytes are promised for the same choir, and only for that. Who is alone steps as ever.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from improvd.core.network.cell import CellRows
from improvd.core.network.improviser import Improviser, Leaning
from improvd.core.network.policy import Policy

_HALF = np.float32(0.5)


class Choir:
    """Steps these policies beat by beat. No method blocks.

    The cells of improvisers with the same weights are moved side by side; other policies, and who
    shares its weights with nobody, are asked one by one.
    """

    def __init__(self, policies: Sequence[Policy]) -> None:
        by_weights: dict[int, list[Improviser]] = {}
        for policy in policies:
            if isinstance(policy, Improviser):
                by_weights.setdefault(id(policy.cell.weights), []).append(policy)
        self._sections = [_Section(each) for each in by_weights.values() if len(each) > 1]
        together = {id(one) for section in self._sections for one in section.improvisers}
        self._alone = [policy for policy in policies if id(policy) not in together]

    def step(self, taken: Mapping[Policy, int | None]) -> None:
        """Each of these takes in the beat gone by: a value, or None for the zero vector."""
        for section in self._sections:
            section.step(taken)
        for policy in self._alone:
            if policy in taken:
                policy.step(taken[policy])

    def foresee(self, chosen: Mapping[Policy, tuple[int, Leaning]]) -> dict[Policy, int]:
        """What each of these would pick next if its value became the next x. Changes nothing."""
        following: dict[Policy, int] = {}
        for section in self._sections:
            following |= section.foresee(chosen)
        for policy in self._alone:
            if policy in chosen:
                following[policy] = policy.foresee(*chosen[policy])
        return following


class _Section:
    """Improvisers whose cells have the same weights, their states the rows of one matrix."""

    def __init__(self, improvisers: Sequence[Improviser]) -> None:
        self.improvisers = improvisers
        count, weights = len(improvisers), improvisers[0].cell.weights
        n_a = weights.n_a
        self._rows = CellRows(weights, count)
        for at, improviser in enumerate(improvisers):
            improviser.cell.sit(self._rows, at)
        self._rows.multiply_out()
        self._input = np.empty((count, 4 * n_a), dtype=np.float32)
        self._gates = np.empty((count, 4 * n_a), dtype=np.float32)

    def step(self, taken: Mapping[Policy, int | None]) -> None:
        absent = [at for at, one in enumerate(self.improvisers) if one not in taken]
        if len(absent) == len(self.improvisers):
            return
        before = self._rows.copy() if absent else None
        self._step([taken.get(one) for one in self.improvisers])
        if before is not None:
            self._rows.put_back(before, absent)
        for one in self.improvisers:
            if one in taken:
                one.took_in(taken[one])

    def foresee(self, chosen: Mapping[Policy, tuple[int, Leaning]]) -> dict[Policy, int]:
        wanted = {one: chosen[one] for one in self.improvisers if one in chosen}
        if not wanted:
            return {}
        before = self._rows.copy()
        self._step([chosen[one][0] if one in wanted else None for one in self.improvisers])
        following: dict[Policy, int] = {
            one: one.pick_after(*asked) for one, asked in wanted.items()
        }
        self._rows.put_back(before)
        return following

    def _step(self, values: Sequence[int | None]) -> None:
        """As `Cell.step`, for all rows at once."""
        rows, gates, n_a = self._rows, self._gates, self._rows.c.shape[1]
        for at, (one, value) in enumerate(zip(self.improvisers, values, strict=True)):
            self._input[at] = one.cell.row(value)
        np.add(self._input, rows.carried, out=gates)
        np.tanh(gates, out=gates)
        sigmoids, candidate = gates[:, : 3 * n_a], gates[:, 3 * n_a :]
        np.multiply(sigmoids, _HALF, out=sigmoids)
        np.add(sigmoids, _HALF, out=sigmoids)
        enter, forget, leave = (sigmoids[:, k * n_a : (k + 1) * n_a] for k in range(3))
        np.multiply(rows.c, forget, out=rows.c)
        np.multiply(enter, candidate, out=candidate)
        np.add(rows.c, candidate, out=rows.c)
        np.tanh(rows.c, out=rows.a)
        np.multiply(rows.a, leave, out=rows.a)
        rows.multiply_out()

"""The rounds of a scale fit; of very many only those are kept that were worked out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, overload

LISTED = 100
"""So many rounds are kept one by one, whatever they found."""


class ScaleIteration(NamedTuple):
    """One round of the fit."""

    scale: float
    """Fitted to the pairs that entered the round."""
    sigma: float
    """0.741 times the interquartile range of their residuals."""
    n_used: int
    """Number of pairs that entered the round."""
    n_rejected: int
    """How many of them it dropped."""


class Rounds(Sequence[ScaleIteration]):
    """Very many rounds of a fit, of which all but the first few found the same.

    Parameters
    ----------
    worked : tuple of ScaleIteration
        The rounds that were worked out, at least one.
    n_rounds : int
        How many there are; from the last that was worked out on they are alike.
    """

    def __init__(self, worked: Sequence[ScaleIteration], n_rounds: int) -> None:
        self.worked = tuple(worked)
        self._n_rounds = n_rounds

    def __len__(self) -> int:
        return self._n_rounds

    @overload
    def __getitem__(self, index: int) -> ScaleIteration: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[ScaleIteration, ...]: ...
    def __getitem__(self, index: int | slice) -> ScaleIteration | tuple[ScaleIteration, ...]:
        numbers = range(self._n_rounds)[index]
        if isinstance(numbers, range):
            return tuple(self[number] for number in numbers)
        return self.worked[min(numbers, len(self.worked) - 1)]


def rounds_of(worked: Sequence[ScaleIteration], n_rounds: int) -> Sequence[ScaleIteration]:
    """Return all rounds of a fit; beyond `LISTED` those that repeat the last take no memory."""
    if n_rounds <= max(LISTED, len(worked)) or not worked:
        return tuple(worked) + tuple(worked[-1:]) * (n_rounds - len(worked))
    return Rounds(worked, n_rounds)

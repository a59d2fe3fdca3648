"""What the engine's stages have made, remembered under everything that they read."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")
BUDGET = 1 << 30
"""Bytes that full planes and model images may take together."""


class Memory:
    """Results by stage and key. May be used from any thread.

    A key holds all that a result depends on, so nothing is ever out of date and nothing needs to be
    taken back. Large results are dropped by a budget, the ones not used for longest first; small
    ones stay.

    Parameters
    ----------
    budget : int
        Bytes for the large results together.

    Attributes
    ----------
    made : Counter
        How often each stage had to be worked out.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self.made: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._small: dict[tuple[str, Hashable], Any] = {}
        self._large: OrderedDict[tuple[str, Hashable], tuple[Any, int]] = OrderedDict()
        self._makers: dict[tuple[str, Hashable], threading.Lock] = {}

    def get(
        self,
        stage: str,
        key: Hashable,
        make: Callable[[], T],
        size: Callable[[T], int] | None = None,
    ) -> T:
        """Return the result of a stage, made now where it is not remembered.

        Two threads that want the same result make it once. What ``make`` raises is not remembered.

        Parameters
        ----------
        stage : str
        key : hashable
            Everything that the result depends on.
        make : callable
        size : callable, optional
            Returns the bytes of a large result, which may be dropped.
        """
        place = (stage, key)
        with self._lock:
            found = self._find(place)
            if found is not None:
                return found[0]  # type: ignore[no-any-return]  # a stage's results have one type
            maker = self._makers.setdefault(place, threading.Lock())
        with maker:
            with self._lock:
                found = self._find(place)
                if found is not None:
                    return found[0]  # type: ignore[no-any-return]
            try:
                value = make()
            finally:
                with self._lock:
                    self._makers.pop(place, None)
            with self._lock:
                self.made[stage] += 1
                if size is None:
                    self._small[place] = value
                else:
                    self._large[place] = (value, size(value))
                    self._drop()
            return value

    def peek(self, stage: str, key: Hashable) -> Any | None:
        """Return what is remembered, or None."""
        with self._lock:
            found = self._find((stage, key))
            return None if found is None else found[0]

    @property
    def bytes_held(self) -> int:
        """Bytes of the large results that are remembered."""
        with self._lock:
            return sum(size for _, size in self._large.values())

    def _find(self, place: tuple[str, Hashable]) -> tuple[Any] | None:
        if place in self._small:
            return (self._small[place],)
        if place in self._large:
            self._large.move_to_end(place)
            return (self._large[place][0],)
        return None

    def _drop(self) -> None:
        held = sum(size for _, size in self._large.values())
        while held > self.budget and len(self._large) > 1:
            _, (_, size) = self._large.popitem(last=False)
            held -= size

"""What the engine's stages have made, remembered under everything that they read."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

from skyframe_gui.app.model.sizes import size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    Place = tuple[str, Hashable]

T = TypeVar("T")
BUDGET = 1 << 30
"""Bytes that all results may take together."""
PART_OF_SMALL = 0.5
"""Of the budget, what small results may take."""
PART_OF_QUICK = 1 / 32
"""Of the budget, what may be kept of results that are quickly made again and are not in use."""


class Memory:
    """Results by stage and key. May be used from any thread.

    A key holds all that a result depends on, so nothing is ever out of date and nothing needs to be
    taken back. Results are dropped by a budget, the ones not used for longest first: the large ones
    before the small ones, which took as long to make, as long as these have no more than their
    part. The one that was made last stays in any case.

    What is quickly made again is remembered while somebody uses it, such as who shows it; of what
    nobody uses, a small part of the budget is kept.

    Parameters
    ----------
    budget : int
        Bytes for all results together.

    Attributes
    ----------
    made : Counter
        How often each stage had to be worked out.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self.made: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._small: OrderedDict[Place, tuple[Any, int]] = OrderedDict()
        self._large: OrderedDict[Place, tuple[Any, int]] = OrderedDict()
        self._n_small = self._n_large = 0
        self._quick: OrderedDict[Place, Any] = OrderedDict()
        self._used: WeakValueDictionary[Place, Any] = WeakValueDictionary()
        self._sizes: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._makers: dict[Place, threading.Lock] = {}

    def get(
        self,
        stage: str,
        key: Hashable,
        make: Callable[[], T],
        size: Callable[[T], int] | None = None,
        *,
        quick: bool = False,
    ) -> T:
        """Return the result of a stage, made now where it is not remembered.

        Two threads that want the same result make it once. What ``make`` raises is not remembered.

        Parameters
        ----------
        stage : str
        key : hashable
            Everything that the result depends on; it is kept, so no ``id()`` of something else.
        make : callable
        size : callable, optional
            Returns the bytes of a large result, one of whole images. A small one is measured by
            `size_of`, and so is every key: it keeps what is in it alive.
        quick : bool
            It is made again in tens of milliseconds, of what is remembered besides. It needs a
            size, and has an identity of its own.
        """
        place = (stage, key)
        with self._lock:
            found = self._find(place)
            if found is not None:
                return found  # type: ignore[no-any-return]  # a stage's results have one type
            maker = self._makers.setdefault(place, threading.Lock())
        with maker:
            with self._lock:
                found = self._find(place)
                if found is not None:
                    return found  # type: ignore[no-any-return]
            try:
                value = make()
            finally:
                with self._lock:
                    self._makers.pop(place, None)
            n = size_of(key) + (size_of(value) if size is None else size(value))
            with self._lock:
                self.made[stage] += 1
                if quick:
                    self._quick[place] = self._used[place] = value
                    self._sizes[value] = n
                elif size is None:
                    self._small[place] = (value, n)
                    self._n_small += n
                else:
                    self._large[place] = (value, n)
                    self._n_large += n
                self._drop()
            return value

    def peek(self, stage: str, key: Hashable) -> Any | None:
        """Return what is remembered, or None."""
        with self._lock:
            return self._find((stage, key))

    @property
    def bytes_held(self) -> int:
        """Bytes of all results that are remembered."""
        with self._lock:
            return self._n_all()

    def stages(self) -> Counter[str]:
        """Return the bytes that are remembered of each stage."""
        found: Counter[str] = Counter()
        with self._lock:
            for (stage, _), (_, n) in (*self._small.items(), *self._large.items()):
                found[stage] += n
            for (stage, _), value in self._used.items():
                found[stage] += self._sizes[value]
        return found

    def _find(self, place: Place) -> Any | None:
        for shelf in (self._small, self._large):
            if place in shelf:
                shelf.move_to_end(place)
                return shelf[place][0]
        if place in self._quick:
            self._quick.move_to_end(place)
        return self._used.get(place)

    def _n_all(self) -> int:
        return self._n_small + self._n_large + sum(self._sizes.values())

    def _drop(self) -> None:
        while self._n_small > PART_OF_SMALL * self.budget and len(self._small) > 1:
            self._n_small -= self._small.popitem(last=False)[1][1]
        n_quick = sum(self._sizes[value] for value in self._quick.values())
        while n_quick > PART_OF_QUICK * self.budget and len(self._quick) > 1:
            n_quick -= self._sizes[self._quick.popitem(last=False)[1]]
        while self._n_all() > self.budget and len(self._large) > 1:
            self._n_large -= self._large.popitem(last=False)[1][1]

"""How much memory values take: by this what is kept for later is bounded."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

OBJECT = 64
"""Bytes that a value is taken to have besides what is in it."""


def size_of(value: object) -> int:
    """Return about how many bytes a value has with all that is in it; arrays exactly."""
    n = 0
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        n += OBJECT
        if isinstance(one, np.ndarray):
            n += one.nbytes
        elif isinstance(one, str | bytes):
            n += len(one)
        elif isinstance(one, Mapping):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, tuple | list | set | frozenset):
            n += 8 * len(one)
            waiting += one
        elif hasattr(one, "__dict__"):
            waiting += vars(one).values()
    return n

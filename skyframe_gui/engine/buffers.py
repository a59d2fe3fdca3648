"""Arrays of pixels that are used again: to make a large one anew costs as much as to fill it."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _n_holders(arrays: list[NDArray[np.float32]], index: int) -> int:
    return sys.getrefcount(arrays[index])


_NOBODY = _n_holders([np.empty(1, np.float32)], 0)


class Buffers:
    """Arrays that are given out again once nobody holds them nor any view of them.

    Parameters
    ----------
    most : int
        So many arrays are kept for the next who needs one of their size.
    most_bytes : int
        No more than this is kept, and nothing that is larger.
    """

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._kept: list[NDArray[np.float32]] = []
        self._lock = threading.Lock()

    def give(self, shape: tuple[int, int]) -> NDArray[np.float32]:
        """Return an array, float32 of this shape, whose values are not set.

        Its memory may have been used before: every view holds the array that owns its memory.
        """
        size = shape[0] * shape[1]
        kept = self._kept
        with self._lock:
            idle = [index for index in range(len(kept)) if _n_holders(kept, index) == _NOBODY]
            for index in idle:
                if kept[index].size == size:
                    return kept[index].reshape(shape)
            array = np.empty(size, np.float32)
            for index in reversed(idle):
                if not self._has_room(array):
                    del kept[index]
            if self._has_room(array):
                kept.append(array)
            return array.reshape(shape)

    def _has_room(self, array: NDArray[np.float32]) -> bool:
        held = sum(one.nbytes for one in self._kept)
        return len(self._kept) < self._most and held + array.nbytes <= self._most_bytes


recycled = Buffers(4, 160 << 20).give
"""Scratch, and images that live as long as one measurement."""
plane_memory = Buffers(3, 128 << 20).give
"""Planes of a file: of a night one exposure after the other takes the same three."""

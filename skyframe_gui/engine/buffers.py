"""Arrays of pixels that are used again: to make a large one anew costs as much as to fill it."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_KEPT = 4
"""So many arrays are kept for the next who needs one of their size."""
MOST_BYTES = 160 << 20
"""No more than this is kept, and nothing that is larger."""
_kept: list[NDArray[np.float32]] = []
_lock = threading.Lock()


def _n_holders(arrays: list[NDArray[np.float32]], index: int) -> int:
    return sys.getrefcount(arrays[index])


_NOBODY = _n_holders([np.empty(1, np.float32)], 0)


def recycled(shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return an array, float32 of this shape, whose values are not set.

    Its memory may have been used before, and is used again once nobody holds the array nor any view
    of it: every view holds the array that owns its memory.
    """
    size = shape[0] * shape[1]
    with _lock:
        idle = [index for index in range(len(_kept)) if _n_holders(_kept, index) == _NOBODY]
        for index in idle:
            if _kept[index].size == size:
                return _kept[index].reshape(shape)
        array = np.empty(size, np.float32)
        for index in reversed(idle):
            if len(_kept) >= MOST_KEPT or sum(a.nbytes for a in _kept) + array.nbytes > MOST_BYTES:
                del _kept[index]
        if len(_kept) < MOST_KEPT and sum(a.nbytes for a in _kept) + array.nbytes <= MOST_BYTES:
            _kept.append(array)
        return array.reshape(shape)

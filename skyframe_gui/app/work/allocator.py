"""What large arrays have held goes back to the system when they are gone."""

from __future__ import annotations

import ctypes
import sys

LARGE = 5 << 20
"""Bytes: from here on an array has pages of its own; planes of 1024 x 1024 have less."""
_M_MMAP_THRESHOLD = -3


def give_back_large() -> bool:
    """Let the C library give back at once what arrays of `LARGE` bytes and more have held.

    Left to itself, glibc keeps up to 32 MB of each that is freed, in a heap for every thread,
    between what stays: after three exposures of 4096 x 4096 that is as much as one of them.

    Returns
    -------
    bool
        Whether it does so now; only glibc has to be told.
    """
    if sys.platform != "linux":
        return False
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    return tell is not None and tell(_M_MMAP_THRESHOLD, LARGE) == 1

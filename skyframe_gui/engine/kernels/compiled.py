"""How kernels are compiled, and the numbers that they share."""

from __future__ import annotations

import numba
import numpy as np

jit = numba.njit(nogil=True, cache=True)
# Sums may be reordered so that they run in vector registers; NaN and infinities keep their meaning.
jit_sums = numba.njit(nogil=True, cache=True, fastmath={"reassoc"})

FLOAT32_MAX = np.float32(3.4028234663852886e38)
INFINITE = np.float32(np.inf)
"""Stands for a pixel that is not good: beyond every limit, so that loops need no second array."""

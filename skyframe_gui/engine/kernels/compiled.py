"""How kernels are compiled, and the numbers that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
import numpy as np

from skyframe_gui.engine import kernel_cache

if TYPE_CHECKING:
    from collections.abc import Callable

Kernel = TypeVar("Kernel", bound="Callable[..., Any]")


def _compiled(function: Kernel, **options: Any) -> Kernel:
    """Compile a kernel at its first call, and keep it in the folder of exactly these kernels."""
    folder = kernel_cache.folder()
    settings: Any = numba.config
    before = settings.CACHE_DIR
    try:
        if folder is not None:  # numba reads it while it decorates, and only then
            settings.CACHE_DIR = str(folder)
        made = numba.njit(nogil=True, error_model="numpy", cache=folder is not None, **options)(
            function
        )
    finally:
        settings.CACHE_DIR = before
    return cast("Kernel", made)


def jit(function: Kernel) -> Kernel:
    """Compile a loop over pixels."""
    return _compiled(function)


def jit_sums(function: Kernel) -> Kernel:
    """Compile a loop whose sums may be reordered so that they run in vector registers.

    NaN and infinities keep their meaning.
    """
    return _compiled(function, fastmath={"reassoc"})


FLOAT32_MAX = np.float32(3.4028234663852886e38)
INFINITE = np.float32(np.inf)
"""Stands for a pixel that is not good: beyond every limit, so that loops need no second array."""

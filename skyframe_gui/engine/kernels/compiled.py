"""How kernels are compiled, and the numbers that they share."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
import numpy as np
from numba.core.registry import CPUDispatcher

from skyframe_gui.engine import kernel_cache

if TYPE_CHECKING:
    from collections.abc import Callable

Kernel = TypeVar("Kernel", bound="Callable[..., Any]")
_decorating = threading.Lock()
REORDERED = {"reassoc"}
"""Sums may be reordered so that they run in vector registers; NaN and infinities keep meaning."""


def _compiled(function: Kernel, **options: Any) -> Kernel:
    """Compile a kernel at its first call; none of them is called through a pointer of C."""
    settings: Any = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True, **options}
    return cast("Kernel", numba.njit(**settings)(function))


def _kept(function: Kernel, **options: Any) -> Kernel:
    """Compile a kernel at its first call, and keep it in the folder of exactly these kernels."""
    folder = kernel_cache.folder()
    settings: Any = numba.config
    # Lanes import kernels at one moment: one would take the folder away from under the other, whose
    # kernels would be kept where the program was started.
    with _decorating:
        before = settings.CACHE_DIR
        try:
            if folder is not None:  # numba reads it while it decorates, and only then
                settings.CACHE_DIR = str(folder)
            return _compiled(function, cache=folder is not None, **options)
        finally:
            settings.CACHE_DIR = before


def jit(function: Kernel) -> Kernel:
    """Compile a loop over pixels."""
    return _kept(function)


def jit_sums(function: Kernel) -> Kernel:
    """Compile a loop whose sums may be reordered."""
    return _kept(function, fastmath=REORDERED)


def part(function: Kernel) -> Kernel:
    """Compile a part of kernels, which only they can call.

    It becomes a piece of each of them, and nothing is made or kept for calls from Python: that is
    half of the compiler's work.
    """
    return _as_part(_compiled(function, no_cpython_wrapper=True))


def part_sums(function: Kernel) -> Kernel:
    """Compile a part of kernels whose sums may be reordered."""
    return _as_part(_compiled(function, no_cpython_wrapper=True, fastmath=REORDERED))


class _Part(CPUDispatcher):
    def __call__(self, *_: object) -> None:
        """Refuse a call from Python, for which there is no code."""
        raise TypeError(f"{self.py_func.__name__} is a part of kernels: only they can call it.")


def _as_part(made: Kernel) -> Kernel:
    if isinstance(made, CPUDispatcher):  # with NUMBA_DISABLE_JIT it is the function as written
        cast("Any", made).__class__ = _Part
    return made


FLOAT32_MAX = np.float32(3.4028234663852886e38)
INFINITE = np.float32(np.inf)
"""Stands for a pixel that is not good: beyond every limit, so that loops need no second array."""

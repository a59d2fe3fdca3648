"""AKIMA_SPLINE: Akima's local cubic of 1970."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.styles import Pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "AKIMA_SPLINE"
DOC = "Akima's local cubic: follows a jump without ringing; at the borders a parabola."
MIN_POINTS = 5


def pieces(x: NDArray[np.float64], y: NDArray[np.float64]) -> Pieces:
    """Return Akima's cubics, and outside a parabola that goes on from the end interval.

    H. Akima, J. ACM 17 (1970) 589, with the end slopes and the treatment of flat stretches that
    GSL's ``gsl_interp_akima`` has: where the slopes on both sides of an interval's left node agree
    pairwise the interval is a straight line; where they do at its right node, its own slope is
    taken there.
    """
    from skyframe_gui.engine.kernels import splines

    coefficients = np.empty((y.shape[0], len(x) + 1, 4))
    splines.fill_akima(x, np.ascontiguousarray(y), coefficients)
    return Pieces(x, np.concatenate([x[:1], x]), coefficients)

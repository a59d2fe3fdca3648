"""The interpolation styles: every module of this package is one, found by its being here.

A style module has

``NAME``
    LSST's name of the style, the value of ``background.algorithm``.
``DOC``
    One sentence for the user.
``MIN_POINTS``
    The least number of nodes that it takes.
``pieces(x, y)``
    The curve through the nodes as piecewise cubic polynomials, see `Pieces`.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Pieces(NamedTuple):
    """Curves as piecewise polynomials ``c0 + c1 t + c2 t^2 + c3 t^3`` with ``t = x - start``.

    Piece p holds for ``breaks[p-1] <= x < breaks[p]``, the first and the last without end.
    """

    breaks: NDArray[np.float64]
    """[P - 1], rising."""
    starts: NDArray[np.float64]
    """[P]"""
    coefficients: NDArray[np.float64]
    """[curves, P, 4]"""


class Style(Protocol):
    """What a style module offers."""

    NAME: str
    DOC: str
    MIN_POINTS: int

    def pieces(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Pieces:
        """Return the curves through the nodes.

        Parameters
        ----------
        x : float64 [n]
            Positions of the nodes, strictly rising, n >= MIN_POINTS.
        y : float64 [curves, n]
            Values, all finite.
        """


@cache
def _found() -> dict[str, Style]:
    modules = [
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    ]
    modules.sort(key=lambda module: (module.MIN_POINTS, module.NAME))
    return {module.NAME: module for module in modules}


def names() -> tuple[str, ...]:
    """Return the names of all styles, the ones that need the fewest nodes first."""
    return tuple(_found())


def get(name: str | None) -> Style:
    """Return the style of that name.

    Raises
    ------
    SkyFrameError
        The name is NONE, null or unknown.
    """
    if name == "CUBIC_SPLINE":  # LSST's other name for the same curve
        name = "NATURAL_SPLINE"
    style = _found().get(name or "NONE")
    if style is None:
        choices = ", ".join(names())
        if name is None or name == "NONE":
            raise SkyFrameError(
                f"The interpolation style is NONE, which makes no image; choose one of {choices}."
            )
        raise SkyFrameError(f"There is no interpolation style {name}; choose one of {choices}.")
    return style


def fitting(name: str | None, n: int) -> Style:
    """Return the named style, or where ``n`` nodes are too few for it the best one for them.

    LSST's rule REDUCE_INTERP_ORDER: 1 node CONSTANT, 2 LINEAR, 3 or 4 NATURAL_SPLINE, 5 or more
    AKIMA_SPLINE.
    """
    style = get(name)
    if n >= style.MIN_POINTS:
        return style
    if n < 3:
        return get("CONSTANT" if n < 2 else "LINEAR")
    return get("NATURAL_SPLINE" if n < 5 else "AKIMA_SPLINE")

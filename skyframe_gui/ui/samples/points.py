"""What a plot of samples shows: the marks, and the lines and bands through them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Style = Literal["step", "first", "last"]
Emphasis = Literal["none", "size", "colour"]
"""What the good-pixel fraction changes."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Points:
    """Marks of samples.

    Attributes
    ----------
    x, y : float array [n]
        Not finite where a sample has no place; then it is drawn on the floor, or not at all.
    marks : int array [n]
        The `Mark` of each.
    rounds : int array [n]
        Which round dropped it, as in `ScaleSolution.rejected_at`.
    fraction : float array [n]
        Good pixels by pixels, 0 to 1.
    n_rounds : int
        How many rounds there are at all.
    """

    x: Floats
    y: Floats
    marks: NDArray[np.int8]
    rounds: NDArray[np.int64]
    fraction: Floats
    n_rounds: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Guide:
    """A line, and perhaps a band around it.

    Attributes
    ----------
    value, half_width : callable
        Of x. ``half_width`` is None for no band.
    style : {"step", "first", "last"}
    straight : bool
        Whether two points draw it.
    label : str
        What stands at the right end of the band's upper edge.
    """

    value: Callable[[Floats], Floats]
    half_width: Callable[[Floats], Floats] | None = None
    style: Style = "step"
    straight: bool = True
    label: str = ""

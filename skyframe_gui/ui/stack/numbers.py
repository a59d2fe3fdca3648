"""How the stack's numbers are written: powers of ten, units, digits, times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.ui.plots.axes import SUPERSCRIPTS, number, with_minus
from skyframe_gui.wording import with_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NONE = "\N{EM DASH}"


@dataclass(frozen=True)
class Written:
    """How the numbers of one column or axis are written.

    Attributes
    ----------
    power : int
        The power of ten that is taken out of them.
    decimals : int
    unit : str
        With the power, as it stands in brackets.
    """

    power: int
    decimals: int
    unit: str

    def text(self, value: float) -> str:
        """Return a number, or a dash where there is none."""
        if not math.isfinite(value):
            return NONE
        return number(value / 10.0**self.power, self.decimals)

    @property
    def factor(self) -> float:
        """What values are divided by."""
        return float(10.0**self.power)


def written(largest: float, unit: str, digits: int = 3) -> Written:
    """Return how to write numbers up to ``largest``, which gets so many digits."""
    if not (math.isfinite(largest) and largest > 0):
        return Written(0, 1, unit)
    exponent = math.floor(math.log10(largest) + 1e-9)
    power = 0 if -2 <= exponent < 5 else exponent
    decimals = max(0, digits - 1 - (exponent - power))
    return Written(power, decimals, with_power(power, unit))


def with_power(power: int, unit: str) -> str:
    """Return a unit with a power of ten before it: ``10⁻³ adu``."""
    if not power:
        return unit
    return f"10{str(power).translate(SUPERSCRIPTS)} {unit}".strip()


def value_words(value: float, error: float) -> str:
    """Return a value with as many digits as its error allows, with the true minus sign."""
    return with_minus(with_error(value, error))


def seconds(dates: Sequence[str]) -> NDArray[np.float64] | None:
    """Return seconds since 1970 of dates in UTC; None if one is unknown."""
    if not dates or not all(dates):
        return None
    try:
        # A zone letter would be a warning: all dates are UTC.
        times = np.array([date.rstrip("Z") for date in dates], "datetime64[ms]")
    except ValueError:
        return None
    return np.asarray(times.astype(np.int64) / 1000.0, np.float64)

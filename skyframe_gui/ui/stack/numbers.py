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

    from skyframe_gui.ui.plots.axes import Range

NONE = "\N{EM DASH}"
MINUTE, HOUR, DAY = 1.0, 60.0, 1440.0
STEPS = (
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(hours * HOUR for hours in (1, 2, 3, 6, 12)),
    *(days * DAY for days in (1, 2, 5, 10, 30, 60, 100, 200, 500, 1000)),
)


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


def minutes(dates: Sequence[str]) -> NDArray[np.float64] | None:
    """Return minutes since midnight before the first of some dates; None if one is unknown."""
    if not dates or not all(dates):
        return None
    try:
        # A zone letter would be a warning: all dates are UTC.
        times = np.array([date.rstrip("Z") for date in dates], "datetime64[ms]")
    except ValueError:
        return None
    midnight = times.min().astype("datetime64[D]")
    return np.asarray((times - midnight) / np.timedelta64(60_000, "ms"), np.float64)


def time_ticks(
    span: Range, length: float, spacing: float, first: str
) -> tuple[NDArray[np.float64], list[str]]:
    """Return ticks at round times, labels as hour and minute or as month and day.

    Parameters
    ----------
    span : Range
        Minutes since midnight before ``first``.
    length, spacing : float
        Of the axis, and about how far apart ticks are, in pixels.
    first : str
        The first date.
    """
    raw = span.width / max(length / spacing, 1.0)
    step = next((one for one in STEPS if one >= raw), STEPS[-1])
    values = np.asarray(
        np.arange(math.ceil(span.low / step), math.floor(span.high / step) + 1) * step, np.float64
    )
    start = np.datetime64(first[:10])
    labels = []
    for value in values.tolist():
        time = str(start + np.timedelta64(round(value * 60), "s"))
        labels.append(time[5:10] if step >= DAY else time[11:16])
    return values, labels

"""Every way in which a value, its error, unit, power, minus or sexagesimal is written."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
SIGMA = "\N{GREEK SMALL LETTER SIGMA}"
NONE = "\N{EM DASH}"
"""What stands where there is no number."""
UNKNOWN_UNIT = "adu"
"""What pixels are counted in where a file has no BUNIT."""
SHORT_UNITS = {"electron": "e\N{SUPERSCRIPT MINUS}", "electrons": "e\N{SUPERSCRIPT MINUS}"}
"""Units that would not fit beside a name."""
MOST_DIGITS = 12
"""Digits before or behind the point of a number that is written without a power of ten."""
MOST_PLACES = 8
"""Digits behind the point of a number with a power of ten."""
LARGEST_PLAIN = 1e6
"""From here on a limit is written with a power of ten."""
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


# Signs ------------------------------------------------------------------------------------------


def true_minus(text: str) -> str:
    """Return a number's text with the true minus sign, also that of its exponent."""
    return text.replace("-", MINUS)


def plain_minus(text: str) -> str:
    """Return a text with the minus sign that programs read and terminals have."""
    return text.replace(MINUS, "-")


def _signed(text: str, value: float, sign: bool = False) -> str:
    """Return a formatted number with its sign; without where nothing is left to have one."""
    if not float(text):
        return text.removeprefix("-")
    return true_minus(f"+{text}" if sign and value > 0 else text)


# Values -----------------------------------------------------------------------------------------


def fixed(value: float, decimals: int, sign: bool = False) -> str:
    """Return a number with so many decimals, with a plus sign if wanted; a dash for none.

    One that would be longer than `MOST_DIGITS` before or behind the point has a power of ten.
    """
    if not math.isfinite(value):
        return NONE
    if abs(value) < 10.0**MOST_DIGITS and decimals <= MOST_DIGITS:
        return _signed(f"{value:.{max(decimals, 0)}f}", value, sign)
    if not value:
        return "0"
    places = math.floor(math.log10(abs(value))) + decimals
    return _signed(f"{value:.{min(max(places, 0), MOST_PLACES)}e}", value, sign)


def digits(value: float, count: int = 4, unit: str = "") -> str:
    """Return a number with so many digits and its unit; a dash for none."""
    if not math.isfinite(value):
        return NONE
    return with_unit(_signed(f"{value:.{count}g}", value), unit)


def with_error(value: float, error: float, unit: str = "", sign: bool = False) -> str:
    """Return a number with as many digits as its error allows: ``1012.4 ± 0.6 adu``."""
    text, of_error = value_and_error(value, error, sign)
    both = f"{text} ± {of_error}" if of_error else text
    return with_unit(both, unit) if text != NONE else NONE


def value_and_error(value: float, error: float, sign: bool = False) -> tuple[str, str]:
    """Return ``1012.4`` and ``0.6``; six digits and "" where no error is known, a dash for none."""
    if not math.isfinite(value):
        return NONE, ""
    decimals = _allowed(error)
    if decimals is None:
        return _signed(f"{value:.6g}", value, sign), ""
    return fixed(value, decimals, sign), fixed(error, decimals)


def decimals_with_error(value: float, error: float) -> int:
    """Return how many decimals `with_error` gives a number, for `fixed`."""
    decimals = _allowed(error)
    if decimals is None:
        text, _ = value_and_error(value, error)
        return len(text.partition(".")[2]) if "e" not in text else 0
    return max(decimals, 0)


def _allowed(error: float) -> int | None:
    """Return how many decimals an error allows, below 0 for tens; None where it is none."""
    if not (math.isfinite(error) and error >= sys.float_info.min):
        return None
    # The Particle Data Group's rule: two digits of an error up to 3.5, one above, so that it is
    # rounded by less than a seventh of itself.
    exponent = math.floor(math.log10(error))
    return (1 if error / 10.0**exponent < 3.55 else 0) - exponent


def decimals_for(precision: float, most: int = 8) -> int:
    """Return how many decimals a number needs whose least part that matters is this large."""
    if not (math.isfinite(precision) and precision > 0):
        return 2
    return min(max(0, 1 - math.floor(math.log10(precision))), most)


def three_digits(values: Iterable[float]) -> int:
    """Return the decimals that show three digits of the smallest of some numbers that is not 0."""
    sizes = [abs(value) for value in values if math.isfinite(value) and value]
    return min(max(2 - math.floor(math.log10(min(sizes))), 0), 12) if sizes else 0


def limit(value: float, span: float) -> str:
    """Return an end of a span with as many digits as tell the two apart by three."""
    if not (math.isfinite(span) and span > 0):
        return digits(value, 6)
    decimals = max(0, 2 - math.floor(math.log10(span)))
    if decimals > 6 or abs(value) >= LARGEST_PLAIN:
        return digits(value, 4)
    return fixed(value, decimals)


def pixels(length: float) -> str:
    """Return a length in pixels, to a tenth where it is not whole."""
    return fixed(length, 1).removesuffix(".0")


def area(width: float, height: float) -> str:
    """Return what is so wide and so high, in pixels: ``128 px`` where both are alike."""
    wide, high = pixels(width), pixels(height)
    return f"{wide} px" if wide == high else f"{wide} {TIMES} {high} px"


# Parts and counts -------------------------------------------------------------------------------


def percent(part: float) -> str:
    """Return a part of one in per cent: ``12 %``, or ``0.4 %`` where it is small."""
    if abs(part) < 0.0995:
        return f"{digits(100 * part, 2)} %"
    return percent_to(part, 0)


def percent_to(part: float, decimals: int) -> str:
    """Return a part of one in per cent with so many decimals, for a column."""
    return f"{fixed(100 * part, decimals)} %" if math.isfinite(part) else NONE


def whole_percent(part: float) -> str:
    """Return a part of one as whole per cent; never 100 % or 0 % where it is not quite."""
    if not math.isfinite(part):
        return NONE
    whole = round(100 * part)
    return f"{min(max(whole, 1), 99) if 0 < part < 1 else whole} %"


def plural(count: int, what: str) -> str:
    """Return ``1 sample`` or ``3 samples``."""
    return f"{count} {what}{'s' * (count != 1)}"


def size_of(n_bytes: int) -> str:
    """Return a file's size: ``33.6 MB``."""
    value = float(n_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"


# Units and powers -------------------------------------------------------------------------------


def unit_of(unit: str) -> str:
    """Return the unit of pixel values, as a file tells it or as it is taken to be."""
    return unit or UNKNOWN_UNIT


def with_unit(text: str, unit: str) -> str:
    """Return a value with its unit, where there are both."""
    return f"{text} {unit}".strip()


def short_unit(unit: str) -> str:
    """Return a unit as it is written where there is little room."""
    return SHORT_UNITS.get(unit.casefold(), unit)


def named(name: str, unit: str) -> str:
    """Return what an axis or a column is called: ``residual [adu]``."""
    return f"{name} [{unit}]" if unit else name


def with_power(power: int, unit: str) -> str:
    """Return a unit with a power of ten before it: ``10⁻³ adu``."""
    return f"10{str(power).translate(_SUPERSCRIPTS)} {unit}".strip() if power else unit


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
        return fixed(value / 10.0**self.power, self.decimals)

    @property
    def factor(self) -> float:
        """What values are divided by."""
        return float(10.0**self.power)


def written(largest: float, unit: str, count: int = 3) -> Written:
    """Return how to write numbers up to ``largest``, which gets so many digits."""
    if not (math.isfinite(largest) and largest > 0):
        return Written(0, 1, unit)
    exponent = math.floor(math.log10(largest) + 1e-9)
    power = 0 if -2 <= exponent < 5 else exponent
    decimals = max(0, count - 1 - (exponent - power))
    return Written(power, decimals, with_power(power, unit))


# Sexagesimals -----------------------------------------------------------------------------------


def hours(degrees: float) -> str:
    """Return a right ascension in degrees as hours: ``10:00:28.60``."""
    return _sexagesimal(degrees / 15 % 24, 2, 24)


def declination(degrees: float) -> str:
    """Return a declination with its sign, also below one degree: ``+00:30:00.0``."""
    text = _sexagesimal(abs(degrees), 1, 91)
    return f"{'+' if degrees >= 0 else MINUS}{text}"


def clock(seconds: float) -> str:
    """Return whole seconds, the next ones: ``0:42``, ``1:01:40``."""
    minutes, rest = divmod(math.ceil(max(seconds, 0)), 60)
    whole, minutes = divmod(minutes, 60)
    return f"{whole}:{minutes:02d}:{rest:02d}" if whole else f"{minutes}:{rest:02d}"


def _sexagesimal(value: float, decimals: int, wraps: int) -> str:
    """Return hours or degrees with minutes and seconds, rounded once so that 60 never shows."""
    unit = 10**decimals
    whole, rest = divmod(round(value * 3600 * unit), 3600 * unit)
    minutes, seconds = divmod(rest, 60 * unit)
    width = 3 + decimals
    return f"{whole % wraps:02d}:{minutes:02d}:{seconds / unit:0{width}.{decimals}f}"


def value_text(value: object) -> str:
    """Return a setting's value as text: names in a row, "none" for no names."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)

"""What the table of visits says: titles and cells, marks and tips, and what it is sorted by."""

from __future__ import annotations

import math
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from skyframe_gui.numbers import (
    NONE,
    SIGMA,
    decimals_with_error,
    digits,
    fixed,
    named,
    plural,
    three_digits,
    value_and_error,
)
from skyframe_gui.text import natural_order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from skyframe_gui.app.model.night_view import VisitRow

NAN = float("nan")


class Column(IntEnum):
    """Columns from the left."""

    MARK = 0
    VISIT = 1
    START = 2
    EXPOSURE = 3
    FILTER = 4
    AIRMASS = 5
    MOON = 6
    LEVEL = 7
    SCALE = 8
    ERROR = 9
    RATIO = 10
    SIGMA = 11
    USED = 12
    REJECTED = 13
    SHARE = 14
    INTERCEPT = 15
    STATE = 16


TIPS = {
    Column.MARK: "Whether there is a warning",
    Column.START: "Start of its first exposure, UTC",
    Column.EXPOSURE: "Exposure time",
    Column.AIRMASS: "Of its first exposure",
    Column.MOON: "Lit part of the Moon, its altitude, and how far away the telescope points",
    Column.LEVEL: "Median of the exposures' levels, each the median of its bins",
    Column.SCALE: "What the sky frame is multiplied with",
    Column.ERROR: "Standard error of the scale",
    Column.RATIO: "What the scale makes of the sky frame's own level, by the sky level",
    Column.SIGMA: "Of the residuals in the last round of the fit",
    Column.USED: "Samples in the last fit",
    Column.REJECTED: "Samples that a round dropped",
    Column.SHARE: "The rejected ones of all samples with data, in per cent",
    Column.INTERCEPT: "The offset that the samples want beside the scale",
    Column.STATE: "Ok, how many notes there are, or the gravest warning",
}
MARKS = {
    "warning": "alert",
    "failed": "alert-circle-outline",
    "pending": "progress-clock",
    "ok": "check",
}


def title_of(column: Column, unit: str) -> str:
    """Return what stands over a column; ``unit`` is that of the levels."""
    return {
        Column.MARK: "",
        Column.VISIT: "visit",
        Column.START: "start UT",
        Column.EXPOSURE: "exposure",
        Column.FILTER: "filter",
        Column.AIRMASS: "airmass",
        Column.MOON: "Moon",
        Column.LEVEL: named("sky", unit),
        Column.SCALE: "scale",
        Column.ERROR: "\N{PLUS-MINUS SIGN}",
        Column.RATIO: "scale / sky",
        Column.SIGMA: named(SIGMA, unit),
        Column.USED: "used",
        Column.REJECTED: "rejected",
        Column.SHARE: "rejected %",
        Column.INTERCEPT: named("intercept", unit),
        Column.STATE: "state",
    }[column]


def kind_of(row: VisitRow) -> tuple[str, str]:
    """Return instrument and filter, whose visits should be alike."""
    return row.numbers.instrument, row.numbers.filter


def most_exposures(rows: Sequence[VisitRow]) -> dict[tuple[str, str], int]:
    """Return how many exposures the visits have at most, by `kind_of`."""
    most: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.progress == "done":
            kind = kind_of(row)
            most[kind] = max(most.get(kind, 0), row.numbers.n_exposures)
    return most


def among_others(
    texts: tuple[str, ...],
    row: VisitRow,
    sigma_decimals: int,
    most: int,
    with_days: bool = False,
    with_years: bool = False,
) -> tuple[str, ...]:
    """Return `texts_of` a row with what depends on the other rows.

    Parameters
    ----------
    texts : tuple of str
    row : VisitRow
    sigma_decimals : int
        In which sigmas are written.
    most : int
        Exposures of other visits like it.
    with_days : bool
        Whether there are visits of several nights, so that a time needs its day.
    with_years : bool
        Whether there are visits of several years, so that a day needs its year.
    """
    told, one = list(texts), row.numbers
    if with_days and one.start:
        told[Column.START] = one.start[0 if with_years else 5 : 19].replace("T", " ")
    told[Column.SIGMA] = fixed(one.sigma, sigma_decimals)
    if row.progress == "done" and one.n_exposures < most and not one.n_failed:
        told[Column.STATE] += f"; {one.n_exposures} of {plural(most, 'detector')}"
    return tuple(told)


def texts_of(row: VisitRow) -> tuple[str, ...]:
    """Return what a row says by itself, by `Column`."""
    one = row.numbers
    is_fitted = math.isfinite(one.scale)
    scale, error = value_and_error(one.scale, one.error)
    offset = decimals_with_error(one.intercept, one.intercept_error)
    more = f"; {plural(one.n_failed, 'exposure')} left out" if one.n_failed else ""
    airmass = one.conditions.airmass
    texts = {
        Column.MARK: "",
        Column.VISIT: one.visit,
        Column.START: one.start[11:19] or NONE,
        Column.EXPOSURE: digits(one.exposure_time, 4, "s"),
        Column.FILTER: one.filter or NONE,
        Column.AIRMASS: NONE if airmass is None else fixed(airmass, 2),
        Column.MOON: moon_words(row),
        Column.LEVEL: fixed(one.level, max(three_digits([one.level]), 1)),
        Column.SCALE: scale,
        Column.ERROR: error if is_fitted else NONE,
        Column.RATIO: fixed(one.ratio, 4),
        Column.SIGMA: "",
        Column.USED: str(one.n_used) if one.n_counted else NONE,
        Column.REJECTED: str(one.n_rejected) if one.n_counted else NONE,
        Column.SHARE: fixed(100 * one.share, 1),
        Column.INTERCEPT: fixed(one.intercept, offset, sign=True),
        Column.STATE: f"{row.state}{more if row.progress == 'done' else ''}",
    }
    return tuple(texts[column] for column in Column)


def mark_of(row: VisitRow) -> str:
    """Return what the mark of a row says."""
    if row.progress != "done":
        return "pending"
    if row.numbers.why:
        return "failed"
    return "warning" if row.warns else "ok"


def tip_of(row: VisitRow) -> str:
    """Return all that is to be said of a visit, a line each."""
    lines = [row.numbers.why, *row.numbers.warnings]
    return "\n\n".join(filter(None, lines)) or row.state


def moon_words(row: VisitRow) -> str:
    """Return phase, altitude and distance, as far as they are known."""
    about = row.numbers.conditions
    parts = []
    if about.moon_phase is not None:
        parts.append(f"{fixed(100 * about.moon_phase, 0)} %")
    if about.moon_altitude is not None:
        is_up = about.moon_altitude > 0
        parts.append(f"{fixed(about.moon_altitude, 0)}\N{DEGREE SIGN} up" if is_up else "down")
    if about.moon_separation is not None:
        parts.append(f"{fixed(about.moon_separation, 0)}\N{DEGREE SIGN} away")
    return ", ".join(parts) or NONE


def subject_of(rows: Sequence[VisitRow]) -> str:
    """Return night, filters and number of the visits."""
    nights = sorted({row.numbers.night for row in rows} - {""})
    filters = list(dict.fromkeys(row.numbers.filter for row in rows if row.numbers.filter))
    parts = []
    if nights:
        parts.append(_day(nights[0]) if len(nights) == 1 else f"{len(nights)} nights")
    parts += [", ".join(filters)] if len(filters) <= 4 else [f"{len(filters)} filters"]
    return ", ".join(filter(None, (*parts, plural(len(rows), "visit"))))


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {day:%B %Y}"


def _if_counted(row: VisitRow, number: int) -> float:
    return float(number) if row.numbers.n_counted else NAN


def _known(value: float | None) -> float:
    return NAN if value is None else value


SORTED_BY: dict[Column, Callable[[VisitRow], Any]] = {
    Column.MARK: lambda row: list(MARKS).index(mark_of(row)),
    Column.VISIT: lambda row: natural_order(row.visit),
    Column.START: lambda row: row.numbers.start or NAN,
    Column.EXPOSURE: lambda row: row.numbers.exposure_time,
    Column.FILTER: lambda row: row.numbers.filter,
    Column.AIRMASS: lambda row: _known(row.numbers.conditions.airmass),
    Column.MOON: lambda row: _known(row.numbers.conditions.moon_separation),
    Column.LEVEL: lambda row: row.numbers.level,
    Column.SCALE: lambda row: row.numbers.scale,
    Column.ERROR: lambda row: row.numbers.error,
    Column.RATIO: lambda row: row.numbers.ratio,
    Column.SIGMA: lambda row: row.numbers.sigma,
    Column.USED: lambda row: _if_counted(row, row.numbers.n_used),
    Column.REJECTED: lambda row: _if_counted(row, row.numbers.n_rejected),
    Column.SHARE: lambda row: row.numbers.share,
    Column.INTERCEPT: lambda row: row.numbers.intercept,
    Column.STATE: lambda row: row.state,
}
"""What a click on a column's title sorts by; NaN comes last in both directions."""


def sorted_by(
    rows: Sequence[VisitRow], column: Column, is_descending: bool = False
) -> list[VisitRow]:
    """Return the rows in the order of a column; those that have no value there last."""
    value_of = SORTED_BY[column]
    pairs = [(value_of(row), row) for row in rows]
    known = [pair for pair in pairs if pair[0] == pair[0]]
    unknown = [row for value, row in pairs if value != value]
    known.sort(key=lambda pair: pair[0], reverse=is_descending)
    return [*(row for _, row in known), *unknown]

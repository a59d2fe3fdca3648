"""One number of each exposure of a stack against time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from typing_extensions import override

from skyframe_gui.numbers import Written, named, written
from skyframe_gui.ui.graph.time_axis import DAY, TimeAxis
from skyframe_gui.ui.samples.axis_range import Range, around, widened
from skyframe_gui.ui.samples.chips import Word, value
from skyframe_gui.ui.stack.marks_plot import OUTSIDE_WORD, ExposureMark, MarksPlot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skyframe_gui.ui.stack.marks_plot import Shape


class Dated(Protocol):
    """What has a place in time: an exposure, or a visit."""

    @property
    def key(self) -> str:
        """Names it in the program."""

    @property
    def name(self) -> str:
        """What the chip calls it."""

    @property
    def short(self) -> str:
        """What the axis calls it where times are not known."""

    @property
    def date(self) -> str:
        """Of its start, UTC; "" where it is not known."""


class LevelPlot(MarksPlot):
    """Marks at the times of the exposures, or side by side where the times are not known.

    Parameters
    ----------
    name : str
        What is plotted, such as "level".
    from_zero : bool
        Whether the axis begins at 0.
    """

    def __init__(self, name: str, from_zero: bool = False) -> None:
        self._form: Written | None = None
        self._rows: dict[str, Dated] = {}
        super().__init__(TimeAxis())
        self._name, self._from_zero = name, from_zero
        self._first = self._last = ""
        self._one_night = True
        self._key: object = None
        self.setAccessibleName(f"The exposures' {name} against time")

    def show_rows(
        self, rows: Sequence[Dated], values: list[float], unit: str, selected: str, key: object
    ) -> None:
        """Paint one number of each exposure.

        Parameters
        ----------
        rows : sequence of Dated
            In the order of time.
        values : list of float
        unit : str
        selected : str
            Key of the selected one.
        key : object
            Of what is shown; the view stays as a person has moved it while this is the same.
        """
        times = seconds([row.date for row in rows])
        dates = [row.date for row in rows] if times is not None else [""]
        self._first, self._last = min(dates), max(dates)
        self._one_night = times is None or float(np.ptp(times)) < DAY
        self.x_axis.short_names = tuple(row.short for row in rows)
        self.x_axis.names = () if self._first else tuple(row.name for row in rows)
        x = np.arange(len(rows), dtype=np.float64) if times is None else times
        y = np.array(values, np.float64)
        form = written(float(np.nanmax(np.abs(y), initial=0.0)), unit, 4)
        # The scale that the axis is written in, so that its ticks stay short.
        y = y / form.factor
        self.y_label = named(self._name, form.unit)
        self.x_label = self._time_label(x)
        self._form, self._rows = form, {row.key: row for row in rows}
        known = {mark.key: mark for mark in self.marks}
        made = []
        for row, at, height in zip(rows, x.tolist(), y.tolist(), strict=True):
            if not math.isfinite(height):
                continue
            shape, colour, more = self.look_of(row)
            # What else the chip says is put into words when somebody looks at it.
            words = (Word(row.name, "text", strong=True), *more)
            mark = known.get(row.key)
            if mark is None or (mark.x, mark.y, mark.shape, mark.colour, mark.words) != (
                at, height, shape, colour, words,
            ):  # fmt: skip
                mark = ExposureMark(
                    key=row.key, x=at, y=height, shape=shape, colour=colour, words=words
                )
            made.append(mark)
        self.show_marks(tuple(made), selected)
        y_range = around(y, 0.12)
        if self._from_zero:
            y_range = Range(0.0, 1.12 * float(np.nanmax(y, initial=0.0)) or 1.0)
        home = (widened(around(x, 0.0), 0.05), y_range)
        self.set_home(*home)
        # What changes when an exposure is left out are the marks, not the axes they stand on.
        if key != self._key or (not self.touched and home != (self.x_range, self.y_range)):
            self._key = key
            self.fit()

    @override
    def words_of(self, mark: ExposureMark) -> tuple[Word, ...]:
        row, form = self._rows.get(mark.key), self._form
        if row is None or form is None:
            return mark.words
        words = value(self._name, form.text(mark.y * form.factor), form.unit)
        if row.date:
            words.append(Word(self._moment(row.date)))
        return (mark.words[0], *words, *mark.words[1:])

    def _moment(self, date: str) -> str:
        """Return the time, after the day or year by which the exposures differ."""
        same_year = self._first[:4] == self._last[:4]
        begin = 11 if self._one_night else 5 if same_year else 0
        return date[begin:16].replace("T", " ")

    def look_of(self, row: Any) -> tuple[Shape, str, tuple[Word, ...]]:
        """Return shape and colour of the mark of one, and what its chip says besides."""
        if row.inside:
            return "circle", self.colours.accent, ()
        return "triangle", self.colours.excluded, (OUTSIDE_WORD,)

    def _time_label(self, x: np.ndarray) -> str:
        if not self._first:
            return "exposure, in the order of the stack"
        if float(np.ptp(x)) > 4 * DAY:
            first, last = self._first[:4], self._last[:4]
            return f"UTC, {first}" if first == last else f"UTC, {first} to {last}"
        return f"UTC, {self._first[:10]}"


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

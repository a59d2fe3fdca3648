"""The visits as a table that can be sorted by each column."""

from __future__ import annotations

import math
from datetime import date
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PyQt6.QtGui import QColor

from skyframe_gui.files.folders import natural_order
from skyframe_gui.numbers import (
    NONE,
    SIGMA,
    decimals_with_error,
    digits,
    fixed,
    named,
    percent_to,
    plural,
    short_unit,
    three_digits,
    unit_of,
    value_and_error,
)
from skyframe_gui.ui import theme
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QIcon

    from skyframe_gui.app.model.night_view import VisitRow
    from skyframe_gui.ui.theme import Palette

AnyIndex = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


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


WORDS = (Column.FILTER, Column.STATE)
"""They stand at the left."""
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
    Column.SHARE: "Which part of the samples the rounds dropped",
    Column.INTERCEPT: "The offset that the samples want beside the scale",
    Column.STATE: "Ok, or the gravest warning",
}
MARKS = {
    "warning": "alert",
    "failed": "alert-circle-outline",
    "pending": "progress-clock",
    "ok": "check",
}


class NightModel(QAbstractTableModel):
    """Rows as text; sorted by itself, as the order is not the state's.

    Attributes
    ----------
    rows : list of VisitRow
        In the order of the table.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[VisitRow] = []
        self.palette: Palette = DARK
        self._given: tuple[VisitRow, ...] = ()
        self._order: tuple[Column, Qt.SortOrder] | None = None
        self._icons: dict[tuple[str, str], QIcon] = {}
        self._unit = ""
        self._sigma = 2
        self._texts: dict[VisitRow, tuple[str, ...]] = {}

    def show_rows(self, rows: Sequence[VisitRow], palette: Palette) -> None:
        """Show other visits, or other numbers of the same; at first in the order given."""
        self.palette = palette
        self._given = tuple(rows)
        units = {row.numbers.unit for row in rows}
        self._unit = short_unit(unit_of(units.pop())) if len(units) == 1 else ""
        before, self._sigma = self._sigma, three_digits([row.numbers.sigma for row in rows])
        known = self._texts if before == self._sigma else {}
        # Of many rows few are others than before.
        self._texts = {row: known.get(row) or self._texts_of(row) for row in self._given}
        arranged = self._sorted()
        if [row.visit for row in arranged] == [row.visit for row in self.rows]:
            self.rows = arranged
            if arranged:
                last = self.index(len(arranged) - 1, len(Column) - 1)
                self.dataChanged.emit(self.index(0, 0), last)
        else:
            self.beginResetModel()
            self.rows = arranged
            self.endResetModel()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(Column) - 1)

    def place_of(self, visit: str) -> int:
        """Return the row of a visit; -1 without one."""
        return next((at for at, row in enumerate(self.rows) if row.visit == visit), -1)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the rows into another order; without a column that of filter and time."""
        self._order = (Column(column), order) if column >= 0 else None
        self.layoutAboutToBeChanged.emit()
        self.rows = self._sorted()
        self.layoutChanged.emit()

    def _sorted(self) -> list[VisitRow]:
        if self._order is None:
            return list(self._given)
        column, order = self._order
        down = order == Qt.SortOrder.DescendingOrder
        values = [(_sorted_by(row, column), row) for row in self._given]
        known = [pair for pair in values if not _is_nan(pair[0])]
        known.sort(key=lambda pair: pair[0], reverse=down)
        return [row for _, row in (*known, *(pair for pair in values if _is_nan(pair[0])))]

    def rowCount(self, parent: AnyIndex | None = None) -> int:
        """Return the number of visits."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex | None = None) -> int:
        """Return the number of columns."""
        return len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return names with units."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = Column(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.title(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return TIPS.get(column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if column in WORDS else RIGHT
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text, colour, icon or tip."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT if column in WORDS else RIGHT
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(row, column)
        if role == Qt.ItemDataRole.DecorationRole and column == Column.MARK:
            return self._icon(row)
        if role == Qt.ItemDataRole.AccessibleTextRole and column == Column.MARK:
            return mark_of(row)
        if role == Qt.ItemDataRole.ToolTipRole and column in (Column.MARK, Column.STATE):
            return tip_of(row)
        return None

    def title(self, column: Column) -> str:
        """Return what stands over a column."""
        unit = self._unit
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
            Column.SHARE: "share",
            Column.INTERCEPT: named("intercept", unit),
            Column.STATE: "state",
        }[column]

    def text(self, row: VisitRow, column: Column) -> str:
        """Return what a cell says."""
        texts = self._texts.get(row)
        return self._text_of(row, column) if texts is None else texts[column]

    def _texts_of(self, row: VisitRow) -> tuple[str, ...]:
        return tuple(self._text_of(row, column) for column in Column)

    def _text_of(self, row: VisitRow, column: Column) -> str:
        one = row.numbers
        fitted = math.isfinite(one.scale)
        if column == Column.VISIT:
            return one.visit
        if column == Column.START:
            return one.start[11:19] or NONE
        if column == Column.EXPOSURE:
            return digits(one.exposure_time, 4, "s")
        if column == Column.FILTER:
            return one.filter or NONE
        if column == Column.AIRMASS:
            return NONE if one.conditions.airmass is None else fixed(one.conditions.airmass, 2)
        if column == Column.MOON:
            return moon_words(row)
        if column == Column.LEVEL:
            return fixed(one.level, 1)
        if column == Column.SCALE:
            return value_and_error(one.scale, one.error)[0]
        if column == Column.ERROR:
            return value_and_error(one.scale, one.error)[1] if fitted else NONE
        if column == Column.RATIO:
            return fixed(one.ratio, 4)
        if column == Column.SIGMA:
            return fixed(one.sigma, self._sigma)
        if column == Column.USED:
            return str(one.n_used) if fitted else NONE
        if column == Column.REJECTED:
            return str(one.n_rejected) if fitted else NONE
        if column == Column.SHARE:
            return percent_to(one.share, 1)
        if column == Column.INTERCEPT:
            places = decimals_with_error(one.intercept, one.intercept_error)
            return fixed(one.intercept, places, sign=True)
        if column == Column.STATE:
            failed = f"; {plural(one.n_failed, 'exposure')} left out" if one.n_failed else ""
            return f"{row.state}{failed if row.progress == 'done' else ''}"
        return ""

    def _colour(self, row: VisitRow, column: Column) -> QColor:
        palette = self.palette
        if row.progress != "done":
            return QColor(palette.text3)
        if column == Column.STATE:
            return QColor(palette.warning if row.warns else palette.text2)
        return QColor(palette.text)

    def _icon(self, row: VisitRow) -> QIcon:
        mark = mark_of(row)
        colour = self.palette.warning if mark in ("warning", "failed") else self.palette.text3
        if (mark, colour) not in self._icons:
            self._icons[mark, colour] = theme.icon(MARKS[mark], colour)
        return self._icons[mark, colour]


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


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _sorted_by(row: VisitRow, column: Column) -> Any:
    one, about = row.numbers, row.numbers.conditions
    nan = float("nan")
    fitted = math.isfinite(one.scale)
    return {
        Column.MARK: list(MARKS).index(mark_of(row)),
        Column.VISIT: natural_order(one.visit),
        Column.START: one.start or nan,
        Column.EXPOSURE: one.exposure_time,
        Column.FILTER: one.filter,
        Column.AIRMASS: nan if about.airmass is None else about.airmass,
        Column.MOON: nan if about.moon_separation is None else about.moon_separation,
        Column.LEVEL: one.level,
        Column.SCALE: one.scale,
        Column.ERROR: one.error,
        Column.RATIO: one.ratio,
        Column.SIGMA: one.sigma,
        Column.USED: float(one.n_used) if fitted else nan,
        Column.REJECTED: float(one.n_rejected) if fitted else nan,
        Column.SHARE: one.share,
        Column.INTERCEPT: one.intercept,
        Column.STATE: row.state,
    }[column]

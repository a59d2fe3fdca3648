"""What a fit comes to: scale and error, counts and sigma, and the slider that tries another."""

from __future__ import annotations

import html
import math
import re
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from skyframe_gui.app.model.config_hints import exposure_unit, level_ratio, scale_unit
from skyframe_gui.app.model.rejection_steps import steps_of
from skyframe_gui.app.report.words import counts
from skyframe_gui.numbers import (
    NONE,
    SIGMA,
    TIMES,
    digits,
    fixed,
    three_digits,
    value_and_error,
    with_error,
)
from skyframe_gui.ui import theme
from skyframe_gui.ui.fit.trial_scale import TrialScale
from skyframe_gui.ui.theme import font
from skyframe_gui.ui.widgets import STRETCH, in_column, in_row, set_sheet, text_label

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent

    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.engine.diagnostics import Finding
    from skyframe_gui.ui.theme import Palette

SHAPES = {"used": "circle", "rejected": "square", "by hand": "triangle", "no data": "cross"}
RESERVED = {"used": "20000", "rejected": "9999", "by hand": "9999", "no data": "9999"}
"""What there is always room for, so that nothing moves when a number grows."""
MARK_WIDTH, GAP = 12, 5


class Mark(QWidget):
    """The mark of a class of samples."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.setFixedSize(MARK_WIDTH, 16)
        self._shape = SHAPES[kind]
        self.colour = ""

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(self.colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if self._shape == "circle":
            painter.drawEllipse(QRectF(1.5, 3.5, 9, 9))
        elif self._shape == "square":
            painter.drawRect(QRectF(1.5, 3.5, 9, 9))
        elif self._shape == "triangle":
            painter.drawPolygon(
                QPolygonF([QPointF(0.5, 3.5), QPointF(11.5, 3.5), QPointF(6, 12.5)])
            )
        else:
            painter.setPen(QPen(colour, 1.6))
            painter.drawLine(QPointF(2, 4), QPointF(10, 12))
            painter.drawLine(QPointF(10, 4), QPointF(2, 12))
        painter.end()


class Count(QWidget):
    """A mark, a number, and what it counts.

    Number and word are one label as wide as its place: a label of the number alone has to wait for
    the layout before it is wide enough for one more digit, and until then the last ones are cut.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.mark = Mark(kind)
        self.label = text_label(pixels=12, shrinks=True)
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.kind, self.count = kind, 0
        in_row(self.mark, (self.label, 1), on=self, spacing=GAP)
        self.setMinimumWidth(self._width(RESERVED[kind]))

    def show_count(self, count: int, mark: str, text: str, quiet: str) -> None:
        """Show a count; mark, number and word in a colour each."""
        self.count = count
        self.mark.colour = mark
        self.mark.update()
        self.label.setText(
            f'<span style="font-weight:600; color:{text}">{count}</span> '
            f'<span style="color:{quiet}">{self.kind}</span>'
        )
        self.setAccessibleName(f"{count} {self.kind}")
        if (needed := self._width(str(count))) > self.minimumWidth():
            self.setMinimumWidth(needed)

    def _width(self, number: str) -> int:
        bold, usual = QFontMetrics(font(12, 600)), QFontMetrics(font(12))
        text = bold.horizontalAdvance(number) + usual.horizontalAdvance(f" {self.kind}")
        return MARK_WIDTH + GAP + text + 2


def colours_of(palette: Palette) -> dict[str, str]:
    """Return the colour of the mark of each class."""
    colours = (palette.accent, palette.rounds[1], palette.excluded, palette.no_data)
    return dict(zip(SHAPES, colours, strict=True))


LEFT, RIGHT = 10, 6
HEAD, LINE = (34, 28), (20, 18)
"""Heights of the scale and of a line of text, roomy and compact."""
COLUMN_GAP = 8


class Result(QWidget):
    """Scale, counts and sigma of a fit, and the slider that tries another scale."""

    def __init__(self) -> None:
        super().__init__()
        self.scale, self.error, self.clock = QLabel(), QLabel(), QLabel()
        self.scale.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.clock.setToolTip("Not of the newest settings yet")
        self.clock.setAccessibleName("Stale")
        head = in_row(self.scale, self.error, self.clock, STRETCH, spacing=8)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(COLUMN_GAP)
        self._grid.setVerticalSpacing(0)
        self.counts = {kind: Count(kind) for kind in SHAPES}
        self.band, self.notes = QLabel(), QLabel()
        self.band.setTextFormat(Qt.TextFormat.RichText)
        self.notes.setWordWrap(True)
        self.trial = TrialScale()
        in_column(
            head,
            self._grid,
            self.band,
            self.notes,
            self.trial,
            STRETCH,
            on=self,
            margins=(LEFT, 0, RIGHT, 0),
        )
        self._in_a_row: bool | None = None
        self.set_form(compact=False, in_a_row=False)

    def set_form(self, compact: bool, in_a_row: bool) -> None:
        """Set the heights, and whether the counts stand in one row or in two."""
        self.scale.setFixedHeight(HEAD[compact])
        for widget in (*self.counts.values(), self.band):
            widget.setFixedHeight(LINE[compact])
        # Where it is low the sigma gives way to what stands nowhere else; the table has it, too.
        self.band.setVisible(not (compact and self.notes.text()))
        self.trial.set_compact(compact)
        if in_a_row != self._in_a_row:
            self._in_a_row = in_a_row
            for index, count in enumerate(self.counts.values()):
                row, place = (0, index) if in_a_row else divmod(index, 2)
                self._grid.addWidget(count, row, place)
            for place in range(4):
                self._grid.setColumnStretch(place, 1 if in_a_row or place < 2 else 0)

    @property
    def row_width(self) -> int:
        """Pixels that the counts need in one row."""
        widths = [count.minimumWidth() for count in self.counts.values()]
        return sum(widths) + COLUMN_GAP * (len(widths) - 1) + LEFT + RIGHT

    @property
    def block_width(self) -> int:
        """Pixels that the block needs with the counts in two rows."""
        used, rejected, by_hand, no_data = (one.minimumWidth() for one in self.counts.values())
        counts = max(used, by_hand) + COLUMN_GAP + max(rejected, no_data)
        head = sum(
            label.sizeHint().width() + 8
            for label in (self.scale, self.error, self.clock)
            if not label.isHidden()
        )
        texts = max(self.band.sizeHint().width(), head)
        return max(counts, texts) + LEFT + RIGHT

    def show_fit(self, state: State, fit: VisitFit, stale: str) -> None:
        """Show a fit; ``stale`` is the colour of numbers that are not of the newest settings."""
        palette = theme.palette_of(state)
        value, error = value_and_error(fit.solution.scale, fit.solution.error)
        unit = scale_unit(state, fit)
        text, quiet = stale or palette.text, stale or palette.text2
        self.scale.setText(value)
        self.scale.setAccessibleName(f"Scale {value}")
        set_sheet(self.scale, f"font-size: 24px; font-weight: 600; color: {text};")
        self.error.setText(" ".join(part for part in (error and f"± {error}", unit) if part))
        set_sheet(self.error, f"font-size: 13px; color: {quiet}; padding-top: 6px;")
        self.clock.setVisible(bool(stale))
        self.clock.setPixmap(theme.icon("progress-clock", palette.text3).pixmap(14, 14))
        marks = colours_of(palette)
        for kind, count in counts(fit.solution).items():
            self.counts[kind].show_count(count, marks[kind], text, quiet)
        sigma, unit = steps_of(fit)[-1].sigma, exposure_unit(state, fit)
        self.band.setText(band_words(sigma, unit, state.config.skyRej, text))
        set_sheet(self.band, f"font-size: 12px; color: {quiet};")
        self._show_notes(state, fit, quiet)
        self.show_trial(state, fit)

    def show_trial(self, state: State, fit: VisitFit) -> None:
        """Show the scale that is tried."""
        palette = theme.palette_of(state)
        self.trial.show_trial(fit.solution.scale, fit.solution.error, state.view.trial, palette)

    def _show_notes(self, state: State, fit: VisitFit, quiet: str) -> None:
        notes = []
        if fit.alone is not fit.solution:
            alone = with_error(fit.alone.scale, fit.alone.error, scale_unit(state, fit))
            notes.append(f"by hand · config alone: {alone}")
        if not fit.complete:
            so_far = "" if fit.ended else " so far"
            notes.append(f"{len(fit.keys)} of {fit.n_members} detectors{so_far}")
        ratio = level_ratio(state, fit)
        if math.isfinite(ratio):
            notes.append(f"sky level {TIMES} {fixed(ratio, 4)}")
        self.notes.setText("\n".join(notes))
        set_sheet(self.notes, f"font-size: 12px; color: {quiet};")
        self.notes.setVisible(bool(notes))


def band_words(sigma: float, unit: str, rejection: float, colour: str) -> str:
    """Return the last sigma, in a colour, and the band's width, in rich text."""
    size = f"{fixed(sigma, three_digits([sigma]))} {unit}" if math.isfinite(sigma) else NONE
    value = f'<span style="color:{colour}">{html.escape(size.strip())}</span>'
    return f"{SIGMA} {value}, band ± {digits(rejection, 6)} {SIGMA}"


def short_of(finding: Finding) -> str:
    """Return a finding's number for a line; the first sentence of its text where it has none."""
    return finding.short or re.split(r"(?<=\.)\s", finding.text, maxsplit=1)[0]


def subject_of(fit: VisitFit | None) -> str:
    """Return what the fit is of."""
    if fit is None:
        return ""
    n = len(fit.keys)
    if not fit.complete:
        return f"{n} of {fit.n_members} detectors"
    return f"one scale for {n} detector{'s' * (n != 1)}"

"""Counts of the fit's samples, each with the mark of its class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QWidget

from skyframe_gui.ui.theme import font
from skyframe_gui.ui.widgets import in_row, text_label

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent

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

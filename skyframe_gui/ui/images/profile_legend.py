"""The row under the profile: which curve is what, its value at the cursor, band and step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter
from PyQt6.QtWidgets import QAbstractSpinBox, QSizePolicy, QSpinBox, QWidget
from typing_extensions import override

from skyframe_gui.app.model.cuts import WIDEST
from skyframe_gui.numbers import NONE
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.theme import DARK, font
from skyframe_gui.ui.widgets import in_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QPaintEvent, QPen

    from skyframe_gui.ui.theme import Palette

HEIGHT, LINE, GAP, LEFT = 22, 14.0, 10.0, 12.0
FIELD = """QSpinBox { font-size: 11px; padding: 0 2px; min-height: 16px; max-height: 16px; }"""


class Names(QWidget):
    """Samples of the curves with their names, and values where the cursor is."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self._entries: tuple[tuple[QPen, str, str], ...] = ()
        self._palette = DARK

    def show_entries(self, entries: Sequence[tuple[QPen, str, str]], palette: Palette) -> None:
        """Show other curves: pen, name, and value or ""."""
        new = tuple(entries)
        if (new, palette) != (self._entries, self._palette):
            self._entries, self._palette = new, palette
            words = ", ".join(f"{name} {value}".strip() for _, name, value in entries)
            self.setAccessibleName(words)
            self.setToolTip(plain_tip(words))
            self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(100, HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        metrics = QFontMetricsF(font(11))
        painter.setFont(font(11))
        middle = self.height() / 2
        baseline = middle + (metrics.ascent() - metrics.descent()) / 2
        texts = [f"{name} {value}".strip() for _, name, value in self._entries]
        each = len(texts) * (LINE + 4 + GAP) + LEFT
        if each + sum(map(metrics.horizontalAdvance, texts)) > self.width():
            # The lines say which; where nothing is known at the cursor the names say more.
            known = any(value not in ("", NONE) for _, _, value in self._entries)
            texts = [value if known and value else name for _, name, value in self._entries]
        x = LEFT
        for (pen, _, value), text in zip(self._entries, texts, strict=True):
            width = LINE + 4 + metrics.horizontalAdvance(text)
            if x + width > self.width():
                break
            painter.setPen(pen)
            painter.drawLine(QPointF(x, middle), QPointF(x + LINE, middle))
            painter.setPen(QColor(self._palette.text if value else self._palette.text2))
            painter.drawText(QPointF(x + LINE + 4, baseline), text)
            x += width + GAP
        painter.end()


class ProfileLegend(QWidget):
    """Names at the left; width of the band and length of a step, to be typed, at the right.

    Attributes
    ----------
    width_chosen : signal (int)
    step_chosen : signal (int or None)
    """

    width_chosen = pyqtSignal(int)
    step_chosen = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self.names = Names()
        self.band = _field("band ", 1, "Width of the band in pixels")
        self.step = _field("step ", 0, "Pixels along the cut that are averaged; 0: by its length")
        in_row((self.names, 1), self.band, self.step, on=self, margins=(0, 0, 8, 2), spacing=4)
        self.band.valueChanged.connect(self.width_chosen)
        self.step.valueChanged.connect(lambda value: self.step_chosen.emit(value or None))

    def show_fields(self, width: float, step: float, is_chosen: bool) -> None:
        """Write width and step; a step that is not a person's says so."""
        for field, value in ((self.band, round(width)), (self.step, round(step) * is_chosen)):
            if field.value() != value:
                field.blockSignals(True)
                field.setValue(value)
                field.blockSignals(False)
        words = f"step {step:.0f} px"
        if self.step.specialValueText() != words:
            self.step.setSpecialValueText(words)


def _field(prefix: str, least: int, tip: str) -> QSpinBox:
    field = QSpinBox()
    field.setRange(least, int(WIDEST))
    field.setPrefix(prefix)
    field.setSuffix(" px")
    field.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    field.setKeyboardTracking(False)
    field.setToolTip(tip)
    field.setAccessibleName(tip)
    field.setStyleSheet(FIELD)
    field.setFixedWidth(70)
    return field

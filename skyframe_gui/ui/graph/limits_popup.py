"""A small field beside a level bar in which its limits are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame

from skyframe_gui.numbers import limit
from skyframe_gui.ui.toolbar_fields import LimitField, typed_pair
from skyframe_gui.ui.widgets import in_column, in_row, text_label

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.ui.graph.levels import Levels


class LimitsPopup(QFrame):
    """Low and high limit of a bar; Return applies them, Esc closes.

    Parameters
    ----------
    bar : QWidget
        Beside which it opens.
    levels : Levels
        What the bar shows now.

    Attributes
    ----------
    typed : signal (low, high)
    """

    typed = pyqtSignal(float, float)

    def __init__(self, bar: QWidget, levels: Levels) -> None:
        super().__init__(bar, Qt.WindowType.Popup)
        self.setObjectName("dockBody")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.Box)
        self._exact = levels.limits
        self.low, self.high = LimitField("Low limit"), LimitField("High limit")
        low, high = levels.limits
        for field, value in ((self.low, low), (self.high, high)):
            field.show_text(limit(value, high - low))
            field.returnPressed.connect(self._apply)
            field.cancelled.connect(self.close)
            field.textEdited.connect(lambda _, field=field: field.mark(""))
        unit = text_label(levels.unit, "text2", plain=True)
        in_column(
            text_label("Limits of the colours", "section"),
            in_row(self.low, text_label("to", "text2"), self.high, unit, spacing=6),
            on=self,
            margins=(12, 10, 12, 10),
            spacing=6,
        )
        self.adjustSize()
        self.move(bar.mapToGlobal(QPoint(0, 24)))
        self.show()
        self.low.setFocus()
        self.low.selectAll()

    def _apply(self) -> None:
        pair = typed_pair(self.low, self.high, self._exact)
        if pair is not None:
            self.typed.emit(*pair)
            self.close()

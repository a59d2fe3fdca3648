"""A row of the form: its mark when changed, name, editors, reset, and the hint below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from skyframe_gui.ui.theme import icon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QPaintEvent, QResizeEvent

    from skyframe_gui.ui.theme import Palette

HEIGHT, HINT_HEIGHT = 29, 18
LABEL_AT, EDITORS_AT = 15, 197
BAR = (6, 5, 3, 19)
"""The mark of a changed row: x, y, width and height."""


class Hint(QLabel):
    """A line under the editors; further to the left where it is long, over lines if need be."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "hint")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._sheet = ""
        self.wrong = False
        self.hide()

    def say(self, text: str, wrong: bool) -> None:
        """Show a text, in the colour of errors where something is wrong."""
        self.wrong = wrong
        self.setStyleSheet(self._sheet if wrong else "")
        self.setText(text)
        self._fit()
        self.setVisible(bool(text))

    def dress(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._sheet = f"QLabel {{ color: {palette.error}; font-size: 11px; }}"
        self.setStyleSheet(self._sheet if self.wrong else "")

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Find the place anew."""
        super().resizeEvent(a0)
        if a0 is not None and a0.size().width() != a0.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        wide = self.fontMetrics().horizontalAdvance(self.text()) + 2
        room = self.width() - 8
        long = wide > room - LABEL_AT
        left = LABEL_AT if long else max(min(EDITORS_AT, room - wide), LABEL_AT)
        if self.wordWrap() != long or self.contentsMargins().left() != left:
            self.setWordWrap(long)
            self.setContentsMargins(left, 0, 8, 3 if long else 0)
        height = HINT_HEIGHT
        if long:
            # Not heightForWidth, which is never less than the height that is set here.
            flags = Qt.TextFlag.TextWordWrap
            bounds = self.fontMetrics().boundingRect(0, 0, room - left, 0, flags, self.text())
            height = max(bounds.height() + 5, HINT_HEIGHT)
        if self.minimumHeight() != height:
            self.setFixedHeight(height)


class Row(QWidget):
    """One row, with one editor or two.

    Parameters
    ----------
    label : str
    editors : sequence of QWidget
    tip : str
        Of the label.
    """

    def __init__(self, label: str, editors: Sequence[QWidget], tip: str) -> None:
        super().__init__()
        self._bar = QColor()
        self._changed = False
        self._told = ""
        self._wrong: dict[str, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        line = QHBoxLayout()
        line.setContentsMargins(LABEL_AT, 0, 2, 0)
        line.setSpacing(7)
        self.label = QLabel(label)
        self.label.setProperty("role", "field")
        self.label.setToolTip(tip)
        self.label.setFixedSize(EDITORS_AT - LABEL_AT - 7, HEIGHT)
        self.label.setBuddy(editors[0])
        line.addWidget(self.label)
        for editor in editors:
            line.addWidget(editor, 1)
        self.reset = QToolButton()
        self.reset.setProperty("flat", True)
        self.reset.setIconSize(QSize(14, 14))
        self.reset.setFixedSize(22, 22)
        self.reset.setAccessibleName(f"Reset {label}")
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.hide()
        line.addSpacing(-5)
        line.addWidget(self.reset)
        column.addLayout(line)
        self.hint = Hint()
        column.addWidget(self.hint)

    @property
    def changed(self) -> bool:
        """Whether the row is marked as changed."""
        return self._changed

    def set_changed(self, changed: bool, back_to: str = "") -> None:
        """Mark the row, and say what reset goes back to."""
        self._changed = changed
        self.reset.setVisible(changed)
        self.reset.setToolTip(f"Reset to {back_to}")
        self.update()

    def tell(self, text: str) -> None:
        """Show a hint; what is wrong with an editor goes before."""
        self._told = text
        self._say()

    def refuse(self, path: str, why: str) -> None:
        """Show what is wrong with an editor; "" takes it back."""
        self._wrong[path] = why
        self._say()

    def dress(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._bar = QColor(palette.accent)
        self.reset.setIcon(icon("restore", palette.text2))
        self.hint.dress(palette)

    def paintEvent(self, a0: QPaintEvent | None) -> None:
        """Draw the mark of a changed row."""
        super().paintEvent(a0)
        if self._changed:
            painter = QPainter(self)
            painter.fillRect(*BAR, self._bar)
            painter.end()

    def _say(self) -> None:
        wrong = next((why for why in self._wrong.values() if why), "")
        self.hint.say(wrong or self._told, bool(wrong))

"""A table of words: one row a quantity, a column for A, for B and for their difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from skyframe_gui.ui.widgets import text_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.ui.compare.comparison_words import Line
    from skyframe_gui.ui.theme import Palette

ROW = 22
SHARES = (36, 22, 22, 20)
"""Of the width, for the four columns."""
STYLE = """QLabel {{ font-size: 12px; padding: 0 4px; border-bottom: 1px solid {line}; }}
QLabel[part="head"] {{ font-size: 11px; font-weight: 600; color: {text}; }}
QLabel[part="name"] {{ color: {text2}; }}
QLabel[part="value"] {{ color: {value}; }}"""


class LinesTable(QWidget):
    """Lines as labels in a grid, so that they are read aloud and can be of any height."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(4, 0, 6, 0)
        self._grid.setSpacing(0)
        for column, share in enumerate(SHARES):
            self._grid.setColumnStretch(column, share)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._shown: object = None
        self._look = ""
        self.cells: list[tuple[QLabel, ...]] = []

    def show_lines(self, heads: tuple[str, ...], lines: Sequence[Line]) -> None:
        """Show other lines."""
        shown = (heads, tuple(lines))
        if shown == self._shown:
            return
        self._shown = shown
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._add_row(0, heads, "head", "")
        self.cells = [
            self._add_row(row, line.cells, "value", line.tip) for row, line in enumerate(lines, 1)
        ]

    def apply_theme(self, palette: Palette, stale: bool) -> None:
        """Take a theme's colours; old numbers are quiet."""
        value = palette.text3 if stale else palette.text
        look = STYLE.format(line=palette.line, text=palette.text, text2=palette.text2, value=value)
        if look != self._look:
            self._look = look
            self.setStyleSheet(look)

    def _add_row(self, row: int, texts: tuple[str, ...], part: str, tip: str) -> tuple[QLabel, ...]:
        labels = []
        for column, text in enumerate(texts):
            label = text_label(text, plain=True, wraps=True)
            label.setProperty("part", "name" if part == "value" and not column else part)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            label.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            label.setMinimumHeight(ROW)
            # Else a long word would make its column wider and push the last one out of sight.
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            label.setToolTip(tip)
            self._grid.addWidget(label, row, column)
            labels.append(label)
        return tuple(labels)

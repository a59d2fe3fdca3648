"""Several maps of the same bins, as large as can be, which are hovered, chosen and moved as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from skyframe_gui.ui.graph.grid_map import GridMap
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QPaintEvent, QResizeEvent

    from skyframe_gui.ui.graph.cells import Place
    from skyframe_gui.ui.graph.map_content import MapContent
    from skyframe_gui.ui.theme import Palette

EDGE, LINE = 5, 2


class MapSet(QWidget):
    """Maps side by side, over each other, or both, whichever makes them largest.

    Parameters
    ----------
    names : sequence of str
        One for each map.

    Attributes
    ----------
    maps : tuple of GridMap
    chosen : signal ((column, row) or None)
    hovered : signal ((column, row) or None)
    reset : signal (int)
        The limits of a map are to be measured again.
    limited : signal (int, low, high)
        Limits of a map were set by hand.
    """

    chosen = pyqtSignal(object)
    hovered = pyqtSignal(object)
    reset = pyqtSignal(int)
    limited = pyqtSignal(int, float, float)

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 120)
        self._palette: Palette = DARK
        self._columns = 1
        self.maps = tuple(GridMap(name) for name in names)
        first = self.maps[0]
        for index, one in enumerate(self.maps):
            one.setParent(self)
            if one is not first:
                one.view.setXLink(first.view)
                one.view.setYLink(first.view)
            one.chosen.connect(lambda place, _: self.chosen.emit(place))
            one.hovered.connect(self._on_hovered)
            one.bar.reset.connect(lambda index=index: self.reset.emit(index))
            one.bar.dragged.connect(
                lambda low, high, index=index: self.limited.emit(index, low, high)
            )
        self.setFocusProxy(first)

    def show_maps(
        self, contents: Sequence[MapContent], selected: Place | None, palette: Palette
    ) -> None:
        """Paint maps, with a bin selected."""
        chosen: frozenset[Place] = frozenset() if selected is None else frozenset((selected,))
        whole = self.maps[0].is_whole or self.maps[0].extent != contents[0].extent
        if palette is not self._palette:
            self._palette = palette
            self.update()
        for one, content in zip(self.maps, contents, strict=True):
            one.show_map(content, palette, chosen)
        self._lay_out(whole)

    def _on_hovered(self, place: Place | None) -> None:
        for one in self.maps:
            one.show_under(place)
        self.hovered.emit(place)

    @override
    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Arrange anew."""
        super().resizeEvent(event)
        self._lay_out(self.maps[0].is_whole)

    @override
    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw lines between the maps."""
        painter = QPainter(self)
        palette = self._palette
        painter.fillRect(self.rect(), QColor(palette.canvas))
        line = QColor(palette.gap if palette.name == "light" else palette.dock)
        rows = -(-len(self.maps) // self._columns)
        for column in range(1, self._columns):
            x = column * self.width() // self._columns
            painter.fillRect(x - LINE, 0, LINE, self.height(), line)
        for row in range(1, rows):
            y = row * self.height() // rows
            painter.fillRect(0, y - LINE, self.width(), LINE, line)
        painter.end()

    def _lay_out(self, whole: bool) -> None:
        self._place_maps()
        if whole:
            # All of them: while sizes differed, a link has moved those that had theirs already.
            for one in self.maps:
                one.fit()

    def _place_maps(self) -> None:
        count = len(self.maps)
        choices = [columns for columns in range(count, 0, -1) if count % columns == 0]
        columns = max(choices, key=lambda columns: self._size(columns)[0])
        if columns != self._columns:
            self._columns = columns
            self.update()
        rows = count // columns
        width, height = self._room(columns)
        for index, one in enumerate(self.maps):
            left = index % columns * self.width() // columns
            top = index // columns * self.height() // rows
            one.setGeometry(left + EDGE, top + EDGE, width, height)

    def _room(self, columns: int) -> tuple[int, int]:
        rows = len(self.maps) // columns
        return (
            max(self.width() // columns - EDGE - LINE, 1),
            max(self.height() // rows - 2 * EDGE, 1),
        )

    def _size(self, columns: int) -> tuple[float, float]:
        return self.maps[0].size_in(*self._room(columns))

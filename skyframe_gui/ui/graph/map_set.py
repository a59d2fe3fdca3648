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

    from skyframe_gui.ui.graph.cells import Frame, Place
    from skyframe_gui.ui.graph.grid_map import MapContent
    from skyframe_gui.ui.theme import Palette

EDGE, LINE = 5, 2


class LinkedMaps(QWidget):
    """Maps of one detector, which are moved as one; subclasses say where they stand.

    Parameters
    ----------
    names : sequence of str
        One for each map.
    """

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._palette: Palette = DARK
        self.maps = tuple(GridMap(name) for name in names)
        first = self.maps[0]
        for one in self.maps:
            one.setParent(self)
            if one is not first:
                one.view.setXLink(first.view)
                one.view.setYLink(first.view)
        self.setFocusProxy(first)

    def place_maps(self) -> None:
        """Give every map its geometry."""
        raise NotImplementedError

    def show_contents(
        self,
        contents: Sequence[MapContent],
        palette: Palette,
        selected: Sequence[frozenset[Place]],
        frames: Sequence[tuple[Frame, ...]],
    ) -> None:
        """Paint maps with their selected bins and the boxes over them."""
        whole = self.maps[0].is_whole or self.maps[0].extent != contents[0].extent
        if palette is not self._palette:
            self._palette = palette
            self.update()
        for one, content, chosen, boxes in zip(self.maps, contents, selected, frames, strict=True):
            one.show_map(content, palette, chosen, boxes)
        self._lay_out(whole)

    def show_under(self, place: Place | None) -> None:
        """Light up a bin in all maps."""
        for one in self.maps:
            one.show_under(place)

    @override
    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Arrange anew."""
        super().resizeEvent(event)
        self._lay_out(self.maps[0].is_whole)

    def _lay_out(self, whole: bool) -> None:
        self.place_maps()
        if whole:
            # All of them: while sizes differed, a link has moved those that had theirs already.
            for one in self.maps:
                one.fit()


class MapSet(LinkedMaps):
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
        super().__init__(names)
        self.setMinimumSize(240, 120)
        self._columns = 1
        for index, one in enumerate(self.maps):
            one.chosen.connect(lambda place, _: self.chosen.emit(place))
            one.hovered.connect(self._on_hovered)
            one.bar.reset.connect(lambda index=index: self.reset.emit(index))
            one.bar.dragged.connect(
                lambda low, high, index=index: self.limited.emit(index, low, high)
            )

    def show_maps(
        self, contents: Sequence[MapContent], selected: Place | None, palette: Palette
    ) -> None:
        """Paint maps, with a bin selected."""
        chosen: frozenset[Place] = frozenset() if selected is None else frozenset((selected,))
        count = len(self.maps)
        self.show_contents(contents, palette, [chosen] * count, [()] * count)

    def _on_hovered(self, place: Place | None) -> None:
        self.show_under(place)
        self.hovered.emit(place)

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

    @override
    def place_maps(self) -> None:
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

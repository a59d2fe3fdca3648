"""A, B and their difference as maps side by side: one level bar for A and B, one for A minus B."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QColor, QPainter
from typing_extensions import override

from skyframe_gui.ui.graph.level_bar import WIDTH as BAR_ROOM
from skyframe_gui.ui.graph.map_set import LinkedMaps

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent

NAMES = ("A", "B", "A \N{MINUS SIGN} B")
GAP = 4


class MapTriple(LinkedMaps):
    """Three maps of one detector, moved and hovered as one.

    Attributes
    ----------
    maps : tuple of GridMap
        A, B, A minus B.
    chosen : signal ((column, row) or None, whether it is added)
    hovered : signal ((column, row) or None)
    limited : signal (whether of the difference, low, high)
    reset : signal (whether of the difference)
    """

    chosen = pyqtSignal(object, bool)
    hovered = pyqtSignal(object)
    limited = pyqtSignal(bool, float, float)
    reset = pyqtSignal(bool)

    def __init__(self, what: str) -> None:
        super().__init__([f"{what} of {name}" for name in NAMES])
        self.setMinimumSize(200, 60)
        first, second, third = self.maps
        first.with_bar = False
        for one in self.maps:
            one.chosen.connect(self.chosen)
            one.hovered.connect(self.hovered)
        for one, apart in ((second, False), (third, True)):
            one.bar.dragged.connect(
                lambda low, high, apart=apart: self.limited.emit(apart, low, high)
            )
            one.bar.reset.connect(lambda apart=apart: self.reset.emit(apart))

    def columns(self) -> tuple[tuple[int, int], ...]:
        """Return left end and width of A, of B with its bar, and of the difference with its."""
        room = self.width() - 2 * BAR_ROOM - 2 * GAP
        image = max(room // 3, 1)
        # As high as there is room, and then no wider than that.
        image = min(image, max(int(self.maps[0].size_in(1e6, self.height())[0]), 1))
        second, third = image + GAP, 2 * image + 2 * GAP + BAR_ROOM
        return (0, image), (second, image + BAR_ROOM), (third, image + BAR_ROOM)

    @override
    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Fill what the maps leave free."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.canvas))
        painter.end()

    @override
    def place_maps(self) -> None:
        for one, (left, width) in zip(self.maps, self.columns(), strict=True):
            one.setGeometry(left, 0, width, self.height())

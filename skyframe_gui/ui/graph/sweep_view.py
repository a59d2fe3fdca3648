"""What curves and map of a sweep share: a point is pointed at, by mouse or keys, and taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QWidget
from typing_extensions import override

from skyframe_gui.ui.graph.plot import Plot
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from PyQt6.QtCore import QPointF
    from PyQt6.QtGui import QKeyEvent

    from skyframe_gui.ui.compare.sweep_data import SweepData
    from skyframe_gui.ui.graph.axis import Axis
    from skyframe_gui.ui.theme import Palette

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class SweepView(QWidget):
    """A picture of a sweep in which points are pointed at by mouse or arrow keys, and taken.

    Parameters
    ----------
    name : str
        What it is, for those who cannot see it.

    Attributes
    ----------
    taken : signal (int)
        The number of the point whose config is wanted.
    swept : SweepData or None
    pointed : int or None
        The point whose numbers are told.
    """

    taken = pyqtSignal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setMinimumSize(160, 90)
        self.setAccessibleName(f"{name}; arrow keys choose a point, Enter takes its config")
        self.palette_: Palette = DARK
        self.swept: SweepData | None = None
        self.pointed: int | None = None

    # What subclasses say ---------------------------------------------------------------------

    def show_points(self) -> None:
        """Paint the sweep."""
        raise NotImplementedError

    def show_pointed(self) -> None:
        """Paint which point is pointed at."""
        raise NotImplementedError

    def neighbour(self, index: int, across: int, up: int) -> int:
        """Return the point next to a point; itself where there is none."""
        raise NotImplementedError

    # Showing ---------------------------------------------------------------------------------

    def show_sweep(self, swept: SweepData, palette: Palette) -> None:
        """Paint a sweep, perhaps one that has grown."""
        if self.swept is None or self.swept.sweep.fields != swept.sweep.fields:
            self.pointed = None
        self.swept, self.palette_ = swept, palette
        if self.pointed is not None and self.pointed >= len(swept.sweep.points):
            self.pointed = None
        self.show_points()

    def point(self, index: int | None) -> None:
        """Tell the numbers of a point."""
        if index != self.pointed:
            self.pointed = index
            self.setAccessibleDescription(self.pointed_text())
            self.show_pointed()

    def take_config(self, index: int | None) -> None:
        """Ask for the config of a point, if it is one."""
        if index is not None:
            self.taken.emit(index)

    def pointed_text(self) -> str:
        """Return what is said of the pointed point."""
        if self.swept is None or self.pointed is None:
            return ""
        words = " ".join(word.text for word in self.swept.words(self.pointed)[0])
        return f"{words} {self.swept.sweep.points[self.pointed].why}".strip()

    @override
    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Go to the next point, take it, or leave it."""
        if event is None or self.swept is None or not self.swept.sweep.points:
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        if key in ARROWS:
            start = self.pointed is None
            self.point(self.first() if start else self.neighbour(self.pointed or 0, *ARROWS[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.pointed is not None:
            self.take_config(self.pointed)
        elif key == Qt.Key.Key_Escape and self.pointed is not None:
            self.point(None)
        else:
            super().keyPressEvent(event)

    def first(self) -> int:
        """Return where the arrow keys begin: at the config as it is now, if it is a point."""
        assert self.swept is not None, "asked for where there is a sweep only"
        return self.swept.in_use or 0


class SweepPlot(Plot):
    """A plot whose points are those of the sweep that its owner shows."""

    def __init__(
        self, owner: SweepView, x_axis: Axis | None = None, y_axis: Axis | None = None
    ) -> None:
        self.owner = owner
        super().__init__(x_axis, y_axis)

    def index_at(self, at: QPointF) -> int | None:
        """Return the point at a place of the widget."""
        raise NotImplementedError

    @override
    def pointed(self, at: QPointF | None) -> None:
        index = None if at is None else self.index_at(at)
        self.owner.point(index)
        if index is None:
            self.unsetCursor()
        else:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    @override
    def clicked(self, at: QPointF, add: bool) -> None:
        self.owner.take_config(self.index_at(at))

    @override
    def values_text(self) -> str:
        return "" if self.owner.swept is None else self.owner.swept.as_text()

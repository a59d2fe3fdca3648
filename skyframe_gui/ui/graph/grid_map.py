"""A map of bins: one painter for stack, comparison and whatever else has a value for each bin."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from skyframe_gui.ui.graph import cells
from skyframe_gui.ui.graph.graph_menu import GraphMenu
from skyframe_gui.ui.graph.level_bar import WIDTH as BAR_ROOM
from skyframe_gui.ui.graph.level_bar import LevelBar
from skyframe_gui.ui.graph.map_content import CHIP, draw_chip, draw_hatching
from skyframe_gui.ui.graph.pixel_item import PixelItem
from skyframe_gui.ui.graph.view_box import GraphicsView, ViewBox
from skyframe_gui.ui.stack.grid_pictures import fitting_box
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from PyQt6.QtCore import QEvent
    from PyQt6.QtGui import QContextMenuEvent, QKeyEvent, QPaintEvent, QResizeEvent

    from skyframe_gui.ui.graph.cells import Place
    from skyframe_gui.ui.graph.map_content import MapContent
    from skyframe_gui.ui.stack.grid_pictures import ColouredGrid
    from skyframe_gui.ui.theme import Palette

AWAY = 32
"""Pixels: with the cursor so near to the upper edge the chip is at the lower one."""
ZOOM = 1.25
SAME = 1.5
"""Pixels: so far may the view be off and count as whole, as the canvas is of whole pixels."""
TIP = (
    "A click, Shift and a drag, or the arrow keys choose a bin; a drag alone moves the view, the "
    "wheel zooms, a double click shows all"
)
STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class GridMap(QWidget):
    """Bins as sharp rectangles with their level bar at the right.

    Parameters
    ----------
    name : str
        What it is, for those who do not see it.

    Attributes
    ----------
    chosen : signal ((column, row) or None, whether it is added to what is chosen)
    hovered : signal ((column, row) or None)
    whole_wanted : signal
        Everything is to be seen again.
    bar : LevelBar
    view : ViewBox
        In pixels of the detector, from 0.
    """

    chosen = pyqtSignal(object, bool)
    hovered = pyqtSignal(object)
    whole_wanted = pyqtSignal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(20, 20)
        self.setAccessibleName(name)
        self._palette: Palette = DARK
        self._content: MapContent | None = None
        self._drawn: tuple[ColouredGrid, str] | None = None
        self._selected: frozenset[Place] = frozenset()
        self._under: Place | None = None
        self._cursor: QPointF | None = None
        self.view = ViewBox(ZOOM, aspect=True)
        self.canvas = _Canvas(self.view)
        self.canvas.setParent(self)
        self.canvas.setAccessibleName(f"{name}; arrow keys choose a bin")
        self.setFocusProxy(self.canvas)
        self.bar = LevelBar()
        self.bar.setAccessibleName(f"Limits of {name}")
        self.bar.setParent(self)
        self._cells = cells.CellsItem()
        self.view.addItem(self._cells, ignoreBounds=True)
        self._over = PixelItem(self._paint_over, 10)
        self.view.addItem(self._over, ignoreBounds=True)
        self.view.clicked.connect(self._on_clicked)
        self.view.picks = True
        self.view.picked.connect(self._on_picked)
        self.canvas.setToolTip(TIP)
        self.view.all_wanted.connect(self.whole_wanted)
        self.view.menu_wanted.connect(self.open_menu)
        self.canvas.menu_asked.connect(self.open_menu)
        self.canvas.pointed.connect(self._on_pointed)
        self.canvas.focus_changed.connect(self._over.update)
        self.whole_wanted.connect(self.fit)

    # Showing ---------------------------------------------------------------------------------

    def show_map(
        self,
        content: MapContent | None,
        palette: Palette,
        selected: frozenset[Place] = frozenset(),
    ) -> None:
        """Paint a map with some bins selected."""
        before, self._content = self._content, content
        if palette is not self._palette or before is None:
            self._palette = palette
            self.view.set_theme(palette, palette.canvas)
            self.canvas.setBackground(QColor(palette.canvas))
            self.update()
        self._selected = selected
        coloured = None if content is None else content.coloured
        self._cells.setVisible(coloured is not None)
        if content is None or coloured is None:
            self._drawn = None
            self.bar.show_levels(None, palette)
        elif self._drawn is None or self._drawn != (coloured, palette.name):
            self._drawn = (coloured, palette.name)
            self._cells.show_cells(coloured, palette.canvas, QRectF(0, 0, *content.extent))
            self.bar.show_levels(cells.levels_of(coloured, content.unit), palette)
        if content is not None and (before is None or before.extent != content.extent):
            self._lay_out()
            self.fit()
        self._over.update()

    def show_under(self, place: Place | None) -> None:
        """Light up a bin, wherever the cursor is."""
        if place != self._under:
            self._under = place
            self._over.update()

    def fit(self) -> None:
        """Show everything."""
        if self._content is not None:
            width, height = self._content.extent
            self.view.setRange(xRange=(0, width), yRange=(0, height), padding=0)

    @property
    def extent(self) -> tuple[float, float] | None:
        """What the bins cover; None without a map."""
        return None if self._content is None else self._content.extent

    @property
    def is_whole(self) -> bool:
        """Whether everything is seen, and nothing else."""
        if self._content is None:
            return True
        spans = zip(self.view.viewRange(), self._content.extent, strict=True)
        off = SAME / max(min(self.canvas.width(), self.canvas.height()), 1)
        return all(
            abs(low) <= off * size and abs(high - size) <= off * size for (low, high), size in spans
        )

    def size_in(self, width: float, height: float) -> tuple[float, float]:
        """Return how large the picture would be in a room, its bar left aside."""
        across, down = (1.0, 1.0) if self._content is None else self._content.extent
        return fitting_box(max(width - BAR_ROOM, 8), max(height, 8), across / (down or 1.0))

    def bin_at(self, at: QPointF) -> Place | None:
        """Return the bin at a point of the canvas."""
        if self._content is None or self._content.coloured is None:
            return None
        where = self.view.mapToView(self.view.mapFromScene(at))
        (ny, nx), (width, height) = self._content.shape, self._content.extent
        column, row = math.floor(where.x() / width * nx), math.floor(where.y() / height * ny)
        return (column, row) if 0 <= column < nx and 0 <= row < ny else None

    def box_of(self, place: Place) -> QRectF:
        """Return where a bin is on the canvas."""
        assert self._content is not None, "asked for where there is a map only"
        (ny, nx), (width, height) = self._content.shape, self._content.extent
        across, up = width / nx, height / ny
        x, y = place[0] * across, place[1] * up
        return self._on_canvas(x, y, x + across, y + up)

    def open_menu(self, at: QPoint) -> GraphMenu:
        """Open the menu of the map at a place of the screen."""
        menu = GraphMenu(self, self.view, self.whole_wanted.emit, self._values_text)
        if self._content is not None and self._content.coloured is not None:
            menu.offer("Measure limits again", self.bar.reset.emit)
        menu.popup(at)
        return menu

    # Painting --------------------------------------------------------------------------------

    @override
    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Fill what canvas and bar leave free."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.canvas))
        painter.end()

    def _paint_over(self, painter: QPainter) -> None:
        content, palette = self._content, self._palette
        whole = QRectF(self.canvas.rect())
        if content is not None and content.coloured is not None:
            draw_hatching(painter, content, palette, self.box_of)
            if self._under is not None and self._under not in self._selected:
                self._paint_outline(painter, content, self._under, 1)
            for place in self._selected:
                self._paint_outline(painter, content, place, 2)
        elif content is not None:
            painter.setPen(QPen(QColor(palette.line), 1))
            painter.drawRect(whole.adjusted(0, 0, -1, -1))
            painter.setPen(QColor(palette.text2))
            painter.setFont(font(11))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(whole.adjusted(8, CHIP, -8, -CHIP), flags, content.why)
        if content is not None and content.title:
            draw_chip(painter, content, palette, whole.size(), _hides_chip(self._cursor))
        if self.canvas.hasFocus():
            painter.setPen(QPen(QColor(palette.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(whole.adjusted(0, 0, -1, -1))

    def _paint_outline(
        self, painter: QPainter, content: MapContent, place: Place, width: float
    ) -> None:
        ny, nx = content.shape
        if 0 <= place[0] < nx and 0 <= place[1] < ny:
            cells.draw_outline(painter, self.box_of(place), width)

    def _on_canvas(self, x0: float, y0: float, x1: float, y1: float) -> QRectF:
        low = self.view.mapToScene(self.view.mapFromView(QPointF(x0, y0)))
        high = self.view.mapToScene(self.view.mapFromView(QPointF(x1, y1)))
        return QRectF(low.x(), high.y(), high.x() - low.x(), low.y() - high.y())

    @override
    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Let the picture fill the room, the bar beside it."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        whole = self.is_whole
        width, height = map(int, self.size_in(self.width(), self.height()))
        top = max(0, (self.height() - height) // 2)
        self.canvas.setGeometry(0, top, width, height)
        self.bar.setGeometry(width, top, BAR_ROOM, height)
        if whole:
            self.fit()

    def _values_text(self) -> str:
        if self._content is None or self._content.coloured is None:
            return ""
        return cells.values_table(self._content.coloured.values)

    # Hands -----------------------------------------------------------------------------------

    def _on_clicked(self, at: QPointF, add: bool) -> None:
        place = self.bin_at(self.view.mapToScene(at))
        if place is not None:
            self.chosen.emit(place, add)

    def _on_picked(self, at: QPointF) -> None:
        """Choose the bin that the cursor has come to."""
        place = self.bin_at(self.view.mapToScene(at))
        if place is not None and self._selected != {place}:
            self.chosen.emit(place, False)

    def _on_pointed(self, at: QPointF | None) -> None:
        before, self._cursor = self._cursor, at
        if _hides_chip(before) != _hides_chip(at):
            self._over.update()
        place = None if at is None else self.bin_at(at)
        if place != self._under:
            self.show_under(place)
            self.hovered.emit(place)

    @override
    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Choose the next bin, or none."""
        if event is None or self._content is None or self._content.coloured is None:
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        ny, nx = self._content.shape
        inside = [one for one in self._selected if 0 <= one[0] < nx and 0 <= one[1] < ny]
        if key == Qt.Key.Key_Escape and self._selected:
            self.chosen.emit(None, False)
        elif key in STEPS and inside:
            (across, up), (column, row) = STEPS[key], inside[0]
            place = (min(max(column + across, 0), nx - 1), min(max(row + up, 0), ny - 1))
            self.chosen.emit(place, False)
        elif key in STEPS:
            self.chosen.emit((nx // 2, ny // 2), False)
        else:
            event.ignore()


def _hides_chip(at: QPointF | None) -> bool:
    return at is not None and at.y() < AWAY


class _Canvas(GraphicsView):
    """The view of a map, which leaves keys to the map."""

    pointed = pyqtSignal(object)
    menu_asked = pyqtSignal(QPoint)
    focus_changed = pyqtSignal()

    def __init__(self, view: ViewBox) -> None:
        super().__init__()
        self.setCentralItem(view)
        self.sceneObj.sigMouseMoved.connect(self.pointed)

    @override
    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Leave keys to the map."""
        if event is not None:
            event.ignore()

    @override
    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Open the menu by its key; by mouse it opens on release."""
        if event is not None:
            event.accept()
            if event.reason() != event.Reason.Mouse:
                self.menu_asked.emit(self.mapToGlobal(self.rect().center()))

    @override
    def leaveEvent(self, event: QEvent | None) -> None:
        """Nothing is under the cursor any more."""
        super().leaveEvent(event)
        self.pointed.emit(None)

    @override
    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit()

    @override
    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit()

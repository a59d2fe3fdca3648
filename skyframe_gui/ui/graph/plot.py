"""A plot: the library's frame with our axes, a home to go back to, and hooks for what is in it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QSizePolicy
from typing_extensions import override

from skyframe_gui.ui.graph.axis import Axis
from skyframe_gui.ui.graph.graph_menu import GraphMenu
from skyframe_gui.ui.graph.pixel_item import PixelItem
from skyframe_gui.ui.graph.view_box import GraphicsView, ViewBox
from skyframe_gui.ui.samples.axis_range import Range
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PyQt6.QtCore import QEvent, QPoint
    from PyQt6.QtGui import (
        QAction,
        QContextMenuEvent,
        QKeyEvent,
        QPainter,
        QPolygonF,
        QResizeEvent,
    )
    from PyQt6.QtWidgets import QGraphicsItem

    from skyframe_gui.ui.theme import Palette

    Floats = NDArray[np.float64]

UNDER, MARKS, OVER = -10.0, 10.0, 100.0
"""Heights of what lies below the marks, of the marks, and of rings and chips above them."""
TOP, RIGHT = 8, 8
TICK_DENSITY = 1.6
LEAST_SPAN = 1e-290
"""Of a range: below it the library's transforms are no numbers any more."""
MOST_OUTSIDE = 10
"""What is so many times wider than the view is out of it for the most part."""


class Plot(GraphicsView):
    """Axes with units, a grid, wheel zoom, drag pan, rubber band and a menu.

    Parameters
    ----------
    x_axis, y_axis : Axis, optional
        In the place of axes with numbers.

    Attributes
    ----------
    extra : list of QAction
        What else the menu offers.
    item : pyqtgraph.PlotItem
        To which subclasses add what they show.
    view : ViewBox
    x_axis, y_axis : Axis
    x_range, y_range : Range
        What is in view. Changed by `fit`, by `show_range` and by a person's hand only.
    touched : bool
        Whether a person has moved the view since the last `fit`.
    ranged : signal
        The view, or the place of the axes, has changed.
    """

    ranged = pyqtSignal()

    def __init__(self, x_axis: Axis | None = None, y_axis: Axis | None = None) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(140, 110)
        # A plain colour needs no cache, which would be an image in a drawing.
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self.colours: Palette = DARK
        self.touched = False
        self.extra: list[QAction] = []
        self.view = ViewBox()
        self.x_axis, self.y_axis = x_axis or Axis("bottom"), y_axis or Axis("left")
        self.item = pg.PlotItem(
            viewBox=self.view,
            axisItems={"bottom": self.x_axis, "left": self.y_axis},
            enableMenu=False,
        )
        self.item.hideButtons()
        frame: Any = self.item.layout
        frame.setContentsMargins(0, TOP, RIGHT, 0)
        for axis in (self.x_axis, self.y_axis):
            axis.setGrid(255)
            axis.setTickDensity(TICK_DENSITY)
        self.setCentralItem(self.item)
        self._home = (Range(0.0, 1.0), Range(0.0, 1.0))
        self.view.setRange(xRange=(0, 1), yRange=(0, 1), padding=0)
        self.over = PixelItem(self.paint_over, OVER)
        self.view.addItem(self.over, ignoreBounds=True)
        self.view.draws_lasso = self.wants_lasso
        self.view.clicked.connect(lambda at, add: self.clicked(self.view.mapToScene(at), add))
        self.view.all_wanted.connect(self.fit)
        self.view.lassoed.connect(self._on_lassoed)
        self.view.menu_wanted.connect(self.open_menu)
        self.view.grabbed.connect(lambda: self.setCursor(Qt.CursorShape.ClosedHandCursor))
        self.view.released.connect(self.unsetCursor)
        self.view.sigRangeChangedManually.connect(self._on_hand)
        self.view.sigRangeChanged.connect(self._on_ranged)
        self.view.sigResized.connect(self._on_ranged)
        self.sceneObj.sigMouseMoved.connect(self._on_moved)
        self._paint_colours()

    # What subclasses say ---------------------------------------------------------------------

    def paint_over(self, painter: QPainter) -> None:
        """Draw what changes with the cursor, in the widget's pixels."""

    def pointed(self, at: QPointF | None) -> None:
        """Receive where the mouse is, in the widget's pixels; None when it has left."""

    def clicked(self, at: QPointF, add: bool) -> None:
        """Receive a click."""

    def wants_lasso(self, shift: bool) -> bool:
        """Return whether a drag draws a line around marks instead of moving the view."""
        return False

    def lasso_ended(self, outline: QPolygonF, add: bool) -> None:
        """Receive a closed line, in the widget's pixels."""

    def values_text(self) -> str:
        """Return what is plotted as a table, columns parted by tabulators; "" for nothing."""
        return ""

    # The view --------------------------------------------------------------------------------

    @property
    def x_label(self) -> str:
        """What is along x."""
        return self.x_axis.name

    @x_label.setter
    def x_label(self, name: str) -> None:
        if name != self.x_axis.name:
            self.x_axis.set_name(name)

    @property
    def y_label(self) -> str:
        """What is along y."""
        return self.y_axis.name

    @y_label.setter
    def y_label(self, name: str) -> None:
        if name != self.y_axis.name:
            self.y_axis.set_name(name)

    @property
    def x_range(self) -> Range:
        """What is in view along x."""
        return Range(*map(float, self.view.viewRange()[0]))

    @property
    def y_range(self) -> Range:
        """What is in view along y."""
        return Range(*map(float, self.view.viewRange()[1]))

    @property
    def area(self) -> QRectF:
        """The inside of the axes, in the widget's pixels."""
        return QRectF(self.view.mapRectToScene(self.view.rect()))

    def place(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return where values are on the widget."""
        area, across, up = self.area, self.x_range, self.y_range
        return (
            area.left() + (x - across.low) * (area.width() / across.width),
            area.bottom() - (y - up.low) * (area.height() / up.width),
        )

    def value_at(self, at: QPointF) -> tuple[float, float]:
        """Return the values at a point of the widget."""
        area, across, up = self.area, self.x_range, self.y_range
        return (
            across.low + (at.x() - area.left()) * across.width / area.width(),
            up.low + (area.bottom() - at.y()) * up.width / area.height(),
        )

    def show_item(self, item: QGraphicsItem) -> None:
        """Add what is drawn in the view; "view all" does not look at it."""
        self.view.addItem(item, ignoreBounds=True)

    def link_y(self, other: Plot) -> None:
        """Share what is in view along y with another plot from now on; either moves the other."""
        self.view.setYLink(other.view)
        other.view.setYLink(self.view)

    def link_x(self, other: Plot) -> None:
        """Share what is in view along x with another plot from now on; either moves the other."""
        self.view.setXLink(other.view)
        other.view.setXLink(self.view)

    @property
    def home(self) -> tuple[Range, Range]:
        """What `fit` shows."""
        return self._home

    def set_home(self, x_range: Range, y_range: Range) -> None:
        """Say what `fit` is to show, without showing it."""
        self._home = (x_range, y_range)

    @property
    def is_elsewhere(self) -> bool:
        """Whether nothing of what `fit` would show is in view, or a small part of it only."""
        return any(
            home.high < seen.low or seen.high < home.low or home.width > MOST_OUTSIDE * seen.width
            for home, seen in zip(self._home, (self.x_range, self.y_range), strict=True)
        )

    def fit(self) -> None:
        """Show everything."""
        self.touched = False
        self.show_range(*self._home)

    def show_range(self, x_range: Range, y_range: Range) -> None:
        """Show a part of the plane; one too small to be told apart from a point is refused."""
        for span in (x_range, y_range):
            size = max(abs(span.low), abs(span.high))
            if not (math.isfinite(size) and span.width > max(1e-12 * size, LEAST_SPAN)):
                return
        self.view.setRange(xRange=x_range, yRange=y_range, padding=0)

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        if self.colours is not palette:
            self.colours = palette
            self._paint_colours()
            self.refresh()

    def refresh(self) -> None:
        """Draw everything anew."""
        self.over.update()

    def open_menu(self, at: QPoint) -> GraphMenu:
        """Open the menu of the plot at a place of the screen."""
        menu = GraphMenu(self, self.view, self.fit, self.values_text)
        self.add_to_menu(menu)
        menu.popup(at)
        return menu

    def add_to_menu(self, menu: GraphMenu) -> None:
        """Add what else this plot offers."""
        if self.extra:
            menu.addSeparator()
            menu.addActions(self.extra)

    # From the library --------------------------------------------------------------------------

    @override
    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Open the menu by its key; by mouse it opens on release: the right button drags, too."""
        if event is not None:
            event.accept()
            if event.reason() != event.Reason.Mouse:
                self.open_menu(self.mapToGlobal(self.rect().center()))

    @override
    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Leave keys to the panel."""
        if event is not None:
            event.ignore()

    @override
    def resizeEvent(self, ev: QResizeEvent | None) -> None:
        super().resizeEvent(ev)
        if hasattr(self, "view") and not self.closed:  # the base class asks before it is made
            self.view.drop_lasso()

    @override
    def leaveEvent(self, ev: QEvent | None) -> None:
        """Nothing is under the cursor any more."""
        super().leaveEvent(ev)
        self.pointed(None)

    def _on_moved(self, at: QPointF) -> None:
        if not self.sceneObj.clickEvents:  # no button is pressed
            self.pointed(at)
        elif self.view.draws:
            self.pointed(None)

    def _on_lassoed(self, outline: QPolygonF, add: bool) -> None:
        corner = self.area.topLeft()
        self.lasso_ended(outline.translated(corner), add)

    def _on_hand(self, *_: Any) -> None:
        self.touched = True

    def _on_ranged(self, *_: Any) -> None:
        self.refresh()
        self.ranged.emit()

    def _paint_colours(self) -> None:
        palette = self.colours
        self.setBackground(QColor(palette.plot))
        self.view.set_theme(palette, palette.plot)
        for axis in (self.x_axis, self.y_axis):
            axis.set_theme(palette)


def line_up(plots: Sequence[Plot]) -> None:
    """Give plots that stand one below the other y axes of one width, which all have room in."""
    width = max(plot.y_axis.wanted_width() for plot in plots)
    for plot in plots:
        plot.y_axis.fix_width(width)

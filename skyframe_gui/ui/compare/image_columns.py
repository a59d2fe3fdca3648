"""Three images side by side: A, B and A minus B, each under a head that says what it is."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import QSizePolicy, QWidget

from skyframe_gui.app.model.limits import DIFFERENCE
from skyframe_gui.ui.compare.column_contents import TITLES
from skyframe_gui.ui.compare.column_head import HEIGHT as HEAD
from skyframe_gui.ui.compare.column_head import ColumnHead
from skyframe_gui.ui.graph.graph_menu import GraphMenu
from skyframe_gui.ui.graph.level_bar import WIDTH as BAR_ROOM
from skyframe_gui.ui.graph.level_bar import LevelBar
from skyframe_gui.ui.graph.levels import levels_of
from skyframe_gui.ui.images.canvas import Canvas
from skyframe_gui.ui.images.drawing_menu import offer_drawing
from skyframe_gui.ui.images.facts import factor_of
from skyframe_gui.ui.images.insets import Insets
from skyframe_gui.ui.images.sample_boxes import boxes_in
from skyframe_gui.ui.images.values_text import values_text
from skyframe_gui.ui.theme import DARK, palette_of

if TYPE_CHECKING:
    from PyQt6.QtCore import QPoint
    from PyQt6.QtGui import QPaintEvent, QResizeEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.comparison import Comparison
    from skyframe_gui.app.model.looks import CompareLayer
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.ui.compare.column_contents import Columns
    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.images.sample_boxes import Boxes

GAP = 4
BLINK_MS = 500


class ImageColumns(QWidget):
    """A | B with one level bar, A minus B with another one.

    Boxes are hovered and selected, and views are moved, as in the panes of a visit.
    """

    least_height = HEAD + 90

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(self.least_height)
        self.commands = commands
        self.heads = tuple(ColumnHead(title) for title in TITLES)
        self.canvases = tuple(Canvas(commands, 0, always_linked=True) for _ in TITLES)
        self.shared, self.apart = LevelBar(), LevelBar()
        for part in (*self.heads, *self.canvases, self.shared, self.apart):
            part.setParent(self)
        self.canvases[0].layers.has_compass = True
        self.insets = tuple(Insets(canvas, self) for canvas in self.canvases)
        for canvas in self.canvases[1:]:
            canvas.view.follow(self.canvases[0].view)
        for index, canvas in enumerate(self.canvases):
            canvas.view.menu_wanted.connect(partial(self.open_menu, index))
        self.menu: GraphMenu | None = None
        self._contents: tuple[Content, ...] = ()
        self.shared.dragged.connect(self._limit_shared)
        self.shared.reset.connect(self._measure_shared)
        self.apart.dragged.connect(partial(commands.looks.set_limits, DIFFERENCE))
        self.apart.reset.connect(partial(commands.looks.reset_limits, DIFFERENCE))
        for index, canvas in enumerate(self.canvases):
            canvas.pressed.connect(partial(self._activate, index == len(TITLES) - 1))
        self._layer: CompareLayer = "residual"
        self._aspect = 1.0
        self._palette = DARK
        self._shown: tuple[State, Columns, tuple[Boxes | None, ...]] | None = None
        self._boxes_of: tuple[object, ...] = ()
        self._boxes: tuple[Boxes | None, ...] = (None, None, None)
        self._swapped = False
        self._blink = QTimer(self)
        self._blink.setInterval(BLINK_MS)
        self._blink.timeout.connect(self._on_blink)

    def show_columns(
        self, state: State, found: Comparison | None, columns: Columns, layer: CompareLayer
    ) -> None:
        """Paint a comparison."""
        palette = palette_of(state)
        if palette is not self._palette:
            self._palette = palette
            self.update()
        self._layer = layer
        shown = columns.contents[0].shown
        if self._aspect != shown.width / max(shown.height, 1):
            self._aspect = shown.width / max(shown.height, 1)
            self._lay_out()
        self._make_boxes(found, shown.key, state)
        self._shown = (state, columns, self._boxes)
        self._paint()

    def open_menu(self, index: int, at: QPoint) -> None:
        """Open the menu of a column: its view, its picture, its values."""
        if not self._contents:
            return
        canvas, content = self.canvases[index], self._contents[index]

        def values() -> str:
            return values_text(content, canvas.viewport, self.devicePixelRatioF())

        self.menu = GraphMenu(canvas, canvas.view.box, canvas.fit, values)
        self.menu.addSeparator()
        offer_drawing(self.menu, canvas)
        self.menu.popup(at)

    @property
    def blinking(self) -> bool:
        """Whether the image of B is A's every other moment."""
        return self._blink.isActive()

    def blink(self, on: bool) -> None:
        """Let the column of B show A and B in turn, or B alone."""
        if on == self._blink.isActive():
            return
        if on:
            self._blink.start()
        else:
            self._blink.stop()
            self._swapped = False
            self._paint()

    def wanted_height(self, width: int) -> int:
        """Return the height that images as wide as there is room have, with their heads."""
        return HEAD + math.ceil(self._image_width(width) / self._aspect)

    def _make_boxes(self, found: Comparison | None, key: str, state: State) -> None:
        made_of = (found, key, state.excluded_samples)
        if self._boxes_of == made_of:
            return
        self._boxes_of = made_of

        def of(fit: VisitFit, step: int | None) -> Boxes | None:
            return boxes_in(fit, key, step) if key in fit.keys else None

        if found is None:
            self._boxes = (None, None, None)
        else:
            # Over the difference no rejections: they would be whose?
            self._boxes = (of(found.a, None), of(found.b, None), of(found.b, 0))

    def _paint(self) -> None:
        if self._shown is None:
            return
        state, columns, boxes = self._shown
        a, b, apart = columns.contents
        side = 0 if self._swapped else 1
        shown = self._contents = (a, (a, b)[side], apart)
        for canvas, content, one in zip(
            self.canvases, shown, (boxes[0], boxes[side], boxes[2]), strict=True
        ):
            canvas.show_content(state, content, one)
        for index, content in enumerate(shown):
            self.insets[index].show_content(state, content, index == 0)
        for canvas, head in zip(self.canvases, ("A", "AB"[side], "A minus B"), strict=True):
            canvas.setAccessibleName(f"{a.title}, {head}")
        self.shared.setAccessibleName(f"Limits of {a.title}, A and B")
        self.apart.setAccessibleName(f"Limits of {a.title}, A minus B")
        self.shared.show_levels(levels_of(a, self._layer != "model"), self._palette)
        self.apart.show_levels(levels_of(apart, True), self._palette)

    def _on_blink(self) -> None:
        if not self.commands.store.state.view.blinking:  # switched off where this is not shown
            self.blink(False)
            return
        self._swapped = not self._swapped
        self._paint()

    def _limit_shared(self, low: float, high: float) -> None:
        factor = factor_of(self.commands.store.state, self._layer)
        self.commands.looks.set_limits(self._layer, low / factor, high / factor)

    def _measure_shared(self) -> None:
        self.commands.looks.reset_limits(self._layer)

    def _activate(self, on_difference: bool) -> None:
        """Let the toolbar speak of A and B, or of their difference."""
        if self.commands.store.state.view.on_difference != on_difference:
            self.commands.view(on_difference=on_difference)

    # Places ------------------------------------------------------------------------------------

    def _image_width(self, width: int) -> int:
        return max((width - 2 * BAR_ROOM - 2 * GAP) // 3, 20)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the images the room that there is."""
        super().resizeEvent(event)
        self._lay_out()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Fill what the images leave free, and draw lines between the columns."""
        painter = QPainter(self)
        palette = self._palette
        painter.fillRect(self.rect(), QColor(palette.canvas))
        painter.fillRect(0, 0, self.width(), HEAD, QColor(palette.dock))
        for head in self.heads[1:]:
            line = QColor(palette.gap)
            painter.fillRect(head.x() - GAP, 0, GAP, self.height(), line)
        painter.end()

    def _lay_out(self) -> None:
        down = max(self.height() - HEAD, 20)
        column = self._image_width(self.width())
        width = max(min(column, math.floor(down * self._aspect)), 20)
        height = min(down, math.ceil(width / self._aspect))
        # Columns keep their places where images are lower: heads need the width.
        lefts = (0, column + GAP, 2 * (column + GAP) + BAR_ROOM)
        ends = (lefts[1] - GAP, lefts[2] - GAP, self.width())
        for head, left, end in zip(self.heads, lefts, ends, strict=True):
            head.setGeometry(left, 0, end - left, HEAD)
        for canvas, left in zip(self.canvases, lefts, strict=True):
            canvas.setGeometry(left, HEAD, width, height)
        for bar, left in ((self.shared, lefts[1]), (self.apart, lefts[2])):
            bar.setGeometry(left + width, HEAD, BAR_ROOM, height)
        self.update()

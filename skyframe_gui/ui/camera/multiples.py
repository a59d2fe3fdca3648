"""The samples of each detector in a small plot of its own, all of one size of range."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QAbstractScrollArea, QFrame

from skyframe_gui.engine.scale import EXCLUDED, KEPT
from skyframe_gui.numbers import NONE, SIGMA, fixed
from skyframe_gui.ui.samples.colours import round_colours, with_alpha
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

    from skyframe_gui.app.model.view import TilePlot
    from skyframe_gui.ui.camera.tiles import Tile, Tiles
    from skyframe_gui.ui.theme import Palette

    Floats = NDArray[np.float64]

EDGE, GAP, WORDS = 10, 8, 18
WIDEST, LEAST_WIDTH, RATIO = 132, 104, 0.72
"""Of a plot: its greatest and least width, and its height by its width."""
DOT, SQUARE, DOTTED = 3.0, 5.0, 4.0


class MultiplesView(QAbstractScrollArea):
    """Paints the plots that are in view; a click chooses a detector, a double click opens it.

    Attributes
    ----------
    chosen, opened : signals (key)
    """

    chosen = pyqtSignal(str)
    opened = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 80)
        self.setAccessibleName("Samples of each detector; the arrow keys choose a detector")
        view = self.viewport()
        assert view is not None, "a scroll area has a viewport"
        self._view = view
        self._palette: Palette = DARK
        self._tiles: Tiles | None = None
        self._order: tuple[Tile, ...] = ()
        self._selected = ""
        self._shows: TilePlot = "samples"

    def show_tiles(
        self,
        tiles: Tiles,
        order: tuple[Tile, ...],
        shows: TilePlot,
        selected: str,
        palette: Palette,
    ) -> None:
        """Paint plots in an order."""
        moved = self._tiles is not None and selected != self._selected
        self._shows = shows
        self._tiles, self._order, self._palette = tiles, order, palette
        self._selected = selected
        self.setAccessibleDescription(", ".join(one.row.name for one in order))
        self._lay_out()
        if moved:
            self._reveal()
        self._view.update()

    @property
    def names(self) -> tuple[str, ...]:
        """The detectors in their order."""
        return tuple(one.row.name for one in self._order)

    # Places ----------------------------------------------------------------------------------

    def _grid(self) -> tuple[int, float, float]:
        """Return the number of columns, and width and height of a plot without its words."""
        room = self._view.width() - 2 * EDGE + GAP
        columns = max(int(room // (LEAST_WIDTH + GAP)), 1)
        if columns > len(self._order):
            columns = max(len(self._order), 1)
        width = min(room / columns - GAP, WIDEST)
        return columns, width, round(width * RATIO)

    def box_of(self, index: int) -> QRectF:
        """Return where a plot is on the viewport, without its words."""
        columns, width, height = self._grid()
        line, column = divmod(index, columns)
        bar = self.verticalScrollBar()
        top = EDGE + line * (height + WORDS + GAP) - (0 if bar is None else bar.value())
        return QRectF(round(EDGE + column * (width + GAP)), top, round(width), height)

    def _index_at(self, at: QPointF) -> int | None:
        whole = QRectF(0, 0, 0, WORDS)
        return next(
            (
                k
                for k in range(len(self._order))
                if self.box_of(k).adjusted(0, 0, 0, whole.height()).contains(at)
            ),
            None,
        )

    def _lay_out(self) -> None:
        bar = self.verticalScrollBar()
        if bar is None:
            return
        columns, _, height = self._grid()
        lines = -(-len(self._order) // columns)
        step = int(height + WORDS + GAP)
        whole = 2 * EDGE + lines * step - GAP
        bar.setRange(0, max(whole - self._view.height(), 0))
        bar.setPageStep(self._view.height())
        bar.setSingleStep(step)

    def _reveal(self) -> None:
        bar = self.verticalScrollBar()
        place = next((k for k, one in enumerate(self._order) if one.row.key == self._selected), -1)
        if bar is None or place < 0:
            return
        box = self.box_of(place)
        if box.top() < 0:
            bar.setValue(bar.value() + math.floor(box.top() - EDGE))
        elif box.bottom() + WORDS > self._view.height():
            below = box.bottom() + WORDS + EDGE - self._view.height()
            bar.setValue(bar.value() + math.ceil(below))

    # Painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint what is in view."""
        painter = QPainter(self._view)
        painter.fillRect(self._view.rect(), QColor(self._palette.dock))
        if self._tiles is not None:
            for index, tile in enumerate(self._order):
                box = self.box_of(index)
                if box.bottom() + WORDS < 0 or box.top() > self._view.height():
                    continue
                self._paint_tile(painter, tile, box)
        if self.hasFocus():
            painter.setPen(QColor(self._palette.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._view.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_tile(self, painter: QPainter, tile: Tile, box: QRectF) -> None:
        tiles, palette = self._tiles, self._palette
        assert tiles is not None, "painted where there are tiles only"
        painter.fillRect(box, QColor(palette.plot))
        painter.save()
        painter.setClipRect(box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if math.isfinite(tile.middle):
            self._paint_lines(painter, tile, box)
            self._paint_marks(painter, tile, box)
        painter.restore()
        selected, framed = tile.row.key == self._selected, tile.row.framed
        pen = QPen(QColor(palette.warning if framed else palette.border), 1)
        if selected:
            pen = QPen(QColor(palette.highlight), 2)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
        words = QRectF(box.left(), box.bottom() + 2, box.width(), WORDS - 2)
        pull = tile.row.pull
        text = f"{fixed(pull, 1, sign=True)} {SIGMA}" if math.isfinite(pull) else NONE
        room = box.width() - QFontMetricsF(font(11)).horizontalAdvance(text) - 6
        name = QFontMetricsF(font(11, 600)).elidedText(
            tile.row.name, Qt.TextElideMode.ElideMiddle, room
        )
        painter.setFont(font(11, 600))
        painter.setPen(QColor(palette.text))
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(font(11))
        painter.setPen(QColor(palette.warning if framed else palette.text2))
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _place(self, tile: Tile, box: QRectF, sky: Floats, image: Floats) -> tuple[Floats, Floats]:
        tiles = self._tiles
        assert tiles is not None, "asked for where there are tiles only"
        x = box.left() + (0.5 + (sky - tile.middle) / tiles.across) * box.width()
        if self._shows == "residuals":
            up = (image - tiles.scale * sky) / tiles.residual_up
        else:
            up = (image - tiles.scale * tile.middle) / tiles.up
        y = box.bottom() - (0.5 + up) * box.height()
        return x, y

    def _paint_lines(self, painter: QPainter, tile: Tile, box: QRectF) -> None:
        tiles, palette = self._tiles, self._palette
        assert tiles is not None, "painted where there are tiles only"
        ends = tile.middle + np.array([-0.5, 0.5]) * tiles.across
        (x0, x1), lower = self._place(tile, box, ends, tiles.scale * ends - tiles.half_band)
        _, upper = self._place(tile, box, ends, tiles.scale * ends + tiles.half_band)
        _, line = self._place(tile, box, ends, tiles.scale * ends)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_alpha(palette.accent, 0.14))
        corners = ((x0, lower[0]), (x1, lower[1]), (x1, upper[1]), (x0, upper[0]))
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
        painter.setPen(QPen(QColor(palette.text), 1.2))
        painter.drawLine(QLineF(x0, line[0], x1, line[1]))
        if math.isfinite(tile.scale):
            _, own = self._place(tile, box, ends, tile.scale * ends)
            # As points: Qt takes several times as long for a dotted pen.
            pen = QPen(QColor(palette.text), 1.6)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            n = max(int(math.hypot(x1 - x0, own[1] - own[0]) / DOTTED), 2)
            along = np.linspace(0.0, 1.0, n)
            points = zip(
                (x0 + along * (x1 - x0)).tolist(),
                (own[0] + along * (own[1] - own[0])).tolist(),
                strict=True,
            )
            painter.drawPoints(QPolygonF([QPointF(*one) for one in points]))

    def _paint_marks(self, painter: QPainter, tile: Tile, box: QRectF) -> None:
        tiles, palette = self._tiles, self._palette
        assert tiles is not None, "painted where there are tiles only"
        x, y = self._place(tile, box, tile.sky, tile.image)
        # What lies beyond the range stands at its edge.
        x = np.clip(x, box.left() + 3, box.right() - 3)
        y = np.clip(y, box.top() + 3, box.bottom() - 3)
        kept = tile.rejected_at == KEPT
        pen = QPen(with_alpha(palette.accent, 0.75), DOT)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        points = zip(x[kept].tolist(), y[kept].tolist(), strict=True)
        painter.drawPoints(QPolygonF([QPointF(*one) for one in points]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        colours = round_colours(palette, tiles.n_rounds)
        half = SQUARE / 2
        for k in np.flatnonzero(~kept).tolist():
            at = int(tile.rejected_at[k])
            if at == EXCLUDED:
                painter.setPen(QPen(QColor(palette.excluded), 1.4))
                corners = ((-half, -half), (half, -half), (0.0, half))
                painter.drawPolygon(QPolygonF([QPointF(x[k] + a, y[k] + b) for a, b in corners]))
                continue
            painter.setPen(QPen(QColor(colours[min(at, len(colours) - 1)]), 1.4))
            painter.drawRect(QRectF(x[k] - half, y[k] - half, SQUARE, SQUARE))

    # Hands -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Choose the detector under the cursor."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            index = self._index_at(event.position())
            if index is not None:
                self.chosen.emit(self._order[index].row.key)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Open it."""
        index = None if event is None else self._index_at(event.position())
        if index is not None:
            self.opened.emit(self._order[index].row.key)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Walk through the plots, and open the chosen one."""
        if event is None or not self._order:
            return
        columns, _, _ = self._grid()
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_Home: -len(self._order),
            Qt.Key.Key_End: len(self._order),
        }
        key = Qt.Key(event.key())
        place = next((k for k, one in enumerate(self._order) if one.row.key == self._selected), -1)
        if key in steps:
            wanted = min(max(place + steps[key], 0), len(self._order) - 1)
            self.chosen.emit(self._order[wanted].row.key)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and place >= 0:
            self.opened.emit(self._selected)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Make room anew."""
        super().resizeEvent(event)
        self._lay_out()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Paint what has come into view."""
        self._view.update()

"""The focal plane in a view box: one picture of all detectors, names and frames over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF
from typing_extensions import override

from skyframe_gui.ui.camera.plane_picture import (
    PlanePainter,
    in_plane,
    on_image,
    plane_size,
    row_at,
    values_table,
)
from skyframe_gui.ui.camera.rows import NOT_READ, has_no_data
from skyframe_gui.ui.graph.graph_menu import GraphMenu
from skyframe_gui.ui.graph.image_view import ImageView
from skyframe_gui.ui.graph.pixel_item import PixelItem
from skyframe_gui.ui.graph.sky_image import Lines
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import DARK, font

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PyQt6.QtCore import QPoint
    from PyQt6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent

    from skyframe_gui.ui.camera.plane_picture import PlaneContent
    from skyframe_gui.ui.camera.rows import Row
    from skyframe_gui.ui.images.geometry import Viewport
    from skyframe_gui.ui.theme import Palette

LEAST_CHIP, CHIP = 26, 15
"""Width of a detector on the screen from which on its name is written, and the chip's height."""
SMALL, SMALL_CHIP = 56, 13
"""Width below which names are smaller, and the height of their chips."""
LEAST_AMPLIFIER, AMPLIFIER_ALPHA = 14.0, 0.3
"""Pixels of the screen, and how clearly the lines are seen."""
LEAST_WORDS = 44
"""Width from which on "no data" is written."""


class PlaneView(ImageView):
    """Shows the focal plane; a click chooses a detector, a double click opens it.

    Attributes
    ----------
    chosen : signal (key)
    opened : signal (key)
    hovered : signal ((Row, x, y, (mm x, mm y)) or None)
        The detector under the mouse, the pixel of its exposure there, and where that is.
    reset : signal
        The limits are to be measured again.
    """

    chosen = pyqtSignal(str)
    opened = pyqtSignal(str)
    hovered = pyqtSignal(object)
    reset = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Focal plane")
        self.setAccessibleDescription("The arrow keys choose a detector, Return opens it")
        self._palette: Palette = DARK
        self._content: PlaneContent | None = None
        self._selected = ""
        self._with_amplifiers = False
        self._painter = PlanePainter()
        self._names: tuple[tuple[Row, ...], float, NDArray[np.float64]] = ((), 0.0, np.empty(0))
        self.picture = self.add(PixelItem(self._paint_picture))
        self.marks = self.add(Lines(self, self._marks_key, self._draw_marks, 1.0))
        self.amplifiers = self.add(Lines(self, self._amplifiers_key, self._draw_amplifiers, 0.5))
        self.ring = self.add(PixelItem(self._paint_ring, 2.0))
        self.clicked.connect(self._on_click)
        self.pointed.connect(self._on_pointed)
        self.all_wanted.connect(self.show_all)
        self.moved.connect(self._on_moved_by_hand)
        self.menu_wanted.connect(self.open_menu)

    def show_plane(
        self, content: PlaneContent, selected: str, palette: Palette, amplifiers: bool = False
    ) -> None:
        """Paint the detectors; the view stays where a person has moved it.

        ``amplifiers``: with lines between them where the detectors are large enough.
        """
        self._with_amplifiers = amplifiers
        self.apply_theme(palette)
        before, self._content = self._content, content
        self._selected, self._palette = selected, palette
        size = plane_size(content.plane)
        other = before is None or before.plane.bounds != content.plane.bounds
        self.show_frame(None if other else self._frame, size)
        self.picture.update()
        self.marks.update()

    def show_all(self) -> None:
        """Show the whole focal plane."""
        self.show_frame(None, self._size)

    def place_of(self, row: Row) -> QRectF:
        """Return where a detector is, in the widget's pixels."""
        assert self._content is not None, "asked for where there is a plane only"
        place = self._content.plane.rows.index(row)
        return _polygon(self._corners(self.viewport_now)[place]).boundingRect()

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Open the detector under the cursor; show everything where there is none."""
        row = None if event is None else self._row_at(event.position())
        if row is not None and row.key:
            self.opened.emit(row.key)
        else:
            self.show_all()

    def open_menu(self, at: QPoint) -> GraphMenu:
        """Open the menu at a place of the screen."""
        menu = GraphMenu(self, self.box, self.show_all, self._values)
        menu.offer("Measure limits again", self.reset.emit)
        menu.popup(at)
        return menu

    @override
    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Open the menu by its key; by mouse it opens on release: the right button drags, too."""
        super().contextMenuEvent(event)
        if event is not None and event.reason() != event.Reason.Mouse:
            event.accept()
            self.open_menu(self.mapToGlobal(self.rect().center()))

    def _values(self) -> str:
        """Return the middle value of each detector as a table."""
        return "" if self._content is None else values_table(self._content)

    @override
    def keyPressEvent(self, ev: QKeyEvent | None) -> None:
        """Leave keys to the panel."""
        if ev is not None:
            ev.ignore()

    @override
    def focusInEvent(self, event: QFocusEvent | None) -> None:
        super().focusInEvent(event)
        self._show_ring()

    @override
    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        super().focusOutEvent(event)
        self._show_ring()

    def _show_ring(self) -> None:
        if not self.closed:  # a window that closes takes the focus away last
            self.ring.update()

    def _on_moved_by_hand(self, _: object) -> None:
        self._frame = self.viewport_now.frame

    def _on_click(self, x: float, y: float, _: bool) -> None:
        if self._content is not None:
            found = row_at(self._content.plane, *in_plane(self._content.plane, x, y))
            if found is not None and found[0].key:
                self.chosen.emit(found[0].key)

    def _on_pointed(self, at: tuple[float, float] | None) -> None:
        if self._content is None or at is None:
            self.hovered.emit(None)
            return
        place = in_plane(self._content.plane, *at)
        found = row_at(self._content.plane, *place)
        self.hovered.emit(None if found is None else (*found, place))
        self.setToolTip("" if found is None else plain_tip(_tip(found[0])))

    def _row_at(self, at: QPointF) -> Row | None:
        content = self._content
        if content is None:
            return None
        place = in_plane(content.plane, *self.viewport_now.to_pixel(at.x(), at.y()))
        found = row_at(content.plane, *place)
        return None if found is None else found[0]

    # Painting --------------------------------------------------------------------------------

    def _paint_picture(self, painter: QPainter) -> None:
        device = painter.device()
        ratio = 1.0 if device is None else device.devicePixelRatioF()
        if self._content is None:
            return
        image = self._painter.image(self._content, self.viewport_now, ratio)
        if image is not None:
            image.setDevicePixelRatio(ratio)
            painter.drawImage(QPointF(0, 0), image)

    def _paint_ring(self, painter: QPainter) -> None:
        if self.hasFocus():
            self.paint_focus(painter, self._palette)

    def _amplifiers_key(self) -> object:
        if self._content is None or not self._with_amplifiers:
            return None
        return self._content.plane, self._palette.name

    def _draw_amplifiers(self, painter: QPainter, viewport: Viewport) -> None:
        """Draw thin lines between amplifiers, where one is not narrower than some pixels."""
        assert self._content is not None, "painted where there is a plane only"
        plane, zoom = self._content.plane, viewport.frame.zoom
        if not len(plane.amplifiers) or zoom * plane.narrowest_amplifier < LEAST_AMPLIFIER:
            return
        ends = self._on_pane(viewport, plane.amplifiers)
        low, high = ends.min(axis=1), ends.max(axis=1)
        seen = ((high > 0) & (low < (viewport.width, viewport.height))).all(axis=1)
        painter.setPen(QPen(with_alpha(self._palette.text, AMPLIFIER_ALPHA), 1))
        painter.drawLines(*[QLineF(*one.ravel().tolist()) for one in ends[seen]])

    def _marks_key(self) -> object:
        if self._content is None:
            return None
        return self._content.plane, self._selected, self._palette.name

    def _corners(self, viewport: Viewport) -> NDArray[np.float64]:
        """Return where the corners of all detectors are, [n, 4, 2]."""
        assert self._content is not None, "asked for where there is a plane only"
        return self._on_pane(viewport, self._content.plane.corners)

    def _on_pane(self, viewport: Viewport, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where places of the focal plane are, [..., 2]."""
        assert self._content is not None, "asked for where there is a plane only"
        frame = viewport.frame
        u, v = on_image(self._content.plane, places[..., 0], places[..., 1])
        x = viewport.width / 2 + (u - frame.x) * frame.zoom
        y = viewport.height / 2 - (v - frame.y) * frame.zoom
        return np.stack([x, y], axis=-1)

    def _draw_marks(self, painter: QPainter, viewport: Viewport) -> None:
        assert self._content is not None, "painted where there is a plane only"
        palette = self._palette
        corners = self._corners(viewport)
        low, high = corners.min(axis=1), corners.max(axis=1)
        is_small = float(np.median(high[:, 0] - low[:, 0])) < SMALL
        face, tall = (font(10), SMALL_CHIP) if is_small else (font(11), CHIP)
        metrics = QFontMetricsF(face)
        painter.setFont(face)
        size = (viewport.width, viewport.height)
        wide = high[:, 0] - low[:, 0]
        names = self._names_at(metrics)
        seen = ((high > 0) & (low < size)).all(axis=1)
        named = (seen & (wide >= LEAST_CHIP) & (wide >= names + 6)).tolist()
        chip, late, name_color = with_alpha(palette.chip, 0.9), [], ""
        down = tall / 2 + (metrics.ascent() - metrics.descent()) / 2
        rows, places, widths = self._content.plane.rows, low.tolist(), names.tolist()
        for k in np.flatnonzero(seen).tolist():
            row, (left, top) = rows[k], places[k]
            if row.why:
                self._draw_nothing(painter, row, corners[k], float(wide[k]))
                name_color = ""
            if row.framed or (row.key and row.key == self._selected):
                late.append((row, corners[k]))
            if named[k]:
                painter.fillRect(QRectF(left + 1, top + 1, widths[k] + 4, tall), chip)
                color = palette.text if row.key else palette.text3
                if color != name_color:  # a pen for each name would take as long as the name
                    painter.setPen(QColor(color))
                    name_color = color
                painter.drawText(QPointF(left + 3, top + 1 + down), row.name)
        for row, outline in late:
            selected = row.key == self._selected
            pen = QPen(QColor(palette.highlight if selected else palette.warning))
            pen.setWidthF(2.0 if selected else 1.5)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawPolygon(_polygon(outline))

    def _names_at(self, metrics: QFontMetricsF) -> NDArray[np.float64]:
        """Return how wide the names of all detectors are, [n]."""
        assert self._content is not None, "asked for where there is a plane only"
        rows, height = self._content.plane.rows, metrics.height()
        if self._names[0] is not rows or self._names[1] != height:
            widths = [metrics.horizontalAdvance(row.name) for row in rows]
            self._names = rows, height, np.array(widths, np.float64)
        return self._names[2]

    def _draw_nothing(
        self, painter: QPainter, row: Row, corners: NDArray[np.float64], wide: float
    ) -> None:
        """Draw a detector of which there is nothing to be seen: crossed where it stays so."""
        palette, outline = self._palette, _polygon(corners)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(palette.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(outline)
        if not has_no_data(row):
            return
        painter.drawLine(outline.at(0), outline.at(2))
        if wide >= LEAST_WORDS:
            painter.setPen(QColor(palette.text3))
            words = QRectF(0, 0, LEAST_WORDS, CHIP)
            words.moveCenter(outline.boundingRect().center())
            painter.fillRect(words, QColor(palette.canvas))
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, "no data")


def _polygon(corners: NDArray[np.float64]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in corners.tolist()])


def _tip(row: Row) -> str:
    """Return what is said of a detector that has nothing to show; "" for others."""
    return f"{row.name}: {row.why}" if row.why and row.why != NOT_READ else ""

"""North, east and a scale bar in the lower left corner of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPointF, QRectF, QSizeF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF
from typing_extensions import override

from skyframe_gui.app.model.sky_axes import round_length, sky_axes
from skyframe_gui.ui.graph.pixel_item import PixelItem, is_screen
from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.sky_axes import SkyAxes
    from skyframe_gui.ui.graph.image_view import ImageView
    from skyframe_gui.ui.images.geometry import Viewport

CORNER, PADDING, RADIUS = 4.0, 6.0, 3.0
ARROW, HEAD, BESIDE = 21.0, 5.5, 9.0
"""Lengths of a shaft and of its head; of the way from its tip to its letter."""
GAP, LINE, TICK = 2.0, 13.0, 4.0
LEAST_WIDTH = 42.0
PART, MOST_BAR = 1 / 5, 120.0
"""Of the image's width that the bar has at most; a third would crowd the corner."""
LOW, SMALLER = 250.0, 0.8
"""An image that is lower has a smaller plate."""
PLATE, ALPHA, INK, FAINT = "#121315", 0.82, "#ffffff", "#c9cdd2"
"""In both themes: what lies below is an image in both."""
NO_WCS = "no WCS"


class Compass(PixelItem):
    """The plate, kept as a picture while the sky lies on the screen as it did.

    Parameters
    ----------
    view : ImageView
    shown : callable
        Returns whose coordinates are told; None where nothing is to be drawn.
    z : float
    """

    def __init__(self, view: ImageView, shown: Callable[[], Shown | None], z: float) -> None:
        super().__init__(self._paint_plate, z)
        self._view, self._shown = view, shown
        self._axes_of: tuple[object, float, float] | None = None
        self._axes: SkyAxes | None = None
        self._kept: QPixmap | None = None
        self._kept_of: object = None

    @override
    def has_something(self) -> bool:
        return self._shown() is not None

    @property
    def width(self) -> float:
        """How much of the lower edge is taken, from the left; 0 for nothing."""
        if not self.has_something():
            return 0.0
        return CORNER + _plate_of(self._axes_now(), self._view.viewport_now).size.width()

    def _axes_now(self) -> SkyAxes | None:
        shown, frame = self._shown(), self._view.viewport_now.frame
        if shown is None:
            return None
        # Whose middle is beside the image has no coordinates there, in a distorted one.
        x = min(max(frame.x, 0.0), shown.width - 1.0)
        y = min(max(frame.y, 0.0), shown.height - 1.0)
        made_of = (shown.exposure, x, y)
        if self._axes_of != made_of:
            self._axes_of = made_of
            self._axes = sky_axes(getattr(shown.exposure, "wcs", None), x, y)
        return self._axes

    def _paint_plate(self, painter: QPainter) -> None:
        viewport = self._view.viewport_now
        plate = _plate_of(self._axes_now(), viewport)
        at = QPointF(CORNER, round(viewport.height - CORNER - plate.size.height()))
        if not is_screen(painter):
            painter.translate(at)
            plate.draw(painter)
            return
        device = painter.device()
        ratio = 1.0 if device is None else device.devicePixelRatioF()
        if self._kept is None or self._kept_of != (plate.key, ratio):
            self._kept_of = (plate.key, ratio)
            self._kept = QPixmap((plate.size * ratio).toSize())
            self._kept.setDevicePixelRatio(ratio)
            self._kept.fill(Qt.GlobalColor.transparent)
            inner = QPainter(self._kept)
            plate.draw(inner)
            inner.end()
        painter.drawPixmap(at, self._kept)


class _Plate:
    """What is drawn: arrows about an origin, letters, and the bar below them.

    Parameters
    ----------
    axes : SkyAxes or None
    bar : float
        Length of the bar in pixels of the window.
    text : str
        What it stands for.
    scale : float
        Of all that is drawn.
    """

    def __init__(self, axes: SkyAxes | None, bar: float, text: str, scale: float) -> None:
        self.axes, self.bar, self.text, self.scale = axes, bar / scale, text, scale
        self._box = QRectF(0, 0, _width(NO_WCS, 500), LINE) if axes is None else _about(axes)
        width = max(self._box.width(), self.bar, _width(text, 400), LEAST_WIDTH)
        height = self._box.height() + GAP + LINE + TICK
        whole = QSizeF(round(width + 2 * PADDING), round(height + 2 * PADDING))
        self._whole, self.size = whole, QSizeF(whole * scale)
        turned = () if axes is None else (*_rounded(axes.north), *_rounded(axes.east), *axes.names)
        self.key = (turned, round(self.bar, 2), text, scale)

    def draw(self, painter: QPainter) -> None:
        """Draw with the upper left corner at the origin."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self.scale, self.scale)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_alpha(PLATE, ALPHA))
        painter.drawRoundedRect(QRectF(QPointF(), self._whole), RADIUS, RADIUS)
        middle = self._whole.width() / 2
        if self.axes is None:
            _write(painter, QPointF(middle, PADDING + LINE / 2), NO_WCS, 500, FAINT)
        else:
            origin = QPointF(middle, PADDING) - QPointF(self._box.center().x(), self._box.top())
            for name, way, beside in _arrows(self.axes):
                _draw_arrow(painter, origin, way)
                _write(painter, origin + way * ARROW + beside * BESIDE, name, 600, INK)
        below = self._whole.height() - PADDING
        _write(painter, QPointF(middle, below - TICK - LINE / 2), self.text, 400, INK)
        # Pen and pixels alike: strokes of one pixel between two would be grey.
        left, right = middle - self.bar / 2, middle + self.bar / 2
        painter.fillRect(QRectF(left, below - 1.5, self.bar, 1.5), QColor(INK))
        for at in (left, right - 1.5):
            painter.fillRect(QRectF(at, below - TICK, 1.5, TICK), QColor(INK))


def _plate_of(axes: SkyAxes | None, viewport: Viewport) -> _Plate:
    scale = SMALLER if viewport.height < LOW else 1.0
    most = min(viewport.width * PART, MOST_BAR) / viewport.frame.zoom  # in pixels of the exposure
    unit = 1.0 if axes is None else axes.arcsec
    length, text = round_length(most * unit, of_sky=axes is not None)
    return _Plate(axes, length / unit * viewport.frame.zoom, text, scale)


def _arrows(axes: SkyAxes) -> tuple[tuple[str, QPointF, QPointF], ...]:
    """Return name, direction on the screen, and on which side of its tip the name stands."""
    north, east = (QPointF(one.x, -one.y) for one in (axes.north, axes.east))
    return (axes.names[0], north, -east), (axes.names[1], east, north)


def _about(axes: SkyAxes) -> QRectF:
    """Return the box about arrows and letters; their common origin is at 0, 0."""
    box = QRectF(-1, -1, 2, 2)
    for name, way, beside in _arrows(axes):
        tip = way * ARROW
        box |= QRectF(tip.x() - 3, tip.y() - 3, 6, 6)
        across = _width(name, 600)
        at = tip + beside * BESIDE
        box |= QRectF(at.x() - across / 2, at.y() - 5, across, 10)
    return box


def _draw_arrow(painter: QPainter, origin: QPointF, way: QPointF) -> None:
    tip, side = origin + way * ARROW, QPointF(-way.y(), way.x())
    foot = tip - way * HEAD
    painter.setPen(QPen(QColor(FAINT), 1.6, cap=Qt.PenCapStyle.SquareCap))
    painter.drawLine(origin, foot)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(INK))
    painter.drawPolygon(QPolygonF([tip, foot + side * HEAD / 2, foot - side * HEAD / 2]))


def _write(painter: QPainter, middle: QPointF, text: str, weight: int, colour: str) -> None:
    metrics = QFontMetricsF(font(11, weight))
    painter.setFont(font(11, weight))
    painter.setPen(QColor(colour))
    left = middle.x() - metrics.horizontalAdvance(text) / 2
    painter.drawText(QPointF(left, middle.y() + metrics.capHeight() / 2), text)
    painter.setPen(Qt.PenStyle.NoPen)


def _width(text: str, weight: int) -> float:
    return QFontMetricsF(font(11, weight)).horizontalAdvance(text)


def _rounded(direction: Any) -> tuple[float, float]:
    return round(direction.x, 3), round(direction.y, 3)

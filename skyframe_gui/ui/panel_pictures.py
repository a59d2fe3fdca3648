"""Pictures of panels, as PNG and SVG."""

from __future__ import annotations

from PyQt6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QPoint
from PyQt6.QtGui import QPainter, QPixmap
from PyQt6.QtWidgets import QApplication, QGraphicsView, QWidget

from skyframe_gui.engine.errors import SkyFrameError

PNG_RATIO = 2.0
"""Pixels of the picture to one of the window: sharp in print."""


def png_of(panel: QWidget) -> bytes:
    """Return a panel as a PNG of twice its size.

    Raises
    ------
    SkyFrameError
        Qt could not make the picture.
    """
    _check(panel)
    _let_go(panel)
    pixmap = QPixmap(panel.size() * PNG_RATIO)
    buffer = _open_buffer()
    if not pixmap.isNull():  # Qt complains of painting on nothing
        pixmap.setDevicePixelRatio(PNG_RATIO)
        # The widget's own, as a view of graphics has another one of that name.
        QWidget.render(panel, pixmap)
    if pixmap.isNull() or not pixmap.save(buffer, "PNG"):
        raise SkyFrameError("The panel is too large for a PNG; make the window smaller.")
    return bytes(buffer.data().data())


def svg_of(panel: QWidget, title: str) -> bytes:
    """Return a panel as an SVG: lines and text as such, images embedded.

    Raises
    ------
    SkyFrameError
        There is nothing to draw.
    """
    _check(panel)
    _let_go(panel)
    return drawing_of(panel, title)


def drawing_of(panel: QWidget, title: str) -> bytes:
    """Return a panel as an SVG, with what is under the mouse."""
    from PyQt6.QtSvg import QSvgGenerator

    buffer = _open_buffer()
    # The older profile knows no clipping: lines would run out of their axes.
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setSize(panel.size())
    generator.setViewBox(panel.rect())
    generator.setTitle(title)
    painter = QPainter(generator)
    QWidget.render(panel, painter, QPoint())
    painter.end()
    return bytes(buffer.data().data())


def _check(panel: QWidget) -> None:
    if panel.size().isEmpty():
        raise SkyFrameError("The panel has no room in the window; make it larger.")


def _let_go(panel: QWidget) -> None:
    """Take away rings, crosshairs and chips of what is under the mouse: no part of a picture."""
    views = panel.findChildren(QGraphicsView)
    for view in (*views, panel) if isinstance(panel, QGraphicsView) else views:
        QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))


def _open_buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.setData(QByteArray())
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer

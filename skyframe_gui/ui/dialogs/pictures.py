"""Pictures of panels, as PNG and SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QBuffer, QByteArray, QIODevice, QPoint
from PyQt6.QtGui import QPainter, QPixmap

from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

PNG_RATIO = 2.0
"""Pixels of the picture to one of the window: sharp in print."""


def png_of(panel: QWidget) -> bytes:
    """Return a panel as a PNG of twice its size.

    Raises
    ------
    SkyFrameError
        Qt could not make the picture.
    """
    pixmap = QPixmap(panel.size() * PNG_RATIO)
    pixmap.setDevicePixelRatio(PNG_RATIO)
    panel.render(pixmap)
    buffer = _open_buffer()
    if pixmap.isNull() or not pixmap.save(buffer, "PNG"):
        raise SkyFrameError("The panel is too large for a PNG; make the window smaller.")
    return bytes(buffer.data().data())


def svg_of(panel: QWidget, title: str) -> bytes:
    """Return a panel as an SVG: lines and text as such, images embedded."""
    from PyQt6.QtSvg import QSvgGenerator

    buffer = _open_buffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(panel.size())
    generator.setViewBox(panel.rect())
    generator.setTitle(title)
    painter = QPainter(generator)
    panel.render(painter, QPoint())
    painter.end()
    return bytes(buffer.data().data())


def _open_buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.setData(QByteArray())
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer

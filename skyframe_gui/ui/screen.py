"""Where a window fits on the screen that it is on."""

from __future__ import annotations

from PyQt6.QtCore import QMargins, QPoint, QRect, QSize
from PyQt6.QtWidgets import QApplication, QWidget

SIZE = (1440, 900)
FRAME = QMargins(4, 32, 4, 4)
"""A usual frame around a window, until the system tells its own."""


def first_geometry(free: QRect, frame: QMargins = FRAME) -> QRect:
    """Return where a window of the usual size, or a smaller one, is within a screen's free area.

    Parameters
    ----------
    free : QRect
    frame : QMargins
        What the system draws around the window.
    """
    room = free.marginsRemoved(frame)
    size = QSize(*SIZE).boundedTo(room.size())
    left = room.left() + (room.width() - size.width()) // 2
    return QRect(QPoint(left, room.top() + (room.height() - size.height()) // 2), size)


def geometry_within(place: QRect, free: QRect, frame: QMargins) -> QRect:
    """Return a window's place moved, and made smaller if need be, so that its frame is in view."""
    room = free.marginsRemoved(frame)
    size = place.size().boundedTo(room.size())
    left = min(max(place.left(), room.left()), room.right() + 1 - size.width())
    top = min(max(place.top(), room.top()), room.bottom() + 1 - size.height())
    return QRect(QPoint(left, top), size)


def free_area(window: QWidget | None = None) -> QRect:
    """Return what the system leaves free of a window's screen."""
    screen = QApplication.primaryScreen() if window is None else window.screen()
    # The offscreen platform's screen is a made-up one.
    if screen is None or QApplication.platformName() == "offscreen":
        return QRect(0, 0, 4 * SIZE[0], 4 * SIZE[1])
    return screen.availableGeometry()


def move_into_view(window: QWidget) -> None:
    """Move a window, and make it smaller if need be, so that its frame is on the screen."""
    if window.isMaximized() or window.isFullScreen():
        return
    outer, inner = window.frameGeometry(), window.geometry()
    frame = QMargins(
        inner.left() - outer.left(),
        inner.top() - outer.top(),
        outer.right() - inner.right(),
        outer.bottom() - inner.bottom(),
    )
    place = geometry_within(inner, free_area(window), frame)
    if place != inner:
        window.setGeometry(place)

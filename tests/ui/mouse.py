"""A mouse over a plot or a pane: events as Qt delivers them, to the viewport of the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtWidgets import QGraphicsView, QWidget

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NO_BUTTON, NONE = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
Place = QPoint | QPointF


def _viewport(view: QGraphicsView) -> QWidget:
    viewport = view.viewport()
    assert viewport is not None
    return viewport


def _send(
    view: QGraphicsView,
    kind: QEvent.Type,
    at: Place,
    button: Qt.MouseButton,
    buttons: Qt.MouseButton,
    keys: Qt.KeyboardModifier,
) -> None:
    viewport, place = _viewport(view), QPointF(at)
    event = QMouseEvent(kind, place, viewport.mapToGlobal(place), button, buttons, keys)
    QApplication.sendEvent(viewport, event)


def move(view: QGraphicsView, at: Place) -> None:
    _send(view, QEvent.Type.MouseMove, at, NO_BUTTON, NO_BUTTON, NONE)


def leave(view: QGraphicsView) -> None:
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))


def press(
    view: QGraphicsView,
    at: Place,
    keys: Qt.KeyboardModifier = NONE,
    button: Qt.MouseButton = LEFT,
) -> None:
    move(view, at)
    _send(view, QEvent.Type.MouseButtonPress, at, button, button, keys)


def pull(
    view: QGraphicsView,
    at: Place,
    keys: Qt.KeyboardModifier = NONE,
    button: Qt.MouseButton = LEFT,
) -> None:
    _send(view, QEvent.Type.MouseMove, at, NO_BUTTON, button, keys)


def release(
    view: QGraphicsView,
    at: Place,
    keys: Qt.KeyboardModifier = NONE,
    button: Qt.MouseButton = LEFT,
) -> None:
    _send(view, QEvent.Type.MouseButtonRelease, at, button, NO_BUTTON, keys)


def click(
    view: QGraphicsView,
    at: Place,
    keys: Qt.KeyboardModifier = NONE,
    button: Qt.MouseButton = LEFT,
) -> None:
    press(view, at, keys, button)
    release(view, at, keys, button)


def double_click(view: QGraphicsView, at: Place) -> None:
    click(view, at)
    _send(view, QEvent.Type.MouseButtonDblClick, at, LEFT, LEFT, NONE)
    release(view, at)


def drag(
    view: QGraphicsView,
    corners: Sequence[Place],
    keys: Qt.KeyboardModifier = NONE,
    button: Qt.MouseButton = LEFT,
    let_go: bool = True,
) -> None:
    press(view, corners[0], keys, button)
    for corner in corners[1:]:
        pull(view, corner, keys, button)
    if let_go:
        release(view, corners[-1], keys, button)


def wheel(view: QGraphicsView, at: Place, by: int) -> None:
    viewport, place = _viewport(view), QPointF(at)
    event = QWheelEvent(
        place, viewport.mapToGlobal(place), QPoint(), QPoint(0, by), NO_BUTTON, NONE,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)

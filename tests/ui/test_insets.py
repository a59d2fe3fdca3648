"""The overview shows all of an exposure and moves the view; the magnifier shows single pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from mouse import leave, move
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor
from test_images import bare, now, panel, state  # noqa: F401  (fixtures)

from skyframe_gui.app.model.view import Frame
from skyframe_gui.ui.images.insets import SIZES
from skyframe_gui.ui.panel_pictures import png_of

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from skyframe_gui.ui.images.insets import Overview
    from skyframe_gui.ui.panels.images import ImagesPanel

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def overview(panel: ImagesPanel) -> Overview:  # noqa: F811
    panel.commands.panes.move(0, Frame(60.0, 120.0, 6.0))
    panel.commands.view(overview=True)
    found = panel.panes[0].insets.overview
    assert found is not None
    return found


def pixels(widget: QWidget) -> np.ndarray:
    """Return the colours that are seen inside of the border, as [y, x, 3]."""
    image = widget.grab().toImage()
    return np.array(
        [
            [image.pixelColor(x, y).getRgb()[:3] for x in range(1, image.width() - 1)]
            for y in range(1, image.height() - 1)
        ],
        float,
    )


def test_the_overview_stands_on_the_active_pane_and_shows_all(
    panel: ImagesPanel,  # noqa: F811
    overview: Overview,
) -> None:
    pane = panel.panes[0]
    assert overview.isVisible()
    canvas = pane.canvas.geometry()
    assert canvas.contains(overview.geometry())
    assert overview.geometry().bottomRight() == canvas.bottomRight() - QPoint(4, 4)
    assert overview.width() * overview.height() < 0.1 * canvas.width() * canvas.height()
    shown = now(panel).results.shown
    assert (overview.width() - 2) / (overview.height() - 2) == pytest.approx(
        shown.width / shown.height, rel=0.02
    )
    seen = pane.canvas.viewport
    x0, y1 = seen.to_pixel(0, 0)
    here = overview.looks_at().to_pane(x0, y1)
    assert (overview.box.left(), overview.box.top()) == pytest.approx((here.x(), here.y()))
    panel.commands.view(active=3)
    assert not overview.isVisible()
    assert panel.panes[3].insets.overview.isVisible()
    panel.commands.view(overview=False)
    assert not panel.panes[3].insets.overview.isVisible()


def test_the_overview_is_the_image_in_small(
    panel: ImagesPanel,  # noqa: F811
    overview: Overview,
) -> None:
    panel.commands.panes.move(0, None)
    small = pixels(overview)[6:-6, 6:-6]
    bare(panel)
    panel.commands.view(overview=False, compass=False)
    image = panel.panes[0].canvas.grab().toImage()
    box = panel.panes[0].canvas.viewport.rect(0, 0, 240, 200).toRect()
    large = image.copy(box).scaled(
        overview.width() - 2,
        overview.height() - 2,
        transformMode=Qt.TransformationMode.SmoothTransformation,
    )
    wanted = np.array(
        [
            [large.pixelColor(x, y).getRgb()[:3] for x in range(6, large.width() - 6)]
            for y in range(6, large.height() - 6)
        ],
        float,
    )
    assert np.abs(small - wanted).mean() < 12
    assert small.std() > 15, "something is to be seen"


def test_a_drag_in_the_overview_moves_all_linked_views(
    panel: ImagesPanel,  # noqa: F811
    overview: Overview,
    qtbot: QtBot,
) -> None:
    here = overview.looks_at()
    border = QPointF(1, 1)
    hold = (overview.box.center() + border).toPoint()
    goal = hold + QPoint(9, 7)
    qtbot.mousePress(overview, LEFT, pos=hold)
    before = panel.panes[0].canvas.viewport.frame
    qtbot.mouseMove(overview, goal)
    from PyQt6.QtCore import QEvent
    from PyQt6.QtGui import QMouseEvent

    drag = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(goal), overview.mapToGlobal(QPointF(goal)),
        Qt.MouseButton.NoButton, LEFT, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    overview.mouseMoveEvent(drag)
    qtbot.mouseRelease(overview, LEFT, pos=goal)
    for pane in panel.panes:
        frame = pane.canvas.viewport.frame
        assert frame.zoom == pytest.approx(6.0)
        assert (frame.x, frame.y) == pytest.approx(
            (before.x + 9 / here.frame.zoom, before.y - 7 / here.frame.zoom), abs=0.01
        )
    corner = QPoint(overview.width() - 12, 12)  # beside the box: it comes there
    qtbot.mouseClick(overview, LEFT, pos=corner)
    frame = panel.panes[0].canvas.viewport.frame
    wanted = here.to_pixel(corner.x() - 1, corner.y() - 1)
    assert (frame.x, frame.y) == pytest.approx(wanted, abs=0.01)


CELLS, CELL = SIZES[0][1:]


def test_the_magnifier_shows_the_pixels_about_the_mouse_of_the_layer_under_it(
    panel: ImagesPanel,  # noqa: F811
) -> None:
    bare(panel)
    panel.commands.view(magnifier=True)
    for index in (0, 3):
        pane = panel.panes[index]
        place = pane.canvas.viewport.to_pane(100.2, 60.4).toPoint()
        move(pane.canvas.view, place)
        shown = pane.insets.magnifier
        assert shown is not None
        assert shown.isVisible()
        x, y = pane.canvas.viewport.to_pixel(place.x(), place.y())
        column, row = round(x), round(y)
        assert shown.pixel == (column, row)
        seen = shown.grab().toImage()
        assert seen.width() == CELLS * CELL + 2
        panel.commands.looks.set_smoothing(now(panel).view.panes[index], 3.0)
        assert shown.grab().toImage() == seen, "single pixels are not smoothed"
        panel.commands.looks.set_smoothing(now(panel).view.panes[index], None)
        leave(pane.canvas.view)
        assert not shown.isVisible()
        # Each cell has the colour that its pixel has in a view that is enlarged.
        panel.commands.panes.move(index, Frame(column, row, 20.0))
        large, view = pane.canvas.grab().toImage(), pane.canvas.viewport
        for i, j in ((-5, -5), (5, 5), (-3, 2), (0, 4), (1, 0)):
            cell = QPoint(1 + (5 + i) * CELL + CELL // 2, 1 + (5 - j) * CELL + CELL // 2)
            wanted = large.pixelColor(view.to_pane(column + i, row + j).toPoint())
            assert seen.pixelColor(cell) == wanted, (i, j)
        # The middle one is marked by a square.
        assert seen.pixelColor(1 + 5 * CELL, 1 + 5 * CELL) == QColor("#ffffff")
        panel.commands.panes.move(index, None)


def test_the_magnifier_gives_way_to_the_mouse_and_to_what_is_large_already(
    panel: ImagesPanel,  # noqa: F811
) -> None:
    panel.commands.view(magnifier=True)
    pane = panel.panes[0]
    move(pane.canvas.view, QPoint(60, 200))
    shown = pane.insets.magnifier
    assert shown is not None
    home = shown.geometry()
    assert home.left() > pane.canvas.width() / 2
    panel.commands.panes.move(0, Frame(100, 80, 3.0))
    move(pane.canvas.view, home.center())
    assert shown.isVisible()
    assert not shown.geometry().contains(home.center())
    panel.commands.panes.move(0, Frame(100, 80, 40.0))
    move(pane.canvas.view, QPoint(60, 200))
    assert not shown.isVisible()


@pytest.mark.parametrize("size", [(900, 640), (620, 440), (420, 260)])
def test_the_magnifier_leaves_most_of_a_small_pane_to_be_seen(
    panel: ImagesPanel,  # noqa: F811
    size: tuple[int, int],
) -> None:
    panel.commands.view(magnifier=True)
    panel.resize(*size)
    canvas = panel.panes[0].canvas
    room = canvas.view.viewport().rect()
    move(canvas.view, QPoint(20, room.height() - 10))
    shown = panel.panes[0].insets.magnifier
    assert shown is not None
    assert shown.isVisible()
    assert max(shown.width() / room.width(), shown.height() / room.height()) < 0.5


def test_insets_are_in_no_picture_of_the_pane(
    panel: ImagesPanel,  # noqa: F811
    overview: Overview,
) -> None:
    pane = panel.panes[0]
    with_it = png_of(pane.picture)
    panel.commands.view(overview=False)
    assert png_of(pane.picture) == with_it


def test_where_there_is_no_picture_there_is_no_overview(
    panel: ImagesPanel,  # noqa: F811
    overview: Overview,
) -> None:
    store = panel.commands.store
    shown = replace(now(panel).results.shown, image=None)
    store.set(results=replace(now(panel).results, shown=shown))
    assert not overview.isVisible()

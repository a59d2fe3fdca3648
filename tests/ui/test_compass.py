"""North, east and the scale bar stand on the exposure, follow zoom and pan, and can be put away."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QCursor
from test_images import now, panel, state  # noqa: F401  (fixtures)
from test_toolbar import loaded  # noqa: F401

from skyframe_gui.app.model.view import Frame
from skyframe_gui.ui.images.compass import MOST_BAR, _plate_of

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.ui.images.canvas import Canvas
    from skyframe_gui.ui.panels.images import ImagesPanel
    from skyframe_gui.ui.window import MainWindow


def corner(canvas: Canvas) -> np.ndarray:
    """Return the lower left corner as lightness [60, 70]."""
    image = canvas.grab().toImage()
    left = [
        [image.pixelColor(x, y).lightness() for x in range(70)]
        for y in range(image.height() - 66, image.height() - 4)
    ]
    return np.array(left)


def with_wcs(panel: ImagesPanel, wcs: object) -> None:  # noqa: F811
    """Give the shown exposure other coordinates."""
    store = panel.commands.store
    shown = store.state.results.shown
    assert shown is not None
    assert shown.exposure is not None
    exposure = replace_wcs(shown, wcs)
    store.set(results=replace(store.state.results, shown=exposure))


def replace_wcs(shown: Shown, wcs: object) -> Shown:
    from skyframe_gui.engine import Exposure

    old = shown.exposure
    assert old is not None
    made = Exposure(
        image=old.image, mask=old.mask, planes=old.planes, variance=old.variance, wcs=wcs
    )
    return replace(shown, exposure=made)


def test_it_stands_on_the_exposure_alone_and_e_puts_it_away(
    loaded: MainWindow,  # noqa: F811
    qtbot: QtBot,
) -> None:
    panes = loaded.panel("images").panes
    assert [pane.canvas.layers.compass.width > 0 for pane in panes] == [True, False, False, False]
    before = corner(panes[0].canvas)
    assert (before > 250).sum() > 40
    qtbot.keyClick(loaded, Qt.Key.Key_E)
    assert not loaded.store.state.view.compass
    assert (corner(panes[0].canvas) > 250).sum() < 40
    qtbot.keyClick(loaded, Qt.Key.Key_E)
    assert np.array_equal(corner(panes[0].canvas), before)
    qtbot.keyClick(loaded, Qt.Key.Key_1)
    loaded.commands.view(panes=("subtracted",))
    assert loaded.panel("images").panes[0].canvas.layers.compass.width > 0


def test_the_bar_is_as_long_as_it_says_at_every_zoom(panel: ImagesPanel) -> None:  # noqa: F811
    canvas = panel.panes[0].canvas
    layers = canvas.layers
    for zoom in (0.3, 1.0, 4.0, 21.0):
        panel.commands.panes.move(0, Frame(100, 80, zoom))
        plate = _plate_of(layers.compass._axes_now(), canvas.viewport)
        wcs = now(panel).results.shown.exposure.wcs
        long = plate.bar * plate.scale / zoom
        one, other = (wcs.pixel_to_world(100 + by, 80) for by in (-long / 2, long / 2))
        told = float(plate.text[:-1]) * (60 if plate.text[-1] == "\N{PRIME}" else 1)
        assert one.separation(other).arcsec == pytest.approx(told, rel=1e-3)
        assert plate.bar <= min(canvas.viewport.width / 3, MOST_BAR)


def shafts(canvas: Canvas) -> tuple[int, int, int]:
    """Return column and rows of the longest upright light stroke: where, from, to."""
    light = corner(canvas) > 150
    light[:, 66:] = False
    runs = []
    for column in range(light.shape[1]):
        edges = np.flatnonzero(np.diff(np.pad(light[:, column].astype(int), 1)))
        runs += [(b - a, column, a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    _, column, top, bottom = max(runs)
    return int(column), int(top), int(bottom)


def test_its_picture_follows_the_hand_of_the_coordinates(panel: ImagesPanel) -> None:  # noqa: F811
    panel.commands.view(edges=False, boxes=False)
    canvas = panel.panes[0].canvas
    column, top, bottom = shafts(canvas)
    assert 14 <= bottom - top <= 24
    image = corner(canvas)
    left, right = (image[bottom - 3 : bottom, part].max() for part in (
        slice(column - 14, column - 8), slice(column + 8, column + 14)
    ))  # fmt: skip
    assert left > 150 > right  # east is to the left of north
    mirrored = now(panel).results.shown.exposure.wcs.deepcopy()
    mirrored.wcs.cdelt = [-mirrored.wcs.cdelt[0], mirrored.wcs.cdelt[1]]
    with_wcs(panel, mirrored)
    other, *_ = shafts(canvas)
    assert other < column - 5
    image = corner(canvas)
    assert image[bottom - 3 : bottom, other + 8 : other + 14].max() > 150


def test_without_coordinates_it_says_so_and_counts_pixels(panel: ImagesPanel) -> None:  # noqa: F811
    with_wcs(panel, None)
    canvas = panel.panes[0].canvas
    assert (corner(canvas) > 180).sum() > 40
    plate = _plate_of(canvas.layers.compass._axes_now(), canvas.viewport)
    assert plate.axes is None
    assert plate.text.endswith(" px")


def test_the_chip_that_gives_way_stands_beside_it(
    panel: ImagesPanel,  # noqa: F811
    qtbot: QtBot,
) -> None:
    pane = panel.panes[0]
    near = QPoint(pane.chip.width() + 16, 12)
    QCursor.setPos(pane.mapToGlobal(near))
    pane.canvas.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    pane._place_chip()
    assert pane.chip.y() > pane.height() / 2
    assert pane.chip.x() > pane.canvas.layers.compass.width


def test_a_pan_costs_hardly_more_with_it(panel: ImagesPanel) -> None:  # noqa: F811
    """The plate is a kept picture, and the sky is asked once a pan."""
    compass = panel.panes[0].canvas.layers.compass
    times = []
    for step in range(60):
        panel.commands.panes.move(0, Frame(60 + step * 0.5, 70, 5.0))
        start = time.thread_time()
        compass.width  # noqa: B018  (what painting asks for)
        times.append(time.thread_time() - start)
    assert sorted(times)[30] < 0.002


def test_the_panes_menu_switches_what_stands_over_the_image(panel: ImagesPanel) -> None:  # noqa: F811
    pane = panel.panes[0]
    for name, key in (("compass", "E"), ("overview", "W"), ("magnifier", "Z")):
        menu = pane.make_menu(now(panel), pane.canvas.layers.content)
        entry = next(one for one in menu.actions() if one.text().endswith(f"\t{key}"))
        before = getattr(now(panel).view, name)
        assert entry.isChecked() is before
        entry.trigger()
        assert getattr(now(panel).view, name) is not before
        menu.close()

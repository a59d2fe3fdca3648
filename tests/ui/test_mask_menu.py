"""Masks by hand in the window: read from region files, seen on panes, written, taken away."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PyQt6.QtGui import QImage, QPainter

from skyframe_gui.app.model.hand_masks import MaskItem
from skyframe_gui.app.model.view import Frame
from skyframe_gui.engine.hand_masks import HandMask, contains, outline_of
from skyframe_gui.files.regions import read_regions, region_text
from skyframe_gui.ui.actions.mask_menu import (
    bin_lines,
    box_lines,
    mask_lines,
    read_masks,
    remove_shown,
)
from skyframe_gui.ui.images.geometry import Viewport
from skyframe_gui.ui.images.mask_overlay import draw_masks, shapes_over

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nights import Night

    from skyframe_gui.app.commands import Commands

CIRCLE = HandMask("circle", (60.0, 40.0, 25.0))


@pytest.fixture
def context(commands: Commands, idle: Callable[[], None], night: Night) -> Any:
    commands.open(night.science)
    idle()
    return SimpleNamespace(commands=commands, store=commands.store, window=None)


def test_regions_of_a_file_are_masked_saved_and_removed(
    context: Any, idle: Callable[[], None], tmp_path: Path
) -> None:
    store = context.store
    path = tmp_path / "a.reg"
    path.write_text("image\ncircle(61,41,25)\nline(1,1,5,5)\n")
    read_masks(context, str(path))
    idle()
    key = store.state.selection.exposure
    assert store.state.hand_masks == (MaskItem(CIRCLE, exposure=key),)
    assert any("region" in line and "left out" in line for line in store.state.log) or any(
        "line" in line for line in store.state.log
    )
    assert mask_lines(store.state) == ["image;circle(61,41,25)"]
    shown = store.state.results.shown
    ((item, mask),) = shapes_over(store.state, shown)
    assert item.mask == CIRCLE
    distance = np.hypot(*(outline_of(mask) + shown.xy0 - (60, 40)).T)
    np.testing.assert_allclose(distance, 25)
    remove_shown(context)
    assert store.state.hand_masks == ()
    assert mask_lines(store.state) == []
    context.commands.undo()
    assert len(store.state.hand_masks) == 1
    idle()


def test_regions_of_all_of_a_visit(context: Any, idle: Callable[[], None], tmp_path: Path) -> None:
    path = tmp_path / "a.reg"
    path.write_text("image\nbox(61,41,20,10,0)\n")
    read_masks(context, str(path), whole_visit=True)
    idle()
    (item,) = context.store.state.hand_masks
    assert item.visit
    assert not item.exposure


def test_a_file_that_holds_none_is_a_problem_in_words(
    context: Any, idle: Callable[[], None], tmp_path: Path
) -> None:
    path = tmp_path / "a.reg"
    path.write_text("nothing")
    read_masks(context, str(path))
    idle()
    assert context.store.state.hand_masks == ()
    assert any("a.reg" in one.text for one in context.store.state.problems)


def test_bins_go_out_as_they_are(context: Any, tmp_path: Path) -> None:
    state = context.store.state
    path = tmp_path / "bins.reg"
    path.write_text(region_text(bin_lines(state)))
    grid = state.results.shown.grid
    found, notes = read_regions(path)
    assert not notes
    assert len(found) == grid.values.size
    x, y, width, height, _ = found[-1].numbers
    assert (x - width / 2 + 0.5, y - height / 2 + 0.5) == (grid.x_edges[-2], grid.y_edges[-2])
    assert (x + width / 2 + 0.5, y + height / 2 + 0.5) == (grid.x_edges[-1], grid.y_edges[-1])
    assert box_lines(state) == []  # there is no sky frame, so no sample


@pytest.mark.parametrize(
    "mask",
    [
        CIRCLE,
        HandMask("ellipse", (50.0, 40.0, 30.0, 10.0, 30.0)),
        HandMask("box", (50.0, 40.0, 40.0, 12.0, -25.0)),
        HandMask("polygon", (20.0, 20.0, 80.0, 25.0, 40.0, 60.0)),
    ],
    ids=lambda one: one.shape,
)
def test_what_is_hatched_is_what_is_masked(qapp: object, mask: HandMask) -> None:
    image = QImage(100, 80, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    draw_masks(painter, (outline_of(mask),), Viewport(100, 80, Frame(49.5, 39.5, 1.0)))
    painter.end()
    marked = np.zeros((80, 100), bool)
    for y in range(80):
        for x in range(100):
            marked[79 - y, x] = image.pixelColor(x, y).alpha() > 0
    x, y = np.arange(100.0)[None, :], np.arange(80.0)[:, None]
    inside = contains(mask, x, y)
    grown = inside.copy()
    for _ in range(3):
        grown[1:] |= grown[:-1].copy()
        grown[:-1] |= grown[1:].copy()
        grown[:, 1:] |= grown[:, :-1].copy()
        grown[:, :-1] |= grown[:, 1:].copy()
    assert not (marked & ~grown).any()
    assert marked[inside].mean() > 0.1

"""Masks by hand in the window: read from region files, seen on panes, written, taken away."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PyQt6.QtGui import QImage, QPainter
from regions import Regions
from seen import state_of

from skyframe_gui.app.model.hand_masks import MaskItem
from skyframe_gui.app.model.view import Frame
from skyframe_gui.engine.hand_masks import HandMask, contains, masked_pixels, outline_of
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
from skyframe_gui.ui.images.sample_boxes import Kind, boxes_of

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
    (problem,) = store.state.problems
    assert problem.text == "a.reg: 1 region is masked, 1 line is left out."
    assert problem.notes in store.state.log
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


def test_sample_boxes_go_out_each_with_its_class(night: Night, tmp_path: Path) -> None:
    state = state_of(night)
    hand = boxes_of(state).sample_id(2)
    state = replace(state, excluded_samples=frozenset({hand}))
    boxes = boxes_of(state)
    assert {Kind.USED, Kind.HAND} <= set(boxes.codes.tolist())
    codes = boxes.codes.copy()
    path = tmp_path / "boxes.reg"
    path.write_text(region_text(box_lines(state)))
    found = Regions.read(path, format="ds9")
    assert len(found) == len(boxes.corners)
    names = {"cyan": Kind.USED, "red": Kind.REJECTED, "magenta": Kind.HAND, "white": Kind.NO_DATA}
    for one, corners, code in zip(found, boxes.corners.tolist(), codes.tolist(), strict=True):
        x0, y0, x1, y1 = corners
        assert (one.center.x - one.width / 2, one.center.x + one.width / 2) == (x0 - 0.5, x1 - 0.5)
        assert (one.center.y - one.height / 2, one.center.y + one.height / 2) == (
            y0 - 0.5,
            y1 - 0.5,
        )
        assert names[one.visual["facecolor"]] == code
        assert one.meta["tag"] == [Kind(code).name.lower().replace("_", " ")]
    # They can be masked as they are, and what is masked is what was sampled.
    masks, notes = read_regions(path)
    assert notes == ()
    shape = (state.results.shown.height, state.results.shown.width)
    pixels = masked_pixels(masks[:1], (0, 0, shape[1] - 1, shape[0] - 1))
    x0, y0, x1, y1 = boxes.corners[0].tolist()
    assert pixels[y0:y1, x0:x1].all()
    assert pixels.sum() == (x1 - x0) * (y1 - y0)


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

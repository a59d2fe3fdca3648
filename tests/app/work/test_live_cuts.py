"""The cut and the region are measured as the state changes, and travel in the session file."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from skyframe_gui.app.model.cuts import (
    Cut,
    Region,
    along_of,
    ends_of,
    place_on,
    step_of,
    turned,
)
from skyframe_gui.app.model.profile_curves import curves_of
from skyframe_gui.app.model.view import View
from skyframe_gui.app.project.document import document_of
from skyframe_gui.app.project.view import plain_view, taken_view
from skyframe_gui.engine.cuts import measure_profile, measure_region

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store

CUT = Cut(x0=10, y0=20, x1=200, y1=150, width=9.0)
REGION = Region(x0=30, y0=40, x1=120, y1=99)
SIZE = (240, 200)


@pytest.fixture
def visit(night: Night, commands: Commands, store: Store, idle: Callable[[], None]) -> Store:
    commands.open([*night.science, *night.paths])
    idle()
    science = [item.key for item in store.state.exposures if "science" in item.key]
    commands.set_role("sky", science, False)
    commands.build()
    idle()
    commands.select_exposure(science[0])
    idle()
    return store


def test_what_is_drawn_is_measured_of_every_layer_and_goes_with_the_scale(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.cuts.set_cut(CUT)
    commands.cuts.set_region(REGION)
    idle()
    state = visit.state
    shown, scale = state.results.shown, state.results.fit.solution.scale
    exposure, model = shown.exposure, shown.model.levels[0]
    bits = exposure.planes.bits(state.config.stats.mask)
    ends = (CUT.x0, CUT.y0, CUT.x1, CUT.y1)
    by_hand = measure_profile(exposure.image, exposure.mask, bits, ends, 9.0, 4.0, [model])
    curves = curves_of(state)
    assert curves.step == 4.0
    assert not curves.stale
    few = by_hand.n_good < 0.15 * by_hand.n_pixels
    np.testing.assert_array_equal(curves.gap, few)
    np.testing.assert_array_equal(curves.upper["exposure"], np.where(few, math.nan, by_hand.image))
    left = np.where(few, math.nan, by_hand.image - scale * by_hand.models[0])
    np.testing.assert_allclose(curves.lower["subtracted"], left, atol=1e-9)
    box = (REGION.x0, REGION.y0, REGION.x1, REGION.y1)
    numbers = measure_region(exposure.image, exposure.mask, bits, box, "box", [(model, scale)])
    assert state.results.region.layers == dict(
        zip(("exposure", "model", "subtracted"), numbers, strict=True)
    )

    # Another scale: the curves move at once, without anything measured along the cut anew.
    measured = state.results.profile
    commands.view(trial=scale + 0.5)
    moved = curves_of(visit.state)
    np.testing.assert_allclose(moved.lower["subtracted"], left - 0.5 * by_hand.models[0], atol=1e-6)
    idle()
    assert visit.state.results.profile is measured
    mean = visit.state.results.region.layers["subtracted"].mean
    assert mean == pytest.approx(numbers[2].mean - 0.5 * numbers[1].mean / scale, rel=1e-4)

    # Other planes are good, another detector is shown: both are measured again.
    stats = state.config.stats.model_copy(update={"mask": ()})
    commands.set_config(state.config.model_copy(update={"stats": stats}))
    idle()
    found = visit.state.results.profile.found
    np.testing.assert_array_equal(found.n_good, found.n_pixels)
    assert visit.state.results.region.layers["exposure"].masked == 0
    commands.step_exposure(1)
    idle()
    key = visit.state.results.shown.key
    assert key != shown.key
    assert (visit.state.results.profile.key, visit.state.results.region.key) == (key, key)

    # What is taken away has no numbers; nothing of this is a step of undo.
    label = visit.undo_label
    commands.cuts.remove()
    assert (visit.state.view.cut, visit.state.view.region) == (None, REGION)
    commands.cuts.remove()
    idle()
    assert visit.state.view.region is None
    assert visit.state.results.profile is None
    assert visit.state.results.region is None
    assert visit.undo_label == label


def test_compare_measures_a_and_b(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.pins.pin("A")
    config = visit.state.config
    background = config.background.model_copy(update={"algorithm": "CONSTANT"})
    commands.set_config(config.model_copy(update={"background": background}))
    idle()
    commands.cuts.set_cut(CUT)
    commands.cuts.set_region(REGION)
    commands.show_workspace("compare")
    idle()
    curves = curves_of(visit.state)
    assert list(curves.upper) == ["exposure", "model A", "model B"]
    assert list(curves.lower) == ["subtracted A", "subtracted B"]
    apart = curves.lower["subtracted A"] - curves.lower["subtracted B"]
    assert np.nanmax(np.abs(apart)) > 0.1
    assert list(visit.state.results.region.layers)[-2:] == ["model B", "subtracted B"]
    assert not curves.stale
    commands.show_workspace("visit")
    assert curves_of(visit.state).stale
    idle()
    assert list(curves_of(visit.state).upper) == ["exposure", "model"]


def test_cut_and_region_travel_in_a_session_file_and_the_tool_does_not(store: Store) -> None:
    kept = View(cut=CUT, region=Region(x0=1, y0=2, x1=3, y1=4, shape="circle"), tool="cut")
    store.set(view=kept)
    text = json.dumps(document_of(store.state, None).view)
    view, notes = taken_view(json.loads(text), View())
    assert notes == ()
    assert (view.cut, view.region, view.tool) == (kept.cut, kept.region, "")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("cut", {"x0": 1e9}),
        ("cut", {"width": 0.0}),
        ("cut", {"width": 1e9}),
        ("cut", {"step": -1.0}),
        ("region", {"y1": -1e300}),
    ],
)
def test_what_cannot_be_drawn_is_not_taken_from_a_file(
    name: str, changes: dict[str, object]
) -> None:
    plain = plain_view(View(cut=CUT, region=REGION))
    plain[name] = {**plain[name], **changes}
    view, notes = taken_view({name: plain[name]}, View())
    assert getattr(view, name) is None
    assert len(notes) == 1


def test_of_what_another_version_draws_the_ends_are_taken() -> None:
    plain = plain_view(View(cut=CUT, region=REGION))
    plain["cut"]["kind"], plain["region"]["shape"] = "spiral", "star"
    view, notes = taken_view(plain, View())
    assert (view.cut, view.region) == (CUT, REGION)
    assert len(notes) == 2


def test_rows_and_columns_go_from_border_to_border() -> None:
    row = turned(CUT, "row", SIZE)
    assert ends_of(row, SIZE) == (0, 85, 239, 85)
    column = turned(row, "column", SIZE)
    assert ends_of(column, SIZE) == (120, 0, 120, 199)
    free = turned(column, "cut", SIZE)
    assert (free.kind, ends_of(free, SIZE)) == ("cut", (120, 0, 120, 199))
    assert free.width == CUT.width


def test_a_line_shows_each_pixel_and_a_band_some_fifty_steps() -> None:
    assert step_of(Cut(x0=0, y0=0, x1=4000, y1=0), (4096, 4096)) == 1
    assert step_of(Cut(x0=0, y0=0, x1=930, y1=0, width=64), (1024, 1024)) == 16
    assert step_of(Cut(x0=0, y0=0, x1=930, y1=0, width=64, step=5), (1024, 1024)) == 5


def test_the_cursor_is_where_the_cut_is_nearest() -> None:
    cut = Cut(x0=10, y0=10, x1=40, y1=50)
    assert along_of(cut, SIZE, (10, 10)) == 0
    assert along_of(cut, SIZE, (40 - 8, 50 + 6)) == pytest.approx(50)
    assert along_of(cut, SIZE, (0, 0)) is None
    assert place_on(cut, SIZE, 25) == pytest.approx((25, 30))


def test_commands_draw_nothing_that_has_no_extent(
    visit: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.cuts.set_cut(Cut(x0=5, y0=5, x1=5, y1=5))
    assert visit.state.view.cut is None
    commands.point((33.3, 44.4))
    commands.cuts.turn("column")
    assert ends_of(visit.state.view.cut, SIZE) == (33, 0, 33, 199)
    commands.cuts.set_width(-3)
    assert visit.state.view.cut.width == 1
    commands.cuts.set_step(7.0)
    idle()
    assert len(visit.state.results.profile.found.along) == round(200 / 7)
    commands.cuts.set_region(REGION)
    commands.cuts.shape("circle")
    region = visit.state.view.region
    assert region.shape == "circle"
    assert region.sides[0] == region.sides[1] == 59
    idle()
    assert visit.state.problems == ()

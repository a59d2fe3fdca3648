"""The image panes show what the arrays hold, and mouse and keys do what they say."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QWheelEvent
from PyQt6.QtWidgets import QApplication, QLabel, QWidget
from seen import state_of, with_limits

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.limits import limits_of, preset_name
from skyframe_gui.app.model.looks import (
    DIVERGING,
    LAYERS,
    SEQUENTIAL,
    STRETCHES,
    colours_of,
    with_look,
)
from skyframe_gui.app.model.queries import WARM_UP
from skyframe_gui.app.model.results import Job, Results
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.model.view import Frame, Selection
from skyframe_gui.app.program import Program
from skyframe_gui.resource import colour_map, resource_path
from skyframe_gui.ui.images.box_overlay import draw_boxes
from skyframe_gui.ui.images.content import content_of
from skyframe_gui.ui.images.geometry import Viewport, cells, coverage, fitted, kept_in
from skyframe_gui.ui.images.planes import next_masked_mode
from skyframe_gui.ui.images.render import picture_of, piece_of
from skyframe_gui.ui.images.sample_boxes import Boxes, Kind, boxes_of
from skyframe_gui.ui.images.stretch import curve, lookup, map_name
from skyframe_gui.ui.panels.images import ImagesPanel
from skyframe_gui.ui.samples.colours import round_colours
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.images.canvas import Canvas


@pytest.fixture
def state(night: Night, qapp: object) -> State:
    return state_of(night)


@pytest.fixture
def panel(qtbot: QtBot, state: State) -> Iterator[ImagesPanel]:
    """All panes on a session of its own; the engine stands still."""
    panes = ("exposure", "grid", "model", "subtracted")
    store = Store(replace(state, view=replace(state.view, panes=panes)))
    commands = Commands(Program(store))
    store.changed.disconnect(commands.program.live._on_changed)
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(900, 640)
    made = ImagesPanel(commands)
    made.setParent(host)
    made.resize(900, 640)
    made.show_state(store.state)
    host.show()
    store.changed.connect(lambda old, new: made.show_state(new))
    store.pointer.moved.connect(made.follow)
    yield made
    store.changed.disconnect()
    assert commands.program.close()


def now(panel: ImagesPanel) -> State:
    return panel.commands.store.state


def mouse(canvas: Canvas) -> QWidget:
    """What receives the mouse."""
    found = canvas.view.viewport()
    assert found is not None
    return found


def at(canvas: Canvas, x: float, y: float) -> QPoint:
    return canvas.viewport.to_pane(x, y).toPoint()


def colour(canvas: Canvas, x: float, y: float) -> QColor:
    image = canvas.grab().toImage()
    return image.pixelColor(at(canvas, x, y))


def bare(panel: ImagesPanel) -> None:
    """Take all marks away."""
    panel.commands.view(edges=False, boxes=False, crosshair=False, veil="hidden")


# Pixels --------------------------------------------------------------------------------------


def painted(state: State, layer: str, zoom: float = 4.0) -> tuple[np.ndarray, Viewport]:
    content = content_of(state, layer)
    assert content is not None
    viewport = Viewport(40, 40, Frame(60, 50, zoom))
    picture = picture_of(content, state, viewport, 1.0, DARK)
    assert picture is not None
    image = picture.image
    memory = image.constBits()
    memory.setsize(image.sizeInBytes())
    return np.frombuffer(memory, np.uint32).reshape(image.height(), image.width()).copy(), viewport


@pytest.mark.parametrize("layer", ["exposure", "subtracted", "model"])
def test_a_pixel_has_the_colour_of_its_value(state: State, layer: str) -> None:
    """y goes up, the scale is the fit's, and model limits are in the sky frame's unit."""
    shown, fit = state.results.shown, state.results.fit
    level = float(np.nanmedian(shown.model.levels[0]))
    limits = {
        "exposure": (1100.0, 1300.0),
        "subtracted": (-60.0, 60.0),
        "model": (0.9 * level, 1.1 * level),
    }
    state = with_limits(state, limits)
    state = replace(state, view=replace(state.view, veil="hidden", edges=False))
    pixels, viewport = painted(state, layer)
    content = content_of(state, layer)
    scale = np.float32(fit.solution.scale)
    planes = {
        "exposure": shown.image.levels[0],
        "subtracted": shown.image.levels[0] - scale * shown.model.levels[0],
        "model": scale * shown.model.levels[0],
    }
    low, high = content.limits
    for sx, sy in ((2, 2), (37, 3), (18, 22), (5, 37)):
        x, y = viewport.to_pixel(sx + 0.5, sy + 0.5)
        value = planes[layer][round(y), round(x)]
        place = np.clip((value - low) / (high - low) * len(content.lut), 0, len(content.lut) - 1)
        nearby = content.lut[max(int(place) - 1, 0) : int(place) + 2]
        assert pixels[sy, sx] in nearby


def test_a_large_picture_that_is_painted_in_halves_is_the_same(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skyframe_gui.ui.images import render

    viewport = Viewport(401, 301, Frame(119.5, 99.5, 1.37))

    def paint() -> QImage:
        found = picture_of(content_of(state, "subtracted"), state, viewport, 1.0, DARK)
        assert found is not None
        return found.image

    whole = paint()
    assert whole.width() * whole.height() < render.WORTH_HALVING
    monkeypatch.setattr(render, "WORTH_HALVING", 10)
    assert paint() == whole


def test_bins_are_flat_with_their_true_edges(state: State) -> None:
    grid = state.results.shown.sky_frame.sky_frame.grid
    content = content_of(state, "grid")
    viewport = Viewport(480, 400, Frame(119.5, 99.5, 2.0))
    picture = picture_of(content, state, viewport, 1.0, DARK)
    edge = int(grid.x_edges[1])
    row = 399 - 2 * 3
    before = picture.image.pixel(2 * edge - 1, row)
    after = picture.image.pixel(2 * edge, row)
    low, high = content.limits
    for found, value in ((before, grid.values[0, 0]), (after, grid.values[0, 1])):
        place = (value - low) / (high - low) * len(content.lut)
        assert found == content.lut[int(np.clip(place, 0, len(content.lut) - 1))]


def test_masked_pixels_are_veiled_grey_or_as_they_are(state: State) -> None:
    shown = state.results.shown
    bits = shown.planes.bits(state.config.stats.mask)
    y, x = np.argwhere((shown.exposure.mask & bits) != 0)[0]
    found = {}
    for mode in ("hidden", "veil", "full"):
        view = replace(state.view, veil=mode)
        one = replace(state, view=view)
        viewport = Viewport(10, 10, Frame(float(x), float(y), 8.0))
        picture = picture_of(content_of(one, "subtracted"), one, viewport, 1.0, DARK)
        found[mode] = QColor(picture.image.pixel(5 - picture.at.x(), 5 - picture.at.y()))
    grey = QColor(DARK.masked)
    assert found["full"] == grey
    assert found["hidden"] != grey
    assert abs(found["veil"].red() - (found["hidden"].red() + grey.red()) / 2) <= 1
    modes = ["veil", "full", "hidden"]
    assert [next_masked_mode(mode) for mode in modes] == ["full", "hidden", "veil"]


def test_a_mask_plane_is_drawn_in_its_colour_and_only_if_it_is_chosen(state: State) -> None:
    shown = state.results.shown
    bit = shown.planes["DETECTED"]
    y, x = np.argwhere(shown.exposure.mask == 1 << bit)[0]
    viewport = Viewport(10, 10, Frame(float(x), float(y), 8.0))

    def look(hidden: frozenset[str]) -> QColor:
        colours = MappingProxyType({"DETECTED": "#ff0000"})
        view = replace(
            state.view, masks=True, plane_opacity=1.0, hidden_planes=hidden, plane_colours=colours
        )
        one = replace(state, view=view)
        picture = picture_of(content_of(one, "exposure"), one, viewport, 1.0, DARK)
        return QColor(picture.image.pixel(5 - picture.at.x(), 5 - picture.at.y()))

    assert look(frozenset()) == QColor("#ff0000")
    assert look(frozenset({"DETECTED"})) != QColor("#ff0000")


def test_before_is_the_exposure_less_its_median_in_the_same_colours(state: State) -> None:
    after = content_of(state, "subtracted")
    one = replace(state, view=replace(state.view, before=True))
    before = content_of(one, "subtracted")
    assert before.limits == after.limits
    assert before.lut is after.lut
    assert before.model is None
    assert before.offset == state.results.shown.level


def test_without_a_scale_the_subtracted_pane_says_why(state: State) -> None:
    results = Results(shown=state.results.shown, fit=None)
    one = replace(state, results=results, excluded_exposures=frozenset({state.results.shown.key}))
    assert "tick sci" in content_of(one, "subtracted").why
    one = replace(state, results=results)
    assert "no scale yet" in content_of(one, "subtracted").why
    assert content_of(one, "model").title == "Sky frame"


def test_without_a_sky_frame_the_own_background_is_taken_off(state: State) -> None:
    shown = replace(state.results.shown, own=True, sky_frame=None)
    one = replace(state, results=Results(shown=shown, fit=None))
    model, subtracted = content_of(one, "model"), content_of(one, "subtracted")
    assert model.title == "Own background"
    assert "no sky frame of det" in model.subject
    assert subtracted.title == "Minus own background"
    assert subtracted.scale == 1.0


def test_a_sky_frame_alone_says_what_is_missing_for_the_rest(state: State) -> None:
    shown = replace(state.results.shown, exposure=None, image=None, masks=None, masked=None)
    shown = replace(shown, grid=None, quantiles={})
    one = replace(state, results=Results(shown=shown, fit=None))
    assert "choose an exposure" in content_of(one, "exposure").why
    assert "choose an exposure" in content_of(one, "subtracted").why
    assert not content_of(one, "grid").why


def test_another_exposure_on_its_way_marks_the_old_one(panel: ImagesPanel) -> None:
    assert not content_of(now(panel), "exposure").stale
    others = [item.key for item in now(panel).exposures]
    panel.commands.store.set(selection=Selection(exposure=others[0]))
    assert content_of(now(panel), "exposure").stale


def test_a_preview_of_another_config_moves_neither_limits_nor_view(
    state: State, qtbot: QtBot
) -> None:
    store = Store(state)
    commands = Commands(Program(store))
    commands.program.live._pause.setInterval(10)
    commands.looks.set_limits("subtracted", -7.0, 7.0)
    commands.looks.set_limits("exposure", 1000.0, 1400.0)
    commands.panes.move(0, Frame(50.0, 60.0, 2.0))
    view, shown = store.state.view, store.state.results.shown
    before = {layer: limits_of(store.state, layer) for layer in LAYERS}
    background = state.config.background.model_copy(update={"xBinSize": 50, "yBinSize": 40})
    commands.set_config(state.config.model_copy(update={"background": background, "skyRej": 1.5}))
    qtbot.waitUntil(lambda: store.state.results.shown is not shown, timeout=30_000)
    qtbot.waitUntil(lambda: not any(lane.busy for lane in commands.program.lanes), timeout=30_000)
    assert store.state.view is view
    assert {layer: limits_of(store.state, layer) for layer in LAYERS} == before
    other = [item.key for item in store.state.exposures if "science" in item.key][-1]
    assert other != shown.key
    commands.select_exposure(other)
    qtbot.waitUntil(lambda: store.state.results.shown.key == other, timeout=30_000)
    assert limits_of(store.state, "exposure") != (1000.0, 1400.0)
    assert preset_name(store.state, "exposure") == "zscale"
    assert limits_of(store.state, "subtracted") == (-7.0, 7.0)
    assert store.state.view.frames == view.frames
    assert commands.program.close()


def test_painting_compiles_nothing(state: State) -> None:
    """A kernel that is compiled in the window's thread stops it for seconds."""
    from skyframe_gui.app.work.pyramids import prepare
    from skyframe_gui.engine.kernels import blending, display

    prepare()
    kernels = (
        display.paint,
        blending.blend_masked,
        blending.blend_masked_pixels,
        blending.overlay_planes,
    )
    before = [len(kernel.signatures) for kernel in kernels]
    for zoom in (0.1, 0.4, 1.0, 5.0):
        for layer in ("exposure", "grid", "model", "subtracted"):
            one = replace(state, view=replace(state.view, masks=True))
            viewport = Viewport(60, 60, Frame(60, 50, zoom))
            assert picture_of(content_of(one, layer), one, viewport, 1.0, DARK) is not None
    assert [len(kernel.signatures) for kernel in kernels] == before


# Places --------------------------------------------------------------------------------------

sizes = st.floats(50, 2000)
frames = st.builds(Frame, st.floats(-100, 5000), st.floats(-100, 5000), st.floats(0.01, 64))


@given(sizes, sizes, frames, st.floats(-10, 2000), st.floats(-10, 2000))
def test_a_place_of_the_pane_and_its_pixel_are_one(
    width: float, height: float, frame: Frame, x: float, y: float
) -> None:
    viewport = Viewport(width, height, frame)
    back = viewport.to_pane(*viewport.to_pixel(x, y))
    assert back.x() == pytest.approx(x, abs=1e-6)
    assert back.y() == pytest.approx(y, abs=1e-6)


@given(sizes, sizes, frames, st.floats(0.2, 5), st.floats(0, 50), st.floats(0, 50))
def test_zooming_keeps_the_pixel_under_the_cursor(
    width: float, height: float, frame: Frame, factor: float, x: float, y: float
) -> None:
    viewport = Viewport(width, height, frame)
    after = replace(viewport, frame=viewport.zoomed(factor, x, y, 0.01))
    assert after.to_pixel(x, y) == pytest.approx(viewport.to_pixel(x, y), abs=1e-5)


@given(st.integers(1, 300), st.integers(1, 5000), st.floats(0.05, 20), st.integers(0, 3))
def test_screen_pixels_share_out_the_image(n: int, size: int, step: float, level: int) -> None:
    small = -(-size // 2**level)
    ranges, ends = coverage(-0.5, step, n, small, level)
    on_image = ranges[:, 1] > ranges[:, 0]
    assert (ranges >= 0).all()
    assert (ranges <= small).all()
    assert ((ends > 0) & (ends <= 1)).all()
    covered = ranges[on_image]
    assert (covered[1:, 0] >= covered[:-1, 0]).all()
    if step > 2**level and on_image.any():  # nothing is passed over
        assert (covered[1:, 0] <= covered[:-1, 1]).all()


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("pane", [(145.0, 470.0), (146.0, 407.0), (150.0, 411.0), (167.0, 470.0)])
@pytest.mark.parametrize("size", [(1024, 1024), (1024, 2048), (600, 500)])
def test_no_row_of_a_fitted_image_stays_black(
    pane: tuple[float, float], size: tuple[int, int], scale: float
) -> None:
    piece = piece_of(Viewport(*pane, fitted(pane, size)), scale, size)
    assert piece is not None
    width, height = size
    edges_x, edges_y = np.array([-0.5, width - 0.5]), np.array([-0.5, height - 0.5])
    for ranges in (
        piece.columns(width, 0)[0],
        piece.rows(height, 0)[0],
        cells(piece.x, piece.step, piece.width, edges_x),
        cells(piece.y, -piece.step, piece.height, edges_y),
    ):
        assert (ranges[:, 1] > ranges[:, 0]).all(), "a black line along the image's edge"


def test_an_image_is_fitted_whole_and_cannot_be_lost() -> None:
    frame = fitted((500, 300), (4096, 4096))
    box = Viewport(500, 300, frame).rect(0, 0, 4096, 4096)
    assert box.top() == pytest.approx(0)
    assert box.bottom() == pytest.approx(300)
    assert kept_in(Frame(-900, 9999, 1), (4096, 4096)) == Frame(-0.5, 4095.5, 1)


# Mouse and keys ------------------------------------------------------------------------------


def test_a_linked_pan_moves_all_panes_and_an_unlinked_one_its_own(
    panel: ImagesPanel, qtbot: QtBot
) -> None:
    canvas = panel.panes[1].canvas
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    frames = now(panel).view.frames
    assert frames[0] == frames[1] == frames[3]
    assert frames[1] is not None
    panel.commands.panes.link(False)
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    frames = now(panel).view.frames
    assert frames[0] != frames[1]
    assert frames[0] == frames[2]


def test_dragging_moves_the_image_with_the_mouse(panel: ImagesPanel, qtbot: QtBot) -> None:
    canvas = panel.panes[0].canvas
    start = at(canvas, 100, 100)
    pixel = canvas.viewport.to_pixel(start.x(), start.y())
    qtbot.mousePress(mouse(canvas), Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(mouse(canvas), start + QPoint(40, 25))
    qtbot.mouseRelease(mouse(canvas), Qt.MouseButton.LeftButton, pos=start + QPoint(40, 25))
    found = canvas.viewport.to_pixel(start.x() + 40, start.y() + 25)
    assert found == pytest.approx(pixel, abs=0.01)
    assert not now(panel).selection.samples
    qtbot.keyClick(canvas, Qt.Key.Key_Home)
    assert now(panel).view.frames[0] is None


def test_the_wheel_zooms_about_the_cursor(panel: ImagesPanel) -> None:
    canvas = panel.panes[0].canvas
    place = QPointF(60, 70)
    pixel = canvas.viewport.to_pixel(60, 70)
    zoom = canvas.viewport.frame.zoom
    none = Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        place,
        canvas.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        none,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(mouse(canvas), event)
    assert canvas.viewport.frame.zoom == pytest.approx(1.25 * zoom)
    assert canvas.viewport.to_pixel(60, 70) == pytest.approx(pixel, abs=0.5)


def test_the_mouse_tells_its_pixel_and_the_sample_under_it(
    panel: ImagesPanel, qtbot: QtBot
) -> None:
    canvas = panel.panes[3].canvas
    qtbot.mouseMove(mouse(canvas), at(canvas, 30, 20))
    assert panel.commands.store.pointer.now.cursor == pytest.approx((30, 20), abs=1)
    hovered = panel.commands.store.pointer.now.sample
    assert hovered is not None
    x0, y0, x1, y1 = hovered[1]
    assert x0 <= 30 < x1
    assert y0 <= 20 < y1
    qtbot.mouseMove(mouse(canvas), QPoint(1, 1))
    assert panel.commands.store.pointer.now.cursor is None
    assert panel.commands.store.pointer.now.sample is None


def test_a_click_selects_a_sample_control_adds_and_escape_clears(
    panel: ImagesPanel, qtbot: QtBot
) -> None:
    canvas = panel.panes[0].canvas
    boxes = boxes_of(now(panel))
    for x, modifier in ((30, "NoModifier"), (200, "ControlModifier")):
        key = getattr(Qt.KeyboardModifier, modifier)
        qtbot.mouseClick(mouse(canvas), Qt.MouseButton.LeftButton, key, at(canvas, x, 20))
    assert now(panel).selection.samples == {boxes.at(30, 20), boxes.at(200, 20)}
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert not now(panel).selection.samples


def test_the_lasso_selects_the_boxes_whose_middle_is_inside(
    panel: ImagesPanel, qtbot: QtBot
) -> None:
    canvas = panel.panes[0].canvas
    boxes = boxes_of(now(panel))
    width = now(panel).results.shown.width
    middles = (boxes.corners[:, :2] + boxes.corners[:, 2:] - 1) / 2
    half = (width - 1) / 2
    wanted = {boxes.sample_id(k) for k in range(len(middles)) if middles[k, 0] < half}
    assert 0 < len(wanted) < len(middles)
    shift = Qt.KeyboardModifier.ShiftModifier
    path = [(1, 1), (half, 1), (half, 198), (1, 198)]
    qtbot.mousePress(mouse(canvas), Qt.MouseButton.LeftButton, shift, at(canvas, *path[0]))
    for point in path[1:]:
        qtbot.mouseMove(mouse(canvas), at(canvas, *point))
    qtbot.mouseRelease(mouse(canvas), Qt.MouseButton.LeftButton, shift, at(canvas, *path[-1]))
    assert now(panel).selection.samples == wanted
    assert now(panel).view.frames[0] is None, "the lasso panned"


def test_a_lasso_of_any_shape_holds_what_is_inside_of_it(state: State) -> None:
    boxes = boxes_of(state)
    x, y = ((boxes.corners[:, k] + boxes.corners[:, k + 2] - 1) / 2 for k in (0, 1))
    below = {boxes.sample_id(k) for k in range(len(x)) if y[k] < 0.6 * x[k] - 3}
    assert 0 < len(below) < len(x)
    assert set(boxes.within([(5, 0), (505, 300), (505, -50), (5, -50), (5, 0)])) == below
    low = {boxes.sample_id(k) for k in range(len(x)) if y[k] < 60}
    assert 0 < len(low) < len(x)
    assert set(boxes.within([(-1, -1), (250, -1), (250, 60), (-1, 60)])) == low
    assert boxes.within([(0, 0), (100, 100)]) == []


def test_the_models_limits_are_the_sky_frames_times_the_scale(state: State) -> None:
    state = with_limits(state, {"model": (2.0, 3.0)})
    fit = state.results.fit
    solution = replace(fit.solution, scale=500.0)
    results = replace(state.results, fit=replace(fit, solution=solution))
    content = content_of(replace(state, results=results), "model")
    assert content.limits == (1000.0, 1500.0)
    assert "500" in content.title


def test_a_pane_becomes_active_when_it_is_clicked(panel: ImagesPanel, qtbot: QtBot) -> None:
    qtbot.mouseClick(mouse(panel.panes[2].canvas), Qt.MouseButton.LeftButton, pos=QPoint(5, 60))
    assert now(panel).view.active == 2


def test_a_box_lights_up_on_every_pane(panel: ImagesPanel) -> None:
    bare(panel)
    boxes = boxes_of(now(panel))
    panel.commands.hover(boxes.sample_id(5))
    x0, y0, x1, y1 = boxes.corners[5].tolist()
    for pane in panel.panes:
        canvas = pane.canvas
        rect = canvas.viewport.rect(x0, y0, x1, y1)
        image = canvas.grab().toImage()
        y = round(rect.center().y())
        edge = [image.pixelColor(round(rect.left()) + d, y) for d in range(-3, 3)]
        assert QColor("#ffffff") in edge


def test_the_classes_follow_the_fit_and_the_shown_step(state: State) -> None:
    fit, key = state.results.fit, state.results.shown.key
    start = sum(len(one) for one in fit.samples[: fit.keys.index(key)])
    codes = np.array(fit.solution.rejected_at)
    codes[start : start + 4] = (0, 1, -2, -3)
    solution = replace(fit.solution, rejected_at=codes)
    results = replace(state.results, fit=replace(fit, solution=solution))
    one = replace(state, results=results)
    last = boxes_of(one)
    assert last.kinds[:5] == ("rejected", "rejected", "no data", "hand", last.kinds[4])
    assert last.rounds[:2].tolist() == [1, 2]
    first = boxes_of(replace(one, selection=replace(one.selection, step=1)))
    assert first.kinds[:2] == ("rejected", "used")
    excluded_samples = frozenset({last.sample_id(0)})
    assert boxes_of(replace(one, excluded_samples=excluded_samples)).kinds[0] == "hand"


def many_boxes(n: int, side: int) -> Boxes:
    """A grid of n x n boxes: every seventh is rejected by the first round, the others are used."""
    x, y = (one.ravel() * side for one in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    rounds = np.where(np.arange(n * n) % 7 == 0, 1, 0)
    codes = np.where(rounds > 0, Kind.REJECTED, Kind.USED).astype(np.int8)
    return Boxes(
        key="one",
        corners=np.stack([x, y, x + side, y + side], axis=1),
        codes=codes,
        rounds=rounds,
        n_rounds=1,
    )


def drawn(boxes: Boxes, frame: Frame, with_used: bool = True) -> QImage:
    picture = QImage(400, 400, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(0)
    painter = QPainter(picture)
    draw_boxes(painter, boxes, Viewport(400, 400, frame), with_used)
    painter.end()
    return picture


def test_small_boxes_are_cut_off_at_the_edges_of_the_pane(qapp: object) -> None:
    from skyframe_gui.ui.images import box_overlay as module

    picture = QImage(10, 6, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(0)
    painter = QPainter(picture)
    sides = np.array([[x, y, x + 2, y + 2] for x, y in ((-1, -1), (4, 2), (9, 5))], float)
    module._fill(painter, sides, QColor("#ff0000"), Viewport(10, 6, Frame(0, 0, 1)))
    painter.end()
    filled = {(x, y) for x in range(10) for y in range(6) if picture.pixelColor(x, y).alpha()}
    assert filled == {(0, 0), (4, 2), (5, 2), (4, 3), (5, 3), (9, 5)}


def test_a_large_grid_is_painted_and_hovered_without_a_call_for_each_box(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skyframe_gui.ui.images import box_overlay as module

    made = []
    monkeypatch.setattr(module, "QRectF", lambda *sides: made.append(sides) or QRectF(*sides))
    boxes = many_boxes(200, 8)
    whole = drawn(boxes, Frame(799.5, 799.5, 0.25))  # 2 pixels each
    assert not made, "a box too small for an outline was drawn as one"
    rejected = QColor(round_colours(DARK, 1)[0])
    # On the screen the first box is lowest: box 0 is rejected, the one above it is used.
    assert whole.pixelColor(0, 399) == whole.pixelColor(1, 398) == rejected
    assert whole.pixelColor(0, 397).alpha() == 0
    part = drawn(boxes, Frame(799.5, 799.5, 4.0))  # 32 pixels each
    outlines = {sides for sides in made if sides[2:] == (27.0, 27.0)}
    assert 12**2 <= len(outlines) <= 14**2, "boxes beside the pane were drawn, or some in it not"
    assert part.pixelColor(200, 200).alpha() == 0
    assert boxes.at(1599.4, 0) == ("one", (1592, 0, 1600, 8))
    assert boxes.at(1599.6, 0) is None
    assert len(boxes.within([(-1, -1), (1600, -1), (1600, 7.9), (-1, 7.9)])) == 200


# Colours -------------------------------------------------------------------------------------


@pytest.mark.parametrize("stretch", STRETCHES)
def test_a_brighter_pixel_is_never_drawn_darker(stretch: str) -> None:
    places = curve(stretch)
    assert (np.diff(places) >= 0).all()
    assert places[0] == 0
    assert places[-1] == pytest.approx(1)
    quantiles = np.quantile(np.random.default_rng(0).normal(0, 1, 9999), np.linspace(0, 1, 257))
    table = lookup("grey", stretch, (-2.0, 2.0), quantiles)
    assert (np.diff((table & 255).astype(int)) >= 0).all()
    assert (table[0], table[-1]) == (0xFF000000, 0xFFFFFFFF)


@pytest.mark.parametrize("limits", [(-5.0, 5.0), (-2.0, 8.0), (-9.0, 1.0), (3.0, 6.0)])
@pytest.mark.parametrize("stretch", STRETCHES)
def test_a_diverging_map_has_its_middle_at_zero_whatever_the_limits(
    stretch: str, limits: tuple[float, float]
) -> None:
    quantiles = np.quantile(np.random.default_rng(0).normal(0, 2, 9999), np.linspace(0, 1, 257))
    table = lookup("CET-D4", stretch, limits, quantiles, about_zero=True)
    values = np.linspace(*limits, len(table))
    red, blue = (table >> 16 & 255).astype(int), (table & 255).astype(int)
    assert (red - blue)[values > 0.9 * limits[1]].min() > 60 if limits[1] > 2 else True
    assert (blue - red)[values < 0.9 * limits[0]].min() > 60 if limits[0] < -2 else True
    if limits[0] < 0 < limits[1]:
        middle = table[np.argmin(np.abs(values))]
        dark = colour_map("CET-D4")[127:129].max() + 30
        assert max(middle >> shift & 255 for shift in (0, 8, 16)) <= dark


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("stretch", ["linear", "asinh"])
def test_a_residual_of_zero_has_no_colour_of_its_own(theme: str, stretch: str) -> None:
    table = lookup(map_name("residual", theme), stretch, (-5.0, 5.0), about_zero=True)
    values = np.linspace(-5.0, 5.0, len(table))
    channels = np.stack([table >> shift & 255 for shift in (16, 8, 0)]).astype(int)
    tint = np.ptp(channels, axis=0)
    assert tint[np.argmin(np.abs(values))] <= 1
    assert tint[np.abs(values) > 1.5].min() > 20, "and what is not zero has one"
    red, blue = channels[0], channels[2]
    assert (np.sign(red - blue) == np.sign(values))[np.abs(values) > 0.5].all()
    steps = np.abs(np.diff(colour_map(map_name("residual", theme)).astype(int), axis=0))
    assert steps.max() <= 8, "no edge where there is none in the data"


def test_a_curved_stretch_about_zero_is_the_same_on_both_sides() -> None:
    for stretch in ("log", "sqrt", "asinh"):
        table = lookup("grey", stretch, (-4.0, 4.0), about_zero=True)
        assert (table == lookup("grey", stretch)).all(), "only a diverging map has a middle"
        diverging = lookup("CET-D1A", stretch, (-4.0, 4.0), about_zero=True)
        light = np.stack([diverging >> shift & 255 for shift in (0, 8, 16)]).astype(int).min(axis=0)
        assert abs(int(np.argmax(light)) - len(light) / 2) < 0.01 * len(light)
        assert lookup("CET-D1A", stretch, (-8.0, 8.0), about_zero=True) is diverging


def test_the_residuals_colours_are_those_of_the_theme_unless_they_are_chosen(
    state: State,
) -> None:
    light = replace(state, view=replace(state.view, theme="light"))
    dark_table, light_table = (content_of(one, "subtracted").lut for one in (state, light))
    assert (dark_table != light_table).any()
    assert map_name("residual", "light") == "CET-D1A"
    chosen = with_look(state.looks, "subtracted", colours="grey")
    for one in (state, light):
        lut = content_of(replace(one, looks=chosen), "subtracted").lut
        assert (lut == lookup("grey")).all()


@pytest.mark.parametrize("layer", ["exposure", "grid", "model", "subtracted"])
@pytest.mark.parametrize("stretch", STRETCHES)
def test_every_layer_has_its_own_stretch_and_colours(
    state: State, layer: str, stretch: str
) -> None:
    colours = colours_of(layer)[-1]
    looks = with_look(state.looks, layer, stretch=stretch, colours=colours)
    changed = replace(state, looks=looks)
    assert (content_of(changed, layer).lut != content_of(state, layer).lut[:1]).any()
    for other in ("exposure", "grid", "model", "subtracted"):
        same = content_of(changed, other).lut is content_of(state, other).lut
        assert same == (other != layer)


def test_equal_pixels_do_not_break_the_histogram_stretch() -> None:
    for quantiles in (np.full(257, 3.0), np.repeat([1.0, 2.0], [128, 129])):
        for limits in ((0.0, 5.0), (10.0, 11.0)):
            table = lookup("grey", "histogram", limits, quantiles)
            assert (np.diff((table & 255).astype(int)) >= 0).all()


@pytest.mark.parametrize("name", [*SEQUENTIAL, *DIVERGING[1:]])
def test_every_colour_map_is_there(name: str) -> None:
    table = colour_map(name)
    assert table.shape == (256, 3)
    assert table.min() >= 0
    assert table.max() <= 255


def test_the_middle_of_a_residual_is_grey_and_its_ends_are_as_published() -> None:
    table = colour_map("CET-D1A").astype(int)
    published = np.loadtxt(resource_path("colormaps/CET-D1A.csv"), int, delimiter=",")
    assert np.ptp(table[127:129], axis=1).max() <= 2
    away = np.abs(np.arange(256) - 127.5)
    assert (table[away > 32] == published[away > 32]).all()
    change = np.abs(table - published).max(axis=1)
    assert (np.diff(change[128:160]) <= 1).all(), "less and less"
    assert 0 < change[150] < change[128]


def test_zero_is_darkest_in_the_dark_and_lightest_in_the_light() -> None:
    for name, extreme in (("CET-D4", np.argmin), ("CET-D1A", np.argmax)):
        brightness = colour_map(name).sum(axis=1)
        assert abs(int(extreme(brightness)) - 127.5) < 3


def test_a_handle_sets_one_limit_and_the_residual_stays_symmetric(
    panel: ImagesPanel, qtbot: QtBot
) -> None:
    def drag(index: int, which: int, by: int) -> None:
        bar = panel.panes[index].bar
        content = content_of(now(panel), now(panel).view.panes[index])
        y = round(bar.place_of(content.limits[which]))
        port = bar.viewport()
        qtbot.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(6, y))
        qtbot.mouseMove(port, QPoint(6, y + by))
        qtbot.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(6, y + by))

    def found() -> dict[str, tuple[float, float]]:
        return {layer: limits_of(now(panel), layer) for layer in LAYERS}

    before = found()
    drag(0, 1, 20)
    low, high = found()["exposure"]
    assert low == before["exposure"][0]
    assert high < before["exposure"][1]
    drag(3, 0, -20)
    low, high = found()["subtracted"]
    assert low == -high
    assert high < before["subtracted"][1]
    drag(2, 1, 20)
    after = found()
    assert after["model"] == after["grid"] != before["model"], "grid and model have one scale"
    assert after["model"][1] < before["model"][1]
    port = panel.panes[0].bar.viewport()
    qtbot.mouseDClick(port, Qt.MouseButton.LeftButton, pos=QPoint(6, 100))
    assert found()["exposure"] == before["exposure"]


# The panel -----------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 4])
def test_as_many_panes_as_are_asked_for(panel: ImagesPanel, n: int) -> None:
    panel.commands.panes.lay_out(n)
    assert sum(not pane.isHidden() for pane in panel.panes) == n


def test_only_panes_that_are_seen_and_linked_move_with_the_first(panel: ImagesPanel) -> None:
    first = panel.panes[0].canvas.view.box

    def followers() -> list[bool]:
        return [pane.canvas.view.box.linkedView(0) is first for pane in panel.panes[1:4]]

    assert followers() == [True, True, True]
    panel.commands.view(panes=("exposure", "grid"))
    assert followers() == [True, False, False]
    panel.commands.view(linked=False)
    assert followers() == [False, False, False]


def test_the_panes_menu_changes_what_it_shows(panel: ImagesPanel) -> None:
    pane = panel.panes[1]
    menu = pane.make_menu(now(panel), content_of(now(panel), "grid"))
    entries = {action.text(): action for action in menu.actions()}
    assert entries["Bin grid"].isChecked()
    entries["Bins of the exposure itself"].trigger()
    assert now(panel).view.own_grid
    assert "own bins" in pane.chip.text()
    entries["Subtracted"].trigger()
    assert now(panel).view.panes[1] == "subtracted"
    assert pane.chip.text().startswith("Subtracted")
    entries["Masked pixels grey"].trigger()
    assert now(panel).view.veil == "full"


@pytest.mark.qt_log_ignore("This plugin does not support")  # popups, offscreen
def test_the_list_of_planes_draws_those_that_are_checked(panel: ImagesPanel) -> None:
    popup = panel.panes[0].open_planes()
    popup.checks["SAT"].click()
    view = now(panel).view
    assert view.masks
    assert set(now(panel).results.shown.planes) - view.hidden_planes == {"SAT"}
    popup.checks["SAT"].click()
    assert not now(panel).view.masks
    popup.opacity.setValue(70)
    assert now(panel).view.plane_opacity == 0.7
    popup.close()


def test_before_the_first_exposure_the_panel_says_what_to_do(panel: ImagesPanel) -> None:
    panel.commands.store.set(results=Results(), selection=Selection())
    assert not panel.empty.isHidden()
    assert all(pane.isHidden() for pane in panel.panes)


def test_blinking_changes_before_and_after_and_stops(panel: ImagesPanel, qtbot: QtBot) -> None:
    panel.commands.film.set_seconds(0.125)
    panel.commands.view(blinking=True)
    assert panel._blink.interval() == 125
    qtbot.waitUntil(lambda: now(panel).view.before, timeout=5000)
    panel.commands.view(blinking=False, before=False)
    assert not panel._blink.isActive()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_overlay_is_painted_in_both_themes(panel: ImagesPanel, theme: str) -> None:
    """No assertion on looks: any warning of Qt while painting fails."""
    boxes = boxes_of(now(panel))
    panel.commands.exclude_samples([boxes.sample_id(0)])
    panel.commands.select_samples([boxes.sample_id(1)])
    panel.commands.point((50, 60))
    for view in ({"masks": True}, {"before": True}, {"own_grid": True}):
        panel.commands.view(theme=theme, **view)
        assert not panel.grab().isNull()
    for layer in now(panel).view.panes:
        panel.commands.looks.set_stretch(layer, "histogram")
    assert not panel.grab().isNull()


def test_an_empty_window_says_that_the_engine_is_being_prepared(
    qtbot: QtBot, store: Store, commands: Commands
) -> None:
    panel = ImagesPanel(commands)
    qtbot.addWidget(panel)
    before = store.state
    panel.show_state(before)

    def texts() -> str:
        return " ".join(label.text() for label in panel.empty.findChildren(QLabel))

    assert "Open exposures" in texts()
    store.set(jobs=(Job(lane=WARM_UP, label="Preparing"),))
    assert panel.watches(before) != panel.watches(store.state)
    panel.show_state(store.state)
    assert "Preparing the engine" in texts()
    panel.show_state(before)
    assert "Open exposures" in texts()

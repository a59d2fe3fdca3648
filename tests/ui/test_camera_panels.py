"""The workspace Camera: which detector is odd, and does one scale serve them all?"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from nights import make_night
from PyQt6.QtCore import QCoreApplication, QPointF, QSize, Qt
from PyQt6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PyQt6.QtWidgets import QWidget
from recorded import agree, drawn

from skyframe_gui.app.model.camera_view import Bins, CameraView
from skyframe_gui.app.model.pointer import PlanePoint
from skyframe_gui.app.model.queries import shown_visit
from skyframe_gui.app.model.view import View
from skyframe_gui.app.project.view import plain_view, taken_view
from skyframe_gui.engine import measure_residual
from skyframe_gui.engine.camera import amplifier_edges
from skyframe_gui.engine.diagnostics.own_fits import own_fits
from skyframe_gui.engine.thumbnail import Thumbnail
from skyframe_gui.files import read_camera, write_exposure
from skyframe_gui.simulate import Camera
from skyframe_gui.simulate.focal_plane import table_of
from skyframe_gui.ui.camera.number_cells import cells_of
from skyframe_gui.ui.camera.plane_picture import (
    PlaneContent,
    PlanePainter,
    _straighten,
    in_plane,
    measured_limits,
    on_image,
    plane_size,
    row_at,
)
from skyframe_gui.ui.camera.rows import Plane, Row, plane_of, toward
from skyframe_gui.ui.camera.tiles import in_order, tiles_of
from skyframe_gui.ui.images.geometry import Viewport, fitted
from skyframe_gui.ui.panels.detector_numbers import DetectorNumbersPanel
from skyframe_gui.ui.panels.detector_samples import DetectorSamplesPanel
from skyframe_gui.ui.panels.focal_plane import FocalPlanePanel
from skyframe_gui.ui.panels.readout import ReadoutPanel
from skyframe_gui.ui.theme import DARK
from skyframe_gui.ui.widgets import ElidedLabel
from skyframe_gui.workflow.detector_places import Layout, Place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nights import Night
    from PyQt6.QtCore import QEvent
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.window import MainWindow

CAMERA = Camera(n_detectors=5, width=240, height=200, seed=5)
"""Three in the upper row, two in the lower: the sixth place is empty."""
CHOICES = ("plane_layer", "plane_limits", "own_number", "tile_order", "tile_plot")


@pytest.fixture(scope="module")
def mosaic(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return make_night(tmp_path_factory.mktemp("mosaic"), CAMERA)


@pytest.fixture
def camera_file(tmp_path: Path) -> str:
    """A table of six detectors, of which the night has five."""
    path = tmp_path / "six.json"
    path.write_text(table_of(Camera(n_detectors=6, width=240, height=200, seed=5), 480))
    return str(path)


@pytest.fixture
def seen(
    window: MainWindow,
    commands: Commands,
    mosaic: Night,
    camera_file: str,
    idle: Callable[[], None],
) -> MainWindow:
    """The focal plane of a fitted visit."""
    window.resize(1440, 900)
    commands.open([*mosaic.science, *mosaic.paths])
    idle()
    commands.build()
    idle()
    commands.set_correction(camera=camera_file)
    key = next(item.key for item in commands.store.state.exposures if "science-d1" in item.key)
    commands.select_exposure(key)
    commands.show_workspace("camera")
    idle()
    return window


def the_plane(store: Store) -> Plane:
    plane = plane_of(store.state)
    assert plane is not None
    return plane


def key_of(store: Store, detector: str) -> str:
    return next(row.key for row in the_plane(store).rows if row.name == detector)


def press(widget: QWidget, at: QPointF, kind: QEvent.Type) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(kind, at, widget.mapToGlobal(at), left, left, none)
    if kind == QMouseEvent.Type.MouseButtonPress:
        widget.mousePressEvent(event)
    else:
        widget.mouseDoubleClickEvent(event)


def type_key(widget: QWidget, key: Qt.Key) -> None:
    widget.keyPressEvent(QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier))


def test_every_detector_of_the_camera_has_its_place_and_the_missing_one_is_told(
    seen: MainWindow, store: Store
) -> None:
    plane = the_plane(store)
    assert [row.name for row in plane.rows] == ["1", "2", "3", "4", "5", "6"]
    assert [row.why for row in plane.rows] == [""] * 5 + ["no exposure of it is opened"]
    middles = {row.name: row.place.corners().mean(axis=0) for row in plane.rows}
    assert middles["2"][0] - middles["1"][0] == pytest.approx(0.01 * 280)
    assert middles["4"][1] - middles["1"][1] == pytest.approx(0.01 * 240)
    assert not seen.panels.get(FocalPlanePanel).place_note.isVisible()
    assert "1 of 6 detectors not opened yet" in seen.panels.get(FocalPlanePanel).words.text()


def test_numbers_are_those_of_the_engine(seen: MainWindow, store: Store) -> None:
    plane, fit = the_plane(store), store.state.results.fit
    assert fit is not None
    own = own_fits(fit.samples, fit.solution, store.state.config)
    texts = cells_of(plane, "scale").texts
    for row, text in zip(plane.rows, texts, strict=True):
        if row.fitted < 0:
            assert text == ""
            continue
        assert fit.keys[row.fitted] == row.key
        percent = 100 * (own.scale[row.fitted] / fit.solution.scale - 1)
        assert float(text.replace("\N{MINUS SIGN}", "-")) == pytest.approx(percent, abs=0.06)
    rejected = cells_of(plane, "rejected").texts
    assert sum(int(one) for one in rejected if one) == int((fit.solution.rejected_at >= 0).sum())


def test_what_is_left_is_what_the_engine_leaves(
    seen: MainWindow, store: Store, mosaic: Night
) -> None:
    plane, state = the_plane(store), store.state
    row = next(row for row in plane.rows if row.name == "3")
    bins = plane.view.bins[row.key]
    exposure = next(one.exposure for one in mosaic.visit if one.exposure.detector == "3")
    frame = next(one.sky_frame for one in state.sky_frames if one.detector == "3")
    fit = state.results.fit
    assert fit is not None
    sizes = {"xBinSize": bins.side, "yBinSize": bins.side, "statistic": "MEAN"}
    config = state.config.background.model_copy(update=sizes)
    exact = measure_residual(exposure, frame.model(), fit.solution.scale, config)
    ours = bins.means - np.float32(fit.solution.scale) * bins.model
    # The engine shares pixels out evenly, the thumbnail leaves the rest to the last bin.
    assert float(np.nanmean(ours)) == pytest.approx(float(np.nanmean(exact.values)), abs=0.3)


def test_a_click_chooses_a_detector_in_each_panel(
    seen: MainWindow, store: Store, idle: Callable[[], None]
) -> None:
    focal = seen.panels.get(FocalPlanePanel)
    assert focal.view is not None
    plane = the_plane(store)
    row = next(row for row in plane.rows if row.name == "4")
    at = focal.view.place_of(row).center()
    focal.view.clicked.emit(*focal.view.viewport_now.to_pixel(at.x(), at.y()), False)
    assert store.state.selection.exposure == row.key
    numbers = seen.panels.get(DetectorNumbersPanel).view
    index = [row.name for row in plane.rows].index("2")
    press(numbers, numbers.boxes()[index].center(), QMouseEvent.Type.MouseButtonPress)
    assert store.state.selection.exposure == key_of(store, "2")
    samples = seen.panels.get(DetectorSamplesPanel).view
    last = samples.names[-1]
    box = samples.box_of(len(samples.names) - 1).center()
    press(samples, box, QMouseEvent.Type.MouseButtonPress)
    assert store.state.selection.exposure == key_of(store, last)
    idle()


def test_a_double_click_looks_into_the_detector(
    seen: MainWindow, store: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    focal = seen.panels.get(FocalPlanePanel)
    assert focal.view is not None
    row = next(row for row in the_plane(store).rows if row.name == "5")
    press(focal.view, focal.view.place_of(row).center(), QMouseEvent.Type.MouseButtonDblClick)
    assert store.state.view.workspace == "visit"
    assert store.state.selection.exposure == row.key
    idle()
    commands.show_workspace("camera")
    samples = seen.panels.get(DetectorSamplesPanel).view
    press(samples, samples.box_of(0).center(), QMouseEvent.Type.MouseButtonDblClick)
    assert store.state.view.workspace == "visit"
    assert store.state.selection.exposure == key_of(store, samples.names[0])
    idle()


def test_arrow_keys_go_to_the_neighbour_and_return_opens_it(
    seen: MainWindow, store: Store, idle: Callable[[], None]
) -> None:
    focal = seen.panels.get(FocalPlanePanel)
    type_key(focal, Qt.Key.Key_Right)
    assert store.state.selection.exposure == key_of(store, "2")
    type_key(focal, Qt.Key.Key_Up)
    assert store.state.selection.exposure == key_of(store, "5")
    type_key(focal, Qt.Key.Key_Up)
    assert store.state.selection.exposure == key_of(store, "5")
    type_key(seen.panels.get(DetectorNumbersPanel), Qt.Key.Key_Left)
    assert store.state.selection.exposure == key_of(store, "4")
    type_key(focal, Qt.Key.Key_Return)
    assert store.state.view.workspace == "visit"
    idle()


def test_the_way_into_a_corner_ends_there(seen: MainWindow, store: Store) -> None:
    plane = the_plane(store)
    assert toward(plane, key_of(store, "1"), -1, 0) == key_of(store, "1")
    assert toward(plane, "", 1, 0) == key_of(store, "1")


def test_the_mouse_over_the_plane_is_told_in_the_status_line(
    seen: MainWindow, store: Store, qtbot: QtBot
) -> None:
    focal, plane = seen.panels.get(FocalPlanePanel), the_plane(store)
    assert focal.view is not None
    row = next(row for row in plane.rows if row.name == "2")
    at = focal.view.place_of(row).center()
    focal.view.pointed.emit(focal.view.viewport_now.to_pixel(at.x(), at.y()))
    pointed = store.pointer.now.plane
    assert isinstance(pointed, PlanePoint)
    assert pointed.name == "2"
    assert pointed.pixel == pytest.approx((119.5, 99.5), abs=1.0)
    readout = seen.panels.get(ReadoutPanel)
    qtbot.waitUntil(lambda: "det 2" in readout.text())
    own = plane.view.own
    assert own is not None
    text = readout.text()
    assert f"rejected {own.rejected[row.fitted]} of {own.usable[row.fitted]}" in text
    assert "mm" in text
    assert "electron" in text
    focal.view.pointed.emit(None)
    qtbot.waitUntil(lambda: readout.text() == "")


def test_values_of_all_detectors_are_copied_and_the_picture_has_them(
    seen: MainWindow, store: Store
) -> None:
    focal, plane = seen.panels.get(FocalPlanePanel), the_plane(store)
    assert focal.view is not None
    fit = store.state.results.fit
    assert fit is not None
    lines = [line.split("\t") for line in focal.view._values().splitlines()]
    assert lines[0] == ["detector", "exposure", "median of residual [electron]"]
    assert [line[0] for line in lines[1:]] == ["1", "2", "3", "4", "5", "6"]
    bins = plane.view.bins[plane.rows[2].key]
    left = bins.means - np.float32(fit.solution.scale) * bins.model
    assert float(lines[3][2]) == pytest.approx(float(np.nanmedian(left)), rel=1e-4)
    assert lines[6][2] == "nan"
    menu = focal.view.open_menu(focal.view.mapToGlobal(focal.view.rect().center()))
    assert "Copy values" in [action.text() for action in menu.actions()]
    menu.close()
    numbers = seen.panels.get(DetectorNumbersPanel)
    rows = [line.split("\t") for line in numbers.copied_text().splitlines()]
    assert rows[0] == ["detector", "scale", "sigma", "rejected", "intercept"]
    assert [row[0] for row in rows[1:]] == ["1", "2", "3", "4", "5"]


def test_how_far_another_fit_is_paints_no_number_anew(seen: MainWindow, store: Store) -> None:
    state, fit = store.state, store.state.results.fit
    assert fit is not None
    parts = [replace(fit, n_members=n, ended=False, keys=fit.keys[:2]) for n in (8, 9)]
    some, more = (replace(state, results=replace(state.results, fit=part)) for part in parts)
    assert not parts[0].is_final
    for kind in (DetectorNumbersPanel, DetectorSamplesPanel):
        panel = seen.panels.get(kind)
        assert panel.watches(some) == panel.watches(more) == panel.watches(state)
        view = some.results.camera
        assert view is not None
        first = [
            replace(one, results=replace(one.results, camera=replace(view, own=None, fit=None)))
            for one in (some, more)
        ]
        words = [panel.note_for(one, plane_of(one)) for one in first]
        assert ["8" in note[2] for note in words if note is not None] == [True, False]
        assert panel.watches(first[0]) != panel.watches(first[1]), "that is what is shown"


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_panels_are_drawn_as_they_were(
    seen: MainWindow, store: Store, commands: Commands, theme: Literal["dark", "light"]
) -> None:
    commands.view(theme=theme)
    focal = seen.panels.get(FocalPlanePanel)
    assert focal.view is not None
    # Not the picture, whose pixels are of this machine's arithmetic: names, frames, crosses.
    marks = [line for line in drawn(focal.view) if "image" not in line]
    agree(f"camera-plane-{theme}", marks)
    agree(f"camera-numbers-{theme}", drawn(seen.panels.get(DetectorNumbersPanel).view))


def test_a_tried_scale_is_seen_at_once_and_moves_no_limit(
    seen: MainWindow, store: Store, commands: Commands
) -> None:
    focal = seen.panels.get(FocalPlanePanel)
    fit = store.state.results.fit
    assert focal.view is not None
    assert focal.bar is not None
    assert fit is not None
    before, limits = focal.view.grab().toImage(), focal.bar.levels
    commands.view(trial=0.9 * fit.solution.scale)
    after = focal.view.grab().toImage()
    assert limits is not None
    assert focal.bar.levels is not None
    assert focal.bar.levels.limits == limits.limits
    row = next(row for row in the_plane(store).rows if row.name == "2")
    at = focal.view.place_of(row).center().toPoint()
    # A tenth of the sky is left: far beyond the upper limit, in its colour.
    assert before.pixelColor(at) != after.pixelColor(at)
    assert after.pixelColor(at).red() > 2 * after.pixelColor(at).blue()


def test_each_layer_has_values_of_its_own(seen: MainWindow, store: Store) -> None:
    focal, plane = seen.panels.get(FocalPlanePanel), the_plane(store)
    spans = {}
    for name in ("residual", "exposure", "model", "good"):
        focal.layers.buttons[name].click()
        assert focal.bar is not None
        assert focal.bar.levels is not None
        spans[name] = focal.bar.levels.limits
    assert spans["residual"][0] == -spans["residual"][1]
    assert spans["good"] == (0.0, 100.0)
    level = store.state.results.shown
    assert level is not None
    for name in ("exposure", "model"):
        assert spans[name][0] < level.level < spans[name][1]
    fit = store.state.results.fit
    assert fit is not None
    assert measured_limits(plane, "residual", fit.solution.scale) == spans["residual"]


def test_limits_by_hand_stay_until_they_are_measured_again(
    seen: MainWindow, store: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    focal = seen.panels.get(FocalPlanePanel)
    assert focal.bar is not None
    focal.bar.dragged.emit(-3.0, 3.0)
    commands.set_config(store.state.config.model_copy(update={"skyRej": 2.5}))
    idle()
    assert focal.bar.levels is not None
    assert focal.bar.levels.limits == (-3.0, 3.0)
    focal.bar.reset.emit()
    assert focal.bar.levels.limits != (-3.0, 3.0)


def test_the_toolbar_has_stretch_and_colours_of_what_the_focal_plane_shows(
    seen: MainWindow, store: Store, qtbot: QtBot
) -> None:
    focal, looks = seen.panels.get(FocalPlanePanel), seen.toolbar.looks
    assert focal.bar is not None

    def colours() -> list[int]:
        levels = focal.bar.levels
        return [int(levels.lut[0]), int(levels.lut[len(levels.lut) // 4]), int(levels.lut[-1])]

    for name in ("residual", "exposure", "model"):
        focal.layers.buttons[name].click()
        qtbot.waitUntil(lambda name=name: store.state.view.active_layer == name)
        shown = [one for one in (looks.stretch, looks.colours) if one.isVisible()]
        assert len(shown) == 2
        assert not [
            one for one in (looks.low, looks.preset, looks.bins, looks.smooth) if one.isVisible()
        ]
        before = colours()
        looks.colours.textActivated.emit("inferno")
        inferno = colours()
        assert inferno[0] != before[0]
        looks.stretch.textActivated.emit("sqrt")
        curved = colours()
        # The ends stay, and the middle of low values is brighter.
        assert (curved[0], curved[2]) == (inferno[0], inferno[2])
        assert curved[1] != inferno[1]
        looks.stretch.textActivated.emit("histogram")
        assert colours()[1] not in (curved[1], inferno[1])
        assert store.state.looks[name].colours == "inferno"
        seen.commands.undo()
        assert colours() == inferno, "stretches in a row are one change"
    focal.layers.buttons["good"].click()
    qtbot.waitUntil(lambda: not looks.isEnabled())


def test_limits_of_the_focal_plane_are_measured_again_by_their_key(
    seen: MainWindow, store: Store, qtbot: QtBot
) -> None:
    focal = seen.panels.get(FocalPlanePanel)
    assert focal.bar is not None
    focal.bar.dragged.emit(-3.0, 3.0)
    before = store.state.looks
    seen.actions_.by_id["reset-limits"].trigger()
    assert focal.bar.levels is not None
    assert focal.bar.levels.limits != (-3.0, 3.0)
    assert store.state.looks == before, "limits of the panes are others"


def test_choices_are_part_of_the_session(
    seen: MainWindow, store: Store, commands: Commands
) -> None:
    focal = seen.panels.get(FocalPlanePanel)
    numbers, samples = (
        seen.panels.get(DetectorNumbersPanel),
        seen.panels.get(DetectorSamplesPanel),
    )
    focal.layers.buttons["exposure"].click()
    assert focal.bar is not None
    focal.bar.dragged.emit(900.0, 1100.0)
    numbers.kinds.buttons["rejected"].click()
    samples.orders.buttons["number"].click()
    samples.shows.buttons["samples"].click()
    words = numbers.words.text()
    kept = json.loads(json.dumps(plain_view(store.state.view)))
    commands.view(**{name: getattr(View(), name) for name in CHOICES})  # type: ignore[misc]
    assert numbers.words.text() != words
    assert numbers.kinds.checked("scale")
    assert focal.layers.checked("residual")
    assert samples.orders.checked("deviation")
    assert samples.view.names != ("1", "2", "3", "4", "5")
    view, notes = taken_view(kept, store.state.view)
    assert notes == ()
    store.set(view=view)
    assert focal.layers.checked("exposure")
    assert focal.bar.levels is not None
    assert focal.bar.levels.limits == (900.0, 1100.0)
    assert numbers.words.text() == words
    assert numbers.kinds.checked("rejected")
    assert samples.view.names == ("1", "2", "3", "4", "5")
    assert samples.shows.checked("samples")


def test_plots_stand_in_the_order_that_is_asked_for(seen: MainWindow, store: Store) -> None:
    panel, plane = seen.panels.get(DetectorSamplesPanel), the_plane(store)
    tiles = tiles_of(plane, store.state.config.skyRej)
    assert tiles is not None
    by_pull = [one.row.pull for one in in_order(tiles.tiles, "deviation")]
    assert [abs(one) for one in by_pull] == sorted((abs(one) for one in by_pull), reverse=True)
    assert panel.view.toolTip().endswith(panel.subject(store.state).removesuffix("; dotted: own"))
    panel.orders.buttons["number"].click()
    assert panel.view.names == ("1", "2", "3", "4", "5")
    panel.orders.buttons["rejected"].click()
    counts = {one.row.name: one.n_rejected for one in tiles.tiles}
    found = [counts[name] for name in panel.view.names]
    assert found == sorted(found, reverse=True)


def test_without_a_table_detectors_stand_in_a_grid_and_it_says_so(
    window: MainWindow, commands: Commands, store: Store, tmp_path: Path, idle: Callable[[], None]
) -> None:
    camera = Camera(n_detectors=3, width=120, height=100, seed=5, name="Nobody")
    night = make_night(tmp_path, camera)
    for path in night.science:
        strip(path)
    commands.open(night.science)
    idle()
    commands.show_workspace("camera")
    idle()
    plane = the_plane(store)
    assert len(plane.rows) == 3
    assert all(row.key in plane.view.thumbnails for row in plane.rows)
    note = window.panels.get(FocalPlanePanel).place_note
    assert note.isVisible()
    assert "grid" in note.text()
    assert "Nobody" in note.text()
    # No sky frame: the exposures are to be seen, and what to do for a fit.
    assert window.panels.get(DetectorNumbersPanel).note_for(store.state, plane) is not None


def strip(path: str) -> None:
    """Take away what tells where an exposure lies."""
    from astropy.io import fits

    with fits.open(path, mode="update") as file:
        for one in file:
            for card in [*one.header]:
                if card.startswith(("CRVAL", "CTYPE", "CRPIX", "CD1", "CD2", "CDELT")):
                    del one.header[card]


def test_a_dead_detector_and_one_of_another_size_are_shown_as_they_are(
    window: MainWindow, commands: Commands, store: Store, tmp_path: Path, idle: Callable[[], None]
) -> None:
    camera = Camera(n_detectors=4, width=120, height=100, seed=5)
    night = make_night(tmp_path, camera)
    table = tmp_path / "four.json"
    table.write_text(table_of(camera, 240))
    dead, other = (one.exposure for one in night.visit[:2])
    from skyframe_gui.engine import Exposure

    for exposure, image, path in (
        (dead, np.full(dead.image.shape, np.nan, np.float32), night.science[0]),
        (other, other.image[:50, :60], night.science[1]),
    ):
        made = Exposure(
            image, detector=exposure.detector, visit=exposure.visit, header=exposure.header
        )
        write_exposure(path, made, overwrite=True)
    commands.set_correction(camera=str(table))
    commands.open(night.science)
    idle()
    commands.show_workspace("camera")
    idle()
    rows = {row.name: row for row in the_plane(store).rows}
    assert "no pixel with a finite value" in rows["1"].why
    assert rows["2"].why == ""
    (x0, y0), (x1, _), (_, y1), _ = rows["2"].place.corners()
    assert (x1 - x0, y1 - y0) == (pytest.approx(0.6), pytest.approx(0.5))
    assert rows["3"].place.width * rows["3"].place.pixel_size == pytest.approx(1.2)


def test_of_two_cameras_the_shown_visit_is_laid_out_and_the_other_is_a_click_away(
    window: MainWindow, commands: Commands, store: Store, tmp_path: Path, idle: Callable[[], None]
) -> None:
    for name, count in (("One", 2), ("Two", 3)):
        (tmp_path / name).mkdir()
        make_night(tmp_path / name, Camera(n_detectors=count, width=120, height=100, name=name))
    commands.open([str(tmp_path / "One"), str(tmp_path / "Two")])
    idle()
    commands.show_workspace("camera")
    for name, count in (("One", 2), ("Two", 3)):
        key = next(
            item.key
            for item in store.state.exposures
            if item.source.instrument == name and item.source.visit == "2001"
        )
        commands.select_exposure(key)
        idle()
        assert len(the_plane(store).rows) == count
        assert len(shown_visit(store.state)[1]) == count


def test_pixels_of_the_plane_are_pixels_of_the_exposure(seen: MainWindow, store: Store) -> None:
    plane = the_plane(store)
    row = next(row for row in plane.rows if row.name == "3")
    (x0, y0), _, (x1, y1), _ = row.place.corners()
    found = row_at(plane, x0 + 0.25 * (x1 - x0), y0 + 0.75 * (y1 - y0))
    assert found is not None
    assert found[0] is row
    assert found[1:] == (pytest.approx(59.5), pytest.approx(149.5))
    assert row_at(plane, *in_plane(plane, -50.0, -50.0)) is None


def a_plane(turned: bool) -> Plane:
    """Return two detectors side by side, of 2 x 2 blocks of ten pixels; the right one turned."""
    layout = Layout(
        camera="Two",
        unit="pixels",
        places=tuple(
            Place(name=name, kind="", width=20, height=20, affine=affine, number=number)
            for number, (name, affine) in enumerate(
                (
                    ("left", (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)),
                    # Its x runs up, its y to the left.
                    ("right", (0.0, -1.0, 1.0, 0.0, 49.0, 0.0) if turned else UPRIGHT),
                )
            )
        ),
    )
    means = np.array([[1, 2], [3, np.nan]], np.float32)
    means.flags.writeable = False
    one = Thumbnail(means, np.full((2, 2), 255, np.uint8), 10)
    model = np.full((2, 2), 0.5, np.float32)
    model.flags.writeable = False
    bins = Bins(means, model, 10)
    view = CameraView(
        visit="1",
        keys=("left", "right"),
        layout=layout,
        thumbnails={"left": one, "right": one},
        models={"left": model, "right": model},
        bins={"left": bins, "right": bins},
    )
    rows = tuple(
        Row(
            name=place.name,
            key=place.name,
            place=place,
            why="",
            fitted=-1,
            warned=False,
            pull=np.nan,
            apart=np.nan,
            beside=np.nan,
        )
        for place in layout.places
    )
    return Plane(view=view, rows=rows, unit="")


UPRIGHT = (1.0, 0.0, 0.0, 1.0, 30.0, 0.0)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_the_picture_has_each_block_in_its_place_and_colour(turned: bool, ratio: float) -> None:
    plane = a_plane(turned)
    lut = (np.arange(8, dtype=np.uint32) * 0x101010) | np.uint32(0xFF000000)
    lut.flags.writeable = False
    frame = fitted((240, 100), plane_size(plane))
    viewport = Viewport(240, 100, frame)
    painter = PlanePainter()

    def colour_at(x: float, y: float, scale: float) -> int:
        content = PlaneContent(
            plane=plane,
            layer="residual",
            scale=scale,
            limits=(0.0, 8.0),
            lut=lut,
            nothing=0xFF123456,
        )
        image = painter.image(content, viewport, ratio)
        assert image is not None
        at = viewport.to_pane(*on_image(plane, x, y))
        return image.pixel(int(at.x() * ratio), int(at.y() * ratio)) & 0xFFFFFFFF

    grey = [0xFF000000 | 0x101010 * k for k in range(8)]
    left = [(5, 5, 1), (15, 5, 2), (5, 15, 3)]
    right = [(35, 5, 1), (45, 5, 2), (35, 15, 3)]
    if turned:  # the first block is at the lower right, the next above it
        right = [(45, 5, 1), (45, 15, 2), (35, 5, 3)]
    for x, y, value in (*left, *right):
        assert colour_at(x, y, 0.0) == grey[value]
        assert colour_at(x, y, -2.0) == grey[value + 1]
    nothing = (35, 15) if turned else (45, 15)
    assert colour_at(*nothing, 0.0) == colour_at(15, 15, 0.0) == 0xFF123456
    assert colour_at(25, 10, 0.0) == 0


def test_detectors_that_are_hardly_turned_are_laid_down_straight_where_they_were() -> None:
    turn = 0.0003  # of HSC's; DECam's reach six times as much
    places = np.array(
        [[0.5, turn, -turn, 0.5, -3.0, 2.0, 64, 128], [0.5, 0.1, -0.1, 0.5, 0, 0, 9, 9]]
    )
    boxes = np.array([[100, 50, 140, 130], [0, 0, 40, 80]])
    before = places.copy()
    _straighten(places, boxes)
    assert (places[0, 1:3] == 0).all()
    np.testing.assert_array_equal(places[1], before[1])
    for x in (100, 140):
        for y in (50, 130):
            a, b, c, e, tx, ty = before[0, :6]
            u, v = a * x + b * y + tx, c * x + e * y + ty
            assert abs(places[0, 0] * x + places[0, 4] - u) < 0.02
            assert abs(places[0, 3] * y + places[0, 5] - v) < 0.02


def test_a_view_that_is_closed_while_the_keys_lead_there_goes_quietly(qtbot: QtBot) -> None:
    from skyframe_gui.ui.graph.plane_view import PlaneView

    view = PlaneView()
    qtbot.addWidget(view)
    view.show()
    view.setFocus()
    view.resize(300, 200)
    view.close()
    QCoreApplication.sendEvent(view, QFocusEvent(QFocusEvent.Type.FocusOut))
    QCoreApplication.sendEvent(view, QResizeEvent(QSize(200, 100), QSize(300, 200)))
    assert view.closed


def test_lines_between_amplifiers_are_drawn_where_detectors_are_large(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skyframe_gui.ui.graph import plane_view
    from skyframe_gui.ui.graph.plane_view import PlaneView

    plane = a_plane(turned=True)
    rows = tuple(
        replace(row, place=replace(row.place, whole=replace(row.place, amplifiers=(2, 1))))
        for row in plane.rows
    )
    plane = Plane(view=plane.view, rows=rows, unit="")
    assert plane.narrowest_amplifier == 10
    # The upright one is parted by a line up its middle, the turned one by a level line.
    np.testing.assert_allclose(plane.amplifiers[0], [[9.5, -0.5], [9.5, 19.5]])
    np.testing.assert_allclose(np.sort(plane.amplifiers[1], axis=0), [[29.5, 9.5], [49.5, 9.5]])
    view = PlaneView()
    qtbot.addWidget(view)
    lut = np.full(4, 0xFF000000, np.uint32)
    lut.flags.writeable = False
    content = PlaneContent(
        plane=plane, layer="residual", scale=0.0, limits=(0.0, 8.0), lut=lut, nothing=0xFF000000
    )

    def light_at(width: int, amplifiers: bool) -> int:
        view.resize(width, width // 2)
        view.show()
        view.show_plane(content, "", DARK, amplifiers)
        view.show_all()
        at = view.viewport_now.to_pane(*on_image(plane, 9.5, 3.0))
        picture = view.grab().toImage()
        near = (picture.pixelColor(int(at.x()) + d, int(at.y())).lightness() for d in (-1, 0, 1))
        return max(near)

    assert light_at(400, amplifiers=True) > 40
    assert light_at(400, amplifiers=False) < 5
    zoom = view.viewport_now.frame.zoom
    monkeypatch.setattr(plane_view, "LEAST_AMPLIFIER", 10 * zoom + 0.1)
    assert light_at(390, amplifiers=True) < 5, "too small"
    view.close()


def test_cameras_tell_in_how_many_parts_they_are_read_out() -> None:
    hsc = read_camera("HSC").detectors
    assert {one.amplifiers for one in hsc if one.science} == {(4, 1)}
    assert {one.amplifiers for one in hsc if not one.science} == {(1, 1)}
    lsst = [one for one in read_camera("LSSTCam").detectors if one.science]
    sizes = {(one.width / one.amplifiers[0], one.height / one.amplifiers[1]) for one in lsst}
    assert sizes == {(509, 2000), (512, 2002)}
    assert len(amplifier_edges(lsst)) == 189 * 8
    assert amplifier_edges([replace(lsst[0], amplifiers=(1, 1))]).shape == (0, 2, 2)


def test_words_beside_the_choices_are_cut_at_their_end_and_narrow_panels_keep_their_titles(
    qtbot: QtBot, commands: Commands
) -> None:
    label = ElidedLabel("text2", 11, right=True)
    qtbot.addWidget(label)
    label.setText("symmetric")
    label.resize(300, 20)
    whole = drawn(label)
    label.resize(30, 20)
    assert any("symmetric" in line for line in whole)
    cut = next(line for line in drawn(label) if "\N{HORIZONTAL ELLIPSIS}" in line)
    assert "symmetric" not in cut
    panel = DetectorSamplesPanel(commands)
    qtbot.addWidget(panel)
    heads = panel.header_widgets()
    bar = QWidget()
    qtbot.addWidget(bar)
    for one in heads:
        one.setParent(bar)
        one.show()
    for width in (480, 700):
        panel.resize(width, 300)
        QCoreApplication.sendEvent(panel, QResizeEvent(QSize(width, 300), QSize(1, 1)))
        assert [one.isHidden() for one in heads] == [width < 560, False]

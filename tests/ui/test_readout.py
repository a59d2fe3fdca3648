"""The readout's numbers are those of the arrays under the cursor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.wcs import InvalidTransformError
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QWidget
from seen import state_of

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.pointer import Pointed
from skyframe_gui.app.model.results import Results
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.ui.panels.readout import ReadoutPanel, parts_of, sky_place

if TYPE_CHECKING:
    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.state import State


@pytest.fixture
def state(night: Night, qapp: object) -> State:
    return state_of(night)


def values(state: State, cursor: tuple[float, float] = (100.3, 79.6)) -> dict[str, str]:
    return {part.label: part.value for part in parts_of(state, cursor)}


def as_number(text: str) -> float:
    return float(text.split(" ")[0].replace("\u2212", "-"))


def test_every_layers_value_is_the_pixels_under_the_cursor(state: State) -> None:
    shown, found = state.results.shown, values(state)
    pixel = shown.exposure.image[80, 100]
    sky = np.float32(state.results.fit.solution.scale) * shown.model.levels[0][80, 100]
    grid = shown.sky_frame.sky_frame.grid
    i = int(np.searchsorted(grid.x_edges, 100, side="right")) - 1
    j = int(np.searchsorted(grid.y_edges, 80, side="right")) - 1
    assert as_number(found["exposure"]) == pytest.approx(pixel, abs=0.51)
    assert as_number(found["model"]) == pytest.approx(sky, abs=0.51)
    assert as_number(found["subtracted"]) == pytest.approx(pixel - sky, abs=0.51)
    assert as_number(found[f"bin ({i}, {j})"]) == pytest.approx(grid.values[j, i], abs=0.5)


def test_the_unit_is_the_files(state: State) -> None:
    key = state.results.shown.key
    unit = next(item.source.unit for item in state.exposures if item.key == key) or "adu"
    assert values(state)["subtracted"].endswith(f" {unit}")


def test_x_and_y_are_parent_coordinates(state: State) -> None:
    shown = replace(state.results.shown, xy0=(1000, 2000))
    one = replace(state, results=Results(shown=shown, fit=state.results.fit))
    assert values(one)["x y"] == "1100.3  2079.6"


def test_masks_are_told_by_name(state: State) -> None:
    exposure = state.results.shown.exposure
    y, x = np.argwhere(exposure.mask == 1 << exposure.planes["DETECTED"])[0]
    assert values(state, (float(x), float(y)))["mask"] == "DETECTED"
    y, x = np.argwhere(exposure.mask == 0)[0]
    assert values(state, (float(x), float(y)))["mask"] == "\u2014"


def test_beside_the_image_nothing_is_told(state: State) -> None:
    for cursor in (None, (-0.6, 10.0), (10.0, 1e6), (239.5, 10.0)):
        assert parts_of(state, cursor) == []


def test_without_a_scale_the_sky_frame_itself_is_told(state: State) -> None:
    one = replace(state, results=Results(shown=state.results.shown, fit=None))
    found = values(one)
    assert as_number(found["sky frame"]) == pytest.approx(
        state.results.shown.model.levels[0][80, 100], rel=1e-5
    )
    assert "subtracted" not in found


def test_the_maps_value_is_the_bins_under_the_cursor_at_the_scale_that_is_tried(
    state: State,
) -> None:
    found = state.results.residual
    i = int(np.searchsorted(found.exact.x_edges, 100, side="right")) - 1
    j = int(np.searchsorted(found.exact.y_edges, 80, side="right")) - 1
    value, error = found.exact.values[j, i], found.exact.errors[j, i]
    text = values(state)["map"]
    number, _, rest = text.partition(" \u00b1 ")
    unit = next(one.source.unit for one in state.exposures if one.key == found.key) or "adu"
    assert as_number(number) == pytest.approx(value, abs=0.06)
    assert as_number(rest) == pytest.approx(error, rel=0.1)
    assert text.endswith(f" {unit}")
    assert "-" not in text, "a hyphen is no minus"
    scale = state.results.fit.solution.scale
    tried = replace(state, view=replace(state.view, trial=1.01 * scale))
    change = as_number(values(tried)["map"]) - as_number(number)
    model = scale * float(np.median(state.results.shown.model.levels[0]))
    assert change == pytest.approx(-0.01 * model, rel=0.2)


def test_without_a_map_nothing_is_said_of_it(state: State) -> None:
    other = replace(state.results.residual, key="another exposure")
    for one in (None, other):
        assert "map" not in values(replace(state, results=replace(state.results, residual=one)))


def test_the_exposures_own_bins_are_called_so(state: State) -> None:
    one = replace(state, view=replace(state.view, own_grid=True))
    assert any(label.startswith("own bin (") for label in values(one))


class Wcs:
    """Gives what it is told to, and counts."""

    def __init__(self, *place: float, ctype: tuple[str, str] = ("RA---TAN", "DEC--TAN")) -> None:
        self.place = place
        self.calls = 0
        self.wcs = self
        self.ctype = ctype
        self.lng = 0 if ctype[0][:2] in ("RA", "GL") and "LAT" not in ctype[0] else 1

    def pixel_to_world_values(self, x: float, y: float) -> tuple[float, ...]:
        self.calls += 1
        return self.place


@pytest.mark.parametrize(
    ("wcs", "text"),
    [
        (Wcs(150.17196, 2.21905), "10:00:41.27  +02:13:08.6"),
        (Wcs(359.9999999, -0.00001), "00:00:00.00  \u221200:00:00.0"),
        (Wcs(0.0, 89.99999999), "00:00:00.00  +90:00:00.0"),
        (Wcs(-30.0, 150.17196, ctype=("DEC--TAN", "RA---TAN")), "10:00:41.27  \u221230:00:00.0"),
        (Wcs(120.5, -3.25, ctype=("GLON-TAN", "GLAT-TAN")), "120.50000°  \u22123.25000°"),
    ],
)
def test_sky_coordinates_are_written_as_astronomers_do(wcs: Wcs, text: str) -> None:
    part = sky_place(wcs, 1, 2)
    assert part is not None
    assert part.value == text


def test_a_place_that_is_not_on_the_sky_is_not_told() -> None:
    assert sky_place(Wcs(float("nan"), 1.0), 1, 2) is None
    assert sky_place(None, 1, 2) is None


def test_coordinates_of_something_else_are_no_error_while_the_mouse_moves() -> None:
    linear = Wcs(5.0, 6.0, ctype=("LINEAR", "LINEAR"))
    linear.lng = -1
    assert sky_place(linear, 1, 2) is None

    class Broken(Wcs):
        def pixel_to_world_values(self, x: float, y: float) -> tuple[float, ...]:
            raise InvalidTransformError("no inverse")

    assert sky_place(Broken(1.0, 2.0), 1, 2) is None


def test_many_moves_in_one_turn_are_read_once(state: State, qtbot: QtBot) -> None:
    wcs = Wcs(10.0, 20.0)
    exposure = state.results.shown.exposure
    store = Store(state)
    commands = Commands(Program(store))
    store.changed.disconnect(commands.program.live._on_changed)
    host = QWidget()
    qtbot.addWidget(host)
    panel = ReadoutPanel(commands)
    panel.setParent(host)
    had, exposure.wcs = exposure.wcs, wcs
    try:
        panel.show_state(state)
        for x in range(20):
            panel.follow(Pointed(cursor=(float(x), 5.0)))
        qtbot.waitUntil(lambda: "00:40:00.00  +20:00:00.0" in panel.text())
    finally:
        exposure.wcs = had
    assert wcs.calls == 1
    assert panel.text().startswith("x y 19.0  5.0")
    assert commands.program.close()


@pytest.mark.parametrize("width", [0, 40, 300, 1100])
def test_a_narrow_window_leaves_out_from_the_right(state: State, qtbot: QtBot, width: int) -> None:
    store = Store(state)
    commands = Commands(Program(store))
    store.changed.disconnect(commands.program.live._on_changed)
    host = QWidget()
    qtbot.addWidget(host)
    panel = ReadoutPanel(commands)
    panel.setParent(host)
    panel.resize(max(width, 1), 28)
    panel.show_state(state)
    panel.follow(Pointed(cursor=(100.3, 79.6)))
    qtbot.waitUntil(lambda: bool(panel.parts))
    picture = panel.grab().toImage()
    empty = picture.pixelColor(0, 0)
    last_column = [picture.pixelColor(picture.width() - 1, y) for y in range(28)]
    assert all(one == empty for one in last_column), "words run over the edge"
    assert commands.program.close()


def test_how_pixels_are_counted_stays_to_be_clicked_when_the_mouse_has_left_the_image(
    qtbot: QtBot, state: State
) -> None:
    store = Store(state)
    commands = Commands(Program(store))
    store.changed.disconnect(commands.program.live._on_changed)
    panel = ReadoutPanel(commands)
    qtbot.addWidget(panel)
    panel.resize(900, 28)
    panel.show()
    panel.show_state(state)
    panel.follow(Pointed(cursor=(100.0, 80.0)))
    qtbot.waitUntil(lambda: len(panel.parts) > 2)
    panel.follow(Pointed(cursor=None))
    qtbot.waitUntil(lambda: len(panel.parts) == 1)
    panel.grab()
    assert not store.state.view.counts_from_one
    qtbot.mouseClick(panel, Qt.MouseButton.LeftButton, pos=QPoint(20, 14))
    assert store.state.view.counts_from_one
    assert commands.program.close()

"""The cut and the box are drawn and moved by mouse and keys, and their numbers get out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.table import Table
from mouse import CTRL, NONE, SHIFT, drag, leave, move
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtWidgets import QApplication, QFileDialog
from seen import state_of

from skyframe_gui.app.model.cuts import Cut, Region
from skyframe_gui.app.model.profile_curves import curves_of
from skyframe_gui.numbers import MINUS, fixed
from skyframe_gui.ui.panels.images import ImagesPanel
from skyframe_gui.ui.panels.profile import ProfilePanel
from skyframe_gui.ui.panels.readout import ReadoutPanel
from skyframe_gui.ui.panels.region import RegionPanel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.images.canvas import Canvas
    from skyframe_gui.ui.panel import AnyPanel
    from skyframe_gui.ui.window import MainWindow


class Drawing:
    """A window in which a visit is shown, and a mouse over its first pane."""

    def __init__(
        self, window: MainWindow, qtbot: QtBot, store: Store, idle: Callable[[], None]
    ) -> None:
        self.window, self.qtbot, self.store, self.idle = window, qtbot, store, idle

    def panel(self, kind: type[AnyPanel]) -> AnyPanel:
        return self.window.panels.get(kind)

    @property
    def canvas(self) -> Canvas:
        return self.panel(ImagesPanel).panes[0].canvas

    def at(self, x: float, y: float) -> QPointF:
        """Return the middle of the widget's pixel that is nearest to a pixel of the exposure."""
        place = self.canvas.viewport.to_pane(x, y)
        return QPointF(round(place.x()), round(place.y()))

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Return what the mouse points at where it is sent to a pixel."""
        place = self.at(x, y)
        return self.canvas.viewport.to_pixel(place.x(), place.y())

    def drag(self, *places: tuple[float, float], keys: Qt.KeyboardModifier = NONE) -> None:
        (x0, y0), (x1, y1) = places[0], places[-1]
        between = (x0 + (x1 - x0) / 2, y0 + (y1 - y0) / 2)
        drag(self.canvas.view, [self.at(*one) for one in (places[0], between, places[-1])], keys)
        self.idle()

    def asked_by(self, action: str, in_front: str) -> QFileDialog:
        """Return the dialog of an action of the menu, with another panel before its own."""
        self.window.context.reveal(in_front)
        self.window.actions_.by_id[action].trigger()
        (dialog,) = [one for one in self.window.findChildren(QFileDialog) if one.isVisible()]
        return dialog

    def press(self, key: str) -> None:
        action = next(
            one for one in self.window.actions_.by_id.values() if one.shortcut().toString() == key
        )
        assert action.isEnabled()
        action.trigger()
        self.idle()

    def key(self, key: Qt.Key) -> None:
        self.qtbot.keyClick(self.canvas, key)
        self.idle()

    @property
    def cut(self) -> Cut | None:
        return self.store.state.view.cut

    @property
    def region(self) -> Region | None:
        return self.store.state.view.region


@pytest.fixture
def drawing(
    window: MainWindow,
    qtbot: QtBot,
    store: Store,
    night: Night,
    idle: Callable[[], None],
) -> Drawing:
    seen = state_of(night)
    window.resize(1440, 900)
    store.set(
        exposures=seen.exposures,
        sky_frames=seen.sky_frames,
        facts=seen.facts,
        excluded_members=seen.excluded_members,
        built_sets=seen.built_sets,
        selection=seen.selection,
    )
    idle()
    return Drawing(window, qtbot, store, idle)


def test_a_dragged_line_is_a_cut_and_its_ends_band_and_middle_can_be_moved(
    drawing: Drawing,
) -> None:
    drawing.press("C")
    assert drawing.panel(ProfilePanel).isVisible()
    drawing.drag((40, 60), (180, 130))
    cut = drawing.cut
    assert (cut.x0, cut.y0, cut.x1, cut.y1) == pytest.approx(
        (*drawing.pixel(40, 60), *drawing.pixel(180, 130))
    )
    drawing.drag((cut.x1, cut.y1), (200, 40))
    assert (drawing.cut.x1, drawing.cut.y1) == pytest.approx(drawing.pixel(200, 40))
    assert (drawing.cut.x0, drawing.cut.y0) == (cut.x0, cut.y0)
    old = drawing.cut
    drawing.drag(((old.x0 + old.x1) / 2, (old.y0 + old.y1) / 2), (110, 70))
    assert drawing.cut.x1 - drawing.cut.x0 == pytest.approx(old.x1 - old.x0)
    assert (drawing.cut.x0 + drawing.cut.x1) / 2 == pytest.approx(110, abs=1)

    # The band: its handle stands a quarter along, above the line.
    old = drawing.cut
    length = math.hypot(old.x1 - old.x0, old.y1 - old.y0)
    nx, ny = -(old.y1 - old.y0) / length, (old.x1 - old.x0) / length
    x, y = old.x0 + (old.x1 - old.x0) / 4, old.y0 + (old.y1 - old.y0) / 4
    away = 7 / drawing.canvas.viewport.frame.zoom
    drawing.drag((x + nx * away, y + ny * away), (x + nx * (away + 10), y + ny * (away + 10)))
    assert drawing.cut.width == pytest.approx(21, abs=2)

    # Without the tool the ends are still handles, and all else moves the image.
    drawing.key(Qt.Key.Key_Escape)
    assert drawing.store.state.view.tool == ""
    old = drawing.cut
    drawing.drag((old.x0, old.y0), (old.x0 + 8, old.y0 - 5))
    assert drawing.cut.x0 == pytest.approx(old.x0 + 8, abs=1)
    assert drawing.store.state.view.frames[0] is None
    drawing.drag((20, 180), (40, 170))
    assert drawing.cut.x1 == old.x1
    assert drawing.store.state.view.frames[0] is not None


def test_shift_makes_a_row_or_a_column_and_del_removes_it(drawing: Drawing) -> None:
    drawing.press("C")
    drawing.drag((60, 90), (150, 100), keys=SHIFT)
    assert (drawing.cut.kind, drawing.cut.y0) == ("row", round(drawing.pixel(60, 90)[1]))
    profile = drawing.panel(ProfilePanel)
    assert len(profile.curves.profile.found.along) == 240
    assert profile.kinds.checked("row")
    drawing.drag((60, 20), (70, 150), keys=SHIFT)
    assert (drawing.cut.kind, drawing.cut.x0) == ("column", round(drawing.pixel(60, 20)[0]))
    assert len(profile.curves.profile.found.along) == 200
    drawing.drag((60, 20), (70, 150), keys=CTRL)  # the rubber band of a zoom, as without a tool
    assert drawing.cut.kind == "column"
    drawing.key(Qt.Key.Key_Delete)
    assert drawing.cut is None
    assert drawing.store.state.view.tool == "cut"
    assert profile.copied_text() == ""


def test_the_profile_and_the_images_share_the_cursor(drawing: Drawing) -> None:
    drawing.press("C")
    drawing.drag((40, 60), (200, 60), keys=SHIFT)
    plot = drawing.panel(ProfilePanel).plot
    move(drawing.canvas.view, drawing.at(100, 150))
    assert plot.below.pointer.isVisible()
    assert plot.below.pointer.value() == pytest.approx(drawing.pixel(100, 150)[0])
    words = drawing.panel(ProfilePanel).legend.names.accessibleName()
    index = round(drawing.pixel(100, 150)[0])
    value = curves_of(drawing.store.state).upper["exposure"][index]
    assert f"exposure {fixed(value, 0)}" in words
    at = QPointF(plot.below.area.center().toPoint())
    move(plot.below, at)
    x, y = drawing.store.pointer.now.cursor
    assert x == pytest.approx(plot.below.value_at(at)[0])
    assert y == drawing.cut.y0
    leave(plot.below)
    assert drawing.store.pointer.now.cursor is None
    assert not plot.below.pointer.isVisible()


def test_width_and_step_are_typed_and_the_profile_goes_out_as_text_and_table(
    drawing: Drawing, tmp_path: Path
) -> None:
    drawing.press("C")
    drawing.drag((40, 60), (180, 130))
    profile = drawing.panel(ProfilePanel)
    profile.legend.band.setValue(24)
    profile.legend.step.setValue(5)
    drawing.idle()
    assert (drawing.cut.width, drawing.cut.step) == (24, 5)
    assert "band of 24 px" in profile.subject(drawing.store.state)
    curves = curves_of(drawing.store.state)
    profile.copy.click()
    clipboard = QApplication.clipboard()
    lines = clipboard.text().splitlines()
    assert lines[0].split("\t")[:6] == ["along", "x", "y", "exposure", "model", "subtracted"]
    rows = np.array([[float(one) for one in line.split("\t")] for line in lines[1:]])
    np.testing.assert_allclose(rows[:, 3], curves.upper["exposure"], rtol=1e-7)
    np.testing.assert_allclose(rows[:, 5], curves.lower["subtracted"], rtol=1e-5)

    path = tmp_path / "out.ecsv"
    dialog = drawing.asked_by("save-profile", "region")
    dialog.fileSelected.emit(str(path))
    dialog.close()
    drawing.idle()
    table = Table.read(path, format="ascii.ecsv", fill_values=None)
    np.testing.assert_array_equal(table["subtracted"], curves.lower["subtracted"])
    assert str(table["exposure"].unit) == "electron"
    assert table.meta["width"] == 24
    assert table.meta["scale"] == {"model": drawing.store.state.results.fit.solution.scale}


def test_a_box_and_a_circle_have_numbers_in_table_and_status_line(
    drawing: Drawing, tmp_path: Path
) -> None:
    drawing.press("R")
    panel = drawing.panel(RegionPanel)
    assert panel.isVisible()
    drawing.drag((30, 40), (90, 100))
    (x0, y0), (x1, y1) = drawing.pixel(30, 40), drawing.pixel(90, 100)
    assert drawing.region == Region(x0=round(x0), y0=round(y0), x1=round(x1), y1=round(y1))
    numbers = drawing.store.state.results.region.layers["subtracted"]
    rows = [
        [panel.table.item(row, column).text() for column in range(panel.table.columnCount())]
        for row in range(panel.table.rowCount())
    ]
    assert [row[0] for row in rows] == ["exposure", "model", "subtracted"]
    assert rows[2][5] == str(numbers.n_good)
    assert float(rows[2][1].replace(MINUS, "-")) == pytest.approx(numbers.mean, abs=0.1)
    words = drawing.panel(ReadoutPanel).text()
    assert f"box, subtracted mean {rows[2][1]} ± {rows[2][2]}" in words
    assert f"masked {rows[2][6]}" in words
    for workspace, said in (("camera", False), ("visit", True)):  # Camera has no pane with the box
        panel.commands.show_workspace(workspace)
        drawing.idle()
        assert ("box, subtracted" in drawing.panel(ReadoutPanel).text()) is said

    corner = drawing.region
    drawing.drag((corner.x1, corner.y1), (120, 70))
    assert (drawing.region.x0, drawing.region.y0) == (corner.x0, corner.y0)
    assert drawing.region.x1 == round(drawing.pixel(120, 70)[0])
    panel.copy.click()
    clipboard = QApplication.clipboard()
    assert "electron" in clipboard.text().splitlines()[0]
    assert clipboard.text().splitlines()[4].startswith("subtracted\t")
    path = tmp_path / "out.ecsv"
    dialog = drawing.asked_by("save-box", "profile")
    dialog.fileSelected.emit(str(path))
    dialog.close()
    drawing.idle()
    table = Table.read(path, format="ascii.ecsv")
    found = drawing.store.state.results.region.layers
    assert list(table["layer"]) == list(found)
    assert table["sigma"][2] == found["subtracted"].sigma
    assert table.meta["region"]["x1"] == drawing.region.x1

    drawing.press("Shift+R")
    drawing.drag((100, 100), (130, 100))
    assert drawing.region.shape == "circle"
    assert drawing.region.sides[0] == pytest.approx(60, abs=1)
    n_pixels = drawing.store.state.results.region.layers["exposure"].n_pixels
    assert n_pixels == pytest.approx(math.pi * (drawing.region.sides[0] / 2) ** 2, rel=0.02)
    assert panel.shapes.checked("circle")
    drawing.key(Qt.Key.Key_Delete)
    assert drawing.region is None
    assert "box" not in drawing.panel(ReadoutPanel).text()


def test_a_narrow_status_line_spares_the_bin_before_the_mean_of_the_box(drawing: Drawing) -> None:
    drawing.press("R")
    drawing.drag((30, 40), (90, 100))
    panel = drawing.panel(ReadoutPanel)
    whole: dict[int, list[str]] = {}
    for width in (1900, 1280):
        drawing.window.resize(width, 720)
        drawing.idle()
        move(drawing.canvas.view, drawing.at(50, 50))
        drawing.idle()
        shown = panel.fitting()
        whole[width] = [one.label for one in shown]
        metrics = panel.fontMetrics()
        words = [text for one in shown for text in one if text]
        assert sum(map(metrics.horizontalAdvance, words)) < panel.width(), whole[width]
        picture = panel.grab()
        assert picture.width() == panel.width()
    assert whole[1900] == [one.label for one in panel.parts]
    assert "masked" in whole[1900]
    assert "box, subtracted" in whole[1280]
    assert {"masked", "n"}.isdisjoint(whole[1280])
    assert whole[1280][:5] == whole[1900][:5]


def test_both_are_drawn_on_every_linked_pane(drawing: Drawing, commands: Commands) -> None:
    panes = drawing.panel(ImagesPanel).panes
    commands.view(edges=False, boxes=False, crosshair=False)
    before = [pane.canvas.grab().toImage() for pane in panes]
    commands.cuts.set_cut(Cut(x0=40, y0=60, x1=180, y1=130, width=10))
    commands.cuts.set_region(Region(x0=30, y0=140, x1=90, y1=180))
    drawing.idle()
    for pane, old in zip(panes, before, strict=True):
        now = pane.canvas.grab().toImage()
        end = pane.canvas.viewport.to_pane(40, 60).toPoint()
        edge = pane.canvas.viewport.to_pane(60, 180.5).toPoint()
        assert now.pixelColor(end).lightness() > 240
        assert now.pixelColor(edge) != old.pixelColor(edge)

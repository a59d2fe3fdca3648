"""A typed place is gone to and marked, in every way to count, and by the sky."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from astropy.io import fits
from astropy.wcs import WCS
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QColor
from test_images import now, panel, state  # noqa: F401  (fixtures)

from skyframe_gui.app.model.places import PlaceError, convention_words, place_of
from skyframe_gui.app.model.pointer import Pointed
from skyframe_gui.app.model.view import View
from skyframe_gui.ui.images.position_field import PositionField
from skyframe_gui.ui.panels.readout import ReadoutPanel, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import ExposureItem
    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.panels.images import ImagesPanel
    from skyframe_gui.ui.window import MainWindow

AT = (100.25, 79.5)


@pytest.fixture
def shown(state: State) -> Shown:  # noqa: F811
    found = state.results.shown
    assert found is not None
    return replace(found, xy0=(1000, 2000))


@pytest.mark.parametrize(
    ("from_one", "in_file", "text", "words"),
    [
        (False, False, "1100.25 2079.5", "parent px, first is 0"),
        (True, False, "1101.25, 2080.5", "parent FITS, first is 1"),
        (False, True, "100.25;79.5", "file px, first is 0"),
        (True, True, " 101.25  80.5 ", "file FITS, first is 1"),
    ],
)
def test_pixels_are_counted_as_it_is_said(
    shown: Shown, from_one: bool, in_file: bool, text: str, words: str
) -> None:
    view = View(counts_from_one=from_one, in_file=in_file)
    assert place_of(text, view, shown) == pytest.approx(AT)
    assert convention_words(view, shown) == words


def test_a_place_on_the_sky_is_read_as_the_status_line_writes_it(state: State) -> None:  # noqa: F811
    shown = state.results.shown
    assert shown is not None
    written = parts_of(state, AT)[1].value
    assert ":" in written
    assert place_of(written, View(), shown) == pytest.approx(AT, abs=0.3)
    assert place_of(written.replace(":", " "), View(), shown) == pytest.approx(AT, abs=0.3)
    ra, dec = (float(one) for one in shown.exposure.wcs.pixel_to_world_values(*AT))
    for text in (f"{ra:.7f}° {dec:.7f}°", f"{ra:.7f}d {dec:.7f}d", f"{ra / 15:.9f}h {dec:.7f}d"):
        assert place_of(text, View(), shown) == pytest.approx(AT, abs=0.01)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "cannot be read"),
        ("12", "cannot be read"),
        ("a b", "cannot be read"),
        ("1:2:3 95:00:00", "cannot be read"),
        ("nan 3", "cannot be read"),
        ("1e9 3", "x goes from 1000 to 1239"),
        ("1100 1999.4", "y from 2000"),
        ("00:00:00 -89:00:00", "exposure"),
    ],
)
def test_what_is_not_on_the_exposure_gets_a_sentence(shown: Shown, text: str, why: str) -> None:
    with pytest.raises(PlaceError, match=why) as found:
        place_of(text, View(), shown)
    assert str(found.value).endswith(".")


def test_without_coordinates_pixels_are_asked_for(shown: Shown) -> None:
    with pytest.raises(PlaceError, match="no sky coordinates"):
        place_of("10:00:00 +02:00:00", View(), replace(shown, exposure=None))


def test_return_goes_there_in_all_linked_panes_and_marks_it(
    panel: ImagesPanel,  # noqa: F811
    qtbot: QtBot,
) -> None:
    pane = panel.panes[0]
    zoom = pane.canvas.viewport.frame.zoom
    popup = pane.canvas.open_position()
    qtbot.keyClicks(popup.field, "1e7 3")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    assert popup.isVisible()
    assert "not on this exposure" in popup.words.text()
    popup.field.setText("60 50")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    for one in panel.panes:
        frame = one.canvas.viewport.frame
        assert (frame.x, frame.y, frame.zoom) == pytest.approx((60, 50, 2 * zoom))
    middle = QPoint(round(pane.canvas.width() / 2) + 11, round(pane.canvas.height() / 2))
    assert pane.canvas.grab().toImage().pixelColor(middle) == QColor("#ffffff")
    qtbot.keyClick(pane.canvas, Qt.Key.Key_Escape)
    assert now(panel).view.mark is None
    assert pane.canvas.grab().toImage().pixelColor(middle) != QColor("#ffffff")


def test_the_mark_stays_with_its_exposure(panel: ImagesPanel) -> None:  # noqa: F811
    panel.commands.panes.go_to(60, 50, 3.0)
    key, *_ = now(panel).view.mark or ("",)
    canvas = panel.panes[0].canvas
    marked = canvas.grab().toImage()
    panel.commands.view(mark=(f"{key}-other", 60, 50))
    assert canvas.grab().toImage() != marked


def test_a_click_on_x_and_y_counts_otherwise(
    panel: ImagesPanel,  # noqa: F811
    qtbot: QtBot,
) -> None:
    readout = ReadoutPanel(panel.commands)
    qtbot.addWidget(readout)
    readout.resize(900, 28)
    readout.show_state(now(panel))
    readout.follow(Pointed(cursor=AT))
    panel.commands.store.changed.connect(lambda old, new: readout.show_state(new))
    qtbot.waitUntil(lambda: bool(readout.parts))
    readout.grab()
    before = readout.text()
    assert "px, first is 0" in before
    qtbot.mouseClick(readout, Qt.MouseButton.LeftButton, pos=QPoint(30, 14))
    qtbot.waitUntil(lambda: "FITS, first is 1" in readout.text())
    assert readout.parts[0].value != before.split("  mask")[0]
    qtbot.mouseClick(readout, Qt.MouseButton.LeftButton, pos=QPoint(880, 14))
    assert now(panel).view.counts_from_one


@pytest.fixture
def visit(window: MainWindow, commands: Commands, night: Night, idle: Callable[[], None]) -> None:
    """A window on the science visit, whose detectors stand side by side."""
    commands.open(night.science)
    idle()


@pytest.mark.usefixtures("visit")
@pytest.mark.qt_log_ignore("This plugin does not support")  # popups, offscreen
def test_a_place_on_another_detector_is_gone_to_there_or_told_how_far_it_is(
    window: MainWindow, commands: Commands, idle: Callable[[], None], qtbot: QtBot
) -> None:
    state = commands.store.state  # noqa: F811
    first, other = (one.key for one in state.exposures)
    assert state.selection.exposure == first
    canvas = window.panel("images").panes[0].canvas
    there = simulated_wcs(state.exposures[1])
    ra, dec = (float(one) for one in there.pixel_to_world_values(50.0, 60.0))
    window.actions_.by_id["go-to"].trigger()
    popup = canvas.findChild(PositionField)
    qtbot.keyClicks(popup.field, f"{ra:.8f}d {dec:.8f}d")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    assert "looking on the others" in popup.words.text()
    idle()
    state = commands.store.state
    assert state.selection.exposure == state.results.shown.key == other
    key, x, y = state.view.mark
    assert key == other
    assert (x, y) == pytest.approx((50.0, 60.0), abs=0.01)
    frame = canvas.viewport.frame
    assert (frame.x, frame.y) == pytest.approx((50.0, 60.0), abs=0.01)
    # 900 pixels below the other detector, which is 3 minutes of arc.
    ra, dec = (float(one) for one in there.pixel_to_world_values(100.0, -900.5))
    popup = canvas.open_position()
    qtbot.keyClicks(popup.field, f"{ra:.8f}d {dec:.8f}d")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    idle()
    assert commands.store.state.view.mark == (key, x, y)
    words = popup.words.text()
    assert "none of the open detectors of visit 2001" in words
    assert "nearest is det 2, 3\N{PRIME} away" in words
    popup.field.setText("12:00:00 -88:00:00")
    qtbot.keyClick(popup.field, Qt.Key.Key_Return)
    idle()
    assert popup.words.text().endswith("detectors of visit 2001.")
    popup.close()


def simulated_wcs(item: ExposureItem) -> WCS:
    with fits.open(item.source.path) as file:
        return WCS(next(one.header for one in file if one.header.get("CTYPE1")))

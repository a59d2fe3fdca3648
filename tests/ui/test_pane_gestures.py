"""What users of pyqtgraph expect of the panes: rubber band, stretching, links, lock, menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QImage, QWheelEvent
from PyQt6.QtWidgets import QApplication, QFileDialog, QToolButton
from test_images import at, mouse, now, panel, state  # noqa: F401  (fixtures)

from skyframe_gui.app.model.view import Frame
from skyframe_gui.ui.graph.graph_menu import write_picture
from skyframe_gui.ui.images.content import content_of

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from skyframe_gui.ui.graph.graph_menu import GraphMenu
    from skyframe_gui.ui.images.canvas import Canvas
    from skyframe_gui.ui.images.pane import Pane
    from skyframe_gui.ui.panels.images import ImagesPanel

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def drag(
    qtbot: QtBot,
    canvas: Canvas,
    places: list[QPoint],
    button: Qt.MouseButton = LEFT,
    held: Qt.KeyboardModifier = NONE,
) -> None:
    qtbot.mousePress(mouse(canvas), button, held, places[0])
    for place in places[1:]:
        # pytest-qt moves without a button; a drag is made of moves with it.
        qtbot.mouseMove(mouse(canvas), place)
    qtbot.mouseRelease(mouse(canvas), button, held, places[-1])


def menu_of(pane: Pane, panel: ImagesPanel) -> GraphMenu:  # noqa: F811
    layer = now(panel).view.panes[pane.index]
    return pane.make_menu(now(panel), content_of(now(panel), layer))


def entry(menu: GraphMenu, text: str) -> None:
    next(one for one in menu.actions() if one.text().startswith(text)).trigger()


def test_a_rubber_band_drawn_with_control_becomes_the_view(
    panel: ImagesPanel,  # noqa: F811
    qtbot: QtBot,
) -> None:
    canvas = panel.panes[0].canvas
    corners = [at(canvas, 60, 40), at(canvas, 100, 80), at(canvas, 140, 120)]
    drag(qtbot, canvas, corners, held=CONTROL)
    found = now(panel).view.frames[0]
    assert found is not None
    assert (found.x, found.y) == pytest.approx((100, 80), abs=1.5)
    seen = canvas.viewport
    assert min(seen.width, seen.height) / found.zoom == pytest.approx(80, abs=2)


def test_the_menus_switch_makes_every_drag_a_rubber_band(
    panel: ImagesPanel,  # noqa: F811
    qtbot: QtBot,
) -> None:
    pane = panel.panes[1]
    entry(menu_of(pane, panel), "Drag draws a zoom box")
    canvas = pane.canvas
    drag(qtbot, canvas, [at(canvas, 20, 20), at(canvas, 40, 40), at(canvas, 60, 60)])
    found = now(panel).view.frames[1]
    assert found is not None
    assert (found.x, found.y) == pytest.approx((40, 40), abs=1.5)
    entry(menu_of(pane, panel), "Drag draws a zoom box")
    zoom = found.zoom
    drag(qtbot, canvas, [QPoint(80, 80), QPoint(90, 90), QPoint(120, 110)])
    assert now(panel).view.frames[1].zoom == pytest.approx(zoom), "a pan zoomed"


def test_the_right_button_zooms_and_a_right_click_does_not(
    panel: ImagesPanel,  # noqa: F811
    qtbot: QtBot,
) -> None:
    canvas = panel.panes[0].canvas
    zoom = canvas.viewport.frame.zoom
    drag(qtbot, canvas, [QPoint(80, 80), QPoint(80, 70), QPoint(80, 40)], RIGHT)
    found = now(panel).view.frames[0]
    assert found is not None
    assert found.zoom != pytest.approx(zoom, rel=0.05)


@pytest.mark.qt_log_ignore("This plugin does not support")  # popups, offscreen
def test_a_right_click_opens_the_menu(panel: ImagesPanel, qtbot: QtBot) -> None:  # noqa: F811
    pane = panel.panes[0]
    qtbot.mouseClick(mouse(pane.canvas), RIGHT, pos=QPoint(60, 60))
    assert pane.menu is not None
    words = [one.text().split("\t")[0] for one in pane.menu.actions()]
    for wanted in (
        "View all",
        "Lock the view",
        "Copy picture",
        "Save as PNG…",
        "Save as SVG…",
        "Copy values",
        "Residual map",
        "Exposure",
    ):
        if wanted != "Residual map" or "residual" in str(now(panel).view.panes):
            assert wanted in words
    pane.menu.close()


def test_linked_panes_move_in_the_same_turn_and_stay_where_the_state_says(
    panel: ImagesPanel,  # noqa: F811
    qtbot: QtBot,
) -> None:
    first = panel.panes[2].canvas
    drag(qtbot, first, [QPoint(50, 50), QPoint(60, 60), QPoint(75, 70)])
    frame = now(panel).view.frames[2]
    for pane in panel.panes:
        seen = pane.canvas.viewport.frame
        assert (seen.x, seen.y, seen.zoom) == pytest.approx((frame.x, frame.y, frame.zoom))
    panel.commands.panes.link(False)
    drag(qtbot, first, [QPoint(50, 50), QPoint(60, 60), QPoint(90, 90)])
    still = panel.panes[0].canvas.viewport.frame
    assert (still.x, still.y) == pytest.approx((frame.x, frame.y))
    moved = now(panel).view.frames[2]
    assert (moved.x, moved.y) != pytest.approx((frame.x, frame.y), abs=1)


def test_a_locked_view_is_not_moved_by_hand_but_by_the_state(
    panel: ImagesPanel,  # noqa: F811
    qtbot: QtBot,
) -> None:
    pane = panel.panes[0]
    entry(menu_of(pane, panel), "Lock the view")
    drag(qtbot, pane.canvas, [QPoint(50, 50), QPoint(60, 60), QPoint(90, 90)])
    assert now(panel).view.frames[0] is None
    panel.commands.panes.move(0, Frame(50.0, 50.0, 3.0))
    assert pane.canvas.viewport.frame.zoom == pytest.approx(3.0)
    entry(menu_of(pane, panel), "Lock the view")
    drag(qtbot, pane.canvas, [QPoint(50, 50), QPoint(60, 60), QPoint(90, 90)])
    assert now(panel).view.frames[0] != Frame(50.0, 50.0, 3.0)


def test_view_all_shows_the_whole_image_again(panel: ImagesPanel) -> None:  # noqa: F811
    pane = panel.panes[0]
    panel.commands.panes.move(0, Frame(50.0, 50.0, 9.0))
    entry(menu_of(pane, panel), "View all")
    assert now(panel).view.frames[0] is None
    shown = now(panel).results.shown
    seen = pane.canvas.viewport
    box = seen.rect(0, 0, shown.width, shown.height)
    assert box.left() >= -0.01
    assert box.right() <= seen.width + 0.01


def test_the_wheel_stops_where_the_image_would_be_lost(panel: ImagesPanel) -> None:  # noqa: F811
    canvas = panel.panes[0].canvas
    for turn in (-120, 120):
        for _ in range(80):
            place = QPointF(60, 70)
            event = QWheelEvent(
                place,
                canvas.mapToGlobal(place),
                QPoint(),
                QPoint(0, turn),
                Qt.MouseButton.NoButton,
                NONE,
                Qt.ScrollPhase.NoScrollPhase,
                False,
            )
            QApplication.sendEvent(mouse(canvas), event)
        zoom = canvas.viewport.frame.zoom
        wanted = canvas.view.box.least if turn < 0 else 64.0
        assert zoom == pytest.approx(wanted, rel=1e-3)
        shown = now(panel).results.shown
        frame = now(panel).view.frames[0]
        assert -0.5 <= frame.x <= shown.width - 0.5
        assert -0.5 <= frame.y <= shown.height - 0.5


def test_a_narrower_pane_keeps_the_zoom_that_was_chosen(panel: ImagesPanel) -> None:  # noqa: F811
    panel.commands.panes.move(0, Frame(50.0, 60.0, 3.0))
    panel.resize(500, 400)
    for pane in panel.panes:
        seen = pane.canvas.viewport.frame
        assert (seen.x, seen.y, seen.zoom) == pytest.approx((50.0, 60.0, 3.0))
    assert now(panel).view.frames[0] == Frame(50.0, 60.0, 3.0), "a resize is no move"


def test_a_view_that_is_there_already_is_not_moved_again(
    panel: ImagesPanel,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = panel.panes[0].canvas.view
    frame, size = Frame(90.0, 70.0, 3.0), (240, 200)
    view.show_frame(frame, size)
    moved: list[object] = []
    monkeypatch.setattr(view.box, "setRange", lambda **ranges: moved.append(ranges))
    view.show_frame(frame, size)
    assert moved == []
    view.show_frame(Frame(91.0, 70.0, 3.0), size)
    assert len(moved) == 1


def test_the_values_that_are_copied_are_the_pixels_in_view(panel: ImagesPanel) -> None:  # noqa: F811
    panel.commands.panes.move(0, Frame(50.0, 60.0, 20.0))
    pane = panel.panes[0]
    assert now(panel).view.panes[0] == "exposure"
    entry(menu_of(pane, panel), "Copy values")
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    head, *lines = clipboard.text().splitlines()
    numbers = np.array([[float(one) for one in line.split("\t")] for line in lines])[::-1]
    words = head.replace(",", " ").split()
    x0, y0 = (int(words[words.index("from", start) + 1]) for start in (0, words.index("from") + 1))
    image = now(panel).results.shown.image.levels[0]
    ny, nx = numbers.shape
    assert nx * 20 >= pane.canvas.viewport.width - 40
    np.testing.assert_allclose(numbers, image[y0 : y0 + ny, x0 : x0 + nx], rtol=1e-6)


def test_a_pane_is_saved_alone_and_without_its_button(
    panel: ImagesPanel,  # noqa: F811
    tmp_path: Path,
) -> None:
    pane = panel.panes[0]
    menu_of(pane, panel)
    assert not pane.picture.findChildren(QToolButton)
    write_picture(pane.picture, str(tmp_path / "one.png"))
    image = QImage(str(tmp_path / "one.png"))
    assert image.size() == 2 * pane.picture.size()
    left = tmp_path / ".skyframe-0123456789abcdef.part"
    left.write_bytes(b"of a run that was killed")
    write_picture(pane.picture, str(tmp_path / "one.svg"))
    drawing = (tmp_path / "one.svg").read_text()
    assert "<image" in drawing
    assert not left.exists()
    write_picture(pane.picture, str(tmp_path / "one.svg"))
    problem = next(one for one in now(panel).problems if one.origin == "picture")
    assert "one.svg" in problem.text, "a file was replaced without being asked for"


@pytest.mark.qt_log_ignore("This plugin does not support")  # popups, offscreen
def test_saving_asks_for_a_name_and_copying_fills_the_clipboard(
    panel: ImagesPanel,  # noqa: F811
    tmp_path: Path,
) -> None:
    pane = panel.panes[0]
    entry(menu_of(pane, panel), "Copy picture")
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert clipboard.image().size() == 2 * pane.picture.size()
    entry(menu_of(pane, panel), "Save as PNG…")
    dialog = panel.window().findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path / "chosen.png"))
    assert not QImage(str(tmp_path / "chosen.png")).isNull()
    dialog.reject()

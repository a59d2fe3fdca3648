"""Workspaces: each has its own docks in the right places, and remembers what was made of it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from nights import make_night
from PyQt6.QtCore import QEvent, QMargins, QPoint, QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QKeySequence, QMouseEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QTabBar,
    QWidget,
)
from seen import state_of

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.rejection_steps import rows_of
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.engine.diagnostics import Finding
from skyframe_gui.simulate import Camera
from skyframe_gui.ui import screen
from skyframe_gui.ui.actions.action_table import TABLE
from skyframe_gui.ui.actions.samples_menu import show_next_finding
from skyframe_gui.ui.arrangement import restore_layout
from skyframe_gui.ui.badge import count_of
from skyframe_gui.ui.data.kept_rows import tree_rows
from skyframe_gui.ui.data.tips import tip_of
from skyframe_gui.ui.docks import Subject
from skyframe_gui.ui.panels.header import HeaderPanel
from skyframe_gui.ui.panels.images import ImagesPanel
from skyframe_gui.ui.screen import first_geometry, geometry_within
from skyframe_gui.ui.window import MainWindow
from skyframe_gui.ui.workspaces import Room, images_scale, panes_room, plan_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.pointer import Pointed
    from skyframe_gui.app.model.state import State

WIDE, SMALL = (1440, 900), (1280, 720)
SQUARE, TALL = (1024, 1024), (1024, 2048)


@pytest.fixture
def loaded(qtbot: QtBot, night: Night) -> Iterator[MainWindow]:
    made = window_with(state_of(night), qtbot)
    yield made
    finish(made, qtbot)


def window_with(state: State, qtbot: QtBot) -> MainWindow:
    store = Store(state)
    window = MainWindow(store, Commands(Program(store)))
    window.resize(*WIDE)
    window.show()
    qtbot.waitExposed(window)
    return window


def finish(window: MainWindow, qtbot: QtBot) -> None:
    """Close a window when its work is done: cancelled, a thread could outlive the test."""
    qtbot.waitUntil(lambda: not window.commands.program.busy, timeout=30_000)
    window.close()
    window.deleteLater()


def drag(window: MainWindow, start: QPoint, end: QPoint) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for kind, at, button, held in (
        (QEvent.Type.MouseButtonPress, start, left, left),
        (QEvent.Type.MouseMove, end, none, left),
        (QEvent.Type.MouseButtonRelease, end, left, none),
    ):
        place, modifiers = QPointF(at), Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(kind, place, QPointF(window.mapToGlobal(at)), button, held, modifiers)
        QApplication.sendEvent(window, event)
        QApplication.processEvents()


VISIT = {
    "data",
    "fit",
    "config",
    "correction",
    "samples",
    "residuals",
    "profile",
    "region",
    "masks",
}


def names_open(window: MainWindow) -> set[str]:
    return {name for name in window.docks if window.arrangement.is_open(name)}


# Plans -----------------------------------------------------------------------------------------


def room_of(size: tuple[int, int], image: tuple[int, int], **panes: Any) -> Room:
    return Room(width=size[0], height=size[1], image=image, **panes)


def covered(size: tuple[int, int], image: tuple[int, int]) -> float:
    """Return the part of a window that four whole images cover, by its plan."""
    room = room_of(size, image=image)
    scale = images_scale(plan_of("visit", room), room)
    return 4 * int(scale * image[0]) * int(scale * image[1]) / (size[0] * size[1])


@pytest.mark.parametrize(
    ("size", "image", "least"),
    [(WIDE, SQUARE, 0.24), (SMALL, SQUARE, 0.16), (WIDE, TALL, 0.24), (SMALL, TALL, 0.18)],
)
def test_images_cover_enough_of_the_window(
    size: tuple[int, int], image: tuple[int, int], least: float
) -> None:
    assert covered(size, image) >= least


def test_the_arrangement_with_the_larger_images_is_taken() -> None:
    for image, name in ((SQUARE, "visit beside"), (TALL, "visit below"), ((2, 3), "visit below")):
        room = room_of(WIDE, image=image)
        assert plan_of("visit", room).name == name
    # Two in a row are wide: they get the room.
    assert plan_of("visit", room_of(WIDE, image=SQUARE, n_panes=2)).name == "visit below"
    assert plan_of("visit", room_of(WIDE, image=SQUARE, n_panes=1)).name == "visit beside"
    assert plan_of("visit", room_of(WIDE, image=SQUARE, pane_shape=(4, 1))).name == "visit below"


def test_square_panes_leave_what_they_do_not_need_to_fit_and_config() -> None:
    plan = plan_of("visit", room_of(WIDE, image=SQUARE))
    assert abs(plan.right_width - 510) <= 6
    assert (plan.left_width, plan.bottom_height) == (256, 234)
    small = plan_of("visit", room_of(SMALL, image=SQUARE))
    assert (small.left_width, small.bottom_height) == (200, 198)
    assert abs(small.right_width - 548) <= 6
    assert plan_of("visit", room_of((1000, 700), image=SQUARE)).left == ()


@pytest.mark.parametrize("size", [(900, 600), SMALL, WIDE, (1920, 1080), (3840, 2160)])
@pytest.mark.parametrize("workspace", ["visit", "stack", "compare", "camera", "night"])
def test_every_plan_leaves_room_for_its_middle(size: tuple[int, int], workspace: str) -> None:
    for image in (SQUARE, TALL, (2048, 512)):
        room = room_of(size, image=image)
        width, height = panes_room(plan_of(workspace, room), room)  # type: ignore[arg-type]
        assert width >= 400
        assert height >= 200


@pytest.fixture(scope="session")
def square(tmp_path_factory: pytest.TempPathFactory) -> Night:
    camera = Camera(n_detectors=1, width=160, height=160, seed=5)
    return make_night(tmp_path_factory.mktemp("square"), camera)


@pytest.fixture(scope="session")
def tall(tmp_path_factory: pytest.TempPathFactory) -> Night:
    camera = Camera(n_detectors=1, width=128, height=256, seed=5)
    return make_night(tmp_path_factory.mktemp("tall"), camera)


@pytest.mark.parametrize(
    ("size", "shape", "least"),
    [(WIDE, "square", 0.24), (SMALL, "square", 0.16), (WIDE, "tall", 0.24), (SMALL, "tall", 0.18)],
)
def test_images_on_the_screen_cover_enough_of_the_window(
    size: tuple[int, int], shape: str, least: float, request: pytest.FixtureRequest, qtbot: QtBot
) -> None:
    window = window_with(state_of(request.getfixturevalue(shape)), qtbot)
    window.resize(*size)
    images = window.panel("images")
    assert isinstance(images, ImagesPanel)

    def part() -> float:
        """Return the part of the window that is images, as far as they are within their panes."""
        area = 0.0
        for pane in images.panes:
            view = pane.canvas.viewport
            shown = view.rect(0, 0, *image_size(window))
            inside = shown.intersected(QRectF(0, 0, view.width, view.height))
            area += inside.width() * inside.height() * pane.isVisible()
        return area / (window.width() * window.height())

    qtbot.waitUntil(lambda: part() >= least)
    assert (window.width(), window.height()) == size
    room = room_of(size, image=image_size(window))
    assert part() == pytest.approx(covered(size, room.image), rel=0.02), "the plan counts right"
    finish(window, qtbot)


def image_size(window: MainWindow) -> tuple[int, int]:
    shown = window.store.state.results.shown
    assert shown is not None
    return shown.width, shown.height


def test_the_window_opens_within_the_free_area_frame_included() -> None:
    frame = QMargins(4, 30, 4, 4)
    for free in (QRect(0, 0, 1440, 900), QRect(60, 27, 1220, 693), QRect(0, 0, 3840, 2160)):
        place = first_geometry(free, frame)
        assert free.contains(place.marginsAdded(frame))
        assert place.width() == min(1440, free.width() - 8)
    off = QRect(-50, -10, 1440, 900)
    free = QRect(0, 0, 1280, 720)
    assert free.contains(geometry_within(off, free, frame).marginsAdded(frame))
    there = QRect(100, 100, 800, 500)
    assert geometry_within(there, free, frame) == there


# The window ------------------------------------------------------------------------------------


def test_each_workspace_shows_its_own_panels(loaded: MainWindow) -> None:
    commands = loaded.commands
    assert names_open(loaded) == VISIT
    assert loaded.panel("images").isVisible()
    commands.show_workspace("stack")
    assert names_open(loaded) == {"stack-bin", "stack-exposures", "stack-strip"}
    assert loaded.panel("stack-maps").isVisible()
    assert not loaded.panel("images").isVisible()
    commands.show_workspace("compare")
    right = {"compare-fields", "compare-results", "compare-warnings"}
    assert {"sweep", *right} <= names_open(loaded)
    assert loaded.panel("compare").isVisible()
    commands.show_workspace("camera")
    assert names_open(loaded) == {"detector-numbers", "detector-samples", "fit"}
    assert loaded.panel("focal-plane").isVisible()
    commands.show_workspace("night")
    assert names_open(loaded) == {"night-trends", "residuals"}
    assert loaded.panel("night").isVisible()
    commands.show_workspace("visit")
    assert names_open(loaded) == VISIT


def test_every_label_and_button_on_the_screen_has_words_or_a_picture(loaded: MainWindow) -> None:
    without = []
    for workspace in ("visit", "stack"):
        loaded.commands.show_workspace(workspace)
        for widget in filter(QWidget.isVisible, loaded.findChildren(QWidget)):
            name = f"{workspace}: {type(widget.parent()).__name__}.{widget.objectName()}"
            if isinstance(widget, QLabel):
                empty = not widget.text() and widget.pixmap().isNull()
                # The name of a session that has none, and the subject of a dock without one.
                if empty and widget.objectName() not in ("sessionName", "dockSubject"):
                    without.append(name)
            elif isinstance(widget, QAbstractButton):
                inner = isinstance(widget.parent(), QLineEdit)  # Qt's own, which clears the text
                if not (inner or widget.text() or len(widget.toolTip()) > 2):
                    without.append(name)
    assert without == []


def test_the_docks_stand_where_the_target_has_them(loaded: MainWindow, qtbot: QtBot) -> None:
    docks = loaded.docks
    body = loaded.panel("images")
    left_of_panes = body.mapTo(loaded, QPoint(0, 0)).x()
    assert abs(docks["data"].width() - 256) <= 2
    assert docks["data"].geometry().bottom() == docks["samples"].geometry().bottom()
    assert docks["samples"].x() == left_of_panes
    assert abs(docks["samples"].height() - 234) <= 2
    assert docks["fit"].geometry().bottom() < docks["config"].y()
    assert docks["config"].geometry().bottom() < docks["residuals"].y()
    assert docks["profile"].geometry().right() == docks["config"].geometry().right()
    assert abs(docks["fit"].height() - 260) <= 4
    for size, left, lower in ((SMALL, 200, 198), (WIDE, 256, 234)):
        loaded.resize(*size)
        qtbot.waitUntil(lambda left=left: abs(docks["data"].width() - left) <= 2)
        assert abs(docks["samples"].height() - lower) <= 2


def test_tall_detectors_move_fit_and_config_into_the_lower_row(
    qtbot: QtBot, night: Night, tall: Night
) -> None:
    state = state_of(night)
    window = window_with(state_of(tall), qtbot)
    fit, config = window.panel("fit"), window.panel("config")
    dock = window.docks["fit"]
    assert dock.panels == (fit, config, window.panel("correction"))
    qtbot.waitUntil(window.actions_.by_id["row-of-panes"].isChecked)  # as they stand, unchosen
    assert not window.actions_.by_id["four-panes"].isChecked()
    assert dock.y() == window.docks["samples"].y()
    assert fit.isVisible()
    assert not config.isVisible()
    window.context.reveal("config")
    assert config.isVisible()
    assert not window.docks["config"].isVisible(), "there is no empty dock"
    window.store.set(results=state.results)
    assert fit.isVisible()
    assert config.isVisible()
    assert not window.findChildren(QTabBar), "no tabs but those of the header"
    finish(window, qtbot)


def test_what_was_closed_stays_closed_in_another_plan(loaded: MainWindow, tall: Night) -> None:
    state = loaded.store.state
    loaded.arrangement.close_dock("residuals")
    loaded.store.set(results=state_of(tall).results)
    assert not loaded.arrangement.is_open("residuals")
    loaded.store.set(results=state.results)
    assert not loaded.arrangement.is_open("residuals")
    loaded.arrangement.reset()
    assert loaded.arrangement.is_open("residuals")


def test_the_view_menu_opens_a_dock_beside_the_others(loaded: MainWindow) -> None:
    loaded.resize(1920, 1080)
    (menu,) = (one for one in loaded.actions_.menus["View"].findChildren(QMenu))
    menu.aboutToShow.emit()
    toggles = {action.text(): action for action in menu.actions()}
    assert toggles["Samples"].isChecked()
    assert not toggles["Log"].isChecked()
    for name in ("Log", "Histogram", "Header"):
        toggles[name].trigger()
    row = [loaded.docks[name] for name in ("samples", "log", "histogram")]
    for dock in row:
        assert dock.isVisible()
        assert dock.width() >= 240, "too narrow to read"
        assert dock.y() == row[0].y()
    menu.aboutToShow.emit()
    toggles["Log"].trigger()
    assert not loaded.docks["log"].isVisible()


def test_no_menu_is_higher_than_a_small_screen(loaded: MainWindow) -> None:
    for menu in loaded.actions_.menus.values():
        for one in (menu, *menu.findChildren(QMenu)):
            most = 680 if one.title() == "Panels" else 600  # 900 at a scale of 1.5
            assert one.sizeHint().height() < most, one.title()


def test_the_last_dock_at_either_side_can_be_closed(loaded: MainWindow) -> None:
    for workspace in ("visit", "stack"):
        loaded.commands.show_workspace(workspace)
        for name in names_open(loaded):
            loaded.arrangement.close_dock(name)
        assert not names_open(loaded)


def test_a_window_that_is_too_narrow_for_the_files_is_arranged(
    qtbot: QtBot, night: Night, tall: Night
) -> None:
    for one in (night, tall):
        window = window_with(state_of(one), qtbot)
        window.resize(800, 800)
        QApplication.processEvents()
        assert {"samples", "fit"} <= names_open(window)
        finish(window, qtbot)


def test_a_subject_without_room_gives_way_at_its_commas(qtbot: QtBot) -> None:
    subject = Subject("visit 2001, 9 detectors, 144 boxes")
    qtbot.addWidget(subject)
    wide = subject.fontMetrics().horizontalAdvance
    for width, shown in (
        (wide(subject.text()), "visit 2001, 9 detectors, 144 boxes"),
        (wide(subject.text()) - 1, "visit 2001, 9 detectors"),
        (wide("visit 2001") + 1, "visit 2001"),
        (wide("visit 2001") - 1, ""),
    ):
        subject.resize(width, 20)
        assert subject.fitting() == shown


def test_docks_without_room_float_and_the_window_keeps_its_size(
    loaded: MainWindow, qtbot: QtBot
) -> None:
    loaded.resize(*SMALL)
    more = ["sample-table", "histogram", "header", "log", "stack-levels"]
    for name in more:
        loaded.arrangement.open_dock(name)
        QApplication.processEvents()
    assert (loaded.width(), loaded.height()) == SMALL, "it grew, and beyond a small screen"
    assert all(loaded.docks[name].isVisible() for name in more)
    assert loaded.docks["stack-levels"].isFloating(), "the one that was opened last"
    row = [loaded.docks[name] for name in ("samples", "residuals")]
    assert not any(dock.isFloating() for dock in row), "what the plan has stays"
    for workspace in ("stack", "visit"):
        loaded.commands.show_workspace(workspace)
        QApplication.processEvents()
    assert (loaded.width(), loaded.height()) == SMALL
    assert set(more) <= names_open(loaded)


def test_a_dock_that_floats_is_beside_its_place_and_painted_in_every_workspace(
    loaded: MainWindow, qtbot: QtBot
) -> None:
    dock = loaded.docks["residuals"]
    place = dock.mapToGlobal(QPoint(0, 0))
    button = next(button for button, name in dock.header.buttons if name == "dock-window")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    assert dock.pos() != place, "one could not tell that it floats"
    for workspace in ("stack", "visit"):
        loaded.commands.show_workspace(workspace)
    assert dock.isFloating()
    assert dock.updatesEnabled(), "the window's pause of painting was never lifted from it"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not dock.isFloating()


def test_a_dock_that_floats_at_the_edge_of_the_screen_is_whole_on_it(
    loaded: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = loaded.geometry()
    monkeypatch.setattr(screen, "free_area", lambda window=None: free)
    dock = loaded.docks["fit"]
    button = next(button for button, name in dock.header.buttons if name == "dock-window")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    assert free.contains(dock.frameGeometry())


def test_docks_that_were_moved_by_hand_stay(loaded: MainWindow, tall: Night, qtbot: QtBot) -> None:
    commands, docks = loaded.commands, loaded.docks
    start = QPoint(docks["data"].geometry().right() + 2, 400)
    assert loaded.isSeparator(start)
    drag(loaded, start, QPoint(start.x() + 60, 400))
    qtbot.waitUntil(lambda: docks["data"].width() > 290)
    width = docks["data"].width()
    commands.show_workspace("stack")
    commands.show_workspace("visit")
    assert abs(docks["data"].width() - width) <= 2
    loaded.store.set(results=state_of(tall).results)
    assert docks["config"].isVisible(), "the arrangement is a person's now"
    record = loaded.arrangement.record()
    loaded.arrangement.reset()
    loaded.arrangement.restore(record)
    assert abs(docks["data"].width() - width) <= 2


@pytest.mark.parametrize(
    "record",
    [
        {"visit": None},
        {"visit": {"open": "data", "plan": 3, "docks": ""}},
        {"visit": {"open": ["data"], "plan": "visit beside", "docks": "AAAA"}},
        {"visit": {"open": ["nobody", "data"], "plan": "?", "docks": ""}},
        {"elsewhere": {"open": [], "plan": "", "docks": ""}},
    ],
)
def test_a_damaged_layout_does_no_harm(loaded: MainWindow, record: dict[str, object]) -> None:
    loaded.arrangement.restore(record)
    assert loaded.arrangement.is_open("data")
    loaded.arrangement.reset()
    assert names_open(loaded) == VISIT


def test_only_panels_on_screen_are_painted(
    loaded: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted = []
    for panel in loaded.panels:

        def show(state: State, panel=panel, show=panel.show_state) -> None:  # type: ignore[no-untyped-def]
            painted.append(panel.id)
            show(state)

        monkeypatch.setattr(panel, "show_state", show)
    loaded.commands.view(theme="light")
    assert {"images", "samples", "fit", "config", "data"} <= set(painted)
    assert not {"stack-maps", "compare", "log", "histogram"} & set(painted)
    painted.clear()
    loaded.commands.show_workspace("stack")
    assert "stack-maps" in painted
    assert "samples" not in painted


def test_what_is_under_the_mouse_is_seen_in_every_panel_and_stays_when_they_are_painted(
    loaded: MainWindow,
) -> None:
    fit = loaded.store.state.results.fit
    assert fit is not None
    rows = rows_of(fit)
    sample = rows.ids(3)
    actions = loaded.actions_.by_id
    assert not actions["exclude"].isEnabled()
    loaded.commands.hover(sample)
    loaded.commands.point((10.0, 12.0))
    for _ in range(2):
        assert actions["exclude"].isEnabled()
        assert loaded.panel("samples").plot._hovered == 3
        assert loaded.panel("residuals").plot._hovered == 3
        assert all(pane.canvas.layers.hovered == sample for pane in loaded.panel("images").panes)
        loaded.commands.view(theme="light")
    loaded.commands.hover(None)
    assert not actions["exclude"].isEnabled()
    assert loaded.panel("samples").plot._hovered is None


def test_a_panel_that_cannot_follow_the_mouse_does_not_stop_the_others(
    loaded: MainWindow, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(pointed: Pointed) -> None:
        raise RuntimeError("no such place")

    monkeypatch.setattr(loaded.panel("images"), "follow", fail)
    fit = loaded.store.state.results.fit
    assert fit is not None
    loaded.commands.hover(rows_of(fit).ids(3))
    assert "no such place" in capsys.readouterr().err
    assert loaded.panel("samples").plot._hovered == 3


def test_a_title_that_fails_does_not_stop_the_others(
    loaded: MainWindow, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(state: State) -> str:
        raise RuntimeError("no such name")

    monkeypatch.setattr(loaded.panel("config"), "subject", fail)
    before = loaded.panel("samples").subject(loaded.store.state)
    loaded.commands.view(theme="light")
    assert "no such name" in capsys.readouterr().err
    assert before
    loaded.commands.show_step(0)
    assert loaded.panel("samples").view.step.number == 0


def test_a_panel_that_cannot_be_made_leaves_the_others_their_places(
    qtbot: QtBot,
    night: Night,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(self: HeaderPanel, commands: Commands) -> None:
        raise RuntimeError("no such font")

    monkeypatch.setattr(HeaderPanel, "__init__", fail)
    made = window_with(state_of(night), qtbot)
    assert names_open(made) == VISIT
    made.commands.show_workspace("stack")
    assert {"stack-bin", "stack-exposures", "stack-strip"} <= names_open(made)
    qtbot.waitUntil(lambda: "no such font" in capsys.readouterr().err)
    finish(made, qtbot)


def test_a_panel_that_fails_does_not_stop_the_others(
    loaded: MainWindow, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(state: State) -> None:
        raise RuntimeError("no such colour")

    monkeypatch.setattr(loaded.panel("config"), "show_state", fail)
    loaded.commands.view(theme="light")
    assert "no such colour" in capsys.readouterr().err
    assert "no such colour" in loaded.store.state.problems[0].text
    loaded.commands.show_step(0)
    assert len(loaded.store.state.problems) == 1


# Bars ------------------------------------------------------------------------------------------


def test_the_switch_and_the_keys_change_the_workspace(loaded: MainWindow, qtbot: QtBot) -> None:
    segments = loaded.top_bar.switch.segments
    qtbot.mouseClick(segments["stack"], Qt.MouseButton.LeftButton)
    assert loaded.store.state.view.workspace == "stack"
    assert segments["stack"].isChecked()
    assert all(segment.isEnabled() for segment in segments.values())
    loaded.actions_.by_id["workspace-night"].trigger()
    assert loaded.store.state.view.workspace == "night"
    assert segments["night"].isChecked()
    keys = {entry.id: entry.keys for entry in TABLE}
    assert [keys[f"workspace-{name}"] for name in segments] == [f"Ctrl+{n}" for n in range(1, 6)]
    loaded.actions_.by_id["workspace-visit"].trigger()
    assert loaded.store.state.view.workspace == "visit"


def test_no_key_is_given_twice() -> None:
    keys = [QKeySequence(key).toString() for entry in TABLE for key in entry.keys.split()]
    assert len(keys) == len(set(keys))


def test_the_switch_stands_in_the_middle_and_nothing_overlaps(loaded: MainWindow) -> None:
    for size in (WIDE, SMALL, (1920, 1080)):
        loaded.resize(*size)
        bar = loaded.top_bar
        switch = bar.switch.geometry()
        assert abs(switch.center().x() - size[0] / 2) <= 2
        assert bar.menus.geometry().right() < switch.left()
        assert bar.height() == 36
        assert loaded.toolbar.height() == 36


def test_the_session_is_named_and_marked_while_it_is_not_saved(loaded: MainWindow) -> None:
    loaded.files.path = "/data/night 25 Nov.sky"
    loaded.files.renamed.emit()
    assert loaded.top_bar._session.text().startswith("night 25 Nov.sky")


# Badges ----------------------------------------------------------------------------------------


WARNING = Finding(
    kind="offset", severity="warning", title="The samples want an offset.", text="More of it."
)
NOTE = Finding(kind="few", severity="note", title="Few samples are left.", text="More of it.")


def test_badges_count_warnings_and_notes_where_they_are_seen(loaded: MainWindow) -> None:
    state = loaded.store.state
    fit = state.results.fit
    assert fit is not None
    for findings, warns in (((NOTE,), False), ((WARNING, NOTE), True), ((), False)):
        results = replace(state.results, fit=replace(fit, findings=findings))
        loaded.store.set(results=results)
        shown = loaded.top_bar.switch.segments["visit"].count
        assert (shown.n, shown.warns) == (len(findings), warns)
        badge = loaded.docks["fit"].header.badges[0]
        assert badge.count == shown
        assert badge.isVisibleTo(loaded) is bool(findings)
        for finding in findings:
            assert finding.title in badge.toolTip()
    assert count_of(()).n == 0


@pytest.mark.parametrize("size", [WIDE, SMALL, (800, 500)])
def test_badges_are_whole_at_every_size_of_the_window(
    loaded: MainWindow, size: tuple[int, int], qtbot: QtBot
) -> None:
    state = loaded.store.state
    fit = state.results.fit
    assert fit is not None
    many = tuple(replace(WARNING, kind=str(number)) for number in range(12))
    loaded.store.set(results=replace(state.results, fit=replace(fit, findings=many)))
    loaded.resize(*size)
    segment = loaded.top_bar.switch.segments["visit"]
    badge = loaded.docks["fit"].header.badges[0]
    # What lies over a widget, or beyond the window's edge, is not in its visible region.
    for one in (segment, badge):
        qtbot.waitUntil(lambda one=one: one.visibleRegion().boundingRect() == one.rect())
    assert segment.width() > segment.fontMetrics().horizontalAdvance(segment.text()) + 20


def test_the_next_warning_is_shown_in_the_fit(loaded: MainWindow) -> None:
    loaded.arrangement.close_dock("fit")
    show_next_finding(loaded.context)
    assert loaded.panel("fit").isVisible()


def test_asking_for_a_panel_goes_to_where_it_is_at_home(loaded: MainWindow) -> None:
    loaded.context.reveal("compare")
    assert loaded.store.state.view.workspace == "compare"
    loaded.arrangement.close_dock("sweep")
    loaded.commands.show_workspace("visit")
    loaded.context.reveal("sweep")
    assert loaded.store.state.view.workspace == "compare"
    assert loaded.panel("sweep").isVisible()
    loaded.context.reveal("log")
    assert loaded.store.state.view.workspace == "compare"
    assert loaded.panel("log").isVisible()


def test_nothing_open_is_the_start_page_and_its_docks(window: MainWindow) -> None:
    assert window.panel("start").isVisible()
    assert names_open(window) == {"data", "config", "fit"}
    assert not window.top_bar.switch.segments["stack"].isEnabled()


def test_the_row_of_the_visit_tells_of_its_fit(loaded: MainWindow) -> None:
    state = loaded.store.state
    fit = state.results.fit
    assert fit is not None
    for findings, mark in (((NOTE,), "fit note"), ((NOTE, WARNING), "fit warning"), ((), "")):
        results = replace(state.results, fit=replace(fit, findings=findings))
        rows = tree_rows(replace(state, results=results))
        row = next(one for one in rows if one.id == f"visit {fit.visit}")
        assert row.finding == mark
        tip = tip_of(state, row)
        assert all(one.title in tip for one in findings)
        others = [one for one in rows if one.kind == "visit" and one is not row]
        assert not any(one.finding for one in others)


def test_a_layout_of_version_0_1_0_is_passed_over(loaded: MainWindow) -> None:
    old = {"state": base64.b64encode(b"\x00\x00\x00\xff").decode(), "tabs": {"residuals": 2}}
    before = names_open(loaded)
    restore_layout(loaded.arrangement, base64.b64encode(json.dumps(old).encode()).decode())
    recorded = Path(__file__).parents[1] / "data" / "v0.1.0" / "night.sky"
    restore_layout(loaded.arrangement, json.loads(recorded.read_text())["layout"])
    restore_layout(loaded.arrangement, "no layout")
    restore_layout(loaded.arrangement, base64.b64encode(b"[" * 100_000).decode())
    assert names_open(loaded) == before

"""Docks and their titles alone: tabs, tools, subjects, badges, and what gives way first."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, ClassVar

import pytest
from PyQt6.QtCore import QCoreApplication, QMargins, QPoint, QRect, Qt
from PyQt6.QtWidgets import QLabel, QMainWindow, QPushButton, QToolButton, QWidget
from recorded import agree, drawn, parts

from skyframe_gui.ui import screen
from skyframe_gui.ui.badge import BadgeCount, badge_width, count_of
from skyframe_gui.ui.docks import FLOAT_BY, Dock, Header, Subject
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.theme import DARK, LIGHT

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store


class One(Panel):
    """A panel with a tool in its title."""

    id = "one"
    title = "One panel"
    area = "right"
    told: ClassVar[str] = "visit 7, 3 detectors, 5 of 9"

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.tool = QPushButton(f"tool of {self.id}")

    def subject(self, state: State) -> str:
        return f"{self.id}: {self.told}"

    def badge(self, state: State) -> BadgeCount:
        return BadgeCount(3, True, "a\nb\nc") if self.id == "one" else BadgeCount(12, False, "d")

    def header_widgets(self) -> list[QWidget]:
        return [self.tool]


class Two(One):
    """Another one."""

    id = "two"
    title = "Two"


def seen(header: Header) -> str:
    """Return what of a title is there, and how wide."""
    words = [
        f"{type(one).__name__} {getattr(one, 'text', str)()!r} {one.x()} {one.width()}"
        for one in header.findChildren(QWidget)
        if isinstance(one, QLabel | QToolButton | QPushButton) and one.isVisible()
    ]
    return "; ".join(words)


@pytest.mark.skipif(sys.platform != "linux", reason="kept as they are on Linux")
def test_titles_are_as_kept_and_give_way_where_there_is_little_room(
    qtbot: QtBot, commands: Commands, store: Store
) -> None:
    lines: list[str] = []
    for kinds in ((One,), (One, Two)):
        panels = [kind(commands) for kind in kinds]
        dock = Dock(panels[0])
        qtbot.addWidget(dock)
        if len(panels) > 1:
            dock.set_panels(panels)
        dock.resize(500, 200)
        dock.show()
        dock.show_state(store.state)
        dock.header.apply_theme(DARK)
        QCoreApplication.sendPostedEvents()
        lines += [
            "",
            f"{len(panels)} panels",
            *parts(dock.header),
            *(re.sub(r"(image .* \d+ x \d+):.*", r"\1", one) for one in drawn(dock.header)),
        ]
        for width in (500, 400, 330, 280, 240, 200, 150, 130):
            dock.resize(width, 200)
            QCoreApplication.sendPostedEvents()
            lines.append(f"{width}: {seen(dock.header)}")
        dock.header.apply_theme(LIGHT)
        assert {badge._palette for badge in dock.header.badges} == {LIGHT}
        hints = dock.header.sizeHint(), dock.header.minimumSizeHint()
        lines.append(f"{hints[0].height()} {hints[1].width()} x {hints[1].height()}")
    agree("docks", lines)


def test_a_tab_brings_its_panel_its_tools_and_its_subject(
    qtbot: QtBot, commands: Commands, store: Store
) -> None:
    one, two = One(commands), Two(commands)
    dock = Dock(one)
    qtbot.addWidget(dock)
    assert (dock.objectName(), dock.windowTitle(), dock.area) == ("dock-one", "One panel", "right")
    dock.resize(600, 200)
    exposed: list[bool] = []
    dock.exposed.connect(lambda: exposed.append(True))
    dock.show()
    assert exposed == [True]
    assert dock.current is one
    dock.set_panels([one, two])
    assert dock.panels == (one, two)
    assert (dock.current, one.tool.isVisible(), two.tool.isVisible()) == (one, True, False)
    QCoreApplication.sendPostedEvents()
    tabs = [tab for tab in dock.header.findChildren(QToolButton) if tab.isCheckable()]
    assert [tab.text() for tab in tabs] == ["One panel", "Two"]
    assert [tab.isChecked() for tab in tabs] == [True, False]
    tabs[1].click()
    assert (dock.current, one.tool.isVisible(), two.tool.isVisible()) == (two, False, True)
    assert [tab.isChecked() for tab in tabs] == [False, True]
    dock.show_state(store.state)
    (subject,) = dock.header.findChildren(Subject)
    assert subject.text() == subject.toolTip() == "two: visit 7, 3 detectors, 5 of 9"
    assert [badge.count.n for badge in dock.header.badges] == [3, 12]
    dock.choose(one)
    assert dock.current is one
    dock.header.set_subject("")
    assert not subject.isVisible()
    dock.header.set_subject("<b>")
    assert (subject.isVisible(), subject.toolTip()) == (True, "<qt>&lt;b&gt;</qt>")
    dock.set_panels(())
    assert dock.current is None
    dock.show_state(store.state)
    for widget in (one, two, one.tool, two.tool):
        qtbot.addWidget(widget)


def test_choices_beside_tabs_are_left_away_where_they_would_lie_over_them(
    qtbot: QtBot, commands: Commands, store: Store
) -> None:
    one, two = One(commands), Two(commands)
    dock = Dock(one)
    qtbot.addWidget(dock)
    dock.set_panels([one, two])
    dock.show()
    dock.show_state(store.state)
    tabs = [tab for tab in dock.header.findChildren(QToolButton) if tab.isCheckable()]

    def shown_at(width: int) -> bool:
        dock.resize(width, 200)
        for _ in range(3):
            QCoreApplication.sendPostedEvents()
        tool = dock.current.tool
        end = tabs[-1].mapTo(dock.header, tabs[-1].rect().topRight()).x()
        assert not tool.isVisible() or tool.geometry().left() > end, width
        return tool.isVisible()

    assert [shown_at(width) for width in (500, 150, 500)] == [True, False, True]
    assert not shown_at(150)
    tabs[1].click()
    assert not shown_at(150)
    assert [one.tool.isVisible(), shown_at(500), one.tool.isVisible()] == [False, True, False]
    for width in range(130, 400, 9):
        shown_at(width)
    for widget in (one.tool, two.tool):
        qtbot.addWidget(widget)


def test_a_dock_is_taken_out_beside_its_place_and_put_back(
    qtbot: QtBot, commands: Commands
) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setGeometry(100, 100, 800, 500)
    dock = Dock(One(commands))
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    window.show()
    qtbot.waitUntil(dock.isVisible)
    float_it, close = (button for button, _ in dock.header.buttons)
    assert float_it.toolTip() == "Float or dock"
    assert float_it.accessibleName() == "Float or dock One panel"
    assert (close.toolTip(), close.accessibleName()) == (
        "Close (View menu opens it again)", "Close One panel"
    )  # fmt: skip
    closed: list[bool] = []
    dock.closed.connect(lambda: closed.append(True))
    close.click()
    assert closed == [True]
    assert dock.isVisible()
    moved: list[QPoint] = []
    dock.move = moved.append  # type: ignore[method-assign,assignment]
    float_it.click()
    assert dock.isFloating()
    assert moved == [dock.pos() + FLOAT_BY]
    float_it.click()
    assert not dock.isFloating()


def test_a_subject_ends_at_a_comma_or_not_at_all(qtbot: QtBot) -> None:
    subject = Subject("visit 7, 3 detectors, 5 of 9")
    qtbot.addWidget(subject)
    metrics = subject.fontMetrics()
    for words in ("visit 7, 3 detectors, 5 of 9", "visit 7, 3 detectors", "visit 7"):
        subject.resize(metrics.horizontalAdvance(words), 20)
        assert subject.fitting() == words
    subject.resize(metrics.horizontalAdvance("visit 7") - 1, 20)
    assert subject.fitting() == ""


def test_a_badge_is_a_circle_for_one_figure_and_wider_for_more() -> None:
    assert [badge_width(n) for n in (-1, 0, 1)] == [0, 0, 16]
    assert badge_width(1) < badge_width(12) < badge_width(123)
    assert count_of([]) == BadgeCount(0, False, "")


FREE, FRAME = QRect(10, 20, 1920, 1080), QMargins(4, 32, 6, 8)


@pytest.mark.parametrize(
    ("place", "kept"),
    [
        ((100, 100, 800, 600), (100, 100, 800, 600)),
        ((-50, 0, 800, 600), (14, 52, 800, 600)),
        ((1800, 900, 800, 600), (1124, 492, 800, 600)),
        ((100, 100, 3000, 2000), (14, 52, 1910, 1040)),
    ],
)
def test_a_window_is_moved_into_the_screen_with_its_frame(
    place: tuple[int, int, int, int], kept: tuple[int, int, int, int]
) -> None:
    assert screen.geometry_within(QRect(*place), FREE, FRAME).getRect() == kept


def test_the_first_window_is_of_the_usual_size_in_the_middle_of_what_is_free() -> None:
    assert screen.first_geometry(FREE, FRAME).getRect() == (249, 122, 1440, 900)
    small = QRect(0, 30, 1000, 700)
    assert screen.first_geometry(small).getRect() == (4, 62, 992, 664)
    assert screen.free_area().getRect() == (0, 0, 5760, 3600)


def test_tips_show_what_looks_like_markup_as_it_is() -> None:
    assert plain_tip("a & b\nc") == "a & b\nc"
    assert plain_tip("a < b\nc") == "<qt>a &lt; b<br>c</qt>"
    assert plain_tip("&lt;") == "<qt>&amp;lt;</qt>"

"""What the data panel draws and tells of every kind of row, and what its small windows hand on."""

from __future__ import annotations

import sys
import zlib
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fitted_visits import fit_of
from looks import assert_looks, described, entries
from made_items import a_frame, a_sky_frame, an_exposure
from PyQt6.QtCore import QCoreApplication, QMimeData, QPoint, Qt, QUrl
from PyQt6.QtGui import QColor, QDesktopServices, QGuiApplication, QIcon, QPainter, QPixmap
from PyQt6.QtWidgets import QDialogButtonBox, QMenu
from recorded import agree, check, drawn

from skyframe_gui.app.model.items import BadFile, Facts, Recent
from skyframe_gui.app.model.results import Results
from skyframe_gui.engine import Samples
from skyframe_gui.engine.config import SkyMeasurementConfig
from skyframe_gui.engine.diagnostics import Finding
from skyframe_gui.ui import theme
from skyframe_gui.ui.data.assign import AssignDialog
from skyframe_gui.ui.data.kept_rows import tree_rows
from skyframe_gui.ui.data.recent_table import RecentTable
from skyframe_gui.ui.data.tree_menu import paths_of
from skyframe_gui.ui.panels.data import DataPanel
from skyframe_gui.ui.theme import DARK, LIGHT

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import ExposureItem
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.data.tree_rows import Row

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kept as they are on Linux")


@pytest.fixture
def panel(qtbot: QtBot, store: Store, commands: Commands) -> DataPanel:
    store.changed.disconnect(commands.program.live._on_changed)
    made = DataPanel(commands)
    qtbot.addWidget(made)
    made.resize(300, 760)
    made.show()
    made.show_state(store.state)
    store.changed.connect(lambda old, new: made.show_state(new))
    return made


@pytest.fixture
def plain_icons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw each icon as two bars: its colour, and one for its name, as no two systems smooth it."""

    def icon(name: str, colour: str) -> QIcon:
        picture = QPixmap(64, 64)
        picture.fill(QColor(colour))
        painter = QPainter(picture)
        painter.fillRect(32, 0, 32, 64, QColor(f"#{zlib.crc32(name.encode()) & 0xFFFFFF:06x}"))
        painter.end()
        return QIcon(picture)

    monkeypatch.setattr(theme, "icon", icon)


def items() -> tuple[ExposureItem, ...]:
    first = {"visit": "908120", "night": "2026-01-01", "filter": "r"}
    second = {"visit": "908122", "night": "2026-01-02", "filter": "HSC-I2_very_long"}
    planes: dict[str, Any] = {"has_mask": True, "has_variance": True, "binning": (2, 1)}
    return (
        an_exposure("a1.fits", detector="1", **first, **planes),
        an_exposure("a2.fits", detector="2", **first, orientation="+y-x"),
        an_exposure("a3.fits", detector="3", **first, notes=("Mask: as given.",)),
        an_exposure("a4.fits", detector="detS4", **first, exposure_time=None),
        an_exposure("a5.fits", detector="5", **first),
        an_exposure("b1.fits", detector="1", **second, unit="adu"),
        an_exposure("b2.fits", detector="", **second, subtracted="A sky frame was taken off."),
        an_exposure("c.fits", detector="1", visit="908123", night="2026-01-02", filter="g"),
        an_exposure("a_name_of_many_letters_1.fits", visit="", night="", filter=""),
        an_exposure("a_name_of_many_letters_2.fits", visit="", night="", filter=""),
        an_exposure("d.fits", detector="1", visit="9", night="by hand", filter="VR_z"),
        an_exposure("e.fits", detector="2", visit="9", night="by hand", filter="VR_z"),
    )


def finding(severity: Any) -> Finding:
    return Finding(kind=severity, severity=severity, title=f"A {severity}.", text="It has a text.")


def fill(store: Store) -> tuple[ExposureItem, ...]:
    """Put rows of every kind into the state."""
    made = items()
    keys = [one.key for one in made]
    told = (
        Facts(1234.5678, 0.1234),
        Facts(-12.3, 0.0, ("Mask: as given.",)),
        Facts(float("nan"), 1.0, ("Mask: as given.", "It was mended.")),
        Facts(problem="The file is <gone>."),
        None,
        Facts(3.2e8, 0.5, ("The checksum is wrong.",)),
        Facts(1000.0, 0.05),
        Facts(900.0, 0.05),
        Facts(800.0, 0.05),
        None,
        Facts(700.0, 0.05),
        Facts(701.0, 0.15),
    )
    facts = {key: one for key, one in zip(keys, told, strict=True) if one is not None}
    samples = [Samples(np.arange(9.0), np.arange(9.0))]
    fit = replace(fit_of(samples, visit="908123"), findings=(finding("note"), finding("warning")))
    store.set(log=("",))
    store.set(
        exposures=made,
        facts=MappingProxyType(facts),
        bad_files=(
            BadFile("/night/broken.fits", "It is <cut>."),
            BadFile("/night/x-background.fits", "There is nothing in it.", "background list"),
        ),
        excluded_members=frozenset({keys[0], keys[1], keys[10], keys[11]}),
        excluded_exposures=frozenset({keys[1], keys[2], keys[10], keys[11]}),
        selection=replace(store.state.selection, exposure=keys[0]),
        results=Results(fit=fit),
    )
    return made


@pytest.mark.parametrize(("which", "width"), [("dark", 320), ("light", 240), ("dark", 200)])
@pytest.mark.usefixtures("plain_icons")
def test_each_kind_of_row_is_drawn_as_kept(
    which: Any, width: int, panel: DataPanel, store: Store, commands: Commands
) -> None:
    fill(store)
    commands.view(theme="light" if which == "dark" else "dark")
    commands.view(theme=which)
    panel.resize(width, 760)
    QCoreApplication.sendPostedEvents()
    view = panel.tree.viewport()
    assert view is not None
    lines = drawn(view)
    # With one of them closed, one folded, and others chosen.
    panel.tree.collapse(panel.model.index_of("visit 908120"))
    panel.tree.select_row("visit 908122")
    panel._show(next(row for row in panel.model.rows() if row.kind == "night"))
    QCoreApplication.sendPostedEvents()
    lines += ["----", *drawn(view)]
    header = panel.tree.header()
    assert header is not None
    widths = [header.sectionSize(at) for at in range(header.count())]
    lines += ["----", f"{widths} {panel.tree.indentation()}"]
    agree(f"data-rows-{which}-{width}", lines)


@pytest.mark.parametrize(
    "times", [("013343", "014512", "015412"), ("013343", "1014512", "2014512")]
)
def test_names_of_visits_are_cut_alike_and_have_their_chips_together(
    times: tuple[str, ...], panel: DataPanel, store: Store
) -> None:
    store.set(
        exposures=tuple(
            an_exposure(f"{time}.fits", detector="1", visit=f"HATP-3{time:0>12}", filter="CI")
            for time in times
        )
    )
    panel.resize(200, 760)
    QCoreApplication.sendPostedEvents()
    view = panel.tree.viewport()
    assert view is not None
    shown = [line.split("'")[1] for line in drawn(view) if line.startswith("'")]
    names = [at for at, one in enumerate(shown) if one.endswith(tuple(t[-2:] for t in times))]
    assert len({len(shown[at]) for at in names}) == 1, shown
    assert len({shown[at] for at in names}) == len(times)
    assert len({shown[at + 1] == "CI" for at in names}) == 1


def test_what_is_told_of_each_row_is_as_kept(panel: DataPanel, store: Store) -> None:
    fill(store)
    roles = Qt.ItemDataRole
    lines = []

    def tell(row: Row) -> None:
        index = panel.model.index_of(row.id)
        cells = [
            f"{index.siblingAtColumn(at).data()}|"
            f"{index.siblingAtColumn(at).data(roles.AccessibleTextRole)}"
            for at in range(6)
        ]
        values = (row.kind, row.filter, row.sky, row.science, row.mark, row.shown, row.finding)
        lines.append(f"{row.id} {row.without_heading!r} {values}: {'; '.join(cells)}")
        lines.append(f"    {index.data(roles.ToolTipRole)}")

    for row in panel.model.rows():
        tell(row)
    for wanted in ("2", "r", "det 5", "left out", "warning", "cannot", "science", "broken", "sky",
                   "worth", "not looked", "visit 9", "g band", "of_many", "DET"):  # fmt: skip
        found = tree_rows(store.state, wanted)
        told = [f"{row.name}({', '.join(one.name for one in row.children)})" for row in found]
        lines.append(f"{wanted!r}: {told}")
    lines.append(f"{panel.footer.accessibleName()} | {panel.subject(store.state)}")
    fit = store.state.results.fit
    assert fit is not None
    store.set(results=Results(fit=replace(fit, findings=(finding("note"),))))
    tell(next(row for row in panel.model.rows() if row.id == "visit 908123"))
    assert_looks("data-told", "\n".join(lines))


def test_below_the_tree_stands_what_is_wrong_with_the_row_that_the_keys_are_on(
    panel: DataPanel, store: Store
) -> None:
    made = fill(store)
    said = {
        made[0].key: "",
        made[3].key: "The file is <gone>.",
        made[4].key: "",
        "/night/broken.fits": "It is <cut>.",
        "visit 908120": "",
    }
    for row_id, why in said.items():
        panel.tree.select_row(row_id)
        assert panel.why.text() == why
        assert panel.why.isVisible() == bool(why)
    panel.filter.setText("908120")
    panel.footer.click()  # the file that failed first, whatever is searched for
    assert panel.filter.text() == ""
    assert panel.tree.current_row().id == "/night/broken.fits"  # type: ignore[union-attr]
    assert panel.tree.hasFocus()
    store.set(bad_files=())
    panel.tree.select_row(made[0].key)
    panel.footer.click()
    assert panel.tree.current_row().id == made[3].key  # type: ignore[union-attr]
    store.set(facts={made[0].key: Facts(1.0, 0.0)})
    assert not panel._foot.isVisible()


def test_the_filter_is_left_with_its_keys_and_comes_where_there_is_room(
    panel: DataPanel, store: Store, qtbot: QtBot
) -> None:
    assert panel.more.isHidden()
    assert not panel.more.masked.isEnabled()
    fill(store)
    for width, narrow in ((239, True), (240, False), (239, True)):
        panel.resize(width, 760)
        assert panel.more.isHidden() is not narrow
        assert panel.more.masked.isEnabled() is narrow
        assert panel._top.isVisible() is not narrow
        assert panel.sets.list.isColumnHidden(3) is narrow
    panel.open_filter()
    assert panel._top.isVisible()
    assert panel.filter.hasFocus()
    panel.filter.setText("nothing has this")
    assert panel._no_match.isVisible()
    assert not panel.tree.isVisible()
    qtbot.keyClick(panel.filter, Qt.Key.Key_Down)
    panel.filter.setText("908120")
    panel.filter.setFocus()
    qtbot.keyClick(panel.filter, Qt.Key.Key_Down)
    assert panel.tree.hasFocus()
    assert panel.filter.text() == "908120"
    panel.filter.setFocus()
    qtbot.keyClick(panel.filter, Qt.Key.Key_Escape)
    assert (panel.filter.text(), panel.tree.hasFocus()) == ("", True)
    assert not panel._top.isVisible()
    assert panel.minimumWidth() == 200


def test_the_keys_of_the_tree_ask_for_what_they_are_for(
    panel: DataPanel, store: Store, qtbot: QtBot
) -> None:
    made = fill(store)
    tree = panel.tree
    asked: list[Any] = []
    for signal in (tree.show_wanted, tree.role_wanted, tree.close_wanted, tree.assign_wanted):
        signal.disconnect()
    tree.show_wanted.connect(lambda row: asked.append(("show", row.id)))
    tree.role_wanted.connect(lambda role: asked.append(("role", role)))
    tree.close_wanted.connect(lambda: asked.append("close"))
    tree.assign_wanted.connect(lambda: asked.append("assign"))
    none, shift = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
    pad, ctrl = Qt.KeyboardModifier.KeypadModifier, Qt.KeyboardModifier.ControlModifier
    keys = Qt.Key
    night, visit, key = "night 2026-01-01", "visit 908120", made[0].key
    for row, pressed, held, wanted in (
        (key, keys.Key_Space, none, [("role", "sky")]),
        (key, keys.Key_Space, shift, [("role", "science")]),
        (key, keys.Key_Space, ctrl, []),
        (key, keys.Key_Delete, none, ["close"]),
        (key, keys.Key_Delete, pad, ["close"]),
        (key, keys.Key_Delete, shift, []),
        (key, keys.Key_F2, none, ["assign"]),
        (key, keys.Key_F2, ctrl, []),
        (key, keys.Key_Return, none, [("show", key)]),
        (key, keys.Key_Enter, pad, [("show", key)]),
        (key, keys.Key_Return, ctrl, []),
        (key, keys.Key_Down, none, [("show", made[1].key)]),
        (key, keys.Key_Down, shift, []),
        (key, keys.Key_Up, none, [("show", visit)]),
        (visit, keys.Key_Up, none, []),  # to the line above visits, which nobody has asked to fold
        (night, keys.Key_Up, none, []),
        (night, keys.Key_Left, none, [("show", night)]),
        (night, keys.Key_Right, none, []),
        (visit, keys.Key_Left, none, []),
        (key, keys.Key_End, none, [("show", "/night/x-background.fits")]),
    ):
        tree.select_row(row)
        tree.expandAll()
        asked.clear()
        qtbot.keyClick(tree, pressed, held)
        assert asked == wanted, (row, pressed, held)


def test_menus_of_rows_are_as_kept_and_do_what_they_say(
    panel: DataPanel, store: Store, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    made = fill(store)
    panel.header_wanted.connect(lambda: shown.append("header"))
    shown: list[Any] = []
    lines = []
    for row_id in (made[0].key, made[1].key, "visit 908120", "/night/broken.fits",
                   "section bad files", "night 2026-01-01"):  # fmt: skip
        panel.tree.select_row(row_id)
        menu = panel.menu()
        keys = [action.shortcut().toString() for action in menu.actions()]
        lines += [row_id, entries(menu.actions()), str(keys)]
        menu.deleteLater()
    assert_looks("data-menus", "\n".join(lines))
    panel.tree.select_row(made[5].key)
    acts = {action.text(): action for action in panel.menu().actions()}
    acts["Show header"].trigger()
    assert (store.state.selection.exposure, shown) == (made[5].key, ["header"])
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    acts["Reveal in folder"].trigger()
    assert opened == ["/night"]
    panel.tree.select_row("visit 908120")
    {action.text(): action for action in panel.menu().actions()}["Copy paths"].trigger()
    board = QGuiApplication.clipboard()
    assert board is not None
    assert board.text() == "\n".join(str(one.source.path) for one in made[:5])
    {action.text(): action for action in panel.menu().actions()}["Close 5"].trigger()
    assert store.state.removed == {one.key for one in made[:5]}
    panel.tree.select_row(made[5].key)
    panel._pop_up(QPoint(5, 5))
    (menu,) = [one for one in panel.findChildren(QMenu) if one.isVisible()]
    view = panel.tree.viewport()
    assert view is not None
    assert menu.pos() == view.mapToGlobal(QPoint(5, 5))
    menu.close()
    panel.tree.clearSelection()
    panel._pop_up(QPoint(5, 5))
    assert not any(menu.isVisible() for menu in panel.findChildren(QMenu))


def test_what_is_dragged_is_files_of_this_machine() -> None:
    data = QMimeData()
    assert paths_of(None) == paths_of(data) == []
    data.setUrls([QUrl("http://host/a.fits"), QUrl.fromLocalFile("/night/a.fits")])
    assert paths_of(data) == ["/night/a.fits"]


def values(dialog: AssignDialog) -> list[str]:
    fields = [dialog.visit, dialog.detector, *dialog.others.values()]
    return [one.text() for one in fields]


def test_what_is_set_by_hand_of_one_and_of_several(
    panel: DataPanel, store: Store, commands: Commands, qtbot: QtBot
) -> None:
    made = fill(store)
    one = AssignDialog(commands, made[:1], panel)
    qtbot.addWidget(one)
    several = AssignDialog(commands, made[4:6], panel)
    qtbot.addWidget(several)
    text = "\n".join(described(dialog) for dialog in (one, several))
    assert_looks("data-assign", text)
    assert one.visit.selectedText() == "908120"
    assert values(one) == ["908120", "1", "r", "Cam", "2026-01-01"]
    assert values(several) == ["", "", "", "Cam", ""]
    several.others["filter"].setText(" z ")
    several.accept()
    told = {key: replace(value) for key, value in store.state.assigned.items()}
    assert set(told) == {made[4].key, made[5].key}
    for item in made[4:6]:
        by_hand = told[item.key]
        assert (by_hand.visit, by_hand.detector) == (item.source.visit, item.source.detector)
        assert (by_hand.filter, by_hand.instrument, by_hand.night) == ("z", None, None)
    now = [i for i in panel.model.rows() if i.kind == "exposure" and i.id in told]
    assert [row.filter for row in now] == ["z", "z"]
    buttons = one.findChild(QDialogButtonBox)
    assert buttons is not None
    one.others["night"].setText("2026-02-03")
    one.detector.setText("  11 ")
    buttons.button(QDialogButtonBox.StandardButton.Cancel).click()  # type: ignore[union-attr]
    assert made[0].key not in store.state.assigned
    again = AssignDialog(commands, made[:1], panel)
    again.detector.setText("  11 ")
    again.others["night"].setText("2026-02-03")
    box = again.findChild(QDialogButtonBox)
    assert box is not None
    box.button(QDialogButtonBox.StandardButton.Ok).click()  # type: ignore[union-attr]
    by_hand = store.state.assigned[made[0].key]
    assert (by_hand.visit, by_hand.detector, by_hand.night) == ("908120", "11", "2026-02-03")
    assert by_hand.filter is None


def test_sets_are_listed_as_kept(panel: DataPanel, store: Store, commands: Commands) -> None:
    noted = replace(a_sky_frame(detector="3"), notes=("Its <checksum> is wrong.",))
    sources = (items()[0].source,) * 3
    frames = (
        a_frame("built 1", sources, detector="1", made_at="2026-01-02 18:04",
                made_with=SkyMeasurementConfig(skyRej=4)),
        a_frame("/sky/x-1.fits", detector="1"),
        a_frame("/sky/x-3.fits", detector="3", sky_frame=noted),
        a_frame("/other/y.fits", detector="2"),
    )  # fmt: skip
    store.set(sky_frames=frames)
    lines = [panel.sets._subject.text()]
    tree = panel.sets.list
    for which in ("dark", "light"):
        commands.view(theme=which)
        QCoreApplication.sendPostedEvents()
        view = tree.viewport()
        assert view is not None
        lines += [which, *drawn(view)]
    for place in range(tree.topLevelItemCount()):
        item = tree.topLevelItem(place)
        assert item is not None
        tree.setCurrentItem(item)
        menu = panel.sets.menu()
        assert menu is not None
        words = [str(item.data(at, Qt.ItemDataRole.AccessibleTextRole)) for at in range(5)]
        lines += [str(words), item.toolTip(0), entries(menu.actions())]
        lines.append(str([action.shortcut().toString() for action in menu.actions()]))
        menu.deleteLater()
    lines.append(f"{tree.height()} {[tree.columnWidth(at) for at in range(5)]}")
    agree("data-sets", "\n".join(lines).splitlines())
    tree.clearSelection()
    tree.setCurrentItem(None)
    assert panel.sets.menu() is None


def test_keys_of_the_list_of_sets(
    panel: DataPanel, store: Store, commands: Commands, qtbot: QtBot
) -> None:
    store.set(sky_frames=(a_frame("/sky/x.fits"), a_frame("/sky/y.fits"), a_frame("/sky/z.fits")))
    tree = panel.sets.list
    asked: list[tuple[str, str]] = []
    for name in ("use_wanted", "look_wanted", "throw_wanted"):
        signal = getattr(tree, name)
        signal.disconnect()
        signal.connect(lambda key, name=name: asked.append((name, key)))
    tree.setFocus()
    first, second, third = (
        str(tree.topLevelItem(at).data(0, Qt.ItemDataRole.UserRole))  # type: ignore[union-attr]
        for at in range(3)
    )
    keys = Qt.Key
    tree.setCurrentItem(tree.topLevelItem(0))
    for pressed, wanted in (
        (keys.Key_Return, ("look_wanted", first)),
        (keys.Key_Enter, ("look_wanted", first)),
        (keys.Key_Space, ("use_wanted", first)),
        (keys.Key_Delete, ("throw_wanted", first)),
        (keys.Key_Up, None),
        (keys.Key_Down, ("use_wanted", second)),
        (keys.Key_End, None),
    ):
        asked.clear()
        qtbot.keyClick(tree, pressed)
        assert asked == ([] if wanted is None else [wanted]), pressed
    assert tree.key() == third
    tree.setCurrentItem(None)
    asked.clear()
    for pressed in (keys.Key_Return, keys.Key_Space, keys.Key_Delete):
        qtbot.keyClick(tree, pressed)
    assert asked == []
    panel.sets.rename()  # of none


def test_clicks_on_the_list_of_sets(
    panel: DataPanel, store: Store, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(commands.sets, "rename", lambda key, name: asked.append((key, name)))
    store.set(sky_frames=(a_frame("/sky/x.fits"), a_frame("/sky/y.fits")))
    tree = panel.sets.list
    item = tree.topLevelItem(1)
    assert item is not None
    key = str(item.data(0, Qt.ItemDataRole.UserRole))
    tree.itemClicked.emit(item, 0)
    assert panel.sets._subject.text() == "one is in use"
    used = [str(tree.topLevelItem(at).data(0, Qt.ItemDataRole.AccessibleTextRole))  # type: ignore[union-attr]
            for at in range(2)]  # fmt: skip
    assert [one.endswith("in use") for one in used] == [False, True]
    item = tree.topLevelItem(1)
    assert item is not None
    tree.itemDoubleClicked.emit(item, 0)
    looked = store.state.selection.sky_frame
    assert (store.state.selection.exposure, looked) == ("", item.text(0))
    item = tree.topLevelItem(1)
    assert item is not None
    item.setText(2, "x")
    assert asked == []
    item.setText(0, "mine")
    assert asked == [(key, "mine")]
    panel.sets._pop_up(QPoint(5, tree.height() + 50))
    assert not any(menu.isVisible() for menu in panel.findChildren(QMenu))
    tree.setCurrentItem(tree.topLevelItem(0))
    panel.sets._pop_up(QPoint(5, 5))
    (menu,) = [menu for menu in panel.findChildren(QMenu) if menu.isVisible()]
    menu.close()


def test_what_was_opened_before_is_a_table_as_kept(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = "/home/me"
    monkeypatch.setenv("HOME", home)
    recent = (
        Recent("/sky/night.sky", "6 visits", "2026-01-02T18:04"),
        Recent(f"{home}/deep/a.fits", "", "2026-01-01T08:00"),
        Recent("/gone/b.sky", "2 visits", "2025-12-31T23:59", missing=True),
        Recent(f"{home}2/c.fits", "1 exposure", "2025-12-31T23:58"),
        *(Recent(f"/more/{n}.sky", "1 visit", "2025-01-01T00:00") for n in range(5)),
    )
    table = RecentTable()
    qtbot.addWidget(table)
    table.resize(800, 300)
    table.show_recent((), DARK)
    assert not table.isVisible()
    for palette in (DARK, LIGHT):
        table.show_recent(recent, palette)
        QCoreApplication.sendPostedEvents()
        check(f"data-recent-{'dark' if palette is DARK else 'light'}", table)
    lines = []
    for row in range(4):
        cells = [table.item(row, column) for column in range(4)]
        lines += [
            f"{one.text()} {one.toolTip()!r} {one.foreground().color().name()}"
            for one in cells
            if one is not None
        ]
    assert_looks("data-recent", "\n".join(lines))
    chosen: list[str] = []
    table.chosen.connect(chosen.append)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        qtbot.keyClick(table, key)  # of no row
    table.setCurrentCell(0, 0)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        qtbot.keyClick(table, key)
    table.cellDoubleClicked.emit(2, 1)
    assert chosen == [recent[1].path, recent[1].path, recent[2].path]

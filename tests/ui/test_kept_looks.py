"""What every panel says and how it stands, in states that a person meets, is what is kept of it."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from looks import assert_looks, described, entries
from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QWidget
from PyQt6.sip import isdeleted
from seen import state_of, wait_for

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.items import Recent
from skyframe_gui.app.model.results import Job, Problem
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.app.project.autosave import LeftOver
from skyframe_gui.ui.crash_recovery import RestoreCard
from skyframe_gui.ui.form.exchange import FORMATS, ExportDialog, PasteDialog, ask_config
from skyframe_gui.ui.form.planes_editor import PlanesCombo
from skyframe_gui.ui.images.content import content_of
from skyframe_gui.ui.images.plane_list import PlaneList
from skyframe_gui.ui.panel import Panel, Panels, discover
from skyframe_gui.ui.panels.config import ConfigPanel
from skyframe_gui.ui.panels.images import ImagesPanel
from skyframe_gui.ui.theme import DARK, LIGHT, apply
from skyframe_gui.ui.window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.state import State

# The words of sizes are those of one system's fonts.
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kept as they are on Linux")


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> None:
    apply(qapp, DARK)


SIZE = (420, 360)
NAMES = sorted(kind.id for kind in discover())
_whole: dict[str, State] = {}


def whole_state(night: Night) -> State:
    """Return a state in which every panel has something to show."""
    key = str(night.folder)
    if key not in _whole:
        store = Store(state_of(night))
        commands = Commands(Program(store))
        commands.program.live.set_pause(10)
        commands.show_workspace("stack")
        wait_for(commands)
        commands.select_bin((1, 2))
        commands.pins.pin("A")
        commands.set_config(store.state.config.model_copy(update={"skyRej": 1.5}))
        commands.pins.pin("B")
        wait_for(commands)
        commands.sweep({"skyRej": (1.0, 2.0, 3.0)})
        wait_for(commands)
        assert commands.program.close()
        recent = (Recent("/sky/night.sky", "6 visits", "2026-01-02T18:04"),)
        _whole[key] = replace(store.state, recent=recent)
    return _whole[key]


def empty(_: Night) -> State:
    return Store().state


def busy(night: Night) -> State:
    """Return a state in which much has been chosen, and something is wrong."""
    state = whole_state(night)
    fit = state.results.fit
    assert fit is not None
    first = (fit.keys[0], tuple(fit.samples[0].boxes[0].tolist()))
    second = (fit.keys[0], tuple(fit.samples[0].boxes[5].tolist()))
    view = replace(state.view, theme="light", trial=1.02 * fit.solution.scale, active=1)
    view = replace(view, panes=("exposure", "grid"), veil="full", own_grid=True)
    selection = replace(state.selection, samples=frozenset({first, second}), step=0)
    problems = tuple(
        Problem(origin, text, detail, notes=notes)
        for origin, text, detail, notes in (
            ("open", "One file could not be read.", "", ""),
            ("preview", "The sky frame has no bin there.", "Traceback: a fault", ""),
            ("session", "night.sky: a file is gone (2 more in the log).", "", "one\ntwo"),
            ("export", "The disk is full.", "", ""),
        )
    )
    jobs = (
        Job(lane="task", label="Export of visit 2001", done=3, total=8),
        Job(lane="full", label="Fit the visit"),
    )
    return replace(
        state,
        view=view,
        selection=selection,
        excluded_exposures=frozenset({fit.keys[1]}),
        excluded_samples=frozenset({first}),
        problems=problems,
        jobs=jobs,
        log=("08:01:02 Opened 2 files.", "08:01:03 Saved x."),
    )


STATES: dict[str, Callable[[Night], State]] = {"empty": empty, "whole": whole_state, "busy": busy}


@pytest.fixture
def still() -> Iterator[Callable[[State], Commands]]:
    """Make commands over a state in which nothing goes on by itself."""
    made: list[Commands] = []

    def make(state: State) -> Commands:
        store = Store(state)
        commands = Commands(Program(store))
        store.changed.disconnect(commands.program.live._on_changed)
        made.append(commands)
        return commands

    yield make
    for one in made:
        assert one.program.close()


@pytest.mark.parametrize("which", STATES)
@pytest.mark.parametrize("name", NAMES)
def test_a_panel_says_what_is_kept_of_it(
    name: str,
    which: str,
    night: Night,
    still: Callable[[State], Commands],
    qtbot: QtBot,
) -> None:
    commands = still(STATES[which](night))
    state = commands.store.state
    panel = Panels(commands, discover())[name]
    bar = QWidget()
    row = QHBoxLayout(bar)
    for widget in panel.header_widgets():
        row.addWidget(widget)
    qtbot.addWidget(bar)
    qtbot.addWidget(panel)
    for _ in panel.prepare():
        pass
    panel.resize(*SIZE)
    bar.show()
    panel.show()
    panel.show_state(state)
    panel.follow(commands.store.pointer.now)
    QCoreApplication.sendPostedEvents()  # what was put in comes to be shown
    parts = [
        f"subject {panel.subject(state)!r}, badge {panel.badge(state)}",
        described(bar),
        described(panel),
        panel.copied_text(),
    ]
    text = "\n----\n".join(parts).replace(str(night.folder), "<night>")
    assert_looks(f"{name}-{which}", text)


@pytest.mark.parametrize("which", [*STATES, "stack", "compare"])
def test_the_window_around_the_panels_says_what_is_kept_of_it(
    which: str, night: Night, still: Callable[[State], Commands], qtbot: QtBot
) -> None:
    state = STATES.get(which, whole_state)(night)
    workspace = which if which in ("stack", "compare") else "visit"
    commands = still(replace(state, view=replace(state.view, workspace=workspace)))
    window = MainWindow(commands.store, commands)
    qtbot.addWidget(window)
    window.resize(1440, 900)
    window.show()
    for _ in range(3):
        QCoreApplication.sendPostedEvents()
        QCoreApplication.processEvents()
    window.files.path = str(night.folder / "night.sky")
    window.top_bar.show_session("night.sky", which == "busy")
    docks = [dock for dock in window.docks.values() if not dock.isHidden()]
    places = {dock.objectName(): dock.geometry().getRect() for dock in docks}
    middle = window.centralWidget()
    assert middle is not None
    parts = [f"{places} around {middle.geometry().getRect()}", described(window, without=Panel)]
    if which == "busy":
        pane = window.panels.get(ImagesPanel).panes[0]
        for layer in ("exposure", "residual"):
            content = content_of(state, layer)
            assert content is not None
            parts.append(entries(pane.make_menu(state, content).actions()))
    text = "\n".join(parts)
    window.close()
    assert_looks(f"window-{which}", text.replace(str(night.folder), "<night>"))


def test_lists_and_dialogs_say_what_is_kept_of_them(
    night: Night,
    still: Callable[[State], Commands],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = whole_state(night)
    view = replace(state.view, masks=True, hidden_planes=frozenset({"SAT"}), plane_opacity=0.4)
    commands = still(replace(state, view=view))
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(600, 400)
    host.show()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    clipboard.setText("config.skyRej = 3")
    found = []

    def add(name: str, widget: QWidget) -> None:
        QCoreApplication.sendPostedEvents()
        found.append(f"---- {name}\n{described(widget)}")

    planes = PlaneList(commands, host)
    planes.show()
    add("planes over images", planes)
    commands.view(hidden_planes=frozenset())
    add("all planes", planes)
    paste = PasteDialog(host)
    paste.show()
    add("paste", paste)
    paste.refuse("Line 1 is wrong.")
    add("refused", paste)
    export = ExportDialog(host, state.config, state.preset, "LSST defaults", lambda *_: None)
    export.show()
    for form in FORMATS:
        export.format.setCurrentText(form)
        add(form, export)
    export.changed_only.setChecked(False)
    add("all fields", export)
    monkeypatch.setattr(QFileDialog, "open", lambda dialog: None)
    for dialog in (export.ask_path(), ask_config(host, print)):
        how = dialog.fileMode().name, dialog.acceptMode().name, dialog.defaultSuffix()
        found.append(f"{dialog.windowTitle()}: {how}, {dialog.nameFilters()}")
    combo = PlanesCombo()
    combo.setParent(host)
    combo.name(("SAT", "BAD", "EDGE"))
    add("combo of planes", combo)
    popup = combo.popup
    popup.list_planes(("SAT", "BAD", "STREAK"), ("BAD",), frozenset({"SAT", "BAD"}))
    popup.show()
    add("planes of the config", popup)
    popup.refuse("No plane.")
    add("refused plane", popup)
    config = ConfigPanel(commands)
    qtbot.addWidget(config)
    found.append(entries(config.menu.actions()))
    now = datetime.now().astimezone().replace(hour=18, minute=4)
    for left, first in (
        (LeftOver(path=Path("x"), of="/sky/a.sky", saved=now.isoformat(), n_files=3), True),
        (LeftOver(path=Path("x"), of="", saved="2026-01-02T03:04:05+00:00", n_files=1), False),
        (LeftOver(path=Path("x"), of="", saved="soon", n_files=2, n_unsaved=1), False),
        (LeftOver(path=Path("x"), of="", saved="", why="It is <damaged>."), True),
    ):
        card = RestoreCard(left, first)
        card.setParent(host)
        card.apply_theme(LIGHT)
        card.show()
        add("left over", card)
    assert_looks("dialogs", "\n".join(found).replace(str(night.folder), "<night>"))
    for one in (planes, paste, export, popup, host):
        if not isdeleted(one):  # with the popup before it
            one.close()

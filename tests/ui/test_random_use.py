"""A person who does anything for an hour: nothing raises, nothing grows, undo takes it back.

`SKYFRAME_RANDOM_SECONDS` is how long, and `SKYFRAME_RANDOM_SEED` what is done. What was measured is
written to the file that `SKYFRAME_RANDOM_LOG` names.
"""

from __future__ import annotations

import gc
import os
import random
import shutil
import statistics
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import mouse
import numpy as np
import pytest
from PyQt6.QtCore import QObject, QPoint, Qt, QTimer
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QGraphicsView,
    QLineEdit,
    QWidget,
)

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.export.plan import make_plan
from skyframe_gui.app.export.values import Wishes
from skyframe_gui.app.export.write import start_export
from skyframe_gui.app.model.requests import algorithm_of, request_of
from skyframe_gui.app.model.state import UNDOABLE
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.model.view import Frame
from skyframe_gui.app.program import Program
from skyframe_gui.app.project.restore import last_opening
from skyframe_gui.app.work.cache import Memory
from skyframe_gui.engine import SkyFrameError, measure_scale, solve_scales
from skyframe_gui.ui.panels.config import ConfigPanel
from skyframe_gui.ui.window import MainWindow
from skyframe_gui.ui.workspaces import ABOUT
from skyframe_gui.workflow.frames import brought_to
from skyframe_gui.workflow.options import with_objects_masked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.state import State

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
SECONDS = float(os.environ.get("SKYFRAME_RANDOM_SECONDS", "3600"))
SEED = int(os.environ.get("SKYFRAME_RANDOM_SEED", "1"))
LOG = os.environ.get("SKYFRAME_RANDOM_LOG", "")
EPISODE = 100
"""Acts from one beginning of the history of edits to the next."""
BUDGET = 12 << 20
"""Of the memory for results: full in minutes, so that what grows after that is a fault."""
NOT_PRESSED = {"quit", "demo"}
TEXTS = ("3", "0", "-1", "2.5", "1e9", "", "nan", "x", "16", "32", "8", "1", "7", "linear", "µ")


class Used(NamedTuple):
    """What the process holds at a moment."""

    seconds: float
    megabytes: float
    threads: int
    descriptors: int
    objects: int
    """Of Python."""
    parts: int
    """Of windows: widgets, layouts, actions, timers."""


class Person:
    """Does one thing after the other, as its random numbers say."""

    def __init__(self, window: MainWindow, night: Night, folder: Path, qtbot: QtBot) -> None:
        self.window = window
        self.commands = window.commands
        self.store = window.store
        self.random = random.Random(SEED)
        self.qtbot = qtbot
        self.folder = folder
        self.exported = 0
        self.files = [*night.paths, *night.science, str(night.folder), str(folder / "bad.fits")]
        (folder / "bad.fits").write_text("no image")
        self.acts: tuple[tuple[int, Callable[[], object]], ...] = (
            (8, self.type),
            (8, self.drag),
            (5, self.press_a_button),
            (5, self.trigger),
            (3, self.open),
            (2, self.close),
            (6, self.commands.undo),
            (3, self.commands.redo),
            (2, self.build),
            (1, self.export),
            (4, self.select),
            (3, self.exclude),
            (3, self.look),
            (2, self.click_a_row),
            (2, self.press_a_key),
        )

    def act(self) -> str:
        """Do something, and return what."""
        # A button that has a menu does not come back before it is closed.
        QTimer.singleShot(50, self.close_what_asks)
        weights = [weight for weight, _ in self.acts]
        ((_, act),) = self.random.choices(self.acts, weights)
        act()
        self.qtbot.wait(self.random.choice((0, 1, 5, 30)))
        self.close_what_asks()
        return act.__name__

    def close_what_asks(self) -> None:
        """Reject dialogs, and close menus and lists: what asks first is not answered."""
        for _ in range(5):
            popup = QApplication.activePopupWidget()
            if popup is None:
                break
            popup.close()
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.reject()
            elif widget is not self.window and widget.isVisible():
                widget.close()

    def any_of(self, kind: type[QWidget]) -> QWidget | None:
        shown = [one for one in self.window.findChildren(kind) if one.isVisible()]
        return self.random.choice(shown) if shown else None

    def place_in(self, widget: QWidget) -> QPoint:
        return QPoint(
            self.random.randrange(max(widget.width(), 1)),
            self.random.randrange(max(widget.height(), 1)),
        )

    def type(self) -> None:
        panel = self.window.panel("config")
        assert isinstance(panel, ConfigPanel)
        entries = [one for one in panel.findChildren(QLineEdit) if one.isVisible()]
        if not entries:
            return
        entry = self.random.choice(entries)
        entry.setFocus()
        entry.selectAll()
        QTest.keyClicks(entry, self.random.choice(TEXTS))
        QTest.keyClick(entry, Qt.Key.Key_Return)

    def drag(self) -> None:
        view = self.any_of(QGraphicsView)
        if not isinstance(view, QGraphicsView):
            return
        viewport = view.viewport()
        assert viewport is not None
        keys = self.random.choice((mouse.NONE, mouse.NONE, mouse.SHIFT, mouse.CTRL))
        button = self.random.choice((mouse.LEFT, mouse.LEFT, mouse.RIGHT))
        corners = [self.place_in(viewport) for _ in range(self.random.randint(1, 6))]
        if self.random.random() < 0.3:
            mouse.wheel(view, corners[0], self.random.choice((-240, -120, 120, 240)))
        else:
            mouse.drag(view, corners, keys, button)

    def press_a_button(self) -> None:
        button = self.any_of(QAbstractButton)
        if isinstance(button, QAbstractButton) and button.isEnabled():
            button.click()

    def trigger(self) -> None:
        actions = self.window.actions_.by_id
        action = actions[self.random.choice(sorted(set(actions) - NOT_PRESSED))]
        if action.isEnabled():
            action.trigger()

    def open(self) -> None:
        self.commands.open(self.random.sample(self.files, self.random.randint(1, 3)))

    def close(self) -> None:
        state = self.store.state
        keys = [one.key for one in (*state.exposures, *state.sky_frames)]
        if keys:
            self.commands.close_items(self.random.sample(keys, 1))

    def build(self) -> None:
        if len(self.store.state.sky_frames) < 12:
            self.commands.build()

    def export(self) -> None:
        target = self.folder / f"export{self.exported % 3}"
        self.exported += 1
        both = self.random.random() < 0.5
        wishes = Wishes(folder=target, subtracted=True, samples=True, sky_frames=both)
        plan = make_plan(self.store.state, wishes)
        if not (plan.why_not or self.commands.program.busy):
            shutil.rmtree(target, ignore_errors=True)
            start_export(self.commands.program, plan)

    def select(self) -> None:
        keys = [one.key for one in self.store.state.exposures]
        if keys:
            self.commands.select_exposure(self.random.choice(keys))

    def exclude(self) -> None:
        fit = self.store.state.results.fit
        if fit is None or not fit.keys:
            return
        index = self.random.randrange(len(fit.keys))
        boxes = fit.samples[index].boxes
        if len(boxes):
            x0, y0, x1, y1 = boxes[self.random.randrange(len(boxes))].tolist()
            sample = (fit.keys[index], (x0, y0, x1, y1))
            self.commands.exclude_samples([sample], self.random.random() < 0.7)

    def look(self) -> None:
        self.commands.show_workspace(self.random.choice(tuple(ABOUT)))
        x, y = self.random.uniform(-100, 400), self.random.uniform(-100, 400)
        self.commands.panes.move(0, Frame(x, y, 2 ** self.random.uniform(-4, 5)))

    def click_a_row(self) -> None:
        view = self.any_of(QAbstractItemView)
        if isinstance(view, QAbstractItemView):
            viewport = view.viewport()
            assert viewport is not None
            button = self.random.choice((mouse.LEFT, mouse.LEFT, mouse.RIGHT))
            QTest.mouseClick(viewport, button, mouse.NONE, self.place_in(viewport))

    def press_a_key(self) -> None:
        widget = self.any_of(self.random.choice((QGraphicsView, QAbstractItemView, QComboBox)))
        if widget is not None:
            widget.setFocus()
            keys = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space, Qt.Key.Key_Escape)
            QTest.keyClick(widget, self.random.choice((*keys, Qt.Key.Key_Delete, Qt.Key.Key_End)))


def used(since: float) -> Used:
    gc.collect()
    tops = [one for one in QApplication.topLevelWidgets() if one.isWindow()]
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return Used(
        time.monotonic() - since,
        pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
        threading.active_count(),
        len(os.listdir("/proc/self/fd")),
        len(gc.get_objects()),
        len({id(one) for top in tops for one in (top, *top.findChildren(QObject))}),
    )


def fresh_scale(state: State) -> float | None:
    """Return the scale that the engine gives by itself to what is set; None for none."""
    request = request_of(state)
    samples, excluded = [], []
    try:
        for item, frame in zip(request.members, request.frames, strict=True):
            algorithm = algorithm_of(frame, state.config)
            sky = brought_to(replace(frame.sky_frame, algorithm=algorithm), item.source)
            exposure = with_objects_masked(item.source.read(), state.options.mask_objects, None)
            samples.append(measure_scale(exposure, sky.model(), state.config))
            boxes = map(tuple, samples[-1].boxes.tolist())
            excluded += [(item.key, box) in state.excluded_samples for box in boxes]
        return solve_scales(samples, state.config, np.array(excluded, bool)).scale
    except SkyFrameError:
        return None


def beginning_of(state: State) -> dict[str, object]:
    return {name: getattr(state, name) for name in UNDOABLE if name != "closed"}


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_an_hour_of_anything(
    night: Night, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda *_: True)
    store = Store()
    commands = Commands(Program(store, Memory(BUDGET)))
    window = MainWindow(store, commands)
    qtbot.addWidget(window)
    window.resize(1400, 900)
    window.show()
    person = Person(window, night, tmp_path, qtbot)
    faults: list[str] = []
    measured: list[Used] = []
    n_compared = n_acts = 0
    last: list[str] = []

    def listen(_: State, new: State) -> None:
        faults.extend(one.detail for one in new.problems if one.detail)

    def rest() -> None:
        qtbot.wait(10)
        while commands.program.busy or window.files.lane.busy or window.files.restoring:
            qtbot.wait(10)

    opened: list[str] = []
    load = commands.program.loader.open

    def open_and_note(paths: Sequence[str | Path]) -> None:
        opened.extend(map(str, paths))
        load(paths)

    def taken_back(values: dict[str, object]) -> dict[str, object]:
        """Return them without what was closed and opened again, which no undo closes."""
        removed = cast("frozenset[str]", values["removed"])
        closed = frozenset(key for key in removed if not key.startswith(tuple(opened)))
        return {**values, "removed": closed}

    monkeypatch.setattr(commands.program.loader, "open", open_and_note)
    store.changed.connect(listen)
    since = time.monotonic()
    while time.monotonic() - since < SECONDS:
        rest()
        if not store.state.exposures:
            commands.open([night.folder])
            rest()
            commands.build()
            rest()
        store.forget_edits()
        opened.clear()
        beginning, session = beginning_of(store.state), last_opening(store)
        for number in range(EPISODE):
            with qtbot.captureExceptions() as exceptions:
                last = [*last[-20:], person.act()]
            n_acts += 1
            assert not exceptions, (n_acts, last, exceptions)
            assert not faults, (n_acts, last, faults[0])
            if number % 20 == 19:
                rest()
                fit, expected = store.state.results.fit, fresh_scale(store.state)
                if fit is not None and fit.complete and expected is not None:
                    n_compared += 1
                    assert fit.solution.scale == expected, (n_acts, last)
                measured.append(used(since))
                if LOG:
                    with open(LOG, "a") as file:
                        file.write(f"{n_acts} {n_compared} {measured[-1]}\n")
        rest()
        if last_opening(store) is not session:
            continue
        n_undone = 0
        end = beginning_of(store.state)
        while store.undo_label:
            commands.undo()
            n_undone += 1
        now = beginning_of(store.state)
        assert taken_back(now) == taken_back(beginning), (n_acts, n_undone)
        while store.redo_label and n_undone:
            commands.redo()
            n_undone -= 1
        assert taken_back(beginning_of(store.state)) == taken_back(end)
    rest()
    window.close()
    assert n_compared
    check_flat(measured)


def check_flat(measured: list[Used]) -> None:
    """The last third of the time holds no more than the third before it."""
    third = max(len(measured) // 3, 1)
    before, after = measured[third : 2 * third] or measured[:1], measured[-third:]
    allowances = {
        "megabytes": 25.0,  # another workspace on a larger part of the screen has larger pictures
        "threads": 2.0,
        "descriptors": 3.0,
        "objects": 0.02 * before[-1].objects,
        "parts": 0.05 * before[-1].parts,
    }
    for what, allowed in allowances.items():
        grown = statistics.median(getattr(one, what) for one in after) - statistics.median(
            getattr(one, what) for one in before
        )
        assert grown <= allowed, f"{grown:.1f} {what} more"

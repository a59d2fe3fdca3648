"""Whatever numbers stand in a session file, the window that opens it paints: no exception."""

from __future__ import annotations

import copy
import json
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtWidgets import QMessageBox, QPushButton

from skyframe_gui.ui.workspaces import ABOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.ui.window import MainWindow

CASES = Path(__file__).parents[1] / "data" / "cases" / "inputs"
HOSTILE = (1e308, -1e308, 5e-324, 1e30, -1e15, 1e7, 2**31, -(2**63), 10**30, -1, 0, 0.5)
Place = tuple[str | int, ...]


def places_of_numbers(value: Any, place: Place = ()) -> Iterator[Place]:
    """Give where in a JSON value numbers stand."""
    if isinstance(value, dict | list):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in inside:
            yield from places_of_numbers(one, (*place, key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield place


def with_number(document: Any, place: Place, number: float) -> Any:
    changed = copy.deepcopy(document)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = number
    return changed


@pytest.fixture
def saved(
    night: Night,
    tmp_path: Path,
    window: MainWindow,
    commands: Commands,
    idle: Callable[[], None],
    qtbot: QtBot,
) -> dict[str, Any]:
    """Work as a person does, with a number wherever a session file can have one; save that."""
    from skyframe_gui.app.export.write import save_sky_frame
    from skyframe_gui.app.model.view import Frame

    for path in (*night.science, *night.paths[:2]):
        shutil.copy2(path, tmp_path)
    commands.open([tmp_path])
    idle()
    commands.build()
    idle()
    for number, frame in enumerate(commands.store.state.sky_frames):
        save_sky_frame(commands.program, frame.key, str(tmp_path / f"sky{number}.fits"), False)
        idle()
    state = commands.store.state
    commands.select_exposure(next(one.key for one in state.exposures if "science" in one.key))
    idle()
    fit = commands.store.state.results.fit
    assert fit is not None
    boxes = [tuple(int(one) for one in fit.samples[0].boxes[n]) for n in (3, 4)]
    commands.exclude_samples([(fit.keys[0], boxes[0])])
    commands.select_samples([(fit.keys[0], boxes[1])])
    commands.show_step(1)
    commands.pins.pin("A")
    commands.looks.set_limits("exposure", 300.0, 500.0)
    commands.looks.set_residual_bins(16)
    commands.panes.lay_out(2, (2, 1))
    for pane in range(2):
        commands.panes.move(pane, Frame(20.0, 30.0, 2.0))
    idle()
    window.files._write(str(tmp_path / "night.sky"), None)
    qtbot.waitUntil(lambda: not window.files.lane.busy)
    document = json.loads((tmp_path / "night.sky").read_text())
    assert isinstance(document, dict)
    return document


def opens(
    window: MainWindow, path: Path, commands: Commands, idle: Callable[[], None], qtbot: QtBot
) -> str:
    """Open a session, look at it in every workspace; return what went wrong, "" for nothing."""
    files = window.files
    with qtbot.captureExceptions() as exceptions:
        files.open_path(str(path))
        for box in window.findChildren(QMessageBox, "lose"):
            if box.isVisible():
                buttons = {one.text(): one for one in box.findChildren(QPushButton)}
                buttons["Open without saving"].click()
        qtbot.wait(5)
        qtbot.waitUntil(lambda: not files.lane.busy and not files.restoring, timeout=60_000)
        idle()
        for workspace in ABOUT:
            commands.show_workspace(workspace)
            qtbot.wait(1)
            window.grab()
        idle()
    wrong = [repr(one[1]) for one in exceptions]
    wrong += [one.detail for one in commands.store.state.problems if one.detail]
    return "\n".join(wrong)


@pytest.mark.parametrize("name", ["view-far-away.sky", "view-limits-too-wide.sky"])
def test_a_session_whose_view_is_nowhere_is_painted(
    night: Night,
    tmp_path: Path,
    window: MainWindow,
    commands: Commands,
    idle: Callable[[], None],
    qtbot: QtBot,
    name: str,
) -> None:
    # The file names its exposure and its sky frame; any will do.
    document = json.loads((CASES / name).read_text())
    shutil.copy(night.science[0], tmp_path / "science.fits")
    document["files"] = [{"path": "science.fits"}]
    document["selection"]["exposure"] = {"file": "science.fits", "part": "[1]"}
    (tmp_path / name).write_text(json.dumps(document))
    assert opens(window, tmp_path / name, commands, idle, qtbot) == ""
    assert len(commands.store.state.exposures) == 1


def one_at_a_time(
    saved: dict[str, Any],
    tmp_path: Path,
    window: MainWindow,
    commands: Commands,
    idle: Callable[[], None],
    qtbot: QtBot,
    n_most: int,
) -> None:
    changes = [(place, number) for place in places_of_numbers(saved) for number in HOSTILE]
    assert len({place for place, _ in changes}) > 60
    random.Random(20).shuffle(changes)
    wrong = {}
    for place, number in changes[:n_most]:
        path = tmp_path / "hostile.sky"
        path.write_text(json.dumps(with_number(saved, place, number)))
        said = opens(window, path, commands, idle, qtbot)
        if said:
            wrong[".".join(map(str, place)), number] = said
    assert wrong == {}


def test_any_number_of_a_session_may_be_any_other(
    saved: dict[str, Any],
    tmp_path: Path,
    window: MainWindow,
    commands: Commands,
    idle: Callable[[], None],
    qtbot: QtBot,
) -> None:
    one_at_a_time(saved, tmp_path, window, commands, idle, qtbot, 12)


@pytest.mark.long
def test_every_number_of_a_session_may_be_any_other(
    saved: dict[str, Any],
    tmp_path: Path,
    window: MainWindow,
    commands: Commands,
    idle: Callable[[], None],
    qtbot: QtBot,
) -> None:
    one_at_a_time(saved, tmp_path, window, commands, idle, qtbot, 200)

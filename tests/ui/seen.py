"""A state with an exposure, its sky frame and its fit, worked out once for all tests of images."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEventLoop, QTimer

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.looks import with_look
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program

if TYPE_CHECKING:
    from nights import Night

    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.app.model.state import State

_made: dict[str, State] = {}


def state_of(night: Night) -> State:
    """Return the state after opening a night, building its sky frames and fitting the visit."""
    key = str(night.folder)
    if key not in _made:
        store = Store()
        commands = Commands(Program(store))
        commands.program.live._pause.setInterval(10)
        commands.open([*night.paths, *night.science])
        wait_for(commands)
        science = [item.key for item in store.state.exposures if "science" in item.key]
        commands.set_role("sky", science, False)
        commands.build()
        wait_for(commands)
        commands.select_exposure(science[0])
        wait_for(commands)
        assert commands.program.close()
        _made[key] = store.state
    return _made[key]


def show_night(store: Store, night: Night) -> None:
    """Put what a night's files came to into a session."""
    seen = state_of(night)
    store.set(
        exposures=seen.exposures,
        sky_frames=seen.sky_frames,
        facts=seen.facts,
        excluded_members=seen.excluded_members,
        built_sets=seen.built_sets,
        selection=seen.selection,
    )


def with_limits(state: State, limits: dict[Layer, tuple[float, float]]) -> State:
    """Return the state with limits of some layers set by hand."""
    looks = state.looks
    for layer, pair in limits.items():
        looks = with_look(looks, layer, by_hand=pair)
    return replace(state, looks=looks)


def wait_for(commands: Commands) -> None:
    """Wait until everything that was asked for is done and has been told."""
    loop = QEventLoop()
    timer = QTimer()

    def look() -> None:
        if not commands.program.busy:
            loop.quit()

    timer.timeout.connect(look)
    timer.start(60)
    loop.exec()
    timer.stop()

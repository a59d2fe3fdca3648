"""Of what was shown before, no part of the window keeps a picture: of a large one it is 100 MB."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from skyframe_gui.app.work import cache

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.shown import Pyramid, Shown
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.window import MainWindow


@pytest.fixture
def seen(store: Store) -> list[weakref.ref[Shown]]:
    """All that was shown, as it comes."""
    found: list[weakref.ref[Shown]] = []

    def note(old: State, new: State) -> None:
        if new.results.shown is not None and new.results.shown is not old.results.shown:
            found.append(weakref.ref(new.results.shown))

    store.changed.connect(note)
    return found


def test_stepping_through_exposures_leaves_the_last_one_alone(
    window: MainWindow,
    store: Store,
    commands: Commands,
    seen: list[weakref.ref[Shown]],
    night: Night,
    idle: Callable[[], None],
) -> None:
    commands.open([*night.science, *night.paths])
    idle()
    commands.build()
    idle()
    keys = [item.key for item in store.state.exposures]
    for key in keys:
        commands.select_exposure(key)
        idle()
    gc.collect()
    assert len(seen) >= len(keys)
    alive = [one for one in (ref() for ref in seen) if one is not None]
    assert alive == [store.state.results.shown]


def test_the_model_of_own_bins_goes_when_there_is_a_sky_frame(
    window: MainWindow,
    store: Store,
    commands: Commands,
    night: Night,
    idle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cache, "PART_OF_QUICK", 0)
    commands.open(night.paths)
    idle()
    shown = store.state.results.shown
    assert shown is not None
    assert shown.own
    assert shown.model is not None
    own: weakref.ref[Pyramid[object]] = weakref.ref(shown.model)
    del shown
    commands.build()
    idle()
    commands.select_exposure(store.state.exposures[-1].key)
    idle()
    gc.collect()
    assert store.state.results.shown is not None
    assert not store.state.results.shown.own
    assert own() is None


def test_planes_of_the_exposure_are_counted_once(
    window: MainWindow, store: Store, commands: Commands, night: Night, idle: Callable[[], None]
) -> None:
    commands.open(night.paths[:1])
    idle()
    shown, held = store.state.results.shown, commands.program.stages.memory.stages()
    assert shown is not None
    assert shown.masks is not None
    assert shown.image is not None
    whole = shown.width * shown.height * 4
    assert whole / 4 <= held["masks"] < whole / 2
    assert whole / 4 <= held["pyramid"] < whole / 2
    assert shown.exposure is not None
    assert shown.masks.levels[0] is shown.exposure.mask
    assert shown.image.levels[0] is shown.exposure.image

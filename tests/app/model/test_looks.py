"""Every layer's stretch, limits and colours are a person's choice, and can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from skyframe_gui.app.model.limits import BY_HAND, limits_of, preset_name
from skyframe_gui.app.model.looks import LAYERS, STRETCHES, colours_of, presets_of
from skyframe_gui.app.model.results import Results
from skyframe_gui.app.model.shown import Shown
from skyframe_gui.app.model.view import LAYOUTS, PANE_NUMBERS, View

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store


MEASURED = {
    layer: {
        preset: (-10.0 * row - column - 1, 10.0 * row + column + 1)
        for column, preset in enumerate(presets_of(layer))
    }
    for row, layer in enumerate(LAYERS)
}


@pytest.fixture
def looking(commands: Commands) -> Commands:
    """An exposure "a" is on the screen, measured by every preset."""
    commands.store.changed.disconnect(
        commands.program.live._on_changed
    )  # there is no file behind it
    shown = Shown(key="a", width=100, height=80, xy0=(0, 0), limits=MEASURED)
    commands.store.set(results=Results(shown=shown), view=View(measured=MEASURED))
    return commands


def rest(store: Store) -> None:
    """Let the time pass after which an edit is no longer one with the last."""
    store._done[-1].at -= 10


@pytest.mark.parametrize("layer", LAYERS)
def test_each_choice_of_a_layer_is_undone_by_itself(looking: Commands, layer: str) -> None:
    store = looking.store
    first = store.state.looks
    looking.looks.set_stretch(layer, "asinh")
    looking.looks.set_colours(layer, "magma")
    looking.looks.set_limits_preset(layer, "95 %")
    looking.looks.set_limits(layer, -3.0, 4.5)
    look = store.state.looks[layer]
    assert (look.stretch, look.colours, look.preset) == ("asinh", "magma", "95 %")
    assert limits_of(store.state, layer) == (-3.0, 4.5)
    assert preset_name(store.state, layer) == BY_HAND
    store.undo()
    assert limits_of(store.state, layer) == MEASURED[layer]["95 %"]
    assert preset_name(store.state, layer) == "95 %"
    store.undo()
    assert limits_of(store.state, layer) == MEASURED[layer][first[layer].preset]
    store.undo()
    assert store.undo_label.startswith("stretch of the ")
    store.undo()
    assert store.state.looks == first
    assert store.undo_label == ""
    for _ in range(4):
        store.redo()
    assert limits_of(store.state, layer) == (-3.0, 4.5)


def test_a_drag_is_one_step_of_undo(looking: Commands) -> None:
    for high in np.linspace(10, 90, 30):
        looking.looks.set_limits("exposure", 0.0, float(high))
    assert limits_of(looking.store.state, "exposure") == (0.0, 90.0)
    looking.store.undo()
    assert preset_name(looking.store.state, "exposure") == "zscale"


@pytest.mark.parametrize("pair", [(2.0, 1.0), (1.0, 1.0), (np.nan, 1.0), (0.0, np.inf)])
def test_limits_that_cannot_be_change_nothing(looking: Commands, pair: tuple[float, float]) -> None:
    before = looking.store.state
    for layer in LAYERS:
        looking.looks.set_limits(layer, *pair)
    assert looking.store.state is before


def test_choices_that_do_not_exist_change_nothing(looking: Commands) -> None:
    before = looking.store.state
    looking.looks.set_stretch("model", "cubic")
    looking.looks.set_colours("exposure", "CET-D4")
    looking.looks.set_limits_preset("subtracted", "zscale")
    assert looking.store.state is before


def test_limits_by_hand_hold_for_their_exposure_and_those_of_differences_for_all(
    looking: Commands,
) -> None:
    store = looking.store
    for layer in LAYERS:
        looking.looks.set_limits(layer, -1.5, 2.5)
    store.set(
        results=Results(shown=Shown(key="b", width=100, height=80, xy0=(0, 0), limits=MEASURED))
    )
    for layer in ("exposure", "grid", "model"):
        assert limits_of(store.state, layer) == MEASURED[layer][store.state.looks[layer].preset]
        assert preset_name(store.state, layer) != BY_HAND
    for layer in ("subtracted", "residual"):
        assert limits_of(store.state, layer) == (-1.5, 2.5)
    store.set(
        results=Results(shown=Shown(key="a", width=100, height=80, xy0=(0, 0), limits=MEASURED))
    )
    assert limits_of(store.state, "exposure") == (-1.5, 2.5)


def test_model_and_grid_have_one_pair_of_limits(looking: Commands) -> None:
    looking.looks.set_limits("model", 1.0, 2.0)
    assert limits_of(looking.store.state, "grid") == (1.0, 2.0)
    rest(looking.store)
    looking.looks.set_limits_preset("grid", "90 %")
    looks = looking.store.state.looks
    assert looks["grid"].preset == looks["model"].preset == "90 %"
    looking.store.undo()
    assert limits_of(looking.store.state, "model") == (1.0, 2.0)


def test_linked_limits_have_one_width_and_are_undone_together(looking: Commands) -> None:
    store = looking.store
    looking.view(limits_linked=True)
    looking.looks.set_limits("exposure", 100.0, 140.0)
    assert limits_of(store.state, "subtracted") == (-20.0, 20.0)
    rest(store)
    looking.looks.set_limits("subtracted", -5.0, 5.0)
    assert limits_of(store.state, "exposure") == (115.0, 125.0)
    store.undo()
    assert limits_of(store.state, "exposure") == (100.0, 140.0)
    assert limits_of(store.state, "subtracted") == (-20.0, 20.0)


def test_measuring_again_takes_what_is_shown_now_and_can_be_undone(looking: Commands) -> None:
    store = looking.store
    looking.looks.set_limits("exposure", 1.0, 2.0)
    new = {**MEASURED, "exposure": dict.fromkeys(presets_of("exposure"), (7.0, 8.0))}
    store.set(results=Results(shown=Shown(key="a", width=100, height=80, xy0=(0, 0), limits=new)))
    looking.looks.reset_limits("exposure")
    assert limits_of(store.state, "exposure") == (7.0, 8.0)
    store.undo()
    assert limits_of(store.state, "exposure") == (1.0, 2.0)


def test_the_size_of_the_maps_bins_is_a_choice_that_can_be_undone(looking: Commands) -> None:
    looking.looks.set_residual_bins(64)
    rest(looking.store)
    looking.looks.set_residual_bins(0)
    assert looking.store.state.looks["residual"].bins == 4
    looking.store.undo()
    assert looking.store.state.looks["residual"].bins == 64
    looking.looks.set_residual_bins(None)
    assert looking.store.state.looks["residual"].bins is None


@pytest.mark.parametrize("n", PANE_NUMBERS)
def test_panes_are_laid_out_with_a_frame_for_each(looking: Commands, n: int) -> None:
    looking.panes.lay_out(n)
    view = looking.store.state.view
    assert len(view.panes) == n <= len(view.frames)
    assert view.active < n
    assert set(LAYOUTS[4]) == {"exposure", "model", "subtracted", "residual"}
    # The correction of a whole visit takes a pane when it is shown.
    assert set(LAYOUTS[6]) == {*LAYERS} - {"correction"}


def test_every_layer_offers_its_own_choices() -> None:
    for layer in LAYERS:
        assert len(set(presets_of(layer))) == len(presets_of(layer)) > 5
        assert len(set(colours_of(layer))) == len(colours_of(layer)) > 5
    assert "histogram" in STRETCHES

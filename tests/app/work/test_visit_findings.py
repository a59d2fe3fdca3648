"""The fit box says when a visit is fitted to a sky frame that it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store


def kinds(store: Store) -> list[str]:
    fit = store.state.results.fit
    assert fit is not None
    return [finding.kind for finding in fit.findings]


def test_a_visit_in_its_own_sky_frame_is_told_until_it_is_left_out_of_it(
    night: Night, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    commands.open([*night.science, *night.paths])
    idle()
    commands.build()
    idle()
    assert "in-its-sky-frame" in kinds(store)
    science = [i.key for i in store.state.exposures if "science" in i.source.name]
    commands.set_role("sky", science, False)
    commands.build()
    idle()
    assert "in-its-sky-frame" not in kinds(store)


def test_planes_that_are_made_here_are_not_missing(
    night: Night, commands: Commands, store: Store, idle: Callable[[], None]
) -> None:
    commands.open(night.paths)
    idle()
    commands.build()
    idle()
    commands.open(night.science)
    idle()
    assert "missing-planes" not in kinds(store)

"""What a build would do of what is asked of normalising, as far as the list of exposures tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.app.model.queries import exposures_for, visits
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.numbers import plural
from skyframe_gui.workflow.options import OVER_PLANES, Normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.model.items import ExposureItem
    from skyframe_gui.app.model.state import State

AS_TOLD = "as the files tell"
"""Where detectors lie, unless a camera is chosen."""
_hint = Remembered[str]()


def normalise_hint(state: State) -> str:
    """Return a line on what a build would be normalised by; "" for what goes without saying."""
    if state.options.normalise not in OVER_PLANES:
        return ""
    return _hint.of(
        (
            state.options,
            state.exposures,
            state.facts,
            state.excluded_members,
            state.assigned,
            state.hand_masks,
            state.removed,
        ),
        lambda: _made(state),
    )


def camera_name(camera: str) -> str:
    """Return what a camera is called: its own name, or the name of the file of its table."""
    return camera.replace("\\", "/").rpartition("/")[2]


def _made(state: State) -> str:
    from skyframe_gui.files.cameras import known_camera

    items = exposures_for(state, "sky")
    if not items:
        return ""
    how, camera = state.options.normalise, state.options.camera
    groups = visits(items).values()
    several = [len(members) for members in groups if len(members) > 1]
    if how is Normalise.AUTO and 2 * sum(several) <= len(items):
        return "not normalised: most visits have one detector"
    instruments = dict.fromkeys(item.source.instrument for item in items)
    known = [camera_name(camera)] if camera else [known_camera(one) for one in instruments]
    if not all(known):
        name = next(one for one, table in zip(instruments, known, strict=True) if not table)
        no_table = f"no table of {name or 'a camera without a name'}"
        return f"{no_table}: what the files tell counts, or choose a camera"
    of = f"over the focal plane of {' and '.join(dict.fromkeys(known))}"
    return f"{of}, {_of_visits(items, several)}"


def _of_visits(items: Sequence[ExposureItem], several: Sequence[int]) -> str:
    most = max(several, default=1)
    alone = len(items) - sum(several)
    if most == 1:
        return "one detector a visit"
    told = f"up to {plural(most, 'detector')} a visit"
    return f"{told}; {alone} alone" if alone else told

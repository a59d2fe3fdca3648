"""Which detector of the open visit a place on the sky lies on, by the headers alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from skyframe_gui.app.model.places import PlaceError, pixel_on_sky
from skyframe_gui.app.model.queries import open_exposures, shown_visit
from skyframe_gui.app.model.sky_axes import sky_axes
from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.numbers import digits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.model.items import ExposureItem
    from skyframe_gui.app.model.results import Problem
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.engine import Watch

LABEL = "Looking for a place on other detectors"


@dataclass(frozen=True)
class FoundPlace:
    """A place that was looked for: where it is, or why it is nowhere.

    Attributes
    ----------
    key : str
        Of the exposure that it is on; "" for none.
    x, y : float
        Pixel of its array.
    why : str
        A sentence, where it is on none.
    """

    key: str = ""
    x: float = math.nan
    y: float = math.nan
    why: str = ""


class PlaceSearch(QObject):
    """Looks for places in a lane of its own: a mosaic has hundreds of headers.

    Parameters
    ----------
    store : Store

    Attributes
    ----------
    found : signal (text, FoundPlace)
        The text that was looked for, and what came of it.
    """

    found = pyqtSignal(str, object)

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.lane = Lane("places", interrupts=True)
        track(store, self.lane)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop; return whether that was in time."""
        return self.lane.close(seconds)

    def search(self, text: str) -> None:
        """Look for a typed place on the sky on the detectors of the open visit."""
        name, members = shown_visit(self._store.state)
        self.lane.submit(
            LABEL,
            lambda watch: look_for(text, name, members, watch),
            partial(self.found.emit, text),
            failed=partial(self._on_failed, text),
        )

    @property
    def has_others(self) -> bool:
        """Whether the open visit has other detectors than the shown one."""
        state = self._store.state
        return len(open_exposures(state)) > 1 and len(shown_visit(state)[1]) > 1

    def _on_failed(self, text: str, problem: Problem) -> None:
        self.found.emit(text, FoundPlace(why=problem.text))


def look_for(
    text: str, visit: str, members: Sequence[ExposureItem], watch: Watch | None = None
) -> FoundPlace:
    """Return where on a visit's detectors a typed place on the sky is, or how far it is from them.

    Parameters
    ----------
    text : str
        As `place_of` reads it.
    visit : str
    members : sequence of ExposureItem
    """
    from skyframe_gui.files.geometry import celestial_of

    nearest, near = math.inf, ""
    for index, item in enumerate(members):
        if watch is not None:
            watch.step(index, len(members), LABEL)
        source = item.source
        try:
            wcs = celestial_of(source)
            x, y = pixel_on_sky(text, wcs)
        except (PlaceError, SkyFrameError):
            continue  # without coordinates, gone, or on the other side of the sky
        # The nearest place that is on the detector: the place itself, or one at its edge.
        at = (
            min(max(x, -0.5), source.width - 0.5 - 1e-6),
            min(max(y, -0.5), source.height - 0.5 - 1e-6),
        )
        if at == (x, y):
            return FoundPlace(item.key, x, y)
        axes = sky_axes(wcs, *at)
        if axes is not None:
            apart = math.hypot(x - at[0], y - at[1]) * axes.arcsec / 60
            if apart < nearest:
                nearest = apart
                near = f"det {source.detector}" if source.detector else source.name
    beside = f": the nearest is {near}, {digits(nearest, 2)}\N{PRIME} away" if near else ""
    return FoundPlace(why=f"That place is on none of the open detectors of visit {visit}{beside}.")

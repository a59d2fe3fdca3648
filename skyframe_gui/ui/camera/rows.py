"""The detectors of the shown visit as the panels of Camera know them: a row each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.queries import open_exposures, shown_visit
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.engine.camera import amplifier_edges, corners_of
from skyframe_gui.numbers import plural, unit_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.camera_view import CameraView
    from skyframe_gui.app.model.state import State
    from skyframe_gui.workflow.detector_places import Place

FRAMED = 4.0
"""Sigma from which on a detector's own scale is framed. Where detectors scatter beyond their errors
it must be so many of that, too, or of how it differs from its neighbours: else all of a camera with
many samples would be framed."""
NOT_OPENED, NOT_READ = "no exposure of it is opened", "not read yet"
MOST_NAMED = 0.5
"""Part of the detectors: a warning of more of them is of the visit, not of detectors."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Row:
    """One detector.

    Attributes
    ----------
    name : str
    key : str
        Of its exposure; "" where the visit has none.
    place : Place
    why : str
        Why there is nothing to be seen of it; "" where there is.
    fitted : int
        Its number among the fitted ones; -1 where it is not fitted.
    warned : bool
        Whether a warning names it.
    pull : float
        Its own scale less the visit's in its own errors; NaN without a fit.
    apart : float
        The same from what most detectors have, where these scatter more than their errors.
    beside : float
        The same from what its neighbours have; NaN where the camera has few detectors.
    """

    name: str
    key: str
    place: Place
    why: str
    fitted: int
    warned: bool
    pull: float
    apart: float
    beside: float

    @cached_property
    def framed(self) -> bool:
        """Whether it is to be looked at."""
        stands_out = abs(self.apart) > FRAMED or abs(self.beside) > FRAMED
        return self.warned or (abs(self.pull) > FRAMED and stands_out)


@dataclass(frozen=True, eq=False, kw_only=True)
class Plane:
    """The focal plane of the shown visit.

    Attributes
    ----------
    view : CameraView
    rows : tuple of Row
        Every detector of the camera.
    unit : str
        Of the exposures' pixels.
    """

    view: CameraView
    rows: tuple[Row, ...]
    unit: str

    @cached_property
    def corners(self) -> NDArray[np.float64]:
        """[n, 4, 2] corners of all detectors."""
        return corners_of([row.place for row in self.rows])

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """x0, y0, x1 and y1 of all corners."""
        x0, y0 = self.corners.min(axis=(0, 1)).tolist()
        x1, y1 = self.corners.max(axis=(0, 1)).tolist()
        return x0, y0, x1, y1

    @cached_property
    def amplifiers(self) -> NDArray[np.float64]:
        """[n, 2, 2] ends of the lines between amplifiers, where the camera tells of them."""
        return amplifier_edges(row.place.whole for row in self.rows if row.place.whole is not None)

    @cached_property
    def narrowest_amplifier(self) -> float:
        """The least side of an amplifier in pixels of the exposures; infinite without any."""
        found = [
            side * one.pixel_size / n
            for one in {row.place.whole for row in self.rows if row.place.whole is not None}
            for side, n in zip((one.width, one.height), one.amplifiers, strict=True)
        ]
        return min(found, default=np.inf) / self.view.layout.pixel

    @cached_property
    def affines(self) -> NDArray[np.float64]:
        """[n, 6] how the pixels of all detectors lie in the focal plane."""
        return np.array([row.place.affine for row in self.rows], np.float64)

    @cached_property
    def sizes(self) -> NDArray[np.float64]:
        """[n, 2] width and height of all detectors in their pixels."""
        return np.array([(row.place.width, row.place.height) for row in self.rows], np.float64)

    def row(self, key: str) -> Row | None:
        """Return the detector of an exposure."""
        return next((row for row in self.rows if key and row.key == key), None)


def plane_of(state: State) -> Plane | None:
    """Return the focal plane of the shown visit; None where nothing is known of it yet."""
    view = state.results.camera
    if view is None or shown_visit(state)[0] != view.visit:
        return None
    return _plane.of((view, state.facts, state.exposures), lambda: _made(state, view))


_plane = Remembered["Plane"]()


def _made(state: State, view: CameraView) -> Plane:
    own, fit, beside = view.own, view.fit, view.beside
    numbers = {} if fit is None else {key: number for number, key in enumerate(fit.keys)}
    warned = set() if fit is None else _warned(view)
    pulls, apart = (None, None) if own is None else (own.pull, own.apart)
    rows = []
    for place in view.layout.places:
        key = "" if place.number is None else view.keys[place.number]
        number = numbers.get(key, -1)
        rows.append(
            Row(
                name=place.name,
                key=key,
                place=place,
                why=_why(state, view, key),
                fitted=number,
                warned=bool(key) and place.name in warned,
                pull=_one(pulls, number),
                apart=_one(apart, number),
                beside=_one(beside, number),
            )
        )
    units = {item.source.unit for item in shown_visit(state)[1]}
    return Plane(
        view=view,
        rows=tuple(rows),
        unit=unit_of(units.pop()) if len(units) == 1 else "",
    )


def _one(values: NDArray[np.float64] | None, number: int) -> float:
    return math.nan if values is None or number < 0 else float(values[number])


def _warned(view: CameraView) -> set[str]:
    fit = view.fit
    assert fit is not None, "asked for where there is a fit only"
    most = max(MOST_NAMED * len(fit.keys), 1)
    return {
        name
        for one in fit.findings
        if one.severity == "warning" and len(one.detectors) <= most
        for name in one.detectors
    }


def _why(state: State, view: CameraView, key: str) -> str:
    if not key:
        return NOT_OPENED
    facts = state.facts.get(key)
    if facts is not None and facts.problem:
        return facts.problem
    return "" if key in view.thumbnails else NOT_READ


def has_no_data(row: Row) -> bool:
    """Whether a detector is dead or not usable, and not only still to be opened or read."""
    return bool(row.why) and row.why not in (NOT_OPENED, NOT_READ)


def toward(plane: Plane, key: str, dx: int, dy: int) -> str:
    """Return the exposure of the next detector in a direction; the same where there is none."""
    keys = [row.key for row in plane.rows]
    if not key or key not in keys:
        return next((one for one in keys if one), key)
    middles = plane.corners.mean(axis=1)
    across, up = (middles - middles[keys.index(key)]).T
    ahead, aside = across * dx + up * dy, np.abs(across * dy) + np.abs(up * dx)
    is_there = (ahead > aside) & [bool(one) for one in keys]
    far = np.where(is_there, ahead + 2 * aside, np.inf)
    return keys[int(far.argmin())] if is_there.any() else key


def subject_of(state: State) -> str:
    """Return what stands beside the titles: the visit, its filter and its detectors."""
    visit, members = shown_visit(state)
    if not members:
        return ""
    band = members[0].source.filter
    return ", ".join(one for one in (f"visit {members[0].source.visit or visit}", band) if one) + (
        f", {plural(len(members), 'detector')}"
    )


def empty_note(state: State) -> tuple[str, str, str]:
    """Return icon, title and sentence where there is no focal plane to show."""
    if not open_exposures(state):
        return (
            "grid-large",
            "No exposure is open",
            "Open the exposures of a visit (Ctrl+O, Ctrl+Shift+O for a folder).",
        )
    if not shown_visit(state)[1]:
        return (
            "grid-large",
            "No visit on screen",
            "Click an exposure in the Data panel; all detectors of its visit are shown here.",
        )
    return "progress-clock", "Looking at the detectors", "The visit's exposures are being read."


def no_fit_note(state: State) -> tuple[str, str, str]:
    """Return icon, title and sentence where there is no fit to tell of."""
    if plane_of(state) is None:
        return empty_note(state)
    fit = state.results.fit
    if fit is not None and not fit.is_final:
        return (
            "progress-clock",
            "Fitting the visit",
            f"{len(fit.keys)} of {fit.n_members} detectors are sampled; when all are, each is "
            "fitted alone.",
        )
    return (
        "chart-bell-curve",
        "The visit is not fitted",
        "Build sky frames (Ctrl+B) or open some, and take the visit as science: then each detector "
        "is fitted alone, too.",
    )

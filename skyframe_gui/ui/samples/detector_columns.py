"""Detectors side by side in a plot: in which order, and the spread of the residuals of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.queries import shown_visit
from skyframe_gui.app.model.rejection_steps import Mark
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.numbers import fixed
from skyframe_gui.text import natural_order
from skyframe_gui.ui.samples.chips import Word, value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import ExposureItem
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import DetectorOrder
    from skyframe_gui.ui.samples.sample_view import SampleView

    Floats = NDArray[np.float64]

MANY = 24
"""With more detectors each has its median and spread: marks of used samples would be a smear."""
SHARES = (0.159, 0.5, 0.841)


@dataclass(frozen=True, kw_only=True, eq=False)
class Spreads:
    """Of the used samples of each detector.

    Attributes
    ----------
    x : float array [n]
        Where it stands.
    low, middle, high : float array [n]
        Between the outer two are 68 % of the residuals; NaN without a used sample.
    count : int array [n]
    """

    x: Floats
    low: Floats
    middle: Floats
    high: Floats
    count: NDArray[np.int64]


def spreads_of(view: SampleView, columns: NDArray[np.int64]) -> Spreads:
    """Return median and spread of the residuals of each detector; ``columns`` say where."""
    n = len(view.rows.keys)
    used = (view.marks == Mark.USED) & np.isfinite(view.residuals)
    residuals, of = view.residuals[used], view.rows.detector_index[used]
    count = np.bincount(of, minlength=n)
    ordered = residuals[np.lexsort((residuals, of))]
    starts = np.concatenate([[0], np.cumsum(count)[:-1]])
    found = []
    for share in SHARES:
        place = share * np.maximum(count - 1, 0)
        below, part = np.floor(place).astype(np.int64), place % 1
        last = np.maximum(count - 1, 0)
        at = np.full(n, np.nan)
        some = count > 0
        first = ordered[(starts + below)[some]]
        second = ordered[(starts + np.minimum(below + 1, last))[some]]
        at[some] = first + part[some] * (second - first)
        found.append(at)
    low, middle, high = found
    return Spreads(x=columns.astype(np.float64), low=low, middle=middle, high=high, count=count)


def columns_of(
    view: SampleView, order: DetectorOrder, radii: Mapping[str, float]
) -> NDArray[np.int64]:
    """Return the place of each detector, from the left.

    Parameters
    ----------
    view : SampleView
    order : DetectorOrder
    radii : mapping of exposure key to float
        From the middle of the focal plane; of use for that order only.
    """
    rows, n = view.rows, len(view.rows.keys)
    numbers = sorted(range(n), key=lambda k: natural_order(rows.detectors[k]))
    if order == "radius":
        numbers.sort(key=lambda k: radii.get(rows.keys[k], np.inf))
    elif order == "deviation":
        middle = spreads_of(view, np.arange(n)).middle
        numbers.sort(key=lambda k: middle[k] if np.isfinite(middle[k]) else np.inf)
    columns = np.empty(n, np.int64)
    columns[numbers] = np.arange(n)
    return columns


def column_words(view: SampleView, spreads: Spreads | None, index: int) -> tuple[list[Word], ...]:
    """Return what a chip says of a detector."""
    if spreads is None:
        return ()
    name = view.rows.detectors[index] or "(no name)"
    det, count = value("det", name), value("used", str(int(spreads.count[index])))
    if not np.isfinite(spreads.middle[index]):
        return ([*det, *count],)
    decimals = view.decimals()
    middle = fixed(float(spreads.middle[index]), decimals + 1, sign=True)
    half = (spreads.high[index] - spreads.low[index]) / 2
    spread = [Word("±"), Word(fixed(float(half), decimals + 1), "text", joined=True)]
    words = [*det, *value("median", middle), *spread, Word(view.unit, joined=True)]
    here = view.rows.detector_index == index
    dropped = int(np.count_nonzero(here & (view.rows.rejected_at >= 0)))
    more = [*count, *value("rejected", str(dropped))]
    return ([*words, *more], words, [*det, Word(middle, "text", strong=True)])


def radii_of(state: State) -> Mapping[str, float]:
    """Return how far the exposures of the shown visit are from the middle of the focal plane."""
    members = shown_visit(state)[1]
    camera = state.correction.camera or state.options.camera
    return _radii.of((members, camera), lambda: _measured(members, camera))


_radii = Remembered["Mapping[str, float]"]()


def _measured(members: tuple[ExposureItem, ...], camera: str) -> Mapping[str, float]:
    from skyframe_gui.engine.camera import corners_of
    from skyframe_gui.workflow.detector_places import layout_of_visit

    if not members:
        return {}
    layout = layout_of_visit([one.source for one in members], camera)
    if not layout.unit:  # only a grid, of which no place is the middle
        return {}
    corners = corners_of(layout.places)
    middle = (corners.min(axis=(0, 1)) + corners.max(axis=(0, 1))) / 2
    far = np.hypot(*(corners.mean(axis=1) - middle).T)
    return {
        members[place.number].key: float(radius)
        for place, radius in zip(layout.places, far, strict=True)
        if place.number is not None
    }

"""The boxes of the samples: which class each is in, and which one a pixel is in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.app.model.sample_rows import rows_in
from skyframe_gui.ui.images.geometry import inside_polygon

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.visit_fit import VisitFit

NO_DATA, EXCLUDED = -2, -3


class Kind(IntEnum):
    """The class of a sample in the shown step."""

    USED = 0
    REJECTED = 1
    HAND = 2
    NO_DATA = 3


WORDS = ("used", "rejected", "hand", "no data")


@dataclass(frozen=True, kw_only=True, eq=False)
class Boxes:
    """The samples of the shown exposure.

    Attributes
    ----------
    key : str
        Of the exposure.
    corners : int64 [n, 4]
        (x0, y0, x1, y1), half-open.
    codes : int8 [n]
        The `Kind` of each.
    rounds : int64 [n]
        The round that rejected it, from 1 on; 0 for none.
    n_rounds : int
        Of the fit.
    """

    key: str
    corners: NDArray[np.int64]
    codes: NDArray[np.int8]
    rounds: NDArray[np.int64]
    n_rounds: int

    @cached_property
    def looks(self) -> object:
        """What their picture depends on, for ``==``: most fits change none of it."""
        arrays = (self.corners.tobytes(), self.codes.tobytes(), self.rounds.tobytes())
        return (self.key, *arrays, self.n_rounds)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The classes in words."""
        return tuple(WORDS[code] for code in self.codes.tolist())

    def sample_id(self, index: int) -> SampleId:
        """Return what the state calls a sample."""
        x0, y0, x1, y1 = self.corners[index].tolist()
        return self.key, (x0, y0, x1, y1)

    def at(self, x: float, y: float) -> SampleId | None:
        """Return the sample whose box holds a place."""
        c = self.corners
        inside = (c[:, 0] - 0.5 <= x) & (x < c[:, 2] - 0.5)
        inside &= (c[:, 1] - 0.5 <= y) & (y < c[:, 3] - 0.5)
        found = np.flatnonzero(inside)
        return self.sample_id(int(found[0])) if len(found) else None

    def within(self, polygon: Any) -> list[SampleId]:
        """Return the samples whose box has its middle inside of a polygon.

        Parameters
        ----------
        polygon : sequence of (x, y)
            In pixels of the exposure; closed by itself, by the odd-even rule.
        """
        corners = np.asarray(polygon, np.float64).reshape(-1, 2)
        if len(corners) < 3:
            return []
        x = (self.corners[:, 0] + self.corners[:, 2] - 1) / 2
        y = (self.corners[:, 1] + self.corners[:, 3] - 1) / 2
        boxes = self.corners[inside_polygon(corners, x, y)].tolist()
        return [(self.key, (x0, y0, x1, y1)) for x0, y0, x1, y1 in boxes]


def boxes_of(state: State) -> Boxes | None:
    """Return the samples of the shown exposure in the shown step; None where it has none."""
    shown, fit = state.results.shown, state.results.fit
    if shown is None or fit is None or shown.key not in fit.keys:
        return None
    return boxes_in(fit, shown.key, state.selection.step, state.excluded_samples)


def boxes_in(
    fit: VisitFit, key: str, step: int | None, excluded_samples: frozenset[SampleId] = frozenset()
) -> Boxes:
    """Return the samples of one of a fit's exposures in a step; None for the last one."""
    index = fit.keys.index(key)
    before = sum(len(one) for one in fit.samples[:index])
    samples = fit.samples[index]
    found = fit.solution.rejected_at[before : before + len(samples)]
    n_rounds = len(fit.solution.listed)
    last = n_rounds if step is None else step
    rounds = np.where((found >= 0) & (found < last), found + 1, 0)
    codes = np.where(rounds > 0, Kind.REJECTED, Kind.USED).astype(np.int8)
    codes[found == EXCLUDED] = Kind.HAND
    hand = [box for of, box in excluded_samples if of == key]
    if hand:
        codes[rows_in(samples.boxes, hand)] = Kind.HAND
    codes[found == NO_DATA] = Kind.NO_DATA
    return Boxes(key=key, corners=samples.boxes, codes=codes, rounds=rounds, n_rounds=n_rounds)

"""The fit of a visit, and questions to its samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.workflow.solution import VisitSolution

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.engine import ScaleSolution


@dataclass(frozen=True, eq=False, kw_only=True)
class VisitFit(VisitSolution):
    """The fit of a visit, or of those of its exposures that are sampled so far.

    Attributes
    ----------
    visit, sources, samples, solution, why, findings
        As in a `VisitSolution`; what was excluded by hand is left out of the solution, and there
        are no findings while others are still to join.
    keys : tuple of str
        The exposures, in the order of the samples.
    alone : ScaleSolution
        Of the config alone; the same object where nothing is excluded by hand.
    n_members : int
        Exposures of the visit that have a sky frame, sampled or not.
    made_from : object
        Compared with `queries.fit_inputs` to tell whether the fit is still of the newest state.
    ended : bool
        Whether the others cannot be used: nothing is going to join.
    unit : str
        Of the exposures; "" where they do not tell or do not agree.
    frame_units : frozenset of str
        Of their sky frames.
    frame_keys : frozenset of str
        Which sky frames these are.
    """

    keys: tuple[str, ...]
    alone: ScaleSolution
    n_members: int
    made_from: object
    ended: bool = False
    unit: str = ""
    frame_units: frozenset[str] = frozenset()
    frame_keys: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        """Whether every exposure of the visit is in it."""
        return len(self.keys) == self.n_members

    @property
    def is_final(self) -> bool:
        """Whether all of the visit that can be used is in it."""
        return self.complete or self.ended


def sample_ids(fit: VisitFit, chosen: NDArray[np.bool_] | None = None) -> tuple[SampleId, ...]:
    """Return the samples of a fit by name, in their order; all, or those that are chosen."""
    found: list[SampleId] = []
    first = 0
    for key, one in zip(fit.keys, fit.samples, strict=True):
        part = slice(None) if chosen is None else chosen[first : first + len(one)]
        found += [(key, (x0, y0, x1, y1)) for x0, y0, x1, y1 in one.boxes[part].tolist()]
        first += len(one)
    return tuple(found)


def residual_rms(fit: VisitFit) -> float:
    """Return the root of the mean square of the residuals of the samples that are kept."""
    image = np.concatenate([one.image for one in fit.samples])
    sky = np.concatenate([one.sky for one in fit.samples])
    kept = fit.solution.rejected_at == -1
    if not kept.any():
        return float("nan")
    return float(np.sqrt(np.mean(np.square((image - fit.solution.scale * sky)[kept]))))

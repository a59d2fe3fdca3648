"""The samples of a visit as one table, and the fit's state after each round of rejection."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from skyframe_gui.app.model.sample_rows import rows_in
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.scale import EXCLUDED, IQR_TO_SIGMA, KEPT, NO_DATA

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.app.model.view import Selection
    from skyframe_gui.app.model.visit_fit import VisitFit


class Mark(IntEnum):
    """What a sample is in a step."""

    USED = 0
    """Kept so far, even if a later round drops it."""
    EARLIER = 1
    """Dropped by a round before the last one of the step."""
    NEW = 2
    """Dropped by the last round of the step."""
    EXCLUDED = 3
    NO_DATA = 4


@dataclass(frozen=True, kw_only=True)
class Step:
    """The fit after some rounds of rejection.

    Attributes
    ----------
    number : int
        How many rounds; 0 is "no rejection".
    scale : float
        Of the line through the samples kept by then; NaN where none was left.
    error : float
        Its standard error by the formula of `ScaleSolution`; NaN where that has none.
    sigma : float
        0.741 times the interquartile range of the residuals of the samples kept by then.
    n_new : int
        Samples dropped by the last of the rounds.
    n_total : int
        Samples dropped by all of them.
    n_used : int
        Samples kept by then.
    """

    number: int
    scale: float
    error: float
    sigma: float
    n_new: int
    n_total: int
    n_used: int

    @property
    def repeats(self) -> bool:
        """Whether the round dropped nothing, so that the step is the one before it again."""
        return self.number > 0 and self.n_new == 0


@dataclass(frozen=True, eq=False, kw_only=True)
class SampleRows:
    """The samples of all exposures of a fit, one after the other. All arrays are read-only.

    Attributes
    ----------
    keys, detectors : tuple of str, one for each exposure
    image, sky, good_fraction : float array [n]
    boxes : int array [n, 4]
        (x0, y0, x1, y1), half-open, from the exposure's lower left pixel.
    places : int array [n, 2]
        Column and row of the box among those of its exposure.
    detector_index : int array [n]
        Which of the exposures a sample is of.
    rejected_at : int array [n]
        As in `ScaleSolution`.
    starts : int array [exposures + 1]
        Where the samples of each exposure begin, and the end.
    """

    keys: tuple[str, ...]
    detectors: tuple[str, ...]
    image: NDArray[np.float64]
    sky: NDArray[np.float64]
    good_fraction: NDArray[np.float64]
    boxes: NDArray[np.int64]
    places: NDArray[np.int64]
    detector_index: NDArray[np.int64]
    rejected_at: NDArray[np.int64]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.image)

    def ids(self, index: int) -> SampleId:
        """Return by what the state calls a sample."""
        x0, y0, x1, y1 = self.boxes[index].tolist()
        return (self.keys[self.detector_index[index]], (x0, y0, x1, y1))

    def names(self, indices: NDArray[np.int64]) -> list[SampleId]:
        """Return by what the state calls some samples."""
        keys, which = self.keys, self.detector_index[indices].tolist()
        boxes = self.boxes[indices].tolist()
        return [
            (keys[one], (x0, y0, x1, y1))
            for one, (x0, y0, x1, y1) in zip(which, boxes, strict=True)
        ]

    def index(self, sample: SampleId | None) -> int | None:
        """Return the row of a sample; None where there is none (any more)."""
        if sample is None or sample[0] not in self.keys:
            return None
        which = self.keys.index(sample[0])
        first, last = self.starts[which], self.starts[which + 1]
        found = rows_in(self.boxes[first:last], (sample[1],))
        return int(found[-1] + first) if len(found) else None

    def indices(self, samples: Iterable[SampleId]) -> NDArray[np.int64]:
        """Return the rows of samples in ascending order, without those that are not in it."""
        boxes: dict[str, list[tuple[int, int, int, int]]] = {}
        for key, box in samples:
            boxes.setdefault(key, []).append(box)
        found = [
            rows_in(self.boxes[first:last], boxes[key]) + first
            for key, first, last in zip(self.keys, self.starts[:-1], self.starts[1:], strict=True)
            if key in boxes
        ]
        return np.concatenate(found) if found else np.empty(0, np.int64)

    def marks(self, step: Step) -> NDArray[np.int8]:
        """Return the `Mark` of every sample in a step."""
        marks = np.full(len(self), Mark.USED, np.int8)
        dropped = self.rejected_at >= 0
        marks[dropped & (self.rejected_at < step.number - 1)] = Mark.EARLIER
        marks[dropped & (self.rejected_at == step.number - 1)] = Mark.NEW
        marks[self.rejected_at == EXCLUDED] = Mark.EXCLUDED
        marks[self.rejected_at == NO_DATA] = Mark.NO_DATA
        return marks

    def residuals(self, step: Step) -> NDArray[np.float64]:
        """Return image minus scale times sky with the scale of a step."""
        return self.image - step.scale * self.sky


_rows: WeakKeyDictionary[VisitFit, SampleRows] = WeakKeyDictionary()
_steps: WeakKeyDictionary[VisitFit, tuple[Step, ...]] = WeakKeyDictionary()


def rows_of(fit: VisitFit) -> SampleRows:
    """Return the samples of a fit as one table, the same one whenever asked for the same fit."""
    if fit not in _rows:
        _rows[fit] = _make_rows(fit)
    return _rows[fit]


def steps_of(fit: VisitFit) -> tuple[Step, ...]:
    """Return the steps of a fit: before any rejection, and after each round.

    Where the fit failed they end with the step that has no sample left.
    """
    if fit not in _steps:
        _steps[fit] = _make_steps(fit)
    return _steps[fit]


def shown_step(fit: VisitFit, selection: Selection) -> Step:
    """Return the step to show: the chosen one, or the last where the fit has fewer."""
    steps = steps_of(fit)
    if selection.step is None:
        return steps[-1]
    return steps[max(0, min(selection.step, len(steps) - 1))]


def _make_rows(fit: VisitFit) -> SampleRows:
    samples = fit.samples
    lengths = [len(one) for one in samples]

    def joined(arrays: list[NDArray[np.float64]]) -> NDArray[np.float64]:
        return read_only(np.concatenate(arrays) if arrays else np.empty(0), np.float64)

    boxes = np.concatenate([one.boxes for one in samples]) if samples else np.empty((0, 4))
    places = [
        np.stack([np.unique(one.boxes[:, axis], return_inverse=True)[1] for axis in (0, 1)], axis=1)
        for one in samples
    ]
    return SampleRows(
        keys=fit.keys,
        detectors=tuple(one.detector for one in samples),
        image=joined([one.image for one in samples]),
        sky=joined([one.sky for one in samples]),
        good_fraction=joined([one.good_fraction for one in samples]),
        boxes=read_only(boxes, np.int64),
        places=read_only(np.concatenate(places) if places else np.empty((0, 2)), np.int64),
        detector_index=read_only(np.repeat(np.arange(len(samples)), lengths), np.int64),
        rejected_at=fit.solution.rejected_at,
        starts=read_only(np.concatenate([[0], np.cumsum(lengths)]), np.int64),
    )


def _make_steps(fit: VisitFit) -> tuple[Step, ...]:
    rows, solution = rows_of(fit), fit.solution
    candidates = (rows.rejected_at == KEPT) | (rows.rejected_at >= 0)
    n_candidates = int(candidates.sum())
    scales = [one.scale for one in solution.listed] + [solution.scale]
    steps: list[Step] = []
    for number, scale in enumerate(scales):
        new = int((rows.rejected_at == number - 1).sum()) if number else 0
        if number and not new and np.isfinite(scale):
            last = steps[-1]  # nothing was dropped: the same samples, so the same line
            steps.append(
                Step(
                    number=number,
                    scale=scale,
                    error=last.error,
                    sigma=last.sigma,
                    n_new=0,
                    n_total=last.n_total,
                    n_used=last.n_used,
                )
            )
            continue
        total = new + (steps[-1].n_total if steps else 0)
        kept = candidates & ((rows.rejected_at == KEPT) | (rows.rejected_at >= number))
        error, sigma = _error_and_sigma(rows.image[kept], rows.sky[kept], scale)
        steps.append(
            Step(
                number=number,
                scale=scale,
                error=error,
                sigma=sigma,
                n_new=new,
                n_total=total,
                n_used=n_candidates - total,
            )
        )
    return tuple(steps)


def _error_and_sigma(
    image: NDArray[np.float64], sky: NDArray[np.float64], scale: float
) -> tuple[float, float]:
    """Return ``sqrt(sum r^2 / (n - 1) / sum S^2)`` and 0.741 times the interquartile range."""
    if not len(image) or not np.isfinite(scale):
        return float("nan"), float("nan")
    residuals = image - scale * sky
    q25, q75 = np.percentile(residuals, (25, 75))
    sigma = float(IQR_TO_SIGMA * (q75 - q25))
    largest = float(np.abs(sky).max())  # so that squares of very small numbers do not vanish
    if len(image) < 2 or largest == 0:
        return float("nan"), sigma
    s = sky / largest
    variance = np.dot(residuals, residuals) / (len(image) - 1) / np.dot(s, s)
    return float(np.sqrt(variance) / largest), sigma

"""The one scale of a visit, fitted to the samples of its detectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.rounds import Rounds, ScaleIteration, rounds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from skyframe_gui.engine.config import SkyMeasurementConfig
    from skyframe_gui.engine.samples import Samples

KEPT, NO_DATA, EXCLUDED = -1, -2, -3
"""What `ScaleSolution.rejected_at` says of samples that no round dropped."""
SAMPLED = 2048
"""So many residuals tell where their quartiles are about."""
NO_LEVEL = (
    "The sky frame has no level of its own, as one that is built over the focal plane: it is for "
    "exposures whose background is off already. Correct the visit (the command correct, in the "
    "window the tab Sky correction), or build sky frames that are not normalised."
)
"""What is wrong where `lacks_level` says so."""
STANDS_OUT = 5.0
"""Spreads of the image's samples from which on their middle is a level."""
IQR_TO_SIGMA = 0.741
"""LSST's rounded factor; the pixel statistics use more digits of it."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ScaleSolution:
    """The scale of a visit with the whole history of its rejections.

    Attributes
    ----------
    scale : float
        Sky frame times this is the visit's sky; NaN where nothing was left to fit.
    error : float
        Standard error of a slope through the origin, ``sqrt(sum r^2 / (n - 1) / sum S^2)`` over
        the kept pairs: the scatter of the samples about the line, whatever its cause. NaN for
        n = 1 and where all sky samples are 0.
    rejected_at : int64 [N]
        For each sample, detector after detector: -1 kept to the end, -2 no data, -3 excluded by
        hand, else the round (0 is the first) that dropped it.
    iterations : sequence of ScaleIteration
        One a round; a tuple, but for more than `LISTED` rounds, see `Rounds`.
    n_used : int
        Number of pairs in the last solve.
    """

    scale: float
    error: float
    rejected_at: NDArray[np.int64]
    iterations: Sequence[ScaleIteration]
    n_used: int

    def __repr__(self) -> str:
        return (
            f"<ScaleSolution: {self.scale:.6g} +- {self.error:.2g}, {self.n_used} of "
            f"{len(self.rejected_at)} samples used>"
        )

    def _repr_html_(self) -> str:
        from skyframe_gui.engine.showing import card, table

        rounds = table(
            ("round", "scale", "sigma", "used", "rejected"),
            [
                (number, f"{one.scale:.6g}", f"{one.sigma:.4g}", one.n_used, one.n_rejected)
                for number, one in enumerate(self.listed)
            ],
        )
        rows = {
            "scale": f"{self.scale:.6g} +- {self.error:.2g}",
            "samples": f"{self.n_used} of {len(self.rejected_at)} used",
        }
        return card("Scale", rows, below=rounds)

    @property
    def listed(self) -> tuple[ScaleIteration, ...]:
        """The rounds to be told one by one; any that follow found the same as the last of them."""
        rounds = self.iterations
        return rounds.worked if isinstance(rounds, Rounds) else tuple(rounds)


class ScaleError(SkyFrameError):
    """No pair of samples is left to fit; ``solution`` holds the history so far."""

    def __init__(self, message: str, solution: ScaleSolution) -> None:
        super().__init__(message)
        self.solution = solution


def solve_scales(
    samples: Sequence[Samples],
    config: SkyMeasurementConfig,
    excluded: ArrayLike | None = None,
) -> ScaleSolution:
    """Return the one scale of all detectors of a visit.

    Solve by least squares through the origin, reject pairs whose residual is beyond ``skyRej``
    sigma (strictly; the residuals are not centred), ``skyIter`` times, then solve once more.

    Parameters
    ----------
    samples : sequence of Samples
        One a detector.
    config : SkyMeasurementConfig
        ``skyIter`` and ``skyRej``.
    excluded : bool array [N], optional
        Over the samples of all detectors, one after the other: True leaves one out by hand.

    Raises
    ------
    ScaleError
        No finite pair to begin with, or none left after a round; a `SkyFrameError` whose
        ``solution`` is the history so far.
    SkyFrameError
        ``excluded`` is not boolean or not as long as the samples.
    """
    image, sky = _of_all(samples, "image"), _of_all(samples, "sky")
    rejected_at = np.full(len(image), KEPT, np.int64)
    if excluded is not None:
        left_out = np.asarray(excluded)
        if left_out.dtype != np.bool_:
            raise SkyFrameError(
                "Samples are excluded by hand with one True or False each, not by their numbers."
            )
        if left_out.shape != rejected_at.shape:
            raise SkyFrameError(
                f"{left_out.size} samples are marked as kept or excluded by hand, but there are "
                f"{len(image)} samples; mark each sample once."
            )
        rejected_at[left_out] = EXCLUDED
    rejected_at[~(np.isfinite(image) & np.isfinite(sky))] = NO_DATA
    good = rejected_at == KEPT
    kept, image, sky = np.flatnonzero(good), image.compress(good), sky.compress(good)
    residuals, scratch = np.empty(len(kept)), np.empty(len(kept))
    iterations: list[ScaleIteration] = []

    def solution(scale: float, error: float, n_rounds: int = 0) -> ScaleSolution:
        rounds = rounds_of(iterations, n_rounds or len(iterations))
        return ScaleSolution(
            scale=scale,
            error=error,
            rejected_at=read_only(rejected_at, np.int64),
            iterations=rounds,
            n_used=len(kept),
        )

    if not len(kept):
        why = "none of them" if len(rejected_at) else "there is no sample, so none"
        raise ScaleError(
            f"Of {len(rejected_at)} samples {why} has a finite value in image and sky frame to fit "
            "the scale to; look at the mask planes in stats.mask and at the samples excluded by "
            "hand.",
            solution(np.nan, np.nan),
        )
    for number in range(config.skyIter):
        scale = _slope(image, sky, residuals, scratch)
        np.subtract(image, np.multiply(sky, scale, out=residuals), out=residuals)
        q25, q75 = (_percentile(residuals, part, scratch) for part in (0.25, 0.75))
        sigma = IQR_TO_SIGMA * (q75 - q25)
        bad = np.abs(residuals, out=scratch) > config.skyRej * sigma
        n_bad = int(np.count_nonzero(bad))
        rejected_at[kept.compress(bad)] = number
        iterations.append(ScaleIteration(scale, sigma, len(kept), n_bad))
        if not n_bad:  # every further round would find the same
            break
        good = ~bad
        kept, image, sky = kept.compress(good), image.compress(good), sky.compress(good)
        residuals, scratch = residuals[: len(kept)], scratch[: len(kept)]
        if not len(kept):
            began = rejected_at >= 0
            cause = (
                NO_LEVEL
                if lacks_level(*(_of_all(samples, name)[began] for name in ("image", "sky")))
                else "The samples may want an offset that a pure scale cannot give; raise skyRej, "
                "lower skyIter or look at the samples."
            )
            raise ScaleError(
                f"Round {number + 1} of the scale fit rejected all of the samples that were left "
                f"({n_bad} of {len(rejected_at)}): none lies within {config.skyRej:g} sigma "
                f"({sigma:.4g}) of the line. {cause}",
                solution(np.nan, np.nan),
            )
    scale = _slope(image, sky, residuals, scratch)
    return solution(scale, _slope_error(image, sky, scale, scratch), config.skyIter)


def lacks_level(image: NDArray[np.float64], sky: NDArray[np.float64]) -> bool:
    """Whether a sky frame is about 0 on both sides where the image has a level that stands out."""
    if not len(image):
        return False
    level, spread = abs(float(np.median(image))), float(np.std(image))
    return abs(float(np.median(sky))) < float(np.std(sky)) and level > STANDS_OUT * spread


def _of_all(samples: Sequence[Samples], name: str) -> NDArray[np.float64]:
    return np.concatenate([getattr(one, name) for one in samples] or [np.empty(0)])


def _percentile(values: NDArray[np.float64], part: float, scratch: NDArray[np.float64]) -> float:
    """Return `numpy.percentile` of a part from 0 to 1, to the last digit; ``scratch`` is as large.

    Of many values only those near it, to go by a few of them, are put in order.
    """
    n = len(values)
    index = part * (n - 1)
    place = int(index)
    few = np.sort(values[:: n // SAMPLED]) if n > 4 * SAMPLED else values[:0]
    near, below = scratch, 0
    if len(few):
        reach = 5 * (len(few) * part * (1 - part)) ** 0.5
        low, high = (few[int(len(few) * part + side)] for side in (-reach, reach))
        above_low = values >= low
        near = values.compress(above_low & (values <= high))
        below = n - int(np.count_nonzero(above_low))
    if not below <= place < below + len(near) - 1:
        near, below = scratch, 0
    if near is scratch:
        np.copyto(scratch, values)
    after = min(place + 1, n - 1)
    near.partition((place - below, after - below))
    first, second = float(near[place - below]), float(near[after - below])
    weight, step = index - place, second - first
    return first + step * weight if weight < 0.5 else second - step * (1 - weight)


def _slope(
    image: NDArray[np.float64],
    sky: NDArray[np.float64],
    column: NDArray[np.float64],
    squares: NDArray[np.float64],
) -> float:
    """Return sum(S I) / sum(S S), 0 where all S are 0, with the roundings of the original.

    The original solves by singular value decomposition of the single column S, which comes down
    to one Householder reflection. Where samples lie exactly on a line the residuals are nothing
    but those roundings, and sigma is of their size, so that they decide what is rejected.

    ``column`` and ``squares`` are scratch, as large as the samples.
    """
    unit = max(float(sky.max()), -float(sky.min()))
    if unit == 0.0:
        return 0.0
    np.divide(sky, unit, out=column)
    first = float(column[0])
    tail = float(np.sum(np.multiply(column, column, out=squares)[1:]))
    length = -float(np.copysign(np.sqrt(first * first + tail), first)) if tail else first
    if tail:
        factor = (length - first) / length
        column /= first - length
        column *= -factor
        column[0] = 1.0 - factor
    else:
        column[:] = 0.0
        column[0] = first / length
    column *= np.sign(length)
    column *= image
    return float(np.sum(column)) / (abs(length) * unit)


def _slope_error(
    image: NDArray[np.float64],
    sky: NDArray[np.float64],
    scale: float,
    scratch: NDArray[np.float64],
) -> float:
    unit = max(float(sky.max()), -float(sky.min()))
    if len(image) < 2 or unit == 0.0:
        return float("nan")
    np.subtract(image, np.multiply(sky, scale, out=scratch), out=scratch)
    chi2 = float(np.sum(np.square(scratch, out=scratch)))
    np.divide(sky, unit, out=scratch)
    squares = float(np.sum(np.square(scratch, out=scratch)))
    return float(np.sqrt(chi2 / (len(image) - 1) / squares) / unit)

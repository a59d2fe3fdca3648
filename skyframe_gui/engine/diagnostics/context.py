"""What the checks look at: a fit or sky frames, with what several checks need of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.diagnostics.chance import ALPHA, two_sided
from skyframe_gui.engine.diagnostics.detectors import OwnScales, compare
from skyframe_gui.engine.diagnostics.finding import in_order
from skyframe_gui.engine.diagnostics.robust import Groups, Line, Slopes, fit_line, fit_slopes
from skyframe_gui.engine.diagnostics.tails import deviations
from skyframe_gui.engine.scale import EXCLUDED, KEPT, NO_DATA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from skyframe_gui.engine.bins import BinGrid
    from skyframe_gui.engine.config import SkyMeasurementConfig
    from skyframe_gui.engine.exposure import MaskPlanes
    from skyframe_gui.engine.samples import Samples
    from skyframe_gui.engine.scale import ScaleSolution
    from skyframe_gui.engine.sky_frame import SkyFrame


@dataclass(frozen=True, eq=False, kw_only=True)
class FrameContext:
    """Sky frames by detector, and what they were made from as far as it is known."""

    frames: Mapping[str, SkyFrame]
    n_exposures: Mapping[str, int]
    """Of the detectors for which it is known."""
    config: SkyMeasurementConfig
    grids: Mapping[str, Sequence[BinGrid]] = field(default_factory=dict)
    planes: Mapping[str, MaskPlanes] = field(default_factory=dict)
    unit: str = ""

    @cached_property
    def lacking(self) -> dict[str, NDArray[np.bool_]]:
        """Which bins have no value of their own, [ny, nx], of the sky frames that have such."""
        # A sum tells of any NaN at a tenth of the cost of looking at each bin of a whole camera.
        with np.errstate(over="ignore", invalid="ignore"):
            return {
                name: np.asarray(frame.filled | ~np.isfinite(frame.grid.values), np.bool_)
                for name, frame in self.frames.items()
                if frame.filled.any() or not np.isfinite(frame.grid.values.sum())
            }


@dataclass(frozen=True, eq=False, kw_only=True)
class FitContext:
    """The samples and the solution of a visit; arrays run over all detectors' samples."""

    samples: Sequence[Samples]
    solution: ScaleSolution
    config: SkyMeasurementConfig
    levels: Mapping[str, float]
    planes: Mapping[str, MaskPlanes]
    sky_frames: FrameContext
    unit: str
    sky_unit: str

    @cached_property
    def detectors(self) -> tuple[str, ...]:
        """Names as the samples come; two may be alike."""
        return tuple(one.detector for one in self.samples)

    @cached_property
    def image(self) -> NDArray[np.float64]:
        """Image samples."""
        return np.concatenate([one.image for one in self.samples] or [np.empty(0)])

    @cached_property
    def sky(self) -> NDArray[np.float64]:
        """Sky samples."""
        return np.concatenate([one.sky for one in self.samples] or [np.empty(0)])

    @cached_property
    def good_fraction(self) -> NDArray[np.float64]:
        """Good pixels by pixels of the box."""
        return np.concatenate([one.good_fraction for one in self.samples] or [np.empty(0)])

    @cached_property
    def boxes(self) -> NDArray[np.int64]:
        """(x0, y0, x1, y1), half-open."""
        return np.concatenate([one.boxes for one in self.samples] or [np.empty((0, 4), np.int64)])

    @cached_property
    def group(self) -> NDArray[np.int64]:
        """Place of each sample's detector in `samples`."""
        return np.repeat(
            np.arange(len(self.samples)), np.array([len(one) for one in self.samples], int)
        )

    @property
    def rejected_at(self) -> NDArray[np.int64]:
        """As of the solution."""
        return self.solution.rejected_at

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        """With data and not excluded by hand: what the fit began with."""
        return np.asarray((self.rejected_at != NO_DATA) & (self.rejected_at != EXCLUDED))

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """What the fit ended with."""
        return np.asarray(self.rejected_at == KEPT)

    @cached_property
    def residual(self) -> NDArray[np.float64]:
        """From the last line, for the rejected ones from that of the round that dropped them."""
        scales = np.array([*(one.scale for one in self.solution.listed), self.solution.scale])
        last = len(scales) - 1
        of = np.where(self.rejected_at >= 0, np.minimum(self.rejected_at, last), last)
        return self.image - scales[of] * self.sky

    @cached_property
    def line(self) -> Line | None:
        """The line with an offset through all usable samples, the fit's rejections put aside."""
        use = self.usable
        return fit_line(self.sky[use], self.image[use], self.groups)

    @cached_property
    def offset(self) -> tuple[float, float] | None:
        """The offset that the samples want, with its error, where it is more than chance."""
        line = self.line
        if line is None or not line.offset_error > 0:
            return None
        if two_sided(line.offset / line.offset_error, line.dof) >= ALPHA:
            return None
        return line.offset, line.offset_error

    @cached_property
    def slopes(self) -> Slopes:
        """The detectors' own scales.

        An offset that the visit wants is taken off first: it would move the own scale of every
        detector by as much as its sky is faint.
        """
        use = self.usable
        offset = self.offset[0] if self.offset else 0.0
        return fit_slopes(self.sky[use], self.image[use] - offset, self.groups)

    @cached_property
    def own_scales(self) -> OwnScales | None:
        """The detectors' own scales against each other."""
        return compare(self.slopes)

    @cached_property
    def odd(self) -> NDArray[np.bool_]:
        """Samples of detectors whose own scale disagrees: their rejections have their cause."""
        own = self.own_scales
        if own is None:
            return np.zeros(len(self.group), np.bool_)
        return np.isin(self.group, own.place[own.odd])

    @cached_property
    def deviations(self) -> NDArray[np.float64]:
        """How many sigma of their own samples lie from their detector's own line.

        NaN where there is no data, and in detectors whose own scale disagrees.
        """
        use, found = self.usable, np.full(len(self.group), np.nan)
        scale = self.solution.scale
        if not np.isfinite(scale):
            return found
        groups = self.groups
        own = np.where(np.isfinite(self.slopes.slope), self.slopes.slope, scale)[groups.group]
        sky, offset = self.sky[use], self.offset[0] if self.offset else 0.0
        # A line that goes through its own few samples is nearer to them than the true one.
        sizes = np.bincount(groups.group, minlength=groups.n_groups)[groups.group]
        nearer = np.sqrt(sizes / np.maximum(sizes - 1, 1))
        residual = (self.image[use] - offset - own * sky) * nearer
        found[use] = deviations(residual, scale * sky, self.good_fraction[use], groups)
        found[self.odd] = np.nan
        return found

    @cached_property
    def groups(self) -> Groups:
        """Of the usable samples: their detectors, and which boxes touch."""
        use = np.flatnonzero(self.usable)
        group, boxes = self.group[use], self.boxes[use]
        x0, y0, x1, y1 = boxes.T
        # One number for each corner, so that the box that begins where another ends is found at
        # once, whatever order the boxes come in.
        reach = int(np.abs(boxes).max()) + 1 if len(boxes) else 1

        def corner(x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.int64]:
            return (group * reach + x) * reach + y

        own = corner(x0, y0)
        order = np.argsort(own, kind="stable")
        pairs = [np.empty((0, 2), np.int64)]
        real = np.flatnonzero((x1 > x0) & (y1 > y0))  # boxes that are not known are empty
        for beside in (corner(x1, y0)[real], corner(x0, y1)[real]):
            place = np.minimum(np.searchsorted(own, beside, sorter=order), len(own) - 1)
            match = order[place] if len(order) else place
            found = own[match] == beside if len(order) else np.zeros(0, np.bool_)
            pairs.append(np.stack([real[found], match[found]], axis=1))
        return Groups(group, len(self.samples), np.concatenate(pairs))

    def numbers_of(self, which: NDArray[np.bool_]) -> tuple[int, ...]:
        """Return the numbers of the samples that are True."""
        return tuple(np.flatnonzero(which).tolist())

    def detectors_of(self, which: NDArray[np.bool_]) -> tuple[str, ...]:
        """Return the detectors, by name, that samples which are True belong to."""
        return in_order(self.detectors[int(one)] for one in np.unique(self.group[which]))

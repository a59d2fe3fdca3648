"""A background in superpixels over the whole focal plane: LSST's ``FocalPlaneBackground``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.bins import CLIP, N_ITER, BinGrid
from skyframe_gui.engine.buffers import recycled
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import MaskPlanes, read_only
from skyframe_gui.engine.filling import fill_bad, smooth
from skyframe_gui.engine.given import as_exposure
from skyframe_gui.engine.model import BackgroundModel
from skyframe_gui.engine.parallel import run_pieces
from skyframe_gui.engine.statistics import PIECE_PIXELS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    from skyframe_gui.engine.camera import Camera, Detector
    from skyframe_gui.engine.focal_config import FocalPlaneBackgroundConfig
    from skyframe_gui.engine.given import ExposureLike
    from skyframe_gui.engine.progress import Watch

MOST_SUPERPIXELS = 1 << 24
"""More can only be a size in the wrong unit, and would fill the memory."""
NO_TURN = 1e-15
"""Below this part of the scale the rotation of a detector is rounding, and left out."""


@dataclass(frozen=True)
class Layout:
    """The grid of superpixels over the box of a camera, with a ring of one around it.

    Superpixel (i, j) is centred at u = i, v = j and reaches half of one to either side.
    """

    nx: int
    ny: int
    x_scale: float
    y_scale: float
    x_start: float
    y_start: float

    @classmethod
    def of(cls, camera: Camera, config: FocalPlaneBackgroundConfig) -> Layout:
        """Lay superpixels over a camera.

        Raises
        ------
        SkyFrameError
            There would be too many.
        """
        min_x, min_y, max_x, max_y = camera.bounds
        nx = np.ceil((max_x - min_x) / config.xSize) + 2
        ny = np.ceil((max_y - min_y) / config.ySize) + 2
        if not nx * ny <= MOST_SUPERPIXELS:
            raise SkyFrameError(
                f"Superpixels of {config.xSize:g} x {config.ySize:g} over a focal plane of "
                f"{max_x - min_x:g} x {max_y - min_y:g} would be {nx:.3g} x {ny:.3g}; xSize and "
                "ySize are in the units of the camera's table, mostly mm."
            )
        x_scale, y_scale = 1 / config.xSize, 1 / config.ySize
        return cls(int(nx), int(ny), x_scale, y_scale, x_scale * -min_x + 1, y_scale * -min_y + 1)

    def of_pixels(
        self, detector: Detector, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return (u, v) of pixel positions on a detector."""
        a, b, c, e, tx, ty = detector.affine
        u = (a * x + b * y + tx) * self.x_scale + self.x_start
        v = (c * x + e * y + ty) * self.y_scale + self.y_start
        return u, v

    def to_pixels(
        self, detector: Detector, u: NDArray[np.float64], v: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the pixel positions of (u, v) on a detector.

        With superpixels of a whole number of pixels every edge falls on a pixel's edge, and the
        last bit says which side has the pixel: the order of these operations is the original's.
        """
        a, b, c, e, tx, ty = detector.affine
        f = tx * self.x_scale + self.x_start
        g = ty * self.y_scale + self.y_start
        if max(abs(b), abs(c)) <= NO_TURN * min(abs(a), abs(e)):
            q, r = 1 / (a * self.x_scale), 1 / (e * self.y_scale)
            return -f * q + q * u, -g * r + r * v
        q, r = 1 / self.x_scale, 1 / self.y_scale
        from_u, from_v = -f * q + q * u, -g * r + r * v
        (ia, ib), (ic, ie) = _inverse(a, b, c, e)
        return ia * from_u + ib * from_v, ic * from_u + ie * from_v

    def boxes(self, detector: Detector) -> NDArray[np.int64]:
        """Return what superpixels have of a detector: int64 [n, 6] of (i, j, x0, y0, x1, y1).

        The boxes of pixels are inclusive, and span the pixels in which two opposite corners of the
        superpixel lie, whatever the rotation: neighbours share a row or column. Row after row.
        """
        j, i = np.mgrid[: self.ny, : self.nx]
        px, py = self.to_pixels(detector, i - 0.5, j - 0.5)
        qx, qy = self.to_pixels(detector, i + 0.5, j + 0.5)
        px, qx, py, qy = (np.floor(position + 0.5) for position in (px, qx, py, qy))
        x0 = np.clip(np.minimum(px, qx), 0, None)
        x1 = np.clip(np.maximum(px, qx), None, detector.width - 1)
        y0 = np.clip(np.minimum(py, qy), 0, None)
        y1 = np.clip(np.maximum(py, qy), None, detector.height - 1)
        inside = (x0 <= x1) & (y0 <= y1)
        return np.stack([edge[inside] for edge in (i, j, x0, y0, x1, y1)], axis=1).astype(np.int64)


def _inverse(
    a: float, b: float, c: float, e: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the inverse of [[a, b], [c, e]] by elimination, the larger first element first."""
    swapped = abs(c) > abs(a)
    if swapped:
        a, b, c, e = c, e, a, b
    factor = c / a
    last = e - factor * b
    # Columns of the inverse for right-hand sides (1, 0) and (0, 1) of the rows as they stand now.
    lower = (-factor / last, 1 / last)
    upper = ((1 - b * lower[0]) / a, (-b * lower[1]) / a)
    if swapped:
        return (upper[1], upper[0]), (lower[1], lower[0])
    return upper, lower


class FocalPlaneBackground:
    """Sums and counts in superpixels over a camera; made by `measure_focal_plane`.

    ``a + b`` merges two in that order, in float32: another order can differ in the last bit.

    Attributes
    ----------
    camera : Camera
    config : FocalPlaneBackgroundConfig
    sums, counts : float32 [ny, nx]
        Clipped mean times number of good pixels, and that number, summed over detectors.

    Raises
    ------
    SkyFrameError
        Sums and counts have not the shape of the camera's superpixels; on merging, the other has
        another shape or size of superpixels.
    """

    def __init__(
        self,
        camera: Camera,
        config: FocalPlaneBackgroundConfig,
        sums: ArrayLike,
        counts: ArrayLike,
    ) -> None:
        self.camera = camera
        self.config = config
        self.sums: NDArray[np.float32] = read_only(sums, np.float32)
        self.counts: NDArray[np.float32] = read_only(counts, np.float32)
        self._layout = Layout.of(camera, config)
        shape = (self._layout.ny, self._layout.nx)
        if self.sums.shape != shape or self.counts.shape != shape:
            raise SkyFrameError(
                f"Sums and counts of a focal plane have the shapes {self.sums.shape} and "
                f"{self.counts.shape}; its superpixels have {shape}."
            )

    def __add__(self, other: FocalPlaneBackground) -> FocalPlaneBackground:
        if not isinstance(other, FocalPlaneBackground):
            return NotImplemented
        ours, theirs = ((b.config.xSize, b.config.ySize, b.sums.shape) for b in (self, other))
        if ours != theirs:
            raise SkyFrameError(
                f"Backgrounds with superpixels of {ours[0]:g} x {ours[1]:g} ({_shape(ours[2])}) "
                f"and of {theirs[0]:g} x {theirs[1]:g} ({_shape(theirs[2])}) cannot be merged; "
                "measure both with one camera and one size."
            )
        return FocalPlaneBackground(
            self.camera, self.config, self.sums + other.sums, self.counts + other.counts
        )

    @property
    def least_count(self) -> np.float32:
        """Good pixels that a superpixel must have: minFrac of what is in one."""
        config = self.config
        x_pixels, y_pixels = config.xSize / config.pixelSize, config.ySize / config.pixelSize
        return np.float32(config.minFrac * x_pixels * y_pixels)

    @cached_property
    def _filled(self) -> NDArray[np.float32]:
        with np.errstate(divide="ignore", invalid="ignore"):
            grid = self.sums / self.counts
        bad = self.counts < self.least_count
        if not bad.all() and self.config.doSmooth:
            grid = smooth(grid, bad, self.config.smoothScale).astype(np.float32)
            bad = np.isnan(grid)
        if bad.all():
            raise SkyFrameError(self._why_nothing())
        if bad.any():
            grid = fill_bad(grid, bad, self.config.interpolation)
        return read_only(grid, np.float32)

    def _why_nothing(self) -> str:
        most = float(self.counts.max())
        if most == 0:
            return (
                "No pixel of the focal plane is good, so that it has no background; look at the "
                "mask planes in mask and at the exposures."
            )
        if most < self.least_count:
            return (
                f"No superpixel of the focal plane has the {float(self.least_count):.6g} good "
                f"pixels that minFrac = {self.config.minFrac:g} asks for; the fullest has "
                f"{most:.6g}. Lower minFrac, or look at pixelSize ({self.config.pixelSize:g})."
            )
        return (
            "No superpixel of the focal plane has a value after smoothing: with minFrac = 0 those "
            "without a good pixel are not filled, and smoothing carries that to all others; give "
            "a minFrac above 0, or doSmooth=false."
        )

    def superpixels(self) -> NDArray[np.float32]:
        """Return the background in superpixels, holes filled: float32 [ny, nx].

        Raises
        ------
        SkyFrameError
            No superpixel has enough good pixels, or a hole is to be filled with interpolation NONE.
        """
        return self._filled

    @property
    def level(self) -> float:
        """Median of all superpixels, the ring included; NaN if one is NaN.

        Raises
        ------
        SkyFrameError
            As `superpixels`.
        """
        grid = self._filled
        return float("nan") if np.isnan(grid).any() else float(np.median(grid))

    def grid(self, detector_name: str) -> BinGrid:
        """Return a detector's grid, bilinear between the superpixels.

        Cells are ``binning`` pixels wide, as many as fit. Those without a value have mask BAD and
        the mean of the others, NaN where there are no others.

        Raises
        ------
        SkyFrameError
            As `superpixels`; the camera has no such detector, or ``binning`` is larger than it.
        """
        detector, binning = self.camera[detector_name], self.config.binning
        nx, ny = detector.width // binning, detector.height // binning
        if not nx or not ny:
            raise SkyFrameError(
                f"Detector {detector_name} has {detector.width} x {detector.height} pixels, less "
                f"than one cell of binning = {binning}; choose a smaller binning."
            )
        y, x = np.mgrid[:ny, :nx]
        place = self._layout.of_pixels
        u, v = place(detector, (x + 0.5) * binning, (y + 0.5) * binning)
        left = place(detector, (x - 0.5) * binning, (y + 0.5) * binning)
        down = place(detector, (x + 0.5) * binning, (y - 0.5) * binning)
        # The original warps an image of ones along and divides by it: that cancels but for
        # roundings, which Akima's curve makes visible where the superpixels are linear.
        area = np.abs((u - left[0]) * (v - down[1]) - (v - left[1]) * (u - down[0]))
        warped = (_bilinear(self._filled, u, v) * area).astype(np.float32)
        ones = _bilinear(np.ones_like(self._filled), u, v)
        values = warped / (ones * area).astype(np.float32)
        empty = np.isnan(values)
        if empty.any() and not empty.all():
            values[empty] = np.mean(values[~empty])
        return BinGrid.from_values(
            values,
            (0, 0, detector.width - 1, detector.height - 1),
            errors=np.zeros(values.shape, np.float32),
            mask=np.where(empty, MaskPlanes.LSST_DEFAULT.bits(["BAD"]), 0),
        )

    def model(self, detector_name: str) -> BackgroundModel:
        """Return a detector's background, in the config's interpolation.

        Raises
        ------
        SkyFrameError
            As `grid`, or the interpolation is NONE.
        """
        return BackgroundModel(self.grid(detector_name), self.config.interpolation)


def _bilinear(
    grid: NDArray[np.float32], u: NDArray[np.float64], v: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return a grid at (u, v), summed in float32; NaN outside. Weights of 0 ask no neighbour."""
    ny, nx = grid.shape
    iu, iv = np.floor(u), np.floor(v)
    inside = (iu >= 0) & (iu <= nx - 2) & (iv >= 0) & (iv <= ny - 2)
    out = np.full(u.shape, np.nan, np.float32)
    fu, fv = (u - iu)[inside], (v - iv)[inside]
    i, j = iu[inside].astype(np.int64), iv[inside].astype(np.int64)

    def blend(
        low: NDArray[np.float32], high: NDArray[np.float32], part: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        first = (low * (1 - part)).astype(np.float32)
        second = np.where(part == 0, 0.0, high * part)
        return (first + second).astype(np.float32)

    lower = blend(grid[j, i], grid[j, i + 1], fu)
    upper = blend(grid[j + 1, i], grid[j + 1, i + 1], fu)
    out[inside] = blend(lower, upper, fv)
    return out


def measure_focal_plane(
    exposure: ExposureLike,
    detector_name: str,
    camera: Camera,
    config: FocalPlaneBackgroundConfig,
    watch: Watch | None = None,
    threads: int | None = None,
) -> FocalPlaneBackground:
    """Return one detector's part of the background over the focal plane.

    Parameters
    ----------
    exposure : Exposure, or what `as_exposure` takes
        Of the whole detector. Pixels with a plane of ``config.mask`` set, and those that are not
        finite, are left out.
    detector_name : str
        Which detector of the camera it is.
    camera : Camera
        With all of its detectors: superpixels are laid over the box of all.
    config : FocalPlaneBackgroundConfig
    watch : Watch, optional
        Told of pieces of about a million pixels.
    threads : int, optional
        How many; by default one for each processor. The result is the same for any number.

    Raises
    ------
    SkyFrameError
        The camera has no such detector, the exposure has another size, or there would be too many
        superpixels.
    Cancelled
        The watch said so.
    """
    from skyframe_gui.engine import kernels

    detector = camera[detector_name]
    exposure = as_exposure(exposure)
    if (exposure.width, exposure.height) != (detector.width, detector.height):
        raise SkyFrameError(
            f"{exposure.name or 'The exposure'} has {exposure.width} x {exposure.height} pixels, "
            f"but detector {detector_name} of {camera.name or 'the camera'} has "
            f"{detector.width} x {detector.height}; they must be alike."
        )
    layout = Layout.of(camera, config)
    boxes = layout.boxes(detector)
    bits = exposure.planes.left_out(config.mask) if exposure.has_mask else 0
    mask = exposure.mask if bits else exposure.image.view(np.int32)  # no plane of it counts
    code = kernels.STATISTIC_CODES["MEANCLIP"]
    means, n_good = np.empty(len(boxes)), np.empty(len(boxes), np.int64)

    def run(members: NDArray[np.int64]) -> None:
        for k in members:
            _, _, x0, y0, x1, y1 = (int(edge) for edge in boxes[k])
            kernels.statistics_of_boxes(
                exposure.image,
                mask,
                bits,
                np.array([x0, x1 + 1]),
                np.array([y0, y1 + 1]),
                code,
                CLIP,
                N_ITER,
                recycled((1, kernels.scratch_size((x1 - x0 + 1) * (y1 - y0 + 1), 1)))[0],
                means[k : k + 1].reshape(1, 1),
                np.empty((1, 1)),
                n_good[k : k + 1].reshape(1, 1),
                np.empty((1, 1), np.int64),
            )

    label = f"Measuring {exposure.name}".strip()
    run_pieces(run, list(_pieces(boxes)), watch, label, threads)
    sums = np.zeros((layout.ny, layout.nx), np.float32)
    counts = np.zeros_like(sums)
    known = np.isfinite(means)
    at = boxes[known, 1], boxes[known, 0]
    sums[at] = means[known] * n_good[known]
    counts[at] = n_good[known]
    return FocalPlaneBackground(camera, config, sums, counts)


def _pieces(boxes: NDArray[np.int64]) -> Iterable[NDArray[np.int64]]:
    """Share the boxes out in pieces of about `PIECE_PIXELS`, in their order."""
    pixels = (boxes[:, 4] - boxes[:, 2] + 1) * (boxes[:, 5] - boxes[:, 3] + 1)
    piece = (np.cumsum(pixels) - pixels) // PIECE_PIXELS
    return np.split(np.arange(len(boxes)), np.flatnonzero(np.diff(piece)) + 1)


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(str(n) for n in reversed(shape))

"""Samples: an exposure and the model of its sky frame measured in the same boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.given import as_exposure
from skyframe_gui.engine.statistics import NO_MASK, Box, box_statistics

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from skyframe_gui.engine.config import SkyMeasurementConfig
    from skyframe_gui.engine.given import ExposureLike
    from skyframe_gui.engine.model import BackgroundModel
    from skyframe_gui.engine.progress import Watch
    from skyframe_gui.engine.scale import ScaleSolution


class Samples:
    """Image samples of one exposure and the samples of its sky frame in the same boxes.

    Parameters
    ----------
    image, sky : array [n]
        Statistic of each box over the exposure's good pixels, and over the sky model.
    good_fraction : array [n], optional
        Good pixels by pixels of the box; 1 where not given.
    boxes : int array [n, 4], optional
        (x0, y0, x1, y1), half-open, relative to the exposure's lower left pixel.
    detector : str
        Which detector this is.

    Raises
    ------
    SkyFrameError
        The arrays do not belong together.
    """

    def __init__(
        self,
        image: ArrayLike,
        sky: ArrayLike,
        good_fraction: ArrayLike | None = None,
        boxes: ArrayLike | None = None,
        detector: str = "",
    ) -> None:
        self.image: NDArray[np.float64] = read_only(np.ravel(image), np.float64)
        self.sky: NDArray[np.float64] = read_only(np.ravel(sky), np.float64)
        n = len(self.image)
        fractions = np.ones(n) if good_fraction is None else np.ravel(good_fraction)
        corners = np.zeros((n, 4), np.int64) if boxes is None else np.asarray(boxes)
        if len(self.sky) != n or len(fractions) != n or corners.shape != (n, 4):
            raise SkyFrameError(
                f"The samples of detector {detector or '(no name)'} do not belong together: "
                f"{n} of the image, {len(self.sky)} of the sky, {len(fractions)} good fractions, "
                f"boxes of shape {corners.shape}."
            )
        self.good_fraction: NDArray[np.float64] = read_only(fractions, np.float64)
        self.boxes: NDArray[np.int64] = read_only(corners, np.int64)
        self.detector = detector

    def __len__(self) -> int:
        return len(self.image)

    def __repr__(self) -> str:
        return f"<Samples: {len(self)} of detector {self.detector or '(no name)'}>"

    def plot(self, solution: ScaleSolution | None = None, axes: Any = None) -> Any:
        """Draw image against sky samples with matplotlib (the extra ``plot``); return the axes.

        Parameters
        ----------
        solution : ScaleSolution, optional
            The fit to these samples alone: its line, and what it rejected.
        axes : matplotlib axes, optional
            To draw into; new ones where not given.

        Raises
        ------
        SkyFrameError
            There is no matplotlib, or the solution is of other samples.
        """
        from skyframe_gui.engine.showing import plotted_samples

        return plotted_samples(self, solution, axes)


def sample_limits(size: int, n_samples: int) -> NDArray[np.int64]:
    """Return the edges of the sample boxes along an axis: at most one box a pixel."""
    return np.linspace(0, size, min(n_samples, size) + 1).astype(np.int64)


def measure_scale(
    exposure: ExposureLike,
    model: BackgroundModel,
    config: SkyMeasurementConfig,
    watch: Watch | None = None,
    threads: int | None = None,
) -> Samples:
    """Return the samples of an exposure against a sky model, the x index of the boxes outer.

    Parameters
    ----------
    exposure : Exposure, or what `as_exposure` takes
        Pixels with a plane of ``config.stats.mask`` set are left out of the image samples.
    model : BackgroundModel
        The sky; sampled without any mask. Where it is larger than the exposure the part that the
        exposure covers is used.
    config : SkyMeasurementConfig
        ``xNumSamples``, ``yNumSamples`` and ``stats``.
    watch : Watch, optional
        Told of every piece of work.
    threads : int, optional
        How many; by default one for each processor.

    Raises
    ------
    SkyFrameError
        The exposure is not wholly inside the model's bounding box.
    Cancelled
        The watch said so.
    """
    exposure = as_exposure(exposure)
    x, y, _, _ = model.box_of(exposure.bbox, exposure.name)
    x_limits = sample_limits(exposure.width, config.xNumSamples)
    y_limits = sample_limits(exposure.height, config.yNumSamples)
    stats = config.stats
    how = (x_limits, y_limits, stats.statistic, stats.clip, stats.nIter, watch)
    label = f"Sampling {exposure.name}".strip()
    bits = exposure.planes.left_out(stats.mask) if exposure.has_mask else 0
    image = box_statistics(exposure.image, exposure.mask, bits, *how, label, threads)

    fill = model.parts()

    def sky_image(box: Box, out: NDArray[np.float32]) -> NDArray[np.float32]:
        # A part at a time, not the whole: it is measured while it is in the cache.
        x0, y0, x1, y1 = box
        return fill((x + x0, y + y0, x + x1, y + y1), out)

    sky = box_statistics(sky_image, NO_MASK, 0, *how, "Sampling the sky frame", threads)

    nx, ny = len(x_limits) - 1, len(y_limits) - 1
    i, j = (index.ravel() for index in np.meshgrid(np.arange(nx), np.arange(ny), indexing="ij"))
    boxes = np.stack([x_limits[i], y_limits[j], x_limits[i + 1], y_limits[j + 1]], axis=1)
    pixels = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return Samples(
        image.value.T.ravel(),
        sky.value.T.ravel(),
        image.n_good.T.ravel() / pixels,
        boxes,
        exposure.detector,
    )

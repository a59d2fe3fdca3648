"""How the engine's values look in a notebook: cards with a small picture, and plots.

Pictures need Pillow, plots matplotlib (the extra ``plot``); each is imported when it is asked for.
"""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from skyframe_gui.engine.bins import BinGrid
    from skyframe_gui.engine.samples import Samples
    from skyframe_gui.engine.scale import ScaleSolution

SIDE = 192
"""Pixels of the longer side of a card's picture."""
NO_VALUE = (176, 84, 84)
"""Red, green and blue of a pixel without a value."""


def card(
    title: str, rows: Mapping[str, object], pixels: NDArray[Any] | None = None, below: str = ""
) -> str:
    """Return a few lines of HTML: a title, names with values, a picture of ``pixels`` if given."""
    cells = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in rows.items()
    )
    shown = "" if pixels is None else f"<div>{picture(pixels)}</div>"
    return (
        f"<div style='display:flex;gap:16px;align-items:flex-start'>{shown}"
        f"<div><b>{escape(title)}</b><table>{cells}</table>{below}</div></div>"
    )


def table(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table as HTML."""
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(value))}</td>" for value in row) + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def picture(pixels: NDArray[Any]) -> str:
    """Return an image element: greys from the 1st to the 99th percentile, the first row lowest.

    Of many pixels every n-th is looked at.
    """
    from PIL import Image

    every = max(-(-max(pixels.shape) // SIDE), 1)
    values = np.asarray(pixels[::every, ::every], np.float64)
    good = np.isfinite(values)
    low, high = np.percentile(values[good], [1, 99]) if good.any() else (0.0, 1.0)
    span = high - low if high > low else 1.0
    grey = np.clip(np.where(good, values - low, 0) / span * 255, 0, 255).astype(np.uint8)
    colours = np.repeat(grey[:, :, np.newaxis], 3, axis=2)
    colours[~good] = NO_VALUE
    image = Image.fromarray(colours[::-1])
    enlarged = max(SIDE // max(image.size), 1)
    image = image.resize(
        (image.width * enlarged, image.height * enlarged), Image.Resampling.NEAREST
    )
    stored = io.BytesIO()
    image.save(stored, "PNG")
    data = base64.b64encode(stored.getvalue()).decode()
    return (
        f"<img alt='' width={image.width} height={image.height} src='data:image/png;base64,{data}'>"
    )


def plotted_grid(grid: BinGrid, title: str, axes: Any) -> Any:
    """Draw a grid's values over the detector's pixels; return the matplotlib axes."""
    axes = _axes(axes)
    x0, y0, x1, y1 = grid.bbox
    shown = axes.imshow(
        grid.values, origin="lower", extent=(x0 - 0.5, x1 + 0.5, y0 - 0.5, y1 + 0.5), cmap="viridis"
    )
    axes.figure.colorbar(shown, ax=axes, label="value")
    axes.set(xlabel="x [px]", ylabel="y [px]", title=title)
    return axes


def plotted_samples(samples: Samples, solution: ScaleSolution | None, axes: Any) -> Any:
    """Draw image samples against sky samples, with a fit; return the matplotlib axes."""
    axes = _axes(axes)
    if solution is None:
        axes.plot(samples.sky, samples.image, ".", label="samples")
    else:
        if len(solution.rejected_at) != len(samples):
            raise SkyFrameError(
                f"The solution is of {len(solution.rejected_at)} samples but there are "
                f"{len(samples)}; plot the samples of a visit's detectors one by one without it."
            )
        kept = solution.rejected_at == -1
        axes.plot(samples.sky[kept], samples.image[kept], ".", label="used")
        rejected = solution.rejected_at >= 0
        axes.plot(samples.sky[rejected], samples.image[rejected], "x", label="rejected")
        finite = samples.sky[np.isfinite(samples.sky)]
        if len(finite):
            ends = np.array([finite.min(), finite.max()])
            axes.plot(ends, solution.scale * ends, "-", label=f"scale {solution.scale:.6g}")
    axes.set(xlabel="sky frame", ylabel="image", title=f"detector {samples.detector}".strip())
    axes.legend()
    return axes


def _axes(axes: Any) -> Any:
    if axes is not None:
        return axes
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise SkyFrameError(
            "Plots are drawn with matplotlib, which is not installed: "
            'pip install "skyframe_gui[plot]".'
        ) from error
    return pyplot.subplots()[1]

"""Values in a notebook: a short line, a card with a picture, a plot."""

from __future__ import annotations

import base64
import io
import re
import sys

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from skyframe_gui.engine import (
    BinGrid,
    Exposure,
    Samples,
    SkyFrameError,
    SkyMeasurementConfig,
    average_backgrounds,
    solve_scales,
)

mpl.use("agg")

VALUES = np.arange(12, dtype=np.float32).reshape(3, 4)
VALUES[0, 1] = np.nan
GRID = BinGrid.from_values(VALUES, (10, 20, 49, 49))
FRAME = average_backgrounds([GRID, BinGrid.from_values(VALUES + 2, GRID.bbox)], "LINEAR")
SKY = np.linspace(90, 110, 40)
IMAGE = 2 * SKY + 0.1 * np.cos(np.arange(40))
IMAGE[5] += 2
SAMPLES = Samples(IMAGE, SKY, detector="S29")
SOLUTION = solve_scales([SAMPLES], SkyMeasurementConfig())
EXPOSURE = Exposure(
    np.arange(400 * 300, dtype=np.float32).reshape(400, 300),
    np.zeros((400, 300), np.int32),
    detector="S29",
    visit="12",
    name="a<b>.fits",
)


def text_of(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", re.sub("<img[^>]*>", "", html)).split())


def image_in(html: str) -> np.ndarray:
    (data,) = re.findall("base64,([^']+)'", html)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def test_each_is_one_short_line() -> None:
    assert repr(GRID) == "<BinGrid: 4 x 3 bins of 40 x 30 px>"
    assert repr(FRAME) == "<SkyFrame: 4 x 3 bins of 2 exposures, LINEAR>"
    assert repr(SAMPLES) == "<Samples: 40 of detector S29>"
    assert repr(Samples([1.0], [2.0])) == "<Samples: 1 of detector (no name)>"
    assert re.fullmatch(
        r"<ScaleSolution: 2\.0\d* \+- 0\.000\d+, 39 of 40 samples used>", repr(SOLUTION)
    )


def test_cards_say_what_is_in_them() -> None:
    assert text_of(GRID._repr_html_()) == (
        "Bin grid bins 4 x 3 detector 40 x 30 px at (10, 20) median 6 without a value 1"
    )
    assert text_of(FRAME._repr_html_()) == (
        "Sky frame bins 4 x 3 detector 40 x 30 px at (10, 20) median 7 without a value 0 "
        "exposures 2 filled 1 interpolation LINEAR"
    )
    assert text_of(EXPOSURE._repr_html_()) == (
        "a&lt;b&gt;.fits size 300 x 400 at (0, 0) detector S29 visit 12 planes image, mask"
    )
    assert text_of(Exposure(VALUES, variance=VALUES)._repr_html_()) == (
        "Exposure size 4 x 3 at (0, 0) detector (no name) visit (none) planes image, variance"
    )
    empty = BinGrid.from_values(np.full((1, 1), np.nan, np.float32), (0, 0, 3, 3))
    assert "median none without a value 1" in text_of(empty._repr_html_())


def test_the_card_of_a_scale_lists_its_rounds() -> None:
    told = text_of(SOLUTION._repr_html_())
    assert "samples 39 of 40 used round scale sigma used rejected 0" in told
    first = SOLUTION.iterations[0]
    assert f"0 {first.scale:.6g} {first.sigma:.4g} 40 1 1 " in told


def test_pictures_have_the_first_row_lowest_and_show_where_there_is_no_value() -> None:
    shown = image_in(GRID._repr_html_())
    assert shown.shape == (144, 192, 3)
    bins = shown[24::48, 24::48]
    assert bins[2, 1].tolist() == [176, 84, 84]
    assert bins[2, 0].tolist() == [0, 0, 0]
    assert bins[0, 3].tolist() == [255, 255, 255]
    assert bins[0, 0, 0] < bins[0, 1, 0] < bins[0, 2, 0]
    large = image_in(EXPOSURE._repr_html_())
    assert large.shape == (134, 100, 3)
    assert large[-1, 0, 0] < large[60, 0, 0] < large[0, 0, 0]


def test_a_grid_is_drawn_over_its_pixels() -> None:
    for one, title in ((GRID, "bin grid"), (FRAME, "sky frame")):
        axes = one.plot()
        (shown,) = axes.images
        assert shown.get_extent() == [9.5, 49.5, 19.5, 49.5]
        assert shown.origin == "lower"
        assert axes.get_title() == title
        values = one.values if one is GRID else one.grid.values
        np.testing.assert_array_equal(np.asarray(shown.get_array()), values)
        mpl.pyplot.close(axes.figure)


def test_samples_are_drawn_with_what_the_fit_rejected() -> None:
    axes = mpl.pyplot.subplots()[1]
    assert SAMPLES.plot(SOLUTION, axes) is axes
    used, rejected, line = axes.lines
    assert len(used.get_xdata()) == 39
    assert rejected.get_ydata().tolist() == [IMAGE[5]]
    assert line.get_xdata().tolist() == [90, 110]
    assert line.get_ydata().tolist() == [90 * SOLUTION.scale, 110 * SOLUTION.scale]
    assert [text.get_text() for text in axes.get_legend().texts] == [
        "used",
        "rejected",
        f"scale {SOLUTION.scale:.6g}",
    ]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("sky frame", "image")
    mpl.pyplot.close(axes.figure)
    alone = SAMPLES.plot()
    (points,) = alone.lines
    assert len(points.get_xdata()) == 40
    mpl.pyplot.close(alone.figure)


def test_a_solution_of_other_samples_is_refused() -> None:
    with pytest.raises(SkyFrameError, match=r"of 40 samples but there are 1;"):
        Samples([1.0], [2.0]).plot(SOLUTION)


def test_without_matplotlib_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SkyFrameError, match=r'pip install "skyframe_gui\[plot\]"'):
        FRAME.plot()

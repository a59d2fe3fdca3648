"""Limits, histograms and quantiles of what is shown, against numpy and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from astropy.visualization import ZScaleInterval
from fitted_visits import make_fit
from made_items import a_frame, a_sky_frame

from skyframe_gui.app.model import display_limits
from skyframe_gui.app.model.comparison import Comparison, Pin, Sweep, SweepPoint
from skyframe_gui.app.model.items import Options
from skyframe_gui.app.model.residual_map import residual_map
from skyframe_gui.app.model.shown import Pyramid, Shown
from skyframe_gui.app.model.stack_view import NO_VALUE, OUTSIDE, USED, BinView, has_bin
from skyframe_gui.app.model.view import View
from skyframe_gui.app.model.visit_fit import residual_rms, sample_ids
from skyframe_gui.engine import BinGrid, Exposure, MaskPlanes, SkyMeasurementConfig

SIGMA = "\N{GREEK SMALL LETTER SIGMA}"
VALUES = np.array([-8.0, -2, -1, 0, 1, 2, 3, 40, np.nan, np.inf])
FINITE = VALUES[:8]
MODES = {"zscale", "min-max", "99.9 %", "99.5 %", "99 %", "98 %", "95 %", "90 %"}


def test_each_preset_has_its_own_limits() -> None:
    found = display_limits.presets(VALUES)
    assert set(found) == MODES
    assert found["min-max"] == (-8.0, 40.0)
    assert found["zscale"] == pytest.approx(ZScaleInterval(n_samples=4000).get_limits(FINITE))
    for mode in MODES - {"zscale", "min-max"}:
        outside = 100 - float(mode.split()[0])
        wanted = np.percentile(FINITE, (outside / 2, 100 - outside / 2))
        assert found[mode] == pytest.approx(tuple(wanted))


def test_presets_about_0_reach_as_far_on_either_side() -> None:
    found = display_limits.symmetric_presets(VALUES)
    sizes = np.abs(FINITE)
    sigma = float(np.percentile(sizes, 68.27))
    wanted = {"min-max": 40.0, f"3 {SIGMA}": 3 * sigma, f"5 {SIGMA}": 5 * sigma}
    wanted[f"10 {SIGMA}"] = 10 * sigma
    wanted |= {f"{one} %": float(np.percentile(sizes, one)) for one in (99.5, 98, 95)}
    assert found == {mode: pytest.approx((-half, half)) for mode, half in wanted.items()}
    given = display_limits.symmetric_presets(VALUES, 2.0)
    assert given[f"3 {SIGMA}"] == (-6.0, 6.0)
    assert given["98 %"] == found["98 %"]


@pytest.mark.parametrize(("values", "half"), [([], 1.0), ([0.0, 0.0], 1.0), ([np.nan], 1.0)])
def test_presets_about_0_of_nothing_are_one_wide(values: list[float], half: float) -> None:
    assert set(display_limits.symmetric_presets(np.array(values)).values()) == {(-half, half)}


@pytest.mark.parametrize(
    ("values", "pair"),
    [
        ([], (0.0, 1.0)),
        ([0.0], (-0.5, 0.5)),
        ([1000.0], (999.0, 1001.0)),
        ([-2.0], (-2.002, -1.998)),
    ],
)
def test_one_value_alone_has_limits_about_it(
    values: list[float], pair: tuple[float, float]
) -> None:
    found = display_limits.presets(np.array(values))
    assert found == {mode: pytest.approx(pair) for mode in MODES}


def test_a_histogram_is_about_the_middle_and_a_little_wider() -> None:
    values = np.linspace(0.0, 1000.0, 2001)
    counts, edges = display_limits.histogram_of(values)
    low, high = np.percentile(values, (0.25, 99.75))
    assert len(counts) == 128
    assert (edges[0], edges[-1]) == pytest.approx(
        (low - 0.3 * (high - low), high + 0.3 * (high - low))
    )
    assert counts.sum() == 2001
    assert display_limits.histogram_of(np.full(3, 5.0))[1][[0, -1]] == pytest.approx([3.5, 6.5])
    assert display_limits.histogram_of(np.zeros(3))[1][[0, -1]] == pytest.approx([-0.3, 0.3])
    quantiles = display_limits.quantiles_of(values)
    assert len(quantiles) == 257
    assert quantiles[[0, 64, 128, 256]] == pytest.approx([0, 250, 500, 1000])


PLANES = MaskPlanes({"SAT": 1, "BAD": 0})


def test_every_layer_is_measured_from_the_pixels_that_count() -> None:
    rng = np.random.default_rng(1)
    image = rng.normal(1000, 10, (600, 520)).astype(np.float32)
    mask = np.zeros(image.shape, np.int32)
    mask[:200] = 2  # SAT
    mask[200:220] = 1  # BAD, which is not left out
    image[:200] += 9000
    exposure = Exposure(image, mask, planes=PLANES, detector="1")
    grid = BinGrid.from_values(rng.normal(1000, 1, (12, 12)), (0, 0, 519, 599))
    frame = a_frame(sky_frame=a_sky_frame(rng.normal(1, 0.1, (12, 12))))
    model = Pyramid((np.ones((60, 60), np.float32), np.full((2, 2), 3.0, np.float32)))
    found = display_limits.measure(exposure, ("SAT",), grid, frame, model)
    every = 2  # of 312,000 pixels a quarter is more than 65,536: less is not looked at
    pixels = image[::every, ::every].ravel().astype(float)
    assert found.limits["exposure"] == display_limits.presets(pixels)
    sky = image[200::every, ::every].ravel().astype(float)
    low, middle, high = np.percentile(sky, (15.9, 50, 84.1))
    assert found.level == pytest.approx(middle)
    assert found.limits["subtracted"][f"3 {SIGMA}"] == pytest.approx(
        (-1.5 * (high - low), 1.5 * (high - low)), rel=1e-4
    )
    assert found.limits["subtracted"]["min-max"][1] == pytest.approx(np.abs(sky - middle).max())
    assert found.limits["own grid"] == display_limits.presets(grid.values)
    assert found.limits["grid"] == display_limits.presets(frame.sky_frame.grid.values)
    assert found.limits["model"] == found.limits["grid"]
    layers = {"exposure", "subtracted", "own grid", "grid", "model"}
    assert set(found.limits) == set(found.histograms) == set(found.quantiles) == layers
    assert found.quantiles["model"].tolist() == [3.0] * 257
    assert found.histograms["exposure"][0].sum() == np.count_nonzero(
        (pixels >= found.histograms["exposure"][1][0])
        & (pixels <= found.histograms["exposure"][1][-1])
    )
    own = display_limits.measure(exposure, ("SAT",), grid, None, model)
    assert own.limits["grid"] == own.limits["own grid"] == own.limits["model"]


def test_a_sky_frame_alone_and_an_exposure_without_sky_are_measured_as_far_as_they_go() -> None:
    frame = a_frame()
    model = Pyramid((np.full((2, 2), 3.0, np.float32),))
    alone = display_limits.measure(None, (), None, frame, model)
    assert set(alone.limits) == {"grid", "model"}
    assert np.isnan(alone.level)
    bare = display_limits.measure(None, (), None, None, model)
    assert bare.limits == {"model": display_limits.presets(np.array([3.0]))}
    # Of 17 good pixels the sky is measured, of 16 all pixels are taken.
    image = np.arange(100.0, dtype=np.float32).reshape(10, 10)
    for n, level in ((17, 91.0), (16, 49.5)):
        mask = np.ones(image.shape, np.int32)
        mask.flat[-n:] = 0
        few = Exposure(image, mask, planes=PLANES)
        assert display_limits.measure(few, ("BAD",), None, None, model).level == level
    empty = Exposure(np.full((10, 10), np.nan, np.float32))
    nothing = display_limits.measure(empty, (), None, None, model)
    assert np.isnan(nothing.level)
    assert set(nothing.histograms) == set(nothing.quantiles) == {"model"}
    assert nothing.limits["subtracted"][f"5 {SIGMA}"] == (-5.0, 5.0)


# Values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("per_pixel", "level"), [(0.5, 2), (4.0, 2), (8.0, 3), (99.0, 3)])
def test_of_a_pyramid_without_its_large_levels_the_next_is_taken(
    per_pixel: float, level: int
) -> None:
    levels = tuple(np.ones((side, side), np.float32) for side in (8, 4))
    found, k = Pyramid(levels, first=2).level(per_pixel)
    assert k == level
    assert found is levels[level - 2]


def test_planes_are_those_of_the_exposure() -> None:
    bare = Shown(key="a", width=2, height=2, xy0=(0, 0))
    assert bare.planes is None
    exposure = Exposure(np.ones((2, 2), np.float32), np.zeros((2, 2), np.int32), planes=PLANES)
    assert replace(bare, exposure=exposure).planes is exposure.planes


def test_a_map_is_moved_to_another_scale_and_offset_by_the_models_means() -> None:
    grid = BinGrid.from_values([[1.0, np.nan], [3.0, -4.0]], (0, 0, 9, 9))
    means = np.array([[10.0, 20.0], [30.0, 40.0]])
    config = SkyMeasurementConfig().background
    made = residual_map("a", grid, 2.0, means, config, ("inputs",))
    assert (made.key, made.scale, made.inputs, made.background) == ("a", 2.0, ("inputs",), config)
    assert made.at(2.0) is grid
    assert made.at(2.0, 0.5).values.tolist() == [
        [0.5, pytest.approx(np.nan, nan_ok=True)],
        [2.5, -4.5],
    ]
    moved = made.at(2.1, 0.5).values
    np.testing.assert_allclose(moved, [[-0.5, np.nan], [-0.5, -8.5]], rtol=1e-5)
    assert moved.dtype == np.float32
    assert not moved.flags.writeable
    assert made.without_data.tolist() == [[False, True], [False, False]]
    planes = (grid.values, grid.errors, grid.mask, grid.n_good, grid.n_clipped, means)
    assert made.nbytes == sum(one.nbytes for one in planes)
    assert made.limits == display_limits.symmetric_presets(grid.values)
    assert made.quantiles is not None
    assert made.quantiles[[0, -1]].tolist() == [-4.0, 3.0]
    assert made.histogram is not None
    nothing = residual_map("a", made.at(np.nan), 1.0, means, config, ())
    assert (nothing.histogram, nothing.quantiles) == (None, None)


def a_bin_view(clipped_at: list[int]) -> BinView:
    values = np.ones(len(clipped_at))
    return BinView(
        stack=None,  # type: ignore[arg-type]  # nobody looks
        place=(0, 0),
        box=(0, 1, 0, 1),
        values=values,
        low=values,
        high=values,
        clipped_at=np.array(clipped_at),
        value=1.0,
        error=1.0,
        filled=False,
    )


def test_exposures_of_a_bin_are_counted_by_what_became_of_them() -> None:
    view = a_bin_view([0, 2, USED, USED, USED, NO_VALUE, OUTSIDE, OUTSIDE])
    assert [view.count(what) for what in (USED, NO_VALUE, OUTSIDE)] == [3, 1, 2]
    assert view.n_clipped == 2


@pytest.mark.parametrize(
    ("place", "there"),
    [
        (None, False),
        ((0, 0), True),
        ((2, 1), True),
        ((3, 1), False),
        ((2, 2), False),
        ((-1, 0), False),
        ((0, -1), False),
    ],
)
def test_a_stack_has_the_bins_of_its_grid(place: tuple[int, int] | None, there: bool) -> None:
    class Stack:
        values = np.ones((5, 2, 3))

    assert has_bin(Stack, place) is there  # type: ignore[arg-type]  # only its values are looked at


def test_the_scatter_of_a_fit_is_that_of_the_samples_it_kept() -> None:
    fit = make_fit()
    image = np.concatenate([one.image for one in fit.samples])
    sky = np.concatenate([one.sky for one in fit.samples])
    kept = fit.solution.rejected_at == -1
    left = image[kept] - fit.solution.scale * sky[kept]
    assert residual_rms(fit) == pytest.approx(np.sqrt(np.mean(left**2)))
    none = replace(fit, solution=replace(fit.solution, rejected_at=np.zeros(len(image), np.int64)))
    assert np.isnan(residual_rms(none))
    ids = sample_ids(fit)
    assert len(ids) == len(image)
    assert [key for key, _ in ids[::36]] == list(fit.keys)
    chosen = tuple(one for one, is_in in zip(ids, kept, strict=True) if is_in)
    assert sample_ids(fit, kept) == chosen
    assert fit.complete
    assert not replace(fit, n_members=5).complete


def test_a_comparison_tells_the_fields_that_differ() -> None:
    pin = Pin(config=SkyMeasurementConfig(), options=Options())
    fit = make_fit()
    found = Comparison(
        a=fit,
        b=make_fit(2),
        pins=(pin, pin),
        fields=(("one", "1", "1"), ("two", "1", "2")),
        same_boxes=False,
        rises=({}, {}),
    )
    assert found.differing == (("two", "1", "2"),)
    assert found.fits == (found.a, found.b)
    sweep = Sweep(
        fields=("skyRej", "skyIter"),
        values=((2.0, 3.0), (1, 2, 3)),
        config=pin.config,
        visit="7",
        points=(SweepPoint(values=(2.0, 1)),) * 5,
    )
    assert not sweep.complete
    whole = replace(sweep, points=(SweepPoint(values=(2.0, 3)),) * 6)
    assert whole.complete
    config = whole.config_of(whole.points[0])
    assert (config.skyRej, config.skyIter) == (2.0, 3)
    first = whole.points[0]
    assert np.isnan([first.scale, first.error, first.rms]).all()
    assert (first.n_used, first.n_rejected, first.why) == (0, 0, "")


def test_the_toolbar_speaks_of_the_active_pane_and_in_compare_of_what_is_compared() -> None:
    view = View(active=2)
    assert (view.active_layer, view.active_frame) == ("subtracted", 2)
    compared = replace(view, workspace="compare", compared="model")
    assert (compared.active_layer, compared.active_frame) == ("model", 0)

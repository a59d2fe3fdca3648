"""What must hold for any exposure, grid and set of samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from skyframe_gui.engine import (
    BackgroundConfig,
    BackgroundModel,
    BinGrid,
    Exposure,
    MaskPlanes,
    Samples,
    SkyFrameError,
    SkyMeasurementConfig,
    average_backgrounds,
    compute_statistic,
    measure_background,
    measure_scale,
    solve_scales,
    styles,
    subtract_sky_frame,
)
from skyframe_gui.engine.statistics import NO_MASK, box_statistics

PLANES = MaskPlanes.LSST_DEFAULT
NAMES = styles.names()
values32 = st.floats(-1e4, 1e4, width=32)
images = hnp.arrays(
    np.float32, st.tuples(st.integers(1, 40), st.integers(1, 40)), elements=values32
)
grids = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    elements=st.one_of(values32, st.just(np.nan)),
)


def model_over(values: np.ndarray, name: str, width: int = 47, height: int = 39) -> BackgroundModel:
    return BackgroundModel(BinGrid.from_values(values, (5, -3, 5 + width - 1, height - 4)), name)


def random_exposure(seed: int, shape: tuple[int, int] = (217, 305), **more: object) -> Exposure:
    rng = np.random.default_rng(seed)
    image = rng.normal(1000, 10, shape).astype(np.float32)
    image[rng.random(shape) < 0.01] = np.nan
    image[rng.random(shape) < 0.02] += 5000
    mask = (rng.random(shape) < 0.05).astype(np.int32) << PLANES["DETECTED"]
    return Exposure(image, mask, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("short", ["sky", "good_fraction", "boxes"])
def test_samples_of_different_numbers_are_refused_whichever_is_short(short: str) -> None:
    parts = {"sky": np.ones(3), "good_fraction": np.ones(3), "boxes": np.ones((3, 4), np.int64)}
    assert len(Samples(np.ones(3), **parts)) == 3
    parts[short] = parts[short][:2]
    with pytest.raises(SkyFrameError, match="do not belong together"):
        Samples(np.ones(3), **parts)


@given(images, st.sampled_from(["MEAN", "MEDIAN", "MEANCLIP"]), st.data())
def test_masked_pixels_never_matter(image: np.ndarray, statistic: str, data: st.DataObject) -> None:
    mask = data.draw(hnp.arrays(np.int32, image.shape, elements=st.sampled_from([0, 1, 2, 3])))
    other = np.where(mask & 1, np.float32(np.nan), image)
    wild = np.where(mask & 1, np.float32(3e38), image)
    expected = compute_statistic(image, mask, 1, statistic)
    assert compute_statistic(other, None, 0, statistic) == pytest.approx(expected, nan_ok=True)
    assert compute_statistic(wild, mask, 1, statistic) == pytest.approx(expected, nan_ok=True)
    assert expected.n_good == int((mask & 1 == 0).sum())


@given(
    hnp.arrays(
        np.float32,
        st.integers(193, 900),
        elements=st.one_of(values32, st.integers(-3, 3).map(float)),
    )
)
def test_quartiles_by_counting_are_those_of_sorting(values: np.ndarray) -> None:
    exact = float(np.percentile(values.astype(np.float64), 50))
    assert compute_statistic(values, statistic="MEDIAN").value == pytest.approx(exact, abs=1e-9)


@given(images, st.floats(1.5, 4), st.integers(1, 5))
def test_clipping_uses_a_part_of_the_good_pixels(
    image: np.ndarray, clip: float, n_iter: int
) -> None:
    result = compute_statistic(image, clip=clip, n_iter=n_iter)
    assert 0 <= result.n_used <= result.n_good == image.size
    if not np.isnan(result.value):
        assert image.min() - 1e-3 <= result.value <= image.max() + 1e-3


@pytest.mark.parametrize("value", [0.1, 1e6 + 1 / 3, -7.7, 1e-30])
def test_equal_pixels_are_never_lost_to_a_rounding(value: float) -> None:
    image = np.full(1001, value, np.float32)
    image[::100] = np.float32(value) * 3 + 1
    result = compute_statistic(image)
    assert result.n_used == 990
    assert result.value == pytest.approx(float(np.float32(value)), rel=1e-7)


@given(grids, st.sampled_from(NAMES), st.data())
def test_a_part_of_the_model_image_is_cut_out_of_the_whole(
    values: np.ndarray, name: str, data: st.DataObject
) -> None:
    model = model_over(values, name)
    x0 = data.draw(st.integers(0, 46))
    x1 = data.draw(st.integers(x0 + 1, 47))
    y0 = data.draw(st.integers(0, 38))
    y1 = data.draw(st.integers(y0 + 1, 39))
    np.testing.assert_array_equal(model.image((x0, y0, x1, y1)), model.image()[y0:y1, x0:x1])


@given(st.sampled_from(NAMES), values32, st.integers(1, 9), st.integers(1, 9))
def test_a_flat_grid_gives_a_flat_image(name: str, level: float, nx: int, ny: int) -> None:
    image = model_over(np.full((ny, nx), level, np.float32), name).image()
    np.testing.assert_allclose(image, np.float32(level), rtol=3e-7)


@given(st.sampled_from(NAMES), st.integers(1, 12), st.data())
def test_every_style_passes_through_its_nodes(name: str, n: int, data: st.DataObject) -> None:
    style = styles.fitting(name, n)
    assert n >= style.MIN_POINTS
    steps = data.draw(hnp.arrays(np.float64, n, elements=st.floats(0.5, 40)))
    x = np.cumsum(steps)
    y = data.draw(hnp.arrays(np.float64, (2, n), elements=st.floats(-100, 100)))
    curve = style.pieces(x, y)
    assert len(curve.starts) == len(curve.breaks) + 1 == curve.coefficients.shape[1]
    if style.NAME == "CONSTANT":  # the one that does not, by the original's design
        return
    piece = np.searchsorted(curve.breaks, x, side="right")
    t = x - curve.starts[piece]
    c = curve.coefficients[:, piece]
    at_nodes = c[..., 0] + t * (c[..., 1] + t * (c[..., 2] + t * c[..., 3]))
    np.testing.assert_allclose(at_nodes, y, atol=1e-6)


@given(grids, st.sampled_from(NAMES))
def test_the_image_has_values_where_the_grid_has_any(values: np.ndarray, name: str) -> None:
    image = model_over(values, name).image()
    assert np.isfinite(image).all() == np.isfinite(values).any()


sixty_fourths = st.integers(-64_000, 64_000).map(lambda k: k / 64)  # numbers as pixels have them
finite_pairs = st.lists(st.tuples(sixty_fourths, st.floats(0.5, 1e3)), min_size=2, max_size=40)


def solve(image: np.ndarray, sky: np.ndarray, config: SkyMeasurementConfig):
    try:
        return solve_scales([Samples(image, sky)], config)
    except SkyFrameError as error:
        return error.solution  # type: ignore[attr-defined]


@given(finite_pairs, st.integers(0, 5), st.floats(1.0, 5.0), st.sampled_from([0.25, 2.0, 1024.0]))
def test_scaling_the_image_scales_the_solution(
    pairs: list[tuple[float, float]], rounds: int, threshold: float, factor: float
) -> None:
    image, sky = np.array(pairs).T
    config = SkyMeasurementConfig(skyIter=rounds, skyRej=threshold)
    one, other = solve(image, sky, config), solve(factor * image, sky, config)
    np.testing.assert_array_equal(one.rejected_at, other.rejected_at)
    assert other.scale == pytest.approx(factor * one.scale, nan_ok=True)
    assert other.error == pytest.approx(factor * one.error, nan_ok=True)


@given(finite_pairs, st.integers(0, 6), st.floats(0.5, 5.0))
def test_rejection_only_shrinks_and_the_history_agrees_with_the_final_set(
    pairs: list[tuple[float, float]], rounds: int, threshold: float
) -> None:
    image, sky = np.array(pairs).T
    solution = solve(image, sky, SkyMeasurementConfig(skyIter=rounds, skyRej=threshold))
    entered = [iteration.n_used for iteration in solution.iterations]
    assert entered == sorted(entered, reverse=True)
    for number, iteration in enumerate(solution.iterations):
        assert (solution.rejected_at == number).sum() == iteration.n_rejected
        in_round = (solution.rejected_at == -1) | (solution.rejected_at >= number)
        assert in_round.sum() == iteration.n_used
        expected = (sky[in_round] * image[in_round]).sum() / (sky[in_round] ** 2).sum()
        assert iteration.scale == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert (solution.rejected_at == -1).sum() == solution.n_used


def test_samples_lie_in_boxes_that_share_out_the_exposure_column_by_column() -> None:
    mask = np.zeros((7, 10), np.int32)
    mask[:2, :3] = 1 << PLANES["BAD"]
    given = Exposure(np.arange(70.0).reshape(7, 10), mask, detector="S1", xy0=(2, 1))
    grid = BinGrid.from_values([[1.0, 2.0], [3.0, 4.0]], (0, 0, 13, 9))
    config = SkyMeasurementConfig(xNumSamples=3, yNumSamples=2, stats={"statistic": "MEAN"})
    found = measure_scale(given, BackgroundModel(grid, "CONSTANT"), config)
    expected = [(x0, y0, x1, y1)
                for x0, x1 in ((0, 3), (3, 6), (6, 10)) for y0, y1 in ((0, 3), (3, 7))]  # fmt: skip
    assert [tuple(one) for one in found.boxes.tolist()] == expected
    assert found.detector == "S1"
    assert found.good_fraction.tolist() == [3 / 9, *[1.0] * 5]
    whole = BackgroundModel(grid, "CONSTANT").image()[1:8, 2:12]
    for (x0, y0, x1, y1), image, sky in zip(expected, found.image, found.sky, strict=True):
        good = mask[y0:y1, x0:x1] == 0
        assert image == pytest.approx(given.image[y0:y1, x0:x1][good].mean())
        assert sky == pytest.approx(whole[y0:y1, x0:x1].mean())


def test_samples_excluded_by_hand_do_not_enter_and_are_told_apart() -> None:
    sky = np.arange(1.0, 17.0)
    image = 2 * sky + np.sin(sky)
    image[3] = 1e6
    image[5] = np.nan
    by_hand = np.zeros(16, bool)
    by_hand[[3, 5]] = True
    solution = solve_scales([Samples(image, sky)], SkyMeasurementConfig(), excluded=by_hand)
    assert solution.rejected_at[3] == -3
    assert solution.rejected_at[5] == -2
    assert solution.scale == pytest.approx(2, abs=0.1)
    with pytest.raises(SkyFrameError, match="15"):
        solve_scales([Samples(image, sky)], SkyMeasurementConfig(), excluded=by_hand[1:])


def test_the_error_of_the_scale_is_that_of_a_slope_through_the_origin() -> None:
    rng = np.random.default_rng(3)
    sky = rng.uniform(50, 100, 30)
    config = SkyMeasurementConfig(skyIter=0)
    scales, errors = [], []
    for _ in range(400):
        solution = solve_scales([Samples(3 * sky + rng.normal(0, 5, 30), sky)], config)
        scales.append(solution.scale)
        errors.append(solution.error)
    assert np.mean(errors) == pytest.approx(np.std(scales), rel=0.1)


@pytest.mark.parametrize("statistic", ["MEANCLIP", "MEAN", "MEDIAN"])
def test_threads_give_the_same_as_serial_and_leave_the_inputs_alone(statistic: str) -> None:
    exposure = random_exposure(1)
    image, mask = exposure.image.copy(), exposure.mask.copy()
    config = BackgroundConfig(xBinSize=17, yBinSize=11, statistic=statistic)  # type: ignore[arg-type]
    alone = measure_background(exposure, config, threads=1)
    together = measure_background(exposure, config, threads=4)
    for name in ("values", "errors", "n_good", "n_clipped"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(together, name))
    model = average_backgrounds([alone, together]).model()
    np.testing.assert_array_equal(model.image(threads=1), model.image(threads=4))
    settings = SkyMeasurementConfig()
    one = measure_scale(exposure, model, settings, threads=1)
    four = measure_scale(exposure, model, settings, threads=4)
    np.testing.assert_array_equal(one.image, four.image)
    np.testing.assert_array_equal(one.sky, four.sky)
    subtract_sky_frame(exposure, model, 0.5)
    np.testing.assert_array_equal(exposure.image, image)
    np.testing.assert_array_equal(exposure.mask, mask)


def test_large_boxes_are_measured_in_pieces_with_the_same_result() -> None:
    exposure = random_exposure(4, (700, 4000))
    edges = np.array([0, 1700, 2000, 4000])
    whole = box_statistics(
        exposure.image, exposure.mask, 0, edges, np.array([0, 700]), "MEANCLIP", threads=2
    )
    for j in range(3):
        part = compute_statistic(exposure.image[:, edges[j] : edges[j + 1]])
        assert (whole.value[0, j], whole.n_used[0, j]) == (part.value, part.n_used)


@pytest.mark.parametrize("n", [1, 2, 40])
def test_an_image_made_box_by_box_has_the_statistics_of_the_whole(n: int) -> None:
    exposure = random_exposure(5, (600, 803))
    image = exposure.image.copy()
    image[np.random.default_rng(1).random(image.shape) < 0.1] = np.nan
    image[:300, :300] = np.nan
    x, y = (np.linspace(0, size, n + 1).astype(np.int64) for size in (803, 600))

    def part(box: tuple[int, int, int, int], out: np.ndarray) -> np.ndarray:
        out[:] = image[box[1] : box[3], box[0] : box[2]]
        return out

    whole = box_statistics(image, exposure.mask, 0, x, y, "MEANCLIP")
    made = box_statistics(part, NO_MASK, 0, x, y, "MEANCLIP")
    for one, other in zip(whole, made, strict=True):
        np.testing.assert_array_equal(one, other)
    assert whole.n_good.sum() == np.isfinite(image).sum()


@pytest.mark.parametrize("name", NAMES)
def test_an_exposure_cut_out_of_a_detector_uses_its_part_of_the_sky(name: str) -> None:
    rng = np.random.default_rng(2)
    model = BackgroundModel(
        BinGrid.from_values(rng.normal(100, 5, (6, 7)).astype(np.float32), (0, 0, 99, 79)), name
    )
    full = Exposure(rng.normal(300, 5, (80, 100)).astype(np.float32))
    part = Exposure(full.image[20:60, 30:90], xy0=(30, 20))
    np.testing.assert_array_equal(
        subtract_sky_frame(part, model, 2.5).image,
        subtract_sky_frame(full, model, 2.5).image[20:60, 30:90],
    )
    outside = Exposure(full.image, xy0=(1, 0), name="moved.fits")
    for call in (
        lambda: measure_scale(outside, model, SkyMeasurementConfig()),
        lambda: subtract_sky_frame(outside, model, 1.0),
    ):
        with pytest.raises(SkyFrameError, match=r"moved\.fits covers x 1 to 100"):
            call()


def test_a_grid_of_the_average_that_does_not_fit_is_named() -> None:
    good = BinGrid.from_values(np.ones((3, 4), np.float32), (0, 0, 39, 29))
    odd = BinGrid.from_values(np.ones((3, 4), np.float32), (0, 0, 39, 30))
    with pytest.raises(SkyFrameError, match=r"odd\.fits has"):
        average_backgrounds([good, odd, good], names=["a.fits", "odd.fits", "b.fits"])
    with pytest.raises(SkyFrameError, match="at least one exposure"):
        average_backgrounds([])


@pytest.mark.parametrize("algorithm", ["NONE", None, "FANCY"])
def test_a_style_that_makes_no_image_is_refused_with_the_choices(algorithm: str | None) -> None:
    grid = BinGrid.from_values(np.ones((3, 4), np.float32), (0, 0, 39, 29))
    with pytest.raises(SkyFrameError, match=r"CONSTANT, LINEAR, .*AKIMA_SPLINE"):
        BackgroundModel(grid, algorithm)


def test_infinite_bins_and_grids_finer_than_the_image_are_refused() -> None:
    values = np.ones((3, 4), np.float32)
    with pytest.raises(SkyFrameError, match="3 pixels"):
        BackgroundModel(BinGrid.from_values(values, (0, 0, 2, 2)), "LINEAR")
    values[1, 2] = np.inf
    with pytest.raises(SkyFrameError, match=r"Bin \(2, 1\)"):
        BackgroundModel(BinGrid.from_values(values, (0, 0, 39, 39)), "LINEAR")


@pytest.mark.parametrize("change", [{"clip": 0.0}, {"clip": np.nan}, {"n_iter": -1}])
def test_a_clip_that_cannot_be_done_is_refused(change: dict) -> None:
    with pytest.raises(SkyFrameError, match="clip"):
        compute_statistic(np.ones((3, 3), np.float32), **change)


def test_slips_of_a_notebook_are_sentences() -> None:
    model = model_over(np.ones((3, 4), np.float32), "LINEAR")
    samples = [Samples(np.arange(3.0), np.ones(3))]
    for call in (
        lambda: model.image((0, 0, 1)),  # type: ignore[arg-type]
        lambda: model.image((0.5, 0, 3, 3)),  # type: ignore[arg-type]
        lambda: Exposure([["a"]]),
        lambda: Exposure(np.ones((2, 2), complex)),
        lambda: PLANES.bits("SAT"),
        lambda: solve_scales(samples, SkyMeasurementConfig(), excluded=[2, 0, 1]),
    ):
        with pytest.raises(SkyFrameError):
            call()


def test_a_thousand_thousand_iterations_take_no_longer_than_they_change_something() -> None:
    image = np.random.default_rng(0).normal(0, 1, 5000).astype(np.float32)
    settled = compute_statistic(image, n_iter=200)
    assert compute_statistic(image, n_iter=1_000_000) == pytest.approx(settled, rel=1e-12)
    sky = np.arange(1.0, 17.0)
    config = SkyMeasurementConfig(skyIter=1_000_000)
    solution = solve_scales([Samples(2 * sky + np.sin(sky), sky)], config)
    assert len(solution.iterations) == 1_000_000

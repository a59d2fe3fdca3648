from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from skyframe_gui.engine import average_backgrounds, measure_background
from skyframe_gui.engine.config import SkyMeasurementConfig
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.progress import Cancelled, Watch
from skyframe_gui.engine.scale import measure_scale, solve_scales
from skyframe_gui.simulate import (
    Camera,
    expected_scale,
    night_levels,
    simulate_exposure,
    simulate_night,
    simulate_visit,
)

SMALL = Camera(n_detectors=2, width=300, height=200, seed=4)


def planes_set(exposure, name):
    return (exposure.mask & exposure.planes.bits([name])) != 0


def test_the_same_seed_gives_the_same_exposure_and_another_seed_another_one():
    first, again = (simulate_exposure(SMALL, 3, 17, detector="2") for _ in range(2))
    assert np.array_equal(first.exposure.image, again.exposure.image)
    assert np.array_equal(first.exposure.mask, again.exposure.mask)
    for other in (
        simulate_exposure(SMALL, 4, 17, detector="2"),
        simulate_exposure(SMALL, 3, 18, detector="2"),
        simulate_exposure(SMALL, 3, 17, detector="1"),
    ):
        assert not np.array_equal(first.objects_truth, other.objects_truth)


def test_a_night_does_not_depend_on_how_much_of_it_is_taken():
    whole = list(simulate_night(SMALL, 3, seed=1))
    assert [(e.visit, e.detector) for e in whole] == [
        (str(visit), detector) for visit in (1001, 1002, 1003) for detector in ("1", "2")
    ]
    for early, late in zip(islice(simulate_night(SMALL, 3, seed=1), 2), whole, strict=False):
        assert np.array_equal(early.image, late.image)


def test_image_is_pattern_times_scale_plus_objects_plus_noise_of_the_stated_variance():
    simulated = simulate_exposure(SMALL, 1, 5, scale=700.0)
    exposure = simulated.exposure
    assert exposure.image.dtype == exposure.variance.dtype == np.float32
    np.testing.assert_allclose(simulated.sky_truth, 700 * SMALL.pattern("1"), rtol=1e-6)
    good = exposure.mask == 0
    noise = exposure.image - simulated.sky_truth - simulated.objects_truth
    pulls = (noise / np.sqrt(exposure.variance))[good]
    assert abs(pulls.mean()) < 5 / np.sqrt(pulls.size)
    assert abs(pulls.std() - 1) < 5 / np.sqrt(2 * pulls.size)
    np.testing.assert_allclose(simulated.sky_noise**2, simulated.sky_truth + 25, rtol=1e-5)


def test_defects_are_in_the_image_and_in_their_mask_planes():
    camera = Camera(width=400, height=400, cosmic_rays=200, n_bad_columns=3, seed=9)
    exposure = simulate_exposure(camera, 2, 3).exposure
    columns = camera.bad_columns("1")
    bad = planes_set(exposure, "BAD")
    assert np.flatnonzero(bad.all(axis=0)).tolist() == columns.tolist() != []
    assert bad.sum() == 3 * 400
    assert np.median(exposure.image[:, columns], axis=0).tolist() == [0, 5000, 0]
    saturated = planes_set(exposure, "SAT")
    assert saturated.sum() > 10
    assert np.array_equal(saturated & ~bad, (exposure.image >= camera.saturation) & ~bad)
    rays = planes_set(exposure, "CR") & ~bad
    assert 50 < rays.sum() < 1000
    assert np.median(exposure.image[rays]) > 1200


def test_detected_plane_is_there_only_when_asked_for_and_covers_the_objects():
    without = simulate_exposure(SMALL, 1, 8).exposure
    assert "DETECTED" not in without.planes
    assert "DETECTED_NEGATIVE" not in without.planes
    simulated = simulate_exposure(SMALL, 1, 8, mask_objects=True)
    masked = planes_set(simulated.exposure, "DETECTED")
    assert masked[simulated.objects_truth > 0.1 * simulated.sky_noise].all()
    assert 0.03 < masked.mean() < 0.4
    assert not planes_set(
        simulate_exposure(SMALL, 1, 8, mask_objects=True, objects=False).exposure, "DETECTED"
    ).any()


def test_sky_pattern_belongs_to_the_detector_and_is_large_scale():
    patterns = {detector: SMALL.pattern(detector) for detector in SMALL.detectors}
    assert not np.allclose(patterns["1"], patterns["2"], atol=0.01)
    for pattern in patterns.values():
        assert pattern.shape == (200, 300)
        assert pattern.std() == pytest.approx(SMALL.pattern_rms, rel=1e-3)
        assert np.abs(np.diff(pattern, axis=0)).max() < 0.002
        assert np.abs(np.diff(pattern, axis=1)).max() < 0.002
    assert not np.allclose(Camera(width=300, height=200, seed=5).pattern("1"), patterns["1"])


def test_gradients_of_a_night_add_up_to_zero_over_the_whole_camera():
    total = 0.0
    scales = night_levels(5, seed=2)
    for number, exposure in enumerate(simulate_night(SMALL, 5, seed=2, objects=False)):
        sky = scales[number // 2] * SMALL.pattern(exposure.detector)
        residual = np.where(exposure.mask == 0, exposure.image - sky, 0)
        slope = np.polyfit(np.arange(300), residual.mean(axis=0), 1)[0]
        total += slope
    assert abs(total) < 0.01
    tilted = simulate_exposure(SMALL, 1, 1, gradient=50, gradient_angle=0).sky_truth
    flat = simulate_exposure(SMALL, 1, 1).sky_truth
    assert (tilted - flat)[:, -1].mean() - (tilted - flat)[:, 0].mean() > 20


def test_header_and_wcs_say_what_was_simulated():
    simulated = simulate_exposure(SMALL, 1, 1234, detector="2")
    exposure, header = simulated.exposure, simulated.exposure.header
    assert (exposure.visit, exposure.detector) == ("1234", "2")
    assert header["EXPNUM"] == header["VISIT"] == 1234
    assert header["DETECTOR"] == header["CCDNUM"] == 2
    assert header["FILTER"] == "r"
    assert all(header.comments[key] for key in ("EXPNUM", "SATURATE", "EXPTIME", "RA", "GAIN"))
    assert header["EXPTIME"] > 0
    assert header["DATE-OBS"].startswith("2026-")
    assert header["CTYPE1"] == "RA---TAN"
    assert exposure.wcs.proj_plane_pixel_scales()[0].to_value("arcsec") == pytest.approx(0.2)
    # The same point of the sky in the coordinates of either detector: the layout's distance.
    other = SMALL.wcs("1", header["RA"], header["DEC"])
    x, y = other.world_to_pixel(exposure.wcs.pixel_to_world(0.0, 0.0))
    assert (float(x), float(y)) == pytest.approx((SMALL.width + SMALL.gap, 0), abs=1e-3)


def test_detectors_of_a_visit_share_the_scale_and_the_header_of_one_pointing():
    visit = simulate_visit(SMALL, 1, 50, 800.0)
    assert [s.exposure.detector for s in visit] == ["1", "2"]
    assert {s.scale_truth for s in visit} == {800.0}
    assert len({(s.exposure.header["RA"], s.exposure.header["DEC"]) for s in visit}) == 1


def test_a_cancelled_visit_stops():
    watch = Watch()
    watch.cancel()
    with pytest.raises(Cancelled):
        simulate_visit(SMALL, 1, 50, watch=watch)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: Camera(width=0), "width"),
        (lambda: Camera(pixel_scale=float("nan")), "pixel_scale"),
        (lambda: Camera(seed=-1), "seed"),
        (lambda: simulate_exposure(SMALL, 1, 1, detector="7"), "'7'"),
        (lambda: simulate_exposure(SMALL, 1, 1, scale=-1.0), "-1.0"),
        (lambda: simulate_exposure(SMALL, -1, 1), "-1"),
        (lambda: night_levels(0, 1), "0 exposures"),
    ],
)
def test_what_cannot_be_simulated_is_said_in_a_sentence(make, named):
    with pytest.raises(SkyFrameError, match=named):
        make()


def test_scale_of_a_sky_frame_built_from_a_night_is_the_expected_one_within_its_error():
    config = SkyMeasurementConfig()
    pulls = []
    for seed in range(6):
        camera = Camera(n_detectors=2, width=400, height=400, seed=seed)
        grids = {detector: [] for detector in camera.detectors}
        for exposure in simulate_night(camera, 8, seed, mask_objects=True):
            grids[exposure.detector].append(measure_background(exposure, config.background))
        models = {name: average_backgrounds(some).model() for name, some in grids.items()}
        scale = 800 + 100.0 * seed
        samples = [
            measure_scale(s.exposure, models[s.exposure.detector], config)
            for s in simulate_visit(camera, seed, 2001, scale, mask_objects=True)
        ]
        solution = solve_scales(samples, config)
        expected = expected_scale(scale, night_levels(8, seed))
        assert solution.error < 3e-4 * expected
        pulls.append((solution.scale - expected) / solution.error)
    assert np.sqrt(np.mean(np.square(pulls))) < 2
    assert abs(np.mean(pulls)) < 1.2


def test_detectors_lie_about_the_centre_a_gap_apart():
    camera = Camera(n_detectors=4, width=100, height=60, gap=8)
    corners = np.array([camera.lower_left(name) for name in camera.detectors])
    middles = corners + (np.array([100, 60]) - 1) / 2
    np.testing.assert_allclose(middles.mean(axis=0), 0, atol=1e-9)
    assert sorted(set(np.ptp(corners, axis=0))) == [68, 108]

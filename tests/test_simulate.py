from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from skyframe_gui.engine import average_backgrounds, measure_background, measure_scale, solve_scales
from skyframe_gui.engine.config import SkyMeasurementConfig
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.progress import Cancelled, Watch
from skyframe_gui.simulate import (
    Camera,
    expected_scale,
    night_levels,
    simulate_exposure,
    simulate_night,
    simulate_visit,
)
from skyframe_gui.simulate import objects as drawn

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


# The same numbers for ever: whoever has a report of a fault has the same night ------------------

ODD = Camera(
    n_detectors=5,
    width=90,
    height=60,
    gap=7,
    seed=4,
    stars=2000,
    galaxies=2000,
    cosmic_rays=400,
    n_bad_columns=3,
    name="Sim",
    band="g",
)


def seen(image):
    """Return the sum of an image and some of its pixels."""
    plain = np.asarray(image, float)
    return [plain.sum(), *plain.flat[:3], plain.flat[2345]]


def test_a_simulated_exposure_has_the_pixels_that_it_always_had():
    simulated = simulate_exposure(
        ODD, 2, 1007, 900.0, "4", gradient=30, gradient_angle=30, mask_objects=True
    )
    exposure = simulated.exposure
    wanted = {
        "image": [8001690.7311, 1023.4089, 1068.4308, 1095.0173, 906.44055],
        "variance": [8796774.4754, 1048.1982, 1079.3444, 1105.5648, 910.3023],
        "sky": [4785136.7214, 863.3347, 863.46124, 863.54694, 873.35443],
        "objects": [3870753.8260, 159.86354, 190.8831, 217.0179, 11.947874],
        "noise": [162990.2275, 29.804945, 29.807068, 29.808504, 29.97256],
    }
    images = (exposure.image, exposure.variance, simulated.sky_truth)
    found = (*images, simulated.objects_truth, simulated.sky_noise)
    for (name, numbers), image in zip(wanted.items(), found, strict=True):
        assert seen(image) == pytest.approx(numbers, rel=2e-5), name
        if image is not exposure.image:
            assert not image.flags.writeable
    counts = {name: int(planes_set(exposure, name).sum()) for name in exposure.planes}
    assert {name: n for name, n in counts.items() if n} == {
        "BAD": 180, "SAT": 20, "CR": 6, "DETECTED": 5285,
    }  # fmt: skip
    assert exposure.image.max() == 60000
    assert simulated.scale_truth == 900
    assert exposure.name == "simulated visit 1007 detector 4"


def test_a_simulated_header_tells_the_camera_the_field_and_the_time():
    exposure = simulate_exposure(ODD, 2, 1007, detector="4").exposure
    cards = list(exposure.header.items())
    assert cards[:12] == [
        ("TELESCOP", "Simulated"),
        ("INSTRUME", "Sim"),
        ("OBSTYPE", "object"),
        ("OBJECT", "FIELD-1007"),
        ("EXPNUM", 1007),
        ("VISIT", 1007),
        ("DETECTOR", 4),
        ("CCDNUM", 4),
        ("FILTER", "g"),
        ("DATE-OBS", "2026-03-14T00:40:30.000"),
        ("TIMESYS", "UTC"),
        ("EXPTIME", 60.0),
    ]
    header = exposure.header
    assert (header["RA"], header["DEC"]) == pytest.approx((336.77, 21.19))
    assert [header[key] for key in ("PIXSCALE", "GAIN", "RDNOISE", "SATURATE", "BUNIT")] == [
        0.2, 1.0, 5.0, 60000.0, "electron",
    ]  # fmt: skip
    assert all(comment for comment in list(header.comments)[:19])
    wcs = exposure.wcs.wcs
    assert wcs.crval.tolist() == pytest.approx([336.77, 21.19])
    assert wcs.crpix.tolist() == [142.5, -3.0]
    assert wcs.cdelt.tolist() == pytest.approx([-0.2 / 3600, 0.2 / 3600])
    assert (wcs.radesys, exposure.wcs.array_shape) == ("ICRS", (60, 90))
    # Ninety seconds from one visit to the next; the fields go round the sky and back.
    later = simulate_exposure(ODD, 2, 2000, detector="4").exposure.header
    assert later["DATE-OBS"] == "2026-03-14T00:30:00.000"
    assert (later["RA"], later["DEC"]) == pytest.approx((284.6, 10.0))


def test_a_simulated_camera_has_its_layout_patterns_and_columns():
    places = [ODD.lower_left(name) for name in ODD.detectors]
    assert places == [(-141.5, -63), (-44.5, -63), (52.5, -63), (-141.5, 4), (-44.5, 4)]
    assert ODD.radius == pytest.approx(np.hypot(141.5, 63))
    assert ODD.bbox == (0, 0, 89, 59)
    pattern = ODD.pattern("3")
    assert [pattern[0, 0], pattern[-1, -1], pattern[30, 40]] == pytest.approx(
        [1.0412868, 0.9949743, 0.9939224], rel=1e-6
    )
    assert pattern.mean() == pytest.approx(1.005809, rel=1e-6)
    assert ODD.bad_columns("2").tolist() == [27, 42, 84]
    assert Camera(width=2, height=2, n_bad_columns=9).bad_columns("1").tolist() == [0, 1]


def test_a_simulated_night_brightens_to_its_ends():
    assert night_levels(3, 5) == pytest.approx([1062.54189839, 994.53977037, 1061.669124])
    assert night_levels(1, 5) == pytest.approx([1002.54189839])
    assert night_levels(3, 5, 500.0, 0.5) == pytest.approx([760.591243, 477.249043, 756.954683])
    flat = [
        (one.visit, one.detector, round(float(np.median(one.image)), 2))
        for one in simulate_night(ODD, 2, 1, level=500.0, gradient=0.0, objects=False)
    ]
    assert flat[:2] == [("1001", "1", 540.53), ("1001", "2", 524.57)]
    assert flat[-1] == ("1002", "5", 532.21)
    assert expected_scale(900.0, [400.0, 500.0]) == 2.0
    tilted, level = (
        next(simulate_night(SMALL, 4, 1, gradient=size, objects=False)) for size in (None, 20.0)
    )
    assert np.array_equal(tilted.image, level.image), "2 % of the level"


def test_gradients_rise_towards_their_angle_as_far_as_they_are_told():
    for angle, axis in ((0, 1), (90, 0)):
        tilted = simulate_exposure(ODD, 1, 1, gradient=50, gradient_angle=angle).sky_truth
        plane = tilted.astype(float) - simulate_exposure(ODD, 1, 1).sky_truth
        step = np.diff(plane, axis=axis)
        assert step.mean() == pytest.approx(50 / ODD.radius, rel=1e-4)
        assert np.ptp(plane.mean(axis=axis)) == pytest.approx(0, abs=1e-3)
    # 0 at the camera's centre, which lies so many pixels from the first one's corner.
    x0, _ = ODD.lower_left("1")
    plane = simulate_exposure(ODD, 1, 1, gradient=50, gradient_angle=0).sky_truth.astype(float)
    plane -= simulate_exposure(ODD, 1, 1).sky_truth
    assert plane[0, 0] == pytest.approx(50 * x0 / ODD.radius, rel=1e-4)


@pytest.mark.parametrize(
    ("kind", "total", "peak"),
    [
        ("stars", 557831.3996, 16922.2598),
        ("galaxies", 239060.7686, 910.15057),
        ("saturated_stars", 18254554.36, 342153.34),
        ("cosmic_rays", 216786.7035, 3245.10596),
    ],
)
def test_each_kind_of_light_is_drawn_as_it_always_was(kind, total, peak):
    none = dict.fromkeys(("stars", "galaxies", "cosmic_rays", "saturated_stars"), 0)
    number = 3 if kind == "saturated_stars" else 3000
    camera = Camera(width=90, height=60, **(none | {kind: number}))
    rng = np.random.default_rng(7)
    draw = drawn.draw_cosmic_rays if kind == "cosmic_rays" else drawn.draw_objects
    image = draw(camera, rng).astype(float)
    assert (image.sum(), image.max()) == pytest.approx((total, peak), rel=2e-5)


def test_a_visit_tells_each_detector_that_it_simulates():
    steps = []
    simulate_visit(SMALL, 1, 50, watch=Watch(lambda *step: steps.append(step)))
    assert steps == [(0, 2, "simulating"), (1, 2, "simulating")]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Camera(height=-1), "The simulated camera has height = -1; a number above 0 is "
         "needed."),
        (lambda: Camera(gap=-1), "The simulated camera has gap = -1; a number from 0 up is "
         "needed."),
        (lambda: SMALL.index("9"), "The simulated camera has no detector '9'; it has 1, 2."),
        (lambda: simulate_exposure(SMALL, 1, 1, scale=0.0), "A sky with scale 0.0 and gradient "
         "0.0 cannot be simulated; the scale is above 0 and both are finite."),
        (lambda: simulate_exposure(SMALL, 1, 1, gradient=np.inf), "A sky with scale 1000.0 and "
         "gradient inf cannot be simulated; the scale is above 0 and both are finite."),
        (lambda: simulate_exposure(SMALL, 1, -2), "Seed 1 and visit -2 cannot be used; both are 0 "
         "or more."),
        (lambda: night_levels(0, 1), "A night of 0 exposures cannot be simulated; take 1 up."),
    ],
)  # fmt: skip
def test_what_no_camera_can_do_is_told_in_whole(make, sentence):
    with pytest.raises(SkyFrameError) as caught:
        make()
    assert str(caught.value) == sentence


def test_a_camera_may_have_none_of_what_disturbs():
    nothing = dict.fromkeys(
        ("gap", "read_noise", "pattern_rms", "detector_spread", "n_bad_columns", "stars",
         "galaxies", "cosmic_rays", "saturated_stars", "seed"), 0
    )  # fmt: skip
    exposure = simulate_exposure(Camera(width=20, height=20, **nothing), 0, 0).exposure
    assert (exposure.mask == 0).all()
    assert Camera(width=20, height=20, **nothing).pattern("2").tolist() == [[1.0] * 20] * 20

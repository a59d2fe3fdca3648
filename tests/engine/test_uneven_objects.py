from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from scipy import ndimage

from skyframe_gui.engine import footprints
from skyframe_gui.engine.config import BackgroundConfig
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import Exposure, MaskPlanes
from skyframe_gui.engine.objects import mask_objects
from skyframe_gui.engine.progress import Cancelled, Watch
from skyframe_gui.engine.uneven_objects import find_on_uneven_sky, grown
from skyframe_gui.simulate import Camera, simulate_exposure


def noise_image(shape, seed=0, level=100.0, sigma=5.0):
    noise = np.random.default_rng(seed).standard_normal(shape)
    return (level + sigma * noise).astype(np.float32)


def add_star(image, x, y, flux=20000.0, sigma=1.7):
    rows, columns = np.indices(image.shape)
    distance2 = (columns - x) ** 2 + (rows - y) ** 2
    image += flux / (2 * np.pi * sigma**2) * np.exp(-distance2 / (2 * sigma**2))
    return image


@pytest.mark.parametrize("gradient", [0.0, 20.0, 200.0])
@pytest.mark.parametrize("seed", range(4))
def test_objects_are_masked_and_the_empty_sky_is_not(seed, gradient):
    camera = Camera(n_detectors=1, seed=seed)
    simulated = simulate_exposure(camera, seed, 7, gradient=gradient, gradient_angle=70.0 * seed)
    found = find_on_uneven_sky(simulated.exposure)
    bright = simulated.objects_truth > 2 * simulated.sky_noise
    assert bright.sum() > 500
    assert found[bright].mean() >= 0.95
    empty = ndimage.distance_transform_edt(simulated.objects_truth == 0) > 3
    assert empty.mean() > 0.2
    assert found[empty].mean() < 0.03


def test_light_that_objects_leave_outside_of_their_mask_is_far_below_the_noise():
    simulated = simulate_exposure(Camera(n_detectors=1, seed=1), 1, 7)
    found = find_on_uneven_sky(simulated.exposure)
    assert simulated.objects_truth[~found].mean() < 0.001 * simulated.sky_noise.mean()


def test_the_faint_parts_of_a_large_galaxy_are_found_round_by_round():
    rows, columns = np.indices((512, 600))
    galaxy = 100 * np.exp(-np.hypot(columns - 250, rows - 260) / 30)
    found = find_on_uneven_sky(Exposure(noise_image((512, 600)) + galaxy))
    assert found[galaxy > 10].mean() > 0.95
    assert found[galaxy < 0.1].mean() < 0.03


@pytest.mark.parametrize("stars", [300.0, 1000.0])
def test_a_crowded_field_keeps_half_of_its_sky_and_has_its_objects_masked(stars):
    camera = Camera(n_detectors=1, width=500, height=400, stars=stars, galaxies=150, seed=6)
    simulated = simulate_exposure(camera, 6, 7)
    found = find_on_uneven_sky(simulated.exposure)
    assert 0.3 < found[simulated.exposure.mask == 0].mean() <= 0.5
    assert found[simulated.objects_truth > 2 * simulated.sky_noise].mean() >= 0.95


@pytest.mark.parametrize("radius", [3.0, 8.0, 12.0])
def test_objects_are_grown_by_a_disc_of_the_radius(radius):
    objects = np.random.default_rng(8).random((90, 110)) > 0.997
    objects[0, 0] = objects[-1, -1] = True
    expected = ndimage.distance_transform_edt(~objects) <= radius
    assert np.array_equal(grown(objects, radius), expected)


def test_noise_without_objects_is_left_alone():
    covered = [
        find_on_uneven_sky(Exposure(noise_image((500, 600), seed))).mean() for seed in range(4)
    ]
    assert max(covered) < 0.01


def test_strips_make_no_difference(monkeypatch):
    exposure = simulate_exposure(
        Camera(n_detectors=1, width=300, height=260, seed=3), 1, 7
    ).exposure
    whole = find_on_uneven_sky(exposure)
    monkeypatch.setattr(footprints, "STRIP_PIXELS", 300 * 7)
    assert np.array_equal(find_on_uneven_sky(exposure), whole)
    monkeypatch.setattr(footprints, "STRIP_PIXELS", 1)
    assert np.array_equal(find_on_uneven_sky(exposure), whole)


def test_the_result_is_the_same_every_time_and_the_exposure_is_as_it_was():
    exposure = simulate_exposure(Camera(n_detectors=1, width=300, height=260), 1, 7).exposure
    image, mask = exposure.image.copy(), exposure.mask.copy()
    first = find_on_uneven_sky(exposure)
    assert first.any()
    assert np.array_equal(first, find_on_uneven_sky(exposure))
    assert np.array_equal(exposure.image, image)
    assert np.array_equal(exposure.mask, mask)


def test_masked_columns_and_pixels_that_are_not_finite_do_not_spread():
    image = add_star(noise_image((200, 220)), 60, 70)
    expected = find_on_uneven_sky(Exposure(image.copy()))
    mask = np.zeros(image.shape, np.int32)
    mask[:, 150] = 1
    image[:, 150] = 1e6
    image[120, 30] = np.nan
    image[121, 31] = np.inf
    image[122, 32] = -np.inf
    found = find_on_uneven_sky(Exposure(image, mask))
    assert found[70, 60]
    assert (found ^ expected).mean() < 0.002
    assert not found[:, 140:].any()


def test_planes_of_the_config_are_left_out_too():
    image = noise_image((200, 200))
    image[90:100, 90:100] += 1000
    mask = np.zeros(image.shape, np.int32)
    mask[85:105, 85:105] = 1 << 11
    exposure = Exposure(image, mask, planes={"GHOST": 11})
    assert find_on_uneven_sky(exposure)[95, 95]
    assert not find_on_uneven_sky(exposure, BackgroundConfig(mask=("GHOST",))).any()


def test_an_old_detected_plane_neither_hides_objects_nor_is_lost():
    image = add_star(noise_image((200, 200)), 100, 100)
    mask = np.zeros(image.shape, np.int32)
    mask[80:120, 80:120] = 1 << 5
    mask[5, 5] = 1 << 5
    exposure = Exposure(image, mask)
    assert find_on_uneven_sky(exposure)[100, 100]
    masked = mask_objects(exposure)
    assert masked.mask[5, 5] == 1 << 5


def test_mask_objects_adds_a_plane_on_a_free_bit_and_keeps_the_others():
    image = add_star(noise_image((200, 200)), 100, 100)
    mask = np.full(image.shape, 0, np.int32)
    mask[0] = 1 << 5
    exposure = Exposure(
        image, mask, planes={"BAD": 5, "CR": 0}, xy0=(3, 4), detector="S1", visit="12", name="x"
    )
    masked = mask_objects(exposure)
    assert masked.planes == {"BAD": 5, "CR": 0, "DETECTED": 1}
    assert masked.mask[100, 100] == 1 << 1
    assert (masked.mask[0] == 1 << 5).all()
    assert (masked.xy0, masked.detector, masked.visit) == ((3, 4), "S1", "12")
    assert np.array_equal(masked.image, exposure.image)
    assert not exposure.mask[100, 100]
    assert mask_objects(Exposure(image, planes={"BAD": 0})).planes["DETECTED"] == 5


def test_bit_31_can_be_the_one_that_is_free():
    planes = MaskPlanes({f"P{bit}": bit for bit in range(31)})
    image = add_star(noise_image((60, 60)), 30, 30)
    masked = mask_objects(Exposure(image, np.zeros(image.shape, np.int32), planes=planes))
    assert masked.planes["DETECTED"] == 31
    assert masked.mask[30, 30] == -(1 << 31)


def test_a_mask_without_a_free_bit_is_refused_by_name():
    planes = MaskPlanes({f"P{bit}": bit for bit in range(32)})
    with pytest.raises(SkyFrameError, match="night3: all 32 bits"):
        mask_objects(Exposure(noise_image((20, 20)), planes=planes, name="night3"))


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((50, 60), np.float32),
        np.full((50, 60), np.nan, np.float32),
        np.full((64, 64), 3e38, np.float32),
        np.full((1, 1), 7, np.float32),
        noise_image((1, 300)),
        noise_image((300, 1)),
        noise_image((10, 10)),
    ],
    ids=["constant", "all NaN", "huge", "one pixel", "one row", "one column", "10 x 10"],
)
def test_images_with_nothing_to_find(image):
    assert not find_on_uneven_sky(Exposure(image)).any()


def test_an_image_masked_all_over_has_no_objects():
    image = add_star(noise_image((100, 100)), 50, 50)
    assert not find_on_uneven_sky(Exposure(image, np.ones(image.shape, np.int32))).any()


def test_a_star_on_a_tiny_image_and_on_a_sky_without_noise_is_found():
    small = find_on_uneven_sky(Exposure(add_star(noise_image((40, 40)), 20, 20)))
    assert small[20, 20]
    quiet = find_on_uneven_sky(Exposure(add_star(np.full((200, 200), 10, np.float32), 50, 60)))
    assert quiet[60, 50]
    assert quiet.mean() < 0.2


def test_a_crowded_field_and_garbage_do_not_fail():
    rng = np.random.default_rng(5)
    crowded = noise_image((300, 300))
    crowded[rng.integers(0, 300, 3000), rng.integers(0, 300, 3000)] += 2000
    assert find_on_uneven_sky(Exposure(crowded)).shape == (300, 300)
    checkers = np.indices((300, 300)).sum(axis=0) // 40 % 2 * np.float32(1e5)
    assert find_on_uneven_sky(Exposure(checkers)).shape == (300, 300)
    garbage = rng.integers(0, 2**32, (100, 130), dtype=np.uint32).view(np.float32)
    assert find_on_uneven_sky(Exposure(garbage)).shape == (100, 130)


def test_a_cancel_is_heard_at_every_step():
    exposure = simulate_exposure(Camera(n_detectors=1, width=200, height=150), 1, 7).exposure
    steps = []
    labels: set[str] = set()
    named = exposure if exposure.name else Exposure(exposure.image, name="a.fits")
    find_on_uneven_sky(named, watch=Watch(lambda done, total, label: labels.add(label)))
    assert labels == {f"Finding objects {named.name}"}
    find_on_uneven_sky(
        exposure, watch=Watch(lambda done, total, label: steps.append((done, total)))
    )
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert steps[-1][0] == steps[-1][1]
    assert len({total for _, total in steps}) == 1
    for last in range(len(steps) - 1):
        seen = []
        watch = Watch()

        def count(*_, watch=watch, seen=seen, last=last):
            seen.append(1)
            if len(seen) > last:
                watch.cancel()

        watch._on_step = count
        with pytest.raises(Cancelled):
            find_on_uneven_sky(exposure, watch=watch)
        assert len(seen) == last + 1


def test_a_cancel_from_another_thread_stops_a_large_exposure_early():
    exposure = Exposure(noise_image((2048, 2048)))
    find_on_uneven_sky(Exposure(noise_image((64, 64))))  # compiles the kernels
    watch = Watch()
    outcome = []

    def work():
        try:
            find_on_uneven_sky(exposure, watch=watch)
        except Cancelled:
            outcome.append("cancelled")

    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.1)
    watch.cancel()
    thread.join(20)
    assert outcome == ["cancelled"]

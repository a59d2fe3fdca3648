"""Objects found, masked and filled by LSST's method, beyond what its recordings show."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import ndimage

from skyframe_gui.engine import (
    Cancelled,
    Exposure,
    MaskObjectsConfig,
    SkyFrameError,
    Watch,
    fill_objects,
    find_objects,
    footprints,
)
from skyframe_gui.engine.objects import mask_objects
from skyframe_gui.engine.uneven_objects import find_on_uneven_sky

SIGMA = 5.0
BAD, INTRP, EDGE, DETECTED, NO_DATA = 1, 4, 16, 32, 256


def with_star(shape=(200, 220), at=(100, 110), seed=0, variance=SIGMA**2, **more):
    rows, columns = np.indices(shape)
    distance2 = (rows - at[0]) ** 2 + (columns - at[1]) ** 2
    image = 100 + SIGMA * np.random.default_rng(seed).standard_normal(shape)
    image += 2000 * np.exp(-distance2 / (2 * 1.7**2))
    plane = None if variance is None else np.full(shape, variance, np.float32)
    return Exposure(image.astype(np.float32), more.pop("mask", None), plane, **more)


def detected(exposure):
    return (exposure.mask & exposure.planes.bits(["DETECTED"])) != 0


def config(**values):
    return MaskObjectsConfig.model_validate(values)


def test_the_border_is_edge_and_what_was_detected_before_is_looked_for_anew():
    mask = np.zeros((200, 220), np.int32)
    mask[60, 60] = DETECTED | 64 | INTRP
    given = with_star(mask=mask, name="a", xy0=(3, 4))
    before = given.image.copy(), given.mask.copy()
    found = find_objects(given)
    edge = np.ones(mask.shape, np.bool_)
    edge[17:-17, 17:-17] = False
    assert np.array_equal((found.mask & EDGE) != 0, edge)
    assert found.mask[100, 110] == DETECTED
    assert found.mask[60, 60] == INTRP
    assert (found.name, found.xy0) == ("a", (3, 4))
    np.testing.assert_allclose(found.image, given.image, atol=1e-4)
    assert np.array_equal(given.image, before[0])
    assert np.array_equal(given.mask, before[1])


def test_planes_that_are_not_there_get_free_bits():
    found = find_objects(with_star(planes={"BAD": 5, "X": 4}))
    assert found.planes == {"BAD": 5, "X": 4, "DETECTED": 0, "EDGE": 1}
    assert found.mask[100, 110] == 1
    assert found.mask[0, 0] == 2
    full = with_star(mask=mask_of(), planes={f"P{bit}": bit for bit in range(31)}, name="b")
    with pytest.raises(SkyFrameError, match=r"b: all 32 bits of the mask.*EDGE"):
        find_objects(full)


def mask_of(shape=(200, 220)):
    return np.zeros(shape, np.int32)


@pytest.mark.parametrize(("isotropic", "metric"), [(True, "disc"), (False, "diamond")])
def test_what_is_detected_is_grown(isotropic, metric):
    def once(**detection):
        return detected(find_objects(with_star(), config(nIter=1, detection=detection)))

    bare = once(nSigmaToGrow=0)
    assert 100 < bare.sum() < 5000
    if metric == "disc":
        expected = ndimage.distance_transform_edt(~bare) <= 12
    else:
        expected = ndimage.distance_transform_cdt(~bare, "taxicab") <= 12
    assert np.array_equal(once(isotropicGrow=isotropic), expected)


def test_without_a_variance_plane_the_noise_is_that_of_the_smoothed_image():
    measured = find_objects(with_star(variance=None))
    asked = find_objects(with_star(), config(detection={"thresholdType": "stdev"}))
    assert np.array_equal(measured.mask, asked.mask)
    assert measured.mask[100, 110] == DETECTED
    assert detected(measured).mean() < 0.35
    # Ten times the noise told by the plane: the star is what is left.
    loud = find_objects(with_star(variance=100 * SIGMA**2))
    assert loud.mask[100, 110] == DETECTED
    assert detected(loud).mean() < 0.05
    assert np.array_equal(
        find_objects(
            with_star(variance=100 * SIGMA**2), config(detection={"thresholdType": "stdev"})
        ).mask,
        measured.mask,
    )


def test_a_variance_of_zero_detects_all_that_is_not_below_zero_but_not_in_the_program():
    once = config(nIter=1, detection={"nSigmaToGrow": 0})
    silent = find_objects(with_star(variance=0.0), once)
    assert 0.3 < detected(silent)[17:-17, 17:-17].mean() < 0.7
    masked = mask_objects(with_star(variance=0.0), once)
    assert np.array_equal(masked.mask, find_objects(with_star(variance=None), once).mask)


def test_a_pixel_without_a_number_spreads_over_the_kernel():
    shape = (200, 220)
    given = with_star(shape)
    for distance, seen in ((16, False), (60, True)):
        image = given.image.copy()
        image[100, 110 + distance] = np.nan
        mask = mask_of()
        mask[100, 110 + distance] = NO_DATA
        found = find_objects(
            Exposure(image, mask, given.variance), config(detection={"nSigmaToGrow": 0})
        )
        assert detected(found)[100, 110] is np.bool_(seen)


@pytest.mark.parametrize("longer", [4095, 4096])
def test_large_detectors_are_masked_as_lsst_does_and_small_ones_by_what_follows_the_sky(longer):
    given = with_star((longer, 90), (2000, 45))
    masked = mask_objects(given)
    assert masked.image is given.image or np.array_equal(masked.image, given.image)
    if longer == 4096:
        assert np.array_equal(masked.mask, find_objects(given).mask)
        assert masked.mask[0, 0] == EDGE
    else:
        assert np.array_equal(detected(masked), find_on_uneven_sky(given))
        assert not masked.mask[0, 0]
    assert detected(masked)[2000, 45]
    wide = Exposure(given.image.T, None, given.variance.T)
    assert bool(mask_objects(wide).mask[0, 0]) is (longer == 4096)


@pytest.mark.parametrize("value", [5000.0, 0.0, np.nan])
def test_bad_columns_hide_nothing_beside_them_unless_they_were_mended_before(value):
    given = with_star()
    image, mask = given.image.copy(), mask_of()
    image[:, 120], mask[:, 120] = value, BAD
    bare = config()
    masked = mask_objects(Exposure(image, mask, given.variance), bare)
    clean = mask_objects(given, bare)
    assert detected(masked)[100, 110]
    assert (detected(masked) ^ detected(clean)).mean() < 0.05
    assert (masked.mask[:, 120] & BAD).all()
    if np.isfinite(value):
        mended = Exposure(image, mask | np.where(mask, INTRP, 0), given.variance)
        assert np.array_equal(mask_objects(mended, bare).mask, find_objects(mended).mask)
        off = (detected(find_objects(mended)) ^ detected(clean)).mean()
        assert off > 1.5 * (detected(masked) ^ detected(clean)).mean()


@pytest.mark.parametrize(
    "image",
    [
        np.full((50, 60), np.nan, np.float32),
        np.full((1, 1), 7, np.float32),
        np.full((34, 300), 7, np.float32),
        np.zeros((60, 70), np.float32),
    ],
    ids=["all NaN", "one pixel", "smaller than the kernel", "constant"],
)
def test_images_with_nothing_to_find(image):
    for given in (Exposure(image), Exposure(image, variance=np.ones_like(image))):
        found = find_objects(given)
        assert not detected(found).any()
        assert found.mask[0, 0] == EDGE
        assert np.array_equal(found.image, image, equal_nan=True)


def test_threads_and_strips_make_no_difference(monkeypatch):
    given = with_star()
    whole = find_objects(given)
    one = mask_objects(given, config(), threads=1)
    monkeypatch.setattr(footprints, "STRIP_PIXELS", 220 * 7)
    for threads in (1, 3):
        assert np.array_equal(mask_objects(given, config(), threads=threads).mask, one.mask)
    strips = find_objects(given)
    assert np.array_equal(strips.mask, whole.mask)
    assert np.array_equal(strips.image, whole.image)


def test_it_tells_what_it_does_and_hears_a_cancel_at_every_step():
    steps = []
    find_objects(with_star(name="a.fits"), watch=Watch(lambda *told: steps.append(told)))
    assert {label for _, _, label in steps} == {"Finding objects a.fits"}
    assert [done for done, _, _ in steps] == sorted(done for done, _, _ in steps)
    assert steps[-1][0] == steps[-1][1]
    for last in range(len(steps) - 1):
        seen = []
        watch = Watch()

        def count(*_, watch=watch, seen=seen, last=last):
            seen.append(1)
            if len(seen) > last:
                watch.cancel()

        watch._on_step = count
        with pytest.raises(Cancelled):
            find_objects(with_star(), watch=watch)
        assert len(seen) == last + 1


def test_objects_are_filled_with_the_background_or_the_median():
    found = find_objects(with_star())
    objects = detected(found)
    filled = fill_objects(found, ["SAT"])
    assert not detected(filled).any()
    assert np.array_equal((filled.mask & EDGE), (found.mask & EDGE))
    assert abs(filled.image[objects] - 100).max() < 1
    assert np.array_equal(filled.image[~objects], found.image[~objects])
    median = fill_objects(found, None, interpolate=False)
    assert np.array_equal(median.mask, found.mask)
    assert (median.image[objects] == np.median(found.image[~objects])).all()
    same = fill_objects(found, None, config(doInterpolate=False))
    assert np.array_equal(same.image, median.image)
    assert np.array_equal(
        fill_objects(found, None, config(doInterpolate=False), interpolate=True).image, filled.image
    )
    assert not np.array_equal(fill_objects(found, ["EDGE"]).image, filled.image)


@pytest.mark.parametrize("interpolate", [True, False])
def test_what_has_no_good_pixel_cannot_be_filled(interpolate):
    given = with_star(mask=mask_of() | DETECTED, name="b.fits")
    with pytest.raises(SkyFrameError, match=r"b\.fits has no good pixel to fill"):
        fill_objects(given, None, interpolate=interpolate)


@pytest.mark.parametrize(
    "wrong",
    [
        {"nIter": -1},
        {"detectSigma": 0.0},
        {"subtractBackground": {"binSize": 0}},
        {"detection": {"thresholdType": "value"}},
        {"nothing": 1},
    ],
)
def test_configs_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError):
        config(**wrong)


def test_parts_of_the_config_keep_their_own_defaults():
    found = config(interpolate={}, detection={"thresholdValue": 3.0})
    assert (found.interpolate.binSize, found.subtractBackground.binSize) == (256, 1024)
    assert (found.detection.nSigmaToGrow, found.nIter, found.detectSigma) == (2.4, 3, 5.0)

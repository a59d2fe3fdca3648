"""What is masked by hand is in nothing that is measured."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.wcs import WCS

from skyframe_gui.engine import (
    BackgroundConfig,
    Exposure,
    MaskPlanes,
    SkyFrameError,
    measure_background,
)
from skyframe_gui.engine.hand_masks import HandMask, contains, masked_by_hand, masked_pixels
from skyframe_gui.files.sky_masks import in_pixels, on_sky, unmasked, with_masks_by_hand

if TYPE_CHECKING:
    from numpy.typing import NDArray

CIRCLE = HandMask("circle", (40.0, 25.0, 11.5))
ELLIPSE = HandMask("ellipse", (30.0, 30.0, 20.0, 8.0, 30.0))
BOX = HandMask("box", (50.0, 20.0, 30.0, 9.0, -20.0))
CORNERS = HandMask("polygon", (10.3, 5.2, 60.5, 8.1, 30.7, 20.4, 55.2, 44.3, 12.1, 40.6))
ALL = (CIRCLE, ELLIPSE, BOX, CORNERS)
CONFIG = BackgroundConfig.model_validate({"xBinSize": 16, "yBinSize": 16, "mask": ["BAD"]})


def a_wcs(turned: float = 25.0, flipped: bool = True) -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [150.0, 40.0]
    wcs.wcs.crpix = [35.0, 25.0]
    scale, angle = 0.2 / 3600, math.radians(turned)
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    wcs.wcs.cd = [[-cos, sin], [sin, cos]] if flipped else [[cos, -sin], [sin, cos]]
    return wcs


def noise(mask: NDArray[np.int32] | None = None, **more: object) -> Exposure:
    image = np.random.default_rng(3).normal(100, 5, (50, 70)).astype(np.float32)
    return Exposure(image, mask, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("mask", ALL, ids=lambda one: one.shape)
@pytest.mark.parametrize("xy0", [(0, 0), (20, -7)])
def test_the_pixels_of_a_shape_are_those_of_the_package_regions(
    mask: HandMask, xy0: tuple[int, int]
) -> None:
    regions = pytest.importorskip("regions")
    from astropy import units as u

    numbers = mask.numbers
    middle = regions.PixCoord(*numbers[:2])
    theirs = {
        "circle": lambda: regions.CirclePixelRegion(middle, numbers[2]),
        "ellipse": lambda: regions.EllipsePixelRegion(
            middle, 2 * numbers[2], 2 * numbers[3], numbers[4] * u.deg
        ),
        "box": lambda: regions.RectanglePixelRegion(middle, *numbers[2:4], numbers[4] * u.deg),
        "polygon": lambda: regions.PolygonPixelRegion(
            regions.PixCoord(list(numbers[::2]), list(numbers[1::2]))
        ),
    }[mask.shape]()
    x, y = np.meshgrid(np.arange(70) + xy0[0], np.arange(50) + xy0[1])
    expected = theirs.contains(regions.PixCoord(x, y))
    found = masked_pixels([mask], (xy0[0], xy0[1], xy0[0] + 69, xy0[1] + 49))
    assert 100 < found.sum() < found.size / 2
    assert np.count_nonzero(found != expected) == 0


def test_bins_leave_it_out_whatever_the_config_lists() -> None:
    plain = noise()
    bright = plain.image.copy()
    bright[masked_pixels([CIRCLE], plain.bbox)] += 1e6
    exposure = masked_by_hand(Exposure(bright), [CIRCLE])
    grid = measure_background(exposure, CONFIG)
    expected = Exposure(plain.image, np.where(masked_pixels([CIRCLE], plain.bbox), 1, 0))
    same = measure_background(expected, CONFIG)
    np.testing.assert_array_equal(grid.values, same.values)
    np.testing.assert_array_equal(grid.n_good, same.n_good)
    assert np.nanmax(grid.values) < 110


def test_its_bit_is_one_that_nothing_else_has() -> None:
    pixels = np.full((50, 70), 1 << 9, np.int32)  # a bit without a name
    exposure = noise(pixels, planes=MaskPlanes({"BAD": 0, "CROSSTALK": 10}))
    marked = masked_by_hand(exposure, [CIRCLE])
    chosen = (marked.mask >> marked.planes["USER"]) & 1 != 0
    np.testing.assert_array_equal(chosen, masked_pixels([CIRCLE], exposure.bbox))
    assert marked.planes["USER"] == 11
    np.testing.assert_array_equal(marked.mask & ~(1 << 11), pixels)


def test_a_mask_that_has_no_bit_left_is_refused() -> None:
    full = MaskPlanes({f"P{bit}": bit for bit in range(32)})
    with pytest.raises(SkyFrameError, match="all 32 bits"):
        masked_by_hand(noise(np.zeros((50, 70), np.int32), planes=full), [CIRCLE])


@pytest.mark.parametrize("mask", ALL, ids=lambda one: one.shape)
@pytest.mark.parametrize("flipped", [True, False])
def test_on_the_sky_and_back(mask: HandMask, flipped: bool) -> None:
    wcs = a_wcs(flipped=flipped)
    sky = on_sky(mask, wcs, (5, 3))
    assert sky.on_sky
    back = in_pixels(sky, wcs, (5, 3))
    np.testing.assert_allclose(back.numbers, mask.numbers, atol=1e-6)


def test_a_mask_on_the_sky_covers_the_same_sky_in_another_exposure() -> None:
    sky = on_sky(CIRCLE, a_wcs(), (0, 0))
    shifted = a_wcs()
    shifted.wcs.crpix = [45.0, 20.0]
    there = in_pixels(sky, shifted, (0, 0))
    np.testing.assert_allclose(there.numbers, (50.0, 20.0, 11.5), atol=1e-6)
    marked = with_masks_by_hand(noise(wcs=shifted), [sky])
    chosen = masked_pixels([there], marked.bbox)
    np.testing.assert_array_equal(marked.mask != 0, chosen)


@pytest.mark.parametrize(
    "kinds",
    [("MALN-TAN", "MALT-TAN"), ("HPLN-TAN", "HPLT-TAN"), ("SLON-TAN", "SLAT-TAN")],
    ids=["mars", "sun", "supergalactic"],
)
def test_coordinates_of_another_sky_are_told_of_and_keep_no_exposure_out(
    kinds: tuple[str, str],
) -> None:
    other = a_wcs()
    other.wcs.ctype = list(kinds)
    with pytest.raises(SkyFrameError, match="in pixels"):
        on_sky(CIRCLE, other, (0, 0))
    sky = HandMask("circle", (10.0, 80.0, 0.01), on_sky=True)
    assert not with_masks_by_hand(noise(wcs=other), [sky]).mask.any()


def test_a_scale_beside_which_a_mask_is_nothing_keeps_no_exposure_out() -> None:
    huge = a_wcs()
    huge.wcs.cd = huge.wcs.cd * 1e16
    sky = HandMask("circle", (150.0, 40.0, 0.01), on_sky=True)
    assert not with_masks_by_hand(noise(wcs=huge), [sky]).mask.any()


def test_without_a_wcs_there_is_no_sky() -> None:
    sky = on_sky(CIRCLE, a_wcs(), (0, 0))
    with pytest.raises(SkyFrameError, match="no WCS"):
        in_pixels(sky, None, (0, 0))
    # Its other masks hold, and a sentence tells of those that do not.
    marked = with_masks_by_hand(noise(), [sky, BOX])
    expected = masked_pixels([BOX], marked.bbox)
    assert np.array_equal(marked.mask != 0, expected)
    assert "1 mask by hand" in unmasked(noise(), [sky, BOX])
    assert unmasked(noise(), [BOX]) == unmasked(noise(wcs=a_wcs()), [sky]) == ""


def test_a_polygon_by_rows_is_the_polygon_by_pixels() -> None:
    rng = np.random.default_rng(4)
    x, y = np.arange(-5.0, 35.0)[None, :], np.arange(3.0, 33.0)[:, None]
    for n in range(60):  # most of them cross themselves; every third has corners on pixels
        corners = rng.uniform(-20, 50, (3 + n % 9, 2))
        mask = HandMask("polygon", tuple((corners if n % 3 else corners.round()).ravel().tolist()))
        assert np.array_equal(masked_pixels([mask], (-5, 3, 34, 32)), contains(mask, x, y))


def test_one_on_the_other_side_of_the_sky_masks_nothing() -> None:
    far = HandMask("circle", (330.0, -40.0, 0.1), on_sky=True)
    assert not with_masks_by_hand(noise(wcs=a_wcs()), [far]).mask.any()


@pytest.mark.parametrize(
    ("shape", "numbers"),
    [
        ("circle", (1.0, 2.0)),
        ("circle", (1.0, 2.0, 0.0)),
        ("circle", (math.nan, 2.0, 3.0)),
        ("box", (1.0, 2.0, 3.0, -1.0, 0.0)),
        ("ellipse", (1.0, 2.0, 3.0, 1e300, 0.0)),
        ("polygon", (1.0, 2.0, 3.0, 4.0)),
        ("polygon", (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)),
        ("star", (1.0, 2.0, 3.0)),
    ],
)
def test_what_is_no_shape_is_refused(shape: str, numbers: tuple[float, ...]) -> None:
    with pytest.raises(SkyFrameError):
        HandMask(shape, numbers)  # type: ignore[arg-type]


def test_no_mask_is_beyond_the_pole() -> None:
    HandMask("circle", (10.0, -90.0, 0.1), on_sky=True)
    with pytest.raises(SkyFrameError, match="declination"):
        HandMask("circle", (10.0, 90.5, 0.1), on_sky=True)
    with pytest.raises(SkyFrameError, match="declination"):
        HandMask("polygon", (1.0, 2.0, 3.0, -95.0, 4.0, 4.0), on_sky=True)

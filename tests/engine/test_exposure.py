"""Exposures and mask planes as every other part relies on them."""

from __future__ import annotations

import numpy as np
import pytest

from skyframe_gui.engine import Exposure, MaskPlanes, SkyFrameError


def test_lsst_default_planes_have_lsst_bits() -> None:
    planes = MaskPlanes.LSST_DEFAULT
    assert list(planes) == [
        "BAD",
        "SAT",
        "INTRP",
        "CR",
        "EDGE",
        "DETECTED",
        "DETECTED_NEGATIVE",
        "SUSPECT",
        "NO_DATA",
    ]
    assert list(planes.values()) == list(range(9))
    assert planes.bits(["BAD", "DETECTED", "NOT_THERE"]) == 33
    assert planes.missing(["NOT_THERE", "SAT", "NEITHER"]) == ("NOT_THERE", "NEITHER")


def test_one_name_alone_is_no_list_of_names() -> None:
    with pytest.raises(SkyFrameError, match=r"given as a list, as in \['SAT'\]"):
        MaskPlanes.LSST_DEFAULT.bits("SAT")


def test_bit_31_works_in_an_int32_mask() -> None:
    planes = MaskPlanes({"LAST": 31})
    mask = np.array([[-(2**31), 1]], np.int32)
    assert ((mask & planes.bits(["LAST"])) != 0).tolist() == [[True, False]]


@pytest.mark.parametrize("bit", [-1, 32, 1.5, True])
def test_impossible_bits_are_refused(bit: object) -> None:
    with pytest.raises(SkyFrameError, match="PLANE"):
        MaskPlanes({"PLANE": bit})  # type: ignore[dict-item]


def test_float32_and_int32_planes_are_not_copied_and_cannot_be_written_through() -> None:
    image, mask = np.ones((3, 4), np.float32), np.zeros((3, 4), np.int32)
    exposure = Exposure(image, mask)
    assert np.shares_memory(exposure.image, image)
    assert np.shares_memory(exposure.mask, mask)
    with pytest.raises(ValueError, match="read-only"):
        exposure.image[0, 0] = 5
    image[0, 0] = 5  # the owner's array stays writeable
    assert exposure.image[0, 0] == 5


@pytest.mark.parametrize("dtype", [">f4", ">i2", "f8", "u2"])
def test_other_types_are_converted(dtype: str) -> None:
    exposure = Exposure(np.arange(12, dtype=dtype).reshape(3, 4))
    assert exposure.image.dtype == np.float32
    assert exposure.image[2, 3] == 11


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        *((2**31, np.uint32), (32768, np.uint16), (3, ">i4"), (5.0, np.float64)),
        *((-(2**31), np.int64), (2**32 - 1, np.int64)),
    ],
)
def test_masks_keep_their_bits_whatever_type_they_come_in(value: float, dtype: object) -> None:
    mask = np.full((2, 2), value, dtype)
    exposure = Exposure(np.ones((2, 2)), mask)
    assert exposure.mask.dtype == np.int32
    assert (exposure.mask.view(np.uint32) == int(value) % 2**32).all()


@pytest.mark.parametrize("value", [0.5, 2**40, 2**32, -(2**31) - 1])
def test_masks_that_are_no_bit_planes_are_refused(value: float) -> None:
    with pytest.raises(SkyFrameError, match=r"night\.fits: the mask"):
        Exposure(np.ones((2, 2)), np.full((2, 2), value), name="night.fits")


def test_what_was_not_given_is_zero_and_known_to_be_missing() -> None:
    exposure = Exposure(np.ones((2, 3)))
    assert exposure.mask.shape == exposure.variance.shape == (2, 3)
    assert not exposure.mask.any()
    assert not exposure.has_mask
    assert not exposure.has_variance


def test_bounding_box_includes_its_last_pixels() -> None:
    exposure = Exposure(np.ones((20, 30)), xy0=(100, 7))
    assert exposure.bbox == (100, 7, 129, 26)
    assert (exposure.width, exposure.height) == (30, 20)


@pytest.mark.parametrize("shape", [(5,), (2, 3, 4), (0, 4)])
def test_images_that_are_none_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(SkyFrameError, match="two-dimensional"):
        Exposure(np.ones(shape))


def test_a_refusal_names_the_exposure_where_it_has_a_name() -> None:
    with pytest.raises(SkyFrameError, match=r"^The exposure: the image has the shape"):
        Exposure(np.zeros(3))
    with pytest.raises(SkyFrameError, match=r"^a\.fits: the image has the shape"):
        Exposure(np.zeros(3), name="a.fits")


def test_planes_of_another_shape_are_refused() -> None:
    with pytest.raises(SkyFrameError, match="variance is 3 x 2 pixels but the image is 3 x 3"):
        Exposure(np.ones((3, 3)), variance=np.ones((2, 3)))

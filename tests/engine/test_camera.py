"""Detectors in the focal plane: where they lie, what they are called, which are of one kind."""

from __future__ import annotations

import numpy as np
import pytest

from skyframe_gui.engine import Camera, Detector, SkyFrameError


def at(x: float, y: float, name: str = "one", **more: object) -> Detector:
    """Return a detector of 40 x 60 pixels of 0.01 with its first pixel at a place."""
    return Detector(name, 40, 60, (0.01, 0, 0, 0.01, x, y), **more)  # type: ignore[arg-type]


def why(*detectors: Detector, of: str, name: str = "Cam") -> str:
    with pytest.raises(SkyFrameError) as caught:
        Camera(name, detectors)[of]
    return str(caught.value)


def test_a_detector_reaches_half_a_pixel_beyond_the_middle_of_its_last() -> None:
    np.testing.assert_allclose(
        at(1, 2).corners(), [(0.995, 1.995), (1.395, 1.995), (1.395, 2.595), (0.995, 2.595)]
    )
    turned = Detector("t", 40, 60, (0, -0.02, 0.01, 0, 5, 6))
    np.testing.assert_allclose(
        turned.corners(), [(5.01, 5.995), (5.01, 6.395), (3.81, 6.395), (3.81, 5.995)]
    )
    assert turned.pixel_size == pytest.approx(0.01 * np.sqrt(2))
    assert (turned.width, type(turned.width)) == (40, int)


def test_a_cameras_box_is_that_of_all_its_detectors_and_a_hair_more_above() -> None:
    camera = Camera("Cam", (at(-1, -2), at(1, 2, "two")))
    least_x, least_y, most_x, most_y = camera.bounds
    assert (least_x, least_y) == (-1.005, -2.005)
    assert (most_x, most_y) == pytest.approx((1.395, 2.595), rel=1e-12)
    assert most_x > at(1, 2).corners()[:, 0].max()
    below = Camera("Cam", (at(-1, -2),))
    corners = at(-1, -2).corners()
    assert below.bounds[2] > corners[:, 0].max()
    assert below.bounds[2:] == pytest.approx(tuple(corners.max(axis=0)), rel=1e-12)
    touching = Camera("Cam", (Detector("o", 4, 4, (1, 0, 0, 1, -3.5, -3.5)),))
    assert touching.bounds[2:] == (2 * np.finfo(float).eps, 2 * np.finfo(float).eps)


def test_a_detector_is_found_by_its_name_or_answered_with_those_there_are() -> None:
    nine = tuple(at(k, 0, f"S{k}") for k in range(9))
    camera = Camera("Cam", nine)
    assert camera["S3"] is nine[3]
    assert "S8" in camera
    assert "S9" not in camera
    assert 3 not in camera
    assert why(*nine[:8], of="x") == (
        "The camera Cam has no detector x; it has S0, S1, S2, S3, S4, S5, S6, S7."
    )
    assert why(*nine, of="", name="") == (
        "The camera (no name) has no detector (no name); it has S0, S1, S2, S3, S4, S5, S6, S7, "
        "...."
    )


def test_kinds_are_those_of_detectors_that_take_images() -> None:
    camera = Camera(
        "Cam",
        (
            at(0, 0, "a", kind="ITL"),
            at(1, 0, "b", kind="E2V"),
            at(2, 0, "c", kind="ITL"),
            at(3, 0, "d", kind="guider", science=False),
            Detector("e", 10, 10, (0.5, 0, 0, 0.5, 9, 9), kind="E2V"),
        ),
    )
    assert camera.kinds == ("E2V", "ITL")
    assert camera.pixel_size == pytest.approx(0.01)


def test_cameras_that_cannot_be_are_told_whole() -> None:
    sentences = []
    for name, detectors in (("", ()), ("Cam", ()), ("Cam", (at(0, 0, ""), at(1, 0, "")))):
        with pytest.raises(SkyFrameError) as caught:
            Camera(name, detectors)
        sentences.append(str(caught.value))
    assert sentences == [
        "The camera (no name) has no detector; it needs at least one.",
        "The camera Cam has no detector; it needs at least one.",
        "The camera Cam has two detectors with the name (none); names must differ.",
    ]
    with pytest.raises(SkyFrameError) as caught:
        Detector("", 10, 0, (1, 0, 0, 1, 0, 0))
    assert str(caught.value) == (
        "Detector (no name) has the height 0; a whole number of pixels, 1 or more, is needed."
    )
    with pytest.raises(SkyFrameError) as caught:
        Detector("d", 10, 10, (1, 1, 1, 1, 0, 0))
    assert str(caught.value) == (
        "Detector d cannot be placed in the focal plane by (1.0, 1.0, 1.0, 1.0, 0.0, 0.0); six "
        "finite numbers (a, b, c, e, tx, ty) with a e - b c other than 0 are needed."
    )
    assert Detector("d", 1, 1, (0, 1, 1, 0, 0, 0)).pixel_size == 1

"""Where detectors lie: the program's tables, and what LSST's files say themselves."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from skyframe_gui.engine import FocalPlaneBackgroundConfig, SkyFrameError
from skyframe_gui.engine.focal_plane import Layout
from skyframe_gui.files import camera_names, read_camera, read_detector

FITS = Path(__file__).parent.parent / "data" / "fits"
SIZES = {"HSC": 112, "DECam": 62, "LSSTCam": 205, "LSSTComCam": 9, "LATISS": 1, "MegaPrime": 36}


def test_every_camera_has_all_of_its_detectors() -> None:
    assert {name: len(read_camera(name).detectors) for name in camera_names()} == SIZES
    for name in camera_names():
        ids = [detector.id for detector in read_camera(name).detectors]
        assert ids == sorted(ids)


def test_table_in_an_exposure_of_hsc_is_ours() -> None:
    theirs = read_detector(FITS / "hsc_detector_table.fits.gz")
    assert theirs is not None
    ours = read_camera("HSC")[theirs.name]
    assert ours.id == theirs.id
    assert (ours.width, ours.height) == (theirs.width, theirs.height)
    assert np.abs(ours.corners() - theirs.corners()).max() < 1e-6


def test_exposure_that_says_nothing_of_its_detector() -> None:
    assert read_detector(FITS / "hsc_calexp_2014.fits.gz") is None


def test_superpixels_of_hsc_are_laid_over_its_focus_detectors_too() -> None:
    config = FocalPlaneBackgroundConfig(xSize=122.88, ySize=122.88, pixelSize=0.015)
    layout = Layout.of(read_camera("HSC"), config)
    assert (layout.nx, layout.ny) == (7, 7)


def test_small_rotations_of_decam_are_kept() -> None:
    a, _, c, _, _, _ = read_camera("decam")["S30"].affine
    assert math.degrees(math.atan2(c, a)) == pytest.approx(-0.105, abs=1e-12)


def test_types_of_lsstcam() -> None:
    kinds = {detector.kind for detector in read_camera("LSSTCam").detectors}
    assert {"E2V", "ITL"} <= kinds


@pytest.mark.parametrize(
    ("name", "found"), [("Hyper Suprime-Cam", "HSC"), ("MegaPrime/MegaCam", "MegaPrime")]
)
def test_names_that_headers_have(name: str, found: str) -> None:
    assert read_camera(name).name == found


def test_camera_that_nobody_knows() -> None:
    with pytest.raises(SkyFrameError, match="the camera WFI; there are tables of DECam"):
        read_camera("WFI")

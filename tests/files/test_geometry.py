"""Where detectors lie by their headers: coordinates with distortions, sections, a known truth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from astropy.wcs.utils import fit_wcs_from_points

from skyframe_gui.files import ExposureSource, read_camera, scan
from skyframe_gui.files.geometry import Layout, layout_of

if TYPE_CHECKING:
    from pathlib import Path

    from skyframe_gui.engine import Camera

RA, DEC = 187.3, -32.2
SCALE = {"DECam": 0.2637 / 3600 / 0.015, "HSC": 0.1685 / 3600 / 0.015}
"""Degrees a mm in the middle of the field."""
STRETCH = {"DECam": 4e-3, "HSC": 3e-2}
"""How much further out the rim of the field (300 mm) appears than the middle tells."""
TURN = math.radians(33.0)


def sparse(path: Path, shape: tuple[int, int], **cards: object) -> ExposureSource:
    """Write a file of a detector's full size that takes no place on the disk."""
    header = fits.Header({"SIMPLE": True, "BITPIX": 8, "NAXIS": 2})
    header.update({"NAXIS1": shape[1], "NAXIS2": shape[0], **cards})
    head = header.tostring().encode()
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + -(-shape[0] * shape[1] // 2880) * 2880)
    (source,) = scan(path)
    return source


def tpv(camera: str, name: str) -> dict[str, object]:
    """Return the WCS that a detector has: its place in the focal plane, turned, then the optics."""
    a, b, c, e, tx, ty = read_camera(camera)[name].affine
    scale, k = SCALE[camera], STRETCH[camera] / (300 * SCALE[camera]) ** 2
    turned = scale * np.array([[-math.cos(TURN), math.sin(TURN)], [math.sin(TURN), math.cos(TURN)]])
    matrix = turned @ [[a, b], [c, e]]
    # Where in its pixels the middle of the field lies, counted from 1.
    crpix = 1 - np.linalg.solve([[a, b], [c, e]], [tx, ty])
    cards: dict[str, object] = {
        "CTYPE1": "RA---TPV", "CTYPE2": "DEC--TPV", "CRVAL1": RA, "CRVAL2": DEC,
        "CRPIX1": crpix[0], "CRPIX2": crpix[1], "CUNIT1": "deg", "CUNIT2": "deg",
        "PV1_1": 1.0, "PV1_7": k, "PV1_9": k, "PV2_1": 1.0, "PV2_7": k, "PV2_9": k,
    }  # fmt: skip
    for i in (0, 1):
        for j in (0, 1):
            cards[f"CD{i + 1}_{j + 1}"] = matrix[i, j]
    return cards


def own_tangent_point(camera: str, name: str) -> dict[str, object]:
    """Return a WCS as LSST writes it: about the detector's middle, with SIP, and the boresight."""
    detector = read_camera(camera)[name]
    true = WCS(fits.Header(tpv(camera, name)))
    y, x = np.mgrid[0 : detector.height - 1 : 7j, 0 : detector.width - 1 : 7j]
    sky = true.pixel_to_world(x.ravel(), y.ravel())
    found = fit_wcs_from_points((x.ravel(), y.ravel()), sky, sky[24], sip_degree=3)
    header = found.to_header(relax=True)
    return {**header, "BORE-RA": RA, "BORE-DEC": DEC, "NAXIS": 2}


def visit(
    tmp_path: Path, camera: str, names: list[str], made: object = tpv
) -> list[ExposureSource]:
    table = read_camera(camera)
    sources = []
    for number, name in enumerate(names):
        shape = table[name].height, table[name].width
        cards = {"EXTNAME": name, "INSTRUME": "Unknown", **made(camera, name)}
        cards.pop("NAXIS", None)
        sources.append(sparse(tmp_path / f"{number}.fits", shape, **cards))
    return sources


def off_by(found: Layout, camera: str, pixel: float) -> float:
    """Return how many pixels corners lie beside those of the table, turned and moved as one."""
    table = read_camera(camera)
    ours = np.concatenate([one.corners() for one in found.camera.detectors])
    theirs = np.concatenate([table[one.name].corners() for one in found.camera.detectors])
    theirs = theirs / pixel
    ours, theirs = ours - ours.mean(axis=0), theirs - theirs.mean(axis=0)
    left, _, right = np.linalg.svd(ours.T @ theirs)
    assert np.linalg.det(left @ right) > 0, "seen from the wrong side"
    return float(np.hypot(*(ours @ left @ right - theirs).T).max())


def names_of(camera: str) -> list[str]:
    return [one.name for one in read_camera(camera).detectors]


@pytest.mark.parametrize("camera", ["DECam", "HSC"])
def test_coordinates_with_distortions_lay_detectors_out_as_their_table(
    camera: str, tmp_path: Path
) -> None:
    found = layout_of(visit(tmp_path, camera, names_of(camera)), "Unknown")
    assert found is not None
    assert (found.camera.name, found.pixel) == ("Unknown", None)
    assert "coordinates" in found.by
    assert len(found.camera.detectors) == len(names_of(camera))
    assert off_by(found, camera, 0.015) < 0.05
    straight = [one.affine for one in found.camera.detectors]
    assert sum(a > 0.999 and abs(b) < 0.01 for a, b, *_ in straight) >= len(straight) / 3


def test_small_rotations_are_kept(tmp_path: Path) -> None:
    found = layout_of(visit(tmp_path, "DECam", names_of("DECam")), "DECam")
    assert found is not None
    yaws = {
        camera: np.degrees([math.atan2(*table[name].affine[2::-2]) for name in names_of("DECam")])
        for camera, table in (("ours", found.camera), ("theirs", read_camera("DECam")))
    }
    beside = yaws["ours"] - yaws["theirs"]
    assert np.ptp(yaws["theirs"]) > 0.1
    assert np.ptp(beside) < 1e-4


def test_coordinates_about_each_detectors_own_middle(tmp_path: Path) -> None:
    names = ["0_25", "0_10", "1_42", "1_53", "0_01", "1_20"]
    found = layout_of(visit(tmp_path, "HSC", names, own_tangent_point), "HSC")
    assert found is not None
    assert len(found.camera.detectors) == len(names)
    assert off_by(found, "HSC", 0.015) < 2


def test_pixels_whose_size_is_told_are_placed_in_mm(tmp_path: Path) -> None:
    def with_size(camera: str, name: str) -> dict[str, object]:
        return {**tpv(camera, name), "PIXSIZE1": 15.0}

    found = layout_of(visit(tmp_path, "DECam", ["S29", "N4", "N31"], with_size), "x")
    assert found is not None
    assert found.pixel == pytest.approx(0.015)
    assert off_by(found, "DECam", 1.0) < 0.001
    assert found.camera.pixel_size == pytest.approx(0.015)


def test_coordinates_that_cannot_be_are_passed_over(tmp_path: Path) -> None:
    def broken(camera: str, name: str) -> dict[str, object]:
        return {**tpv(camera, name), "CRVAL2": 57.8 if name == "N4" else DEC}

    other_side = visit(tmp_path, "DECam", ["S29", "N4"], broken)
    assert layout_of(other_side, "x") is None
    without = visit(tmp_path, "DECam", ["S29", "N4"], lambda *_: {})
    assert layout_of(without, "x") is None


def mosaic(path: Path, *detsec: str, **cards: object) -> list[ExposureSource]:
    hdus = fits.HDUList([fits.PrimaryHDU()])
    for number, section in enumerate(detsec, 1):
        hdu = fits.ImageHDU(np.zeros((40, 20), "i2"), name=f"ccd{number}")
        hdu.header.update({"CCDNUM": number, "DETSEC": section, **cards})
        hdus.append(hdu)
    hdus.writeto(path)
    return scan(path)


def first_and_last(camera: Camera) -> list[tuple[float, ...]]:
    places = []
    for one in camera.detectors:
        a, b, c, e, tx, ty = one.affine
        x, y = one.width - 1, one.height - 1
        places.append((tx, ty, a * x + b * y + tx, c * x + e * y + ty))
    return places


@pytest.mark.parametrize(
    ("sections", "cards", "places"),
    [
        (["[1:20,1:40]", "[23:42,1:40]"], {}, [(1, 1, 20, 40), (23, 1, 42, 40)]),
        (["[1:20,1:40]", "[42:23,40:1]"], {}, [(1, 1, 20, 40), (42, 40, 23, 1)]),
        (["[1:40,1:80]", "[41:80,1:80]"], {"CCDSUM": "2 2"},
         [(1.5, 1.5, 39.5, 79.5), (41.5, 1.5, 79.5, 79.5)]),
        (["[1:16,1:36]", "[17:32,1:36]"], {"DATASEC": "[3:18,3:38]"},
         [(-1, -1, 18, 38), (15, -1, 34, 38)]),
        (["[1:200,1:400]", "[201:400,1:400]"], {"LTV1": -50.0, "LTV2": -100.0},
         [(51, 101, 70, 140), (251, 101, 270, 140)]),
        (["[1:20,1:41]", "[21:40,1:41]"], {}, [(1, 1.5, 20, 40.5), (21, 1.5, 40, 40.5)]),
    ],
)  # fmt: skip
def test_sections_of_the_mosaic_lay_detectors_out(
    sections: list[str],
    cards: dict[str, object],
    places: list[tuple[float, ...]],
    tmp_path: Path,
) -> None:
    found = layout_of(mosaic(tmp_path / "m.fits", *sections, **cards), "x")
    assert found is not None
    assert "DETSEC" in found.by
    np.testing.assert_allclose(first_and_last(found.camera), places)
    assert [one.id for one in found.camera.detectors] == [1, 2]


@pytest.mark.parametrize(
    "sections", [["[1:20,1:40]", "[1:20,1:40]"], ["[1:20,1:40]", "[21:30,1:40]"], ["[1:20]", ""]]
)
def test_sections_that_say_nothing_of_the_mosaic(sections: list[str], tmp_path: Path) -> None:
    assert layout_of(mosaic(tmp_path / "m.fits", *sections), "x") is None

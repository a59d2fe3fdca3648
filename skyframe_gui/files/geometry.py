"""Where detectors lie by what their exposures' headers tell: celestial coordinates, or sections."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skyframe_gui.engine.camera import Camera, Detector
from skyframe_gui.files.fits.conventions import read_section
from skyframe_gui.files.fits.exposure_planes import exposure_cards
from skyframe_gui.files.fits.headers import Cards, card_number, card_text, quiet
from skyframe_gui.files.fits.io import open_fits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skyframe_gui.engine.camera import Affine
    from skyframe_gui.files.fits.source import ExposureSource

    Array = NDArray[np.float64]

PIXEL_SIZES = ("PIXSIZE1", "ESO DET CHIP PSZX", "ESO DET CHIP1 PSZX", "XPIXSZ", "PIXSIZE")
"""Cards with the size of a pixel in microns."""
SAME_POINT = 1.0 / 3600
"""Degrees within which reference points are one."""
WIDEST = 20.0
"""Degrees from the middle: what lies further out is no detector of the same camera."""
STEP = 8.0
"""Pixels over which the axes are measured."""
TRIMMED = 0.03
"""Part of a detector that may be cut off its borders without a word of where."""


class Layout(NamedTuple):
    """A camera as headers lay it out."""

    camera: Camera
    by: str
    """By what, as a part of a sentence."""
    pixel: float | None
    """Edge of a pixel in mm; None where no header tells it: then a pixel is the unit."""


@dataclass(frozen=True)
class _One:
    """An exposure with what its headers say."""

    source: ExposureSource
    cards: Cards
    wcs: Any

    @property
    def centre(self) -> tuple[float, float]:
        return (self.source.width - 1) / 2, (self.source.height - 1) / 2

    def detector(self, affine: Affine) -> Detector:
        name = self.source.detector
        number = int(name) if name.isdecimal() and len(name) < 10 else None
        return Detector(name, self.source.width, self.source.height, affine, "", number)


def layout_of(sources: Sequence[ExposureSource], name: str) -> Layout | None:
    """Return the camera that one visit's exposures are of, as their headers lay it out.

    By their celestial coordinates, see `_by_wcs`; else by the sections of the mosaic that they say
    they cover (DETSEC, with DATASEC, LTV and the binning). None where nothing tells.

    Parameters
    ----------
    sources : sequence of ExposureSource
        One a detector.
    name : str
        Of the camera.

    Raises
    ------
    SkyFrameError
        A file cannot be read.
    """
    ones = [_look_at(source) for source in sources]
    sizes = [_pixel_size(one) for one in ones]
    known = [size for size in sizes if size is not None]
    pixel = float(np.median(known)) if len(known) == len(ones) else None
    for route, by in (
        (_by_wcs, "their celestial coordinates"),
        (_by_sections, "their sections of the mosaic (DETSEC)"),
    ):
        affines = route(ones)
        if affines is not None:
            detectors = [
                one.detector(_scaled(affine, pixel or 1.0))
                for one, affine in zip(ones, affines, strict=True)
            ]
            detectors.sort(key=lambda one: (one.id is None, one.id or 0))
            return Layout(Camera(name, tuple(detectors)), by, pixel)
    return None


def celestial_of(source: ExposureSource) -> Any:
    """Return the `astropy.wcs.WCS` of an exposure by its headers alone; None without one.

    Raises
    ------
    SkyFrameError
        The file cannot be read.
    """
    with open_fits(source.path) as file, quiet():
        return file.hdus[source.image.hdu].celestial[0]


def _look_at(source: ExposureSource) -> _One:
    with open_fits(source.path) as file, quiet():
        hdu = file.hdus[source.image.hdu]
        return _One(source, exposure_cards(file, hdu), hdu.celestial[0])


def _pixel_size(one: _One) -> float | None:
    """Return the edge of an image's pixel in mm; None where no card tells it."""
    for keyword in PIXEL_SIZES:
        microns = card_number(one.cards, keyword)
        if microns is not None and 1 <= microns <= 100:
            binning = 1 if keyword == "XPIXSZ" else one.source.binning[0]
            return microns * binning / 1000
    return None


def _scaled(affine: Affine, unit: float) -> Affine:
    a, b, c, e, tx, ty = (number * unit for number in affine)
    return a, b, c, e, tx, ty


# By celestial coordinates ------------------------------------------------------------------------


def _by_wcs(ones: Sequence[_One]) -> list[Affine] | None:
    """Return how detectors lie in a plane whose unit is a pixel, by their WCS with its distortions.

    Centre and axes of each are projected about the common tangent point: the reference point of
    all, else the boresight that LSST's headers tell, else the middle of the detectors. The optics
    stretch that plane outwards, by percents at the rim of a wide field. The detectors' pixels are
    of one size wherever they lie, so what a pixel covers at the distance r tells how much, along
    the circle and across it: a polynomial in r squared is fitted to both and undone. What is left
    of each detector is a rotation. The plane is turned so that most detectors lie straight in it.
    """
    if any(one.wcs is None for one in ones):
        return None
    with quiet(), np.errstate(all="ignore"):
        try:
            views = _views(ones)
        except Exception:  # wcslib raises what it likes where coordinates cannot be
            return None
    if views is None:
        return None
    points, jacobians = views
    flat = points.reshape(-1, 2), jacobians.reshape(-1, 2, 2)
    reach = float(np.hypot(*flat[0].T).max()) or 1.0
    terms = _radial_terms(*flat, reach, min(len(ones) + 1, 4))
    middle = points.shape[1] // 2
    placed = []
    for point, jacobian in zip(points[:, middle], jacobians[:, middle], strict=True):
        square = float(point @ point) / reach**2
        powers = np.arange(len(terms))
        stretch = float(terms @ square**powers)
        slope = float(terms[1:] @ (powers[1:] * square ** (powers[1:] - 1))) / reach**2
        true = (stretch * np.eye(2) + 2 * slope * np.outer(point, point)) @ jacobian
        left, scales, right = np.linalg.svd(true)
        if not np.isfinite(true).all() or scales[1] <= 0:
            return None
        # Detectors of pixels of another size keep it; the rest is noise of the coordinates.
        size = float(np.sqrt(scales[0] * scales[1]))
        size = 1.0 if abs(size - 1) < 0.02 else size
        placed.append((point * stretch, left @ right * size))
    turn = _straightened([axes for _, axes in placed])
    affines = []
    for one, (centre, axes) in zip(ones, placed, strict=True):
        (a, b), (c, e) = turned = (turn @ axes).tolist()
        tx, ty = (turn @ centre - np.array(turned) @ np.array(one.centre)).tolist()
        affines.append((a, b, c, e, tx, ty))
    return affines


def _views(ones: Sequence[_One]) -> tuple[Array, Array] | None:
    """Return points of each detector in the tangent plane, and its axes there.

    Returns
    -------
    points : float64 [n, 9, 2]
        Degrees, of 3 x 3 pixels of each, the middle the fifth; seen from behind, as cameras are
        described, where that makes most of them right-handed.
    jacobians : float64 [n, 9, 2, 2]
        Degrees a pixel: what the point moves with x (first column) and y.
    """
    skies = []
    for one in ones:
        width, height = one.source.width, one.source.height
        y, x = np.meshgrid(
            np.linspace(0, height - 1, 3), np.linspace(0, width - 1, 3), indexing="ij"
        )
        offsets = np.array([(0, 0), (STEP, 0), (-STEP, 0), (0, STEP), (0, -STEP)])
        pixels = np.stack([x.ravel(), y.ravel()], axis=1)[:, None] + offsets
        sky = one.wcs.all_pix2world(pixels.reshape(-1, 2), 0)[:, _axes(one)]
        skies.append(np.asarray(sky, np.float64).reshape(9, 5, 2))
    sky = np.stack(skies)
    if not np.isfinite(sky).all():
        return None
    plane = _projected(sky, *_tangent_point(ones, sky[:, 4, 0]))
    points = plane[:, :, 0]
    jacobians = np.stack(
        [plane[:, :, 1] - plane[:, :, 2], plane[:, :, 3] - plane[:, :, 4]], axis=-1
    ) / (2 * STEP)
    signs = np.sign(np.linalg.det(jacobians))
    if not np.isfinite(plane).all() or not signs.all() or np.abs(plane).max() > WIDEST:
        return None
    if signs.sum() < 0:
        points, jacobians = points * (-1, 1), jacobians * np.array([[-1], [1]])
    return points, jacobians


def _axes(one: _One) -> list[int]:
    """Return which of a WCS's axes is the longitude, and which the latitude."""
    return [one.wcs.wcs.lng, one.wcs.wcs.lat]


def _tangent_point(ones: Sequence[_One], centres: Array) -> tuple[float, float]:
    references = np.array([one.wcs.wcs.crval[_axes(one)] for one in ones], np.float64)
    if _apart(references).max() < SAME_POINT:
        return float(references[0, 0]), float(references[0, 1])
    told = [(card_number(one.cards, "BORE-RA"), card_number(one.cards, "BORE-DEC")) for one in ones]
    if all(None not in pair for pair in told):
        boresights = np.array(told, np.float64)
        if _apart(boresights).max() < SAME_POINT:
            return float(boresights[0, 0]), float(boresights[0, 1])
    x, y, z = _vectors(centres).sum(axis=0)
    return math.degrees(math.atan2(y, x)), math.degrees(math.atan2(z, math.hypot(x, y)))


def _vectors(sky: Array) -> Array:
    ra, dec = np.radians(sky[..., 0]), np.radians(sky[..., 1])
    return np.stack([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)], axis=-1)


def _apart(sky: Array) -> Array:
    """Return how far points are from the first, in degrees."""
    vectors = _vectors(sky)
    apart: Array = np.degrees(np.linalg.norm(vectors - vectors[0], axis=-1))
    return apart


def _projected(sky: Array, ra: float, dec: float) -> Array:
    """Return points in the plane that touches the sphere at (ra, dec), degrees, x to the east."""
    x, y, z = np.moveaxis(_vectors(sky), -1, 0)
    a, d = math.radians(ra), math.radians(dec)
    east = -math.sin(a) * x + math.cos(a) * y
    away = math.cos(a) * x + math.sin(a) * y
    north = math.cos(d) * z - math.sin(d) * away
    depth = math.sin(d) * z + math.cos(d) * away
    depth = np.where(depth > 0, depth, np.nan)
    plane: Array = np.degrees(np.stack([east / depth, north / depth], axis=-1))
    return plane


def _radial_terms(points: Array, jacobians: Array, reach: float, count: int) -> Array:
    """Return the terms of g: a point p of the tangent plane lies at p g(r^2) in the focal plane.

    A step of one pixel along the circle about the tangent point is g of the plane, one across it
    g + 2 r^2 g'. With g a polynomial in (r / reach)^2 both are linear in its terms.
    """
    radius = np.hypot(*points.T)
    safe = np.where(radius > 0, radius, 1)[:, None]
    across = np.where(radius[:, None] > 0, points / safe, np.array([1.0, 0.0]))
    along = np.stack([-across[:, 1], across[:, 0]], axis=1)
    back = np.linalg.inv(jacobians)
    seen = [np.linalg.norm(np.einsum("nij,nj->ni", back, way), axis=1) for way in (along, across)]
    powers = np.arange(count)
    squares = (radius[:, None] / reach) ** (2 * powers)
    rows = np.concatenate([squares, squares * (1 + 2 * powers)])
    terms, *_ = np.linalg.lstsq(rows, np.concatenate(seen), rcond=1e-10)
    return np.asarray(terms, np.float64)


def _straightened(axes: Sequence[Array]) -> Array:
    """Return the rotation after which most detectors lie straight, as a matrix."""
    angles = np.array([math.atan2(one[1, 0], one[0, 0]) for one in axes])
    common = float(np.angle(np.exp(4j * angles).mean())) / 4
    quarters = [round((angle - common) / (math.pi / 2)) % 4 for angle in angles.tolist()]
    turn = -(common + Counter(quarters).most_common(1)[0][0] * math.pi / 2)
    return np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])


# By sections -------------------------------------------------------------------------------------


def _by_sections(ones: Sequence[_One]) -> list[Affine] | None:
    """Return how detectors lie in the mosaic by the parts of it that they say they cover.

    None where one does not say it, or two say the same: then the sections count from each
    detector's own corner.
    """
    affines = []
    for one in ones:
        along_x, along_y = (_along(one, axis) for axis in (0, 1))
        if along_x is None or along_y is None:
            return None
        affines.append((along_x[0], 0.0, 0.0, along_y[0], along_x[1], along_y[1]))
    if len({(round(one[4]), round(one[5])) for one in affines}) < len(affines):
        return None
    return affines


def _along(one: _One, axis: int) -> tuple[float, float] | None:
    """Return step and place of the first pixel along an axis of the mosaic."""
    ends = _ends(one, "DETSEC", axis)
    if ends is None:
        return None
    length = (one.source.width, one.source.height)[axis]
    binning = one.source.binning[axis]
    sign = 1 if ends[1] >= ends[0] else -1
    covered = abs(ends[1] - ends[0]) + 1
    data = _ends(one, "DATASEC", axis)
    first = one.source.xy0[axis] * binning
    if data is not None and max(data) <= length and abs(data[1] - data[0]) + 1 == covered / binning:
        skipped = -(min(data) - 1) * binning
    elif covered // binning == length:
        skipped = 0
    elif 0 < first <= covered - length * binning:
        skipped = first  # a window of the detector that the section is of
    elif abs(covered - length * binning) <= TRIMMED * covered:
        return sign * binning, (ends[0] + ends[1]) / 2 - sign * binning * (length - 1) / 2
    else:
        return None
    return sign * binning, ends[0] + sign * (skipped + (binning - 1) / 2)


def _ends(one: _One, keyword: str, axis: int) -> tuple[int, int] | None:
    """Return the first and last pixel that a section names along an axis, counted from 1."""
    if read_section(one.cards, keyword) is None:
        return None
    numbers = [int(number) for number in re.findall(r"\d+", card_text(one.cards, keyword))]
    return numbers[2 * axis], numbers[2 * axis + 1]

"""Regions in the words of DS9: masks by hand, and boxes, in files and in headers."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.hand_masks import HandMask

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

FIRST = "# Region file format: DS9"
LARGEST = 1 << 22
"""Bytes of a region file that is read."""
MOST_REGIONS = 10_000
SHAPES = {"Circle": "circle", "Ellipse": "ellipse", "Rectangle": "box", "Polygon": "polygon"}
"""What the package regions calls them."""


def ds9_words(mask: HandMask, xy0: tuple[int, int] = (0, 0)) -> str:
    """Return a mask as DS9 writes it, such as ``image;circle(101,201,30)``.

    Parameters
    ----------
    mask : HandMask
    xy0 : (int, int)
        Parent coordinates of the first pixel of the image that the words are of, which is 1 there.
    """
    if mask.on_sky:
        # An angle on the sky is from the west of the image towards its north, as DS9 has it.
        places = ",".join(f"{one:.9f}" for one in mask.corners.ravel())
        sizes = [f'{3600 * one:.6f}"' for one in mask.numbers[2:4]]
    else:
        shift = (1 - xy0[0], 1 - xy0[1])
        places = ",".join(_short(one) for one in (mask.corners + shift).ravel())
        sizes = [_short(one) for one in mask.numbers[2:4]]
    if mask.shape == "polygon":
        sizes = []
    elif mask.shape == "circle":
        sizes = sizes[:1]
    else:
        sizes.append(_short(mask.numbers[4]))
    system = "icrs" if mask.on_sky else "image"
    return f"{system};{mask.shape}({','.join([places, *sizes])})"


def region_text(lines: Iterable[str]) -> str:
    """Return the text of a region file of lines such as `ds9_words` makes."""
    return "\n".join([FIRST, *lines, ""])


def read_regions(
    path: str | os.PathLike[str], xy0: tuple[int, int] = (0, 0)
) -> tuple[tuple[HandMask, ...], tuple[str, ...]]:
    """Read the circles, ellipses, boxes and polygons of a DS9 region file.

    Parameters
    ----------
    path : path
    xy0 : (int, int)
        Parent coordinates of the first pixel of the image that ``image`` coordinates are of;
        ``physical`` ones are parent coordinates from 1 up.

    Returns
    -------
    masks : tuple of HandMask
    notes : tuple of str
        Sentences on what was left out.

    Raises
    ------
    SkyFrameError
        The package regions is not there, or the file cannot be read or has no such region.
    """
    try:
        from regions import Regions
    except ImportError as error:
        raise SkyFrameError(
            "Region files are read with the package regions; install it: "
            "pip install skyframe_gui[regions]"
        ) from error
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise SkyFrameError(f"{path}: the region file cannot be read ({why}).") from error
    if len(data) > LARGEST:
        raise SkyFrameError(f"{path}: this is too large for a region file; give another file.")
    text = data.decode("utf-8-sig", errors="replace")
    systems = {word.lower() for word in re.findall(r"(?im)^\s*(image|physical)\s*(?:;|$)", text)}
    if len(systems) > 1:
        raise SkyFrameError(
            f"{path}: it has both image and physical coordinates; save it in one of them."
        )
    if "physical" in systems:
        text, xy0 = re.sub(r"(?im)^(\s*)physical\b", r"\1image", text), (0, 0)
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        try:
            found = list(Regions.parse(text, format="ds9"))
        except Exception as error:  # whatever its parser meets
            raise SkyFrameError(f"{path}: this is no region file ({_line(error)}).") from error
    name = Path(path).name
    notes = [f"{name}: {_line(one.message)}" for one in complaints]
    masks: list[HandMask] = []
    for number, region in enumerate(found[:MOST_REGIONS], start=1):
        kind = re.sub("(Pixel|Sky)Region$", "", type(region).__name__)
        try:
            if kind not in SHAPES:
                raise SkyFrameError(f"a {kind.lower()} is no mask")
            if not region.meta.get("include", True):
                raise SkyFrameError("one to be left out of others is no mask")
            masks.append(_mask_of(region, SHAPES[kind], xy0))
        except SkyFrameError as error:
            notes.append(f"{name}: region {number} was left out: {_line(error)}.")
    if len(found) > MOST_REGIONS:
        notes.append(f"{name}: only the first {MOST_REGIONS} of {len(found)} regions were read.")
    if not masks:
        why = f" {notes[0]}" if notes else ""
        raise SkyFrameError(f"{path}: there is no circle, ellipse, box or polygon in it.{why}")
    return tuple(masks), tuple(dict.fromkeys(notes))


def _mask_of(region: Any, shape: Any, xy0: tuple[int, int]) -> HandMask:
    """Return a region of the package regions as a mask."""
    on_sky = type(region).__name__.endswith("SkyRegion")
    places = region.vertices if shape == "polygon" else region.center
    if on_sky:
        sky = places.icrs
        numbers = _pairs(sky.ra.deg, sky.dec.deg)
    else:
        numbers = _pairs(places.x + xy0[0], places.y + xy0[1])

    def size(value: Any) -> float:
        return float(value.to_value("deg")) if on_sky else float(value)

    if shape == "circle":
        numbers.append(size(region.radius))
    elif shape != "polygon":
        half = 0.5 if shape == "ellipse" else 1.0  # semi-axes of the one, sides of the other
        angle = region.angle.to_value("deg")
        if on_sky:
            north = places.directional_offset_by(0 * region.angle.unit, region.width / 1000)
            turned = sky.position_angle(north.icrs).wrap_at(180 * sky.ra.unit)
            angle += turned.deg  # of a system whose north is another one
        numbers += [half * size(region.width), half * size(region.height), float(angle)]
    return HandMask(shape, tuple(numbers), on_sky)


def _pairs(x: Any, y: Any) -> list[float]:
    import numpy as np

    return [float(one) for one in np.stack([np.atleast_1d(x), np.atleast_1d(y)], axis=1).ravel()]


def _line(words: object) -> str:
    return " ".join(str(words).split())[:200].rstrip(".")


def _short(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")

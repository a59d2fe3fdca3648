"""Regions in the words of DS9: masks by hand, and boxes, in files and in headers."""

from __future__ import annotations

import re
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.hand_masks import HandMask

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

FIRST = "# Region file format: DS9"
LARGEST = 1 << 22
"""Bytes of a region file that is read."""
MOST_REGIONS = 10_000
MOST_NOTES = 20
SYSTEMS = ("image", "physical", "fk4", "b1950", "fk5", "j2000", "icrs", "galactic", "ecliptic")
OTHER_SYSTEMS = "linear|amplifier|detector|wcs[a-z0-9]?|tile\\s*\\d*"
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
        ``physical`` ones, and those of a file that names no system, are parent coordinates from
        1 up.

    Returns
    -------
    masks : tuple of HandMask
    notes : tuple of str
        Sentences on what was left out, by the numbers of their lines.

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
        if Path(path).is_fifo():
            raise SkyFrameError(f"{path}: this is a pipe, which might be waited for for ever.")
        with Path(path).open("rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise SkyFrameError(f"{path}: the region file cannot be read ({why}).") from error
    if len(data) > LARGEST:
        raise SkyFrameError(f"{path}: this is too large for a region file; give another file.")
    name, parse = Path(path).name, partial(Regions.parse, format="ds9")
    masks: list[HandMask] = []
    notes: list[str] = []
    system = "physical"  # until another one is named, as DS9 has it
    for number, line in enumerate(data.decode("utf-8-sig", errors="replace").splitlines(), 1):
        for words in _statements(line):
            try:
                if words.lower() in SYSTEMS:
                    system = words.lower()
                elif re.fullmatch(OTHER_SYSTEMS, words.lower()):
                    system = ""
                    raise SkyFrameError(
                        f"coordinates of the system {words} are not read; what follows in them is "
                        "left out"
                    )
                elif system:
                    masks.append(_read(words, system, xy0, parse))
            except SkyFrameError as error:
                notes.append(f"{name}, line {number}: {_line(error)}.")
        if len(masks) >= MOST_REGIONS:
            notes.append(f"{name}, line {number}: this is the last that is read, of {len(masks)}.")
            break
    if len(notes) > MOST_NOTES:
        rest = len(notes) - MOST_NOTES
        notes[MOST_NOTES:] = [f"{name}: {rest} more lines were left out."]
    if not masks:
        why = f" {notes[0]}" if notes else ""
        raise SkyFrameError(f"{path}: there is no circle, ellipse, box or polygon in it.{why}")
    return tuple(masks), tuple(notes)


def _statements(line: str) -> list[str]:
    """Return what a line says, without comments, properties and what holds for all regions."""
    said = line.partition("#")[0]
    found = [one.strip() for one in re.split(r";|\|\|", said)]
    return [one for one in found if one and not one.lower().startswith("global")]


def _read(
    words: str, system: str, xy0: tuple[int, int], parse: Callable[[str], Iterable[Any]]
) -> HandMask:
    """Return the mask that a statement is.

    Raises
    ------
    SkyFrameError
        It is none, or broken.
    """
    if words.startswith(("-", "!")):
        raise SkyFrameError("a region that is to be left out of others (-) is no mask")
    shape = re.match(r"\+?\s*([a-z]\w*)[\s(]", words.lower())
    if shape is None:
        raise SkyFrameError(f"{_short_words(words)} is no region")
    if shape[1] not in SHAPES.values():
        raise SkyFrameError(f"{shape[1]} is no shape of a mask: {', '.join(SHAPES.values())}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            (region,) = parse(f"{'image' if system == 'physical' else system};{words}")
        except Exception as error:  # whatever its parser meets
            raise SkyFrameError(f"{_short_words(words)} cannot be read") from error
    kind = SHAPES.get(re.sub("(Pixel|Sky)Region$", "", type(region).__name__))
    if kind is None:
        raise SkyFrameError("a ring is no mask")
    return _mask_of(region, kind, (0, 0) if system == "physical" else xy0)


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


def _short_words(words: str) -> str:
    return words if len(words) <= 60 else f"{words[:57]}..."


def _short(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")

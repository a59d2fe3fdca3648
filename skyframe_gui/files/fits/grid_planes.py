"""The three planes of bins that sky frames and background lists consist of, read and checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skyframe_gui.engine import styles
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import BBox, MaskPlanes
from skyframe_gui.files.fits.hdu import FileFault
from skyframe_gui.files.fits.headers import card_int
from skyframe_gui.files.fits.pixels import read_float_plane, read_mask_plane

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.io import FitsFile

MAX_SIDE = 1_000_000
"""No detector has more pixels along a side; a box that claims them is damaged."""


class GridPlanes(NamedTuple):
    """The pixels of the three planes, each [ny, nx]."""

    values: NDArray[np.float32]
    mask: NDArray[np.int32]
    """Bits by `MaskPlanes.LSST_DEFAULT`."""
    variance: NDArray[np.float32]
    """NaN where the file has no such plane."""


def read_grid_planes(
    file: FitsFile, image: Hdu, mask: Hdu | None, variance: Hdu | None, notes: list[str]
) -> GridPlanes:
    """Read the planes of one grid of bins.

    Parameters
    ----------
    file : FitsFile
    image, mask, variance : Hdu
    notes : list of str
        Gets a sentence for what is no reason to refuse them, such as a wrong checksum.

    Raises
    ------
    SkyFrameError
        They differ in size, or are damaged.
    """
    for plane in (mask, variance):
        if plane is not None and plane.shape != image.shape:
            raise FileFault(
                file.path,
                f"HDU {plane.index} has {plane.shape[1]} x {plane.shape[0]} bins but HDU "
                f"{image.index} {image.shape[1]} x {image.shape[0]}; they must be alike.",
            )
    values = read_float_plane(file, image, notes)
    bits = np.zeros(values.shape, np.int32) if mask is None else _mask(file, mask, notes)
    if variance is None:
        variances = np.full(values.shape, np.nan, np.float32)
    else:
        variances = read_float_plane(file, variance, notes)
    return GridPlanes(values, bits, variances)


def check_box(path: Path, box: tuple[int, ...], shape: tuple[int, int], cards: str) -> BBox:
    """Return the detector's bounding box if the bins fit into it.

    Parameters
    ----------
    path : Path
        The file, for messages.
    box : (min_x, min_y, max_x, max_y)
        Inclusive.
    shape : (ny, nx)
        Of the grid.
    cards : str
        What the cards are called that give the box.

    Raises
    ------
    SkyFrameError
        The box is empty or absurd, or has fewer pixels than there are bins.
    """
    min_x, min_y, max_x, max_y = box
    width, height = max_x - min_x + 1, max_y - min_y + 1
    if width < 1 or height < 1:
        raise FileFault(
            path,
            f"the detector's bounding box is empty ({cards}: x {min_x} to {max_x}, y {min_y} to "
            f"{max_y}); make the file again.",
        )
    if max(width, height, *map(abs, box)) > MAX_SIDE:
        raise FileFault(
            path,
            f"the detector's bounding box is absurdly large ({cards}: x {min_x} to {max_x}, "
            f"y {min_y} to {max_y}); make the file again.",
        )
    ny, nx = shape
    if nx > width or ny > height:
        raise FileFault(
            path,
            f"it has {nx} x {ny} bins but its detector only {width} x {height} pixels ({cards}); "
            "bins cannot be smaller than pixels, so the file is not what it claims to be.",
        )
    return min_x, min_y, max_x, max_y


def check_style(path: Path, name: object, card: str) -> str:
    """Return the interpolation style if it is one that makes an image.

    Raises
    ------
    SkyFrameError
        It is missing, unknown, or NONE.
    """
    text = name.strip().upper() if isinstance(name, str) else ""
    try:
        if text:
            styles.get(text)
            return text
    except SkyFrameError:
        pass  # said below, with the file and the card
    shown = "missing or empty" if name is None else name if text else repr(name)
    raise FileFault(
        path,
        f"its {card} is {shown}, which makes no image; it must be one of "
        f"{', '.join(styles.names())}.",
    )


def _mask(file: FitsFile, hdu: Hdu, notes: list[str]) -> NDArray[np.int32]:
    """Read a mask and bring the planes that have a name to the bits of `LSST_DEFAULT`."""
    numbers, holes = read_mask_plane(file, hdu, notes)
    if holes:
        raise hdu.fault("the mask has values that are not numbers")
    if numbers.size and not (int(numbers.min()) >= -(1 << 31) and int(numbers.max()) < 1 << 32):
        raise hdu.fault("the mask uses bits above 31")
    stored = (numbers.astype(np.int64) & 0xFFFFFFFF).astype(np.uint32)
    places = {
        keyword[3:]: card_int(hdu.header, keyword)
        for keyword in hdu.keywords
        if re.fullmatch(r"MP_.+", keyword)
    }
    default = MaskPlanes.LSST_DEFAULT
    if all(places.get(name) == bit for name, bit in default.items()) or not places:
        return stored.view(np.int32)
    bits = np.zeros_like(stored)
    for name, bit in default.items():
        place = places.get(name)
        if place is not None and 0 <= place <= 31:
            bits |= ((stored >> np.uint32(place)) & np.uint32(1)) << np.uint32(bit)
    return bits.view(np.int32)

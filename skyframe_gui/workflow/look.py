"""What a look at an exposure's pixels tells, as they are in its file: level, masks, thumbnail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skyframe_gui.engine.thumbnail import Thumbnail, block_of, thumbnail_of
from skyframe_gui.workflow.cache import Product

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.engine import Exposure
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.cache import Shelf
    from skyframe_gui.workflow.options import MaskObjects

SAMPLE = 1 << 18
"""Pixels that the level is measured from."""
LOOK, WITHOUT_OBJECTS = "look", "thumbnail"
"""Kinds of products: of the file as it is, and with the objects that were found left out."""


class Look(NamedTuple):
    """A thumbnail, and of a sample of the pixels their median and the part that is masked.

    There may be no thumbnail; ``level`` is NaN where no pixel is good, ``has_values`` tells whether
    any pixel is finite, and ``notes`` are those of the file's reader.
    """

    thumbnail: Thumbnail | None
    level: float
    masked: float
    has_values: bool
    notes: tuple[str, ...]


def look_at(exposure: Exposure, left_out: tuple[str, ...], with_thumbnail: bool = True) -> Look:
    """Return what there is to see of an exposure whose pixels are at hand.

    Parameters
    ----------
    exposure : Exposure
    left_out : tuple of str
        Mask planes whose pixels are not good.
    with_thumbnail : bool
        Whether one is made, for which kernels are needed.
    """
    from skyframe_gui.files import notes_of  # late, see docs/architecture.md

    every = max(int((exposure.image.size / SAMPLE) ** 0.5), 1)
    pixels = exposure.image[::every, ::every]
    finite = good = np.isfinite(pixels)
    if exposure.has_mask:
        bits = np.int32(exposure.planes.left_out(left_out))
        good = finite & ((exposure.mask[::every, ::every] & bits) == 0)
    return Look(
        thumbnail_of(exposure, left_out) if with_thumbnail else None,
        float(np.median(pixels[good])) if good.any() else float("nan"),
        1.0 - float(good.mean()),
        bool(finite.any() or np.isfinite(exposure.image).any()),
        notes_of(exposure),
    )


def kept_look(shelf: Shelf, source: ExposureSource, left_out: tuple[str, ...]) -> Look | None:
    """Return the look at an exposure that is kept; None where there is none."""
    found = shelf.get(LOOK, _planes(left_out))
    if found is None:
        return None
    level, masked, has_values = found.arrays["numbers"].tolist()
    thumbnail = _thumbnail(found.arrays, source)
    return Look(thumbnail, level, masked, bool(has_values), found.notes)


def keep_look(shelf: Shelf, left_out: tuple[str, ...], look: Look) -> None:
    """Keep a look at an exposure, if it has a thumbnail."""
    if look.thumbnail is None:
        return
    arrays = _arrays(look.thumbnail)
    arrays["numbers"] = np.array([look.level, look.masked, look.has_values])
    shelf.put(LOOK, _planes(left_out), Product(arrays, look.notes))


def kept_thumbnail(
    shelf: Shelf, source: ExposureSource, left_out: tuple[str, ...], how: MaskObjects
) -> Thumbnail | None:
    """Return the thumbnail that is kept without the objects found in an exposure."""
    found = shelf.get(WITHOUT_OBJECTS, _planes(left_out, how))
    return None if found is None else _thumbnail(found.arrays, source)


def keep_thumbnail(
    shelf: Shelf, left_out: tuple[str, ...], how: MaskObjects, thumbnail: Thumbnail
) -> None:
    """Keep a thumbnail without the objects found in an exposure."""
    shelf.put(WITHOUT_OBJECTS, _planes(left_out, how), Product(_arrays(thumbnail), ()))


def keep_looks(
    shelf: Shelf,
    exposure: Exposure,
    masked: Exposure,
    left_out: tuple[str, ...],
    how: MaskObjects,
) -> None:
    """Keep what there is to see of an exposure that was read, and with objects ``masked``."""
    if not shelf.keeps:
        return
    look = look_at(exposure, left_out)
    keep_look(shelf, left_out, look)
    if masked is not exposure and look.thumbnail is not None:
        other = thumbnail_of(masked, left_out)
        if not np.array_equal(other.good, look.thumbnail.good):
            keep_thumbnail(shelf, left_out, how, other)


def _planes(left_out: tuple[str, ...], how: MaskObjects | None = None) -> Mapping[str, object]:
    return {"left_out": sorted(set(left_out)), "mask_objects": "" if how is None else str(how)}


def _arrays(thumbnail: Thumbnail) -> dict[str, Any]:
    return {"means": thumbnail.means, "good": thumbnail.good}


def _thumbnail(arrays: Mapping[str, Any], source: ExposureSource) -> Thumbnail:
    return Thumbnail(arrays["means"], arrays["good"], block_of(source.width, source.height))

"""Masks by hand between the sky and the pixels of an exposure."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.hand_masks import HandMask, masked_by_hand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from skyframe_gui.engine.exposure import Exposure

ARCSECOND = 1 / 3600
NO_WCS = "The exposure has no WCS, so that there is no sky for its masks; keep them in pixels."
_NO_SKY = "The WCS of the exposure knows no sky at the mask; keep it in pixels."
_TOO_FAR = "The WCS of the exposure does not reach the mask."


def with_masks_by_hand(exposure: Exposure, masks: Sequence[HandMask]) -> Exposure:
    """Return an exposure with masks, in pixels or on the sky, in its plane USER.

    A mask on the sky masks nothing where the exposure is elsewhere, or has no WCS: a mask of a
    whole visit shall not keep a detector out of it. `unmasked` says so of the latter.

    Raises
    ------
    SkyFrameError
        All bits of the mask are taken.
    """
    pixels = []
    for mask in masks:
        with suppress(SkyFrameError):  # on the other side of the sky
            pixels.append(in_pixels(mask, exposure.wcs, exposure.xy0))
    return masked_by_hand(exposure, pixels)


def unmasked(exposure: Exposure, masks: Sequence[HandMask]) -> str:
    """Return a sentence on masks that mask nothing for want of a WCS; "" for none."""
    n = sum(mask.on_sky for mask in masks) if exposure.wcs is None else 0
    if not n:
        return ""
    if n == 1:
        return "1 mask by hand is on the sky, and the exposure has no WCS: it masks nothing here."
    return f"{n} masks by hand are on the sky, and the exposure has no WCS: they mask nothing here."


def in_pixels(mask: HandMask, wcs: Any, xy0: tuple[int, int]) -> HandMask:
    """Return a mask in the parent pixels of an exposure.

    Sizes and angles of a mask on the sky are as the scale and the north at its middle.

    Parameters
    ----------
    mask : HandMask
    wcs : astropy.wcs.WCS or None
    xy0 : (int, int)
        Parent coordinates of the pixel that the WCS calls 0, 0.

    Raises
    ------
    SkyFrameError
        There is no WCS, or it does not reach the mask.
    """
    if not mask.on_sky:
        return mask
    from astropy.coordinates import SkyCoord

    places = _to_pixels(wcs, SkyCoord(mask.corners, unit="deg")) + xy0
    rest: tuple[float, ...] = ()
    if mask.shape != "polygon":
        scale, north = _scale_and_north(wcs, SkyCoord(*mask.corners[0], unit="deg"))
        rest = tuple(size / scale for size in mask.sizes)
        if mask.shape != "circle":
            rest = (*rest, mask.numbers[4] + north - 90)
    return HandMask(mask.shape, (*places.ravel().tolist(), *rest))


def on_sky(mask: HandMask, wcs: Any, xy0: tuple[int, int]) -> HandMask:
    """Return a mask in an exposure's pixels as one on the sky; see `in_pixels`.

    Raises
    ------
    SkyFrameError
        There is no WCS, or the mask is where it knows no sky.
    """
    if mask.on_sky:
        return mask
    if wcs is None:
        raise SkyFrameError(NO_WCS)
    try:
        found = wcs.pixel_to_world(*(mask.corners - xy0).T).icrs
    except ValueError as error:  # a matrix that cannot be inverted
        raise SkyFrameError(f"The WCS of the exposure is broken ({error}).") from error
    except Exception as error:  # its frame is none that Astropy brings to this sky
        raise SkyFrameError(_NO_SKY) from error
    places = np.stack([found.ra.deg, found.dec.deg], axis=1)
    if not np.isfinite(places).all():
        raise SkyFrameError(_NO_SKY)
    rest: tuple[float, ...] = ()
    if mask.shape != "polygon":
        scale, north = _scale_and_north(wcs, found[0])
        rest = tuple(size * scale for size in mask.sizes)
        if mask.shape != "circle":
            rest = (*rest, mask.numbers[4] - north + 90)
    return HandMask(mask.shape, (*places.ravel().tolist(), *rest), on_sky=True)


def _to_pixels(wcs: Any, sky: Any) -> NDArray[np.float64]:
    """Return places of the sky in the pixels [n, 2] of a WCS."""
    if wcs is None:
        raise SkyFrameError(NO_WCS)
    try:
        x, y = wcs.world_to_pixel(sky)
    except Exception as error:  # wcslib and Astropy raise what they like for other skies
        raise SkyFrameError(_TOO_FAR) from error
    places = np.stack([np.atleast_1d(x), np.atleast_1d(y)], axis=1)
    if not np.isfinite(places).all():
        raise SkyFrameError(_TOO_FAR)
    return places


def _scale_and_north(wcs: Any, sky: Any) -> tuple[float, float]:
    """Return degrees in a pixel, and where north is, in degrees from x towards y."""
    from astropy import units as u

    north = sky.directional_offset_by(0 * u.deg, ARCSECOND * u.deg)
    dx, dy = (_to_pixels(wcs, north) - _to_pixels(wcs, sky))[0]
    if not (dx or dy):  # of a scale beside which an arcsecond is nothing
        raise SkyFrameError(_TOO_FAR)
    return ARCSECOND / math.hypot(dx, dy), math.degrees(math.atan2(dy, dx))

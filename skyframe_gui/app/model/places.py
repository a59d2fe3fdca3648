"""A place that a person types: pixels of the file or of its parent, or coordinates on the sky."""

from __future__ import annotations

import math
import re
import warnings
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.numbers import fixed, plain_minus

if TYPE_CHECKING:
    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.view import View

EXAMPLES = "441 608, or 18:59:39.4 +10:10:31, or 284.914° 10.175°"


class PlaceError(SkyFrameError):
    """A typed place that cannot be read, or is not on the exposure."""


class NotHereError(PlaceError):
    """A place on the sky that can be read, but is not on the exposure."""


def convention_words(view: View, shown: Shown) -> str:
    """Return how pixels are counted, shortly: what the numbers of the status line mean."""
    counted = "FITS, first is 1" if view.counts_from_one else "px, first is 0"
    if shown.xy0 == (0, 0):  # file and parent are one
        return counted
    return f"{'file' if view.in_file else 'parent'} {counted}"


def next_convention(view: View, shown: Shown) -> tuple[bool, bool]:
    """Return (counts_from_one, in_file) of the next way to count; parent and file may be one."""
    if shown.xy0 == (0, 0):
        return not view.counts_from_one, view.in_file
    ways = [(False, False), (True, False), (False, True), (True, True)]
    return ways[(ways.index((view.counts_from_one, view.in_file)) + 1) % len(ways)]


def offset_of(view: View, shown: Shown) -> tuple[int, int]:
    """Return what is added to x and y of the array, so that they are as a person counts them."""
    x0, y0 = (0, 0) if view.in_file else shown.xy0
    first = int(view.counts_from_one)
    return x0 + first, y0 + first


def place_of(text: str, view: View, shown: Shown) -> tuple[float, float]:
    """Return the pixel (x, y) of the shown array that a typed place means.

    Two plain numbers are pixels, as ``view`` counts them. With colons, letters or degree signs they
    are longitude and latitude in the system of the exposure's WCS, RA and Dec as a rule.

    Raises
    ------
    PlaceError
        Where it cannot be read, or is not on the exposure.
    """
    words = _words_of(text)
    numbers = [_number(word) for word in words]
    on_sky = not (len(words) == 2 and None not in numbers)
    if on_sky:
        x, y = pixel_on_sky(text, getattr(shown.exposure, "wcs", None))
    else:
        offset = offset_of(view, shown)
        x, y = (float(one or 0.0) - at for one, at in zip(numbers, offset, strict=True))
    if not (-0.5 <= x < shown.width - 0.5 and -0.5 <= y < shown.height - 0.5):
        outside = _outside(x, y, view, shown)
        raise NotHereError(outside) if on_sky else PlaceError(outside)
    return x, y


def pixel_on_sky(text: str, wcs: Any) -> tuple[float, float]:
    """Return the pixel (x, y), on an array or beside it, that a typed place on the sky means.

    Parameters
    ----------
    text : str
        Longitude and latitude, see `place_of`.
    wcs : astropy.wcs.WCS or None

    Raises
    ------
    PlaceError
        Where it cannot be read, or there are no coordinates.
    NotHereError
        It is too far away to be projected.
    """
    words = _words_of(text)
    if not (len(words) == 2 or (len(words) == 6 and None not in map(_number, words))):
        raise PlaceError(f"This cannot be read as a place; write {EXAMPLES}.")
    return _on_sky(words, wcs)


def _words_of(text: str) -> list[str]:
    return re.sub(r"[,;]", " ", plain_minus(text)).split()


def _outside(x: float, y: float, view: View, shown: Shown) -> str:
    dx, dy = offset_of(view, shown)
    return (
        f"x {fixed(x + dx, 1)}, y {fixed(y + dy, 1)} is not on this exposure: "
        f"x goes from {dx} to {dx + shown.width - 1}, y from {dy} to {dy + shown.height - 1} "
        f"({convention_words(view, shown)})."
    )


def _number(word: str) -> float | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in word else None


def _on_sky(words: list[str], wcs: Any) -> tuple[float, float]:
    if wcs is None:
        raise PlaceError("This exposure has no sky coordinates; write x and y.")
    from astropy.coordinates import Angle, SkyCoord
    from astropy.wcs.utils import wcs_to_celestial_frame

    first, second = (words[0], words[1]) if len(words) == 2 else map(":".join, _halves(words))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "60 seconds were taken for a minute"
            frame = wcs_to_celestial_frame(wcs)
            hours = re.search("[:h]", first) and "ra" in frame.get_representation_component_names()
            longitude = Angle(first.replace("°", "d"), unit="hourangle" if hours else "deg")
            latitude = Angle(second.replace("°", "d"), unit="deg")
            if not 0 <= longitude.deg <= 360:
                longitude = longitude.wrap_at("360d")
            at = SkyCoord(longitude, latitude, frame=frame)
    except (ValueError, TypeError) as error:
        raise PlaceError(f"This cannot be read as a place; write {EXAMPLES}.") from error
    try:
        x, y = (float(one) for one in wcs.world_to_pixel(at))
    except Exception as error:  # wcslib raises what it likes for what it cannot project
        raise NotHereError("That place on the sky is far from this exposure.") from error
    if not (math.isfinite(x) and math.isfinite(y)):
        raise NotHereError("That place on the sky is far from this exposure.")
    return x, y


def _halves(words: list[str]) -> tuple[list[str], list[str]]:
    return words[:3], words[3:]

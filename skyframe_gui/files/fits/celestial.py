"""The celestial coordinate system of an image, or why there is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.files.fits.headers import Cards, card_int, card_text, header_of, quiet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.files.fits.headers import CardText

# Corrections that live in tables of the same file; a pixel or less.
_LOOKUP = re.compile(r"(CPDIS|D2IMDIS|CPERR|D2IMERR)\d+|(DP|D2IM|DQ)\d+(\..*)?|D2IMEXT|NPOLEXT")
_OF_WCS = re.compile(
    r"NAXIS|WCS|(CTYPE|CRVAL|CRPIX|CUNIT|CDELT|CROTA|CNAME|CRDER|CSYER)\d|(CD|PC|PV|PS)\d+_\d"
    r"|(PC|CD)\d{6}|(A|B|AP|BP)_(ORDER|DMAX|\d)|RADE|EQUINOX|EPOCH|LONPOLE|LATPOLE|(DATE|MJD)-"
    r"|DATEREF|MJDREF|TIMESYS|OBSGEO|SPECSYS|RESTFRQ|RESTWAV|VELREF|VELOSYS|ZSOURCE|SSYS|PROJP\d"
    rf"|{_LOOKUP.pattern}"
)
"""Cards that a coordinate system is made of."""
_BROKEN = "The coordinate system (WCS) in the header is broken and was left out."
_ORDERS = ("A_ORDER", "B_ORDER", "AP_ORDER", "BP_ORDER")


def celestial_wcs(image_cards: Sequence[CardText]) -> tuple[Any, str]:
    """Return the WCS of an image, and a sentence where it is broken or not complete.

    Parameters
    ----------
    image_cards : sequence of CardText
        Of the image's own HDU.

    Returns
    -------
    wcs : astropy.wcs.WCS or None
        None where the header has no celestial coordinates, or broken ones.
    note : str
        "" where all is well.
    """
    header = Cards(image_cards)
    types = [card_text(header, f"CTYPE{axis}").upper() for axis in (1, 2)]
    if not all(re.match(r"[A-Z]{2,4}-", kind) for kind in types):
        return None, ""
    if any(kind.endswith("-TAB") for kind in types):
        return None, "Coordinates from a table (-TAB) are not read."
    axes = [card_int(header, keyword) or 0 for keyword in ("WCSAXES", "NAXIS")]
    orders = [card_int(header, keyword) or 0 for keyword in _ORDERS]
    if max(axes) > 9 or max(orders) > 9:
        # The C code allocates by these numbers before it looks at anything else.
        return None, _BROKEN
    # Imported here: it takes time, and images without coordinates never need it.
    from astropy import log
    from astropy.wcs import WCS

    note = ""
    with quiet(), np.errstate(all="ignore"):
        level = log.level
        log.setLevel("ERROR")  # it would print remarks about distortion terms
        try:
            # wcslib's parser looks at each card; those of a camera's log are hundreds.
            cards = header_of(card for card in image_cards if _OF_WCS.match(card.keyword))
            for keyword in {key for key in cards if _LOOKUP.fullmatch(key)}:
                note = "The coordinate system (WCS) is read without its look-up tables."
                cards.remove(keyword, remove_all=True)
            wcs = WCS(cards, fix=True)
            if not wcs.has_celestial:
                return None, ""
            return (wcs.celestial if wcs.naxis > 2 else wcs), note
        except Exception:
            # wcslib and Astropy raise all kinds of errors; the image is good without coordinates.
            return None, _BROKEN
        finally:
            log.setLevel(level)

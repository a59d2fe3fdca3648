"""The cards by which a sky frame tells what it is of and what it was made from."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any, TypedDict

from astropy.io import fits

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.identity import SKY_LEVEL, Identity, is_orientation
from skyframe_gui.files.fits import conventions
from skyframe_gui.files.fits.headers import card_text, card_value
from skyframe_gui.files.fits.metadata import read_metadata
from skyframe_gui.files.fits.provenance import Provenance

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from skyframe_gui.files.fits.headers import Cards


ORIENTATION = "SFORIENT"
"""How the exposures lay on their detector; the bins of a frame have no cards of pixels."""


class IdentityFields(TypedDict):
    """Fields of a `SkyFrame`."""

    identity: Identity
    inputs: tuple[str, ...]


def read_identity(header: Cards, path: Path, primary: Cards, image: Cards) -> IdentityFields:
    """Return what a sky frame is of: its own cards, else LSST's CALIB_ID, else as of an exposure.

    Parameters
    ----------
    header, primary, image : Cards
        Merged, and that of either HDU.
    path : Path
        The file, for its name.
    """
    extra = _extra_of(header)
    unit = (
        SKY_LEVEL
        if extra.get("normalise") in ("level", "focal-plane")
        else card_text(header, "BUNIT")
    )
    binning = conventions.read_binning(header)
    calib = dict(re.findall(r"\b(\w+)=(\S+)", card_text(header, "CALIB_ID")))
    detector = card_text(primary, "DETECTOR") or calib.get("detector", "")
    if card_value(header, "SFVERS") is not None:
        instrument, band = card_text(header, "INSTRUME"), card_text(header, "FILTER")
        detector = detector or conventions.read_detector(header, image)
    else:
        about = read_metadata(header, path, image)
        known = calib.get("filter", "")
        known = "" if known.upper() in conventions.NOT_A_NAME else known
        instrument, band = about.instrument, known or about.filter
        detector = detector or about.detector
    orientation = card_text(header, ORIENTATION)
    return {
        "identity": Identity(
            instrument=instrument,
            detector=detector,
            filter=band,
            unit=unit,
            binning=binning,
            orientation=orientation if is_orientation(orientation) else "",
        ),
        "inputs": tuple(name for key, name in extra.items() if re.fullmatch(r"IN\d+", key)),
    }


def _extra_of(header: Cards) -> Mapping[str, str]:
    try:
        provenance = Provenance.from_header(header)
    except SkyFrameError:  # what is damaged there makes the sky frame no worse
        return {}
    return {} if provenance is None else provenance.extra


def identity_cards(identity: Identity) -> dict[str, str]:
    """Return the cards, but for the unit, that say what a sky frame is of."""
    named = {
        "OBSTYPE": "SKY",
        "INSTRUME": identity.instrument,
        "DETECTOR": identity.detector,
        "FILTER": identity.filter,
        "CCDSUM": "" if identity.binning == (1, 1) else "{} {}".format(*identity.binning),
        ORIENTATION: identity.orientation,
    }
    return {keyword: _ascii(text) for keyword, text in named.items() if text}


def unit_card(unit: str) -> tuple[str, str]:
    """Return value and comment of BUNIT; "" for what was divided by its level."""
    return ("", "times the sky level") if unit == SKY_LEVEL else (_ascii(unit), "")


def input_cards(inputs: Sequence[Identity]) -> fits.Header:
    """Return what a sky frame was made from, in LSST's keywords (CPP_INPUT_n) and FITS's own."""
    cards: dict[str, Any] = {"NCOMBINE": (len(inputs), "exposures in this sky frame")}
    dated = sorted((one for one in inputs if one.date), key=lambda one: one.date)
    if dated:
        cards["TIMESYS"] = ("UTC", "")
        cards["DATE-OBS"] = (dated[0].date, "start of the first")
        ends = [_end(one) for one in dated]
        cards["DATE-END"] = (max(ends), "end of the last")
    for place, one in enumerate(inputs):
        if one.visit:
            number = int(one.visit) if re.fullmatch(r"\d{1,18}", one.visit) else _ascii(one.visit)
            cards[f"HIERARCH CPP_INPUT_{place}"] = (number, "exposure")
        if one.date:
            cards[f"HIERARCH CPP_INPUT_DATE_{place}"] = (one.date, "UTC")
        if one.exposure_time is not None:
            cards[f"HIERARCH CPP_INPUT_EXPT_{place}"] = (one.exposure_time, "s")
    return fits.Header([fits.Card(keyword, *value) for keyword, value in cards.items()])


def _end(one: Identity) -> str:
    try:
        begin = datetime.datetime.fromisoformat(one.date)
        return (begin + datetime.timedelta(seconds=one.exposure_time or 0.0)).isoformat()
    except (ValueError, OverflowError):
        return one.date


def _ascii(text: str) -> str:
    return text.encode("ascii", "replace").decode()

"""Who, when and what of an exposure: visit, detector, filter, date, exposure time, origin."""

from __future__ import annotations

import datetime
import logging
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.files.fits.headers import card_number, card_text, quiet

if TYPE_CHECKING:
    from pathlib import Path

    from astropy.io.fits import Header

_VISIT = ("EXPNUM", "VISIT", "VISITID", "EXPID", "EXP-ID", "OBSID", "OBS-ID", "ROOTNAME")
_DETECTOR = (
    "CCDNUM", "CCDCHIP", "DET-ID", "DETNUM", "CHIPID", "CCDID", "DETNAME", "DETECTOR", "CHIP",
    "IMAGEID", "CCDNAME", "DETPOS", "EXTNAME",
)  # fmt: skip
_FILTER = ("FILTER", "BAND", "FILTER1", "FILTNAME", "FILTER01", "FILTERID", "INSFILTE")
_TIME = ("EXPTIME", "EXPOSURE", "EXP_TIME", "ITIME", "TEXPTIME")
_NOT_A_NAME = {
    "", "NOTSET", "NONE", "UNKNOWN", "_UNKNOWN_", "UNDEFINED", "N/A", "NAN", "INDEF",
    "IMAGE", "SCI", "SCIENCE", "DATA", "PRIMARY", "COMPRESSED_IMAGE", "UVIS", "IR", "WFC",
}  # fmt: skip
# What a camera may call a visit or detector: one line of print. (File names are made safe later.)
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,60}")


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """What the headers tell of an exposure; "" and None where they do not."""

    visit: str = ""
    detector: str = ""
    filter: str = ""
    date: str = ""
    """UTC at the start, ISO 8601."""
    exposure_time: float | None = None
    """Seconds."""
    instrument: str = ""


def read_metadata(header: Header, path: Path, hdu_header: Header | None = None) -> Metadata:
    """Tell what a header says of the exposure.

    astro-metadata-translator comes first, for the cameras it knows; then common keywords; then the
    file name. Nothing in a header makes this fail.

    Parameters
    ----------
    header : Header
        Merged header of the exposure.
    path : Path
        The file, for its name.
    hdu_header : Header, optional
        Header of the image's own HDU; names the detector more surely than the primary header.
    """
    found = _from_keywords(header, hdu_header)
    named_camera = card_text(header, "INSTRUME") or card_text(header, "TELESCOP")
    known = _from_translator(header, path) if named_camera else Metadata()
    named = _from_name(card_text(header, "FILENAME"))
    named = _prefer(_from_name(path.name), named)
    return _prefer(known, _prefer(found, named))


def read_origin(header: Header) -> tuple[tuple[int, int], str]:
    """Return the parent coordinates of the lower left pixel, and a sentence where they are odd.

    (-LTV1, -LTV2), else (CRVAL1A, CRVAL2A) where the alternate coordinates "A" count pixels, else
    (0, 0).
    """
    ltv = card_number(header, "LTV1"), card_number(header, "LTV2")
    if ltv[0] is not None and ltv[1] is not None:
        scale = card_number(header, "LTM1_1"), card_number(header, "LTM2_2")
        if _whole(*ltv) and all(value in (None, 1.0) for value in scale):
            return (-round(ltv[0]), -round(ltv[1])), ""
        return (0, 0), "LTV1 and LTV2 do not give whole pixels; the origin was taken as (0, 0)."
    value = card_number(header, "CRVAL1A"), card_number(header, "CRVAL2A")
    if value[0] is None or value[1] is None or not _counts_pixels(header):
        return (0, 0), ""
    # The reference pixel is counted from 1, the parent coordinates from 0.
    origin = [
        parent - ((card_number(header, f"CRPIX{axis}A") or 1.0) - 1.0)
        for axis, parent in enumerate((value[0], value[1]), start=1)
    ]
    if not _whole(*origin):
        return (0, 0), "CRVAL1A and CRVAL2A do not give whole pixels; the origin is (0, 0)."
    return (round(origin[0]), round(origin[1])), ""


def _whole(*values: float | None) -> bool:
    return all(
        value is not None and abs(value) < 1e7 and abs(value - round(value)) < 1e-3
        for value in values
    )


def _counts_pixels(header: Header) -> bool:
    """Whether the coordinates "A" are pixels: Hubble's are on the sky."""
    for axis in "12":
        kind = card_text(header, f"CTYPE{axis}A").upper()
        unit = card_text(header, f"CUNIT{axis}A").upper()
        step = card_number(header, f"CDELT{axis}A")
        if kind not in ("", "LINEAR", "PIXEL") or unit not in ("", "PIXEL", "PIXELS", "PIX"):
            return False
        if step not in (None, 1.0):
            return False
    return True


def _prefer(first: Metadata, second: Metadata) -> Metadata:
    values = {
        name: getattr(second, name)
        for name in first.__dataclass_fields__
        if getattr(first, name) in ("", None)
    }
    return replace(first, **values)


def _from_translator(header: Header, path: Path) -> Metadata:
    # Imported here: it takes a third of a second, and many files never need it.
    with quiet():
        from astro_metadata_translator import ObservationInfo

        # It warns of every card that it misses; what is missing is looked for elsewhere.
        log = logging.getLogger("astro_metadata_translator")
        if log.level == logging.NOTSET:
            log.setLevel(logging.CRITICAL)
        try:
            info = ObservationInfo(
                _readable(header),
                filename=str(path),
                subset={
                    "instrument", "visit_id", "exposure_id", "detector_num",
                    "detector_unique_name", "physical_filter", "exposure_time", "datetime_begin",
                },
            )  # fmt: skip
            begin = info.datetime_begin
            seconds = info.exposure_time
            visit = info.exposure_id if info.visit_id is None else info.visit_id
            detector = info.detector_num
            return Metadata(
                visit="" if visit is None else str(visit),
                detector=info.detector_unique_name or "" if detector is None else str(detector),
                filter=info.physical_filter or "",
                date="" if begin is None else str(begin.utc.isot),
                exposure_time=None if seconds is None else float(seconds.to_value("s")),
                instrument=info.instrument or "",
            )
        except Exception:
            # Translators raise whatever they meet in a header of a camera that they do not know
            # (mostly KeyError and ValueError); the common keywords are read instead.
            return Metadata()


def _readable(header: Header) -> dict[str, Any]:
    """Return the cards that can be parsed; of double ones the first."""
    cards: dict[str, Any] = {}
    for card in header.cards:
        try:
            keyword, value = card.keyword, card.value
        except Exception:
            # Astropy has many errors for a broken card; whichever it is, the card says nothing.
            continue
        if keyword not in ("", "COMMENT", "HISTORY") and isinstance(
            value, bool | int | float | str
        ):
            cards.setdefault(keyword, value)
    return cards


def _from_keywords(header: Header, hdu_header: Header | None) -> Metadata:
    detector = "" if hdu_header is None else _first(hdu_header, _DETECTOR)
    seconds = next(
        (value for key in _TIME if (value := card_number(header, key)) is not None), None
    )
    return Metadata(
        visit=_first(header, _VISIT, single_word=True),
        detector=detector or _first(header, _DETECTOR),
        filter=_first(header, _FILTER, clean=False),
        date=_date(header),
        exposure_time=seconds if seconds is not None and seconds >= 0 else None,
        instrument=card_text(header, "INSTRUME"),
    )


def _first(
    header: Header, keywords: tuple[str, ...], single_word: bool = False, clean: bool = True
) -> str:
    for keyword in keywords:
        text = card_text(header, keyword)
        if text.upper() in _NOT_A_NAME or (clean and not _NAME.fullmatch(text)):
            continue
        if single_word and re.search(r"[ :,]", text):
            continue
        return text
    return ""


def _date(header: Header) -> str:
    for keyword in ("DATE-OBS", "DATE-BEG", "UTC-OBS"):
        text = card_text(header, keyword)
        old = re.fullmatch(r"(\d\d)/(\d\d)/(\d\d)", text)
        if old:
            text = f"19{old[3]}-{old[2]}-{old[1]}"  # the form that was used up to 1999
        clock = card_text(header, "TIME-OBS") or card_text(header, "UT")
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text) and re.match(r"\d\d:\d\d:\d\d", clock):
            text = f"{text}T{clock}"
        try:
            when = datetime.datetime.fromisoformat(text)
        except ValueError:
            continue
        if when.tzinfo is not None:
            when = when.astimezone(datetime.UTC).replace(tzinfo=None)
        return when.isoformat()
    days = next(
        (v for k in ("MJD-OBS", "MJD-BEG", "MJD") if (v := card_number(header, k)) is not None), 0
    )
    if not 15020 <= days <= 88069:  # years 1900 to 2099: others are not dates of observations
        return ""
    begin = np.datetime64("1858-11-17T00:00:00.000") + np.timedelta64(
        round(days * 86_400_000), "ms"
    )
    return str(begin)


def _from_name(name: str) -> Metadata:
    """Read visit and detector out of the names that archives give to files."""
    visit = detector = ""
    if match := re.match(r"([a-z0-9]{3}_\d{6}_\d{6})_", name):
        visit = match[1]
    elif match := re.match(r"(?:DECam|D)_?(\d{8})(?:_[a-z])?_c?(\d\d)(?!\d)", name):
        visit, detector = str(int(match[1])), str(int(match[2]))
    elif match := re.search(
        r"(?:^|[_\-.])(?:visit|exp|v)[_\-]?(\d{2,})(?!\d)", name, re.IGNORECASE
    ):
        visit = match[1]
    if match := re.search(
        r"(?:^|[_\-.])(?:det|ccd|chip)[_\-]?(\d{1,3})(?!\d)", name, re.IGNORECASE
    ):
        detector = detector or str(int(match[1]))
    elif match := re.search(r"(R\d\d_S\w\d)(?![A-Za-z0-9])", name):
        detector = detector or match[1]
    return Metadata(visit=visit, detector=detector)

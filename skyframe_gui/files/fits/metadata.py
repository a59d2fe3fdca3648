"""Who, when and what of an exposure: visit, detector, filter, date, binning, origin."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine.identity import night_of
from skyframe_gui.files.fits import conventions
from skyframe_gui.files.fits.dates import read_date
from skyframe_gui.files.fits.file_names import read_name
from skyframe_gui.files.fits.headers import Cards, card_number, card_text, quiet

if TYPE_CHECKING:
    from pathlib import Path

    from astropy.io.fits import Header


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
    night: str = ""
    """ISO date of the evening."""
    date_note: str = ""
    """Why the date is not known though a card gives one; a sentence."""


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
    about = _prefer(known, _prefer(found, named))
    if about.date:
        about = replace(about, date_note="")
    if about.night:
        return about
    return replace(about, night=night_of(about.date, conventions.read_longitude(header)))


def read_origin(
    header: Header, size: tuple[int, int] | None = None, binning: tuple[int, int] = (1, 1)
) -> tuple[tuple[int, int], str]:
    """Return the parent coordinates of the lower left pixel, and a sentence where they are odd.

    (-LTV1, -LTV2), else (CRVAL1A, CRVAL2A) where the alternate coordinates "A" count pixels, else
    where CCDSEC begins if it is of the image's ``size`` (width, height), else (0, 0). All count
    the image's own pixels: binned ones where it is binned.
    """
    ltv = card_number(header, "LTV1"), card_number(header, "LTV2")
    if ltv[0] is not None and ltv[1] is not None and any(ltv):
        return _from_ltv(header, (ltv[0], ltv[1]), binning, size)
    value = card_number(header, "CRVAL1A"), card_number(header, "CRVAL2A")
    if ltv[0] is None and None not in value and _counts_pixels(header):
        # The reference pixel is counted from 1, the parent coordinates from 0.
        origin = [
            (parent or 0.0) - ((card_number(header, f"CRPIX{axis}A") or 1.0) - 1.0)
            for axis, parent in enumerate(value, start=1)
        ]
        if not _whole(*origin):
            return (0, 0), "CRVAL1A and CRVAL2A do not give whole pixels; the origin is (0, 0)."
        return (round(origin[0]), round(origin[1])), ""
    section = conventions.read_section(header, "CCDSEC")
    if section is not None and size is not None:
        return conventions.own_pixels(section, binning, size) or (0, 0), ""
    return (0, 0), ""


def _from_ltv(
    header: Header,
    ltv: tuple[float, float],
    binning: tuple[int, int],
    size: tuple[int, int] | None,
) -> tuple[tuple[int, int], str]:
    origin = []
    for axis, (shift, n) in enumerate(zip(ltv, binning, strict=True), start=1):
        step = card_number(header, f"LTM{axis}_{axis}")
        if step not in (None, 1.0) and abs(abs(step or 0.0) * n - 1.0) > 1e-6:
            break
        if step is not None and step < 0:
            if size is None:
                break
            # Mirrored: its last pixel is the first of the detector.
            origin.append(shift - size[axis - 1] - 0.5 + 0.5 * step)
            continue
        # IRAF counts pixels by their middles: that of a binned one lies between the detector's.
        origin.append(-shift if step in (None, 1.0) else 0.5 - shift - 0.5 * (step or 0.0))
    if len(origin) == 2 and _whole(*origin):
        return (round(origin[0]), round(origin[1])), ""
    return (0, 0), "LTV1 and LTV2 do not give whole pixels; the origin was taken as (0, 0)."


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
        from astro_metadata_translator import MetadataTranslator, ObservationInfo

        # It warns of every card that it misses; what is missing is looked for elsewhere.
        log = logging.getLogger("astro_metadata_translator")
        if log.level == logging.NOTSET:
            log.setLevel(logging.CRITICAL)
        try:
            cards, name = readable_cards(header), str(path)
            # Its own search ends, where it finds none, in a look through all installed packages.
            for translator in MetadataTranslator.translators.values():
                if translator.can_translate(cards, filename=name):
                    break
            else:
                return Metadata()
            info = ObservationInfo(
                cards,
                filename=name,
                translator_class=translator,
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


def readable_cards(header: Header | Cards) -> dict[str, Any]:
    """Return the cards that can be parsed; of double ones the first."""
    if isinstance(header, Cards):
        return header.values()
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
    date, odd = read_date(header)
    return Metadata(
        visit=conventions.read_visit(header),
        detector=conventions.read_detector(header, hdu_header),
        filter=conventions.read_filter(header),
        date=date,
        date_note=odd,
        exposure_time=conventions.read_exposure_time(header),
        instrument=card_text(header, "INSTRUME"),
        night=conventions.read_night(header),
    )


def _from_name(name: str) -> Metadata:
    found = read_name(name)
    return Metadata(visit=found.visit, detector=found.detector, filter=found.filter)

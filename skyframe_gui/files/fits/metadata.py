"""Who, when and what of an exposure: visit, detector, filter, date, binning, origin."""

from __future__ import annotations

import datetime
import logging
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine.identity import night_of
from skyframe_gui.files.fits import conventions
from skyframe_gui.files.fits.file_names import read_name
from skyframe_gui.files.fits.headers import card_number, card_text, quiet

if TYPE_CHECKING:
    from pathlib import Path

    from astropy.io.fits import Header

_CLOCK_SCALES = ("tai", "tt", "tdb", "tcg", "tcb")
_CLOCKS = ("TIME-OBS", "UT", "UTC-OBS", "UTC", "UTSTART", "UT-TIME", "UTC-TIME", "UT-START")
"""When an exposure began, where DATE-OBS has only the day."""
_GPS_BEHIND_TAI = datetime.timedelta(seconds=19)


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
        return _from_ltv(header, (ltv[0], ltv[1]), binning)
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
    header: Header, ltv: tuple[float, float], binning: tuple[int, int]
) -> tuple[tuple[int, int], str]:
    origin = []
    for axis, (shift, n) in enumerate(zip(ltv, binning, strict=True), start=1):
        step = card_number(header, f"LTM{axis}_{axis}")
        if step not in (None, 1.0) and abs((step or 0.0) * n - 1.0) > 1e-6:
            break
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
    return Metadata(
        visit=conventions.first_name(header, conventions.VISIT, single_word=True),
        detector=conventions.read_detector(header, hdu_header),
        filter=conventions.read_filter(header),
        date=_date(header),
        exposure_time=conventions.read_exposure_time(header),
        instrument=card_text(header, "INSTRUME"),
        night=conventions.read_night(header),
    )


def _date(header: Header) -> str:
    scale = card_text(header, "TIMESYS").strip().lower()
    clock = next(filter(None, (_clock(card_text(header, key)) for key in _CLOCKS)), "")
    days = next(
        (v for k in ("MJD-OBS", "MJD-BEG", "MJD") if (v := card_number(header, k)) is not None), 0
    )
    # Years 1900 to 2099: others are not dates of observations.
    days_known = 15020 <= days <= 88069
    for keyword in ("DATE-OBS", "DATE_OBS", "DATE-BEG", "UTC-OBS"):
        text = card_text(header, keyword)
        old = re.fullmatch(r"(\d\d)/(\d\d)/(\d\d)", text)
        if old:
            text = f"19{old[3]}-{old[2]}-{old[1]}"  # the form that was used up to 1999
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            tai = _clock(card_text(header, "TAIHMS"))
            if clock:
                text = f"{text}T{clock}"
            elif tai and scale in ("", "tai"):
                text, scale = f"{text}T{tai}", "tai"
            elif days_known and days % 1:
                break  # which tells the time, too
        when = _moment(text)
        if when is None:
            continue
        if when.tzinfo is not None:
            return when.astimezone(datetime.UTC).replace(tzinfo=None).isoformat()
        return _as_utc(when, scale).isoformat()
    if not days_known:
        return ""
    begin = datetime.datetime(1858, 11, 17) + datetime.timedelta(
        milliseconds=round(days * 86_400_000)
    )
    return _as_utc(begin, scale).isoformat(timespec="milliseconds")


def _clock(text: str) -> str:
    """Return a time of day as ISO 8601 has it, from h:mm:ss or decimal hours; "" for others."""
    if re.fullmatch(r"\d{1,2}\.\d+", text) and float(text) < 24:
        seconds = datetime.timedelta(milliseconds=round(float(text) * 3_600_000))
        return (datetime.datetime.min + seconds).time().isoformat(timespec="milliseconds")
    parts = re.fullmatch(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d*)?", text)
    if parts is None:
        return ""
    fraction = (parts[4] or "").rstrip(".")
    return f"{parts[1]:0>2}:{parts[2]:0>2}:{parts[3]:0>2}{fraction}"


def _moment(text: str) -> datetime.datetime | None:
    """Read a date; second 60 of a minute, where one leaps, and hour 24 are the next one's first."""
    midnight = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ]24:00(:00(\.0*)?)?", text)
    leap = re.fullmatch(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:)60(\.\d+)?(.*)", text)
    try:
        if leap:
            begin = datetime.datetime.fromisoformat(f"{leap[1]}59{leap[2] or ''}{leap[3]}")
            return begin + datetime.timedelta(seconds=1)
        if midnight:
            return datetime.datetime.fromisoformat(midnight[1]) + datetime.timedelta(days=1)
        return datetime.datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None


def _as_utc(when: datetime.datetime, scale: str) -> datetime.datetime:
    """Return a time of another clock, such as TAI, in UTC."""
    if scale == "gps":
        when, scale = when + _GPS_BEHIND_TAI, "tai"
    if scale not in _CLOCK_SCALES:
        return when
    from astropy.time import Time

    try:
        with quiet():  # it warns of dates for which leap seconds are not known yet
            utc = Time(when, scale=scale).utc
            return _moment(str(utc.isot)) or when
    except ValueError:
        return when


def _from_name(name: str) -> Metadata:
    found = read_name(name)
    return Metadata(visit=found.visit, detector=found.detector, filter=found.filter)

"""When an exposure began, in UTC, from the many ways in which headers write dates and times."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, NamedTuple

from skyframe_gui.files.fits.headers import card_number, card_text, quiet

if TYPE_CHECKING:
    from astropy.io.fits import Header

_SCALES = ("tai", "tt", "tdb", "tcg", "tcb")
_DATES = ("DATE-OBS", "DATE_OBS", "DATE-BEG", "UTC-OBS", "UTDATE", "UT-DATE")
_CLOCKS = (
    "TIME-OBS", "TIME_OBS", "UTSTART", "UT-STR", "UT-START", "UTCSTART", "EXPSTART", "TIME-BEG",
    "UTOBS", "UT-OBS", "UTC-OBS", "UT", "UTC", "UT-TIME", "UTC-TIME", "UTTIME",
)  # fmt: skip
"""When an exposure began, where DATE-OBS has only the day; a start before what may be another."""
_DAYS = ("MJD-OBS", "MJD-BEG", "MJD-STR", "MJDSTART", "EXPSTART", "MJD")
"""Modified Julian dates (EXPSTART is one at HST, at others a time of day)."""
_GPS_BEHIND_TAI = datetime.timedelta(seconds=19)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
FIRST_YEAR = 1970
"""With two digits, of the time of electronic detectors; FITS had DD/MM/YY up to 1999."""


class ReadDate(NamedTuple):
    """UTC at the start, ISO 8601, "" where it is not known; and why a card was not taken."""

    date: str
    note: str = ""


def read_date(header: Header) -> ReadDate:
    """Return when an exposure began.

    By DATE-OBS or its like with a time of day, also from a card of its own, else by a modified
    Julian date. The day may be written as 1999-12-31, 1999/12/31, 31/12/99 (FITS up to 1999) or
    31/12/1999. Where day and month cannot be told apart and no Julian date tells, or the century
    cannot, it is not known.
    """
    scale = card_text(header, "TIMESYS").strip().lower()
    clock = next(filter(None, (_clock(card_text(header, key)) for key in _CLOCKS)), "")
    begin = _by_days(header)
    note = ""
    for keyword in _DATES:
        text = card_text(header, keyword)
        day, rest = _split(text)
        days = _days(day)
        if days is None:
            when = _moment(text)
        else:
            chosen = _chosen(days, begin)
            if chosen is None:
                note = note or _why_not(keyword, text, days)
                continue
            text = chosen.isoformat() + rest
            if not rest:
                tai = _clock(card_text(header, "TAIHMS"))
                if clock:
                    text = f"{text}T{clock}"
                elif tai and scale in ("", "tai"):
                    text, scale = f"{text}T{tai}", "tai"
                elif begin is not None and begin.time() != datetime.time():
                    break  # which tells the time, too
            when = _moment(text)
        if when is None:
            continue
        if when.tzinfo is not None:
            return ReadDate(when.astimezone(datetime.UTC).replace(tzinfo=None).isoformat())
        return ReadDate(_as_utc(when, scale).isoformat())
    if begin is None:
        return ReadDate("", note)
    return ReadDate(_as_utc(begin, scale).isoformat(timespec="milliseconds"))


def _by_days(header: Header) -> datetime.datetime | None:
    """Return what a modified Julian date tells, of the years 1900 to 2099: others are none."""
    for keyword in _DAYS:
        days = card_number(header, keyword)
        if days is not None and 15020 <= days <= 88069:
            passed = datetime.timedelta(milliseconds=round(days * 86_400_000))
            return datetime.datetime(1858, 11, 17) + passed
    return None


def _split(text: str) -> tuple[str, str]:
    """Part a day from the time of day behind it, which begins with a T."""
    match = re.fullmatch(r"([\w/.\-]{6,17}?)(?:[T ]\s*(\d{1,2}:.*))?", text.strip())
    if match is None:
        return text, ""
    if not match[2]:
        return match[1], ""
    hour, colon, others = match[2].partition(":")
    return match[1], f"T{hour:0>2}{colon}{others}"


def _days(text: str) -> list[datetime.date] | None:
    """Return the days that a text may mean; None where it is written in no way that is known."""
    if match := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})|(\d{4})(\d\d)(\d\d)", text):
        year, month, day = (int(one) for one in match.groups() if one is not None)
        return _valid([(year, month, day)])
    if match := re.fullmatch(r"(\d{1,2})[-/. ]([A-Za-z]{3})[a-z]*[-/. ](\d{4}|\d\d)", text):
        if match[2].lower() not in _MONTHS:
            return None
        return _valid([(_year(match[3]), _MONTHS.index(match[2].lower()) + 1, int(match[1]))])
    match = re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)", text)
    if match is None:
        return None
    first, second, last = int(match[1]), int(match[3]), match[4]
    year = _year(last)
    found = _valid([(year, second, first)])
    if match[2] == "/" and len(last) == 2 and found:
        return found  # DD/MM/YY is what FITS says; another order only where this is no date
    found += _valid([(year, first, second)])
    if len(last) == 2:
        found += _valid([(_year(match[1]), second, int(last))])
    return sorted(set(found))


def _year(text: str) -> int:
    """Return a year; of two digits 0 where its century cannot be told."""
    number = int(text)
    if len(text) == 4:
        return number
    return 1900 + number if 1900 + number >= FIRST_YEAR else 0


def _valid(parts: list[tuple[int, int, int]]) -> list[datetime.date]:
    found = []
    for year, month, day in parts:
        try:
            found.append(datetime.date(year, month, day))
        except ValueError:
            continue
    return found


def _chosen(days: list[datetime.date], begin: datetime.datetime | None) -> datetime.date | None:
    """Return the day that is meant: the only one, or of several the one of the Julian date."""
    if len(days) < 2 or begin is None:
        return days[0] if len(days) == 1 else None
    near = [one for one in days if abs((one - begin.date()).days) <= 1]
    return near[0] if len(near) == 1 else None


def _why_not(keyword: str, text: str, days: list[datetime.date]) -> str:
    if len(days) > 1:
        either = " or ".join(str(one) for one in days)
        why = f"may be {either}, and no Julian date tells which"
    else:
        why = "is no date that can be told"
    return f"{keyword} = '{text}' {why}; when it was taken is not known."


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
    if scale not in _SCALES:
        return when
    from astropy.time import Time

    try:
        with quiet():  # it warns of dates for which leap seconds are not known yet
            utc = Time(when, scale=scale).utc
            return _moment(str(utc.isot)) or when
    except ValueError:
        return when

"""How an exposure saw the sky: its airmass and the Moon, as far as a header tells."""

from __future__ import annotations

import datetime
import logging
import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from skyframe_gui.files.fits.exposure_planes import OpenFiles, exposure_cards
from skyframe_gui.files.fits.headers import card_number, card_text, quiet
from skyframe_gui.files.fits.metadata import readable_cards

if TYPE_CHECKING:
    from skyframe_gui.files.fits.headers import Cards
    from skyframe_gui.files.fits.source import ExposureSource

_AIRMASS = ("BORE-AIRMASS", "AIRMASS", "ESO TEL AIRM START", "AMSTART", "SECZ")
_POINTING = (
    ("BORE-RA", "BORE-DEC"), ("RA", "DEC"), ("RA_DEG", "DEC_DEG"), ("TELRA", "TELDEC"),
    ("OBJCTRA", "OBJCTDEC"),
)  # fmt: skip
"""Numbers are degrees, texts with colons or blanks hours and degrees."""
_SITE = (
    ("OBS-LONG", "OBS-LAT", "OBS-ELEV"), ("OBSGEO-L", "OBSGEO-B", "OBSGEO-H"),
    ("SITELONG", "SITELAT", "SITEELEV"),
    ("ESO TEL GEOLON", "ESO TEL GEOLAT", "ESO TEL GEOELEV"),
)  # fmt: skip
"""Degrees to the east and to the north, metres. OBS-LONG counts so beside LSST's BORE-RA alone."""
_ONE_AT_A_TIME = threading.Lock()
_LOWEST = 3.0
"""Degrees of altitude: below, no airmass is worked out."""


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """How an exposure saw the sky; None where nothing tells.

    Attributes
    ----------
    airmass : float or None
    moon_altitude : float or None
        Degrees above the horizon in the middle of the exposure; refraction is left out.
    moon_phase : float or None
        Lit part of its disc, 0 to 1.
    moon_separation : float or None
        Degrees from where the telescope points.
    """

    airmass: float | None = None
    moon_altitude: float | None = None
    moon_phase: float | None = None
    moon_separation: float | None = None


class _Place(NamedTuple):
    """Where from and where to, as far as a header tells."""

    airmass: float | None = None
    pointing: tuple[float, float] | None = None
    """Right ascension and declination, degrees."""
    site: tuple[float, float, float] | None = None
    """Longitude to the east and latitude, degrees; height, metres."""


def read_conditions(source: ExposureSource) -> Conditions:
    """Return what the header of an exposure tells of airmass and Moon.

    The airmass is the header's own, else the secant of the zenith distance. The Moon's place is
    that of Astropy's built-in ephemeris, good to an arc minute, which needs no file from elsewhere.

    Raises
    ------
    SkyFrameError
        The file cannot be opened any more.
    """
    with OpenFiles() as files:
        file = files.get(source.image.path)
        cards = exposure_cards(file, file.hdus[source.image.hdu])
    with quiet():
        place = _place(cards, source)
        when = _middle(source)
        if when is None:
            return Conditions(airmass=place.airmass)
        return _seen(place, when)


def _middle(source: ExposureSource) -> datetime.datetime | None:
    try:
        begin = datetime.datetime.fromisoformat(source.date)
    except ValueError:
        return None
    if begin.time() == datetime.time():
        return None  # a day alone: the Moon moves by half a degree an hour
    return begin + datetime.timedelta(seconds=(source.exposure_time or 0.0) / 2)


def _place(cards: Cards, source: ExposureSource) -> _Place:
    known = _from_translator(cards, source) if source.instrument else _Place()
    of_cards = (_airmass(card_number(cards, keyword)) for keyword in _AIRMASS)
    airmass = known.airmass or next(filter(None, of_cards), None)
    return _Place(airmass, known.pointing or _pointing(cards), known.site or _site(cards))


def _numbers(cards: Cards, keywords: tuple[str, ...]) -> list[float | None]:
    return [card_number(cards, keyword) for keyword in keywords]


def _airmass(value: float | None) -> float | None:
    return float(value) if value is not None and 1.0 <= value < 40.0 else None


def _from_translator(cards: Cards, source: ExposureSource) -> _Place:
    from astro_metadata_translator import ObservationInfo

    log = logging.getLogger("astro_metadata_translator")
    if log.level == logging.NOTSET:
        log.setLevel(logging.CRITICAL)
    try:
        info = ObservationInfo(
            readable_cards(cards),
            filename=str(source.path),
            subset={"boresight_airmass", "tracking_radec", "location"},
        )
        pointing, site = info.tracking_radec, info.location
        airmass = info.boresight_airmass
        return _Place(
            _airmass(airmass),
            None
            if pointing is None
            else (float(pointing.icrs.ra.deg), float(pointing.icrs.dec.deg)),
            None
            if site is None
            else (float(site.lon.deg), float(site.lat.deg), float(site.height.to_value("m"))),
        )
    except Exception:
        # As in `read_metadata`: translators raise whatever they meet; the common cards are read.
        return _Place()


def _pointing(cards: Cards) -> tuple[float, float] | None:
    for keywords in _POINTING:
        ra, dec = (_angle(cards, keyword, place == 0) for place, keyword in enumerate(keywords))
        if ra is not None and dec is not None and 0 <= ra <= 360 and abs(dec) <= 90:
            return ra, dec
    if card_text(cards, "CTYPE1").startswith("RA--") and card_text(cards, "CTYPE2").startswith(
        "DEC"
    ):
        ra, dec = card_number(cards, "CRVAL1"), card_number(cards, "CRVAL2")
        if ra is not None and dec is not None and abs(ra) <= 360 and abs(dec) <= 90:
            return ra % 360, dec
    return None


def _angle(cards: Cards, keyword: str, in_hours: bool) -> float | None:
    number = card_number(cards, keyword)
    if number is not None:
        return number
    parts = card_text(cards, keyword).replace(":", " ").split()
    try:
        values = [abs(float(part)) for part in parts]
    except ValueError:
        return None
    if not 2 <= len(values) <= 3 or not all(map(math.isfinite, values)):
        return None
    size = sum(value / 60.0**power for power, value in enumerate(values))
    sign = -1.0 if parts[0].startswith("-") else 1.0
    return sign * size * (15.0 if in_hours else 1.0)


def _site(cards: Cards) -> tuple[float, float, float] | None:
    x, y, z = _numbers(cards, ("OBSGEO-X", "OBSGEO-Y", "OBSGEO-Z"))
    if x is not None and y is not None and z is not None and math.hypot(x, y, z) > 6e6:
        from astropy.coordinates import EarthLocation

        place = EarthLocation.from_geocentric(x, y, z, unit="m")
        return float(place.lon.deg), float(place.lat.deg), float(place.height.to_value("m"))
    for keywords in _SITE:
        if keywords[0] == "OBS-LONG" and card_number(cards, "BORE-RA") is None:
            continue
        longitude, latitude, height = _numbers(cards, keywords)
        if longitude is None or latitude is None:
            continue
        if -180 <= longitude <= 360 and abs(latitude) <= 90:
            return longitude, latitude, height or 0.0
    return None


def _seen(place: _Place, when: datetime.datetime) -> Conditions:
    """Return what is seen from a place at a time, UTC."""
    import astropy.units as u
    from astropy.coordinates import AltAz, EarthLocation, SkyCoord, get_body
    from astropy.time import Time
    from astropy.utils import iers

    # The Earth's rotation to a second is enough: nothing is fetched, and no table is too old.
    # Astropy has one switch for the whole program, which two threads would restore for each other.
    with (
        _ONE_AT_A_TIME,
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("auto_max_age", None),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
    ):
        time = Time(when, scale="utc")
        site = None
        if place.site is not None:
            longitude, latitude, height = place.site
            site = EarthLocation.from_geodetic(longitude * u.deg, latitude * u.deg, height * u.m)
        moon, sun = (get_body(name, time, site, "builtin") for name in ("moon", "sun"))
        elongation = moon.separation(sun, origin_mismatch="ignore")
        # The angle between Sun and observer as the Moon sees them.
        angle = math.atan2(
            float((sun.distance * math.sin(elongation.rad)).to_value(u.km)),
            float((moon.distance - sun.distance * math.cos(elongation.rad)).to_value(u.km)),
        )
        altitude = separation = None
        airmass = place.airmass
        horizon: Any = None if site is None else AltAz(obstime=time, location=site)
        if horizon is not None:
            altitude = float(moon.transform_to(horizon).alt.deg)
        if place.pointing is not None:
            target = SkyCoord(*place.pointing, unit="deg", frame="icrs")
            separation = float(
                moon.separation(target.transform_to(moon.frame), origin_mismatch="ignore").deg
            )
            if airmass is None and horizon is not None:
                height = float(target.transform_to(horizon).alt.deg)
                airmass = 1 / math.sin(math.radians(height)) if height > _LOWEST else None
    return Conditions(
        airmass=airmass,
        moon_altitude=altitude,
        moon_phase=(1 + math.cos(angle)) / 2,
        moon_separation=separation,
    )

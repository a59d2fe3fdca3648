"""What the names tell that archives give to files: visit, detector, filter; one table.

Where a name could be read in two ways, nothing is said: that a detector is not known is told
wherever it matters, a wrong one never is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class FromName(NamedTuple):
    """What a file's name tells; "" where it does not."""

    visit: str = ""
    detector: str = ""
    filter: str = ""


class NamePattern(NamedTuple):
    """How an archive calls its files.

    Attributes
    ----------
    archive, source : str
        Whose names they are, and where that is written down.
    example : str
    pattern : re.Pattern
        Of the beginning of the name.
    read : callable
        Makes of a match what the name tells.
    """

    archive: str
    source: str
    example: str
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], FromName]


def _sdss(match: re.Match[str]) -> FromName:
    band = match["filter"]
    # CAMCOL alone would be the number of another CCD where these are counted from 0 to 29.
    return FromName(f"{match['run']}-{match['field']}", f"{band}{match['camcol']}", band)


def _hsc(match: re.Match[str]) -> FromName:
    number = int(match["shot"]) + 1_000_000 * (ord(match["letter"]) - ord("A"))
    # The two digits count the CCDs of half of the camera, in another order than DET-ID does.
    half = "odd" if number % 2 else "even"
    return FromName(str(number - number % 2), f"{half}-{match['ccd']}")


def _lsst_raw(match: re.Match[str]) -> FromName:
    detector = match["detector"] or ""
    if match["controller"] != "O":  # the numbers of simulated exposures are others
        return FromName(match["obs"], detector)
    return FromName(f"{match['day']}{int(match['number']):05d}", detector)


def _butler(match: re.Match[str]) -> FromName:
    band = match["filter"].replace("_sim_1_4", "_sim_1.4")
    return FromName(match["visit"], match["detector"], band)


def _jwst_stage_3(match: re.Match[str]) -> FromName:
    names = [name.upper() for name in match["filter"].split("-") if not name.startswith("clear")]
    return FromName(filter="+".join(sorted(names)))


_QUADRANT = r"(?:.*?_(?P<ccd>[1-6]-[1-6])[-.](?P<quadrant>[EFGH])(?=\.))?"
PATTERNS: tuple[NamePattern, ...] = (
    NamePattern(
        "ZTF",
        "ZTF Science Data System, explanatory supplement, file names",
        "ztf_20200101123456_000600_zr_c05_o_q1_sciimg.fits",
        re.compile(r"ztf_(\d{14})_\d{6}_z(\w)_c(\d\d)_\w_q(\d)"),
        lambda m: FromName(m[1], f"{int(m[3])}-{m[4]}", f"ZTF_{m[2]}"),
    ),
    NamePattern(
        "TESS",
        "TESS Science Data Products Description, full frame images",
        "tess2019142115932-s0012-1-2-0144-s_ffic.fits",
        re.compile(r"tess(\d{13})-s\d{4}-(\d)-(\d)-"),
        lambda m: FromName(m[1], f"{m[2]}-{m[3]}"),
    ),
    NamePattern(
        "Pan-STARRS exposures",
        "Pan-STARRS IPP, exposure names o<MJD>g<number>o and chips XYnn",
        "o5432g0123o.234567.ch.765432.XY33.fits",
        re.compile(
            r"(?P<visit>o\d{4}g\d{4}o)(?:\.\d+)?(?:\.(?:ch\.\d+\.)?(?P<chip>XY\d\d))?", re.I
        ),
        lambda m: FromName(m["visit"], m["chip"] or ""),
    ),
    NamePattern(
        # A piece of the sky is no detector.
        "Pan-STARRS skycells",
        "outerspace.stsci.edu, PS1 stacked and warp images; FPA.FILTERID has the .00000",
        "rings.v3.skycell.1513.011.stk.r.unconv.fits",
        re.compile(
            r"(?:cutout_)?rings\.v\d\.skycell\.\d{4}\.\d{3}\.(?:stk|wrp)\.([grizyw])\.", re.I
        ),
        lambda m: FromName(filter=f"{m[1]}.00000"),
    ),
    NamePattern(
        "CFHT",
        "CADC, MegaPrime data products: odometer and type, such as p for processed",
        "1234567p.fits.fz",
        re.compile(r"(\d{6,7})[opsgx](?:_\d+)?\.fits"),
        lambda m: FromName(m[1]),
    ),
    NamePattern(
        "Suprime-Cam",
        "subarutelescope.org, FRAMEID, frame number: seven digits the exposure, the last the CCD",
        "SUPA01234567.fits",
        re.compile(r"SUP[A-Z](\d{7})(\d)(?!\d)"),
        lambda m: FromName(str(int(m[1])), m[2]),
    ),
    NamePattern(
        "Hyper Suprime-Cam",
        "hsc.mtk.nao.ac.jp, naming HSC data; even and odd numbers are halves of one shot",
        "HSCA12300116.fits",
        re.compile(r"HSC(?P<letter>[A-D])(?P<shot>\d{6})(?P<ccd>[0-5]\d)(?!\d)"),
        _hsc,
    ),
    NamePattern(
        "HSC, DECam and MegaCam in LSST's second Butler",
        "obs_subaru, obs_decam, obs_cfht, policy: (calexp|CORR)-<visit>(_|-)<ccd>",
        "calexp-0289820_11.fits",
        re.compile(r"(?:calexp|CORR)-(\d{6,7})[-_](\d{2,3})(?=\.)"),
        lambda m: FromName(str(int(m[1])), str(int(m[2]))),
    ),
    NamePattern(
        "coadds in LSST's second Butler",
        "obs_subaru, policy: calexp-<filter>-<tract>-<patch>; a patch is no detector",
        "calexp-HSC-R-9813-4,4.fits",
        re.compile(r"calexp-(HSC-[A-Z0-9]+)-\d{3,5}-\d,\d(?=\.)"),
        lambda m: FromName(filter=m[1]),
    ),
    NamePattern(
        "SDSS",
        "data.sdss.org, data model of frame and fpC: run, camcol, filter, field",
        "frame-r-004207-3-0123.fits.bz2",
        re.compile(
            r"frame-(?P<filter>[ugriz])-0*(?P<run>\d+)-(?P<camcol>[1-6])-0*(?P<field>\d+)(?=\.)"
        ),
        _sdss,
    ),
    NamePattern(
        "SDSS until DR7, and in LSST's second Butler",
        "classic.sdss.org, fpC; obs_sdss, policy",
        "fpC-004207-r3-0123.fit.gz",
        re.compile(
            r"(?:fpC|calexp)-0*(?P<run>\d+)-(?P<filter>[ugriz])(?P<camcol>[1-6])-0*(?P<field>\d+)"
            r"(?=\.)"
        ),
        _sdss,
    ),
    NamePattern(
        "LSST raw exposures",
        "obs_lsst, translators: day and number; MC_O_20260108_000095 is visit 2026010800095",
        "MC_O_20241126_000123_R22_S00.fits",
        re.compile(
            r"(?P<obs>(?:[MC]C|AT)_(?P<controller>[A-Z])_(?P<day>20\d{6})_(?P<number>\d{6}))"
            r"(?:[_-](?P<detector>R\d\d_S\w\d))?(?![A-Za-z0-9])"
        ),
        _lsst_raw,
    ),
    NamePattern(
        "LSST's Butler",
        "daf_butler, configs/datastores/formatters: instrument, band, filter, visit, detector",
        "visit_image_LSSTComCam_r_r_03_2024112400102_R22_S01_LSSTComCam_runs_DRP.fits",
        re.compile(
            r"[A-Za-z][A-Za-z_]*_(?:LSST[A-Za-z]*(?:-imSim)?|HSC)_[a-z]_"
            r"(?P<filter>[a-z]_\d{1,3}|[a-z]_sim_1_4|HSC-[A-Z0-9]+)_(?P<visit>\d{2,})_"
            r"(?P<detector>R\d\d_S\w\d|[01]_\d\d)(?=[_.])"
        ),
        _butler,
    ),
    NamePattern(
        "JWST",
        "jwst-pipeline.readthedocs.io, file naming schemes, exposures",
        "jw01234001001_02101_00001_nrca1_cal.fits",
        re.compile(r"(jw\d{11}_\d{5}_\d{5})(?:-seg\d+)?_([a-z0-9]+)_"),
        lambda m: FromName(m[1], m[2].upper()),
    ),
    NamePattern(
        "JWST, stage 3",
        "jwst-pipeline.readthedocs.io, file naming schemes, stage 3",
        "jw01234-o001_t001_nircam_clear-f200w_i2d.fits",
        re.compile(
            r"jw\d{5}-[a-z]\d{3,4}_[ts]\d{3,5}_[a-z]+_"
            r"(?P<filter>(?:clearp?-)?f\d{3,4}[a-z]\d?(?:-f\d{3,4}[a-z]\d?)?)(?=[_-])"
        ),
        _jwst_stage_3,
    ),
    NamePattern(
        "HST",
        "HST data handbooks, ipppssoot: the rootname, which tells no chip",
        "jbt1a2skq_flt.fits",
        re.compile(r"([ijlnou][a-z0-9]{8})_(?:fl[tc]|dr[zc]|c0[mf])(?=[_.])"),
        lambda m: FromName(m[1]),
    ),
    NamePattern(
        "Euclid VIS",
        "euclid.esac.esa.int, DPDD, VIS calibrated quad frames; IRSA, files by observation, dither",
        "EUC_VIS_SWL-DET-002681-00-1-0000000__20241017T042839.727728Z_3-4-F.fits.gz",
        re.compile(r"EUC_VIS_SWL-DET-(?P<obs>\d{6})-(?P<dither>\d\d)-" + _QUADRANT),
        lambda m: FromName(
            f"{int(m['obs'])}-{int(m['dither'])}", f"{m['ccd']}.{m['quadrant']}" if m["ccd"] else ""
        ),
    ),
    NamePattern(
        "Euclid NISP",
        "euclid.esac.esa.int, DPDD, NIR calibrated frames: band, observation, dither",
        "EUC_NIR_W-CAL-IMAGE_H-2704-0_20240930T191946.868701Z.fits",
        re.compile(r"EUC_NIR_W-CAL-IMAGE_([YJH])-(\d+)-(\d+)_"),
        lambda m: FromName(f"{int(m[2])}-{int(m[3])}", "", m[1]),
    ),
    NamePattern(
        "KMTNet",
        "KMTNet, raw and processed images: site, date, number, and the chip or its corner",
        "kmtc.20150329.007590.ne.fits",
        re.compile(
            r"(?P<visit>kmt[cas]\.20\d{6}\.\d{6})(?:\.(?P<chip>ne|nw|se|sw|mk|nt|[mknt]))?"
            r"(?![a-z0-9])",
            re.I,
        ),
        lambda m: FromName(m["visit"].lower(), (m["chip"] or "").upper()),
    ),
    NamePattern(
        "NOIRLab",
        "NOIRLab, community pipelines: camera, date, time, product, filter, version",
        "c4d_150110_053718_ooi_r_v1.fits",
        re.compile(
            r"(?P<visit>[a-z0-9]{3}_\d{6}_\d{6})_"
            r"(?:o[a-z]{2}_(?P<filter>[A-Za-z0-9]{1,4})(?=[_.]))?"
        ),
        lambda m: FromName(m["visit"], "", m["filter"] or ""),
    ),
    NamePattern(
        "DECam",
        "NOIRLab and DES: DECam_<number>, D<number>_<filter>_c<ccd>",
        "DECam_00149774_40.fits.fz",
        re.compile(r"(?:DECam|D)_?(\d{8})(?:_[a-z])?_c?(\d\d)(?!\d)"),
        lambda m: FromName(str(int(m[1])), str(int(m[2]))),
    ),
    NamePattern(
        "VISTA, WFCAM and VST at CASU",
        "casu.ast.cam.ac.uk, naming convention: camera, night, run number of the night",
        "v20120314_00123_st.fit",
        re.compile(r"[vwo](20\d{6}_\d{5})(?=[_.])"),
        lambda m: FromName(m[1]),
    ),
)


def read_name(name: str) -> FromName:
    """Read what the names tell that archives give to files, else words such as visit12, det3."""
    for one in PATTERNS:
        if match := one.pattern.match(name):
            found = one.read(match)
            words = _from_words(name)
            return found._replace(detector=found.detector or words.detector)
    return _from_words(name)


def _from_words(name: str) -> FromName:
    visit = detector = ""
    if match := re.search(
        # A date is of all exposures of a day: the number or time behind it is of one.
        r"(?:^|[_\-.])(?:visit|exp|v)[_\-]?"
        r"((?:19|20)\d\d[01]\d[0-3]\d(?:[_\-]\d{3,}|t\d{4,})|\d{2,})(?!\d)",
        name,
        re.IGNORECASE,
    ):
        visit = match[1]
    if match := re.search(
        r"(?:^|[_\-.])(?:det|ccd|chip)[_\-]?(\d{1,3})(?!\d)", name, re.IGNORECASE
    ):
        detector = str(int(match[1]))
    elif match := re.search(r"(R\d\d_S\w\d)(?![A-Za-z0-9])", name):
        detector = match[1]
    return FromName(visit, detector)

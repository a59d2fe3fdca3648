"""What the files are called that a stage writes."""

from __future__ import annotations

import re
from pathlib import Path

_PACKED = re.compile(r"\.(gz|bz2|fz|z)$", re.IGNORECASE)
_FITS = re.compile(r"\.(fits|fit|fts)$", re.IGNORECASE)
_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")


def stem_of(path: str | Path) -> str:
    """Return a file's name without ``.fits``, ``.fits.gz`` and the like."""
    name = _FITS.sub("", _PACKED.sub("", Path(path).name))
    return name or Path(path).name


def safe(name: str) -> str:
    """Return a detector's or visit's name as a part of a file name: no separators, no blanks."""
    return _UNSAFE.sub("_", name).strip("._") or "unnamed"


def sky_frame_name(detector: str, n_sky_frames: int) -> str:
    """Return the name of a detector's sky frame file."""
    if not detector and n_sky_frames == 1:
        return "sky.fits"
    return f"sky-{safe(detector)}.fits"


def subtracted_name(path: str | Path, detector: str, alone: bool) -> str:
    """Return the name of a subtracted exposure; the detector's name where a file holds several."""
    return f"{stem_of(path)}-sub.fits" if alone else f"{stem_of(path)}-{safe(detector)}-sub.fits"


def background_name(subtracted: str | Path) -> str:
    """Return the name of the background list that goes with a subtracted exposure."""
    return re.sub(r"-sub\.fits$", "-background.fits", Path(subtracted).name)


def residual_name(subtracted: str | Path) -> str:
    """Return the name of the residual map that goes with a subtracted exposure."""
    return re.sub(r"-sub\.fits$", "-residual.fits", Path(subtracted).name)


def samples_name(visit: str) -> str:
    """Return the name of a visit's table of samples."""
    return f"{safe(visit)}-samples.ecsv"


def file_name(path: str | Path) -> str:
    """Return a path's last part: what an export may tell of where a file was."""
    return Path(path).name

"""What the files are called that a stage writes."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.engine.identity import Identity

_PACKED = re.compile(r"\.(gz|bz2|fz|z)$", re.IGNORECASE)
_FITS = re.compile(r"\.(fits|fit|fts)$", re.IGNORECASE)
SUBTRACTED, CORRECTED = "-sub", "-corr"
"""Behind the name of the exposure that a file was made of."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._+-]+")


def stem_of(path: str | Path) -> str:
    """Return a file's name without ``.fits``, ``.fits.gz`` and the like."""
    name = _FITS.sub("", _PACKED.sub("", Path(path).name))
    return name or Path(path).name


def safe_name(name: str) -> str:
    """Return a detector's or visit's name as a part of a file name: no separators, no blanks."""
    return _UNSAFE.sub("_", name).strip("._") or "unnamed"


def sky_frame_names(identities: Sequence[Identity]) -> list[str]:
    """Return the names of sky frames: ``sky-<detector>.fits``, ``sky.fits`` for a nameless one.

    Where there are several filters or instruments among them, their names are in all of them.
    """
    keys = [identity.frame for identity in identities]
    with_filter = len({key.filter for key in keys}) > 1
    with_instrument = len({key.instrument for key in keys}) > 1
    with_detector = len({key.detector for key in keys}) > 1
    wanted = []
    for one in identities:
        parts = ["sky"]
        if with_instrument and one.instrument:
            parts.append(safe_name(one.instrument))
        if one.detector or with_detector:
            parts.append(safe_name(one.detector))
        if with_filter and one.filter:
            parts.append(safe_name(one.filter))
        wanted.append("-".join(parts))
    return [f"{name}.fits" for name in _one_each(wanted)]


def subtracted_names(exposures: Sequence[tuple[str, str]], ending: str = SUBTRACTED) -> list[str]:
    """Return the names of subtracted or corrected exposures, given their paths and detectors.

    ``<file>-sub.fits``, with the detector where a file holds several. Files of one name in several
    folders have their folder's name before it.
    """
    per_file = Counter(path for path, _ in exposures)
    stems = dict.fromkeys(path for path, _ in exposures)
    alike = Counter(stem_of(path).casefold() for path in stems)
    wanted = []
    for path, detector in exposures:
        stem = stem_of(path)
        if alike[stem.casefold()] > 1:
            stem = f"{safe_name(Path(path).absolute().parent.name)}-{stem}"
        wanted.append(stem if per_file[path] == 1 else f"{stem}-{safe_name(detector)}")
    return [f"{name}{ending}.fits" for name in _one_each(wanted)]


def _one_each(wanted: Sequence[str]) -> list[str]:
    """Give a number to names that are taken, also in other letters: some disks see no case."""
    taken: set[str] = set()
    names = []
    for name in wanted:
        number, free = 1, name
        while free.casefold() in taken:
            number += 1
            free = f"{name}-{number}"
        taken.add(free.casefold())
        names.append(free)
    return names


def background_name(subtracted: str | Path) -> str:
    """Return the name of the background list that goes with a subtracted or corrected exposure."""
    return re.sub(rf"({SUBTRACTED}|{CORRECTED})\.fits$", "-background.fits", Path(subtracted).name)


def is_made_of_exposure(path: str | Path) -> bool:
    """Tell whether a file is called as what is written of an exposure, or what goes with that."""
    return stem_of(path).endswith((SUBTRACTED, CORRECTED, "-background", "-residual"))


def residual_name(subtracted: str | Path) -> str:
    """Return the name of the residual map that goes with a subtracted exposure."""
    return re.sub(r"-sub\.fits$", "-residual.fits", Path(subtracted).name)


def samples_name(visit: str) -> str:
    """Return the name of a visit's table of samples."""
    return f"{safe_name(visit)}-samples.ecsv"


def correction_config_name(visit: str) -> str:
    """Return the name of the override file of what a visit was corrected with."""
    return f"{safe_name(visit)}-correction-config.py"


def file_name(path: str | Path) -> str:
    """Return a path's last part: what an export may tell of where a file was."""
    return Path(path).name

"""Files whose pixels are wiped out while they look the same: who reads them again gets zeros."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from astropy.io import fits

if TYPE_CHECKING:
    from pathlib import Path


def blank(path: str | Path) -> None:
    """Overwrite all pixels with zeros; headers, size and time stay."""
    stat = os.stat(path)
    with fits.open(path) as file:
        parts = [(hdu.fileinfo()["datLoc"], hdu.fileinfo()["datSpan"]) for hdu in file]
    with open(path, "r+b") as raw:
        for start, size in parts:
            raw.seek(start)
            raw.write(bytes(size))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

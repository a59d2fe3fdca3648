"""Which files a folder has to open, in the order in which a person reads them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from skyframe_gui.text import natural_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.engine.progress import Watch

FITS_ENDINGS = (".fits", ".fit", ".fts", ".fits.gz", ".fits.bz2", ".fits.fz", ".fit.gz", ".fz")


def files_in(
    path: str, watch: Watch | None = None, refused: Callable[[OSError], None] | None = None
) -> list[tuple[str, bool]]:
    """Return a file itself, or the FITS files in and below a folder; and whether it was found so.

    Hidden files and folders are passed over, links to folders not followed. ``refused`` is told of
    folders that cannot be read.
    """
    if not os.path.isdir(path):
        return [(path, False)]
    found: list[tuple[str, bool]] = []
    for folder, inner, names in os.walk(path, onerror=refused):
        if watch is not None:
            watch.step(0, 0, f"Search {os.path.basename(folder)}")
        inner[:] = sorted((name for name in inner if not name.startswith(".")), key=natural_order)
        found.extend(
            (os.path.join(folder, name), True)
            for name in sorted(names, key=natural_order)
            if name.lower().endswith(FITS_ENDINGS) and not name.startswith(".")
        )
    return found

"""How cameras and pipelines lay out exposures in FITS files; one layout a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.files.fits.headers import quiet
from skyframe_gui.files.fits.layouts import (
    background_list,
    companion,
    decam,
    lsst,
    missing,
    mosaic,
    named,
    no_image,
    position,
    raw,
    residual_map,
    single,
    sky_frame,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.files.fits.io import FitsFile
    from skyframe_gui.files.fits.layouts.base import Found

# The first that knows the file names it: from the special to the general.
_LAYOUTS: tuple[Callable[[FitsFile], Found | None], ...] = (
    background_list.recognise,
    residual_map.recognise,
    sky_frame.recognise,
    companion.catalogue,
    no_image.recognise,
    raw.recognise,
    companion.recognise,
    decam.recognise,
    lsst.recognise,
    named.recognise,
    position.recognise,
    mosaic.recognise,
    single.recognise,
)


def recognise(file: FitsFile) -> Found:
    """Tell what a file is and which of its HDUs belong together.

    Raises
    ------
    SkyFrameError
        Planes that belong together differ in size, or a header is damaged.
    """
    with quiet():
        for layout in _LAYOUTS:
            found = layout(file)
            if found is not None:
                return missing.with_notes(file, companion.with_companions(file, found))
    raise file.primary.fault("it holds nothing that is known")

"""Residual maps as FITS: value and error of every bin, and where its edges are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.files.atomic import atomic_write
from skyframe_gui.files.fits.export_cards import clean_cards
from skyframe_gui.files.fits.headers import made_card, quiet
from skyframe_gui.files.fits.layouts.residual_map import KIND
from skyframe_gui.files.fits.stream import write_image_hdu
from skyframe_gui.files.fits.write import count_card, refuse_packed_name
from skyframe_gui.files.sky_frames import BOX

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

    from skyframe_gui.engine import BinGrid
    from skyframe_gui.files.fits.provenance import Provenance


def write_residual_map(
    path: str | os.PathLike[str],
    grid: BinGrid,
    unit: str,
    detector: str = "",
    provenance: Provenance | None = None,
    overwrite: bool = False,
) -> None:
    """Write a residual map: VALUE and ERROR with their unit, N_GOOD, X_EDGES and Y_EDGES.

    Bin (i, j) has the pixels X_EDGES[i] <= x < X_EDGES[i + 1] of the detector, whose lower left
    pixel is 0 and whose parent coordinates are the BOX cards of the primary header; y alike. A
    linear WCS gives the middle of each bin in parent coordinates, to half a pixel.

    Parameters
    ----------
    path : path
        The file to make, see `atomic_write`.
    grid : BinGrid
        As `measure_residual` returns it.
    unit : str
        Of the exposure, for BUNIT.
    detector : str
    provenance : Provenance, optional
    overwrite : bool
        Whether an existing file is replaced.

    Raises
    ------
    SkyFrameError
        The file exists, cannot be written, or the name asks for compression.
    """
    refuse_packed_name(Path(path))
    own: dict[str, Any] = {f"HIERARCH {card}": n for card, n in zip(BOX, grid.bbox, strict=True)}
    own["OBSTYPE"] = KIND
    if detector:
        own["DETECTOR"] = detector
    ny, nx = grid.values.shape
    place: dict[str, Any] = {
        "CTYPE1": "PIXEL",
        "CRPIX1": 1.0,
        "CRVAL1": grid.bbox[0] + float(grid.x_centers[0]),
        "CDELT1": grid.width / nx,
        "CTYPE2": "PIXEL",
        "CRPIX2": 1.0,
        "CRVAL2": grid.bbox[1] + float(grid.y_centers[0]),
        "CDELT2": grid.height / ny,
    }
    measured = {**place, **({"BUNIT": unit} if unit else {})}
    planes: tuple[tuple[str, NDArray[Any], dict[str, Any]], ...] = (
        ("VALUE", grid.values, measured),
        ("ERROR", grid.errors, measured),
        ("N_GOOD", grid.n_good.astype(np.int32), place),
        ("X_EDGES", grid.x_edges.astype(np.int32), {}),
        ("Y_EDGES", grid.y_edges.astype(np.int32), {}),
    )
    with quiet():
        cards = clean_cards(own, [])
        if provenance is not None:
            cards += provenance.cards()
        primary = [*cards, count_card(1 + len(planes))]
        headers = [[made_card("EXTNAME", name), *clean_cards(more, [])] for name, _, more in planes]
    with atomic_write(path, overwrite=overwrite) as file:
        write_image_hdu(file, primary, primary=True)
        for header, (_, pixels, _) in zip(headers, planes, strict=True):
            write_image_hdu(file, header, pixels)

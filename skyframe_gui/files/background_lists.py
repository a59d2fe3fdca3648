"""Background lists on disk (LSST's calexpBackground and skyCorr): three HDUs of bins a member."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine import styles
from skyframe_gui.engine.background_list import BackgroundList
from skyframe_gui.engine.bins import BinGrid
from skyframe_gui.engine.chebyshev import ChebyshevModel
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import MaskPlanes
from skyframe_gui.engine.model import BackgroundModel
from skyframe_gui.files.atomic import atomic_write
from skyframe_gui.files.fits.grid_planes import check_box, read_grid_planes
from skyframe_gui.files.fits.hdu import FileFault
from skyframe_gui.files.fits.headers import card_int, card_value, made_card, quiet
from skyframe_gui.files.fits.io import open_fits
from skyframe_gui.files.fits.stream import write_image_hdu
from skyframe_gui.files.fits.write import count_card, origin_cards, plane_cards, refuse_packed_name

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from skyframe_gui.engine.model import GridModel
    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.headers import CardText
    from skyframe_gui.files.fits.io import FitsFile
    from skyframe_gui.files.fits.provenance import Provenance

STYLE_NUMBERS = {
    "UNKNOWN": -1,
    "CONSTANT": 0,
    "LINEAR": 1,
    "NATURAL_SPLINE": 2,
    "CUBIC_SPLINE": 3,
    "CUBIC_SPLINE_PERIODIC": 4,
    "AKIMA_SPLINE": 5,
    "AKIMA_SPLINE_PERIODIC": 6,
}
"""LSST's numbers of the interpolation styles."""
UNDERSAMPLING = {0: "THROW_EXCEPTION", 1: "REDUCE_INTERP_ORDER", 2: "INCREASE_NXNYSAMPLE"}
REDUCE_INTERP_ORDER = 1
NO_APPROXIMATION, CHEBYSHEV = -1, 0
"""LSST's numbers of the approximations."""
_VARIANCE_HOLDS = "SFVARIS"
"""Our card that tells what a member's third plane holds: "error" or "variance"."""


def write_background_list(
    path: str | os.PathLike[str],
    models: Iterable[GridModel],
    overwrite: bool = False,
    variances: Sequence[NDArray[np.float32] | None] = (),
    provenance: Provenance | None = None,
) -> None:
    """Write a list of backgrounds as LSST's ``BackgroundList`` reads it.

    Each member is three HDUs, image, mask and variance; the very first image is in the primary
    HDU, as LSST counts HDUs in threes from there. As in LSST's files of measured backgrounds the
    plane called variance holds the bins' errors, not squared.

    Parameters
    ----------
    path : path
        The file to make, see `atomic_write`.
    models : iterable of BackgroundModel or ChebyshevModel
        At least one, all of one bounding box.
    overwrite : bool
        Whether an existing file is replaced.
    variances : sequence of (float32 [ny, nx] or None)
        Written to the plane called variance instead of the errors, member by member: LSST keeps
        true variances there for a scaled sky frame.
    provenance : Provenance, optional
        How it came about.

    Raises
    ------
    SkyFrameError
        The list is empty or of several detectors, LSST has no such style, or the file exists or
        cannot be written.
    """
    refuse_packed_name(Path(path))
    members = BackgroundList(list(models)).models
    if not members:
        raise SkyFrameError("The background list is empty; it needs at least one background.")
    with atomic_write(path, overwrite=overwrite) as file:
        for index, model in enumerate(members):
            true_variance = variances[index] if index < len(variances) else None
            with quiet():
                cards = _member_cards(model, "error" if true_variance is None else "variance")
                if index == 0 and provenance is not None:
                    cards += provenance.cards()
                if index == 0:
                    cards.append(count_card(3 * len(members)))
                origin = origin_cards((0, 0))
                bits = [*plane_cards(MaskPlanes.LSST_DEFAULT, []), *origin]
            grid = model.grid
            third = grid.errors if true_variance is None else np.asarray(true_variance, np.float32)
            write_image_hdu(file, cards, grid.values, primary=index == 0)
            write_image_hdu(file, bits, grid.mask)
            write_image_hdu(file, origin, third)


def read_background_list(path: str | os.PathLike[str]) -> BackgroundList:
    """Read a list of backgrounds, from this program or from LSST.

    The plane called variance becomes the grid's errors: not squared, as LSST's measured
    backgrounds have it, unless the file itself says that it holds variances. An empty primary HDU
    in front, as compressed files have it, is passed over.

    A member's rule for too few bins matters only where bins are too few: THROW_EXCEPTION and
    INCREASE_NXNYSAMPLE, which LSST then fails on, are accepted where every column and row of the
    grid has values enough for the style. What is odd and no reason to refuse the file stands in
    the list's notes.

    Raises
    ------
    SkyFrameError
        The file cannot be read, is something else, has a member of a style or approximation that
        this program does not have or that its bins do not determine, or contradicts itself.
    """
    with open_fits(str(path)) as file:
        hdus = [hdu for hdu in file.hdus if not (hdu.index == 0 and not hdu.is_image)]
        if not any("BKGD_WIDTH" in hdu.keywords for hdu in hdus):
            raise FileFault(
                file.path,
                "this is not a list of backgrounds (it has no BKGD_WIDTH card); give a file such "
                "as LSST's calexpBackground or skyCorr.",
            )
        if len(hdus) % 3 or not all(hdu.is_plane for hdu in hdus):
            raise FileFault(
                file.path,
                f"a list of backgrounds has three images a member, but this file has {len(hdus)} "
                "HDUs, not all of them images or not a multiple of three; make it again.",
            )
        notes = list(file.notes)
        models = [
            _member(file, number + 1, hdus[3 * number : 3 * number + 3], notes)
            for number in range(len(hdus) // 3)
        ]
        try:
            return BackgroundList(models, tuple(dict.fromkeys(notes)))
        except SkyFrameError as error:
            raise FileFault(file.path, str(error)) from error


def _member_cards(model: GridModel, third_plane: str) -> list[CardText]:
    number = STYLE_NUMBERS.get(model.algorithm)
    if number is None:
        raise SkyFrameError(
            f"LSST has no interpolation style {model.algorithm}, so that no background list can "
            "be written with it; choose one of its styles."
        )
    min_x, min_y, _, _ = model.bbox
    fitted = isinstance(model, ChebyshevModel)
    style, words = (CHEBYSHEV, "Chebyshev") if fitted else (NO_APPROXIMATION, "no approximation")
    order = model.order if isinstance(model, ChebyshevModel) else 0
    weighting = model.weighting if isinstance(model, ChebyshevModel) else False
    return [
        made_card("HIERARCH INTERPSTYLE", number, model.algorithm),
        made_card("HIERARCH UNDERSAMPLESTYLE", REDUCE_INTERP_ORDER, "REDUCE_INTERP_ORDER"),
        made_card("HIERARCH APPROXSTYLE", style, words),
        made_card("HIERARCH APPROXORDERX", order),
        made_card("HIERARCH APPROXORDERY", order),
        made_card("HIERARCH APPROXWEIGHTING", weighting),
        made_card("BKGD_X0", min_x),
        made_card("BKGD_Y0", min_y),
        made_card("HIERARCH BKGD_WIDTH", model.width),
        made_card("HIERARCH BKGD_HEIGHT", model.height),
        made_card(_VARIANCE_HOLDS, third_plane, "what the variance plane holds"),
        *origin_cards((0, 0)),
    ]


def _member(file: FitsFile, number: int, hdus: list[Hdu], notes: list[str]) -> GridModel:
    image, mask, variance = hdus
    approximation = _whole(file, number, image, "APPROXSTYLE", NO_APPROXIMATION)
    if approximation not in (NO_APPROXIMATION, CHEBYSHEV):
        raise FileFault(
            file.path,
            f"background {number} of the list asks for an unknown (style {approximation}) "
            "approximation, which this program does not have; use a list of splines.",
        )
    x0, y0 = (_whole(file, number, image, f"BKGD_{axis}0") for axis in "XY")
    width, height = (_whole(file, number, image, f"BKGD_{side}") for side in ("WIDTH", "HEIGHT"))
    box = x0, y0, x0 + width - 1, y0 + height - 1
    bbox = check_box(file.path, box, image.shape, f"BKGD of background {number}")
    fitted = approximation == CHEBYSHEV
    style = _style(file, number, image, fitted)
    planes = read_grid_planes(file, image, mask, variance, notes)
    errors = planes.variance
    if card_value(image.header, _VARIANCE_HOLDS) == "variance":
        with np.errstate(invalid="ignore"):
            errors = np.sqrt(errors)
    grid = BinGrid.from_values(planes.values, bbox, errors=errors, mask=planes.mask)
    try:
        if fitted:
            order, weighting = _approximation(file, number, image)
            return ChebyshevModel(grid, order, weighting, style)
        _check_undersampling(file, number, image, grid, style)
        return BackgroundModel(grid, style)
    except FileFault:
        raise
    except SkyFrameError as error:
        raise FileFault(file.path, f"background {number} of the list: {error}") from error


def _approximation(file: FitsFile, number: int, image: Hdu) -> tuple[int, bool]:
    """Return order and weighting of a Chebyshev approximation."""
    order = _whole(file, number, image, "APPROXORDERX")
    if _whole(file, number, image, "APPROXORDERY", -1) not in (-1, order):
        raise FileFault(
            file.path,
            f"background {number} of the list has a Chebyshev approximation of another order in y "
            "than in x, which LSST does not have either; make the file again.",
        )
    return order, bool(card_value(image.header, "APPROXWEIGHTING") or False)


def _style(file: FitsFile, number: int, image: Hdu, fitted: bool) -> str:
    value = _whole(file, number, image, "INTERPSTYLE")
    name = next((name for name, n in STYLE_NUMBERS.items() if n == value), f"number {value}")
    if fitted and name in STYLE_NUMBERS:  # it plays no part beside an approximation
        return name
    try:
        styles.get(name)
    except SkyFrameError as error:
        raise FileFault(
            file.path,
            f"background {number} of the list has the interpolation style {name}, which this "
            f"program does not have; it has {', '.join(styles.names())}.",
        ) from error
    return name


def _check_undersampling(
    file: FitsFile, number: int, image: Hdu, grid: BinGrid, style: str
) -> None:
    rule = _whole(file, number, image, "UNDERSAMPLESTYLE", REDUCE_INTERP_ORDER)
    if rule == REDUCE_INTERP_ORDER:
        return
    finite = np.isfinite(grid.values)
    fewest = min(*finite.shape, int(finite.sum(axis=0).min()))
    if rule in UNDERSAMPLING and fewest >= styles.get(style).MIN_POINTS:
        return
    name = UNDERSAMPLING.get(rule, f"number {rule}")
    raise FileFault(
        file.path,
        f"background {number} of the list has the rule {name} for too few bins, which this program "
        "does not have, and its bins may be too few; use a list with REDUCE_INTERP_ORDER.",
    )


def _whole(
    file: FitsFile, number: int, image: Hdu, keyword: str, default: int | None = None
) -> int:
    value = card_int(image.header, keyword)
    if value is None and keyword not in image.keywords:
        value = default
    if value is None:
        raise FileFault(
            file.path,
            f"background {number} of the list (HDU {image.index}) has no valid {keyword} card; "
            "make the file again.",
        )
    return value

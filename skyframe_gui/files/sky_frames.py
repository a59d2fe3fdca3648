"""Sky frames on disk: LSST exposures whose pixels are bins."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.engine.bins import BinGrid
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.exposure import MaskPlanes, read_only
from skyframe_gui.engine.sky_frame import SkyFrame
from skyframe_gui.files.atomic import atomic_write
from skyframe_gui.files.fits.export_cards import clean_cards, export_cards
from skyframe_gui.files.fits.exposure_planes import exposure_cards
from skyframe_gui.files.fits.frame_cards import (
    identity_cards,
    read_identity,
    unit_card,
)
from skyframe_gui.files.fits.grid_planes import (
    GridPlanes,
    check_box,
    check_style,
    read_grid_planes,
)
from skyframe_gui.files.fits.hdu import FileFault
from skyframe_gui.files.fits.headers import (
    card_text,
    card_value,
    made_card,
    quiet,
)
from skyframe_gui.files.fits.io import open_fits
from skyframe_gui.files.fits.layouts.residual_map import is_residual_map
from skyframe_gui.files.fits.pixels import read_mask_plane
from skyframe_gui.files.fits.provenance import Provenance
from skyframe_gui.files.fits.stream import write_image_hdu
from skyframe_gui.files.fits.write import (
    count_card,
    name_cards,
    origin_cards,
    plane_cards,
    refuse_packed_name,
)

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

    from skyframe_gui.files.fits.frame_cards import IdentityFields
    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.headers import CardText
    from skyframe_gui.files.fits.io import FitsFile

BOX = ("BOX.MINX", "BOX.MINY", "BOX.MAXX", "BOX.MAXY")
_COUNTS = ("N_GOOD", "N_USED", "N_CLIPPED", "FILLED")


def write_sky_frame(
    path: str | os.PathLike[str],
    sky_frame: SkyFrame,
    detector: str = "",
    provenance: Provenance | None = None,
    overwrite: bool = False,
    header: Any = None,
) -> None:
    """Write a sky frame in LSST's layout: an empty primary HDU, then IMAGE, MASK and VARIANCE.

    Behind these three, which are all that LSST reads, stand the counts N_GOOD, N_USED and
    N_CLIPPED, the bins FILLED with the median, and the cube CLIPPED (exposure, y, x): with them
    `read_sky_frame` returns what was written.

    Parameters
    ----------
    path : path
        The file to make, see `atomic_write`.
    sky_frame : SkyFrame
        What to write.
    detector : str
        Name of the detector, by which the sky frame is chosen for an exposure; that of the sky
        frame's identity where it is not given. Filter, instrument, unit and binning are those of
        the identity.
    provenance : Provenance, optional
        How it came about.
    overwrite : bool
        Whether an existing file is replaced.
    header : Header, optional
        More cards for the primary header.

    Raises
    ------
    SkyFrameError
        The file exists, cannot be written, or the name asks for compression.
    """
    refuse_packed_name(Path(path))
    with quiet():
        primary = _primary_cards(sky_frame, detector, provenance, header)
        origin = origin_cards((0, 0))
        bits = plane_cards(MaskPlanes.LSST_DEFAULT, [])
    grid, unit = sky_frame.grid, sky_frame.identity.unit
    planes: dict[str, NDArray[Any]] = {
        "IMAGE": grid.values,
        "MASK": sky_frame.mask,
        "VARIANCE": sky_frame.variance,
    }
    more: dict[str, NDArray[Any]] = {
        "N_GOOD": grid.n_good.astype(np.int32),
        "N_USED": sky_frame.n_used.astype(np.int32),
        "N_CLIPPED": sky_frame.n_clipped.astype(np.int32),
        "FILLED": sky_frame.filled.astype(np.uint8),
    }
    if len(sky_frame.clipped):
        more["CLIPPED"] = sky_frame.clipped.astype(np.uint8)
    primary.append(count_card(1 + len(planes) + len(more)))
    with atomic_write(path, overwrite=overwrite) as file:
        write_image_hdu(file, primary, primary=True)
        for name, pixels in planes.items():
            cards = [*(bits if name == "MASK" else []), *origin]
            if name == "IMAGE" and unit:
                cards.append(made_card("BUNIT", *unit_card(unit)))
            write_image_hdu(file, [*cards, *name_cards(name)], pixels)
        for name, pixels in more.items():
            write_image_hdu(file, [made_card("EXTNAME", name)], pixels)


def read_sky_frame(path: str | os.PathLike[str]) -> SkyFrame:
    """Read a sky frame, from this program or from LSST.

    BOX and ALGORITHM are looked for in the primary header, then in the image's, as plain or as
    HIERARCH cards. Where a file does not tell the counts, as LSST's do not, they are the least
    that its planes allow: no exposure in bins masked NO_DATA, which are taken as filled; one where
    the variance is NaN; two elsewhere; none clipped. A file without a variance plane has a
    variance of NaN. What is odd and no reason to refuse the file stands in the sky frame's notes.

    Raises
    ------
    SkyFrameError
        The file cannot be read, is something else, or its cards or planes contradict each other.
    """
    with open_fits(str(path)) as file:
        if is_residual_map(file):
            raise _not_a_sky_frame(file)
        found = _lsst_planes(file)
        missing = [card for card in (*BOX, "ALGORITHM") if _card(file, found, card) is None]
        if not found or len(missing) == len(BOX) + 1:
            raise _not_a_sky_frame(file)
        if missing:
            raise FileFault(
                file.path,
                f"the sky frame has no valid {' and no '.join(missing)} card; make it again.",
            )
        image, notes = found["IMAGE"], list(file.notes)
        lacks = [name.lower() for name in ("MASK", "VARIANCE") if name not in found]
        if lacks:
            notes.append(f"It has no {' and no '.join(lacks)}; the file may be cut short.")
        planes = read_grid_planes(file, image, found.get("MASK"), found.get("VARIANCE"), notes)
        box = tuple(_whole(file, found, card) for card in BOX)
        bbox = check_box(file.path, box, image.shape, "BOX")
        algorithm = check_style(file.path, _card(file, found, "ALGORITHM"), "ALGORITHM")
        sky_frame = replace(
            _assemble(planes, _counts(file, image, notes), bbox, algorithm, notes),
            **_identity(file, image),
        )
        if not np.isfinite(planes.values).any():
            raise FileFault(file.path, "no bin of the sky frame has a value; make it again.")
        try:
            sky_frame.model()
        except SkyFrameError as error:
            raise FileFault(file.path, str(error)) from error
    return sky_frame


def read_provenance(path: str | os.PathLike[str]) -> Provenance | None:
    """Return what a file of this program says of its making; None of any other file.

    Raises
    ------
    SkyFrameError
        The file cannot be read, or what it says is damaged.
    """
    with open_fits(str(path)) as file:
        return Provenance.from_header(file.primary.header)


def sky_frame_detector(path: str | os.PathLike[str]) -> str:
    """Return the name of the detector that a sky frame is for; "" where the file does not tell.

    It is the DETECTOR card, else the number in LSST's CALIB_ID, else what the headers tell of any
    exposure.

    Raises
    ------
    SkyFrameError
        The file cannot be read.
    """
    with open_fits(str(path)) as file:
        image = _lsst_planes(file).get("IMAGE", file.primary)
        return _identity(file, image)["identity"].detector


def _identity(file: FitsFile, image: Hdu) -> IdentityFields:
    return read_identity(exposure_cards(file, image), file.path, file.primary.header, image.header)


def _primary_cards(
    sky_frame: SkyFrame, detector: str, provenance: Provenance | None, header: Any
) -> list[CardText]:
    own: dict[str, Any] = {
        f"HIERARCH {card}": n for card, n in zip(BOX, sky_frame.grid.bbox, strict=True)
    }
    own["HIERARCH ALGORITHM"] = sky_frame.algorithm
    identity = sky_frame.identity
    own |= identity_cards(replace(identity, detector=detector or identity.detector))
    cards = clean_cards(own, [])
    if provenance is not None:
        cards += provenance.cards()
    taken = {card.keyword for card in cards}
    more = [] if header is None else export_cards(header).primary
    return [*(card for card in more if card.keyword not in taken), *cards]


def _lsst_planes(file: FitsFile) -> dict[str, Hdu]:
    """Return image, mask and variance by their names, or by their order where they have none."""
    names = ("IMAGE", "MASK", "VARIANCE")
    planes = [hdu for hdu in file.planes if hdu.name not in (*_COUNTS, "CLIPPED")]
    found: dict[str, Hdu] = {}
    for hdu in planes:
        kind = card_text(hdu.header, "EXTTYPE").upper() or hdu.name
        if kind in names:
            found.setdefault(kind, hdu)
    return found if "IMAGE" in found else dict(zip(names, planes, strict=False))


def _card(file: FitsFile, planes: dict[str, Hdu], keyword: str) -> Any:
    """Return a card's value from the primary header, else from the image's; None without one."""
    for hdu in (file.primary, *(planes[name] for name in ("IMAGE",) if name in planes)):
        value = card_value(hdu.header, keyword)
        if value is not None:
            return value
        # Longer than eight letters and yet not HIERARCH: no reader's standard, but unmistakable.
        plain = re.compile(rf"{re.escape(keyword)} *= *'([^']*)'", re.IGNORECASE)
        for card in hdu.image_cards:
            if match := plain.match(card.text):
                return match[1].strip() or None
    return None


def _whole(file: FitsFile, planes: dict[str, Hdu], keyword: str) -> int:
    value = _card(file, planes, keyword)
    # Astropy reads back as a float what it writes for a plain header["BOX.MINX"] = 0.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise FileFault(file.path, f"its {keyword} card is not a whole number; make it again.")
    return int(value)


def _not_a_sky_frame(file: FitsFile) -> FileFault:
    if any("BKGD_WIDTH" in hdu.keywords for hdu in file.hdus):
        what = "this is a list of backgrounds, not a sky frame"
    elif is_residual_map(file):
        what = "this is a residual map, not a sky frame"
    elif not file.planes:
        what = "this is not a sky frame; it holds no image of bins"
    else:
        what = (
            "this is not a sky frame (it has neither BOX nor ALGORITHM cards), perhaps an exposure"
        )
    return FileFault(file.path, f"{what}; give a file made by 'build' or by LSST.")


def _counts(file: FitsFile, image: Hdu, notes: list[str]) -> dict[str, NDArray[Any]]:
    """Read what this program writes behind LSST's planes; empty where something is missing."""
    extra = {hdu.name: hdu for hdu in file.hdus if hdu.is_image}
    if not all(name in extra for name in _COUNTS):
        return {}
    found: dict[str, NDArray[Any]] = {}
    for name in _COUNTS:
        hdu = extra[name]
        if not hdu.is_plane or hdu.shape != image.shape:
            raise hdu.fault(f"the plane {name} is not of the size of the image")
        found[name] = read_mask_plane(file, hdu, notes)[0]
    if "CLIPPED" in extra:
        hdu = extra["CLIPPED"]
        if hdu.bitpix != 8 or len(hdu.axes) != 3 or hdu.axes[1::-1] != image.shape:
            raise hdu.fault("the cube CLIPPED is not of the size of the image")
        data = file.read_bytes(hdu.data_at, hdu.data_bytes)
        found["CLIPPED"] = np.frombuffer(data, np.uint8).reshape(hdu.axes[::-1]) != 0
    return found


def _assemble(
    planes: GridPlanes,
    counts: dict[str, NDArray[Any]],
    bbox: tuple[int, int, int, int],
    algorithm: str,
    notes: list[str],
) -> SkyFrame:
    values, mask, variance = planes
    if counts:
        n_good, n_used, n_clipped, filled = (counts[name] for name in _COUNTS)
    else:
        filled = (mask & MaskPlanes.LSST_DEFAULT.bits(["NO_DATA"])) != 0
        n_used = np.where(np.isfinite(variance), 2, 1)
        n_used[filled | np.isnan(values)] = 0
        n_good, n_clipped = n_used, np.zeros_like(n_used)
    clipped = counts.get("CLIPPED", np.zeros((0, *values.shape), np.bool_))
    with np.errstate(invalid="ignore"):
        errors = np.sqrt(variance)
    grid = BinGrid.from_values(
        values, bbox, errors=errors, mask=mask, n_good=n_good, n_clipped=n_clipped
    )
    return SkyFrame(
        grid=grid,
        variance=read_only(variance, np.float32),
        n_used=read_only(n_used, np.int64),
        n_clipped=read_only(n_clipped, np.int64),
        clipped=read_only(clipped, np.bool_),
        filled=read_only(filled != 0, np.bool_),
        algorithm=algorithm,
        notes=tuple(dict.fromkeys(notes)),
    )

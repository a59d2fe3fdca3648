"""Export an exposure as a FITS file in LSST's layout, with all that was known of it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.atomic import atomic_write
from skyframe_gui.files.fits.archive import read_archive, write_archive
from skyframe_gui.files.fits.export_cards import celestial, clean_cards, export_cards, has_wcs
from skyframe_gui.files.fits.headers import Cards, comment_cards, made_card, quiet
from skyframe_gui.files.fits.io import N_HDUS
from skyframe_gui.files.fits.metadata import read_metadata
from skyframe_gui.files.fits.provenance import is_provenance
from skyframe_gui.files.fits.stream import write_image_hdu

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from skyframe_gui.engine.exposure import Exposure
    from skyframe_gui.engine.progress import Watch
    from skyframe_gui.files.fits.headers import CardText
    from skyframe_gui.files.fits.provenance import Provenance

_PACKED = (".gz", ".bz2", ".xz", ".fz", ".Z", ".zip")


def write_exposure(
    path: str | os.PathLike[str],
    exposure: Exposure,
    provenance: Provenance | None = None,
    overwrite: bool = False,
    archive_from: str | os.PathLike[str] | None = None,
    watch: Watch | None = None,
) -> tuple[str, ...]:
    """Write an exposure: a primary HDU without data, then IMAGE, MASK and VARIANCE.

    The image is float32, the mask int32 with its ``MP_`` cards, the variance float32, all
    uncompressed; mask and variance only where the exposure has them. The cards of its header go
    where they came from, those about the old file's storage and pointers to HDUs that are not
    written left out. The origin is written as LTV1 and LTV2 and as LSST's WCS "A". Every HDU has
    CHECKSUM and DATASUM.

    Parameters
    ----------
    path : path
        The file to make, see `atomic_write`.
    exposure : Exposure
        What to write.
    provenance : Provenance, optional
        How it came about; goes into the primary header. Cards of an earlier one become history.
    overwrite : bool
        Whether an existing file is replaced.
    archive_from : path, optional
        The exposure's own file. Where it is an LSST exposure, its archive (PSF, WCS and more in
        tables behind the planes) is copied unchanged, so that LSST's software reads all of it.
    watch : Watch, optional
        Told of every megabyte.

    Returns
    -------
    tuple of str
        What could not be kept as it was, one sentence each.

    Raises
    ------
    SkyFrameError
        The file exists, cannot be written, or the name asks for compression.
    Cancelled
        The watch said so; no file is left behind.
    """
    target = Path(path)
    refuse_packed_name(target)
    cards = export_cards(exposure.header)
    notes = list(cards.notes)
    archive = None
    if archive_from is not None:
        archive = read_archive(archive_from)
        if archive is not None and not (exposure.has_mask and exposure.has_variance):
            archive = None
            notes.append(
                "LSST's archive (PSF, WCS, ...) was left out: it needs image, mask and variance."
            )
    with quiet():
        image = list(cards.image)
        if exposure.wcs is not None and not (has_wcs(image) or has_wcs(cards.primary)):
            image += _wcs_cards(exposure.wcs, notes)
        primary = _with_provenance(cards.primary, provenance)
        primary += _identity(target, exposure, primary, image)
        if archive is not None:
            primary += archive.cards
        wcs = celestial(image)
        origin = origin_cards(exposure.xy0)
        heads = {
            "IMAGE": [*image, *origin],
            "MASK": [*wcs, *plane_cards(exposure.planes, notes), *origin],
            "VARIANCE": [*wcs, *origin],
        }
    planes = {"IMAGE": exposure.image}
    if exposure.has_mask:
        planes["MASK"] = exposure.mask  # type: ignore[assignment]  # int32 among float32
    if exposure.has_variance:
        planes["VARIANCE"] = exposure.variance
    tables = 0 if archive is None else len(archive.tables)
    primary.append(count_card(1 + len(planes) + tables))
    label = f"Writing {target.name}"
    with atomic_write(target, overwrite=overwrite) as file:
        write_image_hdu(file, primary, primary=True)
        for name, pixels in planes.items():
            head = [*heads[name], *name_cards(name)]
            write_image_hdu(file, head, pixels, watch=watch, label=label)
        if archive is not None:
            write_archive(file, archive)
    return tuple(dict.fromkeys(notes))


def refuse_packed_name(path: Path) -> None:
    """Refuse a name that promises compression, which is not done here.

    Raises
    ------
    SkyFrameError
        The name ends in .gz, .fz or the like.
    """
    if path.suffix in _PACKED:
        raise SkyFrameError(
            f"{path} cannot be written: files are not compressed here; choose a name that ends in "
            ".fits and pack the file afterwards."
        )


@lru_cache(maxsize=16)
def name_cards(name: str) -> tuple[CardText, ...]:
    """Return the cards by which LSST knows a plane: INHERIT, EXTTYPE and EXTNAME."""
    return (
        made_card("INHERIT", True, "the primary header holds for this HDU, too"),
        made_card("EXTTYPE", name),
        made_card("EXTNAME", name),
    )


def count_card(n_hdus: int) -> CardText:
    """Return the card that says how many HDUs a file has, so that a cut one is known."""
    return made_card(N_HDUS, n_hdus, "HDUs in this file, this one included")


def plane_cards(planes: Mapping[str, int], notes: list[str]) -> list[CardText]:
    """Return the ``MP_`` cards of a mask: the bit number of every plane."""
    cards, of_these = _plane_cards(tuple(sorted(planes.items())))
    notes += of_these
    return list(cards)


@lru_cache(maxsize=16)
def _plane_cards(
    planes: tuple[tuple[str, int], ...],
) -> tuple[tuple[CardText, ...], tuple[str, ...]]:
    cards: list[CardText] = []
    notes: list[str] = []
    for name, bit in planes:
        keyword = f"MP_{name}"
        keyword = keyword if len(keyword) <= 8 else f"HIERARCH {keyword}"
        cards += clean_cards({keyword: bit}, notes)
    return tuple(cards), tuple(notes)


@lru_cache(maxsize=256)
def origin_cards(xy0: tuple[int, int]) -> tuple[CardText, ...]:
    """Return the cards that say which parent pixel the first one is, as LSST writes them."""
    cards = [
        made_card(f"LTV{axis}", float(-first), "minus the parent pixel of the first pixel")
        for axis, first in enumerate(xy0, start=1)
    ]
    for axis, first in enumerate(xy0, start=1):
        cards += [
            made_card(f"CTYPE{axis}A", "LINEAR", "parent pixels"),
            made_card(f"CRPIX{axis}A", 1.0, "the first pixel"),
            made_card(f"CRVAL{axis}A", float(first), "is this parent pixel"),
            made_card(f"CUNIT{axis}A", "PIXEL"),
        ]
    return tuple(cards)


def _with_provenance(cards: Iterable[CardText], provenance: Provenance | None) -> list[CardText]:
    if provenance is None:
        return list(cards)
    # What was done to the file before stays readable, but must not pass for what was done now.
    kept = []
    for card in cards:
        if is_provenance(card.keyword):
            kept += comment_cards("HISTORY", f"earlier: {card.text.rstrip()}")
        else:
            kept.append(card)
    return [*kept, *provenance.cards()]


def _wcs_cards(wcs: Any, notes: list[str]) -> list[CardText]:
    try:
        header = wcs.to_header(relax=True)
    except (ValueError, KeyError, AttributeError) as error:  # what astropy.wcs raises
        notes.append(f"The WCS could not be written to the header: {error}.")
        return []
    return clean_cards(header, notes)


def _identity(
    target: Path, exposure: Exposure, primary: list[CardText], image: list[CardText]
) -> list[CardText]:
    """Return cards for detector and visit where a reader would not find them in the others.

    They may have come from the name of the file or of the HDU, and both are other names now.
    """
    if not (exposure.detector or exposure.visit):
        return []
    merged = Cards((*primary, *image))
    found = read_metadata(merged, target, Cards(image))
    cards: list[CardText] = []
    for value, seen, keywords in (
        (exposure.detector, found.detector, ("DETECTOR", "DETNAME", "CHIPID")),
        (exposure.visit, found.visit, ("VISIT", "VISITID", "EXPNUM")),
    ):
        free = next((keyword for keyword in keywords if keyword not in merged), None)
        if value and value != seen and free is not None:
            cards += clean_cards({free: value}, [])
    return cards

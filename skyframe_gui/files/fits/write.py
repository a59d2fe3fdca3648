"""Export an exposure as a FITS file in LSST's layout, with all that was known of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from astropy.io import fits

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.atomic import atomic_write
from skyframe_gui.files.fits.archive import read_archive, write_archive
from skyframe_gui.files.fits.export_cards import celestial, clean_cards, export_cards, has_wcs
from skyframe_gui.files.fits.headers import Cards, quiet, text_of
from skyframe_gui.files.fits.io import N_HDUS
from skyframe_gui.files.fits.metadata import read_metadata
from skyframe_gui.files.fits.provenance import is_provenance
from skyframe_gui.files.fits.stream import write_image_hdu

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from skyframe_gui.engine.exposure import Exposure
    from skyframe_gui.engine.progress import Watch
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
        primary = fits.Header(_with_provenance(cards.primary, provenance))
        primary.extend(_identity(target, exposure, list(primary.cards), image), end=True)
        if archive is not None:
            primary.extend(archive.cards, end=True)
        wcs = celestial(image)
        origin = origin_cards(exposure.xy0)
        heads = {
            "IMAGE": fits.Header([*image, *origin]),
            "MASK": fits.Header([*wcs, *plane_cards(exposure.planes, notes), *origin]),
            "VARIANCE": fits.Header([*wcs, *origin]),
        }
    planes = {"IMAGE": exposure.image}
    if exposure.has_mask:
        planes["MASK"] = exposure.mask  # type: ignore[assignment]  # int32 among float32
    if exposure.has_variance:
        planes["VARIANCE"] = exposure.variance
    tables = 0 if archive is None else len(archive.tables)
    primary.append(count_card(1 + len(planes) + tables), end=True)
    label = f"Writing {target.name}"
    with atomic_write(target, overwrite=overwrite) as file:
        write_image_hdu(file, primary, primary=True)
        for name, pixels in planes.items():
            header = name_plane(heads[name], name)
            write_image_hdu(file, header, pixels, watch=watch, label=label)
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


def name_plane(header: fits.Header, name: str) -> fits.Header:
    """Add the cards by which LSST knows a plane: INHERIT, EXTTYPE and EXTNAME."""
    header["INHERIT"] = (True, "the primary header holds for this HDU, too")
    header["EXTTYPE"] = name
    header["EXTNAME"] = name
    return header


def count_card(n_hdus: int) -> fits.Card:
    """Return the card that says how many HDUs a file has, so that a cut one is known."""
    return fits.Card(N_HDUS, n_hdus, "HDUs in this file, this one included")


def plane_cards(planes: Mapping[str, int], notes: list[str]) -> list[fits.Card]:
    """Return the ``MP_`` cards of a mask: the bit number of every plane."""
    cards: list[fits.Card] = []
    for name, bit in sorted(planes.items()):
        keyword = f"MP_{name}"
        keyword = keyword if len(keyword) <= 8 else f"HIERARCH {keyword}"
        cards += clean_cards({keyword: bit}, notes)
    return cards


def origin_cards(xy0: tuple[int, int]) -> list[fits.Card]:
    """Return the cards that say which parent pixel the first one is, as LSST writes them."""
    cards = [
        fits.Card(f"LTV{axis}", float(-first), "minus the parent pixel of the first pixel")
        for axis, first in enumerate(xy0, start=1)
    ]
    for axis, first in enumerate(xy0, start=1):
        cards += [
            fits.Card(f"CTYPE{axis}A", "LINEAR", "parent pixels"),
            fits.Card(f"CRPIX{axis}A", 1.0, "the first pixel"),
            fits.Card(f"CRVAL{axis}A", float(first), "is this parent pixel"),
            fits.Card(f"CUNIT{axis}A", "PIXEL"),
        ]
    return cards


def _with_provenance(cards: Iterable[fits.Card], provenance: Provenance | None) -> list[fits.Card]:
    if provenance is None:
        return list(cards)
    # What was done to the file before stays readable, but must not pass for what was done now.
    kept = []
    for card in cards:
        if is_provenance(card.keyword):
            text = f"earlier: {str(card.image).rstrip()}"
            kept += [fits.Card("HISTORY", text[i : i + 72]) for i in range(0, len(text), 72)]
        else:
            kept.append(card)
    return [*kept, *provenance.cards()]


def _wcs_cards(wcs: Any, notes: list[str]) -> list[fits.Card]:
    try:
        header = wcs.to_header(relax=True)
    except (ValueError, KeyError, AttributeError) as error:  # what astropy.wcs raises
        notes.append(f"The WCS could not be written to the header: {error}.")
        return []
    return clean_cards(header, notes)


def _identity(
    target: Path, exposure: Exposure, primary: list[fits.Card], image: list[fits.Card]
) -> list[fits.Card]:
    """Return cards for detector and visit where a reader would not find them in the others.

    They may have come from the name of the file or of the HDU, and both are other names now.
    """
    if not (exposure.detector or exposure.visit):
        return []
    merged = Cards(map(text_of, (*primary, *image)))
    found = read_metadata(merged, target, Cards(map(text_of, image)))
    cards: list[fits.Card] = []
    for value, seen, keywords in (
        (exposure.detector, found.detector, ("DETECTOR", "DETNAME", "CHIPID")),
        (exposure.visit, found.visit, ("VISIT", "VISITID", "EXPNUM")),
    ):
        free = next((keyword for keyword in keywords if keyword not in merged), None)
        if value and value != seen and free is not None:
            cards += clean_cards({free: value}, [])
    return cards

"""Exposures as files hold them: described from the headers, read when wanted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine.identity import Identity
from skyframe_gui.files.fits.conventions import read_binning, read_calibration, read_place
from skyframe_gui.files.fits.counts import counts_of
from skyframe_gui.files.fits.exposure_planes import (
    OpenFiles,
    PlaneRef,
    exposure_cards,
    read_exposure,
    reading_notes,
)
from skyframe_gui.files.fits.hdu import FileFault
from skyframe_gui.files.fits.headers import card_text, quiet
from skyframe_gui.files.fits.io import FitsFile, open_fits
from skyframe_gui.files.fits.layouts import recognise
from skyframe_gui.files.fits.layouts.companion import KINDS as COMPANIONS
from skyframe_gui.files.fits.lsst_json import with_archive
from skyframe_gui.files.fits.mask_planes import merged_planes, repeated_cards
from skyframe_gui.files.fits.mask_schemes import choose_scheme
from skyframe_gui.files.fits.masks import MaskReading, MaskScheme, with_bad
from skyframe_gui.files.fits.metadata import read_metadata, read_origin
from skyframe_gui.files.fits.orientation import read_orientation
from skyframe_gui.files.fits.provenance import already_subtracted
from skyframe_gui.files.sky_masks import unmasked, with_masks_by_hand
from skyframe_gui.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from skyframe_gui.engine.exposure import BBox, Exposure, MaskPlanes
    from skyframe_gui.engine.hand_masks import HandMask
    from skyframe_gui.engine.progress import Watch
    from skyframe_gui.files.butler.address import Dataset
    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.layouts.base import Detector, Found, Role

AUTO = MaskReading()
LARGE = 1 << 26
"""Pixels; of a larger exposure not all planes are held at once to be looked at."""


@dataclass(frozen=True, kw_only=True)
class ExposureSource:
    """One detector of one file, as far as the headers tell. Can be pickled; holds no pixels.

    Attributes
    ----------
    path : Path
        The file with the image.
    layout : str
        How the file is laid out.
    name : str
        File name, with the detector where the file holds several.
    visit, detector, filter, date, instrument : str
        "" where nothing tells. The date is UTC, ISO 8601.
    exposure_time : float or None
        Seconds.
    night : str
        ISO date of the evening.
    unit : str
        Of the pixels, the header's BUNIT.
    binning : (int, int)
        Detector pixels in a pixel along x and y.
    orientation : str
        How it lies on its detector, see `Identity`; "" where nothing tells.
    place : (int, int) or None
        Where its header has it begin, in its own pixels: on the detector, or in the whole mosaic.
    subtracted : str
        A sentence, where a sky frame was subtracted from it already.
    calibration : str
        The card that says that it is a flat field, a dark or the like; "" where none does.
    width, height : int
        Pixels.
    xy0 : (int, int)
        Parent coordinates of the lower left pixel.
    has_mask, has_variance : bool
        Whether `read` will give these planes. Weights bring a mask, too: of the pixels without any.
    planes : MaskPlanes
        Planes of the mask; none where there is no mask.
    notes : tuple of str
        What the user should know, a sentence each: how the mask is read, what is odd.
    """

    path: Path
    layout: str
    name: str
    visit: str
    detector: str
    filter: str
    date: str
    exposure_time: float | None
    instrument: str
    width: int
    height: int
    xy0: tuple[int, int]
    has_mask: bool
    has_variance: bool
    planes: MaskPlanes
    notes: tuple[str, ...]
    image: PlaneRef
    mask: PlaneRef | None = None
    variance: PlaneRef | None = None
    variance_role: Role = "variance"
    schemes: tuple[MaskScheme, ...] = field(default=(), repr=False)
    """How the masks are read: the one above, then those of ``more_masks``."""
    cautions: tuple[str, ...] = ()
    """Those of the notes that matter to the numbers: planes that are missing, changed values."""
    more_masks: tuple[PlaneRef, ...] = ()
    unit: str = ""
    night: str = ""
    binning: tuple[int, int] = (1, 1)
    place: tuple[int, int] | None = None
    subtracted: str = ""
    orientation: str = ""
    calibration: str = ""
    hand_masks: tuple[HandMask, ...] = ()
    """What a person masks of it: `read` gives it in a plane USER."""
    dataset: Dataset | None = None
    """What it is in a Butler repository, where it was found there."""

    def assigned(self, known: Mapping[str, str]) -> ExposureSource:
        """Return it with what a person knows better than its headers, by the names of `Identity`.

        A header's date says nothing of another night; it goes where the night is another one.
        """
        moved = known.get("night", self.night) != self.night
        changes: dict[str, Any] = {"date": ""} if moved else {}
        return replace(self, **(changes | dict(known)))

    def in_repository(self, dataset: Dataset) -> ExposureSource:
        """Return it as a data set, whose data id says what it is of; its date is the header's."""
        changes: dict[str, Any] = dict(dataset.known)
        return replace(self, dataset=dataset, **changes)

    @property
    def bbox(self) -> BBox:
        """The exposure's box in parent coordinates, inclusive."""
        x0, y0 = self.xy0
        return x0, y0, x0 + self.width - 1, y0 + self.height - 1

    @property
    def other_files(self) -> tuple[Path, ...]:
        """The files besides ``path`` that its planes are read from."""
        planes = (self.image, self.mask, *self.more_masks, self.variance)
        paths = dict.fromkeys(ref.path for ref in planes if ref is not None)
        return tuple(path for path in paths if path != self.path)

    @cached_property
    def identity(self) -> Identity:
        """What it is of."""
        return Identity(
            instrument=self.instrument,
            detector=self.detector,
            filter=self.filter,
            night=self.night,
            visit=self.visit,
            date=self.date,
            exposure_time=self.exposure_time,
            unit=self.unit,
            binning=self.binning,
            orientation=self.orientation,
        )

    def read(
        self, seen: Callable[[Exposure], None] | None = None, watch: Watch | None = None
    ) -> Exposure:
        """Read the planes.

        Parameters
        ----------
        seen : callable, optional
            Called with the image alone before its mask and variance are read.
        watch : Watch, optional
            Stops it between two pieces of a plain plane.

        Returns
        -------
        Exposure
            Its ``header`` is a `SplitHeader`, whose ``notes`` also tell what was found on reading,
            such as a wrong checksum.

        Raises
        ------
        SkyFrameError
            A file is damaged, cut short, or was changed since it was scanned.
        Cancelled
            The watch said so.
        """
        with OpenFiles(watch) as files:
            exposure = read_exposure(self, files, seen)
        if not self.hand_masks:
            return exposure
        if note := unmasked(exposure, self.hand_masks):
            from skyframe_gui.files.fits.split_header import add_note  # late, it needs astropy

            add_note(exposure, note)
        return with_masks_by_hand(exposure, self.hand_masks)

    def look_through(self) -> tuple[str, ...]:
        """Return what `read` would tell; of a large exposure only a block is held at a time.

        Raises
        ------
        SkyFrameError
            As `read`.
        """
        return reading_notes(self, large=self.width * self.height > LARGE)


class NoExposureError(FileFault):
    """The file holds something else than exposures; ``kind`` says what, as `kind_of` does."""

    def __init__(self, path: Path, why: str, kind: str) -> None:
        super().__init__(path, why)
        self.kind = kind


class CompanionError(NoExposureError):
    """The file is a mask or a weight, which belongs to an image in another file."""


def kind_of(path: str | Path) -> str:
    """Tell what a file is.

    Returns
    -------
    str
        "exposure", "sky frame", "background list", "residual map", "mask", "weight", "background",
        "catalogue", "raw", "table", "cube", "spectrum", "random groups" or "header only".

    Raises
    ------
    SkyFrameError
        The file cannot be opened or is not FITS.
    """
    with open_fits(path) as file:
        return recognise(file).kind


def scan(path: str | Path, mask_reading: MaskReading = AUTO) -> list[ExposureSource]:
    """Describe the exposures in a file, one a detector, from the headers alone.

    Parameters
    ----------
    path : str or Path
        FITS file, also compressed. For DECam the image file; mask and weight are found beside it.
    mask_reading : MaskReading
        How to read masks that are not LSST's.

    Raises
    ------
    SkyFrameError
        The file cannot be opened, is damaged, or holds no exposure: then the error says what.
    """
    with OpenFiles() as files:
        return _scan(files.get(Path(path)), mask_reading)


def read_exposures(path: str | Path, mask_reading: MaskReading = AUTO) -> list[Exposure]:
    """Read the exposures in a file, one a detector.

    Parameters
    ----------
    path, mask_reading
        As for `scan`.

    Raises
    ------
    SkyFrameError
        As for `scan` and `ExposureSource.read`.
    """
    with OpenFiles() as files:
        sources = _scan(files.get(Path(path)), mask_reading)
        return [read_exposure(source, files) for source in sources]


def _scan(file: FitsFile, mask_reading: MaskReading) -> list[ExposureSource]:
    found = recognise(file)
    if found.kind != "exposure":
        error = CompanionError if found.kind in COMPANIONS else NoExposureError
        raise error(file.path, f"{found.refusal}.", found.kind)
    with quiet():
        sources = [_describe(file, found, detector, mask_reading) for detector in found.detectors]
    return _with_names(sources, found)


def _describe(
    file: FitsFile, found: Found, detector: Detector, mask_reading: MaskReading
) -> ExposureSource:
    image = detector.image
    header = exposure_cards(file, image)
    own = None if image.index == 0 else image.header
    about = with_archive(read_metadata(header, file.path, own), file)
    binning, size = read_binning(header), (image.shape[1], image.shape[0])
    xy0, odd = read_origin(header, size, binning)
    subtracted = already_subtracted(header)
    undated = tuple(filter(None, (about.date_note,)))
    notes = [*file.notes, *detector.notes, *filter(None, (odd, subtracted)), *undated]
    changed = counts_of(header).notes
    calibration = read_calibration(header)
    if colours := card_text(header, "BAYERPAT"):
        changed += (
            f"Its pixels are of several colours (BAYERPAT {colours}), whose skies one sky frame "
            "cannot tell apart; give an image of each colour.",
        )
    if calibration:
        changed += (f"It is no exposure of the sky ({calibration}).",)
    notes.extend(changed)
    schemes = tuple(choose_scheme(mask_reading, mask, header) for mask in detector.masks)
    planes, plane_notes = merged_planes([scheme.planes for scheme in schemes])
    notes.extend([*dict.fromkeys(scheme.note for scheme in schemes if scheme.note), *plane_notes])
    repeated = tuple(note for mask in detector.masks for note in repeated_cards(mask))
    notes.extend(repeated)
    guessed = tuple(dict.fromkeys(scheme.note for scheme in schemes if scheme.majority))
    masks = tuple(PlaneRef(mask.path, mask.index) for mask in detector.masks)
    makes_mask = detector.variance is not None and detector.variance_role != "variance"
    if makes_mask:
        planes = with_bad(planes)
        notes.append(f"Variance: from the {detector.variance_role}; pixels without one are BAD.")
    return ExposureSource(
        path=file.path,
        layout=found.layout,
        name=on_one_line(file.path.name),
        visit=about.visit,
        detector=detector.name or about.detector,
        filter=about.filter,
        date=about.date,
        exposure_time=about.exposure_time,
        instrument=about.instrument,
        width=image.shape[1],
        height=image.shape[0],
        xy0=xy0,
        has_mask=bool(masks) or makes_mask,
        has_variance=detector.variance is not None,
        planes=planes,
        notes=tuple(notes),
        image=PlaneRef(image.path, image.index),
        mask=masks[0] if masks else None,
        variance=_ref(detector.variance),
        variance_role=detector.variance_role,
        schemes=schemes,
        cautions=tuple(
            note
            for note in (*detector.notes, *undated, *changed, *guessed, *repeated, *plane_notes)
            if not note.endswith("beside it.")  # that is told of all exposures at once
        ),
        more_masks=masks[1:],
        unit=card_text(header, "BUNIT"),
        night=about.night,
        binning=binning,
        place=read_place(header, binning, size),
        subtracted=subtracted,
        orientation=read_orientation(header, size, binning),
        calibration=calibration,
    )


def _ref(hdu: Hdu | None) -> PlaneRef | None:
    return None if hdu is None else PlaneRef(hdu.path, hdu.index)


def _with_names(sources: list[ExposureSource], found: Found) -> list[ExposureSource]:
    """Give each detector of a mosaic its name: the camera's, else EXTNAME, EXTVER, or its place."""
    if len(sources) < 2:
        return sources
    extensions = [detector.image.name for detector in found.detectors]
    versions = [card_text(detector.image.header, "EXTVER") for detector in found.detectors]
    places = [str(detector.image.index) for detector in found.detectors]
    for names in ([source.detector for source in sources], extensions, versions, places):
        if all(names) and len(set(names)) == len(names):
            break
    return [
        replace(source, detector=name, name=f"{source.name}[{name}]")
        for source, name in zip(sources, names, strict=True)
    ]

"""What the user should know of a visit that is corrected over the focal plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.engine.identity import STRAIGHT, oriented
from skyframe_gui.files.cameras import known_camera
from skyframe_gui.numbers import digits, plural
from skyframe_gui.workflow.cameras import by_camera
from skyframe_gui.workflow.notes import first_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from skyframe_gui.engine import Camera, CorrectedVisit, SkyCorrectionConfig
    from skyframe_gui.engine.camera import Detector
    from skyframe_gui.files import ExposureSource

TOO_FAR = 2.0
"""A pixelSize that differs from the camera's by more than this is taken for a mistake."""
SMALLEST = 2.0
"""Pixels below which the side of a superpixel is taken for one in another unit."""


def size_notes(config: SkyCorrectionConfig, camera: Camera) -> list[str]:
    """Return a sentence on each background whose minFrac counts pixels of another size."""
    notes = []
    pixel = camera.pixel_size
    for name, model in (("bgModel1", config.bgModel1), ("bgModel2", config.bgModel2)):
        if model is None or (name == "bgModel2" and not config.doBgModel2):
            continue
        x, y = model.xSize / pixel, model.ySize / pixel
        if min(x, y) < SMALLEST:
            notes.append(
                f"{name} has superpixels of {digits(x, 3)} x {digits(y, 3)} pixels, so small that "
                f"what is subtracted follows objects and noise; its sizes are in the units of "
                f"{camera.name or 'the camera'}, in which a pixel measures {digits(pixel, 4)}."
            )
        if 1 / TOO_FAR <= model.pixelSize / pixel <= TOO_FAR or model.minFrac == 0:
            continue
        asked = model.minFrac * (model.xSize / model.pixelSize) * (model.ySize / model.pixelSize)
        there = (model.xSize / pixel) * (model.ySize / pixel)
        notes.append(
            f"{name}.pixelSize is {digits(model.pixelSize, 4)}, but a pixel of "
            f"{camera.name or 'the camera'} measures {digits(pixel, 4)}, so that minFrac = "
            f"{digits(model.minFrac, 4)} asks a superpixel for {digits(asked, 3)} of its "
            f"{digits(there, 3)} pixels; say --set {name}.pixelSize={digits(pixel, 4)}."
        )
    return notes


def missing_notes(visit: str, detectors: Collection[str], camera: Camera) -> list[str]:
    """Return a sentence where not all of a camera's detectors that take images are there."""
    all_of_them = [detector.name for detector in camera.detectors if detector.science]
    missing = [name for name in all_of_them if name not in detectors]
    if not missing:
        return []
    return [
        f"Visit {visit} has {len(detectors)} of the {plural(len(all_of_them), 'detector')} of "
        f"{camera.name or 'the camera'}; superpixels are laid over the whole camera all the same."
    ]


def list_notes(visit: str, without: Sequence[ExposureSource], n_with: int) -> list[str]:
    """Return a sentence on exposures of which no earlier list of backgrounds is known."""
    if not without:
        return []
    names = first_of([source.name for source in without])
    if n_with:
        return [
            f"Visit {visit}: no list of backgrounds was found for {names}, but for {n_with} others "
            "of the visit: there the sky is put back and here it is not, so that the levels differ "
            "and the background over the focal plane follows neither."
        ]
    return [
        f"Visit {visit}: no list of backgrounds was found for {names}, so that nothing is put back "
        "before the correction; that is right where no background was subtracted before."
    ]


def camera_notes(visits: Mapping[str, Sequence[ExposureSource]], given: str | None) -> list[str]:
    """Return sentences on visits of several cameras, or of another one than is given."""
    cameras: dict[str, list[str]] = {}
    for visit, sources in visits.items():
        for instrument in by_camera(sources):
            cameras.setdefault(known_camera(instrument) or instrument, []).append(visit)
    notes = []
    if len(cameras) > 1:
        listed = "; ".join(
            f"{name or 'one without a name'}: {first_of(of)}" for name, of in cameras.items()
        )
        how = f"all are laid out as {given}" if given else "each is laid out as its own"
        notes.append(f"The visits are of several cameras ({listed}); {how}.")
    others = [name for name in cameras if name and given and known_camera(given) not in ("", name)]
    if others:
        notes.append(
            f"The exposures of {' and '.join(others)} are laid out as {given}, as --camera says."
        )
    return notes


def refuse_turned(source: ExposureSource, detector: Detector) -> None:
    """Refuse an exposure that does not lie on its detector as the camera's table has it.

    Raises
    ------
    SkyFrameError
        It was read out mirrored or turned, and the table does not have the detector so.
    """
    how = source.orientation or STRAIGHT
    a, b, c, e, _, _ = detector.affine
    # A header may count along the mosaic, in which the table itself has the detector turned so.
    steps = (a, e) if abs(a * e) > abs(b * c) else (b, c)
    axes = "xy" if abs(a * e) > abs(b * c) else "yx"
    of_table = "".join(
        f"{'-' if step < 0 else '+'}{axis}" for step, axis in zip(steps, axes, strict=True)
    )
    if how in (STRAIGHT, of_table):
        return
    raise SkyFrameError(
        f"{source.name} was read out {oriented(how)}, but the camera's table has detector "
        f"{detector.name} in the detector's own x and y; give exposures in these, or say "
        "--identity orientation=+x+y where the table has the detector as the file."
    )


def refuse_empty(result: CorrectedVisit) -> None:
    """Refuse a visit of which a background is no number over a detector.

    Raises
    ------
    SkyFrameError
        With minFrac = 0 superpixels without good pixels are not filled from others.
    """
    models = {"background 1": "bgModel1", "background 2": "bgModel2"}
    for stage in result.stages:
        if stage.focal_plane is None:
            continue
        empty = [
            name
            for name, backgrounds in stage.backgrounds.items()
            if not np.isfinite(backgrounds.models[-1].grid.values).all()
        ]
        if empty:
            model = models[stage.name]
            n_pixels = int(stage.focal_plane.counts.sum(dtype=np.float64))
            why = (
                "no pixel of the focal plane is good"
                if not n_pixels
                else (f"there is no good pixel around {first_of(empty)}")
            )
            raise SkyFrameError(
                f"{model} has no value over {plural(len(empty), 'detector')}, as {why}; look at "
                f"the masks and at {model}.minFrac: with more than 0 such superpixels are filled "
                "from others."
            )

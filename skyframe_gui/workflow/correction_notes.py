"""What the user should know of a visit that is corrected over the focal plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.files.cameras import known_camera
from skyframe_gui.numbers import digits, plural
from skyframe_gui.workflow.cameras import by_camera
from skyframe_gui.workflow.notes import first_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from skyframe_gui.engine import Camera, SkyCorrectionConfig
    from skyframe_gui.files import ExposureSource

TOO_FAR = 2.0
"""A pixelSize that differs from the camera's by more than this is taken for a mistake."""


def size_notes(config: SkyCorrectionConfig, camera: Camera) -> list[str]:
    """Return a sentence on each background whose minFrac counts pixels of another size."""
    notes = []
    pixel = camera.pixel_size
    for name, model in (("bgModel1", config.bgModel1), ("bgModel2", config.bgModel2)):
        if model is None or (name == "bgModel2" and not config.doBgModel2):
            continue
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

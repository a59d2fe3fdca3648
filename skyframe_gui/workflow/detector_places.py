"""Where the exposures of a visit lie in the focal plane, to be shown: no refusals, but notes."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from skyframe_gui.engine.camera import Detector, corners_of
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.text import natural_order
from skyframe_gui.workflow.cameras import camera_of, detector_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.files import ExposureSource
    from skyframe_gui.files.cameras import CameraTable

GAP = 0.06
"""Between detectors in a grid, by their size."""
TOLERANCE = 0.02
"""Part of a detector by which an exposure may reach beyond it."""


@dataclass(frozen=True, kw_only=True)
class Place(Detector):
    """One detector of the camera, with the exposure of it where there is one.

    Size and affine are of the exposure's pixels, or of the detector's where there is none.

    Attributes
    ----------
    number : int or None
        Place of the exposure among the given ones.
    whole : Detector or None
        The detector as the camera has it.
    """

    number: int | None
    whole: Detector | None = None


@dataclass(frozen=True, kw_only=True)
class Layout:
    """All detectors of a camera in its focal plane.

    Attributes
    ----------
    camera : str
    unit : str
        Of the focal plane; "" where the detectors only stand in a grid.
    places : tuple of Place
    note : str
        What is to be known of it, a sentence; "" where it is as the camera's table has it.
    pixel : float
        Edge of a pixel of the exposures, in ``unit``.
    """

    camera: str
    unit: str
    places: tuple[Place, ...]
    note: str = ""
    pixel: float = 1.0


def layout_of_visit(sources: Sequence[ExposureSource], given: str = "") -> Layout:
    """Lay out the exposures of a visit, with the detectors of their camera that are missing.

    Parameters
    ----------
    sources : sequence of ExposureSource
    given : str
        The camera, or the path of its table, where the user has chosen one.
    """
    try:
        table = camera_of(sources, given or None)
    except SkyFrameError as error:
        return _in_a_grid(sources, str(error))
    detectors: dict[int, Detector] = {}
    lost: list[int] = []
    for number, source in enumerate(sources):
        try:
            detectors[number] = detector_of(table.camera, source)
        except SkyFrameError:
            lost.append(number)
    if not detectors:
        name = table.camera.name or "the camera"
        return _in_a_grid(sources, f"None of the detectors is known to {name}.")
    unit = "pixels" if table.own_pixels and table.camera.pixel_size == 1.0 else "mm"
    places: list[Place] = []
    taken: set[str] = set()
    twice: list[int] = []
    for number, detector in detectors.items():
        if detector.name in taken:
            twice.append(number)
            continue
        taken.add(detector.name)
        places.append(_placed(sources[number], detector, table, number))
    places += [
        Place(
            name=one.name,
            kind=one.kind,
            width=one.width,
            height=one.height,
            affine=one.affine,
            number=None,
            whole=one,
        )
        for one in table.camera.detectors
        if one.science and one.name not in taken
    ]
    notes = list(table.notes[:1])
    if lost or twice:
        beside = [sources[number] for number in (*lost, *twice)]
        places += _beside(places, beside, (*lost, *twice))
        names = ", ".join(dict.fromkeys(one.detector or one.name for one in beside[:4]))
        more = f" and {len(beside) - 4} others" if len(beside) > 4 else ""
        why = "has no place for" if lost else "has one place only for"
        notes.append(f"{table.camera.name or 'The camera'} {why} {names}{more}: below the others.")
    sizes = Counter(round(one.pixel_size, 9) for one in places if one.number is not None)
    return Layout(
        camera=table.camera.name,
        unit=unit,
        places=tuple(places),
        note=" ".join(notes),
        pixel=sizes.most_common(1)[0][0] or 1.0,
    )


def _placed(source: ExposureSource, detector: Detector, table: CameraTable, number: int) -> Place:
    """Return an exposure on its detector: binned or cut as it tells, else over all of it."""
    a, b, c, e, tx, ty = detector.affine
    if table.own_pixels:
        nx, ny, x, y = 1.0, 1.0, 0.0, 0.0
    else:
        nx, ny = source.binning
        x, y = (xy0 * n + (n - 1) / 2 for xy0, n in zip(source.xy0, source.binning, strict=True))
        near = TOLERANCE * max(detector.width, detector.height)
        right, top = x + nx * (source.width - 0.5), y + ny * (source.height - 0.5)
        inside = right < detector.width + near and top < detector.height + near
        if not inside or min(x, y) < -near:
            nx, ny = detector.width / source.width, detector.height / source.height
            x, y = (nx - 1) / 2, (ny - 1) / 2
    affine = (a * nx, b * ny, c * nx, e * ny, a * x + b * y + tx, c * x + e * y + ty)
    return Place(
        name=source.detector or detector.name,
        kind=detector.kind,
        width=source.width,
        height=source.height,
        affine=affine,
        number=number,
        whole=detector,
    )


def _in_a_grid(sources: Sequence[ExposureSource], why: str) -> Layout:
    """Lay detectors side by side, as square as their number allows, by their names."""
    order = sorted(range(len(sources)), key=lambda number: natural_order(sources[number].detector))
    width = max((source.width for source in sources), default=1)
    height = max((source.height for source in sources), default=1)
    columns = max(math.ceil(math.sqrt(len(sources) * height / width)), 1)
    places = []
    for at, number in enumerate(order):
        row, column = divmod(at, columns)
        x, y = column * width * (1 + GAP), -row * height * (1 + GAP)
        places.append(_upright(sources[number], number, x, y))
    first = why.split(";")[0].rstrip(".")
    return Layout(
        camera=sources[0].instrument if sources else "",
        unit="",
        places=tuple(places),
        note=f"{first}; so they stand in a grid, in the order of their names.",
    )


def _beside(
    places: Sequence[Place], sources: Sequence[ExposureSource], numbers: Sequence[int]
) -> list[Place]:
    """Return exposures without a place in a row below all that have one."""
    left, lowest = corners_of(places).min(axis=(0, 1)).tolist()
    found = []
    size = max(one.pixel_size for one in places)
    x = left
    for source, number in zip(sources, numbers, strict=True):
        y = lowest - size * source.height * (1 + 2 * GAP)
        one = _upright(source, number, 0, 0)
        found.append(replace(one, affine=(size, 0.0, 0.0, size, x, y)))
        x += size * source.width * (1 + GAP)
    return found


def _upright(source: ExposureSource, number: int, x: float, y: float) -> Place:
    return Place(
        name=source.detector or source.name,
        kind="",
        width=source.width,
        height=source.height,
        affine=(1.0, 0.0, 0.0, 1.0, x, y),
        number=number,
    )

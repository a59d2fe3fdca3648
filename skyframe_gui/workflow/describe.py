"""What a file is, in words and as data: kind, detectors, planes, sizes, bin grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.engine.bins import n_bins
from skyframe_gui.engine.identity import oriented
from skyframe_gui.files import kind_of, scan
from skyframe_gui.files.butler.address import exposures_of, frame_of
from skyframe_gui.numbers import digits, plain_minus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydantic import JsonValue

    from skyframe_gui.engine import SkyMeasurementConfig
    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.files import ExposureSource, MaskReading
    from skyframe_gui.files.butler.address import Dataset
    from skyframe_gui.workflow.detectors import DetectorChoice


@dataclass(frozen=True)
class Description:
    """One file described; ``parts`` holds its detectors, sky frame or backgrounds."""

    path: str
    kind: str
    parts: tuple[dict[str, JsonValue], ...]

    def lines(self) -> list[str]:
        """Return it in words, the file's own line first."""
        lines = [f"{self.path}: {self.kind}"]
        for part in self.parts:
            words = (f"{key.replace('_', ' ')} {_words(value)}" for key, value in part.items())
            lines.append(", ".join(line for line in words if not line.endswith(" ")))
        return lines

    def as_dict(self) -> dict[str, JsonValue]:
        """Return it as data; an exposure's first detector also stands at the top."""
        first = self.parts[0] if self.parts else {}
        return {**first, "path": self.path, "kind": self.kind, "parts": list(self.parts)}


def describe(
    path: str | Path,
    config: SkyMeasurementConfig,
    mask_reading: MaskReading,
    detectors: DetectorChoice | None = None,
    seen: list[Identity] | None = None,
    datasets: Sequence[Dataset] = (),
) -> Description | None:
    """Say what a file is; its pixels are read, too, so that what is wrong with them is found.

    Parameters
    ----------
    path, config, mask_reading
    detectors : DetectorChoice, optional
        Of exposures and sky frames only these are described.
    seen : list of Identity, optional
        Gets what the exposures and the sky frame in the file are of, described or not.
    datasets : sequence of Dataset
        What it is in a Butler repository.

    Returns
    -------
    Description or None
        None where nothing in it is of these detectors.

    Raises
    ------
    SkyFrameError
        The file cannot be read.
    """
    kind = kind_of(path)
    parts: tuple[dict[str, JsonValue], ...] = ()
    seen = [] if seen is None else seen
    if kind == "exposure":
        sources = exposures_of(scan(path, mask_reading), datasets)
        seen.extend(source.identity for source in sources)
        if detectors is not None:
            sources = [source for source in sources if detectors.takes(source.identity)]
        if not sources:
            return None
        parts = tuple(_exposure(source, config) for source in sources)
    elif kind == "sky frame":
        from skyframe_gui.files import (
            read_sky_frame,  # late, as the other: what writes needs astropy
        )

        sky_frame = frame_of(read_sky_frame(path), datasets)
        seen.append(sky_frame.identity)
        if detectors is not None and not detectors.takes(sky_frame.identity):
            return None
        values = sky_frame.grid.values
        parts = (
            {
                "detector": sky_frame.identity.detector,
                "filter": sky_frame.identity.filter,
                "instrument": sky_frame.identity.instrument,
                "unit": sky_frame.identity.unit,
                "bins": _size(*reversed(values.shape)),
                "bbox": list(sky_frame.grid.bbox),
                "algorithm": sky_frame.algorithm,
                "median": float(np.median(values)),
                "filled": int(sky_frame.filled.sum()),
                "notes": list(sky_frame.notes),
            },
        )
    elif kind == "background list":
        from skyframe_gui.files import read_background_list

        backgrounds = read_background_list(path)
        parts = tuple(
            {
                "bins": _size(*reversed(model.grid.values.shape)),
                "bbox": list(model.bbox),
                "algorithm": model.algorithm,
                # They are the file's, and said once.
                "notes": list(backgrounds.notes) if number == 0 else [],
            }
            for number, model in enumerate(backgrounds)
        )
    if len(datasets) == 1:
        parts = tuple({**part, "dataset": str(datasets[0].address)} for part in parts)
    return Description(str(path), kind, parts)


def _exposure(source: ExposureSource, config: SkyMeasurementConfig) -> dict[str, JsonValue]:
    # Only the pixels tell of a wrong checksum, or of a file that is cut short.
    on_reading = [note for note in source.look_through() if note not in source.notes]
    background = config.background
    nx, ny = n_bins(source.width, background.xBinSize), n_bins(source.height, background.yBinSize)
    asked = {*background.mask, *config.stats.mask} if source.has_mask else set()
    return {
        "detector": source.detector,
        "visit": source.visit,
        "filter": source.filter,
        "night": source.night,
        "date": source.date,
        "exposure_time": source.exposure_time,
        "instrument": source.instrument,
        "unit": source.unit,
        "layout": source.layout,
        "size": _size(source.width, source.height),
        "binning": "" if source.binning == (1, 1) else _size(*source.binning),
        "orientation": oriented(source.orientation),
        "xy0": list(source.xy0),
        "planes": [
            "image",
            *(["mask"] if source.has_mask else []),
            *(["variance"] if source.has_variance else []),
        ],
        "mask_planes": dict(source.planes),
        "lacks_planes": [*sorted(source.planes.missing(asked))],
        "bins": _size(nx, ny),
        "bin_size": _size(f"{source.width / nx:.4g}", f"{source.height / ny:.4g}"),
        "notes": [*source.notes, *on_reading],
    }


def _size(width: object, height: object) -> str:
    return f"{width} x {height}"


def _words(value: JsonValue) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return " ".join(value)
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return plain_minus(digits(value, 6)) if isinstance(value, float) else str(value)

"""The visits of a night as an ECSV table, one row a visit."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from skyframe_gui import __version__
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files.atomic import write_text
from skyframe_gui.files.samples_table import known_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from skyframe_gui.engine import SkyMeasurementConfig
    from skyframe_gui.workflow.night_row import NightRow

_ABOUT = {
    "visit": "name of the visit",
    "start": "start of its first exposure, UTC",
    "exposure_time": "exposure time",
    "airmass": "airmass at the start or in the middle of the first exposure",
    "moon_altitude": "altitude of the Moon in the middle of the first exposure",
    "moon_phase": "lit part of the Moon's disc",
    "moon_separation": "from the Moon to where the telescope points",
    "n_exposures": "exposures that the numbers are of",
    "n_failed": "exposures that could not be used",
    "level": "sky level: median of the exposures' levels, each the median of its bins",
    "unit": "unit of level, sigma and intercept",
    "scale": "what the sky frame is multiplied with",
    "error": "standard error of the scale",
    "scale_over_level": "scale times the sky frame's own level, by the level",
    "sigma": "of the residuals in the last round",
    "n_used": "samples in the last fit",
    "n_rejected": "samples that a round dropped",
    "share": "n_rejected by n_used + n_rejected",
    "intercept": "offset that the samples want beside the scale",
    "intercept_error": "its standard error",
    "warnings": "what the user should know, the gravest first",
    "state": "ok, the gravest warning, or why there is no scale",
}
_UNITS = {"exposure_time": "s", "moon_altitude": "deg", "moon_separation": "deg"}
_IN_PIXEL_UNITS = ("level", "sigma", "intercept", "intercept_error")


def as_ecsv(rows: Sequence[NightRow], config: SkyMeasurementConfig) -> str:
    """Return the table as text; numbers with all their digits, NaN where there is none."""
    from astropy.table import Table

    dicts: list[dict[str, Any]] = []
    for row in rows:
        told = row.as_dict()
        del told["findings"]
        dicts.append({**told, "warnings": " ".join(row.warnings), "state": row.state})
    # Line ends would part a row in two for readers of plain text.
    columns = {
        name: [_one_line(one[name]) for one in dicts] for name in (dicts[0] if dicts else _ABOUT)
    }
    meta = {"version": __version__, "config": config.model_dump(mode="json")}
    table = Table(columns, meta=meta)
    units = {row.unit for row in rows}
    for name in table.colnames:
        table[name].description = _ABOUT.get(name)
        if name in _UNITS:
            table[name].unit = _UNITS[name]
        elif name in _IN_PIXEL_UNITS and len(units) == 1:
            table[name].unit = known_unit(next(iter(units)))
    text = io.StringIO()
    table.write(text, format="ascii.ecsv")
    return text.getvalue()


def _one_line(value: Any) -> Any:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", value) if isinstance(value, str) else value


def write_ecsv(
    path: Path,
    rows: Sequence[NightRow],
    config: SkyMeasurementConfig,
    overwrite: bool,
    inputs: Iterable[Path] = (),
) -> Path:
    """Write the table to a file; ``inputs`` are never replaced.

    Raises
    ------
    SkyFrameError
        The file is there already, or is one that was read, or cannot be written.
    """
    if path.resolve() in {one.resolve() for one in inputs}:
        raise SkyFrameError(f"{path} is one of the files that are read; give another with -o.")
    write_text(path, as_ecsv(rows, config), overwrite=overwrite)
    return path

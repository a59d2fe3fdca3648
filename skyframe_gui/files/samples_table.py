"""The samples of a visit with the history of their rejection, as an ECSV table."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy import units
from astropy.table import Table
from pydantic import ValidationError

from skyframe_gui import __version__
from skyframe_gui.engine.config import SkyMeasurementConfig
from skyframe_gui.engine.exposure import read_only
from skyframe_gui.engine.rounds import ScaleIteration, rounds_of
from skyframe_gui.engine.samples import Samples
from skyframe_gui.engine.scale import EXCLUDED, IQR_TO_SIGMA, KEPT, NO_DATA, ScaleSolution
from skyframe_gui.files.atomic import write_text
from skyframe_gui.files.fits.hdu import FileFault, reading
from skyframe_gui.files.fits.headers import quiet

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from numpy.typing import NDArray

_WORDS = {KEPT: "used", NO_DATA: "no data", EXCLUDED: "excluded"}
_CORNERS = ("x0", "y0", "x1", "y1")
_ABOUT = {
    "exposure": "exposure of the visit, counted from 0",
    "detector": "detector",
    "x0": "box, first column, counted from 0 at the exposure's lower left pixel",
    "y0": "box, first row",
    "x1": "box, column behind the last",
    "y1": "box, row behind the last",
    "image": "statistic of the exposure's good pixels in the box",
    "sky": "statistic of the sky frame in the box",
    "good_fraction": "good pixels by pixels of the box",
    "rejected_at": "-1 kept to the end, -2 no data, -3 excluded by hand, else the round that "
    "dropped it, counted from 0",
    "class": "rejected_at in words",
    "residual": "image - scale * sky",
    "residual_sigma": "residual by 0.741 times the interquartile range of the used ones",
}


@dataclass(frozen=True, eq=False, kw_only=True)
class SamplesTable:
    """What a samples table holds.

    Attributes
    ----------
    samples : tuple of Samples
        One an exposure.
    solution : ScaleSolution
        The fit with its history.
    config : SkyMeasurementConfig
        What it was made with.
    visit, unit, version : str
        The visit, the unit of the image, and the version of this program that wrote the table.
    """

    samples: tuple[Samples, ...]
    solution: ScaleSolution
    config: SkyMeasurementConfig
    visit: str = ""
    unit: str = "adu"
    version: str = ""


def write_samples(
    path: str | os.PathLike[str],
    samples: Sequence[Samples],
    solution: ScaleSolution,
    config: SkyMeasurementConfig,
    visit: str = "",
    unit: str = "adu",
    overwrite: bool = False,
    n_findings: int | None = None,
) -> None:
    """Write the samples of a visit as an ECSV table, one row a sample.

    Scale, error, iterations, configuration, visit and program version are in the table's meta
    data, numbers with all their digits.

    Parameters
    ----------
    path : path
        The file to make, see `atomic_write`.
    samples : sequence of Samples
        One an exposure, in the order in which they were fitted.
    solution : ScaleSolution
        The fit; also of a fit that failed.
    config : SkyMeasurementConfig
        What it was made with.
    visit : str
        The visit.
    unit : str
        Unit of the image, as in BUNIT; adu where it is empty.
    overwrite : bool
        Whether an existing file is replaced.
    n_findings : int, optional
        Of what the user was warned, warnings and notes together.

    Raises
    ------
    SkyFrameError
        The file exists or cannot be written, or the solution is of other samples.
    """
    target = Path(path)
    image, sky, fraction = (
        np.concatenate([getattr(one, name) for one in samples] or [np.empty(0)])
        for name in ("image", "sky", "good_fraction")
    )
    rejected_at = solution.rejected_at
    if len(rejected_at) != len(image):
        raise FileFault(
            target,
            f"the fit is of {len(rejected_at)} samples but there are {len(image)}; fit again.",
        )
    boxes = np.concatenate([one.boxes for one in samples] or [np.empty((0, 4), np.int64)])
    counts = [len(one) for one in samples]
    with np.errstate(all="ignore"):  # samples without data are NaN and may be anything
        residual = image - solution.scale * sky
        deviation = residual / _sigma(residual[rejected_at == KEPT])
    columns: dict[str, Any] = {
        "exposure": np.repeat(np.arange(len(samples)), counts),
        "detector": np.repeat(
            np.array([_one_line(one.detector) for one in samples], np.str_), counts
        ),
        **{name: boxes[:, i] for i, name in enumerate(_CORNERS)},
        "image": image,
        "sky": sky,
        "good_fraction": fraction,
        "rejected_at": rejected_at,
        "class": np.array([_WORDS.get(int(n), "rejected") for n in rejected_at], np.str_),
        "residual": residual,
        "residual_sigma": deviation,
    }
    meta = {
        "visit": visit,
        "scale": float(solution.scale),
        "error": float(solution.error),
        "n_used": int(solution.n_used),
        "n_samples": len(image),
        "unit": unit or "adu",
        "iterations": [
            {
                "scale": float(one.scale),
                "sigma": float(one.sigma),
                "n_used": int(one.n_used),
                "n_rejected": int(one.n_rejected),
            }
            for one in solution.listed
        ],
        "config": config.model_dump(mode="json"),
        "exposures": [{"detector": one.detector, "n_samples": len(one)} for one in samples],
        **({} if n_findings is None else {"n_findings": n_findings}),
        "version": __version__,
    }
    write_text(target, _as_text(columns, meta), overwrite=overwrite)


def read_samples(path: str | os.PathLike[str]) -> SamplesTable:
    """Read a table that `write_samples` wrote.

    Raises
    ------
    SkyFrameError
        The file cannot be read, is no such table, or was changed so that it contradicts itself.
    """
    file = Path(path)
    with reading(file), quiet():
        text = file.read_text(encoding="utf-8")
        if not text.startswith("# %ECSV"):
            raise FileFault(file, "this is not an ECSV table; give a file ending in -samples.ecsv.")
        table = Table.read(text, format="ascii.ecsv", fill_values=None)
        missing = [name for name in _ABOUT if name not in table.colnames]
        missing += [name for name in ("scale", "config", "exposures") if name not in table.meta]
        if missing:
            raise FileFault(
                file,
                f"this is not a table of samples: it has no {', '.join(missing)}; write it again.",
            )
        return _from_table(file, table)


def _as_text(columns: dict[str, Any], meta: dict[str, Any]) -> str:
    table = Table(columns, meta=meta)
    for name, about in _ABOUT.items():
        table[name].description = about
    with quiet():
        for name in ("image", "residual"):
            table[name].unit = known_unit(meta["unit"])
        text = io.StringIO()
        table.write(text, format="ascii.ecsv")
    return text.getvalue()


def known_unit(text: str) -> units.UnitBase | None:
    """Return a unit that every reader of the table knows; others stay as text in the meta data."""
    for spelling in (text, text.lower()):  # many headers have ADU
        unit = units.Unit(spelling, parse_strict="silent")
        if not isinstance(unit, units.UnrecognizedUnit):
            return unit
    return None


def _from_table(file: Path, table: Table) -> SamplesTable:
    meta = table.meta
    exposures = meta["exposures"]
    counts = [int(one["n_samples"]) for one in exposures]
    rejected_at = np.asarray(table["rejected_at"], np.int64)
    if sum(counts) != len(table):
        raise FileFault(
            file,
            f"the table has {len(table)} rows but tells of {sum(counts)} samples; rows are missing "
            "or were added; write it again.",
        )
    starts = np.cumsum([0, *counts])
    samples = []
    for number, one in enumerate(exposures):
        rows = table[starts[number] : starts[number + 1]]
        samples.append(
            Samples(
                np.asarray(rows["image"], np.float64),
                np.asarray(rows["sky"], np.float64),
                np.asarray(rows["good_fraction"], np.float64),
                np.stack([np.asarray(rows[name], np.int64) for name in _CORNERS], axis=1),
                str(one["detector"]),
            )
        )
    try:
        config = SkyMeasurementConfig.model_validate(meta["config"])
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise FileFault(
            file, f"its configuration is damaged ({where}: {first['msg']}); write it again."
        ) from error
    solution = ScaleSolution(
        scale=float(meta["scale"]),
        error=float(meta.get("error", np.nan)),
        rejected_at=read_only(rejected_at, np.int64),
        iterations=rounds_of(
            [
                ScaleIteration(
                    float(one["scale"]),
                    float(one["sigma"]),
                    int(one["n_used"]),
                    int(one["n_rejected"]),
                )
                for one in meta.get("iterations", ())
            ],
            # A fit that failed ended in the last round that is listed.
            config.skyIter if np.isfinite(float(meta["scale"])) else 0,
        ),
        n_used=int((rejected_at == KEPT).sum()),
    )
    return SamplesTable(
        samples=tuple(samples),
        solution=solution,
        config=config,
        visit=str(meta.get("visit", "")),
        unit=str(meta.get("unit", "adu")),
        version=str(meta.get("version", "")),
    )


def _one_line(text: str) -> str:
    """Return a name that cannot break a row of the table; its meta data have it as it is."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _sigma(residuals: NDArray[np.float64]) -> float:
    """Return the scatter of the used samples; NaN where it has no meaning."""
    finite = residuals[np.isfinite(residuals)]
    if len(finite) < 2:
        return float("nan")
    q25, q75 = np.percentile(finite, (25, 75))
    return float(IQR_TO_SIGMA * (q75 - q25)) or float("nan")

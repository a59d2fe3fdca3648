"""Writes what was measured by hand: the profile along the cut, the numbers of the region."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from skyframe_gui.app.model.cuts import ends_of, size_of
from skyframe_gui.app.model.problems import write_log
from skyframe_gui.app.model.profile_curves import curves_of
from skyframe_gui.app.model.queries import inputs_of
from skyframe_gui.engine import SkyFrameError

if TYPE_CHECKING:
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.program import Program
    from skyframe_gui.engine import Watch
    from skyframe_gui.files.measured_tables import Column

ABOUT = {
    "along": ("middle of the step, from the first end of the cut", "pix"),
    "x": ("column of that place, 0 is the lower left pixel of the exposure", "pix"),
    "y": ("row of that place", "pix"),
    "n_pixels": ("pixels of the step", ""),
    "n_good": ("those that no plane of stats.mask is set in", ""),
}
"""Of a profile's columns besides the layers."""
NUMBERS = {
    "mean": "of the good pixels",
    "error": "standard error of the mean",
    "median": "of the good pixels",
    "clipped_mean": "of the pixels within 3 sigma, 3 iterations",
    "sigma": "standard deviation of these",
    "n_pixels": "pixels of the region",
    "n_good": "those that no plane of stats.mask is set in",
}


def save_profile(program: Program, unit: str, path: str, overwrite: bool) -> None:
    """Have the shown profile written as ECSV; ``unit`` is that of the exposure."""
    from skyframe_gui.files.measured_tables import Column

    state = program.store.state
    curves, shown = curves_of(state), state.results.shown
    if curves is None or shown is None:
        return
    columns = {}
    for name, values in curves.columns().items():
        layer = f"mean of the good pixels of the step, {name.replace('_', ' ')}"
        columns[name] = Column(values, *ABOUT.get(name, (layer, unit)))
    cut = curves.profile.cut
    x0, y0, x1, y1 = ends_of(cut, size_of(shown))
    meta = {
        **_about_exposure(state, unit),
        "kind": cut.kind,
        "ends": {"x0": x0, "y0": y0, "x1": x1, "y1": y1},
        "width": cut.width,
        "step": curves.step,
        "scale": {name or "model": scale for name, scale in curves.scales.items()},
    }
    _write(program, path, overwrite, columns, meta)


def save_region(program: Program, unit: str, path: str, overwrite: bool) -> None:
    """Have the numbers of the region written as ECSV; ``unit`` is that of the exposure."""
    from skyframe_gui.files.measured_tables import Column

    state = program.store.state
    found = state.results.region
    if found is None:
        return
    rows = list(found.layers.values())
    columns = {"layer": Column(list(found.layers), "what was measured")}
    for name, about in NUMBERS.items():
        of_pixels = name in ("n_pixels", "n_good")
        values = [getattr(one, name) for one in rows]
        columns[name] = Column(values, about, "" if of_pixels else unit)
    region = found.region
    meta = {**_about_exposure(state, unit), "region": asdict(region)}
    _write(program, path, overwrite, columns, meta)


def _about_exposure(state: State, unit: str) -> dict[str, Any]:
    shown = state.results.shown
    exposure = None if shown is None else shown.exposure
    return {
        "exposure": "" if exposure is None else exposure.name,
        "unit": unit,
        "mask": list(state.config.stats.mask),
    }


def _write(
    program: Program,
    path: str,
    overwrite: bool,
    columns: dict[str, Column],
    meta: dict[str, Any],
) -> None:
    inputs = {os.path.realpath(one) for one in inputs_of(program.store.state)}

    def work(watch: Watch) -> None:
        from skyframe_gui.files.measured_tables import write_measured

        watch.step(0, 1, f"Save {os.path.basename(path)}")
        if os.path.realpath(path) in inputs:
            raise SkyFrameError(f"{path} is one of the files that are open; choose another name.")
        write_measured(path, columns, meta, overwrite)

    program.tasks.run(
        f"Save {os.path.basename(path)}",
        work,
        lambda _: write_log(program.store, f"Saved {path}."),
    )

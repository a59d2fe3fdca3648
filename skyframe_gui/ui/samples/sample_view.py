"""What all panels of samples need of a state: the samples of the shown step, in words and units."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.config_hints import exposure_unit, scale_unit
from skyframe_gui.app.model.rejection_steps import Mark, rows_of, shown_step, steps_of
from skyframe_gui.app.model.requests import fit_is_stale
from skyframe_gui.numbers import SIGMA, decimals_for, fixed, whole_percent, with_error
from skyframe_gui.ui.samples.chips import Word, value
from skyframe_gui.ui.samples.colours import round_colours
from skyframe_gui.ui.samples.legend import Entry
from skyframe_gui.ui.samples.points import Points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.app.model.rejection_steps import SampleRows, Step
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.app.report.document import ReportData
    from skyframe_gui.ui.samples.chips import Role
    from skyframe_gui.ui.theme import Palette


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleView:
    """The samples of a fit in one of its steps.

    Attributes
    ----------
    fit, rows, steps, step : as in `skyframe_gui.app.model.rejection_steps`
    marks, residuals : array [n]
    reject : float
        How many sigma the band is to each side.
    unit : str
        Of the exposures.
    sky_unit : str
        Of the sky frames' values times ``sky_factor``, as the axis says it.
    sky_factor : float
    scale_unit : str
        Of the exposures by that of the sky frames; "" where both are alike or one is not known.
    selected : int array
        Rows of the selected samples.
    stale : bool
        Whether the numbers are not (or not yet) of the newest state.
    """

    fit: VisitFit
    rows: SampleRows
    steps: tuple[Step, ...]
    step: Step
    marks: NDArray[np.int8]
    residuals: NDArray[np.float64]
    reject: float
    unit: str
    sky_unit: str
    sky_factor: float
    scale_unit: str
    selected: NDArray[np.int64]
    stale: bool

    @property
    def n_rounds(self) -> int:
        """How many rounds of rejection the fit had."""
        return len(self.steps) - 1

    @property
    def band(self) -> float:
        """Half the width of the band, in the exposures' unit; NaN where there is none."""
        return self.reject * self.step.sigma

    def points(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
        """Return the samples as marks at these places."""
        rows = self.rows
        return Points(
            x=x,
            y=y,
            marks=self.marks,
            rounds=rows.rejected_at,
            fraction=rows.good_fraction,
            n_rounds=self.n_rounds,
        )

    def decimals(self) -> int:
        """Return how many decimals residuals deserve."""
        return decimals_for(self.step.sigma)


def watched(state: State) -> tuple[object, ...]:
    """Return what the view depends on; compared with ``==``."""
    fit, chosen = state.results.fit, state.selection
    if fit is None:
        return (None,)
    return (
        fit,
        chosen.step,
        chosen.samples,
        state.config.skyRej,
        units(state, fit),
        scale_unit(state, fit),
        fit_is_stale(state),
    )


def view_of(state: State) -> SampleView | None:
    """Return the samples of the shown step; None where there is no fit."""
    fit = state.results.fit
    if fit is None:
        return None
    rows, step = rows_of(fit), shown_step(fit, state.selection)
    unit, sky_unit = units(state, fit)
    view = _plain_view(fit, step, unit, sky_unit)
    return replace(
        view,
        reject=state.config.skyRej,
        scale_unit=scale_unit(state, fit),
        selected=_indices(rows, state.selection.samples),
        stale=fit_is_stale(state),
    )


def view_of_report(data: ReportData) -> SampleView:
    """Return the samples of a report, after the last round."""
    view = _plain_view(data.fit, data.steps[-1], data.unit, data.sky_unit)
    return replace(view, reject=data.request.config.skyRej, scale_unit=data.scale_unit)


def _plain_view(fit: VisitFit, step: Step, unit: str, sky_unit: str) -> SampleView:
    """Return the samples in a step, with nothing pointed at."""
    rows = rows_of(fit)
    small = sky_unit == "sky level" and _largest(rows.sky) < 0.5
    words = {"": "sky frame", "sky level": "10⁻³ of the sky level" if small else "sky level"}
    return SampleView(
        fit=fit,
        rows=rows,
        steps=steps_of(fit),
        step=step,
        marks=_in_step(rows, step)[0],
        residuals=_in_step(rows, step)[1],
        reject=float("nan"),
        unit=unit,
        sky_unit=words.get(sky_unit, sky_unit),
        sky_factor=1000.0 if small else 1.0,
        scale_unit="",
        selected=_indices(rows, frozenset()),
        stale=False,
    )


@lru_cache(maxsize=2)
def _in_step(rows: SampleRows, step: Step) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Remembered, so that the cursor does not work them out again from mark to mark."""
    return rows.marks(step), rows.residuals(step)


@lru_cache(maxsize=2)
def _indices(rows: SampleRows, samples: frozenset[SampleId]) -> NDArray[np.int64]:
    return rows.indices(samples)


def units(state: State, fit: VisitFit) -> tuple[str, str]:
    """Return the units of the exposures and of the sky frames of a fit."""
    frames = set(fit.frame_units)
    return exposure_unit(state, fit), frames.pop() if len(frames) == 1 else ""


def step_words(view: SampleView) -> tuple[list[Word], ...]:
    """Return what a chip says of the step: all of it, and shorter for less room."""
    step = view.step
    place = [Word(f"step {step.number} of {view.n_rounds}")]
    if not math.isfinite(step.scale):
        return ([*place, Word("no sample is left", "warning")],)
    role: Role = "text3" if view.stale else "text"
    scale = with_error(step.scale, step.error)
    brief = value("scale", scale, "", role)
    sigma = fixed(step.sigma, decimals_for(step.sigma / 10))
    spread = value(SIGMA, sigma, view.unit, role)
    new = value("new", str(step.n_new), "", role)
    counts = [*new, *value("total", str(step.n_total), "", role)]
    late = [Word("of older settings", "text3")] if view.stale else []
    return (
        [*place, *value("scale", scale, view.scale_unit, role), *spread, *counts, *late],
        [*place, *brief, *spread, *counts],
        [*brief, *spread, *counts],
        [*brief, *counts],
        brief,
    )


def hand_words(view: SampleView) -> tuple[list[Word], ...]:
    """Return what a chip says where samples are excluded by hand."""
    n = int((view.marks == Mark.EXCLUDED).sum())
    if not n:
        return ()
    alone = with_error(view.fit.alone.scale, view.fit.alone.error)
    excluded = Word(f"{n} excluded by hand", "excluded", strong=True)
    return (
        [excluded, *value("config alone", alone, view.scale_unit)],
        [excluded, *value("alone", alone)],
        [excluded],
    )


def hover_words(view: SampleView, index: int | None) -> tuple[list[Word], ...]:
    """Return what a chip says of the sample under the cursor."""
    if index is None:
        return ()
    rows = view.rows
    i, j = rows.places[index].tolist()
    detector = rows.detectors[rows.detector_index[index]] or "(no name)"
    decimals = view.decimals()
    place = [*value("det", detector), *value("box", f"({i}, {j})")]
    good = value("good", whole_percent(rows.good_fraction[index]))
    residual, sigma = view.residuals[index], view.step.sigma
    if not math.isfinite(residual):
        return ([*place, Word("no data"), *good],)
    shift = fixed(residual, decimals, sign=True)
    ratio: list[Word] = []
    if sigma > 0:
        text = fixed(residual / sigma, 1, sign=True)
        ratio = [Word("=", joined=True), Word(text, "text", True, True), Word(SIGMA, joined=True)]
    off = [*value("residual", shift, view.unit), *ratio]
    values = [
        *value("image", fixed(rows.image[index], decimals)),
        *value("sky", fixed(rows.sky[index] * view.sky_factor, sky_decimals(view))),
    ]
    brief = [Word(f"{detector} ({i}, {j})", "text", True), Word(shift, "text", True), *ratio]
    return (
        [*place, *values, *off, *good],
        [*place, *off, *good],
        [*place, *off],
        brief,
        [*brief[:1], *ratio[1:]] if ratio else brief[:2],
    )


def sky_decimals(view: SampleView) -> int:
    """Return how many decimals sky samples deserve: as many as the scale makes of residuals."""
    scale = abs(view.step.scale)
    if not (math.isfinite(scale) and scale > 0):
        return 2
    return decimals_for(view.step.sigma / scale * view.sky_factor)


def legend_entries(view: SampleView, palette: Palette) -> list[Entry]:
    """Return the legend: every class that occurs, with its number."""
    kinds, rounds = view.marks, view.rows.rejected_at
    entries = [Entry("circle", palette.accent, f"used {view.step.n_used}", str(view.step.n_used))]
    dropped = (kinds == Mark.EARLIER) | (kinds == Mark.NEW)
    for index, colour in enumerate(round_colours(palette, view.n_rounds)):
        n = int((dropped & (rounds == index)).sum())
        if n:
            word = "" if any(entry.shape == "square" for entry in entries) else "rejected "
            entries.append(Entry("square", colour, f"{word}{index + 1}: {n}", f"{index + 1}: {n}"))
    by_hand, no_data = (int((kinds == kind).sum()) for kind in (Mark.EXCLUDED, Mark.NO_DATA))
    if by_hand:
        entries.append(Entry("triangle", palette.excluded, f"by hand {by_hand}", str(by_hand)))
    if no_data:
        entries.append(Entry("cross", palette.no_data, f"no data {no_data}", str(no_data)))
    return entries


def _largest(values: NDArray[np.float64]) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if len(finite) else 0.0

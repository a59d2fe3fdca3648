"""The steps that the stepper shows are the fit's own, and every sample can be found again."""

from __future__ import annotations

import numpy as np
import pytest
from fitted_visits import fit_of
from golden import config_of, golden

from skyframe_gui.app.model.rejection_steps import (
    Mark,
    rows_of,
    shown_step,
    steps_of,
)
from skyframe_gui.app.model.view import Selection
from skyframe_gui.engine import Samples, SkyMeasurementConfig

G5B = golden("g5b_solveScales")


def two_detectors() -> list[Samples]:
    sky = np.array([1.0, 2, 3, 4, 5, 6, 7, 8])
    offsets = np.array([0.1, -0.1, 0.1, -0.1, 0.2, -0.2, 4.0, 0.0])
    image = 10 * sky + offsets
    image[7] = np.nan
    boxes = [(x, y, x + 5, y + 5) for x in (0, 5) for y in (0, 5)]
    return [
        Samples(image[:4], sky[:4], boxes=boxes, detector="a"),
        Samples(image[4:], sky[4:], boxes=boxes, detector="b"),
    ]


def test_steps_are_what_one_computes_by_hand() -> None:
    fit = fit_of(two_detectors(), SkyMeasurementConfig(skyIter=2, skyRej=3.0))
    rows = rows_of(fit)
    first, second, last = steps_of(fit)
    sky, image = rows.sky[:7], rows.image[:7]  # the eighth has no data
    scale = (sky @ image) / (sky @ sky)
    residuals = image - scale * sky
    assert first.scale == pytest.approx(scale)
    assert first.sigma == pytest.approx(0.741 * np.subtract(*np.percentile(residuals, (75, 25))))
    assert first.error == pytest.approx(np.sqrt(residuals @ residuals / 6 / (sky @ sky)))
    assert (first.number, first.n_new, first.n_total, first.n_used) == (0, 0, 0, 7)
    dropped = int((fit.solution.rejected_at == 0).sum())
    assert dropped > 0
    assert (second.n_new, second.n_total, second.n_used) == (dropped, dropped, 7 - dropped)
    assert last.n_used == fit.solution.n_used
    assert last.scale == fit.solution.scale
    assert last.error == pytest.approx(fit.solution.error)


@pytest.mark.parametrize("index", range(len(G5B.cases)), ids=lambda i: G5B.cases[i]["name"])
def test_steps_tell_what_the_engine_did(index: int) -> None:
    case = G5B.cases[index]
    samples = [
        Samples(G5B[f"c{index:02d}_i{k}"], G5B[f"c{index:02d}_s{k}"]) for k in range(case["nDet"])
    ]
    fit = fit_of(samples, config_of(case))
    steps, solution = steps_of(fit), fit.solution
    assert len(steps) == len(solution.iterations) + 1
    for step, iteration in zip(steps, solution.iterations, strict=False):
        assert step.scale == iteration.scale
        assert step.sigma == pytest.approx(iteration.sigma, rel=1e-12)
        assert step.n_used == iteration.n_used
    for step, iteration in zip(steps[1:], solution.iterations, strict=True):
        assert step.n_new == iteration.n_rejected
    dropped = np.cumsum([step.n_new for step in steps])
    assert [step.n_total for step in steps] == dropped.tolist()
    assert steps[-1].n_used == solution.n_used
    assert steps[-1].error == pytest.approx(solution.error, nan_ok=True)
    assert steps[-1].scale == pytest.approx(solution.scale, nan_ok=True)


def test_rounds_that_drop_nothing_are_marked_as_repeats() -> None:
    steps = steps_of(fit_of(two_detectors(), SkyMeasurementConfig(skyIter=6)))
    assert len(steps) == 7
    assert steps[-1].repeats
    assert not steps[0].repeats
    assert not steps[1].repeats
    assert steps[-1].n_total == steps[-2].n_total


def test_a_sample_is_still_used_until_its_round_has_dropped_it() -> None:
    fit = fit_of(two_detectors(), SkyMeasurementConfig(skyIter=2))
    rows, steps = rows_of(fit), steps_of(fit)
    outlier, empty = 6, 7
    assert fit.solution.rejected_at[outlier] == 0
    assert [rows.marks(step)[outlier] for step in steps] == [Mark.USED, Mark.NEW, Mark.EARLIER]
    assert all(rows.marks(step)[empty] == Mark.NO_DATA for step in steps)


def test_samples_left_out_by_hand_count_in_no_step() -> None:
    excluded = np.zeros(8, bool)
    excluded[6] = True
    fit = fit_of(two_detectors(), excluded=excluded)
    steps = steps_of(fit)
    assert steps[0].n_used == 6
    assert rows_of(fit).marks(steps[0])[6] == Mark.EXCLUDED


def test_a_failed_fit_ends_with_the_step_that_has_nothing_left() -> None:
    nothing = Samples([np.nan, np.nan], [1, 2])
    (only,) = steps_of(fit_of([nothing]))
    assert only.n_used == 0
    assert np.isnan(only.scale)


def test_every_sample_is_found_by_its_id() -> None:
    rows = rows_of(fit_of(two_detectors()))
    for index in range(len(rows)):
        assert rows.index(rows.ids(index)) == index
    assert rows.ids(5) == ("1.fits[1]", (0, 5, 5, 10))
    assert rows.places[5].tolist() == [0, 1]
    assert rows.index(("gone", (0, 0, 1, 1))) is None
    assert rows.index(("1.fits[1]", (0, 0, 1, 1))) is None
    assert rows.indices([rows.ids(3), ("gone", (0, 0, 1, 1)), rows.ids(1)]).tolist() == [1, 3]


def test_nothing_is_worked_out_twice_for_one_fit() -> None:
    fit = fit_of(two_detectors())
    assert rows_of(fit) is rows_of(fit)
    assert steps_of(fit) is steps_of(fit)


def test_a_step_that_a_shorter_fit_lacks_is_its_last() -> None:
    fit = fit_of(two_detectors(), SkyMeasurementConfig(skyIter=1))
    assert shown_step(fit, Selection(step=9)).number == 1
    assert shown_step(fit, Selection(step=0)).number == 0
    assert shown_step(fit, Selection()).number == 1


def test_no_array_of_the_rows_can_be_changed() -> None:
    rows = rows_of(fit_of(two_detectors()))
    for name in ("image", "sky", "good_fraction", "boxes", "places", "detector_index", "starts"):
        assert not getattr(rows, name).flags.writeable

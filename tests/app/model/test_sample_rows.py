"""Samples are found again by their boxes, however many are sought."""

from __future__ import annotations

import numpy as np
import pytest

from skyframe_gui.app.model.sample_rows import rows_in


@pytest.mark.parametrize("n", [0, 1, 8, 9, 200])
@pytest.mark.parametrize(("low", "size"), [(0, 50), (-25, 50), (-80, 50), (0, 2**40)])
def test_rows_are_those_of_the_boxes_that_are_there(n: int, low: int, size: int) -> None:
    rng = np.random.default_rng(n)
    table = np.unique(rng.integers(low, low + size, (500, 4)), axis=0)
    wanted = rng.permutation(table)[:n]
    strange = wanted + np.array([0, 0, 0, size])  # differ in one edge only
    boxes = [tuple(box) for box in np.concatenate([wanted, strange]).tolist()]
    given = set(map(tuple, wanted.tolist()))
    expected = [row for row, box in enumerate(table.tolist()) if tuple(box) in given]
    assert rows_in(table, boxes).tolist() == expected

"""Which rows of a table of boxes are meant, without a loop over all of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FEW = 8
"""So many boxes are sought one by one sooner than the table is sorted."""


def rows_in(
    table: NDArray[np.int64], boxes: Sequence[tuple[int, int, int, int]]
) -> NDArray[np.int64]:
    """Return in which rows of a table some boxes are, in ascending order.

    Boxes that are not in it are left out.

    Parameters
    ----------
    table : int array [n, 4]
    boxes : sequence of (x0, y0, x1, y1)
    """
    if not len(table) or not len(boxes):
        return np.empty(0, np.int64)
    wanted = np.asarray(boxes, np.int64)
    if len(wanted) <= FEW:
        found = [
            np.flatnonzero((table[:, 0] == box[0]) & (table[:, 1] == box[1])) for box in wanted
        ]
        exact = [
            rows[(table[rows] == box).all(axis=1)] for rows, box in zip(found, wanted, strict=True)
        ]
        return np.unique(np.concatenate(exact))
    # Rows are told apart by one number: the ranks of their edges among all edges.
    both = np.concatenate([table, wanted])
    low = both.min(axis=0)
    code = np.zeros(len(both), np.int64)
    for axis in (3, 2, 1, 0):
        span = int(both[:, axis].max() - low[axis]) + 1
        if int(code.max()) >= np.iinfo(np.int64).max // span - 1:
            code = np.unique(code, return_inverse=True)[1].astype(np.int64)
        code = code * span + both[:, axis] - low[axis]
    return np.flatnonzero(np.isin(code[: len(table)], code[len(table) :]))

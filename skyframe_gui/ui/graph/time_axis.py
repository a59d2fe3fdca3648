"""An axis of times in UTC, by the library's ticks for dates."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from pyqtgraph.graphicsItems.DateAxisItem import (
    TickSpec,
    ZoomLevel,
    makeMStepper,
    makeSStepper,
    makeYStepper,
)
from typing_extensions import override

from skyframe_gui.ui.graph.axis import Axis

if TYPE_CHECKING:
    from collections.abc import Sequence

SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3600.0, 86_400.0
MONTH, YEAR = 30 * DAY, 365 * DAY
WIDEST = "00:00:00"
"""Ticks are so far apart that this has room between them."""


def _every(spacing: float, *factors: int) -> TickSpec:
    return TickSpec(spacing, makeSStepper(spacing), "", autoSkip=list(factors))


LEVELS = {
    np.inf: [TickSpec(YEAR, makeYStepper(1), "", autoSkip=[1, 2, 5])],
    3 * MONTH: [TickSpec(MONTH, makeMStepper(1), "", autoSkip=[1, 2, 3, 6])],
    10 * DAY: [_every(DAY, 1, 2, 5, 10)],
    12 * HOUR: [_every(HOUR, 1, 2, 3, 6, 12)],
    30 * MINUTE: [_every(MINUTE, 1, 2, 5, 10, 15, 30)],
    30 * SECOND: [_every(SECOND, 1, 2, 5, 10, 15, 30)],
}
"""How close ticks may be by what they are multiples of: the library's own leave wide gaps."""


class TimeAxis(Axis, pg.DateAxisItem):
    """Seconds since 1970 along x, or names at 0, 1, 2 ... where the times are not known."""

    def __init__(self) -> None:
        super().__init__("bottom")
        self.utcOffset = 0
        self.zoomLevels = OrderedDict(
            (most, ZoomLevel(specs, WIDEST)) for most, specs in LEVELS.items()
        )

    @override
    def tickValues(self, minVal: float, maxVal: float, size: float) -> Any:
        if self.names:
            return super().tickValues(minVal, maxVal, size)
        return pg.DateAxisItem.tickValues(self, minVal, maxVal, size)

    @override
    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if self.names:
            return super().tickStrings(values, scale, spacing)
        return time_texts(values, spacing)


def time_texts(values: Sequence[float], spacing: float) -> list[str]:
    """Return seconds since 1970 as year, month and day, or time, as their spacing needs."""
    form = "%H:%M:%S" if spacing < MINUTE else "%H:%M"
    if spacing >= DAY:
        form = "%Y" if spacing >= YEAR else "%m-%d"
    times = [datetime.fromtimestamp(value, UTC) for value in values]
    new_days = [spacing == HOUR and not (time.hour or time.minute) for time in times]
    return [
        time.strftime("%m-%d" if new else form) for time, new in zip(times, new_days, strict=True)
    ]

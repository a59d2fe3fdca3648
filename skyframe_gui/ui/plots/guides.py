"""Lines through the samples and bands around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from skyframe_gui.ui.plots.colours import with_alpha

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.ui.plots.plot import Floats, Plot

Style = Literal["step", "first", "last"]
DASHES = {"first": [1, 3], "last": [7, 3, 1, 3]}


@dataclass(frozen=True, eq=False)
class Guide:
    """A line, and perhaps a band around it.

    Attributes
    ----------
    value, half_width : callable
        Of x. ``half_width`` is None for no band.
    style : {"step", "first", "last"}
    straight : bool
        Whether two points draw it.
    """

    value: Callable[[Floats], Floats]
    half_width: Callable[[Floats], Floats] | None = None
    style: Style = "step"
    straight: bool = True


def draw_band(painter: QPainter, plot: Plot, guide: Guide) -> None:
    """Draw the band of a guide, if it has one."""
    if guide.half_width is None:
        return
    x = _along(plot, guide)
    middle, half = guide.value(x), guide.half_width(x)
    upper, lower = _line(plot, x, middle + half), _line(plot, x, middle - half)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(with_alpha(plot.colours.accent, 0.12))
    painter.drawPolygon(QPolygonF([*upper, *reversed(lower)]))
    pen = QPen(QColor(plot.colours.accent), 1)
    pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(upper))
    painter.drawPolyline(QPolygonF(lower))
    painter.restore()


def draw_line(painter: QPainter, plot: Plot, guide: Guide) -> None:
    """Draw the line of a guide."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor(plot.colours.text), 1.5)
    if guide.style != "step":
        pen.setWidthF(1.0)
        pen.setDashPattern(DASHES[guide.style])
    painter.setPen(pen)
    x = _along(plot, guide)
    painter.drawPolyline(QPolygonF(_line(plot, x, guide.value(x))))
    painter.restore()


def _along(plot: Plot, guide: Guide) -> Floats:
    return np.linspace(plot.x_range.low, plot.x_range.high, 2 if guide.straight else 257)


def _line(plot: Plot, x: Floats, y: Floats) -> list[QPointF]:
    # Far outside of the widget a line is as good, and Qt's painter does not like infinities. Only
    # curves are cut off: a straight line would change its slope.
    far = (20.0 if len(x) > 2 else 1e4) * plot.y_range.width
    y = np.clip(np.nan_to_num(y), plot.y_range.low - far, plot.y_range.high + far)
    a, b = plot.place(x, y)
    return [QPointF(p, q) for p, q in zip(a.tolist(), b.tolist(), strict=True)]

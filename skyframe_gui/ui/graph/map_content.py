"""What a map of bins shows: a value for each bin, and the words and hatching over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QFontMetricsF, QPainter

from skyframe_gui.ui.graph import cells
from skyframe_gui.ui.samples import chips
from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from PyQt6.QtCore import QSizeF

    from skyframe_gui.ui.graph.cells import Place
    from skyframe_gui.ui.stack.grid_pictures import ColouredGrid
    from skyframe_gui.ui.theme import Palette

CHIP, CORNER, PADDING, GAP = 18, 4, 7, 7


@dataclass(frozen=True, kw_only=True, eq=False)
class MapContent:
    """What a map shows.

    Attributes
    ----------
    coloured : ColouredGrid or None
        A value for each bin; None where there are none.
    extent : (width, height)
        Of what the bins cover, in pixels of the detector.
    title, subject : str
        Of the chip; none where the title is "".
    unit : str
    filled : bool [ny, nx] or None
        Bins whose value is the median of others.
    why : str
        Why there is nothing, as words.
    """

    coloured: ColouredGrid | None
    extent: tuple[float, float]
    title: str = ""
    subject: str = ""
    unit: str = ""
    filled: NDArray[np.bool_] | None = None
    why: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """(ny, nx); zeros without values."""
        if self.coloured is None:
            return 0, 0
        ny, nx = self.coloured.values.shape
        return ny, nx


def draw_chip(
    painter: QPainter, content: MapContent, palette: Palette, canvas: QSizeF, low: bool
) -> None:
    """Write title and subject into the upper left corner of a canvas, or into the lower one."""
    bold, plain = font(11, 600), font(11)
    most = canvas.width() - 2 * CORNER
    title = QFontMetricsF(bold).horizontalAdvance(content.title)
    room = most - 2 * PADDING - title - GAP
    metrics = QFontMetricsF(plain)
    subject = metrics.elidedText(content.subject, Qt.TextElideMode.ElideRight, room)
    beside = metrics.horizontalAdvance(subject) + GAP if subject and room > 12 else 0.0
    top = canvas.height() - CHIP - CORNER if low else CORNER
    box = QRectF(CORNER, top, min(title + beside + 2 * PADDING, most), CHIP)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(with_alpha(palette.chip, chips.OPACITY[palette.name]))
    painter.drawRoundedRect(box, 3, 3)
    middle = Qt.AlignmentFlag.AlignVCenter
    inside = box.adjusted(PADDING, 0, -PADDING, 0)
    painter.setFont(bold)
    painter.setPen(QColor(palette.text))
    painter.drawText(inside, middle, content.title)
    if beside:
        painter.setFont(plain)
        painter.setPen(QColor(palette.text2))
        painter.drawText(inside.adjusted(title + GAP, 0, 2, 0), middle, subject)
    painter.restore()


def draw_hatching(
    painter: QPainter, content: MapContent, palette: Palette, box_of: Callable[[Place], QRectF]
) -> None:
    """Hatch bins that were filled, and those without a value; ``box_of`` says where a bin is."""
    if content.coloured is None:
        return
    if content.filled is not None:
        for row, column in np.argwhere(content.filled).tolist():
            cells.draw_filled(painter, box_of((column, row)))
    nothing = ~np.isfinite(content.coloured.values)
    if content.filled is not None:
        nothing &= ~content.filled
    hatching = QBrush(QColor(palette.no_data), Qt.BrushStyle.BDiagPattern)
    for row, column in np.argwhere(nothing).tolist():
        painter.fillRect(box_of((column, row)), hatching)

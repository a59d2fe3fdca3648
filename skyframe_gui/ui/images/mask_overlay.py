"""The masks by hand over an image: outlines with a hatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from skyframe_gui.app.model.queries import open_exposure
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.engine.hand_masks import outline_of
from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine.hand_masks import HandMask
    from skyframe_gui.ui.images.geometry import Viewport

    Outlines = tuple[NDArray[np.float64], ...]

HATCH, CASING = 0.35, 0.55
_outlines = Remembered["Outlines"]()


def masks_shown(state: State, shown: Shown) -> tuple[HandMask, ...]:
    """Return the masks by hand of the shown exposure."""
    item = open_exposure(state, shown.key) if state.hand_masks else None
    return () if item is None else item.source.hand_masks


def outlines_of(masks: tuple[HandMask, ...], shown: Shown) -> Outlines:
    """Return the corners of masks in pixels of the shown image, whose first is 0."""
    return _outlines.of((masks, shown.exposure), lambda: _outlines_of(masks, shown))


def _outlines_of(masks: tuple[HandMask, ...], shown: Shown) -> Outlines:
    from skyframe_gui.engine import SkyFrameError

    found = []
    for mask in masks:
        if mask.on_sky:
            from skyframe_gui.files.sky_masks import in_pixels

            try:
                mask = in_pixels(mask, shown.exposure and shown.exposure.wcs, shown.xy0)
            except SkyFrameError:  # on another part of the sky
                continue
        found.append(outline_of(mask) - shown.xy0)
    return tuple(found)


def draw_masks(painter: QPainter, outlines: Outlines, viewport: Viewport) -> None:
    """Draw outlines, cased so that no image hides them, and a hatch inside."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    hatch = QBrush(with_alpha(DARK.excluded, HATCH), Qt.BrushStyle.BDiagPattern)
    for corners in outlines:
        shape = QPolygonF([viewport.to_pane(x, y) for x, y in corners.tolist()])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(with_alpha("#000000", CASING), 3))
        painter.drawPolygon(shape)
        painter.setBrush(hatch)
        painter.setPen(QPen(QColor(DARK.excluded), 1.2))
        painter.drawPolygon(shape)

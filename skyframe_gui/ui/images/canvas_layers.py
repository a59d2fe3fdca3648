"""The layers of one image on the screen: picture, edges, boxes, rings, crosshair and words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter

from skyframe_gui.ui.graph.pixel_item import PixelItem
from skyframe_gui.ui.graph.sky_image import Crosshair, Lines, SkyImage
from skyframe_gui.ui.images.box_overlay import draw_boxes, draw_rings
from skyframe_gui.ui.images.compass import Compass
from skyframe_gui.ui.images.cut_overlay import draw_measures
from skyframe_gui.ui.images.mask_overlay import draw_held, draw_masks, outlines_over, shapes_over
from skyframe_gui.ui.images.render import edges_of, picture_key, picture_of
from skyframe_gui.ui.samples.colours import with_alpha
from skyframe_gui.ui.theme import font, palette_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine.hand_masks import HandMask
    from skyframe_gui.ui.graph.image_view import ImageView
    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.images.geometry import Viewport
    from skyframe_gui.ui.images.render import Picture
    from skyframe_gui.ui.images.sample_boxes import Boxes


RING_HOVERED, RING_SELECTED = 1.0, -1.0
"""Pixels outside of the box."""
RING_ROOM = 8.0
"""Pixels about a box that its ring needs."""
EDGES, BOXES, MASKS, RINGS, HOVERED = 10.0, 20.0, 25.0, 30.0, 40.0
HELD, COMPASS, CUTS, MARK, CROSS, OVER = 42.0, 43.0, 45.0, 48.0, 50.0, 60.0
"""What lies above what."""
WITH_USED = ("exposure", "subtracted")
"""Layers on which used boxes are drawn, too; elsewhere they would only hide what is below."""


class CanvasLayers:
    """Paints a state over an image view, and no more of it than has changed.

    Parameters
    ----------
    view : ImageView

    Attributes
    ----------
    state : State or None
    content : Content or None
    boxes : Boxes or None
        What is to be shown; painted by `refresh`.
    hovered : SampleId or None
        Which sample has a ring, as the mouse is over it.
    has_compass : bool
        Whether north, east and a scale bar stand on this one of the images.
    draft : float array [n, 2] or None
        Corners of a mask by hand that is being drawn.
    pointed_mask : int or None
        Number of the mask by hand that the mouse is over.
    held : (number, HandMask) or None
        What a drag has made of a mask by hand so far.
    """

    def __init__(self, view: ImageView) -> None:
        self._view = view
        self.state: State | None = None
        self.content: Content | None = None
        self.boxes: Boxes | None = None
        self.hovered: SampleId | None = None
        self.draft: NDArray[np.float64] | None = None
        self.has_compass = False
        self.pointed_mask: int | None = None
        self.held: tuple[int, HandMask] | None = None
        self._has_focus = False
        self._shown: tuple[object, ...] = ()
        self._image = self._view.add(SkyImage(self._view, self._picture_key, self._picture))
        self._lines = (
            self._view.add(Lines(self._view, self._edges_key, self._draw_edges, EDGES)),
            self._view.add(Lines(self._view, self._boxes_key, self._draw_boxes, BOXES)),
            self._view.add(Lines(self._view, self._masks_key, self._draw_masks, MASKS)),
            self._view.add(Lines(self._view, self._hold_key, self._draw_hold, HELD)),
            self._view.add(Lines(self._view, self._rings_key, self._draw_rings, RINGS)),
            self._view.add(Lines(self._view, self._cuts_key, self._draw_cuts, CUTS)),
        )
        self._ring = self._view.add(PixelItem(self._draw_hovered, HOVERED))
        self.compass = Compass(self._view, self._compass_of, COMPASS)
        self._view.add(self.compass)
        self._cross = Crosshair(self._view, self._draw_cross, CROSS)
        self._view.add(self._cross)
        self._marked = self._view.add(PixelItem(self._draw_mark, MARK))
        self._over = self._view.add(PixelItem(self._draw_over, OVER))

    def refresh(self) -> None:
        """Paint what is shown now, if it is not what was painted."""
        state, content = self.state, self.content
        if state is None or content is None:
            return
        # Where the pointer is moves two lines and a ring; of what is as it was nothing is painted.
        shown = (
            self._picture_key(self._view.viewport_now, 1.0),
            self._edges_key(),
            self._boxes_key(),
            self._masks_key(),
            self._hold_key(),
            self._rings_key(),
            self._cuts_key(),
            content.why,
            state.config.stats.mask,
            state.view.mark,
            self._compass_of(),
        )
        if shown != self._shown:
            self._shown = shown
            for item in (
                self._image,
                *self._lines,
                self._ring,
                self.compass,
                self._marked,
                self._cross,
                self._over,
            ):
                item.update()

    def show_focus(self, has_focus: bool) -> None:
        """Show that the keys lead here, or do not."""
        self._has_focus = has_focus
        self._over.update()

    def ring(self, sample: SampleId | None) -> None:
        """Put the ring of the hovered sample elsewhere."""
        if sample != self.hovered:
            for one in (self.hovered, sample):
                if one is not None:
                    self._ring.update(self._room_of(one))
            self.hovered = sample

    def cross_at(self, at: tuple[float, float] | None) -> None:
        """Move the crosshair; None takes it away."""
        self._cross.move_to(at)

    def _room_of(self, sample: SampleId) -> QRectF:
        x0, y0, x1, y1 = sample[1]
        room = RING_ROOM / self._view.viewport_now.frame.zoom
        return QRectF(x0 - room, y0 - room, x1 - x0 + 2 * room, y1 - y0 + 2 * room)

    def _has_image(self) -> bool:
        return self.state is not None and self.content is not None and not self.content.why

    def _picture_key(self, viewport: Viewport, scale: float) -> object:
        if self.state is None or self.content is None:
            return None
        return picture_key(self.content, self.state.view, viewport, scale)

    def _picture(self, viewport: Viewport, scale: float) -> Picture | None:
        if self.state is None or self.content is None or self.content.why:
            return None
        return picture_of(self.content, self.state, viewport, scale, palette_of(self.state))

    def _edges_key(self) -> object:
        state, content = self.state, self.content
        if state is None or content is None or content.grid is None or content.why:
            return None
        if not (state.view.edges or content.layer in ("grid", "residual")):
            return None
        return (content.grid, content.layer, state.view.theme)

    def _draw_edges(self, painter: QPainter, viewport: Viewport) -> None:
        state, content = self.state, self.content
        if state is None or content is None:
            return
        if content.layer in ("grid", "residual"):
            draw_filled(painter, content, viewport)
        else:
            dark = content.layer != "subtracted" or state.view.theme == "dark"
            draw_edges(painter, content, viewport, dark)

    def _boxes_key(self) -> object:
        state, content, boxes = self.state, self.content, self.boxes
        if state is None or content is None or boxes is None or content.why:
            return None
        if not state.view.boxes:
            return None
        return (boxes.looks, content.layer in WITH_USED)

    def _draw_boxes(self, painter: QPainter, viewport: Viewport) -> None:
        if self.boxes is not None and self.content is not None:
            draw_boxes(painter, self.boxes, viewport, self.content.layer in WITH_USED)

    def _masks_key(self) -> object:
        state, content = self.state, self.content
        if state is None or content is None or content.why:
            return None
        shapes = shapes_over(state, content.shown)
        held = None if self.held is None else self.held[0]
        return (shapes, held) if shapes else None

    def _draw_masks(self, painter: QPainter, viewport: Viewport) -> None:
        if self.state is not None and self.content is not None:
            shapes = shapes_over(self.state, self.content.shown)
            held = None if self.held is None else self.held[0]
            outlines = zip(shapes, outlines_over(shapes), strict=True)
            rest = (outline for one, outline in outlines if one.item.number != held)
            draw_masks(painter, rest, viewport)

    def _hold_key(self) -> object:
        """Return how the mask under the mouse, the selected one and one being drawn look."""
        state, content = self.state, self.content
        if state is None or content is None or content.why:
            return None
        wanted = self.pointed_mask, state.selection.mask, self.held
        draft = None if self.draft is None else self.draft.tobytes()
        if draft is None and wanted == (None, None, None):
            return None
        return shapes_over(state, content.shown), wanted, draft

    def _draw_hold(self, painter: QPainter, viewport: Viewport) -> None:
        if self.state is None or self.content is None:
            return
        chosen, last = self.state.selection.mask, []
        for item, mask in shapes_over(self.state, self.content.shown):
            is_held = self.held is not None and self.held[0] == item.number
            if is_held or item.number in (chosen, self.pointed_mask):
                shape = self.held[1] if is_held and self.held is not None else mask
                last.append((item.number == chosen, shape))
        for is_chosen, mask in sorted(last, key=lambda one: one[0]):
            draw_held(painter, mask, viewport, is_chosen)
        if self.draft is not None:
            draw_masks(painter, (self.draft,), viewport)

    def _rings_key(self) -> object:
        state, content = self.state, self.content
        if state is None or content is None or content.why or not state.view.boxes:
            return None
        chosen = state.selection.samples
        return (chosen, content.shown.key) if chosen else None

    def _draw_rings(self, painter: QPainter, viewport: Viewport) -> None:
        if self.state is not None and self.content is not None:
            chosen = self.state.selection.samples
            draw_rings(painter, chosen, self.content.shown.key, viewport, RING_SELECTED)

    def _cuts_key(self) -> object:
        state, content = self.state, self.content
        if state is None or content is None or content.why:
            return None
        view, shown = state.view, content.shown
        if view.cut is None and view.region is None:
            return None
        return (view.cut, view.region, view.tool, shown.width, shown.height)

    def _draw_cuts(self, painter: QPainter, viewport: Viewport) -> None:
        if self.state is not None and self.content is not None:
            shown = self.content.shown
            draw_measures(painter, self.state.view, (shown.width, shown.height), viewport)

    def _compass_of(self) -> Shown | None:
        state, content = self.state, self.content
        if state is None or content is None or content.why:
            return None
        return content.shown if self.has_compass and state.view.compass else None

    def _draw_hovered(self, painter: QPainter) -> None:
        if self.hovered is not None and self.content is not None and self._has_image():
            one = frozenset((self.hovered,))
            draw_rings(painter, one, self.content.shown.key, self._view.viewport_now, RING_HOVERED)

    def _draw_cross(self, painter: QPainter, viewport: Viewport, at: QPointF) -> None:
        if self.content is not None and self._has_image():
            draw_crosshair(painter, viewport, self.content, at)

    def _draw_mark(self, painter: QPainter) -> None:
        """Draw four strokes about the place that was gone to."""
        state, content = self.state, self.content
        mark = None if state is None else state.view.mark
        if state is None or content is None or mark is None or not self._has_image():
            return
        key, x, y = mark
        if key == content.shown.key:
            draw_mark(painter, self._view.viewport_now.to_pane(x, y), "#ffffff")

    def _draw_over(self, painter: QPainter) -> None:
        """Say why there is no image; show that the keys lead here."""
        if self.state is None or self.content is None:
            return
        palette = palette_of(self.state)
        if self.content.why:
            painter.setFont(font(12))
            painter.setPen(QColor(palette.text2))
            box = QRectF(self._view.rect()).adjusted(24, 32, -24, -8)
            middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(box, int(middle), self.content.why)
        if self._has_focus:
            self._view.paint_focus(painter, palette)


MARK_FREE, MARK_LENGTH = 7, 9


def draw_mark(painter: QPainter, at: QPointF, colour: str) -> None:
    """Draw four cased strokes that leave the place itself free."""
    x, y = round(at.x()), round(at.y())
    far = MARK_FREE + MARK_LENGTH
    for brush, room in ((with_alpha("#000000", 0.7), 1), (QColor(colour), 0)):
        thick, long = 2 + 2 * room, MARK_LENGTH + 2 * room
        for start in (MARK_FREE - room, -far - room):
            painter.fillRect(x + start, y - 1 - room, long, thick, brush)
            painter.fillRect(x - 1 - room, y + start, thick, long, brush)


FEWEST_APART = 4.0
"""Pixels: bin edges closer than this would be a veil, not lines."""


def draw_edges(painter: QPainter, content: Content, viewport: Viewport, dark: bool) -> None:
    """Draw the true edges of the bins; a path of them would take ten times as long."""
    grid = content.grid
    if grid is None:
        return
    x_edges, y_edges = edges_of(content, grid)
    narrowest = min(np.diff(x_edges).min(), np.diff(y_edges).min()) * viewport.frame.zoom
    if narrowest < FEWEST_APART:
        return
    shown = content.shown
    x = np.clip(x_edges, -0.5, shown.width - 0.5)
    y = np.clip(y_edges, -0.5, shown.height - 0.5)
    # Rectangles, as thin translucent lines take Qt's painter far longer.
    colour = with_alpha("#ffffff" if dark else "#000000", 0.10)
    corner, end = viewport.to_pane(x[0], y[-1]), viewport.to_pane(x[-1], y[0])
    frame = viewport.frame
    across = viewport.width / 2 + (x[x == x_edges] - frame.x) * frame.zoom
    down = viewport.height / 2 - (y[y == y_edges] - frame.y) * frame.zoom
    for at in np.round(across[(across >= 0) & (across <= viewport.width)]).tolist():
        painter.fillRect(QRectF(at, corner.y(), 1, end.y() - corner.y()), colour)
    for at in np.round(down[(down >= 0) & (down <= viewport.height)]).tolist():
        painter.fillRect(QRectF(corner.x(), at, end.x() - corner.x(), 1), colour)


def draw_filled(painter: QPainter, content: Content, viewport: Viewport) -> None:
    """Hatch the bins that have no data: of a sky frame, which have the median of the others."""
    frame = content.shown.sky_frame
    grid, hatched = content.grid, content.hatched
    colour = with_alpha("#bfbfbf", 0.55)
    if hatched is None and frame is not None and grid is frame.sky_frame.grid:
        hatched, colour = frame.sky_frame.filled, with_alpha("#ffffff", 0.55)
    if grid is None or hatched is None or not hatched.any():
        return
    x, y = edges_of(content, grid)
    hatch = QBrush(colour, Qt.BrushStyle.BDiagPattern)
    painter.setPen(Qt.PenStyle.NoPen)
    for j, first, end in runs_of(hatched):
        box = QRectF(viewport.to_pane(x[first], y[j + 1]), viewport.to_pane(x[end], y[j]))
        painter.fillRect(box, hatch)


def runs_of(chosen: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """Return the chosen bins as (row, first column, one past the last), neighbours in one."""
    steps = np.diff(np.pad(chosen.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, firsts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    return list(zip(rows.tolist(), firsts.tolist(), ends.tolist(), strict=True))


def draw_crosshair(painter: QPainter, viewport: Viewport, content: Content, at: QPointF) -> None:
    """Draw lines through a place, as far as the image goes."""
    image = viewport.rect(0, 0, content.shown.width, content.shown.height)
    if not image.contains(at):
        return
    x, y = round(at.x()), round(at.y())
    # Whole pixels: Qt fills these many times faster than parts of them.
    shown = image.intersected(QRectF(0, 0, viewport.width, viewport.height)).toRect()
    left, top, width, height = shown.left(), shown.top(), shown.width(), shown.height()
    for colour, room in ((with_alpha("#000000", 0.27), 1), (with_alpha("#ffffff", 0.5), 0)):
        painter.fillRect(x - room, top, 1 + 2 * room, height, colour)
        painter.fillRect(left, y - room, width, 1 + 2 * room, colour)

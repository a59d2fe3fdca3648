"""One image on the screen: its picture and marks, and what mouse and keys ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPainter
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from skyframe_gui.ui.graph.image_view import ZOOM_STEP, ImageView
from skyframe_gui.ui.graph.pixel_item import PixelItem
from skyframe_gui.ui.graph.sky_image import Crosshair, Lines, SkyImage
from skyframe_gui.ui.images import overlays
from skyframe_gui.ui.images.box_overlay import draw_boxes, draw_rings
from skyframe_gui.ui.images.geometry import kept_in
from skyframe_gui.ui.images.render import picture_key, picture_of
from skyframe_gui.ui.theme import font, palette_of

if TYPE_CHECKING:
    from PyQt6.QtGui import QFocusEvent, QKeyEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.app.model.pointer import Pointed
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import Frame
    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.images.geometry import Viewport
    from skyframe_gui.ui.images.render import Picture
    from skyframe_gui.ui.images.sample_boxes import Boxes

STEP = 40.0
"""Pixels that an arrow key pans."""
RING_HOVERED, RING_SELECTED = 1.0, -1.0
"""Pixels outside of the box."""
RING_ROOM = 8.0
"""Pixels about a box that its ring needs."""
EDGES, BOXES, RINGS, HOVERED, CROSS, OVER = 10.0, 20.0, 30.0, 40.0, 50.0, 60.0
"""What lies above what."""
WITH_USED = ("exposure", "subtracted")
"""Layers on which used boxes are drawn, too; elsewhere they would only hide what is below."""


class Canvas(QWidget):
    """The image of one pane.

    Parameters
    ----------
    commands : Commands
    index : int
        Which pane.
    always_linked : bool
        Whether it always moves with the others, and has the crosshair wherever the cursor is.

    Attributes
    ----------
    view : ImageView
    """

    pressed = pyqtSignal()

    def __init__(self, commands: Commands, index: int, always_linked: bool = False) -> None:
        super().__init__()
        self._always_linked = always_linked
        self.commands = commands
        self.index = index
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(80, 80)
        self._state: State | None = None
        self._content: Content | None = None
        self._boxes: Boxes | None = None
        self._ringed = False
        self._hovered: SampleId | None = None
        self._shown: tuple[object, ...] = ()
        self.view = ImageView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self._image = self.view.add(SkyImage(self.view, self._picture_key, self._picture))
        self._lines = (
            self.view.add(Lines(self.view, self._edges_key, self._draw_edges, EDGES)),
            self.view.add(Lines(self.view, self._boxes_key, self._draw_boxes, BOXES)),
            self.view.add(Lines(self.view, self._rings_key, self._draw_rings, RINGS)),
        )
        self._ring = self.view.add(PixelItem(self._draw_hovered, HOVERED))
        self._cross = Crosshair(self.view, self._draw_cross, CROSS)
        self.view.add(self._cross)
        self._over = self.view.add(PixelItem(self._draw_over, OVER))
        self.view.box.draws_lasso = lambda shift: shift and self._boxes is not None
        self.view.pressed.connect(self._on_pressed)
        self.view.moved.connect(self._move)
        self.view.pointed.connect(self._point)
        self.view.clicked.connect(self._click)
        self.view.lassoed.connect(self._select_within)
        self.view.all_wanted.connect(self.fit)

    # What is shown -----------------------------------------------------------------------------

    def show_content(self, state: State, content: Content | None, boxes: Boxes | None) -> None:
        """Paint another state; the picture is made when it is painted, so only the last one is."""
        self._state, self._content, self._boxes = state, content, boxes
        if content is None:
            return
        palette = palette_of(state)
        self.view.apply_theme(palette)
        self.setAccessibleName(content.title)
        frames = state.view.frames
        frame = frames[self.index] if self.index < len(frames) else None
        self.view.show_frame(frame, (content.shown.width, content.shown.height))
        # Where the pointer is moves two lines and a ring; of what is as it was nothing is painted.
        shown = (
            self._picture_key(self.viewport, 1.0),
            self._edges_key(),
            self._boxes_key(),
            self._rings_key(),
            content.why,
            state.config.stats.mask,
        )
        if shown != self._shown:
            self._shown = shown
            for item in (self._image, *self._lines, self._ring, self._cross, self._over):
                item.update()

    @property
    def viewport(self) -> Viewport:
        """Where the image is."""
        return self.view.viewport_now

    def follow(self, pointed: Pointed) -> None:
        """Move the crosshair, and light up the box under the mouse."""
        state, hovered = self._state, pointed.sample
        if state is None:
            return
        if hovered != self._hovered:
            for one in (self._hovered, hovered):
                if one is not None:
                    self._ring.update(self._room_of(one))
            self._hovered = hovered
        everywhere = self._always_linked or state.view.linked
        crossed = state.view.crosshair and (everywhere or self.underMouse())
        self._cross.move_to(pointed.cursor if crossed else None)

    def _room_of(self, sample: SampleId) -> QRectF:
        x0, y0, x1, y1 = sample[1]
        room = RING_ROOM / self.viewport.frame.zoom
        return QRectF(x0 - room, y0 - room, x1 - x0 + 2 * room, y1 - y0 + 2 * room)

    def _has_image(self) -> bool:
        return self._state is not None and self._content is not None and not self._content.why

    def _picture_key(self, viewport: Viewport, scale: float) -> object:
        if self._state is None or self._content is None:
            return None
        return picture_key(self._content, self._state.view, viewport, scale)

    def _picture(self, viewport: Viewport, scale: float) -> Picture | None:
        if self._state is None or self._content is None or self._content.why:
            return None
        return picture_of(self._content, self._state, viewport, scale, palette_of(self._state))

    def _edges_key(self) -> object:
        state, content = self._state, self._content
        if state is None or content is None or content.grid is None or content.why:
            return None
        if not (state.view.edges or content.layer in ("grid", "residual")):
            return None
        return (content.grid, content.layer, state.view.theme)

    def _draw_edges(self, painter: QPainter, viewport: Viewport) -> None:
        state, content = self._state, self._content
        if state is None or content is None:
            return
        if content.layer in ("grid", "residual"):
            overlays.draw_filled(painter, content, viewport)
        else:
            dark = content.layer != "subtracted" or state.view.theme == "dark"
            overlays.draw_edges(painter, content, viewport, dark)

    def _boxes_key(self) -> object:
        state, content, boxes = self._state, self._content, self._boxes
        if state is None or content is None or boxes is None or content.why:
            return None
        if not state.view.boxes:
            return None
        return (boxes.looks, content.layer in WITH_USED)

    def _draw_boxes(self, painter: QPainter, viewport: Viewport) -> None:
        if self._boxes is not None and self._content is not None:
            draw_boxes(painter, self._boxes, viewport, self._content.layer in WITH_USED)

    def _rings_key(self) -> object:
        state, content = self._state, self._content
        if state is None or content is None or content.why or not state.view.boxes:
            return None
        chosen = state.selection.samples
        return (chosen, content.shown.key) if chosen else None

    def _draw_rings(self, painter: QPainter, viewport: Viewport) -> None:
        if self._state is not None and self._content is not None:
            chosen = self._state.selection.samples
            draw_rings(painter, chosen, self._content.shown.key, viewport, RING_SELECTED)

    def _draw_hovered(self, painter: QPainter) -> None:
        if self._hovered is not None and self._content is not None and self._has_image():
            one = frozenset((self._hovered,))
            draw_rings(painter, one, self._content.shown.key, self.viewport, RING_HOVERED)

    def _draw_cross(self, painter: QPainter, viewport: Viewport, at: QPointF) -> None:
        if self._content is not None and self._has_image():
            overlays.draw_crosshair(painter, viewport, self._content, at)

    def _draw_over(self, painter: QPainter) -> None:
        """Say why there is no image; show that the keys lead here."""
        if self._state is None or self._content is None:
            return
        palette = palette_of(self._state)
        if self._content.why:
            painter.setFont(font(12))
            painter.setPen(QColor(palette.text2))
            box = QRectF(self.rect()).adjusted(24, 32, -24, -8)
            middle = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(box, int(middle), self._content.why)
        if self._ringed:
            self.view.paint_focus(painter, palette)

    # What is asked for -------------------------------------------------------------------------

    def fit(self) -> None:
        """Show the whole image."""
        self.commands.move(self.index, None)

    def zoom(self, factor: float) -> None:
        """Zoom about the middle."""
        if self._content is not None:
            viewport = self.viewport
            middle = viewport.width / 2, viewport.height / 2
            self._move(viewport.zoomed(factor, *middle, self.view.box.least))

    def pan(self, dx: float, dy: float) -> None:
        """Move the image by this much."""
        self._move(self.viewport.panned(dx, dy))

    def centre_on_selection(self) -> None:
        """Bring the selected samples, or the hovered one, into the middle."""
        if self._state is None or self._content is None:
            return
        selection, key = self._state.selection, self._content.shown.key
        boxes = [box for of, box in selection.samples if of == key]
        lit = self._hovered
        if not boxes and lit is not None and lit[0] == key:
            boxes = [lit[1]]
        if boxes:
            x = sum((box[0] + box[2] - 1) / 2 for box in boxes) / len(boxes)
            y = sum((box[1] + box[3] - 1) / 2 for box in boxes) / len(boxes)
            frame = self.viewport.frame
            self._move(type(frame)(x, y, frame.zoom))

    def _move(self, frame: Frame) -> None:
        if self._content is not None:
            shown = self._content.shown
            size = (shown.width, shown.height)
            kept = kept_in(frame, size)
            self.commands.move(self.index, kept)
            # Where the state stays as it was, no signal comes: the view goes back all the same.
            if self._state is not None and kept != frame:
                self.view.show_frame(kept, size)

    def _point(self, at: tuple[float, float] | None) -> None:
        """Say which pixel, and which sample, is under the mouse."""
        state, content = self._state, self._content
        if state is None or content is None:
            return
        hovered, inside = None, False
        if at is not None:
            shown = content.shown
            inside = -0.5 <= at[0] < shown.width - 0.5 and -0.5 <= at[1] < shown.height - 0.5
            if inside and self._boxes is not None and state.view.boxes:
                hovered = self._boxes.at(*at)
        self.commands.point(at if inside else None)
        self.commands.hover(hovered)

    def _click(self, x: float, y: float, add: bool) -> None:
        if self._boxes is not None and self._state is not None and self._state.view.boxes:
            sample = self._boxes.at(x, y)
            if sample is not None:
                self.commands.select_samples([sample], add=add)

    def _select_within(self, outline: list[tuple[float, float]], add: bool) -> None:
        if self._boxes is not None:
            self.commands.select_samples(self._boxes.within(outline), add=add)

    def _on_pressed(self) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Pan, zoom, fit, clear."""
        if event is None:
            return
        key = event.key()
        arrows = {
            Qt.Key.Key_Left: (STEP, 0.0),
            Qt.Key.Key_Right: (-STEP, 0.0),
            Qt.Key.Key_Up: (0.0, STEP),
            Qt.Key.Key_Down: (0.0, -STEP),
        }
        if key in arrows:
            self.pan(*arrows[Qt.Key(key)])
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_0):
            self.fit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / ZOOM_STEP)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.centre_on_selection()
        elif key == Qt.Key.Key_Escape:
            if self.view.box.draws:
                self.view.box.drop_lasso()
            else:
                self.commands.select_samples(())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Show a ring where the keys lead here, not where the mouse does."""
        if event is not None:
            # At the start of the window Qt puts the focus somewhere by itself.
            self._ringed = self._content is not None and event.reason() in (
                Qt.FocusReason.TabFocusReason,
                Qt.FocusReason.BacktabFocusReason,
                Qt.FocusReason.ShortcutFocusReason,
            )
            self.pressed.emit()
        super().focusInEvent(event)
        self._over.update()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Take the ring away."""
        self._ringed = False
        super().focusOutEvent(event)
        self._over.update()

    def leaveEvent(self, event: QEvent | None) -> None:
        """Nothing is under the mouse any more."""
        self._point(None)
        super().leaveEvent(event)

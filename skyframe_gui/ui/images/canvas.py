"""One image on the screen, and what mouse and keys ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QPoint, Qt, pyqtSignal
from PyQt6.QtWidgets import QWidget

from skyframe_gui.ui.graph.image_view import ZOOM_STEP, ImageView
from skyframe_gui.ui.images.canvas_layers import CanvasLayers
from skyframe_gui.ui.images.chip import CORNER, HEIGHT
from skyframe_gui.ui.images.cut_drag import CutDrag
from skyframe_gui.ui.images.geometry import kept_in
from skyframe_gui.ui.images.mask_drag import POLYGON, MaskDrag
from skyframe_gui.ui.images.mask_hold import MaskHold
from skyframe_gui.ui.images.position_field import PositionField
from skyframe_gui.ui.theme import palette_of
from skyframe_gui.ui.widgets import in_column

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtCore import QPointF
    from PyQt6.QtGui import QFocusEvent, QKeyEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.pointer import Pointed
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import Frame
    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.images.geometry import Viewport
    from skyframe_gui.ui.images.sample_boxes import Boxes

    Place = tuple[float, float]

STEP, FAR = 40.0, 10
"""Pixels of the screen that an arrow key pans; pixels that it moves a mask with Shift."""


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
    layers : CanvasLayers
    drag : CutDrag
    masks : MaskDrag
    hold : MaskHold
    """

    pressed = pyqtSignal()

    def __init__(self, commands: Commands, index: int, always_linked: bool = False) -> None:
        super().__init__()
        self._always_linked = always_linked
        self._cursor: Qt.CursorShape | None = None
        self.commands = commands
        self.index = index
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(80, 80)
        self.view = ImageView()
        in_column(self.view, on=self)
        self.layers = CanvasLayers(self.view)
        self.view.box.draws_lasso = lambda shift: shift and self.layers.boxes is not None
        self.drag = CutDrag(commands, self.view, self.layers)
        self.masks = MaskDrag(commands, self.layers)
        self.hold = MaskHold(commands, self.view, self.layers)
        self._draws: Callable[[Place, Place, bool, bool], None] = self.drag.draw
        self.view.box.draws_at = self._begins
        self.view.drawn.connect(lambda *drag: self._draws(*drag))
        self.view.box.released.connect(self._forget_cursor)
        self.view.pressed.connect(self._on_pressed)
        self.view.moved.connect(self._move)
        self.view.pointed.connect(self._point)
        self.view.clicked.connect(self._click)
        self.view.lassoed.connect(self._select_within)
        self.view.all_wanted.connect(self._double_click)

    # What is shown -----------------------------------------------------------------------------

    def show_content(self, state: State, content: Content | None, boxes: Boxes | None) -> None:
        """Paint another state; the picture is made when it is painted, so only the last one is."""
        layers = self.layers
        layers.state, layers.content, layers.boxes = state, content, boxes
        if content is None:
            return
        self.view.apply_theme(palette_of(state))
        self.setAccessibleName(content.title)
        frames = state.view.frames
        frame = frames[self.index] if self.index < len(frames) else None
        self.view.show_frame(frame, (content.shown.width, content.shown.height))
        layers.refresh()
        self._show_cursor()

    @property
    def viewport(self) -> Viewport:
        """Where the image is."""
        return self.view.viewport_now

    def follow(self, pointed: Pointed) -> None:
        """Move the crosshair, and light up the box under the mouse."""
        state = self.layers.state
        if state is None:
            return
        self.layers.ring(pointed.sample)
        everywhere = self._always_linked or state.view.linked
        crossed = state.view.crosshair and (everywhere or self.underMouse())
        self.layers.cross_at(pointed.cursor if crossed else None)

    # What is asked for -------------------------------------------------------------------------

    def fit(self) -> None:
        """Show the whole image."""
        self.commands.panes.move(self.index, None)

    @property
    def zoom_bounds(self) -> tuple[float, float]:
        """The smallest and the largest zoom in the window's pixels; 1:1 is always possible."""
        box = self.view.box
        return min(box.least, 1.0 / self.devicePixelRatioF()), box.most

    def zoom(self, factor: float) -> None:
        """Zoom about the mouse, or about the middle where it is elsewhere."""
        least, most = self.zoom_bounds
        self.zoom_to(min(max(self.viewport.frame.zoom * factor, least), most))

    def zoom_to(self, zoom: float) -> None:
        """Show so many pixels of the window a pixel; what is under the mouse stays there."""
        state = self.layers.state
        if state is None or self.layers.content is None:
            return
        now = self.viewport
        frame = state.view.frames[self.index] or self.view.whole
        x, y = self._pointed_place or (now.width / 2, now.height / 2)
        self._move(replace(now, frame=frame).zoomed_to(zoom, x, y))

    @property
    def _pointed_place(self) -> tuple[float, float] | None:
        """Where the mouse is, or would be if it were here and not on a pane that moves as one."""
        state, cursor = self.layers.state, self.commands.store.pointer.now.cursor
        as_one = self._always_linked or (state is not None and state.view.linked)
        if cursor is None or not (as_one or self.underMouse()):
            return None
        at, now = self.viewport.to_pane(*cursor), self.viewport
        inside = 0 <= at.x() <= now.width and 0 <= at.y() <= now.height
        return (at.x(), at.y()) if inside else None

    def pan(self, dx: float, dy: float) -> None:
        """Move the image by this much."""
        self._move(self.viewport.panned(dx, dy))

    def show_middle(self, x: float, y: float) -> None:
        """Bring a pixel into the middle."""
        self._move(replace(self.viewport.frame, x=x, y=y))

    def open_position(self) -> PositionField:
        """Open the field that takes a place to go to."""
        popup = PositionField(self.commands, self, self.viewport.frame.zoom)
        popup.move(self.mapToGlobal(QPoint(CORNER, CORNER + HEIGHT + 2)))
        popup.show()
        popup.field.setFocus()
        return popup

    def centre_on_selection(self) -> None:
        """Bring the selected samples, or the hovered one, into the middle."""
        state, content = self.layers.state, self.layers.content
        if state is None or content is None:
            return
        selection, key = state.selection, content.shown.key
        boxes = [box for of, box in selection.samples if of == key]
        hovered = self.layers.hovered
        if not boxes and hovered is not None and hovered[0] == key:
            boxes = [hovered[1]]
        if boxes:
            x = sum((box[0] + box[2] - 1) / 2 for box in boxes) / len(boxes)
            y = sum((box[1] + box[3] - 1) / 2 for box in boxes) / len(boxes)
            frame = self.viewport.frame
            self._move(type(frame)(x, y, frame.zoom))

    def _move(self, frame: Frame) -> None:
        if self.layers.content is not None:
            shown = self.layers.content.shown
            size = (shown.width, shown.height)
            kept = kept_in(frame, size)
            self.commands.panes.move(self.index, kept)
            # Where the state stays as it was, no signal comes: the view goes back all the same.
            if self.layers.state is not None and kept != frame:
                self.view.show_frame(kept, size)

    def _point(self, at: tuple[float, float] | None) -> None:
        """Say which pixel, and which sample, is under the mouse."""
        state, content = self.layers.state, self.layers.content
        if state is None or content is None:
            return
        hovered, inside = None, False
        if at is not None:
            shown = content.shown
            inside = -0.5 <= at[0] < shown.width - 0.5 and -0.5 <= at[1] < shown.height - 0.5
            if inside and self.layers.boxes is not None and state.view.boxes:
                hovered = self.layers.boxes.at(*at)
        self.commands.point(at if inside else None)
        self.commands.hover(hovered)
        self.hold.point(at)
        self._show_cursor()

    def _begins(self, at: QPointF) -> bool:
        """Find whose a drag is that begins here; False for one that moves the image."""
        place = self.viewport.to_pixel(at.x(), at.y())
        if self.hold.begins(*place, grips_only=True):
            self._draws = self.hold.draw
        elif self.drag.begins(at):
            self._draws = self.drag.draw
        elif self.hold.begins(*place):
            self._draws = self.hold.draw
        elif self.masks.tool and self.masks.tool != POLYGON and self.drag.draws:
            self._draws = self.masks.draw
        else:
            return False
        return True

    def _forget_cursor(self) -> None:
        """Begin anew after a pan, which has a cursor of its own."""
        self._cursor = None
        self._show_cursor()

    def _show_cursor(self) -> None:
        """Say by the cursor's shape what a drag does here."""
        wanted = self.hold.cursor
        if wanted is None and self.drag.draws:
            wanted = Qt.CursorShape.CrossCursor
        if wanted != self._cursor:
            self._cursor = wanted
            if wanted is None:
                self.view.unsetCursor()
            else:
                self.view.setCursor(wanted)

    def _click(self, x: float, y: float, add: bool) -> None:
        if self.masks.click(x, y) or self.hold.click(x, y):
            return
        if (
            self.layers.boxes is not None
            and self.layers.state is not None
            and self.layers.state.view.boxes
        ):
            sample = self.layers.boxes.at(x, y)
            if sample is not None:
                self.commands.select_samples([sample], add=add)

    def _double_click(self) -> None:
        if not self.masks.close():
            self.fit()

    def _select_within(self, outline: list[tuple[float, float]], add: bool) -> None:
        if self.layers.boxes is not None:
            self.commands.select_samples(self.layers.boxes.within(outline), add=add)

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
            across, up = arrows[Qt.Key(key)]
            far = FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
            if not self.hold.nudge(-far * int(across / STEP), far * int(up / STEP)):
                self.pan(across, up)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_0):
            self.fit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / ZOOM_STEP)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self.masks.close():
                self.centre_on_selection()
        elif key == Qt.Key.Key_Escape:
            if self.view.box.draws:
                self.view.box.drop_lasso()
            elif self.masks.drop() or self.hold.drop():
                pass  # the next one lays the tool down
            elif self.commands.store.state.view.tool:
                self.commands.cuts.use("")
            else:
                self.commands.view(mark=None)
                self.commands.masks.select(None)
                self.commands.select_samples(())
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            if not self.hold.remove() and not self.masks.tool:
                self.commands.cuts.remove()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent | None) -> None:
        """Mask where the arrow keys have brought a mask: until then it is one step."""
        if event is not None and not event.isAutoRepeat():
            self.hold.settle()
        super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Show a ring where the keys lead here, not where the mouse does."""
        if event is not None:
            # At the start of the window Qt puts the focus somewhere by itself.
            self.layers.show_focus(
                self.layers.content is not None
                and event.reason()
                in (
                    Qt.FocusReason.TabFocusReason,
                    Qt.FocusReason.BacktabFocusReason,
                    Qt.FocusReason.ShortcutFocusReason,
                )
            )
            self.pressed.emit()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Take the ring away; no key is held any more."""
        self.hold.settle()
        self.layers.show_focus(False)
        super().focusOutEvent(event)

    def leaveEvent(self, event: QEvent | None) -> None:
        """Nothing is under the mouse any more."""
        self._point(None)
        super().leaveEvent(event)

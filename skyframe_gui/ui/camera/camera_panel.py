"""What the panels of Camera have in common: the focal plane, or what to do to get one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt

from skyframe_gui.ui import theme
from skyframe_gui.ui.camera.rows import empty_note, plane_of, toward
from skyframe_gui.ui.note_page import NotePagePanel

if TYPE_CHECKING:
    from PyQt6.QtGui import QKeyEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import View
    from skyframe_gui.ui.camera.rows import Plane
    from skyframe_gui.ui.theme import Palette

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class CameraPanel(NotePagePanel):
    """A panel with a page that is shown while there is a focal plane, and else a note."""

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self._walked: tuple[Plane, str] | None = None

    def watches(self, state: State) -> object:
        """Return what the focal plane is made of."""
        return plane_of(state), state.selection.exposure, empty_note(state)

    def show_state(self, state: State) -> None:
        """Paint the focal plane, or say why there is none."""
        palette = theme.palette_of(state)
        self.show_choices(state.view)
        plane = plane_of(state)
        words = self.note_for(state, plane)
        if plane is None or words is not None:
            self._walked = None
            self.show_note(words or empty_note(state), palette)
            return
        self._walked = (plane, state.selection.exposure)
        self.show_page()
        self.paint_plane(plane, state, palette)

    def show_choices(self, view: View) -> None:
        """Switch on what is chosen."""

    def note_for(self, state: State, plane: Plane | None) -> tuple[str, str, str] | None:
        """Return what is said in the place of the page; None for the page."""
        return None

    def paint_plane(self, plane: Plane, state: State, palette: Palette) -> None:
        """Paint a focal plane."""
        raise NotImplementedError

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Go to the next detector in a direction, or open the selected one."""
        if event is None or self._walked is None or not self._walk(event, *self._walked):
            super().keyPressEvent(event)

    def _walk(self, event: QKeyEvent, plane: Plane, selected: str) -> bool:
        key = Qt.Key(event.key())
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if key in ARROWS:
            self.commands.select_exposure(toward(plane, selected, *ARROWS[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and selected:
            self.commands.open_in_visit(selected)
        else:
            return False
        return True

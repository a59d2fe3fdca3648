"""What all panels of the stack have in common: the stack, or what to do to get one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.ui import theme
from skyframe_gui.ui.note_page import NotePagePanel
from skyframe_gui.ui.stack.stack_rows import count_words, empty_note, stack_of, stack_watched

if TYPE_CHECKING:
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.stack.stack_rows import Stack
    from skyframe_gui.ui.theme import Palette


class StackPanel(NotePagePanel):
    """A panel with a page that is shown while there is a stack, and else a note."""

    def watches(self, state: State) -> object:
        """Return what the stack is made of."""
        return stack_watched(state)

    def subject(self, state: State) -> str:
        """Return how many exposures are in the frame."""
        return count_words(state)

    def show_state(self, state: State) -> None:
        """Paint the stack, or say why there is none."""
        palette = theme.palette_of(state)
        stack = stack_of(state)
        if stack is None:
            self.show_note(empty_note(state), palette)
            return
        self.show_page()
        self.paint_stack(stack, state, palette)

    def paint_stack(self, stack: Stack, state: State, palette: Palette) -> None:
        """Paint a stack."""
        raise NotImplementedError

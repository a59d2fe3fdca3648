"""What all panels of the stack have in common: the stack, or what to do to get one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QStackedWidget, QWidget

from skyframe_gui.ui import theme
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.samples.controls import EmptyNote
from skyframe_gui.ui.stack.stack_rows import count_words, empty_note, stack_of, stack_watched
from skyframe_gui.ui.widgets import in_column

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.stack.stack_rows import Stack
    from skyframe_gui.ui.theme import Palette


class StackPanel(Panel):
    """A panel with a page that is shown while there is a stack, and a note for when there is none.

    Attributes
    ----------
    body : QVBoxLayout
        Of the page.
    """

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self._pages = QStackedWidget()
        page = QWidget()
        self.body = in_column(on=page)
        self._note: EmptyNote | None = None
        self._note_words: tuple[str, str, str] | None = None
        self._pages.addWidget(page)
        in_column(self._pages, on=self)

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

    def show_note(self, words: tuple[str, str, str], palette: Palette) -> None:
        """Show icon, title and sentence instead of the page."""
        if self._note is None or words != self._note_words:
            if self._note is not None:
                self._pages.removeWidget(self._note)
                self._note.deleteLater()
            self._note, self._note_words = EmptyNote(*words), words
            self._pages.addWidget(self._note)
        self._note.apply_theme(palette)
        self._pages.setCurrentWidget(self._note)

    def show_page(self) -> None:
        """Show the page."""
        self._pages.setCurrentIndex(0)

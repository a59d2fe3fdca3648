"""A panel with a page, and a note in its place while there is nothing to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QStackedWidget, QWidget

from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.samples.controls import EmptyNote
from skyframe_gui.ui.widgets import in_column

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.ui.theme import Palette


class NotePagePanel(Panel):
    """A panel of which a note takes the place.

    Parameters
    ----------
    commands : Commands
    words : tuple of str, optional
        Icon, title and sentence of the first note.

    Attributes
    ----------
    body : QVBoxLayout
        Of the page.
    """

    def __init__(self, commands: Commands, words: tuple[str, str, str] | None = None) -> None:
        super().__init__(commands)
        self._pages = QStackedWidget()
        page = QWidget()
        self.body = in_column(on=page)
        self._note: EmptyNote | None = None
        self._note_words: tuple[str, str, str] | None = None
        self._pages.addWidget(page)
        if words is not None:
            self._put_note(words)
        in_column(self._pages, on=self)

    def show_note(self, words: tuple[str, str, str], palette: Palette) -> None:
        """Show icon, title and sentence instead of the page."""
        note = self._note
        if note is None or words != self._note_words:
            note = self._put_note(words)
        note.apply_theme(palette)
        self._pages.setCurrentWidget(note)

    def _put_note(self, words: tuple[str, str, str]) -> EmptyNote:
        """Put a note in the place of the one before."""
        if self._note is not None:
            self._pages.removeWidget(self._note)
            self._note.deleteLater()
        self._note, self._note_words = EmptyNote(*words), words
        self._pages.addWidget(self._note)
        return self._note

    def show_page(self) -> None:
        """Show the page."""
        self._pages.setCurrentIndex(0)

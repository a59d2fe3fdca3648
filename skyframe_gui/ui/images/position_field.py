"""The small field that takes a place to go to: x and y, or coordinates on the sky."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QLineEdit, QPushButton, QWidget

from skyframe_gui.app.model.places import (
    EXAMPLES,
    NotHereError,
    PlaceError,
    convention_words,
    place_of,
)
from skyframe_gui.ui.widgets import in_column, in_row, set_look, text_label

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.work.place_search import FoundPlace

WIDTH = 320
ELSEWHERE = "Not on this detector; looking on the others of this visit."
CLOSER = 2.0
"""By how much a whole exposure is enlarged about the place, as it would stay where it is."""


class PositionField(QFrame):
    """A popup over a pane; Return goes there, Esc closes it.

    Parameters
    ----------
    commands : Commands
    parent : QWidget
    zoom : float
        Of the pane now, in the window's pixels.
    """

    def __init__(self, commands: Commands, parent: QWidget, zoom: float) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("dockBody")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.Box)
        self.commands, self._zoom = commands, zoom
        self.field = QLineEdit()
        self.field.setPlaceholderText("x y, or RA Dec")
        self.field.setAccessibleName("Position to go to")
        self.convention = QPushButton()
        self.convention.setProperty("link", True)
        self.convention.setToolTip("Count x and y in another way")
        self.convention.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.words = text_label(EXAMPLES, "text2", plain=True, wraps=True)
        in_column(
            text_label("Go to position", "section"),
            in_row((self.field, 1), self.convention, spacing=8),
            self.words,
            on=self,
            margins=(12, 10, 12, 10),
            spacing=6,
        )
        self.setFixedWidth(WIDTH)
        self.field.returnPressed.connect(self._go)
        self.field.textEdited.connect(lambda: self._say(""))
        self.convention.clicked.connect(commands.panes.count_otherwise)
        commands.program.places.found.connect(self._on_found)
        # A popup outlives no click beside it, so it may listen for as long as it is there.
        commands.store.changed.connect(self._on_changed)
        self.show_state(commands.store.state)

    def show_state(self, state: State) -> None:
        """Say how pixels are counted."""
        shown = state.results.shown
        if shown is not None:
            self.convention.setText(convention_words(state.view, shown))

    def _on_changed(self, old: State, new: State) -> None:
        if old.view is not new.view:
            self.show_state(new)

    def _go(self) -> None:
        state = self.commands.store.state
        shown = state.results.shown
        if shown is None:
            self.close()
            return
        try:
            x, y = place_of(self.field.text(), state.view, shown)
        except NotHereError as error:
            places = self.commands.program.places
            if places.has_others:
                self._say(ELSEWHERE, bad=False)
                places.search(self.field.text())
            else:
                self._say(str(error))
            return
        except PlaceError as error:
            self._say(str(error))
            return
        self._go_to(x, y)

    def _go_to(self, x: float, y: float, key: str = "") -> None:
        view = self.commands.store.state.view
        is_whole = view.frames[view.active_frame] is None
        zoom = self._zoom * (CLOSER if is_whole else 1.0)
        if key:
            self.commands.select_exposure(key)
        self.commands.panes.go_to(x, y, zoom, key)
        self.close()

    def _on_found(self, text: str, found: FoundPlace) -> None:
        """Go to the detector that the place is on, unless another one was typed meanwhile."""
        if text != self.field.text():
            return
        if found.key:
            self._go_to(found.x, found.y, found.key)
        else:
            self._say(found.why)

    def _say(self, why: str, bad: bool = True) -> None:
        """Say below the field why nothing is gone to; with "" what can be written."""
        self.words.setText(why or EXAMPLES)
        set_look(self.field, "bad", bool(why) and bad)
        self.words.setMinimumHeight(self.words.heightForWidth(self.width() - 24))
        self.adjustSize()

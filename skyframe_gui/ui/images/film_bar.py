"""The bar over the panes while pictures blink or run as a film."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QFrame, QWidget

from skyframe_gui.app.model.film import film_words, open_marks, pictures_of, why_no_film
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.samples.controls import IconButton
from skyframe_gui.ui.theme import palette_of
from skyframe_gui.ui.toolbar_fields import fill, make_combo
from skyframe_gui.ui.widgets import ElidedLabel, in_row, set_sheet

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import Reel

HEIGHT, LOWEST = 36, 12
"""Of the bar, and over the lower edge of the panes."""
WORDS = 250
SHEET = """
#filmBar {{ background: {back}; border: 1px solid {border}; border-radius: 5px; }}
#filmBar QLabel {{ background: transparent; }}
"""
REELS: dict[Reel, str] = {
    "night": "detector, this night",
    "visits": "detector, all visits",
    "visit": "detectors of the visit",
    "marked": "marked",
    "set": "sky frames of the set",
}
SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class FilmBar(QFrame):
    """Says which picture is shown, and steers the film; it lies over the panes, which stay put."""

    def __init__(self, commands: Commands, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("filmBar")
        self.setAccessibleName("Film")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self._commands = film = commands.film
        self.back = IconButton("skip-previous", "Picture before (Shift+B)")
        self.play = IconButton("play", "Play the film (V)")
        self.on = IconButton("skip-next", "Next picture (B)")
        self.words = ElidedLabel("text")
        self.words.setFixedWidth(WORDS)
        self.reel = make_combo("What runs as a film")
        self.reel.setFixedWidth(156)
        self.seconds = make_combo("How long each picture stands")
        self.seconds.setFixedWidth(70)
        self.direction = IconButton("arrow-left", "Run backwards", checkable=True)
        self.close_ = IconButton("close", "End the film (Esc)")
        self.back.clicked.connect(lambda: film.step(-1))
        self.play.clicked.connect(film.toggle)
        self.on.clicked.connect(lambda: film.step(1))
        self.reel.activated.connect(lambda place: film.choose(list(REELS)[place]))
        self.seconds.activated.connect(lambda place: film.set_seconds(self._choices[place]))
        self.direction.clicked.connect(film.set_back)
        self.close_.clicked.connect(film.end)
        # Found wherever the focus is, as long as the bar is seen.
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.activated.connect(film.end)
        self._choices: tuple[float, ...] = SECONDS
        in_row(
            self.back,
            self.play,
            self.on,
            8,
            self.words,
            8,
            self.reel,
            4,
            self.seconds,
            4,
            self.direction,
            self.close_,
            on=self,
            margins=(6, 0, 6, 0),
        )
        self.hide()

    def show_state(self, state: State) -> None:
        """Paint the film of a state; nothing where there is none."""
        view = state.view
        self.setVisible(bool(view.film) and state.results.shown is not None)
        if self.isHidden():
            return
        palette = palette_of(state)
        set_sheet(self, SHEET.format(back=palette.chip, border=palette.border))
        words = why_no_film(state, view.reel) or film_words(state) or self._beside(state)
        self.words.setText(words)
        self.words.setToolTip(plain_tip(words))
        names = dict(REELS)
        marks = len(open_marks(state))
        names["marked"] = f"{marks} marked" if marks else "marked"
        fill(self.reel, tuple(names.values()), names[view.reel])
        self._choices = tuple(sorted({*SECONDS, view.film_seconds}))
        fill(self.seconds, tuple(map(_seconds, self._choices)), _seconds(view.film_seconds))
        for button in (self.back, self.on, self.direction, self.close_):
            button.apply_theme(palette)
        playing = view.film == "playing"
        self.play.apply_theme(palette, "pause" if playing else "play")
        tip = "Let the film stand (V)" if playing else "Play the film (V)"
        self.play.setToolTip(tip)
        self.play.setAccessibleName(tip.split(" (")[0])
        runs = len(pictures_of(state, view.reel)) > 1
        for button in (self.back, self.play, self.on):
            button.setEnabled(runs)
        self.direction.setChecked(view.film_back)
        self.place()

    def place(self) -> None:
        """Lie in the middle over the lower edge, as wide as there is room."""
        parent = self.parentWidget()
        if parent is None or self.isHidden():
            return
        room = parent.width() - 16
        self.words.setFixedWidth(WORDS)
        wanted = self.sizeHint().width()
        if wanted > room:
            self.words.setFixedWidth(max(WORDS - (wanted - room), 60))
            wanted = self.sizeHint().width()
        self.setGeometry(
            max((parent.width() - wanted) // 2, 0),
            max(parent.height() - HEIGHT - LOWEST, 0),
            wanted,
            HEIGHT,
        )
        self.raise_()

    def _beside(self, state: State) -> str:
        return f"{len(pictures_of(state, state.view.reel))} pictures; this is none of them"


def _seconds(seconds: float) -> str:
    return f"{seconds:g} s"

"""The bar of problems over the images: what went wrong, in one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from skyframe_gui.ui import theme
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.widgets import in_column, in_row, text_label

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.results import Problem
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.theme import Palette

MOST = 3


class Card(QWidget):
    """One problem.

    Attributes
    ----------
    closed : signal (str)
        The problem's text.
    details : signal ()
    """

    closed = pyqtSignal(str)
    details = pyqtSignal()

    def __init__(self, problem: Problem) -> None:
        super().__init__()
        self.problem = problem
        self.setObjectName("errorCard" if problem.detail else "warningCard")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon = QLabel()
        self._icon.setFixedWidth(16)
        self.text = text_label(problem.text, plain=True, wraps=True)
        self.text.setMinimumWidth(80)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        row = in_row(self._icon, (self.text, 1), on=self, margins=(11, 5, 8, 5), spacing=8)
        if problem.detail or problem.notes:
            button = QPushButton("Details")
            button.setToolTip("Show the log")
            button.clicked.connect(self.details)
            row.addWidget(button)
        self.close_button = QToolButton()
        self.close_button.setProperty("flat", True)
        self.close_button.setFixedSize(22, 22)
        self.close_button.setIconSize(QSize(14, 14))
        self.close_button.setToolTip("Dismiss")
        self.close_button.setAccessibleName("Dismiss this problem")
        self.close_button.clicked.connect(lambda: self.closed.emit(problem.text))
        row.addWidget(self.close_button)

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        bad = bool(self.problem.detail)
        icon = theme.icon(
            "alert-circle-outline" if bad else "alert", palette.error if bad else palette.warning
        )
        self._icon.setPixmap(icon.pixmap(16, 16))
        self.close_button.setIcon(theme.icon("close", palette.text2))


class ProblemsPanel(Panel):
    """As many cards as there are problems, the newest first; hidden where there is none.

    What several parts of the program say in the same words is said once, and so is what another
    one says besides more.

    Attributes
    ----------
    details : signal ()
        The log is wanted.
    """

    id = "problems"
    title = "Problems"
    area = "top"

    details = pyqtSignal()

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.cards: list[Card] = []
        self._all = False
        self.more = QPushButton()
        self.more.setProperty("link", True)
        self.more.clicked.connect(self._show_all)
        # The panel itself stays "visible" while it is empty, as hidden panels are not painted.
        self._body = QWidget()
        self._column = in_column(self.more, on=self._body, margins=(0, 0, 0, 4), spacing=4)
        self._body.hide()
        in_column(self._body, on=self)

    def watches(self, state: State) -> object:
        """Return the problems."""
        return state.problems

    def show_state(self, state: State) -> None:
        """Show the newest problems; cards whose problem is still there stay as they are."""
        newest = _once(state.problems)
        if len(newest) <= MOST:
            self._all = False
        shown = newest if self._all else newest[:MOST]
        kept = {id(card.problem): card for card in self.cards}
        cards = []
        for problem in shown:
            card = kept.pop(id(problem), None)
            if card is None:
                card = Card(problem)
                card.closed.connect(self._dismiss)
                card.details.connect(self.details)
            cards.append(card)
        for card in kept.values():
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        palette = theme.palette_of(state)
        for place, card in enumerate(cards):
            if self._column.indexOf(card) != place:
                self._column.insertWidget(place, card)
            card.apply_theme(palette)
        self.cards = cards
        rest = len(newest) - len(shown)
        self.more.setText(f"{rest} more")
        self.more.setVisible(rest > 0)
        self._body.setVisible(bool(cards))

    def _dismiss(self, text: str) -> None:
        """Dismiss all that is said in these words, or in some of them."""
        for problem in self.commands.store.state.problems:
            if problem.text in text:
                self.commands.dismiss(problem.origin)

    def _show_all(self) -> None:
        self._all = True
        self.show_state(self.commands.store.state)


def _once(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return problems, the newest first; of equal texts the one with details, else the oldest.

    The oldest, so that its card stays when the same is told again.
    """
    found: dict[str, Problem] = {}
    for problem in reversed(problems):
        known = found.get(problem.text)
        if known is None or problem.detail or not known.detail:
            found[problem.text] = problem
    return tuple(
        one
        for text, one in found.items()
        if one.detail or not any(text in more and text != more for more in found)
    )

"""What a crash leaves: the autosave of this window, and those of earlier ones offered at start."""

from __future__ import annotations

import os
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtWidgets import QLabel, QPushButton, QWidget

from skyframe_gui.app.model.problems import report, write_log
from skyframe_gui.app.project.autosave import EVERY_SECONDS, Autosave, left_over
from skyframe_gui.app.project.restore import last_opening
from skyframe_gui.ui import theme
from skyframe_gui.ui.arrangement import layout_of
from skyframe_gui.ui.dialogs.questions import ask_discard
from skyframe_gui.ui.panels.start import StartPanel
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.widgets import in_column, in_row, text_label

if TYPE_CHECKING:
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.project.autosave import LeftOver
    from skyframe_gui.ui.session_files import SessionFiles
    from skyframe_gui.ui.theme import Palette
    from skyframe_gui.ui.window import MainWindow

GAP = 12
"""Under a card, as in the picture of the start page."""


class CrashRecovery(QObject):
    """Autosaves a window while it is open, and offers what earlier ones have left.

    Parameters
    ----------
    window : MainWindow
    files : SessionFiles
    folder : path
        Of all autosaves.
    every : float, optional
        Seconds between two autosaves.
    """

    def __init__(
        self,
        window: MainWindow,
        files: SessionFiles,
        folder: str | os.PathLike[str],
        every: float = EVERY_SECONDS,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._files = files
        self.cards: list[RestoreCard] = []
        self._restored: object = None
        self.autosave = Autosave(
            window.store,
            folder,
            layout=lambda: layout_of(window.arrangement),
            of=lambda: files.path,
            every=every,
        )
        window.store.changed.connect(self._on_changed)
        window.installEventFilter(self)
        files.renamed.connect(self.autosave.write_now)
        files.saved.connect(self._on_saved)
        # An older one first: the filter of the session files may keep the window open.
        files.guard.start()
        files.lane.submit(
            "Look for sessions that did not close properly",
            lambda watch: left_over(folder),
            self._offer,
            failed=partial(report, window.store),
        )

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """End the autosave when the window closes."""
        if event is not None and event.type() == QEvent.Type.Close and watched is self._window:
            self._window.store.changed.disconnect(self._on_changed)
            self._window.removeEventFilter(self)
            self.autosave.close()
        return super().eventFilter(watched, event)

    def _offer(self, found: tuple[LeftOver, ...]) -> None:
        start = self._window.panels.get(StartPanel)
        for left in found:
            card = RestoreCard(left, first=not self.cards)
            card.restore.clicked.connect(lambda _=False, card=card: self._restore(card))
            card.discard.clicked.connect(lambda _=False, card=card: self._ask_discard(card))
            card.apply_theme(theme.palette_of(self._window.store.state))
            start.restore_place.addWidget(card)
            start.restore_place.addSpacing(GAP)
            self.cards.append(card)
        if found and not start.isVisible():
            write_log(
                self._window.store,
                "The last session did not close properly; New session in the File menu shows the "
                "start page, which offers it.",
            )

    def _restore(self, card: RestoreCard) -> None:
        if self._files.restoring:
            return

        def done() -> None:
            self._take_away(card)
            self.autosave.replaces(card.left)
            self._restored = last_opening(self._window.store)

        self._files.restore(card.left, done)

    def _on_saved(self) -> None:
        # Another session that was opened since then has nothing of what was restored.
        if self._restored is not None and last_opening(self._window.store) is self._restored:
            self._restored = None
            self.autosave.let_go()

    def _ask_discard(self, card: RestoreCard) -> None:
        if card.left.n_unsaved:
            ask_discard(self._window, card.left, lambda: self._discard(card))
        else:
            self._discard(card)

    def _discard(self, card: RestoreCard) -> None:
        self._files.lane.submit(
            "Discard the session",
            lambda watch: card.left.discard(),
            lambda _: self._take_away(card),
            failed=partial(report, self._window.store),
        )

    def _take_away(self, card: RestoreCard) -> None:
        place = self._window.panels.get(StartPanel).restore_place
        self.cards.remove(card)
        index = place.indexOf(card)
        place.takeAt(index)
        place.takeAt(index)  # the gap under it
        card.hide()
        card.deleteLater()

    def _on_changed(self, old: State, new: State) -> None:
        if old.view.theme != new.view.theme:
            for card in self.cards:
                card.apply_theme(theme.palette_of(new))


class RestoreCard(QWidget):
    """Offers the autosave of a run that did not end well.

    Parameters
    ----------
    left : LeftOver
    first : bool
        Whether it is the newest.
    """

    def __init__(self, left: LeftOver, first: bool = True) -> None:
        super().__init__()
        self.left = left
        self.setObjectName("warningCard")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon = QLabel()
        self._icon.setFixedWidth(16)
        which = "The last session" if first else "An earlier session"
        head = f"{which} did not close properly."
        self.text = text_label(wraps=True)
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setText(f'<span style="font-weight:600">{head}</span> {_escaped(_text_of(left))}')
        self.text.setToolTip(plain_tip(_tip(left)))
        self.restore = QPushButton("Restore")
        self.restore.setToolTip("Open it as it was saved by itself")
        self.restore.setVisible(not left.why)
        self.discard = QPushButton("Discard")
        self.discard.setToolTip("Remove what was saved by itself; files and session files stay")
        buttons = (self.restore, self.discard)
        for button in buttons:
            button.setFixedHeight(28)
            button.setMinimumWidth(72)
        inner = QWidget()
        parts = (self._icon, (self.text, 1), *buttons)
        in_row(*parts, on=inner, margins=(11, 6, 8, 6), spacing=8)
        in_column(inner, on=self)

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._icon.setPixmap(theme.icon("alert", palette.warning).pixmap(16, 16))


def _text_of(left: LeftOver) -> str:
    if left.why:
        return "What was saved of it cannot be read; Discard removes it."
    name = os.path.basename(left.of) if left.of else _contents(left)
    one = left.of or left.n_files + left.n_unsaved < 2
    saved = "was saved by itself" if one else "were saved by themselves"
    return " ".join(word for word in (name, saved, _when(left.saved)) if word) + "."


def _contents(left: LeftOver) -> str:
    counts = ((left.n_files, "file"), (left.n_unsaved, "unsaved sky frame"))
    words = [f"{n} {word}{'s' * (n != 1)}" for n, word in counts if n]
    return " and ".join(words) or "A session without files"


def _when(saved: str) -> str:
    """Return "at 18:04" of today, else "on 2026-11-21 at 18:04", local time."""
    try:
        at = datetime.fromisoformat(saved).astimezone()
    except (ValueError, OverflowError):  # a damaged date says nothing
        return ""
    clock = at.strftime("at %H:%M")
    today = at.date() == datetime.now().astimezone().date()
    return clock if today else f"{at.strftime('on %Y-%m-%d')} {clock}"


def _tip(left: LeftOver) -> str:
    return left.why or "\n".join(one for one in (left.of, _contents(left)) if one)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

"""The card on the start page that offers what a crash has left."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QPushButton, QWidget

from skyframe_gui.ui import theme
from skyframe_gui.ui.widgets import in_column, in_row, text_label

if TYPE_CHECKING:
    from skyframe_gui.app.project.autosave import LeftOver
    from skyframe_gui.ui.theme import Palette


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
        self.text.setToolTip(_tip(left))
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

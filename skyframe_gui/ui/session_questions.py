"""What is asked before something is lost, and the card that offers what a crash has left."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMessageBox, QPushButton, QVBoxLayout, QWidget

from skyframe_gui.ui import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from skyframe_gui.app.autosave import LeftOver
    from skyframe_gui.ui.theme import Palette


def ask_before_losing(
    parent: QWidget,
    losses: Sequence[str],
    without: str,
    save: Callable[[], None],
    go_on: Callable[[], None],
) -> QMessageBox:
    """Ask whether to save the session, to go on without saving, or to stay.

    Parameters
    ----------
    parent : QWidget
    losses : sequence of str
        What would be lost, a sentence each.
    without : str
        What going on is called, such as "Close without saving".
    save, go_on : callable
    """
    box = _box(parent, "lose", "Save the session?", "\n".join(losses))
    box.setInformativeText(
        "A session file keeps what was set and excluded; sky frames that are not saved are built "
        "again when it is opened."
    )
    yes = box.addButton("Save session", QMessageBox.ButtonRole.AcceptRole)
    no = box.addButton(without, QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(yes)
    box.buttonClicked.connect(
        lambda button: save() if button is yes else go_on() if button is no else None
    )
    box.open()
    return box


def ask_replace(parent: QWidget, path: str, yes: Callable[[], None]) -> QMessageBox:
    """Ask whether a file may be replaced."""
    box = _box(parent, "replace", "Replace the file?", f"{os.path.basename(path)} exists already.")
    box.setInformativeText("Replacing it cannot be undone.")
    return _ask(box, "Replace", yes)


def ask_discard(parent: QWidget, left: LeftOver, yes: Callable[[], None]) -> QMessageBox:
    """Ask whether what a crash has left may go, sky frames with it."""
    n = left.n_unsaved
    what = (
        f"{n} sky frames that were never saved." if n > 1 else "a sky frame that was never saved."
    )
    box = _box(parent, "discard", "Discard the session?", f"It has {what}")
    box.setInformativeText("Discarding it cannot be undone.")
    return _ask(box, "Discard", yes)


def _ask(box: QMessageBox, what: str, yes: Callable[[], None]) -> QMessageBox:
    button = box.addButton(what, QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.buttonClicked.connect(lambda one: yes() if one is button else None)
    box.open()
    return box


def _box(parent: QWidget, name: str, title: str, text: str) -> QMessageBox:
    box = QMessageBox(parent)
    box.setObjectName(name)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    box.finished.connect(box.deleteLater)
    return box


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
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setText(f'<span style="font-weight:600">{head}</span> {_escaped(_told(left))}')
        self.text.setWordWrap(True)
        self.text.setToolTip(_tip(left))
        self.restore = QPushButton("Restore")
        self.restore.setToolTip("Open it as it was saved by itself")
        self.restore.setVisible(not left.why)
        self.discard = QPushButton("Discard")
        self.discard.setToolTip("Remove what was saved by itself; files and session files stay")
        row = QHBoxLayout()
        row.setContentsMargins(11, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        for button in (self.restore, self.discard):
            button.setFixedHeight(28)
            button.setMinimumWidth(72)
            row.addWidget(button)
        inner = QWidget()
        inner.setLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(inner)

    def dress(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._icon.setPixmap(theme.icon("alert", palette.warning).pixmap(16, 16))


def _told(left: LeftOver) -> str:
    if left.why:
        return f"It cannot be restored: {left.why}"
    name = os.path.basename(left.of) if left.of else _contents(left)
    were = "was" if left.of or left.n_files + left.n_unsaved == 1 else "were"
    when = _when(left.saved)
    return f"{name} {were} saved by itself{' ' if when else ''}{when}."


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
    return "" if left.why else "\n".join(one for one in (left.of, _contents(left)) if one)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

"""What is asked: for session files, and before something is lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog, QMessageBox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.app.project.autosave import LeftOver

FILTER = "Sessions (*.sky);;All files (*)"


def ask_file(
    parent: QWidget, folder: str, chosen: Callable[[str], None], save_as: str = ""
) -> QFileDialog:
    """Ask for a session file to open, or to save to if a name is proposed."""
    title = "Save session" if save_as else "Open session"
    dialog = QFileDialog(parent, title, folder, FILTER)
    if save_as:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setDefaultSuffix("sky")
        # Qt's own question would be a nested loop.
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.selectFile(save_as)
    else:
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


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
        "A session file keeps what was set and excluded; sky frames that are not saved come back "
        "with it."
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


def ask_replace(parent: QWidget, path: str, yes: Callable[[], object]) -> QMessageBox:
    """Ask whether a file may be replaced."""
    box = _box(parent, "replace", "Replace the file?", f"{os.path.basename(path)} exists already.")
    box.setInformativeText("Replacing it cannot be undone.")
    return _ask(box, "Replace", yes)


def ask_changed(
    parent: QWidget, text: str, replace: Callable[[], object], save_as: Callable[[], object]
) -> QMessageBox:
    """Ask whether a session file that somebody else has changed may be replaced."""
    box = _box(parent, "changed", "Replace the session?", text)
    box.setInformativeText(
        "Another window or program has written it. Replacing it loses what is there now."
    )
    yes = box.addButton("Replace", QMessageBox.ButtonRole.DestructiveRole)
    other = box.addButton("Save as…", QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(other)
    box.buttonClicked.connect(
        lambda button: replace() if button is yes else save_as() if button is other else None
    )
    box.open()
    return box


def ask_discard(parent: QWidget, left: LeftOver, yes: Callable[[], None]) -> QMessageBox:
    """Ask whether what a crash has left may go, sky frames with it."""
    n = left.n_unsaved
    what = (
        f"{n} sky frames that were never saved." if n > 1 else "a sky frame that was never saved."
    )
    box = _box(parent, "discard", "Discard the session?", f"It has {what}")
    box.setInformativeText("Discarding it cannot be undone.")
    return _ask(box, "Discard", yes)


def _ask(box: QMessageBox, what: str, yes: Callable[[], object]) -> QMessageBox:
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

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

    Choice = tuple[str, Callable[[], object]]

FILTER = "Sessions (*.sky);;All files (*)"


def ask_file(
    parent: QWidget, folder: str, chosen: Callable[[str], None], save_as: str = ""
) -> QFileDialog:
    """Ask for a session file to open, or to save to if a name is proposed."""
    if save_as:
        return ask_path(parent, "Save session", folder, FILTER, save_as, chosen)
    dialog = QFileDialog(parent, "Open session", folder, FILTER)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def ask_path(
    parent: QWidget,
    title: str,
    folder: str,
    filters: str,
    name: str,
    chosen: Callable[[str], None],
) -> QFileDialog:
    """Ask where to save; a name is proposed, whose ending others get that have none.

    Nothing is asked of a file that exists: Qt's own question would be a nested loop.
    """
    dialog = QFileDialog(parent, title, folder, filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(name.rpartition(".")[2])
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
    dialog.selectFile(name)
    dialog.fileSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def ask_export(
    parent: QWidget,
    title: str,
    folders: dict[str, str],
    filters: str,
    name: str,
    write: Callable[[str, bool], object],
) -> QFileDialog:
    """Ask where to write, at first in the folder of exports; ask again before a file is replaced.

    ``write`` is called with the path, and whether a file may be replaced.
    """

    def chosen(path: str) -> None:
        folders["export"] = os.path.dirname(path)
        if os.path.lexists(path):
            ask_replace(parent, path, lambda: write(path, True))
        else:
            write(path, False)

    return ask_path(parent, title, folders.get("export", ""), filters, name, chosen)


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
    return _ask(box, (without, go_on), ("Save session", save))


def ask_to_stop(parent: QWidget, running: Sequence[str], go_on: Callable[[], None]) -> QMessageBox:
    """Ask whether the window may be closed in the middle of work, which that stops."""
    box = _box(parent, "stop", "Stop and close?", "\n".join(running))
    box.setInformativeText("What is written by then stays; nothing else is lost.")
    return _ask(box, ("Stop and close", go_on))


def ask_replace(parent: QWidget, path: str, yes: Callable[[], object]) -> QMessageBox:
    """Ask whether a file may be replaced."""
    box = _box(parent, "replace", "Replace the file?", f"{os.path.basename(path)} exists already.")
    box.setInformativeText("Replacing it cannot be undone.")
    return _ask(box, ("Replace", yes))


def ask_changed(
    parent: QWidget, text: str, replace: Callable[[], object], save_as: Callable[[], object]
) -> QMessageBox:
    """Ask whether a session file that somebody else has changed may be replaced."""
    box = _box(parent, "changed", "Replace the session?", text)
    box.setInformativeText(
        "Another window or program has written it. Replacing it loses what is there now."
    )
    return _ask(box, ("Replace", replace), ("Save as…", save_as))


def ask_discard(parent: QWidget, left: LeftOver, yes: Callable[[], None]) -> QMessageBox:
    """Ask whether what a crash has left may go, sky frames with it."""
    n = left.n_unsaved
    what = (
        f"{n} sky frames that were never saved." if n > 1 else "a sky frame that was never saved."
    )
    box = _box(parent, "discard", "Discard the session?", f"It has {what}")
    box.setInformativeText("Discarding it cannot be undone.")
    return _ask(box, ("Discard", yes))


def _ask(box: QMessageBox, loses: Choice, keeps: Choice | None = None) -> QMessageBox:
    """Open a box with what loses something, what keeps it, and Cancel; the safest is at hand."""
    usual = box.addButton(QMessageBox.StandardButton.Cancel)
    acts: dict[object, Callable[[], object]] = {usual: lambda: None}
    acts[box.addButton(loses[0], QMessageBox.ButtonRole.DestructiveRole)] = loses[1]
    if keeps is not None:
        usual = box.addButton(keeps[0], QMessageBox.ButtonRole.AcceptRole)
        acts[usual] = keeps[1]
    box.setDefaultButton(usual)
    box.buttonClicked.connect(lambda button: acts[button]())
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

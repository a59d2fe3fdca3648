"""Log: what the program has done and met, to read, copy and send with a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontDatabase, QTextCursor
from PyQt6.QtWidgets import QFileDialog, QPlainTextEdit, QPushButton, QStackedWidget, QWidget
from typing_extensions import override

from skyframe_gui.app.model.problems import MOST_LINES, clear_problem, report, write_log
from skyframe_gui.app.model.results import Problem
from skyframe_gui.ui import theme
from skyframe_gui.ui.data.empty import EmptyHint
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.widgets import in_column, in_row, text_label

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State


class LogPanel(Panel):
    """The log's lines, the newest at the end."""

    id = "log"
    title = "Log"
    area = "bottom"
    order = 91

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self._lines: tuple[str, ...] = ()
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setMaximumBlockCount(MOST_LINES)
        self.text.setAccessibleName("Log")
        self.text.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
        self.text.setStyleSheet(
            f'QPlainTextEdit {{ border: none; font-family: "{fixed}"; font-size: 12px; }}'
        )
        self.copy_button = QPushButton("Copy")
        self.copy_button.setToolTip("Copy the whole log")
        self.copy_button.clicked.connect(self.copy_text)
        self.save_button = QPushButton("Save…")
        self.save_button.setToolTip("Save the log as a text file")
        self.save_button.clicked.connect(self.ask_save)
        self._count = text_label(role="hint")
        bar = in_row(
            (self._count, 1), self.copy_button, self.save_button, margins=(8, 4, 8, 4), spacing=-1
        )
        full = QWidget()
        in_column(bar, (self.text, 1), on=full)
        self._empty = EmptyHint(
            "text-box-outline", "Nothing logged yet", "What is opened, built and met appears here."
        )
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(full)
        in_column(self._pages, on=self)

    def watches(self, state: State) -> object:
        """Return the lines."""
        return state.log

    @override
    def copied_text(self) -> str:
        return "\n".join(self._lines)

    def show_state(self, state: State) -> None:
        """Add the new lines; stay at the end only if the end was in sight."""
        self._empty.apply_theme(theme.palette_of(state))
        self._pages.setCurrentIndex(1 if state.log else 0)
        if state.log == self._lines:
            return
        new = _added(self._lines, state.log)
        bar = self.text.verticalScrollBar()
        at_end = bar is None or bar.value() >= bar.maximum()
        if new is None:
            self.text.setPlainText("\n".join(state.log))
        else:
            self.text.appendPlainText("\n".join(new))
        self._lines = state.log
        n = len(state.log)
        self._count.setText(f"{n} line{'s' * (n != 1)}")
        if at_end and bar is not None:
            if new is None:
                self.text.moveCursor(QTextCursor.MoveOperation.End)
            bar.setValue(bar.maximum())

    def ask_save(self) -> QFileDialog:
        """Ask for a file to save the log in."""
        dialog = QFileDialog(self, "Save the log", "skyframe-gui.log")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(self.save)
        dialog.open()
        return dialog

    def save(self, path: str) -> None:
        """Write the log to a file."""
        store = self.commands.store
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n".join(self._lines) + "\n")
        except OSError as error:
            why = error.strerror or type(error).__name__
            text = f"{path}: the log cannot be saved there ({why}); choose another folder."
            report(store, Problem("log", text))
        else:
            clear_problem(store, "log")
            write_log(store, f"Saved the log as {path}.")


def _added(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the lines that are new at the end; None where the log is another one."""
    if not old:
        return None
    if new[: len(old)] == old:
        return new[len(old) :]
    # A full log drops its first lines as new ones come.
    for dropped in range(1, len(old)):
        kept = old[dropped:]
        if new[: len(kept)] == kept:
            return new[len(kept) :]
    return None

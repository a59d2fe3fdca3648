"""How configs come in and go out: the dialogs, and what is done with what they are given."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from skyframe_gui.app.model.problems import report, write_log
from skyframe_gui.app.model.results import Problem
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files.atomic import write_text
from skyframe_gui.files.config.write import as_arguments, as_overrides, as_yaml
from skyframe_gui.files.recovery import recover
from skyframe_gui.ui.clipboard import copy_text
from skyframe_gui.ui.widgets import STRETCH, in_column, in_row, text_label

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.work.config_texts import Taken
    from skyframe_gui.engine import SkyMeasurementConfig, Watch

LABEL, PREFIX = "skyCorr", "sky"
"""Of LSST's task that applies sky frames, and of the measurement in its config."""
FORMATS = ("Override file", "-c arguments", "YAML")
ORIGIN = "config"
"""Of problems with what comes in and goes out."""
FILTER = "Configs (*.py *.yaml *.yml);;All files (*)"


def ask_config(parent: QWidget, chosen: Callable[[str], None]) -> QFileDialog:
    """Ask for a config file."""
    dialog = QFileDialog(parent, "Import a config", "", FILTER)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(chosen)
    return _opened(dialog)


def _opened(dialog: QFileDialog) -> QFileDialog:
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


class _Dialog(QDialog):
    """A text of some lines over a row of buttons; closed for good when it is closed."""

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.column = in_column(on=self, margins=(16, 16, 16, 16), spacing=8)
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)  # Tab goes on to the buttons
        self.text.setStyleSheet("padding: 4px; font-size: 12px;")
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.resize(560, 420)
        self.finished.connect(self.deleteLater)

    def add_buttons(self, *buttons: tuple[str, Callable[[], object]]) -> list[QPushButton]:
        """Add buttons at the right; the last one is what the dialog is for."""
        row = in_row(STRETCH, spacing=-1)
        made = []
        for name, act in buttons:
            button = QPushButton(name)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, act=act: act())
            row.addWidget(button)
            made.append(button)
        made[-1].setProperty("primary", True)
        self.column.addLayout(row)
        return made


class PasteDialog(_Dialog):
    """Takes override lines or YAML.

    Attributes
    ----------
    submitted : signal (str)
    """

    submitted = pyqtSignal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Paste overrides")
        hint = text_label(
            "Lines such as config.sky.skyRej = 3.0, or YAML. They are read, never run; fields "
            "that they do not name stay as they are.",
            "text2",
            wraps=True,
        )
        self.column.addWidget(hint)
        self.column.addWidget(self.text, 1)
        self.why = text_label(role="error", plain=True, wraps=True)
        self.why.hide()
        self.column.addWidget(self.why)
        clipboard = QApplication.clipboard()
        if clipboard is not None and _looks_like_config(clipboard.text()):
            self.text.setPlainText(clipboard.text())
        self.text.setAccessibleName("Override lines")
        self.add_buttons(
            ("Cancel", self.reject),
            ("Apply", lambda: self.submitted.emit(self.text.toPlainText())),
        )

    def refuse(self, why: str) -> None:
        """Say what is wrong; the text stays to be mended."""
        self.why.setText(why)
        self.why.show()


def _looks_like_config(text: str) -> bool:
    return len(text) < 1 << 16 and any(sign in text for sign in ("config.", ": "))


class ExportDialog(_Dialog):
    """Shows the config as text in the form that is chosen, to be copied or saved.

    Parameters
    ----------
    parent : QWidget
    config, preset : SkyMeasurementConfig
        What goes out, and what "changed" is compared with.
    preset_name : str
    save : callable
        Called with a path and the text.
    """

    def __init__(
        self,
        parent: QWidget,
        config: SkyMeasurementConfig,
        preset: SkyMeasurementConfig,
        preset_name: str,
        save: Callable[[str, str], None],
    ) -> None:
        super().__init__(parent, "Export the config")
        self._config, self._preset, self._save = config, preset, save
        self.format = QComboBox()
        self.format.setToolTip("Format of the file")
        self.format.addItems(FORMATS)
        self.label = QLineEdit(LABEL)
        self.label.setToolTip("Label of the task in the pipeline, before the colon of -c")
        self.prefix = QLineEdit(PREFIX)
        self.prefix.setToolTip("Where the fields are in the task's config; empty for at its top")
        self.changed_only = QCheckBox(f"Only fields that differ from {preset_name}")
        self.changed_only.setChecked(config != preset)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        for name, widget in (
            ("Format", self.format),
            ("Task label", self.label),
            ("Prefix", self.prefix),
            ("", self.changed_only),
        ):
            form.addRow(name, widget)
        self.column.addLayout(form)
        self.text.setReadOnly(True)
        self.text.setAccessibleName("The config as text")
        self.column.addWidget(self.text, 1)
        _, self._copy, self._keep = self.add_buttons(
            ("Close", self.reject),
            ("Copy", lambda: copy_text(self.text.toPlainText())),
            ("Save…", self.ask_path),
        )
        self.format.currentTextChanged.connect(self.write)
        self.label.textChanged.connect(self.write)
        self.prefix.textChanged.connect(self.write)
        self.changed_only.toggled.connect(self.write)
        self.write()

    def write(self) -> None:
        """Write the text anew."""
        form, label, prefix = self.format.currentText(), self.label.text(), self.prefix.text()
        base = self._preset if self.changed_only.isChecked() else None
        self.label.setEnabled(form == FORMATS[1])
        self.prefix.setEnabled(form != FORMATS[2])
        try:
            if form == FORMATS[0]:
                text = as_overrides(self._config, prefix, base)
            elif form == FORMATS[1]:
                text = " ".join(as_arguments(self._config, label, base, prefix))
            else:
                text = as_yaml(self._config, base)
            wrong = False
        except SkyFrameError as error:
            text, wrong = str(error), True
        self.text.setPlainText(text)
        for button in (self._copy, self._keep):
            button.setEnabled(not wrong)

    def ask_path(self) -> QFileDialog:
        """Ask where to save."""
        suffix = "yaml" if self.format.currentText() == FORMATS[2] else "py"
        dialog = QFileDialog(self, "Save the config", f"sky.{suffix}", FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(suffix)
        dialog.fileSelected.connect(self._on_path)
        return _opened(dialog)

    def _on_path(self, path: str) -> None:
        self._save(path, self.text.toPlainText())
        self.accept()


class ConfigExchange:
    """Takes configs from files and from typed lines, and gives them out as files and as text.

    Parameters
    ----------
    parent : QWidget
        Over which is asked.
    commands : Commands
    """

    def __init__(self, parent: QWidget, commands: Commands) -> None:
        self._parent, self._commands = parent, commands

    def ask_import(self) -> None:
        """Ask for an override file and take its config."""
        ask_config(self._parent, self.import_file)

    def import_file(self, path: str) -> None:
        """Take the config of a file; fields that it does not set are the preset's, and told."""
        from skyframe_gui.app.work import config_texts

        state = self._commands.store.state
        before, base, preset = state.config, state.preset, state.preset_name

        def read() -> Taken:
            taken = config_texts.read(path, base)
            reset = config_texts.words_on_reset(before, taken.config, base)
            if not reset:
                return taken
            words = f"Fields that the file does not name are back at {preset}: {reset}."
            return replace(taken, problem="\n".join(filter(None, (taken.problem or path, words))))

        self._take(f"Import {path}", read, self._on_failed, lambda: None)

    def ask_paste(self) -> None:
        """Ask for override lines and make them in the config."""
        from skyframe_gui.app.work import config_texts

        dialog = PasteDialog(self._parent)

        def take(text: str) -> None:
            base = self._commands.store.state.config
            self._take(
                "Paste overrides",
                lambda: config_texts.Taken(config_texts.parse(text, base)),
                lambda problem: dialog.refuse(problem.text),
                dialog.accept,
            )

        dialog.submitted.connect(take)
        dialog.open()

    def _take(
        self,
        label: str,
        read: Callable[[], Taken],
        failed: Callable[[Problem], None],
        then: Callable[[], None],
    ) -> None:
        def done(taken: Taken) -> None:
            self._commands.dismiss(ORIGIN)
            self._commands.set_config(taken.config, "import a config")
            if taken.problem:
                report(self._commands.store, Problem(ORIGIN, taken.problem))
            then()

        self._commands.program.tasks.run(label, lambda _: read(), done, failed)

    def _on_failed(self, problem: Problem) -> None:
        report(self._commands.store, replace(problem, origin=ORIGIN))

    def ask_export(self) -> None:
        """Show the config as text, to be saved or copied."""
        state = self._commands.store.state
        ExportDialog(
            self._parent, state.config, state.preset, state.preset_name, self.export
        ).open()

    def export(self, path: str, text: str) -> None:
        """Write a config's text; the dialog has asked whether a file may be replaced."""

        def work(_: Watch) -> tuple[str, ...]:
            notes = recover(os.path.dirname(path) or os.curdir)
            write_text(path, text, overwrite=True)
            return notes

        def done(notes: tuple[str, ...]) -> None:
            self._commands.dismiss(ORIGIN)
            write_log(self._commands.store, *notes, f"The config was saved as {path}.")

        self._commands.program.tasks.run(f"Save {path}", work, done, self._on_failed)

    def copy_arguments(self) -> None:
        """Put the changed fields on the clipboard as arguments of pipetask."""
        state = self._commands.store.state
        base = None if state.config == state.preset else state.preset
        copy_text(" ".join(as_arguments(state.config, LABEL, base, PREFIX)))

    def copy_yaml(self) -> None:
        """Put the whole config on the clipboard as YAML."""
        copy_text(as_yaml(self._commands.store.state.config))

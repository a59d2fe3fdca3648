"""The dialog that exports: what, where to, and which files that makes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QFileSystemWatcher, Qt, QUrl
from PyQt6.QtGui import QDesktopServices, QFontMetrics, QShowEvent
from PyQt6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from skyframe_gui.app.export.plan import make_plan, why_no_built_frames
from skyframe_gui.app.export.write import arguments, start_export
from skyframe_gui.app.model.queries import shown_exposure
from skyframe_gui.app.model.remembered import Same
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.ui import theme
from skyframe_gui.ui.clipboard import copy_text
from skyframe_gui.ui.dialogs.export_choices import Choices
from skyframe_gui.ui.dialogs.files import ask_folder
from skyframe_gui.ui.dialogs.planned_files import PlannedFiles, PlannedFilesTable
from skyframe_gui.ui.panel_pictures import png_of, svg_of
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.widgets import STRETCH, in_column, in_row, one_shot, set_look, text_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.export.values import Exported, Plan, Wishes
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.panel import Panel

PAUSE_MS = 80
SIZE = (920, 640)
LONGEST_WORD = 480
"""Pixels; longer ones, such as paths, are told with their middle left out."""
MOST_FAILURES = 3


class ExportDialog(QDialog):
    """Not modal: it follows the session while it is open. One a window, shown again and again.

    Parameters
    ----------
    parent : QWidget
        The window.
    commands : Commands
    panels : iterable of Panel
        Of which pictures can be taken; only those that show results and are visible then are.
    """

    def __init__(self, parent: QWidget, commands: Commands, panels: Iterable[Panel] = ()) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export")
        self.resize(*SIZE)
        self._commands = commands
        self._panels = panels
        self._plan: Plan | None = None
        self._exported: Exported | None = None
        self._pause = one_shot(self, self.refresh, PAUSE_MS)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._pause.start)
        self._make()
        commands.store.changed.connect(self._on_changed)
        self.finished.connect(lambda _: self._watch(""))

    def _make(self) -> None:
        self.choices = Choices()
        self.choices.changed.connect(self._on_choice)
        self.choices.copy.connect(self._copy_arguments)
        inside = QFrame()
        in_column(self.choices, STRETCH, on=inside, margins=(16, 16, 16, 16), spacing=-1)
        side = QScrollArea()  # for low screens
        side.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields have the keys, and scroll it
        side.setWidget(inside)
        side.setWidgetResizable(True)
        side.setFrameShape(QFrame.Shape.NoFrame)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side.setFixedWidth(300)

        self.folder = QLineEdit()
        self.folder.setAccessibleName("Folder to write to")
        self.folder.setToolTip("Folder to write to; made if needed")
        self.folder.textChanged.connect(self._on_choice)
        browse = QPushButton("Choose…")
        browse.setToolTip("Choose the folder to write to")
        browse.clicked.connect(lambda: ask_folder(self, self.folder.text(), self.folder.setText))
        label = text_label("Folder", "text2")
        label.setBuddy(self.folder)
        top = in_row(label, (self.folder, 1), browse, spacing=8)

        self.files = PlannedFiles()
        self.table = PlannedFilesTable(self.files)

        self.replace_existing = QCheckBox("Replace existing files")
        self.replace_existing.setToolTip("Files that are open are never replaced")
        self.replace_existing.toggled.connect(self._on_choice)
        self.summary = text_label(role="hint")
        under = in_row(self.replace_existing, STRETCH, self.summary, spacing=-1)

        right = in_column(top, (self.table, 1), under, margins=(16, 16, 16, 12), spacing=8)

        self.message = text_label(plain=True, wraps=True)
        # Else a label is never narrower than its longest word, which may be a path.
        policy = self.message.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        self.message.setSizePolicy(policy)
        self.message.setFont(theme.font(12))
        self.open_folder = QPushButton("Open folder")
        self.open_folder.setProperty("link", True)
        self.open_folder.setToolTip("Show the written files in the file manager")
        self.open_folder.clicked.connect(self._open_folder)
        self.open_folder.setAutoDefault(False)
        self.open_folder.hide()
        close = QPushButton("Close")
        close.setToolTip("Close (Esc)")
        close.clicked.connect(self.close)
        close.setAutoDefault(False)
        self.export_button = QPushButton("Export")
        self.export_button.setProperty("primary", True)
        self.export_button.clicked.connect(self.export)
        browse.setAutoDefault(False)
        bar = QWidget()
        bar.setObjectName("statusbar")  # looks like the window's
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        in_row(
            (self.message, 1),
            self.open_folder,
            8,
            close,
            self.export_button,
            on=bar,
            margins=(16, 12, 16, 12),
            spacing=8,
        )

        body = in_row(side, _rule(), (right, 1))
        in_column((body, 1), bar, on=self)
        self.export_button.setDefault(True)  # in its dialog only Qt knows whose Return it is

    def offer_corrected(self) -> None:
        """Tick the whole sky correction of the shown visit, and nothing else of exposures."""
        self.choices.tick_corrected()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Begin with the folder of the last export and the files of today."""
        super().showEvent(event)
        if not self.folder.text():
            self.folder.setText(_first_folder(self._commands))
        self.choices.offer(tuple(panel.title for panel in self._visible()))
        self._exported = None
        self.refresh()

    def wishes(self) -> Wishes:
        """Return what is asked for."""
        text = self.folder.text().strip()
        folder = Path(os.path.abspath(os.path.expanduser(text))) if text else Path()
        names = [name for _, name in self._pictures()]
        return self.choices.wishes(folder, tuple(names), self.replace_existing.isChecked())

    def refresh(self) -> None:
        """Show which files will be written now."""
        self._pause.stop()
        if not self.isVisible():
            return
        state = self._commands.store.state
        self.choices.offer_sky_frames(why_no_built_frames(state))
        wishes = self.wishes()
        self._plan = plan = make_plan(state, wishes)
        written = self._written(plan)
        self.files.show_plan(plan, theme.palette_of(state), written)
        self._watch(str(wishes.folder) if self.folder.text().strip() else "")
        n = len(plan.files)
        exist = sum(file.exists and file.name not in written for file in plan.files)
        there = f", {exist} exist{'s' * (exist == 1)}" if exist else ""
        self.summary.setText(f"{n} file{'s' * (n != 1)}{there}" if n else "")
        why = plan.why_not
        if not self.folder.text().strip():
            why = "Choose a folder to write to."
        self.export_button.setText(f"Export {n} file{'s' * (n != 1)}" if n else "Export")
        self.export_button.setEnabled(not why)
        self._show_message(why, plan.notes)

    def export(self) -> None:
        """Write the files, in the task lane."""
        self.refresh()
        if self._plan is None or not self.export_button.isEnabled():
            return
        pictures, unmade = {}, []
        for panel, name in self._pictures():
            try:
                png = name.endswith(".png")
                pictures[name] = png_of(panel) if png else svg_of(panel, panel.title)
            except SkyFrameError as error:
                unmade.append(f"{name} was not made: {error}")
        self._commands.folders["export"] = str(self._plan.folder)
        self._exported = None
        start_export(self._commands.program, self._plan, pictures, self._on_exported, unmade)

    def _on_exported(self, exported: Exported) -> None:
        self._exported = exported
        self.refresh()

    def _written(self, plan: Plan) -> frozenset[str]:
        """Return the names of the plan's files that the last export has written."""
        if self._exported is None or self._exported.folder != plan.folder:
            return frozenset()
        return frozenset(map(os.path.basename, self._exported.paths))

    def _show_message(self, why_not: str, notes: tuple[str, ...]) -> None:
        """Tell the outcome of the last export until something else is chosen, else what hinders."""
        done = self._exported
        if done is not None and not done.failed:
            text, role = done.line, "text2"
        elif done is not None:
            text, role = _failures(done), "error"
        else:
            text, role = why_not or " ".join(notes), "text2"
        self.message.setText(_with_short_words(text, self.message.fontMetrics()))
        self.message.setToolTip(plain_tip(text))
        if self.message.property("role") != role:
            set_look(self.message, "role", role)
        self.open_folder.setVisible(done is not None and bool(done.paths))

    def _on_choice(self) -> None:
        self._exported = None
        self._pause.start()

    def _on_changed(self, old: State, new: State) -> None:
        if self.isVisible() and _watched(old) != _watched(new):
            self._pause.start()

    def _watch(self, folder: str) -> None:
        wanted = [folder] if os.path.isdir(folder) else []
        watched = self._watcher.directories()
        if watched != wanted:
            if watched:
                self._watcher.removePaths(watched)
            if wanted:
                self._watcher.addPaths(wanted)

    def _visible(self) -> list[Panel]:
        return [panel for panel in self._panels if panel.isVisible() and _is_offered(panel)]

    def _pictures(self) -> list[tuple[Panel, str]]:
        found = []
        for panel in self._visible():
            if self.choices.wants_picture(panel.title):
                stem = re.sub(r"[^a-z0-9]+", "-", panel.title.lower()).strip("-") or panel.id
                found += [(panel, f"{stem}.{ending}") for ending in self.choices.endings()]
        return found

    def _open_folder(self) -> None:
        if self._exported is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._exported.folder)))

    def _copy_arguments(self) -> None:
        words = arguments(self._commands.store.state.config)
        copy_text(" ".join(words))
        n = len(words)
        self.message.setText(
            f"Copied {n} argument{'s' * (n != 1)}."
            if words
            else "Nothing differs from LSST's defaults, so there are no arguments."
        )


def _watched(state: State) -> object:
    """Return what a plan depends on."""
    return (
        Same(state.exposures),
        Same(state.sky_frames),
        Same(state.facts),
        state.config,
        state.options,
        state.correction,
        state.results.correction,
        state.excluded_exposures,
        state.excluded_samples,
        tuple(state.assigned.items()),
        state.hand_masks,
        state.removed,
        state.built_sets,
        state.chosen_sets,
        state.selection.exposure,
        state.selection.sky_frame,
        state.view.theme,
    )


def _is_offered(panel: Panel) -> bool:
    """Whether a panel shows results and has room: an empty bar is visible with no height."""
    return (panel.area in ("centre", "bottom") or panel.id == "fit") and not panel.size().isEmpty()


def _failures(exported: Exported) -> str:
    """Return why files were not written, and whether others were."""
    lines = exported.failed[:MOST_FAILURES]
    more = len(exported.failed) - len(lines)
    if more:
        lines.append(f"{more} more failed; the log has them.")
    if exported.paths:
        lines.append(exported.line)
    return " ".join(lines)


def _with_short_words(text: str, metrics: QFontMetrics) -> str:
    middle = Qt.TextElideMode.ElideMiddle
    return " ".join(metrics.elidedText(word, middle, LONGEST_WORD) for word in text.split(" "))


def _first_folder(commands: Commands) -> str:
    known = commands.folders.get("export", "")
    if known:
        return known
    shown = shown_exposure(commands.store.state)
    if shown is None:
        return str(Path.home() / "skyframe-export")
    night = Path(shown.source.path).parent
    # Beside the night: opened again as a folder, it would else bring what was made of it.
    inside = not night.name or not os.access(night.parent, os.W_OK)
    return str(night / "skyframe-export" if inside else f"{night}-skyframe-export")


def _rule() -> QFrame:
    line = QFrame()
    line.setProperty("rule", True)
    line.setFixedWidth(1)
    return line

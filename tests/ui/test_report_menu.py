"""The report is asked for in the File menu and never stands in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog, QMessageBox, QPushButton

from skyframe_gui.ui.actions.action_table import TABLE
from skyframe_gui.ui.dialogs.files import ask_save_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.window import MainWindow


def saved(dialog: QFileDialog, path: Path) -> None:
    """Do what the Save button does for that path."""
    dialog.fileSelected.emit(str(path))
    dialog.close()


@pytest.mark.usefixtures("opened")
def test_a_report_is_saved_and_replaced_only_after_a_question(
    qtbot: QtBot,
    window: MainWindow,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
    tmp_path: Path,
) -> None:
    dialog = ask_save_report(window, commands)
    assert dialog.isVisible()
    assert dialog.selectedFiles()[0].endswith("2001-report.html")
    path = tmp_path / "2001-report.html"
    saved(dialog, path)
    idle()
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert store.state.log[-1] == f"Wrote the report {path}."
    assert commands.folders["export"] == str(tmp_path)

    path.write_text("mine")
    for answer, is_mine in (("Cancel", True), ("Replace", False)):
        saved(ask_save_report(window, commands), path)
        box = window.findChildren(QMessageBox, "replace")[-1]
        button = next(
            one for one in box.findChildren(QPushButton) if one.text().replace("&", "") == answer
        )
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        idle()
        assert (path.read_text(encoding="utf-8") == "mine") is is_mine
    assert not store.state.problems


@pytest.mark.usefixtures("opened")
def test_the_menu_offers_a_report_of_a_fit(store: Store) -> None:
    entry = next(one for one in TABLE if one.id == "save-report")
    assert entry.menu == "File"
    assert entry.enabled(store.state)
    keys = [key for one in TABLE for key in one.keys.split()]
    assert keys.count(entry.keys) == 1


def test_the_menu_offers_no_report_of_nothing(store: Store) -> None:
    entry = next(one for one in TABLE if one.id == "save-report")
    assert not entry.enabled(store.state)

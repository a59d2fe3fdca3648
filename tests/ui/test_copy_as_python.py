"""The menu's "Copy as Python" fills the clipboard, or says in the log why it cannot."""

from __future__ import annotations

from unittest.mock import MagicMock

import pytest
from PyQt6.QtGui import QGuiApplication

from skyframe_gui.app.export import snippet
from skyframe_gui.app.model.store import Store
from skyframe_gui.ui.actions.samples_menu import ACTIONS


@pytest.fixture
def context(qapp):
    context = MagicMock()
    context.commands.store = Store()
    QGuiApplication.clipboard().setText("before")
    return context


def copy(context) -> str:
    (action,) = (one for one in ACTIONS if one.id == "copy-python")
    action.run(context)
    return QGuiApplication.clipboard().text()


def test_the_lines_are_on_the_clipboard_and_the_log_tells_so(context, monkeypatch) -> None:
    monkeypatch.setattr(snippet, "snippet_of", lambda state: "print(1)\n")
    assert copy(context) == "print(1)\n"
    assert context.commands.store.state.log == (
        "The fit was copied as Python; paste it into a notebook.",
    )
    context.reveal.assert_not_called()


def test_without_a_fit_the_log_comes_up_and_the_clipboard_stays(context) -> None:
    assert copy(context) == "before"
    (line,) = context.commands.store.state.log
    assert line.startswith("There is no finished fit to be repeated;")
    context.reveal.assert_called_once_with("log")

"""Rows, columns and labels that are made by one call, with nothing said and with all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QLabel, QWidget

from skyframe_gui.ui.widgets import STRETCH, in_column, in_row

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def test_parts_stand_close_together_unless_it_is_said(qtbot: QtBot) -> None:
    for make in (in_row, in_column):
        on = QWidget()
        qtbot.addWidget(on)
        inner, first, last = in_row(), QLabel("a"), QLabel("b")
        layout = make(first, 7, (last, 2), STRETCH, inner, on=on)
        assert on.layout() is layout
        margins = layout.contentsMargins()
        found = [margins.left(), margins.top(), margins.right(), margins.bottom()]
        assert (found, layout.spacing()) == ([0, 0, 0, 0], 0)
        items = [layout.itemAt(at) for at in range(layout.count())]
        assert [one.widget() for one in items if one is not None] == [first, None, last, None, None]
        assert items[4] is not None
        assert items[4].layout() is inner
        assert [layout.stretch(at) for at in range(5)] == [0, 0, 2, 1, 0]
        spacer = None if items[1] is None else items[1].spacerItem()
        assert spacer is not None
        size = spacer.sizeHint()
        assert (size.width(), size.height()) == ((7, 0) if make is in_row else (0, 7))
        other = make(margins=(1, 2, 3, 4), spacing=5)
        told = other.contentsMargins()
        assert (told.left(), told.top(), told.right(), told.bottom()) == (1, 2, 3, 4)
        assert other.spacing() == 5

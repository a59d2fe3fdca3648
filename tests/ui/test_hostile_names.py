"""Units and names come from files: in the window they are words, whatever letters they have."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PyQt6.QtGui import QTextDocumentFragment
from PyQt6.QtWidgets import QLabel
from seen import state_of

if TYPE_CHECKING:
    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.ui.window import MainWindow

UNIT = "{0} <b>e</b>&amp;{x.y}"


def test_a_unit_with_braces_and_tags_is_shown_as_it_is(
    qtbot: QtBot, window: MainWindow, night: Night
) -> None:
    made = state_of(night)
    exposures = tuple(
        replace(item, source=replace(item.source, unit=UNIT)) for item in made.exposures
    )
    frames = tuple(replace(item, unit=UNIT) for item in made.sky_frames)
    assert made.results.fit is not None
    fit = replace(made.results.fit, unit=UNIT, frame_units=frozenset({UNIT}))
    state = replace(
        made, exposures=exposures, sky_frames=frames, results=replace(made.results, fit=fit)
    )
    panel = window.panel("fit")
    panel.show_state(state)
    texts = [
        QTextDocumentFragment.fromHtml(label.text()).toPlainText()
        for label in panel.findChildren(QLabel)
        if label.text().startswith("\N{GREEK SMALL LETTER SIGMA}")
    ]
    assert texts
    assert all(UNIT in text for text in texts)

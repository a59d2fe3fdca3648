"""Each panel alone: what its dock is called, where it belongs, and that it stands before a state.

Saved layouts hold the ids, the View menu the titles, the docks the places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from recorded import agree, parts

from skyframe_gui.numbers import MINUS
from skyframe_gui.ui.panel import discover

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands

FACTS = {
    "samples": ("Samples", "bottom", 0),
    "residuals": ("Residuals", "bottom", 1),
    "profile": ("Profile", "bottom", 2),
    "sample-table": ("Selected samples", "bottom", 2),
    "masks": ("Masks", "bottom", 3),
    "region": ("Box", "bottom", 3),
    "histogram": ("Histogram", "bottom", 4),
    "sweep": ("Sweep", "bottom", 4),
    "stack-bin": ("Selected bin", "bottom", 11),
    "stack-exposures": ("Exposures by pull", "bottom", 12),
    "stack-strip": (f"Exposure {MINUS} frame", "bottom", 13),
    "stack-levels": ("Levels", "bottom", 14),
    "night-trends": ("Trends", "bottom", 30),
    "header": ("Header", "bottom", 90),
    "log": ("Log", "bottom", 91),
    "start": ("Start", "centre", 0),
    "images": ("Images", "centre", 1),
    "compare": ("A / B", "centre", 3),
    "stack-maps": ("Sky frame", "centre", 10),
    "focal-plane": ("Focal plane", "centre", 20),
    "night": ("Night", "centre", 30),
    "data": ("Data", "left", 0),
    "fit": ("Fit", "right", 0),
    "config": ("Config", "right", 1),
    "correction": ("Sky correction", "right", 3),
    "compare-fields": ("Config and frame", "right", 10),
    "compare-results": ("Results", "right", 11),
    "compare-warnings": ("Warnings", "right", 12),
    "detector-numbers": ("Each detector alone", "right", 20),
    "detector-samples": ("Samples of each detector", "right", 21),
    "readout": ("Readout", "status", 0),
    "job": ("Job", "status", 1),
    "problems": ("Problems", "top", 0),
}


def test_there_are_these_panels_in_the_order_of_their_places() -> None:
    assert [kind.id for kind in discover()] == list(FACTS)


@pytest.mark.parametrize("name", list(FACTS))
def test_a_panel_has_its_title_and_place_and_stands_without_a_state(
    name: str, qtbot: QtBot, commands: Commands
) -> None:
    kind = next(kind for kind in discover() if kind.id == name)
    panel = kind(commands)
    qtbot.addWidget(panel)
    heads = panel.header_widgets()
    assert panel.header_widgets() == heads
    for one in heads:
        qtbot.addWidget(one)
    assert (kind.title, kind.area, kind.order) == FACTS[name]
    subject = panel.subject(commands.store.state)
    lines = [f"subject {subject!r}, headed {kind.headed}, shows results {kind.shows_results}"]
    agree(f"new-{name}", [*lines, *(line for one in (*heads, panel) for line in parts(one))])

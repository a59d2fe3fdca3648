"""Made-up samples of a visit, with outliers and boxes without data; and panels by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QHBoxLayout, QWidget

from skyframe_gui.app.model.results import Results

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.ui.panel import Panel


def put(store: Store, fit: VisitFit) -> VisitFit:
    """Have a fit in the state without any files."""
    store.set(log=("",))  # Live takes the fit of no files away once, at the first change
    store.set(results=Results(shown=None, fit=fit))
    return fit


def host(qtbot: QtBot, panel: Panel, store: Store, width: int, height: int) -> None:
    """Show a panel, and apart what it has in its title, told of changes as the window tells it."""
    bar = QWidget()
    seen: list[object] = [bar]  # kept alive with what is connected
    row = QHBoxLayout(bar)
    for widget in panel.header_widgets():
        row.addWidget(widget)
    qtbot.addWidget(bar)
    bar.show()

    def paint(_old: object, state: State) -> None:
        watched = (panel.watches(state), state.view.theme)
        if seen[-1] != watched:
            seen.append(watched)
            panel.show_state(state)
            panel.follow(store.pointer.now)

    qtbot.addWidget(panel)
    store.changed.connect(paint)
    store.pointer.moved.connect(panel.follow)
    panel.resize(width, height)
    panel.show()
    paint(None, store.state)

"""The fit box as it stands in every state of a fit, in words and in what is drawn."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QCoreApplication
from recorded import agree, drawn, parts
from test_fit_box import CONFIG, fit_of, visit

from skyframe_gui.app.model.results import Results
from skyframe_gui.engine.diagnostics import Finding
from skyframe_gui.ui.form.config_fields import with_values
from skyframe_gui.ui.panels.fit import FitPanel
from skyframe_gui.ui.theme import DARK, LIGHT, apply

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.visit_fit import VisitFit

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kept as they are on Linux")


def fits() -> dict[str, VisitFit]:
    samples = visit()
    excluded = np.zeros(108, bool)
    excluded[10:25] = True
    warning = Finding(
        kind="offset",
        severity="warning",
        title="The samples want an offset.",
        text="It is 1 < 2 & 3. It is long.",
        samples=(0, 37),
    )
    note = Finding(
        kind="gradient", severity="note", title="A gradient.", text="It rises.", short="5 adu."
    )
    one = replace(warning, samples=(3,), short="1.5 adu of it.")
    return {
        "whole": fit_of(samples),
        "by hand": fit_of(samples, excluded=excluded),
        "so far": fit_of(samples, n_members=60),
        "ended early": replace(fit_of(samples, n_members=60), ended=True),
        "failed": fit_of(samples, with_values(CONFIG, {"skyRej": 1e-9})),
        "one detector": fit_of(samples[:1]),
        "warned of": replace(fit_of(samples), findings=(warning, note)),
        "warned of one": replace(fit_of(samples), findings=(one,)),
        "two steps": fit_of(samples, with_values(CONFIG, {"skyIter": 1})),
        "twelve steps": fit_of(samples, with_values(CONFIG, {"skyIter": 12, "skyRej": 1.0})),
    }


@pytest.mark.parametrize("name", list(fits()))
def test_the_box_of_a_fit_is_as_kept(
    name: str, qtbot: QtBot, store: Store, commands: Commands, qapp: QApplication
) -> None:
    store.set(log=("",))  # the program has looked at the empty state and will not again
    store.changed.disconnect(commands.program.live._on_changed)
    panel = FitPanel(commands)
    qtbot.addWidget(panel)
    panel.resize(372, 480)
    panel.show()
    fit = fits()[name]
    lines: list[str] = []

    def tell(of: str) -> None:
        panel.show_state(store.state)
        QCoreApplication.sendPostedEvents()
        state = store.state
        lines.extend(["", of, f"{panel.subject(state)!r} {panel.badge(state)}", *parts(panel)])

    store.set(results=Results(fit=fit))
    tell("as it is")
    lines += ["drawn", *drawn(panel)]
    for card in panel.cards:
        card.set_open(not card.is_open)
    tell("each finding the other way")
    if name == "whole":
        store.set(view=replace(store.state.view, trial=1.02 * fit.solution.scale))
        tell("another scale tried")
        commands.show_step(1)
        tell("the second step")
        commands.set_config(with_values(CONFIG, {"skyRej": 2.0}))
        tell("another config")
        apply(qapp, LIGHT)
        commands.view(theme="light")
        tell("in the light")
        lines += ["drawn", *drawn(panel)]
        panel.resize(620, 300)
        tell("wide and low")
        panel.resize(372, 160)
        tell("very low")
        apply(qapp, DARK)
    agree(f"fit-of-{name}", "\n".join(lines).splitlines())

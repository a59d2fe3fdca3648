"""Whether pyqtgraph's own exporter works; and that plots leave nothing behind when they close."""

from __future__ import annotations

import gc
import resource
import weakref
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QVersionNumber

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

N_PLOTS, WARM_UP = 120, 10


@pytest.mark.skipif(QLibraryInfo.version() < QVersionNumber(6, 11), reason="works with older Qt")
def test_the_svg_exporter_of_the_library_still_fails(qtbot: QtBot, tmp_path: Path) -> None:
    """Our writer in `skyframe_gui.ui.panel_pictures` stands in for it for as long as it does."""
    from skyframe_gui.ui.graph.plot import Plot

    plot = Plot()
    qtbot.addWidget(plot)
    plot.resize(300, 200)
    plot.show()
    from pyqtgraph.exporters import SVGExporter

    path = tmp_path / "plot.svg"
    try:
        SVGExporter(plot.item).export(str(path))
    except Exception:
        return
    text = path.read_text() if path.exists() else ""
    if "<svg" in text and "</svg>" in text:
        pytest.fail(
            "pyqtgraph's SVGExporter works with this Qt: the SVG writer of plots in "
            "skyframe_gui/ui/panel_pictures.py may go, if its drawings are as good."
        )


def _counted() -> int:
    """Return how many objects there are when all that is to go has gone."""
    counts = [-1, 0]
    while counts[-1] != counts[-2]:  # what goes with its owner has yet to go itself
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()
        gc.collect()
        counts.append(len(gc.get_objects()))
    return counts[-1]


def test_plots_that_were_made_shown_and_closed_are_gone(qapp: object) -> None:
    from skyframe_gui.ui.graph.sample_plot import SamplePlot
    from skyframe_gui.ui.samples.points import Guide, Points

    n = 200
    values = np.linspace(0.0, 1.0, n)
    points = Points(
        x=values,
        y=values,
        marks=np.zeros(n, np.int8),
        rounds=np.full(n, -1),
        fraction=np.ones(n),
        n_rounds=1,
    )
    guide = Guide(value=lambda at: at, half_width=lambda at: np.full_like(at, 0.1))
    made: list[weakref.ref[SamplePlot]] = []

    def use_one() -> None:
        plot = SamplePlot()
        plot.resize(300, 200)
        plot.set_points(points, (guide,))
        plot.show()
        plot.grab()
        plot.hide()
        plot.deleteLater()
        made.append(weakref.ref(plot))

    for _ in range(WARM_UP):
        use_one()
    made.clear()
    before, memory = _counted(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(N_PLOTS):
        use_one()
    after = _counted() - len(made)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    print(f"{N_PLOTS} plots: {after - before} objects, {grown} kB more at the most")
    assert not [one for one in made if one() is not None], "plots are still there"
    assert after - before < 10, "plots leave objects behind"

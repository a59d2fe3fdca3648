"""Residuals against many detectors: each has its median and spread, in a useful order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from fitted_visits import make_fit
from made_items import an_exposure
from PyQt6.QtCore import QPointF
from visits import host, put

from skyframe_gui.app.model.rejection_steps import Mark
from skyframe_gui.ui.panels.residuals import ResidualsPanel
from skyframe_gui.ui.samples.detector_columns import MANY, columns_of, radii_of, spreads_of
from skyframe_gui.ui.samples.residual_axes import axes_of
from skyframe_gui.ui.samples.sample_view import view_of

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.ui.samples.sample_view import SampleView

N = MANY + 6


@pytest.fixture
def fit(store: Store, commands: Commands) -> VisitFit:
    return put(store, make_fit(n_detectors=N))


@pytest.fixture
def view(store: Store, fit: VisitFit) -> SampleView:
    found = view_of(store.state)
    assert found is not None
    return found


@pytest.fixture
def panel(qtbot: QtBot, store: Store, commands: Commands, fit: VisitFit) -> ResidualsPanel:
    made = ResidualsPanel(commands)
    host(qtbot, made, store, 900, 300)
    made.choose("detector")
    return made


def test_median_and_spread_are_those_of_the_used_samples(view: SampleView) -> None:
    spreads = spreads_of(view, np.arange(N))
    for k in range(N):
        of = (view.rows.detector_index == k) & (view.marks == Mark.USED)
        own = view.residuals[of]
        assert spreads.count[k] == len(own)
        expected = np.percentile(own, (15.9, 50, 84.1))
        found = (spreads.low[k], spreads.middle[k], spreads.high[k])
        np.testing.assert_allclose(found, expected)


def test_few_detectors_have_their_samples(store: Store, commands: Commands) -> None:
    put(store, make_fit(n_detectors=MANY))
    few = view_of(store.state)
    assert few is not None
    assert axes_of(few, "detector").spreads is None


def test_detectors_stand_in_the_order_that_is_asked_for(view: SampleView) -> None:
    middle = spreads_of(view, np.arange(N)).middle
    by_median = axes_of(view, "detector", "deviation")
    names = [f"{k}" for k in np.argsort(middle)]
    assert list(by_median.names) == names
    assert by_median.spreads is not None
    assert (np.diff(by_median.spreads.middle[np.argsort(by_median.spreads.x)]) >= 0).all()
    np.testing.assert_array_equal(
        np.round(by_median.x), by_median.spreads.x[view.rows.detector_index]
    )
    radii = {key: float((7 * k) % N) for k, key in enumerate(view.rows.keys)}
    columns = columns_of(view, "radius", radii)
    assert list(columns) == [(7 * k) % N for k in range(N)]
    assert axes_of(view, "detector", "radius").x_label == "detector"
    assert "outwards" in axes_of(view, "detector", "radius", radii).x_label


def test_a_chosen_order_shows_detectors_and_is_part_of_the_view(
    panel: ResidualsPanel, store: Store
) -> None:
    panel.choose("sky")
    panel.orders["deviation"].trigger()
    assert store.state.view.detector_order == "deviation"
    assert panel.kind == "detector"
    assert panel.plot.x_label == "detector, by its median"
    assert panel.plot.x_axis.names[0] != "0"
    panel.orders["number"].trigger()
    assert panel.plot.x_axis.names[0] == "0"


def test_the_column_under_the_mouse_tells_of_its_detector_and_a_click_opens_it(
    panel: ResidualsPanel, store: Store, view: SampleView, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(panel.commands, "open_in_visit", opened.append)
    panel.orders["deviation"].trigger()
    plot = panel.plot
    spreads = plot.spreads
    assert spreads is not None
    x, area = float(plot.place(spreads.x[[11]], np.zeros(1))[0][0]), plot.area
    heights = np.arange(area.top() + 2, area.bottom() - 2)
    at = next(one for y in heights if plot.nearest(one := QPointF(x, float(y))) is None)
    plot.pointed(at)
    words = [word.text for word in plot._column_words[0]]
    assert words[:2] == ["det", "011"]
    assert str(int(spreads.count[11])) in words
    # A used sample is not drawn, so that it cannot be meant.
    of = np.flatnonzero((view.rows.detector_index == 11) & (view.marks == Mark.USED))
    here = plot.placed()
    assert plot.nearest(QPointF(here[0][of[0]], here[1][of[0]])) not in of
    plot.clicked(at, False)
    assert opened == [view.rows.keys[11]]
    plot.pointed(None)
    assert plot._column_words == ()


def test_bars_stand_at_the_medians(panel: ResidualsPanel) -> None:
    plot = panel.plot
    assert plot.spreads is not None
    picture = plot.grab().toImage()
    x, y = plot.place(plot.spreads.x, plot.spreads.middle)
    colours = [picture.pixelColor(round(a), round(b) - 1) for a, b in zip(x, y, strict=True)]
    blue = [one.blue() - one.red() for one in colours]
    # All but those that the line at 0 covers.
    assert sum(one > 100 for one in blue) > N / 2, blue


def test_the_middle_of_the_focal_plane_is_that_of_all_detectors(
    store: Store, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = tuple(an_exposure(f"{name}.fits", detector=str(name)) for name in (1, 2))
    monkeypatch.setattr(
        "skyframe_gui.ui.samples.detector_columns.shown_visit", lambda state: ("7", items)
    )
    assert radii_of(store.state) == {}, "there is no table, and no place is the middle"

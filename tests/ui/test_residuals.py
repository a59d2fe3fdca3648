"""Residual views, histogram and table say the same as the samples plot, and are linked with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fitted_visits import fit_of, make_fit
from mouse import SHIFT, double_click, drag, move, wheel
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtWidgets import QApplication, QWidget
from recorded import check
from visits import host, put

from skyframe_gui.app.model.rejection_steps import Mark, rows_of, steps_of
from skyframe_gui.engine import Samples
from skyframe_gui.engine.diagnostics.finding import Finding
from skyframe_gui.ui import theme
from skyframe_gui.ui.docks import Dock
from skyframe_gui.ui.graph import bars
from skyframe_gui.ui.panels.histogram import HistogramPanel
from skyframe_gui.ui.panels.residuals import ResidualsPanel
from skyframe_gui.ui.panels.sample_table import SampleTablePanel
from skyframe_gui.ui.samples.axis_range import Range
from skyframe_gui.ui.samples.points import Points
from skyframe_gui.ui.samples.residual_axes import axes_of
from skyframe_gui.ui.samples.sample_model import (
    BOX,
    DETECTOR,
    GOOD,
    IMAGE,
    RESIDUAL,
    SHOWN,
    SIGMAS,
    STATE,
)
from skyframe_gui.ui.samples.sample_view import view_of
from skyframe_gui.ui.theme import DARK, LIGHT

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.ui.theme import Palette
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def fit(store: Store, commands: Commands) -> VisitFit:
    return put(store, make_fit())


@pytest.fixture
def panel(qtbot: QtBot, store: Store, commands: Commands, fit: VisitFit) -> ResidualsPanel:
    made = ResidualsPanel(commands)
    host(qtbot, made, store, 480, 460)
    return made


@pytest.fixture
def table(qtbot: QtBot, store: Store, commands: Commands, fit: VisitFit) -> SampleTablePanel:
    made = SampleTablePanel(commands)
    host(qtbot, made, store, 820, 300)
    return made


@pytest.mark.parametrize("kind", ["sky", "x", "y", "index", "detector"])
def test_every_view_shows_the_residuals_of_the_step(
    store: Store, commands: Commands, fit: VisitFit, kind: str
) -> None:
    commands.show_step(1)
    view = view_of(store.state)
    assert view is not None
    axes = axes_of(view, kind)
    rows = rows_of(fit)
    expected = rows.image - steps_of(fit)[1].scale * rows.sky
    np.testing.assert_array_equal(axes.y, expected)
    inside = (axes.x >= axes.x_range.low) & (axes.x <= axes.x_range.high)
    assert inside[np.isfinite(axes.x)].all()
    assert axes.y_label == "residual [adu]"
    assert axes.guide.half_width is not None
    band = axes.guide.half_width(np.zeros(2))
    np.testing.assert_allclose(band, store.state.config.skyRej * steps_of(fit)[1].sigma)


def test_ratio_shows_image_by_sky_around_the_scale(store: Store, fit: VisitFit) -> None:
    view = view_of(store.state)
    assert view is not None
    axes = axes_of(view, "ratio")
    rows = rows_of(fit)
    np.testing.assert_allclose(axes.y, rows.image / rows.sky)
    assert axes.y_range.low < fit.solution.scale < axes.y_range.high
    np.testing.assert_allclose(axes.guide.value(np.ones(3)), fit.solution.scale)


def test_detectors_stand_side_by_side_under_their_names(store: Store, fit: VisitFit) -> None:
    view = view_of(store.state)
    assert view is not None
    axes = axes_of(view, "detector")
    np.testing.assert_array_equal(np.round(axes.x), rows_of(fit).detector_index)
    assert axes.names == ("0", "1", "2", "3")


def test_every_choice_has_its_axis(panel: ResidualsPanel) -> None:
    labels = {}
    for kind, button in panel.kinds.buttons.items():
        button.click()
        labels[kind] = panel.plot.x_label
    for kind, action in panel.choices.items():
        action.trigger()
        labels[kind] = panel.plot.x_label
        assert not any(button.isChecked() for button in panel.kinds.buttons.values())
    assert labels["x"] == "x of the box [px]"
    assert labels["y"] == "y of the box [px]"
    assert labels["detector"] == "detector"
    assert labels["index"].startswith("box, counted")
    assert labels["sky"] == labels["ratio"] == labels["all"]


def test_all_residuals_are_in_view_at_first_and_again_by_a_double_click(
    panel: ResidualsPanel, store: Store
) -> None:
    view = view_of(store.state)
    assert view is not None
    axes = axes_of(view, "sky")
    assert (panel.plot.x_range, panel.plot.y_range) == (axes.x_range, axes.y_range)
    wheel(panel.plot, panel.plot.area.center(), 240)
    assert panel.plot.y_range != axes.y_range
    double_click(panel.bars, panel.bars.area.center())
    assert (panel.plot.x_range, panel.plot.y_range) == (axes.x_range, axes.y_range)


def test_histogram_at_the_side_and_plots_share_what_is_in_view_along_y(
    panel: ResidualsPanel,
) -> None:
    panel.choices["all"].trigger()
    for plot in (panel.plot, panel.bars, panel.second):
        before = plot.y_range
        wheel(plot, plot.area.center() + QPointF(0, 5), 240)
        assert plot.y_range.width < before.width
        for other in (panel.plot, panel.bars, panel.second):
            assert other.y_range == pytest.approx(plot.y_range)


def test_bars_count_what_is_in_view(panel: ResidualsPanel, fit: VisitFit) -> None:
    def total() -> int:
        return sum(int(line.split("\t")[2]) for line in panel.bars.values_text().split("\n")[1:])

    low, high = panel.plot.y_range
    rows, step = rows_of(fit), steps_of(fit)[-1]
    residuals = rows.image - step.scale * rows.sky
    assert total() == ((residuals >= low) & (residuals < high)).sum()
    longest = panel.bars.bars.items[0].opts["x1"].max()
    assert 0 < longest < panel.bars.x_range.high
    panel.plot.show_range(panel.plot.x_range, Range(-1.0, 1.0))
    assert total() == (np.abs(residuals) < 1).sum()


@pytest.mark.parametrize(("rises", "kind"), [((9.0, 1.0), "x"), ((1.0, -9.0), "y")])
def test_a_gradient_that_the_fit_notes_is_shown_along_its_axis(
    panel: ResidualsPanel, store: Store, fit: VisitFit, rises: tuple[float, float], kind: str
) -> None:
    numbers = {"rise_x": rises[0], "rise_y": rises[1]}
    gradient = Finding(
        kind="gradient", severity="note", title="A gradient.", text="A gradient.", numbers=numbers
    )
    put(store, replace(fit, visit="908121", findings=(gradient,)))
    assert panel.kinds.checked(kind)
    assert panel.plot.x_label == f"{kind} of the box [px]"
    assert panel.plot.x_range == panel.plot.home[0]
    panel.kinds.buttons["sky"].click()
    put(store, replace(fit, visit="908122", findings=(gradient,)))
    assert panel.kinds.checked("sky"), "what a person has chosen stays"


def test_all_shows_two_linked_plots(panel: ResidualsPanel, store: Store, fit: VisitFit) -> None:
    panel.choices["all"].trigger()
    assert panel.second.isVisible()
    x, y = panel.second.placed()
    index = int(
        np.nanargmax(np.where(np.isfinite(y), -np.abs(y - panel.second.height() / 2), -1e9))
    )
    move(panel.second, QPointF(x[index], y[index]).toPoint())
    hovered = store.pointer.now.sample
    assert hovered is not None
    assert panel.plot._hovered == rows_of(fit).index(hovered)


def test_lasso_on_residuals_selects_in_the_state(
    panel: ResidualsPanel, store: Store, fit: VisitFit
) -> None:
    plot = panel.plot
    area = plot.area.toRect().adjusted(2, 2, -2, -2)
    middle = area.center().y()
    corners = [area.topLeft(), area.topRight(), QPoint(area.right(), middle)]
    corners.append(QPoint(area.left(), middle))
    drag(plot, corners, SHIFT)
    x, y = plot.placed()
    upper = (y > area.top()) & (y < middle) & (x > area.left()) & (x < area.right())
    assert upper.any()
    rows = rows_of(fit)
    assert store.state.selection.samples == {rows.ids(i) for i in np.flatnonzero(upper).tolist()}


def test_a_step_leaves_the_residual_view_where_it_is(
    panel: ResidualsPanel, commands: Commands
) -> None:
    before = (panel.plot.x_range, panel.plot.y_range)
    for step in (0, 1, None):
        commands.show_step(step)
    assert (panel.plot.x_range, panel.plot.y_range) == before


def test_residuals_of_detectors_that_join_are_in_view_unless_a_person_chose_another(
    panel: ResidualsPanel, store: Store
) -> None:
    plot = panel.plot
    first = plot.x_range
    put(store, make_fit(n_detectors=9, seed=4))
    joined = plot.x_range
    assert joined != first
    wheel(plot, plot.area.center(), 120)
    chosen = (plot.x_range, plot.y_range)
    assert chosen[0] != joined
    put(store, make_fit(n_detectors=20, seed=5))
    assert (plot.x_range, plot.y_range) == chosen
    put(store, make_fit(n_detectors=20, seed=5, visit="another"))
    assert (plot.x_range, plot.y_range) != chosen, "of another visit all is shown"


def test_band_is_said_in_the_unit_of_the_residuals(
    panel: ResidualsPanel, store: Store, fit: VisitFit
) -> None:
    band = 3 * steps_of(fit)[-1].sigma
    (guide,) = panel.plot.guides
    assert guide.label == f"± {band:.2f} adu"
    assert panel.subject(store.state) == f"step {len(steps_of(fit)) - 1}"


def test_histogram_counts_every_sample_of_every_class(store: Store, fit: VisitFit) -> None:
    from skyframe_gui.ui.graph.bars import stack_of

    view = view_of(store.state)
    assert view is not None
    axes = axes_of(view, "sky")
    points = view.points(axes.x, axes.y)
    stack = stack_of(points, axes.y, Range(-1000.0, 1000.0), 37, DARK)
    total = sum(int(counts.sum()) for _, counts in stack.counts)
    assert total == (view.marks != Mark.NO_DATA).sum()
    assert stack.counts[0][0] == DARK.accent
    assert stack.counts[0][1].sum() == fit.solution.n_used


def test_histogram_panel_paints_the_step(
    qtbot: QtBot, store: Store, commands: Commands, fit: VisitFit
) -> None:
    made = HistogramPanel(commands)
    host(qtbot, made, store, 400, 260)
    last = made.plot.grab().toImage()
    span = made.plot.x_range
    commands.show_step(0)
    assert made.plot.grab().toImage() != last
    assert made.plot.x_range == span
    assert not made.whats.buttons["pixels"].isEnabled()


def test_the_histogram_reaches_as_far_as_the_residuals_about_another_sky_frame(
    qtbot: QtBot, store: Store, commands: Commands, fit: VisitFit
) -> None:
    made = HistogramPanel(commands)
    host(qtbot, made, store, 400, 260)
    span, scale = made.plot.x_range, fit.solution.scale
    samples = [
        Samples(
            scale * one.sky + 4.0 * (one.image - scale * one.sky),
            one.sky,
            one.good_fraction,
            one.boxes,
            one.detector,
        )
        for one in fit.samples
    ]
    other = fit_of(samples, keys=fit.keys, visit=fit.visit)
    put(store, other)
    assert made.plot.x_range == span, "the same frame without an exposure moves no view"
    put(store, replace(other, frame_keys=frozenset({"built 9"})))
    assert made.plot.x_range.width > 2 * span.width
    wheel(made.plot, made.plot.area.center(), 120)
    zoomed = made.plot.x_range
    put(store, replace(fit, frame_keys=frozenset({"built 10"})))
    assert made.plot.x_range == zoomed, "a person chose it"


def test_table_tells_the_numbers_of_the_selected_samples(
    table: SampleTablePanel, store: Store, commands: Commands, fit: VisitFit
) -> None:
    rows, step = rows_of(fit), steps_of(fit)[-1]
    commands.select_samples([rows.ids(index) for index in (0, 40, 35)])
    model = table.model
    assert model.rowCount() == 3
    assert table.table.horizontalHeader().isVisibleTo(table)
    assert not table.table.verticalHeader().isVisibleTo(table), "rows have no numbers"
    residuals = np.abs(rows.image - step.scale * rows.sky)
    first = max((0, 40), key=lambda index: residuals[index])
    assert model.rows.tolist()[0] == first
    assert model.rows.tolist()[2] == 35, "what has no data is last"
    row = model.rows.tolist().index(0)
    signed = rows.image[0] - step.scale * rows.sky[0]
    assert model.cell(row, DETECTOR) == "000"
    assert model.cell(row, BOX) == "(0, 0)"
    assert model.cell(row, IMAGE) == f"{rows.image[0]:.2f}".replace("-", "\u2212")
    assert model.cell(row, RESIDUAL) == f"{signed:+.2f}".replace("-", "\u2212")
    assert model.cell(row, SIGMAS) == f"{signed / step.sigma:+.1f}".replace("-", "\u2212")
    assert model.cell(row, GOOD) == "30 %"
    assert model.cell(row, STATE) == f"rejected in {rows.rejected_at[0] + 1}"
    assert model.cell(2, STATE) == "no data"
    assert model.cell(2, RESIDUAL) == "\N{EM DASH}"


def test_table_sorts_by_any_column(
    table: SampleTablePanel, commands: Commands, fit: VisitFit
) -> None:
    rows = rows_of(fit)
    commands.select_samples([rows.ids(index) for index in range(len(rows))])
    model = table.model
    for column in range(model.columnCount()):
        table.table.sortByColumn(column, Qt.SortOrder.AscendingOrder)
        assert sorted(model.rows.tolist()) == list(range(len(rows)))
    table.table.sortByColumn(IMAGE, Qt.SortOrder.DescendingOrder)
    values = rows.image[model.rows]
    finite = values[np.isfinite(values)]
    assert (np.diff(finite) <= 0).all()
    assert np.isnan(values[len(finite) :]).all()


def test_rows_and_marks_are_one_hover(
    qtbot: QtBot, table: SampleTablePanel, store: Store, commands: Commands, fit: VisitFit
) -> None:
    rows = rows_of(fit)
    chosen = [rows.ids(index) for index in (0, 1, 2, 40)]
    commands.select_samples(chosen)
    index = table.model.index(1, DETECTOR)
    viewport = table.table.viewport()
    assert viewport is not None
    qtbot.mouseClick(viewport, LEFT, pos=table.table.visualRect(index).center())
    expected = rows.ids(int(table.model.rows[1]))
    assert store.pointer.now.sample == expected
    assert store.state.selection.samples == set(chosen)
    commands.hover(rows.ids(int(table.model.rows[3])))
    assert table.table.currentIndex().row() == 3


def test_enter_shows_the_exposure_and_keeps_the_selection(
    qtbot: QtBot, table: SampleTablePanel, store: Store, commands: Commands, fit: VisitFit
) -> None:
    rows = rows_of(fit)
    commands.select_samples([rows.ids(0), rows.ids(40)])
    commands.hover(rows.ids(40))
    qtbot.keyClick(table.table, Qt.Key.Key_Return)
    assert store.state.selection.exposure == fit.keys[1]
    assert len(store.state.selection.samples) == 2
    row = table.model.rows.tolist().index(40)
    assert table.model.cell(row, SHOWN) == "shown"
    assert table.model.cell(1 - row, SHOWN) == "show"
    assert "<b>1</b> on det 001" in table.count.text()


def test_table_is_copied_as_text(
    table: SampleTablePanel, commands: Commands, fit: VisitFit
) -> None:
    commands.select_samples([rows_of(fit).ids(3)])
    table.copy_text()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    head, line = clipboard.text().split("\n")
    assert head.split("\t")[0] == "det"
    assert line.split("\t")[:2] == ["000", "(0, 3)"]


def test_buttons_exclude_and_restore_the_selected(
    qtbot: QtBot, table: SampleTablePanel, store: Store, commands: Commands, fit: VisitFit
) -> None:
    chosen = {rows_of(fit).ids(index) for index in (3, 4)}
    commands.select_samples(chosen)
    qtbot.mouseClick(table.exclude, LEFT)
    assert store.state.excluded_samples == chosen
    put(store, fit)
    qtbot.mouseClick(table.restore, LEFT)
    assert not store.state.excluded_samples
    put(store, fit)
    qtbot.mouseClick(table.clear, LEFT)
    assert not store.state.selection.samples
    assert table.note.isVisible()


@pytest.mark.parametrize(("width", "n_buttons"), [(600, 2), (280, 0), (240, 0)])
def test_choices_are_whole_in_a_narrow_dock_whose_buttons_give_way(
    qtbot: QtBot, commands: Commands, fit: VisitFit, width: int, n_buttons: int
) -> None:
    made = ResidualsPanel(commands)
    dock = Dock(made)
    # As in the window: the style has a say in how wide they are.
    dock.setStyleSheet(theme.style_sheet(theme.DARK))
    qtbot.addWidget(dock)
    dock.resize(width, 240)
    dock.show()
    made.show_state(commands.store.state)
    qtbot.waitExposed(dock)
    header, (choices, more) = dock.header, made.header_widgets()

    def left(widget: QWidget) -> int:
        return header.mapFromGlobal(widget.mapToGlobal(QPoint())).x()

    qtbot.waitUntil(lambda: left(choices) + choices.width() <= left(more))
    assert left(more) + more.width() <= width
    shown = [button for button, _ in header.buttons if button.isVisible()]
    assert len(shown) == n_buttons


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_bars_have_the_colours_of_the_classes_from_the_used_ones_on(
    qtbot: QtBot, palette: Palette
) -> None:
    from skyframe_gui.ui.graph.bars import BarPlot, SideBars, Stack, log_length, stack_of
    from skyframe_gui.ui.graph.plot import Plot

    kinds = (Mark.USED, Mark.NEW, Mark.EARLIER, Mark.EXCLUDED, Mark.NO_DATA)
    numbers = (30, 1, 2, 4, 9)
    marks = np.repeat(np.array(kinds, np.int8), numbers)
    by_hand = [0.1, 0.1, 2.5, -2.0]
    y = np.concatenate([np.linspace(-1, 1, 30), [1.5], [1.5, -1.5], by_hand, [0.0] * 9])
    rounds = np.where(marks == Mark.NEW, 1, np.where(marks == Mark.EARLIER, 0, -1))
    zeros = np.zeros(len(y))
    points = Points(x=zeros, y=y, marks=marks, rounds=rounds, fraction=zeros + 1, n_rounds=2)
    stack = stack_of(points, y, Range(-2.0, 2.0), 4, palette)
    counts = [sum(one) for one in zip(*(part.tolist() for _, part in stack.counts), strict=True)]
    assert counts == [2, 15, 16, 3], "the end of the span is not in it, its beginning is"
    assert stack.highest == 16
    assert stack.longest == pytest.approx(np.log10(16) + 0.3)
    assert stack.text("residual [adu]", "samples").splitlines() == [
        "residual [adu] from\tto\tsamples",
        *("-2\t-1\t2", "-1\t0\t15", "0\t1\t16", "1\t2\t3"),
    ]
    assert log_length(np.array([0, 1, 10, 1000])).tolist() == pytest.approx([0, 0.3, 1.3, 3.3])
    assert Stack(np.zeros(1), []).highest == 0

    bars = BarPlot()
    beside = Plot()
    side = SideBars(beside)
    for one in (bars, beside, side):
        qtbot.addWidget(one)
        one.resize(260, 160)
        one.apply_theme(palette)
        one.show()
    bars.x_label, bars.y_label = "residual [adu]", "samples"
    bars.set_home(Range(-2.0, 2.0), Range(0.0, 1.6))
    bars.fit()
    bars.set_stack(stack, 1.25)
    check(f"bars {palette.name}", bars)
    beside.show_range(Range(0, 1), Range(-2.0, 2.0))
    side.show_points(points, 0.5)
    check(f"bars at the side {palette.name}", side)
    assert side.values_text().startswith("residual from\tto\tsamples\n-2\t")
    assert bars.values_text() == stack.text("residual [adu]", "samples")
    beside.set_home(Range(0, 1), Range(-1.0, 1.0))
    side.fit()
    assert beside.y_range == side.y_range == Range(-1.0, 1.0)
    bars.set_stack(None)
    assert not any(item.isVisible() for item in bars.bars.items)
    assert not bars.bars.band.isVisible()
    assert bars.values_text() == ""
    bars.set_stack(stack_of(points, y + 50, Range(-2.0, 2.0), 4, palette))
    assert bars._stack is not None
    assert bars._stack.longest == pytest.approx(0.3), "nothing is as long as one"
    assert bars.y_axis.tickStrings([0.3, 1.3, 3.3], 1.0, 1.0) == ["1", "10", "1000"]
    ((_, values),) = bars.y_axis.tickValues(0.3, 2.3, 100)
    assert values.tolist() == pytest.approx([0.3, 1.3, 2.3])


def test_bars_of_another_visit_are_counted_once_where_they_are_seen(
    panel: ResidualsPanel, store: Store, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans: list[Range] = []

    true = bars.stack_of

    def counted(points: Points, values: Any, span: Range, *rest: Any) -> object:
        spans.append(span)
        return true(points, values, span, *rest)

    panel.resize(900, 460)
    qtbot.waitUntil(panel.bars.isVisible)
    before = panel.plot.y_range
    monkeypatch.setattr(bars, "stack_of", counted)
    put(store, make_fit(visit="another", seed=4))
    assert panel.plot.y_range != before
    assert spans == [panel.plot.y_range]

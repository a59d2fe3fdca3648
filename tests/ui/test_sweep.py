"""The panel of sweeps: what is typed, what is drawn, and that a click takes a config."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import mouse
import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtWidgets import QApplication
from recorded import agree, check, drawn, parts
from seen import show_night

from skyframe_gui.app.model.comparison import Sweep, SweepPoint
from skyframe_gui.app.model.items import BadFile
from skyframe_gui.app.model.results import Results
from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig
from skyframe_gui.numbers import NONE
from skyframe_gui.ui import theme
from skyframe_gui.ui.compare.sweep_data import (
    Axis,
    SweepData,
    is_geometric,
    number_of,
    sweep_data_of,
)
from skyframe_gui.ui.compare.sweep_values import between, listed, suggestion, sweepable
from skyframe_gui.ui.panels.sweep import SweepPanel
from skyframe_gui.ui.samples.axis_range import Range

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.window import MainWindow

FIELDS = {field.path: field for field in sweepable()}
NAN = math.nan


def sweep_over(fields: dict[str, tuple[object, ...]], n: int | None = None, bad: int = -1) -> Sweep:
    """Return a sweep of which ``n`` points are ready and one has failed."""
    sweep = Sweep(
        fields=tuple(fields),
        values=tuple(fields.values()),
        config=SkyMeasurementConfig(),
        visit="908120",
    )
    values = [(one,) for one in sweep.values[0]]
    if len(fields) == 2:
        values = [(one, other) for one in sweep.values[0] for other in sweep.values[1]]
    points = [
        SweepPoint(
            values=one,
            scale=NAN,
            error=NAN,
            rms=NAN,
            n_used=0,
            n_rejected=40,
            why="The fit has no sample left.",
        )
        if at == bad
        else SweepPoint(
            values=one,
            scale=1000.0 + at,
            error=0.5 + 0.01 * at,
            rms=1.2,
            n_used=100 - at,
            n_rejected=at,
        )
        for at, one in enumerate(values)
    ]
    return replace(sweep, points=tuple(points[:n]))


@pytest.fixture
def panel(commands: Commands, store: Store, qtbot: QtBot) -> SweepPanel:
    store.set(log=("",))  # what Live asks for an empty state is asked once, before
    made = SweepPanel(commands)
    qtbot.addWidget(made)
    made.resize(345, 320)
    made.show_state(store.state)
    store.changed.connect(lambda _, new: made.show_state(new))
    made.show()
    return made


def put(store: Store, sweep: Sweep) -> None:
    store.set(results=Results(sweep=sweep))


@pytest.mark.parametrize(
    ("path", "texts", "log", "values"),
    [
        ("skyRej", ("2", "3", "5"), False, (2.0, 2.25, 2.5, 2.75, 3.0)),
        ("skyRej", ("0.1", "10", "3"), True, (0.1, 1.0, 10.0)),
        ("skyIter", ("1", "4", "7"), False, (1, 2, 3, 4)),
        ("background.xBinSize", ("8", "128", "5"), True, (8, 16, 32, 64, 128)),
    ],
)
def test_a_range_gives_tidy_values_and_whole_ones_where_the_field_is_whole(
    path: str, texts: tuple[str, str, str], log: bool, values: tuple[float, ...]
) -> None:
    found = between(FIELDS[path], *texts, log)
    assert found == values
    assert [type(one) for one in found] == [type(one) for one in values]


def test_a_list_takes_commas_and_blanks_and_sorts_numbers() -> None:
    assert listed(FIELDS["skyRej"], "3, 2.5;2 2") == (2.0, 2.5, 3.0)
    assert listed(FIELDS["stats.statistic"], "MEDIAN, MEAN") == ("MEDIAN", "MEAN")
    assert "background.mask" not in FIELDS


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("skyRej", "", "list its values"),
        ("skyRej", "2, x", "'x' is no number"),
        ("skyRej", "2, -1", "greater than 0"),
        ("skyIter", "2.5", "not a whole number"),
        ("stats.statistic", "MODE", "MODE is not one of"),
        ("skyRej", "nan", "not finite"),
    ],
)
def test_wrong_values_are_refused_in_a_sentence(path: str, text: str, says: str) -> None:
    with pytest.raises(SkyFrameError, match=says):
        listed(FIELDS[path], text)


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        (("3", "2", "5"), "begin below"),
        (("2", "3", "1"), "from 2 to"),
        (("2", "3", "many"), "whole number"),
        (("0", "3", "4"), "above 0"),
        (("", "3", "4"), "missing"),
    ],
)
def test_a_wrong_range_is_refused_in_a_sentence(texts: tuple[str, str, str], says: str) -> None:
    with pytest.raises(SkyFrameError, match=says):
        between(FIELDS["skyRej"], *texts, True)


def test_without_a_visit_nothing_can_be_run_and_the_panel_says_why(panel: SweepPanel) -> None:
    assert not panel.form.run.isEnabled()
    assert "sky frame" in panel.form.hint.text()
    assert panel.note.isVisibleTo(panel)


def test_a_sweep_from_the_form_draws_a_curve_and_a_click_takes_its_config(
    night: Night,
    panel: SweepPanel,
    store: Store,
    idle: Callable[[], None],
    qtbot: QtBot,
) -> None:
    show_night(store, night)
    idle()
    row = panel.form.rows[0]
    row.spacing.setCurrentText("list")
    row.list.setText("1.2, 2, 3")
    row.list.textEdited.emit(row.list.text())
    assert panel.form.hint.text() == "3 points"
    qtbot.keyClick(row.list, Qt.Key.Key_Return)
    idle()
    sweep = store.state.results.sweep
    assert sweep is not None
    assert sweep.complete
    assert sweep.values == ((1.2, 2.0, 3.0),)
    assert panel.curve is not None
    assert panel.curve.isVisibleTo(panel)
    assert not panel.remark.isVisibleTo(panel)
    plot = panel.curve.plots[1]
    x, _ = plot.place(panel.curve.places, np.zeros(1))
    mouse.click(plot, QPointF(x[0] + 3, plot.area.center().y()))
    assert store.state.config.skyRej == 1.2
    assert store.undo_label == "take a config of the sweep"
    assert sweep_data_of(sweep, store.state.config, ("", ""), False).present == (1.2,)
    store.set(excluded_exposures=frozenset({store.state.selection.exposure}))
    assert "run it again" in panel.remark.text()


@pytest.mark.parametrize("which", [0, 1])
def test_a_click_on_the_mark_itself_takes_its_config(
    panel: SweepPanel, store: Store, which: int
) -> None:
    put(store, sweep_over({"skyRej": (2.0, 3.0, 4.0)}))
    assert panel.curve is not None
    taken: list[int] = []
    panel.curve.taken.connect(taken.append)
    plot = panel.curve.plots[which]
    x, y = plot.place(plot.now.x, plot.now.y)
    mouse.click(plot, QPointF(x[1], y[1]))
    assert taken == [1]


def test_two_equal_fields_and_too_many_points_cannot_be_run(panel: SweepPanel) -> None:
    panel.form._ready = True
    panel.form.more.setChecked(True)
    panel.form.rows[1].field.setCurrentText("skyRej")
    assert panel.form.hint.text() == "Choose two different fields."
    assert not panel.form.run.isEnabled()
    panel.form.rows[1].field.setCurrentText("stats.clip")
    for row in panel.form.rows:
        row.steps.setText("60")
        row.steps.textEdited.emit("60")
    assert "3600 points are too many" in panel.form.hint.text()
    panel.form.more.setChecked(False)
    assert panel.form.run.isEnabled()


def test_arrow_keys_and_enter_take_a_config_without_a_mouse(
    panel: SweepPanel, store: Store, qtbot: QtBot
) -> None:
    put(store, sweep_over({"skyRej": (2.0, 3.0, 4.0)}))
    assert panel.curve is not None
    qtbot.keyClick(panel.curve, Qt.Key.Key_Left)
    assert panel.curve.pointed == 1, "where the config is now"
    qtbot.keyClick(panel.curve, Qt.Key.Key_Right)
    assert "skyRej 4" in panel.curve.pointed_text()
    assert "1002.0 ± 0.5" in panel.curve.pointed_text()
    qtbot.keyClick(panel.curve, Qt.Key.Key_Return)
    assert store.state.config.skyRej == 4.0
    qtbot.keyClick(panel.curve, Qt.Key.Key_Escape)
    assert panel.curve.pointed_text() == ""


@pytest.mark.parametrize("ready", [None, 0])
def test_keys_do_nothing_where_there_is_no_point_yet(qtbot: QtBot, ready: int | None) -> None:
    from skyframe_gui.ui.graph.sweep_curves import SweepCurves

    curves = SweepCurves()
    qtbot.addWidget(curves)
    if ready is not None:
        sweep = sweep_over({"skyRej": (2.0, 3.0)}, n=ready)
        curves.show_sweep(sweep_data_of(sweep, SkyMeasurementConfig(), ("", ""), False), theme.DARK)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Escape):
        qtbot.keyClick(curves, key)
    assert curves.pointed is None


def test_the_map_has_a_cell_for_each_pair_and_leaves_open_what_is_not_ready(
    panel: SweepPanel, store: Store, qtbot: QtBot
) -> None:
    put(store, sweep_over({"skyRej": (2.0, 3.0, 4.0), "skyIter": (1, 3)}, n=5, bad=3))
    assert panel.remark.text() == "Stopped after 5 of 6 points."
    view = panel.map
    assert view is not None
    assert view.isVisibleTo(panel)
    port = view.plot.viewport()
    assert view.swept is not None
    grid = view.swept.grid("scale")
    assert grid.shape == (2, 3)
    np.testing.assert_array_equal(grid, [[1000, 1002, 1004], [1001, NAN, NAN]])
    assert view.plot.index_at(view.cell(4).center()) == 4
    assert view.plot.index_at(view.cell(5).center()) is None, "this point is not ready"
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=view.cell(4).center().toPoint())
    assert (store.state.config.skyRej, store.state.config.skyIter) == (4.0, 1)
    qtbot.mouseMove(port, view.cell(3).center().toPoint())
    assert "no sample left" in view.pointed_text()
    for quantity in ("scale", "error", "rms", "rejected"):
        panel.form.quantity.setCurrentText(quantity)
        assert not view.grab().isNull()


def test_two_plots_side_by_side_share_x_and_show_what_the_sweep_gave(
    panel: SweepPanel, store: Store, qtbot: QtBot
) -> None:
    panel.resize(1064, 176)
    put(store, sweep_over({"skyRej": (4.0, 2.0, 3.0)}, bad=2))
    assert panel.curve is not None
    scale, beside = panel.curve.plots
    qtbot.waitUntil(lambda: beside.geometry().left() > scale.geometry().right())
    assert scale.area.height() == beside.area.height()
    assert [plot.y_label for plot in panel.curve.plots] == ["scale", "rejected"]
    assert [plot.x_label for plot in panel.curve.plots] == ["skyRej", "skyRej"]
    x, y = scale.now.line.getData()
    assert x.tolist() == [2.0, 4.0]
    assert y.tolist() == [1001.0, 1000.0]
    assert scale.now.errors.opts["height"].tolist() == pytest.approx([2 * 0.51, 2 * 0.5])
    assert beside.now.line.getData()[1].tolist() == [1.0, 0.0]
    assert scale.present.isVisible(), "the point of the config as it is now has failed: no ring"
    assert scale.present.value() == store.state.config.skyRej
    mouse.wheel(scale, scale.area.center(), 240)
    assert beside.x_range == pytest.approx(scale.x_range)
    assert beside.x_range != beside.home[0]
    mouse.double_click(beside, beside.area.center())
    assert scale.x_range == pytest.approx(scale.home[0])
    for quantity, first in (("error", 0.51), ("rms", 1.2), ("rejected", 1.0)):
        panel.form.quantity.setCurrentText(quantity)
        assert beside.now.line.getData()[1][0] == pytest.approx(first)
        assert beside.y_label.split(" ")[0] == quantity
    panel.resize(345, 320)
    qtbot.waitUntil(lambda: beside.geometry().top() > scale.geometry().bottom())


def with_a(sweep: Sweep) -> Sweep:
    """Return a sweep with the same over A, whose scales are by 2 greater."""
    points = tuple(replace(one, scale=one.scale + 2) for one in sweep.points)
    return replace(sweep, pinned=replace(sweep, points=points))


def test_a_is_dashed_beside_b_with_a_ring_and_its_letter_at_the_value_in_use(
    panel: SweepPanel, qtbot: QtBot
) -> None:
    from skyframe_gui.ui.graph.sweep_curves import SweepCurves

    curves = SweepCurves()
    qtbot.addWidget(curves)
    curves.resize(900, 150)
    curves.show()
    sweep = with_a(sweep_over({"skyRej": (2.0, 3.0, 4.0)}))
    configs = (SkyMeasurementConfig(skyRej=3.0), SkyMeasurementConfig(skyRej=4.0))
    swept = sweep_data_of(sweep, configs[0], ("", ""), False, configs[1])
    assert swept.of_a is not None
    assert (swept.in_use, swept.of_a.in_use, swept.letter) == (1, 2, "B")
    curves.show_sweep(swept, theme.DARK)
    scale = curves.plots[0]
    assert scale.of_a.line.getData()[1].tolist() == [1002.0, 1003.0, 1004.0]
    assert scale.of_a.line.opts["pen"].style() == Qt.PenStyle.CustomDashLine
    assert scale.now.line.opts["pen"].style() == Qt.PenStyle.SolidLine
    assert not scale.present.isVisible()
    image = curves.grab().toImage()
    for curve, index in ((scale.of_a, 2), (scale.now, 1)):
        x, y = scale.place(curve.x[index : index + 1], curve.y[index : index + 1])
        left = image.pixelColor(round(x[0] - 6.5), round(y[0]))
        assert left.lightness() > 150, "the ring is there"
    assert scale.home[1].low < 1000.0
    assert scale.home[1].high > 1004.0, "both are in view"
    assert "1002" in swept.as_text().split("\nA\n")[1]


@pytest.mark.parametrize(
    ("path", "values", "ticks"),
    [
        ("skyRej", (2.0, 6.0, 7.0), ["2", "3", "4", "5", "6", "7"]),
        ("xNumSamples", (2, 3, 4), ["2", "3", "4"]),
        ("background.xBinSize", (8, 16, 32, 64), ["8", "16", "32", "64"]),
        ("stats.statistic", ("MEAN", "MEDIAN"), ["MEAN", "MEDIAN"]),
    ],
)
def test_numbers_have_round_ticks_and_factors_and_words_one_for_each_value(
    qtbot: QtBot, path: str, values: tuple[object, ...], ticks: list[str]
) -> None:
    from skyframe_gui.ui.graph.sweep_curves import SweepCurves

    curves = SweepCurves()
    qtbot.addWidget(curves)
    curves.resize(900, 300)
    curves.show()
    sweep = sweep_over({path: values})
    curves.show_sweep(sweep_data_of(sweep, SkyMeasurementConfig(), ("", ""), False), theme.DARK)
    plot = curves.plots[-1]
    low, high = plot.x_range
    told = []
    for step, places in plot.x_axis.tickValues(low, high, plot.area.width()):
        told += zip(places, plot.x_axis.tickStrings(places, 1.0, step), strict=True)
    inside = [text for place, text in sorted(told) if low <= place <= high and text]
    assert [text for text in inside if text in ticks] == ticks
    assert len(inside) == len(ticks) or path == "skyRej"


@pytest.mark.parametrize("height", [90, 120, 160])
@pytest.mark.parametrize("scales", [(1.1295, 1.13), (1000.0, 1000.0), (0.0, 250000.0)])
def test_however_low_a_plot_is_its_y_axis_has_three_ticks_that_can_be_told_apart(
    qtbot: QtBot, height: int, scales: tuple[float, float]
) -> None:
    from skyframe_gui.ui.graph.sweep_curves import SweepCurves

    curves = SweepCurves()
    qtbot.addWidget(curves)
    curves.resize(900, height)
    curves.show()
    sweep = sweep_over({"skyRej": (2.0, 3.0)})
    points = [replace(one, scale=y) for one, y in zip(sweep.points, scales, strict=True)]
    made = replace(sweep, points=tuple(points))
    curves.show_sweep(sweep_data_of(made, SkyMeasurementConfig(), ("", ""), False), theme.DARK)
    for plot in curves.plots:
        low, high = plot.y_range
        [(step, values)] = plot.y_axis.tickValues(low, high, plot.area.height())[:1]
        texts = plot.y_axis.tickStrings(values, 1.0, step)
        assert len(set(texts)) >= 3
        assert plot.area.height() * step / (high - low) >= 12, "one above the other has room"


def test_the_form_is_one_line_of_the_header_where_that_is_wide_enough(
    window: MainWindow, store: Store, qtbot: QtBot
) -> None:
    store.set(bad_files=(BadFile("x.fits", "is no FITS file"),))
    window.resize(1280, 720)
    window.context.reveal("sweep")
    panel = window.panel("sweep")
    assert isinstance(panel, SweepPanel)
    header = window.docks["sweep"].header
    run = panel.form.run
    qtbot.waitUntil(lambda: header.isAncestorOf(run) and run.isVisible())
    for widget in (panel.form.rows[0].field, panel.form.rows[0].low, panel.form.run):
        assert widget.isVisible()
        place = widget.mapTo(header, widget.rect().bottomRight())
        assert header.rect().contains(place)
    panel.form.more.click()
    assert panel.form.rows[1].isVisible()
    assert panel.isAncestorOf(panel.form.rows[1])
    panel.form.more.click()
    window.docks["sweep"].setFloating(True)
    window.docks["sweep"].resize(360, 300)
    qtbot.waitUntil(lambda: panel.isAncestorOf(run) and run.isVisible())


def test_pointing_tells_the_numbers_and_why_a_fit_failed(panel: SweepPanel, store: Store) -> None:
    put(store, sweep_over({"skyRej": (2.0, 3.0, 4.0)}, bad=2))
    assert panel.curve is not None
    plot = panel.curve.plots[1]
    before = panel.curve.grab().toImage()
    x, _ = plot.place(panel.curve.places, np.zeros(1))
    mouse.move(plot, QPointF(x[0], plot.area.center().y()))
    assert "1000.0 ± 0.5" in panel.curve.pointed_text()
    mouse.move(plot, QPointF(x[2], plot.area.center().y()))
    assert "no sample left" in panel.curve.pointed_text()
    assert panel.curve.grab().toImage() != before
    mouse.leave(plot)
    assert panel.curve.pointed_text() == ""
    assert panel.curve.grab().toImage() == before


def test_the_present_config_is_marked_where_it_is_and_nowhere_else() -> None:
    numbers = Axis("skyRej", (1.0, 2.0, 4.0), False)
    assert numbers.index_of(2.0) == 1
    assert numbers.index_of(3.0) == 1.5
    assert math.isnan(numbers.index_of(9.0))
    names = Axis("stats.statistic", ("MEAN", "MEDIAN"), False)
    assert names.index_of("MEDIAN") == 1
    assert math.isnan(names.index_of("MEANCLIP"))


def test_values_spaced_by_factors_get_a_log_axis() -> None:
    assert is_geometric((8, 16, 32, 64))
    assert not is_geometric((1, 2, 3, 4))
    assert not is_geometric((0, 1, 10))
    assert not is_geometric(("MEAN", "MEDIAN", "MEANCLIP"))


@pytest.mark.parametrize(
    "fields",
    [
        {"skyRej": (1.0, 2.0, 3.0)},
        {"stats.statistic": ("MEAN", "MEDIAN", "MEANCLIP")},
        {"skyRej": (3.0,)},
        {"background.xBinSize": (8, 16, 32, 64), "stats.statistic": ("MEAN", "MEDIAN")},
    ],
)
@pytest.mark.parametrize("ready", [0, 1, None])
def test_every_kind_of_sweep_is_drawn_however_far_it_is(
    panel: SweepPanel, store: Store, fields: dict[str, tuple[object, ...]], ready: int | None
) -> None:
    put(store, sweep_over(fields, n=ready, bad=0))
    plot = panel.map if len(fields) == 2 else panel.curve
    assert plot is not None
    assert plot.isVisibleTo(panel)
    plot.point(0 if ready != 0 else None)
    assert not plot.grab().isNull()


def test_the_points_are_copied_as_a_table(panel: SweepPanel, store: Store) -> None:
    put(store, sweep_over({"skyRej": (2.0, 3.0)}, bad=1))
    panel.form.copy.click()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    rows = [row.split("\t") for row in clipboard.text().splitlines()]
    assert rows[0][:4] == ["skyRej", "scale", "error", "rms"]
    assert rows[1][:2] == ["2", "1000"]
    assert rows[2][-1] == "The fit has no sample left."


def test_other_fields_that_have_changed_since_are_told(
    panel: SweepPanel, store: Store, commands: Commands
) -> None:
    sweep = sweep_over({"skyRej": (2.0, 3.0)})
    changed = SkyMeasurementConfig(skyIter=1)
    assert sweep_data_of(sweep, changed, ("", ""), False).elsewhere
    assert not sweep_data_of(sweep, SkyMeasurementConfig(skyRej=9.0), ("", ""), False).elsewhere


def test_the_window_has_the_panel_and_a_sweep_shows_in_it(window: MainWindow, store: Store) -> None:
    store.set(bad_files=(BadFile("x.fits", "is no FITS file"),))
    window.context.reveal("sweep")
    panel = window.panel("sweep")
    assert isinstance(panel, SweepPanel)
    put(store, sweep_over({"skyRej": (2.0, 3.0)}))
    assert panel.curve is not None
    assert panel.curve.isVisibleTo(panel)


@pytest.mark.parametrize("path", ["background.statistic", "stats.statistic", "skyRej"])
def test_choosing_a_field_suggests_values_that_can_be_run(panel: SweepPanel, path: str) -> None:
    row = panel.form.rows[0]
    row.field.setCurrentText(path)
    assert len(row.values()) >= 3


def test_a_field_that_no_fit_depends_on_is_told() -> None:
    sweep = sweep_over({"background.xBinSize": (16, 32)})
    config = SkyMeasurementConfig()
    assert not sweep_data_of(sweep, config, ("", ""), False).is_flat
    same = tuple(replace(sweep.points[0], values=one.values) for one in sweep.points)
    assert sweep_data_of(replace(sweep, points=same), config, ("", ""), False).is_flat


def data_of(sweep: Sweep, **more: Any) -> SweepData:
    """Return a sweep over ``skyRej``, or that and ``skyIter``, ready to be drawn beside A."""
    config = SkyMeasurementConfig(skyRej=3.0, skyIter=2)
    return sweep_data_of(sweep, config, ("electron/adu", "electron"), **({"stale": False} | more))


def test_all_that_is_drawn_of_a_curve(qtbot: QtBot) -> None:
    from skyframe_gui.ui.graph.sweep_curves import SweepCurves

    curves = SweepCurves()
    qtbot.addWidget(curves)
    curves.resize(620, 200)
    curves.show()
    sweep = with_a(sweep_over({"skyRej": (2.0, 3.0, 4.0, 5.0)}, bad=2))
    of_a = SkyMeasurementConfig(skyRej=4.0)
    curves.show_sweep(data_of(sweep, config_a=of_a, letter="B"), theme.DARK)
    curves.point(1)
    check("curves", curves)
    curves.point(2)
    curves.show_quantity("rms")
    curves.resize(500, 320)
    agree("curves failed", drawn(curves))
    other = sweep_over({"skyRej": (2.0, 2.5, 4.0, 5.0)})
    curves.point(None)
    curves.show_sweep(data_of(other, stale=True), theme.DARK)
    curves.show_quantity("error")
    agree("curves stale", drawn(curves))
    labels = ("scale [electron/adu]", "error [electron/adu]")
    for plot, label in zip(curves.plots, labels, strict=True):
        assert plot.y_label == label
        assert plot.x_label == "skyRej"
        assert plot.accessibleName() == f"Sweep, {plot.quantity}"
        assert plot.present.isVisible(), "at no point"
        assert plot.present.value() == 3.0


@pytest.mark.parametrize("palette", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_all_that_is_drawn_of_a_map(qtbot: QtBot, palette: theme.Palette) -> None:
    from skyframe_gui.ui.graph.sweep_map import SweepMap

    shown = SweepMap()
    qtbot.addWidget(shown)
    shown.resize(420, 240)
    shown.show()
    sweep = sweep_over({"skyRej": (2.0, 4.0, 5.0), "skyIter": (1, 2)}, n=5, bad=2)
    shown.show_sweep(data_of(sweep), palette)
    shown.point(1)
    check(f"sweep map {palette.name}", shown)
    shown.show_quantity("rejected")
    shown.point(None)
    check(f"sweep map {palette.name} rejected", shown)
    assert shown.bar.unit == ""
    shown.bar.dragged.emit(0.0, 2.0)
    assert shown.bar.levels is not None
    assert shown.bar.levels.limits == (0.0, 2.0)
    shown.show_sweep(data_of(sweep), palette)
    assert shown.bar.levels.limits == (0.0, 2.0), "of the same sweep they stay"
    shown.bar.reset.emit()
    assert shown.bar.levels.limits == (0.0, 4.0)
    shown.bar.dragged.emit(0.0, 2.0)
    shown.show_sweep(data_of(replace(sweep, points=sweep.points[:4])), palette)
    assert shown.bar.levels.limits == (0.0, 3.0)
    shown.show_sweep(data_of(replace(sweep, points=sweep.points[:1])), palette)
    assert shown.bar.levels.limits == (-0.5, 0.5)
    shown.show_quantity("scale")
    assert shown.bar.levels.limits == (999.0, 1001.0)
    shown.show_sweep(data_of(replace(sweep, points=())), palette)
    assert shown.bar.levels is None


def test_cells_of_a_map_are_pointed_at_and_walked(qtbot: QtBot) -> None:
    from skyframe_gui.ui.graph.sweep_map import SweepMap

    shown = SweepMap()
    qtbot.addWidget(shown)
    shown.resize(420, 240)
    shown.show()
    sweep = sweep_over({"skyRej": (2.0, 4.0, 5.0), "skyIter": (1, 2)}, n=5)
    shown.show_sweep(data_of(sweep), theme.DARK)
    found = [shown.plot.index_at(shown.cell(one).center()) for one in range(6)]
    assert found == [0, 1, 2, 3, 4, None]
    cell = shown.cell(0)
    assert shown.plot.index_at(cell.bottomLeft() + QPointF(1, -1)) == 0
    assert shown.plot.index_at(cell.bottomLeft() + QPointF(-1, -1)) is None
    assert shown.plot.index_at(cell.topRight() + QPointF(1, -1)) == 3
    left, right = (-1, 0), (1, 0)
    ways = {(0, left): 0, (0, right): 2, (0, (0, 1)): 1, (1, (0, 1)): 1, (2, (0, -1)): 2}
    ways |= {(3, right): 3, (4, right): 4, (4, left): 2, (4, (0, 1)): 4}
    assert {one: shown.neighbour(one[0], *one[1]) for one in ways} == ways
    taken: list[int] = []
    shown.taken.connect(taken.append)
    keys = (Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Left, Qt.Key.Key_Enter)
    for key in keys:
        qtbot.keyClick(shown, key)
    assert shown.pointed == 0
    assert taken == [2, 0], "from the first point on, as the config is at none"
    assert shown.accessibleDescription() == shown.pointed_text() != ""
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert shown.pointed is None
    qtbot.keyClick(shown, Qt.Key.Key_Return)
    shown.plot.pointed(shown.cell(2).center())
    assert shown.pointed == 2
    assert shown.plot.cursor().shape() == Qt.CursorShape.PointingHandCursor
    shown.plot.pointed(shown.cell(5).center())
    assert shown.plot.cursor().shape() == Qt.CursorShape.ArrowCursor
    assert shown.pointed is None
    shown.plot.clicked(shown.cell(4).center(), False)
    shown.plot.clicked(shown.cell(5).center(), False)
    assert taken == [2, 0, 4]
    shown.point(4)
    shown.show_sweep(data_of(replace(sweep, points=sweep.points[:4])), theme.DARK)
    assert shown.pointed is None, "it is not ready"
    shown.point(3)
    shown.show_sweep(
        data_of(sweep_over({"skyRej": (2.0, 4.0, 5.0), "stats.nIter": (1, 2)})), theme.DARK
    )
    assert shown.pointed is None, "of another sweep"


def test_points_of_a_curve_are_pointed_at_within_reach_along_x(qtbot: QtBot) -> None:
    from skyframe_gui.ui.graph.sweep_curves import SweepCurves

    curves = SweepCurves()
    qtbot.addWidget(curves)
    curves.resize(620, 200)
    curves.show()
    plot = curves.plots[0]
    middle = plot.area.center()
    assert plot.index_at(middle) is None
    curves.show_sweep(data_of(sweep_over({"skyRej": (5.0, 2.0, 4.0)})), theme.DARK)
    x, _ = plot.place(np.array([2.0, 4.0]), np.zeros(2))
    assert plot.index_at(QPointF(x[0] + 29.9, middle.y())) == 1
    assert plot.index_at(QPointF(x[0] + 30.1, middle.y())) is None
    assert plot.index_at(QPointF(x[1], plot.area.bottom() + 2)) is None
    assert [curves.neighbour(one, 1, 0) for one in (1, 2, 0)] == [2, 0, 0]
    assert [curves.neighbour(one, -1, 0) for one in (1, 2, 0)] == [1, 1, 2]
    assert curves.neighbour(1, 0, 1) == 1
    assert curves.first() == 0
    view = plot.home[0], Range(1000.0, 1001.0)
    for touched, values, stays in (
        (True, (5.0, 2.0, 4.0), True),
        (False, (5.0, 2.0, 4.0), False),
        (True, (5.0, 2.0, 3.0), False),
    ):
        plot.show_range(*view)
        plot.touched = touched
        curves.show_sweep(data_of(sweep_over({"skyRej": values})), theme.DARK)
        assert (plot.y_range == view[1]) is stays
    assert curves.first() == 2


@pytest.mark.parametrize(
    ("values", "numeric", "geometric", "labels", "span"),
    [
        ((2.0, 3.0), True, False, ["2", "3"], (1.96, 3.04)),
        ((1, 3, 9), True, True, ["1", "3", "9"], None),
        ((1, 2, 2.9), True, False, ["1", "2", "2.9"], None),
        ((1.0, 2.0, 3.0), True, False, ["1", "2", "3"], (0.92, 3.08)),
        ((0, 1, 100), True, False, ["0", "1", "100"], None),
        (("MEAN", None), False, False, ["MEAN", NONE], (-0.5, 1.5)),
    ],
)
def test_a_field_as_an_axis(
    values: tuple[object, ...],
    numeric: bool,
    geometric: bool,
    labels: list[str],
    span: tuple[float, float] | None,
) -> None:
    axis = Axis("field", values, is_geometric(values))
    assert (axis.numeric, axis.logarithmic, axis.labels()) == (numeric, geometric, labels)
    if span:
        assert axis.span == pytest.approx(span)
    places = [math.log10(cast("float", one)) for one in values] if geometric else None
    assert axis.places.tolist() == pytest.approx(places or (values if numeric else [0, 1]))
    assert [axis.index_of(one) for one in values] == list(range(len(values)))


def test_values_between_those_of_an_axis_are_parts_of_a_step() -> None:
    axis = Axis("field", (4.0, 2.0, 8.0), False)
    assert [axis.index_of(one) for one in (3.0, 6.0)] == [0.5, 1.0]
    assert all(math.isnan(axis.index_of(one)) for one in (1.9, 8.1, "MEAN", None))
    factors = Axis("field", (1, 10, 100), True)
    assert factors.place(1000) == 3.0
    assert math.isnan(factors.place(0))
    assert factors.index_of(10**1.5) == pytest.approx(1.5)
    names = Axis("field", ("MEAN", "MEDIAN"), False)
    assert math.isnan(names.place("MEANCLIP"))
    assert math.isnan(names.index_of("MEANCLIP"))
    assert math.isnan(names.index_of(1.0))


def test_what_is_said_of_a_point_and_copied_of_all() -> None:
    sweep = sweep_over({"skyRej": (2.0, 3.0), "background.xBinSize": (8, 16)}, n=3, bad=1)
    data = data_of(sweep)

    def said(index: int) -> list[str]:
        return [" ".join(word.text for word in words) for words in data.words(index)]

    place = "skyRej 2 xBinSize 8"
    scale = "scale 1000.0 ± 0.5 electron/adu"
    assert said(0) == [
        f"{place} {scale} rms 1.20 electron used 100 rejected 0",
        f"{place} {scale} rms 1.20 electron",
        f"{place} {scale}",
        scale,
    ]
    assert said(1) == ["skyRej 2 xBinSize 16 failed"]
    assert data.as_text().splitlines() == [
        "skyRej\tbackground.xBinSize\tscale [electron/adu]\terror [electron/adu]\t"
        "rms [e⁻]\tused\trejected\twhy it failed",
        "2\t8\t1000\t0.5\t1.2\t100\t0\t",
        "2\t16\tnan\tnan\tnan\t0\t40\tThe fit has no sample left.",
        "3\t8\t1002\t0.52\t1.2\t98\t2\t",
    ]
    grid = data.grid("scale")
    assert np.nan_to_num(grid, nan=-1).tolist() == [[1000, 1002], [-1, -1]]
    assert [data.unit_of(one) for one in ("scale", "error", "rms", "rejected", "other")] == [
        *("electron/adu", "electron/adu", "electron", "", ""),
    ]
    assert data.in_use is None
    assert not data.is_flat


@pytest.mark.parametrize(
    ("more", "failed"),
    [
        ({}, False),
        ({"why": "No."}, True),
        ({"scale": math.nan}, True),
        ({"scale": math.inf}, True),
        ({"why": "No.", "scale": math.nan}, True),
    ],
)
def test_a_point_failed_where_it_says_why_or_has_no_number(
    more: dict[str, Any], failed: bool
) -> None:
    numbers = {"scale": 5.0, "error": 0.5, "rms": 1.0, "n_used": 9, "n_rejected": 3}
    point = SweepPoint(values=(2.0,), **(numbers | more))
    data = data_of(replace(sweep_over({"skyRej": (2.0,)}), points=(point,)))
    said = [word.text for word in data.words(0)[0]]
    assert (said[-1] == "failed") == failed
    found = [number_of(point, name) for name in ("scale", "error", "rms", "rejected")]
    assert np.isnan(found).all() if failed else found == [5.0, 0.5, 1.0, 3.0]


def test_a_sweep_of_equal_numbers_is_flat() -> None:
    sweep = sweep_over({"skyRej": (2.0, 3.0)})
    same = tuple(replace(sweep.points[0], values=(one,)) for one in (2.0, 3.0))
    assert data_of(replace(sweep, points=same)).is_flat
    assert not data_of(replace(sweep, points=same[:1])).is_flat
    nan = tuple(replace(one, scale=NAN, error=NAN) for one in same)
    assert not data_of(replace(sweep, points=nan)).is_flat


@pytest.mark.parametrize(
    ("path", "value", "suggested"),
    [
        ("skyRej", 3.0, ("linear", "1.5", "6", "10")),
        ("background.xBinSize", 128, ("log", "32", "512", "9")),
        ("background.xBinSize", 16, ("log", "4", "64", "9")),
        ("background.xBinSize", 15, ("linear", "12", "20", "9")),
        ("background.xBinSize", 2, ("linear", "1", "7", "7")),
        ("stats.statistic", "MEAN", ("list", "", "", "")),
    ],
)
def test_values_are_suggested_around_the_present_one(
    path: str, value: object, suggested: tuple[str, str, str, str]
) -> None:
    assert suggestion(FIELDS[path], value) == suggested


@pytest.mark.parametrize("n_fields", [0, 1, 2])
def test_what_the_form_has_in_it(panel: SweepPanel, store: Store, n_fields: int) -> None:
    if n_fields == 1:
        put(store, sweep_over({"skyRej": (2.0, 3.0)}))
    elif n_fields == 2:
        put(store, sweep_over({"skyRej": (2.0, 3.0), "skyIter": (1, 2)}))
        panel.form.more.click()
        panel.form.rows[1].field.setCurrentText("stats.statistic")
    agree(f"sweep form {n_fields}", list(parts(panel)))

"""The samples plot: steps, marks, pointing, selecting, excluding, and a view that stays."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fitted_visits import fit_of, make_fit
from mouse import CTRL, NONE, SHIFT, click, double_click, drag, leave, move, wheel
from PyQt6.QtCore import QPoint, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QPainter
from PyQt6.QtWidgets import QLabel
from recorded import agree, check, drawn
from visits import host, put

from skyframe_gui.app.model.rejection_steps import Mark, rows_of, steps_of
from skyframe_gui.engine import Samples, SkyMeasurementConfig
from skyframe_gui.numbers import fixed
from skyframe_gui.ui.panel_pictures import png_of
from skyframe_gui.ui.panels.samples import SamplesPanel
from skyframe_gui.ui.samples.axis_range import Range
from skyframe_gui.ui.samples.chips import Word, value
from skyframe_gui.ui.samples.colours import round_colours
from skyframe_gui.ui.samples.points import Guide, Points
from skyframe_gui.ui.samples.residual_axes import axes_of
from skyframe_gui.ui.samples.sample_view import SIGMA, hover_words, step_words, view_of
from skyframe_gui.ui.theme import DARK, LIGHT

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.ui.graph.sample_plot import SamplePlot
    from skyframe_gui.ui.samples.points import Emphasis
    from skyframe_gui.ui.theme import Palette
    from skyframe_gui.ui.window import MainWindow


@pytest.fixture
def fit(store: Store) -> VisitFit:
    return make_fit()


@pytest.fixture
def panel(qtbot: QtBot, store: Store, commands: Commands, fit: VisitFit) -> SamplesPanel:
    made = SamplesPanel(commands)
    put(store, fit)
    host(qtbot, made, store, 620, 420)
    assert made.view is not None
    return made


def place_of(plot: SamplePlot, index: int) -> QPoint:
    x, y = plot.placed()
    return QPointF(x[index], y[index]).toPoint()


def lonely(plot: SamplePlot) -> int:
    """A mark whose middle is nearer to itself than to any other, and in view."""
    x, y = plot.placed()
    area = plot.area
    best, distance = 0, 0.0
    for index in np.flatnonzero(np.isfinite(x + y)).tolist():
        if not area.adjusted(9, 9, -9, -9).contains(QPointF(x[index], y[index])):
            continue
        others = np.delete(np.hypot(x - x[index], y - y[index]), index)
        if np.nanmin(others) > distance:
            best, distance = index, float(np.nanmin(others))
    assert distance > 3
    return best


def test_empty_panel_says_what_to_do(qtbot: QtBot, store: Store, commands: Commands) -> None:
    panel = SamplesPanel(commands)
    host(qtbot, panel, store, 460, 260)
    assert panel.note.isVisible()
    assert "Open a visit" in panel.note.findChildren(QLabel)[2].text()


def test_keys_walk_the_steps(
    qtbot: QtBot, panel: SamplesPanel, store: Store, fit: VisitFit
) -> None:
    seen = []
    for key in (
        Qt.Key.Key_Home,
        Qt.Key.Key_Comma,
        Qt.Key.Key_Period,
        Qt.Key.Key_Period,
        Qt.Key.Key_Period,
        Qt.Key.Key_Period,
        Qt.Key.Key_Comma,
        Qt.Key.Key_End,
    ):
        qtbot.keyClick(panel.plot, key)
        seen.append(store.state.selection.step)
    assert seen == [0, 0, 1, 2, None, None, 2, None]


def test_playing_goes_to_the_last_step_and_stops(
    qtbot: QtBot, panel: SamplesPanel, store: Store
) -> None:
    panel.stepper._timer.setInterval(10)
    qtbot.keyClick(panel.plot, Qt.Key.Key_Space)
    assert panel.stepper.playing
    assert store.state.selection.step == 0
    qtbot.waitUntil(lambda: not panel.stepper.playing, timeout=3000)
    assert store.state.selection.step is None


def test_buttons_of_the_stepper_show_their_step(
    qtbot: QtBot, panel: SamplesPanel, store: Store
) -> None:
    qtbot.mouseClick(panel.stepper.numbers.buttons["1"], Qt.MouseButton.LeftButton)
    assert store.state.selection.step == 1
    assert panel.view is not None
    assert panel.view.step.number == 1
    qtbot.mouseClick(panel.stepper.on, Qt.MouseButton.LeftButton)
    assert store.state.selection.step == 2
    assert panel.stepper.numbers.checked("2")


def test_a_step_never_moves_the_view(
    qtbot: QtBot, panel: SamplesPanel, commands: Commands, store: Store
) -> None:
    before = (panel.plot.x_range, panel.plot.y_range)
    for step in (0, 1, 2, None):
        commands.show_step(step)
    assert (panel.plot.x_range, panel.plot.y_range) == before
    put(store, make_fit(seed=9))  # other numbers for the same exposures
    assert (panel.plot.x_range, panel.plot.y_range) == before


def test_the_view_follows_another_visit_and_detectors_that_join(
    panel: SamplesPanel, store: Store
) -> None:
    before = panel.plot.x_range
    put(store, make_fit(n_detectors=9, seed=4))
    assert panel.plot.x_range != before
    joined = panel.plot.x_range
    put(store, make_fit(visit="908121", seed=5))
    assert panel.plot.x_range != joined


def test_detectors_that_join_leave_a_zoomed_view_alone(panel: SamplesPanel, store: Store) -> None:
    wheel(panel.plot, panel.plot.area.center(), 120)
    before = (panel.plot.x_range, panel.plot.y_range)
    put(store, make_fit(n_detectors=9, seed=4))
    assert (panel.plot.x_range, panel.plot.y_range) == before
    panel.plot.fit()
    assert (panel.plot.x_range, panel.plot.y_range) != before


def at_another_height(fit: VisitFit, factor: float = 1.0, higher: float = 500.0) -> VisitFit:
    """Return the fit with another sky frame."""
    samples = [
        Samples(one.image, factor * one.sky + higher, one.good_fraction, one.boxes, one.detector)
        for one in fit.samples
    ]
    return fit_of(samples, keys=fit.keys, visit=fit.visit)


@pytest.mark.parametrize(("factor", "higher"), [(1.0, 500.0), (500.0, 0.0)])
def test_samples_that_a_new_sky_frame_takes_out_of_sight_are_shown(
    panel: SamplesPanel, store: Store, factor: float, higher: float
) -> None:
    before = panel.plot.x_range
    fit = at_another_height(make_fit(), factor, higher)
    put(store, fit)
    skies = np.concatenate([one.sky for one in fit.samples])
    assert panel.plot.x_range != before
    assert panel.plot.x_range.low < skies.min() < skies.max() < panel.plot.x_range.high


def test_the_view_is_that_of_another_sky_frame_though_some_marks_would_be_in_sight(
    panel: SamplesPanel, store: Store
) -> None:
    width = panel.plot.x_range.width
    other = frozenset({"built 9"})
    fit = replace(at_another_height(make_fit(), higher=0.4 * width), frame_keys=other)
    put(store, fit)
    skies = np.concatenate([one.sky for one in fit.samples])
    shown = panel.plot.x_range
    assert shown.low < skies.min() < skies.max() < shown.high
    put(store, replace(at_another_height(make_fit(), higher=0.6 * width), frame_keys=other))
    assert panel.plot.x_range == shown, "the same frame without an exposure moves no view"


def test_a_view_that_a_person_chose_stays_whatever_the_sky_frame_is(
    panel: SamplesPanel, store: Store
) -> None:
    wheel(panel.plot, panel.plot.area.center(), 120)
    before = (panel.plot.x_range, panel.plot.y_range)
    put(store, replace(at_another_height(make_fit()), frame_keys=frozenset({"built 9"})))
    assert (panel.plot.x_range, panel.plot.y_range) == before


def test_wheel_zooms_about_the_cursor_and_double_click_shows_all(
    qtbot: QtBot, panel: SamplesPanel
) -> None:
    plot = panel.plot
    home = plot.x_range
    at = plot.area.center() + QPointF(40, 10)
    before = plot.value_at(at)
    wheel(plot, at, 240)
    assert plot.x_range.width < home.width
    assert plot.value_at(at) == pytest.approx(before)
    double_click(plot, at)
    assert plot.x_range == home


def test_drag_moves_the_view_and_selects_nothing(
    qtbot: QtBot, panel: SamplesPanel, store: Store
) -> None:
    plot, before = panel.plot, panel.plot.x_range
    middle = plot.area.center().toPoint()
    drag(plot, [middle, middle + QPoint(20, 0), middle + QPoint(50, 0)])
    assert plot.x_range.low < before.low
    assert plot.x_range.width == pytest.approx(before.width)
    assert not store.state.selection.samples


def test_hovering_lights_a_sample_up_and_leaving_ends_it(
    qtbot: QtBot, panel: SamplesPanel, store: Store, fit: VisitFit
) -> None:
    index = lonely(panel.plot)
    move(panel.plot, place_of(panel.plot, index))
    assert store.pointer.now.sample == rows_of(fit).ids(index)
    leave(panel.plot)
    assert store.pointer.now.sample is None


def test_what_is_under_the_mouse_is_no_part_of_a_picture(panel: SamplesPanel) -> None:
    plot = panel.plot
    before, seen = png_of(plot), plot.grab().toImage()
    x, y = plot.placed()
    move(plot, QPointF(x[7], y[7]))
    assert plot.grab().toImage() != seen, "the mark is ringed"
    assert png_of(plot) == before
    move(plot, QPointF(x[7], y[7]))
    assert png_of(panel) == png_of(panel)
    assert panel.commands.store.pointer.now.sample is None


def test_click_selects_ctrl_adds_and_takes_out_escape_clears(
    qtbot: QtBot, panel: SamplesPanel, store: Store, fit: VisitFit, commands: Commands
) -> None:
    rows, index = rows_of(fit), lonely(panel.plot)
    other = rows.ids(7 if index != 7 else 8)
    commands.select_samples([other])
    click(panel.plot, place_of(panel.plot, index), CTRL)
    assert store.state.selection.samples == {other, rows.ids(index)}
    click(panel.plot, place_of(panel.plot, index), CTRL)
    assert store.state.selection.samples == {other}
    click(panel.plot, place_of(panel.plot, index), NONE)
    assert store.state.selection.samples == {rows.ids(index)}
    qtbot.keyClick(panel.plot, Qt.Key.Key_Escape)
    assert not store.state.selection.samples


@pytest.mark.parametrize("tool", [False, True])
def test_lasso_selects_what_it_runs_around(
    qtbot: QtBot, panel: SamplesPanel, store: Store, fit: VisitFit, tool: bool
) -> None:
    plot, rows = panel.plot, rows_of(fit)
    area = plot.area.toRect()
    middle = area.center().x()
    corners = [
        QPoint(middle, area.top() + 2),
        QPoint(area.right() - 2, area.top() + 2),
        QPoint(area.right() - 2, area.bottom() - 2),
        QPoint(middle, area.bottom() - 2),
    ]
    if tool:
        panel.lasso.trigger()
    drag(plot, corners, NONE if tool else SHIFT)
    x, y = plot.placed()
    right = (x > middle) & (x < area.right() - 2) & (y > area.top() + 2) & (y < area.bottom() - 2)
    assert 3 < right.sum() < len(rows)
    assert store.state.selection.samples == {rows.ids(i) for i in np.flatnonzero(right).tolist()}


def test_a_lasso_goes_when_it_says_nothing_of_the_selection(
    panel: SamplesPanel, commands: Commands, fit: VisitFit
) -> None:
    plot = panel.plot
    area = plot.area.toRect().adjusted(2, 2, -2, -2)
    drag(plot, [area.topLeft(), area.topRight(), area.bottomRight(), area.bottomLeft()], SHIFT)
    assert len(plot.view.lasso) > 3
    commands.select_samples([rows_of(fit).ids(3)])
    assert not len(plot.view.lasso), "others were chosen elsewhere"
    corner = area.bottomRight()
    near = [QPoint(4, 1), QPoint(4, 4), QPoint(1, 4), QPoint(1, 1)]
    drag(plot, [corner - by for by in near], SHIFT)
    assert not len(plot.view.lasso), "there is nothing in it"


def test_what_others_select_is_ringed_here(
    panel: SamplesPanel, commands: Commands, fit: VisitFit
) -> None:
    before = panel.plot.grab().toImage()
    commands.select_samples([rows_of(fit).ids(3), ("gone", (0, 0, 1, 1))])
    assert panel.view is not None
    assert panel.view.selected.tolist() == [3]
    assert panel.plot.grab().toImage() != before


def test_d_excludes_u_restores_and_undo_takes_it_back(
    qtbot: QtBot, window: MainWindow, night: Night, commands: Commands,
    store: Store, idle: Callable[[], None],
) -> None:  # fmt: skip
    commands.open(night.paths)
    idle()
    commands.build()
    idle()
    panel = window.panel("samples")
    assert panel.view is not None  # type: ignore[attr-defined]
    fit = store.state.results.fit
    assert fit is not None
    sample = rows_of(fit).ids(int(np.flatnonzero(fit.solution.rejected_at == -1)[0]))
    commands.hover(sample)
    qtbot.keyClick(panel.plot, Qt.Key.Key_D)  # type: ignore[attr-defined]
    assert store.state.excluded_samples == {sample}
    idle()
    changed = store.state.results.fit
    assert changed is not None
    assert changed.solution.n_used < fit.solution.n_used
    assert changed.alone.scale == fit.solution.scale
    chips = " ".join(word.text for row in panel.plot._head for word in row[0])  # type: ignore[attr-defined]
    assert "1 excluded by hand" in chips
    store.undo()
    assert not store.state.excluded_samples
    idle()
    assert store.state.results.fit is not None
    assert store.state.results.fit.solution.scale == fit.solution.scale
    store.redo()
    qtbot.keyClick(panel.plot, Qt.Key.Key_U)  # type: ignore[attr-defined]
    assert not store.state.excluded_samples
    idle()


def test_chip_tells_the_numbers_of_the_step(
    panel: SamplesPanel, commands: Commands, store: Store, fit: VisitFit
) -> None:
    commands.show_step(1)
    view = view_of(store.state)
    assert view is not None
    text = " ".join(word.text for word in step_words(view)[0])
    step = steps_of(fit)[1]
    assert text.startswith("step 1 of 3 scale")
    assert f"{step.sigma:.2f}" in text
    assert f"new {step.n_new} total {step.n_total}" in text


def test_hover_chip_tells_of_the_sample(store: Store, panel: SamplesPanel) -> None:
    view = view_of(store.state)
    assert view is not None
    text = " ".join(word.text for word in hover_words(view, 0)[0])
    assert "det 000" in text
    assert "box (0, 0)" in text
    assert "good 30 %" in text
    ratio = view.residuals[0] / view.step.sigma
    assert f"+{ratio:.1f}" in text
    empty = " ".join(word.text for word in hover_words(view, 35)[0])
    assert "no data" in empty


def test_o_toggles_the_last_line(qtbot: QtBot, panel: SamplesPanel, commands: Commands) -> None:
    commands.show_step(0)
    before = panel.plot.grab().toImage()
    qtbot.keyClick(panel.plot, Qt.Key.Key_O)
    assert panel.lines["last"].isChecked()
    assert panel.plot.grab().toImage() != before
    qtbot.keyClick(panel.plot, Qt.Key.Key_O)
    assert panel.plot.grab().toImage() == before


@pytest.mark.parametrize("emphasis", ["size", "colour"])
def test_good_pixels_can_be_shown(panel: SamplesPanel, emphasis: str) -> None:
    before = panel.plot.grab().toImage()
    panel.plot.set_emphasis(emphasis)  # type: ignore[arg-type]
    assert panel.plot.grab().toImage() != before


def test_hovering_draws_no_mark_anew(
    panel: SamplesPanel, commands: Commands, fit: VisitFit, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.plot.grab()
    drawn = []
    for item in panel.plot.kept:
        monkeypatch.setattr(item, "_paint", drawn.append)
    commands.hover(rows_of(fit).ids(2))
    panel.plot.grab()
    assert not drawn
    commands.show_step(0)
    panel.plot.grab()
    assert drawn


def test_many_steps_are_walked_without_buttons(panel: SamplesPanel, store: Store) -> None:
    put(store, make_fit(config=SkyMeasurementConfig(skyIter=12)))
    assert not panel.stepper.numbers.isVisible()
    assert panel.stepper.label.text() == "12 of 12"


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_colours_of_many_rounds_differ_and_darken(palette: object) -> None:
    colours = round_colours(palette, 8)  # type: ignore[arg-type]
    assert len(set(colours)) == 8
    light = [luminance(colour) for colour in colours]
    assert all(one > other for one, other in pairwise(light))
    assert round_colours(palette, 2) == palette.rounds[:2]  # type: ignore[arg-type, attr-defined]


def luminance(colour: str) -> float:
    made = QColor(colour)
    return 0.2126 * made.redF() + 0.7152 * made.greenF() + 0.0722 * made.blueF()


def test_marks_keep_their_class_when_detectors_have_no_data(
    store: Store, panel: SamplesPanel
) -> None:
    view = view_of(store.state)
    assert view is not None
    _, y = panel.plot.placed()
    none = view.marks == Mark.NO_DATA
    assert none.sum() == 4
    assert np.allclose(y[none], panel.plot.area.bottom() - 8)


def test_both_themes_paint(panel: SamplesPanel, commands: Commands) -> None:
    dark = panel.grab().toImage()
    commands.view(theme="light")
    assert panel.plot.colours is LIGHT
    assert panel.grab().toImage() != dark


def test_units_stand_on_both_axes(panel: SamplesPanel) -> None:
    assert panel.plot.x_label == "sky sample [sky frame]"
    assert panel.plot.y_label == "image sample [adu]"


def test_numbers_have_a_true_minus() -> None:
    assert fixed(-0.0001, 2) == "0.00"
    assert fixed(-3.14159, 2, sign=True) == "\u22123.14"


def test_a_stale_fit_is_not_blanked(panel: SamplesPanel, store: Store) -> None:
    view = view_of(store.state)
    assert view is not None
    stale = step_words(replace(view, stale=True))[0]
    fresh = step_words(replace(view, stale=False))[0]
    assert [word.text for word in fresh if word.strong] == [w.text for w in stale if w.strong]
    assert any(word.role == "text3" for word in stale)


@pytest.mark.parametrize(
    ("unit", "of_frame", "expected"),
    [("electron", "electron", ""), ("electron", "adu", "electron/adu"), ("", "electron", "")],
)
def test_the_scale_has_the_unit_of_the_image_by_that_of_the_sky(
    store: Store, fit: VisitFit, unit: str, of_frame: str, expected: str
) -> None:
    put(store, replace(fit, unit=unit, frame_units=frozenset({of_frame})))
    view = view_of(store.state)
    assert view is not None
    assert view.unit == (unit or "adu")
    words = step_words(view)[0]
    after = next(i for i, word in enumerate(words) if word.text == "scale") + 2
    assert words[after].text == (expected or SIGMA)
    label = f"image / sky [{expected}]" if expected else "image / sky"
    assert axes_of(view, "ratio").y_label == label


def test_so_many_marks_that_they_overlap_are_not_drawn_one_by_one(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skyframe_gui.ui.graph.sample_marks import Layers
    from skyframe_gui.ui.samples import mark_shapes as module

    made = []
    monkeypatch.setattr(module, "squares", lambda painter, x, *rest: made.extend(x))
    n = 3 * module.MANY_DOTS
    kinds = np.full(n, Mark.USED, np.int8)
    kinds[: n // 2] = Mark.NEW
    x = np.where(kinds == Mark.USED, 30.0, 70.0)
    y, zeros = np.full(n, 50.0), np.zeros(n)
    points = Points(x=x, y=y, marks=kinds, rounds=np.zeros(n, np.int64), fraction=zeros, n_rounds=1)
    picture = QImage(100, 100, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(0)
    painter = QPainter(picture)
    layers = Layers(
        points=points, x=x, y=y, area=QRectF(0, 0, 100, 100), palette=DARK, emphasis="none"
    )
    layers.draw_used(painter, 4.5)
    layers.draw_others(painter)
    painter.end()
    assert not made
    assert picture.pixelColor(30, 50) == QColor(DARK.accent)
    assert picture.pixelColor(70, 50) == QColor(DARK.rounds[0])
    assert picture.pixelColor(50, 50).alpha() == 0


def marks_of_every_kind() -> Points:
    kinds = [Mark.USED, Mark.NEW, Mark.EARLIER, Mark.EXCLUDED, Mark.NO_DATA]
    n = 3 * len(kinds)
    return Points(
        x=np.linspace(0.5, 9.5, n),
        y=np.array(
            [1.0, 2.0, 3.0, 4.0, np.nan, 5.0, 5.5, 6.0, 7.0, np.nan, 14, -4, 15, -5, np.nan]
        ),
        marks=np.array(kinds * 3, np.int8),
        rounds=np.array([-1, 2, 0, -1, -1] * 2 + [-1, 1, 1, -1, -1]),
        fraction=np.array([0.0, 0.19, 0.2, 0.5, 0.6, 0.79, 0.8, 0.99, 1.0, 0.3] + [1.0] * 5),
        n_rounds=3,
    )


@pytest.fixture
def own(qtbot: QtBot) -> SamplePlot:
    from skyframe_gui.ui.graph.sample_plot import SamplePlot

    made = SamplePlot()
    qtbot.addWidget(made)
    made.resize(360, 260)
    made.x_label, made.y_label = "sky [adu]", "image [adu]"
    made.show()
    made.set_points(
        marks_of_every_kind(),
        (
            Guide(
                value=lambda x: 0.5 * x + 1,
                half_width=lambda x: np.full_like(x, 1.5),
                label=f"± 3.0 {SIGMA}",
            ),
            Guide(value=lambda x: 8 - x, style="first"),
            Guide(
                value=lambda x: 1 / (x - 5.01),
                half_width=lambda x: np.abs(x),
                style="last",
                straight=False,
            ),
        ),
    )
    made.set_home(Range(0.0, 10.0), Range(0.0, 10.0))
    made.fit()
    return made


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_all_that_is_drawn_of_samples(own: SamplePlot, palette: Palette) -> None:
    own.apply_theme(palette)
    head = ([Word("step 1 of 3"), *value("scale", "1.2")], [Word("second row", "warning")])
    own.set_head((head[0],), (), (head[1] * 9, head[1]))
    own.set_pointed(3, np.array([1, 8, 14]), ([Word("long " * 30)], value("image", "4.0", "adu")))
    check(f"samples {palette.name}", own)
    own.resize(700, 400)
    own.set_head()
    own.set_pointed(None, np.empty(0, np.int64))
    check(f"samples {palette.name} large", own)


@pytest.mark.parametrize("emphasis", ["none", "size", "colour"])
def test_what_marks_look_like_by_their_good_pixels(own: SamplePlot, emphasis: Emphasis) -> None:
    own.set_emphasis(emphasis)
    marks = [one for one in drawn(own) if one.startswith(("circle", "rect", "path"))]
    agree(f"samples {emphasis}", [one for one in marks if "0.070" not in one])


def test_a_plot_on_the_screen_has_the_marks_of_a_drawing(own: SamplePlot) -> None:
    own.set_pointed(None, np.array([1]))
    image = own.grab().toImage()
    x, y = own.placed()
    colours = {
        0: DARK.accent,
        1: DARK.rounds[2],
        3: DARK.excluded,
        6: DARK.rounds[2],
        8: DARK.excluded,
    }
    for index, colour in colours.items():
        at = QColor(image.pixelColor(round(x[index]), round(y[index])))
        assert at.hsvHue() == pytest.approx(QColor(colour).hsvHue(), abs=12), index
    assert y[[4, 9, 14]].tolist() == [own.area.bottom() - 8] * 3
    ring = image.pixelColor(round(x[1] - 6), round(y[1]))
    assert ring.lightness() > 120
    own.set_pointed(None, np.array([6]))
    assert own.grab().toImage().pixelColor(round(x[1] - 6), round(y[1])) != ring
    own.set_points(None)
    assert own.placed()[0].size == 0
    assert own.nearest(QPointF(100, 100)) is None
    assert own.layers is None


def test_the_nearest_mark_within_reach_is_meant(own: SamplePlot) -> None:
    x, y = own.placed()
    at = QPointF(x[5], y[5])
    told: list[object] = []
    own.hovered.connect(told.append)
    assert own.nearest(at) == 5
    assert own.nearest(at - QPointF(0, 11.9)) == 5
    assert own.nearest(at - QPointF(0, 12.1)) is None
    own.pointed(at)
    own.pointed(QPointF(own.area.left() - 1, own.area.center().y()))
    assert told == [5]
    own.set_pointed(5, np.empty(0, np.int64))
    own.pointed(at)
    own.pointed(None)
    assert told == [5, None]
    picked: list[object] = []
    own.picked.connect(lambda *one: picked.append(one))
    own.clicked(at, True)
    own.clicked(at - QPointF(0, 12.1), False)
    assert picked == [(5, True), (None, False)]
    assert [own.wants_lasso(shift) for shift in (True, False)] == [True, False]
    own.lasso = True
    assert own.wants_lasso(False)


def test_a_picture_of_twice_the_size_has_marks_as_sharp_at_the_same_places(
    own: SamplePlot,
) -> None:
    own.set_pointed(None, np.array([6]))
    once = own.grab().toImage()
    twice = QImage.fromData(png_of(own))
    assert twice.width() == 2 * once.width()
    x, y = own.placed()
    for index in (0, 1, 3, 6):
        at = QPointF(x[index], y[index])
        small = once.pixelColor(round(at.x()), round(at.y()))
        large = twice.pixelColor(round(2 * at.x()), round(2 * at.y()))
        assert large.hsvHue() == pytest.approx(small.hsvHue(), abs=15), index

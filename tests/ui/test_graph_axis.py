"""Axes: round ticks with every digit and a true minus, names, times in UTC, a place that stays."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest
from mouse import LEFT, RIGHT, double_click, drag, release, wheel
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QAction
from recorded import agree, check, drawn

from skyframe_gui.ui.graph.axis import tick_texts, wordings
from skyframe_gui.ui.samples.axis_range import Range
from skyframe_gui.ui.theme import DARK, LIGHT

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.ui.graph.axis import Axis
    from skyframe_gui.ui.graph.plot import Plot
    from skyframe_gui.ui.theme import Palette

TINY = [f"{n}e\u221209" for n in (1, 2, 3)]
EVENING = datetime(2026, 11, 25, 22, 10, tzinfo=UTC).timestamp()


@pytest.fixture
def plot(qtbot: QtBot) -> Plot:
    from skyframe_gui.ui.graph.plot import Plot

    return shown(qtbot, Plot())


def shown(qtbot: QtBot, made: Plot) -> Plot:
    qtbot.addWidget(made)
    made.resize(460, 260)
    made.show()
    made.grab()
    return made


def ticks(axis: Axis, span: Range, length: float) -> list[str]:
    (spacing, values), *rest = axis.tickValues(span.low, span.high, length)
    assert not [more for _, more in rest if len(more)] or axis.style["maxTextLevel"] == 0
    return axis.tickStrings(values, 1.0, spacing)


@pytest.mark.parametrize(
    ("span", "labels"),
    [
        (Range(-25, 26), ["\u221220", "\u221210", "0", "10", "20"]),
        (Range(0.011, 0.0149), ["0.011", "0.012", "0.013", "0.014"]),
        (Range(1012300, 1012399), ["1012300", "1012320", "1012340", "1012360", "1012380"]),
        (Range(-3e-9, 3e-9), [*(f"\u2212{n}e\u221209" for n in (3, 2, 1)), "0", *TINY]),
    ],
)
def test_ticks_are_round_with_all_digits_and_a_true_minus(
    plot: Plot, span: Range, labels: list[str]
) -> None:
    assert ticks(plot.x_axis, span, 300) == labels


def test_whole_numbers_have_no_ticks_between_them(plot: Plot) -> None:
    plot.x_axis.whole = True
    assert ticks(plot.x_axis, Range(0.5, 3.5), 400) == ["1", "2", "3"]


def test_names_stand_at_whole_numbers_as_many_as_have_room(plot: Plot) -> None:
    plot.x_axis.names = tuple(f"exposure {n}" for n in range(20))
    few = ticks(plot.x_axis, Range(-0.5, 3.5), 400)
    assert few == ["exposure 0", "exposure 1", "exposure 2", "exposure 3"]
    many = ticks(plot.x_axis, Range(-0.5, 19.5), 400)
    assert many[0] == "exposure 0"
    assert 3 <= len(many) <= 6
    assert ticks(plot.x_axis, Range(50.0, 60.0), 400) == []


@pytest.mark.parametrize(
    ("seconds", "labels"),
    [
        (60, ["22:10:10", "22:10:20", "22:10:30", "22:10:40", "22:10:50", "22:11:00"]),
        (240, ["22:11", "22:12", "22:13", "22:14"]),
        (14400, ["23:00", "11-26", "01:00", "02:00"]),
        (9 * 86400, ["11-27", "11-29", "12-01", "12-03"]),
        (900 * 86400, ["2027", "2028", "2029"]),
    ],
)
def test_times_are_told_in_utc_at_round_steps(
    qtbot: QtBot, seconds: float, labels: list[str]
) -> None:
    from skyframe_gui.ui.graph.plot import Plot
    from skyframe_gui.ui.graph.time_axis import TimeAxis

    made = shown(qtbot, Plot(TimeAxis()))
    assert ticks(made.x_axis, Range(EVENING, EVENING + seconds), 404) == labels


def test_a_small_pan_does_not_shift_the_axes(qtbot: QtBot, plot: Plot) -> None:
    plot.x_label, plot.y_label = "x [px]", "y [adu]"
    plot.show_range(Range(0, 1), Range(0, 950))
    qtbot.wait(20)
    before = plot.area
    plot.show_range(Range(0.01, 1.01), Range(40, 990))
    qtbot.wait(20)
    assert plot.area == before


def test_plots_one_below_the_other_line_up(qtbot: QtBot, plot: Plot) -> None:
    from skyframe_gui.ui.graph.plot import Plot, line_up

    other = shown(qtbot, Plot())
    plot.show_range(Range(0, 1), Range(0, 1))
    other.show_range(Range(0, 1), Range(1012345, 1012346))
    line_up((plot, other))
    qtbot.waitUntil(lambda: plot.area.left() == other.area.left() > 44)


@pytest.mark.parametrize("palette", [DARK, LIGHT], ids=["dark", "light"])
def test_an_empty_plot_has_its_axes_in_the_colours_of_the_theme(
    plot: Plot, palette: Palette
) -> None:
    plot.apply_theme(palette)
    plot.x_label, plot.y_label = "sky sample [sky frame]", "image sample [adu]"
    plot.show_range(Range(-2.0, 8.0), Range(1012345.0, 1012346.0))
    check(f"plot {palette.name}", plot)
    plot.resize(300, 120)
    plot.x_axis.names = ("one", "two", "three", "four")
    plot.show_range(Range(-0.5, 3.5), Range(-1e-9, 1e-9))
    agree(f"plot {palette.name} small", drawn(plot))


def test_a_name_is_written_as_long_as_it_has_room(plot: Plot) -> None:
    wide, short, unit = wordings("image sample of it [electron]")
    assert (wide, short, unit) == (
        "image sample of it [electron]",
        "image [electron]",
        "[electron]",
    )
    assert wordings("samples") == ("samples",)
    plot.y_label = wide
    found = []
    for height in (300, 140, 110):
        plot.resize(300, height)
        plot.grab()
        found.append(plot.y_axis.label.toPlainText())
    assert found == [wide, short, short]
    plot.y_label = "a name without anything in brackets, which is too long for it"
    assert plot.y_axis.label.toPlainText() == plot.y_label
    assert plot.y_axis.labelString() == plot.y_label
    plot.y_label = ""
    assert not plot.y_axis.label.isVisible()


@pytest.mark.parametrize(
    ("values", "spacing", "texts"),
    [
        ([0.0, 0.5], 0.5, ["0.0", "0.5"]),
        ([0.0, 1.0], 1.0, ["0", "1"]),
        ([0.1, 0.12], 0.02, ["0.10", "0.12"]),
        ([1e-6, 2e-6], 1e-6, ["0.000001", "0.000002"]),
        ([1e-7, 2e-7], 1e-7, ["1e\u221207", "2e\u221207"]),
        ([9999990.0], 10.0, ["9999990"]),
        ([-1e7], 10.0, ["\u22121e+07"]),
        ([1.5], 0.0, ["2"]),
        ([], 1.0, []),
    ],
)
def test_ticks_have_the_decimals_of_their_spacing(
    values: list[float], spacing: float, texts: list[str]
) -> None:
    assert tick_texts(values, spacing) == texts


def test_an_axis_is_as_wide_as_its_numbers_in_steps(plot: Plot) -> None:
    axis = plot.y_axis
    widths = []
    for span in (Range(0.0, 1.0), Range(0.0, 1e6), Range(1012345.0, 1012345.1)):
        plot.show_range(Range(0, 1), span)
        widths.append(axis.wanted_width())
        assert axis.fixedWidth == widths[-1]
    assert widths == sorted(set(widths))
    assert all(width % 8 == 0 for width in widths)
    plot.y_label = "y [adu]"
    assert axis.wanted_width() == widths[-1] + 16
    plot.show_range(Range(0, 1), Range(0.0, 9.0))
    assert axis.wanted_width() == 44, "room for a name"
    axis.fix_width(77)
    plot.show_range(Range(0, 1), Range(0.0, 1e6))
    assert axis.fixedWidth == 77
    heights = [plot.x_axis.fixedHeight]
    plot.x_label = "x"
    assert [*heights, plot.x_axis.fixedHeight] == [20, 36]


def test_names_of_an_axis_are_left_out_evenly(plot: Plot) -> None:
    axis = plot.x_axis
    axis.names = ("aa", "bb", "cc", "dd", "ee")
    assert [axis.tickValues(-0.5, 4.5, size)[0][1] for size in (400, 60, 30)] == [
        [0, 1, 2, 3, 4],
        [0, 2, 4],
        [0, 4],
    ]
    assert axis.tickValues(0.5, 2.5, 400) == [(1.0, [1, 2])]
    assert axis.tickValues(1, 3, 400) == [(1.0, [1, 2, 3])]
    assert axis.tickValues(2.5, 0.5, 400) == [(1.0, [1, 2])]
    assert axis.tickStrings([0.0, 3.0], 1.0, 1.0) == ["aa", "dd"]
    plot.y_axis.names = tuple("abcdefgh")
    assert plot.y_axis.tickValues(-0.5, 7.5, 80)[0][1] == [0, 3, 6], "one line is higher than wide"


@pytest.mark.parametrize(
    ("seconds", "spacing", "text"),
    [
        (0.0, 59.0, "00:00:00"),
        (0.0, 60.0, "00:00"),
        (0.0, 3600.0, "01-01"),
        (1800.0, 3600.0, "00:30"),
        (60.0, 3600.0, "00:01"),
        (0.0, 7200.0, "00:00"),
        (0.0, 86_399.0, "00:00"),
        (0.0, 86_400.0, "01-01"),
        (0.0, 364 * 86_400.0, "01-01"),
        (0.0, 365 * 86_400.0, "1970"),
    ],
)
def test_a_time_is_written_as_its_spacing_needs(seconds: float, spacing: float, text: str) -> None:
    from skyframe_gui.ui.graph.time_axis import time_texts

    assert time_texts([seconds], spacing) == [text]


def test_a_range_that_is_a_point_or_no_number_is_refused(plot: Plot) -> None:
    good = Range(0.0, 1.0)
    plot.show_range(good, good)
    for bad in (
        Range(0.0, math.inf),
        Range(math.nan, 1.0),
        Range(1.0, 1.0),
        Range(1.0, 1.0 + 1e-13),
        Range(0.0, 1e-291),
        Range(2.0, 1.0),
    ):
        plot.show_range(bad, good)
        plot.show_range(good, bad)
        assert (plot.x_range, plot.y_range) == (good, good), bad
    plot.show_range(Range(1.0, 1.0 + 1e-11), Range(-3.0, -2.0))
    assert plot.y_range == Range(-3.0, -2.0)


def test_values_and_places_are_two_ways_of_one_plane(plot: Plot) -> None:
    plot.show_range(Range(2.0, 4.0), Range(10.0, 30.0))
    area = plot.area
    corners = {(2.0, 10.0): area.bottomLeft(), (4.0, 30.0): area.topRight()}
    corners |= {(3.0, 15.0): QPointF(area.center().x(), area.bottom() - area.height() / 4)}
    for (x, y), at in corners.items():
        left, top = plot.place(np.array([x]), np.array([y]))
        assert (left[0], top[0]) == pytest.approx((at.x(), at.y()))
        assert plot.value_at(at) == pytest.approx((x, y))


def test_a_hand_touches_the_view_and_all_of_it_goes_home(plot: Plot) -> None:
    told: list[None] = []
    plot.ranged.connect(lambda: told.append(None))
    home = Range(0.0, 4.0), Range(0.0, 8.0)
    plot.set_home(*home)
    assert plot.home == home
    assert (plot.touched, len(told)) == (False, 0)
    wheel(plot, plot.area.center(), 120)
    assert plot.touched
    assert plot.x_range.width == pytest.approx(1 / 1.2, rel=1e-3)
    wheel(plot, plot.area.center(), -240)
    assert plot.x_range.width == pytest.approx(1.2, rel=1e-3)
    double_click(plot, plot.area.center())
    assert (plot.x_range, plot.y_range) == home
    assert not plot.touched
    assert told
    menu = plot.open_menu(QPoint(0, 0))
    texts = [one.text() for one in menu.actions()]
    assert texts == [
        "View all\tdouble click",
        "Lock the view",
        "Drag draws a zoom box\tCtrl+drag",
        "",
        "Copy picture",
        "Save as PNG…",
        "Save as SVG…",
        "Copy values",
    ]
    menu.close()
    plot.extra.append(QAction("More", plot))
    menu = plot.open_menu(QPoint(0, 0))
    assert [one.text() for one in menu.actions()][-2:] == ["", "More"]
    assert plot.values_text() == ""
    menu.close()


def test_a_drag_takes_hold_of_the_plane_and_a_stretch_does_not(plot: Plot) -> None:
    shapes = []
    start = plot.area.center().toPoint()
    for button in (LEFT, RIGHT):
        plot.view.grabbed.connect(lambda: shapes.append(plot.cursor().shape()))
        before = plot.x_range
        drag(
            plot, [start, start + QPoint(20, 0), start + QPoint(40, 0)], button=button, let_go=False
        )
        moved = plot.x_range
        assert moved != before
        assert (plot.cursor().shape() == Qt.CursorShape.ClosedHandCursor) is (button == LEFT)
        release(plot, start + QPoint(40, 0), button=button)
        assert plot.cursor().shape() == Qt.CursorShape.ArrowCursor
        assert (moved.width == pytest.approx(before.width)) is (button == LEFT)

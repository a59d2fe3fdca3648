"""Axes: round ticks with every digit and a true minus, names, times in UTC, a place that stays."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from skyframe_gui.ui.samples.axis_range import Range

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.ui.graph.axis import Axis
    from skyframe_gui.ui.graph.plot import Plot

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

"""Lines of fits and limits with their bands: colours, dashes, places, and when they are seen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import Qt

from skyframe_gui.ui.graph.fit_line import ClipLines, FitLine
from skyframe_gui.ui.graph.plot import UNDER, Plot
from skyframe_gui.ui.samples.axis_range import Range
from skyframe_gui.ui.samples.colours import round_colours
from skyframe_gui.ui.samples.points import Guide
from skyframe_gui.ui.theme import DARK, LIGHT

if TYPE_CHECKING:
    from PyQt6.QtGui import QPen
    from pytestqt.qtbot import QtBot


@pytest.fixture
def plot(qtbot: QtBot) -> Plot:
    made = Plot()
    qtbot.addWidget(made)
    return made


def told(pen: QPen) -> tuple[str, float, list[float], bool]:
    return pen.color().name(), pen.widthF(), pen.dashPattern(), pen.isCosmetic()


@pytest.mark.parametrize(
    ("style", "width", "dashes"),
    [("step", 1.5, []), ("first", 1.0, [1.0, 3.0]), ("last", 1.0, [7.0, 3.0, 1.0, 3.0])],
)
@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_each_line_has_its_dashes_and_its_band_is_quiet(plot, style, width, dashes, palette):
    line = FitLine(plot.view, style)
    line.set_theme(palette)
    assert told(line.line.opts["pen"]) == (palette.text, width, dashes, True)
    for edge in (line.upper, line.lower):
        assert told(edge.opts["pen"]) == (palette.accent, 1.0, [4.0, 3.0], True)
    fill = line.fill.brush().color()
    assert (fill.name(), round(fill.alphaF(), 2)) == (palette.accent, 0.12)
    assert line.fill.pen().style() is Qt.PenStyle.NoPen
    items = (line.line, line.upper, line.lower, line.fill)
    assert [one.zValue() for one in items] == [9, -10, -10, -10]
    assert all(one.scene() is plot.view.scene() for one in items)


def test_a_line_goes_from_edge_to_edge_and_is_seen_where_there_is_one(plot: Plot) -> None:
    line = FitLine(plot.view, "step")
    items = (line.line, line.upper, line.lower, line.fill)

    def seen() -> list[bool]:
        return [one.isVisible() for one in items]

    def places() -> list[list[float]]:
        return [one.getData()[1].tolist() for one in items[:3]]

    across, up = Range(-2.0, 4.0), Range(0.0, 10.0)
    assert seen() == [False] * 4
    line.follow(across, up)
    line.show(Guide(value=lambda x: 3 * x))
    assert seen() == [True, False, False, False]
    line.follow(across, up)
    assert line.line.getData()[0].tolist() == [-2.0, 4.0]
    assert line.line.getData()[1].tolist() == [-6.0, 12.0]
    line.show(Guide(value=lambda x: 3 * x, half_width=lambda x: x * 0 + 1))
    line.follow(across, up)
    assert seen() == [True] * 4
    assert places() == [[-6.0, 12.0], [-5.0, 13.0], [-7.0, 11.0]]
    # A curve has many points and is cut off far beyond the view, a straight line never.
    line.show(Guide(value=lambda x: 1e9 * x, half_width=lambda x: x * 0 + 1e9, straight=False))
    line.follow(across, up)
    middle, upper, lower = (np.array(one) for one in places())
    assert len(middle) == 257
    assert (middle.min(), middle.max()) == (-200.0, 210.0)
    assert (upper - middle == 400).all()
    assert (middle - lower == 400).all()
    line.show(Guide(value=lambda x: np.where(x > 0, x, np.nan), straight=False))
    line.follow(across, up)
    assert np.isfinite(line.line.getData()[1]).all()
    line.show(Guide(value=lambda x: 1e9 * x))
    line.follow(across, up)
    assert places()[0] == [-2e9, 4e9]
    line.show(None)
    assert seen() == [False] * 4


def test_limits_are_dashes_of_their_round_and_the_last_have_a_band(plot: Plot) -> None:
    lines = ClipLines(plot.view, 0.8)

    def limits() -> list[tuple[float, str]]:
        return [(one.value(), one.pen.color().name()) for one in lines.limits if one.isVisible()]

    colours = [one.lower() for one in map(str, round_colours(LIGHT, 3))]
    lines.show(np.array([-9.0, -5, -3]), np.array([9.0, 5, 3]), 0.5, LIGHT)
    assert limits() == list(zip([9.0, 5, 3, -9, -5, -3], [*colours, *colours], strict=True))
    dashes = [(one.pen.dashPattern(), one.pen.dashOffset()) for one in lines.limits[:3]]
    assert dashes == [([4, 2], 0), ([4, 10], -4), ([4, 10], -8)]
    assert {told(one.pen)[1::2] for one in lines.limits} == {(1.2, True)}
    assert lines.band.isVisible()
    assert lines.band.getRegion() == (-3, 3)
    colour = lines.band.brush.color()
    assert (colour.name(), round(colour.alphaF(), 2)) == (LIGHT.accent, 0.12)
    assert all(one.pen.style() is Qt.PenStyle.NoPen for one in lines.band.lines)
    assert lines.mean.isVisible()
    assert (lines.mean.value(), lines.mean.span) == (0.5, (0, 0.8))
    assert told(lines.mean.pen) == (LIGHT.text, 1.5, [], True)
    heights = [one.zValue() for one in (lines.band, lines.mean, *lines.limits)]
    assert heights == [UNDER, UNDER + 1, *[UNDER + 2] * 6]
    # What has no value is not seen, and comes back.
    lines.show(np.array([-9.0, math.nan]), np.array([9.0, math.inf]), math.nan, LIGHT)
    assert [value for value, _ in limits()] == [9.0, -9.0]
    assert not lines.band.isVisible()
    assert not lines.mean.isVisible()
    assert len(lines.limits) == 6
    lines.show(np.array([-4.0]), np.array([4.0]), 1.0, DARK)
    assert [value for value, _ in limits()] == [4.0, -4.0]
    assert lines.band.getRegion() == (-4, 4)
    assert lines.mean.value() == 1.0

"""Where pixels of an image are on the screen, to the pixel, and which colours their values have."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QPolygonF

from skyframe_gui.app.model.view import Frame, View
from skyframe_gui.resource import colour_map
from skyframe_gui.ui.images.canvas_layers import runs_of
from skyframe_gui.ui.images.geometry import (
    Piece,
    Viewport,
    best_shape,
    cells,
    coverage,
    fitted,
    inside_polygon,
    kept_in,
    pane_size,
    whole_zoom,
    width_needed,
)
from skyframe_gui.ui.images.planes import KNOWN, OTHERS, plane_colour, planes_to_draw
from skyframe_gui.ui.images.render import piece_of, rgb
from skyframe_gui.ui.images.stretch import curve, lookup
from skyframe_gui.ui.samples.axis_range import Range, around, widened
from skyframe_gui.ui.samples.colours import fraction_colours, ramp, round_colours, with_alpha
from skyframe_gui.ui.theme import DARK, LIGHT

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEEN = Viewport(100, 60, Frame(50.0, 20.0, 2.0))


def test_a_view_has_its_middle_in_the_middle_and_y_up() -> None:
    assert SEEN.to_pixel(50, 30) == (50, 20)
    assert SEEN.to_pixel(60, 20) == (55, 25)
    assert SEEN.to_pane(55, 25) == QPointF(60, 20)
    assert SEEN.rect(50, 20, 52, 25) == QRectF(49, 21, 4, 10)
    assert SEEN.panned(10, 6) == Frame(45, 23, 2)
    assert SEEN.zoomed(2.0, 60, 20, 0.1) == Frame(52.5, 22.5, 4)
    assert SEEN.zoomed(0.5, 50, 30, 1.5) == Frame(50, 20, 1.5)
    assert SEEN.zoomed(1000, 50, 30, 1.5) == Frame(50, 20, 64)


@pytest.mark.parametrize(
    ("pane", "image", "frame"),
    [
        ((200, 100), (400, 100), Frame(199.5, 49.5, 0.5)),
        ((200, 100), (100, 400), Frame(49.5, 199.5, 0.25)),
        ((2, 3), (16, 8), Frame(7.5, 3.5, 0.5)),
        ((900, 900), (3, 3), Frame(1, 1, 64)),
    ],
)
def test_a_whole_image_fills_its_pane_in_one_way(
    pane: tuple[int, int], image: tuple[int, int], frame: Frame
) -> None:
    assert fitted(pane, image) == frame


def test_a_frame_stays_with_its_middle_on_the_image() -> None:
    for x, y, wanted in (
        (-3, 4, (-0.5, 4)),
        (3, -4, (3, -0.5)),
        (99, 4, (9.5, 4)),
        (3, 99, (3, 19.5)),
        (3, 4, (3, 4)),
    ):
        assert kept_in(Frame(x, y, 2), (10, 20)) == Frame(*wanted, 2)


def test_panes_share_the_room_in_whole_pixels() -> None:
    assert pane_size((2, 2), (101, 63)) == (48, 29)
    assert pane_size((4, 1), (100, 60)) == (22, 60)
    assert pane_size((3, 2), (2, 1)) == (1, 1)
    assert whole_zoom((2, 1), (308, 100), (50, 40)) == 2.0
    assert whole_zoom((2, 1), (308, 100), (10, 200)) == 0.5
    assert whole_zoom((2, 1), (90, 100), (10, 200)) == 0.1
    assert width_needed((2, 1), 100, (50, 200)) == 2 * (25 + 52) + 4
    assert width_needed((2, 2), 104, (50, 25)) == 2 * (100 + 52) + 4
    for n, room, image, chosen, wanted in (
        (1, (10, 10), (1, 1), None, (1, 1)),
        (2, (400, 100), (50, 50), None, (2, 1)),
        (2, (100, 400), (50, 50), None, (1, 2)),
        (4, (400, 400), (50, 50), None, (2, 2)),
        (4, (900, 100), (50, 50), None, (4, 1)),
        (4, (900, 100), (50, 50), (2, 2), (2, 2)),
        (4, (900, 100), (50, 50), (6, 1), (4, 1)),
        (6, (600, 400), (50, 50), None, (3, 2)),
        (6, (1200, 100), (50, 50), None, (6, 1)),
        (5, (600, 400), (50, 50), None, (1, 1)),
    ):
        assert best_shape(n, room, image, chosen) == wanted


def parts(first: float, step: float, n: int, size: int, level: int) -> NDArray[np.float64]:
    """Return how much of each pixel of a level each screen pixel covers, one by one."""
    found = np.zeros((n, size))
    for k in range(n):
        ends = sorted(((first + step * (k + one) + 0.5) / 2**level) for one in (0, 1))
        middle = (ends[0] + ends[1]) / 2
        if not 0 <= middle < size:
            continue
        if abs(step) <= 2**level:
            found[k, math.floor(middle)] = 1
            continue
        for pixel in range(size):
            shared = min(ends[1], pixel + 1) - max(ends[0], pixel)
            found[k, pixel] = max(shared, 0)
    return found


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize(
    ("first", "step"),
    [(-0.5, 0.3), (-3.2, 0.7), (9.83, -0.41), (-0.5, 2.5), (-7.1, 3.3), (33.2, -2.7), (19.4, -4.1)],
)
def test_screen_pixels_take_what_they_cover(first: float, step: float, level: int) -> None:
    ranges, ends = coverage(first, step, 14, 11, level)
    found = np.zeros((14, 11))
    for k, ((start, stop), (low, high)) in enumerate(zip(ranges, ends, strict=True)):
        found[k, start:stop] = 1
        if stop - start > 1:
            found[k, start] = low
            found[k, stop - 1] = high
        elif stop > start and abs(step) > 2**level:
            found[k, start] = low + high - 1
    wanted = parts(first, step, 14, 11, level)
    np.testing.assert_allclose(found, wanted, atol=1.1e-3)


@given(st.floats(-20, 20), st.floats(0.05, 9) | st.floats(-9, -0.05))
def test_screen_pixels_lie_in_the_bin_of_their_middle(first: float, step: float) -> None:
    edges = np.array([-0.5, 3.5, 4.5, 11.5])
    found = cells(first, step, 9, edges)
    for k, (start, stop) in enumerate(found):
        middle = first + step * (k + 0.5)
        near = np.abs(edges - middle).min() < 1e-5
        inside = [j for j in range(3) if edges[j] <= middle < edges[j + 1]]
        if not near:
            assert (start, stop) == ((inside[0], inside[0] + 1) if inside else (0, 0))
    at_ends = cells(-1.0, 1.0, 14, edges)
    assert at_ends[0].tolist() == [0, 1]
    assert at_ends[12].tolist() == [2, 3]
    assert at_ends[13].tolist() == [0, 0]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=7),
)
def test_a_lassos_inside_is_that_of_the_odd_even_rule(corners: list[tuple[int, int]]) -> None:
    x, y = (one.ravel() + 0.37 for one in np.meshgrid(np.arange(-1, 11), np.arange(-1, 11)))
    shape = QPolygonF([QPointF(*corner) for corner in corners])
    rule = Qt.FillRule.OddEvenFill
    wanted = [
        shape.containsPoint(QPointF(a, b), rule)
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    ]
    found = inside_polygon(np.array(corners, float), x, y)
    far = np.array([_apart(corners, a, b) > 1e-6 for a, b in zip(x, y, strict=True)])
    np.testing.assert_array_equal(found[far], np.array(wanted)[far])


def _apart(corners: list[tuple[int, int]], x: float, y: float) -> float:
    """Return how far a place is from the edges of a polygon."""
    apart = []
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        length = (bx - ax) ** 2 + (by - ay) ** 2
        t = 0.0 if not length else ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length
        t = min(max(t, 0.0), 1.0)
        apart.append(math.hypot(ax + t * (bx - ax) - x, ay + t * (by - ay) - y))
    return min(apart)


@pytest.mark.parametrize(
    ("viewport", "scale", "size", "wanted"),
    [
        # In the middle of a pane, with room on all sides.
        (Viewport(40, 30, Frame(4.5, 2.5, 2.0)), 1.0, (10, 6), (10, 9, 20, 12, -0.5, 5.5, 0.5)),
        (Viewport(40, 30, Frame(4.5, 2.5, 2.0)), 2.0, (10, 6), (20, 18, 40, 24, -0.5, 5.5, 0.25)),
        # Larger than the pane.
        (Viewport(8, 6, Frame(50, 40, 1.0)), 1.0, (100, 80), (0, 0, 8, 6, 46, 43, 1.0)),
        # Only a corner of it.
        (Viewport(8, 6, Frame(0, 0, 1.0)), 1.0, (100, 80), (3, 0, 5, 4, -1, 3, 1.0)),
        (Viewport(8, 6, Frame(99, 79, 1.0)), 1.0, (100, 80), (0, 3, 4, 3, 95, 79, 1.0)),
    ],
)
def test_the_part_of_a_pane_that_an_image_covers(
    viewport: Viewport, scale: float, size: tuple[int, int], wanted: tuple[float, ...]
) -> None:
    names = ("left", "top", "width", "height", "x", "y", "step")
    assert piece_of(viewport, scale, size) == Piece(**dict(zip(names, wanted, strict=True)))


@pytest.mark.parametrize(("x", "y"), [(-9, 3), (19, 3), (3, -9), (3, 19)])
def test_beside_a_pane_nothing_of_an_image_is_painted(x: float, y: float) -> None:
    assert piece_of(Viewport(8, 8, Frame(x, y, 1.0)), 1.0, (10, 10)) is None


def test_rows_of_a_piece_run_from_the_top_down() -> None:
    piece = Piece(left=0, top=0, width=3, height=4, x=-0.5, y=3.5, step=1.0)
    assert piece.columns(9, 0)[0].tolist() == [[0, 1], [1, 2], [2, 3]]
    assert piece.rows(9, 0)[0].tolist() == [[3, 4], [2, 3], [1, 2], [0, 1]]
    assert piece.rows(9, 1)[0].tolist() == [[1, 2], [1, 2], [0, 1], [0, 1]]


def test_neighbours_in_a_row_are_hatched_as_one() -> None:
    chosen = np.array([[1, 1, 0, 1], [0, 0, 0, 0], [0, 1, 1, 1]], bool)
    assert runs_of(chosen) == [(0, 0, 2), (0, 3, 4), (2, 1, 4)]
    assert runs_of(chosen[1:2]) == []


# Colours ---------------------------------------------------------------------------------------


def plain(stretch: str, t: NDArray[np.float64]) -> NDArray[np.float64]:
    return {
        "linear": t,
        "log": np.log(1 + 1000 * t) / np.log(1001),
        "sqrt": t**0.5,
        "asinh": np.arcsinh(20 * t) / np.arcsinh(20),
    }[stretch]


def packed(name: str, places: NDArray[np.float64]) -> NDArray[np.int64]:
    table = colour_map(name).astype(float)
    at = places * 255
    below = np.clip(np.floor(at).astype(int), 0, 254)
    part = (at - below)[:, None]
    mixed = np.round((1 - part) * table[below] + part * table[below + 1]).astype(np.int64)
    return np.asarray((255 << 24) | mixed[:, 0] << 16 | mixed[:, 1] << 8 | mixed[:, 2])


def alike(found: NDArray[np.uint32], wanted: NDArray[np.int64]) -> bool:
    """Whether colours are the same but for how halves are rounded."""
    pairs = found.astype(np.int64), wanted
    apart = [np.abs((pairs[0] >> by & 255) - (pairs[1] >> by & 255)).max() for by in (0, 8, 16, 24)]
    return max(apart) <= 1


@pytest.mark.parametrize(
    ("stretch", "n"), [("linear", 1024), ("log", 16384), ("sqrt", 16384), ("asinh", 16384)]
)
def test_a_stretch_is_the_function_that_it_is_called_after(stretch: str, n: int) -> None:
    t = np.linspace(0, 1, n)
    np.testing.assert_allclose(curve(stretch, n), plain(stretch, t), atol=1e-12)
    assert len(curve(stretch)) == 16384
    table = lookup("grey", stretch)
    assert len(table) == n
    assert alike(table, packed("grey", plain(stretch, t)))
    assert not table.flags.writeable
    for low, high in ((-4.0, 2.0), (1.0, 4.0), (-3.0, -1.0)):
        values = np.linspace(low, high, n) / max(abs(low), abs(high))
        places = 0.5 + 0.5 * np.sign(values) * plain(stretch, np.abs(values))
        found = lookup("CET-D4", stretch, (low, high), about_zero=True)
        assert alike(found, packed("CET-D4", places))
    assert len(lookup("CET-D4", stretch, (0.0, 0.0), about_zero=True)) == n


def test_the_histogram_stretch_gives_every_colour_as_many_pixels() -> None:
    quantiles = np.linspace(0, 1, 257) ** 2 * 10
    values = np.linspace(0, 10, 16384)
    assert alike(
        lookup("grey", "histogram", (0, 10), quantiles), packed("grey", (values / 10) ** 0.5)
    )
    half = lookup("grey", "histogram", (2.5, 10), quantiles)
    inner = np.linspace(2.5, 10, 16384)
    assert alike(half, packed("grey", 2 * ((inner / 10) ** 0.5 - 0.5)))
    assert (lookup("grey", "histogram", (0, 10)) == lookup("grey")).all()
    both = np.concatenate([-quantiles[:0:-1], quantiles])
    table = lookup("CET-D4", "histogram", (-10, 10), both, about_zero=True)
    at = np.linspace(-1, 1, 16384)
    assert alike(table, packed("CET-D4", 0.5 + 0.5 * np.sign(at) * np.abs(at) ** 0.5))


def test_colours_of_planes_and_which_are_drawn() -> None:
    view = View(plane_colours={"SAT": "#010203"}, hidden_planes=frozenset({"BAD"}))
    assert plane_colour(view, "SAT", 1) == "#010203"
    assert plane_colour(view, "BAD", 0) == KNOWN["BAD"]
    assert plane_colour(view, "STREAK", 10) == OTHERS[2]

    bits = {"DETECTED": 5, "SAT": 1, "BAD": 0, "DETECTED_NEGATIVE": 6, "CR": 3}
    assert planes_to_draw(view, SimpleNamespace(planes=bits)) == [
        ("SAT", "#010203"),
        ("CR", KNOWN["CR"]),
        ("DETECTED", KNOWN["DETECTED"]),
        ("DETECTED_NEGATIVE", KNOWN["DETECTED_NEGATIVE"]),
    ]
    assert planes_to_draw(view, SimpleNamespace(planes=None)) == []
    assert rgb("#010203") == 0xFF010203


def test_ramps_go_evenly_from_stop_to_stop() -> None:
    assert round_colours(DARK, 2) == DARK.rounds[:2]
    assert round_colours(DARK, 3) == DARK.rounds
    assert round_colours(DARK, 0) == round_colours(DARK, -1) == ()
    five = round_colours(LIGHT, 5)
    assert (five[0], five[2], five[4]) == LIGHT.rounds
    assert ramp(("#000000", "#ffffff"), 3) == ("#000000", "#777777", "#ffffff")
    assert ramp(("#ff0000", "#0000ff"), 3)[1] == "#ca0088"
    assert ramp(("#102030", "#040506"), 4) == ("#102030", "#0f1923", "#0b1117", "#040506")
    assert len(fraction_colours(DARK)) == 5
    assert fraction_colours(DARK)[::4] == (DARK.warning, DARK.accent)
    assert with_alpha("#123456", 0.5).getRgb() == (0x12, 0x34, 0x56, 128)


def test_ranges_hold_values_with_some_air() -> None:
    values = np.array([1.0, np.nan, 5.0, np.inf])
    assert around(values) == Range(0.8, 5.2)
    assert around(values, 0.5) == Range(-1, 7)
    assert around(values[1:2]) == Range(0, 1)
    assert around(np.array([4.0, 4.0])) == Range(3.8, 4.2)
    assert around(np.zeros(2)) == Range(-0.5, 0.5)
    assert widened(Range(2, 4), 0.25) == Range(1.5, 4.5)
    assert Range(2, 5).width == 3

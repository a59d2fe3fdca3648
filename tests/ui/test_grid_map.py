"""Maps of bins: zoomed, moved and hovered as one, with values and pictures in their menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from mouse import click, double_click, drag, leave, move, wheel
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication, QWidget
from recorded import check

from skyframe_gui.ui import theme
from skyframe_gui.ui.graph.cells import levels_of, values_table
from skyframe_gui.ui.graph.map_content import MapContent
from skyframe_gui.ui.graph.map_set import MapSet
from skyframe_gui.ui.stack.grid_pictures import ColouredGrid, fitting_box, value_limits

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.ui.graph.grid_map import GridMap

VALUES = np.arange(12.0).reshape(3, 4)
EXTENT = (400.0, 300.0)
GREY: dict[str, Any] = {"colours": "grey", "power": 3, "symmetric": True}
NAMES = ("one", "two", "three", "four")


def content(values: np.ndarray = VALUES, title: str = "", filled: bool = False) -> MapContent:
    marked = None
    if filled:
        marked = np.zeros(values.shape, bool)
        marked[0, 0] = True
    return MapContent(
        coloured=ColouredGrid(values=values, limits=(0.0, 11.0), colours="grey"),
        extent=EXTENT,
        title=title,
        filled=marked,
    )


@pytest.fixture
def maps(qtbot: QtBot) -> MapSet:
    made = MapSet(NAMES)
    qtbot.addWidget(made)
    made.resize(900, 560)
    made.show()
    made.show_maps([content() for _ in NAMES], None, theme.DARK)
    return made


def port_of(one: GridMap) -> QWidget:
    port = one.canvas.viewport()
    assert port is not None
    return port


def middle(one: GridMap, place: tuple[int, int]) -> QPoint:
    return one.box_of(place).center().toPoint()


def colour(one: GridMap, place: tuple[int, int]) -> QColor:
    return one.canvas.grab().toImage().pixelColor(middle(one, place))


def spans(one: GridMap) -> list[float]:
    return [value for span in one.view.viewRange() for value in span]


def test_the_first_row_is_at_the_bottom_and_cells_are_where_they_are_clicked(maps: MapSet) -> None:
    one = maps.maps[0]
    assert colour(one, (0, 0)).lightness() < colour(one, (3, 2)).lightness()
    for place in ((0, 0), (3, 0), (1, 2)):
        assert one.bin_at(one.box_of(place).center()) == place
    box = one.box_of((0, 0))
    assert box.width() == pytest.approx(box.height(), abs=1)


def test_shift_and_a_drag_choose_the_bins_on_the_way_and_a_drag_alone_moves_the_view(
    maps: MapSet, qtbot: QtBot
) -> None:
    one = maps.maps[0]
    chosen: list[object] = []

    def choose(place: tuple[int, int], _: bool) -> None:
        chosen.append(place)
        one.show_map(content(), theme.DARK, frozenset({place}))

    one.chosen.connect(choose)
    before = spans(one)
    way = [middle(one, place) for place in ((0, 0), (1, 0), (2, 1), (2, 2))]
    drag(one.canvas, way, Qt.KeyboardModifier.ShiftModifier)
    assert chosen[-3:] == [(1, 0), (2, 1), (2, 2)], "each once"
    assert spans(one) == before
    assert "Shift" in one.canvas.toolTip()
    chosen.clear()
    drag(one.canvas, way)
    assert chosen == []
    assert spans(one) != before


def test_a_wheel_zooms_all_maps_alike_and_a_double_click_shows_everything(
    maps: MapSet, qtbot: QtBot
) -> None:
    wheel(maps.maps[1].canvas, middle(maps.maps[1], (2, 1)), 240)
    assert not maps.maps[1].is_whole
    for one in maps.maps:
        assert spans(one) == pytest.approx(spans(maps.maps[1]), abs=0.5)
    # No update moves the view.
    before = spans(maps.maps[0])
    maps.show_maps([content(VALUES + 1) for _ in NAMES], (1, 1), theme.DARK)
    assert spans(maps.maps[0]) == before
    at = middle(maps.maps[2], (2, 1))
    double_click(maps.maps[2].canvas, at)
    assert all(one.is_whole for one in maps.maps)


def test_maps_stay_whole_in_every_size_of_the_panel(maps: MapSet) -> None:
    for size in ((1600, 300), (300, 1400), (700, 700)):
        maps.resize(*size)
        for one in maps.maps:
            assert one.is_whole
            assert one.geometry().right() <= size[0]
            assert one.geometry().bottom() <= size[1]
            beside = [other for other in maps.maps if other is not one]
            assert not any(one.geometry().intersects(other.geometry()) for other in beside)
            assert one.canvas.width() / one.canvas.height() == pytest.approx(4 / 3, rel=0.03)


def test_another_detector_is_shown_as_a_whole(maps: MapSet) -> None:
    wheel(maps.maps[0].canvas, middle(maps.maps[0], (2, 1)), 360)
    square = MapContent(
        coloured=ColouredGrid(values=np.eye(3), limits=(0.0, 1.0), colours="grey"),
        extent=(200.0, 200.0),
    )
    maps.show_maps([square] * 4, None, theme.DARK)
    for one in maps.maps:
        assert one.is_whole
        assert one.canvas.width() == one.canvas.height()


def test_hovering_one_map_lights_up_the_bin_in_all(maps: MapSet, qtbot: QtBot) -> None:
    told: list[object] = []
    maps.hovered.connect(told.append)
    before = [one.canvas.grab().toImage() for one in maps.maps]
    qtbot.mouseMove(port_of(maps.maps[3]), middle(maps.maps[3], (2, 0)))
    assert told == [(2, 0)]
    for one, image in zip(maps.maps, before, strict=True):
        assert one.canvas.grab().toImage() != image


def test_the_menu_copies_the_values_as_they_are_seen_and_locks_the_view(maps: MapSet) -> None:
    one = maps.maps[0]
    menu = one.open_menu(QPoint(0, 0))
    entries = {action.text().partition("\t")[0]: action for action in menu.actions()}
    entries["Copy values"].trigger()
    clipboard = QApplication.clipboard()
    assert clipboard is not None
    assert clipboard.text().splitlines() == ["8\t9\t10\t11", "4\t5\t6\t7", "0\t1\t2\t3"]
    entries["Lock the view"].trigger()
    wheel(one.canvas, middle(one, (2, 1)), 240)
    assert one.is_whole
    menu.close()


def test_limits_of_one_map_are_its_own(maps: MapSet) -> None:
    told: list[tuple[int, float, float]] = []
    maps.limited.connect(lambda *limits: told.append(limits))
    maps.maps[1].bar.dragged.emit(2.0, 5.0)
    assert told == [(1, 2.0, 5.0)]
    measured: list[int] = []
    maps.reset.connect(measured.append)
    menu = maps.maps[2].open_menu(QPoint(0, 0))
    next(one for one in menu.actions() if one.text() == "Measure limits again").trigger()
    assert measured == [2]
    menu.close()


def test_filled_bins_and_those_without_a_value_are_hatched(maps: MapSet) -> None:
    values = VALUES.copy()
    values[2, 3] = np.nan
    one = maps.maps[0]
    maps.show_maps([content(values, filled=True)] * 4, None, theme.DARK)
    image = one.canvas.grab().toImage()
    for place in ((0, 0), (3, 2)):
        box = one.box_of(place).toRect().adjusted(3, 3, -3, -3)
        found = {
            image.pixelColor(x, y).name()
            for x in range(box.left(), box.right())
            for y in range(box.top(), box.bottom(), 3)
        }
        assert len(found) > 1, f"{place} is not hatched"
    box = one.box_of((1, 1)).toRect().adjusted(3, 3, -3, -3)
    assert image.pixelColor(box.topLeft()) == image.pixelColor(box.bottomRight())


def test_the_chip_makes_way_for_the_cursor(maps: MapSet, qtbot: QtBot) -> None:
    one = maps.maps[0]
    white = content(np.full((3, 4), 11.0), "Value")
    maps.show_maps([white] * 4, None, theme.DARK)
    low, high = QPoint(8, one.canvas.height() - 8), QPoint(8, 8)
    image = one.canvas.grab().toImage()
    assert image.pixelColor(high).lightness() < 128 < image.pixelColor(low).lightness()
    qtbot.mouseMove(port_of(one), QPoint(60, 60))
    qtbot.mouseMove(port_of(one), QPoint(20, 10))
    image = one.canvas.grab().toImage()
    assert image.pixelColor(low).lightness() < 128 < image.pixelColor(high).lightness()


def test_what_is_not_known_says_so_and_takes_no_clicks(maps: MapSet, qtbot: QtBot) -> None:
    unknown = MapContent(coloured=None, extent=EXTENT, title="Used", why="the file does not tell")
    maps.show_maps([content(), content(), unknown, unknown], None, theme.DARK)
    told: list[object] = []
    maps.chosen.connect(told.append)
    one = maps.maps[2]
    at = one.canvas.rect().center()
    qtbot.mouseClick(port_of(one), Qt.MouseButton.LeftButton, pos=at)
    qtbot.keyClick(one.canvas, Qt.Key.Key_Up)
    assert told == []
    assert one.bar.levels is None


@pytest.mark.parametrize("palette", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_all_that_is_drawn_over_maps(maps: MapSet, palette: theme.Palette) -> None:
    values = VALUES.copy()
    values[2, 3] = np.nan
    counts = MapContent(
        coloured=ColouredGrid(
            values=VALUES.astype(int) % 3, limits=(0.0, 2.0), colours="cividis", steps=True
        ),
        extent=EXTENT,
        title="Clipped",
        subject="a subject so long that it has no room in its chip and ends in three dots at last",
        unit="count",
    )
    nothing = MapContent(coloured=None, extent=EXTENT, title="Used", why="The file does not tell.")
    several = (content(values, "Value", filled=True), content(), counts, nothing)
    maps.show_maps(several, (1, 1), palette)
    maps.maps[0].show_under((2, 0))
    for one in maps.maps[1:3]:
        one.show_under((1, 1))
    check(f"maps {palette.name}", maps)
    maps.maps[1].show_map(None, palette)
    check(f"maps {palette.name} empty", maps.maps[1])


def test_arrow_keys_walk_over_the_bins_and_stop_at_the_edges(maps: MapSet, qtbot: QtBot) -> None:
    one = maps.maps[0]
    told: list[object] = []
    one.chosen.connect(lambda place, add: told.append((place, add)))

    def pressed(key: Qt.Key, *selected: tuple[int, int]) -> object:
        told.clear()
        one.show_map(content(), theme.DARK, frozenset(selected))
        qtbot.keyClick(one.canvas, key)
        return told[0] if told else None

    keys = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
    ways = [((0, 1), (2, 1), (1, 2), (1, 0)), ((0, 0), (1, 0), (0, 1), (0, 0))]
    ways.append(((2, 2), (3, 2), (3, 2), (3, 1)))
    for at, places in zip(((1, 1), (0, 0), (3, 2)), ways, strict=True):
        assert [pressed(key, at) for key in keys] == [(place, False) for place in places]
    assert pressed(Qt.Key.Key_Up) == ((2, 1), False), "in the middle"
    assert pressed(Qt.Key.Key_Up, (4, 1)) == ((2, 1), False), "of another map"
    assert pressed(Qt.Key.Key_Up, (3, 3)) == ((2, 1), False)
    assert pressed(Qt.Key.Key_Escape, (1, 1)) == (None, False)
    assert pressed(Qt.Key.Key_Escape) is None
    assert pressed(Qt.Key.Key_A, (1, 1)) is None
    one.show_map(MapContent(coloured=None, extent=EXTENT), theme.DARK, frozenset({(1, 1)}))
    told.clear()
    qtbot.keyClick(one.canvas, Qt.Key.Key_Left)
    assert not told


def test_a_place_beside_the_bins_is_none_and_does_nothing(maps: MapSet) -> None:
    one = maps.maps[0]
    wheel(one.canvas, middle(one, (1, 1)), -240)
    corners = [one.box_of((0, 0)).bottomLeft(), one.box_of((3, 2)).topRight()]
    inside = [corners[0] + QPointF(1, -1), corners[1] + QPointF(-1, 1)]
    assert [one.bin_at(at) for at in inside] == [(0, 0), (3, 2)]
    for corner, by in ((corners[0], -1), (corners[1], 1)):
        assert one.bin_at(corner + QPointF(by, 0)) is None
        assert one.bin_at(corner + QPointF(0, -by)) is None
    told: list[object] = []
    one.chosen.connect(lambda *what: told.append(what))
    click(one.canvas, corners[0] + QPointF(-3, 3))
    assert not told
    click(one.canvas, middle(one, (1, 2)), Qt.KeyboardModifier.ControlModifier)
    click(one.canvas, middle(one, (3, 0)))
    assert told == [((1, 2), True), ((3, 0), False)]
    one.show_map(None, theme.DARK)
    assert one.is_whole
    assert one.extent is None
    assert one.bin_at(QPointF(20, 20)) is None
    assert one._values_text() == ""


def test_the_bin_under_the_cursor_is_forgotten_when_it_leaves(maps: MapSet) -> None:
    told: list[object] = []
    maps.hovered.connect(told.append)
    one = maps.maps[1]
    for place in ((1, 1), (1, 1), (2, 1)):
        move(one.canvas, middle(one, place) + QPoint(len(told), 0))
    leave(one.canvas)
    assert told == [(1, 1), (2, 1), None]


@pytest.mark.parametrize(
    ("steps", "turned", "n", "first", "last"),
    [
        (False, False, 1024, "#000000", "#ffffff"),
        (False, True, 1024, "#ffffff", "#000000"),
        (True, False, 3, "#000000", "#ffffff"),
        (True, True, 3, "#ffffff", "#000000"),
    ],
)
def test_each_value_has_its_colour(
    steps: bool, turned: bool, n: int, first: str, last: str
) -> None:
    values = np.array([[1.0, np.nan], [3.0, 2.0], [0.0, 9.0]])
    grid = ColouredGrid(
        values=values, limits=(1.0, 3.0), colours="grey", steps=steps, turned=turned
    )
    table = [QColor(int(word)).name() for word in grid.table()]
    assert (len(table), table[0], table[-1]) == (n, first, last)
    words = [[QColor(int(word)).name() for word in row] for row in grid.words("#123456")]
    assert [words[0][0], words[1][0], words[2][1], words[2][0]] == [first, last, last, first]
    assert words[0][1] == "#123456"
    assert words[1][1] in table[n // 2 - 1 : n // 2 + 1]
    image = grid.image("#123456")
    seen = [[image.pixelColor(x, 2 - y).name() for x in range(2)] for y in range(3)]
    assert seen == words, "the first row is at the bottom"


def test_one_step_has_one_colour_and_equal_limits_do_not_divide_by_zero() -> None:
    for limits, steps, n in (((2.0, 2.0), True, 1), ((2.0, 3.0), True, 2)):
        grid = ColouredGrid(
            values=np.full((1, 1), 2), limits=limits, colours="cividis", steps=steps
        )
        assert len(grid.table()) == grid.n_steps == n
        assert grid.words("#000000")[0, 0] == grid.table()[0]
    flat = ColouredGrid(values=np.full((1, 1), 2.0), limits=(2.0, 2.0), colours="grey")
    assert flat.words("#ff0000")[0, 0] == 0xFF000000


def test_limits_of_values_leave_the_farthest_out_and_are_never_of_no_width() -> None:
    values = np.arange(1001.0)
    assert value_limits(values) == (5.0, 995.0)
    assert value_limits(values, floor=0.0) == (0.0, 995.0)
    assert value_limits(np.full(3, np.nan)) == (0.0, 1.0)
    assert value_limits(np.array([np.inf, 4.0])) == pytest.approx((3.996, 4.004))
    assert value_limits(np.array([-4.0])) == pytest.approx((-4.004, -3.996))
    assert value_limits(np.zeros(2)) == (-0.5, 0.5)
    assert value_limits(np.zeros(2), floor=0.0) == (0.0, 0.5)
    assert value_limits(np.array([4.0]), floor=4.0) == pytest.approx((4.0, 4.004))


@pytest.mark.parametrize(
    ("room", "aspect", "box"),
    [
        ((100.0, 100.0), 2.0, (100, 50)),
        ((100.0, 30.0), 2.0, (60, 30)),
        ((99.9, 70.0), 1.5, (99, 66)),
        ((0.5, 0.5), 1.0, (1, 1)),
        ((10.0, 0.0), 3.0, (1, 1)),
    ],
)
def test_a_picture_is_as_large_as_its_room_allows(
    room: tuple[float, float], aspect: float, box: tuple[int, int]
) -> None:
    assert fitting_box(*room, aspect) == box


def test_a_table_of_values_begins_with_the_upper_row_and_keeps_nine_digits() -> None:
    values = np.array([[1.0, np.nan], [-0.123456789123, 1e-12]])
    assert values_table(values) == "-0.123456789\t1e-12\n1\tnan"


def test_the_histogram_of_a_map_reaches_a_little_beyond_its_limits() -> None:
    values = np.array([[0.0, 5.0, np.nan, 10.9, 99.0]])
    grid = ColouredGrid(values=values, limits=(0.0, 10.0), **GREY)
    levels = levels_of(grid, "adu")
    assert levels.histogram is not None
    counts, edges = levels.histogram
    assert (len(counts), counts.sum(), edges[0], edges[-1]) == (40, 3, -1.0, 11.0)
    assert (levels.limits, levels.unit, levels.power, levels.steps) == ((0, 10), "adu", 3, False)
    assert levels.symmetric
    alone = ColouredGrid(values=np.array([[0.0, np.nan]]), limits=(0.0, 10.0), colours="grey")
    assert levels_of(alone, "").histogram is None
    counted = ColouredGrid(values=np.eye(2), limits=(0.0, 1.0), colours="grey", steps=True)
    assert levels_of(counted, "").histogram is None

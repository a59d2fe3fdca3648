"""Maps of bins: zoomed, moved and hovered as one, with values and pictures in their menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from mouse import double_click, drag, wheel
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication, QWidget

from skyframe_gui.ui import theme
from skyframe_gui.ui.graph.map_content import MapContent
from skyframe_gui.ui.graph.map_set import MapSet
from skyframe_gui.ui.stack.grid_pictures import ColouredGrid

if TYPE_CHECKING:
    from PyQt6.QtGui import QColor
    from pytestqt.qtbot import QtBot

    from skyframe_gui.ui.graph.grid_map import GridMap

VALUES = np.arange(12.0).reshape(3, 4)
EXTENT = (400.0, 300.0)
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

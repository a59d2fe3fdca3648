"""The stack inspector: maps, bin, ranked exposures, strip and levels are one selection."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import mouse
import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtWidgets import QWidget
from recorded import agree, check, drawn, parts

from skyframe_gui.app.model.looks import plain_looks, taken_looks
from skyframe_gui.app.model.stack_view import NO_VALUE, OUTSIDE, USED, BinView
from skyframe_gui.engine.config import BackgroundConfig
from skyframe_gui.files import write_sky_frame
from skyframe_gui.numbers import MINUS
from skyframe_gui.ui import theme
from skyframe_gui.ui.panels.stack_bin import StackBinPanel
from skyframe_gui.ui.panels.stack_exposures import StackExposuresPanel
from skyframe_gui.ui.panels.stack_levels import StackLevelsPanel
from skyframe_gui.ui.panels.stack_maps import StackMapsPanel
from skyframe_gui.ui.panels.stack_strip import StackStripPanel
from skyframe_gui.ui.samples.axis_range import Range
from skyframe_gui.ui.stack.bin_plot import decimals_of
from skyframe_gui.ui.stack.frame_maps import bin_facts, maps_of, measured_limits
from skyframe_gui.ui.stack.grid_pictures import ColouredGrid
from skyframe_gui.ui.stack.level_plot import seconds
from skyframe_gui.ui.stack.stack_rows import (
    Stack,
    StackRow,
    neighbour,
    ordered,
    short_names,
    stack_of,
)
from skyframe_gui.ui.stack.strip import symmetric_limit
from skyframe_gui.ui.stack.table_model import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nights import Night
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.stack_view import StackView
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.ui.graph.map_set import MapSet
    from skyframe_gui.ui.panel import Panel
    from skyframe_gui.ui.stack.stack_rows import Order

KINDS = (
    StackMapsPanel,
    StackBinPanel,
    StackExposuresPanel,
    StackStripPanel,
    StackLevelsPanel,
)
SIZE = (700, 420)


class Board:
    """All panels of the stack in one window that paints them as the program's does."""

    def __init__(self, commands: Commands, qtbot: QtBot) -> None:
        self.widget = QWidget()
        qtbot.addWidget(self.widget)
        self.panels: list[Panel] = [kind(commands) for kind in KINDS]
        for place, panel in enumerate(self.panels):
            panel.setParent(self.widget)
            panel.setGeometry(0, SIZE[1] * place, *SIZE)
        self.widget.resize(SIZE[0], SIZE[1] * len(KINDS))
        self.widget.show()
        self._seen: dict[str, object] = {}

    def paint(self, _: State, state: State) -> None:
        for panel in self.panels:
            watched = (panel.watches(state), state.view.theme)
            if self._seen.get(panel.id) != watched:
                self._seen[panel.id] = watched
                panel.show_state(state)

    @property
    def maps(self) -> MapSet:
        view = cast("StackMapsPanel", self.panels[0]).view
        assert view is not None
        return view

    @property
    def bin(self) -> StackBinPanel:
        return cast("StackBinPanel", self.panels[1])

    @property
    def table(self) -> StackExposuresPanel:
        return cast("StackExposuresPanel", self.panels[2])

    @property
    def strip(self) -> StackStripPanel:
        return cast("StackStripPanel", self.panels[3])

    @property
    def levels(self) -> StackLevelsPanel:
        return cast("StackLevelsPanel", self.panels[4])

    def words(self) -> list[str]:
        from PyQt6.QtWidgets import QLabel

        return [label.text() for label in self.widget.findChildren(QLabel) if label.isVisible()]


@pytest.fixture
def board(commands: Commands, store: Store, qtbot: QtBot) -> Iterator[Board]:
    made = Board(commands, qtbot)
    made.paint(store.state, store.state)
    store.changed.connect(made.paint)
    yield made
    store.changed.disconnect(made.paint)


@pytest.fixture
def view(
    board: Board, night: Night, commands: Commands, store: Store, idle: Callable[[], None]
) -> StackView:
    # Bins small enough that some are clipped.
    background = BackgroundConfig(xBinSize=24, yBinSize=20)
    commands.set_config(store.state.config.model_copy(update={"background": background}))
    commands.open(night.paths)
    idle()
    commands.build()
    idle()
    found = store.state.results.stack
    assert found is not None
    return found


def click(widget: QWidget, at: QPointF, qtbot: QtBot) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at.toPoint())


def port_of(maps: MapSet, which: int) -> QWidget:
    port = maps.maps[which].canvas.viewport()
    assert port is not None
    return port


def bin_middle(maps: MapSet, which: int, place: tuple[int, int], shape: tuple[int, int]) -> QPointF:
    canvas = maps.maps[which].canvas
    ny, nx = shape
    x = (place[0] + 0.5) * canvas.width() / nx
    return QPointF(x, canvas.height() - (place[1] + 0.5) * canvas.height() / ny)


def test_without_a_sky_frame_every_panel_says_what_to_do(board: Board) -> None:
    said = [text for text in board.words() if "build a sky frame" in text]
    assert len(said) == len(KINDS)


@pytest.mark.parametrize("which", range(4))
def test_a_click_in_any_map_selects_that_bin(
    board: Board, view: StackView, store: Store, qtbot: QtBot, which: int
) -> None:
    place = (3, 1)
    shape = view.sky_frame.grid.values.shape
    click(port_of(board.maps, which), bin_middle(board.maps, which, place, shape), qtbot)
    assert store.state.selection.bin == place


def test_arrow_keys_walk_from_bin_to_bin_and_stop_at_the_edge(
    board: Board, view: StackView, commands: Commands, store: Store, qtbot: QtBot
) -> None:
    ny, nx = view.sky_frame.grid.values.shape
    commands.select_bin((0, 0))
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Down):
        qtbot.keyClick(board.maps.maps[0].canvas, key)
    assert store.state.selection.bin == (0, 0)
    qtbot.keyClick(board.maps.maps[0].canvas, Qt.Key.Key_Up)
    qtbot.keyClick(board.maps.maps[0].canvas, Qt.Key.Key_Right)
    assert store.state.selection.bin == (1, 1)
    commands.select_bin((nx - 1, ny - 1))
    qtbot.keyClick(board.maps.maps[0].canvas, Qt.Key.Key_Up)
    assert store.state.selection.bin == (nx - 1, ny - 1)
    qtbot.keyClick(board.maps.maps[0].canvas, Qt.Key.Key_Escape)
    assert store.state.selection.bin is None


def test_the_first_row_of_bins_is_at_the_bottom_of_the_map() -> None:
    values = np.array([[0.0, 0.0], [1.0, np.nan]])
    image = ColouredGrid(values=values, limits=(0.0, 1.0), colours="grey").image("#ff0000")
    assert image.pixelColor(0, 1).name() == "#000000"
    assert image.pixelColor(0, 0).name() == "#ffffff"
    assert image.pixelColor(1, 0).name() == "#ff0000"


def test_all_used_and_none_clipped_are_the_dark_end() -> None:
    counts = np.array([[9, 7]])
    used = ColouredGrid(
        values=counts, limits=(7.0, 9.0), colours="cividis", steps=True, turned=True
    ).image("#ff0000")
    clipped = ColouredGrid(
        values=9 - counts, limits=(0.0, 2.0), colours="cividis", steps=True
    ).image("#ff0000")
    for image in (used, clipped):
        assert image.pixelColor(0, 0).lightness() < 60
        assert image.pixelColor(1, 0).lightness() > 120


def test_hovering_a_bin_tells_its_values(
    board: Board, view: StackView, store: Store, qtbot: QtBot
) -> None:
    shape = view.sky_frame.grid.values.shape
    at = bin_middle(board.maps, 1, (2, 4), shape)
    port = port_of(board.maps, 1)
    qtbot.mouseMove(port, QPoint(1, 1))
    qtbot.mouseMove(port, at.toPoint())
    foot = cast("StackMapsPanel", board.panels[0]).foot.text()
    used = int(view.sky_frame.n_used[4, 2])
    assert "(2, 4)" in foot
    assert f"used</span> {used}" in foot
    assert store.state.selection.bin is None


def test_a_filled_bin_says_so(view: StackView, store: Store) -> None:
    from dataclasses import replace

    item = store.state.sky_frames[0]
    filled = item.sky_frame.filled.copy()
    filled[0, 0] = True
    maps = maps_of(
        replace(item, sky_frame=replace(item.sky_frame, filled=filled)), measured_limits(item)
    )
    assert ("filled", "with the median of the other bins") in bin_facts(maps, (0, 0))
    assert "1 filled" in maps.maps[0].subject
    assert all(name != "filled" for name, _ in bin_facts(maps, (1, 0)))


def test_colours_of_the_maps_stay_while_exposures_are_left_out(
    board: Board, view: StackView, commands: Commands, idle: Callable[[], None]
) -> None:
    panel = cast("StackMapsPanel", board.panels[0])
    assert panel._maps is not None
    before = panel._maps
    commands.set_role("sky", view.members[:2], False)
    idle()
    assert panel._maps is not before
    for old, new in zip(before.maps[:2], panel._maps.maps[:2], strict=True):
        assert old.coloured is not None
        assert new.coloured is not None
        assert old.coloured.limits == new.coloured.limits
    assert panel._maps.maps[2].subject == "of 3 exposures"


def test_the_bin_panel_marks_who_is_used_clipped_and_excluded(
    board: Board, view: StackView, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.set_role("sky", [view.members[1]], False)
    idle()
    commands.select_bin((1, 1))
    idle()
    shapes = {mark.key: mark.shape for mark in board.bin.plot.marks}
    assert shapes[view.members[1]] == "triangle"
    assert list(shapes.values()).count("circle") == len(view.members) - 1
    head = board.bin.head.text()
    assert "Bin (1, 1)" in head
    assert "excluded</span> <b>1</b>" in head


def test_a_clipped_value_is_a_square_that_names_its_iteration(
    board: Board, view: StackView, commands: Commands, idle: Callable[[], None]
) -> None:
    who, row, column = (int(part[0]) for part in view.sky_frame.clipped.nonzero())
    commands.select_bin((column, row))
    idle()
    marks = {mark.key: mark for mark in board.bin.plot.marks}
    mark = marks[view.members[who]]
    assert mark.shape == "square"
    assert any(word.text.startswith("clipped in iteration") for word in mark.words)
    assert f"clipped</span> <b>{view.sky_frame.n_clipped[row, column]}</b>" in board.bin.head.text()


def test_a_click_on_a_mark_of_the_bin_selects_the_exposure_everywhere(
    board: Board,
    view: StackView,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
    qtbot: QtBot,
) -> None:
    commands.select_bin((1, 1))
    idle()
    plot = board.bin.plot
    xs, ys = plot.mark_places()
    mouse.click(plot, QPointF(xs[2], ys[2]))
    key = plot.marks[2].key
    assert store.state.selection.stack_exposure == key
    table = board.table.table
    assert table.key_at(table.currentIndex().row()) == key


def test_hovering_a_mark_names_the_exposure_and_its_class(
    board: Board, view: StackView, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.select_bin((1, 1))
    idle()
    mark = board.bin.plot.marks[0]
    words = [word.text for word in mark.words]
    assert view.names[view.members.index(mark.key)] in words
    assert "used" in words


def test_the_strongest_pull_is_first_and_a_header_click_sorts_by_level(
    board: Board, view: StackView
) -> None:
    table = board.table.table
    pulls = [row.pull for row in table.rows.rows]
    assert pulls == sorted(pulls, reverse=True)
    table.sortByColumn(Column.LEVEL, Qt.SortOrder.AscendingOrder)
    levels = [row.level for row in table.rows.rows]
    assert levels == sorted(levels)


def test_however_narrow_the_table_its_heads_have_room_beside_the_sort_indicator(
    board: Board, view: StackView
) -> None:
    from PyQt6.QtGui import QFontMetrics
    from PyQt6.QtWidgets import QTableView

    from skyframe_gui.ui import theme

    board.table.setGeometry(0, 0, 300, 300)
    (table,) = (one for one in board.table.findChildren(QTableView) if one.isVisible())
    across, model = table.horizontalHeader(), table.model()
    assert across is not None
    assert model is not None
    metrics = QFontMetrics(theme.font(11, 500))
    for column in range(model.columnCount()):
        words = str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        if words:
            assert across.sectionSize(column) >= metrics.horizontalAdvance(words) + 12, words


def test_space_takes_the_selected_exposure_out_and_in_again(
    board: Board,
    view: StackView,
    store: Store,
    idle: Callable[[], None],
    qtbot: QtBot,
) -> None:
    table = board.table.table
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    key = store.state.selection.stack_exposure
    assert key
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert key in store.state.excluded_members
    idle()
    # Its row may have another rank now, but it is still the selected one.
    place = table.currentIndex().row()
    assert table.key_at(place) == key
    assert table.rows.text(table.rows.rows[place], Column.WORST) == "excluded"
    assert board.table.subject(store.state) == "4 of 5 exposures in the frame"
    qtbot.keyClick(table, Qt.Key.Key_Space)
    idle()
    assert key not in store.state.excluded_members


def test_a_click_on_the_checkbox_leaves_the_exposure_out(
    board: Board, view: StackView, store: Store, qtbot: QtBot
) -> None:
    table = board.table.table
    box = table.visualRect(table.rows.index(1, Column.INSIDE))
    key = table.key_at(1)
    port = table.viewport()
    assert port is not None
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=box.center())
    assert store.state.excluded_members == {key}
    assert store.state.selection.stack_exposure == key


def test_the_strip_walks_in_the_chosen_order(
    board: Board, view: StackView, store: Store, qtbot: QtBot
) -> None:
    stack = stack_of(store.state)
    assert stack is not None
    qtbot.mouseClick(board.strip.orders.buttons["level"], Qt.MouseButton.LeftButton)
    by_level = [row.key for row in ordered(stack.rows, "level")]
    qtbot.keyClick(board.strip.strip, Qt.Key.Key_Home)
    assert store.state.selection.stack_exposure == by_level[0]
    qtbot.keyClick(board.strip.strip, Qt.Key.Key_Right)
    assert store.state.selection.stack_exposure == by_level[1]


def test_a_click_on_a_thumbnail_selects_its_exposure(
    board: Board, view: StackView, store: Store, qtbot: QtBot
) -> None:
    stack = stack_of(store.state)
    assert stack is not None
    strip = board.strip.strip
    port = strip.viewport()
    assert port is not None
    click(port, strip.boxes()[1].center(), qtbot)
    assert store.state.selection.stack_exposure == ordered(stack.rows, "time")[1].key


def test_levels_and_rms_have_a_mark_each_and_units(board: Board, view: StackView) -> None:
    for plot in (board.levels.level, board.levels.rms):
        assert len(plot.marks) == len(view.members)
        assert "[" in plot.y_label
        assert plot.x_label.startswith("UTC")
    span = board.levels.level.x_range
    half = span._replace(high=span.low + 0.5 * span.width)
    board.levels.level.show_range(half, board.levels.level.y_range)
    assert board.levels.rms.x_range == pytest.approx(board.levels.level.x_range)
    heights = [mark.y for mark in board.levels.level.marks]
    order = np.argsort(np.array(view.dates))
    assert heights == pytest.approx(np.array(view.levels)[order], rel=1e-6)


def test_a_sky_frame_from_a_file_has_maps_and_the_rest_says_why_not(
    board: Board,
    view: StackView,
    commands: Commands,
    store: Store,
    idle: Callable[[], None],
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    path = tmp_path / "sky.fits"
    write_sky_frame(path, view.sky_frame)
    commands.open([path])
    idle()
    commands.select_sky_frame(store.state.sky_frames[-1].key, alone=True)
    idle()
    said = [text for text in board.words() if "does not hold the exposures' bins" in text]
    assert len(said) == len(KINDS) - 1
    assert board.maps.isVisible()
    shape = view.sky_frame.grid.values.shape
    click(port_of(board.maps, 2), bin_middle(board.maps, 2, (1, 2), shape), qtbot)
    assert store.state.selection.bin == (1, 2)


def test_both_themes_paint(
    board: Board, view: StackView, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.select_bin((1, 1))
    idle()
    dark = board.widget.grab().toImage()
    commands.view(theme="light")
    light = board.widget.grab().toImage()
    middle = board.strip.mapTo(board.widget, QPoint(5, SIZE[1] - 40))
    assert light.pixelColor(middle).lightness() > dark.pixelColor(middle).lightness() + 100


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (("907986", "907988", "908000"), ("7986", "7988", "8000")),
        (("907986", "907988"), ("986", "988")),
        (("a", "b"), ("a", "b")),
        (("same", "same"), ("same", "same")),
    ],
)
def test_names_on_an_axis_lose_what_they_have_in_common(
    names: tuple[str, ...], short: tuple[str, ...]
) -> None:
    assert short_names(names) == short


def rows_of_every_kind() -> tuple[StackRow, ...]:
    names = ("907986", "907988", "907990", "907999", "908001")
    return tuple(
        StackRow(
            index=index,
            key=f"key {index}",
            name=name,
            short=name[-3:],
            date="" if index == 4 else f"2026-11-2{index}T0{index}:30:00",
            inside=index != 3,
            included=index not in (1, 3),
            pull=(0.5, 2.0, 0.0, 1.0, np.nan)[index],
            worst=(5.0, 12.0, 0.25, 3.0, np.nan)[index],
            level=(100.0, 110.25, 95.0, 120.0, np.nan)[index],
            rms=(1.0, 2.5, 1.25, 3.0, np.nan)[index],
            n_clipped=(0, 3, 12, 0, 0)[index],
        )
        for index, name in enumerate(names)
    )


def test_exposures_in_every_order_and_steps_between_them() -> None:
    rows = rows_of_every_kind()

    def order(by: Order) -> list[int]:
        return [row.index for row in ordered(tuple(reversed(rows)), by)]

    assert order("time") == [0, 1, 2, 3, 4], "without a date at the end"
    assert order("pull") == [1, 3, 0, 2, 4], "without a number at the end"
    assert order("level") == [3, 1, 0, 2, 4]
    same = tuple(replace(row, date="", pull=1.0) for row in reversed(rows))
    assert [row.index for row in ordered(same, "time")] == [0, 1, 2, 3, 4]
    assert [row.index for row in ordered(same, "pull")] == [0, 1, 2, 3, 4]
    steps = {
        ("key 1", 1): "key 2",
        ("key 0", -1): "key 0",
        ("key 4", 1): "key 4",
        ("key 2", -(10**6)): "key 0",
        ("key 2", 10**6): "key 4",
        ("", 1): "key 0",
        ("", -1): "key 0",
        ("", 2): "key 2",
        ("other", 10**6): "key 4",
    }
    assert {one: neighbour(rows, *one) for one in steps} == steps
    assert neighbour((), "key 1", 1) == ""


def bin_view(
    values: list[float], clipped_at: list[int], low: list[float], high: list[float], **more: Any
) -> BinView:
    fields: dict[str, Any] = {"place": (1, 2), "value": 10.25, "filled": False} | more
    fields |= {"box": (0, 0, 9, 9), "error": 0.5}
    stack = cast("Any", SimpleNamespace(key="sky"))
    return BinView(
        stack=stack,
        values=np.array(values),
        clipped_at=np.array(clipped_at),
        low=np.array(low),
        high=np.array(high),
        **fields,
    )


@pytest.mark.parametrize("palette", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_all_that_is_drawn_of_a_bin(qtbot: QtBot, palette: theme.Palette) -> None:
    from skyframe_gui.ui.stack.bin_plot import BinPlot

    plot = BinPlot()
    qtbot.addWidget(plot)
    plot.resize(420, 240)
    plot.apply_theme(palette)
    plot.show()
    rows = rows_of_every_kind()
    kinds = [USED, 1, 0, OUTSIDE, NO_VALUE]
    limits = ([8.0, 8.5, 9.0], [13.0, 12.0, 11.95])
    shown = bin_view([10.0, 12.5, 59.0, -40.0, 3.0], kinds, *limits)
    plot.show_bin(shown, rows, "key 1", "adu")
    plot.pointed(QPointF(*(float(at[3]) for at in plot.mark_places())))
    check(f"bin {palette.name}", plot)
    assert plot.values_text().splitlines() == [
        "exposure\tvalue [adu]\tstate",
        "907986\t10\tused",
        "907988\t12.5\tclipped",
        "907990\t59\tclipped",
        "907999\t-40\texcluded by hand",
    ]
    words = [[word.text for word in mark.words] for mark in plot.marks]
    assert words == [
        ["907986", "value", "10.0", "adu", "used"],
        ["907988", "value", "12.5", "adu", "clipped in iteration 2"],
        ["907990", "value", "59.0", "adu", "clipped in iteration 1"],
        ["907999", "value", f"{MINUS}40.0", "adu", "excluded by hand"],
    ]
    filled = bin_view([10.0, np.nan, 11.0, 9.0, 3.0], kinds, [np.nan], [np.nan], filled=True)
    plot.pointed(None)
    plot.show_bin(filled, rows, "", "adu")
    check(f"bin {palette.name} filled", plot)

    # Where names have no room they lose what they have in common, and limits are told inside.
    plot.resize(260, 100)
    plot.show_bin(
        bin_view([10.0, 12.5, 9.0, 11.0, 3.0], [USED] * 5, [7.0], [15.0]), rows, "", "adu"
    )
    plot.fit()
    check(f"bin {palette.name} small", plot)


def test_a_bin_that_stays_keeps_the_view_that_a_hand_has_moved(qtbot: QtBot) -> None:
    from skyframe_gui.ui.stack.bin_plot import BinPlot

    plot = BinPlot()
    qtbot.addWidget(plot)
    plot.resize(420, 240)
    plot.show()
    rows, kinds = rows_of_every_kind(), [USED] * 5

    def show(**more: Any) -> None:
        values = [10.0, 11.0, 12.0, 9.0, 10.0]
        plot.show_bin(bin_view(values, kinds, [8.0], [13.0], **more), rows, "", "adu")

    show()
    assert (plot.x_range, plot.y_range) == plot.home
    assert plot.home[0].low == -0.6
    assert plot.home[0].high == pytest.approx((4.5 + 0.065) / 0.87)
    assert plot.home[1] == pytest.approx((8.0 - 0.12 * 5, 13.0 + 0.12 * 5))
    part = Range(0.0, 1.0), Range(9.0, 10.0)
    for moved, place, stays in (
        (True, (1, 2), True),
        (False, (1, 2), False),
        (True, (2, 2), False),
    ):
        plot.show_range(*part)
        plot.touched = moved
        show(place=place)
        assert ((plot.x_range, plot.y_range) == part) is stays
        show()


def test_values_of_a_bin_have_three_digits_of_their_spread() -> None:
    for values, decimals in (
        ([1.0], 2),
        ([1.0, 1.0], 2),
        ([1.0, 2.0], 2),
        ([1.0, 1.99], 3),
        ([0.0, 10.0], 1),
        ([0.0, 5e3], 0),
        ([0.0, 1e-9, np.nan], 8),
        ([np.nan, np.nan], 2),
    ):
        assert decimals_of(bin_view(values, [], [], [])) == decimals, values


@pytest.mark.parametrize("palette", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_all_that_is_drawn_of_levels(qtbot: QtBot, palette: theme.Palette) -> None:
    from skyframe_gui.ui.stack.level_plot import LevelPlot

    plot = LevelPlot("level")
    qtbot.addWidget(plot)
    plot.resize(420, 200)
    plot.apply_theme(palette)
    plot.show()
    rows = rows_of_every_kind()
    values = [row.level for row in rows]
    plot.show_rows(rows[:4], values[:4], "adu", "key 2", 1)
    check(f"levels {palette.name}", plot)
    assert plot.x_label == "UTC, 2026-11-20"
    words = [[word.text for word in plot.words_of(mark)] for mark in plot.marks]
    assert words[0] == ["907986", "level", "100.0", "adu", "11-20 00:30"]
    assert words[3] == ["907999", "level", "120.0", "adu", "11-23 03:30", "excluded by hand"]
    plot.show_rows(rows, values, "adu", "", 2)
    check(f"levels {palette.name} without times", plot)
    assert plot.x_label == "exposure, in the order of the stack"
    late = (replace(rows[0], date="2026-11-28T00:00:00"), *rows[1:4])
    plot.show_rows(late, values[:4], "adu", "", 3)
    assert plot.x_label == "UTC, 2026"
    assert [plot.words_of(mark)[4].text for mark in plot.marks][::3] == [
        "11-28 00:00",
        "11-23 03:30",
    ]
    later = (*rows[:3], replace(rows[3], date="2027-01-02T00:00:00"))
    plot.show_rows(later, values[:4], "adu", "", 4)
    assert plot.x_label == "UTC, 2026 to 2027"
    assert plot.words_of(plot.marks[3])[4].text == "2027-01-02 00:00"
    night = tuple(replace(row, date=f"2026-11-20T{at:02}:30:00") for at, row in enumerate(rows[:4]))
    plot.show_rows(night, values[:4], "adu", "", 5)
    assert plot.words_of(plot.marks[3])[4].text == "03:30"
    small = LevelPlot("rms", from_zero=True)
    qtbot.addWidget(small)
    small.show_rows(rows[:4], [2e-5, 1e-5, np.nan, 4e-5], "adu", "", 1)
    assert small.y_label == "rms [10⁻⁵ adu]"
    assert small.y_range == pytest.approx((0.0, 4.48))
    assert [mark.y for mark in small.marks] == pytest.approx([2, 1, 4])
    small.show_rows(rows[:4], [np.nan] * 4, "adu", "", 1)
    assert small.marks == ()


def test_the_view_of_levels_stays_for_one_stack_and_marks_tell_of_themselves(
    qtbot: QtBot,
) -> None:
    from skyframe_gui.ui.stack.level_plot import LevelPlot

    plot = LevelPlot("level")
    qtbot.addWidget(plot)
    plot.resize(420, 200)
    plot.show()
    rows = rows_of_every_kind()[:4]
    values = [row.level for row in rows]
    plot.show_rows(rows, values, "adu", "", "one")
    home = plot.home
    part = home[0], Range(100.0, 110.0)
    for key, touched, stays in (("one", True, True), ("one", False, False), ("two", True, False)):
        plot.show_range(*part)
        plot.touched = touched
        plot.show_rows(rows, values, "adu", "", key)
        assert ((plot.x_range, plot.y_range) == part) is stays
    chosen: list[str] = []
    switched: list[str] = []
    plot.chosen.connect(chosen.append)
    plot.switched.connect(switched.append)
    x, y = plot.mark_places()
    at = QPointF(x[1], y[1])
    for by in (11.9, 12.1):
        plot.clicked(at + QPointF(0, by), False)
    assert chosen == ["key 1"]
    left, right, space = Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Space
    for selected, key, to in (
        ("", right, "key 0"),
        ("key 0", left, "key 0"),
        ("key 0", right, "key 1"),
        ("key 3", right, "key 3"),
        ("key 3", left, "key 2"),
    ):
        plot.show_rows(rows, values, "adu", selected, "two")
        qtbot.keyClick(plot, key)
        assert chosen[-1] == to, (selected, key)
    qtbot.keyClick(plot, space)
    assert switched == ["key 3"]
    plot.show_rows(rows, values, "adu", "", "two")
    qtbot.keyClick(plot, space)
    assert switched == ["key 3"]
    plot.show_range(home[0], Range(100.0, 112.0))
    _, heights = plot.mark_places()
    area = plot.area
    assert heights[2] == area.bottom() - 9, "a mark below the axis stands at its edge"
    assert heights[3] == area.top() + 9
    plot.show_marks((), "")
    qtbot.keyClick(plot, right)
    plot.clicked(at, False)
    assert len(chosen) == 6


@pytest.mark.parametrize(
    ("dates", "found"),
    [
        (("1970-01-01T00:00:01", "1970-01-02T00:00:00Z"), [1.0, 86400.0]),
        (("1970-01-01T00:00:00.250",), [0.25]),
        (("1970-01-01", ""), None),
        (("yesterday",), None),
        ((), None),
    ],
)
def test_dates_are_seconds_where_all_are_known(
    dates: tuple[str, ...], found: list[float] | None
) -> None:
    times = seconds(dates)
    assert (None if times is None else times.tolist()) == found


def test_what_panels_of_the_stack_have_in_them(
    board: Board, view: StackView, store: Store, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.select_bin((1, 1))
    commands.select_stack_exposure(view.members[1])
    idle()
    board.widget.grab()
    agree("stack panels", [line for one in board.panels for line in parts(one)])
    for name, one in (("table", board.table.table), ("strip", board.strip.strip)):
        inside = one.viewport()
        assert inside is not None
        agree(f"stack {name}", drawn(inside))


def stack_of_every_kind(selected: str = "key 1") -> Stack:
    rows = rows_of_every_kind()
    residuals = np.arange(5.0)[:, None, None] * np.ones((5, 3, 4))
    view = SimpleNamespace(
        residuals=residuals,
        sky_frame=SimpleNamespace(grid=SimpleNamespace(width=400, height=300)),
    )
    return Stack(
        item=cast("Any", None),
        view=cast("Any", view),
        rows=rows,
        selected=selected,
        unit="adu",
        level_unit="electron",
    )


@pytest.mark.parametrize("palette", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_all_that_is_drawn_of_the_exposures_of_a_stack(
    qtbot: QtBot, palette: theme.Palette
) -> None:
    from skyframe_gui.ui.stack.exposures_table import ExposuresTable
    from skyframe_gui.ui.stack.strip import Strip

    table, strip = ExposuresTable(), Strip()
    stack = stack_of_every_kind()
    for one, size in ((table, (640, 160)), (strip, (700, 190))):
        qtbot.addWidget(one)
        one.resize(*size)
        one.show()
    for width in (640, 420):
        table.resize(width, 160)
        table.show_stack(stack, palette)
        inside = table.viewport()
        assert inside is not None
        widths = [str(table.columnWidth(column)) for column in Column]
        agree(f"exposures {palette.name} {width}", [*drawn(inside), *parts(table), *widths])
    for half, shown in ((2.5, stack), (2e-5, stack_of_every_kind("key 3"))):
        strip.show_rows(shown, shown.rows, half, palette)
        inside = strip.viewport()
        assert inside is not None
        agree(f"strip {palette.name} {half}", drawn(inside))
    strip.show_rows(shown, shown.rows[:2], half, palette)
    assert len(strip.boxes()) == 2
    agree(f"strip {palette.name} of two", drawn(inside))


@pytest.mark.usefixtures("view")
def test_maps_of_value_and_error_have_looks_of_their_own(
    board: Board, commands: Commands, store: Store
) -> None:
    panel = cast("StackMapsPanel", board.panels[0])
    maps = panel.view
    assert maps is not None

    def looks() -> list[tuple[tuple[float, float], list[int]]]:
        levels = [one.bar.levels for one in maps.maps[:2]]
        return [(one.limits, one.lut.tolist()) for one in levels if one is not None]

    value, error = looks()
    panel.stretch.textActivated.emit("sqrt")
    panel.colours.textActivated.emit("magma")
    assert looks()[0][0] == value[0]
    assert looks()[0][1] != value[1]
    assert looks()[1] == error
    panel.which.buttons["error"].click()
    assert panel.colours.currentText() == "inferno"
    panel.stretch.textActivated.emit("histogram")
    assert looks()[1][1] != error[1]
    low, high = value[0]
    maps.maps[0].bar.dragged.emit(low - 1, high + 2)
    assert looks()[0][0] == (low - 1, high + 2)
    assert store.state.looks["frame"].by_hand == (low - 1, high + 2)
    commands.undo()
    assert looks()[0][0] == value[0]
    maps.maps[0].bar.dragged.emit(low - 1, high + 2)
    maps.maps[0].bar.reset.emit()
    assert looks()[0][0] == value[0]
    assert taken_looks(plain_looks(store.state.looks))[0] == store.state.looks


def test_thumbnails_take_other_limits_and_another_theme(qtbot: QtBot) -> None:
    from skyframe_gui.ui.stack.strip import Strip

    strip, stack = Strip(), stack_of_every_kind()
    qtbot.addWidget(strip)
    strip.resize(700, 190)
    strip.show()
    drawn_of = []
    for half, palette in ((2.5, theme.DARK), (0.5, theme.DARK), (0.5, theme.LIGHT)):
        strip.show_rows(stack, stack.rows, half, palette)
        inside = strip.viewport()
        assert inside is not None
        drawn_of.append([line for line in drawn(inside) if line.startswith("image")])
    assert drawn_of[0]
    assert drawn_of[0] != drawn_of[1]
    assert drawn_of[1] != drawn_of[2]


def test_the_strip_scrolls_to_what_is_selected_and_finds_what_is_clicked(qtbot: QtBot) -> None:
    from skyframe_gui.ui.stack.strip import Strip

    strip = Strip()
    qtbot.addWidget(strip)
    strip.resize(300, 190)
    strip.show()
    bar = strip.horizontalScrollBar()
    assert bar is not None
    for selected, in_view in (("key 4", 4), ("key 0", 0), ("key 2", 2)):
        stack = stack_of_every_kind(selected)
        strip.show_rows(stack, stack.rows, 1.0, theme.DARK)
        box = strip.boxes()[in_view]
        assert box.left() >= 8
        assert box.right() <= strip.width() - 8
        bar.setValue(bar.maximum() // 2)
        strip.show_rows(stack, stack.rows, 1.0, theme.DARK)
        assert bar.value() == bar.maximum() // 2, "only what was not selected before is gone to"
    box = strip.boxes()[2]
    assert strip.key_at(box.center()) == "key 2"
    assert strip.key_at(box.bottomLeft() + QPointF(-3, 33)) == "key 2", "on its words"
    assert strip.key_at(box.bottomLeft() + QPointF(0, 35)) == ""
    assert strip.key_at(box.topLeft() + QPointF(-5, 0)) == ""
    chosen: list[str] = []
    switched: list[str] = []
    strip.chosen.connect(chosen.append)
    strip.switched.connect(switched.append)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
        qtbot.keyClick(strip, key)
    qtbot.keyClick(strip, Qt.Key.Key_Space)
    assert chosen == ["key 1", "key 3", "key 0", "key 4"]
    assert switched == ["key 2"]
    inside = strip.viewport()
    assert inside is not None
    qtbot.mousePress(inside, Qt.MouseButton.RightButton, pos=box.center().toPoint())
    assert len(chosen) == 4
    qtbot.mousePress(inside, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert chosen[-1] == "key 2"


def test_colours_of_the_strip_hold_what_is_in_the_frame_alone() -> None:
    stack = stack_of_every_kind()
    assert symmetric_limit(stack) == 4.0
    inside = tuple(replace(row, inside=row.index < 3) for row in stack.rows)
    assert symmetric_limit(replace(stack, rows=inside)) == 2.0
    none = tuple(replace(row, inside=False) for row in stack.rows)
    assert symmetric_limit(replace(stack, rows=none)) == 4.0
    zero = tuple(replace(row, inside=row.index == 0) for row in stack.rows)
    assert symmetric_limit(replace(stack, rows=zero)) == 1.0

"""The level bar: what its colours mean, and how its limits are set by mouse and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mouse
import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PyQt6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent
from PyQt6.QtWidgets import QApplication, QHBoxLayout, QWidget
from recorded import agree, check, parts

from skyframe_gui.ui import theme
from skyframe_gui.ui.graph.level_bar import WIDTH, LevelBar
from skyframe_gui.ui.graph.level_bar_parts import HANDLE, LEFT, LevelHistogram
from skyframe_gui.ui.graph.levels import Levels, power_of
from skyframe_gui.ui.graph.limits_popup import LimitsPopup
from skyframe_gui.ui.images.stretch import lookup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

Pair = tuple[float, float]
MIDDLE = LEFT + HANDLE // 2
COUNTS = np.array([1, 10, 100, 10])
EDGES = np.linspace(1000.0, 1400.0, 5)


class Side:
    """A bar beside an image, whose limits follow what it says, as a pane's do."""

    def __init__(self, qtbot: QtBot) -> None:
        self.widget = QWidget()
        qtbot.addWidget(self.widget)
        row = QHBoxLayout(self.widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(QWidget(), 1)
        self.bar = LevelBar()
        row.addWidget(self.bar)
        self.widget.resize(300, 320)
        self.widget.show()
        self.said: list[Pair] = []
        self.resets = 0
        self.levels = Levels(limits=(1100.0, 1300.0), lut=lookup("viridis"), unit="electron")
        self.bar.dragged.connect(self._follow)
        self.bar.reset.connect(self._count)

    def show(self, **levels: Any) -> None:
        parts = {"limits": (1100.0, 1300.0), "lut": lookup("viridis"), "unit": "electron"} | levels
        self.levels = Levels(**parts)
        self.bar.show_levels(self.levels, theme.DARK)

    def press(self, value: float) -> int:
        y = round(self.bar.place_of(value))
        mouse.press(self.bar, QPoint(MIDDLE, y))
        return y

    def move(self, y: int) -> None:
        mouse.pull(self.bar, QPoint(MIDDLE, y))  # not by the cursor, which all windows share

    def release(self, y: int) -> None:
        mouse.release(self.bar, QPoint(MIDDLE, y))

    def drag(self, value: float, by: int) -> None:
        y = self.press(value)
        self.move(y + by)
        self.release(y + by)

    @property
    def port(self) -> QWidget:
        port = self.bar.viewport()
        assert port is not None
        return port

    def _follow(self, low: float, high: float) -> None:
        self.said.append((low, high))
        self.show(
            limits=(low, high), symmetric=self.levels.symmetric, histogram=self.levels.histogram
        )

    def _count(self) -> None:
        self.resets += 1


@pytest.fixture
def side(qtbot: QtBot) -> Iterator[Side]:
    made = Side(qtbot)
    made.show()
    yield made
    made.bar.close()


def colour_at(bar: LevelBar, value: float) -> str:
    image = bar.grab().toImage()
    return image.pixelColor(MIDDLE, round(bar.place_of(value))).name()


def test_a_press_whose_release_went_to_a_menu_does_not_take_the_next_drag(
    side: Side, qtbot: QtBot
) -> None:
    """The menu of the pane opens on the press of the right button, and Escape closes it."""
    place = QPointF(MIDDLE, side.bar.place_of(1200.0))
    right = Qt.MouseButton.RightButton
    press = QMouseEvent(
        QEvent.Type.MouseButtonPress, place, right, right, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(side.port, press)
    side.drag(1300.0, 40)
    assert side.said
    assert side.said[-1][1] < 1300.0


def test_a_handle_moves_its_own_limit_to_where_it_is_dropped(side: Side) -> None:
    value = side.bar.value_at(side.bar.place_of(1300.0) + 40)
    side.drag(1300.0, 40)
    low, high = side.said[-1]
    assert low == 1100.0
    assert high == pytest.approx(value, abs=2.0)
    side.drag(1100.0, -30)
    assert side.said[-1][1] == high
    assert side.said[-1][0] > 1100.0


def test_both_limits_of_a_symmetric_layer_move(side: Side) -> None:
    side.show(limits=(-50.0, 50.0), symmetric=True)
    side.drag(-50.0, -30)
    low, high = side.said[-1]
    assert low == -high
    assert 0 < high < 50


def test_a_limit_cannot_pass_the_other_and_goes_back(side: Side) -> None:
    place = side.bar.place_of(1300.0)
    y = side.press(1300.0)
    side.move(y + 400)
    assert side.said == []
    side.release(y + 400)
    assert side.bar.place_of(1300.0) == place
    side.drag(1300.0, 20)
    assert side.said, "and can be taken there again"


def test_the_axis_stands_still_while_a_handle_is_held_and_follows_after_it(side: Side) -> None:
    place = side.bar.place_of(1200.0)
    y = side.press(1300.0)
    side.move(y + 20)
    side.move(y + 60)
    assert side.said[-1][1] < 1280
    assert side.bar.place_of(1200.0) == place
    assert colour_at(side.bar, side.said[-1][1] + 8) == theme.DARK.canvas
    side.release(y + 60)
    assert side.bar.place_of(1200.0) < place
    assert side.bar.place_of(side.said[-1][1]) == pytest.approx(y, abs=1)


def test_a_drag_beyond_the_bar_goes_on(side: Side) -> None:
    y = side.press(1300.0)
    side.move(y - 60)
    side.release(y - 60)
    assert side.said[-1][1] > 1320


def test_a_double_click_measures_again_and_a_click_does_nothing(side: Side, qtbot: QtBot) -> None:
    qtbot.mouseClick(side.port, Qt.MouseButton.LeftButton, pos=QPoint(MIDDLE, 100))
    assert side.resets == 0
    qtbot.mouseDClick(side.port, Qt.MouseButton.LeftButton, pos=QPoint(MIDDLE, 100))
    assert side.resets == 1
    assert side.said == []


def test_arrow_keys_move_the_chosen_limit(side: Side, qtbot: QtBot) -> None:
    qtbot.keyClick(side.bar, Qt.Key.Key_Down)
    assert side.said[-1] == pytest.approx((1100.0, 1298.0))
    qtbot.keyClick(side.bar, Qt.Key.Key_Left)
    qtbot.keyClick(side.bar, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert side.said[-1] == pytest.approx((1100.0 + 19.8, 1298.0))
    qtbot.keyClick(side.bar, Qt.Key.Key_Right)
    qtbot.keyClick(side.bar, Qt.Key.Key_Up)
    assert side.said[-1][1] > 1298.0


@pytest.mark.qt_log_ignore("This plugin does not support")  # popups, offscreen
def test_limits_are_typed_after_a_click_on_the_numbers_or_return(side: Side, qtbot: QtBot) -> None:
    mouse.click(side.bar, QPoint(WIDTH - 8, 150))
    popup = side.bar.findChild(LimitsPopup)
    assert popup.isVisible()
    assert (popup.low.text(), popup.high.text()) == ("1100", "1300")
    popup.low.selectAll()
    qtbot.keyClicks(popup.low, "1400")
    qtbot.keyClick(popup.low, Qt.Key.Key_Return)
    assert popup.isVisible()
    assert "less than the high one" in popup.low.toolTip()
    popup.low.selectAll()
    qtbot.keyClicks(popup.low, "1050.5")
    qtbot.keyClick(popup.low, Qt.Key.Key_Return)
    assert side.said == [(1050.5, 1300.0)]
    assert not popup.isVisible()
    qtbot.keyClick(side.bar, Qt.Key.Key_Return)
    popup = next(one for one in side.bar.findChildren(LimitsPopup) if one.isVisible())
    qtbot.keyClick(popup.high, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert len(side.said) == 1
    side.show(limits=(0.0, 5.0), steps=True)
    assert side.bar.type_limits() is None, "counts have a colour each"


def test_the_colours_go_from_the_lower_to_the_upper_limit(side: Side) -> None:
    side.show(lut=lookup("grey"))
    shades = [int(colour_at(side.bar, value)[1:3], 16) for value in (1110, 1200, 1290)]
    assert shades == sorted(shades)
    assert shades[1] == pytest.approx(128, abs=3)


def test_counts_have_one_colour_each_and_no_handles(side: Side) -> None:
    lut = np.array([0xFF112233, 0xFF445566, 0xFF778899], np.uint32)
    side.show(limits=(9.0, 11.0), lut=lut, unit="count", steps=True)
    places = [9 + part for part in (-0.4, 0.4, 0.6, 1.4, 1.6, 2.4)]
    found = [colour_at(side.bar, value) for value in places]
    assert found == ["#112233"] * 2 + ["#445566"] * 2 + ["#778899"] * 2
    side.drag(11.0, 20)
    assert side.said == []
    texts = side.bar.ticks()
    assert texts == ["9", "10", "11"]


def test_ticks_are_round_numbers_and_the_unit_has_the_power_taken_out(side: Side) -> None:
    assert side.bar.ticks()[0] == "1100"
    assert side.bar.unit == "electron"
    side.show(limits=(-8e-3, 4e-3), unit="adu")
    assert "\N{MINUS SIGN}8" in side.bar.ticks()
    assert side.bar.unit == "10⁻³ adu"
    side.show(limits=(0.0, 65535.0), unit="adu")
    assert "60" in side.bar.ticks()
    assert side.bar.unit == "10³ adu"


def test_the_bars_numbers_are_short() -> None:
    assert [power_of(-9e-3, 3e-3), power_of(900, 1300), power_of(0, 3e6)] == [-3, 0, 6]


def test_the_histogram_opens_over_the_images_edge_while_the_cursor_is_here(side: Side) -> None:
    side.show(histogram=(COUNTS, EDGES))
    before = side.widget.grab().toImage()
    app = QApplication.instance()
    assert app is not None
    at = QPointF(5, 5)
    app.sendEvent(side.bar, QEnterEvent(at, at, at))
    found = side.widget.findChildren(LevelHistogram)
    assert [one.isVisible() for one in found] == [True]
    assert found[0].geometry().right() + 1 == side.bar.geometry().left()
    image = side.widget.grab().toImage()
    x = side.bar.x() - 15
    # Most values are between 1200 and 1300, few above.
    full = image.pixelColor(x, round(side.bar.place_of(1250)))
    few = image.pixelColor(x, round(side.bar.place_of(1150)))
    assert full.lightness() > few.lightness() + 50
    app.sendEvent(side.bar, QEvent(QEvent.Type.Leave))
    assert side.widget.grab().toImage() == before


def test_the_histogram_goes_when_what_is_shown_has_none(side: Side) -> None:
    side.show(histogram=(COUNTS, EDGES))
    app = QApplication.instance()
    assert app is not None
    at = QPointF(5, 5)
    app.sendEvent(side.bar, QEnterEvent(at, at, at))
    (found,) = side.widget.findChildren(LevelHistogram)
    assert found.isVisible()
    side.show(histogram=None)
    assert not found.isVisible()


def test_nothing_to_show_is_an_empty_bar(side: Side, qtbot: QtBot) -> None:
    side.bar.show_levels(None, theme.DARK)
    image = side.bar.grab().toImage()
    assert {image.pixelColor(x, y).name() for x in range(WIDTH) for y in range(0, 320, 7)} == {
        theme.DARK.canvas
    }
    qtbot.mouseDClick(side.port, Qt.MouseButton.LeftButton, pos=QPoint(MIDDLE, 100))
    qtbot.keyClick(side.bar, Qt.Key.Key_Up)
    assert (side.resets, side.said) == (0, [])


def test_what_is_the_same_is_not_painted_again(side: Side, qtbot: QtBot) -> None:
    painted: list[int] = []
    side.bar.grab()
    qtbot.wait(20)

    class Counter(QObject):
        def eventFilter(self, _: QObject | None, event: QEvent | None) -> bool:
            if event is not None and event.type() == QEvent.Type.Paint:
                painted.append(1)
            return False

    counter = Counter()
    side.port.installEventFilter(counter)
    side.show()
    qtbot.wait(20)
    assert painted == []
    side.show(limits=(1100.0, 1301.0))
    qtbot.wait(20)
    assert painted


def enter(bar: LevelBar) -> None:
    at = QPointF(5, 5)
    QApplication.sendEvent(bar, QEnterEvent(at, at, at))


def shape_of(histogram: LevelHistogram) -> list[str]:
    """Return how long the rows of a histogram are, where that changes, in tenths of it."""
    image = histogram.grab().toImage()
    ground = image.pixelColor(0, 0).lightness()
    found: list[str] = []
    for y in range(image.height()):
        row = [image.pixelColor(x, y).lightness() for x in range(image.width())]
        long = sum(one != ground for one in row)
        if not found or not found[-1].endswith(f" {long} of {len(row)} {row[-1]}"):
            found.append(f"{y} {long} of {len(row)} {row[-1]}")
    return found


@pytest.mark.parametrize("palette", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_bars_of_every_kind_and_their_histogram(side: Side, palette: theme.Palette) -> None:
    steps = np.array([0xFF112233, 0xFF445566, 0xFF778899], np.uint32)
    kinds: dict[str, dict[str, Any]] = {
        "values": {"histogram": (COUNTS, EDGES)},
        "a power": {"limits": (-8e-3, 8e-3), "unit": "adu", "symmetric": True},
        "counts": {"limits": (9.0, 11.0), "lut": steps, "unit": "count", "steps": True},
        "no unit": {"limits": (0.0, 1.0), "unit": "", "power": 0},
    }
    for name, levels in kinds.items():
        parts_of_levels = {"limits": (1100.0, 1300.0), "lut": lookup("viridis"), "unit": "e"}
        side.bar.show_levels(Levels(**(parts_of_levels | levels)), palette)
        check(f"level bar {palette.name} {name}", side.bar)
    side.show(histogram=(COUNTS, EDGES))
    side.bar.show_levels(side.levels, palette)
    enter(side.bar)
    (histogram,) = side.widget.findChildren(LevelHistogram)
    agree(f"level histogram {palette.name}", [*parts(histogram), *shape_of(histogram)])
    side.bar.show_levels(None, palette)
    assert histogram.isHidden()
    check(f"level bar {palette.name} empty", side.bar)


def test_a_histogram_of_nothing_or_of_another_length_is_an_empty_ground(side: Side) -> None:
    side.show(histogram=(COUNTS, EDGES))
    enter(side.bar)
    (histogram,) = side.widget.findChildren(LevelHistogram)
    assert len(shape_of(histogram)) > 2
    for counts in (np.zeros(4, int), COUNTS[:2], np.zeros(0, int)):
        side.show(histogram=(counts, EDGES))
        assert len({one.split(" ", 1)[1] for one in shape_of(histogram)}) == 1
    steps = np.array([0xFF112233, 0xFF445566], np.uint32)
    side.show(limits=(0.0, 1.0), lut=steps, steps=True, histogram=(COUNTS, EDGES))
    assert histogram.isHidden()


def test_keys_of_the_bar_come_before_shortcuts_and_others_are_left(
    side: Side, qtbot: QtBot
) -> None:
    none, shift = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
    ctrl, keypad = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.KeypadModifier
    for key, modifiers, own in (
        (Qt.Key.Key_Up, none, True),
        (Qt.Key.Key_Left, shift, True),
        (Qt.Key.Key_Right, keypad | shift, True),
        (Qt.Key.Key_Down, ctrl, False),
        (Qt.Key.Key_Up, ctrl | shift, False),
        (Qt.Key.Key_A, none, False),
    ):
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            event = QKeyEvent(kind, key, modifiers)
            event.ignore()
            QApplication.sendEvent(side.bar, event)
            if kind == QEvent.Type.ShortcutOverride or not own:
                assert event.isAccepted() is own, (key, modifiers, kind)
    before = list(side.said)
    qtbot.keyClick(side.bar, Qt.Key.Key_Up, ctrl)
    assert side.said == before


def test_a_step_of_a_key_is_a_hundredth_and_with_shift_a_tenth(side: Side, qtbot: QtBot) -> None:
    moves = []
    shift = Qt.KeyboardModifier.ShiftModifier
    for first, key, modifiers in (
        (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Right, Qt.Key.Key_Down, shift),
        (Qt.Key.Key_Left, Qt.Key.Key_Up, shift),
        (Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier),
    ):
        side.show()
        qtbot.keyClick(side.bar, first)
        qtbot.keyClick(side.bar, key, modifiers)
        moves.append(side.said[-1])
    assert moves == [(1100, 1302), (1100, 1280), (1120, 1300), (1098, 1300)]
    side.show(limits=(-50.0, 50.0), symmetric=True)
    qtbot.keyClick(side.bar, Qt.Key.Key_Up)
    assert side.said[-1] == (-49, 49), "the lower one is still chosen"


def test_the_limit_that_has_the_keys_is_coloured(side: Side, qtbot: QtBot) -> None:
    def pens() -> list[str]:
        return [handle.pen.color().name() for handle in side.bar._handles]

    accent, plain = theme.DARK.accent, theme.DARK.highlight
    side.bar.clearFocus()
    assert pens() == [plain, plain]
    side.widget.activateWindow()
    side.bar.setFocus()
    qtbot.waitUntil(side.bar.hasFocus)
    assert pens() == [plain, accent], "the upper one at first"
    qtbot.keyClick(side.bar, Qt.Key.Key_Left)
    assert pens() == [accent, plain]
    qtbot.keyClick(side.bar, Qt.Key.Key_Right)
    assert pens() == [plain, accent]
    side.bar.clearFocus()
    assert pens() == [plain, plain]
    assert {handle.hoverPen.color().name() for handle in side.bar._handles} == {accent}


def test_heights_and_values_of_a_bar_are_two_ways_of_one_line(side: Side) -> None:
    bar, height = side.bar, side.bar.height()
    more = 0.04 * 200
    for value, share in ((1300 + more, 0.0), (1200, 0.5), (1100 - more, 1.0), (1300, 8 / 216)):
        assert bar.place_of(value) == pytest.approx(share * height)
        assert bar.value_at(share * height) == pytest.approx(value)


def test_what_is_drawn_alike_is_told_from_what_is_not() -> None:
    lut, counts = lookup("viridis"), (COUNTS, EDGES)
    same: dict[str, Any] = {
        "limits": (1.0, 2.0),
        "lut": lut,
        "unit": "adu",
        "power": 0,
        "symmetric": False,
        "steps": False,
        "histogram": counts,
    }
    one = Levels(**same)
    assert one.same_as(Levels(**same))
    assert one.same_as(Levels(**(same | {"histogram": (COUNTS, EDGES)})))
    for other in (
        {"limits": (1.0, 2.5)},
        {"lut": lut.copy()},
        {"unit": "e"},
        {"power": 3},
        {"symmetric": True},
        {"steps": True},
        {"histogram": None},
        {"histogram": (COUNTS.copy(), EDGES)},
    ):
        assert not one.same_as(Levels(**(same | other)))
    assert not one.same_as(None)


@pytest.mark.parametrize(
    ("limits", "power"),
    [
        ((0.0, 9999.0), 0),
        ((0.0, 1e4), 3),
        ((-1e4, 0.0), 3),
        ((0.0, 0.05), 0),
        ((-0.0499, 0.0), -3),
        ((0.0, 1e-4), -6),
        ((1.0, 1.0), 0),
        ((2e4, 1e4), 0),
        ((0.0, np.inf), 0),
        ((0.0, 0.0), 0),
        ((0.0, 999_999.0), 3),
        ((0.0, 1e6), 6),
    ],
)
def test_numbers_of_more_than_four_digits_have_a_power_taken_out(limits: Pair, power: int) -> None:
    assert power_of(*limits) == power
    assert Levels(limits=limits, lut=lookup("grey")).tick_power == power
    assert Levels(limits=limits, lut=lookup("grey"), power=-9).tick_power == -9


def test_the_axis_goes_a_little_beyond_the_limits_and_half_a_step_of_counts() -> None:
    levels = Levels(limits=(0.0, 100.0), lut=lookup("grey"))
    assert levels.span == (-4.0, 104.0)
    assert levels.ends == pytest.approx((4 / 108, 104 / 108))
    counted = Levels(limits=(2.0, 5.0), lut=lookup("grey"), steps=True)
    assert counted.span == (1.5, 5.5)
    assert counted.ends == (0.0, 1.0)


def test_pixels_beyond_the_axis_and_none_where_there_is_no_bin(side: Side) -> None:
    few = np.array([1150.0, 1200.0, 1250.0])
    side.show(histogram=(np.array([5, 50]), few))
    enter(side.bar)
    (histogram,) = side.widget.findChildren(LevelHistogram)
    rows = [one.split(" ", 1) for one in shape_of(histogram)]
    longs = [int(row[1].split(" ")[0]) for row in rows]
    assert (longs[0], longs[1], longs[3]) == (0, 16, 0)
    assert 0 < longs[2] < 10
    tops = [side.bar.place_of(value) for value in (1250.0, 1200.0, 1150.0)]
    assert [int(row[0]) for row in rows[1:]] == pytest.approx(tops, abs=1)


def test_a_double_click_lets_go_of_a_handle(side: Side, qtbot: QtBot) -> None:
    place = side.bar.place_of(1200.0)
    y = side.press(1300.0)
    side.move(y + 40)
    at = QPoint(MIDDLE, y + 40)
    event = QMouseEvent(
        QEvent.Type.MouseButtonDblClick,
        QPointF(at),
        QPointF(at),
        Qt.MouseButton.LeftButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    side.bar.mouseDoubleClickEvent(event)
    assert side.resets == 1
    side.show(limits=(1100.0, 1300.0))
    assert side.bar.place_of(1200.0) == place
    side.show(limits=(1000.0, 1200.0))
    assert side.bar.place_of(1200.0) < place, "the axis goes with the limits again"
    side.release(y + 40)

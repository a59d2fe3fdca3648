"""The parts of the form by themselves: lines, choices, planes, hints and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PyQt6.QtGui import QEnterEvent, QFocusEvent, QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QLabel, QWidget

from skyframe_gui.ui.form.config_fields import Field
from skyframe_gui.ui.form.editors import ChoiceEditor, QuietCombo, SwitchEditor, set_low
from skyframe_gui.ui.form.form_row import Hint, Row
from skyframe_gui.ui.form.line_editor import Entry, EntryEditor
from skyframe_gui.ui.form.planes_editor import PlanesEditor, names_in, summary_of
from skyframe_gui.ui.theme import DARK, LIGHT, apply

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

KEYS, NONE = Qt.Key, Qt.KeyboardModifier.NoModifier
REJ = Field(path="skyRej", kind="real", doc="How far.", above=0.0, most=5.0, default=3.0)
BINS = Field(path="a.bins", kind="whole", least=1, default=32)
WORD = Field(path="word", kind="text", default="a")


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> None:
    apply(qapp, DARK)


def taken(field: Field, value: Any) -> bool:
    kind = {"whole": int, "real": float}.get(field.kind, str)
    if type(value) is not kind:
        return False
    if kind is str:
        return bool(value)
    low = field.least if field.least is not None else 0.001
    return bool(low <= value <= (field.most or 1e9))


def editor_of(field: Field, value: Any, qtbot: QtBot) -> tuple[EntryEditor, list[object]]:
    made = EntryEditor(field, lambda one: taken(field, one))
    qtbot.addWidget(made)
    made.apply_theme(DARK)
    made.show_value(value)
    made.resize(120, 26)
    made.show()
    told: list[object] = []
    made.committed.connect(told.append)
    made.refused.connect(lambda why: told.append(f"! {why}"))
    return made, told


def turned(by: int) -> QWheelEvent:
    at = QPointF(5, 5)
    phase = Qt.ScrollPhase.NoScrollPhase
    no = Qt.MouseButton.NoButton
    return QWheelEvent(at, at, QPoint(), QPoint(0, by), no, NONE, phase, False)


def test_a_line_steps_by_keys_wheel_and_arrows(qtbot: QtBot) -> None:
    line = Entry(steps=True)
    qtbot.addWidget(line)
    line.resize(100, 26)
    line.show()
    asked: list[int] = []
    line.stepped.connect(asked.append)
    qtbot.keyClick(line, KEYS.Key_Up)
    qtbot.keyClick(line, KEYS.Key_Down)
    qtbot.keyClick(line, KEYS.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(line, KEYS.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert asked == [1, -1, 10, -10]
    line.activateWindow()
    line.setFocus()
    qtbot.waitUntil(line.hasFocus)
    for by, taken_by in ((120, [1]), (-120, [-1]), (0, [])):
        asked.clear()
        event = turned(by)
        line.wheelEvent(event)
        assert asked == taken_by
        assert event.isAccepted()
    line.clearFocus()
    event = turned(120)
    line.wheelEvent(event)
    assert asked == []
    assert not event.isAccepted(), "the form scrolls"
    line.enterEvent(QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    up, down = line.arrows
    assert up.isVisible()
    assert up.geometry().getRect() == (82, 2, 16, 11)
    assert down.geometry().getRect() == (82, 13, 16, 11)
    assert (up.accessibleName(), down.accessibleName()) == ("More", "Less")
    assert up.autoRepeat()
    assert up.focusPolicy() == Qt.FocusPolicy.NoFocus
    up.click()
    down.click()
    assert asked == [1, -1]
    line.resize(60, 26)
    assert up.geometry().getRect() == (42, 2, 16, 11)
    line.leaveEvent(QEvent(QEvent.Type.Leave))
    assert not up.isVisible()
    line.enterEvent(QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    assert len(line.arrows) == 2
    assert down.isVisible()


def test_a_line_of_words_does_not_step(qtbot: QtBot) -> None:
    line = Entry(steps=False)
    qtbot.addWidget(line)
    line.setText("two words")
    line.show()
    asked: list[int] = []
    line.stepped.connect(asked.append)
    qtbot.keyClick(line, KEYS.Key_Up)
    event = turned(120)
    line.wheelEvent(event)
    assert not event.isAccepted()
    line.enterEvent(QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    assert (asked, line.arrows) == ([], [])
    left, kind = Qt.MouseButton.LeftButton, QEvent.Type.MouseButtonDblClick
    line.mouseDoubleClickEvent(QMouseEvent(kind, QPointF(8, 10), QPointF(8, 10), left, left, NONE))
    assert line.selectedText() == "two"


def test_a_line_that_is_reached_by_tab_is_selected_and_left_for_another_is_done(
    qtbot: QtBot,
) -> None:
    line = Entry(steps=True)
    qtbot.addWidget(line)
    line.setText("12")
    left: list[bool] = []
    line.left.connect(lambda: left.append(True))
    reasons = Qt.FocusReason
    for reason, selected in (
        (reasons.MouseFocusReason, ""),
        (reasons.TabFocusReason, "12"),
        (reasons.BacktabFocusReason, "12"),
    ):
        line.deselect()
        line.focusInEvent(QFocusEvent(QEvent.Type.FocusIn, reason))
        assert line.selectedText() == selected
    line.focusOutEvent(QFocusEvent(QEvent.Type.FocusOut, reasons.PopupFocusReason))
    assert left == []
    line.focusOutEvent(QFocusEvent(QEvent.Type.FocusOut, reasons.TabFocusReason))
    assert left == [True]


def test_what_is_typed_is_taken_or_refused_in_a_sentence(qtbot: QtBot) -> None:
    editor, told = editor_of(REJ, 3.0, qtbot)
    line = editor.entry
    assert line.text() == "3.0"
    stays = "so 3.0 stays."
    takes = "skyRej takes a number above 0 and of 5 or less"
    for text, answers in (
        ("4", ["! ", 4.0]),
        ("\N{MINUS SIGN}1", [f"! {takes}; “\N{MINUS SIGN}1” is not one, {stays}"]),
        ("", [f"! {takes}; the field is empty, {stays}"]),
        ("x" * 20, [f"! {takes}; “{'x' * 20}” is not one, {stays}"]),
        ("x" * 21, [f"! {takes}; “{'x' * 19}…” is not one, {stays}"]),
        ("5.1", [f"! {takes}; “5.1” is not one, {stays}"]),
        ("5", ["! ", 5.0]),
        ("3", ["! "]),
    ):
        editor.show_value(0.0)
        editor.show_value(3.0)
        told.clear()
        line.setText(text)
        line.entered.emit()
        assert told == answers, text
        line.escaped.emit()
    assert line.text() == "3.0"
    assert line.selectedText() == "3.0"
    told.clear()
    for text, wrong in (("0", False), ("0.", False), ("+0.0", False), ("-", True), ("9", True)):
        line.clear()
        qtbot.keyClicks(line, text)
        assert bool(told and str(told[-1]) != "! ") == wrong, text
        told.clear()


def test_steps_start_from_what_is_typed_and_stop_at_bounds(qtbot: QtBot) -> None:
    editor, told = editor_of(REJ, 3.0, qtbot)
    line = editor.entry
    for text, by, wanted in (
        ("3.0", 1, "3.1"),
        ("2", -10, "1.0"),
        ("many", 1, "1.1"),
        ("4.95", 1, "5.0"),
        ("0.05", -1, "0.05"),
    ):
        line.setText(text)
        line.stepped.emit(by)
        assert line.text() == wanted, text
    whole, told = editor_of(BINS, 32, qtbot)
    for text, by, wanted, value in (("32", 1, "33", 33), ("5", -10, "1", 1), ("1", 10, "11", 11)):
        whole.entry.setText(text)
        told.clear()
        whole.entry.stepped.emit(by)
        assert whole.entry.text() == wanted
        assert told[-1] == value
    word, told = editor_of(WORD, "a", qtbot)
    word.entry.stepped.emit(1)
    assert told == []
    assert word.entry.text() == "a"


def test_a_value_of_another_type_is_shown_anew_and_the_cursor_stays(qtbot: QtBot) -> None:
    editor, _ = editor_of(BINS, 128, qtbot)
    line = editor.entry
    line.setCursorPosition(2)
    editor.show_value(128)
    editor.show_value(256)
    assert (line.text(), line.cursorPosition()) == ("256", 2)
    editor.show_value(7)
    assert (line.text(), line.cursorPosition()) == ("7", 1)
    editor.show_value(7.0)
    assert line.text() == "7.0"
    assert line.accessibleName() == "a.bins"
    assert editor.focusProxy() is line
    line.setText("none")
    line.entered.emit()
    assert DARK.error in line.styleSheet()
    line.enterEvent(QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    editor.apply_theme(DARK)
    assert DARK.error in line.styleSheet()
    assert line.arrow_colour == DARK.text2
    assert not any(arrow.icon().isNull() for arrow in line.arrows)


def test_choices_and_switches_tell_what_a_person_chooses(qtbot: QtBot) -> None:
    field = Field(path="kind", kind="choice", choices=("one", "two"))
    editor = ChoiceEditor(field, lambda _: True)
    qtbot.addWidget(editor)
    told: list[object] = []
    editor.committed.connect(told.append)
    combo = editor.combo

    def shown() -> tuple[list[str], str]:
        return [combo.itemText(at) for at in range(combo.count())], combo.currentText()

    editor.show_value("two")
    assert shown() == (["one", "two"], "two")
    editor.show_value(None)
    assert shown() == (["one", "two", "None"], "None")
    combo.activated.emit(2)
    assert told == []
    editor.show_value("three")
    assert shown()[1] == "three"
    editor.show_value("one")
    assert shown() == (["one", "two"], "one")
    combo.activated.emit(1)
    assert told == ["two"]
    switch = SwitchEditor(Field(path="on", kind="switch"), lambda _: True)
    qtbot.addWidget(switch)
    switch.committed.connect(told.append)
    switch.show_value(True)
    assert switch.box.isChecked()
    switch.box.click()
    assert told == ["two", False]


def test_a_wheel_over_a_choice_scrolls_the_form_unless_it_has_the_focus(qtbot: QtBot) -> None:
    combo = QuietCombo()
    qtbot.addWidget(combo)
    combo.addItems(["a", "b"])
    combo.show()
    event = turned(-120)
    combo.wheelEvent(event)
    assert not event.isAccepted()
    assert combo.currentText() == "a"
    combo.activateWindow()
    combo.setFocus()
    qtbot.waitUntil(combo.hasFocus)
    combo.wheelEvent(turned(-120))
    assert combo.currentText() == "b"
    for low, height in ((True, 24), (False, 26)):
        set_low(combo, low)
        assert combo.height() == height


@pytest.mark.parametrize(
    ("planes", "n", "text"),
    [
        ((), 2, "none"),
        (("SAT",), 2, "SAT"),
        (("SAT", "BAD"), 2, "SAT, BAD"),
        (("SAT", "BAD", "CR"), 2, "SAT, BAD, + 1"),
        (("SAT", "BAD", "CR"), 0, "+ 3"),
    ],
)
def test_planes_in_short(planes: tuple[str, ...], n: int, text: str) -> None:
    assert summary_of(planes, n) == text
    assert names_in(planes) == planes
    assert names_in(list(planes)) == planes
    assert names_in("SAT") == names_in(None) == ()


@pytest.mark.qt_log_ignore("This plugin does not support")  # popups, offscreen
def test_the_list_of_planes_is_walked_by_keys_and_keeps_the_presets_order(qtbot: QtBot) -> None:
    field = Field(path="mask", kind="planes", default=("SAT", "BAD"), doc="Which.")
    editor = PlanesEditor(field, lambda value: value[-1].isidentifier())
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(300, 100)
    editor.setParent(host)
    editor.resize(200, 26)
    editor.apply_theme(DARK)
    told: list[object] = []
    editor.committed.connect(lambda value: (told.append(value), editor.show_value(value)))
    editor.show_planes(("SAT", "BAD", "EDGE"), ("CR", "SAT"))
    editor.show_value(("SAT", "EDGE"))
    host.show()
    editor.combo.showPopup()
    popup = editor.combo.popup
    assert popup.isVisible()
    assert popup.minimumWidth() == 250
    assert "PlanesPopup {" in popup.styleSheet()
    names = list(popup.boxes)
    assert names[:4] == ["SAT", "BAD", "EDGE", "CR"]
    assert popup._scroll.height() == min(len(names), 14) * 24 + 8
    popup.activateWindow()
    boxes = list(popup.boxes.values())
    boxes[0].setFocus()
    for key, focused in (
        (KEYS.Key_Down, boxes[1]),
        (KEYS.Key_Up, boxes[0]),
        (KEYS.Key_Up, boxes[0]),
    ):
        qtbot.keyClick(popup.focusWidget(), key)
        assert popup.focusWidget() is focused
    qtbot.keyRelease(boxes[0], KEYS.Key_Down)
    assert popup.focusWidget() is boxes[0], "a key that is let go of went on"
    boxes[-1].setFocus()
    qtbot.keyClick(boxes[-1], KEYS.Key_Down)
    assert popup.focusWidget() is popup.line
    popup.boxes["BAD"].click()
    popup.boxes["SAT"].click()
    assert told == [("SAT", "BAD", "EDGE"), ("BAD", "EDGE")]
    why = popup._why
    for text, words in (
        ("   ", ""),
        ("BAD", "BAD is chosen already."),
        ("2 bad", "“2 bad” is no name of a mask plane; letters, digits and _ are taken, "
         "a digit not first."),
    ):  # fmt: skip
        popup.line.setText(text)
        popup.line.returnPressed.emit()
        assert why.text() == words
        assert why.isHidden() == (not words)
    popup.line.setText(" STREAK ")
    popup.line.returnPressed.emit()
    assert told[-1] == ("BAD", "EDGE", "STREAK")
    assert popup.line.text() == ""
    assert why.isHidden()
    assert popup.boxes["STREAK"].isChecked()
    assert popup.boxes["STREAK"].accessibleDescription() == "not in this file"
    assert popup.focusWidget() is popup.line
    editor.show_value(())
    assert not any(box.isChecked() for box in popup.boxes.values())
    assert editor.combo.currentText() == "none"
    assert editor.combo.toolTip().startswith("none\nWhich.")
    editor.show_value(("CR", "SAT"))
    editor.combo.showPopup()
    assert list(popup.boxes)[:4] == ["CR", "SAT", "BAD", "EDGE"], "the value's own order"
    editor.combo.hidePopup()
    assert not popup.isVisible()
    editor.combo.name(("SAT", "BAD", "EDGE"))
    for width, text in ((400, "SAT, BAD, + 1"), (95, "SAT, + 2"), (58, "+ 3")):
        editor.combo.setFixedWidth(width)
        editor.combo.resize(width, 26)
        assert editor.combo.currentText() == text


def test_a_hint_stands_under_the_editors_or_takes_the_lines_that_it_needs(qtbot: QtBot) -> None:
    hint = Hint()
    qtbot.addWidget(hint)
    hint.apply_theme(DARK)
    text = "effective 48 by 33 px"
    words = hint.fontMetrics().horizontalAdvance(text) + 2
    hint.resize(400, 18)
    hint.show_text(text, wrong=False)
    assert hint.isVisible()
    assert hint.styleSheet() == ""
    for narrow, width, left, right, high in (
        (False, 400, 192, 8, 18),
        (False, 200 + words - 1, 191, 8, 18),
        (False, words + 18, 10, 8, 18),
        (True, 400, 400 - 17 - words, 17, 18),
        (True, words + 27, 10, 17, 18),
    ):
        hint.narrow = narrow
        hint.resize(width, 18)
        hint.fit()
        margins = hint.contentsMargins()
        assert (margins.left(), margins.right()) == (left, right), (narrow, width)
        assert (hint.wordWrap(), hint.height()) == (False, high)
    hint.narrow = False
    hint.resize(words, 18)
    assert hint.wordWrap()
    assert hint.contentsMargins().left() == 10
    assert hint.contentsMargins().bottom() == 3
    assert hint.height() > 30
    hint.show_text("Wrong.", wrong=True)
    assert hint.styleSheet() == f"QLabel {{ color: {DARK.error}; font-size: 11px; }}"
    hint.show_text("", wrong=False)
    assert not hint.isVisible()


def test_a_row_needs_what_its_name_and_editors_need(qtbot: QtBot) -> None:
    one = Row("skyRej", [QLabel()], "tip")
    two = Row("xBins, yBins", [QLabel(), QLabel()], "tip", "x, yBins")
    for row in (one, two):
        qtbot.addWidget(row)
    name = one.label.fontMetrics().horizontalAdvance
    apart = two.least_width(False) - two.least_width(True)
    assert apart == pytest.approx(name("xBins, yBins") - name("x, yBins"), abs=12)
    assert one.least_width(True) == one.least_width(False)
    assert one.least_width(False) > 10 + 5 + 116 + 16 + 1
    assert two.least_width(True) > 10 + 5 + 2 * 37 + 4 + 16 + 1
    for low, hints, height in (
        (False, True, 29), (True, True, 27), (False, False, 29), (True, False, 27)
    ):  # fmt: skip
        assert one.height_with(low, hints) == height
    one.show_hint("effective 3")
    assert [one.height_with(low, True) for low in (False, True)] == [47, 45]
    assert [one.height_with(low, False) for low in (False, True)] == [29, 27]
    two.set_form(narrow=True, low=True, hints=True, short=True)
    assert two.label.text() == "x, yBins"
    assert [editor.maximumWidth() for editor in two.editors] == [65, 65]
    assert [editor.minimumWidth() for editor in two.editors] == [32, 32]
    assert two.label.height() == 27
    one.set_form(narrow=True, low=False, hints=False)
    assert (one.editors[0].maximumWidth(), one.editors[0].minimumWidth()) == (134, 111)
    assert one.hint.isHidden()
    assert one.hint.narrow
    one.refuse("skyRej", "It is wrong.")
    assert one.hint.text() == "It is wrong."
    assert one.hint.wrong
    one.refuse("skyRej", "")
    one.set_form(narrow=False, low=False, hints=True)
    assert one.hint.text() == "effective 3"
    assert one.label.minimumWidth() == one.label.maximumWidth() == 177
    assert one.editors[0].maximumWidth() == 16777215
    assert one.editors[0].minimumWidth() == 32
    one.set_changed(True, "3.0")
    assert one.changed
    assert not one.reset.isHidden()
    assert one.reset.toolTip() == "Reset to 3.0"


def test_the_colour_of_a_hint_is_worked_out_again_only_where_it_is_another(qtbot: QtBot) -> None:
    hint = Hint()
    qtbot.addWidget(hint)
    hint.apply_theme(DARK)
    seen = Seen(hint)
    hint.show_text("a line of text", wrong=False)
    hint.show_text("more of it", wrong=False)
    hint.apply_theme(LIGHT)
    assert seen.count == 0
    hint.show_text("more of it", wrong=True)
    hint.show_text("too small", wrong=True)
    assert seen.count == 1
    assert LIGHT.error in hint.styleSheet()
    hint.show_text("more of it", wrong=False)
    assert seen.count == 2
    assert not hint.styleSheet()


class Seen(QObject):
    """Counts how often a widget's style is another."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        self.count += event is not None and event.type() == QEvent.Type.StyleChange
        return False

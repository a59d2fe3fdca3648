"""How the shown layer is coloured: stretch, typed limits, preset, colours, size of bins."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from skyframe_gui.app.model.limits import BY_HAND, limits_of, preset_name
from skyframe_gui.app.model.looks import (
    LARGEST_BIN,
    SMALLEST_BIN,
    STRETCHES,
    colours_of,
    presets_of,
)
from skyframe_gui.numbers import limit, plain_minus
from skyframe_gui.ui.images.content import NAMES
from skyframe_gui.ui.images.facts import factor_of
from skyframe_gui.ui.theme import font

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QKeyEvent, QMouseEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.app.model.state import State

AS_CONFIG = "as config"
BINS = (16, 32, 64, 128, 256)
COMBO, LIMIT, LIMIT_ROOM, BINS_WIDTH = 80, 54, 18, 92


def number_in(text: str) -> float | None:
    """Return the number that a person has typed, with any minus sign; None for anything else."""
    plain = plain_minus("".join(text.split())).replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in plain else None


def _is_shown(state: State) -> bool:
    """Whether there is a picture to speak of."""
    if state.view.workspace == "compare":
        compared = state.results.compare
        return compared is not None and compared.pictures is not None
    return state.results.shown is not None


class LookControls(QWidget):
    """Speaks of the layer in the active pane, or of the one that Compare shows."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        self._layer: Layer = "exposure"
        self._exact = (0.0, 1.0)
        self._factor = 1.0
        self._square = QFrame()
        self._square.setObjectName("activeSquare")
        self._square.setFixedSize(8, 8)
        self.name = QLabel()
        self.name.setObjectName("activeName")
        self.stretch = make_combo("Stretch of the shown layer")
        self.low = LimitField("Low limit of the shown layer")
        self.high = LimitField("High limit of the shown layer")
        self.preset = make_combo("How the limits of the shown layer are measured")
        self.colours = make_combo("Colours of the shown layer")
        self._to, self.bins_word = QLabel("to"), QLabel("bins")
        for word in (self._to, self.bins_word):
            word.setProperty("role", "text2")
        self.bins = BinsCombo()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in (
            self._square,
            self.name,
            self.stretch,
            self.low,
            self._to,
            self.high,
            self.preset,
            self.colours,
            self.bins_word,
            self.bins,
        ):
            row.addWidget(widget)
        self.stretch.textActivated.connect(lambda text: commands.set_stretch(self._layer, text))
        self.preset.textActivated.connect(self._set_preset)
        self.colours.textActivated.connect(lambda text: commands.set_colours(self._layer, text))
        self.bins.chosen.connect(commands.set_residual_bins)
        for field in (self.low, self.high):
            field.returnPressed.connect(self._apply)
            field.given_up.connect(self._restore)
            field.installEventFilter(self)

    def show_state(self, state: State) -> None:
        """Paint the layer of the active pane, or Compare's; what is being typed stays."""
        layer = state.view.active_layer
        other = layer != self._layer
        self._layer = layer
        look, preset = state.looks[layer], preset_name(state, layer)
        self.name.setText(NAMES[layer])
        _fill(self.stretch, STRETCHES, look.stretch)
        presets = presets_of(layer)
        _fill(self.preset, (BY_HAND, *presets) if preset == BY_HAND else presets, preset)
        _fill(self.colours, colours_of(layer), look.colours)
        self.bins.show_size(look.bins)
        for widget in (self.bins, self.bins_word):
            widget.setVisible(layer == "residual")
        self._factor = factor_of(state, layer)
        exact = limits_of(state, layer)
        if other or exact != self._exact:
            self._exact = exact
            self._restore()
        elif not (self.low.isModified() or self.high.isModified()):
            self._restore()
        self.setEnabled(_is_shown(state))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Forget what was typed when the keyboard goes on to something else."""
        if event is not None and event.type() == QEvent.Type.FocusOut:
            other = self.high if watched is self.low else self.low
            window = self.window()
            if not other.hasFocus() and window is not None and window.isActiveWindow():
                self._restore()
        return super().eventFilter(watched, event)

    def _restore(self) -> None:
        """Write the limits that hold."""
        low, high = (one * self._factor for one in self._exact)
        for field, value in ((self.low, low), (self.high, high)):
            field.show_text(limit(value, high - low))

    def _apply(self) -> None:
        """Set the typed limits; what is no number, or not in order, is marked and sets nothing."""
        values = []
        for field, exact in zip((self.low, self.high), self._exact, strict=True):
            # What was not touched keeps the digits that are not written.
            value = number_in(field.text()) if field.isModified() else exact * self._factor
            field.mark("" if value is not None else "A number is needed here.")
            values.append(value)
        low, high = values
        if low is None or high is None:
            return
        if not low < high:
            for field in (self.low, self.high):
                field.mark("The low limit must be less than the high one.")
            return
        for field in (self.low, self.high):
            field.setModified(False)
        pair = sorted((low / self._factor, high / self._factor))
        self._commands.set_limits(self._layer, *pair)
        self._restore()

    def _set_preset(self, text: str) -> None:
        if text != BY_HAND:
            self._commands.set_limits_preset(self._layer, text)


class LimitField(QLineEdit):
    """A typed limit.

    Attributes
    ----------
    given_up : signal ()
        By Escape.
    """

    given_up = pyqtSignal()

    def __init__(self, tip: str) -> None:
        super().__init__()
        self._tip = f"{tip}: Tab goes on to the other one, Return applies, Esc restores"
        self.setToolTip(self._tip)
        self.setAccessibleName(tip)
        self.setProperty("role", "limit")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedSize(LIMIT, 26)

    def show_text(self, text: str) -> None:
        """Write a text that holds."""
        if text != self.text():
            self.setText(text)
            words = QFontMetrics(font(12)).horizontalAdvance(text)
            self.setFixedWidth(max(LIMIT, words + LIMIT_ROOM))
            self.setCursorPosition(0)
        self.setModified(False)
        self.mark("")

    def mark(self, why: str) -> None:
        """Say what is wrong with the text; nothing where ``why`` is empty."""
        if bool(self.property("bad")) != bool(why):
            self.setProperty("bad", bool(why))
            restyle(self)
        self.setToolTip(why or self._tip)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Select the whole number: for Qt its sign and its point end a word."""
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Give up on Escape."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.given_up.emit()
            self.selectAll()
            return
        super().keyPressEvent(event)


class BinsCombo(QComboBox):
    """Size of the residual map's bins: the config's, one of a list, or a typed one.

    Attributes
    ----------
    chosen : signal (int or None)
    """

    chosen = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._size: int | None = None
        self._tip = "Size of the residual map's bins in pixels; another one can be typed"
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.addItems([_bins_text(size) for size in (None, *BINS)])
        self.setToolTip(self._tip)
        self.setAccessibleName("Bins of the residual map")
        self.setProperty("role", "limit")
        self.setFixedSize(BINS_WIDTH, 26)
        self.textActivated.connect(self._take)
        edit = self.lineEdit()
        if edit is not None:
            edit.returnPressed.connect(lambda: self._take(self.currentText()))

    def show_size(self, size: int | None) -> None:
        """Show the size that holds, unless another one is being typed."""
        edit = self.lineEdit()
        if size != self._size or edit is None or not edit.isModified():
            self._size = size
            self._restore()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Restore on Escape."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self._restore()
            return
        super().keyPressEvent(event)

    def _restore(self) -> None:
        text = _bins_text(self._size)
        if text != self.currentText():
            self.setEditText(text)
        self._mark("")

    def _take(self, text: str) -> None:
        plain = text.casefold().removesuffix("px").strip()
        if plain == AS_CONFIG:
            self._mark("")
            self.chosen.emit(None)
            return
        size = int(plain) if plain.isascii() and plain.isdecimal() else 0
        if not SMALLEST_BIN <= size <= LARGEST_BIN:
            self._mark(f"A whole number of {SMALLEST_BIN} pixels or more is needed.")
            return
        self._mark("")
        self.chosen.emit(size)

    def _mark(self, why: str) -> None:
        edit = self.lineEdit()
        if edit is not None and not why:
            edit.setModified(False)
        if bool(self.property("bad")) != bool(why):
            self.setProperty("bad", bool(why))
            restyle(self)
        self.setToolTip(why or self._tip)


def make_combo(tip: str) -> QComboBox:
    """Return an empty choice of the toolbar's size."""
    combo = QComboBox()
    combo.setToolTip(tip)
    combo.setAccessibleName(tip)
    combo.setProperty("role", "limit")
    combo.setFixedSize(COMBO, 26)
    return combo


def restyle(widget: QWidget) -> None:
    """Have the style sheet look at a widget's properties again."""
    style = widget.style()
    if style is not None:
        style.unpolish(widget)
        style.polish(widget)


def _bins_text(size: int | None) -> str:
    return AS_CONFIG if size is None else f"{size} px"


def _fill(combo: QComboBox, choices: Sequence[str], value: str) -> None:
    if [combo.itemText(index) for index in range(combo.count())] != list(choices):
        combo.clear()
        combo.addItems(choices)
        view = combo.view()
        if view is not None:  # the list is as wide as its longest words, the field is not
            view.setMinimumWidth(view.sizeHintForColumn(0) + 24)
    combo.setCurrentText(value)

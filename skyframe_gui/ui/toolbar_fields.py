"""The small fields of the toolbar: typed limits, sizes of bins, and choices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QComboBox, QLineEdit, QToolTip, QWidget
from typing_extensions import override

from skyframe_gui.app.model.looks import LARGEST_BIN, LARGEST_SMOOTHING, SMALLEST_BIN
from skyframe_gui.numbers import percent, pixels, plain_minus
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.theme import font
from skyframe_gui.ui.widgets import LetterCombo, set_look

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PyQt6.QtGui import QFocusEvent, QMouseEvent

AS_CONFIG, UNSMOOTHED = "as config", "none"
BINS, SMOOTHINGS = (16, 32, 64, 128, 256), (1, 2, 3, 5, 10, 20)
COMBO, LIMIT, LIMIT_ROOM, BINS_WIDTH, ZOOM_ROOM = 80, 54, 18, 92, 8
ROUNDED = 0.05
"""By how much a bound that is typed as it is written may be off."""


class LimitField(QLineEdit):
    """A typed limit.

    Attributes
    ----------
    cancelled : signal ()
        By Escape, or by undo while anything is typed.
    """

    cancelled = pyqtSignal()

    def __init__(self, tip: str, how: str = "Tab goes on to the other one") -> None:
        super().__init__()
        self._tip = f"{tip}: {how}, Return applies, Esc restores"
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
        _mark(self, why, self._tip)

    def say(self) -> None:
        """Show what is wrong at once, below the field."""
        QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), self.toolTip(), self)

    @override
    def event(self, a0: QEvent | None) -> bool:
        """Leave undo to the program while there is nothing typed to take back."""
        if (
            isinstance(a0, QKeyEvent)
            and a0.type() == QEvent.Type.ShortcutOverride
            and a0.matches(QKeySequence.StandardKey.Undo)
            and not self.isModified()
        ):
            a0.ignore()
            return False
        return super().event(a0)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Select the whole number: for Qt its sign and its point end a word."""
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Give up on Escape and undo."""
        if event is not None and (
            event.key() == Qt.Key.Key_Escape or event.matches(QKeySequence.StandardKey.Undo)
        ):
            self.cancelled.emit()
            self.selectAll()
            return
        super().keyPressEvent(event)


def typed_pair(
    low: LimitField, high: LimitField, exact: tuple[float, float]
) -> tuple[float, float] | None:
    """Return the limits that were typed; None where they are no numbers, or not in order.

    What is wrong is marked, and said at once. What was not touched keeps the digits of ``exact``
    that are not written.
    """
    values = []
    for field, one in zip((low, high), exact, strict=True):
        value = number_in(field.text()) if field.isModified() else one
        field.mark("" if value is not None else "A number is needed here.")
        values.append(value)
    first, last = values
    if first is None or last is None:
        (low if first is None else high).say()
        return None
    if not first < last:
        for field in (low, high):
            field.mark("The low limit must be less than the high one.")
        low.say()
        return None
    return first, last


class ZoomField(LimitField):
    """The zoom of the active image, read out and typed: in per cent, or as 2:1.

    Attributes
    ----------
    chosen : signal (float)
        Screen pixels a pixel of the exposure.
    """

    chosen = pyqtSignal(float)

    def __init__(self) -> None:
        super().__init__("Screen pixels per pixel of the exposure", "type 150 or 3:2")
        self.setProperty("role", "zoom")
        self.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.setFixedWidth(QFontMetrics(font(12)).horizontalAdvance("1600 %") + ZOOM_ROOM)
        self._zoom: float | None = None
        self._bounds = (0.0, 0.0)
        self._is_entered = False
        self.returnPressed.connect(self._take)
        self.cancelled.connect(self._restore)
        self.editingFinished.connect(self._leave)
        self.textEdited.connect(lambda: self.mark(""))

    def show_zoom(self, zoom: float | None, bounds: tuple[float, float]) -> None:
        """Show the zoom that holds, unless another one is being typed; None for no image."""
        self._bounds = bounds
        if zoom != self._zoom or not self.isModified():
            self._zoom = zoom
            self._restore()
        self.setEnabled(zoom is not None)

    def _restore(self) -> None:
        text = "" if self._zoom is None else percent(self._zoom)
        if text != self.text():
            self.setText(text)
        self.setModified(False)
        self.mark("")

    def _leave(self) -> None:
        """Forget what was typed when the keyboard goes on to something else."""
        if not self.hasFocus():
            self._restore()

    def _take(self) -> None:
        if not self.isModified():
            return
        zoom, (least, most) = zoom_in(self.text()), self._bounds
        if zoom is None:
            self.mark("A percentage is needed here, such as 50, or screen pixels a pixel as 2:1.")
        elif not least * (1 - ROUNDED) <= zoom <= most * (1 + ROUNDED):
            self.mark(f"This image can be shown from {percent(least)} to {percent(most)}.")
        else:
            self.mark("")
            self.setModified(False)
            self.chosen.emit(min(max(zoom, least), most))
            return
        self.say()

    @override
    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take the whole text with the first click, so that typing replaces it."""
        super().mousePressEvent(event)
        if self._is_entered:
            self._is_entered = False
            self.selectAll()

    @override
    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Remember that the press that comes now is the first."""
        self._is_entered = event is not None and event.reason() == Qt.FocusReason.MouseFocusReason
        super().focusInEvent(event)


def zoom_in(text: str) -> float | None:
    """Return the zoom that a person has typed: per cent with or without the sign, or 3:2."""
    plain = "".join(text.split()).replace(",", ".").removesuffix("%")
    over, _, under = plain.partition(":") if ":" in plain else (plain, "", "100")
    try:
        zoom = float(over) / float(under)
    except (ValueError, ZeroDivisionError):
        return None
    return zoom if math.isfinite(zoom) and zoom > 0 and "_" not in plain else None


class PixelsCombo(QComboBox):
    """A size in pixels: none, which has a name, one of a list, or a typed one.

    Parameters
    ----------
    name, tip : str
    none : str
        What stands for no size of one's own.
    sizes : sequence of int
        That are offered.
    take : callable
        Returns the number that a text means, or None, and then what is needed.

    Attributes
    ----------
    chosen : signal (float, int or None)
    """

    chosen = pyqtSignal(object)

    def __init__(
        self,
        name: str,
        tip: str,
        none: str,
        sizes: Sequence[int],
        take: Callable[[str], tuple[float | None, str]],
    ) -> None:
        super().__init__()
        self._size: float | None = None
        self._tip, self._none, self._taken = tip, none, take
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.addItems([self._text(size) for size in (None, *sizes)])
        self.setToolTip(self._tip)
        self.setAccessibleName(name)
        self.setProperty("role", "limit")
        self.setFixedSize(BINS_WIDTH, 26)
        self.textActivated.connect(self._take)
        edit = self.lineEdit()
        if edit is not None:
            edit.setAccessibleName(name)
            edit.returnPressed.connect(lambda: self._take(self.currentText()))

    def show_size(self, size: float | None) -> None:
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
        text = self._text(self._size)
        if text != self.currentText():
            self.setEditText(text)
        self._mark("")

    def _text(self, size: float | None) -> str:
        return self._none if size is None else f"{pixels(size)} px"

    def _take(self, text: str) -> None:
        plain = text.casefold().removesuffix("px").strip()
        if plain == self._none:
            self._mark("")
            self.chosen.emit(None)
            return
        size, needed = self._taken(plain)
        self._mark("" if size is not None else needed)
        if size is not None:
            self.chosen.emit(size)

    def _mark(self, why: str) -> None:
        edit = self.lineEdit()
        if edit is not None and not why:
            edit.setModified(False)
        _mark(self, why, self._tip)
        if edit is not None and why:
            QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), why, self)


def number_in(text: str) -> float | None:
    """Return the number that a person has typed, with any minus sign; None for anything else."""
    plain = plain_minus("".join(text.split())).replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in plain else None


def bins_combo() -> PixelsCombo:
    """Return the choice of the size of the residual map's bins."""

    def take(text: str) -> tuple[int | None, str]:
        size = int(text) if text.isascii() and text.isdecimal() else 0
        is_good = SMALLEST_BIN <= size <= LARGEST_BIN
        return (
            size if is_good else None,
            f"A whole number of {SMALLEST_BIN} pixels or more is needed.",
        )

    tip = "Size of the residual map's bins in pixels; another one can be typed"
    return PixelsCombo("Bins of the residual map", tip, AS_CONFIG, BINS, take)


def smoothing_combo() -> PixelsCombo:
    """Return the choice of the Gaussian that the shown layer is smoothed with."""

    def take(text: str) -> tuple[float | None, str]:
        sigma = number_in(text) or 0.0
        is_good = 0.0 < sigma <= LARGEST_SMOOTHING
        return (
            sigma if is_good else None,
            f"Up to {LARGEST_SMOOTHING:.0f} pixels are possible here.",
        )

    tip = (
        "Smooth the shown layer on the screen with a Gaussian of this sigma in pixels "
        "(Shift+S); numbers are never smoothed"
    )
    return PixelsCombo("Smoothing of the shown layer", tip, UNSMOOTHED, SMOOTHINGS, take)


def make_combo(tip: str) -> QComboBox:
    """Return an empty choice of the toolbar's size."""
    combo = LetterCombo()
    combo.setToolTip(tip)
    combo.setAccessibleName(tip)
    combo.setProperty("role", "limit")
    combo.setFixedSize(COMBO, 26)
    return combo


def _mark(field: QWidget, why: str, tip: str) -> None:
    """Mark a field as wrong, and say why; with "" it is right, and has its usual tip."""
    if bool(field.property("bad")) != bool(why):
        set_look(field, "bad", bool(why))
    field.setToolTip(plain_tip(why or tip))


def fill(combo: QComboBox, choices: Sequence[str], value: str) -> None:
    """Offer these choices, with one of them chosen."""
    if [combo.itemText(index) for index in range(combo.count())] != list(choices):
        combo.clear()
        combo.addItems(choices)
        view = combo.view()
        if view is not None:  # the list is as wide as its longest words, the field is not
            view.setMinimumWidth(view.sizeHintForColumn(0) + 24)
    combo.setCurrentText(value)

"""The bar beside an image: which colour is which value, how many pixels have it, and the limits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import pyqtgraph as pg
from PyQt6.QtCore import QEvent, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPen
from PyQt6.QtWidgets import QSizePolicy
from typing_extensions import override

from skyframe_gui.numbers import digits, with_power
from skyframe_gui.ui.graph.level_bar_parts import (
    HANDLE,
    LEFT,
    TEXT,
    TICK_DENSITY,
    Colours,
    LevelHistogram,
    Ticks,
)
from skyframe_gui.ui.graph.limits_popup import LimitsPopup
from skyframe_gui.ui.graph.view_box import GraphicsView
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from PyQt6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QResizeEvent

    from skyframe_gui.ui.graph.levels import Levels
    from skyframe_gui.ui.theme import Palette

WIDTH = 52
GRIP = 5
"""Pixels about a handle in which it can be taken."""
FINE, COARSE = 0.01, 0.1
"""Steps of the arrow keys, without and with Shift, by the distance of the limits."""
HINT = (
    "Drag the lines to set the limits, or type them (click the numbers, or Return);\n"
    "double click to measure them again.\n"
    "Up and Down move a limit (Shift: further), Left and Right choose the lower or the upper one."
)
TURNS = {Qt.Key.Key_Left: 0, Qt.Key.Key_Right: 1}
TYPES = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
STEPS = {Qt.Key.Key_Up: 1.0, Qt.Key.Key_Down: -1.0}


class LevelBar(GraphicsView):
    """Bar, ticks, two handles, and the histogram over the image's edge while the cursor is here.

    Parameters
    ----------
    ground : {"canvas", "dock"}
        The colour of the theme that is behind it.

    Signals
    -------
    dragged : (low, high)
        In the unit of what is shown.
    reset
        The limits are to be measured again.
    """

    dragged = pyqtSignal(float, float)
    reset = pyqtSignal()

    def __init__(self, ground: Literal["canvas", "dock"] = "canvas") -> None:
        super().__init__()
        self._ground = ground
        self.setFixedWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAccessibleName("Limits of the colours")
        self._levels: Levels | None = None
        self._palette: Palette | None = None
        self._chosen = 1
        self._power = 0
        self._held = self._pressed_numbers = False
        self._histogram: LevelHistogram | None = None
        self._view = pg.ViewBox(enableMenu=False, enableMouse=False, defaultPadding=0)
        self._view.disableAutoRange()
        # In shares of the axis, not in values: while a model's scale changes, the limits and the
        # axis go with it, and nothing but the ticks is drawn anew.
        self._view.setRange(xRange=(0, 1), yRange=(0, 1), padding=0)
        self._span = (0.0, 1.0)
        self._axis = Ticks("right", TEXT)
        self._axis.setTickDensity(TICK_DENSITY)
        self._axis.fixed_width = WIDTH - LEFT - HANDLE
        self._axis.setPen(QPen(Qt.PenStyle.NoPen))
        self._colours = Colours()
        self._view.addItem(self._colours, ignoreBounds=True)
        self._handles = tuple(pg.InfiniteLine(angle=0, movable=True) for _ in range(2))
        for which, handle in enumerate(self._handles):
            self._view.addItem(handle, ignoreBounds=True)
            handle.sigDragged.connect(lambda line, which=which: self._on_dragged(which, line))
            handle.sigPositionChangeFinished.connect(self._on_released)
        self.sceneObj.addItem(self._view)
        self.sceneObj.addItem(self._axis)
        self.sceneObj.setClickRadius(GRIP)
        self.sceneObj.setMoveDistance(1)
        self._show_parts()

    def show_levels(self, levels: Levels | None, palette: Palette) -> None:
        """Paint other colours; None paints nothing. What is the same costs nothing."""
        if palette is not self._palette:
            self._palette = palette
            self._paint_theme(palette)
        elif levels is self._levels or (levels is not None and levels.same_as(self._levels)):
            return
        before, self._levels = self._levels, levels
        if (levels is None) != (before is None) or before is None:
            self._show_parts()
        if levels is not None:
            self._place(levels)
            low, high = (digits(one, 4) for one in levels.limits)
            self.setAccessibleDescription(f"{low} to {high} {levels.unit}. {self.toolTip()}")
        if self._histogram is not None and self._histogram.isVisible():
            self._show_histogram()

    @property
    def levels(self) -> Levels | None:
        """What is shown."""
        return self._levels

    @property
    def unit(self) -> str:
        """What stands beside the ticks."""
        return self._axis.name

    def ticks(self) -> list[str]:
        """Return the numbers beside the bar, from below."""
        (_, _, texts) = self._axis.specs()
        return [text for _, _, text in texts]

    def place_of(self, value: float) -> float:
        """Return the height at which a value is, in the widget's pixels."""
        return self.height() * (1.0 - self._share(value))

    def value_at(self, y: float) -> float:
        """Return the value at a height."""
        return self._value(1.0 - y / max(self.height(), 1))

    def _share(self, value: float) -> float:
        low, high = self._span
        return (value - low) / ((high - low) or 1.0)

    def _value(self, share: float) -> float:
        low, high = self._span
        return low + share * (high - low)

    # Painting --------------------------------------------------------------------------------

    def _paint_theme(self, palette: Palette) -> None:
        self.setBackground(QColor(getattr(palette, self._ground)))
        self._axis.set_theme(palette)
        self._axis.setPen(QPen(Qt.PenStyle.NoPen))
        self._paint_handles()

    def _paint_handles(self) -> None:
        palette = self._palette or DARK
        for which, handle in enumerate(self._handles):
            has_keys = self.hasFocus() and which == self._chosen
            handle.setPen(palette.accent if has_keys else palette.highlight, width=2)
            handle.setHoverPen(palette.accent, width=2)

    def _show_parts(self) -> None:
        shown = self._levels is not None
        movable = self._levels is not None and not self._levels.steps
        self._view.setVisible(shown)
        self._axis.setVisible(shown)
        for handle in self._handles:
            handle.setVisible(movable)
        self.setToolTip(HINT if movable else "")

    def _place(self, levels: Levels) -> None:
        if self._handles[0].isVisible() == levels.steps:
            self._show_parts()
        # While a limit is dragged the axis stands still: it would run away under the cursor.
        if not self._held:
            self._span = levels.span
            self._axis.whole = levels.steps
            power = levels.tick_power
            if self._power != power:
                self._power = power
                self._axis.setScale(10.0**-power)
            unit = with_power(power, levels.unit)
            if self._axis.name != unit:
                self._axis.set_name(unit)
            if list(self._axis.range) != list(self._span):
                self._axis.setRange(*self._span)
        self._place_handles(levels)

    def _place_handles(self, levels: Levels) -> None:
        ends = levels.ends
        if self._held:
            ends = (self._share(levels.limits[0]), self._share(levels.limits[1]))
        for handle, share in zip(self._handles, ends, strict=True):
            handle.setPos(share)
        self._colours.show_table(levels.lut, levels.steps, *ends)

    @override
    def resizeEvent(self, ev: QResizeEvent | None) -> None:
        super().resizeEvent(ev)
        if hasattr(self, "_axis"):  # the base class asks before it is made
            height = self.height()
            self._view.setGeometry(QRectF(LEFT, 0, HANDLE, height))
            self._axis.setGeometry(QRectF(LEFT + HANDLE, 0, WIDTH - LEFT - HANDLE, height))

    # Hands -----------------------------------------------------------------------------------

    def _on_dragged(self, which: int, handle: pg.InfiniteLine) -> None:
        if self._levels is None:
            return
        self._held = handle.moving
        self._chosen = which
        self._move(which, self._value(float(handle.value())))
        self._place_handles(self._levels)  # what was refused goes back

    def _on_released(self) -> None:
        self._held = False
        if self._levels is not None:
            self._place(self._levels)

    def _move(self, which: int, value: float) -> None:
        assert self._levels is not None, "moved where there are limits only"
        low, high = self._levels.limits
        if self._levels.symmetric:
            low, high = -abs(value), abs(value)
        elif which == 0:
            low = value
        else:
            high = value
        if high > low and math.isfinite(high - low):
            self.dragged.emit(low, high)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Measure the limits again."""
        self._held = False
        if self._levels is not None:
            self.reset.emit()

    def type_limits(self) -> LimitsPopup | None:
        """Open a small field for typed limits; None where these cannot be set."""
        levels = self._levels
        if levels is None or levels.steps:
            return None
        popup = LimitsPopup(self, levels)
        popup.typed.connect(self.dragged)
        return popup

    @override
    def mouseReleaseEvent(self, ev: QMouseEvent | None) -> None:
        """Let limits be typed after a click on the numbers."""
        super().mouseReleaseEvent(ev)
        on_numbers = ev is not None and self._on_numbers(ev)
        if on_numbers and not self._held and self._pressed_numbers:
            self.type_limits()
        self._pressed_numbers = False

    @override
    def mousePressEvent(self, ev: QMouseEvent | None) -> None:
        self._pressed_numbers = ev is not None and self._on_numbers(ev)
        super().mousePressEvent(ev)

    def _on_numbers(self, ev: QMouseEvent) -> bool:
        is_left = ev.button() == Qt.MouseButton.LeftButton
        return is_left and LEFT + HANDLE < ev.position().x() < self.width()

    @override
    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Choose a limit, or move the chosen one."""
        if event is None:
            return
        key, levels = Qt.Key(event.key()), self._levels
        if levels is None or levels.steps or not _is_own_key(event):
            event.ignore()
        elif key in TYPES:
            self.type_limits()
        elif key in TURNS:
            self._chosen = TURNS[key]
            self._paint_handles()
        else:
            low, high = levels.limits
            further = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            step = (COARSE if further else FINE) * (high - low) * STEPS[key]
            self._move(self._chosen, levels.limits[self._chosen] + step)

    @override
    def event(self, event: QEvent | None) -> bool:
        """Take the keys of the bar before the window's shortcuts do."""
        if event is not None and event.type() == QEvent.Type.ShortcutOverride:
            typed: Any = event
            if _is_own_key(typed):
                typed.accept()
                return True
        return bool(super().event(event))

    @override
    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        self._paint_handles()

    @override
    def focusOutEvent(self, event: Any) -> None:
        super().focusOutEvent(event)
        self._paint_handles()

    @override
    def enterEvent(self, event: QEnterEvent | None) -> None:
        """Open the histogram."""
        super().enterEvent(event)
        self._show_histogram()

    @override
    def leaveEvent(self, event: QEvent | None) -> None:
        """Close the histogram."""
        super().leaveEvent(event)
        if self._histogram is not None:
            self._histogram.hide()

    @override
    def wheelEvent(self, ev: Any) -> None:
        """Leave the wheel to what is below."""
        ev.ignore()

    def _show_histogram(self) -> None:
        levels, parent = self._levels, self.parentWidget()
        if levels is None or levels.histogram is None or levels.steps or parent is None:
            if self._histogram is not None:
                self._histogram.hide()
            return
        if self._histogram is None or self._histogram.parentWidget() is not parent:
            self._histogram = LevelHistogram(parent)
        self._histogram.place(self.geometry())
        self._histogram.show_counts(levels.histogram, self._span, self._palette or DARK)


def _is_own_key(event: QKeyEvent) -> bool:
    allowed = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    return event.key() in {*TURNS, *STEPS, *TYPES} and not event.modifiers() & ~allowed

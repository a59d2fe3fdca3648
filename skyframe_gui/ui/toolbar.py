"""The second bar: open, build, export, the panes, and how the active one, or Compare, looks."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtGui import QAction, QFontMetrics
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from skyframe_gui.ui.look_controls import LookControls
from skyframe_gui.ui.theme import font
from skyframe_gui.ui.toolbar_fields import ZoomField
from skyframe_gui.ui.widgets import in_row, one_shot, set_look

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.actions.menus import Actions
    from skyframe_gui.ui.images.canvas import Canvas

WORDS = {"open": "Open", "build": "Build", "export": "Export"}
ZOOMS = {"one-to-one": "1:1", "fit-view": "whole"}
FOUR = {"four-panes": (2, 2), "row-of-panes": (4, 1)}
PANES = ("one-pane", "two-panes", "four-panes", "row-of-panes", "six-panes")
WIDE = 1900
"""Width from which on six panes are worth a button."""
OVERLAYS = ("edges", "boxes", "masks", "crosshair", "link")
MEASURES = {
    "cut": ("cut", "row", "column", "", "remove-cut"),
    "box": ("box", "circle", "", "remove-cut"),
    "mask-circle": (
        *("mask-circle", "mask-ellipse", "mask-box", "mask-polygon", ""),
        *("mask-visits", "mask-sky", "", "list-masks", "read-regions", "save-masks"),
        "remove-masks",
    ),
}
"""Buttons for what is drawn by hand, and what their menus offer; "" is a line."""
TAKES_OVER = ("cut", "box", "circle", "mask-circle", "mask-ellipse", "mask-box", "mask-polygon")
"""What a button does from then on when it was chosen in its menu."""
WITH_WORDS = 1440
HEIGHT, CONTROL, FLAT, CLOSE, ARROW = 36, 26, 26, 24, 12
BLINK_A_B = "Show A and B in turn in the column of B (B)"


class ToolBar(QWidget):
    """Buttons for actions of the table, and the looks of the active pane.

    Parameters
    ----------
    actions : Actions
    commands : Commands
    canvas : callable
        Returns the image of the active pane, or that of A in Compare; None where there is none.
    shape : callable
        Returns (columns, rows) of the panes as they stand.
    """

    def __init__(
        self,
        actions: Actions,
        commands: Commands,
        canvas: Callable[[], Canvas | None],
        shape: Callable[[], tuple[int, int]],
    ) -> None:
        super().__init__()
        self.setObjectName("toolbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._actions, self._canvas, self._shape = actions, canvas, shape
        self._buttons: dict[str, QToolButton] = {}
        self._room = 0
        self._workspace = ""
        self._row = row = in_row(on=self, margins=(8, 0, 8, 0), spacing=4)
        for name in WORDS:
            self._add(row, name)
        self._panes = _group([_line(), self._segments(PANES)])
        self.looks = LookControls(commands)
        self.zoom = ZoomField()
        self.zoom.chosen.connect(self._zoom_to)
        self._zooms = _group([_line(), self._segments(tuple(ZOOMS)), self.zoom])
        overlays = QWidget()
        line = in_row(on=overlays)
        for name in OVERLAYS:
            self._add(line, name)
        self._overlays = _group([_line(), overlays])
        measures = QWidget()
        line = in_row(on=measures)
        for name, offered in MEASURES.items():
            self._offer(self._add(line, name), offered)
            self._buttons[name].setObjectName(name)
        self._measures = _group([_line(), measures])
        self._blink = _group([_line()])
        blink = self._blink.layout()
        assert isinstance(blink, QHBoxLayout), "made just above"
        self._add(blink, "blink")
        self._looks = _group([_line(), self.looks])
        for group in (self._panes, *self._of_images):
            row.addWidget(group)
        row.addStretch(1)
        self._late = one_shot(self, self.show_panes)

    @property
    def _of_images(self) -> tuple[QWidget, ...]:
        """What only workspaces with images have."""
        return (self._looks, self._zooms, self._overlays, self._measures, self._blink)

    def show_state(self, state: State, is_empty: bool) -> None:
        """Paint the looks of the active pane, and leave away what a workspace has no use for."""
        workspace = "visit" if is_empty else state.view.workspace
        if workspace != self._workspace:
            self._workspace = workspace
            self._panes.setVisible(workspace == "visit")
            for group in self._of_images:
                group.setVisible(workspace in ("visit", "compare"))
            self._looks.setVisible(workspace in ("visit", "compare", "camera"))
        room = self.looks.sizeHint().width()
        self.looks.show_state(state)
        for name, text in {**WORDS, **ZOOMS}.items():
            self._buttons[name].setText(text)  # the action's own is longer, and comes back with it
        blink = self._buttons["blink"]
        tip = self._actions.by_id["blink"].toolTip() if workspace != "compare" else BLINK_A_B
        if blink.toolTip() != tip:
            blink.setToolTip(tip)
        if room != self._looks_width():
            self.fit_width(self._room)
        self.show_panes()

    def show_panes(self) -> None:
        """Show how the panes stand and the zoom of the active one: both follow from their size."""
        shape = self._shape()
        for name, own in FOUR.items():
            self._actions.by_id[name].setChecked(shape == own)
        canvas = self._canvas()
        ratio = self.devicePixelRatioF()
        if canvas is None:
            self.zoom.show_zoom(None, (0.0, 0.0))
            return
        canvas.installEventFilter(self)  # it may be laid out after this, in a panel that stays
        least, most = canvas.zoom_bounds
        self.zoom.show_zoom(canvas.viewport.frame.zoom * ratio, (least * ratio, most * ratio))

    def _zoom_to(self, zoom: float) -> None:
        """Show so many screen pixels a pixel of the exposure."""
        canvas = self._canvas()
        if canvas is not None:
            canvas.zoom_to(zoom / self.devicePixelRatioF())
            canvas.setFocus()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the panes' size: the whole exposure is zoomed by it."""
        if event is not None and event.type() == QEvent.Type.Resize:
            self._late.start()
        return super().eventFilter(watched, event)

    def fit_width(self, width: int) -> None:
        """Leave away what there is no room for: the words first, then the read-out, and so on."""
        self._room = width
        self._buttons["six-panes"].setVisible(width >= WIDE)
        self._show_words(width >= WITH_WORDS)
        self._show_arrows(width >= WITH_WORDS)
        looks = self.looks
        words = (looks.bins_word, looks.smooth_word)
        droppable = (self.zoom, looks.name, looks.colours)
        rest = (looks.stretch, looks.preset)
        for widget in (*droppable, *rest):
            widget.setVisible(True)
        looks.show_own()
        if self._needed() > width:
            self._show_arrows(False)
        if self._needed() > width:
            for word in words:
                word.setVisible(False)  # the field says that these are pixels
        if self._needed() > width:
            self._show_words(False)
        for widget in (*droppable, *rest):
            if self._needed() <= width:
                break
            widget.setVisible(False)

    def _looks_width(self) -> int:
        layout = self.looks.layout()
        if layout is not None:
            layout.invalidate()
        return self.looks.sizeHint().width()

    def _needed(self) -> int:
        """Return the width of all that is shown; layouts inside have to be asked anew."""
        inner = Qt.FindChildOption.FindDirectChildrenOnly
        for group in self._of_images:
            for widget in (*group.findChildren(QWidget, options=inner), group):
                layout = widget.layout()
                if layout is not None:
                    layout.invalidate()
                widget.updateGeometry()  # the layout about it keeps the size that it had
        self._row.invalidate()
        return self._row.sizeHint().width()

    def _show_arrows(self, arrows: bool) -> None:
        """Show what opens a menu; without, a press that is held does, and all stands closer."""
        modes = QToolButton.ToolButtonPopupMode
        self._row.setSpacing(4 if arrows else 2)
        for name in (*OVERLAYS, "blink"):
            self._buttons[name].setFixedWidth(FLAT if arrows else CLOSE)
        for name in MEASURES:
            button = self._buttons[name]
            button.setPopupMode(modes.MenuButtonPopup if arrows else modes.DelayedPopup)
            button.setFixedWidth(FLAT + ARROW if arrows else CLOSE)
            if button.property("split") != arrows:
                set_look(button, "split", arrows)

    def _show_words(self, words: bool) -> None:
        beside, alone = (
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
            Qt.ToolButtonStyle.ToolButtonIconOnly,
        )
        for name in WORDS:
            self._buttons[name].setToolButtonStyle(beside if words else alone)

    def _segments(self, names: Sequence[str]) -> QWidget:
        """Return buttons side by side that are one choice."""
        group = QWidget()
        row = in_row(on=group)
        for name in names:
            button = self._add(row, name, "segment")
            if name in ZOOMS:
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
                button.setAccessibleName(self._actions.by_id[name].text())
                button.setProperty("bare", True)
                words = QFontMetrics(font(12)).horizontalAdvance(ZOOMS[name])
                button.setFixedSize(words + 18, CONTROL)
            else:
                button.setProperty("bare", True)
                button.setFixedSize(30, CONTROL)
        return group

    def _offer(self, button: QToolButton, names: Sequence[str]) -> None:
        """Give a button a menu beside it; what it does is what was last chosen there."""
        menu = QMenu(button)
        for name in names:
            if not name:
                menu.addSeparator()
                continue
            action = self._actions.by_id[name]
            menu.addAction(action)
            if name in TAKES_OVER:
                action.toggled.connect(partial(_take_over, button, action))
        button.setMenu(menu)
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        button.customContextMenuRequested.connect(lambda _: button.showMenu())

    def _add(self, row: QHBoxLayout, name: str, kind: str = "flat") -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self._actions.by_id[name])
        button.setIconSize(QSize(18, 18))
        button.setProperty(kind, True)
        if kind == "flat" and name not in WORDS:
            button.setFixedSize(FLAT, CONTROL)
        else:
            button.setFixedHeight(CONTROL)
        row.addWidget(button)
        self._buttons[name] = button
        return button


def _take_over(button: QToolButton, action: QAction, on: bool) -> None:
    if on:
        button.setDefaultAction(action)


def _group(widgets: Sequence[QWidget]) -> QWidget:
    """Return widgets in a row that come and go together."""
    group = QWidget()
    in_row(*widgets, on=group, spacing=6)
    return group


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.VLine)
    line.setFixedHeight(20)
    line.setProperty("rule", True)
    return line

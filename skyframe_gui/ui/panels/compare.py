"""A and B side by side: what differs, what comes of it, and who is rejected where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from skyframe_gui.app.compare import PINS, is_stale, pin_of
from skyframe_gui.app.derived import request_of
from skyframe_gui.app.effective import exposure_unit, scale_unit
from skyframe_gui.ui import theme
from skyframe_gui.ui.compare import words
from skyframe_gui.ui.compare.pin_bar import PinBar
from skyframe_gui.ui.compare.residual_maps import maps_of
from skyframe_gui.ui.compare.table import LinesTable
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.plots.controls import EmptyNote, IconButton

if TYPE_CHECKING:
    from PyQt6.QtGui import QKeyEvent, QResizeEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.compare import Comparison
    from skyframe_gui.app.state import State
    from skyframe_gui.ui.compare.map_row import MapRow
    from skyframe_gui.ui.compare.residual_maps import BoxMaps

WIDE, TABLE_WIDTH = 640, 372
"""From this width on the maps are beside the table, which then is so wide."""
NOTHING = (
    "Nothing is pinned",
    "Pin A, change the config, pin B: the two are fitted side by side.",
)
SETS = (
    ("only_a", "only A", "Select the samples that A rejects and B does not"),
    ("only_b", "only B", "Select the samples that B rejects and A does not"),
    ("both", "both", "Select the samples that A and B reject"),
)
OTHER_BOXES = "A and B have different boxes, so their rejections cannot be told apart."


class ComparePanel(Panel):
    """Pins, a table, the sets of rejected samples as buttons, and residual maps."""

    id = "compare"
    title = "A / B"
    area = "centre"
    order = 3

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.setMinimumSize(240, 160)
        self.bar = PinBar(commands)
        self.note = EmptyNote("compare", *NOTHING)
        self.clock, self.headline = QLabel(), QLabel()
        self.headline.setWordWrap(True)
        self.headline.setTextFormat(Qt.TextFormat.PlainText)
        self.headline.setToolTip(words.SHARED)
        self.table = LinesTable()
        self.sets = {name: QPushButton() for name, _, _ in SETS}
        self.set_hint = QLabel(OTHER_BOXES)
        self.set_hint.setProperty("role", "hint")
        self.set_hint.setWordWrap(True)
        self.copy = IconButton("content-copy", "Copy the table as text (Ctrl+C)")
        self.copy.clicked.connect(self.copy_text)
        self.maps: MapRow | None = None
        self._lines: tuple[words.Line, ...] = ()
        self._drawn: tuple[Comparison | None, str] = (None, "")
        self._box_maps: BoxMaps | None = None
        self._wide: bool | None = None
        self.setFocusProxy(self.bar.pins["A"])
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 6, 8, 2)
        head.setSpacing(6)
        self.headline.setStyleSheet("font-weight: 600; font-size: 12px")
        self.headline.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head.addWidget(self.clock)
        head.addWidget(self.headline, 1)
        head.addWidget(self.copy)
        rejected = QHBoxLayout()
        rejected.setContentsMargins(8, 6, 8, 6)
        rejected.setSpacing(4)
        label = QLabel("rejected")
        label.setProperty("role", "text2")
        label.setStyleSheet("font-size: 12px")
        rejected.addWidget(label)
        for name, _, tip in SETS:
            button = self.sets[name]
            button.setToolTip(tip)
            button.setStyleSheet("font-size: 12px; padding: 0 8px; min-height: 22px")
            button.clicked.connect(lambda _=False, name=name: self._select(name))
            rejected.addWidget(button)
        rejected.addWidget(self.set_hint, 1)
        rejected.addStretch(0)
        column = QWidget()
        self._column = QVBoxLayout(column)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        self._column.addWidget(self.table)
        self._column.addLayout(rejected)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(column)
        page = QWidget()
        self._row = QHBoxLayout(page)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self._scroll, 1)
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.note)
        self._pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.bar)
        whole.addWidget(body, 1)
        self._make_room()

    def watches(self, state: State) -> object:
        """Return the pins, their comparison and what is selected."""
        found, selection = state.results.compare, state.selection
        return (
            tuple(state.pins.items()),
            found,
            found is not None and is_stale(state, found),
            pin_of(state),
            bool(request_of(state).members),
            selection.exposure,
            selection.samples,
            selection.hovered,
        )

    def subject(self, state: State) -> str:
        """Return the visit."""
        found = state.results.compare
        return f"visit {found.a.visit}" if found is not None else ""

    def show_state(self, state: State) -> None:
        """Paint the comparison, or say how to get one."""
        palette = theme.palette_of(state)
        now = pin_of(state)
        self.bar.show_pins({name: state.pins[name] == now for name in state.pins}, palette)
        found = state.results.compare
        if found is None:
            self.note.say(*_what_to_do(state))
            self.note.dress(palette)
            self._pages.setCurrentIndex(0)
            return
        self._pages.setCurrentIndex(1)
        stale = is_stale(state, found)
        unit, frame_unit = exposure_unit(state, found.a), scale_unit(state, found.a)
        self._say(found, frame_unit, stale, palette)
        self._lines = (*words.field_lines(found), *words.number_lines(found, frame_unit, unit))
        set_now = [name for name in state.pins if state.pins[name] == now]
        heads = tuple(f"{name}, now" if name in set_now else name for name in PINS)
        self.table.dress(palette, stale)
        self.table.show_lines(("", *heads, f"A {words.MINUS} B"), self._lines)
        for name, text, _ in SETS:
            n = len(getattr(found, name))
            self.sets[name].setText(f"{text} {n}")
            self.sets[name].setEnabled(n > 0)
            self.sets[name].setVisible(found.same_boxes)
        self.set_hint.setVisible(not found.same_boxes)
        if self._drawn != (found, state.selection.exposure):
            self._drawn = (found, state.selection.exposure)
            self._box_maps = maps_of(found, state.selection.exposure)
        chosen = state.selection
        self._made_maps().show_maps(self._box_maps, unit, chosen.samples, chosen.hovered, palette)

    def _made_maps(self) -> MapRow:
        """Return the maps, made when there is something to show."""
        if self.maps is None:
            from skyframe_gui.ui.compare.map_row import MapRow

            self.maps = MapRow()
            self.maps.hovered.connect(self.commands.hover)
            self.maps.picked.connect(
                lambda sample, add: self.commands.select_samples([sample], add)
            )
            self._wide = None
            self._make_room()
        return self.maps

    def copy_text(self) -> None:
        """Put the table on the clipboard."""
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(words.as_text(self._lines))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            self.copy_text()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put the maps where there is room."""
        self._make_room()

    def _make_room(self) -> None:
        wide = self.width() >= WIDE
        self.bar.make_room(self.width())
        if wide == self._wide or self.maps is None:
            return
        self._wide = wide
        self._column.removeWidget(self.maps)
        self._row.removeWidget(self.maps)
        if wide:
            self._scroll.setFixedWidth(TABLE_WIDTH)
            self._row.addWidget(self.maps, 1)
        else:
            self._scroll.setMinimumWidth(0)
            self._scroll.setMaximumWidth(16777215)
            self._column.insertWidget(self._column.count() - 1, self.maps)

    def _say(self, found: Comparison, unit: str, stale: bool, palette: theme.Palette) -> None:
        told = words.headline(found, unit)
        self.headline.setText(f"{told} (older settings)" if stale else told)
        colour = palette.text3 if stale else palette.text
        self.headline.setStyleSheet(f"font-weight: 600; font-size: 12px; color: {colour}")
        self.clock.setVisible(stale)
        self.clock.setToolTip("Of older settings or files; A and B are being fitted again")
        self.clock.setPixmap(theme.icon("progress-clock", palette.text3).pixmap(14, 14))
        self.copy.dress(palette)

    def _select(self, name: str) -> None:
        found = self.commands.session.state.results.compare
        if found is not None:
            self.commands.select_samples(getattr(found, name))


def _what_to_do(state: State) -> tuple[str, str]:
    if not state.pins:
        return NOTHING
    if len(state.pins) < len(PINS):
        (name,) = state.pins
        other = next(one for one in PINS if one != name)
        return (
            f"{name} is pinned",
            f"Change the config, then pin {other}: the two are fitted side by side.",
        )
    if not request_of(state).members:
        return (
            "There is no visit to compare on",
            "Show an exposure whose detector has a sky frame.",
        )
    return ("A and B are being fitted", "The numbers come here as soon as they are ready.")

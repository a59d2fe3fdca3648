"""Start: what is shown while nothing is open; how to begin, and what was opened before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from skyframe_gui.ui import theme
from skyframe_gui.ui.data.recent_table import RecentTable
from skyframe_gui.ui.data.start_parts import DropArea, KeyChip, TaskCard
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.widgets import STRETCH, in_column, in_row, text_label

if TYPE_CHECKING:
    from PyQt6.QtCore import pyqtBoundSignal

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State

WIDTH = 760
TASKS = (
    (
        "layers-triple-outline",
        "Build a sky frame",
        "Average a night of exposures and see which ones spoil it.",
        "Needs 4 or more exposures.",
    ),
    (
        "chart-bell-curve",
        "Fit a visit",
        "One scale for all detectors, with every rejected sample.",
        "Needs one visit and its sky frames.",
    ),
    (
        "magnify",
        "Inspect a sky frame",
        "Value, error, used and clipped counts of every bin.",
        "Needs one sky frame.",
    ),
)


class StartPanel(Panel):
    """The first page.

    Attributes
    ----------
    open_files, open_folder, try_demo : signal ()
        What the buttons ask for.
    restore_place : QVBoxLayout
        Above all else, for a card that offers what was saved by itself.
    """

    id = "start"
    title = "Start"
    area = "centre"

    open_files = pyqtSignal()
    open_folder = pyqtSignal()
    try_demo = pyqtSignal()

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.buttons: list[QPushButton] = []
        self._chips: list[KeyChip] = []
        self.drop = self._make_drop_area()
        self._cards = [TaskCard(*task) for task in TASKS]
        self.recent = RecentTable()
        self.recent.chosen.connect(lambda path: commands.open([path]))
        self.restore_place = QVBoxLayout()
        self._lay_out()

    def watches(self, state: State) -> object:
        """Return what was opened before."""
        return state.recent

    def show_state(self, state: State) -> None:
        """Paint the page."""
        palette = theme.palette_of(state)
        self.drop.apply_theme(palette)
        for chip in self._chips:
            chip.apply_theme(palette)
        for card in self._cards:
            card.apply_theme(palette)
        self.recent.show_recent(state.recent, palette)

    def _make_drop_area(self) -> DropArea:
        from skyframe_gui.ui.actions.action_table import TABLE

        keys = {entry.id: entry.keys for entry in TABLE}
        area = DropArea()
        row = in_row(STRETCH, spacing=12)
        wanted: tuple[tuple[str, str, pyqtBoundSignal], ...] = (
            ("Open files", "open", self.open_files),
            ("Open folder", "open-folder", self.open_folder),
            ("Try the demo", "demo", self.try_demo),
        )
        for text, action, signal in wanted:
            button = QPushButton(text)
            button.setFixedSize(112, 28)
            button.setProperty("primary", not self.buttons)
            button.clicked.connect(lambda _=False, signal=signal: signal.emit())
            self.buttons.append(button)
            chip = KeyChip(keys.get(action, ""))
            self._chips.append(chip)
            column = in_column(button, spacing=6)
            column.addWidget(chip, 0, Qt.AlignmentFlag.AlignHCenter)
            row.addLayout(column)
        row.addStretch(1)
        area.add_buttons(row)
        return area

    def _lay_out(self) -> None:
        bar = QWidget()
        bar.setObjectName("dockHeader")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        bar.setFixedHeight(28)
        title = QLabel(self.title)
        title.setObjectName("dockTitle")
        in_row(title, on=bar, margins=(10, 0, 10, 0))

        section = text_label("What this program does", "section")
        cards = in_row(*((card, 1) for card in self._cards), spacing=12)
        page = QWidget()
        page.setMaximumWidth(WIDTH)
        column = in_column(on=page, margins=(0, 16, 0, 16))
        column.addStretch(3)
        column.addLayout(self.restore_place)
        column.addWidget(self.drop)
        column.addSpacing(16)
        column.addWidget(section)
        column.addSpacing(8)
        column.addLayout(cards)
        column.addSpacing(16)
        column.addWidget(self.recent)
        column.addStretch(2)
        body = QWidget()
        in_row((page, 1), on=body, margins=(16, 0, 16, 0))
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(body)
        in_column(bar, (scroll, 1), on=self)

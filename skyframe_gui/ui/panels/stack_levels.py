"""Sky level and residual rms of each exposure of the sky frame against time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QBoxLayout

from skyframe_gui.app.model.queries import inspected
from skyframe_gui.ui.stack.stack_panel import StackPanel
from skyframe_gui.ui.stack.stack_rows import ordered

if TYPE_CHECKING:
    from PyQt6.QtGui import QResizeEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.stack.level_plot import LevelPlot
    from skyframe_gui.ui.stack.stack_rows import Stack
    from skyframe_gui.ui.theme import Palette

WIDE = 1.6
"""From this width by height on the plots are side by side."""


class StackLevelsPanel(StackPanel):
    """Two plots."""

    id = "stack-levels"
    title = "Levels"
    area = "bottom"
    order = 14

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.level: LevelPlot
        self.rms: LevelPlot
        self.made = False
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(4)
        self.body.addLayout(self._row, 1)

    def _make_plots(self) -> None:
        from skyframe_gui.ui.stack.level_plot import LevelPlot

        self.made = True
        self.level = LevelPlot("level")
        self.rms = LevelPlot("residual rms", from_zero=True)
        self.rms.link_x(self.level)
        for plot in (self.level, self.rms):
            plot.chosen.connect(self.commands.select_stack_exposure)
            plot.switched.connect(self.commands.sets.switch_member)
            self._row.addWidget(plot, 1)
            plot.ranged.connect(self._line_up)
        self.setFocusProxy(self.level)

    def subject(self, state: State) -> str:
        """Return the detector."""
        item = inspected(state)
        return f"detector {item.detector}" if item is not None and item.detector else ""

    def paint_stack(self, stack: Stack, state: State, palette: Palette) -> None:
        """Paint both plots."""
        rows = ordered(stack.rows, "time")
        key, selected = stack.view.key, stack.selected
        if not self.made:
            self._make_plots()
        self.level.apply_theme(palette)
        self.rms.apply_theme(palette)
        levels, spreads = [row.level for row in rows], [row.rms for row in rows]
        self.level.show_rows(rows, levels, stack.level_unit, selected, key)
        self.rms.show_rows(rows, spreads, stack.unit, selected, key)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put the plots side by side, or one over the other."""
        wide = self.width() > WIDE * max(self.height(), 1)
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._row.setDirection(across if wide else down)

    def _line_up(self) -> None:
        from skyframe_gui.ui.graph.plot import line_up

        line_up((self.level, self.rms))

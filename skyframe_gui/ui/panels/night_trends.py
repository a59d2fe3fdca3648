"""The numbers of all visits against time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QGridLayout

from skyframe_gui.numbers import SIGMA, unit_of
from skyframe_gui.ui.night.night_panel import NightPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PyQt6.QtGui import QResizeEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.night_view import VisitRow
    from skyframe_gui.ui.night.trend_plot import TrendPlot
    from skyframe_gui.ui.theme import Palette
    from skyframe_gui.workflow.night_row import NightRow

NAMES = ("sky", "scale", "scale / sky", SIGMA, "rejected", "intercept")
WITH_UNIT = ("sky", SIGMA, "intercept")
NARROW = 620
"""Below this width the plots are one over the other."""


class NightTrendsPanel(NightPanel):
    """Six small plots that share their times."""

    id = "night-trends"
    title = "Trends"
    area = "bottom"
    order = 30

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.plots: dict[str, TrendPlot] = {}
        self._grid = QGridLayout()
        self._grid.setSpacing(4)
        self._grid.setContentsMargins(0, 4, 0, 0)
        self.body.addLayout(self._grid, 1)
        self._columns = 0
        self._shown: tuple[object, object] = (None, None)

    def prepare(self) -> Iterator[None]:
        """Make the plots."""
        self._make_plots()
        yield

    def _make_plots(self) -> None:
        from skyframe_gui.ui.night.trend_plot import TrendPlot

        if self.plots:
            return
        for name in NAMES:
            plot = self.plots[name] = TrendPlot(name, from_zero=name == "rejected")
            plot.setAccessibleName(f"The visits' {name} against time")
            plot.chosen.connect(self.choose)
            if name != NAMES[0]:
                plot.link_x(self.plots[NAMES[0]])
            plot.ranged.connect(self._line_up)
        self.setFocusProxy(self.plots[NAMES[0]])
        self._lay_out()

    def paint_rows(self, rows: tuple[VisitRow, ...], selected: str, palette: Palette) -> None:
        """Paint all plots."""
        from skyframe_gui.ui.night.trend_plot import Moment

        self._make_plots()
        shown_now = rows, palette
        if all(one is other for one, other in zip(shown_now, self._shown, strict=True)):
            for plot in self.plots.values():
                plot.select(selected)
            return
        self._shown = shown_now
        dated = all(row.numbers.start for row in rows)
        shown = sorted(rows, key=lambda row: row.numbers.start) if dated else rows
        moments = [
            Moment(
                key=row.visit,
                date=row.numbers.start if dated else "",
                warning=row.state if row.warns else "",
            )
            for row in shown
        ]
        units = {row.numbers.unit for row in rows}
        unit = unit_of(units.pop()) if len(units) == 1 else ""
        for name, plot in self.plots.items():
            plot.apply_theme(palette)
            values = [VALUES[name](row.numbers) for row in shown]
            of_it = unit if name in WITH_UNIT else "%" if name == "rejected" else ""
            plot.show_rows(moments, values, of_it, selected, tuple(one.key for one in moments))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put the plots in two rows, or one over the other where it is narrow."""
        self._lay_out()

    def _lay_out(self) -> None:
        columns = 3 if self.width() >= NARROW else 1
        if columns == self._columns or not self.plots:
            return
        self._columns = columns
        for place, plot in enumerate(self.plots.values()):
            self._grid.addWidget(plot, place // columns, place % columns)

    def _line_up(self) -> None:
        from skyframe_gui.ui.graph.plot import line_up

        line_up(tuple(self.plots.values()))


VALUES: dict[str, Callable[[NightRow], float]] = {
    "sky": lambda one: one.level,
    "scale": lambda one: one.scale,
    "scale / sky": lambda one: one.ratio,
    SIGMA: lambda one: one.sigma,
    "rejected": lambda one: 100 * one.share,
    "intercept": lambda one: one.intercept,
}

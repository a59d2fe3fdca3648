"""The samples of a visit: image against sky, the fit's line and band, round after round."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, get_args

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import QMenu, QToolButton
from typing_extensions import override

from skyframe_gui.app.model.rejection_steps import Mark, rows_of
from skyframe_gui.ui.samples.axis_range import Range, around, widened
from skyframe_gui.ui.samples.controls import IconButton
from skyframe_gui.ui.samples.legend import Legend
from skyframe_gui.ui.samples.points import Emphasis, Guide, Style
from skyframe_gui.ui.samples.sample_panel import SamplePanel
from skyframe_gui.ui.samples.sample_view import (
    hand_words,
    hover_words,
    legend_entries,
    step_words,
)
from skyframe_gui.ui.samples.stepper import Stepper
from skyframe_gui.ui.widgets import menu_switch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from PyQt6.QtGui import QKeyEvent
    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.rejection_steps import Step
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.graph.sample_plot import SamplePlot
    from skyframe_gui.ui.samples.sample_view import SampleView
    from skyframe_gui.ui.theme import Palette

LINES: dict[Style, str] = {
    "first": "Line before any rejection, dotted",
    "step": "Line and band of the shown step",
    "last": "Line of the last step, dash-dotted\tO",
}
STYLES: tuple[Style, ...] = ("first", "last", "step")
EMPHASES: dict[Emphasis, str] = {
    "none": "Marks of one size",
    "size": "Size by good pixels",
    "colour": "Colour by good pixels",
}


class SamplesPanel(SamplePanel):
    """Scatter plot of the samples with the stepper in its title and the legend under it."""

    id = "samples"
    title = "Samples"
    area = "bottom"
    order = 0

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.plot: SamplePlot
        self.legend = Legend()
        self.stepper = Stepper()
        self.stepper.chosen.connect(commands.show_step)
        self.more = IconButton("dots-horizontal", "More about the samples' plot", small=True)
        self.emphasis: Emphasis = "none"
        self._make_menu()

    def header_widgets(self) -> list[QWidget]:
        """Return the stepper and the menu."""
        return [self.stepper, self.more]

    def make_plots(self) -> Iterator[None]:
        """Make the plot and its legend."""
        from skyframe_gui.ui.graph.sample_plot import SamplePlot

        self.plot = SamplePlot()
        self.plot.setAccessibleName("Image samples against sky samples")
        self.plot.emphasis, self.plot.lasso = self.emphasis, self.lasso.isChecked()
        self.plot.extra = [*self.lines.values(), self.lasso]
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self.legend)
        self.setFocusProxy(self.plot)
        self.brush(self.plot)
        yield

    def subject(self, state: State) -> str:
        """Return visit, detectors and boxes."""
        fit = state.results.fit
        if fit is None:
            return ""
        n, members = len(fit.keys), fit.n_members
        known = f"{n} detector{'s' * (n != 1)}" if fit.complete else f"{n} of {members} detectors"
        boxes = len(rows_of(fit))
        visit = f"visit {fit.visit}, " if fit.visit else ""
        return f"{visit}{known}, {boxes} boxes"

    def paint(self, view: SampleView, old: SampleView | None, palette: Palette) -> None:
        """Paint the marks; only rings and chips where nothing else has changed."""
        plot = self.plot
        plot.apply_theme(palette)
        self.stepper.show_steps(view.steps, view.step.number, palette)
        self.more.apply_theme(palette)
        if old is None or (old.fit, old.step, old.reject) != (view.fit, view.step, view.reject):
            plot.x_label = f"sky sample [{view.sky_unit}]"
            plot.y_label = f"image sample [{view.unit}]"
            self._draw_again()
            self._frame(view)
        plot.set_head(step_words(view), hand_words(view))
        entries = legend_entries(view, palette)
        new = view.step.number and any("rejected" in entry.text for entry in entries)
        remark = f"filled: dropped in step {view.step.number}" if new else ""
        self.legend.show_entries(entries, remark, palette)
        plot.setAccessibleDescription(self.legend.accessibleName())

    @override
    def highlight(self, view: SampleView, index: int | None) -> None:
        self.plot.set_pointed(index, view.selected, hover_words(view, index))

    def press(self, event: QKeyEvent) -> bool:
        """Do what the keys of this panel do."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event.key() == Qt.Key.Key_Space and self.view is not None:
            self.stepper.toggle_play()
        elif plain and event.key() == Qt.Key.Key_O:
            self.toggle_last_line()
        elif event.key() == Qt.Key.Key_0 and not plain:
            self._fit()
        else:
            return super().press(event)
        return True

    def toggle_last_line(self) -> None:
        """Draw the line of the last step, or do not."""
        self.lines["last"].trigger()

    def _draw_again(self) -> None:
        view = self.view
        if view is None or not self.made:
            return
        x = view.rows.sky * view.sky_factor
        guides = [
            _guide(view, step, style)
            for style, step in zip(STYLES, (view.steps[0], view.steps[-1], view.step), strict=True)
            if self.lines[style].isChecked() and math.isfinite(step.scale)
        ]
        self.plot.set_points(view.points(x, view.rows.image), tuple(guides))

    def _frame(self, view: SampleView) -> None:
        """Show all samples of another visit, or where nobody has zoomed of another sky frame.

        There also of a visit that grows, and those that have gone out of view.
        """
        grown = self.has_grown(view.fit)
        new = self.is_new(view.fit)
        self.plot.set_home(*_home(view))
        if new or ((grown or self.plot.is_elsewhere) and not self.plot.touched):
            self.plot.fit()

    def _fit(self) -> None:
        if self.made:
            self.plot.fit()

    def _use_lasso(self, on: bool) -> None:
        if self.made:
            self.plot.lasso = on

    def _emphasise(self, emphasis: Emphasis) -> None:
        self.emphasis = emphasis
        if self.made:
            self.plot.set_emphasis(emphasis)

    def _make_menu(self) -> None:
        menu = QMenu(self.more)
        self.lines = {
            style: menu_switch(menu, text, style == "step") for style, text in LINES.items()
        }
        for line in self.lines.values():
            line.toggled.connect(lambda _: self._draw_again())
        menu.addSeparator()
        group = QActionGroup(menu)
        for name in get_args(Emphasis):
            action = menu_switch(menu, EMPHASES[name], name == self.emphasis)
            action.triggered.connect(partial(self._emphasise, name))
            group.addAction(action)
        menu.addSeparator()
        self.lasso = menu_switch(menu, "Drag selects\tShift+drag")
        self.lasso.toggled.connect(self._use_lasso)
        menu.addSeparator()
        whole = menu.addAction("View all\tdouble click")
        assert whole is not None, "a menu makes the actions that it is asked for"
        whole.triggered.connect(self._fit)
        self.more.setMenu(menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)


def _guide(view: SampleView, step: Step, style: Style) -> Guide:
    slope, band = step.scale / view.sky_factor, view.band

    def value(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return slope * at

    def half_width(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.full_like(at, band)

    return Guide(value=value, half_width=half_width if style == "step" else None, style=style)


def _home(view: SampleView) -> tuple[Range, Range]:
    """Return a range for all samples but the farthest, which would press the others flat."""
    rows = view.rows
    data = view.marks != Mark.NO_DATA
    kept = data & (rows.rejected_at == -1)
    image, sky = rows.image, rows.sky * view.sky_factor
    x_range = around(sky[data])
    core = around(image[kept if kept.any() else data], 0.0)
    whole = around(image[data], 0.0)
    reach = 0.4 * core.width
    low, high = max(whole.low, core.low - reach), min(whole.high, core.high + reach)
    y_range = widened(Range(low, high), 0.06)
    # Room for the row of crosses below and for the chip above.
    return x_range, Range(y_range.low - 0.06 * y_range.width, y_range.high + 0.1 * y_range.width)

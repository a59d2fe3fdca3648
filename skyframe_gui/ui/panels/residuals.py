"""Residuals of the samples against sky, box and detector, with the band and their histogram."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu, QToolButton
from typing_extensions import override

from skyframe_gui.app.model.items import EMPTY
from skyframe_gui.ui.samples.controls import IconButton, Segments
from skyframe_gui.ui.samples.detector_columns import column_words, radii_of
from skyframe_gui.ui.samples.residual_axes import axes_of
from skyframe_gui.ui.samples.sample_panel import SamplePanel
from skyframe_gui.ui.samples.sample_view import hover_words
from skyframe_gui.ui.widgets import in_row, menu_switch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PyQt6.QtGui import QKeyEvent, QResizeEvent
    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import DetectorOrder
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.ui.graph.bars import SideBars
    from skyframe_gui.ui.graph.sample_plot import SamplePlot
    from skyframe_gui.ui.samples.sample_view import SampleView
    from skyframe_gui.ui.theme import Palette

KINDS = (
    ("sky", "sky", "Residual against sky sample"),
    ("x", "x", "Residual against x of the box"),
    ("y", "y", "Residual against y of the box"),
    ("detector", "detector", "Residual against detector"),
)
MORE = {
    "ratio": "Image by sky against sky",
    "index": "Residual against the box's number",
    "all": "Against sky and, below, against detector",
}
"""What is asked for less often."""
ORDERS: dict[DetectorOrder, str] = {
    "number": "Detectors by number",
    "radius": "Detectors from the middle of the focal plane outwards",
    "deviation": "Detectors by the median of their residuals",
}
WIDE_FOR_BARS = 250
"""From this width on there is room for the histogram."""


class ResidualsPanel(SamplePanel):
    """One plot of residuals, or two, with the histogram at the right."""

    id = "residuals"
    title = "Residuals"
    area = "bottom"
    order = 1

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.plot: SamplePlot
        self.second: SamplePlot
        self.bars: SideBars
        self._kind = "sky"
        self._chosen = False
        self._suggested_for: str | None = None
        self._order: DetectorOrder = "number"
        self.kinds = Segments(KINDS, small=True)
        self.kinds.check("sky")
        self.kinds.chosen.connect(self.choose)
        self.more = IconButton("dots-horizontal", "More about the residuals' plot", small=True)
        self._make_menu()

    def header_widgets(self) -> list[QWidget]:
        """Return what the residuals can be against."""
        return [self.kinds, self.more]

    def make_plots(self) -> Iterator[None]:
        """Make the plots and the histogram beside the upper one."""
        from skyframe_gui.ui.graph.bars import SideBars
        from skyframe_gui.ui.graph.sample_plot import SamplePlot

        self.plot = SamplePlot()
        self.plot.setAccessibleName("Residuals of the samples")
        yield
        self.second = SamplePlot()
        self.second.setAccessibleName("Residuals of the samples by detector")
        yield
        self.bars = SideBars(self.plot)
        self.second.link_y(self.plot)
        self.body.addLayout(in_row((self.plot, 1), self.bars), 1)
        self.body.addWidget(self.second, 1)
        self.second.hide()
        self.setFocusProxy(self.plot)
        for plot in (self.plot, self.second):
            self.brush(plot)
            plot.column_hovered.connect(partial(self._on_column, plot))
            plot.column_picked.connect(self._open_column)
        self._make_room()

    @property
    def shown(self) -> tuple[SamplePlot, ...]:
        """The plots that are on the screen."""
        return (self.plot, self.second) if self._kind == "all" else (self.plot,)

    @property
    def kind(self) -> str:
        """What the upper plot is against."""
        return "sky" if self._kind == "all" else self._kind

    def subject(self, state: State) -> str:
        """Return the step."""
        return f"step {self.view.step.number}" if self.view is not None else ""

    @override
    def watches(self, state: State) -> object:
        return super().watches(state), state.view.detector_order

    def choose(self, name: str) -> None:
        """Show the residuals against something else, all of them."""
        self._chosen = True
        self._show_kind(name)

    def _show_kind(self, name: str) -> None:
        self._kind = name
        self.kinds.check_only(name)
        for kind, action in self.choices.items():
            action.setChecked(kind == name)
        if not self.made:
            return
        self._make_room()
        self._draw(lambda _: True)

    def paint(self, view: SampleView, old: SampleView | None, palette: Palette) -> None:
        """Paint the marks; only rings and chips where nothing else has changed."""
        grown = self.has_grown(view.fit)
        new = self.is_new(view.fit)
        for plot in (self.plot, self.second, self.bars):
            plot.apply_theme(palette)
        self.more.apply_theme(palette)

        def moves(plot: SamplePlot) -> bool:
            return new or ((grown or plot.is_elsewhere) and not plot.touched)

        order = self.commands.store.state.view.detector_order
        reordered = order != self._order
        self._order = order
        for name, action in self.orders.items():
            action.setChecked(name == order)
        if old is None or reordered or _painted(old) != _painted(view):
            self._draw(moves)
        self._suggest(view.fit)
        for plot in self.shown:
            if not new and moves(plot):
                plot.fit()

    @override
    def highlight(self, view: SampleView, index: int | None) -> None:
        self.plot.set_pointed(index, view.selected, hover_words(view, index))
        self.second.set_pointed(index, view.selected)

    @override
    def press(self, event: QKeyEvent) -> bool:
        ctrl = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if self.made and ctrl and event.key() == Qt.Key.Key_0:
            for plot in self.shown:
                plot.fit()
            return True
        return super().press(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Show what there is room for."""
        self._make_room()

    def _make_room(self) -> None:
        if self.made:
            self.bars.setVisible(self.width() >= WIDE_FOR_BARS)
            self.second.setVisible(self._kind == "all")

    def _suggest(self, fit: VisitFit) -> None:
        """Show what the fit of a visit notes, until a person chooses; asked once for each visit."""
        if self._chosen or not fit.is_final or fit.visit == self._suggested_for:
            return
        self._suggested_for = fit.visit
        gradient = next((one for one in fit.findings if one.kind == "gradient"), None)
        kind = "sky"
        if gradient is not None:
            rises = [abs(gradient.numbers.get(f"rise_{axis}", 0.0)) for axis in "xy"]
            kind = "y" if rises[1] > rises[0] else "x"
        if kind != self._kind and not self.plot.touched:
            self._show_kind(kind)

    def _make_menu(self) -> None:
        menu = QMenu(self.more)
        group = QActionGroup(menu)
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        self.choices: dict[str, QAction] = {}
        for kind, text in MORE.items():
            action = menu_switch(menu, text)
            action.triggered.connect(lambda _=False, kind=kind: self.choose(kind))
            group.addAction(action)
            self.choices[kind] = action
        menu.addSeparator()
        self.orders: dict[DetectorOrder, QAction] = {}
        orders = QActionGroup(menu)
        for order, text in ORDERS.items():
            action = menu_switch(menu, text)
            action.triggered.connect(lambda _=False, order=order: self._choose_order(order))
            orders.addAction(action)
            self.orders[order] = action
        self.orders["number"].setChecked(True)
        self.more.setMenu(menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _draw(self, moves: Callable[[SamplePlot], bool] = lambda _: False) -> None:
        """Draw the marks, and move the plots that are to be moved."""
        view = self.view
        if view is None:
            return
        for plot, kind in zip(self.shown, (self.kind, "detector"), strict=False):
            radii = EMPTY
            if kind == "detector" and self._order == "radius":
                radii = radii_of(self.commands.store.state)
            axes = axes_of(view, kind, self._order, radii)
            plot.x_label, plot.y_label, plot.x_axis.names = axes.x_label, axes.y_label, axes.names
            points = view.points(axes.x, axes.y)
            guides = (axes.guide,) if math.isfinite(view.step.scale) else ()
            plot.set_points(points, guides, axes.spreads)
            plot.set_column(None)
            plot.set_home(axes.x_range, axes.y_range)
            place = plot.fit if moves(plot) else lambda: None
            if plot is self.plot:
                band = view.band if kind != "ratio" else float("nan")
                self.bars.show_points(points, band, place)
            else:
                place()

    def _choose_order(self, order: DetectorOrder) -> None:
        if self._kind not in ("detector", "all"):
            self.choose("detector")
        self.commands.view(detector_order=order)

    def _on_column(self, plot: SamplePlot, column: int | None) -> None:
        if self.view is not None:
            words = () if column is None else column_words(self.view, plot.spreads, column)
            plot.set_column(column, words)

    def _open_column(self, column: int) -> None:
        if self.view is not None:
            self.commands.open_in_visit(self.view.rows.keys[column])


def _painted(view: SampleView) -> tuple[object, ...]:
    """Return what the marks and the axes depend on."""
    units = view.unit, view.sky_unit, view.scale_unit
    return view.fit, view.step, view.reject, units

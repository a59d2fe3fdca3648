"""How the residuals of the samples are distributed, or the pixels of the shown exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.numbers import SIGMA, fixed, unit_of
from skyframe_gui.ui.samples.axis_range import Range
from skyframe_gui.ui.samples.controls import Segments
from skyframe_gui.ui.samples.legend import Legend
from skyframe_gui.ui.samples.residual_axes import axes_of
from skyframe_gui.ui.samples.sample_panel import NO_SAMPLES, SamplePanel
from skyframe_gui.ui.samples.sample_view import legend_entries, view_of
from skyframe_gui.ui.theme import palette_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.graph.bars import BarPlot, Stack
    from skyframe_gui.ui.theme import Palette

WHATS = (
    ("residuals", "residuals", "Residuals of the samples of the shown step"),
    ("pixels", "pixels", "Pixels of the shown exposure"),
)
N_BARS = 60


class HistogramPanel(SamplePanel):
    """A histogram over the whole dock."""

    id = "histogram"
    title = "Histogram"
    area = "bottom"
    order = 4

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.plot: BarPlot
        self.whats = Segments(WHATS, small=True)
        self.whats.check("residuals")
        self.whats.chosen.connect(self._choose)
        self.what = "residuals"
        self.legend = Legend()
        self._width_text = ""
        self._of: tuple[object, ...] = ()

    def header_widgets(self) -> list[QWidget]:
        """Return what there can be a histogram of."""
        return [self.whats]

    def make_plots(self) -> Iterator[None]:
        """Make the plot."""
        from skyframe_gui.ui.graph.bars import BarPlot

        self.plot = BarPlot()
        self.plot.setAccessibleName("Histogram")
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self.legend)
        self.setFocusProxy(self.plot)
        yield

    def subject(self, state: State) -> str:
        """Return how wide the residuals are, or the median of the pixels."""
        return self._width_text

    def watches(self, state: State) -> object:
        """Return the fit, the step, and the shown exposure; not what is hovered or selected."""
        fit, shown = state.results.fit, state.results.shown
        return (fit, shown, state.selection.step, state.config.skyRej)

    def show_state(self, state: State) -> None:
        """Paint one of the two."""
        palette = palette_of(state)
        self.view = view_of(state)
        has_pixels = state.results.shown is not None and state.results.shown.exposure is not None
        has_samples = self.view is not None and len(self.view.rows) > 0
        self.whats.buttons["pixels"].setEnabled(has_pixels)
        self.whats.buttons["residuals"].setEnabled(has_samples)
        if not (has_pixels if self.what == "pixels" else has_samples):
            self.note.show_words(*NO_SAMPLES[1:])
            self.show_page(empty=not (has_pixels or has_samples), palette=palette)
            if self.made:
                self.plot.set_stack(None)
            self.legend.show_entries((), "", palette)
            self._width_text = ""
            return
        self.ensure_made()
        self.plot.apply_theme(palette)
        self.show_page(empty=False, palette=palette)
        if self.what == "pixels":
            self._show_pixels(state, palette)
        else:
            self._show_residuals(palette)

    def _choose(self, name: str) -> None:
        self.what = name
        self.show_state(self.commands.store.state)

    def _show_residuals(self, palette: Palette) -> None:
        from skyframe_gui.ui.graph.bars import stack_of

        view = self.view
        assert view is not None, "show_state has looked"
        axes = axes_of(view, "sky")
        span = axes.y_range
        plot = self.plot
        plot.x_label, plot.y_label = axes.y_label, "samples"
        points = view.points(axes.x, axes.y)
        stack = stack_of(points, axes.y, span, N_BARS, palette)
        grown = self.has_grown(view.fit)
        self.is_new(view.fit)
        self._show(stack, view.band, span, ("residuals", view.fit.visit), grown)
        sigma = fixed(view.step.sigma, view.decimals() + 1)
        self._width_text = f"{SIGMA} {sigma} {view.unit}"
        outside = int((np.isfinite(axes.y) & ((axes.y < span.low) | (axes.y > span.high))).sum())
        remark = f"{outside} outside" if outside else ""
        self.legend.show_entries(legend_entries(view, palette), remark, palette)

    def _show_pixels(self, state: State, palette: Palette) -> None:
        from skyframe_gui.ui.graph.bars import Stack

        shown = state.results.shown
        assert shown is not None, "show_state has looked"
        counts, edges = shown.histograms["exposure"]
        plot = self.plot
        unit = unit_of(next((i.source.unit for i in state.exposures if i.key == shown.key), ""))
        plot.x_label, plot.y_label = f"pixel value [{unit}]", "sampled pixels"
        stack = Stack(edges, [(palette.histogram, counts.astype(np.int64))])
        span = Range(float(edges[0]), float(edges[-1]))
        self._show(stack, float("nan"), span, ("pixels", shown.key))
        self._width_text = f"median {fixed(shown.level, 1)} {unit}"
        self.legend.show_entries((), "", palette)

    def _show(
        self, stack: Stack, band: float, span: Range, of: tuple[str, str], grown: bool = False
    ) -> None:
        plot = self.plot
        plot.set_stack(stack, band)
        plot.set_home(span, Range(0.0, stack.longest * 1.06))
        if self._of != of or ((grown or plot.is_elsewhere) and not plot.touched):
            self._of = of
            plot.fit()

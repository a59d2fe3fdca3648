"""What panels of samples have in common: brushing, keys, and when the view may move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QStackedLayout, QWidget

from skyframe_gui.app.model.rejection_steps import steps_of
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.samples.controls import EmptyNote
from skyframe_gui.ui.samples.sample_view import view_of, watched
from skyframe_gui.ui.theme import palette_of
from skyframe_gui.ui.widgets import in_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray
    from PyQt6.QtGui import QKeyEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.pointer import Pointed
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.ui.graph.sample_plot import SamplePlot
    from skyframe_gui.ui.samples.sample_view import SampleView
    from skyframe_gui.ui.theme import Palette

SMALLEST = (240, 160)
NO_SAMPLES = (
    "chart-bell-curve",
    "No samples yet",
    "Open a visit and its sky frame; every sample box becomes a mark here.",
)


class SamplePanel(Panel):
    """A panel of the shown fit's samples. Subclasses fill ``self.body`` and paint the view."""

    shows_results = True
    made = False
    """Whether the plots are there: they are made when there is something to show for them."""

    def __init__(self, commands: Commands, note: tuple[str, str, str] = NO_SAMPLES) -> None:
        super().__init__(commands)
        self._making = self.make_plots()
        self.view: SampleView | None = None
        # Said once, so that what the control bar holds never changes how small the window can be.
        self.setMinimumSize(*SMALLEST)
        self.note = EmptyNote(*note)
        page = QWidget()
        self.body = in_column(on=page)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.note)
        self._pages.addWidget(page)
        self._framed: tuple[str, frozenset[str], frozenset[str]] = ("", frozenset(), frozenset())

    def make_plots(self) -> Iterator[None]:
        """Make the plots, one a step; only here may `skyframe_gui.ui.graph` be imported."""
        return iter(())

    def prepare(self) -> Iterator[None]:
        """Make the plots that a first fit will need."""
        yield from self._making
        self.made = True

    def paint(self, view: SampleView, old: SampleView | None, palette: Palette) -> None:
        """Paint the samples; ``old`` is what was painted before, None if nothing was."""
        raise NotImplementedError

    def watches(self, state: State) -> object:
        """Return the fit, the step, and what is selected."""
        return watched(state)

    def show_state(self, state: State) -> None:
        """Paint the samples, or say how to get some."""
        palette, old = palette_of(state), self.view
        self.view = view_of(state)
        if self.view is None or not len(self.view.rows):
            self.view = None
            self.show_page(empty=True, palette=palette)
            return
        self.ensure_made()
        self.show_page(empty=False, palette=palette)
        self.paint(self.view, old, palette)

    def follow(self, pointed: Pointed) -> None:
        """Light up the sample under the mouse."""
        if self.view is not None:
            self.highlight(self.view, self.view.rows.index(pointed.sample))

    def highlight(self, view: SampleView, index: int | None) -> None:
        """Light up one of the view's samples, or none; for those who show single ones."""

    def ensure_made(self) -> None:
        """Make the plots unless they are there."""
        if not self.made:
            for _ in self._making:
                pass
            self.made = True

    def show_page(self, empty: bool, palette: Palette) -> None:
        """Show the note of an empty panel, or the panel."""
        self.note.apply_theme(palette)
        self._pages.setCurrentIndex(0 if empty else 1)

    def is_new(self, fit: VisitFit) -> bool:
        """Return whether a fit has other exposures than before, so that the view may move."""
        visit, keys, _ = self._framed
        new = frozenset(fit.keys)
        self._framed = (fit.visit, new, fit.frame_keys)
        return fit.visit != visit or not (keys & new)

    def has_grown(self, fit: VisitFit) -> bool:
        """Return whether exposures or sky frames have joined since `is_new` was asked last."""
        _, keys, frames = self._framed
        return not (frozenset(fit.keys) <= keys and fit.frame_keys <= frames)

    # Brushing --------------------------------------------------------------------------------

    def brush(self, plot: SamplePlot) -> None:
        """Have a plot's marks lit up and selected everywhere."""
        plot.hovered.connect(self._on_hovered)
        plot.picked.connect(self._on_picked)
        plot.lassoed.connect(self._on_lassoed)
        plot.table = self._table_text

    def _table_text(self) -> str:
        from skyframe_gui.ui.samples.sample_model import table_text

        return "" if self.view is None else table_text(self.view)

    def _on_hovered(self, index: int | None) -> None:
        found = None if index is None or self.view is None else self.view.rows.ids(index)
        self.commands.hover(found)

    def _on_picked(self, index: int | None, add: bool) -> None:
        if self.view is None:
            return
        if index is not None:
            self.commands.select_samples([self.view.rows.ids(index)], add)
        elif not add:
            self.commands.select_samples(())

    def _on_lassoed(self, indices: NDArray[np.int64], add: bool) -> None:
        if self.view is None:
            return
        chosen = set(self.view.rows.names(indices))
        if add:  # a lasso only ever adds; a click with Ctrl takes out, too
            chosen |= self.commands.store.state.selection.samples
        self.commands.select_samples(chosen)

    # Keys ------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Do what the keys of all sample panels do."""
        if event is None or not self.press(event):
            super().keyPressEvent(event)

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key asks for; return whether it asks for anything."""
        fit = self.commands.store.state.results.fit
        if fit is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_D, Qt.Key.Key_U):
            self.commands.exclude_pointed(exclude=key == Qt.Key.Key_D)
        elif key == Qt.Key.Key_Escape:
            self.commands.select_samples(())
        elif key in (Qt.Key.Key_Comma, Qt.Key.Key_Period, Qt.Key.Key_Home, Qt.Key.Key_End):
            last = len(steps_of(fit)) - 1
            now = self.commands.store.state.selection.step
            now = last if now is None else min(now, last)
            by = {Qt.Key.Key_Comma: -1, Qt.Key.Key_Period: 1, Qt.Key.Key_Home: -now}
            number = max(0, min(now + by.get(key, last), last))
            self.commands.show_step(None if number == last else number)
        else:
            return False
        return True

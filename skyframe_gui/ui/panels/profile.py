"""The profile along the cut: exposure, model and what is left, over one x."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtWidgets import QStackedLayout, QWidget

from skyframe_gui.app.export.measured import save_profile
from skyframe_gui.app.model.cuts import CutKind, along_of, place_on, size_of, step_of
from skyframe_gui.app.model.profile_curves import curves_of
from skyframe_gui.numbers import decimals_for, fixed
from skyframe_gui.ui.dialogs.questions import ask_export
from skyframe_gui.ui.images.facts import pixel_error, units_of
from skyframe_gui.ui.images.profile_legend import ProfileLegend
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.samples.controls import EmptyNote, IconButton, Segments
from skyframe_gui.ui.theme import palette_of
from skyframe_gui.ui.widgets import in_column
from skyframe_gui.workflow.names import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtWidgets import QFileDialog

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.pointer import Pointed
    from skyframe_gui.app.model.profile_curves import Curves
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.graph.profile_plot import ProfilePlot

KINDS = (
    ("cut", "cut", "A line or band between two ends (C)"),
    ("row", "row", "A row from border to border (C, then Shift and drag across)"),
    ("column", "column", "A column from border to border (C, then Shift and drag up)"),
)
NO_CUT = (
    "chart-line",
    "There is no cut",
    "Press C and drag a line over an image; with Shift it becomes a row or a column.",
)
ECSV = "ECSV tables (*.ecsv)"


class ProfilePanel(Panel):
    """Two plots over one x, and what their curves are."""

    id = "profile"
    title = "Profile"
    area = "bottom"
    order = 2
    shows_results = True

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.setMinimumSize(120, 80)
        self.plot: ProfilePlot | None = None
        self.curves: Curves | None = None
        self.kinds = Segments(KINDS, small=True)
        self.kinds.chosen.connect(self._turn)
        self.copy = IconButton("content-copy", "Copy the profile as text (Ctrl+C)", small=True)
        self.copy.clicked.connect(self.copy_text)
        self.save = IconButton("content-save-outline", "Save the profile as ECSV", small=True)
        self.save.clicked.connect(self.ask_save)
        self.legend = ProfileLegend()
        self.legend.width_chosen.connect(self.commands.cuts.set_width)
        self.legend.step_chosen.connect(self.commands.cuts.set_step)
        self.note = EmptyNote(*NO_CUT)
        page = QWidget()
        self._body = in_column(self.legend, on=page)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.note)
        self._pages.addWidget(page)

    def header_widgets(self) -> list[QWidget]:
        """Return what kind of cut it is, and where its numbers can go."""
        return [self.kinds, self.copy, self.save]

    def prepare(self) -> Iterator[None]:
        """Make the plots."""
        self._plot()
        yield

    def watches(self, state: State) -> object:
        """Return the profile, and the scales by which it is drawn."""
        view, results = state.view, state.results
        return (
            view.cut,
            view.trial,
            view.workspace,
            results.profile,
            results.shown,
            results.fit,
            results.compare,
            state.exposures,
        )

    def show_state(self, state: State) -> None:
        """Paint the profile, or say how to draw a cut."""
        palette, cut, shown = palette_of(state), state.view.cut, state.results.shown
        self.curves = curves_of(state)
        for button in (self.copy, self.save):
            button.apply_theme(palette)
            button.setEnabled(self.curves is not None)
        self.kinds.setEnabled(shown is not None)
        self.kinds.check_only("" if cut is None else cut.kind)
        if self.curves is None or cut is None or shown is None:
            self.note.apply_theme(palette)
            self._pages.setCurrentIndex(0)
            return
        self._pages.setCurrentIndex(1)
        self._plot().show_profile(self.curves, units_of(state)[0], palette)
        self.legend.show_fields(cut.width, step_of(cut, size_of(shown)), cut.step is not None)
        self._show_names(state, None)

    def subject(self, state: State) -> str:
        """Return what is averaged."""
        cut = state.view.cut
        if cut is None:
            return ""
        place = {"cut": "", "row": f"y {cut.y0:.0f}, ", "column": f"x {cut.x0:.0f}, "}[cut.kind]
        return f"{place}band of {cut.width:.0f} px, good pixels"

    def follow(self, pointed: Pointed) -> None:
        """Show where the cursor is along the cut."""
        state = self.commands.store.state
        cut, shown = state.view.cut, state.results.shown
        if self.curves is None or self.plot is None or cut is None or shown is None:
            return
        along = None
        if pointed.cursor is not None:
            along = along_of(cut, size_of(shown), pointed.cursor)
        self.plot.show_pointed(along)
        self._show_names(state, along)

    def copied_text(self) -> str:
        """Return the profile, columns parted by tabulators."""
        return "" if self.curves is None else self.curves.text()

    def ask_save(self) -> QFileDialog | None:
        """Ask where to save the profile."""
        state = self.commands.store.state
        self.show_state(state)  # one that was behind another is painted later
        shown = state.results.shown
        if self.curves is None or shown is None or shown.exposure is None:
            return None
        name = f"{safe_name(shown.exposure.name)}-profile.ecsv"
        write = partial(save_profile, self.commands.program, units_of(state)[0])
        return ask_export(self, "Save the profile", self.commands.folders, ECSV, name, write)

    def _plot(self) -> ProfilePlot:
        if self.plot is None:
            from skyframe_gui.ui.graph.profile_plot import ProfilePlot

            self.plot = ProfilePlot()
            self.plot.along_pointed.connect(self._point)
            self._body.insertWidget(0, self.plot, 1)
            self.setFocusProxy(self.plot)
        return self.plot

    def _turn(self, kind: str) -> None:
        kinds: dict[str, CutKind] = {"cut": "cut", "row": "row", "column": "column"}
        self.commands.cuts.turn(kinds[kind])
        cut = self.commands.store.state.view.cut
        self.kinds.check_only("" if cut is None else cut.kind)

    def _point(self, along: float | None) -> None:
        """Move the cursor of the images to where the mouse is on the plot."""
        state = self.commands.store.state
        cut, shown = state.view.cut, state.results.shown
        if cut is None or shown is None or along is None:
            self.commands.point(None)
            return
        x, y = place_on(cut, size_of(shown), along)
        inside = -0.5 <= x < shown.width - 0.5 and -0.5 <= y < shown.height - 0.5
        self.commands.point((x, y) if inside else None)

    def _show_names(self, state: State, along: float | None) -> None:
        """Name the curves; with their values where the cursor is."""
        from skyframe_gui.ui.graph.profile_plot import pen_of

        curves, shown = self.curves, state.results.shown
        if curves is None or shown is None:
            return
        palette = palette_of(state)
        entries = []
        found = curves.profile.found
        at = 0 if along is None else int(np.argmin(np.abs(found.along - along)))
        # Noise falls with the root of the number of pixels.
        noise = pixel_error(shown) / max(float(found.n_good[at]), 1.0) ** 0.5
        for name, values in (*curves.upper.items(), *curves.lower.items()):
            value = "" if along is None else fixed(float(values[at]), decimals_for(noise))
            entries.append((pen_of(name, palette), name, value))
        self.legend.names.show_entries(entries, palette)

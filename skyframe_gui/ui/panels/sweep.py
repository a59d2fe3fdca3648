"""One or two fields of the config run over values: the scale as a curve or a map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QApplication, QBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from skyframe_gui.app.model.config_hints import exposure_unit, scale_unit
from skyframe_gui.app.model.pins import is_stale
from skyframe_gui.app.model.queries import request_of
from skyframe_gui.ui import theme
from skyframe_gui.ui.compare.sweep_form import SweepForm
from skyframe_gui.ui.compare.swept import swept_of
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.plots.controls import EmptyNote

if TYPE_CHECKING:
    from PyQt6.QtGui import QKeyEvent, QResizeEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.compare.swept import Swept
    from skyframe_gui.ui.graph.sweep_curves import SweepCurves
    from skyframe_gui.ui.graph.sweep_map import SweepMap

WIDE, FORM_WIDTH = 640, 350
"""From this width on the form is beside the plots, and so wide."""


class SweepPanel(Panel):
    """A form above, or beside, the curve or the map of the last sweep."""

    id = "sweep"
    title = "Sweep"
    area = "bottom"
    order = 4

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.setMinimumSize(240, 160)
        self.form = SweepForm()
        self.form.asked.connect(commands.sweep)
        self.form.copied.connect(self.copy_text)
        self.curve: SweepCurves | None = None
        self.map: SweepMap | None = None
        self.note = EmptyNote(
            "chart-line",
            "No sweep yet",
            "Choose a field and its values, then run: the visit is fitted with each.",
        )
        self.remark = QLabel()
        self.remark.setProperty("role", "hint")
        self.remark.setContentsMargins(8, 0, 8, 3)
        self.remark.setWordWrap(True)
        self._swept: Swept | None = None
        plots = QWidget()
        self._pages = QStackedLayout(plots)
        self._pages.addWidget(self.note)
        side = QVBoxLayout()
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        side.addWidget(self.form)
        side.addWidget(self.remark)
        side.addStretch(0)
        self._side = QWidget()
        self._side.setLayout(side)
        self._box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        self._box.addWidget(self._side)
        self._box.addWidget(plots, 1)
        self.setFocusProxy(self.form.rows[0].field)
        self.form.begin(commands.session.state.config)

    def watches(self, state: State) -> object:
        """Return the sweep, the config, and whether there is a visit."""
        sweep = state.results.sweep
        return (
            sweep,
            sweep is not None and is_stale(state, sweep),
            state.config,
            bool(request_of(state).members),
            state.results.fit,
            _is_running(state),
        )

    def subject(self, state: State) -> str:
        """Return the visit of the sweep."""
        sweep = state.results.sweep
        return f"visit {sweep.visit}" if sweep is not None else ""

    def show_state(self, state: State) -> None:
        """Paint the sweep as far as it is."""
        palette = theme.palette_of(state)
        sweep = state.results.sweep
        n_fields = len(sweep.fields) if sweep is not None else 0
        self.form.show_state(state.config, bool(request_of(state).members), n_fields, palette)
        self.note.dress(palette)
        if sweep is None:
            self._swept = None
            self._pages.setCurrentWidget(self.note)
            self._remark("")
            return
        fit = state.results.fit
        units = ("", "") if fit is None else (scale_unit(state, fit), exposure_unit(state, fit))
        self._swept = swept_of(sweep, state.config, units, is_stale(state, sweep))
        plot = self._made_curve() if n_fields == 1 else self._made_map()
        plot.show_sweep(self._swept, palette)
        self._pages.setCurrentWidget(plot)
        self._remark(_remark(self._swept, _is_running(state)))

    def _made_curve(self) -> SweepCurves:
        """Return the curves, made when there is something to show."""
        if self.curve is None:
            from skyframe_gui.ui.graph.sweep_curves import SweepCurves

            self.curve = SweepCurves()
            self.curve.taken.connect(self._take)
            self._pages.addWidget(self.curve)
        return self.curve

    def _made_map(self) -> SweepMap:
        """Return the map, made when there is something to show."""
        if self.map is None:
            from skyframe_gui.ui.graph.sweep_map import SweepMap

            self.map = SweepMap()
            self.map.taken.connect(self._take)
            self.map.show_quantity(self.form.quantity.currentText())
            self.form.quantity.currentTextChanged.connect(self.map.show_quantity)
            self._pages.addWidget(self.map)
        return self.map

    def copy_text(self) -> None:
        """Put the points on the clipboard."""
        clipboard = QApplication.clipboard()
        if clipboard is not None and self._swept is not None:
            clipboard.setText(self._swept.as_text())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            self.copy_text()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put the form where there is room."""
        wide = self.width() >= WIDE
        directions = QBoxLayout.Direction
        self._box.setDirection(directions.LeftToRight if wide else directions.TopToBottom)
        self._side.setMaximumWidth(FORM_WIDTH if wide else 16777215)
        self._side.setMinimumWidth(FORM_WIDTH if wide else 0)
        side = self._side.layout()
        assert isinstance(side, QVBoxLayout), "made in the constructor"
        side.setStretch(2, 1 if wide else 0)

    def _take(self, index: int) -> None:
        sweep = self.commands.session.state.results.sweep
        if sweep is not None and index < len(sweep.points):
            config = sweep.config_of(sweep.points[index])
            self.commands.set_config(config, "take a config of the sweep")

    def _remark(self, text: str) -> None:
        self.remark.setText(text)
        self.remark.setVisible(bool(text))
        self.remark.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)


def _is_running(state: State) -> bool:
    return any(job.lane == "sweep" for job in state.jobs)


def _remark(swept: Swept, running: bool) -> str:
    sweep = swept.sweep
    if not (sweep.complete or running):
        n = math.prod(len(values) for values in sweep.values)
        return f"Stopped after {len(sweep.points)} of {n} points."
    if swept.stale:
        return f"Of visit {swept.sweep.visit} with older files or options; run it again."
    if swept.is_flat:
        names = " and ".join(sweep.fields)
        return f"The fit does not depend on {names}: a sweep does not build sky frames again."
    if swept.elsewhere:
        return "Other fields have changed since; the mark shows the swept fields only."
    return ""

"""One or two fields of the config run over values: the scale as a curve or a map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PyQt6.QtWidgets import QStackedLayout, QWidget
from typing_extensions import override

from skyframe_gui.app.model.config_hints import exposure_unit, scale_unit
from skyframe_gui.app.model.pins import is_of_pin, is_stale
from skyframe_gui.ui import theme
from skyframe_gui.ui.compare.compared import watched
from skyframe_gui.ui.compare.sweep_data import sweep_data_of
from skyframe_gui.ui.compare.sweep_form import SweepForm
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.samples.controls import EmptyNote
from skyframe_gui.ui.widgets import in_column, in_row, text_label

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent, QResizeEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.compare.sweep_data import SweepData
    from skyframe_gui.ui.graph.sweep_curves import SweepCurves
    from skyframe_gui.ui.graph.sweep_map import SweepMap

ONE_LINE = 700
"""From this width on the form stands in the header."""
STRIP, LINE = 20, 16
RING = "ring: the value in use; click a point to take it"


class SweepPanel(Panel):
    """A form in the header, or above, and the curves or the map of the last sweep."""

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
        self.remark = text_label(role="hint", plain=True, shrinks=True)
        self.rings = text_label(RING, "hint")
        self.legend = _Legend()
        self._swept: SweepData | None = None
        plots = QWidget()
        self._pages = QStackedLayout(plots)
        self._pages.addWidget(self.note)
        strip = QWidget()
        strip.setFixedHeight(STRIP)
        in_row(
            self.legend,
            (self.form.hint, 1),
            (self.remark, 3),
            self.rings,
            on=strip,
            margins=(8, 0, 8, 2),
            spacing=12,
        )
        in_column(self.form, (plots, 1), strip, on=self)
        self._slot: QWidget | None = None
        self._in_header = False
        self.setFocusProxy(self.form.rows[0].field)
        self.form.begin(commands.store.state.config)

    def watches(self, state: State) -> object:
        """Return the sweep, the config, and whether there is a visit."""
        sweep = state.results.sweep
        return (
            sweep,
            sweep is not None and is_stale(state, sweep),
            state.pins,
            state.config,
            watched(state).has_visit,
            state.results.fit,
            _is_running(state),
        )

    def header_widgets(self) -> list[QWidget]:
        """Return where the form stands while there is room for it."""
        if self._slot is None:
            self._slot = QWidget()
            in_row(on=self._slot)
            self._place_form()
        return [self._slot]

    def subject(self, state: State) -> str:
        """Return the visit of the sweep."""
        sweep = state.results.sweep
        return f"visit {sweep.visit}" if sweep is not None else ""

    def show_state(self, state: State) -> None:
        """Paint the sweep as far as it is."""
        palette = theme.palette_of(state)
        sweep = state.results.sweep
        n_fields = len(sweep.fields) if sweep is not None else 0
        self.form.show_state(state.config, watched(state).has_visit, n_fields, palette)
        self.note.apply_theme(palette)
        if sweep is None:
            self._swept = None
            self.legend.show_letters((), palette)
            self._pages.setCurrentWidget(self.note)
            self._remark("")
            return
        fit = state.results.fit
        units = ("", "") if fit is None else (scale_unit(state, fit), exposure_unit(state, fit))
        config_a = state.pins["A"].config if is_of_pin(state, sweep) else None
        letter = "now" if "B" in state.pins else "B"
        stale = is_stale(state, sweep)
        self._swept = sweep_data_of(sweep, state.config, units, stale, config_a, letter)
        plot = self._made_plot(n_fields)
        plot.show_sweep(self._swept, palette)
        self._pages.setCurrentWidget(plot)
        self.legend.show_letters(("A", letter) if self._swept.of_a is not None else (), palette)
        self._remark(_remark(self._swept, _is_running(state)))

    def _made_plot(self, n_fields: int) -> SweepCurves | SweepMap:
        """Return the curves or the map, made when there is something to show."""
        known = self.curve if n_fields == 1 else self.map
        if known is not None:
            return known
        plot: SweepCurves | SweepMap
        if n_fields == 1:
            from skyframe_gui.ui.graph.sweep_curves import SweepCurves

            self.curve = plot = SweepCurves()
        else:
            from skyframe_gui.ui.graph.sweep_map import SweepMap

            self.map = plot = SweepMap()
        plot.taken.connect(self._take)
        plot.show_quantity(self.form.quantity.currentText())
        self.form.quantity.currentTextChanged.connect(plot.show_quantity)
        self._pages.addWidget(plot)
        return plot

    @override
    def copied_text(self) -> str:
        return "" if self._swept is None else self._swept.as_text()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put the form where there is room."""
        super().resizeEvent(event)
        self._place_form()

    def _place_form(self) -> None:
        wide = self._slot is not None and self.width() >= ONE_LINE
        if wide != self._in_header:
            self._in_header = wide
            slot = self._slot.layout() if wide and self._slot is not None else None
            self.form.take_line(slot)

    def _take(self, index: int) -> None:
        sweep = self.commands.store.state.results.sweep
        if sweep is not None and index < len(sweep.points):
            config = sweep.config_of(sweep.points[index])
            self.commands.set_config(config, "take a config of the sweep")

    def _remark(self, text: str) -> None:
        self.remark.setText(text)
        self.remark.setToolTip(plain_tip(text))
        self.remark.setVisible(bool(text))
        self.remark.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        room = self.width() >= ONE_LINE
        self.rings.setVisible(room and not text and self._swept is not None)


class _Legend(QWidget):
    """Which line is A's, and which one what is set now."""

    def __init__(self) -> None:
        super().__init__()
        self.letters: tuple[str, ...] = ()
        self._palette = theme.DARK
        self.hide()

    def show_letters(self, letters: tuple[str, ...], palette: theme.Palette) -> None:
        """Name the dashed line and the full one; none of them where there is one alone."""
        self.letters, self._palette = letters, palette
        metrics = QFontMetrics(theme.font(11))
        self.setFixedSize(sum(LINE + 18 + metrics.horizontalAdvance(one) for one in letters), 16)
        self.setVisible(bool(letters))
        self.setAccessibleName(f"Dashed: {letters[0]}; full: {letters[1]}" if letters else "")
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw a piece of each line with its letter."""
        painter = QPainter(self)
        painter.setFont(theme.font(11))
        metrics = painter.fontMetrics()
        x, middle = 0, self.height() // 2
        for letter, colour, dashed in zip(
            self.letters, (self._palette.text2, self._palette.accent), (True, False), strict=False
        ):
            pen = QPen(QColor(colour), 2)
            if dashed:
                pen.setDashPattern([2, 1.2])
            painter.setPen(pen)
            painter.drawLine(x, middle, x + LINE, middle)
            painter.setPen(QColor(self._palette.text2))
            painter.drawText(x + LINE + 6, middle + metrics.ascent() // 2 - 1, letter)
            x += LINE + 18 + metrics.horizontalAdvance(letter)
        painter.end()


def _is_running(state: State) -> bool:
    return any(job.lane == "sweep" for job in state.jobs)


def _remark(swept: SweepData, running: bool) -> str:
    sweep = swept.sweep
    if not (sweep.complete or running):
        n = math.prod(len(values) for values in sweep.values)
        return f"Stopped after {len(sweep.points)} of {n} points."
    if swept.stale:
        return f"Of visit {swept.sweep.visit} with older files or options; run it again."
    if swept.is_flat:
        names = " and ".join(sweep.fields)
        return f"The fit does not depend on {names}: a sweep does not build sky frames again."
    if sweep.pinned is not None and swept.of_a is None:
        return "A is another one since: run it again to see A, too."
    if swept.elsewhere:
        return "Other fields have changed since; the mark shows the swept fields only."
    return ""

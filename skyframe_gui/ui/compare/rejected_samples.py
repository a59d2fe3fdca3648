"""Who is rejected in A, in B and in both: a plot of the residuals beside a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QWidget

from skyframe_gui.numbers import SIGMA, fixed
from skyframe_gui.ui import theme
from skyframe_gui.ui.compare.rejected_table import RejectedTable
from skyframe_gui.ui.graph.compare_plot import ComparePlot
from skyframe_gui.ui.samples.controls import Segments
from skyframe_gui.ui.widgets import in_column, in_row, text_label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.comparison import Comparison
    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.compare.pairs import Pairs

HEADER = 28
PLOT_SHARE = 0.35
WHICH = (
    ("all", "all", "Samples that only one of A and B rejects"),
    ("a", "only A", "Samples that A rejects and B does not"),
    ("b", "only B", "Samples that B rejects and A does not"),
)
OTHER_BOXES = "A and B have different boxes, so their rejections cannot be told apart."


class RejectedSamples(QWidget):
    """Plot and table, each under its title."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        self._pairs: Pairs | None = None
        self._unit = ""
        self._selected: NDArray[np.int64] = np.empty(0, np.int64)
        self._palette = theme.DARK
        self.samples_title, self.table_title = _Title("Samples"), _Title("Rejected in one only")
        self.which = Segments(WHICH, small=True)
        self.which.check("all")
        self.which.chosen.connect(lambda _: self._show_table())
        self.table_title.add(self.which)
        self.plot, self.table = ComparePlot(), RejectedTable()
        self.plot.hovered.connect(lambda one: commands.hover(self._sample(one)))
        self.plot.picked.connect(self._pick)
        self.table.picked.connect(lambda one: self._pick([one], False))
        row = in_row(on=self, spacing=4)
        for title, part, share in (
            (self.samples_title, self.plot, PLOT_SHARE),
            (self.table_title, self.table, 1 - PLOT_SHARE),
        ):
            row.addLayout(in_column(title, (part, 1)), round(100 * share))

    def highlight(self, sample: SampleId | None) -> None:
        """Ring the sample under the mouse in the plot."""
        self.plot.highlight(None if self._pairs is None else self._pairs.find(sample))

    def show_pairs(
        self, state: State, found: Comparison | None, pairs: Pairs | None, unit: str
    ) -> None:
        """Paint plot and table of the samples that both have."""
        palette = theme.palette_of(state)
        self._pairs, self._unit = pairs, unit
        selected = np.empty(0, np.int64)
        samples, only = "", ""
        if pairs is not None and found is not None:
            chosen = pairs.rows.indices(state.selection.samples)
            selected = np.flatnonzero(np.isin(pairs.index, chosen))
            only_a, only_b, both = pairs.counts()
            bands = [f"± {fixed(pin.config.skyRej, 1)} {SIGMA}" for pin in found.pins]
            samples = f"{both} rejected in both; bands {', '.join(dict.fromkeys(bands))}"
            only = (
                f'<span style="color:{palette.rounds[0]}">■</span> only in A <b>{only_a}</b>'
                f'&nbsp;&nbsp;<span style="color:{palette.rounds[2]}">◆</span> only in B '
                f"<b>{only_b}</b>"
            )
        elif found is not None:
            samples = OTHER_BOXES
        self.samples_title.show_subject(samples)
        self.table_title.show_subject(only)
        self.plot.apply_theme(palette)
        self.plot.show_pairs(pairs, unit, selected)
        self._selected, self._palette = selected, palette
        self._show_table()

    def _show_table(self) -> None:
        which = next(name for name, _, _ in WHICH if self.which.checked(name))
        self.table.show_pairs(self._pairs, which, self._unit, self._selected, self._palette)

    def _sample(self, one: int | None) -> SampleId | None:
        if one is None or self._pairs is None:
            return None
        return self._pairs.rows.ids(int(self._pairs.index[one]))

    def _pick(self, chosen: list[int], add: bool) -> None:
        samples = [self._sample(one) for one in chosen]
        self._commands.select_samples([one for one in samples if one is not None], add)


class _Title(QWidget):
    """The header of a part of the panel."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setObjectName("dockHeader")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEADER)
        name = QLabel(title)
        name.setObjectName("dockTitle")
        self.subject = text_label(shrinks=True)
        self.subject.setObjectName("dockSubject")
        self._row = in_row(name, (self.subject, 1), on=self, margins=(10, 0, 6, 0), spacing=8)

    def add(self, widget: QWidget) -> None:
        """Add something at the right end."""
        self._row.addWidget(widget)

    def show_subject(self, text: str) -> None:
        """Write beside the title."""
        self.subject.setText(text)
        self.subject.setToolTip(text)

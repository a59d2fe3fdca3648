"""The selected bin of the sky frame: what every exposure has in it, and who was clipped when."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from skyframe_gui.app.model.stack_view import OUTSIDE, USED
from skyframe_gui.numbers import with_error
from skyframe_gui.ui.samples.colours import round_colours
from skyframe_gui.ui.samples.legend import Entry, Legend
from skyframe_gui.ui.stack.stack_panel import StackPanel
from skyframe_gui.ui.stack.stack_rows import ordered
from skyframe_gui.ui.widgets import text_label

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.stack_view import BinView
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.stack.bin_plot import BinPlot
    from skyframe_gui.ui.stack.stack_rows import Stack
    from skyframe_gui.ui.theme import Palette

NO_BIN = (
    "cursor-default-click-outline",
    "No bin is selected",
    "Click a bin in the maps of the sky frame to see the value of every exposure in it.",
)


class StackBinPanel(StackPanel):
    """Words about the bin, the plot, and what its marks mean."""

    id = "stack-bin"
    title = "Selected bin"
    area = "bottom"
    order = 11

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.head = text_label(pixels=12, wraps=True, margins=(12, 6, 12, 4))
        self.plot: BinPlot
        self.made = False
        self.legend = Legend()
        self.body.addWidget(self.head)

    def _make_plot(self) -> None:
        from skyframe_gui.ui.stack.bin_plot import BinPlot

        self.made = True
        self.plot = BinPlot()
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self.legend)
        self.setFocusProxy(self.plot)
        self.plot.chosen.connect(self.commands.select_stack_exposure)
        self.plot.switched.connect(self.commands.sets.switch_member)

    def watches(self, state: State) -> object:
        """Return the stack and the bin."""
        return super().watches(state), state.results.bin

    def paint_stack(self, stack: Stack, state: State, palette: Palette) -> None:
        """Paint the selected bin."""
        shown = state.results.bin
        if shown is None or shown.stack.key != stack.view.key:
            self.show_note(NO_BIN, palette)
            return
        if not self.made:
            self._make_plot()
        self.plot.apply_theme(palette)
        self.plot.show_bin(shown, ordered(stack.rows, "time"), stack.selected, stack.unit)
        self.head.setText(head_words(shown, stack.unit, palette))
        self.legend.show_entries(
            _entries(shown, palette), "dashed: clip limits of the iterations", palette
        )


def head_words(shown: BinView, unit: str, palette: Palette) -> str:
    """Return place, edges, value and counts of a bin as rich text."""
    quiet = f'<span style="color:{palette.text2}">'
    unit = escape(unit)
    x0, x1, y0, y1 = shown.box
    column, row = shown.place
    gap = "&nbsp;&nbsp; "
    words = [
        f"<b>Bin ({column}, {row})</b>",
        f"{quiet}x {x0} … {x1}, y {y0} … {y1} px</span>",
        f"{quiet}value</span> <b>{with_error(shown.value, shown.error)}</b> {quiet}{unit}</span>",
        f"{quiet}used</span> <b>{shown.count(USED)}</b>",
        f"{quiet}clipped</span> <b>{shown.n_clipped}</b>",
    ]
    outside = shown.count(OUTSIDE)
    if outside:
        words.append(f"{quiet}excluded</span> <b>{outside}</b>")
    if shown.filled:
        words.append(f'<span style="color:{palette.warning}">filled with the median</span>')
    return gap.join(words)


def _entries(shown: BinView, palette: Palette) -> list[Entry]:
    entries = [Entry("circle", palette.accent, "used")]
    colours = round_colours(palette, len(shown.low))
    for index, colour in enumerate(colours):
        n = int((shown.clipped_at == index).sum())
        if n:
            entries.append(Entry("square", colour, f"clipped in iteration {index + 1}"))
    if shown.count(OUTSIDE):
        entries.append(Entry("triangle", palette.excluded, "excluded by hand"))
    return entries

"""A and B side by side: their images, their samples, and who is rejected in one only."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QStackedLayout, QWidget

from skyframe_gui.app.model.config_hints import exposure_unit
from skyframe_gui.app.model.looks import COMPARED
from skyframe_gui.app.model.pins import sides_of
from skyframe_gui.app.model.remembered import same
from skyframe_gui.numbers import decimals_for, fixed, with_error
from skyframe_gui.ui import theme
from skyframe_gui.ui.badge import BadgeCount, count_of
from skyframe_gui.ui.compare.column_contents import AT_WORK, columns_of
from skyframe_gui.ui.compare.compare_bar import LAYERS, CompareBar
from skyframe_gui.ui.compare.compared import (
    NOTHING,
    names_of_frames,
    next_step,
    pin_time,
    subject_of,
    watched,
)
from skyframe_gui.ui.compare.pairs import pairs_of
from skyframe_gui.ui.images.content import smoothing_words
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.samples.controls import EmptyNote
from skyframe_gui.ui.widgets import in_column

if TYPE_CHECKING:
    from PyQt6.QtGui import QResizeEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.comparison import Comparison
    from skyframe_gui.app.model.pointer import Pointed
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.compare.column_contents import Columns
    from skyframe_gui.ui.compare.image_columns import ImageColumns
    from skyframe_gui.ui.compare.rejected_samples import RejectedSamples
    from skyframe_gui.ui.images.canvas import Canvas
    from skyframe_gui.ui.theme import Palette

SPACE, LOWEST = 4, 138
"""Between the images and what is below them, and its least height."""
LAYER_NAMES = {name: text for name, text, _ in LAYERS}


class ComparePanel(Panel):
    """Three columns of images, the plot of the residuals, and the table of the rejected."""

    id = "compare"
    title = "A / B"
    area = "centre"
    order = 3

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.setMinimumSize(240, 160)
        self.bar = CompareBar(commands)
        self.bar.layers.chosen.connect(self._choose)
        self.note = EmptyNote("compare", *NOTHING)
        self.columns: ImageColumns | None = None
        self.samples: RejectedSamples | None = None
        self._made_of: tuple[object, ...] = ()
        self._made: Columns | None = None
        self._painted: tuple[object, ...] = ()
        self._chosen: tuple[object, ...] = ()
        self._unit = ""
        page = QWidget()
        self._page = in_column(on=page)
        body = QWidget()
        self._pages = QStackedLayout(body)
        self._pages.addWidget(self.note)
        self._pages.addWidget(page)
        in_column(self.bar, (body, 1), on=self)
        self.setFocusProxy(self.bar.pin_a)

    def watches(self, state: State) -> object:
        """Return the pins, their comparison, and what the images show."""
        return (
            watched(state),
            state.view,
            state.looks,
            state.selection,
            state.hand_masks,
            state.results.shown,
            state.results.fit,
            bool(state.jobs),
        )

    def follow(self, pointed: Pointed) -> None:
        """Move the crosshair, and light up the sample under the mouse."""
        if self.columns is None or self.samples is None:
            return
        for canvas in self.columns.canvases:
            canvas.follow(pointed)
        self.samples.highlight(pointed.sample)

    def subject(self, state: State) -> str:
        """Return the visit."""
        found = state.results.compare
        return f"visit {found.a.visit}" if found is not None else ""

    def show_state(self, state: State) -> None:
        """Paint the comparison, or say how to get one."""
        palette = theme.palette_of(state)
        found = state.results.compare
        ready = sides_of(state) is not None and watched(state).has_visit
        made = self._make(state, found) if ready else None
        painted = (made, found, watched(state), state.results.shown, state.view.blinking, palette)
        other = not same(painted, self._painted)
        self._painted = painted
        if other:
            self.bar.show_pins(state.pins, _what(state), palette)
            self.bar.layers.check(state.view.compared)
            self.bar.blink.setChecked(state.view.blinking)
        if made is None:
            self.note.show_words(*next_step(state))
            self.note.apply_theme(palette)
            self._pages.setCurrentIndex(0)
            return
        self._pages.setCurrentIndex(1)
        columns = self._made_parts()
        columns.show_columns(state, found, made, state.view.compared)
        columns.blink(state.view.blinking)
        pairs = None if found is None else pairs_of(found)
        chosen = (pairs, state.selection.samples)
        if other:
            self._unit = "" if found is None else exposure_unit(state, found.a)
            self._show_heads(state, found, made, palette)
        if other or not same(chosen, self._chosen):
            self._chosen = chosen
            if self.samples is not None:
                self.samples.show_pairs(state, found, pairs, self._unit)

    @property
    def canvas(self) -> Canvas | None:
        """The image of A, with which the others move; None where there is none."""
        if self.columns is None or self._pages.currentIndex() == 0:
            return None
        return self.columns.canvases[0]

    # Parts, made when there is something to show ------------------------------------------------

    def _made_parts(self) -> ImageColumns:
        if self.columns is not None:
            return self.columns
        from skyframe_gui.ui.compare.image_columns import ImageColumns
        from skyframe_gui.ui.compare.rejected_samples import RejectedSamples

        self.columns = ImageColumns(self.commands)
        self.samples = RejectedSamples(self.commands)
        self._page.addWidget(self.columns)
        self._page.addSpacing(SPACE)
        self._page.addWidget(self.samples, 1)
        self._make_room()
        return self.columns

    def _make(self, state: State, found: Comparison | None) -> Columns | None:
        """Work out what the columns show, unless only the selection has changed."""
        view = state.view
        made_of = (
            state.results.shown,
            found,
            view.compared,
            view.measured,
            view.own_grid,
            view.theme,
            view.trial,
            state.looks,
            state.results.fit,
            bool(state.jobs),
        )
        if not same(made_of, self._made_of):
            self._made_of = made_of
            unit = "" if found is None else exposure_unit(state, found.a)
            self._made = columns_of(state, found, state.view.compared, unit)
        return self._made

    def _show_heads(
        self,
        state: State,
        found: Comparison | None,
        made: Columns,
        palette: Palette,
    ) -> None:
        assert self.columns is not None, "made before its heads are"
        sides = sides_of(state)
        names = names_of_frames(state)
        decimals = decimals_for(min((one for one in made.rms if one > 0), default=1.0) / 10)
        for index, head in enumerate(self.columns.heads):
            head.apply_theme(palette)
            rms = made.rms[index]
            rms_text = fixed(rms, decimals) if math.isfinite(rms) else ""
            if index == 2:
                title = LAYER_NAMES[state.view.compared]
                mean = fixed(made.mean, decimals, sign=True)
                unit = escape(self._unit)
                text = f"map: rms <b>{rms_text}</b>, mean <b>{mean}</b> {unit}" if rms_text else ""
                head.show_words(title, "", text, "")
                continue
            if found is None or sides is None:
                head.show_words(AT_WORK, "", "", "")
                head.show_badge(BadgeCount())
                continue
            fit = found.fits[index]
            when = pin_time(state, "AB"[index], sides[index])
            if watched(state).is_stale:
                when = "older settings" if index else when
            scale = with_error(fit.solution.scale, fit.solution.error)
            smoothed = smoothing_words(made.contents[index].smooth)
            head.show_words(
                ", ".join(filter(None, (subject_of(found, index, names), smoothed))),
                when,
                f"scale <b>{scale}</b>",
                f"map rms <b>{rms_text}</b>" if rms_text else "",
            )
            head.show_badge(count_of(fit.findings))

    # Hands --------------------------------------------------------------------------------------

    def _choose(self, layer: str) -> None:
        self.commands.view(compared=next(one for one in COMPARED if one == layer))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the images the height that their width asks for."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        if self.columns is None:
            return
        room = self.height() - self.bar.sizeHint().height() - SPACE - LOWEST
        wanted = self.columns.wanted_height(self.width())
        # Not its own minimum, which a fixed height has set: images become smaller again, too.
        self.columns.setFixedHeight(max(min(wanted, room), self.columns.least_height))


def _what(state: State) -> str:
    """Return what is compared: visit and detector."""
    found, shown = state.results.compare, state.results.shown
    if found is None or shown is None or shown.exposure is None:
        return ""
    return f"visit {found.a.visit}, det {shown.exposure.detector}"

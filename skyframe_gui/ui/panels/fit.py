"""The fit box: the scale of the visit, how many samples made it, and how it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QBoxLayout, QLabel, QScrollArea, QStackedWidget, QWidget

from skyframe_gui.app.model.config_hints import exposure_unit, scale_unit
from skyframe_gui.app.model.missing import why_no_fit
from skyframe_gui.app.model.rejection_steps import rows_of, shown_step, steps_of
from skyframe_gui.app.model.requests import fit_is_stale
from skyframe_gui.ui import theme
from skyframe_gui.ui.badge import fit_count
from skyframe_gui.ui.fit.finding_line import HEIGHT as LINE_HEIGHT
from skyframe_gui.ui.fit.finding_line import FindingLine
from skyframe_gui.ui.fit.fit_result import Result, short_of, subject_of
from skyframe_gui.ui.fit.sky_frame_line import SkyFrameLine
from skyframe_gui.ui.fit.steps_table import COMPACT_ROW, ROW, StepsTable
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.samples.controls import IconButton
from skyframe_gui.ui.widgets import STRETCH, in_column, in_row, one_shot, text_label

if TYPE_CHECKING:
    from PyQt6.QtGui import QResizeEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.engine.diagnostics import Finding
    from skyframe_gui.ui.badge import BadgeCount

TOP, BOTTOM, GAP = 6, 4, 5
SIDE = 8
NO_ROOM = "Show the steps of the fit, for which there is no room (or make the panel higher)"
FEWEST_ROWS = 4
"""Steps of LSST's default; fewer are shown only where there is no room."""


class FitPanel(Panel):
    """The result of the fit."""

    id = "fit"
    title = "Fit"
    area = "right"
    order = 0
    shows_results = True

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self._n_steps = 0
        self._painted: tuple[object, ...] = ()
        self._unfolded: VisitFit | None = None
        self._open: frozenset[str] = frozenset()
        self._by_key = ""
        self.cards: list[FindingLine] = []
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_empty())
        self._pages.addWidget(self._make_page())
        in_column(self._pages, on=self)
        self.table.chosen.connect(self._on_chosen)
        self.steps = IconButton("table", NO_ROOM, checkable=True, small=True)
        self.steps.toggled.connect(self._on_steps)
        self._tools = QWidget()
        in_row(self.steps, on=self._tools)
        self.steps.hide()
        self._look = one_shot(self, self._show_focused)  # once what opened has got its place

    def watches(self, state: State) -> object:
        """Return the fit, what it was asked for, the shown step and the scale that is tried."""
        return (*self._all_but_the_trial(state), state.view.trial)

    def _all_but_the_trial(self, state: State) -> tuple[object, ...]:
        selection = state.selection
        return (
            state.results.fit,
            state.config,
            state.options,
            state.exposures,
            state.sky_frames,
            state.removed,
            state.built_sets,
            state.chosen_sets,
            state.excluded_exposures,
            state.assigned,
            state.hand_masks,
            state.excluded_samples,
            state.facts,
            selection.exposure,
            selection.sky_frame,
            selection.step,
        )

    def header_widgets(self) -> list[QWidget]:
        """Return the button that is there while the table has no room."""
        return [self._tools]

    def subject(self, state: State) -> str:
        """Return what the fit is of."""
        return subject_of(state.results.fit)

    def badge(self, state: State) -> BadgeCount:
        """Return how many warnings and notes there are."""
        return fit_count(state)

    def show_state(self, state: State) -> None:
        """Paint the fit, or what it needs."""
        fit, palette = state.results.fit, theme.palette_of(state)
        painted = (*self._all_but_the_trial(state), state.view.theme)
        if painted == self._painted and fit is not None:
            # The slider is dragged: nothing else may take time away from the images.
            self.result.show_trial(state, fit)
            return
        self._painted = painted
        self.steps.apply_theme(palette)
        self._sign.setPixmap(theme.icon("chart-bell-curve", palette.text3).pixmap(26, 26))
        self._pages.setCurrentIndex(0 if fit is None else 1)
        if fit is None:
            self.steps.hide()
            self._why.setText(why_no_fit(state))
            self._show_cards(None, palette)
            return
        stale = palette.text3 if fit_is_stale(state) else ""
        self.result.show_fit(state, fit, stale)
        steps = steps_of(fit)
        self._n_steps = len(steps)
        shown = shown_step(fit, state.selection).number
        self.table.apply_theme(palette, stale)
        units = scale_unit(state, fit), exposure_unit(state, fit)
        self.table.show_steps(steps, *units, shown, stale)
        self.sky_frame.show_state(state)
        self._show_cards(fit, palette)
        self._arrange()

    def show_next_finding(self) -> bool:
        """Open what is said of the fit, one after the other; return whether anything is."""
        if not self.cards:
            return False
        kinds = [card.kind for card in self.cards]
        focused = next((card.kind for card in self.cards if card.head.hasFocus()), self._by_key)
        place = (kinds.index(focused) + 1) % len(kinds) if focused in kinds else 0
        for card in self.cards:
            if card.kind == self._by_key:
                card.set_open(False)
        card = self.cards[place]
        self._by_key = card.kind
        card.set_open(True)
        self._remember_open()
        card.head.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._look.start(0)
        return True

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Find the form for the room that there is."""
        super().resizeEvent(a0)
        self._arrange()

    def _arrange(self) -> None:
        """Put the table beside the numbers or below them, and give way where it is low."""
        width, height = self.width(), self.height()
        beside = width >= self.result.block_width + self.table.needed_width + SIDE
        direction = QBoxLayout.Direction
        self._upper.setDirection(direction.LeftToRight if beside else direction.TopToBottom)
        in_a_row = not beside and width >= self.result.row_width
        line = LINE_HEIGHT + GAP
        first, both = line * min(len(self.cards), 1), line * min(len(self.cards), 2)
        # What gives way where it is low: the heights of all lines, then the sky frame's.
        for compact, with_sky in ((False, True), (True, True), (True, False)):
            self.result.set_form(compact, in_a_row)
            self.sky_frame.set_compact(compact)
            block = self.result.sizeHint().height()
            row = COMPACT_ROW if compact else ROW
            sky = self.sky_frame.sizeHint().height() + GAP if with_sky else 0
            room = height - TOP - BOTTOM - sky - (0 if beside else block)
            needed = block if beside else row * (FEWEST_ROWS + 1) + 1
            if room >= needed + first:
                break
        self.sky_frame.setVisible(with_sky)
        # The second line has its place before a fifth step, but not before the fourth.
        rows = max(room - both, min(room - first, needed))
        # A head without a step below it says less than the first line of what is wrong.
        has_room = beside or rows >= 2 * row
        self.steps.setVisible(not has_room and self._unfolded is not None)
        asked = not has_room and self.steps.isChecked()
        self.table.setVisible(has_room or asked)
        self.table.set_form(compact, max(rows, block) if beside else needed if asked else rows)
        self.table.setMinimumWidth(self.table.needed_width if beside else 0)
        n, only_one = len(self.cards), room < needed + both
        for place, card in enumerate(self.cards, start=1):
            card.head.show_place(f"{place} of {n}" if n > 1 and only_one else "")

    def _show_cards(self, fit: VisitFit | None, palette: theme.Palette) -> None:
        if self._unfolded is not fit:
            self._unfolded = fit
            focused = next((card.kind for card in self.cards if card.head.hasFocus()), "")
            # Links of the old cards speak of the old fit's samples.
            for card in self.cards:
                self._deck.removeWidget(card)
                card.hide()
                card.deleteLater()
            self.cards = [] if fit is None else self._make_cards(fit)
            for card in self.cards:
                self._deck.addWidget(card)
                if card.kind in self._open:
                    card.set_open(True)
                if card.kind == focused:
                    card.head.setFocus()
        for card in self.cards:
            card.set_theme(palette)

    def _make_cards(self, fit: VisitFit) -> list[FindingLine]:
        cards = []
        if fit.why:
            failed = FindingLine(
                kind="failed", severity="error", title="There is no scale.", short="", text=fit.why
            )
            failed.set_open(True)
            cards.append(failed)
        cards += [self._card(fit, finding) for finding in fit.findings]
        for card in cards:
            card.opened.connect(lambda _: self._on_opened())
        return cards

    def _card(self, fit: VisitFit, finding: Finding) -> FindingLine:
        n = len(finding.samples)
        link = "" if not n else f"Select the {n} samples" if n > 1 else "Select the sample"
        short = short_of(finding)
        card = FindingLine(
            kind=finding.kind,
            severity=finding.severity,
            title=finding.title,
            short=short,
            text=finding.text,
            link=link,
        )
        rows = rows_of(fit)
        card.followed.connect(
            lambda: self.commands.select_samples(rows.ids(index) for index in finding.samples)
        )
        return card

    def _on_opened(self) -> None:
        self._remember_open()
        self._look.start(0)

    def _remember_open(self) -> None:
        """Keep what is open for the next fit; what is not said of this one stays as it was."""
        here = {card.kind for card in self.cards}
        self._open = (self._open - here) | {card.kind for card in self.cards if card.is_open}

    def _show_focused(self) -> None:
        if self.steps.isChecked() and self.steps.isVisible():
            self._scroll.ensureWidgetVisible(self.table, 0, GAP)
        for card in self.cards:
            if card.head.hasFocus():
                self._scroll.ensureWidgetVisible(card, 0, GAP)
                self._scroll.ensureWidgetVisible(card.head, 0, GAP)

    def _on_steps(self, on: bool) -> None:
        """Show the table where it has no room, for which all scrolls; or leave it away again."""
        self._arrange()
        if on:
            self._look.start(0)

    def _on_chosen(self, row: int) -> None:
        self.commands.show_step(None if row == self._n_steps - 1 else row)

    def _make_empty(self) -> QWidget:
        page = QWidget()
        self._sign = QLabel()
        title = QLabel("No fit yet")
        title.setStyleSheet("font-size: 13px; font-weight: 600;")
        self._why = text = text_label(role="text2", pixels=12, plain=True, wraps=True)
        column = in_column(STRETCH, on=page, margins=(24, 8, 24, 8), spacing=8)
        for label in (self._sign, title, text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addStretch(1)
        return page

    def _make_page(self) -> QWidget:
        page = QWidget()
        self.result, self.table = Result(), StepsTable()
        self.result.trial.tried.connect(lambda scale: self.commands.view(trial=scale))
        self._upper = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._upper.setSpacing(0)
        self._upper.setContentsMargins(0, 0, SIDE, 0)
        self._upper.addWidget(self.result, 1, Qt.AlignmentFlag.AlignTop)
        self._upper.addWidget(self.table, 0, Qt.AlignmentFlag.AlignTop)
        self.sky_frame = SkyFrameLine()
        self.sky_frame.chosen.connect(lambda key: self.commands.select_sky_frame(key))
        self.sky_frame.setContentsMargins(10, 0, SIDE, 0)
        self._deck = in_column(margins=(SIDE, 0, SIDE, 0), spacing=GAP)
        in_column(
            self._upper,
            self.sky_frame,
            self._deck,
            STRETCH,
            on=page,
            margins=(0, TOP, 0, BOTTOM),
            spacing=GAP,
        )
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName("Scale, warnings and steps of the fit")
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(page)
        return self._scroll

"""The fit box: the scale of the visit, how many samples made it, and how it was found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from skyframe_gui.app.derived import fit_is_stale
from skyframe_gui.app.effective import TIMES, exposure_unit, level_ratio, scale_unit
from skyframe_gui.app.steps import rows_of, shown_step, steps_of
from skyframe_gui.ui import theme
from skyframe_gui.ui.fit import words
from skyframe_gui.ui.fit.parts import Card, Count
from skyframe_gui.ui.fit.table import StepsTable
from skyframe_gui.ui.fit.trial import TrialScale
from skyframe_gui.ui.panel import Panel

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.state import State, VisitFit
    from skyframe_gui.engine.diagnostics import Finding

SMALL = "font-size: 12px;"


class FitPanel(Panel):
    """The result of the fit."""

    id = "fit"
    title = "Fit"
    area = "right"
    order = 1

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self._n_steps = 0
        self._told: VisitFit | None = None
        self.cards: list[Card] = []
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_empty())
        self._pages.addWidget(self._make_page())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        self.table.chosen.connect(self._on_chosen)

    def watches(self, state: State) -> object:
        """Return the fit, what it was asked for, and the shown step."""
        selection = state.selection
        return (
            state.results.fit,
            state.config,
            state.options,
            state.exposures,
            state.sky_frames,
            state.closed,
            state.left_out,
            state.assigned,
            state.by_hand,
            state.facts,
            state.view.trial,
            selection.exposure,
            selection.sky_frame,
            selection.step,
        )

    def subject(self, state: State) -> str:
        """Return what the fit is of."""
        return words.subject(state.results.fit)

    def show_state(self, state: State) -> None:
        """Paint the fit, or what it needs."""
        fit, palette = state.results.fit, theme.palette_of(state)
        self._sign.setPixmap(theme.icon("chart-bell-curve", palette.text3).pixmap(26, 26))
        self._pages.setCurrentIndex(0 if fit is None else 1)
        if fit is None:
            return
        stale = palette.text3 if fit_is_stale(state) else ""
        self._show_scale(state, fit, palette, stale)
        marks = (palette.accent, palette.rounds[1], palette.by_hand, palette.no_data)
        found = words.counts(fit.solution).items()
        for colour, (kind, count) in zip(marks, found, strict=True):
            self.counts[kind].show_count(count, colour, stale or palette.text)
        self._show_notes(state, fit)
        steps = steps_of(fit)
        self._n_steps = len(steps)
        shown = shown_step(fit, state.selection).number
        self.table.dress(palette, stale)
        units = scale_unit(state, fit), exposure_unit(state, fit)
        self.table.show_steps(steps, *units, shown, stale)
        self._show_cards(fit, palette)

    def _show_scale(self, state: State, fit: VisitFit, palette: theme.Palette, stale: str) -> None:
        value, error = words.scale_and_error(fit.solution)
        unit = scale_unit(state, fit)
        self.scale.setText(value)
        self.error.setText(" ".join(part for part in (error, unit) if part))
        ratio = level_ratio(state, fit)
        self.level.setText(
            f"sky level {TIMES} {ratio:.4f}".replace("-", words.MINUS)
            if math.isfinite(ratio)
            else ""
        )
        self.trial.show_trial(fit.solution.scale, fit.solution.error, state.view.trial, palette)
        self.clock.setVisible(bool(stale))
        self.clock.setPixmap(theme.icon("progress-clock", palette.text3).pixmap(14, 14))
        colour = f"color: {stale};" if stale else ""
        self.scale.setStyleSheet(f"font-size: 24px; font-weight: 600; {colour}")
        for label, size in ((self.error, 14), (self.level, 12)):
            label.setStyleSheet(f"font-size: {size}px; color: {stale or palette.text2};")

    def _show_notes(self, state: State, fit: VisitFit) -> None:
        notes = []
        if fit.alone is not fit.solution:
            alone = " ".join(words.scale_and_error(fit.alone))
            unit = scale_unit(state, fit)
            notes.append(f"by hand · config alone: {alone} {unit}".strip())
        if not fit.complete:
            notes.append(f"{len(fit.keys)} of {fit.n_members} detectors")
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))

    def _show_cards(self, fit: VisitFit, palette: theme.Palette) -> None:
        if self._told is not fit:
            self._told = fit
            # Links of the old cards speak of the old fit's samples.
            for card in self.cards:
                self._deck.removeWidget(card)
                card.deleteLater()
            self.cards = [Card("There is no scale.", fit.why, severe=True)] if fit.why else []
            self.cards += [self._card(fit, finding) for finding in fit.findings]
            for card in self.cards:
                self._deck.addWidget(card)
        for card in self.cards:
            card.dress(palette)

    def _card(self, fit: VisitFit, finding: Finding) -> Card:
        n = len(finding.samples)
        link = "" if not n else f"Select the {n} samples" if n > 1 else "Select the sample"
        card = Card(finding.title, finding.text, link)
        rows = rows_of(fit)
        card.followed.connect(
            lambda: self.commands.select_samples(rows.ids(index) for index in finding.samples)
        )
        return card

    def _on_chosen(self, row: int) -> None:
        self.commands.show_step(None if row == self._n_steps - 1 else row)

    def _make_empty(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 8, 24, 8)
        column.setSpacing(8)
        self._sign = QLabel()
        title = QLabel("No fit yet")
        title.setStyleSheet("font-size: 13px; font-weight: 600;")
        text = QLabel("A fit needs an exposure and the sky frame of the same detector.")
        text.setProperty("role", "text2")
        text.setStyleSheet(SMALL)
        text.setWordWrap(True)
        column.addStretch(1)
        for label in (self._sign, title, text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addStretch(1)
        return page

    def _make_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 7, 0, 8)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(13, 0, 13, 0)
        head.setSpacing(8)
        self.scale, self.error, self.level = QLabel(), QLabel(), QLabel()
        self.scale.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.scale.setAccessibleName("Scale")
        self.clock = QLabel()
        self.clock.setToolTip("Not of the newest settings yet")
        self.clock.setAccessibleName("Stale")
        for widget in (self.scale, self.error, self.clock):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self.level)
        column.addLayout(head)
        column.addSpacing(2)
        grid = QGridLayout()
        grid.setContentsMargins(13, 0, 13, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        self.counts = {kind: Count(kind) for kind in ("used", "rejected", "by hand", "no data")}
        for index, count in enumerate(self.counts.values()):
            grid.addWidget(count, index // 2, index % 2)
        column.addLayout(grid)
        self.notes = QLabel()
        self.notes.setProperty("role", "text2")
        self.notes.setStyleSheet(SMALL)
        self.notes.setContentsMargins(13, 2, 13, 0)
        column.addWidget(self.notes)
        column.addSpacing(4)
        self.trial = TrialScale()
        self.trial.tried.connect(lambda scale: self.commands.view(trial=scale))
        column.addWidget(self.trial)
        self.table = StepsTable()
        column.addWidget(self.table)
        column.addSpacing(8)
        self._deck = QVBoxLayout()
        self._deck.setContentsMargins(8, 0, 8, 0)
        self._deck.setSpacing(8)
        column.addLayout(self._deck)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        return scroll

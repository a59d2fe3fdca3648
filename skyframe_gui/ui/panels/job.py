"""The status bar's right end: what is running, how long it will take, and how to stop it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, QTimer
from PyQt6.QtWidgets import QLabel, QProgressBar, QToolButton

from skyframe_gui.app.model.config_hints import scale_unit
from skyframe_gui.app.model.queries import WARM_UP
from skyframe_gui.numbers import clock, with_error
from skyframe_gui.ui import theme
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.widgets import STRETCH, in_row, one_shot

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.results import Job
    from skyframe_gui.app.model.state import State

LANES = (WARM_UP, "task", "full", "open", "survey", "preview")
"""Of several running jobs the first in this order is shown."""
PATIENCE_MS = 300
"""Work that is done sooner than this is not told of: it would only flicker."""
SHORTCUTS = "? shows all shortcuts"


class JobPanel(Panel):
    """Shows one running job, or that samples were excluded by hand, or where help is."""

    id = "job"
    title = "Job"
    area = "status"
    order = 1

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(120)
        self.bar.setAccessibleName("Progress")
        self.left = QLabel()
        self.left.setMinimumWidth(self.left.fontMetrics().horizontalAdvance("00:00:00 left"))
        self.cancel = QToolButton()
        self.cancel.setText("Cancel")
        self.cancel.setProperty("flat", True)
        self.cancel.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.cancel.setIconSize(QSize(14, 14))
        self.cancel.setToolTip("Stop this job; what is done stays")
        self.cancel.clicked.connect(self._cancel)
        self.idle = QLabel(SHORTCUTS)
        self._working = (self.label, self.bar, self.left, self.cancel)
        in_row(STRETCH, self.idle, *self._working, on=self, margins=(8, 0, 12, 0), spacing=12)
        for widget in self._working:
            widget.hide()
        self._since: dict[str, QTimer] = {}
        self._lane = ""

    def watches(self, state: State) -> object:
        """Return the jobs, and what is said while there are none."""
        return state.jobs, idle_text(state)

    def show_state(self, state: State) -> None:
        """Show the job that matters most of those that have run for a while."""
        self.cancel.setIcon(theme.icon("close-circle-outline", theme.palette_of(state).text2))
        self._time(state)
        job = self._to_show(state)
        for widget in self._working:
            widget.setVisible(job is not None)
        if job is not None and job.lane == WARM_UP:
            self.cancel.hide()  # without it nothing can be worked out
        self.idle.setVisible(job is None)
        self.idle.setText(idle_text(state))
        self._lane = "" if job is None else job.lane
        if job is not None:
            self.label.setText(label_of(job))
            # A range from 0 to 0 sets the bar in motion. Nothing moves by itself here, but for the
            # one long wait that tells nothing of how far it is.
            self.bar.setRange(0, 0 if job.lane == WARM_UP else max(job.total, 1))
            # A visible bar paints itself, and with it all that waits to be painted, before it
            # returns; one without updates leaves that to the window's next paint.
            self.bar.setUpdatesEnabled(False)
            self.bar.setValue(min(job.done, job.total))
            self.bar.setUpdatesEnabled(True)
            self.left.setText("" if job.seconds_left is None else time_left(job.seconds_left))

    def _time(self, state: State) -> None:
        """Begin to wait for the jobs that are new, forget those that have ended."""
        running = {job.lane for job in state.jobs}
        for lane in [lane for lane in self._since if lane not in running]:
            timer = self._since.pop(lane)
            timer.stop()
            timer.deleteLater()  # else the panel, its parent, would keep one of each job
        for lane in running - set(self._since):
            self._since[lane] = one_shot(self, self._on_time, PATIENCE_MS)
            self._since[lane].start()

    def _to_show(self, state: State) -> Job | None:
        ready = {job.lane: job for job in state.jobs if not self._since[job.lane].isActive()}
        return next((ready[lane] for lane in LANES if lane in ready), None)

    def _on_time(self) -> None:
        self.show_state(self.commands.store.state)

    def _cancel(self) -> None:
        if self._lane and self._lane != WARM_UP:
            self.commands.cancel(self._lane)


def label_of(job: Job) -> str:
    """Return what a job is doing and how far it is."""
    if job.total <= 1:
        return job.label
    return f"{job.label}: {job.done} of {job.total}"


def time_left(seconds: float) -> str:
    """Return ``0:42 left``."""
    return f"{clock(seconds)} left"


def idle_text(state: State) -> str:
    """Return what is said while nothing runs."""
    fit = state.results.fit
    if not state.excluded_samples or fit is None:
        return SHORTCUTS
    alone = fit.alone
    scale = with_error(alone.scale, alone.error, scale_unit(state, fit))
    if not math.isfinite(alone.scale):
        scale = "no fit"
    return f"{len(state.excluded_samples)} excluded by hand; config alone: {scale}"

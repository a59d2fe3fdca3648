"""The sky correction of a whole visit: its stages, what each measured, and their config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from skyframe_gui.app.model.correction import LANE, PART_WORDS
from skyframe_gui.app.model.correction_request import correction_inputs, shown_stage
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.engine.focal_config import SkyCorrectionConfig
from skyframe_gui.numbers import TIMES, digits, plural, value_and_error
from skyframe_gui.ui import theme
from skyframe_gui.ui.form import Form
from skyframe_gui.ui.form.correction_exchange import PLACEHOLDER, CorrectionExchange
from skyframe_gui.ui.form.editors import QuietCombo, set_low
from skyframe_gui.ui.form.form_row import LABEL_AT
from skyframe_gui.ui.panel import Panel
from skyframe_gui.ui.widgets import STRETCH, in_column, in_row, set_sheet, text_label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PyQt6.QtGui import QResizeEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.correction import CorrectionRun
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import CorrectionPart
    from skyframe_gui.engine.correction import CorrectionStage

SKY = ("sky",)
"""The part of the config that the panel "Config" edits."""
ROW, SCROLL_BAR = 23, 12
MOST_NOTES = 2
"""So many are shown at once: there may be a dozen of several lines each."""


class CorrectionPanel(Panel):
    """A list of stages over the form of their config.

    Attributes
    ----------
    export_wanted : signal ()
        A person wants the corrected visit written.
    """

    export_wanted = pyqtSignal()
    id = "correction"
    title = "Sky correction"
    area = "right"
    order = 3

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.exchange = CorrectionExchange(self, commands)
        self._shows = False
        self.run = QPushButton("Correct the visit")
        self.run.setToolTip(
            "Background over the focal plane, scaled sky frame, second background: "
            "LSST's SkyCorrectionTask"
        )
        self.run.clicked.connect(self._on_run)
        self.part = QuietCombo()
        self.part.setAccessibleName("What of the stage is shown")
        self.part.setToolTip("What the layer Sky correction shows of the chosen stage")
        set_low(self.part, True)
        for part, words in PART_WORDS.items():
            self.part.addItem(words, part)
        self.part.activated.connect(self._on_part)
        self.export = QToolButton()
        self.export.setAccessibleName("Export the corrected visit")
        self.export.setToolTip(
            "Export the corrected visit: exposures, background lists, samples and config "
            "(Ctrl+Shift+E)"
        )
        self.export.clicked.connect(lambda: self.export_wanted.emit())
        self.menu_button = QToolButton()
        self.menu_button.setAccessibleName("Sky correction menu")
        self.menu_button.setToolTip("Presets, camera, import and export of the config")
        for button in (self.export, self.menu_button):
            button.setProperty("flat", True)
            button.setIconSize(QSize(16, 16))
        self.menu_button.clicked.connect(self._open_menu)
        self.stages = QListWidget()
        set_sheet(self.stages, "QListWidget::item { padding-left: 6px; }")
        self.stages.setAccessibleName("Stages of the correction")
        self.stages.currentRowChanged.connect(self._on_stage)
        self.stages.itemClicked.connect(lambda _: self._on_stage(self.stages.currentRow()))
        self.note = text_label("", "hint", plain=True, margins=(LABEL_AT, 2, 8, 2))
        self.note.setWordWrap(True)
        self.more = QPushButton()
        self.more.setProperty("link", True)
        self.more.clicked.connect(self._on_more)
        self.more.hide()
        self._notes: list[str] = []
        self._all = False
        self.form: Form | None = None
        scroll = QScrollArea()
        scroll.setAccessibleName("Fields of the sky correction")
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        more = in_row(self.more, STRETCH, margins=(LABEL_AT, 0, 8, 0))
        self._body = in_column(self.stages, self.note, more, STRETCH, on=body)
        scroll.setWidget(body)
        head = QWidget()
        in_row(
            self.run,
            STRETCH,
            self.part,
            self.export,
            self.menu_button,
            on=head,
            margins=(LABEL_AT, 4, 6, 4),
            spacing=6,
        )
        in_column(head, (scroll, 1), on=self)
        self.setMinimumWidth(300)
        self.setFocusProxy(self.run)

    def watches(self, state: State) -> object:
        """Return the settings, the run, which of it is shown, and what there is to correct."""
        request = request_of(state)
        return (
            state.correction,
            state.config,
            state.results.correction,
            state.view.correction_stage,
            state.view.correction_part,
            request.visit,
            len(request.members),
            self.exchange.preset_words(state),
            _is_running(state),
        )

    def subject(self, state: State) -> str:
        """Return which visit was corrected, or would be."""
        run = state.results.correction
        if run is not None:
            return f"visit {run.visit}, {plural(len(run.detectors), 'detector')}"
        request = request_of(state)
        return f"visit {request.visit}" if request.visit else ""

    def show_state(self, state: State) -> None:
        """Paint stages and form."""
        palette = theme.palette_of(state)
        self.menu_button.setIcon(theme.icon("dots-horizontal", palette.text2))
        self.export.setIcon(theme.icon("export-variant", palette.text2, palette.text3))
        form = self._made_form()
        form.apply_theme(palette)
        running = _is_running(state)
        self.run.setText("Stop" if running else "Correct the visit")
        can_run = bool(request_of(state).members)
        self.run.setEnabled(running or can_run)
        self.export.setEnabled(can_run)
        self.part.setCurrentIndex(self.part.findData(state.view.correction_part))
        self._show_stages(state)
        form.show_config(self.exchange.config(state), self.exchange.preset(state), {}, None)
        form.note_section("bgModel1", self.exchange.preset_words(state))

    def prepare(self) -> Iterator[None]:
        """Read the cameras' presets."""
        yield from self.exchange.prepare()
        if self.form is not None:
            self.show_state(self.commands.store.state)

    def _made_form(self) -> Form:
        """Return the form, made when it is first shown: it has more fields than all others."""
        if self.form is None:
            self.form = Form(SkyCorrectionConfig, PLACEHOLDER, SKY)
            self.form.edited.connect(self._on_edited)
            self._body.insertWidget(3, self.form)
        return self.form

    # What a person does -----------------------------------------------------------------------

    def _on_run(self) -> None:
        if _is_running(self.commands.store.state):
            self.commands.cancel(LANE)
        else:
            self.commands.correct()

    def _on_edited(self, config: SkyCorrectionConfig, label: str) -> None:
        self.exchange.set_config(label, config)

    def _on_part(self, index: int) -> None:
        view = self.commands.store.state.view
        part: CorrectionPart = self.part.itemData(index)
        self.commands.show_correction(view.correction_stage, part)

    def _on_stage(self, row: int) -> None:
        if self._shows or row < 0:
            return
        part = self.commands.store.state.view.correction_part
        last = row == self.stages.count() - 1
        self.commands.show_correction(None if last else row, part)

    def _open_menu(self) -> None:
        corner = self.menu_button.rect().bottomRight()
        menu = self.exchange.make_menu()
        width = menu.sizeHint().width()
        menu.popup(self.menu_button.mapToGlobal(corner) - QPoint(width, -2))

    # What is shown ----------------------------------------------------------------------------

    def _show_stages(self, state: State) -> None:
        run = state.results.correction
        lines = [] if run is None else [_line(stage) for stage in run.stages]
        self._shows = True
        self.stages.clear()
        for line in lines:
            self.stages.addItem(QListWidgetItem(line))
        self.stages.setCurrentRow(shown_stage(state))
        self._shows = False
        self.stages.setVisible(bool(lines))
        self.stages.setFixedHeight(ROW * max(len(lines), 1) + 4)
        self._notes = list(filter(None, (self.exchange.why_no_preset(state), *_notes(state, run))))
        self._show_notes()
        self._arrange()

    def _show_notes(self) -> None:
        """Show the notes; of more than a few the first, and the others when they are asked for."""
        hidden = len(self._notes) - 1 if len(self._notes) > MOST_NOTES else 0
        self.note.setText("\n".join(self._notes if self._all else self._notes[: -hidden or None]))
        self.note.setVisible(bool(self._notes))
        self.more.setText("Fewer notes" if self._all else f"{hidden} more notes")
        self.more.setVisible(hidden > 0)

    def _on_more(self) -> None:
        self._all = not self._all
        self._show_notes()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Put the form in as many columns as there is room for."""
        super().resizeEvent(a0)
        self._arrange()

    def _arrange(self) -> None:
        if self.form is not None:
            two = self.width() >= self.form.two_columns_width(short=True) + SCROLL_BAR
            self.form.set_form(two, True, False, True)


def _is_running(state: State) -> bool:
    return any(job.lane == LANE for job in state.jobs)


def _line(stage: CorrectionStage) -> str:
    """Return what a stage measured, on one line."""
    words = [stage.name]
    if stage.focal_plane is not None:
        ny, nx = stage.focal_plane.counts.shape
        words += [f"level {digits(stage.focal_plane.level, 5)}", f"{nx} {TIMES} {ny} superpixels"]
    if stage.solution is not None:
        solution = stage.solution
        scale = " ± ".join(value_and_error(solution.scale, solution.error))
        words += [f"scale {scale}", f"{solution.n_used} samples"]
    return " · ".join(words)


def _notes(state: State, run: CorrectionRun | None) -> list[str]:
    """Return what is to be said of the last run, or how to begin."""
    if run is None:
        if not request_of(state).members:
            return ["Show an exposure of a visit whose detectors have sky frames."]
        return [
            "Nothing corrected yet. Stages and sizes are below; the scale's fields are in Config."
        ]
    notes = list(run.notes)
    visit = request_of(state).visit
    if visit and visit != run.visit:
        notes.insert(0, f"This is of visit {run.visit}; visit {visit} is not corrected yet.")
    elif run.made_from != correction_inputs(state):
        notes.insert(0, "Something has changed since: correct the visit again.")
    return notes

"""What A and B are warned of, and the way back to A."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from skyframe_gui.app.model.pins import pin_of
from skyframe_gui.ui.compare.column_head import Letter
from skyframe_gui.ui.compare.compare_panel import ComparisonPanel
from skyframe_gui.ui.compare.compared import names_of_frames, subject_of
from skyframe_gui.ui.fit.finding_line import FindingLine
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.widgets import in_column, in_row, text_label

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.comparison import Comparison
    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine.diagnostics import Finding
    from skyframe_gui.ui.theme import Palette

NONE = "no warnings"
TAKES = "sets sky frame and config as in A, can be undone"


class CompareWarningsPanel(ComparisonPanel):
    """The findings of A, those of B, and a button that takes A."""

    id = "compare-warnings"
    title = "Warnings"
    area = "right"
    order = 12

    def __init__(self, commands: Commands) -> None:
        super().__init__(commands)
        self.sides = tuple(_Side(letter) for letter in ("A", "B"))
        for side in self.sides:
            self.body.addWidget(side)
        self.body.addStretch(1)
        self.take = QPushButton("Take A")
        self.take.setToolTip("Set config, options, exclusions and sky frame to those of A")
        self.take.clicked.connect(lambda: commands.pins.take_pin("A"))
        note = text_label(TAKES, "text2", pixels=12, shrinks=True)
        foot = in_row(self.take, (note, 1), margins=(8, 6, 8, 8), spacing=8)
        own = self.layout()
        assert isinstance(own, QVBoxLayout), "made in the constructor"
        own.addLayout(foot)

    def subject(self, state: State) -> str:
        """Return what a click does."""
        return "" if state.results.compare is None else "a click opens the whole text"

    def show_state(self, state: State) -> None:
        """Paint the findings of both; A can be taken where it is not what is set."""
        super().show_state(state)
        a = state.pins.get("A")
        self.take.setEnabled(a is not None and a != pin_of(state))

    def show_comparison(self, state: State, found: Comparison, palette: Palette) -> None:
        """List the findings."""
        names = names_of_frames(state)
        for index, (side, fit) in enumerate(zip(self.sides, found.fits, strict=True)):
            side.show_findings(subject_of(found, index, names), fit.findings, palette)


class _Side(QWidget):
    """Letter, subject, and a line for each finding."""

    def __init__(self, letter: str) -> None:
        super().__init__()
        self._name = letter
        self.letter, self.subject = Letter(letter), QLabel()
        self.subject.setTextFormat(Qt.TextFormat.PlainText)
        self.subject.setProperty("role", "text2")
        self.subject.setStyleSheet("font-size: 12px")
        self.subject.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head = in_row(self.letter, (self.subject, 1), spacing=7)
        self._column = in_column(head, on=self, margins=(8, 6, 8, 2), spacing=5)
        self.lines: list[FindingLine] = []
        self._shown: tuple[Finding, ...] | None = None

    def show_findings(self, subject: str, findings: tuple[Finding, ...], palette: Palette) -> None:
        """Show other findings; a text that is open stays open where its finding is still there."""
        self.letter.apply_theme(palette)
        text = subject if findings else f"{subject}: {NONE}"
        self.subject.setText(text)
        self.subject.setToolTip(plain_tip(text))
        if findings != self._shown:
            self._shown = findings
            opened = {line.kind for line in self.lines if line.is_open}
            for line in self.lines:
                self._column.removeWidget(line)
                line.hide()
                line.deleteLater()
            self.lines = [
                FindingLine(
                    kind=one.kind,
                    severity=one.severity,
                    title=one.title,
                    short=one.short,
                    text=one.text,
                )
                for one in findings
            ]
            for line in self.lines:
                line.head.setAccessibleName(f"{self._name}, {line.head.accessibleName()}")
                line.set_open(line.kind in opened)
                self._column.addWidget(line)
        for line in self.lines:
            line.set_theme(palette)

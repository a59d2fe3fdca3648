"""The list of what can be exported, to be ticked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QComboBox, QPushButton, QWidget

from skyframe_gui.app.export.values import ConfigFormat, Scope, Wishes
from skyframe_gui.ui.dialogs.put_into import PutIntoFields
from skyframe_gui.ui.widgets import STRETCH, in_column, in_row, text_label

if TYPE_CHECKING:
    from pathlib import Path

SCOPES: tuple[tuple[Scope, str], ...] = (
    ("visit", "the shown visit"),
    ("shown", "the shown exposure"),
    ("all", "all science visits"),
)
CONFIGS: tuple[tuple[ConfigFormat, str, str], ...] = (
    ("changed", "Override file, changed fields", "what differs from LSST's defaults"),
    ("complete", "Override file, all fields", ""),
    ("yaml", "YAML, all fields", ""),
    ("arguments", "-c arguments", "for pipetask; what differs from LSST's defaults"),
)
EVERYTHING = "all visible"
INDENT = 22


class Choices(QWidget):
    """Check boxes in groups.

    Attributes
    ----------
    changed : signal ()
    copy : signal ()
        The arguments are to go to the clipboard.
    """

    changed = pyqtSignal()
    copy = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._column = in_column(on=self, spacing=4)

        self._section("Exposures")
        self.subtracted = self._box("Subtracted exposures", "image, mask, variance, WCS, headers")
        self.background_list = self._box(
            "Background lists", "what was subtracted, as LSST has it", INDENT
        )
        self.background_list.setEnabled(False)
        self.subtracted.toggled.connect(self.background_list.setEnabled)
        self.corrected = self._box("Corrected exposures", "with lists, samples and config")
        self.corrected.setToolTip(
            "What LSST's SkyCorrectionTask makes of whole visits, as the tab Sky correction has "
            "it: exposures, lists of backgrounds whose sum was subtracted, samples and config"
        )
        # They would have names in common.
        self.corrected.clicked.connect(lambda on: self.tick_corrected() if on else None)
        self.residual_maps = self._box("Residual maps", "what is left in bins, with errors; FITS")
        self.samples = self._box("Samples", "with the history of their rejection; ECSV")
        self.scope = QComboBox()
        self.scope.setAccessibleName("Exposures of")
        self.scope.setToolTip("Of which exposures; the scale is always that of a whole visit")
        for scope, words in SCOPES:
            self.scope.addItem(words, scope)
        self.scope.currentIndexChanged.connect(self.changed)
        self._column.addLayout(
            in_row(INDENT, text_label("of", "text2"), (self.scope, 1), spacing=8)
        )

        self._section("Sky frames")
        self.sky_frames = self._box("Sky frames built here", "")
        self.about_sky_frames = text_label(role="hint", wraps=True, margins=(INDENT, 0, 0, 0))
        self._column.addWidget(self.about_sky_frames)
        self.put_into = PutIntoFields(INDENT)
        self.put_into.changed.connect(self.changed)
        self.put_into.setEnabled(False)
        self.sky_frames.toggled.connect(lambda _: self._offer_put())
        self._column.addWidget(self.put_into)
        self.offer_sky_frames("")

        self._section("Config")
        self.configs = {name: self._box(words, hint) for name, words, hint in CONFIGS}
        copy = QPushButton("Copy the arguments")
        copy.setProperty("link", True)
        copy.setAutoDefault(False)
        copy.setToolTip("Copy the -c arguments to the clipboard")
        copy.clicked.connect(self.copy)
        self._column.addLayout(in_row(INDENT, copy, STRETCH, spacing=-1))

        self._section("Plots")
        self.png = QCheckBox("PNG")
        self.svg = QCheckBox("SVG")
        self.which = QComboBox()
        self.which.setAccessibleName("Pictures of")
        self.which.setToolTip("Of which panels, as they are on the screen")
        self.which.addItem(EVERYTHING)
        self.which.currentIndexChanged.connect(self.changed)
        for box in (self.png, self.svg):
            box.toggled.connect(self.changed)
        self._column.addLayout(
            in_row(self.png, self.svg, text_label("of", "text2"), (self.which, 1), spacing=12)
        )
        self.subtracted.setChecked(True)
        self.samples.setChecked(True)

    def tick_corrected(self) -> None:
        """Tick the whole sky correction instead of what is subtracted with the fit's scale."""
        for box in (self.subtracted, self.samples, self.residual_maps):
            box.setChecked(False)
        self.corrected.setChecked(True)

    def offer(self, panels: tuple[str, ...]) -> None:
        """Offer pictures of these panels."""
        wanted = [EVERYTHING, *panels]
        if [self.which.itemText(i) for i in range(self.which.count())] == wanted:
            return
        chosen = self.which.currentText()
        self.which.clear()
        self.which.addItems(wanted)
        self.which.setCurrentIndex(max(self.which.findText(chosen), 0))

    def offer_sky_frames(self, why_not: str) -> None:
        """Offer the sky frames that were built here, or say why there are none to be exported."""
        about = why_not or "those in use, one a detector"
        self.about_sky_frames.setText(about)
        self.sky_frames.setAccessibleDescription(about)
        self.sky_frames.setEnabled(not why_not)
        self._offer_put()

    def _offer_put(self) -> None:
        self.put_into.setEnabled(self.sky_frames.isEnabled() and self.sky_frames.isChecked())

    def endings(self) -> list[str]:
        """Return the endings of the pictures' names."""
        return [box.text().lower() for box in (self.png, self.svg) if box.isChecked()]

    def wants_picture(self, title: str) -> bool:
        """Whether a panel of that title is wanted."""
        return self.which.currentText() in (EVERYTHING, title)

    def wishes(self, folder: Path, plots: tuple[str, ...], replace: bool) -> Wishes:
        """Return what is ticked."""
        subtracted = self.subtracted.isChecked()
        return Wishes(
            folder=folder,
            scope=self.scope.currentData(),
            subtracted=subtracted,
            background_list=subtracted and self.background_list.isChecked(),
            samples=self.samples.isChecked(),
            sky_frames=self.sky_frames.isEnabled() and self.sky_frames.isChecked(),
            configs=tuple(name for name, box in self.configs.items() if box.isChecked()),
            plots=plots,
            replace=replace,
            residual_maps=self.residual_maps.isChecked(),
            corrected=self.corrected.isChecked(),
            put_into=self.put_into.wish(),
        )

    def _section(self, title: str) -> None:
        label = text_label(title, "section")
        if self._column.count():
            self._column.addSpacing(12)
        self._column.addWidget(label)

    def _box(self, text: str, hint: str, indent: int = 0) -> QCheckBox:
        box = QCheckBox(text)
        box.toggled.connect(self.changed)
        box.setAccessibleDescription(hint)
        row = in_column(box, margins=(indent, 0, 0, 0))
        if hint:
            label = text_label(hint, "hint", margins=(INDENT, 0, 0, 0))
            row.addWidget(label)
        self._column.addLayout(row)
        return box

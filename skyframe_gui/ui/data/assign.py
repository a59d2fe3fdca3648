"""The small window in which a person sets visit and detector of exposures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QLineEdit, QVBoxLayout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtWidgets import QWidget

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.items import ExposureItem


class AssignDialog(QDialog):
    """Sets what the headers do not tell, or tell wrongly. Does not block the window.

    Parameters
    ----------
    commands : Commands
    items : sequence of ExposureItem
        As the panel has them: with what was set before. Of several, only the visit is set.
    parent : QWidget
    """

    def __init__(
        self, commands: Commands, items: Sequence[ExposureItem], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Set visit and detector")
        self._commands = commands
        self._items = tuple(items)
        visits = {item.source.visit for item in items}
        self.visit = QLineEdit(visits.pop() if len(visits) == 1 else "")
        self.detector = QLineEdit(items[0].source.detector if len(items) == 1 else "")
        form = QFormLayout()
        form.addRow("Visit", self.visit)
        if len(items) == 1:
            about = items[0].source.name
            form.addRow("Detector", self.detector)
        else:
            about = f"{len(items)} exposures; each keeps its detector"
        label = QLabel(about)
        label.setProperty("role", "text2")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(label)
        column.addLayout(form)
        column.addWidget(buttons)
        self.visit.selectAll()

    def accept(self) -> None:
        """Set them; undone together."""
        for item in self._items:
            one = len(self._items) == 1
            detector = self.detector.text().strip() if one else item.source.detector
            self._commands.assign(item.key, self.visit.text().strip(), detector)
        super().accept()

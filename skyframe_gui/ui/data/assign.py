"""The small window in which a person sets what exposures are of: visit, detector, filter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout

from skyframe_gui.ui.widgets import text_label

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
        As the panel has them: with what was set before. Of several, each keeps its detector, and
        what is left as it was.
    parent : QWidget
    """

    def __init__(
        self, commands: Commands, items: Sequence[ExposureItem], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Set visit, detector and filter")
        self._commands = commands
        self._items = tuple(items)
        self.visit = QLineEdit(self._common("visit"))
        self.detector = QLineEdit(items[0].source.detector if len(items) == 1 else "")
        self.others = {
            name: QLineEdit(self._common(name)) for name in ("filter", "instrument", "night")
        }
        self.others["night"].setPlaceholderText("YYYY-MM-DD")
        form = QFormLayout()
        form.addRow("Visit", self.visit)
        if len(items) == 1:
            about = items[0].source.name
            form.addRow("Detector", self.detector)
        else:
            about = f"{len(items)} exposures; each keeps its detector"
        for name, edit in self.others.items():
            form.addRow(name.capitalize(), edit)
        label = text_label(about, "text2", plain=True)
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

    def _common(self, name: str) -> str:
        values = {str(getattr(item.source, name)) for item in self._items}
        return values.pop() if len(values) == 1 else ""

    def _by_hand(self, item: ExposureItem) -> dict[str, str | None]:
        """Return what is set besides visit and detector: what was, but for what was changed."""
        before = self._commands.store.state.assigned.get(item.key)
        told: dict[str, str | None] = {}
        for name, edit in self.others.items():
            text = edit.text().strip()
            kept = None if before is None else getattr(before, name)
            told[name] = kept if text == self._common(name) else text
        return told

    def accept(self) -> None:
        """Set them; undone together."""
        text = self.visit.text().strip()
        for item in self._items:
            one = len(self._items) == 1
            # Of several visits, none is lost where the line was left empty.
            visit = item.source.visit if text == self._common("visit") else text
            detector = self.detector.text().strip() if one else item.source.detector
            self._commands.assign(item.key, visit, detector, **self._by_hand(item))
        super().accept()

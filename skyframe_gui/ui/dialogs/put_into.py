"""The fields of the export that say where in a Butler repository sky frames are put."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QWidget

from skyframe_gui.app.export.values import PutInto
from skyframe_gui.ui.widgets import in_column, text_label

FIELDS = (
    ("repo", "repository", "/repo/main", "Its folder or address, or its label"),
    ("run", "RUN", "u/YOU/sky/TIME, new", "The RUN collection; empty for a new one of your own"),
    ("certify", "valid in", "nowhere", "The CALIBRATION collection in which they are valid"),
    ("begin", "from", "always", "They are valid from this day or time on (TAI)"),
    ("end", "until", "always", "They are valid until this day or time (TAI)"),
)


class PutIntoFields(QWidget):
    """A box to be ticked, and what is asked then.

    Attributes
    ----------
    changed : signal ()
    """

    changed = pyqtSignal()

    def __init__(self, indent: int) -> None:
        super().__init__()
        self.wanted = QCheckBox("Into a Butler repository, too")
        self.wanted.setToolTip(
            "Each becomes a dataset sky of its instrument, detector and filter; all of them are "
            "put, or none, and none is replaced"
        )
        self._asked = QWidget()
        form = QFormLayout(self._asked)
        form.setContentsMargins(indent, 0, 0, 0)
        form.setVerticalSpacing(4)
        form.setHorizontalSpacing(8)
        self.fields: dict[str, QLineEdit] = {}
        for name, words, empty, tip in FIELDS:
            field = QLineEdit()
            field.setPlaceholderText(empty)
            field.setToolTip(tip)
            field.setAccessibleName(f"Sky frames into a repository: {words}")
            field.textChanged.connect(self.changed)
            label = text_label(words, "text2")
            label.setBuddy(field)
            form.addRow(label, field)
            self.fields[name] = field
        in_column(self.wanted, self._asked, on=self, margins=(indent, 0, 0, 0), spacing=4)
        self.wanted.toggled.connect(self._asked.setVisible)
        self.wanted.toggled.connect(self.changed)
        self._asked.hide()

    def wish(self) -> PutInto | None:
        """Return what is asked for; None where nothing is to be put anywhere."""
        if not (self.isEnabled() and self.wanted.isChecked()):
            return None
        return PutInto(**{name: field.text().strip() for name, field in self.fields.items()})

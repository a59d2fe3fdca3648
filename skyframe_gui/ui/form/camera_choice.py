"""The choice of the camera by whose table detectors are laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFileDialog

from skyframe_gui.app.model.normalise_hint import AS_TOLD, camera_name
from skyframe_gui.ui.form.editors import QuietCombo
from skyframe_gui.ui.plain_text import plain_tip

if TYPE_CHECKING:
    from collections.abc import Sequence

ASK = "table of a file…"
TABLES = "Tables (*.json *.csv)"
TIP = (
    "Where the detectors lie in the focal plane, for builds with normalise auto or focal-plane: "
    "as the files tell (their own tables, else the program's table of their instrument), by the "
    "program's table of another camera, or by a table of your own, JSON or CSV."
)


class CameraChoice(QuietCombo):
    """A combo box of the program's cameras, with an entry that asks for a file.

    Attributes
    ----------
    chosen : signal (str)
        A name, the path of a table, or "".
    """

    chosen = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._camera = ""
        self.setAccessibleName("camera")
        self.setToolTip(TIP)
        self.activated.connect(self._on_activated)
        self._fill()

    def offer(self, names: Sequence[str]) -> None:
        """Offer the program's cameras."""
        self._names = tuple(names)
        self._fill()

    def show_camera(self, camera: str) -> None:
        """Show what is set."""
        if camera != self._camera:
            self._camera = camera
            self._fill()

    def ask(self) -> QFileDialog:
        """Ask for a table of a camera."""
        dialog = QFileDialog(self, "Camera table", "", TABLES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _fill(self) -> None:
        self.clear()
        self.addItem(AS_TOLD, "")
        for name in self._names:
            self.addItem(name, name)
        if self._camera and self._camera not in self._names:
            self.addItem(camera_name(self._camera), self._camera)
            tip = plain_tip(self._camera)
            self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.addItem(ASK)
        self.setCurrentIndex(max(self.findData(self._camera), 0))

    def _on_activated(self, index: int) -> None:
        camera = self.itemData(index)
        if camera is None:
            self.setCurrentIndex(max(self.findData(self._camera), 0))
            self.ask()
        elif camera != self._camera:
            self.chosen.emit(camera)

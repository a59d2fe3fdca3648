"""The table of the files that an export will write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QHeaderView

from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.tables import RowTable, set_up_rows
from skyframe_gui.ui.theme import font, icon

if TYPE_CHECKING:
    from PyQt6.QtGui import QIcon

    from skyframe_gui.app.export.values import Plan, PlannedFile
    from skyframe_gui.ui.theme import Palette

HEADERS = ("file", "contents", "")
Index = QModelIndex


class PlannedFiles(QAbstractTableModel):
    """File, contents, and whether it is new, exists, or cannot be written.

    What the last export has written stands there as that until something else is chosen.
    """

    def __init__(self) -> None:
        super().__init__()
        self._files: tuple[PlannedFile, ...] = ()
        self._replace = False
        self._written: frozenset[str] = frozenset()
        self._palette: Palette | None = None
        self._icons: dict[str, QIcon] = {}

    def show_plan(
        self, plan: Plan, palette: Palette, written: frozenset[str] = frozenset()
    ) -> None:
        """Take the files of a plan, and the names of those that were just written."""
        if self._palette is not palette:
            self._palette = palette
            self._icons = {
                "exists": icon("alert", palette.warning),
                "refused": icon("alert-circle-outline", palette.error),
                "new": icon("check", palette.text3),
                "written": icon("check", palette.text3),
            }
        self.beginResetModel()
        self._files, self._replace, self._written = plan.files, plan.replace, written
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of files."""
        return 0 if parent is not None and parent.isValid() else len(self._files)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return three."""
        return len(HEADERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the name of a column."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        if role == Qt.ItemDataRole.AccessibleTextRole and not HEADERS[section]:
            return "new or replaced"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        file, column = self._files[index.row()], index.column()
        kind, word = self._mark(file)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return (file.name, file.what, word)[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(file.name if kind == "written" else file.why_not or file.name)
        if role == Qt.ItemDataRole.FontRole:
            return font(12)
        if role == Qt.ItemDataRole.DecorationRole and column == 2:
            return self._icons[kind]
        if role == Qt.ItemDataRole.ForegroundRole and self._palette is not None:
            palette = self._palette
            marks = {"exists": palette.warning, "refused": palette.error}
            return QColor((palette.text, palette.text2, marks.get(kind, palette.text3))[column])
        return None

    def _mark(self, file: PlannedFile) -> tuple[str, str]:
        if file.exists and file.name in self._written:
            return "written", "just written"
        if file.exists and self._replace and not file.why_not:
            return "exists", "is replaced"
        if file.why_not:
            return "refused", "exists" if file.exists else "clash"
        return "new", "new"


class PlannedFilesTable(RowTable):
    """The files with their state, whole rows at a time."""

    def __init__(self, files: PlannedFiles) -> None:
        super().__init__()
        self.setModel(files)
        self.setAccessibleName("Files that will be written")
        self.setStyleSheet("QTableView::item { padding: 0 5px; }")
        header = set_up_rows(self, 24, single=False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(2, 104)

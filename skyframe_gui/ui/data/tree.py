"""The data panel's tree: how it looks, which keys it knows, what stays open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QModelIndex, QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QCursor
from PyQt6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QTreeView

from skyframe_gui.ui import theme
from skyframe_gui.ui.data.delegate import ICON, MARK_WIDTH, RowDelegate, Stamped
from skyframe_gui.ui.data.kept_rows import BAD_FILES, CHANGED_FILES
from skyframe_gui.ui.data.tree_model import (
    LEVEL,
    MARK,
    MASKED,
    NAME,
    NO_INDEX,
    ROLES,
    SCIENCE,
    SKY,
    DataModel,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter
    from PyQt6.QtWidgets import QStyleOptionViewItem

    from skyframe_gui.app.model.items import Role
    from skyframe_gui.ui.data.tree_rows import Row, Titles
    from skyframe_gui.ui.theme import Palette

INDENT, NARROW_INDENT = 14, 0.6
MOST_LEVEL_WIDTH = 72
LEVEL_WIDTH, MASKED_WIDTH, BOX_WIDTH = 46, 44, 20
HEAD_ROOM = 20
"""Pixels by which the head of the levels may reach into that of the names."""
FEW_EXPOSURES, FEW_OTHERS = 40, 6
"""Visits, and sections, are open at first where there is no more than this in them."""
HEADINGS = ("night", "filter")
"""Kinds of rows that stand above visits at their own level; shown, they are folded or opened."""
WALKS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End)
"""Keys that show what they come to."""
MOST_FOUND = 400
"""Up to so many rows that were searched for are all in sight; more are found below their visits."""


class Heads(QHeaderView):
    """The heads of the columns; that of the levels, with its unit, is wider than its numbers."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)

    def paintSection(self, painter: QPainter | None, rect: QRect, logicalIndex: int) -> None:
        """Draw the head of a column."""
        left = HEAD_ROOM if logicalIndex == LEVEL else 0
        super().paintSection(painter, rect.adjusted(-left, 0, 0, 0), logicalIndex)


class DataTree(QTreeView):
    """Shows the rows of a `DataModel`.

    Attributes
    ----------
    show_wanted : signal (Row)
        By a click or Enter, or because up or down lead to it.
    role_wanted : signal (Role)
        To be switched for the selected rows: by Space (sky frames) and Shift+Space (science).
    box_clicked : signal (Role, Row)
    close_wanted, assign_wanted : signal ()
        By Delete and F2, for the selected rows.
    prefers_masked : bool
        Whether the level gives way to the masked part where there is little room.
    """

    show_wanted = pyqtSignal(object)
    role_wanted = pyqtSignal(str)
    box_clicked = pyqtSignal(str, object)
    close_wanted = pyqtSignal()
    assign_wanted = pyqtSignal()

    def __init__(self, model: DataModel) -> None:
        super().__init__()
        self._model = model
        self.prefers_masked = False
        self._opened: dict[str, bool] = {}
        self._taken: dict[str, tuple[Row, tuple[bool, bool]]] = {}
        self._painting = False
        self._palette = theme.DARK
        self._chevrons: dict[bool, Stamped] = {}
        self.setModel(model)
        self._delegate = RowDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Exposures")
        self.setUniformRowHeights(True)
        self.setIndentation(INDENT)
        self.setExpandsOnDoubleClick(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self._dress_header()
        self.clicked.connect(self._on_clicked)
        self.doubleClicked.connect(self._on_double_clicked)
        self.expanded.connect(lambda index: self._remember(index, True))
        self.collapsed.connect(lambda index: self._remember(index, False))

    def suit(self, narrow: bool) -> None:
        """Leave away the masked part, or the level in its place, and half of the indent."""
        self.setIndentation(round(INDENT * NARROW_INDENT) if narrow else INDENT)
        self.setColumnHidden(MASKED, narrow and not self.prefers_masked)
        self.setColumnHidden(LEVEL, narrow and self.prefers_masked)

    def take(self, rows: Sequence[Row], titles: Titles, searching: bool) -> None:
        """Show other rows.

        Parameters
        ----------
        rows, titles
            See `DataModel.update`.
        searching : bool
            Whether the rows are those that were searched for: then all are in sight, where they are
            not too many to be looked through.
        """
        self._painting = True
        self._model.update(rows, titles)
        searching = searching and sum(len(row.children) for row in rows) <= MOST_FOUND
        few = sum(len(row.children) for row in rows if row.kind == "visit") <= FEW_EXPOSURES
        how = (searching, few)
        before, self._taken = self._taken, {}
        for place, row in enumerate(rows):
            self._taken[row.id] = (row, how)
            old, old_how = before.get(row.id, (None, None))
            if old is row and old_how == how:
                continue
            wanted = searching or self._opened.get(row.id)
            if wanted is None:
                wanted = self._at_first(row, few)
            index = self._model.index(place, 0)
            if wanted != self.isExpanded(index):
                self.setExpanded(index, wanted)
            if row.kind in HEADINGS and not self.isFirstColumnSpanned(place, NO_INDEX):
                self.setFirstColumnSpanned(place, NO_INDEX, True)
            spans = row.id in (BAD_FILES, CHANGED_FILES)
            for below in range(len(row.children) if spans else 0):
                if not self.isFirstColumnSpanned(below, index):
                    self.setFirstColumnSpanned(below, index, True)
        self._painting = False

    def select_row(self, row_id: str) -> None:
        """Select one row and bring it into sight."""
        index = self._model.index_of(row_id)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def selected_rows(self) -> list[Row]:
        """Return the selected rows in their order on the screen."""
        chosen = self.selectionModel()
        if chosen is None:
            return []
        found = sorted(chosen.selectedRows(), key=self._model.place_of)
        return [row for row in map(self._model.row_at, found) if row is not None]

    def current_row(self) -> Row | None:
        """Return the row that the keys move."""
        return self._model.row_at(self.currentIndex())

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._palette = palette
        self._delegate.apply_theme(palette)
        self._chevrons = {
            True: Stamped("chevron-down", palette.text3),
            False: Stamped("chevron-right", palette.text3),
        }
        view = self.viewport()
        if view is not None:
            view.update()

    def fit_level(self, head: str) -> None:
        """Make room for the head of the level's column, which names the unit."""
        header = self.header()
        if header is not None:
            width = header.fontMetrics().horizontalAdvance(head) + 4 - HEAD_ROOM
            header.resizeSection(LEVEL, max(LEVEL_WIDTH, min(width, MOST_LEVEL_WIDTH)))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Know the keys of the list, besides those that every tree has."""
        if event is None:
            return
        key = event.key()
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        if plain and key == Qt.Key.Key_Space:
            self.role_wanted.emit("sky")
        elif key == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self.role_wanted.emit("science")
        elif plain and key == Qt.Key.Key_Delete:
            self.close_wanted.emit()
        elif plain and key == Qt.Key.Key_F2:
            self.assign_wanted.emit()
        elif plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            row = self.current_row()
            if row is not None:
                self.show_wanted.emit(row)
        elif plain and key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self._on_heading():
            row = self.current_row()
            if row is not None and row.folded == (key == Qt.Key.Key_Right):
                self.show_wanted.emit(row)
        else:
            before = self.current_row()
            super().keyPressEvent(event)
            row = self.current_row()
            moves = plain and key in WALKS
            moved = moves and row is not None and (before is None or row.id != before.id)
            if moved and row is not None and row.kind not in HEADINGS:
                self.show_wanted.emit(row)

    def _on_heading(self) -> bool:
        row = self.current_row()
        return row is not None and row.kind in HEADINGS

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Leave selection and current row alone where a box is clicked."""
        if event is None or self._box_at(event) is None:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Switch the box that was clicked."""
        box = None if event is None else self._box_at(event)
        if box is None:
            super().mouseReleaseEvent(event)
        else:
            self.box_clicked.emit(*box)

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Take the second click on a box as another one."""
        if event is None or self._box_at(event) is None:
            super().mouseDoubleClickEvent(event)

    def _box_at(self, event: QMouseEvent) -> tuple[Role, Row] | None:
        """Return role and row of the box under the mouse."""
        index = self.indexAt(event.position().toPoint())
        row, role = self._model.row_at(index), ROLES.get(index.column())
        has_box = row is not None and row.kind in ("visit", "exposure")
        left = Qt.MouseButton.LeftButton in (event.button(), event.buttons())
        return (role, row) if role is not None and row is not None and has_box and left else None

    def drawRow(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        """Draw the whole row's ground, and the bar of the row that is shown."""
        if painter is None:
            return
        row = self._model.row_at(index)
        chosen = self.selectionModel()
        view = self.viewport()
        whole = QRect(0, option.rect.top(), self.width(), option.rect.height())
        if chosen is not None and chosen.isRowSelected(index.row(), index.parent()):
            painter.fillRect(whole, QColor(self._palette.selected))
        elif (
            view is not None
            and view.underMouse()
            and whole.contains(view.mapFromGlobal(QCursor.pos()))
        ):
            painter.fillRect(whole, QColor(self._palette.hover))
        super().drawRow(painter, option, index)
        if row is not None and row.shown:
            painter.fillRect(QRect(0, whole.top(), 2, whole.height()), QColor(self._palette.accent))

    def drawBranches(self, painter: QPainter | None, rect: QRect, index: QModelIndex) -> None:
        """Draw the icon that says whether a visit is open."""
        row = self._model.row_at(index)
        if painter is None or row is None or not self._chevrons:
            return
        heads = row.kind in HEADINGS
        if heads or row.children:
            is_open = not row.folded if heads else self.isExpanded(index)
            self._chevrons[is_open].paint(painter, rect.translated(2, 0))

    def _on_clicked(self, index: QModelIndex) -> None:
        row = self._model.row_at(index)
        # With Ctrl or Shift, rows are gathered for including and leaving out.
        plain = QApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier
        if row is not None and plain and (row.kind == "visit" or not row.children):
            self.show_wanted.emit(row)

    def _on_double_clicked(self, index: QModelIndex) -> None:
        row = self._model.row_at(index)
        if row is not None and row.kind != "visit":  # the first click has shown and opened it
            self.setExpanded(index, not self.isExpanded(index))

    def _remember(self, index: QModelIndex, is_open: bool) -> None:
        row = self._model.row_at(index)
        if row is not None and not self._painting:
            self._opened[row.id] = is_open

    def _at_first(self, row: Row, few: bool) -> bool:
        if row.kind == "visit":
            return few or any(child.shown for child in row.children)
        return len(row.children) <= FEW_OTHERS

    def _dress_header(self) -> None:
        header = Heads()
        self.setHeader(header)
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(MARK_WIDTH)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in (
            (LEVEL, LEVEL_WIDTH),
            (MASKED, MASKED_WIDTH),
            (SKY, BOX_WIDTH),
            (SCIENCE, BOX_WIDTH),
            (MARK, MARK_WIDTH),
        ):
            header.resizeSection(column, width)
        header.setFont(theme.font(11, 500))
        header.setSectionsClickable(False)
        header.setFixedHeight(24)
        # The numbers below end 2 pixels from their cells' edge; their heads are to share it.
        header.setStyleSheet("QHeaderView::section { padding: 0 2px 0 2px; }")
        self.setIconSize(QSize(ICON, ICON))

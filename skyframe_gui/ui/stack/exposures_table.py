"""The ranked list of exposures: a checkbox, a bar for the pull, numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QModelIndex, QPointF, QRect, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from skyframe_gui.ui import theme
from skyframe_gui.ui.stack.stack_rows import StackRow
from skyframe_gui.ui.stack.table_model import ROW_ROLE, Column, ExposuresModel
from skyframe_gui.ui.tables import RowTable, set_up_rows

if TYPE_CHECKING:
    from PyQt6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent

    from skyframe_gui.ui.stack.stack_rows import Stack
    from skyframe_gui.ui.stack.table_model import AnyIndex
    from skyframe_gui.ui.theme import Palette

ROW, BOX, BAR, PAD = 22, 14, 6, 8
CHECK_WIDTH, NUMBER_ROOM, LEAST_BAR = 34, 50, 60
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ExposuresTable(RowTable):
    """Exposures by their pull.

    Attributes
    ----------
    chosen : signal (key)
        Clicked, or reached by Up and Down.
    switched : signal (key, include)
        Space was pressed, or the checkbox clicked.
    """

    chosen = pyqtSignal(str)
    switched = pyqtSignal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self.rows = ExposuresModel()
        self._telling = True
        self._revealed = ""
        self.setModel(self.rows)
        self._painter = _Delegate(self)
        self.setItemDelegate(self._painter)
        self.setAccessibleName("Exposures by their pull on the frame")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFont(theme.font(12))
        across = set_up_rows(self, ROW, 24)
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        across.setMinimumSectionSize(20)
        across.setSortIndicator(Column.PULL, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        self._across = across
        self.rows.sort(Column.PULL, Qt.SortOrder.DescendingOrder)

    def show_stack(self, stack: Stack, palette: Palette) -> None:
        """Paint the exposures, with the state's selection."""
        self._painter.palette = palette
        self._telling = False
        self.rows.show_stack(stack)
        self._lay_out()
        place = self.rows.place_of(stack.selected)
        if place < 0:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentIndex(self.rows.index(place, Column.NAME))
            if stack.selected != self._revealed:
                self.scrollTo(self.rows.index(place, Column.NAME))
        self._revealed = stack.selected
        self._telling = True

    def key_at(self, place: int) -> str:
        """Return the key of a row."""
        return self.rows.rows[place].key

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        """Tell which exposure a person has reached."""
        super().currentChanged(current, previous)
        if self._telling and current.isValid():
            self.chosen.emit(self.key_at(current.row()))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Take the selected exposure out of the frame or in."""
        index = self.currentIndex()
        if event is not None and event.key() == Qt.Key.Key_Space and index.isValid():
            self._switch(index.row())
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Select a row; on the checkbox switch it, too."""
        super().mousePressEvent(event)
        if event is None or event.button() != Qt.MouseButton.LeftButton:
            return
        index = self.indexAt(event.pos())
        if index.isValid() and index.column() == Column.INSIDE:
            self._switch(index.row())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give the bars what is left."""
        super().resizeEvent(event)
        self._lay_out()

    def _switch(self, place: int) -> None:
        row = self.rows.rows[place]
        self.switched.emit(row.key, not row.included)

    def _lay_out(self) -> None:
        """Make columns as wide as their words, and the bars as wide as the rest."""
        self.rows.brief = False
        head, cell = QFontMetrics(theme.font(11, 500)), QFontMetrics(theme.font(12))
        widths = {Column.INSIDE: CHECK_WIDTH}
        for column in Column:
            if column == Column.INSIDE:
                continue
            title = str(self.rows.headerData(column, Qt.Orientation.Horizontal))
            texts = [self.rows.text(row, column) for row in self.rows.rows]
            # Figures are of one width, so the longest text is the widest: one measured, not all.
            words = cell.horizontalAdvance(max(texts, key=len, default=""))
            # Room for the sort indicator beside the title.
            widths[column] = max(words, head.horizontalAdvance(title) + 12) + 2 * PAD
        view = self.viewport()
        room = (view.width() if view is not None else self.width()) - sum(
            width for column, width in widths.items() if column != Column.PULL
        )
        self.rows.brief = room < widths[Column.PULL]
        brief = str(self.rows.headerData(Column.PULL, Qt.Orientation.Horizontal))
        least = head.horizontalAdvance(brief) + 12 + 2 * PAD
        widths[Column.PULL] = max(room, NUMBER_ROOM + LEAST_BAR, least)
        for column, width in widths.items():
            self._across.resizeSection(column, width)


class _Delegate(QStyledItemDelegate):
    """Draws the cells."""

    def __init__(self, table: ExposuresTable) -> None:
        super().__init__(table)
        self._table = table
        self.palette: Palette = theme.DARK
        self._font = theme.font(12)
        self._metrics = QFontMetrics(self._font)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Return the height of a row."""
        return QSize(40, ROW)

    def paint(
        self, painter: QPainter | None, option: QStyleOptionViewItem, index: AnyIndex
    ) -> None:
        """Draw a cell."""
        row = index.data(ROW_ROLE)
        if painter is None or not isinstance(row, StackRow):
            return
        palette, rect, column = self.palette, option.rect, Column(index.column())
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(palette.selected))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(palette.hover))
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if column == Column.INSIDE:
            self._draw_check(painter, rect, row.included)
        elif column == Column.PULL:
            self._draw_pull(painter, rect, row)
        else:
            text = self._table.rows.text(row, column)
            colour = palette.text if row.included else palette.text3
            if column == Column.WORST and not row.included:
                colour = palette.excluded
            side = LEFT if column == Column.NAME else RIGHT
            self._write(painter, rect.adjusted(PAD, 0, -PAD, 0), text, colour, side)
        painter.restore()

    def _write(
        self, painter: QPainter, rect: QRect, text: str, colour: str, side: Qt.AlignmentFlag
    ) -> None:
        painter.setFont(self._font)
        painter.setPen(QColor(colour))
        if side == LEFT:
            text = self._metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, rect.width())
        painter.drawText(rect, side, text)

    def _draw_check(self, painter: QPainter, rect: QRect, on: bool) -> None:
        palette = self.palette
        box = QRectF(0, 0, BOX - 1, BOX - 1)
        box.moveCenter(QRectF(rect).center())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(palette.accent if on else palette.border), 1))
        painter.setBrush(QColor(palette.accent if on else palette.field))
        painter.drawRoundedRect(box, 3, 3)
        if on:
            painter.setPen(QPen(QColor(palette.on_accent), 1.8))
            x, y = box.left(), box.top()
            painter.drawPolyline(
                QPointF(x + 3, y + 6.8), QPointF(x + 5.6, y + 9.4), QPointF(x + 10.2, y + 3.8)
            )

    def _draw_pull(self, painter: QPainter, rect: QRect, row: StackRow) -> None:
        palette = self.palette
        text = self._table.rows.text(row, Column.PULL)
        colour = palette.text if row.included else palette.text3
        self._write(painter, rect.adjusted(PAD, 0, -PAD, 0), text, colour, RIGHT)
        most = self._table.rows.most_pull
        room = rect.width() - PAD - NUMBER_ROOM - PAD
        if not (row.pull > 0 and most > 0):
            return
        width = max(row.pull / most * room, 2.0)
        bar = QRectF(rect.left() + PAD, rect.center().y() - BAR / 2 + 0.5, width, BAR)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.included:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.accent))
            painter.drawRoundedRect(bar, 2, 2)
        else:
            painter.setPen(QPen(QColor(palette.excluded), 1.2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(bar, 2, 2)

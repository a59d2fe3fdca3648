"""The list of sky sets below the data: which is in use, and what can be done with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QColor, QKeySequence
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from skyframe_gui.app.model.queries import shown_detector
from skyframe_gui.app.model.sky_sets import SkySet, sets_in_use, sky_sets
from skyframe_gui.numbers import NONE
from skyframe_gui.text import on_one_line
from skyframe_gui.ui import theme
from skyframe_gui.ui.data.tips import tip_of_set
from skyframe_gui.ui.data.tree_rows import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from PyQt6.QtGui import QKeyEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.theme import Palette

NAME, FILTER, VISITS, BUILT, MARK = range(5)
HEADS = ("name", "", "visits", "built", "")
WIDTHS = {FILTER: 50, VISITS: 44, BUILT: 42, MARK: 22}
ROW_HEIGHT = 24
MOST_ROWS = 5
"""More are scrolled."""


class _List(QTreeWidget):
    """The rows; up and down use the set that they lead to."""

    use_wanted = pyqtSignal(str)
    look_wanted = pyqtSignal(str)
    throw_wanted = pyqtSignal(str)

    def key(self) -> str:
        """Return the key of the set that the keys are on."""
        item = self.currentItem()
        return "" if item is None else str(item.data(NAME, Qt.ItemDataRole.UserRole))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Know the keys of the list, besides those that every list has."""
        if event is None:
            return
        before = self.key()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and before:
            self.look_wanted.emit(before)
        elif event.key() == Qt.Key.Key_Space and before:
            self.use_wanted.emit(before)
        elif event.key() == Qt.Key.Key_Delete and before:
            self.throw_wanted.emit(before)
        else:
            super().keyPressEvent(event)
            moves = event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
            if moves and self.key() != before:
                self.use_wanted.emit(self.key())


class SetsList(QWidget):
    """A line for each set of sky frames, with a ring at those that are in use.

    Attributes
    ----------
    save_wanted : signal (str)
        A sky frame is to be saved, by its key.
    """

    save_wanted = pyqtSignal(str)

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self.setObjectName("setsList")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._commands = commands
        self._painted: object = None
        self._painting = False
        self._used: frozenset[str] = frozenset()
        self._palette = theme.DARK
        self._title = QLabel("Sky sets")
        self._subject = QLabel()
        self._subject.setProperty("role", "text2")
        self._head = QWidget()
        self._head.setFixedHeight(28)
        head = QHBoxLayout(self._head)
        head.setContentsMargins(8, 0, 8, 0)
        head.addWidget(self._title)
        head.addWidget(self._subject)
        head.addStretch(1)
        self.list = _List()
        self.list.setAccessibleName("Sky sets")
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setHeaderLabels(HEADS)
        titles = self.list.headerItem()
        if titles is not None:
            titles.setData(FILTER, Qt.ItemDataRole.AccessibleTextRole, "filter")
            titles.setData(MARK, Qt.ItemDataRole.AccessibleTextRole, "saved or not")
        self.list.setIconSize(QSize(14, 14))
        self.list.setFont(theme.font(12))
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self._dress_header()
        self.list.use_wanted.connect(commands.sets.use)
        self.list.look_wanted.connect(commands.sets.look_at)
        self.list.throw_wanted.connect(commands.sets.throw_away)
        self.list.itemClicked.connect(lambda item: commands.sets.use(_key(item)))
        self.list.itemDoubleClicked.connect(lambda item: commands.sets.look_at(_key(item)))
        self.list.itemChanged.connect(self._on_changed)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._pop_up)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self.list)

    def show_state(self, state: State) -> None:
        """List the sets; the one that the keys are on stays."""
        sets, used, palette = sky_sets(state), sets_in_use(state), theme.palette_of(state)
        stale = {one.key for one in sets if any(map(state.facts.get, _keys(one)))}
        if (sets, used, stale, palette) == self._painted:
            return
        if palette is not self._palette or self._painted is None:
            self._apply_theme(palette)
        self._painted = (sets, used, stale, palette)
        self.setVisible(bool(sets))
        n = len(used)
        self._subject.setText("" if not n else "one is in use" if n == 1 else f"{n} are in use")
        current = self.list.key()
        if used - self._used and current not in used:
            current = ""  # the keys go on from the one that has come into use
        self._used = used
        self._painting = True
        self.list.clear()
        for one in sets:
            item = self._item(one, one.key in used)
            if one.key in stale:
                item.setIcon(MARK, theme.icon("file-refresh-outline", palette.warning))
                item.setData(MARK, Qt.ItemDataRole.AccessibleTextRole, WORDS["changed"])
            self.list.addTopLevelItem(item)
            if one.key == current or (one.key in used and self.list.currentItem() is None):
                self.list.setCurrentItem(item)
        self._painting = False
        header = self.list.header()
        height = ROW_HEIGHT
        if header is not None:
            metrics = self.list.fontMetrics()
            widest = max((metrics.horizontalAdvance(one.filter) for one in sets), default=0)
            header.resizeSection(FILTER, min(widest + 14, WIDTHS[FILTER]))
            height = header.height()
        self.list.setFixedHeight(height + ROW_HEIGHT * min(len(sets), MOST_ROWS) + 4)

    def suit(self, narrow: bool) -> None:
        """Leave the time of building away where there is little room."""
        self.list.setColumnHidden(BUILT, narrow)

    def _item(self, one: SkySet, used: bool) -> QTreeWidgetItem:
        palette = self._palette
        n = one.n_exposures
        texts = [on_one_line(one.name), on_one_line(one.filter), str(n) if n else NONE]
        item = QTreeWidgetItem([*texts, one.made_at[11:], ""])
        item.setSizeHint(NAME, QSize(20, ROW_HEIGHT))
        item.setData(NAME, Qt.ItemDataRole.UserRole, one.key)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        ring = ("radiobox-marked", palette.accent) if used else ("radiobox-blank", palette.text3)
        item.setIcon(NAME, theme.icon(*ring))
        words = [one.name, f"filter {one.filter}" if one.filter else "", "in use" if used else ""]
        item.setData(NAME, Qt.ItemDataRole.AccessibleTextRole, ", ".join(filter(None, words)))
        for column in (FILTER, VISITS, BUILT):
            item.setForeground(column, QColor(palette.text2))
        for column in (VISITS, BUILT):
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            item.setTextAlignment(column, side)
        tip = tip_of_set(one)
        for column in range(MARK + 1):
            item.setToolTip(column, tip)
        if any(frame.sky_frame.notes for frame in one.frames):
            item.setIcon(MARK, theme.icon("alert", palette.warning))
            item.setData(MARK, Qt.ItemDataRole.AccessibleTextRole, "worth a look")
        elif one.unsaved:
            item.setIcon(MARK, theme.icon("content-save-off-outline", palette.text3))
            item.setData(MARK, Qt.ItemDataRole.AccessibleTextRole, "not saved")
        return item

    def menu(self) -> QMenu | None:
        """Return the menu of the set that the keys are on; None without one."""
        commands, key = self._commands, self.list.key()
        state = commands.store.state
        one = next((one for one in sky_sets(state) if one.key == key), None)
        if one is None:
            return None
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def add(text: str, run: Callable[[], object], keys: str = "") -> None:
            action = QAction(text, menu)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda: run())
            menu.addAction(action)

        add("Use this set", lambda: commands.sets.use(key), "Space")
        add("Look at its sky frame", lambda: commands.sets.look_at(key), "Return")
        if len(one.frames) > 1:
            frames = [frame.key for frame in one.frames]
            add("Blink its sky frames", lambda: commands.film.mark_rows(frames))
        add("Rename", self.rename, "F2")
        menu.addSeparator()
        add("Pin with this set as A", lambda: commands.sets.pin("A", key))
        add("Pin with this set as B", lambda: commands.sets.pin("B", key))
        menu.addSeparator()
        if any(frame.path for frame in one.frames):
            read = [frame.key for frame in one.frames]
            add("Reload from disk", lambda: commands.changes.reload(read))
        if one.unsaved and self.receivers(self.save_wanted):
            detector = shown_detector(state)
            frame = next((i for i in one.unsaved if i.detector == detector), one.unsaved[0])
            which = f" of det {frame.detector}" if len(one.frames) > 1 else ""
            add(f"Save sky frame{which}…", lambda: self.save_wanted.emit(frame.key))
        add("Throw away" if one.unsaved else "Close", lambda: commands.sets.throw_away(key), "Del")
        return menu

    def rename(self) -> None:
        """Let the person type another name."""
        item = self.list.currentItem()
        if item is not None:
            self.list.editItem(item, NAME)

    def _on_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if not self._painting and column == NAME:
            self._painted = None
            self._commands.sets.rename(_key(item), item.text(NAME))
            self.show_state(self._commands.store.state)

    def _pop_up(self, point: QPoint) -> None:
        view, menu = self.list.viewport(), self.menu()
        if view is not None and menu is not None and self.list.itemAt(point) is not None:
            menu.popup(view.mapToGlobal(point))

    def _apply_theme(self, palette: Palette) -> None:
        self._palette = palette
        self._head.setStyleSheet(f"background: {palette.header};")
        self._title.setStyleSheet("font-size: 12px; font-weight: 600;")
        self._subject.setStyleSheet(f"font-size: 12px; color: {palette.text2};")

    def _dress_header(self) -> None:
        header = self.list.header()
        if header is None:
            return
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(MARK)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column, width in WIDTHS.items():
            header.resizeSection(column, width)
        header.setFont(theme.font(11, 500))
        header.setSectionsClickable(False)
        header.setFixedHeight(ROW_HEIGHT)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        head = self.list.headerItem()
        if head is not None:
            head.setTextAlignment(VISITS, right)
            head.setTextAlignment(BUILT, right)


def _keys(one: SkySet) -> tuple[str, ...]:
    return tuple(frame.key for frame in one.frames)


def _key(item: QTreeWidgetItem) -> str:
    return str(item.data(NAME, Qt.ItemDataRole.UserRole))

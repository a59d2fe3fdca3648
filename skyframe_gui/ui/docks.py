"""The frames around panels: a header with title or tabs, float and close, and the panels below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics, QPainter
from PyQt6.QtWidgets import (
    QButtonGroup,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QToolButton,
    QWidget,
)
from typing_extensions import override

from skyframe_gui.ui.badge import Badge
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.screen import move_into_view
from skyframe_gui.ui.theme import DARK, font, icon
from skyframe_gui.ui.widgets import in_column, in_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtGui import QPaintEvent, QResizeEvent

    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.panel import Panel
    from skyframe_gui.ui.theme import Palette

HEADER_HEIGHT = 28
FLOAT_BY = QPoint(32, 40)


class Subject(QLabel):
    """Words that give way at their commas where they have too little room: never half a number."""

    def fitting(self) -> str:
        """Return as many of the parts between the commas as there is room for, or nothing."""
        text, metrics = self.text(), self.fontMetrics()
        while text and metrics.horizontalAdvance(text) > self.width():
            text = text.rpartition(", ")[0]
        return text

    @override
    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self.fitting())
        painter.end()


class Header(QWidget):
    """The bar over one panel or several: title, or one tab each, and the subject."""

    chosen = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("dockHeader")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEADER_HEIGHT)
        self._titles = QWidget()
        self._row = in_row((self._titles, 1), on=self, margins=(10, 0, 6, 0), spacing=8)
        self._tabs: QButtonGroup | None = None
        self._subject: Subject | None = None
        self._palette = DARK
        self.badges: list[Badge] = []
        self._tools: list[list[QWidget]] = []
        self._left_out: list[QWidget] = []
        self.buttons: list[tuple[QToolButton, str]] = []

    def set_panels(self, panels: Sequence[Panel]) -> None:
        """Write the title of one panel, or a tab for each of several."""
        old, self._titles = self._titles, QWidget()
        self._row.replaceWidget(old, self._titles)
        old.hide()
        old.deleteLater()
        self._tabs, self._subject = None, None
        row = in_row(on=self._titles, spacing=8)
        self.badges = [Badge() for _ in panels]
        for badge in self.badges:
            badge.apply_theme(self._palette)
        if len(panels) > 1:
            self._make_tabs(row, panels)
            row.addWidget(self._make_subject())
        elif panels:
            title = QLabel(panels[0].title)
            title.setObjectName("dockTitle")
            row.addWidget(title)
            row.addWidget(self._make_subject())
            row.addWidget(self.badges[0])
        row.addStretch(1)
        self._take_tools(panels)

    def _make_subject(self) -> Subject:
        self._subject = Subject()
        self._subject.setTextFormat(Qt.TextFormat.PlainText)
        self._subject.setObjectName("dockSubject")
        self._subject.setMinimumWidth(1)  # cut off, never making the dock wider
        return self._subject

    def _take_tools(self, panels: Sequence[Panel]) -> None:
        """Place what each panel has at the right of its title; it goes where the panel goes."""
        for widget in (one for some in self._tools for one in some):
            self._row.removeWidget(widget)
        self._left_out.clear()
        self._tools = [panel.header_widgets() for panel in panels]
        place = 1
        for at, tools in enumerate(self._tools):
            for widget in tools:
                self._row.insertWidget(place, widget)
                widget.setVisible(at == 0)
                place += 1

    def _make_tabs(self, row: QHBoxLayout, panels: Sequence[Panel]) -> None:
        self._tabs = QButtonGroup(self._titles)
        for index, (panel, badge) in enumerate(zip(panels, self.badges, strict=True)):
            tab = QToolButton()
            tab.setText(panel.title)
            tab.setObjectName("dockTab")
            tab.setCheckable(True)
            tab.setFixedHeight(HEADER_HEIGHT)
            # Never cut: the bold text of a chosen tab.
            tab.setFixedWidth(QFontMetrics(font(12, 600)).horizontalAdvance(panel.title) + 4)
            self._tabs.addButton(tab, index)
            row.addWidget(tab)
            row.addWidget(badge)
            row.addSpacing(4)
        self._tabs.idClicked.connect(self.chosen)

    def sizeHint(self) -> QSize:
        """Return what the dock gives the bar; it does not ask for the fixed height."""
        return QSize(super().sizeHint().width(), HEADER_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return the same height, and hardly any width: the subject is cut off first."""
        return QSize(120, HEADER_HEIGHT)

    def add_button(self, name: str, tip: str) -> QToolButton:
        """Add a small button at the right end."""
        button = QToolButton()
        button.setProperty("flat", True)
        button.setToolTip(tip)
        button.setAccessibleName(tip.split(" (")[0])
        button.setIconSize(QSize(14, 14))
        button.setFixedSize(22, 22)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._row.addWidget(button)
        self.buttons.append((button, name))
        return button

    @override
    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        self._fit_buttons()

    @override
    def event(self, event: QEvent | None) -> bool:
        done = super().event(event)
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self._fit_buttons()
        return done

    def _fit_buttons(self) -> None:
        """Leave small buttons away where title and choices need the room; the menus have them."""
        self._fit_tools()
        margins = self._row.contentsMargins()
        parts = [self._titles.minimumSizeHint().width()]
        tools = [one for some in self._tools for one in some if not one.isHidden()]
        parts += [one.sizeHint().expandedTo(one.minimumSize()).width() for one in tools]
        free = self.width() - margins.left() - margins.right()
        free -= sum(parts) + self._row.spacing() * (len(parts) - 1)
        # In a very narrow dock the choices stay whole: they say what the title says.
        self._titles.setVisible(free >= 0 or self._tabs is not None)
        for button, _ in reversed(self.buttons):
            free -= button.width() + self._row.spacing()
            button.setVisible(free >= 0)

    def _fit_tools(self) -> None:
        """Leave choices away that would lie over tabs; where there is room they return."""
        margins = self._row.contentsMargins()
        free = self.width() - margins.left() - margins.right()
        free -= self._titles.minimumSizeHint().width()
        for widget in [one for some in self._tools for one in some]:
            if widget.isHidden() and widget not in self._left_out:
                continue  # of another tab
            needed = widget.minimumSizeHint().expandedTo(widget.minimumSize()).width()
            needed += self._row.spacing()
            fits = self._tabs is None or needed <= free
            free -= needed if fits else 0
            if fits and widget in self._left_out:
                self._left_out.remove(widget)
                widget.show()
            elif not fits and widget not in self._left_out:
                self._left_out.append(widget)
                widget.hide()

    def set_subject(self, text: str) -> None:
        """Write beside the title."""
        if self._subject is not None and text != self._subject.text():
            self._subject.setText(text)
            self._subject.setToolTip(plain_tip(text))
            self._subject.setVisible(bool(text))

    def check_tab(self, index: int) -> None:
        """Mark a tab as chosen."""
        button = None if self._tabs is None else self._tabs.button(index)
        if button is not None:
            button.setChecked(True)
        self._left_out.clear()
        for at, tools in enumerate(self._tools):
            for widget in tools:
                widget.setVisible(at == index)
        self._fit_buttons()

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._palette = palette
        for button, name in self.buttons:
            button.setIcon(icon(name, palette.text3))
        for badge in self.badges:
            badge.apply_theme(palette)


class Dock(QDockWidget):
    """A dock of one panel, or of several as tabs.

    Attributes
    ----------
    exposed : signal ()
        A panel in it may have become visible.
    closed : signal ()
        A person has pressed its cross.
    """

    exposed = pyqtSignal()
    closed = pyqtSignal()

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self.setObjectName(f"dock-{panel.id}")
        self.setWindowTitle(panel.title)
        self.area = panel.area
        self.panels: tuple[Panel, ...] = ()
        self.header = Header()
        self.header.add_button("dock-window", "Float or dock").clicked.connect(self._float)
        self.header.add_button("close", "Close (View menu opens it again)").clicked.connect(
            self.closed
        )
        self.setTitleBarWidget(self.header)
        self._stack = QStackedWidget()
        body = QWidget()
        body.setObjectName("dockBody")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        in_column(self._stack, on=body)
        self.setWidget(body)
        self.header.chosen.connect(self._choose)
        self.visibilityChanged.connect(lambda shown: self.exposed.emit() if shown else None)
        self.set_panels((panel,))

    def set_panels(self, panels: Sequence[Panel]) -> None:
        """Hold these panels, taken from where they are."""
        if tuple(panels) == self.panels:
            return
        for panel in self.panels:
            self._stack.removeWidget(panel)
        self.panels = tuple(panels)
        for panel in panels:
            self._stack.addWidget(panel)
        self.header.set_panels(panels)
        if panels:
            self.choose(panels[0])
        titles = " and ".join(panel.title for panel in panels)
        for button, said in zip(self.header.buttons, ("Float or dock", "Close"), strict=False):
            button[0].setAccessibleName(f"{said} {titles}".strip())

    @property
    def current(self) -> Panel | None:
        """The panel whose tab is chosen."""
        index = self._stack.currentIndex()
        return self.panels[index] if 0 <= index < len(self.panels) else None

    def choose(self, panel: Panel) -> None:
        """Bring a panel's tab to the front."""
        self._choose(self.panels.index(panel))

    def show_state(self, state: State) -> None:
        """Write the subject of the title, and the badges."""
        if self.current is not None:
            self.header.set_subject(self.current.subject(state))
        for panel, badge in zip(self.panels, self.header.badges, strict=True):
            badge.show_count(panel.badge(state))

    def _float(self) -> None:
        """Take the dock out, beside its old place so that one sees it, or put it back.

        At the edge of the screen there is no room beside it: there it stays whole.
        """
        self.setFloating(not self.isFloating())
        if self.isFloating():
            self.move(self.pos() + FLOAT_BY)
            move_into_view(self)

    def _choose(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        self.header.check_tab(index)
        self.exposed.emit()

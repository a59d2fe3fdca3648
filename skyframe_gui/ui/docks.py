"""The frames around panels: a header with title or tabs, float and close, and the panels below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFontMetrics
from PyQt6.QtWidgets import (
    QButtonGroup,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from skyframe_gui.ui.theme import font, icon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skyframe_gui.app.state import State
    from skyframe_gui.ui.panel import Panel
    from skyframe_gui.ui.theme import Palette

HEADER_HEIGHT = 28


class Header(QWidget):
    """The bar over one panel or several: title and subject, or one tab each."""

    chosen = pyqtSignal(int)

    def __init__(self, panels: Sequence[Panel]) -> None:
        super().__init__()
        self.setObjectName("dockHeader")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEADER_HEIGHT)
        self._panels = panels
        self._tools: Sequence[Sequence[QWidget]] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 6, 0)
        row.setSpacing(8)
        self._tabs = QButtonGroup(self)
        self._subject = QLabel()
        self._subject.setObjectName("dockSubject")
        self._subject.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if len(panels) == 1:
            title = QLabel(panels[0].title)
            title.setObjectName("dockTitle")
            row.addWidget(title)
            row.addWidget(self._subject, 1)
        else:
            row.setContentsMargins(0, 0, 6, 0)
            row.setSpacing(0)
            for index, panel in enumerate(panels):
                tab = QToolButton()
                tab.setText(panel.title)
                tab.setObjectName("dockTab")
                tab.setCheckable(True)
                tab.setFixedHeight(HEADER_HEIGHT)
                # Never cut: the bold text of a chosen tab, and a little air.
                tab.setFixedWidth(QFontMetrics(font(12, 600)).horizontalAdvance(panel.title) + 18)
                self._tabs.addButton(tab, index)
                row.addWidget(tab)
            self.check_tab(0)
            self._tabs.idClicked.connect(self.chosen)
            row.addStretch(1)
        self.row = row
        self.buttons: list[tuple[QToolButton, str]] = []

    def sizeHint(self) -> QSize:
        """Return what the dock gives the bar; it does not ask for the fixed height."""
        return QSize(super().sizeHint().width(), HEADER_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return the same height, and hardly any width: the subject is cut off first."""
        return QSize(120, HEADER_HEIGHT)

    def add_tools(self, tools: Sequence[Sequence[QWidget]]) -> None:
        """Place what each panel has beside its title."""
        self._tools = tools
        for widget in (one for some in tools for one in some):
            self.row.addWidget(widget)
        self.check_tab(0)

    def add_button(self, name: str, tip: str) -> QToolButton:
        """Add a small button at the right end."""
        button = QToolButton()
        button.setProperty("flat", True)
        button.setToolTip(tip)
        button.setIconSize(QSize(14, 14))
        button.setFixedSize(22, 22)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.row.addWidget(button)
        self.buttons.append((button, name))
        return button

    def set_subject(self, text: str) -> None:
        """Write beside the title."""
        self._subject.setText(text)

    def check_tab(self, index: int) -> None:
        """Mark a tab as chosen."""
        button = self._tabs.button(index)
        if button is not None:
            button.setChecked(True)
        for at, tools in enumerate(self._tools):
            for widget in tools:
                widget.setVisible(at == index)

    def dress(self, palette: Palette) -> None:
        """Take a theme's colours."""
        for button, name in self.buttons:
            button.setIcon(icon(name, palette.text3))


class Dock(QDockWidget):
    """A dock of one panel or of several as tabs."""

    exposed = pyqtSignal()

    def __init__(self, name: str, panels: Sequence[Panel]) -> None:
        super().__init__()
        self.setObjectName(f"dock-{name}")
        self.panels = tuple(panels)
        self.setWindowTitle(panels[0].title)
        self.header = Header(panels)
        self.header.add_tools([panel.header_widgets() for panel in panels])
        self.header.add_button("dock-window", "Float or dock").clicked.connect(
            lambda: self.setFloating(not self.isFloating())
        )
        self.header.add_button("close", "Close (View menu opens it again)").clicked.connect(
            self.close
        )
        self.setTitleBarWidget(self.header)
        self._stack = QStackedWidget()
        for panel in panels:
            self._stack.addWidget(panel)
        body = QWidget()
        body.setObjectName("dockBody")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.setWidget(body)
        self.header.chosen.connect(self._choose)
        self.visibilityChanged.connect(lambda shown: self.exposed.emit() if shown else None)

    @property
    def current(self) -> Panel:
        """The panel whose tab is chosen."""
        return self.panels[self._stack.currentIndex()]

    @property
    def tab(self) -> int:
        """The number of the chosen tab."""
        return self._stack.currentIndex()

    def choose(self, panel: Panel) -> None:
        """Bring a panel's tab to the front."""
        index = self.panels.index(panel)
        self.header.check_tab(index)
        self._choose(index)

    def paint(self, state: State) -> None:
        """Write the subject of the title."""
        if len(self.panels) == 1:
            self.header.set_subject(self.panels[0].subject(state))

    def _choose(self, index: int) -> None:
        self._stack.setCurrentIndex(index)
        self.header.check_tab(index)
        self.exposed.emit()

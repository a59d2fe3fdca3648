"""The bar at the top: menus, the switch between workspaces, the session's name, undo and help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen
from PyQt6.QtWidgets import QAbstractButton, QButtonGroup, QLabel, QToolButton, QWidget

from skyframe_gui.ui.badge import BadgeCount, badge_width, fit_count, night_count, paint_badge
from skyframe_gui.ui.plain_text import plain_tip
from skyframe_gui.ui.theme import DARK, font
from skyframe_gui.ui.widgets import in_row
from skyframe_gui.ui.workspaces import ABOUT

if TYPE_CHECKING:
    from PyQt6.QtGui import QEnterEvent, QPaintEvent, QResizeEvent
    from PyQt6.QtWidgets import QMenuBar

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import Workspace
    from skyframe_gui.ui.actions.menus import Actions
    from skyframe_gui.ui.theme import Palette

HEIGHT, SWITCH_HEIGHT = 36, 26
PAD, BADGE_GAP, RADIUS = 15, 6, 4
LAST = ("undo", "redo", "theme", "shortcuts")


class Segment(QAbstractButton):
    """One workspace of the switch: its name and perhaps a badge."""

    def __init__(self, name: Workspace, key: str, first: bool, last: bool) -> None:
        super().__init__()
        self.setText(ABOUT[name].title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._tip = f"{ABOUT[name].question} ({key})"
        self.setToolTip(self._tip)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._first, self._last = first, last
        self._palette = DARK
        self.count = BadgeCount()

    def show_count(self, count: BadgeCount) -> None:
        """Show another badge."""
        if count != self.count:
            self.count = count
            self.setToolTip(plain_tip("\n".join(filter(None, (self._tip, count.text)))))
            self.updateGeometry()
            self.update()

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self._palette = palette
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room of name and badge."""
        words = QFontMetrics(font(13, 600)).horizontalAdvance(self.text())
        badge = badge_width(self.count.n)
        return QSize(2 * PAD + words + (BADGE_GAP + badge) * bool(badge), SWITCH_HEIGHT)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw it; neighbours share one line."""
        palette, on = self._palette, self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        back = palette.selected if on else palette.field
        if not on and self.underMouse() and self.isEnabled():
            back = palette.hover
        bright = on or self.hasFocus()
        painter.setPen(QPen(QColor(palette.accent if bright else palette.border), 1))
        painter.setBrush(QColor(back))
        painter.drawPath(self._outline())
        colour = palette.text if self.isEnabled() else palette.text3
        painter.setPen(QColor(colour))
        used = font(13, 600 if on else 400)
        painter.setFont(used)
        words = QFontMetrics(used).horizontalAdvance(self.text())
        badge = badge_width(self.count.n)
        x = (self.width() - words - (BADGE_GAP + badge) * bool(badge)) / 2
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(x, 0, words + 2, self.height()), side, self.text())
        if badge:
            top = (self.height() - 16) / 2
            paint_badge(painter, x + words + BADGE_GAP, top, self.count, palette)
        painter.end()

    def _outline(self) -> QPainterPath:
        """Return the border: round at the ends of the switch only."""
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        path = QPainterPath()
        path.addRoundedRect(box, RADIUS, RADIUS)
        square = QPainterPath()
        if not self._first:
            square.addRect(box.adjusted(0, 0, -2 * RADIUS, 0))
        if not self._last:
            square.addRect(box.adjusted(2 * RADIUS, 0, 0, 0))
        return path.united(square).simplified()

    def enterEvent(self, event: QEnterEvent | None) -> None:
        """Light up."""
        super().enterEvent(event)
        self.update()


class WorkspaceSwitch(QWidget):
    """The workspaces side by side, of which one is shown.

    Attributes
    ----------
    chosen : signal (name)
        A person has pressed one.
    resized : signal ()
        A badge came or went.
    """

    chosen = pyqtSignal(str)
    resized = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self.segments: dict[Workspace, Segment] = {}
        names = list(ABOUT)
        for place, name in enumerate(names):
            first, last = place == 0, place == len(names) - 1
            segment = Segment(name, f"Ctrl+{place + 1}", first, last)
            segment.setParent(self)
            segment.clicked.connect(lambda _=False, name=name: self.chosen.emit(name))
            self._group.addButton(segment)
            self.segments[name] = segment
        self._lay_out()

    def show_state(self, state: State, is_empty: bool) -> None:
        """Show which workspace it is, and what is to be seen in the others."""
        for name, segment in self.segments.items():
            segment.setEnabled(not is_empty or name == "visit")
        self.segments["visit" if is_empty else state.view.workspace].setChecked(True)
        self.segments["visit"].show_count(fit_count(state))
        self.segments["night"].show_count(night_count(state))
        self._lay_out()

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        for segment in self.segments.values():
            segment.apply_theme(palette)
        self._lay_out()

    def _lay_out(self) -> None:
        x = 0
        for segment in self.segments.values():
            segment.setGeometry(x, 0, segment.sizeHint().width(), SWITCH_HEIGHT)
            x += segment.width() - 1
            if segment.isChecked():
                segment.raise_()
        if x + 1 != self.width():
            self.setFixedSize(x + 1, SWITCH_HEIGHT)
            self.resized.emit()


class TopBar(QWidget):
    """Menus left, the switch in the window's middle, session and history right."""

    def __init__(self, actions: Actions, commands: Commands, menus: QMenuBar) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self.menus = menus
        menus.setParent(self)
        self.switch = WorkspaceSwitch()
        self.switch.setParent(self)
        self.switch.chosen.connect(commands.show_workspace)
        self.switch.resized.connect(self._lay_out)
        self._session, self._whole = QLabel(self), ""
        self._session.setObjectName("sessionName")
        self._session.setTextFormat(Qt.TextFormat.PlainText)
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        self._session.setAlignment(side)
        self._end = QWidget(self)
        row = in_row(on=self._end, spacing=2)
        for name in LAST:
            button = QToolButton()
            button.setDefaultAction(actions.by_id[name])
            button.setIconSize(QSize(18, 18))
            button.setFixedSize(28, 26)
            button.setProperty("flat", True)
            row.addWidget(button)

    def show_state(self, state: State, is_empty: bool) -> None:
        """Show the workspace and the badges."""
        self.switch.show_state(state, is_empty)

    def show_session(self, name: str, changed: bool) -> None:
        """Name the session file; a dot tells that something in it is not saved."""
        self._whole = f"{name} \N{BULLET}" if name and changed else name
        self._session.setToolTip(plain_tip(f"{name}: not saved" if name and changed else name))
        self._lay_out()

    def apply_theme(self, palette: Palette) -> None:
        """Take a theme's colours."""
        self.switch.apply_theme(palette)
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Put the switch into the middle."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.width()
        menus = min(self.menus.sizeHint().width() + 8, width)
        self.menus.setGeometry(4, (HEIGHT - 28) // 2, menus, 28)
        end = self._end.sizeHint().width()
        self._end.setGeometry(width - end - 8, (HEIGHT - 26) // 2, end, 26)
        x = max((width - self.switch.width()) // 2, menus + 8)
        self.switch.move(x, (HEIGHT - SWITCH_HEIGHT) // 2)
        left = x + self.switch.width() + 16
        room = max(width - end - 16 - left, 0)
        self._session.setGeometry(left, 0, room, HEIGHT)
        metrics = QFontMetrics(font(12))
        self._session.setText(metrics.elidedText(self._whole, Qt.TextElideMode.ElideMiddle, room))

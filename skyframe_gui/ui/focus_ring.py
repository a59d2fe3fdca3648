"""A ring around what has the keyboard, where keys have led to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QRegion
from PyQt6.QtWidgets import QApplication, QLineEdit, QMainWindow, QMenuBar, QWidget
from typing_extensions import override

from skyframe_gui.ui import theme

if TYPE_CHECKING:
    from PyQt6.QtGui import QPaintEvent

    from skyframe_gui.app.model.store import Store

WIDTH, GAP, RADIUS = 2, 1, 4
LARGE = 60
"""From this height on the ring stands within what it is around: beside it there is no room."""
FOLLOWED = (
    *(QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide),
    *(QEvent.Type.LayoutRequest, QEvent.Type.ParentChange),
)


class FocusRing(QObject):
    """A ring around what has the keyboard, in a window and what opens over it.

    It is seen while a person goes by keys, and not where the mouse has led. A line of text has its
    cursor and needs none.

    Parameters
    ----------
    window : QMainWindow
    store : Store
    """

    def __init__(self, window: QMainWindow, store: Store) -> None:
        super().__init__(window)
        self._store = store
        self._by_keys = False
        self._ring: _Ring | None = None
        self._around: QWidget | None = None
        self._followed: list[QWidget] = []
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)

    @property
    def around(self) -> QWidget | None:
        """What the ring is around; None while there is none."""
        return self._around

    def _on_focus(self, _: QWidget | None, now: QWidget | None) -> None:
        self._let_go()
        if now is None or not self._is_ours(now):
            return
        window = now.window()
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._by_keys = False
        elif window is not None and window.testAttribute(
            Qt.WidgetAttribute.WA_KeyboardFocusChange  # set by Qt at each step by keys
        ):
            self._by_keys = True
        if window is not None:
            window.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange, False)
        if self._by_keys and not isinstance(now, (QLineEdit, QMenuBar)) and not now.isWindow():
            self._go_to(now)

    def _is_ours(self, widget: QWidget) -> bool:
        """Whether a widget is of this window or of what opens over it: another has its own ring."""
        one: QWidget | None = widget
        while one is not None and one is not self.parent():
            one = one.parentWidget()
        return one is not None

    def _go_to(self, widget: QWidget) -> None:
        self._around = widget
        one: QWidget | None = widget
        while one is not None:
            one.installEventFilter(self)
            self._followed.append(one)
            one = None if one.isWindow() else one.parentWidget()
        self._place()

    def _let_go(self) -> None:
        for one in self._followed:
            try:
                one.removeEventFilter(self)
            except RuntimeError:  # Qt has deleted it
                continue
        self._followed, self._around = [], None
        self._drop()

    def _drop(self) -> None:
        ring, self._ring = self._ring, None
        if ring is not None:
            try:
                ring.hide()
                ring.deleteLater()
            except RuntimeError:  # it went with its window
                return

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Go where what is ringed goes."""
        if event is not None and event.type() in FOLLOWED:
            self._place()
        return False

    def _place(self) -> None:
        widget = self._around
        window = None if widget is None else widget.window()
        if widget is None or window is None:
            return
        seen = _seen_of(widget)
        if seen.isEmpty():
            self._drop()
            return
        if self._ring is None:
            self._ring = _Ring(window)
        self._ring.colour = theme.palette_of(self._store.state).accent
        out = 0 if widget.height() >= LARGE else WIDTH + GAP
        self._ring.setGeometry(seen.adjusted(-out, -out, out, out) & window.rect())
        self._ring.raise_()
        self._ring.show()


class _Ring(QWidget):
    """Nothing but a line around, which lets the mouse through."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.colour = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    @override
    def resizeEvent(self, a0: object) -> None:
        """Be no more than the line, so that what is painted within does not paint it again."""
        inside = self.rect().adjusted(WIDTH, WIDTH, -WIDTH, -WIDTH)
        self.setMask(QRegion(self.rect()) - QRegion(inside))

    @override
    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.colour), WIDTH))
        half = WIDTH / 2
        box = QRectF(self.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        painter.end()


def _seen_of(widget: QWidget) -> QRect:
    """Return what of a widget its parents leave to be seen, in the window's coordinates."""
    window = widget.window()
    assert window is not None, "a widget is in a window, or is one"
    if not widget.isVisibleTo(window):
        return QRect()
    seen, one = QRect(widget.mapTo(window, QPoint()), widget.size()), widget.parentWidget()
    while one is not None and one is not window:
        seen &= QRect(one.mapTo(window, QPoint()), one.size())
        one = one.parentWidget()
    return seen

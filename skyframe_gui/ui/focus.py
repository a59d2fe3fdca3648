"""Where the keys lead: a ring around it, the way of Tab as the eye goes, and F6 between panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QRegion
from PyQt6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLineEdit,
    QMainWindow,
    QMenuBar,
    QScrollArea,
    QWidget,
)
from typing_extensions import override

from skyframe_gui.ui import theme
from skyframe_gui.ui.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from PyQt6.QtGui import QPaintEvent

    from skyframe_gui.app.model.store import Store

WIDTH, GAP, RADIUS = 2, 1, 4
LARGE = 60
"""From this height on the ring stands within what it is around: beside it there is no room."""
AREAS = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.TopDockWidgetArea,
    Qt.DockWidgetArea.NoDockWidgetArea,  # the middle
    Qt.DockWidgetArea.BottomDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
)
"""In the order in which they are read."""
FOLLOWED = (
    *(QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide),
    *(QEvent.Type.LayoutRequest, QEvent.Type.ParentChange),
)


class FocusRing(QObject):
    """A ring around what has the keyboard, in every window of the program.

    It is seen while a person goes by keys, and not where the mouse has led. A line of text has its
    cursor and needs none.

    Parameters
    ----------
    window : QMainWindow
        Which lives as long as the program.
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
        if now is None:
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


class FocusWay:
    """The way of the keyboard through a window: panel by panel, as they stand.

    Qt's own goes as the widgets were made, and docks are made in any order.

    Parameters
    ----------
    window : QMainWindow
    head, foot : sequence of QWidget
        What stands over all panels, and below.
    middle : QWidget
        What the docks stand around.
    """

    def __init__(
        self,
        window: QMainWindow,
        head: Sequence[QWidget],
        middle: QWidget,
        foot: Sequence[QWidget],
    ) -> None:
        self._window, self._middle = window, middle
        self._head, self._foot = tuple(head), tuple(foot)
        self._awaits_middle = False

    def step(self, forward: bool) -> bool:
        """Go to the next control, or to the one before; return whether there is any."""
        places = (*self._head, *self._panels(), *self._foot)
        now = QApplication.focusWidget()
        if now is not None and now.window() is self._window and not now.isVisible():
            # Qt asks where to go while it hides what had the keys.
            self._go_to_middle()
            return True
        stops = [one for _, one in sorted(self._stops(places), key=lambda pair: pair[0])]
        if not stops:
            return False
        if now in stops:
            at = (stops.index(now) + (1 if forward else -1)) % len(stops)
        else:
            at = 0 if forward else len(stops) - 1
        _give(stops[at], by_tab=forward, by_backtab=not forward)
        return True

    def next_panel(self, forward: bool) -> None:
        """Go to what was last used in the next panel or the one before; the toolbar is one, too."""
        places = [*self._panels(floating=True), *self._head[1:]]
        targets = [(place, target) for place in places if (target := self._target(place))]
        if not targets:
            return
        now = QApplication.focusWidget()
        at = next(
            (k for k, (place, _) in enumerate(targets) if now is not None and _is_in(now, place)),
            -1 if forward else 0,
        )
        place, target = targets[(at + (1 if forward else -1)) % len(targets)]
        if place.isWindow():
            place.activateWindow()
        elif not self._window.isActiveWindow():
            self._window.activateWindow()
        _give(target)

    def rescue(self) -> None:
        """Go to the middle where what had the keys is not to be seen any more."""
        now = self._window.focusWidget()
        if now is self._window or now is None:
            if self._awaits_middle:
                self._go_to_middle()
        elif not now.isVisibleTo(self._window):
            self._go_to_middle()

    def _go_to_middle(self) -> None:
        """Go to what the workspace is about, as soon as there is any of it."""
        target = self._target(self._middle)
        self._awaits_middle = target is None
        (target or self._window).setFocus(Qt.FocusReason.OtherFocusReason)

    def _panels(self, floating: bool = False) -> list[QWidget]:
        """Return middle and docks as they are read: by columns, and down each."""
        window, found = self._window, []
        for dock in window.findChildren(QDockWidget):
            if not dock.isVisible() or (dock.isFloating() and not floating):
                continue
            area = AREAS.index(window.dockWidgetArea(dock)) if not dock.isFloating() else 9
            at = dock.pos()
            first, then = (at.x(), at.y()) if area == 3 else (at.y(), at.x())
            found.append(((area, first, then), dock))
        middle = AREAS.index(Qt.DockWidgetArea.NoDockWidgetArea), 0, 0
        return [one for _, one in sorted([*found, (middle, self._middle)], key=lambda p: p[0])]

    def _stops(self, places: Sequence[QWidget]) -> Iterator[tuple[tuple[int, int, int], QWidget]]:
        """Yield what Tab stops at, with which of the places it is in, its title from the left."""
        number = {place: at for at, place in enumerate(places)}
        for one in _chain(self._window):
            if not _takes_tab(one, self._window):
                continue
            is_title = False
            parent: QWidget | None = one
            while parent is not None and parent not in number:
                is_title = is_title or parent.objectName() == "dockHeader"
                parent = parent.parentWidget()
            at = len(places) if parent is None else number[parent]
            x = one.mapTo(self._window, QPoint()).x() if is_title else 0
            yield (at, 0 if is_title else 1, x), one

    def _target(self, place: QWidget) -> QWidget | None:
        """Return what was last used of a panel, or what it is about."""
        last = place.focusWidget()
        if last is not None and last is not place and _takes_tab(last, place):
            return last
        for panel in place.findChildren(Panel):
            about = _end_of(panel)
            if about is not None and _takes_tab(about, place):
                return about
        stops = [one for one in _chain(place.window() or place) if place.isAncestorOf(one)]
        stops = [one for one in stops if _takes_tab(one, place)]
        body = [one for one in stops if not _in_title(one, place)]
        return next(iter([*body, *stops]), None)


def _give(widget: QWidget, by_tab: bool = False, by_backtab: bool = False) -> None:
    reason = Qt.FocusReason.ShortcutFocusReason
    if by_tab or by_backtab:
        reason = Qt.FocusReason.TabFocusReason if by_tab else Qt.FocusReason.BacktabFocusReason
    window = widget.window()
    if window is not None:
        window.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
    widget.setFocus(reason)
    _reveal(widget)


def _reveal(widget: QWidget) -> None:
    """Scroll what a widget stands in, so that it is seen."""
    one = widget.parentWidget()
    while one is not None:
        if isinstance(one, QScrollArea):
            one.ensureWidgetVisible(widget)
        one = one.parentWidget()


def _chain(window: QWidget) -> Iterable[QWidget]:
    """Return the widgets of a window in the order in which Qt would go through them."""
    found, one = [], window.nextInFocusChain()
    while one is not None and one is not window:
        found.append(one)
        one = one.nextInFocusChain()
    return found


def _takes_tab(widget: QWidget, top: QWidget) -> bool:
    policy = widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value
    return bool(
        policy
        and widget.focusProxy() is None
        and widget.isEnabled()
        and widget.isVisibleTo(top)
        and widget.window() is top.window()
        and not (isinstance(widget, QScrollArea) and _shows_all(widget))
    )


def _shows_all(area: QScrollArea) -> bool:
    bars = (area.horizontalScrollBar(), area.verticalScrollBar())
    return all(bar is None or bar.minimum() == bar.maximum() for bar in bars)


def _end_of(panel: QWidget) -> QWidget | None:
    """Return what a panel hands the keys to; None where it hands them to nothing."""
    one = panel.focusProxy()
    while one is not None and one.focusProxy() is not None:
        one = one.focusProxy()
    return one


def _is_in(widget: QWidget, place: QWidget) -> bool:
    return widget is place or place.isAncestorOf(widget)


def _in_title(widget: QWidget, place: QWidget) -> bool:
    one: QWidget | None = widget
    while one is not None and one is not place:
        if one.objectName() == "dockHeader":
            return True
        one = one.parentWidget()
    return False

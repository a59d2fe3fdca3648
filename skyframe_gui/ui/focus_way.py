"""The way of the keyboard through a window: Tab as the eye goes, and F6 from panel to panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDockWidget,
    QMainWindow,
    QScrollArea,
    QWidget,
)

from skyframe_gui.ui.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

AREAS = (
    Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.DockWidgetArea.TopDockWidgetArea,
    Qt.DockWidgetArea.NoDockWidgetArea,  # the middle
    Qt.DockWidgetArea.BottomDockWidgetArea,
    Qt.DockWidgetArea.RightDockWidgetArea,
)
"""In the order in which they are read."""


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
        if isinstance(target, QAbstractButton) and target is not self._middle.focusWidget():
            target = None  # no key should press what nobody has gone to
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

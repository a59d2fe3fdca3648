"""Where the docks stand: at first, when nothing is open yet, and after "Default layout"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QTabWidget

from skyframe_gui.ui.docks import Dock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtWidgets import QMainWindow

    from skyframe_gui.ui.panel import Panel

AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
LEFT, RIGHT, BOTTOM = 256, 372, 290
SAMPLES, RESIDUALS = 460, 340
CONFIG, FIT = 480, 320
NARROW, NARROWEST = 1280, 1100
"""Widths of the window below which config and fit share a place, and the tree is closed."""
SIDE_BY_SIDE = 2
"""Docks of the bottom; those that follow share the place of the last one."""


class Arrangement:
    """The docks of a window, one for each group of panels.

    Parameters
    ----------
    window : QMainWindow
    panels : sequence of Panel
    """

    def __init__(self, window: QMainWindow, panels: Sequence[Panel]) -> None:
        self._window = window
        self._hidden: list[Dock] = []
        self._width = 1 << 30
        self._closed_tree = False
        groups: dict[str, list[Panel]] = {}
        for panel in panels:
            if panel.area in AREAS:
                groups.setdefault(panel.dock or panel.id, []).append(panel)
        self.docks = {name: Dock(name, members) for name, members in groups.items()}
        window.setCorner(Qt.Corner.BottomLeftCorner, AREAS["left"])
        window.setCorner(Qt.Corner.BottomRightCorner, AREAS["right"])
        for area in AREAS.values():
            window.setTabPosition(area, QTabWidget.TabPosition.North)
        self.reset()

    def reset(self) -> None:
        """Put every dock where it is at the first start."""
        window = self._window
        self._hidden = []
        for dock in self.docks.values():
            dock.setFloating(False)
            window.removeDockWidget(dock)
        for area, place in AREAS.items():
            members = self._in(area)
            for index, dock in enumerate(members):
                window.addDockWidget(place, dock)
                if area == "bottom" and 0 < index < SIDE_BY_SIDE:
                    window.splitDockWidget(members[0], dock, Qt.Orientation.Horizontal)
                elif area == "bottom" and index >= SIDE_BY_SIDE:
                    window.tabifyDockWidget(members[SIDE_BY_SIDE - 1], dock)
                dock.setVisible(any(panel.at_first for panel in dock.panels))
                dock.choose(dock.panels[0])
        self._share_out()

    def suit(self, width: int) -> None:
        """Make room for the images in a window that became narrow, and take it back."""
        before, self._width = self._width, width
        config, fit, tree = (self.docks.get(name) for name in ("config", "fit", "data"))
        if config is not None and fit is not None and not (config.isFloating() or fit.isFloating()):
            if width < NARROW <= before:
                self._window.tabifyDockWidget(config, fit)
                config.raise_()
            elif before < NARROW <= width:
                # Splitting a dock that has a tab would only add to the tabs: both begin anew.
                for dock in (config, fit):
                    self._window.removeDockWidget(dock)
                    self._window.addDockWidget(AREAS["right"], dock)
                    dock.show()
                self._share_out()
        if tree is None:
            return
        if width < NARROWEST <= before and not tree.isHidden():
            self._closed_tree = True
            tree.hide()
        elif before < NARROWEST <= width and self._closed_tree:
            self._closed_tree = False
            tree.show()
            self._share_out()

    def inspect_stack(self) -> None:
        """Give the sky frame's maps, the bin, the exposures' pulls and the strip the most room."""
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        names = ("stack", "residuals", "stack-bin", "stack-strip")
        if not all(name in self.docks for name in names):
            return
        maps, pulls, one_bin, strip = (self.docks[name] for name in names)
        self.reset()
        for name in ("samples", "config", "fit"):
            if name in self.docks:
                self.docks[name].hide()
        self._window.addDockWidget(AREAS["bottom"], maps)
        self._window.splitDockWidget(maps, pulls, across)
        self._window.splitDockWidget(pulls, one_bin, down)
        self._window.splitDockWidget(maps, strip, down)
        for dock in (maps, pulls, one_bin, strip):
            dock.show()
        self.reveal("stack-exposures")
        self._window.resizeDocks([maps, strip], [400, 180], down)
        self._window.resizeDocks([pulls, one_bin], [290, 270], down)
        self._window.resizeDocks([maps, pulls], [600, 560], across)

    def show_bottom(self, show: bool) -> None:
        """Open the docks of the bottom again, or close them: with nothing open they are empty."""
        if show:
            if self._hidden:
                for dock in self._hidden:
                    dock.show()
                self._hidden = []
                self._share_out()
        elif not self._hidden:
            self._hidden = [dock for dock in self._in("bottom") if not dock.isHidden()]
            for dock in self._hidden:
                dock.hide()

    def reveal(self, name: str) -> Panel | None:
        """Open the dock of a panel and bring it to the front; return the panel."""
        for dock in self.docks.values():
            for panel in dock.panels:
                if panel.id == name:
                    dock.show()
                    dock.raise_()
                    dock.choose(panel)
                    return panel
        return None

    def on_screen(self, panel: Panel) -> bool:
        """Whether a panel's dock is open and its tab in front."""
        for dock in self.docks.values():
            if panel in dock.panels:
                return not dock.isHidden() and dock.current is panel
        return True

    def _share_out(self) -> None:
        """Give the docks the sizes of the first start; of closed docks Qt forgets them."""
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        left, right, bottom = (self._in(area) for area in ("left", "right", "bottom"))
        for docks, sizes, way in (
            ([*left[:1], *right[:1]], [LEFT, RIGHT], across),
            (right[:2], [CONFIG, FIT], down),
            (bottom[:1], [BOTTOM], down),
            (bottom[:2], [SAMPLES, RESIDUALS], across),
        ):
            self._window.resizeDocks(docks, sizes[: len(docks)], way)

    def _in(self, area: str) -> list[Dock]:
        return [dock for dock in self.docks.values() if dock.panels[0].area == area]

"""The docks of a window: made once, put where a plan has them, and given its sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QSize, Qt, pyqtSignal

from skyframe_gui.ui.docks import FLOAT_BY, Dock
from skyframe_gui.ui.screen import free_area, move_into_view
from skyframe_gui.ui.workspaces import HANDLE, LEAST_RIGHT, LEFT, LOWER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PyQt6.QtWidgets import QMainWindow

    from skyframe_gui.ui.panel import Panel, Panels
    from skyframe_gui.ui.theme import Palette
    from skyframe_gui.ui.workspaces import Places, Plan, Room

AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
ACROSS, DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
LEAST_LOWER = 280
"""Of the width of a dock in the lower row: below it steps and numbers run into each other."""
FLOATING = QSize(640, 360)
SHARE = 1 / 3
"""Of the lower row, for a dock that a plan does not have."""


class PlacedDocks(QObject):
    """Docks where a plan wants them, in the room that a window has.

    Parameters
    ----------
    window : QMainWindow
    panels : Panels

    Attributes
    ----------
    names : list of str
        The ids of all panels that have a dock.
    docks : dict of panel id to Dock
        Those that are made: on the start page the ones it has, from the first file on all.
    changed : signal ()
        Something was opened, closed or moved, and panels may have become visible.
    """

    changed = pyqtSignal()

    def __init__(self, window: QMainWindow, panels: Panels) -> None:
        super().__init__(window)
        self._window = window
        self._panels = panels
        self.names = panels.of("left", "right", "bottom")
        self.docks: dict[str, Dock] = {}
        self._palette: Palette | None = None
        self._plan: Plan | None = None
        self._room: Room | None = None
        self._busy = False
        window.setDockOptions(window.DockOption.AllowNestedDocks)  # none behind another
        window.setCorner(Qt.Corner.BottomLeftCorner, AREAS["left"])

    # What subclasses do with what a person does ------------------------------------------------

    def close_dock(self, name: str) -> None:
        """Close the dock of a panel, and what shares it."""
        raise NotImplementedError

    def keep_positions(self) -> None:
        """Take note that a person has moved a dock."""
        raise NotImplementedError

    # The docks ---------------------------------------------------------------------------------

    def make(self, name: str) -> None:
        """Make a panel, with its dock where it has one; once."""
        if name in self.docks or name not in self.names:
            return
        self.docks[name] = dock = Dock(self._panels[name])
        if self._palette is not None:
            dock.header.apply_theme(self._palette)
        dock.closed.connect(lambda: self.close_dock(name))
        dock.exposed.connect(self._on_exposed)
        dock.topLevelChanged.connect(self.keep_positions)
        dock.dockLocationChanged.connect(self.keep_positions)

    def put_away(self, name: str) -> None:
        """Give a dock that was never shown its place in the window, where it stays hidden.

        Until then it is a window of its own, which takes milliseconds to become a part of another.
        """
        dock = self.docks.get(name)
        if dock is not None and dock.parent() is None:
            self._busy = True
            dock.hide()
            self._window.addDockWidget(AREAS[dock.area], dock)
            self._busy = False

    def adopt(self) -> None:
        """Take what was never shown into the window, so that Qt deletes it with the window.

        Left to Python it would go after the application, which ends the process with a crash.
        """
        for part in (*self.docks.values(), *self._panels):
            if part.parent() is None:
                part.setParent(self._window)

    def apply_theme(self, palette: Palette) -> None:
        """Give the titles a theme's colours, also those of docks that are made later."""
        self._palette = palette
        for dock in self.docks.values():
            dock.header.apply_theme(palette)

    @property
    def plan(self) -> Plan | None:
        """What is shown."""
        return self._plan

    def is_open(self, name: str) -> bool:
        """Whether the dock of a panel is open."""
        dock = self.dock_of(name)
        return dock is not None and not dock.isHidden()

    def dock_of(self, name: str) -> Dock | None:
        """Return the dock that a panel is in now."""
        own = self.docks.get(name)
        if own is not None and any(panel.id == name for panel in own.panels):
            return own
        return next((dock for dock in self.docks.values() if name in _names(dock)), None)

    def on_screen(self, panel: Panel) -> bool:
        """Whether a panel is in front in an open dock; those without a dock always are."""
        if panel.id not in self.names:
            return True
        dock = self.dock_of(panel.id)
        return dock is not None and not dock.isHidden() and dock.current is panel

    def _open_now(self) -> list[str]:
        return [
            panel.id for dock in self.docks.values() if not dock.isHidden() for panel in dock.panels
        ]

    # Places and sizes --------------------------------------------------------------------------

    def _place(self, plan: Plan, wanted: Sequence[str], sparse: bool) -> None:
        """Put the docks where a plan has them, and open those that are wanted.

        ``sparse``: only these are made, as making and docking one takes milliseconds.
        """
        window = self._window
        corner = AREAS["right" if plan.right_is_full else "bottom"]
        window.setCorner(Qt.Corner.BottomRightCorner, corner)
        for name in (*plan.panels, *wanted) if sparse else self.names:
            self.make(name)
        self._group(plan)
        for dock in self.docks.values():
            if dock.parent() is not None:  # a new one is a window of its own, and dear to dock
                if dock.isFloating():  # Qt takes a millisecond for one that does not, too
                    dock.setFloating(False)
                window.removeDockWidget(dock)
        for area, places, way in (
            ("left", plan.left, DOWN),
            ("right", plan.right, DOWN),
            ("bottom", plan.bottom, ACROSS),
        ):
            first = [names[0] for names, _ in places]
            rest = [
                name
                for name in self.names
                if name in self.docks
                and self.docks[name].panels
                and self.docks[name].area == area
                and name not in plan.panels
                and (not sparse or name in wanted)
            ]
            before: Dock | None = None
            for name in (*first, *rest):
                dock = self.docks[name]
                if before is None:
                    window.addDockWidget(AREAS[area], dock)
                else:
                    window.splitDockWidget(before, dock, way)
                before = dock
        shown = [dock for dock in self.docks.values() if _names(dock).intersection(wanted)]
        for dock in self.docks.values():
            if dock not in shown and dock.parent() is not None:
                dock.hide()
        self._keep_to_the_window(shown)
        for dock in shown:
            dock.show()

    def _group(self, plan: Plan) -> None:
        """Let panels share a dock as tabs where the plan says so, and have one each elsewhere."""
        shared = {
            names[0]: names for names, _ in (*plan.left, *plan.right, *plan.bottom) if names[1:]
        }
        guests = {name for names in shared.values() for name in names[1:]}
        for name, dock in self.docks.items():
            if name in guests:
                dock.set_panels(())
            elif name not in shared:
                dock.set_panels((self._panels[name],))
        for name, names in shared.items():
            self.docks[name].set_panels([self._panels[one] for one in names])

    def _share_out(self) -> None:
        """Give the open docks the sizes of the plan."""
        plan, room, window = self._plan, self._room, self._window
        if plan is None or room is None:
            return
        left, right, lower = (self._open_in(area) for area in AREAS)
        left_width = (plan.left_width or LEFT) * bool(left)
        widths = [left_width] * bool(left) + [plan.right_width or LEAST_RIGHT] * bool(right)
        window.resizeDocks([*left[:1], *right[:1]], widths, ACROSS)
        height = plan.bottom_height or LOWER
        if lower:
            window.resizeDocks(lower[:1], [height], DOWN)
        full = room.body
        short = full if plan.right_is_full else full - (height + HANDLE) * bool(lower)
        for docks, places, way, whole in (
            (left, plan.left, DOWN, full),
            (right, plan.right, DOWN, short),
            (lower, plan.bottom, ACROSS, room.width - left_width),
        ):
            if len(docks) > 1:
                shares = [_share(dock, places) for dock in docks]
                sizes = [round(whole * share / sum(shares)) for share in shares]
                window.resizeDocks(docks, sizes, way)

    def _keep_to_the_window(self, opening: Sequence[Dock] = ()) -> None:
        """Float what a person has opened beyond the plan where the lower row has no room for it.

        Without this the docks get too narrow to read, and push the window over the screen's edge.
        """
        window, plan = self._window, self._plan
        if plan is None:
            return
        docks = {area: self._open_in(area, opening) for area in AREAS}
        beside = plan.left_width * bool(docks["left"])
        beside += plan.right_width * bool(plan.right_is_full and docks["right"])
        width = min(window.width(), free_area(window).width()) - beside
        row = docks["bottom"]
        more = [dock for dock in row if not _names(dock).intersection(plan.panels)]
        more.sort(key=lambda dock: dock in opening)
        for dock in more[::-1][: max(0, len(row) - width // LEAST_LOWER)]:
            dock.setFloating(True)
            dock.resize(FLOATING)
            floating = sum(one.isFloating() for one in self.docks.values())
            dock.move(window.geometry().center() - dock.rect().center() + floating * FLOAT_BY)
            move_into_view(dock)

    def _open_in(self, area: str, opening: Sequence[Dock] = ()) -> list[Dock]:
        """Return the docks of an area that are open, or about to be, in their order."""
        plan = self._plan
        assert plan is not None, "asked for while there is a plan only"
        places = {"left": plan.left, "right": plan.right, "bottom": plan.bottom}
        here = [names[0] for names, _ in places[area]]
        for name, dock in self.docks.items():
            if dock.panels and dock.area == area and name not in plan.panels:
                here.append(name)
        docks = [self.docks[name] for name in here]
        return [
            dock
            for dock in docks
            if not dock.isFloating() and (dock in opening or not dock.isHidden())
        ]

    def _on_exposed(self) -> None:
        if not self._busy:
            self.changed.emit()


def _names(dock: Dock) -> set[str]:
    return {panel.id for panel in dock.panels}


def _share(dock: Dock, places: Places) -> float:
    own = _names(dock)
    return next((share for names, share in places if own.intersection(names)), SHARE)

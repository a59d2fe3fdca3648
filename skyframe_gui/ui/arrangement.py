"""Which docks a workspace shows: those of its plan, or what a person has made of it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from skyframe_gui.ui.placed_docks import AREAS, PlacedDocks
from skyframe_gui.ui.workspaces import (
    ABOUT,
    Layout,
    all_plans,
    plan_of,
    start_plan,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PyQt6.QtWidgets import QMainWindow

    from skyframe_gui.app.model.view import Workspace
    from skyframe_gui.ui.panel import Panels
    from skyframe_gui.ui.workspaces import Plan, Room

VERSION = 2
"""Of what Qt saves of the docks; those of program 0.1.0 (0) held other docks and are not taken."""
START = "start"


class Arrangement(PlacedDocks):
    """Shows the docks of one workspace at a time and remembers what a person made of each."""

    def __init__(self, window: QMainWindow, panels: Panels) -> None:
        super().__init__(window, panels)
        self._layouts: dict[str, Layout] = {}
        self._name = ""
        self._is_held = False

    # What the state asks for -----------------------------------------------------------------

    def show_workspace(
        self, name: Workspace, room: Room, is_empty: bool, is_held: bool = False
    ) -> None:
        """Arrange the docks of a workspace, or those of the start page, for a room.

        ``is_held``: nothing is painted before `paint_again`. To arrange all docks and to paint all
        of them takes long enough for a turn of the event loop each.
        """
        self._is_held = is_held
        key = START if is_empty else name
        plan = _plan_for(key, room)
        self._room = room
        if key != self._name:
            self._keep()
            self._name = key
            self._arrange(plan)
        elif self._layout.custom or self._plan == plan:
            return
        elif self._plan is None or self._plan.name != plan.name:
            self._arrange(plan)
        else:
            self._plan = plan
            self._share_out()

    def centre_of(self, name: Workspace, room: Room, is_empty: bool) -> str:
        """Return the panel in the middle of a workspace, or of the start page."""
        return _plan_for(START if is_empty else name, room).centre

    def reset(self) -> None:
        """Put every dock of the present workspace where it is at the first start."""
        self._layouts.pop(self._name, None)
        if self._room is not None:
            self._arrange(_plan_for(self._name, self._room))
            self.changed.emit()

    # What a person does ----------------------------------------------------------------------

    def open_dock(self, name: str) -> None:
        """Open the dock of a panel, with room, and its tab in front."""
        self.make(name)
        dock = self.dock_of(name)
        if dock is None:
            return
        was_open = not dock.isHidden()
        if not was_open:
            self._busy = True
            if dock.parent() is None:  # of the start page, where most have no place yet
                self._window.addDockWidget(AREAS[dock.area], dock)
            self._keep_to_the_window([dock])  # before it can widen the window
            dock.show()
            self._busy = False
            self._opened_or_closed()
        dock.raise_()
        dock.choose(self._panels[name])
        if not was_open:
            self.changed.emit()

    def close_dock(self, name: str) -> None:
        """Close the dock of a panel, and what shares it."""
        dock = self.dock_of(name)
        if dock is not None and not dock.isHidden():
            dock.hide()
            self._opened_or_closed()
            self.changed.emit()

    def keep_positions(self) -> None:
        """From now on the docks of this workspace stay where a person puts them."""
        if self._busy or not self._name:
            return
        self._layouts.setdefault(self._name, self._layout).custom = True

    # What is remembered ----------------------------------------------------------------------

    def record(self) -> dict[str, Any]:
        """Return what a person made of each workspace, as JSON has it."""
        self._keep()
        return {
            name: {
                "open": list(layout.open),
                "plan": layout.plan,
                "docks": base64.b64encode(layout.docks).decode("ascii"),
            }
            for name, layout in self._layouts.items()
        }

    def restore(self, record: Mapping[str, Any]) -> None:
        """Use what `record` has returned, now or in another run; what is no such thing is not."""
        taken = {}
        for name, entry in record.items():
            layout = _layout_from(entry)
            if layout is not None and name in (START, *ABOUT):
                layout.open = [one for one in layout.open if one in self.names]
                taken[name] = layout
        self._layouts = taken
        if self._room is not None:
            self._arrange(_plan_for(self._name, self._room))
            self.changed.emit()

    @property
    def _layout(self) -> Layout:
        """What the present workspace is: a person's, else the plan's."""
        known = self._layouts.get(self._name)
        if known is not None:
            return known
        plan = self._plan
        return Layout(list(plan.panels), plan.name) if plan is not None else Layout()

    def _keep(self) -> None:
        """PreferencesSaver where the docks are now, where a person has moved them."""
        layout = self._layouts.get(self._name)
        if layout is not None and layout.custom and self._plan is not None:
            layout.docks = bytes(self._window.saveState(VERSION).data())
            layout.plan = self._plan.name
            layout.open = self._open_now()

    def _opened_or_closed(self) -> None:
        layout = self._layouts.setdefault(self._name, self._layout)
        layout.open = self._open_now()
        if not layout.custom:
            self._share_out()

    def _arrange(self, plan: Plan) -> None:
        """Put all docks where a plan has them, or where a person had them."""
        window = self._window
        layout = self._layouts.get(self._name)
        self._plan = plan
        if layout is not None and layout.custom and layout.plan != plan.name:
            plan = self._plan = _named(layout.plan, self._room, plan)
        wanted = list(plan.panels) if layout is None else layout.open
        self._busy = True
        window.setUpdatesEnabled(False)
        try:
            self._place(plan, wanted, sparse=self._name == START)
            if layout is not None and layout.custom:
                size = window.size()
                layout.custom = window.restoreState(layout.docks, VERSION)
                self._keep_to_the_window()  # it may be of a wider window
                if window.width() > size.width():
                    _activate(window)
                    window.resize(size)
            if layout is None or not layout.custom:
                self._share_out()
        except BaseException:
            self._is_held = False
            raise
        finally:
            self._busy = False
            if not self._is_held:
                self.paint_again()

    def paint_again(self) -> None:
        """Let be painted what was arranged."""
        self._is_held = False
        if not self._window.updatesEnabled():
            self._window.setUpdatesEnabled(True)
            for dock in self.docks.values():  # one that floats now is no longer reached by that
                dock.setUpdatesEnabled(True)


def layout_of(arrangement: Arrangement) -> str:
    """Return what a person made of each workspace, base64."""
    text = json.dumps({"workspaces": arrangement.record()})
    return base64.b64encode(text.encode("ascii")).decode("ascii")


def restore_layout(arrangement: Arrangement, layout: str) -> None:
    """Put the docks where a session has them; what is no layout of this version stays away."""
    try:
        record = json.loads(base64.b64decode(layout))["workspaces"]
    except (ValueError, KeyError, TypeError, RecursionError):  # of 0.1.0, or damaged, or none
        return
    if isinstance(record, dict):
        arrangement.restore(record)


def _activate(window: QMainWindow) -> None:
    layout = window.layout()
    if layout is not None:
        layout.activate()


def _named(name: str, room: Room | None, otherwise: Plan) -> Plan:
    """Return the plan of a name that a layout was made from, whatever the room asks for now."""
    plans = [] if room is None else all_plans(room)
    return next((plan for plan in plans if plan.name == name), otherwise)


def _plan_for(name: str, room: Room) -> Plan:
    """Return the plan of a workspace, or of the start page."""
    workspace = next((one for one in ABOUT if one == name), None)
    return start_plan(room) if workspace is None else plan_of(workspace, room)


def _layout_from(entry: object) -> Layout | None:
    """Return a layout from JSON; None for what is none."""
    if not isinstance(entry, dict):
        return None
    names, plan, docks = entry.get("open"), entry.get("plan"), entry.get("docks")
    if not (isinstance(names, list) and isinstance(plan, str) and isinstance(docks, str)):
        return None
    try:
        state = base64.b64decode(docks, validate=True)
    except ValueError:
        return None
    return Layout([str(one) for one in names], plan, bool(state), state)

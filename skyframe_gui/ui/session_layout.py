"""Where the docks of a window are, as a session file keeps it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyframe_gui.ui.window import MainWindow


def layout_of(window: MainWindow) -> str:
    """Return where the docks are and which tabs are in front, base64."""
    tabs = {name: dock.tab for name, dock in window.docks.items()}
    shape = base64.b64encode(bytes(window.saveState().data())).decode("ascii")
    text = json.dumps({"state": shape, "tabs": tabs})
    return base64.b64encode(text.encode("ascii")).decode("ascii")


def take_layout(window: MainWindow, layout: str) -> None:
    """Put the docks where a session has them; what Qt does not take of it stays as it is."""
    try:
        found = json.loads(base64.b64decode(layout))
        shape, tabs = base64.b64decode(found["state"]), dict(found["tabs"])
    except (ValueError, KeyError, TypeError):  # of another program, or damaged, or none
        return
    state = window.session.state
    if not (state.exposures or state.sky_frames or state.bad_files):
        return  # on the start page the docks of the bottom are closed
    window.restore_layout(bytes(shape))
    for name, tab in tabs.items():
        dock = window.docks.get(name)
        if dock is not None and isinstance(tab, int) and 0 <= tab < len(dock.panels):
            dock.choose(dock.panels[tab])

"""Where the docks of a window are, as a session file keeps it."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyframe_gui.ui.arrangement import Arrangement


def layout_of(arrangement: Arrangement) -> str:
    """Return what a person made of each workspace, base64."""
    text = json.dumps({"workspaces": arrangement.record()})
    return base64.b64encode(text.encode("ascii")).decode("ascii")


def take_layout(arrangement: Arrangement, layout: str) -> None:
    """Put the docks where a session has them; what is no layout of this version stays away."""
    try:
        record = json.loads(base64.b64decode(layout))["workspaces"]
    except (ValueError, KeyError, TypeError, RecursionError):  # of 0.1.0, or damaged, or none
        return
    if isinstance(record, dict):
        arrangement.take(record)

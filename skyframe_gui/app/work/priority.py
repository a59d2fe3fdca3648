"""The window comes before work: for a core, and for the interpreter's lock."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

LESS = 5
"""So much nicer than the window's are threads that work: between them all stays as it was."""
SWITCH_SECONDS = 0.002
"""A thread that wants to run Python gets its turn after so long: each paint of a widget asks."""


def give_way() -> None:
    """Let this thread, and those that it starts, come after the window's for a core.

    Only Linux knows priorities of threads. Where both cores compute, the window's thread would wait
    for its part of one whenever something is to be painted.
    """
    if sys.platform == "linux":
        me = threading.get_native_id()
        with suppress(OSError):  # where that is not allowed all are equal
            now = os.getpriority(os.PRIO_PROCESS, me)
            os.setpriority(os.PRIO_PROCESS, me, min(now + LESS, 19))


def switch_often() -> None:
    """Let the window's thread wait less for others that run Python."""
    sys.setswitchinterval(SWITCH_SECONDS)

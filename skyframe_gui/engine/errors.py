"""The errors a user can cause or meet, each worded for the user."""

from __future__ import annotations


class SkyFrameError(Exception):
    """Base of all expected errors.

    ``str(error)`` is one sentence for the user: which file or stage, what is wrong, what to do.
    """

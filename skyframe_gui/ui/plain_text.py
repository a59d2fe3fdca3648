"""Words from files in tooltips, which Qt would take for markup where they look like it."""

from __future__ import annotations

from html import escape

from PyQt6.QtGui import Qt


def plain_tip(text: str) -> str:
    """Return a text so that a tooltip shows it as it is, whatever it looks like."""
    return escape(text).replace("\n", "<br>") if Qt.mightBeRichText(text) else text

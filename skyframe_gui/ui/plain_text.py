"""Words from files in tooltips, which Qt would take for markup where they look like it."""

from __future__ import annotations

from html import escape


def plain_tip(text: str) -> str:
    """Return a text so that a tooltip shows it as it is, whatever it looks like."""
    if "<" not in text and "&lt;" not in text:
        return text
    return f"<qt>{escape(text)}</qt>".replace("\n", "<br>")

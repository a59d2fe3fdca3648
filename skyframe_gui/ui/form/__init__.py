"""A form whose editors are made from the fields of the config model."""

from __future__ import annotations

from skyframe_gui.ui.form.form import Form

__all__ = ["Form"]

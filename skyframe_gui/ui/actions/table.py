"""One table of everything that menus, toolbar and keys do."""

from __future__ import annotations

from skyframe_gui.ui.actions import edit, file, help, image, samples, stack, view

TABLE = (
    *file.ENTRIES,
    *edit.ENTRIES,
    *view.ENTRIES,
    *image.ENTRIES,
    *samples.ENTRIES,
    *stack.ENTRIES,
    *help.ENTRIES,
)

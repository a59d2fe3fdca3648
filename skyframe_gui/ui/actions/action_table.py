"""One table of everything that menus, toolbar and keys do."""

from __future__ import annotations

from skyframe_gui.ui.actions import (
    cut_menu,
    edit_menu,
    file_menu,
    film_menu,
    help_menu,
    image_menu,
    mask_menu,
    samples_menu,
    stack_menu,
    view_menu,
    zoom_menu,
)

TABLE = (
    *file_menu.ACTIONS,
    *edit_menu.ACTIONS,
    *view_menu.ACTIONS,
    *image_menu.ACTIONS,
    *zoom_menu.ACTIONS,
    *film_menu.ACTIONS,
    *cut_menu.ACTIONS,
    *mask_menu.ACTIONS,
    *samples_menu.ACTIONS,
    *stack_menu.ACTIONS,
    *help_menu.ACTIONS,
)

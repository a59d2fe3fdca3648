"""Which mask planes are drawn over the images, in which colours, and how masked pixels look."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyframe_gui.app.model.shown import Shown
    from skyframe_gui.app.model.view import Veil, View

KNOWN = {
    "BAD": "#d55e00",
    "SAT": "#cc79a7",
    "INTRP": "#009e73",
    "CR": "#f0e442",
    "EDGE": "#999999",
    "DETECTED": "#56b4e9",
    "DETECTED_NEGATIVE": "#0072b2",
    "SUSPECT": "#e69f00",
    "NO_DATA": "#b0b4ba",
}
"""By Okabe and Ito, as far as they go."""
OTHERS = ("#8dd3c7", "#bebada", "#fb8072", "#80b1d3", "#fdb462", "#b3de69", "#fccde5", "#bc80bd")

MASKED_MODES: tuple[tuple[Veil, str], ...] = (
    ("veil", "Masked pixels veiled"),
    ("full", "Masked pixels grey"),
    ("hidden", "Masked pixels as they are"),
)


def next_masked_mode(veil: Veil) -> Veil:
    """Return the next way of drawing masked pixels, for the key that goes round."""
    modes = [mode for mode, _ in MASKED_MODES]
    return modes[(modes.index(veil) + 1) % len(modes)]


def plane_colour(view: View, name: str, bit: int) -> str:
    """Return the colour of a mask plane, "#rrggbb": a person's choice, else its usual one."""
    return view.plane_colours.get(name) or KNOWN.get(name) or OTHERS[bit % len(OTHERS)]


def planes_to_draw(view: View, shown: Shown) -> list[tuple[str, str]]:
    """Return the planes that are drawn with their colours, the rarest kind first.

    Detected objects cover most: what is broken or saturated inside of one must not vanish below.
    """
    planes = shown.planes
    if planes is None:
        return []
    names = sorted(planes, key=lambda name: (name.startswith("DETECTED"), planes[name]))
    return [
        (name, plane_colour(view, name, planes[name]))
        for name in names
        if name not in view.hidden_planes
    ]

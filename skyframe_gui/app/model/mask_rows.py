"""The masks by hand of an exposure: which they are, which one is selected, and all in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from skyframe_gui.app.model.hand_masks import masks_of
from skyframe_gui.app.model.queries import open_exposures, shown_exposure, visit_of, visits
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.numbers import MINUS, NONE, TIMES

if TYPE_CHECKING:
    from skyframe_gui.app.model.hand_masks import MaskItem
    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine.hand_masks import HandMask


NO_WCS = "no WCS"
"""In place of pixels: nothing says where on the exposure a mask on the sky is."""


class Row(NamedTuple):
    """A mask as it is written."""

    shape: str
    size: str
    pixels: str
    of: str
    within: str


_own = Remembered["tuple[MaskItem, ...]"]()


def own_masks(state: State, key: str) -> tuple[MaskItem, ...]:
    """Return the masks by hand of an exposure, those of its visit among them, oldest first."""
    if not state.hand_masks or not key:
        return ()
    return _own.of(
        (state.hand_masks, visits(open_exposures(state)), key),
        lambda: masks_of(state.hand_masks, key, visit_of(state, key)),
    )


def shown_masks(state: State) -> tuple[MaskItem, ...]:
    """Return the masks by hand of the shown exposure."""
    item = shown_exposure(state)
    return () if item is None else own_masks(state, item.key)


def selected_mask(state: State) -> MaskItem | None:
    """Return the mask that is selected, where it is one of the shown exposure."""
    wanted = state.selection.mask
    if wanted is None:
        return None
    return next((one for one in shown_masks(state) if one.number == wanted), None)


def rows_of(state: State) -> list[Row]:
    """Return the masks of the shown exposure in words."""
    return [row_of(state, one) for one in shown_masks(state)]


def row_of(state: State, item: MaskItem) -> Row:
    """Return a mask in words; how many pixels it masks is known after a moment."""
    found = state.results.masked
    n = None if found is None else found.get(item.mask)
    shown = state.results.shown
    exposure = None if shown is None else shown.exposure
    lost = item.mask.on_sky and exposure is not None and exposure.wcs is None
    return Row(
        item.mask.shape,
        size_of(item.mask),
        NO_WCS if lost else NONE if n is None else str(n),
        "exposure" if item.exposure else "visit",
        "sky" if item.mask.on_sky else "pixels",
    )


def size_of(mask: HandMask) -> str:
    """Return how large a mask is: in pixels, on the sky in seconds of arc."""
    if mask.shape == "polygon":
        return f"{len(mask.corners)} corners"
    factor, unit = (3600.0, "″") if mask.on_sky else (1.0, " px")
    sizes = f" {TIMES} ".join(f"{factor * one:.1f}".removesuffix(".0") for one in mask.sizes)
    if mask.shape == "circle":
        return f"radius {sizes}{unit}"
    angle = f"{mask.numbers[4]:.0f}°".replace("-", MINUS)
    return f"{sizes}{unit}" + (f", {angle}" if angle not in ("0°", f"{MINUS}0°") else "")


def words_of(item: MaskItem) -> str:
    """Return a mask in a line, such as "circle, radius 25 px, whole visit, on the sky"."""
    words = [item.mask.shape, size_of(item.mask)]
    if not item.exposure:
        words.append("whole visit")
    if item.mask.on_sky:
        words.append("on the sky")
    return ", ".join(words)

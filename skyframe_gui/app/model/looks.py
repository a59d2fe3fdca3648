"""How each layer is coloured: stretch, limits and colours as a person has chosen them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from skyframe_gui.numbers import MINUS, SIGMA

if TYPE_CHECKING:
    from collections.abc import Mapping

Layer = Literal[
    "exposure",
    "grid",
    "model",
    "subtracted",
    "residual",
    "correction",
    "difference",
    "frame",
    "frame-error",
]
LAYERS: tuple[Layer, ...] = (
    "exposure",
    "grid",
    "model",
    "subtracted",
    "residual",
    "correction",
)
"""Layers that a pane can show."""
FRAMES: tuple[Layer, Layer] = ("frame", "frame-error")
"""Maps of a sky frame: value and error."""
LOOKED: tuple[Layer, ...] = (*LAYERS, "difference", *FRAMES)
"""Layers that have a look: A minus B of Compare and the maps of Stack, too."""
CompareLayer = Literal["subtracted", "residual", "model"]
COMPARED: tuple[CompareLayer, ...] = ("subtracted", "residual", "model")
"""Layers of which A, B and their difference can be shown."""
DIFFERENCES: tuple[Layer, ...] = ("subtracted", "residual", "difference")
"""Layers about 0: their limits are measured as plus and minus, and those set by hand hold on."""

LAYER_WORDS: dict[Layer, str] = {
    "exposure": "the exposure",
    "grid": "the bin grid",
    "model": "the sky model",
    "subtracted": "the subtracted exposure",
    "residual": "the residual map",
    "correction": "the sky correction",
    "difference": f"A {MINUS} B",
    "frame": "the sky frame",
    "frame-error": "the sky frame's error",
}
"""What the Edit menu calls them."""

STRETCHES = ("linear", "log", "sqrt", "asinh", "histogram")
MODES = ("zscale", "min-max", "99.9 %", "99.5 %", "99 %", "98 %", "95 %", "90 %")
"""How limits of the exposure, the bin grid and the model are measured."""
THREE_SIGMA = f"3 {SIGMA}"
SYMMETRIC_MODES = (THREE_SIGMA, f"5 {SIGMA}", f"10 {SIGMA}", "min-max", "99.5 %", "98 %", "95 %")
"""How limits of the layers about 0 are measured."""
BY_THEME = "residual"
"""The diverging map whose middle is as dark, or as light, as the window."""
SEQUENTIAL = ("grey", "grey inverted", "viridis", "inferno", "cividis", "magma")
DIVERGING = (BY_THEME, "CET-D4", "CET-D1A")
SMOOTHED: tuple[Layer, ...] = ("exposure", "subtracted", "correction")
"""Layers of noisy pixels, which can be smoothed for the eye."""
LARGEST_SMOOTHING = 50.0
"""Pixels of sigma: larger structures are what the residual map shows."""
SMALLEST_BIN, LARGEST_BIN = 4, 1 << 16
"""Pixels; of the residual map."""
HERE = "shown"
"""What stands in a session file for the exposure that is looked at in it."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How one layer is coloured, as a person has chosen it.

    Attributes
    ----------
    stretch : str
        One of `STRETCHES`.
    preset : str
        How limits are measured; one of `presets_of` the layer.
    colours : str
        One of `colours_of` the layer.
    by_hand : (low, high) or None
        Limits that were typed or dragged, in the unit of the layer's pixels; of the model in the
        sky frame's unit.
    of : str
        Key of the exposure that ``by_hand`` belongs to; "" for any.
    bins : int or None
        Side in pixels of the residual map's bins; None for the config's.
    smooth : float
        Sigma in pixels of the Gaussian that the layer is smoothed with on the screen; 0 for none.
    """

    stretch: str = "linear"
    preset: str = "zscale"
    colours: str = "grey"
    by_hand: tuple[float, float] | None = None
    of: str = ""
    bins: int | None = None
    smooth: float = 0.0


DEFAULT_LOOKS: Mapping[Layer, Look] = MappingProxyType(
    {
        "exposure": Look(),
        "grid": Look(preset="98 %", colours="viridis"),
        "model": Look(preset="98 %", colours="viridis"),
        "subtracted": Look(preset=THREE_SIGMA, colours=BY_THEME),
        "residual": Look(preset="98 %", colours=BY_THEME),
        "correction": Look(preset="98 %", colours="viridis"),
        "difference": Look(preset="99.5 %", colours=BY_THEME),
        "frame": Look(preset="99 %", colours="viridis"),
        "frame-error": Look(preset="99 %", colours="inferno"),
    }
)


def presets_of(layer: Layer) -> tuple[str, ...]:
    """Return the ways in which a layer's limits can be measured."""
    return SYMMETRIC_MODES if layer in DIFFERENCES else MODES


def colours_of(layer: Layer) -> tuple[str, ...]:
    """Return the colour maps that a layer can have, those that suit it best first."""
    return (*DIVERGING, *SEQUENTIAL) if layer in DIFFERENCES else SEQUENTIAL


def with_look(looks: Mapping[Layer, Look], layer: Layer, **changes: Any) -> Mapping[Layer, Look]:
    """Return the looks with fields of one of them changed."""
    return MappingProxyType({**looks, layer: replace(looks[layer], **changes)})


# In files ------------------------------------------------------------------------------------


def plain_looks(looks: Mapping[Layer, Look], key: str | None = None) -> dict[str, Any]:
    """Return looks as JSON has them.

    Parameters
    ----------
    looks : mapping of Layer to Look
    key : str, optional
        Of the exposure that is looked at: limits that were set by hand on it, or that hold for any
        exposure, are told, too.
    """
    found: dict[str, Any] = {}
    for layer, look in looks.items():
        plain: dict[str, Any] = {
            "stretch": look.stretch,
            "preset": look.preset,
            "colours": look.colours,
        }
        if look.bins is not None:
            plain["bins"] = look.bins
        if look.smooth:
            plain["smooth"] = look.smooth
        if key is not None and look.by_hand is not None and look.of in ("", key):
            plain["by_hand"] = [float(one) for one in look.by_hand]
            plain["of"] = HERE if look.of else ""
        found[layer] = plain
    return found


LARGEST_LIMIT = 1e30
"""Pixels are float32, and the length of a scale has to be one, too."""


def taken_looks(
    data: object, looks: Mapping[Layer, Look] = DEFAULT_LOOKS
) -> tuple[Mapping[Layer, Look], tuple[str, ...]]:
    """Return the looks with what is sound in ``data``, and a sentence on all that is not.

    Limits that were set by hand on the exposure that is looked at are those of `HERE`.
    """
    if not isinstance(data, dict):
        return looks, ("looks was left out: it is no table.",)
    found: dict[Layer, Look] = dict(looks)
    unknown = [str(one)[:60] for one in data if one not in LOOKED][:10]
    notes = [f"looks.{one} is not known and was left out." for one in unknown]
    for layer in LOOKED:
        if layer not in data:
            continue
        look, why = _taken(layer, data[layer], looks[layer])
        found[layer] = look
        notes += [f"looks.{layer}.{name[:60]} was left out: {text}." for name, text in why]
    return MappingProxyType(found), tuple(notes)


def looks_of_old(
    view: Mapping[str, Any], looks: Mapping[Layer, Look] = DEFAULT_LOOKS
) -> Mapping[Layer, Look]:
    """Return the looks that the view of a file of version 0.1.0 tells of.

    There only the exposure had a stretch, a preset and colours, and limits by hand could not be
    told from measured ones: all are those of the exposure that is looked at.
    """
    found: dict[Layer, Look] = dict(looks)
    changes = {"stretch": "stretch", "limits_mode": "preset", "colours": "colours"}
    taken = {new: view[old] for old, new in changes.items() if old in view}
    found["exposure"] = _taken("exposure", taken, looks["exposure"])[0]
    limits = view.get("limits")
    for layer in LAYERS:
        pair = limits.get(layer) if isinstance(limits, dict) else None
        if pair is not None:
            taken = {"by_hand": pair, "of": HERE}
            found[layer] = _taken(layer, taken, found[layer])[0]
    return MappingProxyType(found)


def placed_looks(looks: Mapping[Layer, Look], key: str) -> Mapping[Layer, Look]:
    """Return the looks with the limits of `HERE` given to the exposure that is looked at."""
    return MappingProxyType(
        {layer: replace(look, of=key) if look.of == HERE else look for layer, look in looks.items()}
    )


def _taken(layer: Layer, data: Any, look: Look) -> tuple[Look, list[tuple[str, str]]]:
    if not isinstance(data, dict):
        return look, [("", "it is no table")]
    changes: dict[str, Any] = {}
    why: list[tuple[str, str]] = []
    choices = {
        "stretch": STRETCHES,
        "preset": presets_of(layer),
        "colours": colours_of(layer),
        "of": ("", HERE),
    }
    for name, value in data.items():
        if name in choices:
            if isinstance(value, str) and value in choices[name]:
                changes[name] = value
            else:
                why.append((name, "this program has no such choice"))
        elif name == "by_hand":
            pair = _pair(value)
            if pair is None:
                why.append((name, "two numbers are needed, the lower one first"))
            else:
                changes[name] = pair
        elif name == "bins" and layer == "residual" and _is_bin(value):
            changes[name] = value
        elif name == "smooth" and layer in SMOOTHED and _is_smoothing(value):
            changes[name] = float(value)
        else:
            why.append((str(name), "it is not known here, or out of bounds"))
    if "by_hand" not in changes:
        changes.pop("of", None)
    return replace(look, **changes), why


def _pair(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in value):
        return None
    try:
        low, high = float(value[0]), float(value[1])
    except OverflowError:
        return None
    return (low, high) if -LARGEST_LIMIT <= low < high <= LARGEST_LIMIT else None


def _is_bin(value: Any) -> bool:
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and SMALLEST_BIN <= value <= LARGEST_BIN
    )


def _is_smoothing(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 < value <= LARGEST_SMOOTHING
    )

"""The profile as a state has it now: curves with the scales of this moment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skyframe_gui.app.model.cuts import size_of, step_of
from skyframe_gui.app.model.queries import scale_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skyframe_gui.app.model.cuts import Profile
    from skyframe_gui.app.model.shown import Pyramid
    from skyframe_gui.app.model.state import State

    Floats = NDArray[np.float64]

FEWEST_GOOD = 0.15
"""A step with a smaller part of good pixels is a gap."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Curves:
    """A profile with the scales of this moment.

    Attributes
    ----------
    profile : Profile
    upper, lower : mapping of name to float64 [n]
        "exposure" and "model" (with A and B: "model A", "model B"), and what is left: "subtracted".
        NaN in gaps.
    gap : bool [n]
        Steps with pixels, but too few good ones.
    step : float
        Pixels.
    scales : mapping of name to float
        What each model was taken times.
    stale : bool
        Whether it is of another cut or exposure than those on the screen.
    """

    profile: Profile
    upper: Mapping[str, Floats]
    lower: Mapping[str, Floats]
    gap: NDArray[np.bool_]
    step: float
    scales: Mapping[str, float]
    stale: bool = False

    def columns(self) -> dict[str, Floats | NDArray[np.int64]]:
        """Return it as a table: place, every layer, and the pixels of each step."""
        found = self.profile.found
        return {
            "along": found.along,
            "x": found.x,
            "y": found.y,
            **{name.replace(" ", "_"): one for name, one in self.upper.items()},
            **{name.replace(" ", "_"): one for name, one in self.lower.items()},
            "n_pixels": found.n_pixels,
            "n_good": found.n_good,
        }

    def text(self) -> str:
        """Return it as text, columns parted by tabulators."""
        columns = self.columns()
        lines = ["\t".join(columns)]
        for row in zip(*columns.values(), strict=True):
            lines.append("\t".join(f"{value:.9g}" for value in row))
        return "\n".join(lines)


def curves_of(state: State) -> Curves | None:
    """Return the profile of the cut; None where there is none yet."""
    profile, shown, cut = state.results.profile, state.results.shown, state.view.cut
    if profile is None or shown is None or cut is None:
        return None
    found = profile.found
    gap = found.n_good < FEWEST_GOOD * found.n_pixels
    empty = gap | (found.n_pixels == 0)
    scales = {name: scale for name, _, scale in models_of(state)}
    image = np.where(empty, np.nan, found.image)
    upper, lower, used = {"exposure": image}, {}, {}
    for name, mean in zip(profile.names, found.models, strict=True):
        scale = scales.get(name)
        if scale is not None:
            model = np.where(empty, np.nan, scale * mean)
            upper[f"model {name}".strip()] = model
            lower[f"subtracted {name}".strip()] = image - model
            used[name] = scale
    return Curves(
        profile=profile,
        upper=upper,
        lower=lower,
        gap=gap,
        step=step_of(profile.cut, size_of(shown)),
        scales=used,
        stale=profile.key != shown.key or profile.cut != cut or set(scales) != set(profile.names),
    )


def sides_compared(state: State) -> bool:
    """Whether profiles and numbers are those of A and B: in Compare, where both have a model."""
    shown, found = state.results.shown, state.results.compare
    if state.view.workspace != "compare" or shown is None or found is None:
        return False
    pictures = found.pictures
    return (
        pictures is not None
        and pictures.key == shown.key
        and all(one.first == 0 for one in pictures.models)
    )


def models_of(state: State) -> tuple[tuple[str, Pyramid[np.float32], float | None], ...]:
    """Return the models that are measured: whose, the image, and what it is taken times."""
    shown, found = state.results.shown, state.results.compare
    if shown is None:
        return ()
    if sides_compared(state) and found is not None and found.pictures is not None:
        return tuple(
            (name, model, _finite(fit.solution.scale))
            for name, model, fit in zip("AB", found.pictures.models, found.fits, strict=True)
        )
    if shown.model is None or shown.model.first:
        return ()
    scale = (1.0, 0.0) if shown.own else scale_of(state)
    return (("", shown.model, None if scale is None else scale[0]),)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None

"""What a sweep gave, ready to be drawn: places along its fields, numbers, words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.numbers import NONE, decimals_for, digits, fixed, named, short_unit, with_error
from skyframe_gui.ui.compare.sweep_values import typed_text
from skyframe_gui.ui.form.config_fields import value_of
from skyframe_gui.ui.samples.axis_range import Range, widened
from skyframe_gui.ui.samples.chips import Word, value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skyframe_gui.app.model.comparison import Sweep, SweepPoint
    from skyframe_gui.engine import SkyMeasurementConfig

    Floats = NDArray[np.float64]

QUANTITIES = ("scale", "error", "rms", "rejected")
BESIDE = ("rejected", "error", "rms")
"""What can stand beside the scale."""


@dataclass(frozen=True)
class Axis:
    """A field of a sweep as an axis.

    Attributes
    ----------
    name : str
    values : tuple
        In the order of the sweep.
    logarithmic : bool
    """

    name: str
    values: tuple[object, ...]
    logarithmic: bool

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers."""
        return all(isinstance(one, int | float) for one in self.values)

    def place(self, one: Any) -> float:
        """Return where a value is on the axis; NaN where it has no place."""
        if not self.numeric:
            return float(self.values.index(one)) if one in self.values else math.nan
        if not isinstance(one, int | float):
            return math.nan
        if self.logarithmic:
            return math.log10(one) if one > 0 else math.nan
        return float(one)

    @property
    def places(self) -> Floats:
        """Where the values are on the axis."""
        return np.array([self.place(one) for one in self.values])

    @property
    def span(self) -> Range:
        """The part of the axis that shows all of them."""
        places = self.places
        if not self.numeric:  # half a step to each side, so that names are not cut off
            return Range(-0.5, len(self.values) - 0.5)
        return widened(Range(float(places.min()), float(places.max())), 0.04)

    def index_of(self, one: Any) -> float:
        """Return how many values on a value is, between two of them in parts; NaN outside."""
        if one in self.values:
            return float(self.values.index(one))
        place, places = self.place(one), self.places
        if not self.numeric or not math.isfinite(place):
            return math.nan
        order = np.argsort(places)
        inside = places.min() <= place <= places.max()
        return float(np.interp(place, places[order], order)) if inside else math.nan

    def labels(self) -> list[str]:
        """Return the values as text."""
        return [value_text(one) for one in self.values]


@dataclass(frozen=True, kw_only=True, eq=False)
class SweepData:
    """A sweep with its units and what the config is now.

    Attributes
    ----------
    sweep : Sweep
    scale_unit, unit : str
        Of the scale and of the residuals.
    present : tuple
        Values of the swept fields in the config as it is now.
    elsewhere : bool
        Whether other fields of the config are not what they were in the sweep.
    stale : bool
    of_a : SweepData or None
        The same with all else as A has it, where that is known and A still stands for it.
    letter : str
        What the config as it is now is called beside A.
    """

    sweep: Sweep
    scale_unit: str
    unit: str
    present: tuple[object, ...]
    elsewhere: bool
    stale: bool
    of_a: SweepData | None = None
    letter: str = ""

    @property
    def axes(self) -> tuple[Axis, ...]:
        """One axis a field."""
        pairs = zip(self.sweep.fields, self.sweep.values, strict=True)
        return tuple(Axis(name, values, is_geometric(values)) for name, values in pairs)

    @property
    def is_flat(self) -> bool:
        """Whether several points are ready, and all gave the very same numbers."""
        given = {(one.scale, one.error, one.rms, one.n_rejected) for one in self.sweep.points}
        return len(self.sweep.points) > 1 and len(given) == 1 and math.isfinite(min(given)[0])

    def numbers(self, quantity: str) -> Floats:
        """Return a quantity of every point that is ready, in their order."""
        return np.array([number_of(point, quantity) for point in self.sweep.points], np.float64)

    @property
    def in_use(self) -> int | None:
        """The point whose values are those in use; None where there is none that is ready."""
        values = [point.values for point in self.sweep.points]
        return values.index(self.present) if self.present in values else None

    def grid(self, quantity: str) -> Floats:
        """Return a quantity [second field, first field]; NaN where it is not ready or failed."""
        n, m = (len(values) for values in self.sweep.values)
        filled = np.full(n * m, np.nan)
        numbers = self.numbers(quantity)
        filled[: len(numbers)] = numbers
        return filled.reshape(n, m).T

    def unit_of(self, quantity: str) -> str:
        """Return a quantity's unit; "" for counts."""
        return {"scale": self.scale_unit, "error": self.scale_unit, "rms": self.unit}.get(
            quantity, ""
        )

    def words(self, index: int) -> tuple[list[Word], ...]:
        """Return what is said of a point, longest first."""
        point = self.sweep.points[index]
        place = [
            word
            for name, one in zip(self.sweep.fields, point.values, strict=True)
            for word in value(name.rpartition(".")[2], value_text(one))
        ]
        if point.why or not math.isfinite(point.scale):
            return ([*place, Word("failed", "warning", strong=True)],)
        scale = value("scale", with_error(point.scale, point.error), self.scale_unit)
        rms = value("rms", fixed(point.rms, decimals_for(point.rms / 10)), self.unit)
        counts = [
            *value("used", str(point.n_used)),
            *value("rejected", str(point.n_rejected)),
        ]
        return ([*place, *scale, *rms, *counts], [*place, *scale, *rms], [*place, *scale], scale)

    def as_text(self) -> str:
        """Return the points for the clipboard, with tabs between columns."""
        heads = [
            *self.sweep.fields,
            *(named(name, short_unit(self.unit_of(name))) for name in ("scale", "error", "rms")),
            *("used", "rejected", "why it failed"),
        ]
        rows = [
            "\t".join(
                [
                    *(typed_text(one) for one in point.values),
                    *(f"{one:.9g}" for one in (point.scale, point.error, point.rms)),
                    *(str(one) for one in (point.n_used, point.n_rejected, point.why)),
                ]
            )
            for point in self.sweep.points
        ]
        table = "\n".join(["\t".join(heads), *rows])
        return table if self.of_a is None else f"{table}\n\nA\n{self.of_a.as_text()}"


def sweep_data_of(
    sweep: Sweep,
    config: SkyMeasurementConfig,
    units: tuple[str, str],
    stale: bool,
    config_a: SkyMeasurementConfig | None = None,
    letter: str = "B",
) -> SweepData:
    """Return a sweep ready to be drawn, beside the config as it is now.

    Parameters
    ----------
    sweep : Sweep
    config : SkyMeasurementConfig
    units : (str, str)
        Of the scale and of the residuals.
    stale : bool
    config_a : SkyMeasurementConfig, optional
        That of A, where the sweep with all else as in A is to be shown, too.
    letter : str
        What the config as it is now is called beside A.
    """
    from skyframe_gui.engine.config import field_values

    present = tuple(value_of(config, name) for name in sweep.fields)
    one, other = field_values(config), field_values(sweep.config)
    elsewhere = any(one[name] != other[name] for name in one if name not in sweep.fields)
    made = SweepData(
        sweep=sweep,
        scale_unit=units[0],
        unit=units[1],
        present=present,
        elsewhere=elsewhere,
        stale=stale,
    )
    if config_a is None or sweep.pinned is None:
        return made
    of_a = sweep_data_of(sweep.pinned, config_a, units, stale)
    return replace(made, of_a=of_a, letter=letter)


def number_of(point: SweepPoint, quantity: str) -> float:
    """Return a quantity of a point; NaN where it failed."""
    if point.why or not math.isfinite(point.scale):
        return math.nan
    return {
        "scale": point.scale,
        "error": point.error,
        "rms": point.rms,
        "rejected": float(point.n_rejected),
    }[quantity]


def is_geometric(values: tuple[Any, ...]) -> bool:
    """Return whether values are spaced by factors rather than by differences."""
    if len(values) < 3 or not all(isinstance(one, int | float) and one > 0 for one in values):
        return False
    numbers = np.sort(np.array(values, np.float64))
    if numbers[-1] < 3 * numbers[0]:
        return False

    def unevenness(places: Floats) -> float:
        steps = np.diff(places)
        return float(steps.std() / steps.mean())

    return unevenness(np.log(numbers)) < unevenness(numbers)


def value_text(one: Any) -> str:
    """Return a value as text."""
    if one is None:
        return NONE
    return digits(one, 6) if isinstance(one, float) else str(one)

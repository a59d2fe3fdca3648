"""What A and B came to on one visit, and what a config did with its fields run over ranges."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.app.model.items import EMPTY
from skyframe_gui.engine import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import Options, SampleId
    from skyframe_gui.app.model.looks import CompareLayer
    from skyframe_gui.app.model.residual_map import ResidualMap
    from skyframe_gui.app.model.shown import Pyramid
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.engine import SkyMeasurementConfig

PINS = ("A", "B")
Rises = dict[str, tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Pin:
    """What A or B stands for.

    Attributes
    ----------
    config, options
        What the engine is told.
    sky_frame : str
        Key of the chosen sky frame; "" for the newest of each detector.
    excluded_samples : frozenset of SampleId
        Samples excluded by hand when it was pinned.
    at : str
        The time of pinning, as it is shown; "" where that is not known. Two pins that differ in
        this alone are the same.
    """

    config: SkyMeasurementConfig
    options: Options
    sky_frame: str = ""
    excluded_samples: frozenset[SampleId] = frozenset()
    at: str = field(default="", compare=False)


@dataclass(frozen=True, eq=False)
class Difference:
    """What is measured on A minus B of one layer.

    Attributes
    ----------
    limits : mapping of preset to (low, high)
    quantiles : float64 [m] or None
        For the histogram stretch.
    """

    limits: Mapping[str, tuple[float, float]]
    quantiles: NDArray[np.float64] | None


@dataclass(frozen=True, eq=False)
class Pictures:
    """One exposure as A and as B have it.

    Attributes
    ----------
    key : str
        Of the exposure.
    maps : (ResidualMap, ResidualMap)
        In the same bins.
    models : (Pyramid, Pyramid)
        The sky models over the exposure, without the scales.
    differences : mapping of CompareLayer to Difference
        What A minus B of each layer is coloured by.
    """

    key: str
    maps: tuple[ResidualMap, ResidualMap]
    models: tuple[Pyramid[np.float32], Pyramid[np.float32]]
    differences: Mapping[CompareLayer, Difference] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """The visit fitted with A and with B.

    Attributes
    ----------
    a, b : VisitFit
    pins : (Pin, Pin)
        What A and B stood for.
    fields : tuple of (field, value of A, value of B)
        All fields of the config by their dotted names, then what else may differ.
    rises : (mapping, mapping)
        By how much the residuals rise over a detector, with the error, along "x" and "y".
    pictures : Pictures or None
        Of the shown exposure; None where it is not in the visit or one of the fits failed.
    same_boxes : bool
        Whether both have the same samples, so that they can be told apart one by one.
    only_a, only_b, both : tuple of SampleId
        Samples rejected by a round: in A only, in B only, in both. Empty without the same boxes.
    """

    a: VisitFit
    b: VisitFit
    pins: tuple[Pin, Pin]
    fields: tuple[tuple[str, str, str], ...]
    same_boxes: bool
    rises: tuple[Rises, Rises]
    pictures: Pictures | None = None
    only_a: tuple[SampleId, ...] = ()
    only_b: tuple[SampleId, ...] = ()
    both: tuple[SampleId, ...] = ()

    @property
    def fits(self) -> tuple[VisitFit, VisitFit]:
        """Of A and of B."""
        return self.a, self.b

    @property
    def differing(self) -> tuple[tuple[str, str, str], ...]:
        """The fields that are not the same in A and in B."""
        return tuple(row for row in self.fields if row[1] != row[2])


@dataclass(frozen=True, kw_only=True)
class SweepPoint:
    """One config of a sweep and what it gave; numbers are NaN where the fit failed."""

    values: tuple[object, ...]
    scale: float = float("nan")
    error: float = float("nan")
    rms: float = float("nan")
    """Of the residuals of the samples that were kept."""
    n_used: int = 0
    n_rejected: int = 0
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A config with one or two of its fields run over ranges.

    Attributes
    ----------
    fields : tuple of str
        Dotted names.
    values : tuple of tuples
        Of each field, in order.
    points : tuple of SweepPoint
        Those that are ready, the last field running fastest.
    config : SkyMeasurementConfig
        What the other fields are.
    visit : str
    made_from : object
        Tells by `is_stale` whether the points are still what the newest state would give.
    pinned : Sweep or None
        The same values with all else as A has it: of one field, where A was pinned as it began.
    """

    fields: tuple[str, ...]
    values: tuple[tuple[object, ...], ...]
    config: SkyMeasurementConfig
    visit: str
    points: tuple[SweepPoint, ...] = ()
    made_from: object = None
    pinned: Sweep | None = None

    @property
    def complete(self) -> bool:
        """Whether every point is there."""
        return len(self.points) == int(np.prod([len(one) for one in self.values]))

    def config_of(self, point: SweepPoint) -> SkyMeasurementConfig:
        """Return the config of a point."""
        return with_fields(self.config, dict(zip(self.fields, point.values, strict=True)))


def with_fields(config: SkyMeasurementConfig, values: Mapping[str, Any]) -> SkyMeasurementConfig:
    """Return the config with fields changed, by their dotted names.

    Raises
    ------
    SkyFrameError
        There is no such field, or it cannot have that value.
    """
    from skyframe_gui.files.config.values import field_names, with_value

    for name, value in values.items():
        if name not in field_names():
            raise SkyFrameError(f"The sweep: the config has no field {name}.")
        config = with_value(config, name, value, "The sweep")
    return config

"""The configuration: LSST's field names, defaults and bounds as frozen pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from skyframe_gui.engine import styles

Statistics = Literal["MEANCLIP", "MEAN", "MEDIAN"]
Count = Annotated[int, Field(strict=True)]
Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]
MOST_ROUNDS = 1_000_000
"""More can only be a slip of the hand, and would run for hours."""
PlaneName = Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


def field_values(config: BaseModel) -> dict[str, Any]:
    """Return a config's values by dotted name, as in a file: tuples are lists."""
    values: dict[str, Any] = {}
    for name, value in config.model_dump(mode="json").items():
        if isinstance(value, dict):
            values.update({f"{name}.{inner}": item for inner, item in value.items()})
        else:
            values[name] = value
    return values


def algorithm_names() -> tuple[str, ...]:
    """Return the values that ``background.algorithm`` takes: every style, then NONE."""
    return (*styles.names(), "NONE")


def _known_algorithm(name: str | None) -> str | None:
    if name is not None and name not in algorithm_names():
        raise ValueError(f"{name!r} is not one of {', '.join(algorithm_names())}")
    return name


class _Frozen(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, use_attribute_docstrings=True
    )


class BackgroundConfig(_Frozen):
    """How an exposure is binned and how a grid of bins becomes an image."""

    statistic: Statistics = "MEANCLIP"
    """Statistic of the pixels of a bin."""
    xBinSize: Annotated[Count, Field(ge=1)] = 32
    """Width of a bin in pixels; the real bins share out the detector's width evenly."""
    yBinSize: Annotated[Count, Field(ge=1)] = 32
    """Height of a bin in pixels; the real bins share out the detector's height evenly."""
    algorithm: Annotated[
        str | None,
        AfterValidator(_known_algorithm),
        Field(json_schema_extra=lambda schema: schema.update(choices=list(algorithm_names()))),
    ] = "NATURAL_SPLINE"
    """How the bins are interpolated to an image; NONE cannot be used to make one."""
    mask: tuple[PlaneName, ...] = (
        "SAT",
        "BAD",
        "EDGE",
        "DETECTED",
        "DETECTED_NEGATIVE",
        "NO_DATA",
    )
    """Mask planes whose pixels are left out of the bins."""


class SkyStatsConfig(_Frozen):
    """The statistic of a sample box."""

    statistic: Statistics = "MEANCLIP"
    """Statistic of the pixels of a sample box."""
    clip: Annotated[Real, Field(gt=0)] = 3.0
    """Clipping threshold of MEANCLIP, in standard deviations."""
    nIter: Annotated[Count, Field(ge=1, le=MOST_ROUNDS)] = 3
    """Number of clipping iterations of MEANCLIP."""
    mask: tuple[PlaneName, ...] = ("SAT", "DETECTED", "DETECTED_NEGATIVE", "BAD", "NO_DATA")
    """Mask planes whose pixels are left out of the image samples."""


class SkyMeasurementConfig(_Frozen):
    """The configuration of LSST's SkyMeasurementTask."""

    skyIter: Annotated[Count, Field(ge=0, le=MOST_ROUNDS)] = 3
    """Number of rejection rounds when the scale is fitted."""
    skyRej: Annotated[Real, Field(gt=0)] = 3.0
    """Rejection threshold of the fit, in standard deviations of the residuals."""
    background: BackgroundConfig = BackgroundConfig()
    """The bin grid."""
    xNumSamples: Annotated[Count, Field(ge=1)] = 4
    """Number of sample boxes along x."""
    yNumSamples: Annotated[Count, Field(ge=1)] = 4
    """Number of sample boxes along y."""
    stats: SkyStatsConfig = SkyStatsConfig()
    """The statistic of a sample box."""

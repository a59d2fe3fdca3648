"""The configuration: LSST's field names, defaults and bounds as frozen pydantic models."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from skyframe_gui.engine import styles

if TYPE_CHECKING:
    from collections.abc import Iterator

Statistics = Literal["MEANCLIP", "MEAN", "MEDIAN"]
Count = Annotated[int, Field(strict=True)]
Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]
MOST_ROUNDS = 1_000_000
"""More can only be a slip of the hand, and would run for hours."""
PlaneName = Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


def part_of(annotation: Any) -> type[BaseModel] | None:
    """Return the model that a field holds, also one that may be None; None for plain values."""
    for kind in (annotation, *get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def field_paths(model: type[BaseModel], prefix: str = "") -> tuple[str, ...]:
    """Return the dotted name of every field of a model, those of its parts in their place."""
    found: list[str] = []
    for name, info in model.model_fields.items():
        part = part_of(info.annotation)
        found.extend([f"{prefix}{name}"] if part is None else field_paths(part, f"{prefix}{name}."))
    return tuple(found)


def field_values(config: BaseModel) -> dict[str, Any]:
    """Return a config's values by dotted name, as in a file: tuples are lists.

    A part that is None has no values.
    """
    tree = config.model_dump(mode="json")
    values: dict[str, Any] = {}
    for path in field_paths(type(config)):
        value: Any = tree
        *parts, name = path.split(".")
        for part in parts:
            value = value and value[part]
        if value is not None:
            values[path] = value[name]
    return values


@cache
def field_docs(model: type[BaseModel]) -> dict[str, str]:
    """Return what the source says under each field of a model, by the field's name.

    It is read when it is asked for, where pydantic would read it at each start of the program.
    """
    docs: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        if issubclass(kind, BaseModel) and kind is not BaseModel:
            docs |= _docs_in(kind.__module__).get(kind.__qualname__, {})
    return docs


@cache
def _docs_in(module: str) -> dict[str, dict[str, str]]:
    """Return what stands under the fields of each class of a module, by its qualified name."""
    try:
        source = inspect.getsource(sys.modules[module])
    except OSError:
        return {}  # the program is installed without its source
    found: dict[str, dict[str, str]] = {}
    for name, made in _classes(ast.parse(source).body):
        docs = found[name] = {}
        for field, under in pairwise(made.body):
            match field, under:
                case ast.AnnAssign(target=ast.Name(of)), ast.Expr(ast.Constant(str(doc))):
                    docs[of] = inspect.cleandoc(doc)
    return found


def _classes(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, ast.ClassDef]]:
    for one in body:
        if isinstance(one, ast.ClassDef):
            yield f"{within}{one.name}", one
            yield from _classes(one.body, f"{within}{one.name}.")
        elif isinstance(one, ast.FunctionDef):
            yield from _classes(one.body, f"{within}{one.name}.<locals>.")


def algorithm_names() -> tuple[str, ...]:
    """Return the values that ``background.algorithm`` takes: every style, then NONE."""
    return (*styles.names(), "NONE")


def _known_algorithm(name: str | None) -> str | None:
    if name is not None and name not in algorithm_names():
        raise ValueError(f"{name!r} is not one of {', '.join(algorithm_names())}")
    return name


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


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


class DetectionConfig(_Frozen):
    """What counts as an object in a smoothed image, as in LSST's SourceDetectionTask."""

    thresholdValue: Annotated[Real, Field(gt=0)] = 2.5
    """Standard deviations above which a pixel of the smoothed image belongs to an object."""
    thresholdType: Literal["pixel_stdev", "stdev"] = "pixel_stdev"
    """Whose: each pixel's own from the variance plane, or one measured in the smoothed image."""
    nSigmaToGrow: Annotated[Real, Field(ge=0, le=100)] = 2.4
    """Radius by which objects are grown, in units of the smoothing's sigma."""
    isotropicGrow: bool = True
    """Whether objects are grown by a disc; else by a diamond."""


class ObjectBackgroundConfig(_Frozen):
    """The background that is taken off before objects are looked for."""

    binSize: Annotated[Count, Field(ge=1)] = 1024
    """Size of a bin in pixels; the real bins, at most as large, share out the detector evenly."""


class FillingConfig(_Frozen):
    """The background that objects are filled with."""

    binSize: Annotated[Count, Field(ge=1)] = 256
    """Size of a bin in pixels; the real bins, at most as large, share out the detector evenly."""


class MaskObjectsConfig(_Frozen):
    """The configuration of LSST's MaskObjectsTask, by which objects are found and filled."""

    nIter: Annotated[Count, Field(ge=0, le=MOST_ROUNDS)] = 3
    """Number of rounds; each leaves the objects of the round before out of its background."""
    subtractBackground: ObjectBackgroundConfig = ObjectBackgroundConfig()
    """The background that is taken off before objects are looked for."""
    detection: DetectionConfig = DetectionConfig()
    """What counts as an object."""
    detectSigma: Annotated[Real, Field(gt=0, le=100)] = 5.0
    """Sigma of the Gaussian that the image is smoothed with, pixels."""
    doInterpolate: bool = True
    """Whether objects are filled with a background; else with the median of the others."""
    interpolate: FillingConfig = FillingConfig()
    """The background that objects are filled with."""

"""Where the detectors of a camera lie: from tables, the program's and others, and LSST's files."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PositiveInt,
    ValidationError,
    model_validator,
)

from skyframe_gui.engine.camera import Camera, Detector
from skyframe_gui.engine.config import MaskObjectsConfig
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.focal_config import FocalPlaneBackgroundConfig
from skyframe_gui.files.camera_csv import json_of_csv
from skyframe_gui.files.fits.hdu import FileFault
from skyframe_gui.files.fits.headers import card_text, quiet
from skyframe_gui.files.fits.io import open_fits
from skyframe_gui.resource import resource_names, resource_path

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from skyframe_gui.engine.camera import Affine

_FOLDER = "cameras"
_OTHER_NAMES = {
    "hypersuprimecam": "HSC",
    "megacam": "MegaPrime",
    "megaprimemegacam": "MegaPrime",
    "darkenergycamera": "DECam",
    "lsstcomcam": "LSSTComCam",
}
LARGEST_TABLE = 1 << 22
"""Bytes of a table that a person gives; that of 205 detectors has 40 kB."""


@dataclass(frozen=True, eq=False)
class CameraTable:
    """A camera with what its own pipelines set for it.

    Attributes
    ----------
    camera : Camera
    source : str
        Where it is from, as a part of a sentence.
    configs : mapping of str to mapping
        Values of configs that differ from the defaults: "largeScaleBackground" of cp_pipe,
        "bgModel1" and "bgModel2" of SkyCorrectionTask.
    notes : tuple of str
        What the user should know of it, a sentence each.
    sources : mapping of str to str
        Where each of ``configs`` is from.
    own_pixels : bool
        Whether it is of the exposures' pixels as these are, whatever way they were read out.
    """

    camera: Camera
    source: str
    configs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    own_pixels: bool = False
    about_correction: str = ""
    """What is to be known of what is set, or is not, for the sky correction: sentences."""


class _Row(BaseModel):
    """A detector of a table: its place by a matrix, or as LSST's tables tell it."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    size: tuple[int, int]
    id: int | None = None
    type: str = "science"
    kind: str = ""
    affine: tuple[float, float, float, float, float, float] | None = None
    pixel: float | None = None
    position: tuple[float, float] | None = None
    reference: tuple[float, float] | None = None
    quarters: int = 0
    yaw: float = 0.0

    @model_validator(mode="after")
    def _is_placed(self) -> _Row:
        self.place()
        return self

    def place(self) -> Affine:
        """Return the mapping to the focal plane."""
        if self.affine is not None:
            return self.affine
        if self.pixel is None or self.position is None or self.reference is None:
            raise ValueError("it needs affine, or pixel, position and reference")
        yaw = math.radians(90 * self.quarters + self.yaw)
        return placed(self.pixel, self.position, self.reference, yaw)

    def detector(self, amplifiers: tuple[int, int]) -> Detector:
        science = self.type == "science"
        place, read_out = self.place(), amplifiers if science else (1, 1)
        return Detector(self.name, *self.size, place, self.kind, self.id, science, read_out)


class _Config(BaseModel):
    model_config = ConfigDict(extra="forbid")

    values: dict[str, JsonValue]
    source: str = ""


_Part = Literal["largeScaleBackground", "bgModel1", "bgModel2", "maskObjects"]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    detectors: Annotated[list[_Row], Field(min_length=1)]
    source: JsonValue = None
    configs: dict[_Part, _Config] = {}
    about_correction: str = ""
    amplifiers: tuple[PositiveInt, PositiveInt] = (1, 1)

    @model_validator(mode="after")
    def _is_sound(self) -> _Table:
        for part, config in self.configs.items():
            fields = MaskObjectsConfig if part == "maskObjects" else FocalPlaneBackgroundConfig
            for name in config.values:
                if name.partition(".")[0] not in fields.model_fields:
                    raise ValueError(f"{part} has no field {name}")
        ids = [row.id for row in self.detectors if row.id is not None]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice is not None:
            first, second = [row.name for row in self.detectors if row.id == twice][:2]
            raise ValueError(f"detectors {first} and {second} have the same id {twice}")
        return self


def camera_names() -> tuple[str, ...]:
    """Return the names of the cameras that the program has a table of."""
    return tuple(name.removesuffix(".json") for name in resource_names(_FOLDER, ".json"))


def known_camera(name: str) -> str:
    """Return the name of the program's table for what headers call a camera; "" for none."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    known = {one.lower(): one for one in camera_names()}
    return known.get(plain) or _OTHER_NAMES.get(plain, "")


def read_camera(name: str) -> Camera:
    """Return a camera from the program's tables, all detectors by ascending id, in mm.

    Parameters
    ----------
    name : str
        The camera, as in "HSC"; case and signs do not count. Or the path of a table: JSON like
        those of the program, or CSV with a detector a line under the names of `camera_csv.COLUMNS`.

    Raises
    ------
    SkyFrameError
        There is no table of it, or it cannot be read.
    """
    return read_camera_table(name).camera


def read_camera_table(name: str) -> CameraTable:
    """Return a camera and its configs; see `read_camera`."""
    if name.lower().endswith(".json"):
        return _parsed(_text_of(Path(name)), name)
    if name.lower().endswith(".csv"):
        return _parsed(json_of_csv(_text_of(Path(name)), name), name)
    found = known_camera(name)
    if not found:
        raise SkyFrameError(
            f"There is no table of the camera {name or '(no name)'}; there are tables of "
            f"{', '.join(camera_names())}."
        )
    text = resource_path(f"{_FOLDER}/{found}.json").read_text(encoding="utf-8")
    return _parsed(text, f"the program's table of {found}")


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_TABLE + 1)
        if len(data) > LARGEST_TABLE:
            raise SkyFrameError(f"{path}: this is too long for a table of a camera.")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SkyFrameError(f"{path}: this is no table of a camera; it is not UTF-8.") from error
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise SkyFrameError(f"{path}: the table of the camera cannot be read ({why}).") from error


def _parsed(text: str, source: str) -> CameraTable:
    try:
        table = _Table.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        why = first["msg"].removeprefix("Value error, ")
        if first["loc"]:
            why = f"{'.'.join(map(str, first['loc']))}: {why}"
        raise SkyFrameError(
            f"{source}: this is no table of a camera ({why}); the program's own, in "
            "resources/cameras, show what is in one."
        ) from error
    try:
        detectors = [row.detector(table.amplifiers) for row in table.detectors]
        detectors.sort(key=lambda one: (one.id is None, one.id or 0))
        camera = Camera(table.name, tuple(detectors))
    except SkyFrameError as error:
        raise SkyFrameError(f"{source}: {error}") from error
    configs: dict[str, dict[str, JsonValue]] = {}
    sources: dict[str, str] = {}
    for name, one in table.configs.items():
        configs[name], sources[name] = one.values, one.source
    about = table.about_correction
    return CameraTable(camera, source, configs, sources=sources, about_correction=about)


def placed(
    pixel: float, position: tuple[float, float], reference: tuple[float, float], yaw: float
) -> Affine:
    """Return the mapping of a detector from what LSST's tables say of it, rounded as LSST does.

    Parameters
    ----------
    pixel : float
        Size of a pixel in mm.
    position : (float, float)
        Where the reference pixel lies in the focal plane, mm.
    reference : (float, float)
        The reference pixel.
    yaw : float
        Rotation from pixels to the focal plane, rad.
    """
    cosine, sine = math.cos(yaw), math.sin(yaw)
    x, y = pixel * reference[0], pixel * reference[1]
    return (
        cosine * pixel,
        -sine * pixel,
        sine * pixel,
        cosine * pixel,
        position[0] - (cosine * x - sine * y),
        position[1] - (sine * x + cosine * y),
    )


def read_detector(path: str | os.PathLike[str]) -> Detector | None:
    """Return the detector that an LSST exposure's own archive describes; None where none does.

    Raises
    ------
    SkyFrameError
        The file cannot be read, or its table is broken.
    """
    from astropy.io import fits  # late: a table of text does not need it

    with open_fits(str(path)) as file:
        for hdu in file.hdus:
            if hdu.xtension != "BINTABLE" or card_text(hdu.header, "AR_NAME") != "Detector":
                continue
            header = file.read_bytes(hdu.header_at, hdu.data_at - hdu.header_at)
            data = file.read_bytes(hdu.data_at, hdu.data_bytes)
            try:
                with quiet():
                    # Padded to whole blocks, without which astropy takes a table as cut off.
                    whole = bytes(header) + bytes(data) + bytes(-len(data) % 2880)
                    return _of_record(fits.BinTableHDU.fromstring(whole).data)
            except Exception as error:  # whatever astropy meets in a broken table
                raise FileFault(
                    file.path,
                    f"the table of its detector (HDU {hdu.index}) is broken; choose the camera by "
                    "its name.",
                ) from error
    return None


def _of_record(table: Any) -> Detector:
    row = table[0]

    def number(column: str) -> float:
        return float(row[column])

    kind = "".join(row["physicalType"]) if "physicalType" in table.names else ""
    return Detector(
        "".join(row["name"]),
        int(row["bbox_max_x"]) - int(row["bbox_min_x"]) + 1,
        int(row["bbox_max_y"]) - int(row["bbox_min_y"]) + 1,
        placed(
            number("pixelSize_x"),
            (number("fpPosition_x"), number("fpPosition_y")),
            (number("refPoint_x"), number("refPoint_y")),
            number("yaw"),
        ),
        kind,
        int(row["id"]),
        "type" not in table.names or int(row["type"]) == 0,
    )

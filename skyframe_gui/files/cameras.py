"""Where the detectors of a camera lie: from the program's tables and from LSST's own files."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from astropy.io import fits

from skyframe_gui.engine.camera import Camera, Detector
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.fits.hdu import FileFault
from skyframe_gui.files.fits.headers import card_text, quiet
from skyframe_gui.files.fits.io import open_fits
from skyframe_gui.resource import resource_names, resource_path

if TYPE_CHECKING:
    import os

    from skyframe_gui.engine.camera import Affine

_FOLDER = "cameras"
_OTHER_NAMES = {"hypersuprimecam": "HSC", "megacam": "MegaPrime", "megaprimemegacam": "MegaPrime"}


def camera_names() -> tuple[str, ...]:
    """Return the names of the cameras that the program has a table of."""
    return tuple(name.removesuffix(".json") for name in resource_names(_FOLDER, ".json"))


def read_camera(name: str) -> Camera:
    """Return a camera from the program's tables, all detectors by ascending id, in mm.

    Parameters
    ----------
    name : str
        The camera, as in "HSC"; case and signs do not count.

    Raises
    ------
    SkyFrameError
        There is no table of it.
    """
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    known = {one.lower(): one for one in camera_names()}
    found = known.get(plain) or _OTHER_NAMES.get(plain)
    if found is None:
        raise SkyFrameError(
            f"There is no table of the camera {name or '(no name)'}; there are tables of "
            f"{', '.join(known.values())}."
        )
    table = json.loads(resource_path(f"{_FOLDER}/{found}.json").read_text(encoding="utf-8"))
    rows = sorted(table["detectors"], key=lambda row: int(row["id"]))
    return Camera(found, tuple(_of_row(row) for row in rows))


def _of_row(row: dict[str, Any]) -> Detector:
    yaw = math.radians(90 * row["quarters"] + row["yaw"])
    affine = placed(row["pixel"], tuple(row["position"]), tuple(row["reference"]), yaw)
    width, height = row["size"]
    return Detector(row["name"], width, height, affine, row["kind"], row["id"])


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
    )

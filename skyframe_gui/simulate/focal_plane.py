"""Where the simulated camera's detectors lie, as the engine has it and as a table in a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from skyframe_gui.engine.camera import Camera, Detector

if TYPE_CHECKING:
    from skyframe_gui.simulate import camera as simulated

PIXEL = 0.01
"""Millimetres."""


def focal_plane_of(camera: simulated.Camera) -> Camera:
    """Return the camera with its detectors in millimetres from its centre."""
    detectors = []
    for number, name in enumerate(camera.detectors):
        x, y = camera.lower_left(name)
        place = (PIXEL, 0.0, 0.0, PIXEL, PIXEL * x, PIXEL * y)
        kind, _ = camera.kind(name)
        detectors.append(Detector(name, camera.width, camera.height, place, kind, number + 1))
    return Camera(camera.name, tuple(detectors))


def table_of(camera: simulated.Camera, superpixel: float) -> str:
    """Return the camera as a table like those of the program, JSON.

    Parameters
    ----------
    camera : Camera
    superpixel : float
        Size of the superpixels of its background over the focal plane, in pixels.
    """
    size = superpixel * PIXEL
    background = {"values": {"xSize": size, "ySize": size, "pixelSize": PIXEL}}
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "kind": one.kind,
            "size": [one.width, one.height],
            "affine": list(one.affine),
        }
        for one in focal_plane_of(camera).detectors
    ]
    table = {
        "name": camera.name,
        "configs": {"largeScaleBackground": background},
        "detectors": rows,
    }
    return json.dumps(table, indent=1)

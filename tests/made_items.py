"""Exposures and sky frames of a state without any files behind them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.app.model.items import ExposureItem, SkyFrameItem
from skyframe_gui.engine import BinGrid, MaskPlanes, SkyFrame
from skyframe_gui.engine.identity import Identity
from skyframe_gui.files import ExposureSource
from skyframe_gui.files.fits.exposure_planes import PlaneRef
from skyframe_gui.workflow.build import BuiltSkyFrame

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

NIGHT = Path("/night")


def a_source(name: str = "a.fits", folder: Path = NIGHT, **more: Any) -> ExposureSource:
    known: dict[str, Any] = {
        "path": folder / name,
        "layout": "plain",
        "name": name,
        "visit": "7",
        "detector": "1",
        "filter": "r",
        "date": "2026-01-02T03:04:05",
        "exposure_time": 30.0,
        "instrument": "Cam",
        "width": 100,
        "height": 80,
        "xy0": (0, 0),
        "has_mask": False,
        "has_variance": False,
        "planes": MaskPlanes({}),
        "notes": (),
        "image": PlaneRef(folder / name, 1),
        "unit": "electron",
        "night": "2026-01-01",
    }
    return ExposureSource(**(known | more))


def an_exposure(name: str = "a.fits", folder: Path = NIGHT, **more: Any) -> ExposureItem:
    return ExposureItem(f"{folder / name}[1]", a_source(name, folder, **more), (10, 20))


def a_sky_frame(
    values: ArrayLike = ((1.0, 2.0), (3.0, 4.0)),
    algorithm: str = "LINEAR",
    size: tuple[int, int] = (100, 80),
    **identity: Any,
) -> SkyFrame:
    grid = BinGrid.from_values(values, (0, 0, size[0] - 1, size[1] - 1))
    shape = grid.values.shape
    known = {"instrument": "Cam", "detector": "1", "filter": "r", "unit": "electron"}
    return SkyFrame(
        grid=grid,
        variance=np.ones(shape, np.float32),
        n_used=np.ones(shape, np.int64),
        n_clipped=np.zeros(shape, np.int64),
        clipped=np.zeros((1, *shape), bool),
        filled=np.zeros(shape, bool),
        algorithm=algorithm,
        identity=Identity(**(known | identity)),
    )


def a_frame(key: str = "sky.fits", sources: tuple[ExposureSource, ...] = (), **more: Any) -> Any:
    """Return a sky frame of a file, or one that was built here where it has sources."""
    frame = more.pop("sky_frame", None) or a_sky_frame(detector=more.get("detector", "1"))
    known: dict[str, Any] = {
        "key": key,
        "name": key,
        "detector": frame.identity.detector,
        "sky_frame": frame,
        "unit": frame.identity.unit,
    }
    if sources:
        known["built"] = BuiltSkyFrame(
            detector=frame.identity.detector,
            sky_frame=frame,
            sources=sources,
            grids=(frame.grid,) * len(sources),
            levels=tuple(100.0 + number for number in range(len(sources))),
        )
        known["members"] = tuple(f"{one.path}[{one.image.hdu}]" for one in sources)
    else:
        known |= {"path": key, "sha256": "sum"}
    return SkyFrameItem(**(known | more))

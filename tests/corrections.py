"""Visits of the recorded sky corrections as files: exposures, earlier lists, sky frames, camera."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from golden import exposure_of, golden
from made_items import a_sky_frame

from skyframe_gui.engine import BackgroundModel, BinGrid, ChebyshevModel, Exposure
from skyframe_gui.files import write_background_list, write_exposure, write_sky_frame

if TYPE_CHECKING:
    from pathlib import Path

G10 = golden("g10_skyCorrection")


@dataclass(frozen=True)
class RecordedVisit:
    """The files of one case."""

    case: dict[str, Any]
    folder: Path
    exposures: tuple[Path, ...]
    lists: tuple[Path, ...]
    sky: tuple[Path, ...]
    camera: Path
    settings: tuple[str, ...]

    @property
    def detectors(self) -> list[str]:
        return [str(detector) for detector in sorted(self.case["detectors"])]


def write_case(k: int, folder: Path, visit: str = "1001") -> RecordedVisit:
    """Write a case of g10 as files; its lists lie in a folder of their own."""
    case = G10.cases[k]
    exposures, lists, sky = [], [], []
    for part in ("visit", "lists", "sky"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name in map(str, sorted(case["detectors"])):
        given = exposure_of(G10, case["base"], name)
        exposures.append(folder / "visit" / f"v{visit}-det{name}.fits")
        write_exposure(exposures[-1], Exposure(given.image, given.mask, detector=name, visit=visit))
        members: list[Any] = []
        for j, (style, fitted) in enumerate(case["old"]):
            grid = BinGrid.from_values(
                G10[f"c{k}_old{j}g_{name}"], given.bbox, errors=G10[f"c{k}_old{j}v_{name}"]
            )
            members.append(
                BackgroundModel(grid, style) if fitted is None else ChebyshevModel(grid, *fitted)
            )
        lists.append(folder / "lists" / f"v{visit}-det{name}-background.fits")
        write_background_list(lists[-1], members)
        if f"c{k}_sky_{name}" in G10:
            sky.append(folder / "sky" / f"sky-{name}.fits")
            frame = a_sky_frame(
                G10[f"c{k}_sky_{name}"],
                case["skyalg"],
                (given.width, given.height),
                detector=name,
                instrument="",
                filter="",
                unit="",
            )
            write_sky_frame(sky[-1], replace(frame), detector=name)
    return RecordedVisit(
        case, folder, tuple(exposures), tuple(lists), tuple(sky),
        write_camera(case["camera"], folder / "camera.json"), settings_of(case),
    )  # fmt: skip


def write_camera(name: str, path: Path) -> Path:
    """Write the table of a recorded camera."""
    detectors = [
        {
            "name": str(one["id"]),
            "id": one["id"],
            "size": [one["w"], one["h"]],
            "affine": one["affine"],
            "kind": one.get("kind", ""),
        }
        for one in json.loads(str(G10["cameras"]))[name]
    ]
    path.write_text(json.dumps({"name": name, "detectors": detectors}))
    return path


def settings_of(case: dict[str, Any]) -> tuple[str, ...]:
    """Return what makes a case's config: the recording left the detection of objects out."""
    values = {name: case[name] for name in ("doSky", "doBgModel2", "undoBgModel1")}
    values["doMaskObjects"] = False
    for part in ("bgModel1", "bgModel2"):
        values |= {f"{part}.{name}": value for name, value in case["resolved"][part].items()}
    return tuple(
        f"{name}={','.join(value) if isinstance(value, list) else value}"
        for name, value in values.items()
    )

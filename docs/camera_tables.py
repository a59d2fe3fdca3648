"""Make resources/cameras/*.json of a folder with one CSV a camera and their SOURCES.csv.

    python docs/camera_tables.py FOLDER

The CSV files hold the positions of LSST's camera descriptions; the JSON says what each is from, and
what LSST's pipelines set for its backgrounds over the focal plane.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

CAMERAS = Path(__file__).resolve().parent.parent / "resources" / "cameras"

CP_SKY = "lsst/cp_pipe {} (commit {})"
SUBARU = "lsst/obs_subaru config/skyCorr.py (commit 0351f1c), config/focalPlaneBackground.py"


def _square(size: float, pixel: float, **more: float) -> dict[str, float]:
    return {"xSize": size, "ySize": size, "pixelSize": pixel, **more}


CONFIGS = {
    "HSC": {
        "largeScaleBackground": (
            _square(122.88, 0.015),
            "lsst/obs_subaru config/focalPlaneBackground.py (commit cb50e6b): 8192 pixels",
        ),
        "bgModel1": (_square(122.88, 0.015), SUBARU),
        "bgModel2": (_square(3.84, 0.015, minFrac=0.5), SUBARU),
        "maskObjects": (
            {"detection.thresholdType": "stdev", "detection.isotropicGrow": False},
            "lsst/obs_subaru config/skyCorr.py (commit 0351f1c)",
        ),
    },
    "DECam": {
        "largeScaleBackground": (
            _square(61.44, 0.015),
            CP_SKY.format("pipelines/DarkEnergyCamera/cpSky.yaml", "546dc98"),
        ),
        "bgModel1": (_square(122.88, 0.015), "lsst/drp_pipe, skyCorr of DECam"),
        "bgModel2": (_square(3.84, 0.015), "lsst/drp_pipe, skyCorr of DECam"),
    },
    "LSSTCam": {
        "largeScaleBackground": (
            _square(40.96, 0.01),
            CP_SKY.format("pipelines/LSSTCam/cpSky.yaml", "41ee3d9"),
        ),
        "bgModel1": (_square(81.92, 0.01), "lsst/drp_pipe, skyCorr of LSSTCam"),
        "bgModel2": (_square(40.96, 0.01), "lsst/drp_pipe, skyCorr of LSSTCam"),
    },
    "LSSTComCam": {
        "largeScaleBackground": (
            _square(40.96, 0.01),
            CP_SKY.format("pipelines/LSSTComCam/cpSky.yaml", "1826af3"),
        ),
        "bgModel1": (
            {"xSize": 10.0, "ySize": 10.0},
            "lsst/obs_lsst config/skyCorr.py (commit 93d7918, as bgModel), "
            "config/focalPlaneBackground.py (commit 029c496)",
        ),
        "bgModel2": (
            {"xSize": 256.0, "ySize": 256.0},
            "lsst/pipe_tasks python/lsst/pipe/tasks/skyCorrection.py, setDefaults",
        ),
    },
    "LATISS": {
        "largeScaleBackground": (
            _square(40.96, 0.01),
            CP_SKY.format("pipelines/LATISS/cpSky.yaml", "43df45a"),
        ),
    },
}
"""Values that differ from the defaults of FocalPlaneBackgroundConfig, and where they are from."""

ABOUT_CORRECTION = {
    "LSSTComCam": "drp_pipe's pipeline of LSSTComCam (commit 33556d4) runs the sky correction and "
    "sets nothing of it: bgModel1 is what obs_lsst sets for all of its cameras, and bgModel2 has "
    "the task's defaults, whose 256 are mm here, more than the whole camera.",
    "LATISS": "drp_pipe's pipeline of LATISS (commit 0ca0dff) leaves the sky correction out; the "
    "task's defaults have no size for bgModel1.",
    "MegaPrime": "Neither obs_cfht (config/, commit 0f22237) nor drp_pipe has anything of the sky "
    "correction for MegaPrime; the task's defaults have no size for bgModel1.",
}
"""What is to be known of what is set for the sky correction, or is not."""


def table_of(rows: list[dict[str, str]], source: dict[str, str]) -> str:
    """Return the JSON of one camera, a detector a line."""
    detectors = [
        {
            "id": int(row["detector"]),
            "name": row["name"],
            "type": row["type"],
            "kind": row["physical_type"],
            "size": [int(row["width_px"]), int(row["height_px"])],
            "pixel": float(row["pixel_mm"]),
            "position": [float(row["x_mm"]), float(row["y_mm"])],
            "reference": [float(row["refpos_x_px"]), float(row["refpos_y_px"])],
            "quarters": int(row["orientation_quarter_turns"]),
            "yaw": float(row["yaw_offset_deg"]),
        }
        for row in sorted(rows, key=lambda row: int(row["detector"]))
    ]
    lines = ",\n".join("    " + json.dumps(detector) for detector in detectors)
    configs = {
        field: {"values": values, "source": where}
        for field, (values, where) in CONFIGS.get(source["camera"], {}).items()
    }
    top = {"name": source["camera"], "source": source, "configs": configs}
    if about := ABOUT_CORRECTION.get(source["camera"]):
        top["about_correction"] = about
    head = json.dumps(top, indent=2).removesuffix("\n}")
    return f'{head},\n  "detectors": [\n{lines}\n  ]\n}}\n'


def main(folder: Path) -> None:
    """Write one JSON a row of SOURCES.csv."""
    CAMERAS.mkdir(exist_ok=True)
    for source in csv.DictReader((folder / "SOURCES.csv").open(encoding="utf-8")):
        path = folder / f"{source['camera']}.csv"
        rows = list(csv.DictReader(path.open(encoding="utf-8")))
        text = table_of(rows, source)
        json.loads(text)
        (CAMERAS / f"{source['camera']}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

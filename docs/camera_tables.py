"""Make resources/cameras/*.json of a folder with one CSV a camera and their SOURCES.csv.

    python docs/camera_tables.py FOLDER

The CSV files hold the positions of LSST's camera descriptions; the JSON says what each is from.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

CAMERAS = Path(__file__).resolve().parent.parent / "resources" / "cameras"


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
    head = json.dumps({"name": source["camera"], "source": source}, indent=2).removesuffix("\n}")
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

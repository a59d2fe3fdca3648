"""A camera's table as CSV, a detector a line, turned into one as JSON."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from skyframe_gui.engine.errors import SkyFrameError

COLUMNS: dict[str, tuple[str, int | None]] = {
    "camera": ("camera", None),
    "detector": ("id", None),
    "name": ("name", None),
    "type": ("type", None),
    "physical_type": ("kind", None),
    "width_px": ("size", 0),
    "height_px": ("size", 1),
    "pixel_mm": ("pixel", None),
    "x_mm": ("position", 0),
    "y_mm": ("position", 1),
    "refpos_x_px": ("reference", 0),
    "refpos_y_px": ("reference", 1),
    "orientation_quarter_turns": ("quarters", None),
    "yaw_offset_deg": ("yaw", None),
}
"""Of a table as CSV: the fields that they are in one as JSON, and which of two numbers.

The reference pixel, which lies at (x, y), is the detector's middle where it is left out."""
NEEDED = ("name", "width_px", "height_px", "pixel_mm", "x_mm", "y_mm")


def json_of_csv(text: str, name: str) -> str:
    """Return the JSON of a CSV table; the camera is called as in it, else as its file.

    Raises
    ------
    SkyFrameError
        It is no CSV, or a column is missing or has no place in it.
    """
    try:
        lines = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise SkyFrameError(f"{name}: this is no table of a camera ({error}).") from error
    titles = [title.strip() for title in lines[0]] if lines else []
    lacking = [column for column in NEEDED if column not in titles]
    odd = [title for title in titles if title not in COLUMNS]
    if lacking or odd or len(set(titles)) < len(titles):
        what = f"it has no column {lacking[0]}" if lacking else f"its columns are {titles}"
        raise SkyFrameError(
            f"{name}: this is no table of a camera ({what}); its first line names columns of "
            f"{', '.join(COLUMNS)}."
        )
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if not "".join(line).strip():
            continue
        if len(line) != len(titles):
            raise SkyFrameError(
                f"{name}: line {number} has {len(line)} values for {len(titles)} columns."
            )
        rows.append(_row_of(dict(zip(titles, map(str.strip, line), strict=True))))
    cameras = {str(row.pop("camera", "")) or Path(name).stem for row in rows}
    if len(cameras) > 1:
        raise SkyFrameError(
            f"{name}: this is a table of several cameras ({', '.join(sorted(cameras))}); give one "
            "of one camera."
        )
    return json.dumps({"name": "".join(cameras), "detectors": rows})


def _row_of(cells: dict[str, str]) -> dict[str, Any]:
    """Return a row as JSON has it; numbers stay text, which the table's model reads."""
    row: dict[str, Any] = {}
    for column, text in cells.items():
        field_name, place = COLUMNS[column]
        if text and place is None:
            row[field_name] = text
        elif place is not None:
            row.setdefault(field_name, ["", ""])[place] = text
    if not any(row.get("reference", [])):
        row["reference"] = [_middle(cells["width_px"]), _middle(cells["height_px"])]
    return row


def _middle(size: str) -> float:
    try:
        return (int(size) - 1) / 2
    except ValueError:  # said of the size itself
        return 0.0

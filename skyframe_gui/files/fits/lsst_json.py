"""Who an exposure is, out of the JSON tree that LSST's package lsst-images writes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skyframe_gui.files.fits.headers import card_text, quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skyframe_gui.files.fits.hdu import Hdu
    from skyframe_gui.files.fits.io import FitsFile
    from skyframe_gui.files.fits.metadata import Metadata

LARGEST = 64 << 20
"""Bytes; the trees of real visits have a few."""
DEEPEST = 12


def with_archive(about: Metadata, file: FitsFile) -> Metadata:
    """Return what is known of an exposure with what its JSON tree knows better.

    A tree that cannot be read changes nothing.
    """
    hdu = next((one for one in file.hdus if _is_tree(one)), None)
    if hdu is None:
        return about
    found = _identity(_tree(file, hdu))
    return replace(about, **{name: value for name, value in found.items() if value})


def _is_tree(hdu: Hdu) -> bool:
    return (
        hdu.xtension == "BINTABLE"
        and hdu.name == "JSON"
        and card_text(hdu.table_header, "TTYPE1").upper() == "JSON"
    )


def _tree(file: FitsFile, hdu: Hdu) -> Any:
    """Return the tree: the one cell of a table, which has its bytes in the table's heap."""
    wide = "Q" in card_text(hdu.table_header, "TFORM1").upper()
    size = 16 if wide else 8
    if not size <= hdu.data_bytes <= LARGEST:
        return None
    data = bytes(file.read_bytes(hdu.data_at, hdu.data_bytes))
    count, offset = np.frombuffer(data[:size], ">i8" if wide else ">i4").tolist()
    start = hdu.whole(hdu.table_header, "NAXIS1") * hdu.whole(hdu.table_header, "NAXIS2")
    if count < 0 or offset < 0:
        return None
    try:
        return json.loads(data[start + offset : start + offset + count])
    except (ValueError, RecursionError):
        return None


def _identity(tree: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if not isinstance(tree, dict):
        return found
    for frame in _dicts(tree):
        if frame.get("frame_type") == "DETECTOR" or {"instrument", "visit", "detector"} <= set(
            frame
        ):
            found = {
                "instrument": _word(frame.get("instrument")),
                "visit": _word(frame.get("visit")),
                "detector": _word(frame.get("detector")),
            }
            break
    info = tree.get("obs_info")
    if not isinstance(info, dict):
        return found
    visit = info.get("visit_id") if info.get("visit_id") is not None else info.get("exposure_id")
    described = {
        "instrument": _word(info.get("instrument")),
        "visit": _word(visit),
        "detector": _word(info.get("detector_num")) or _word(info.get("detector_unique_name")),
        "filter": _word(info.get("physical_filter")) or _word(tree.get("band")),
        "date": _date(info.get("datetime_begin")),
        "exposure_time": _seconds(info.get("exposure_time")),
    }
    # The frame has the number that LSST calls the visit.
    return {**described, **{name: value for name, value in found.items() if value}}


def _dicts(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > DEEPEST:
        return
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict):
        yield value
    for one in inner:
        yield from _dicts(one, depth + 1)


def _word(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return " ".join(str(value).split())[:60]


def _seconds(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and 0 <= value < 1e9 else None


def _date(value: Any) -> str:
    """Return UTC of two parts of a Julian date in TAI."""
    sound = (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(part, int | float) and abs(part) < 1e7 for part in value)
    )
    if not sound or not 2415020 <= sum(value) <= 2488070:
        return ""
    with quiet():
        from astropy.time import Time

        return str(Time(value[0], value[1], format="jd", scale="tai").utc.isot)

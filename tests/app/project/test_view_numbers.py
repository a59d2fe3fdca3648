"""Numbers of a view are bounded when a file is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skyframe_gui.app.model.looks import DEFAULT_LOOKS, looks_of_old, taken_looks
from skyframe_gui.app.model.view import View
from skyframe_gui.app.project.view import taken_view

CASES = Path(__file__).parents[2] / "data" / "cases" / "inputs"


def view_of(name: str) -> dict[str, Any]:
    view = json.loads((CASES / name).read_text())["view"]
    assert isinstance(view, dict)
    return view


def test_frames_that_are_nowhere_near_an_image_are_left_out() -> None:
    taken, notes = taken_view(view_of("view-far-away.sky"), View())
    assert taken.frames == View().frames
    assert any("frames" in note for note in notes)


@pytest.mark.parametrize(
    "frame",
    [
        {"x": 1e300, "y": 0.0, "zoom": 1.0},
        {"x": 0.0, "y": -1e8, "zoom": 1.0},
        {"x": 0.0, "y": 0.0, "zoom": 1e-300},
        {"x": 0.0, "y": 0.0, "zoom": 1e300},
    ],
)
def test_a_frame_out_of_bounds_is_not_taken(frame: dict[str, float]) -> None:
    taken, notes = taken_view({"frames": [frame] * len(View().frames)}, View())
    assert taken.frames == View().frames
    assert notes


def test_limits_wider_than_pixels_can_be_are_not_taken() -> None:
    looks = looks_of_old(view_of("view-limits-too-wide.sky"))
    assert looks["exposure"].by_hand is None


@pytest.mark.parametrize("pair", [[-1e38, 1e38], [0, 1e300], [-1.7e308, 1.7e308]])
def test_limits_by_hand_out_of_bounds_are_told(pair: list[float]) -> None:
    looks, notes = taken_looks({"exposure": {"by_hand": pair, "of": ""}})
    assert looks["exposure"] == DEFAULT_LOOKS["exposure"]
    assert any("by_hand" in note for note in notes)

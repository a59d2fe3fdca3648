"""Where exposures lie in the focal plane when they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_items import a_source

from skyframe_gui.files.cameras import read_camera
from skyframe_gui.simulate import Camera
from skyframe_gui.simulate.focal_plane import table_of
from skyframe_gui.workflow.detector_places import layout_of_visit

if TYPE_CHECKING:
    from pathlib import Path

HSC, DECAM, LSST = read_camera("HSC"), read_camera("DECam"), read_camera("LSSTCam")


@pytest.mark.parametrize(("camera", "count"), [(HSC, 104), (DECAM, 62), (LSST, 189)])
def test_whole_cameras_lie_as_their_tables_say(camera, count: int) -> None:  # type: ignore[no-untyped-def]
    science = [one for one in camera.detectors if one.science]
    sources = [
        a_source(
            f"{one.id}.fits",
            detector=str(one.id),
            instrument=camera.name,
            width=one.width,
            height=one.height,
        )
        for one in science[:-1]
    ]
    layout = layout_of_visit(sources)
    assert len(layout.places) == count
    assert (layout.camera, layout.unit, layout.note) == (camera.name, "mm", "")
    by_number = {place.number: place for place in layout.places}
    for number, one in enumerate(science[:-1]):
        for ours, theirs in zip(by_number[number].corners(), one.corners(), strict=True):
            assert ours == pytest.approx(tuple(theirs))
    missing = by_number[None]
    assert missing.name == science[-1].name
    assert layout.pixel == pytest.approx(science[0].pixel_size)


def test_binned_and_cut_exposures_lie_where_their_pixels_were() -> None:
    one = LSST["R01_S00"]
    number = str(one.id)
    known = {"detector": number, "instrument": "LSSTCam"}
    binned = a_source("a.fits", width=509, height=500, binning=(8, 8), **known)
    (place, *_) = layout_of_visit([binned]).places
    for ours, theirs in zip(place.corners(), one.corners(), strict=True):
        assert ours == pytest.approx(tuple(theirs))
    cut = a_source("a.fits", width=100, height=50, xy0=(1000, 2000), **known)
    (place, *_) = layout_of_visit([cut]).places
    (x0, y0), _, (x1, y1), _ = place.corners()
    left, low = one.corners()[0]
    assert (x0, y0) == pytest.approx((left + 10, low + 20))
    assert (x1 - x0, y1 - y0) == pytest.approx((1.0, 0.5))
    # What does not lie on its detector is laid over all of it.
    odd = a_source("a.fits", width=6000, height=6000, **known)
    (place, *_) = layout_of_visit([odd]).places
    assert place.corners()[2] == pytest.approx(tuple(one.corners()[2]))


def test_what_the_camera_does_not_know_stands_below_and_nothing_is_lost() -> None:
    known = {"instrument": "LSSTCam", "width": 4072, "height": 4000}
    sources = [
        a_source("a.fits", detector="94", **known),
        a_source("b.fits", detector="nobody", **known),
        a_source("c.fits", detector="94", **known),
    ]
    layout = layout_of_visit(sources)
    numbers = [place.number for place in layout.places if place.number is not None]
    assert sorted(numbers) == [0, 1, 2]
    assert "nobody" in layout.note
    lowest = min(y for place in layout.places for _, y in place.corners() if place.number is None)
    for place in layout.places:
        if place.number in (1, 2):
            assert max(y for _, y in place.corners()) < lowest


def test_of_several_instruments_all_stand_in_a_grid_and_it_is_said() -> None:
    sources = [
        a_source(f"{name}.fits", detector=name, instrument=camera)
        for name, camera in (("10", "One"), ("9", "Two"), ("8", "One"))
    ]
    layout = layout_of_visit(sources)
    assert "One and Two" in layout.note
    assert "grid" in layout.note
    assert layout.unit == ""
    assert [place.name for place in layout.places] == ["8", "9", "10"]
    boxes = [(*place.corners()[0], *place.corners()[2]) for place in layout.places]
    for k, (x0, y0, x1, y1) in enumerate(boxes):
        for a0, b0, a1, b1 in boxes[k + 1 :]:
            assert x1 < a0 or a1 < x0 or y1 < b0 or b1 < y0


def test_a_table_of_ones_own_counts_before_the_headers(tmp_path: Path) -> None:
    table = tmp_path / "own.json"
    table.write_text(table_of(Camera(n_detectors=4, width=100, height=80), 80))
    source = a_source("a.fits", detector="3", instrument="LSSTCam")
    layout = layout_of_visit([source], str(table))
    assert sorted(place.name for place in layout.places) == ["1", "2", "3", "4"]
    gone = layout_of_visit([source], str(tmp_path / "gone.json"))
    assert len(gone.places) == 1
    assert "gone.json" in gone.note

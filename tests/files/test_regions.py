"""Regions go to DS9's files and come back as they were."""

from __future__ import annotations

import builtins
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.engine.hand_masks import HandMask
from skyframe_gui.files.regions import ds9_words, read_regions, region_text

if TYPE_CHECKING:
    from pathlib import Path

PIXELS = (
    HandMask("circle", (100.0, 200.5, 30.25)),
    HandMask("ellipse", (10.0, 20.0, 5.0, 3.0, 40.0)),
    HandMask("box", (10.0, 20.0, 50.0, 30.0, 15.0)),
    HandMask("polygon", (1.0, 2.0, 30.0, 4.0, 12.0, 44.0)),
)
SKY = (
    HandMask("circle", (150.1, -2.25, 0.01), on_sky=True),
    HandMask("ellipse", (150.1, -2.25, 0.02, 0.01, 30.0), on_sky=True),
    HandMask("box", (150.1, -2.25, 0.02, 0.01, 30.0), on_sky=True),
    HandMask("polygon", (150.1, -2.25, 150.2, -2.25, 150.15, -2.1), on_sky=True),
)


@pytest.mark.parametrize("xy0", [(0, 0), (512, 24)])
def test_what_is_written_is_read_again(tmp_path: Path, xy0: tuple[int, int]) -> None:
    path = tmp_path / "a.reg"
    masks = (*PIXELS, *SKY)
    path.write_text(region_text(ds9_words(one, xy0) for one in masks))
    found, notes = read_regions(path, xy0)
    assert notes == ()
    assert [(one.shape, one.on_sky) for one in found] == [(m.shape, m.on_sky) for m in masks]
    for one, mask in zip(found, masks, strict=True):
        np.testing.assert_allclose(one.numbers, mask.numbers, atol=2e-6)


def test_the_first_pixel_is_1_in_the_words_of_an_image() -> None:
    assert ds9_words(PIXELS[0], (90, 200)) == "image;circle(11,1.5,30.25)"


def test_physical_coordinates_are_the_detectors(tmp_path: Path) -> None:
    path = tmp_path / "a.reg"
    path.write_text("# Region file format: DS9 version 4.1\nphysical\ncircle(101,201,30)\n")
    assert read_regions(path, (50, 60))[0] == (HandMask("circle", (100.0, 200.0, 30.0)),)


LINES = """# Region file format: DS9 version 4.1
global color=green dashlist=8 3 width=1 include=1 source=1
circle(11,21,5)
IMAGE
+circle(11,21,5) # color=red text={not; this} tag={a}
-circle(30,30,4)
line(1,2,3,4) # line=0 0
annulus(1,2,3,5)
ellipse(1,2,3,4,5,6,10)
circle(1,2
circle(a,b,c)
circle(1,2,-3)
circle(nan,2,3)
oval(1,2,3,4,5)
garbage
# vector(1,2,3,4) vector=1
circle 31 41 5; box(31,41,6,8,0) || -circle(1,1,1)
linear
circle(1,2,3)
fk5;circle(10:00:00,+20:00:00,36") ; galactic
box(120,30,0.01,0.02,0)
fk5;circle(10,95,1')
j2000;polygon(150,20,150.1,20,150,20.1)
physical; ellipse(11,21,5,4,30)
"""


def test_what_is_no_mask_is_left_out_and_told_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.reg"
    path.write_text(LINES)
    found, notes = read_regions(path, (100, 200))
    in_pixels = [one for one in found if not one.on_sky]
    assert in_pixels == [
        HandMask("circle", (10.0, 20.0, 5.0)),
        HandMask("circle", (110.0, 220.0, 5.0)),
        HandMask("circle", (130.0, 240.0, 5.0)),
        HandMask("box", (130.0, 240.0, 6.0, 8.0, 0.0)),
        HandMask("ellipse", (10.0, 20.0, 5.0, 4.0, 30.0)),
    ]
    circle, box, polygon = (one for one in found if one.on_sky)
    np.testing.assert_allclose(circle.numbers, (150.0, 20.0, 0.01), atol=1e-5)
    there = SkyCoord(120 * u.deg, 30 * u.deg, frame="galactic")
    np.testing.assert_allclose(box.numbers[:2], (there.icrs.ra.deg, there.icrs.dec.deg))
    np.testing.assert_allclose(box.numbers[2:4], (0.01, 0.02))
    assert len(polygon.corners) == 3
    told = {int(one.split(":")[0].removeprefix("a.reg, line ")): one for one in notes}
    assert sorted(told) == [6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 22]
    assert all(one.endswith(".") for one in notes)
    words = {
        6: "left out of others",
        7: "line is no shape of a mask",
        8: "annulus",
        9: "ring",
        10: "circle(1,2 cannot be read",
        13: "no places",
        14: "oval",
        15: "garbage is no region",
        18: "linear",
    }
    for line, part in words.items():
        assert part in told[line].partition(": ")[2], told[line]


def test_many_faults_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.reg"
    path.write_text("image\ncircle(1,2,3)\n" + "nothing\n" * 30)
    _, notes = read_regions(path)
    assert len(notes) == 21
    assert "10 more" in notes[-1]


@pytest.mark.parametrize(
    "text", ["", "image\n", "image\nline(1,2,3,4)\n", "\0\1 SIMPLE = T", "image;circle(1,2"]
)
def test_a_file_without_any_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.reg"
    path.write_text(text)
    with pytest.raises(SkyFrameError):
        read_regions(path)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(SkyFrameError, match="cannot be read"):
        read_regions(tmp_path / "b.reg")


def test_without_the_package_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def refused(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "regions":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refused)
    with pytest.raises(SkyFrameError, match="pip install"):
        read_regions(tmp_path / "a.reg")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_nobody_waits_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.reg")
    with pytest.raises(SkyFrameError, match="this is a pipe"):
        read_regions(tmp_path / "a.reg")

"""Regions go to DS9's files and come back as they were."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

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


def test_what_is_no_mask_is_left_out_and_told(tmp_path: Path) -> None:
    path = tmp_path / "a.reg"
    path.write_text("image\ncircle(11,21,5)\nline(1,2,3,4)\n-circle(30,30,4)\n")
    found, notes = read_regions(path)
    assert found == (HandMask("circle", (10.0, 20.0, 5.0)),)
    assert len(notes) >= 2, notes


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

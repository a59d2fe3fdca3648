"""A residual map that was exported is told as such wherever it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from skyframe_gui.app.work.scan import open_one
from skyframe_gui.engine import BackgroundConfig, SkyFrameError, measure_background
from skyframe_gui.engine.exposure import Exposure
from skyframe_gui.files import kind_of, read_sky_frame, scan, write_residual_map

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(1).normal(0, 3, (40, 60)).astype(np.float32)
    config = BackgroundConfig(xBinSize=10, yBinSize=10)
    found = tmp_path / "science-residual.fits"
    write_residual_map(found, measure_background(Exposure(pixels), config), "adu", "1")
    return found


def test_it_is_neither_a_sky_frame_nor_an_exposure(path: Path) -> None:
    """It has a sky frame's box: as one it would be subtracted, or be called a damaged one."""
    assert kind_of(path) == "residual map"
    for read in (read_sky_frame, scan):
        with pytest.raises(SkyFrameError, match="this is a residual map, not a"):
            read(path)


def test_it_is_refused_where_it_is_named_and_passed_over_in_a_folder(path: Path) -> None:
    assert open_one(str(path), quietly=True) == ()
    (refused,) = open_one(str(path))
    assert "open the exposure it was made of" in refused.why

"""Masks and weights that are opened together with images are no files that cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits

from skyframe_gui.app.model.items import BadFile, ExposureItem
from skyframe_gui.app.work.scan import open_all
from skyframe_gui.engine import Watch


def written(path: Path, name: str = "", value: float = 1.0) -> Path:
    hdu = fits.ImageHDU(np.full((24, 32), value, "f4"), name=name)
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)
    return path


def opened(*paths: Path) -> tuple[list[str], list[str]]:
    """Names of the exposures and of the files that cannot be used."""
    found = open_all(tuple(map(str, paths)), Watch()).items
    exposures = [one.source.name for one in found if isinstance(one, ExposureItem)]
    return exposures, [Path(one.path).name for one in found if isinstance(one, BadFile)]


def test_companions_selected_with_their_image_are_passed_over(tmp_path: Path) -> None:
    image = written(tmp_path / "s0.fits")
    by_name = written(tmp_path / "s0.weight.fits")
    by_header = written(tmp_path / "first.fits", "MASK")
    assert opened(by_header, by_name, image) == (["s0.fits"], [])
    assert opened(tmp_path) == (["s0.fits"], [])


def test_companions_selected_without_any_image_are_told(tmp_path: Path) -> None:
    masks = [written(tmp_path / f"{name}.fits", "MASK") for name in "ab"]
    assert opened(*masks) == ([], ["a.fits", "b.fits"])
    assert opened(masks[0]) == ([], ["a.fits"])


def test_a_damaged_file_beside_an_image_is_told_as_before(tmp_path: Path) -> None:
    image = written(tmp_path / "s0.fits")
    (tmp_path / "s1.fits").write_text("nonsense")
    assert opened(image, tmp_path / "s1.fits") == (["s0.fits"], ["s1.fits"])

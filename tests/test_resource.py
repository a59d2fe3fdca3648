"""The program's own files: where they are found, and what is said where they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from skyframe_gui import resource
from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_wheels_files_come_before_those_of_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "package"
    inside, beside = package / "resources", tmp_path / "resources"
    for folder, names in ((inside / "a", "2.csv 1.csv x.txt"), (beside / "a", "9.csv")):
        folder.mkdir(parents=True)
        for name in names.split():
            (folder / name).write_text(str(folder))
    (beside / "b").mkdir()
    (beside / "b" / "one.yaml").touch()
    monkeypatch.setattr(resource, "_PACKAGE", package)
    assert resource.resource_path("a/1.csv") == inside / "a" / "1.csv"
    assert resource.resource_path("a/9.csv") == beside / "a" / "9.csv"
    assert resource.resource_names("a", ".csv") == ("1.csv", "2.csv")
    assert resource.resource_names("b", ".yaml") == ("one.yaml",)
    said = []
    for call in (
        lambda: resource.resource_path("a"),
        lambda: resource.resource_names("a/1.csv", ".csv"),
    ):
        with pytest.raises(SkyFrameError) as caught:
            call()
        said.append(str(caught.value))
    assert said == [
        "The program's own file resources/a is missing; install skyframe_gui again.",
        "The program's own folder resources/a/1.csv is missing; install skyframe_gui again.",
    ]


def test_greys_go_from_black_to_white_and_the_other_way() -> None:
    grey = resource.colour_map("grey")
    assert grey.dtype == np.uint8
    np.testing.assert_array_equal(grey, np.arange(256)[:, None].repeat(3, 1))
    np.testing.assert_array_equal(resource.colour_map("grey inverted"), grey[::-1])
    assert not grey.flags.writeable
    assert resource.colour_map("grey") is grey


def test_the_middle_of_a_diverging_map_loses_its_colour_and_no_more() -> None:
    table = np.full((256, 3), (100, 90, 80), np.uint8)
    toned = resource._with_grey_middle(table).astype(int)
    brightness = 100 * 0.2126 + 90 * 0.7152 + 80 * 0.0722
    for at in (127, 128):
        np.testing.assert_allclose(toned[at], brightness, atol=0.7)
    # Half of it 16 steps away, nothing from 32 on.
    np.testing.assert_allclose(toned[111], (np.array([100, 90, 80]) + brightness) / 2, atol=0.8)
    assert (toned[:96] == [100, 90, 80]).all()
    assert (toned[160:] == [100, 90, 80]).all()
    np.testing.assert_array_equal(toned, toned[::-1])

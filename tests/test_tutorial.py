"""The tutorial's notebook runs from its first cell to its last, and finds what it says it finds."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

NOTEBOOK = Path(__file__).parent.parent / "docs" / "tutorial.ipynb"


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, object]:
    mpl.use("agg")
    names: dict[str, object] = {"display": print}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(tmp_path_factory.mktemp("tutorial")))
        for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), names)
    mpl.pyplot.close("all")
    return names


def test_the_scale_is_the_truth_and_the_residual_flat(found) -> None:
    from skyframe_gui.simulate import expected_scale, night_levels

    truth = expected_scale(1200.0, night_levels(9, 7))
    assert found["solution"].scale == pytest.approx(truth, rel=2e-3)
    assert found["residual"].values.std() < found["truth"].sky_noise.mean() / 10
    assert found["samples"].plot(found["solution"]).get_legend() is not None
    mpl.pyplot.close("all")


def test_what_it_writes_is_what_it_has(found) -> None:
    from skyframe_gui.files import read_exposures, read_sky_frame

    (flat,) = read_exposures(found["folder"] / "flat.fits")
    np.testing.assert_array_equal(flat.image, found["flat"].image)
    again = read_sky_frame(found["folder"] / "sky.fits")
    np.testing.assert_array_equal(again.grid.values, found["sky_frame"].grid.values)


def test_it_is_kept_without_results() -> None:
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None

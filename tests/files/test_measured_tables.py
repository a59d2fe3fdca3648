"""Tables of what was measured by hand come back from the disk with all digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.table import Table

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files.measured_tables import Column, write_measured

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = {
    "along": Column(np.array([0.0, 1 / 3]), "how far", "pix"),
    "exposure": Column(np.array([1e-17, np.nan]), "mean", "electron"),
    "model": Column(np.array([1.0, 2.0]), "mean", "sky frame"),
    "n_good": Column(np.array([3, 0]), "pixels"),
}


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "one.ecsv"
    write_measured(path, COLUMNS, {"width": 5.0, "ends": {"x0": 1.0}})
    table = Table.read(path, format="ascii.ecsv", fill_values=None)
    for name, column in COLUMNS.items():
        np.testing.assert_array_equal(table[name], column.values)
        assert table[name].description == column.about
    assert [str(table[name].unit) for name in COLUMNS] == ["pix", "electron", "None", "None"]
    assert table.meta["ends"] == {"x0": 1.0}
    assert table.meta["version"]


def test_a_file_that_is_there_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "one.ecsv"
    path.write_text("mine")
    with pytest.raises(SkyFrameError):
        write_measured(path, COLUMNS, {})
    assert path.read_text() == "mine"
    write_measured(path, COLUMNS, {}, overwrite=True)
    assert path.read_text().startswith("# %ECSV")

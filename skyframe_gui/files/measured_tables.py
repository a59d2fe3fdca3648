"""What was measured by hand as ECSV tables: a profile along a cut, the numbers of a region."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

from astropy.table import Table

from skyframe_gui import __version__
from skyframe_gui.files.atomic import write_text
from skyframe_gui.files.fits.headers import quiet
from skyframe_gui.files.samples_table import known_unit

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


class Column(NamedTuple):
    """A column of a table."""

    values: NDArray[Any] | Sequence[Any]
    about: str
    """What it is, for the reader of the table."""
    unit: str = ""
    """As headers write it; one that is not known stays in the meta data alone."""


def write_measured(
    path: str | os.PathLike[str],
    columns: Mapping[str, Column],
    meta: Mapping[str, Any],
    overwrite: bool = False,
) -> None:
    """Write a table as ECSV, with all digits of its numbers.

    Parameters
    ----------
    path : path
        The file to make, see `atomic_write`.
    columns : mapping of name to Column
    meta : mapping
        What was measured and how: numbers, texts, lists and mappings of these.
    overwrite : bool
        Whether an existing file is replaced.

    Raises
    ------
    SkyFrameError
        The file exists or cannot be written.
    """
    table = Table(
        {name: one.values for name, one in columns.items()},
        meta={**meta, "version": __version__},
    )
    text = io.StringIO()
    with quiet():
        for name, one in columns.items():
            table[name].description = one.about
            if one.unit:
                table[name].unit = known_unit(one.unit)
        table.write(text, format="ascii.ecsv")
    write_text(path, text.getvalue(), overwrite=overwrite)

"""Find the program's own data files: inside the package in a wheel, beside it in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LUMINANCE = (0.2126, 0.7152, 0.0722)
"""How much red, green and blue brighten a grey of Rec. 709."""
GREY_REACH = 32
"""Steps of a colour map."""
_PACKAGE = Path(__file__).resolve().parent


def _places() -> tuple[Path, ...]:
    return (_PACKAGE / "resources", _PACKAGE.parent / "resources")


def resource_path(name: str) -> Path:
    """Return the path of a file of ``resources``.

    Parameters
    ----------
    name : str
        Path below ``resources``, with forward slashes.

    Raises
    ------
    SkyFrameError
        There is no such file: the installation is not whole.
    """
    for folder in _places():
        path = folder / name
        if path.is_file():
            return path
    raise SkyFrameError(
        f"The program's own file resources/{name} is missing; install skyframe_gui again."
    )


def resource_names(folder: str, suffix: str) -> tuple[str, ...]:
    """Return the names of the files in a folder of ``resources`` that end so, sorted.

    Raises
    ------
    SkyFrameError
        There is no such folder: the installation is not whole.
    """
    for place in _places():
        path = place / folder
        if path.is_dir():
            return tuple(sorted(one.name for one in path.iterdir() if one.name.endswith(suffix)))
    raise SkyFrameError(
        f"The program's own folder resources/{folder} is missing; install skyframe_gui again."
    )


def _with_grey_middle(table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a diverging map whose middle, where a residual is 0, is grey and of no colour.

    That of CET-D1A is pinkish: over a flat residual one sees it as an excess. The difference from
    the grey that is as bright is taken off there, less and less up to `GREY_REACH` steps away.
    """
    import numpy as np

    middle = table[127:129].mean(axis=0)
    away = np.abs(np.arange(256) - 127.5) / GREY_REACH
    tint = np.clip(1 - away, 0, 1)[:, None] * (middle - middle @ LUMINANCE)
    toned: NDArray[np.uint8] = (table - tint).round().astype(np.uint8)
    return toned


@cache
def colour_map(name: str) -> NDArray[np.uint8]:
    """Return a colour map from low to high values, uint8 [256, 3], read-only.

    Parameters
    ----------
    name : str
        ``grey``, ``grey inverted``, or a file of ``resources/colormaps``.

    Raises
    ------
    SkyFrameError
        The program's own table is missing.
    """
    import numpy as np  # the command line finds its files without it

    if name.startswith("grey"):
        table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
        table = table[::-1] if name.endswith("inverted") else table
    else:
        table = np.loadtxt(resource_path(f"colormaps/{name}.csv"), np.uint8, delimiter=",")
        if name.startswith("CET-D"):
            table = _with_grey_middle(table)
    table.flags.writeable = False
    return table

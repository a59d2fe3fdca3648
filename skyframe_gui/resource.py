"""Find the program's own data files: inside the package in a wheel, beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from skyframe_gui.engine.errors import SkyFrameError

_PACKAGE = Path(__file__).resolve().parent


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
    for folder in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        path = folder / name
        if path.is_file():
            return path
    raise SkyFrameError(
        f"The program's own file resources/{name} is missing; install skyframe_gui again."
    )

"""Where the compiled kernels are kept: a folder that belongs to exactly these kernels.

A compiled kernel holds the code of the kernels that it calls, and numba looks only at the file of
the outer one. So the folder is named by a digest of all kernel files: after any edit it is another.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import os
import shutil
import sys
import tempfile
import threading
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

KERNELS = Path(__file__).resolve().parent / "kernels"
PREFIX = "skyframe_gui-kernels-"
USED = "used"
"""A file in the folder whose time says when a program last started with it."""
KEPT_DAYS = 7.0
"""A folder that no program has started with for so long is of no use to anybody."""
DAY = 86_400.0
preparing = threading.Event()
"""Set while another process compiles all kernels: who can do without one does so meanwhile."""


def digest(kernels: Path = KERNELS) -> str:
    """Return what names these kernels: a digest over the names and contents of all their files."""
    found = hashlib.sha256()
    for path in sorted(kernels.glob("*.py")):
        content = path.read_bytes()
        found.update(f"{path.name} {len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()[:16]


@cache
def folder() -> Path | None:
    """Return the folder that this process keeps compiled kernels in.

    The first of these that can be written: `NUMBA_CACHE_DIR` where it is set, beside the kernels
    (unless Python is to write nothing there, `PYTHONDONTWRITEBYTECODE`), the user's folder for what
    can be made again, and at last a temporary one that ends with the process. None, where not even
    that can be made: then everything is compiled at each start.
    """
    name = PREFIX + digest()
    for place in _places():
        if _made(place / name):
            _tidy(place, name)
            return place / name
    try:
        place = Path(tempfile.mkdtemp(prefix="skyframe_gui-"))
    except OSError:
        return None
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place / name if _made(place / name) else None


def environment() -> dict[str, str]:
    """Return the variables that make another process use the same folder."""
    chosen = folder()
    return {} if chosen is None else {"NUMBA_CACHE_DIR": str(chosen.parent)}


def _places() -> Iterator[Path]:
    wanted = os.environ.get("NUMBA_CACHE_DIR")
    if wanted:
        yield Path(wanted)
    if not sys.dont_write_bytecode:
        yield KERNELS / "__pycache__"
    with contextlib.suppress(RuntimeError):  # nobody's home
        yield _user_cache() / "skyframe_gui"


def _user_cache() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    named = os.environ.get("XDG_CACHE_HOME")
    return Path(named) if named else Path.home() / ".cache"


def _made(path: Path) -> bool:
    """Make a folder and note that it is in use; False where it cannot be written."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
        (path / USED).touch()
    except OSError:
        return False
    return True


def _tidy(place: Path, name: str) -> None:
    """Remove the folders of other kernels that nobody uses; whoever does still, compiles anew."""
    oldest = time.time() - KEPT_DAYS * DAY
    for other in place.glob(PREFIX + "*"):
        with contextlib.suppress(OSError):
            if other.name != name and (other / USED).stat().st_mtime < oldest:
                shutil.rmtree(other)

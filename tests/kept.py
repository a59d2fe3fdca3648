"""Lines that are kept in a file and compared with those of now: sentences, tables of numbers.

``WRITE_LOOKS=1`` writes the kept ones anew; the difference is part of the commit.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = Path(__file__).parent / "data" / "findings"


def kept(name: str, lines: Iterable[str]) -> None:
    """Compare with the lines that are kept under a name."""
    path, found = FOLDER / f"{name}.txt", [line.rstrip() for line in lines]
    if os.environ.get("WRITE_LOOKS"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text("\n".join(found) + "\n", encoding="utf-8")
    before = path.read_text(encoding="utf-8").splitlines()
    difference = "\n".join(difflib.unified_diff(before, found, "kept", "now", lineterm=""))
    assert not difference, f"{path.name}; WRITE_LOOKS=1 writes it anew\n{difference}"

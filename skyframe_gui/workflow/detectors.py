"""Which detectors of a camera are read, by their numbers and names in the camera's table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files import read_camera
from skyframe_gui.workflow.jobs import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.engine.camera import Camera
    from skyframe_gui.engine.identity import Identity

MOST_NAMES = 12
"""So many detectors are named where one was asked for that is not there."""
_RANGE = re.compile(r"(\d{1,9})-(\d{1,9})")

_NEITHER = re.compile(r"\d+-|-\d+|\d+(-\d+){2,}|\d+-\d{10,}|\d{10,}-\d+")
"""Numbers and signs that are no range, and what nobody calls a detector."""


@dataclass(frozen=True)
class DetectorChoice:
    """Detectors as a person names them.

    Parameters
    ----------
    words : tuple of str
        Numbers ("7"), ranges of numbers ("5-9") and names ("N4", "R22_S11"), as the files or the
        table of their camera have them. Case does not count.
    table : tuple of (int, str)
        Number and name of a camera's detectors, where another table counts than the program's of
        the exposures' instrument.
    """

    words: tuple[str, ...]
    table: tuple[tuple[int, str], ...] = ()

    @classmethod
    def parse(cls, text: str, camera: Camera | None = None) -> DetectorChoice:
        """Return the choice that a text names, such as ``1,5-9`` or ``N4,S4``.

        Raises
        ------
        SkyFrameError
            Nothing stands between two commas, or a range goes backwards.
        """
        words = tuple(word.strip() for word in text.split(","))
        if not all(words):
            raise SkyFrameError(
                f"Detectors are given as 1,5-9 or by their names, N4,S4; {text!r} is neither."
            )
        for word in words:
            if _NEITHER.fullmatch(word):
                raise SkyFrameError(
                    f"The detectors {word} are neither a number, a range as in 5-9 nor a name."
                )
            if (ends := _RANGE.fullmatch(word)) and int(ends[1]) > int(ends[2]):
                raise SkyFrameError(f"The detectors {word} go backwards; give {ends[2]}-{ends[1]}.")
        return cls(words, () if camera is None else _table_of(camera))

    def takes(self, identity: Identity) -> bool:
        """Tell whether an exposure or a sky frame is of one of them."""
        called = self._names_of(identity)
        return any(_is_meant(word, called) for word in self.words)

    def missing(
        self, identities: Iterable[Identity], what: str = "exposure"
    ) -> tuple[Failure, ...]:
        """Return which of them are not there, with a sentence on what is; one failure or none."""
        there = list(dict.fromkeys(self._names_of(one) for one in identities))
        lacking = [word for word in self.words if not any(_is_meant(word, one) for one in there)]
        if not lacking:
            return ()
        word = ",".join(lacking)
        known = _listed(there) if there else "none"
        return (Failure(f"--detectors {word}", f"No {what} is of detector {word}; {known}."),)

    def _names_of(self, identity: Identity) -> tuple[str, ...]:
        return names_of(identity.detector, self.table or _table(identity.instrument))


@lru_cache(maxsize=4096)
def names_of(detector: str, table: tuple[tuple[int, str], ...]) -> tuple[str, ...]:
    """Return what a detector is called: as its file has it, and by number and name of a table.

    What is the name of a detector is not the number of another one.
    """
    found = [detector]
    names = {name.casefold() for _, name in table}
    for number, name in table:
        if detector and detector.casefold() == name.casefold():
            found += [] if str(number) in names else [str(number)]
        elif detector.isdecimal() and int(detector) == number and detector not in names:
            found.append(name)
    return tuple(found)


@lru_cache(maxsize=64)
def _table(instrument: str) -> tuple[tuple[int, str], ...]:
    """Return numbers and names of a camera's detectors; none where no table is of it."""
    try:
        return _table_of(read_camera(instrument))
    except SkyFrameError:
        return ()


def _table_of(camera: Camera) -> tuple[tuple[int, str], ...]:
    return tuple((one.id, one.name) for one in camera.detectors if one.id is not None)


def _is_meant(word: str, called: tuple[str, ...]) -> bool:
    if any(word.casefold() == name.casefold() for name in called):
        return True
    numbers = [int(name) for name in called if name.isdecimal()]
    if ends := _RANGE.fullmatch(word):
        return any(int(ends[1]) <= number <= int(ends[2]) for number in numbers)
    return word.isdecimal() and int(word) in numbers


def _listed(there: list[tuple[str, ...]]) -> str:
    """Return in words which detectors there are: runs of numbers, and names."""
    numbers = sorted({int(name) for called in there for name in called if name.isdecimal()})
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    counted = [f"{low}-{high}" if high > low else str(low) for low, high in runs]
    names = [name for called in there for name in called if name and not name.isdecimal()]
    if not counted and not names:
        return "the files do not tell of which detectors they are"
    parts = [
        ", ".join(words[:MOST_NAMES]) + (", ..." if len(words) > MOST_NAMES else "")
        for words in (counted, names)
        if words
    ]
    return f"there are {' or by name '.join(parts)}"

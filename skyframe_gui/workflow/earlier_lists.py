"""Which list of backgrounds was subtracted from an exposure before: by names, or beside it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files import kind_of, read_background_list
from skyframe_gui.files.cameras import known_camera
from skyframe_gui.files.sky_frames import read_provenance
from skyframe_gui.workflow.inputs import Inputs
from skyframe_gui.workflow.names import stem_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from skyframe_gui.engine import BackgroundList
    from skyframe_gui.files import ExposureSource

Key = Hashable
_WORD = re.compile(r"-?(?:(?<=[a-z])Background|\b(?i:background|bkgd?|bg)(?i:s|-list|list)?\b)")
Parts = tuple[str, ...]
_BEFORE_DETECTOR = frozenset({"det", "detector", "ccd", "chip", "d", "s", "sensor"})
_BEFORE_VISIT = frozenset({"visit", "exp", "expid", "expnum", "exposure"})
_LEAST_VISIT = 100
"""A lower number behind the detector's counts versions, copies or days rather than visits."""


@dataclass(frozen=True)
class EarlierLists:
    """What was found for the exposures of a call.

    Attributes
    ----------
    paths : mapping of key to Path
        By `key_of` an exposure; nothing for those without a list.
    refused : mapping of key to str
        Why nothing can be said of an exposure's list, a sentence.
    unused : tuple of Path
        Named files that belong to no exposure.
    of_others : tuple of Path
        Lists of the detectors of exposures without one that are, by their names, of another visit
        or camera.
    """

    paths: dict[Key, Path] = field(default_factory=dict)
    refused: dict[Key, str] = field(default_factory=dict)
    unused: tuple[Path, ...] = ()
    of_others: tuple[Path, ...] = ()

    def by_detector(self, sources: Mapping[str, ExposureSource]) -> dict[str, Path | None]:
        """Return the list of each of a visit's exposures; None for those without one."""
        return {name: self.paths.get(key_of(source)) for name, source in sources.items()}


def key_of(source: ExposureSource) -> Key:
    """Return what an exposure is known by here: its file and detector."""
    return str(source.path), source.detector


def find_lists(sources: Sequence[ExposureSource], paths: Sequence[str | Path]) -> EarlierLists:
    """Find the list of backgrounds of each exposure.

    A given list belongs to the exposure whose file has its name but for a word such as
    "background" (``x.fits`` and ``x-background.fits``, ``calexp_1.fits`` and
    ``calexpBackground_1.fits``), else to the one whose visit and detector its name has; a name
    that tells of no visit will do, one that tells of another visit or camera never. Where no given
    one does, a file beside the exposure is taken that is called after it. Of `Inputs`, other files
    in folders are passed over.
    """
    inputs = Inputs.of(paths)
    files = {source.path.name for source in sources}
    # What an earlier run has left in a folder was not subtracted from the exposures before.
    given = [
        path
        for path in inputs
        if path not in inputs.searched or (_is_list(path) and _made_of(path) not in files)
    ]
    found = EarlierLists()
    owners: dict[Path, list[ExposureSource]] = defaultdict(list)
    beside: dict[Path, dict[str, list[Path]]] = {}
    named = {key_of(source): _of_name(source, given) for source in sources}
    others = [path for path in given if not any(path in lists for lists in named.values())]
    of_others: dict[Path, None] = {}
    for source in sources:
        lists = named[key_of(source)] or _of_detector(source, others)
        if not lists and len(sources) == len(given) == 1 and not _is_of_another(given[0], source):
            lists = list(given)
        if not lists:
            alike = (path for path in others if _is_of_another(path, source))
            of_others |= dict.fromkeys(path for path in alike if _detector_in(path, source))
            folder = source.path.parent
            if folder not in beside:
                beside[folder] = _lists_in(folder)
            lists = [
                path
                for stem in _stems(source)
                for path in beside[folder].get(stem.replace("_", "-"), [])
                if _is_list(path) and _made_of(path) != source.path.name
            ]
        if len(lists) > 1:
            some = ", ".join(path.name for path in lists[:3])
            found.refused[key_of(source)] = (
                f"{source.name}: several lists of backgrounds could be its own ({some}); give only "
                "the one that was subtracted from it."
            )
        elif lists:
            found.paths[key_of(source)] = lists[0]
            owners[lists[0]].append(source)
    for path, served in owners.items():
        if len(served) > 1:
            names = ", ".join(source.name for source in served[:3])
            for source in served:
                del found.paths[key_of(source)]
                found.refused[key_of(source)] = (
                    f"{path.name} could be the list of backgrounds of several exposures ({names}); "
                    "name each list after its exposure, as in x-background.fits for x.fits."
                )
    unused = tuple(path for path in given if path not in owners and path not in inputs.searched)
    told = tuple(path for path in of_others if path not in owners)
    unused = tuple(path for path in unused if path not in of_others)
    return EarlierLists(found.paths, found.refused, unused, told)


def read_list(path: Path, source: ExposureSource) -> BackgroundList:
    """Read the list of backgrounds that was subtracted from an exposure before.

    Raises
    ------
    SkyFrameError
        It cannot be read, does not cover the exposure, or was subtracted from its file afterwards.
    """
    if _made_of(path) == source.path.name:
        raise SkyFrameError(
            f"{path.name} is what this program subtracted from {source.name}, which is not in the "
            "pixels of that file; give the list that was subtracted from it before."
        )
    backgrounds = read_background_list(path)
    x0, y0, x1, y1 = backgrounds.models[0].bbox
    left, bottom = source.xy0
    ours = left, bottom, left + source.width - 1, bottom + source.height - 1
    if ours != (x0, y0, x1, y1):
        raise SkyFrameError(
            f"{path.name} covers x {x0} to {x1}, y {y0} to {y1}, but {source.name} covers x "
            f"{ours[0]} to {ours[2]}, y {ours[1]} to {ours[3]}; give the list of backgrounds of "
            "this exposure."
        )
    return backgrounds


def _stems(source: ExposureSource) -> Parts:
    """Return what files that belong to an exposure are called after."""
    stem = stem_of(source.path)
    return stem, f"{stem}-{source.detector}"


def _bare(path: Path) -> str:
    """Return a file's stem without the word that makes it a list of backgrounds; "" without one."""
    stem = stem_of(path)
    bare = _WORD.sub("", stem.replace("_", "-"), count=1)
    if len(bare) == len(stem):
        return ""
    return bare.strip("-.")


def _of_name(source: ExposureSource, given: Sequence[Path]) -> list[Path]:
    ours = {stem.replace("_", "-") for stem in _stems(source)}
    return [
        path for path in given if _bare(path) in ours or stem_of(path).replace("_", "-") in ours
    ]


def _lists_in(folder: Path) -> dict[str, list[Path]]:
    """Return the lists of a folder by what they are called after."""
    found: dict[str, list[Path]] = defaultdict(list)
    try:
        paths = sorted(folder.iterdir())
    except OSError:
        return found
    for path in paths:
        if bare := _bare(path):
            found[bare].append(path)
    return found


def _of_detector(source: ExposureSource, given: Sequence[Path]) -> list[Path]:
    """Return the given lists whose names have an exposure's detector, and its visit if any do."""
    visit = _parts(source.visit)
    found = [
        path for path in given if _detector_in(path, source) and not _is_of_another(path, source)
    ]
    of_visit = [path for path in found if visit and _places(_parts(stem_of(path)), visit)]
    return of_visit or found


def _detector_in(path: Path, source: ExposureSource) -> bool:
    """Whether a list's name has an exposure's detector."""
    detector, visit = _parts(source.detector), _parts(source.visit)
    parts = _parts(stem_of(path))
    if not detector:
        return False
    # In "det1-visit999" and the like, a visit of another number stands where its own would.
    return _has_detector(parts, detector, visit) or _stands_last(parts, detector, visit)


def _stands_last(parts: Parts, detector: Parts, visit: Parts) -> bool:
    """Whether a name ends in a detector's bare number behind that of some visit, as 999-1 does."""
    ends = len(detector) == 1 and parts[-1:] == detector and len(parts) > 1
    return bool(ends and visit and parts[-2].isdigit() and int(parts[-2]) >= _LEAST_VISIT)


def _is_of_another(path: Path, source: ExposureSource) -> bool:
    """Whether a list's name tells of another visit, detector or camera than an exposure's."""
    parts = _parts(stem_of(path))
    camera = known_camera(source.instrument)
    if camera and any(known_camera(part) not in ("", camera) for part in parts):
        return True
    visit, detector = _parts(source.visit), _parts(source.detector)
    if visit and not _places(parts, visit):
        where = _detector_place(parts, detector)
        for place, part in enumerate(parts):
            if not part.isdigit() or place in where:
                continue
            before = parts[place - 1] if place else ""
            counts = before in _BEFORE_VISIT or int(part) >= _LEAST_VISIT
            if counts or (before == "v" and where and place < where.start):
                return True
    # Which number a detector with a name has, only the camera's table tells.
    own = {int(detector[0])} if len(detector) == 1 and detector[0].isdigit() else set()
    told = {
        int(part)
        for before, part in pairwise(parts)
        if part.isdigit() and before in _BEFORE_DETECTOR and before != "s"
    }
    return bool(own and told and not own & told)


def _detector_place(parts: Parts, detector: Parts) -> range:
    """Return the places of a name's parts that are a detector's; none where it has it not."""
    for place in _places(parts, detector) if detector else ():
        before = parts[place - 1] if place else ""
        if not detector[0].isdigit() or before in _BEFORE_DETECTOR:
            return range(place, place + len(detector))
    n = len(detector)
    last = len(parts) - n
    return range(last, len(parts)) if n and parts[last:] == detector else range(0)


def _has_detector(parts: Parts, detector: Parts, visit: Parts) -> bool:
    """Whether a name has a detector; a mere number counts only where a detector's would stand."""
    for place in _places(parts, detector):
        before = parts[:place]
        if not detector[0].isdigit() or (before and before[-1] in _BEFORE_DETECTOR):
            return True
        if visit and before[-len(visit) :] == visit:
            return True
    return False


def _places(parts: Parts, wanted: Parts) -> list[int]:
    n = len(wanted)
    return [place for place in range(len(parts) - n + 1) if parts[place : place + n] == wanted]


@lru_cache(maxsize=65536)
def _parts(name: str) -> Parts:
    """Return the words and numbers of a name: "visit2001-det03" is visit, 2001, det, 3."""
    words = re.findall(r"[A-Za-z]+|\d+", name)
    return tuple(str(int(word)) if word.isdigit() else word.lower() for word in words)


def _is_list(path: Path) -> bool:
    try:
        return kind_of(path) == "background list"
    except SkyFrameError:
        return False


def _made_of(path: Path) -> str:
    """Return the file from which this program has subtracted a list; "" for any other list."""
    try:
        provenance = read_provenance(path)
    except SkyFrameError:  # said when the list is read
        return ""
    return "" if provenance is None else provenance.input_file

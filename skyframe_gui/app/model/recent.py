"""The list of what was opened before."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING

from skyframe_gui.app.model.items import EMPTY, BadFile, ExposureItem, Recent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skyframe_gui.app.model.items import SkyFrameItem

MOST = 20


def with_opened(
    recent: tuple[Recent, ...],
    asked: Sequence[str],
    items: Sequence[ExposureItem | SkyFrameItem | BadFile],
    words: Mapping[str, Sequence[str]] = EMPTY,
) -> tuple[Recent, ...]:
    """Return the list with what was just opened at its top.

    ``words`` are those that named data sets of a repository, with their files.

    Several files of one folder are remembered as that folder: sixty detectors of a visit would push
    everything else off the list.
    """
    by_path: dict[str, list[ExposureItem | SkyFrameItem]] = {}
    for item in items:
        if not isinstance(item, BadFile):
            path = str(item.source.path) if isinstance(item, ExposureItem) else item.path
            by_path.setdefault(path, []).append(item)
    opened: dict[str, list[ExposureItem | SkyFrameItem]] = {}
    beside: dict[str, list[str]] = {}
    for path in asked:
        if path in words:
            own = [item for p in words[path] for item in by_path.get(p, ())]
            opened |= {path: own} if own else {}
            continue
        if path in by_path:
            beside.setdefault(os.path.dirname(path), []).append(path)
            continue
        below = [p for p in by_path if p.startswith(os.path.join(path, ""))]
        if below:
            opened[path] = [item for p in below for item in by_path[p]]
    for folder, paths in beside.items():
        place = paths[0] if len(paths) == 1 else folder
        opened.setdefault(place, [item for p in paths for item in by_path[p]])
    return _with(recent, opened)


def with_session(
    recent: tuple[Recent, ...], path: str, items: Sequence[ExposureItem | SkyFrameItem]
) -> tuple[Recent, ...]:
    """Return the list with a session file at its top."""
    return _with(recent, {path: items})


def _with(
    recent: tuple[Recent, ...], opened: Mapping[str, Sequence[ExposureItem | SkyFrameItem]]
) -> tuple[Recent, ...]:
    now = datetime.now().isoformat(timespec="minutes")
    new = [Recent(path, contents(own), now) for path, own in opened.items()]
    rest = [one for one in recent if one.path not in opened]
    return tuple([*new, *rest][:MOST])


def contents(items: Sequence[ExposureItem | SkyFrameItem]) -> str:
    """Return what was in a file or folder: "3 visits, 9 exposures, 3 sky frames"."""
    exposures = [item for item in items if isinstance(item, ExposureItem)]
    visits = {item.source.visit for item in exposures if item.source.visit}
    counts = (
        (len(visits), "visit"),
        (len(exposures), "exposure"),
        (len(items) - len(exposures), "sky frame"),
    )
    return ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in counts if n)

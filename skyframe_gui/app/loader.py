"""Opens files and folders in the background, and tells of their pixels when nothing else waits."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QObject

from skyframe_gui.app.derived import open_exposures, stamp_of
from skyframe_gui.app.lane import Lane
from skyframe_gui.app.reports import report, track
from skyframe_gui.app.stages import check_unchanged
from skyframe_gui.app.state import BadFile, ExposureItem, Facts, SkyFrameItem
from skyframe_gui.engine import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from skyframe_gui.app.session import Session
    from skyframe_gui.engine import Watch

FITS_ENDINGS = (".fits", ".fit", ".fts", ".fits.gz", ".fits.bz2", ".fits.fz", ".fit.gz", ".fz")
COMPANIONS = ("mask", "weight")
"""Kinds of files that belong to an image beside them: found in a folder, they are no news."""
SAMPLE = 1 << 18
"""Pixels that the level is measured from."""

Opened = ExposureItem | SkyFrameItem | BadFile


class Loader(QObject):
    """Puts files into the session: each one appears as soon as its headers are read.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._report = partial(report, session)
        self.opening = Lane("open", keeps_all=True)
        self.survey = Lane("survey", keeps_all=True)
        for lane in (self.opening, self.survey):
            track(session, lane)

    def open(self, paths: Sequence[str | Path]) -> None:
        """Open files; folders are searched for FITS files."""
        wanted = tuple(os.path.abspath(path) for path in paths)
        if not wanted:
            return
        label = "Open" if len(wanted) > 1 else f"Open {os.path.basename(wanted[0])}"
        self.opening.submit(
            label,
            lambda watch: _open_all(wanted, watch),
            self._on_opened,
            failed=self._report,
        )

    def close(self, seconds: float = 1.0) -> bool:
        """Stop everything; return whether it has ended in time."""
        ended = [lane.close(seconds / 2) for lane in (self.opening, self.survey)]
        return all(ended)

    def _on_opened(self, found: tuple[Opened, ...]) -> None:
        """Take everything in at once, so that visits do not jump about while they fill."""
        state = self._session.state
        exposures = {item.key: item for item in state.exposures}
        frames = {item.key: item for item in state.sky_frames}
        bad = {one.path: one for one in state.bad_files}
        closed, facts = set(state.closed), dict(state.facts)
        fresh: list[ExposureItem] = []
        for one in found:
            if isinstance(one, BadFile):
                bad[one.path] = one
                continue
            closed.discard(one.key)
            if isinstance(one, SkyFrameItem):
                bad.pop(one.path, None)
                frames.pop(one.key, None)  # the file opened last is the one that is used
                frames[one.key] = one
                continue
            bad.pop(str(one.source.path), None)
            if exposures.get(one.key) != one:
                exposures[one.key] = one
                facts.pop(one.key, None)
            if one.key not in facts:
                fresh.append(one)
        selection = state.selection
        new = replace(
            state,
            exposures=tuple(exposures.values()),
            sky_frames=tuple(frames.values()),
            closed=frozenset(closed),
        )
        first = next((one for one in found if isinstance(one, ExposureItem)), None)
        frame = next((one for one in found if isinstance(one, SkyFrameItem)), None)
        if not any(item.key == selection.exposure for item in open_exposures(new)):
            if first is not None:
                selection = replace(selection, exposure=first.key)
            elif frame is not None and not selection.sky_frame:
                selection = replace(selection, sky_frame=frame.key)
        problems = tuple(one for one in state.problems if one.origin != "open")
        self._session.set(
            exposures=new.exposures,
            sky_frames=new.sky_frames,
            bad_files=tuple(bad.values()),
            closed=new.closed,
            facts=MappingProxyType(facts),
            selection=selection,
            problems=problems,
        )
        if fresh:
            left_out = state.config.stats.mask
            self.survey.submit(
                "Look at exposures",
                lambda watch: _survey(fresh, left_out, watch),
                self._on_facts,
                published=self._on_facts,
                failed=self._report,
            )

    def _on_facts(self, facts: dict[str, Facts]) -> None:
        self._session.set(facts=MappingProxyType({**self._session.state.facts, **facts}))


def files_in(path: str, watch: Watch | None = None) -> list[tuple[str, bool]]:
    """Return a file itself, or the FITS files in and below a folder; and whether it was found so.

    Hidden files and folders are passed over, links to folders not followed.
    """
    if not os.path.isdir(path):
        return [(path, False)]
    found: list[tuple[str, bool]] = []
    for folder, inner, names in os.walk(path):
        if watch is not None:
            watch.step(0, 0, f"Searching {os.path.basename(folder)}")
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        found.extend(
            (os.path.join(folder, name), True)
            for name in sorted(names)
            if name.lower().endswith(FITS_ENDINGS) and not name.startswith(".")
        )
    return found


def open_one(path: str, quietly: bool = False) -> tuple[Opened, ...]:
    """Return what is in a file: exposures, a sky frame, or why it cannot be used.

    Parameters
    ----------
    path : str
    quietly : bool
        Nothing is said of masks and weights that belong to an image beside them.
    """
    from skyframe_gui.files import kind_of, read_sky_frame, scan, sha256_of, sky_frame_detector

    try:
        kind = kind_of(path)
        if kind == "sky frame":
            return (
                SkyFrameItem(
                    key=path,
                    name=os.path.basename(path),
                    detector=sky_frame_detector(path),
                    sky_frame=read_sky_frame(path),
                    path=path,
                    sha256=sha256_of(path),
                ),
            )
        if quietly and kind in COMPANIONS:
            return ()
        stamp = stamp_of(path)
        sources = scan(path)
    except SkyFrameError as error:
        return (BadFile(path, str(error)),)
    return tuple(ExposureItem(f"{path}[{source.image.hdu}]", source, stamp) for source in sources)


def _open_all(paths: Iterable[str], watch: Watch) -> tuple[Opened, ...]:
    found: list[Opened] = []
    files: list[tuple[str, bool]] = []
    for path in paths:
        inside = files_in(path, watch)
        if not inside:
            found.append(BadFile(path, f"{path} holds no FITS files."))
        files.extend(inside)
    for number, (path, quietly) in enumerate(files):
        watch.step(number, len(files), f"Open {os.path.basename(path)}")
        found.extend(open_one(path, quietly))
    return tuple(found)


def facts_of(item: ExposureItem, left_out: Iterable[str]) -> Facts:
    """Return level and masked part of an exposure, from a sample of its pixels."""
    try:
        check_unchanged(item)
        exposure = item.source.read()
    except SkyFrameError as error:
        return Facts(problem=str(error))
    every = max(int((exposure.image.size / SAMPLE) ** 0.5), 1)
    pixels = exposure.image[::every, ::every]
    good = np.isfinite(pixels)
    if exposure.has_mask:
        bits = np.int32(exposure.planes.bits(left_out))
        good &= (exposure.mask[::every, ::every] & bits) == 0
    notes = tuple(getattr(exposure.header, "notes", ()))
    level = float(np.median(pixels[good])) if good.any() else float("nan")
    problem = ""
    if not np.isfinite(pixels).any() and not np.isfinite(exposure.image).any():
        problem = f"{item.source.name} has no pixel with a finite value; it cannot be used."
    return Facts(level, 1.0 - float(good.mean()), notes, problem)


def _survey(
    items: Sequence[ExposureItem], left_out: tuple[str, ...], watch: Watch
) -> dict[str, Facts]:
    facts: dict[str, Facts] = {}
    for number, item in enumerate(items):
        watch.step(number, len(items), f"Look at {item.source.name}")
        facts[item.key] = facts_of(item, left_out)
        watch.publish(dict(facts))
    return facts

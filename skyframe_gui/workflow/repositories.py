"""Butler repositories in a run: exposures that calibrations are chosen for, sky frames put back."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.butler.address import is_address
from skyframe_gui.workflow.exposures import scan_files
from skyframe_gui.workflow.jobs import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from skyframe_gui.engine import Watch
    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.files.butler.address import Dataset
    from skyframe_gui.files.butler.ingest import Destination
    from skyframe_gui.workflow.build import BuiltSkyFrame
    from skyframe_gui.workflow.inputs import Inputs


def wanting(
    words: Iterable[object], inputs: Inputs, known: Mapping[str, str], watch: Watch | None = None
) -> list[Identity] | None:
    """Return what the exposures are that the calibrations of some words are for.

    Parameters
    ----------
    words : iterable
        What sky frames are named by; where none is a repository nothing is looked at.
    inputs : Inputs
        The exposures. The headers of those that are of no repository are read.
    known : mapping of str to str
        What all exposures are of, whatever their headers tell.
    watch : Watch, optional

    Returns
    -------
    list of Identity or None
        None where there is no repository among the words.
    """
    if not any(is_address(word) for word in words):
        return None
    found = [
        one.identity for one in dated(one for path in inputs for one in inputs.datasets_of(path))
    ]
    plain = replace(
        inputs, files=tuple(path for path in inputs if not inputs.datasets_of(path)), failed=()
    )
    if plain:
        found += [source.identity for source in scan_files(None, plain, watch)[0]]
    changes: dict[str, Any] = dict(known)
    found = [replace(one, **changes) for one in found]
    return [one for one in found if inputs.detectors is None or inputs.detectors.takes(one)]


def dated(datasets: Iterable[Dataset]) -> list[Dataset]:
    """Return data sets with the times that their repositories know, see `with_dates`."""
    from skyframe_gui.files.butler.calibrations import with_dates
    from skyframe_gui.files.butler.repository import opened

    by_repo: dict[str, list[Dataset]] = defaultdict(list)
    for one in datasets:
        by_repo[one.repo].append(one)
    found: list[Dataset] = []
    for repo, several in by_repo.items():
        with opened(repo) as repository:
            found.extend(with_dates(repository, several))
    return found


def put_built(
    to: Destination, written: Sequence[tuple[BuiltSkyFrame, str]], watch: Watch | None = None
) -> tuple[list[str], list[Failure]]:
    """Put sky frames into a repository, all or none; return where they are, and why they are not.

    ``written`` are sky frames with their files, as `write_built` returns them.
    """
    from skyframe_gui.files.butler.ingest import put_sky_frames

    frames = [
        (path, replace(built.sky_frame.identity, detector=built.detector))
        for built, path in written
    ]
    try:
        return list(put_sky_frames(to, frames, watch)), []
    except SkyFrameError as error:
        return [], [Failure(to.repo, str(error))]

"""Which files a stage will write, settled before the work and not after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.identity import common_identity, group_by_frame
from skyframe_gui.files.sky_frames import read_provenance
from skyframe_gui.workflow import names
from skyframe_gui.workflow.grouping import group_by_visit, mixed_units
from skyframe_gui.workflow.jobs import Failure

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from skyframe_gui.engine.identity import FrameKey
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.inputs import Inputs


def once_each(sources: Sequence[ExposureSource]) -> list[ExposureSource]:
    """Return the exposures without those of files that were given twice."""
    seen: dict[tuple[Path, int], ExposureSource] = {}
    for source in sources:
        seen.setdefault((Path(source.path).resolve(), source.image.hdu), source)
    return list(seen.values())


def not_made_here(inputs: Inputs) -> list[Path]:
    """Return what is read, without what this program has made and only a folder brought in.

    That is read by no command that writes such files, and may be made anew in its place.
    """
    return [path for path in inputs if path not in inputs.searched or not _is_made_here(path)]


def _is_made_here(path: Path) -> bool:
    if not names.is_made_of_exposure(path):
        return False
    try:
        return read_provenance(path) is not None
    except SkyFrameError:  # whoever reads it says so
        return False


@dataclass(frozen=True)
class Targets:
    """Says why a file may not be written.

    Attributes
    ----------
    folder : Path
    inputs : paths
        Files that are read; none of them is ever replaced, whatever ``overwrite`` says.
    overwrite : bool
        Whether other existing files are replaced.
    """

    folder: Path
    inputs: tuple[Path, ...]
    overwrite: bool
    _resolved: set[Path] = field(default_factory=set, repr=False)

    def why_not(self, name: str) -> str:
        """Return the sentence, or "" where the file may be written."""
        if not self._resolved:
            self._resolved.update(Path(path).resolve() for path in self.inputs)
        target = self.folder / name
        if target.resolve() in self._resolved:
            return (
                f"{target} is one of the files that are read and was left alone; choose another "
                "folder with -o."
            )
        if target.exists() and not self.overwrite:
            return (
                f"{target} exists already and was left alone; choose another folder or say "
                "--overwrite."
            )
        return ""


@dataclass(frozen=True)
class SkyFrameTargets:
    """Looks at a build's files; a sky frame whose file may not be written is left out of it."""

    targets: Targets
    planned: dict[FrameKey, str] = field(default_factory=dict)
    """Name of each file by what the sky frame is of."""

    def __call__(self, sources: list[ExposureSource]) -> tuple[list[ExposureSource], list[Failure]]:
        """Return the exposures to go on with, and one failure for each file not to be written."""
        sources = once_each(sources)
        identities = [source.identity for source in sources]
        groups = group_by_frame(identities)
        of_each = [
            common_identity([identities[place] for place in ours]) for ours in groups.values()
        ]
        self.planned.update(zip(groups, names.sky_frame_names(of_each), strict=True))
        why = {key: self.targets.why_not(self.planned[key]) for key in groups}
        failed = [
            Failure(str(self.targets.folder / self.planned[key]), reason)
            for key, reason in why.items()
            if reason
        ]
        kept = sorted(place for key, ours in groups.items() if not why[key] for place in ours)
        return [sources[place] for place in kept], failed


@dataclass(frozen=True)
class VisitTargets:
    """Looks at the files of subtracted or corrected visits, and knows their names afterwards.

    A visit of which one file may not be written is left out wholly: half of it with another scale
    beside what is there would be worse than nothing.
    """

    targets: Targets
    background_list: bool = False
    ending: str = names.SUBTRACTED
    subtracted: dict[tuple[str, str], str] = field(default_factory=dict)
    """Name of each subtracted file by path and detector."""

    def __call__(self, sources: list[ExposureSource]) -> tuple[list[ExposureSource], list[Failure]]:
        """Return the exposures to go on with, and the failures of the others."""
        sources = once_each(sources)
        owners = [(str(source.path), source.detector) for source in sources]
        self.subtracted.update(
            zip(owners, names.subtracted_names(owners, self.ending), strict=True)
        )
        going_on: list[ExposureSource] = []
        failed: list[Failure] = []
        for visit, members in group_by_visit(sources).items():
            why = self._why_not(visit, members)
            if why:
                failed.extend(Failure(str(source.path), why, visit) for source in members)
            else:
                going_on.extend(members)
        return going_on, failed

    def _why_not(self, visit: str, members: Collection[ExposureSource]) -> str:
        mixed = mixed_units(list(members))
        if mixed:
            return f"Visit {visit}: {mixed}"
        planned = [names.samples_name(visit)]
        for source in members:
            name = self.subtracted[str(source.path), source.detector]
            planned.append(name)
            if self.background_list:
                planned.append(names.background_name(name))
        return next(filter(None, map(self.targets.why_not, planned)), "")

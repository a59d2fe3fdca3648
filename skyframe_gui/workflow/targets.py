"""Which files a stage will write, settled before the work and not after it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from skyframe_gui.workflow import names
from skyframe_gui.workflow.grouping import group_by_visit
from skyframe_gui.workflow.jobs import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from skyframe_gui.files import ExposureSource


def once_each(sources: Sequence[ExposureSource]) -> list[ExposureSource]:
    """Return the exposures without those of files that were given twice."""
    seen: dict[tuple[Path, int], ExposureSource] = {}
    for source in sources:
        seen.setdefault((Path(source.path).resolve(), source.image.hdu), source)
    return list(seen.values())


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
    """Looks at a build's files; a detector whose file may not be written is left out of it."""

    targets: Targets

    def __call__(self, sources: list[ExposureSource]) -> tuple[list[ExposureSource], list[Failure]]:
        """Return the exposures to go on with, and one failure for each file not to be written."""
        sources = once_each(sources)
        detectors = sorted({source.detector for source in sources})
        planned = {d: names.sky_frame_name(d, len(detectors)) for d in detectors}
        counts = Counter(planned.values())
        failed: list[Failure] = []
        refused: set[str] = set()
        for detector, name in planned.items():
            why = self.targets.why_not(name)
            if counts[name] > 1:
                why = (
                    f"Several detectors, {detector} among them, would be written to {name}; build "
                    "them one by one into folders of their own."
                )
            if why:
                refused.add(detector)
                failed.append(Failure(str(self.targets.folder / name), why))
        return [source for source in sources if source.detector not in refused], failed


@dataclass(frozen=True)
class VisitTargets:
    """Looks at the files of corrected visits, and knows their names afterwards.

    A visit of which one file may not be written is left out wholly: half of it with another scale
    beside what is there would be worse than nothing.
    """

    targets: Targets
    background_list: bool = False
    subtracted: dict[tuple[str, str], str] = field(default_factory=dict)
    """Name of each subtracted file by path and detector."""

    def __call__(self, sources: list[ExposureSource]) -> tuple[list[ExposureSource], list[Failure]]:
        """Return the exposures to go on with, and the failures of the others."""
        kept, failed = self._named(once_each(sources))
        going_on: list[ExposureSource] = []
        for visit, members in group_by_visit(kept).items():
            why = self._why_not(visit, members)
            if why:
                failed.extend(Failure(str(source.path), why) for source in members)
            else:
                going_on.extend(members)
        return going_on, failed

    def _named(
        self, sources: Sequence[ExposureSource]
    ) -> tuple[list[ExposureSource], list[Failure]]:
        per_file = Counter(str(source.path) for source in sources)
        owners: dict[str, ExposureSource] = {}
        kept: list[ExposureSource] = []
        failed: list[Failure] = []
        for source in sources:
            path = str(source.path)
            name = names.subtracted_name(path, source.detector, per_file[path] == 1)
            owner = owners.setdefault(name, source)
            if owner is not source:
                why = (
                    f"{path} would be written to {name}, where {owner.path} goes; subtract it in a "
                    "call of its own, into another folder."
                )
                failed.append(Failure(path, why))
                continue
            self.subtracted[path, source.detector] = name
            kept.append(source)
        return kept, failed

    def _why_not(self, visit: str, members: Iterable[ExposureSource]) -> str:
        planned = [names.samples_name(visit)]
        for source in members:
            name = self.subtracted[str(source.path), source.detector]
            planned.append(name)
            if self.background_list:
                planned.append(names.background_name(name))
        return next(filter(None, map(self.targets.why_not, planned)), "")

"""What is asked of an export, what it will do, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from skyframe_gui.app.model.correction import CorrectionRun
    from skyframe_gui.app.model.items import Correction, ExposureItem, SkyFrameItem
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.engine import SkyMeasurementConfig
    from skyframe_gui.files.butler.ingest import Destination

Scope = Literal["shown", "visit", "all"]
ConfigFormat = Literal["changed", "complete", "yaml", "arguments"]
CONFIG_NAMES: dict[ConfigFormat, str] = {
    "changed": "sky-config.py",
    "complete": "sky-config-complete.py",
    "yaml": "sky-config.yaml",
    "arguments": "sky-config-arguments.txt",
}
CONFIG_WORDS: dict[ConfigFormat, str] = {
    "changed": "override file of the changed fields",
    "complete": "override file of all fields",
    "yaml": "YAML of all fields",
    "arguments": "-c arguments of the changed fields",
}
PREFIX = "config.sky"
"""Where LSST's SkyCorrectionTask has this config; `-c` arguments name the task as well."""
TASK = "skyCorr"


@dataclass(frozen=True, kw_only=True)
class PutInto:
    """Where in a Butler repository sky frames are to be put, as it was typed; see `Destination`."""

    repo: str
    run: str = ""
    certify: str = ""
    begin: str = ""
    end: str = ""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What a person wants exported.

    Attributes
    ----------
    folder : Path
    scope : {"shown", "visit", "all"}
        Of subtracted exposures and samples: the shown exposure, its visit, or every visit.
    subtracted, background_list, samples, sky_frames, residual_maps : bool
    corrected : bool
        The whole sky correction: exposures, lists, samples and config, as of ``correct``.
    configs : tuple of format
    plots : tuple of str
        Names of the files that pictures of the window go to.
    replace : bool
        Whether files that exist give way.
    put_into : PutInto or None
        Where sky frames go besides.
    """

    folder: Path
    scope: Scope = "visit"
    subtracted: bool = False
    background_list: bool = False
    samples: bool = False
    sky_frames: bool = False
    configs: tuple[ConfigFormat, ...] = ()
    plots: tuple[str, ...] = ()
    replace: bool = False
    residual_maps: bool = False
    corrected: bool = False
    put_into: PutInto | None = None


@dataclass(frozen=True)
class PlannedFile:
    """A file to be written.

    Attributes
    ----------
    name : str
    what : str
        In words: "subtracted exposure".
    exists : bool
    why_not : str
        What stands in the way of it; "" for nothing.
    """

    name: str
    what: str
    exists: bool = False
    why_not: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class VisitPart:
    """A visit to be fitted as a whole, and which of its exposures are written, under which name.

    ``residual_maps`` have bins of ``bins``, (width, height) in pixels.
    """

    request: Request
    subtracted: tuple[tuple[ExposureItem, str], ...]
    background_list: bool
    samples: bool
    residual_maps: tuple[tuple[ExposureItem, str], ...] = ()
    bins: tuple[int, int] = (1, 1)


@dataclass(frozen=True, eq=False, kw_only=True)
class CorrectedPart:
    """A visit to be corrected as a whole, and which of its exposures are written.

    Attributes
    ----------
    request : Request
    correction : Correction
    written : tuple of (ExposureItem, str)
        Each with the name of its corrected file.
    config_name : str
        Of the file of the task's config.
    run : CorrectionRun or None
        What is shown, where that is of the same visit and settings.
    """

    request: Request
    correction: Correction
    written: tuple[tuple[ExposureItem, str], ...]
    config_name: str
    run: CorrectionRun | None = None


@dataclass(frozen=True, eq=False)
class SkyFramePart:
    """A sky frame to be written, in the style that it is used in."""

    item: SkyFrameItem
    algorithm: str
    name: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """All that an export will do.

    Attributes
    ----------
    folder : Path
    replace : bool
    files : tuple of PlannedFile
    notes : tuple of str
        What will be left out, and why.
    visits, corrected, sky_frames, configs : what to make
    config : SkyMeasurementConfig
    destination : Destination or None
        Where in a Butler repository the sky frames go besides.
    wrong : str
        Why they cannot go there, a sentence.
    """

    folder: Path
    replace: bool
    files: tuple[PlannedFile, ...]
    notes: tuple[str, ...]
    visits: tuple[VisitPart, ...]
    sky_frames: tuple[SkyFramePart, ...]
    configs: tuple[ConfigFormat, ...]
    config: SkyMeasurementConfig
    corrected: tuple[CorrectedPart, ...] = ()
    destination: Destination | None = None
    wrong: str = ""

    @property
    def why_not(self) -> str:
        """The first thing that stands in the way, as a sentence; "" for nothing."""
        if not self.files:
            return self.notes[0] if self.notes else "Choose what to export."
        if self.wrong:
            return self.wrong
        return next((file.why_not for file in self.files if file.why_not), "")


@dataclass(frozen=True)
class Saved:
    """A sky frame of the session that now has a file."""

    key: str
    path: str
    sha256: str
    algorithm: str


@dataclass(kw_only=True)
class Exported:
    """What came of an export.

    Attributes
    ----------
    folder : Path
    paths : list of str
        Files that were written.
    failed : list of str
        Why others were not, a sentence each; of a visit all are written or none.
    notes : list of str
        What could not be kept as it was.
    saved : list of Saved
    put : str
        What went into a Butler repository, a sentence; "" for nothing.
    """

    folder: Path
    paths: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    put: str = ""

    @property
    def line(self) -> str:
        """What was written, as a sentence."""
        if not self.paths:
            return "Nothing was written."
        if len(self.paths) == 1:
            wrote = f"Wrote {self.paths[0]}."
        else:
            wrote = f"Wrote {len(self.paths)} files to {self.folder}."
        return f"{wrote} {self.put}".rstrip()

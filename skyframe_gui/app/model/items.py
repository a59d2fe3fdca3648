"""What was opened: exposures and sky frames on the list, and files that cannot be used."""

from __future__ import annotations

import os
import re
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from skyframe_gui.engine.config import SkyMeasurementConfig
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.engine import SkyCorrectionConfig, SkyFrame
    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.files.butler.address import Dataset
    from skyframe_gui.workflow.build import BuiltSkyFrame

Stamp = tuple[int, int]
"""A file's size in bytes and its time of change in nanoseconds."""
SampleId = tuple[str, tuple[int, int, int, int]]
"""A sample by the key of its exposure and its box (x0, y0, x1, y1), half-open."""
Role = Literal["sky", "science"]
"""What an exposure is for: to be averaged to sky frames; to be fitted and exported."""
EMPTY: Mapping[Any, Any] = MappingProxyType({})
DEFAULTS = SkyMeasurementConfig()
CHANGED_ON_DISK = "It has changed on disk since it was opened; reload it (F5) to work with that."
GONE_FROM_DISK = "Its file is gone; put it back, or take it off the list."


@dataclass(frozen=True)
class ExposureItem:
    """An exposure in the data panel.

    Attributes
    ----------
    key : str
        Path and HDU; what the rest of the state calls it by.
    source : ExposureSource
        What the headers tell.
    stamp : Stamp
        Of the file when it was scanned, so that a changed file is noticed.
    others : tuple of (path, Stamp)
        The same of the files that its mask and variance are read from, where these are others.
    """

    key: str
    source: ExposureSource
    stamp: Stamp = (0, 0)
    others: tuple[tuple[str, Stamp], ...] = ()

    @property
    def files(self) -> dict[str, Stamp]:
        """The files that it is read from, as they were when it was scanned."""
        return {str(self.source.path): self.stamp, **dict(self.others)}

    @property
    def stamps(self) -> tuple[Stamp, ...]:
        """What it is remembered by besides its key: all files that it is read from."""
        return (self.stamp, *(stamp for _, stamp in self.others))


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """What a person knows better of an exposure than its header; None for what the header tells."""

    visit: str
    detector: str
    filter: str | None = None
    instrument: str | None = None
    night: str | None = None

    def source(self, source: ExposureSource) -> ExposureSource:
        """Return what the headers tell with this in its place."""
        return source.assigned({k: v for k, v in asdict(self).items() if v is not None})


@dataclass(frozen=True, eq=False, kw_only=True)
class SkyFrameItem:
    """A sky frame in the data panel.

    Attributes
    ----------
    key : str
        Its path, or "built <n>" for one that was built here.
    name : str
        What the panel calls it.
    detector : str
    sky_frame : SkyFrame
    path, sha256 : str
        Its file and that file's checksum; empty while it is not saved.
    built : BuiltSkyFrame or None
        The exposures in it with their grids, where it was built here.
    unit : str
        Of its values; "" where the file does not tell.
    made_with : SkyMeasurementConfig or None
        The config it was built with, where known.
    made_options : Options or None
        The options it was built with, where it was built here; how it was normalised, never "auto".
    made_choices : mapping of str to str
        What that was done with besides, for the headers: see `BuildResult`.
    members : tuple of str
        Keys of the exposures that it was built from, in the order of ``built``.
    excluded_members : frozenset of str
        Those of them that are left out of it now.
    set : str
        Key of the build that it came from; "" for one from a file.
    made_at : str
        Local time of the build, ISO 8601 to the minute.
    stamp : Stamp
        Of its file when it was read; zeros where it was made here.
    dataset : Dataset or None
        What it is in a Butler repository, where it was found there.
    """

    key: str
    name: str
    detector: str
    sky_frame: SkyFrame
    path: str = ""
    sha256: str = ""
    built: BuiltSkyFrame | None = None
    unit: str = ""
    made_with: SkyMeasurementConfig | None = None
    made_options: Options | None = None
    made_choices: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    members: tuple[str, ...] = ()
    excluded_members: frozenset[str] = frozenset()
    set: str = ""
    made_at: str = ""
    stamp: Stamp = (0, 0)
    dataset: Dataset | None = None

    @cached_property
    def identity(self) -> Identity:
        """What it is of."""
        return replace(self.sky_frame.identity, detector=self.detector)

    @cached_property
    def set_key(self) -> str:
        """Key of the set that it belongs to: its build or run, or the files that are named alike.

        A set is of one instrument and filter, and has a sky frame of each detector.
        """
        kind = self.identity.frame
        run = "" if self.dataset is None else f"{self.dataset.repo}:{self.dataset.run}"
        where = self.set or run or ("" if self.path else self.name)
        if not where:
            folder, name = os.path.split(self.path)
            found = [*re.finditer(rf"(?<!\d)0*{re.escape(self.detector)}(?!\d)", name)]
            if self.detector and found:  # the last: a date may stand before it
                name = f"{name[: found[-1].start()]}*{name[found[-1].end() :]}"
            where = os.path.join(folder, name)
        return f"{where}|{kind.instrument}|{kind.filter}"


@dataclass(frozen=True)
class BadFile:
    """A file that could not be opened, or is not what it was, and why, as a sentence.

    Attributes
    ----------
    path, why : str
    kind : str
        What it is instead, where nothing is wrong with it; "" where it could not be read.
    opened : bool
        Whether it was opened all the same: it has only changed since the session was saved.
    """

    path: str
    why: str
    kind: str = ""
    opened: bool = False


@dataclass(frozen=True)
class Facts:
    """What the data panel tells of an exposure's pixels.

    Attributes
    ----------
    level : float
        Median of the pixels outside of every plane of ``stats.mask``, in the exposure's unit.
    masked : float
        Part of the pixels that are in one of these planes or not finite, 0 to 1.
    notes : tuple of str
        What was noticed on reading, a sentence each.
    problem : str
        Why it cannot be used, if it cannot.
    on_disk : str
        What has become of its file since, as a sentence; "" while it is what it was.
    """

    level: float = float("nan")
    masked: float = float("nan")
    notes: tuple[str, ...] = ()
    problem: str = ""
    on_disk: str = ""


@dataclass(frozen=True)
class Options:
    """What a stage is told besides the config.

    Attributes
    ----------
    mask_objects : MaskObjects
    normalise : Normalise
    camera : str
        By what builds lay out detectors, a name or the path of a table; "" as the files tell.
    """

    mask_objects: MaskObjects = MaskObjects.AUTO
    normalise: Normalise = Normalise.NONE
    camera: str = ""


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What a person has set.

    Attributes
    ----------
    config : SkyCorrectionConfig or None
        None: that of the exposures' own camera. Its ``sky`` part is the window's config.
    preset : str
        The camera whose preset it is compared with; "" for the exposures' own.
    camera : str
        By what the detectors are laid out, a name or the path of a table; "" as the files tell.
    base : SkyCorrectionConfig or None
        What ``config`` was made from: only what differs from it was set by a person, and all else
        is as the camera of each visit has it. None: all of ``config`` counts.
    """

    config: SkyCorrectionConfig | None = None
    preset: str = ""
    camera: str = ""
    base: SkyCorrectionConfig | None = None


class OptionsChanges(TypedDict, total=False):
    """Fields of the `Options` to be replaced."""

    mask_objects: MaskObjects
    normalise: Normalise
    camera: str


@dataclass(frozen=True)
class Recent:
    """A file, folder or session that was opened before.

    Attributes
    ----------
    path : str
    contents : str
        What was in it, such as "60 detectors, 7 visits".
    opened : str
        When last, local time, ISO 8601 to the minute.
    missing : bool
        Whether it was gone at the program's start.
    """

    path: str
    contents: str = ""
    opened: str = ""
    missing: bool = False

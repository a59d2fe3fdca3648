"""Sky frames read with where they came from, and written with how they were made."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from skyframe_gui.engine import SkyFrame, SkyFrameError
from skyframe_gui.files import (
    Provenance,
    input_cards,
    kind_of,
    read_sky_frame,
    sha256_of,
    write_sky_frame,
)
from skyframe_gui.files.butler.address import frame_of
from skyframe_gui.files.regions import ds9_words
from skyframe_gui.files.sky_frames import read_provenance
from skyframe_gui.files.transaction import Transaction
from skyframe_gui.text import on_one_line
from skyframe_gui.workflow import names
from skyframe_gui.workflow.frames import not_the_same
from skyframe_gui.workflow.inputs import Inputs
from skyframe_gui.workflow.jobs import Failure
from skyframe_gui.workflow.notes import first_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from skyframe_gui.engine import BackgroundConfig, SkyMeasurementConfig
    from skyframe_gui.engine.identity import FrameKey, Identity
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.build import BuildResult, BuiltSkyFrame


@dataclass(frozen=True, eq=False)
class LoadedSkyFrame:
    """A sky frame with the file it came from.

    Attributes
    ----------
    path, sha256 : str
    sky_frame : SkyFrame
    made_with : BackgroundConfig or None
        How it was binned; None where nothing tells.
    """

    path: str
    sha256: str
    sky_frame: SkyFrame
    made_with: BackgroundConfig | None = None


@dataclass(frozen=True, eq=False)
class CarriedFrame:
    """A sky frame on its way to a worker: by its file, which is a hundredth of its arrays.

    Nothing is read where it only passes, such as in a scheduler.

    Attributes
    ----------
    path, sha256 : str
        Of its file.
    held : SkyFrame, optional
        None in another process.
    """

    path: str
    sha256: str
    held: SkyFrame | None

    @classmethod
    def of(cls, loaded: LoadedSkyFrame) -> CarriedFrame:
        """Return a sky frame to be carried."""
        return cls(os.path.abspath(loaded.path), loaded.sha256, loaded.sky_frame)

    def sky_frame(self) -> SkyFrame:
        """Return the sky frame.

        Raises
        ------
        SkyFrameError
            Its file cannot be read in this process, or is another one.
        """
        return _sky_frame_in(self.path, self.sha256) if self.held is None else self.held

    def __reduce__(self) -> tuple[type[CarriedFrame], tuple[str, str, None]]:
        return CarriedFrame, (self.path, self.sha256, None)


@lru_cache(maxsize=256)
def _sky_frame_in(path: str, sha256: str) -> SkyFrame:
    """Return the sky frame of a file; it is said where it is another one in this process."""
    if sha256_of(path) != sha256:
        raise SkyFrameError(not_the_same(path))
    return read_sky_frame(path)


def load_sky_frames(
    paths: Sequence[str | Path], notes: list[str] | None = None
) -> tuple[LoadedSkyFrame, ...]:
    """Return the sky frames.

    Parameters
    ----------
    paths : sequence of path
        Of `Inputs`, files that a folder was searched for may be something else, and sky frames
        of other detectors than the wanted ones are left out.
    notes : list of str, optional
        Gets a sentence on what folders hold besides.

    Raises
    ------
    SkyFrameError
        A file is no sky frame, or two are of the same instrument, detector and filter.
    """
    inputs = Inputs.of(paths)
    for failure in inputs.failed:
        raise SkyFrameError(failure.why)
    loaded: dict[FrameKey, LoadedSkyFrame] = {}
    others: list[str] = []
    unwanted: list[Identity] = []
    for path in inputs:
        if path in inputs.searched and kind_of(path) != "sky frame":
            others.append(on_one_line(path.name))
            continue
        sky_frame = frame_of(read_sky_frame(path), inputs.datasets_of(path))
        identity = sky_frame.identity
        if inputs.detectors and identity.detector and not inputs.detectors.takes(identity):
            unwanted.append(identity)
            continue
        key = identity.frame
        if key in loaded:
            band = f" and filter {sky_frame.identity.filter}" if key.filter else ""
            raise SkyFrameError(
                f"{loaded[key].path} and {path} are both sky frames of detector "
                f"{key.detector or '(no name)'}{band}; give one of them."
            )
        loaded[key] = LoadedSkyFrame(str(path), sha256_of(path), sky_frame, binned_with(path))
    if not loaded and inputs.detectors and unwanted:
        raise SkyFrameError(inputs.detectors.missing(unwanted, "sky frame")[0].why)
    if not loaded and others:
        raise SkyFrameError(
            f"There is no sky frame among {first_of(others)}; give the folder that has them."
        )
    if others and notes is not None:
        are = "is no sky frame and was" if len(others) == 1 else "are no sky frames and were"
        notes.append(f"In the folders given, {first_of(others)} {are} left out.")
    return tuple(loaded.values())


def write_built(
    result: BuildResult,
    folder: Path,
    config: SkyMeasurementConfig,
    overwrite: bool,
    choices: Mapping[str, str] | None = None,
    planned: Mapping[FrameKey, str] | None = None,
) -> tuple[list[tuple[BuiltSkyFrame, str]], list[Failure]]:
    """Write the sky frames to ``folder``, all or none; return what is where, and why nothing is.

    ``choices`` are the options besides the config that made the numbers what they are; they go into
    the headers with the names of the exposures. ``planned`` are the files' names where these are
    settled already, see `SkyFrameTargets`.
    """
    of_each = [built.sky_frame.identity for built in result.sky_frames]
    written: list[tuple[BuiltSkyFrame, str]] = []
    target = folder
    try:
        with Transaction(folder, overwrite) as transaction:
            for built, name in zip(result.sky_frames, names.sky_frame_names(of_each), strict=True):
                target = folder / (planned or {}).get(built.sky_frame.identity.frame, name)
                write_sky_frame(
                    transaction.stage / target.name,
                    built.sky_frame,
                    detector=built.detector,
                    provenance=provenance_of(built, config, choices or {}),
                    header=input_cards([source.identity for source in built.sources]),
                )
                written.append((built, str(target)))
            target = folder
            transaction.commit()
    except SkyFrameError as error:
        return [], [Failure(str(target), str(error))]
    return written, []


def provenance_of(
    built: BuiltSkyFrame, config: SkyMeasurementConfig, choices: Mapping[str, str]
) -> Provenance:
    """Return what a sky frame's file says of its making: see `write_built`."""
    inputs = {f"IN{i:04d}": source.name for i, source in enumerate(built.sources, 1)}
    masks = [
        f"{source.name}: {words}" for source in built.sources for words in masks_in_words(source)
    ]
    return Provenance(config=config, hand_masks=tuple(masks), extra={**choices, **inputs})


def masks_in_words(source: ExposureSource) -> tuple[str, ...]:
    """Return what was masked by hand in an exposure, as DS9 writes it."""
    return tuple(ds9_words(mask, source.xy0) for mask in source.hand_masks)


def binned_with(path: str | Path) -> BackgroundConfig | None:
    """Return how the sky frame of a file was binned; None where the file does not tell."""
    try:
        found = read_provenance(path)
    except SkyFrameError:  # what is damaged there makes the sky frame no worse
        return None
    return None if found is None or found.config is None else found.config.background


def config_on_record(
    config: SkyMeasurementConfig, loaded: LoadedSkyFrame
) -> tuple[SkyMeasurementConfig, frozenset[str]]:
    """Return the config as it made what is written, and the fields of which nothing is known.

    The ``background`` part is the sky frame's own: what a config says of it while a finished sky
    frame is used has made nothing.
    """
    known = loaded.made_with
    background = (known or config.background).model_copy(
        update={"algorithm": loaded.sky_frame.algorithm}
    )
    unknown = frozenset(() if known else _OF_BINNING)
    return config.model_copy(update={"background": background}), unknown


_OF_BINNING = tuple(f"background.{name}" for name in ("statistic", "xBinSize", "yBinSize", "mask"))

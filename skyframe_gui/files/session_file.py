"""Session files: what a person works on and how, as one versioned JSON file."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PlainValidator,
    ValidationInfo,
    field_validator,
)

from skyframe_gui import __version__
from skyframe_gui.engine.config import SkyMeasurementConfig
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.focal_config import SkyCorrectionConfig
from skyframe_gui.engine.hand_masks import HandMask, Shape
from skyframe_gui.files.atomic import write_bytes
from skyframe_gui.files.tolerant_json import Notes, Unusable, load_json, take_model
from skyframe_gui.numbers import size_of

if TYPE_CHECKING:
    import os

FORMAT = "skyframe_gui session"
VERSION = 2
"""Until 1, what was left out was left out of sky frames and fits alike."""
LARGEST_FILE = 1 << 25
"""Bytes; twenty thousand samples that are excluded by hand take two millions."""
MOST_VALUES = 1 << 21
"""A file of that size has not as many; one that has would take minutes and gigabytes."""
SUFFIX = ".sky"


def _text(value: Any) -> str:
    # pydantic's own strings refuse the half letters that stand for bytes in names of files.
    if not isinstance(value, str):
        raise ValueError("it is not a text")
    return value


def _base64(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("it is not base64") from error
    return text


Text = Annotated[str, PlainValidator(_text)]
PathText = Text
"""A path is data: never expanded and never made; posix, relative to the session's folder or not."""
Count = Annotated[int, Field(strict=True, ge=0)]
Base64 = Annotated[str, AfterValidator(_base64)]
Pixel = Annotated[int, Field(strict=True)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatasetRecord(_Record):
    """A data set of a Butler repository; see `Dataset`."""

    repo: PathText
    dataset: Text
    run: Text
    data_id: dict[str, Annotated[int, Field(strict=True)] | Text] = {}


class FileRecord(_Record):
    """A file that was open.

    Attributes
    ----------
    path : str
    size : int
        Bytes.
    date : str
        Of its last change, UTC, ISO 8601; "" where unknown.
    datasets : tuple of DatasetRecord
        What it is in a Butler repository, where it was found there.
    """

    path: PathText
    size: Count = 0
    date: str = ""
    datasets: tuple[DatasetRecord, ...] = ()


class ItemRef(_Record):
    """An exposure or sky frame.

    Attributes
    ----------
    file : str
        Path as in `FileRecord`; "" for a sky frame that is not saved.
    part : str
        What its key has behind the file's path, such as "[1]"; the whole key without a file.
    """

    file: PathText = ""
    part: Text = ""


class SampleRecord(_Record):
    """A sample: its exposure and its box (x0, y0, x1, y1), half-open."""

    item: ItemRef
    box: tuple[Pixel, Pixel, Pixel, Pixel]


class AssignedRecord(_Record):
    """What an exposure is of, as a person set it; None for what its header tells."""

    item: ItemRef
    visit: Text
    detector: Text
    filter: Text | None = None
    instrument: Text | None = None
    night: Text | None = None


class MaskRecord(_Record):
    """A mask by hand, see `HandMask`: of an exposure, or where that is None of a visit."""

    shape: Shape
    on_sky: bool  # without it the numbers mean nothing
    numbers: tuple[float, ...]
    item: ItemRef | None = None
    visit: Text = ""

    @field_validator("numbers")
    @classmethod
    def _make_a_shape(cls, numbers: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        if "shape" in info.data:
            try:
                HandMask(info.data["shape"], numbers, info.data.get("on_sky", False))
            except SkyFrameError as error:
                raise ValueError(str(error)) from error
        return numbers

    def mask(self) -> HandMask:
        """Return it as the engine takes it."""
        return HandMask(self.shape, self.numbers, self.on_sky)


class OptionsRecord(_Record):
    """What the stages are told besides the config; ``camera`` is a name or the path of a table."""

    mask_objects: Literal["auto", "never", "always"] = "auto"
    normalise: Literal["none", "level", "focal-plane", "auto"] = "none"
    camera: PathText = ""


class CorrectionRecord(_Record):
    """What whole visits are corrected with.

    Attributes
    ----------
    config : SkyCorrectionConfig or None
        None: that of the exposures' own camera.
    preset : str
        The camera whose preset it is compared with.
    camera : str
        By what detectors are laid out: a name, or the path of a table.
    base : SkyCorrectionConfig or None
        What ``config`` was made from, where only what differs from it counts.
    """

    config: SkyCorrectionConfig | None = None
    preset: Text = ""
    camera: PathText = ""
    base: SkyCorrectionConfig | None = None


class UnsavedRecord(_Record):
    """A sky frame that was built and not saved: how to build it again.

    Attributes
    ----------
    key, name, detector, unit : str
    exposures : tuple of ItemRef
        That it was built from.
    config, options
        That it was built with; None where unknown.
    set, made_at : str
        The build that it came from, and when that was; "" in older files.
    file : str
        A copy beside the session file; "" where there is none.
    newer : tuple of path
        The saved sky frames that were made after it; it comes back before them, as of several
        the newest is used.
    """

    key: Text
    name: Text = ""
    detector: Text = ""
    unit: Text = ""
    exposures: tuple[ItemRef, ...] = ()
    config: SkyMeasurementConfig | None = None
    options: OptionsRecord | None = None
    set: Text = ""
    made_at: Text = ""
    file: PathText = ""
    newer: tuple[PathText, ...] = ()


class SetRecord(_Record):
    """What a person made of a set of sky frames.

    Attributes
    ----------
    item : ItemRef
        A sky frame of it; of one that is not saved ``part`` is the set's key.
    name : str
        What it is called; "" for its own name.
    in_use : bool
        Whether it is used in the place of newer ones.
    excluded : tuple of ItemRef or None
        Exposures left out of it; None for the newest, which is without ``excluded_members``.
    """

    item: ItemRef
    name: Text = ""
    in_use: bool = False
    excluded: tuple[ItemRef, ...] | None = None


class PinRecord(_Record):
    """One side of a comparison; without a config it is none.

    Attributes
    ----------
    config : SkyMeasurementConfig
    options : OptionsRecord
    sky_frame : ItemRef or None
        None: the newest of each detector.
    by_hand : tuple of SampleRecord
        Samples excluded by hand.
    """

    config: SkyMeasurementConfig
    options: OptionsRecord = OptionsRecord()
    sky_frame: ItemRef | None = None
    by_hand: tuple[SampleRecord, ...] = ()


class MarkedRecord(_Record):
    """A picture that is marked to blink: an item, None for what is shown, and a layer of it."""

    item: ItemRef | None = None
    layer: Literal["", "exposure", "grid", "model", "subtracted", "residual", "correction"] = ""


class SelectionRecord(_Record):
    """What was looked at; see the state's selection."""

    exposure: ItemRef | None = None
    sky_frame: ItemRef | None = None
    samples: tuple[SampleRecord, ...] = ()
    step: Count | None = None
    marked: tuple[MarkedRecord, ...] = ()


class SessionDocument(_Record):
    """Everything in a session file.

    Attributes
    ----------
    program : str
        The version of the program that wrote it.
    saved : str
        When, UTC, ISO 8601.
    autosave_of : str
        The session file whose changes were saved by itself; "" in a session file of a person's.
    config, preset, preset_name, options, correction
        What the engine is told.
    pins : mapping of "A" or "B" to PinRecord
    files : tuple of FileRecord
    excluded_members, excluded_exposures : tuple of ItemRef
        Exposures that serve no sky frame, and those that are no science.
    by_hand, hand_masks, assigned, closed
        What a person excluded, masked, set and closed.
    unsaved : tuple of UnsavedRecord
    sets : tuple of SetRecord
    selection : SelectionRecord
    view : mapping of str to JSON
        How the panes look; the program's window knows the fields.
    layout : str
        Of the window, opaque, base64.
    """

    program: str = __version__
    saved: str = ""
    autosave_of: PathText = ""
    config: SkyMeasurementConfig = SkyMeasurementConfig()
    preset: SkyMeasurementConfig = SkyMeasurementConfig()
    preset_name: Text = ""
    options: OptionsRecord = OptionsRecord()
    correction: CorrectionRecord = CorrectionRecord()
    pins: dict[Literal["A", "B"], PinRecord] = {}
    files: tuple[FileRecord, ...] = ()
    excluded_members: tuple[ItemRef, ...] = ()
    excluded_exposures: tuple[ItemRef, ...] = ()
    by_hand: tuple[SampleRecord, ...] = ()
    hand_masks: tuple[MaskRecord, ...] = ()
    assigned: tuple[AssignedRecord, ...] = ()
    closed: tuple[ItemRef, ...] = ()
    unsaved: tuple[UnsavedRecord, ...] = ()
    sets: tuple[SetRecord, ...] = ()
    selection: SelectionRecord = SelectionRecord()
    view: dict[str, JsonValue] = {}
    layout: Base64 = ""


def session_text(document: SessionDocument) -> str:
    """Return the text of a session file."""
    # Only what can go into JSON: models as named values, tuples as lists. Letters beyond ASCII are
    # escaped, as a name of a file may hold half ones that no UTF-8 has.
    content = _plain(document.model_dump(mode="python"))
    whole = {"format": FORMAT, "version": VERSION, **content}
    return json.dumps(whole, indent=1, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    """Return a value with None for the numbers that JSON does not have."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_session(
    path: str | os.PathLike[str], document: SessionDocument, *, overwrite: bool = False
) -> str:
    """Write a session file, whole or not at all; return its digest. See `atomic_write`.

    Raises
    ------
    SkyFrameError
        The file exists, cannot be written, or would be larger than `read_session` takes.
    """
    data = session_text(document).encode("ascii")
    if len(data) > LARGEST_FILE:
        raise SkyFrameError(
            f"{path}: the session is too large for a session file ({size_of(len(data))}); restore "
            "some of the samples that are excluded by hand."
        )
    write_bytes(path, data, overwrite=overwrite)
    return hashlib.sha256(data).hexdigest()


def digest_of(path: str | os.PathLike[str]) -> str:
    """Return what tells a session file from what was read or written before; "" for none there."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.sha256(file.read(LARGEST_FILE + 1)).hexdigest()
    except (OSError, ValueError):
        return ""


def read_session(path: str | os.PathLike[str]) -> tuple[SessionDocument, tuple[str, ...]]:
    """Read a session file as far as it can be read.

    Returns
    -------
    document : SessionDocument
    notes : tuple of str
        Sentences on what was left out; none where nothing was.

    Raises
    ------
    SkyFrameError
        The file cannot be read, or is not a session file.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise SkyFrameError(f"{path}: the session file cannot be read ({why}).") from error
    if len(data) > LARGEST_FILE:
        raise SkyFrameError(f"{path}: this is too large for a session file; give another file.")
    return parse_session(data.decode("utf-8-sig", errors="replace"), str(path))


def parse_session(
    text: str, name: str = "the session file"
) -> tuple[SessionDocument, tuple[str, ...]]:
    """Return what a session file's text says, and what of it was left out; see `read_session`."""
    if text.count(",") > MOST_VALUES:
        raise SkyFrameError(f"{name}: this is too large for a session file; give another file.")
    try:
        content, fault = load_json(text)
    except Unusable as error:
        raise SkyFrameError(
            f"{name}: this is not a session file ({error}); give a file made by Save session."
        ) from error
    if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
        raise SkyFrameError(
            f"{name}: this is not a session file; give a file made by Save session."
        )
    notes = Notes()
    version = content.pop("version", None)
    if fault:
        notes.add(f"The file is damaged ({fault}); what stands behind that was left out.")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        notes.add(f"The file does not tell its version; it was read as version {VERSION}.")
    elif version > VERSION:
        notes.add(
            f"The file is of version {str(version)[:20]}, newer than the {VERSION} that this "
            "program knows; what is new in it was left out."
        )
    if "left_out" in content:
        left_out = content.pop("left_out")
        content.setdefault("excluded_members", left_out)
        content.setdefault("excluded_exposures", left_out)
    try:
        return take_model(SessionDocument, content, notes), notes.all()
    except Unusable as error:
        raise SkyFrameError(f"{name}: this is not a session file ({error}).") from error

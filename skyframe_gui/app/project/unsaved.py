"""What of a session is a person's work, and what of it would be lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from skyframe_gui.app.model.items import DEFAULTS, EMPTY, Options
from skyframe_gui.app.model.queries import keys_left_out, open_exposures, open_sky_frames
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.app.project.document import document_of, unsaved_sky_frames
from skyframe_gui.engine import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.app.model.comparison import Pin
    from skyframe_gui.app.model.hand_masks import MaskItem
    from skyframe_gui.app.model.items import Assigned, SampleId
    from skyframe_gui.app.model.state import State
    from skyframe_gui.engine import SkyMeasurementConfig, Watch
    from skyframe_gui.files.session_file import UnsavedRecord

OPTIONS = Options()


@dataclass(frozen=True, kw_only=True)
class Work:
    """The part of a state that makes a session another one; looking about is none of it.

    Attributes
    ----------
    files : frozenset of str
        Exposures and saved sky frames on the list.
    frames : frozenset of (key, exposures left out of it)
        Sky frames that are in no file.
    config, preset, preset_name, options, excluded_members, excluded_exposures, chosen_sets,
    set_exclusions, set_names, excluded_samples, assigned, pins
        As in the state.
    """

    files: frozenset[str] = frozenset()
    frames: frozenset[tuple[str, frozenset[str]]] = frozenset()
    config: SkyMeasurementConfig = DEFAULTS
    preset: SkyMeasurementConfig = DEFAULTS
    preset_name: str = ""
    options: Options = OPTIONS
    excluded_members: frozenset[str] = frozenset()
    excluded_exposures: frozenset[str] = frozenset()
    chosen_sets: frozenset[str] = frozenset()
    set_exclusions: Mapping[str, frozenset[str]] = field(default_factory=lambda: EMPTY)
    set_names: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    excluded_samples: frozenset[SampleId] = frozenset()
    hand_masks: tuple[MaskItem, ...] = ()
    assigned: Mapping[str, Assigned] = field(default_factory=lambda: EMPTY)
    pins: Mapping[str, Pin] = field(default_factory=lambda: EMPTY)


def work_of(state: State) -> Work:
    """Return what a person has done in a session."""
    # They open without a role, which nobody has to keep.
    untouched = keys_left_out(state)
    return Work(
        files=_files.of(
            (state.exposures, open_sky_frames(state), state.removed), lambda: _files_of(state)
        ),
        frames=frozenset((item.key, item.excluded_members) for item in unsaved_sky_frames(state)),
        config=state.config,
        preset=state.preset,
        preset_name=state.preset_name,
        options=state.options,
        excluded_members=state.excluded_members ^ untouched,
        excluded_exposures=state.excluded_exposures ^ untouched,
        chosen_sets=state.chosen_sets,
        set_exclusions=state.set_exclusions,
        set_names=state.set_names,
        excluded_samples=state.excluded_samples,
        hand_masks=state.hand_masks,
        assigned=state.assigned,
        pins=state.pins,
    )


_files = Remembered[frozenset[str]]()


def _files_of(state: State) -> frozenset[str]:
    exposures = {item.key for item in state.exposures if item.key not in state.removed}
    saved = {item.path for item in open_sky_frames(state) if item.path}
    return frozenset(exposures | saved)


def losses(
    work: Work, saved: Work | None, name: str, *, with_config: bool = False
) -> tuple[str, ...]:
    """Return what would be lost if the session were closed now, a sentence each.

    Parameters
    ----------
    work : Work
        As it is.
    saved : Work or None
        As it is in a session file; None where it is in none.
    name : str
        Of that file; "" for none.
    with_config : bool
        Whether settings alone are work, too, where there is no such file.
    """
    kept = saved or Work()
    lost: list[str] = []
    n_frames = len(work.frames - kept.frames)
    if n_frames:
        lost.append(
            f"{n_frames} sky frames that were built here are in no file."
            if n_frames > 1
            else "A sky frame that was built here is in no file."
        )
    where = f"in {name} as they are now" if name else "in a session file"
    if work.excluded_samples != kept.excluded_samples:
        lost.append(f"The samples excluded by hand are not {where}.")
    if work.hand_masks != kept.hand_masks:
        lost.append(f"The masks by hand are not {where}.")
    roles = work.excluded_members, work.excluded_exposures
    if roles != (kept.excluded_members, kept.excluded_exposures):
        lost.append(f"Which exposures serve sky frames and which are science is not {where}.")
    if with_config and not name:
        config, options = saved and saved.config, saved and saved.options
        if work.config not in (work.preset, config):
            lost.append(f"The config that differs from its preset is not {where}.")
        if work.options not in (OPTIONS, options):
            lost.append(f"The options for objects and levels are not {where}.")
    if not lost and name and work != saved:
        lost.append(f"{name} does not have the last changes.")
    return tuple(lost)


class ChangedError(SkyFrameError):
    """A session file is not the one that was read: another window or person has saved into it."""


@dataclass(frozen=True)
class SavedAs:
    """What came of saving: the digest of the session file, and notes on its folder."""

    digest: str
    notes: tuple[str, ...]


def save_session(
    path: str,
    state: State,
    layout: str,
    unbuilt: tuple[UnsavedRecord, ...],
    watch: Watch,
    expected: str | None = None,
) -> SavedAs:
    """Write a session file in the place of an older one; touches the disk.

    A sky frame that is in no file is built again from its exposures when the session is opened.
    One whose exposures are not open, or not known as after a crash, is written into a folder beside
    the session. ``unbuilt`` are those that another session file named and that are not here.
    ``expected`` is the digest of the file that may be replaced; None for any.

    Raises
    ------
    ChangedError
        There is another file than the expected one; nothing was written.
    SkyFrameError
        Something cannot be written.
    Cancelled
        The watch said so.
    """
    import os

    from skyframe_gui.files import Provenance, write_sky_frame
    from skyframe_gui.files.atomic import ensure_folder
    from skyframe_gui.files.recovery import recover
    from skyframe_gui.files.session_file import digest_of, write_session

    folder = os.path.dirname(path)
    notes = recover(folder)
    # A file that is gone takes nothing with it that could be lost here.
    if expected is not None and digest_of(path) not in ("", expected):
        raise ChangedError(
            f"{os.path.basename(path)} was changed on the disk since it was opened or saved here."
        )
    beside = os.path.splitext(path)[0] + "-sky-frames"
    copies: dict[str, str] = {}
    there = {item.key for item in open_exposures(state)}
    lonely = [
        item
        for item in unsaved_sky_frames(state)
        if item.built is None or not there.issuperset(item.members)
    ]
    if lonely:
        ensure_folder(beside)
    for number, item in enumerate(lonely):
        watch.step(number, len(lonely), f"Save {os.path.basename(path)}")
        copy = os.path.join(beside, f"{item.key.replace(' ', '-')}.fits")
        provenance = Provenance(config=item.made_with)
        write_sky_frame(copy, item.sky_frame, item.detector, provenance, overwrite=True)
        copies[item.key] = copy
    document = document_of(state, folder, layout, copies=copies)
    document = document.model_copy(update={"unsaved": (*document.unsaved, *unbuilt)})
    return SavedAs(write_session(path, document, overwrite=True), notes)


def another_name(folder: str, name: str) -> str:
    """Return a name such as "night-2.sky" that no file in a folder has."""
    import os

    stem, suffix = os.path.splitext(name)
    n = 2
    while os.path.lexists(os.path.join(folder, f"{stem}-{n}{suffix}")):
        n += 1
    return f"{stem}-{n}{suffix}"


def digest_at(path: str, than: str = "") -> str:
    """Return the digest of a session file; something else where it is newer than another one."""
    import os

    from skyframe_gui.files.session_file import digest_of

    try:
        if than and os.stat(path).st_mtime_ns > os.stat(than).st_mtime_ns:
            return "changed"
    except OSError:
        return ""
    return digest_of(path)


def holds_more(path: str) -> bool:
    """Whether a file is there that is no session file, or one that is understood in part only."""
    import os

    from skyframe_gui.files.session_file import read_session

    if not path or not os.path.lexists(path):
        return False
    try:
        return bool(read_session(path)[1])
    except SkyFrameError:  # whatever it is, it is not for this session to replace unasked
        return True


def title_of(state: State, name: str) -> str:
    """Return the title of a window: session file, visit and detector; "[*]" marks changes."""
    shown = next(
        (item for item in open_exposures(state) if item.key == state.selection.exposure), None
    )
    parts = []
    if shown is not None:
        visit, detector = shown.source.visit, shown.source.detector
        parts = [f"visit {visit}"] * bool(visit) + [f"det {detector}"] * bool(detector)
        parts = parts or [shown.source.name]
    if not name and not (state.exposures or state.sky_frames or state.bad_files):
        return "skyframe_gui"
    return " — ".join(one for one in (f"{name or 'new session'}[*]", ", ".join(parts)) if one)

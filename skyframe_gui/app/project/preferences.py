"""What the program remembers from one start to the next; a damaged file never stops the start."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from PyQt6.QtCore import QLockFile, QStandardPaths

from skyframe_gui.app.model.items import Recent
from skyframe_gui.app.model.looks import DEFAULT_LOOKS, looks_of_old, plain_looks, taken_looks
from skyframe_gui.app.model.view import View
from skyframe_gui.app.project.view import plain_view, taken_view
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.recovery import recover
from skyframe_gui.files.session_file import Base64, Text
from skyframe_gui.files.tolerant_json import Notes, take_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from skyframe_gui.app.model.looks import Layer, Look
    from skyframe_gui.app.model.store import Store

Table = dict[str, JsonValue]
HOME = "SKYFRAME_GUI_HOME"
"""Names a folder for preferences and caches instead of the platform's."""
VERSION = 1
LARGEST = 1 << 20
"""Bytes; the file has some kilobytes."""
MOST_RECENT = 20
LOCK_MS = 1000
"""How long a window waits for another one that writes; that takes some milliseconds."""
MEMORY_MB = (256, 1 << 20)
KEPT_MB = (0, 1 << 24)
VIEW = (
    "workspace",
    "linked",
    "limits_linked",
    "edges",
    "boxes",
    "masks",
    "crosshair",
    "compass",
    "overview",
    "magnifier",
    "veil",
    "plane_opacity",
    "plane_colours",
    "film_seconds",
    "reload_itself",
    "theme",
)
"""Fields of the view that are a person's taste; the others belong to what is looked at."""


class _Record(BaseModel):
    # Other versions may have written more, which is none of this one's.
    model_config = ConfigDict(frozen=True, extra="ignore")


class RecentRecord(_Record):
    """Something that was opened; see `Recent`."""

    path: Annotated[Text, Field(min_length=1)]
    contents: Text = ""
    opened: Text = ""


class WindowRecord(_Record):
    """Where the window and its docks are; ``geometry`` is base64."""

    geometry: Base64 = ""
    layouts: dict[str, dict[str, JsonValue]] = {}


class PrefsRecord(_Record):
    """The whole file; see `Prefs`."""

    recent: tuple[RecentRecord, ...] = ()
    view: dict[str, JsonValue] = {}
    looks: dict[str, JsonValue] | None = None
    window: WindowRecord = WindowRecord()
    folders: dict[str, Text] = {}
    memory_mb: Annotated[int, Field(strict=True)] = 1024
    kept_mb: Annotated[int, Field(strict=True)] = 2048
    kept_folder: Text = ""


@dataclass(kw_only=True)
class Prefs:
    """Preferences, in one file.

    Attributes
    ----------
    path : Path
    recent : tuple of Recent
    view : View
        Only the fields named in `VIEW` are of use.
    looks : mapping of Layer to Look
        Without limits that were set by hand: these belong to the data.
    geometry : bytes
        Of the window, as Qt saves it; empty at the first start.
    layouts : mapping of workspace to mapping
        Where a person has put the docks of each; see `skyframe_gui.ui.arrangement`.
    folders : mapping of str to str
        Where something was last opened ("open") or written ("export").
    memory_mb : int
        Budget for full planes, in megabytes.
    kept_mb : int
        Limit of what is kept on disk of measured exposures, in megabytes; 0 keeps nothing.
    kept_folder : str
        Where; "" is a folder among the platform's caches.
    notes : list of str
        What went wrong, a sentence each, for the log.
    """

    path: Path
    recent: tuple[Recent, ...] = ()
    view: View = field(default_factory=View)
    looks: Mapping[Layer, Look] = field(default_factory=lambda: DEFAULT_LOOKS)
    geometry: bytes = b""
    layouts: Mapping[str, dict[str, JsonValue]] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int = 1024
    kept_mb: int = 2048
    kept_folder: str = ""
    notes: list[str] = field(default_factory=list)
    _known: Table = field(default_factory=dict, repr=False)
    _known_recent: tuple[Recent, ...] = ()

    @classmethod
    def load(cls, path: str | os.PathLike[str] | None = None) -> Prefs:
        """Read the file; what cannot be used of it is what it is at the first start, and told."""
        file = prefs_folder() / "preferences.json" if path is None else Path(path)
        prefs = cls(path=file)
        for note in recover(file.parent):
            prefs._note(note)
        try:
            found = _read(file)
            if found is not None:
                prefs._take(found)
        except OSError as error:
            prefs._note(f"{file}: the preferences cannot be read ({error.strerror or error}).")
        except (ValueError, RecursionError) as error:
            prefs._put_aside(error)
        prefs._known, prefs._known_recent = prefs._record(), prefs.recent
        return prefs

    def apply_to(self, store: Store) -> None:
        """Give a session what is remembered of it."""
        state = store.state
        view = _with_taste(state.view, self.view)
        store.set(recent=self.recent, view=view, looks=self.looks)

    @property
    def measurements(self) -> Path:
        """The folder of what is kept of measured exposures."""
        return Path(self.kept_folder) if self.kept_folder else caches_folder() / "measurements"

    def remember(
        self,
        store: Store,
        *,
        geometry: bytes | None = None,
        layouts: Mapping[str, dict[str, JsonValue]] | None = None,
        folders: Mapping[str, str] | None = None,
    ) -> None:
        """Take over what is to be remembered of a session, and of its window where given."""
        state = store.state
        self.recent = state.recent[:MOST_RECENT]
        self.view = _with_taste(View(), state.view)
        self.looks = state.looks
        self.geometry = self.geometry if geometry is None else geometry
        self.layouts = self.layouts if layouts is None else layouts
        self.folders = {**self.folders, **(folders or {})}

    def save(self) -> bool:
        """Write the file; return whether that went well. What went wrong is in ``notes``.

        Another window may have written it since: of what was not changed here, its newer values
        stay.
        """
        from skyframe_gui.files.atomic import ensure_folder, write_text

        try:
            ensure_folder(self.path.parent)
            lock = QLockFile(f"{self.path}.lock")
            lock.tryLock(LOCK_MS)  # else it is written all the same
            try:
                ours, theirs = self._record(), self._on_disk()
                recent = _both_recent(self._known_recent, self.recent, theirs.recent)
                record = merged(self._known, ours, theirs._known)
                record["recent"] = [asdict(one) for one in recent]
                # Not every path is text that UTF-8 can hold; escapes can.
                text = json.dumps({"version": VERSION, **record}, indent=1)
                write_text(self.path, text + "\n", overwrite=True)
            finally:
                lock.unlock()
        except SkyFrameError as error:
            self._note(f"The preferences are not saved: {error}")
            return False
        self._known, self._known_recent = ours, self.recent
        return True

    def _record(self) -> Table:
        view = plain_view(self.view)
        record = PrefsRecord(
            view={name: view[name] for name in VIEW},
            looks=plain_looks(self.looks),
            window=WindowRecord(
                geometry=base64.b64encode(self.geometry).decode(), layouts=dict(self.layouts)
            ),
            folders=dict(self.folders),
            memory_mb=self.memory_mb,
            kept_mb=self.kept_mb,
            kept_folder=self.kept_folder,
        )
        return record.model_dump(exclude={"recent"})

    def _on_disk(self) -> Prefs:
        """Return what the file says now; what is known where nothing can be read from it."""
        theirs = Prefs(path=self.path, _known=self._known, recent=self._known_recent)
        try:
            found = _read(self.path)
            if found is not None:
                theirs._take(found)
                theirs._known = theirs._record()
        except (OSError, ValueError, RecursionError):
            pass  # it is put aside at the next start
        return theirs

    def _note(self, line: str) -> None:
        if line not in self.notes:
            self.notes.append(line)

    def _put_aside(self, error: Exception) -> None:
        aside = self.path.with_name(self.path.name + ".bad")
        kept = f"it is kept as {aside.name}"
        try:
            os.replace(self.path, aside)
        except OSError as refused:
            kept = f"it could not be put aside ({refused.strerror or refused})"
        why = " ".join(str(error).split())
        self._note(f"{self.path}: the preferences cannot be used ({why}); {kept}.")

    def _take(self, found: dict[str, Any]) -> None:
        """Take what is sound; what is not stays as it is at the first start, and is told."""
        notes = Notes()
        record = take_model(PrefsRecord, found, notes)
        taste = {name: value for name, value in record.view.items() if name in VIEW}
        view, view_notes = taken_view(taste, View(), passing=())
        if record.looks is not None:
            looks, look_notes = taken_looks(record.looks)
        else:  # of version 0.1.0, whose view has the exposure's
            old = {name: value for name, value in record.view.items() if name != "limits"}
            looks, look_notes = looks_of_old(old), ()
        self.recent = tuple(
            Recent(one.path, one.contents, one.opened) for one in record.recent[:MOST_RECENT]
        )
        self.view = view
        self.looks = looks
        self.geometry = base64.b64decode(record.window.geometry)
        self.layouts = record.window.layouts
        self.folders = record.folders
        self.memory_mb = min(max(record.memory_mb, MEMORY_MB[0]), MEMORY_MB[1])
        self.kept_mb = min(max(record.kept_mb, KEPT_MB[0]), KEPT_MB[1])
        self.kept_folder = record.kept_folder
        for note in (*notes.all(), *view_notes, *look_notes):
            self._note(f"{self.path}: {note}")


def _with_taste(view: View, of: View) -> View:
    """Return a view with the fields of another one that are named in `VIEW`."""
    return replace(view, **{name: getattr(of, name) for name in VIEW})


def merged(known: Table, ours: Table, theirs: Table) -> Table:
    """Return what two windows have made of what both knew, value by value; ours where both did."""
    result: Table = {}
    for name in {**theirs, **ours}:
        old, mine, other = known.get(name), ours.get(name), theirs.get(name)
        if name not in ours and name in known:
            continue  # taken away here
        if isinstance(mine, dict) and isinstance(other, dict):
            result[name] = merged(old if isinstance(old, dict) else {}, mine, other)
        else:
            result[name] = other if mine == old and name in theirs else mine
    return result


def _both_recent(
    known: Sequence[Recent], ours: Sequence[Recent], theirs: Sequence[Recent]
) -> tuple[Recent, ...]:
    """Return what either window has opened, newest first, without what one has taken away."""
    here, there = {one.path for one in ours}, {one.path for one in theirs}
    kept = [one for one in ours if one.path in there or one not in known]
    new = [one for one in theirs if one.path not in here and one not in known]
    both = sorted([*kept, *new], key=lambda one: one.opened, reverse=True)
    return tuple(both[:MOST_RECENT])


def _read(file: Path) -> Table | None:
    """Return what the file holds; None where there is none.

    Raises
    ------
    OSError, ValueError, RecursionError
        It cannot be used.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    if len(data) > LARGEST:
        raise ValueError("it is too long")
    found = json.loads(data.decode("utf-8"))
    if not isinstance(found, dict):
        raise ValueError("it is no table of preferences")
    if found.get("version") != VERSION:
        raise ValueError(f"it is of version {found.get('version')!r}, not {VERSION}")
    return found


def prefs_folder() -> Path:
    """Return the folder of the preferences; see `HOME`."""
    home = os.environ.get(HOME)
    if home:
        return Path(home)
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return Path(found or Path.home() / ".config") / "skyframe_gui"


def caches_folder() -> Path:
    """Return the folder of what can be made again; see `HOME`."""
    home = os.environ.get(HOME)
    if home:
        return Path(home)
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericCacheLocation)
    return Path(found or Path.home() / ".cache") / "skyframe_gui"

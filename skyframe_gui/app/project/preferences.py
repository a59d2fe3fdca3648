"""What the program remembers from one start to the next; a damaged file never stops the start."""

from __future__ import annotations

import base64
import json
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QStandardPaths

from skyframe_gui.app.model.items import Recent
from skyframe_gui.app.model.looks import DEFAULT_LOOKS, looks_of_old, plain_looks, taken_looks
from skyframe_gui.app.model.view import AT_HAND, View
from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from skyframe_gui.app.model.looks import Layer, Look
    from skyframe_gui.app.model.store import Session

HOME = "SKYFRAME_GUI_HOME"
"""Names a folder for preferences and caches instead of the platform's."""
VERSION = 1
LARGEST = 1 << 20
"""Bytes; the file has some kilobytes."""
MOST_RECENT = 20
MEMORY_MB = (256, 1 << 20)
VIEW = (
    "workspace",
    "linked",
    "limits_linked",
    "edges",
    "boxes",
    "masks",
    "crosshair",
    "veil",
    "plane_opacity",
    "plane_colours",
    "theme",
)
"""Fields of the view that are a person's taste; the others belong to what is looked at."""
CHOICES = {
    "workspace": AT_HAND,
    "veil": ("veil", "full", "hidden"),
    "theme": ("dark", "light"),
}
COLOUR = re.compile("#[0-9a-fA-F]{6}")


@dataclass(kw_only=True)
class Prefs:
    """Preferences, in one file.

    Attributes
    ----------
    path : Path
    recent : tuple of Recent
    view : mapping
        Fields named in `VIEW`.
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
    told : list of str
        What went wrong, a sentence each, for the log.
    """

    path: Path
    recent: tuple[Recent, ...] = ()
    view: Mapping[str, Any] = field(default_factory=dict)
    looks: Mapping[Layer, Look] = field(default_factory=lambda: DEFAULT_LOOKS)
    geometry: bytes = b""
    layouts: Mapping[str, Any] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int = 1024
    told: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, path: str | os.PathLike[str] | None = None) -> Prefs:
        """Read the file; what cannot be used of it is what it is at the first start, and told."""
        file = prefs_folder() / "preferences.json" if path is None else Path(path)
        prefs = cls(path=file)
        try:
            with file.open("rb") as stream:
                data = stream.read(LARGEST + 1)
        except FileNotFoundError:
            return prefs
        except OSError as error:
            prefs._tell(f"{file}: the preferences cannot be read ({error.strerror or error}).")
            return prefs
        try:
            if len(data) > LARGEST:
                raise ValueError("it is too long")
            found = json.loads(data.decode("utf-8"))
            if not isinstance(found, dict):
                raise ValueError("it is no table of preferences")
            if found.get("version") != VERSION:
                raise ValueError(f"it is of version {found.get('version')!r}, not {VERSION}")
        except (ValueError, RecursionError) as error:
            prefs._put_aside(error)
            return prefs
        prefs._take(found)
        return prefs

    def apply_to(self, session: Session) -> None:
        """Give a session what is remembered of it."""
        state = session.state
        view = {name: value for name, value in self.view.items() if name in VIEW}
        session.set(recent=self.recent, view=replace(state.view, **view), looks=self.looks)

    def remember(
        self,
        session: Session,
        *,
        geometry: bytes | None = None,
        layouts: Mapping[str, Any] | None = None,
        folders: Mapping[str, str] | None = None,
    ) -> None:
        """Take over what is to be remembered of a session, and of its window where given."""
        state = session.state
        self.recent = state.recent[:MOST_RECENT]
        self.view = {name: getattr(state.view, name) for name in VIEW}
        self.looks = state.looks
        self.geometry = self.geometry if geometry is None else geometry
        self.layouts = self.layouts if layouts is None else layouts
        self.folders = {**self.folders, **(folders or {})}

    def save(self) -> bool:
        """Write the file; return whether that went well. What went wrong is in ``told``."""
        from skyframe_gui.files.atomic import ensure_folder, write_text

        values = {
            "version": VERSION,
            "recent": [
                {"path": one.path, "contents": one.contents, "opened": one.opened}
                for one in self.recent
            ],
            "view": {
                name: dict(value) if name == "plane_colours" else value
                for name, value in self.view.items()
            },
            "looks": plain_looks(self.looks),
            "window": {
                "geometry": base64.b64encode(self.geometry).decode(),
                "layouts": dict(self.layouts),
            },
            "folders": dict(self.folders),
            "memory_mb": self.memory_mb,
        }
        try:
            ensure_folder(self.path.parent)
            # Not every path is text that UTF-8 can hold; escapes can.
            text = json.dumps(values, indent=1, ensure_ascii=True)
            write_text(self.path, text + "\n", overwrite=True)
        except SkyFrameError as error:
            self._tell(f"The preferences are not saved: {error}")
            return False
        return True

    def _tell(self, line: str) -> None:
        if line not in self.told:
            self.told.append(line)

    def _put_aside(self, error: Exception) -> None:
        aside = self.path.with_name(self.path.name + ".bad")
        kept = f"it is kept as {aside.name}"
        try:
            os.replace(self.path, aside)
        except OSError as refused:
            kept = f"it could not be put aside ({refused.strerror or refused})"
        why = " ".join(str(error).split())
        self._tell(f"{self.path}: the preferences cannot be used ({why}); {kept}.")

    def _take(self, found: dict[str, Any]) -> None:
        """Take each part by itself: one that is damaged does not spoil the others."""
        window = found.get("window") or {}
        parts: dict[str, Callable[[], Any]] = {
            "recent": lambda: _recent(found["recent"]),
            "view": lambda: _view(found["view"]),
            "looks": lambda: _looks(found),
            "geometry": lambda: base64.b64decode(window["geometry"], validate=True),
            "layouts": lambda: _strict(window["layouts"], dict),
            "folders": lambda: _strict(found["folders"], str),
            "memory_mb": lambda: _memory(found["memory_mb"]),
        }
        odd = []
        for name, take in parts.items():
            try:
                setattr(self, name, take())
            except KeyError:
                continue  # an older program did not write it
            except (ValueError, TypeError, AttributeError, OverflowError):
                odd.append(name)
        if odd:
            self._tell(f"{self.path}: {', '.join(odd)} cannot be used and start anew.")


def prefs_folder() -> Path:
    """Return the folder of the preferences; see `HOME`."""
    home = os.environ.get(HOME)
    if home:
        return Path(home)
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return Path(found or Path.home() / ".config") / "skyframe_gui"


def _recent(values: Any) -> tuple[Recent, ...]:
    found = []
    for value in _listed(values)[:MOST_RECENT]:
        texts = [value.get(name, "") for name in ("path", "contents", "opened")]
        if not all(isinstance(text, str) for text in texts) or not texts[0]:
            raise ValueError("no path")
        found.append(Recent(*texts))
    return tuple(found)


def _view(values: Any) -> dict[str, Any]:
    """Return the fields that the view of today takes; a choice that is gone stays the default."""
    default = View()
    found: dict[str, Any] = {}
    for name in VIEW:
        if name not in _mapped(values):
            continue
        value = values[name]
        if name == "plane_colours":
            colours = _strict(value, str)
            value = MappingProxyType({k: v for k, v in colours.items() if COLOUR.fullmatch(v)})
        elif name == "plane_opacity":
            value = min(max(float(value), 0.0), 1.0)
        elif name in CHOICES:
            if value not in CHOICES[name]:
                continue
        elif type(value) is not type(getattr(default, name)):
            raise ValueError(name)
        found[name] = value
    return found


def _looks(found: dict[str, Any]) -> Mapping[Layer, Look]:
    """Return the looks; a file of version 0.1.0 has the exposure's in its view."""
    if "looks" in found:
        return taken_looks(_mapped(found["looks"]))[0]
    old = {name: value for name, value in _mapped(found["view"]).items() if name != "limits"}
    return looks_of_old(old)


def _memory(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("memory")
    return min(max(value, MEMORY_MB[0]), MEMORY_MB[1])


def _strict(values: Any, kind: type) -> dict[str, Any]:
    found = _mapped(values)
    if not all(type(value) is kind for value in found.values()):
        raise ValueError("kind")
    return found


def _mapped(values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise ValueError("no mapping")
    return values


def _listed(values: Any) -> list[Any]:
    if not isinstance(values, list):
        raise ValueError("no list")
    return values

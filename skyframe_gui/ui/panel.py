"""What every panel is: a widget that paints a part of the state and calls commands."""

from __future__ import annotations

import importlib
import pkgutil
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, TypeVar, cast

from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import QWidget

from skyframe_gui.ui.badge import BadgeCount
from skyframe_gui.ui.clipboard import copy_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from PyQt6.QtGui import QKeyEvent

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.pointer import Pointed
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store

Area = Literal["left", "centre", "bottom", "right", "top", "status"]


class Panel(QWidget):
    """A part of the window: a module in `skyframe_gui.ui.panels`, found by scanning.

    A panel keeps nothing but widgets, calls neither the engine nor another panel, and is told of a
    state only when it is visible and what it watches has changed.

    Parameters
    ----------
    commands : Commands
        What it may do.

    Attributes
    ----------
    id : str
        For the saved layout; never changes once released.
    title : str
        Of its dock or tab.
    area : str
        "left", "right" and "bottom": it has a dock, which opens there where the plan of a
        workspace does not have it. "centre": it is the middle of a workspace.
    order : int
        Among those of its area.
    headed : bool
        Whether it has a title where it is the middle.
    shows_results : bool
        Whether what it shows of another config comes with the answer. That its numbers are old it
        tells only where the answer takes a moment.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    area: ClassVar[Area]
    order: ClassVar[int] = 0
    headed: ClassVar[bool] = False
    shows_results: ClassVar[bool] = False

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self.commands = commands

    def watches(self, state: State) -> object:
        """Return what the panel paints; compared with ``==``, so no bare arrays."""
        raise NotImplementedError

    def show_state(self, state: State) -> None:
        """Paint the state."""
        raise NotImplementedError

    def follow(self, pointed: Pointed) -> None:
        """Show where the mouse is: asked at each move while visible, and after `show_state`."""

    def prepare(self) -> Iterator[None]:
        """Make what is costly, step by step, before there is anything to show.

        Called after the window's first paint; each step takes a turn of the event loop. A panel
        that is shown earlier makes the rest at once.
        """
        return iter(())

    def subject(self, state: State) -> str:
        """Return what stands beside the title, such as "visit 908120, 59 detectors"."""
        return ""

    def header_widgets(self) -> list[QWidget]:
        """Return what stands at the right of its title, such as choices; always the same."""
        return []

    def copied_text(self) -> str:
        """Return what Ctrl+C puts on the clipboard; "" for nothing."""
        return ""

    def copy_text(self) -> None:
        """Put the text of the panel on the clipboard."""
        copy_text(self.copied_text())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy, where there is a text."""
        copies = event is not None and event.matches(QKeySequence.StandardKey.Copy)
        if copies and self.copied_text():
            self.copy_text()
        else:
            super().keyPressEvent(event)

    def badge(self, state: State) -> BadgeCount:
        """Return how many warnings and notes stand beside the title."""
        return BadgeCount()


AnyPanel = TypeVar("AnyPanel", bound=Panel)
Seen = TypeVar("Seen")


class Panels:
    """The panels of a window, each made when it is first asked for.

    Most of what a window can show is not on its start page. Until the first paint only
    that is made.

    Parameters
    ----------
    commands : Commands
    kinds : iterable of Panel classes
    unmade : callable, optional
        Told why a panel could not be made; an empty one then stands in its place. Without it the
        exception is raised.

    Attributes
    ----------
    kinds : dict of panel id to Panel class
    """

    def __init__(
        self,
        commands: Commands,
        kinds: Iterable[type[Panel]],
        unmade: Callable[[Exception], None] | None = None,
    ) -> None:
        self._commands = commands
        self._unmade = unmade
        self.kinds = {kind.id: kind for kind in kinds}
        self._made: dict[str, Panel] = {}

    def __getitem__(self, name: str) -> Panel:
        """Return the panel of an id."""
        if name not in self._made:
            kind = self.kinds[name]
            try:
                self._made[name] = kind(self._commands)
            except Exception as error:
                if self._unmade is None:
                    raise
                self._made[name] = _unmade_panel(kind, self._commands)
                self._unmade(error)
        return self._made[name]

    def get(self, kind: type[AnyPanel]) -> AnyPanel:
        """Return the panel of a class."""
        return cast("AnyPanel", self[kind.id])

    def __iter__(self) -> Iterator[Panel]:
        """Go through those that are made."""
        return iter(tuple(self._made.values()))

    def of(self, *areas: Area) -> list[str]:
        """Return the ids of the panels of some areas, in their order."""
        return [name for name, kind in self.kinds.items() if kind.area in areas]


class PanelPainter:
    """Paints panels where what they watch has changed; one that fails does not stop the others.

    Parameters
    ----------
    store : Store
    failed : callable
        Told of an exception with its class and traceback, once while it stays the same.
    """

    def __init__(
        self,
        store: Store,
        failed: Callable[[type[BaseException], BaseException, TracebackType | None], None],
    ) -> None:
        self._store, self._failed = store, failed
        self._painted: dict[str, object] = {}
        self._faults: dict[str, str] = {}

    def paint(self, panel: Panel, state: State) -> None:
        """Paint a panel if it has to be."""
        self.guard(panel, partial(self._paint, panel), state)

    def guard(self, panel: Panel, show: Callable[[Seen], None], seen: Seen) -> None:
        """Have a panel show something; what it raises is reported, and goes no further."""
        try:
            show(seen)
        except Exception as error:
            words = f"{type(error).__name__}: {error}"
            if self._faults.get(panel.id) != words:  # the report is a change that it may watch
                self._faults[panel.id] = words
                self._failed(type(error), error, error.__traceback__)

    def _paint(self, panel: Panel, state: State) -> None:
        watched = (panel.watches(state), state.view.theme)
        if panel.id not in self._painted or self._painted[panel.id] != watched:
            self._painted[panel.id] = watched
            panel.show_state(state)
            panel.follow(self._store.pointer.now)
            self._faults.pop(panel.id, None)


def _unmade_panel(kind: type[Panel], commands: Commands) -> Panel:
    """Return an empty panel in the place of one that could not be made."""

    class Unmade(Panel):
        id, title, area, order, headed = kind.id, kind.title, kind.area, kind.order, kind.headed

        def watches(self, state: State) -> object:
            return None

        def show_state(self, state: State) -> None:
            return None

    return Unmade(commands)


def discover() -> list[type[Panel]]:
    """Return the panels of `skyframe_gui.ui.panels`, by area and order."""
    package = importlib.import_module("skyframe_gui.ui.panels")
    found: dict[str, type[Panel]] = {}
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Panel) and "id" in vars(value):
                found[value.id] = value
    return sorted(found.values(), key=lambda panel: (panel.area, panel.order, panel.id))

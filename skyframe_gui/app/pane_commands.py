"""What a person can do with the panes: how many there are and what part of an image is seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from skyframe_gui.app.model.places import next_convention
from skyframe_gui.app.model.view import LAYOUTS, Frame

if TYPE_CHECKING:
    from typing import Unpack

    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.view import ViewChanges


class PaneCommands:
    """A part of the `Commands`.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def lay_out(self, n: int, shape: tuple[int, int] | None = None) -> None:
        """Show 1, 2, 4 or 6 panes in (columns, rows), or so that images are largest."""
        view = self._store.state.view
        panes = LAYOUTS[n]
        if n == 1 and view.active < len(view.panes):
            panes = (view.panes[view.active],)
        self._view(panes=panes, pane_shape=shape, active=min(view.active, n - 1))

    def move(self, pane: int, frame: Frame | None) -> None:
        """Show another part of the exposure in a pane, and in all if they are linked."""
        view = self._store.state.view
        frames = list(view.frames)
        for index in range(len(frames)):
            if view.linked or index == pane:
                frames[index] = frame
        self._view(frames=tuple(frames))

    def go_to(self, x: float, y: float, zoom: float, key: str = "") -> None:
        """Bring a pixel into the middle of the panes, and mark it.

        It is one of the shown exposure, or of that with another ``key``, which is on its way.
        """
        view, shown = self._store.state.view, self._store.state.results.shown
        if shown is not None:
            self.move(view.active_frame, Frame(x, y, zoom))
            self._view(mark=(key or shown.key, x, y))

    def count_otherwise(self) -> None:
        """Write x and y in the next way: from 0 or from 1, of the parent or of the file."""
        view, shown = self._store.state.view, self._store.state.results.shown
        if shown is not None:
            from_one, in_file = next_convention(view, shown)
            self._view(counts_from_one=from_one, in_file=in_file)

    def link(self, linked: bool) -> None:
        """Have panes move together or each by itself."""
        view = self._store.state.view
        frames = view.frames
        if linked:
            frames = (frames[view.active],) * len(frames)
        self._view(linked=linked, frames=frames)

    def _view(self, **changes: Unpack[ViewChanges]) -> None:
        self._store.set(view=replace(self._store.state.view, **changes))

"""What a person can do with marks, with blinking and with a film."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from skyframe_gui.app.model.film import open_marks, pictures_of
from skyframe_gui.app.model.view import FASTEST, SLOWEST, Mark

if TYPE_CHECKING:
    from collections.abc import Iterable

    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.view import Reel
    from skyframe_gui.app.work.film import Film


class FilmCommands:
    """A part of the `Commands`.

    Parameters
    ----------
    store : Store
    film : Film
        The clock, and what is read ahead.
    """

    def __init__(self, store: Store, film: Film) -> None:
        self._store = store
        self._film = film

    # What blinks -----------------------------------------------------------------------------

    def mark_rows(self, keys: Iterable[str]) -> None:
        """Let exposures or sky frames, and nothing else, blink."""
        self._mark(tuple(Mark(key) for key in dict.fromkeys(keys)))

    def mark_pane(self, pane: int | None = None) -> None:
        """Mark what a pane shows, the active one by default; take its mark away where it has one.

        That is the layer of the shown exposure: of another one, or another layer, it is another
        picture.
        """
        state = self._store.state
        shown = state.results.shown
        if shown is None:
            return
        layer = state.view.panes[state.view.active if pane is None else pane]
        mark, marks = Mark(shown.key, layer), open_marks(state)
        rest = tuple(one for one in marks if one != mark)
        self._mark((*marks, mark) if rest == marks else rest)

    def is_marked(self, pane: int) -> bool:
        """Whether what a pane shows is marked."""
        state = self._store.state
        shown = state.results.shown
        return shown is not None and Mark(shown.key, state.view.panes[pane]) in open_marks(state)

    def forget_marks(self) -> None:
        """Take all marks away."""
        self._mark(())

    def _mark(self, marks: tuple[Mark, ...]) -> None:
        """Take other marks, and show the bar that tells of them while there are some."""
        self._film.pause()
        with self._store.batch():
            if not marks and self._store.state.view.reel == "marked":
                self._film.end()  # with the marks that it knows which pane they blinked in
            self._store.set(selection=replace(self._store.state.selection, marked=marks))
            if marks:
                self._film.start("marked", playing=False)

    # How it runs -----------------------------------------------------------------------------

    def play(self, reel: Reel | None = None) -> None:
        """Run a film: of what ran last by default."""
        reel = self._store.state.view.reel if reel is None else reel
        self._to_panes()
        self._film.start(reel, playing=len(pictures_of(self._store.state, reel)) > 1)

    def choose(self, reel: Reel) -> None:
        """Go over to other pictures; a film that runs runs on."""
        if self._store.state.view.film == "playing":
            self.play(reel)
        else:
            self._to_panes()
            self._film.start(reel, playing=False)

    def toggle(self) -> None:
        """Run the film, or let it stand."""
        if self._store.state.view.film == "playing":
            self._film.pause()
        else:
            self.play()

    def step(self, by: int) -> None:
        """Let the film stand, at the next (1) or previous (-1) picture."""
        self._film.pause()
        self._film.step(by)

    def blink(self, by: int) -> bool:
        """Show the next (1) or previous (-1) picture of the film, or of what is marked.

        Returns
        -------
        bool
            False where there is neither.
        """
        state = self._store.state
        if not state.view.film:
            if len(open_marks(state)) < 2:
                return False
            self._film.start("marked", playing=False)
        self.step(by)
        return True

    def end(self) -> None:
        """End the film."""
        self._film.end()

    def set_seconds(self, seconds: float) -> None:
        """Let each picture stand so long."""
        seconds = min(max(seconds, FASTEST), SLOWEST)
        self._store.set(view=replace(self._store.state.view, film_seconds=seconds))

    def set_back(self, back: bool) -> None:
        """Run backwards or not."""
        self._store.set(view=replace(self._store.state.view, film_back=back))

    def _to_panes(self) -> None:
        view = self._store.state.view
        if view.workspace != "visit":
            self._store.set(view=replace(view, workspace="visit", blinking=False, before=False))

"""What blinks, and what runs as a film: the marks, the rows, and which of them is on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.app.model.looks import LAYER_WORDS
from skyframe_gui.app.model.queries import (
    frame_on_screen,
    open_exposure,
    open_exposures,
    open_sky_frames,
    shown_detector,
    shown_exposure,
    shown_visit,
    visit_of,
    visits,
    visits_by_night,
)
from skyframe_gui.app.model.remembered import Remembered
from skyframe_gui.app.model.sky_sets import set_of_frame
from skyframe_gui.app.model.view import Mark

if TYPE_CHECKING:
    from skyframe_gui.app.model.items import ExposureItem, SkyFrameItem
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.view import Reel


def pictures_of(state: State, reel: Reel) -> tuple[Mark, ...]:
    """Return the pictures of a film, in their order."""
    if reel == "marked":
        return open_marks(state)
    if reel == "set":
        selected = state.selection.sky_frame
        frame = next((one for one in open_sky_frames(state) if one.key == selected), None)
        frame = frame or frame_on_screen(state)
        found = None if frame is None else set_of_frame(state, frame.key)
        return () if found is None else tuple(Mark(one.key) for one in found.frames)
    if reel == "visit":
        return tuple(Mark(item.key) for item in shown_visit(state)[1])
    visit, detector = visit_of(state, state.selection.exposure), shown_detector(state)
    groups = visits_by_night(state)
    return _through.of(
        (groups, visit, detector, reel), lambda: _through_visits(state, visit, detector, reel)
    )


_through = Remembered["tuple[Mark, ...]"]()


def _through_visits(state: State, visit: str, detector: str, reel: Reel) -> tuple[Mark, ...]:
    """Return a detector in one visit after the other, as the Data panel lists them."""
    groups = visits(open_exposures(state))
    if visit not in groups:
        return ()
    night = groups[visit][0].source.night
    return tuple(
        Mark(item.key)
        for (one, _), names in visits_by_night(state).items()
        if reel == "visits" or one == night
        for name in names
        for item in groups[name]
        if item.source.detector == detector
    )


def open_marks(state: State) -> tuple[Mark, ...]:
    """Return those of the marks whose exposure or sky frame is on the list."""
    frames = {item.key for item in open_sky_frames(state)}
    return tuple(
        one
        for one in state.selection.marked
        if not one.key or one.key in frames or open_exposure(state, one.key) is not None
    )


def place_in(state: State, pictures: tuple[Mark, ...]) -> int | None:
    """Return which of the pictures is wanted on screen; None where none of them is."""
    wanted = state.view.film_place
    if 0 <= wanted < len(pictures) and is_wanted(state, pictures[wanted]):
        return wanted
    return next((n for n, one in enumerate(pictures) if is_wanted(state, one)), None)


def is_wanted(state: State, mark: Mark) -> bool:
    """Whether a picture is what is selected, be it shown already or not."""
    selection, view = state.selection, state.view
    key = selection.exposure or selection.sky_frame
    return mark.key in ("", key) and mark.layer in ("", view.panes[view.active])


def film_words(state: State, in_full: bool = True) -> str:
    """Return which picture of the film is on screen, such as "3 of 20 · visit 908120, det 50".

    Its number alone where that is not wanted ``in_full``; "" without a film.
    """
    shown = state.results.shown
    if not state.view.film or shown is None:
        return ""
    pictures = pictures_of(state, state.view.reel)
    place = place_in(state, pictures)
    wanted = state.selection.exposure or state.selection.sky_frame
    if place is None:
        return ""
    if shown.key != wanted:  # the picture before, until this one is there
        keys = [one.key for one in pictures]
        if shown.key not in keys:
            return ""
        place = keys.index(shown.key)
    number = f"{place + 1} of {len(pictures)}"
    return f"{number} · {name_of(state, Mark(shown.key))}" if in_full else number


def name_of(state: State, mark: Mark) -> str:
    """Return what a picture is called: its visit and detector, its sky frame's name, its layer."""
    names = []
    if mark.key:
        item = open_exposure(state, mark.key)
        frame = next((one for one in open_sky_frames(state) if one.key == mark.key), None)
        names.append(_exposure(state, item) if item is not None else _frame(frame))
    if mark.layer:
        names.append(LAYER_WORDS[mark.layer].removeprefix("the "))
    return ", ".join(filter(None, names))


def _exposure(state: State, item: ExposureItem) -> str:
    visit, detector = visit_of(state, item.key), item.source.detector
    return f"visit {visit}, det {detector}" if detector else f"visit {visit}"


def _frame(frame: SkyFrameItem | None) -> str:
    if frame is None:
        return ""
    return f"sky frame {frame.name}, det {frame.detector}" if frame.detector else frame.name


def why_no_film(state: State, reel: Reel) -> str:
    """Return why there is nothing to run, as a sentence; "" where there is."""
    if len(pictures_of(state, reel)) > 1:
        return ""
    if reel == "marked":
        return f"Mark {'another picture' if open_marks(state) else 'two pictures'} with A."
    if reel == "set":
        return "Look at a sky frame of a set that has several: a double click in Sky sets."
    if shown_exposure(state) is None:
        return "Show an exposure first."
    if reel == "visit":
        return "This visit has one detector only."
    where = "this night" if reel == "night" else "all that is open"
    return f"There is one visit of this detector in {where}."

"""Which exposures serve a sky frame, and why others do not, such as flat fields and copies."""

from __future__ import annotations

import datetime
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from skyframe_gui.workflow.notes import first_of, left_out_as_subtracted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.files import ExposureSource
    from skyframe_gui.workflow.exposures import Ready
    from skyframe_gui.workflow.inputs import Inputs
    from skyframe_gui.workflow.jobs import Failure


class LeftOut(NamedTuple):
    """The places of exposures that serve no sky frame while others do."""

    subtracted: tuple[int, ...]
    """A sky frame was subtracted from them before."""
    calibrations: tuple[int, ...]
    """Flat fields, darks and the like."""
    copies: dict[int, int]
    """Of the same exposure as another, which is the second each."""

    @property
    def places(self) -> frozenset[int]:
        """All of them."""
        return frozenset((*self.subtracted, *self.calibrations, *self.copies))

    def among(self, places: Collection[int]) -> LeftOut:
        """Return those of them that are at some places."""
        return LeftOut(
            tuple(place for place in self.subtracted if place in places),
            tuple(place for place in self.calibrations if place in places),
            {place: other for place, other in self.copies.items() if place in places},
        )


def left_out(sources: Sequence[ExposureSource]) -> LeftOut:
    """Return which exposures serve no sky frame where there are others.

    What a sky frame was subtracted from before, calibrations, and all but one of what is of the
    same exposure: a copy, another version, or a map that tells in no other way that it belongs to
    an image.
    """
    calibrations = (i for i, one in enumerate(sources) if one.calibration and not one.subtracted)
    return LeftOut(
        tuple(i for i, one in enumerate(sources) if one.subtracted),
        tuple(calibrations),
        copies(sources),
    )


class Serving(NamedTuple):
    """The exposures that serve, and a sentence on each kind of those that do not."""

    sources: list[ExposureSource]
    notes: list[str]


def serving(sources: Sequence[ExposureSource], how: str) -> Serving:
    """Part the exposures that serve a sky frame from those of `left_out`.

    Parameters
    ----------
    sources : sequence of ExposureSource
    how : str
        Ends a sentence: how the others would serve all the same.
    """
    kept = list(sources)
    out = left_out(kept)
    # What was subtracted, or calibrations, serve where there is nothing else.
    places = set(out.copies)
    for of_kind in (out.subtracted, out.calibrations):
        if len(places.union(of_kind)) < len(kept):
            places.update(of_kind)
    found = [one for place, one in enumerate(kept) if place not in places]
    return Serving(found, why_left_out(kept, out.among(places), how))


def without_leftovers(inputs: Inputs, notes: list[str], ready: Ready | None = None) -> Ready:
    """Return what takes those of `left_out` that folders were searched for from exposures.

    What a person named stays, and where a folder has nothing else that stays, too.

    Parameters
    ----------
    inputs : Inputs
    notes : list of str
        Gets a sentence on each kind of what was taken away.
    ready : callable, optional
        Looks at the others then.
    """

    def chosen(sources: list[ExposureSource]) -> tuple[list[ExposureSource], list[Failure]]:
        nobody_named = {i for i, one in enumerate(sources) if one.path in inputs.searched}
        out = left_out(sources).among(nobody_named)
        if len(out.places) < len(sources):
            how = "of what is in a folder, files like these are used only where they are named"
            notes.extend(why_left_out(sources, out, how, "left out"))
            sources = [one for place, one in enumerate(sources) if place not in out.places]
        return (sources, []) if ready is None else ready(sources)

    return chosen


def why_left_out(
    sources: Sequence[ExposureSource],
    out: LeftOut,
    how: str,
    left_out: str = "left out of sky frames",
) -> list[str]:
    """Return a sentence on each kind of what is left out; ``how``: and how it would serve."""
    notes = []
    if out.subtracted:
        notes.append(
            left_out_as_subtracted([sources[place] for place in out.subtracted], how, left_out)
        )
    if out.calibrations:
        names = [f"{sources[i].name} ({sources[i].calibration})" for i in out.calibrations]
        are = "is no exposure of the sky, so it is"
        if len(names) > 1:
            are = "are no exposures of the sky, so they are"
        notes.append(f"{first_of(names)} {are} {left_out}; {how}.")
    if out.copies:
        names = [f"{sources[i].name} (as {sources[j].name})" for i, j in out.copies.items()]
        are = "is of an exposure that is there already, by detector, start and exposure time, so it"
        if len(names) > 1:
            are = "are of exposures that are there already, by detector, start and exposure time, "
            are += "so they"
        verb = "are" if len(names) > 1 else "is"
        notes.append(f"{first_of(names)} {are} {verb} {left_out}.")
    return notes


def copies(sources: Sequence[ExposureSource]) -> dict[int, int]:
    """Return the places of what is of the same exposure as another, and the place of that one.

    The same are detector, start (with a time of day), exposure time, and number. Of those the one
    with the shortest name stays, else the first: x.fits beside x.conf.fits.
    """
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, source in enumerate(sources):
        key = _moment_of(source.identity)
        if key is not None and not source.subtracted and not source.calibration:
            alike[key].append(place)
    found: dict[int, int] = {}
    for places in alike.values():
        if len(places) == 1:
            continue
        first, *others = sorted(places, key=lambda place: (len(sources[place].path.name), place))
        found |= dict.fromkeys(others, first)
    return dict(sorted(found.items()))


def _moment_of(identity: Identity) -> tuple[object, ...] | None:
    """Return what two exposures cannot have in common; None where too little is known."""
    when = _time_of(identity.date)
    if when is None:
        return None
    seconds = identity.exposure_time
    if not when.microsecond and seconds is not None and seconds < 1 and not identity.visit:
        return None  # several begin within the same second
    return (*identity.frame, identity.visit, when, seconds)


@lru_cache(1 << 12)
def _time_of(date: str) -> datetime.datetime | None:
    """Return a date that has a time of day; asked for all exposures whenever some are opened."""
    try:
        when = datetime.datetime.fromisoformat(date)
    except ValueError:
        return None
    return None if when.time() == datetime.time() else when

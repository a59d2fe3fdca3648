"""What an exposure is of, which exposures belong together, and what does not match.

An exposure is of an instrument, a detector and a physical filter; a visit is of an instrument, a
filter and a few minutes. A sky frame is made of, chosen for and checked against exposures by these.

What a header does not tell is "". Where there is only one thing that it can be it is taken to be
that, and the user is told; where there are several, nobody can know:

- Frames: exposures that do not tell their filter (or instrument) are of the one that the others of
  their detector are of, where these agree, else they are averaged with each other alone. Where
  none tells its filter all go together.
- Visits: one detector of a visit that does not tell its filter, instrument or date is of those of
  the others of that visit, where these agree; where they do not, it stays by itself.
- Sky frames that do not tell their filter or instrument serve every exposure, and a sky frame with
  one serves an exposure without; those that are known to match come first.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from skyframe_gui.engine.units import same_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VISIT_GAP = 600.0
"""Seconds from the end of one exposure: others of the same number that begin later are of another
visit. The detectors of a camera begin within seconds of each other, snaps within a minute; numbers
that are used again (each night from 1, each instrument) come hours later."""
STRAIGHT = "+x+y"
"""Columns and rows run along x and y of the detector."""
SKY_LEVEL = "sky level"
"""The unit of a sky frame of exposures that were divided by their levels."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What an exposure, or a sky frame, is of; "" and None where nothing tells.

    Attributes
    ----------
    instrument, detector, filter : str
        The filter is the physical one.
    night : str
        ISO date of the evening.
    visit : str
        Number or name within the night.
    date : str
        UTC at the start, ISO 8601.
    exposure_time : float or None
        Seconds.
    unit : str
        Of the pixels.
    binning : (int, int)
        Detector pixels in a pixel along x and y.
    orientation : str
        Along what of the detector the image's x and y run: "+x+y", "-x+y" where it is mirrored
        along x, "+y-x" where it is turned.
    """

    instrument: str = ""
    detector: str = ""
    filter: str = ""
    night: str = ""
    visit: str = ""
    date: str = ""
    exposure_time: float | None = None
    unit: str = ""
    binning: tuple[int, int] = (1, 1)
    orientation: str = ""

    @cached_property
    def frame(self) -> FrameKey:
        """What a sky frame must have in common with it."""
        return FrameKey(_plain(self.instrument).casefold(), self.detector, _plain(self.filter))


NOBODY = Identity()
"""Of which nothing is known."""


class FrameKey(NamedTuple):
    """Instrument (in lower case), detector and physical filter (r and R are two)."""

    instrument: str
    detector: str
    filter: str

    @property
    def kind(self) -> tuple[str, str]:
        """Instrument and filter: what the sky frames of all detectors of a set share."""
        return self.instrument, self.filter


class Visit(NamedTuple):
    """The exposures of one visit, by their places, and what makes it another than its like."""

    members: tuple[int, ...]
    distinction: str = ""
    """Night, filter or instrument, where there are several visits of the same number."""


def night_of(date: str, longitude: float | None = None) -> str:
    """Return the evening that a time belongs to, from one noon to the next.

    Parameters
    ----------
    date : str
        UTC, ISO 8601; "" and what is no date give "".
    longitude : float, optional
        Of the telescope, degrees to the east. Without one, noon is that of Greenwich: right
        from Chile to India.
    """
    try:
        when = datetime.datetime.fromisoformat(date)
        local = when + datetime.timedelta(hours=(longitude or 0.0) / 15.0 - 12.0)
    except (ValueError, OverflowError):
        return ""
    return local.date().isoformat()


def group_by_frame(identities: Sequence[Identity]) -> dict[FrameKey, tuple[int, ...]]:
    """Return the places of the exposures by what their sky frame is of, in order of that.

    Each exposure is in exactly one group, whatever the order they come in; see above for what is
    not known.
    """
    keys = [identity.frame for identity in identities]
    for part in ("instrument", "filter"):
        # The instrument first: a filter is of an instrument.
        alike: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, key in enumerate(keys):
            alike[key.detector, key.instrument if part == "filter" else ""].append(place)
        for places in alike.values():
            filled = _filled([getattr(keys[place], part) for place in places])
            for place, value in zip(places, filled, strict=True):
                keys[place] = keys[place]._replace(**{part: value})
    groups: dict[FrameKey, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        groups[key].append(place)
    return {key: tuple(groups[key]) for key in sorted(groups)}


def common_identity(identities: Sequence[Identity]) -> Identity:
    """Return what a sky frame of these exposures is of; they are one group of `group_by_frame`."""
    return Identity(
        instrument=next(filter(None, (one.instrument for one in identities)), ""),
        detector=identities[0].detector,
        filter=next(filter(None, (one.filter for one in identities)), ""),
        unit=next(filter(None, (one.unit for one in identities)), ""),
        binning=identities[0].binning,
        orientation=next(filter(None, (one.orientation for one in identities)), ""),
    )


def group_by_number(identities: Sequence[Identity]) -> dict[str, tuple[Visit, ...]]:
    """Return the visits by their number; exposures without a number are left out.

    Those of one number are of one visit where instrument and filter are the same and each begins
    within minutes of the one before (`VISIT_GAP`); see above for what is not known.
    """
    numbered: dict[str, list[int]] = defaultdict(list)
    for place, identity in enumerate(identities):
        if identity.visit:
            numbered[identity.visit].append(place)
    return {number: _parted(identities, places) for number, places in numbered.items()}


def _parted(identities: Sequence[Identity], places: Sequence[int]) -> tuple[Visit, ...]:
    instruments = _filled([identities[place].frame.instrument for place in places])
    filters = _filled([identities[place].frame.filter for place in places])
    kinds: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, kind in zip(places, zip(instruments, filters, strict=True), strict=True):
        kinds[kind].append(place)
    groups = [
        (kind, members)
        for kind, of_kind in kinds.items()
        for members in _by_time(identities, of_kind)
    ]
    if len(groups) == 1:
        return (Visit(tuple(places)),)
    groups.sort(key=lambda group: min(_when(identities[place]) for place in group[1]))
    # What they are called by must not change with an exposure more: name what differs, all of it.
    by = [
        [_one_of(identities[place].night for place in members) for _, members in groups],
        [_one_of(identities[place].filter for place in members) for _, members in groups],
        [_one_of(identities[place].instrument for place in members) for _, members in groups],
    ]
    telling = [words for words in by if len(set(words)) > 1]
    return tuple(
        Visit(tuple(members), "-".join(filter(None, (words[i] for words in telling))))
        for i, (_, members) in enumerate(groups)
    )


def _filled(values: Sequence[str]) -> list[str]:
    """Give the only value that there is to those that have none."""
    known = set(filter(None, values))
    return [value or next(iter(known)) for value in values] if len(known) == 1 else list(values)


def _by_time(identities: Sequence[Identity], places: Sequence[int]) -> list[list[int]]:
    """Part exposures where more than `VISIT_GAP` lies between one and the next."""
    dated = sorted((identities[place].date, place) for place in places if identities[place].date)
    groups: list[list[int]] = []
    last = Identity()
    for when, place in dated:
        if not groups or _seconds(last.date, when) > VISIT_GAP + (last.exposure_time or 0.0):
            groups.append([])
        groups[-1].append(place)
        last = identities[place]
    undated = [place for place in places if not identities[place].date]
    if len(groups) == 1 and undated:
        night = _one_of(identities[place].night for place in groups[0])
        same = [place for place in undated if identities[place].night in ("", night)]
        groups[0].extend(same)
        undated = [place for place in undated if place not in same]
    nights: dict[str, list[int]] = defaultdict(list)
    for place in undated:
        nights[identities[place].night].append(place)
    if len(nights) == 2 and "" in nights and not groups:
        blank = nights.pop("")
        next(iter(nights.values())).extend(blank)
    groups += nights.values()
    return [sorted(group) for group in groups]


def _when(identity: Identity) -> str:
    return identity.date or f"{identity.night}~"


def _seconds(first: str, second: str) -> float:
    try:
        begin = datetime.datetime.fromisoformat(first)
        return (datetime.datetime.fromisoformat(second) - begin).total_seconds()
    except (ValueError, TypeError):
        return 0.0


def _one_of(words: Iterable[str]) -> str:
    known = sorted(set(filter(None, words)))
    return known[0] if known else ""


def choose_frame(wanted: Identity, frames: Sequence[Identity]) -> tuple[int, ...]:
    """Return the places of the sky frames that may serve an exposure, see `FrameIndex`."""
    return FrameIndex(frames).places_for(wanted)


class FrameIndex:
    """Sky frames by detector, for the many exposures that each want one of them.

    Parameters
    ----------
    frames : sequence of Identity
    """

    def __init__(self, frames: Sequence[Identity]) -> None:
        self._keys = [one.frame for one in frames]
        self._kinds = {key.kind for key in self._keys}
        self._by_detector: dict[str, list[int]] = {}
        for place, one in enumerate(frames):
            self._by_detector.setdefault(one.detector, []).append(place)

    def places_for(self, wanted: Identity) -> tuple[int, ...]:
        """Return the places of the sky frames that may serve an exposure, equally well each.

        Those of its detector; where no sky frame has a detector's name, each serves all of them.
        Of these the ones of its instrument and filter, before ones of which that is not known.
        Where none matches and all sky frames are of one kind, they were given to be used, see
        `mismatches`.
        """
        ranks = self._ranks(wanted)
        best = max(ranks.values(), default=(0, 0))
        return tuple(place for place, rank in ranks.items() if rank == best)

    def offered_to(self, wanted: Identity) -> tuple[int, ...]:
        """Return the places of the sky frames that a person may choose from for an exposure.

        Those of `places_for` with the others that are not known to be of another kind.
        """
        return tuple(self._ranks(wanted))

    def _ranks(self, wanted: Identity) -> dict[int, tuple[int, int]]:
        """Return how sure it is of each sky frame that may serve that it is of the same kind."""
        places = self._by_detector.get(wanted.detector, [])
        if not places and not any(self._by_detector):
            places = list(range(len(self._keys)))
        key = wanted.frame
        ranks = {place: _rank(key, self._keys[place]) for place in places}
        fitting = {place: rank for place, rank in ranks.items() if rank is not None}
        if not fitting and len(self._kinds) == 1:
            return dict.fromkeys(places, (0, 0))
        return fitting


def _rank(wanted: FrameKey, frame: FrameKey) -> tuple[int, int] | None:
    """Return how sure it is that filter and instrument are the same; None where they are not."""
    rank = []
    for one, other in ((wanted.filter, frame.filter), (wanted.instrument, frame.instrument)):
        if one and other and one != other:
            return None
        rank.append(int(one == other))
    return rank[0], rank[1]


def mismatches(exposure: Identity, frame: Identity) -> tuple[str, ...]:
    """Return what an exposure and a sky frame are known not to have in common, a clause each."""
    found = []
    if frame.detector and exposure.detector != frame.detector:
        found.append(_clause("detector", exposure.detector, frame.detector))
    ours, theirs = exposure.frame, frame.frame
    if ours.filter and theirs.filter and ours.filter != theirs.filter:
        found.append(_clause("filter", exposure.filter, frame.filter))
    if ours.instrument and theirs.instrument and ours.instrument != theirs.instrument:
        found.append(_clause("instrument", exposure.instrument, frame.instrument))
    how = exposure.orientation, frame.orientation
    if "" in how and any(one not in ("", STRAIGHT) for one in how):
        words = [oriented(one) or "(does not tell)" for one in how]
        found.append(f"it was read out {words[0]}, the sky frame {words[1]}")
    return tuple(found)


def oriented(orientation: str) -> str:
    """Return how an image lies on its detector, behind "it was read out"; "" where not known."""
    known = {
        "": "",
        STRAIGHT: "along the detector's x and y",
        "-x+y": "mirrored along x",
        "+x-y": "mirrored along y",
        "-x-y": "turned by 180 degrees",
    }
    sideways = f"with its x along {orientation[:2]} and its y along {orientation[2:]}"
    return known.get(orientation, f"{sideways} of the detector")


def is_orientation(text: str) -> bool:
    """Return whether a text is an orientation as `Identity` has it."""
    return len(text) == 4 and set(text[::2]) <= set("+-") and {text[1], text[3]} == {"x", "y"}


def turned(one: str, other: str) -> bool:
    """Return whether two orientations are known to differ."""
    return bool(one and other and one != other)


def _clause(what: str, ours: str, theirs: str) -> str:
    return f"it is of {what} {ours or '(no name)'}, the sky frame of {what} {theirs}"


def units_of(identities: Sequence[Identity]) -> tuple[str, ...]:
    """Return the units that exposures are known to be in, each once, as the first has it."""
    found: dict[str, str] = {}
    for identity in identities:
        if identity.unit:
            found.setdefault(same_unit(identity.unit), identity.unit)
    return tuple(found.values())


def _plain(text: str) -> str:
    return " ".join(text.split())

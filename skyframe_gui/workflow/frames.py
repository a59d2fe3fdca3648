"""Which sky frame an exposure is corrected with, and how it is brought to its pixels."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.identity import (
    STRAIGHT,
    Identity,
    choose_frame,
    mismatches,
    oriented,
    turned,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from skyframe_gui.engine import SkyFrame
    from skyframe_gui.files import ExposureSource

    Pair = tuple[ExposureSource, SkyFrame]


def choose_sky_frame(sky_frames: Sequence[SkyFrame], identity: Identity) -> SkyFrame:
    """Return the sky frame that an exposure is corrected with; see `choose_frame`.

    Raises
    ------
    SkyFrameError
        There is none, or several would do and nothing tells which is meant.
    """
    known = [one.identity for one in sky_frames]
    places = choose_frame(identity, known)
    if len(places) == 1:
        return sky_frames[places[0]]
    detector = identity.detector or "(no name)"
    if places:
        words = _listed(_kind(known[place]) for place in places)
        raise SkyFrameError(
            f"The exposure of detector {detector} does not tell of which filter and instrument it "
            f"is, and there are sky frames of {words}; give the one that is meant."
        )
    own = [one for one in known if one.detector == identity.detector]
    if own:
        raise SkyFrameError(
            f"There is no sky frame of {_kind(identity)} for detector {detector}, only of: "
            f"{_listed(map(_kind, own))}; give one of its own filter and instrument."
        )
    have = _listed(one.detector or "(no name)" for one in known) or "none"
    raise SkyFrameError(
        f"There is no sky frame for detector {detector}, only for: {have}; give that detector's "
        "own sky frame."
    )


def _kind(identity: Identity) -> str:
    return ", ".join(filter(None, (identity.filter, identity.instrument))) or "no named filter"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def brought_to(sky_frame: SkyFrame, source: ExposureSource) -> SkyFrame:
    """Return a sky frame in the pixels of an exposure, itself where these are its own.

    That of a detector which was read out binned, or of which a part was, is the same bins over
    other pixels: CCDSUM tells the binning, LTV, CCDSEC, DETSEC or ESO's window
    the part.

    Raises
    ------
    SkyFrameError
        The exposure's pixels are no whole number of the sky frame's, or begin between them; or it
        is of another size, and nothing tells which part of the detector it is; or it lies on the
        detector in another way.
    """
    grid = sky_frame.grid
    x0, y0 = source.xy0
    how = sky_frame.identity.orientation
    if turned(source.orientation, how):
        raise SkyFrameError(
            f"{source.name} was read out {oriented(source.orientation)}, but the exposures of its "
            f"sky frame {oriented(how)}; give a sky frame of exposures that were read out as it "
            "was."
        )
    box = [grid.bbox[0], grid.bbox[1], grid.width, grid.height]
    ours, theirs = source.binning, sky_frame.identity.binning
    # Without a card of its place, nothing tells that it is not the whole of what the frame is.
    same_pixels = ours == theirs or source.place is None
    if (x0, y0, source.width, source.height) == tuple(box) and same_pixels:
        return sky_frame
    for axis, (start, size) in enumerate(((x0, source.width), (y0, source.height))):
        step = Fraction(ours[axis], theirs[axis])
        first, length = box[axis] / step, box[axis + 2] / step
        if 1 not in (step.numerator, step.denominator) or first.denominator != 1:
            raise SkyFrameError(
                f"{source.name} is binned {ours[0]} x {ours[1]} but the sky frame of its detector "
                f"{theirs[0]} x {theirs[1]}, which cannot be brought to it; build one from "
                "exposures of the same binning."
            )
        box[axis] = int(first)
        # Half a pixel at the far border is in the image at some cameras, at others it is not.
        whole = start + size - int(first) <= int(length)
        box[axis + 2] = int(length) if whole else -int(-length // 1)
    mirrored = source.orientation or how
    if mirrored not in ("", STRAIGHT):
        # Where a part begins is counted along the detector, the sky frame's bins against it.
        if (x0, y0, source.width, source.height) == tuple(box):
            return _over(sky_frame, box, ours)
        raise SkyFrameError(
            f"{source.name} was read out {oriented(mirrored)} and covers other pixels than its sky "
            "frame; give a sky frame of exposures of its size and place."
        )
    place = source.place
    theirs_is_larger = (source.width, source.height) != (box[2], box[3]) and (
        source.width <= box[2] and source.height <= box[3]
    )
    if theirs_is_larger and (x0, y0) == (box[0], box[1]):
        inside = place is not None and all(
            box[axis] <= place[axis] and place[axis] + size <= box[axis] + box[axis + 2]
            for axis, size in enumerate((source.width, source.height))
        )
        if place is None or not inside:  # a DETSEC may count from the corner of the mosaic
            raise SkyFrameError(
                f"{source.name} is {source.width} x {source.height} pixels but the sky frame of "
                f"its detector {box[2]} x {box[3]}, and no card tells which part of the detector "
                "it is; add CCDSEC (or CCDSUM where it is binned), or give a sky frame of its size."
            )
        if (x0, y0) == (0, 0):
            box[0], box[1] = box[0] - place[0], box[1] - place[1]
    return _over(sky_frame, box, ours)


def _over(sky_frame: SkyFrame, box: Sequence[int], binning: tuple[int, int]) -> SkyFrame:
    """Return a sky frame whose bins lie over a box: x, y, width and height."""
    bbox = (box[0], box[1], box[0] + box[2] - 1, box[1] + box[3] - 1)
    if bbox == sky_frame.grid.bbox:
        return sky_frame
    return replace(
        sky_frame,
        grid=replace(sky_frame.grid, bbox=bbox),
        identity=replace(sky_frame.identity, binning=binning),
    )


def mismatched(pairs: Iterable[Pair]) -> dict[str, list[ExposureSource]]:
    """Return what exposures do not have in common with their sky frames, and which these are."""
    clauses: dict[str, list[ExposureSource]] = defaultdict(list)
    for source, frame in pairs:
        for clause in (
            *mismatches(source.identity, frame.identity),
            *_other_binning(source, frame),
        ):
            clauses[clause].append(source)
    return clauses


def _other_binning(source: ExposureSource, frame: SkyFrame) -> tuple[str, ...]:
    """Return a clause where an exposure of another binning has exactly the sky frame's pixels."""
    ours, theirs = source.binning, frame.identity.binning
    box = (*source.xy0, source.width, source.height)
    grid = frame.grid
    if ours == theirs or source.place or box != (*grid.bbox[:2], grid.width, grid.height):
        return ()
    return (
        f"it is binned {ours[0]} x {ours[1]}, the sky frame of as many pixels "
        f"{theirs[0]} x {theirs[1]}",
    )


def not_the_same(path: str) -> str:
    """Return the sentence on a sky frame that a worker finds changed."""
    return (
        f"{path} holds another sky frame where this exposure is worked on than where the "
        "program was started; all workers must see the same files."
    )


def mismatch_notes(pairs: Iterable[Pair]) -> tuple[str, ...]:
    """Return a sentence on each clause of `mismatched`, with the exposures' names."""
    return tuple(
        f"{_names([source.name for source in sources])}: {clause}."
        for clause, sources in mismatched(pairs).items()
    )


def frames_without_filter(pairs: Iterable[Pair]) -> tuple[str, ...]:
    """Return a sentence for each filter whose exposures get a sky frame that does not tell it."""
    unknown: dict[str, list[str]] = defaultdict(list)
    for source, frame in pairs:
        if source.filter and not frame.identity.filter:
            unknown[source.filter].append(source.name)
    return tuple(
        f"{_names(names)}: the sky frame does not tell its filter; whether it is of {band} "
        "cannot be checked."
        for band, names in unknown.items()
    )


def _names(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"

"""Two configs side by side on one visit, and one config with its fields run over ranges."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from PyQt6.QtCore import QObject

from skyframe_gui.app.model.problems import report
from skyframe_gui.app.model.queries import fit_inputs, request_of
from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.engine import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from skyframe_gui.app.model.queries import Request
    from skyframe_gui.app.model.residual_map import ResidualMap
    from skyframe_gui.app.model.state import Options, SampleId, State, VisitFit
    from skyframe_gui.app.model.store import Session
    from skyframe_gui.app.work.pyramids import Pyramid
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import SkyMeasurementConfig, Watch

PINS = ("A", "B")
Rises = dict[str, tuple[float, float]]
MOST_POINTS = 2000
"""A sweep of more is a slip of the hand."""


@dataclass(frozen=True)
class Pin:
    """What A or B stands for.

    Attributes
    ----------
    config, options
        What the engine is told.
    sky_frame : str
        Key of the chosen sky frame; "" for the newest of each detector.
    by_hand : frozenset of SampleId
        Samples excluded by hand when it was pinned.
    at : str
        The time of pinning, as it is shown; "" where that is not known. Two pins that differ in
        this alone are the same.
    """

    config: SkyMeasurementConfig
    options: Options
    sky_frame: str = ""
    by_hand: frozenset[SampleId] = frozenset()
    at: str = field(default="", compare=False)


@dataclass(frozen=True, eq=False)
class Pictures:
    """One exposure as A and as B have it.

    Attributes
    ----------
    key : str
        Of the exposure.
    maps : (ResidualMap, ResidualMap)
        In the same bins.
    models : (Pyramid, Pyramid)
        The sky models over the exposure, without the scales.
    """

    key: str
    maps: tuple[ResidualMap, ResidualMap]
    models: tuple[Pyramid, Pyramid]


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """The visit fitted with A and with B.

    Attributes
    ----------
    a, b : VisitFit
    pins : (Pin, Pin)
        What A and B stood for.
    fields : tuple of (field, value of A, value of B)
        All fields of the config by their dotted names, then what else may differ.
    rises : (mapping, mapping)
        By how much the residuals rise over a detector, with the error, along "x" and "y".
    pictures : Pictures or None
        Of the shown exposure; None where it is not in the visit or one of the fits failed.
    same_boxes : bool
        Whether both have the same samples, so that they can be told apart one by one.
    only_a, only_b, both : tuple of SampleId
        Samples rejected by a round: in A only, in B only, in both. Empty without the same boxes.
    """

    a: VisitFit
    b: VisitFit
    pins: tuple[Pin, Pin]
    fields: tuple[tuple[str, str, str], ...]
    same_boxes: bool
    rises: tuple[Rises, Rises]
    pictures: Pictures | None = None
    only_a: tuple[SampleId, ...] = ()
    only_b: tuple[SampleId, ...] = ()
    both: tuple[SampleId, ...] = ()

    @property
    def fits(self) -> tuple[VisitFit, VisitFit]:
        """Of A and of B."""
        return self.a, self.b

    @property
    def differing(self) -> tuple[tuple[str, str, str], ...]:
        """The fields that are not the same in A and in B."""
        return tuple(row for row in self.fields if row[1] != row[2])


@dataclass(frozen=True)
class SweepPoint:
    """One config of a sweep and what it gave; numbers are NaN where the fit failed."""

    values: tuple[Any, ...]
    scale: float
    error: float
    rms: float
    """Of the residuals of the samples that were kept."""
    n_used: int
    n_rejected: int
    why: str = ""


@dataclass(frozen=True)
class Sweep:
    """A config with one or two of its fields run over ranges.

    Attributes
    ----------
    fields : tuple of str
        Dotted names.
    values : tuple of tuples
        Of each field, in order.
    points : tuple of SweepPoint
        Those that are ready, the last field running fastest.
    config : SkyMeasurementConfig
        What the other fields are.
    visit : str
    made_from : object
        Tells by `is_stale` whether the points are still what the newest state would give.
    """

    fields: tuple[str, ...]
    values: tuple[tuple[Any, ...], ...]
    config: SkyMeasurementConfig
    visit: str
    points: tuple[SweepPoint, ...] = ()
    made_from: object = None

    @property
    def complete(self) -> bool:
        """Whether every point is there."""
        return len(self.points) == int(np.prod([len(one) for one in self.values]))

    def config_of(self, point: SweepPoint) -> SkyMeasurementConfig:
        """Return the config of a point."""
        return with_fields(self.config, dict(zip(self.fields, point.values, strict=True)))


class Compare(QObject):
    """Keeps the comparison of A and B up to date, and runs sweeps.

    Parameters
    ----------
    session : Session
    stages : Stages
    """

    def __init__(self, session: Session, stages: Stages) -> None:
        super().__init__()
        self._session = session
        self._stages = stages
        self._asked: object = None
        self.lane = Lane("compare", interrupts=True)
        self.sweeps = Lane("sweep", interrupts=True)
        for lane in (self.lane, self.sweeps):
            track(session, lane)
        session.changed.connect(self._on_changed)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop everything; return whether it has ended in time."""
        ended = [lane.close(seconds / 2) for lane in (self.lane, self.sweeps)]
        return all(ended)

    def sweep(self, fields: Mapping[str, tuple[Any, ...]]) -> None:
        """Fit the shown visit with every combination of values.

        Parameters
        ----------
        fields : mapping of dotted name to values
            One or two fields.
        """
        request = request_of(self._session.state)
        begun = Sweep(
            tuple(fields),
            tuple(fields.values()),
            request.config,
            request.visit,
            made_from=fit_inputs(request),
        )
        self._session.set(results=replace(self._session.state.results, sweep=begun))
        self.sweeps.submit(
            f"Sweep {', '.join(fields)}",
            lambda watch: run_sweep(self._stages, request, begun, watch),
            self._on_sweep,
            published=self._on_sweep,
            failed=partial(report, self._session),
        )

    def _on_changed(self, old: State, new: State) -> None:
        sides = sides_of(new)
        if sides is None:
            if self.lane.busy:
                self.lane.cancel()  # nobody waits for it any more
            if new.results.compare is not None:
                self._session.set(results=replace(new.results, compare=None))
            self._asked = None
            return
        if self._asked is not None and not _may_differ(old, new):
            return
        requests = (pinned_request(new, sides[0]), pinned_request(new, sides[1]))
        key, bins = new.selection.exposure, _map_bins(new, sides)
        # The pins, too: what differs between them is told even of fields that no fit depends on.
        asked = (sides, *(fit_inputs(request) for request in requests), key, bins)
        if asked == self._asked or not requests[0].members:
            return
        self._asked = asked
        self.lane.submit(
            "Compare A and B",
            lambda watch: compare(self._stages, requests, sides, watch, key, bins),
            self._on_compared,
            failed=partial(report, self._session),
        )

    def _on_compared(self, comparison: Comparison) -> None:
        self._session.set(results=replace(self._session.state.results, compare=comparison))

    def _on_sweep(self, sweep: Sweep) -> None:
        self._session.set(results=replace(self._session.state.results, sweep=sweep))


def pin_of(state: State) -> Pin:
    """Return what is now set, for A or B."""
    return Pin(state.config, state.options, state.selection.sky_frame, state.by_hand)


def sides_of(state: State) -> tuple[Pin, Pin] | None:
    """Return what A and B stand for; B is what is set now while only A is pinned."""
    a = state.pins.get("A")
    return None if a is None else (a, state.pins.get("B") or pin_of(state))


def _may_differ(old: State, new: State) -> bool:
    """Whether a change of the state can be one of what is compared."""
    return (
        old.pins is not new.pins
        or old.results.fit is not new.results.fit
        or old.config is not new.config
        or old.options is not new.options
        or old.by_hand is not new.by_hand
        or old.looks is not new.looks
        or old.selection.exposure != new.selection.exposure
        or old.selection.sky_frame != new.selection.sky_frame
    )


def _map_bins(state: State, sides: tuple[Pin, Pin]) -> tuple[int, int]:
    """Return the bins of both residual maps: of a chosen size, else as the config of B has them."""
    size = state.looks["residual"].bins
    background = sides[1].config.background
    return (background.xBinSize, background.yBinSize) if size is None else (size, size)


def pinned_request(state: State, pin: Pin) -> Request:
    """Return what the engine is asked for the shown visit with what a pin stands for."""
    selection = replace(state.selection, sky_frame=pin.sky_frame)
    return request_of(
        replace(
            state,
            config=pin.config,
            options=pin.options,
            by_hand=pin.by_hand,
            selection=selection,
        )
    )


def is_stale(state: State, found: Comparison | Sweep) -> bool:
    """Whether a comparison or a sweep is not (or not yet) of the newest pins, files and options."""
    if isinstance(found, Sweep):
        return found.made_from != fit_inputs(request_of(replace(state, config=found.config)))
    sides = sides_of(state)
    if sides is None or sides != found.pins:
        return True
    made_from = (found.a.made_from, found.b.made_from)
    return made_from != tuple(fit_inputs(pinned_request(state, pin)) for pin in sides)


def compare(
    stages: Stages,
    requests: tuple[Request, Request],
    pins: tuple[Pin, Pin],
    watch: Watch,
    key: str = "",
    bins: tuple[int, int] | None = None,
) -> Comparison:
    """Fit the visit with A and with B and tell them apart.

    Parameters
    ----------
    stages : Stages
    requests : (Request, Request)
    pins : (Pin, Pin)
    watch : Watch
    key : str
        The exposure whose pictures are made; "" for none.
    bins : (width, height), optional
        Of the residual maps.

    Raises
    ------
    SkyFrameError
        A file cannot be read, or a sky frame does not fit.
    Cancelled
        The watch said so.
    """
    fits: list[VisitFit] = []
    total = sum(len(request.members) for request in requests)
    for request in requests:
        for index in range(len(request.members)):
            watch.step(len(fits) * total // 2 + index, total, "Compare A and B")
            stages.fit(request, [index], watch)
        fits.append(stages.fit(request, range(len(request.members)), watch))
    a, b = fits
    found = Comparison(
        a=a,
        b=b,
        pins=pins,
        fields=fields_of(*pins),
        same_boxes=_same_boxes(a, b),
        rises=(_rises(a, pins[0]), _rises(b, pins[1])),
        pictures=_pictures(stages, requests, (a, b), key, bins, watch),
    )
    if not found.same_boxes:
        return found
    in_a, in_b = a.solution.rejected_at >= 0, b.solution.rejected_at >= 0

    def chosen(where: NDArray[np.bool_]) -> tuple[SampleId, ...]:
        return sample_ids(a, where)

    return replace(
        found,
        only_a=chosen(in_a & ~in_b),
        only_b=chosen(in_b & ~in_a),
        both=chosen(in_a & in_b),
    )


def _rises(fit: VisitFit, pin: Pin) -> Rises:
    from skyframe_gui.engine.diagnostics import residual_rises

    return residual_rises(fit.samples, fit.solution, pin.config)


def _pictures(
    stages: Stages,
    requests: tuple[Request, Request],
    fits: tuple[VisitFit, VisitFit],
    key: str,
    bins: tuple[int, int] | None,
    watch: Watch,
) -> Pictures | None:
    """Return one exposure as A and as B have it."""
    maps, models = [], []
    for request, fit in zip(requests, fits, strict=True):
        keys = [item.key for item in request.members]
        if key not in keys or not np.isfinite(fit.solution.scale):
            return None
        item, frame = request.members[keys.index(key)], request.frames[keys.index(key)]
        config, options = request.config, request.options
        scale = fit.solution.scale
        maps.append(stages.residual(item, frame, config, options, scale, bins, watch))
        models.append(stages.model(item, frame, config, options, watch))
    return Pictures(key, (maps[0], maps[1]), (models[0], models[1]))


def fields_of(a: Pin, b: Pin) -> tuple[tuple[str, str, str], ...]:
    """Return all that may differ between two pins: name, value of A, value of B, as text."""
    from skyframe_gui.files.config_values import flat

    one, other = flat(a.config), flat(b.config)
    rows = [(name, _shown(one[name]), _shown(other[name])) for name in one]
    rows += [
        ("mask objects", str(a.options.mask_objects), str(b.options.mask_objects)),
        ("sky frame", a.sky_frame or "newest", b.sky_frame or "newest"),
        ("excluded by hand", str(len(a.by_hand)), str(len(b.by_hand))),
    ]
    return tuple(rows)


def sample_ids(fit: VisitFit, chosen: NDArray[np.bool_] | None = None) -> tuple[SampleId, ...]:
    """Return the samples of a fit by name, in their order; all, or those that are chosen."""
    found: list[SampleId] = []
    first = 0
    for key, one in zip(fit.keys, fit.samples, strict=True):
        part = slice(None) if chosen is None else chosen[first : first + len(one)]
        found += [(key, (x0, y0, x1, y1)) for x0, y0, x1, y1 in one.boxes[part].tolist()]
        first += len(one)
    return tuple(found)


def _same_boxes(a: VisitFit, b: VisitFit) -> bool:
    return a.keys == b.keys and all(
        np.array_equal(one.boxes, other.boxes)
        for one, other in zip(a.samples, b.samples, strict=True)
    )


def residual_rms(fit: VisitFit) -> float:
    """Return the root of the mean square of the residuals of the samples that are kept."""
    image = np.concatenate([one.image for one in fit.samples])
    sky = np.concatenate([one.sky for one in fit.samples])
    kept = fit.solution.rejected_at == -1
    if not kept.any():
        return float("nan")
    return float(np.sqrt(np.mean(np.square((image - fit.solution.scale * sky)[kept]))))


def run_sweep(stages: Stages, request: Request, begun: Sweep, watch: Watch) -> Sweep:
    """Fit with every combination of values, handing out what is ready; in the lane.

    Raises
    ------
    SkyFrameError
        There is nothing to fit, too many points, or a value that a field cannot have.
    Cancelled
        The watch said so.
    """
    combinations = list(product(*begun.values))
    if not request.members:
        raise SkyFrameError(
            "There is no visit to sweep over; show an exposure whose detector has a sky frame."
        )
    if len(combinations) > MOST_POINTS:
        raise SkyFrameError(
            f"The sweep has {len(combinations)} points; at most {MOST_POINTS} are taken, so give "
            "wider steps."
        )
    done = begun
    for number, values in enumerate(combinations):
        watch.step(number, len(combinations), f"Sweep {', '.join(begun.fields)}")
        config = with_fields(begun.config, dict(zip(begun.fields, values, strict=True)))
        fit = stages.fit(replace(request, config=config), range(len(request.members)), watch)
        point = SweepPoint(
            values,
            fit.solution.scale,
            fit.solution.error,
            residual_rms(fit),
            fit.solution.n_used,
            int((fit.solution.rejected_at >= 0).sum()),
            fit.why,
        )
        done = replace(done, points=(*done.points, point))
        watch.publish(done)
    return done


def with_fields(config: SkyMeasurementConfig, values: Mapping[str, Any]) -> SkyMeasurementConfig:
    """Return the config with fields changed, by their dotted names.

    Raises
    ------
    SkyFrameError
        There is no such field, or it cannot have that value.
    """
    from skyframe_gui.files.config_values import field_names, with_value

    for name, value in values.items():
        if name not in field_names():
            raise SkyFrameError(f"The sweep: the config has no field {name}.")
        config = with_value(config, name, value, "The sweep")
    return config


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

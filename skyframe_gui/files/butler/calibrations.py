"""Which calibrations of a Butler repository belong to exposures: by detector, filter and time."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from skyframe_gui.files.butler.address import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from skyframe_gui.engine.identity import Identity
    from skyframe_gui.files.butler.address import Address, Dataset
    from skyframe_gui.files.butler.repository import Repository

AT_ONCE = 200
"""Visits that one question names."""
_OF_CALIBRATIONS = ("instrument", "detector", "physical_filter", "band")


def calibrations(
    repository: Repository, address: Address, wanted: Sequence[Identity] | None = None
) -> tuple[Dataset, ...]:
    """Return the calibrations of an address that are valid when exposures were taken.

    A calibration is of an instrument and, where its dimensions say so, of a detector and a
    physical filter. Of several collections the first that has one counts; in a RUN collection
    all are valid at any time.

    Parameters
    ----------
    address : Address
        Its ``at`` is the time where an exposure has none.
    wanted : sequence of Identity, optional
        The exposures; without them, all calibrations (that are valid ``at`` that time).

    Raises
    ------
    RepositoryError
        There is none, or it cannot be told which of several is valid.
    """
    order = list(repository.butler.collections.query(address.collections, flatten_chains=True))
    only = None
    if address.where or address.data_id:
        only = {ref.id for ref in repository.query(address, find_first=False)}
    found = sorted(
        (
            one
            for one in repository.butler.registry.queryDatasetAssociations(
                address.dataset, collections=order
            )
            if only is None or one.ref.id in only
        ),
        key=lambda one: (order.index(one.collection), str(one.ref.dataId)),
    )
    by_id: dict[tuple[object, ...], list[Any]] = defaultdict(list)
    for one in found:
        values = one.ref.dataId
        by_id[tuple(values.get(name) for name in _OF_CALIBRATIONS)].append(one)
    if wanted is None:
        at = _time(address.at)
        chosen = [
            one.ref
            for several in by_id.values()
            for one in ([_valid(several, at)] if at else several)
            if one is not None
        ]
    else:
        chosen = _belonging(repository, address, by_id, wanted)
    if not chosen:
        when = f" that is valid at {address.at}" if address.at else ""
        raise RepositoryError(
            f"{repository.repo}: there is no {address.dataset}{when} in "
            f"{', '.join(address.collections)}."
        )
    return repository.datasets(list(dict.fromkeys(chosen)))


def with_dates(repository: Repository, datasets: Iterable[Dataset]) -> list[Dataset]:
    """Return data sets of exposures with the time at which these began, where it is known."""
    datasets = list(datasets)
    dates: dict[tuple[str, str, object], str] = {}
    for kind in ("visit", "exposure"):
        asked: dict[str, set[int]] = defaultdict(set)
        for one in datasets:
            values = dict(one.data_id)
            if kind in values:
                asked[str(values["instrument"])].add(int(values[kind]))
        for instrument, numbers in asked.items():
            ordered = sorted(numbers)
            for first in range(0, len(ordered), AT_ONCE):
                some = ", ".join(map(str, ordered[first : first + AT_ONCE]))
                for record in repository.butler.query_dimension_records(
                    kind, instrument=instrument, where=f"{kind} IN ({some})", explain=False
                ):
                    begin = None if record.timespan is None else record.timespan.begin
                    if begin is not None:
                        dates[instrument, kind, record.id] = _utc(begin)
    found = []
    for one in datasets:
        values = dict(one.data_id)
        kind = "visit" if "visit" in values else "exposure"
        key = (str(values.get("instrument")), kind, values.get(kind))
        found.append(replace(one, date=dates.get(key, one.date)))
    return found


def _belonging(
    repository: Repository,
    address: Address,
    by_id: Mapping[tuple[object, ...], Sequence[Any]],
    wanted: Sequence[Identity],
) -> list[Any]:
    names = _detector_names(repository, {str(key[0]) for key in by_id})
    chosen, missing = [], []
    for identity in dict.fromkeys(wanted):
        fitting = [several for key, several in by_id.items() if _fits(key, identity, names)]
        at = _time(identity.date, "utc") or _time(address.at)
        ref = None
        for several in fitting:
            if at is None and len({one.ref.id for one in several}) > 1:
                raise RepositoryError(
                    f"{repository.repo} has {address.dataset} of several times for detector "
                    f"{identity.detector}; say when, as in at=2024-02-29."
                )
            valid = several[0] if at is None else _valid(several, at)
            ref = ref or (None if valid is None else valid.ref)
        if ref is None:
            missing.append(identity)
        else:
            chosen.append(ref)
    if missing and not chosen:
        one = missing[0]
        raise RepositoryError(
            f"{repository.repo}: no {address.dataset} in {', '.join(address.collections)} belongs "
            f"to detector {one.detector or '(no name)'}, filter {one.filter or '(not told)'} of "
            f"{one.instrument or '(not told)'}" + (f" at {one.date}." if one.date else ".")
        )
    return chosen


def _detector_names(
    repository: Repository, instruments: Iterable[str]
) -> dict[tuple[str, str], str]:
    """Return the names of the detectors by instrument and number."""
    return {
        (record.instrument, str(record.id)): record.full_name
        for instrument in instruments
        for record in repository.butler.query_dimension_records(
            "detector", instrument=instrument, explain=False
        )
    }


def _fits(
    key: tuple[object, ...], identity: Identity, names: Mapping[tuple[str, str], str]
) -> bool:
    """Tell whether a calibration is of an exposure; what is not told does not part them."""
    instrument, detector, *filters = (None if one is None else str(one) for one in key)
    return (
        (not identity.instrument or str(instrument).casefold() == identity.instrument.casefold())
        and (
            detector is None
            or identity.detector in (detector, names.get((str(instrument), detector)))
        )
        and (filters[0] is None or not identity.filter or identity.filter in filters)
    )


def _utc(time: Any) -> str:
    from skyframe_gui.files.fits.headers import quiet

    with quiet():
        return str(time.utc.isot)


def _valid(several: Sequence[Any], at: Any) -> Any:
    """Return the first of associations that is valid at a time; None without one."""
    return next((one for one in several if one.timespan is None or one.timespan.contains(at)), None)


def _time(text: str, scale: str = "tai") -> Any:
    """Return a time; None for what is none."""
    try:
        when = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    from astropy.time import Time

    from skyframe_gui.files.fits.headers import quiet

    with quiet():  # of years whose leap seconds nobody knows
        return Time(when.replace(tzinfo=None).isoformat(), scale=scale).tai

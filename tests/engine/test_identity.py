"""What belongs together: frames, visits, choices, whatever the order and whatever is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyframe_gui.engine.identity import (
    Identity,
    choose_frame,
    common_identity,
    group_by_frame,
    group_by_number,
    mismatches,
    night_of,
    units_of,
)

identities = st.builds(
    Identity,
    instrument=st.sampled_from(["", "MyCam", "mycam", "Other"]),
    detector=st.sampled_from(["", "1", "2"]),
    filter=st.sampled_from(["", "r", "R", "g"]),
    visit=st.sampled_from(["", "12", "13"]),
    night=st.sampled_from(["", "2024-01-01"]),
    date=st.sampled_from(["", "2024-01-02T03:00:00", "2024-01-02T03:01:00", "2024-01-05T03:00:00"]),
    exposure_time=st.sampled_from([None, 30.0]),
)
several = st.lists(identities, max_size=12)


def as_sets(groups, members):
    return {frozenset(id(members[place]) for place in places) for places in groups}


@given(several, st.randoms())
def test_each_exposure_is_in_one_group_in_any_order(given_ones, random):
    ones = [replace(one) for one in given_ones]
    other = random.sample(ones, len(ones))
    for group in (
        lambda these: group_by_frame(these).values(),
        lambda these: [v.members for vs in group_by_number(these).values() for v in vs],
    ):
        first, second = list(group(ones)), list(group(other))
        assert as_sets(first, ones) == as_sets(second, other)
        places = [place for members in first for place in members]
        assert len(places) == len(set(places))
    assert sorted(p for members in group_by_frame(ones).values() for p in members) == list(
        range(len(ones))
    )
    assert sum(len(v.members) for vs in group_by_number(ones).values() for v in vs) == sum(
        bool(one.visit) for one in ones
    )


@given(several)
def test_no_frame_and_no_visit_is_of_two_filters(ones):
    groups = [*group_by_frame(ones).values()]
    groups += [visit.members for visits in group_by_number(ones).values() for visit in visits]
    for places in groups:
        keys = {ones[place].frame for place in places}
        assert len({key.filter for key in keys if key.filter}) <= 1
        assert len({key.instrument for key in keys if key.instrument}) <= 1


def of(**known):
    return Identity(**{"instrument": "MyCam", "detector": "1", "filter": "r", **known})


def test_what_does_not_tell_its_filter_is_of_the_only_one_there_is():
    ones = [of(), of(filter=""), of(detector="2", filter="")]
    groups = group_by_frame(ones)
    assert sorted(groups.values()) == [(0, 1), (2,)]
    several = group_by_frame([*ones, of(filter="g")])
    assert sorted(several.values()) == [(0,), (1,), (2,), (3,)]
    assert common_identity([ones[1], ones[0]]).filter == "r"


@pytest.mark.parametrize(
    ("first", "second", "n_visits"),
    [
        ({"date": "2024-01-01T03:00:00"}, {"date": "2024-01-05T03:00:00"}, 2),
        ({"date": "2024-01-01T03:00:00"}, {"date": "2024-01-01T03:00:04.5"}, 1),
        ({"date": "2024-01-01T03:00:00"}, {"date": "2024-01-01T03:20:00"}, 2),
        # A long exposure and the next snap of the same number.
        (
            {"date": "2024-01-01T03:00:00", "exposure_time": 1200.0},
            {"date": "2024-01-01T03:21:00"},
            1,
        ),
        ({"filter": "r"}, {"filter": "i"}, 2),
        ({"filter": "r"}, {"filter": ""}, 1),
        ({"instrument": "MyCam"}, {"instrument": "Other"}, 2),
        ({"instrument": "MyCam"}, {"instrument": "MYCAM "}, 1),
        ({"night": "2024-01-01"}, {"night": "2024-01-02"}, 2),
        ({"night": "2024-01-01", "date": "2024-01-02T03:00:00"}, {"date": ""}, 1),
    ],
)
def test_a_visit_is_of_a_number_an_instrument_a_filter_and_minutes(first, second, n_visits):
    ones = [of(visit="12", detector="1", **first), of(visit="12", detector="2", **second)]
    assert len(group_by_number(ones)["12"]) == n_visits


def test_visits_of_one_number_are_called_by_what_tells_them_apart():
    ones = [
        of(visit="12", night="2024-01-04", date="2024-01-05T03:00:00"),
        of(visit="12", night="2024-01-01", date="2024-01-02T03:00:00"),
        of(visit="12", night="2024-01-01", date="2024-01-02T03:00:00", filter="g", detector="2"),
    ]
    words = {visit.distinction for visit in group_by_number(ones)["12"]}
    assert words == {"2024-01-04-r", "2024-01-01-r", "2024-01-01-g"}


@pytest.mark.parametrize(
    ("wanted", "frames", "places"),
    [
        (of(), [of(filter="g"), of()], (1,)),
        (of(), [of(filter=""), of()], (1,)),
        (of(), [of(filter="")], (0,)),
        (of(filter=""), [of(), of(filter="g")], (0, 1)),
        (of(), [of(filter="g")], (0,)),
        (of(), [of(filter="g"), of(filter="i")], ()),
        # The frames of another filter are of all detectors: none is forced on this one.
        (of(), [of(filter="g"), of(detector="2")], ()),
        (of(), [Identity()], (0,)),
        (of(), [Identity(filter="g"), Identity(filter="r")], (1,)),
        (of(), [of(detector="2")], ()),
        (of(detector=""), [of()], ()),
        (of(), [of(instrument="Other"), of(instrument="mycam")], (1,)),
    ],
)
def test_the_sky_frame_of_the_same_comes_first(wanted, frames, places):
    assert choose_frame(wanted, frames) == places


def test_only_what_is_known_to_differ_is_a_mismatch():
    assert mismatches(of(), of(filter="")) == ()
    assert mismatches(of(filter=""), of()) == ()
    (clause,) = mismatches(of(), of(filter="g"))
    assert "filter r" in clause
    assert "of filter g" in clause
    assert len(mismatches(of(), of(filter="g", instrument="Other", detector="2"))) == 3


def test_a_night_goes_from_noon_to_noon():
    assert night_of("2024-01-02T03:00:00") == "2024-01-01"
    assert night_of("2024-01-02T13:00:00") == "2024-01-02"
    # Mauna Kea at its midnight, and Siding Spring at its own.
    assert night_of("2024-01-02T12:30:00", -155.5) == night_of("2024-01-02T05:00:00", -155.5)
    assert night_of("2024-01-02T10:00:00", 149.0) == night_of("2024-01-02T18:00:00", 149.0)
    assert night_of("") == ""


def test_units_of_other_spellings_are_the_same():
    ones = [of(unit=unit) for unit in ("electron", "e-", "Electrons", "", "adu", "DN", "ADU")]
    assert units_of(ones) == ("electron", "adu")


def test_a_unit_a_thousand_million_times_another_is_another():
    assert units_of([of(unit="MJy/sr"), of(unit="mJy / sr"), of(unit="MJY sr-1")]) == (
        "MJy/sr",
        "mJy / sr",
    )

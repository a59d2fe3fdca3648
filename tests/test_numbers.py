"""Numbers are written the same way everywhere, also where they are none, huge, tiny or minus 0."""

from __future__ import annotations

import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyframe_gui.numbers import (
    area,
    clock,
    decimals_for,
    decimals_with_error,
    declination,
    digits,
    fixed,
    hours,
    limit,
    named,
    percent,
    percent_to,
    plain_minus,
    plural,
    short_unit,
    size_of,
    three_digits,
    true_minus,
    value_and_error,
    whole_percent,
    with_error,
    with_power,
    written,
)

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("value", "decimals", "sign", "text"),
    [
        (3.14159, 2, False, "3.14"),
        (3.14159, 2, True, "+3.14"),
        (-3.14159, 2, False, "−3.14"),  # noqa: RUF001
        (-3.14159, 2, True, "−3.14"),  # noqa: RUF001
        (-0.004, 2, False, "0.00"),
        (0.004, 2, True, "0.00"),
        (-0.0, 0, True, "0"),
        (59.996, 2, False, "60.00"),
        (123456789012.0, 2, False, "123456789012.00"),
        (-1e20, 0, False, "−1.00000000e+20"),  # noqa: RUF001
        (1.2345e-20, 22, True, "+1.23e−20"),  # noqa: RUF001
        (0.0, 30, True, "0"),
        (NAN, 2, True, "—"),
        (INF, 2, False, "—"),
        (-INF, 0, True, "—"),
    ],
)
def test_decimals(value: float, decimals: int, sign: bool, text: str) -> None:
    assert fixed(value, decimals, sign) == text


@pytest.mark.parametrize(
    ("value", "count", "unit", "text"),
    [
        (1012.35, 4, "adu", "1012 adu"),
        (0.25, 2, "", "0.25"),
        (-1012.35, 6, "", "−1012.35"),  # noqa: RUF001
        (-1.5e-7, 4, "adu", "−1.5e−07 adu"),  # noqa: RUF001
        (-0.0, 4, "", "0"),
        (1e300, 3, "", "1e+300"),
        (NAN, 4, "adu", "—"),
        (INF, 4, "", "—"),
    ],
)
def test_figures(value: float, count: int, unit: str, text: str) -> None:
    assert digits(value, count, unit) == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1012.4321, 0.6, "1012.4 ± 0.6"),
        (1012.4321, 0.0349, "1012.432 ± 0.035"),
        (1012.4321, 0.0356, "1012.43 ± 0.04"),
        (1012.4321, 12.3, "1012 ± 12"),
        (-50.04, 0.25, "−50.04 ± 0.25"),  # noqa: RUF001
        (-0.04, 1.0, "0.0 ± 1.0"),
        (0.0, 0.5, "0.0 ± 0.5"),
        (1012.4321, 0.0, "1012.43"),
        (1012.4321, -1.0, "1012.43"),
        (1012.4321, NAN, "1012.43"),
        (1012.4321, INF, "1012.43"),
        (1012.4321, sys.float_info.min / 4, "1012.43"),
        (1e8, 3e7, "100000000 ± 30000000"),
        (1.23456e44, 2e41, "1.2346e+44 ± 2.0e+41"),
        (1.23456e-44, 2e-46, "1.235e−44 ± 2.0e−46"),  # noqa: RUF001
        (12.5, 4e40, "12 ± 4e+40"),
        (NAN, 0.5, "—"),
        (-INF, 0.5, "—"),
    ],
)
def test_an_error_decides_on_the_digits(value: float, error: float, text: str) -> None:
    assert with_error(value, error) == text


def test_a_value_with_its_error_has_its_unit_and_a_plus_where_it_is_asked_for() -> None:
    assert with_error(2.04, 0.3, "adu", sign=True) == "+2.04 ± 0.30 adu"
    assert with_error(NAN, 0.3, "adu") == "—"
    assert value_and_error(2.04, NAN) == ("2.04", "")
    assert value_and_error(NAN, 1.0) == ("—", "")


ANY = st.floats(-1e308, 1e308) | st.sampled_from([math.nan, math.inf, -math.inf])
"""Rounded up to one digit, the very largest floats are infinite."""


@given(ANY, ANY)
def test_any_two_floats_are_written_and_read_back_within_the_error(
    value: float, error: float
) -> None:
    text, of_error = value_and_error(value, error)
    assert decimals_with_error(value, error) >= 0
    if not math.isfinite(value):
        assert (text, of_error) == ("—", "")
        return
    assert max(len(text), len(of_error)) <= 26
    read = float(plain_minus(text))
    assert abs(read - value) <= (max(error, 1e-8 * abs(value)) if of_error else 1e-5 * abs(value))
    if of_error:
        assert float(plain_minus(of_error)) == pytest.approx(error, rel=1 / 7)


def test_decimals_follow_what_matters() -> None:
    assert [decimals_for(one) for one in (30.0, 1.0, 0.02)] == [0, 1, 3]
    assert decimals_for(1e-30) == 8
    assert {decimals_for(one) for one in (0.0, -1.0, NAN, INF)} == {2}
    assert decimals_with_error(1012.4, 0.6) == 1
    assert decimals_with_error(1e-9, 0.0) == 0
    assert three_digits([0.0, NAN, 12.3, -0.0456]) == 4
    assert three_digits([]) == three_digits([INF, 0.0]) == 0
    assert three_digits([1e-300]) == 12


@pytest.mark.parametrize(
    ("value", "span", "text"),
    [
        (1012.3456, 20.0, "1012.3"),
        (-0.00001, 2.0, "0.00"),
        (5.0, 0.0, "5"),
        (5.0, NAN, "5"),
        (2.5e6, 1e5, "2.5e+06"),
        (1.0, 1e-9, "1"),
        (NAN, 1.0, "—"),
    ],
)
def test_ends_of_a_span_can_be_told_apart(value: float, span: float, text: str) -> None:
    assert limit(value, span) == text


def test_per_cent() -> None:
    assert [percent(one) for one in (0.5, 0.0994, 0.0996, 0.004, -0.02, 0.0)] == [
        *("50 %", "9.9 %", "10 %", "0.4 %", true_minus("-2 %"), "0 %")
    ]
    assert percent_to(0.1234, 1) == "12.3 %"
    assert [whole_percent(one) for one in (0.0, 0.001, 0.5, 0.999, 1.0)] == [
        *("0 %", "1 %", "50 %", "99 %", "100 %")
    ]
    assert {percent(NAN), percent_to(INF, 1), whole_percent(NAN)} == {"—"}


def test_counts_and_sizes() -> None:
    assert [plural(n, "sample") for n in (0, 1, 2)] == ["0 samples", "1 sample", "2 samples"]
    sizes = [size_of(n) for n in (0, 999, 1000, 33_554_432, 5 * 10**12)]
    assert sizes == ["0 B", "999 B", "1.0 kB", "33.6 MB", "5000.0 GB"]
    assert (area(128, 128.0), area(127.96, 125.25)) == ("128 px", "128 × 125.2 px")  # noqa: RUF001


def test_units_and_powers() -> None:
    assert named("scale", "") == "scale"
    assert named("Sky", short_unit("Electrons")) == "Sky [e⁻]"
    assert with_power(0, "adu") == "adu"
    assert with_power(-12, "") == "10⁻¹²"
    form = written(1.234e-5, "adu")
    assert (form.unit, form.text(-1.2e-5), form.text(NAN)) == ("10⁻⁵ adu", true_minus("-1.20"), "—")
    assert written(99_999.0, "adu").unit == "adu"
    assert written(100_000.0, "adu").unit == "10⁵ adu"
    assert {written(one, "adu").unit for one in (0.0, -1.0, NAN, INF)} == {"adu"}


@pytest.mark.parametrize(
    ("degrees", "text"),
    [
        (-0.5, "-00:30:00.0"),
        (-1e-9, "-00:00:00.0"),
        (0.0, "+00:00:00.0"),
        (12 + 59 / 60 + 59.99 / 3600, "+13:00:00.0"),
        (12 + 59 / 60 + 59.94 / 3600, "+12:59:59.9"),
        (90.0, "+90:00:00.0"),
        (-90.0, "-90:00:00.0"),
    ],
)
def test_declinations(degrees: float, text: str) -> None:
    assert plain_minus(declination(degrees)) == text


@pytest.mark.parametrize(
    ("degrees", "text"),
    [
        (150.11917, "10:00:28.60"),
        (359.99999999, "00:00:00.00"),
        (-15.0, "23:00:00.00"),
        (15 * (1 + 59 / 60 + 59.996 / 3600), "02:00:00.00"),
    ],
)
def test_right_ascensions(degrees: float, text: str) -> None:
    assert hours(degrees) == text


def test_a_clock_counts_the_second_that_has_begun() -> None:
    assert [clock(one) for one in (-3, 0, 0.2, 59.99, 3700)] == [
        *("0:00", "0:00", "0:01", "1:00", "1:01:40")
    ]

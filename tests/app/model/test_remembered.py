"""A remembered answer is never that of another state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skyframe_gui.app.model.remembered import Remembered, same
from skyframe_gui.app.model.requests import parts_of_request
from skyframe_gui.app.model.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.mark.parametrize(
    "changes",
    [
        {"excluded_exposures": frozenset({"a"})},
        {"excluded_samples": frozenset({("a", 1)})},
        {"removed": frozenset({"a"})},
        {"selection": replace(State().selection, exposure="a")},
        {"selection": replace(State().selection, sky_frame="a")},
    ],
)
def test_a_change_of_any_part_is_a_change_of_the_request(changes: Mapping[str, object]) -> None:
    old = State()
    new = replace(old, **changes)  # type: ignore[arg-type]
    assert not same(parts_of_request(old), parts_of_request(new))


def test_a_line_of_the_log_is_none() -> None:
    old = State()
    new = replace(old, log=("a line",))
    assert same(parts_of_request(old), parts_of_request(new))


@given(st.lists(st.integers(0, 3), min_size=1))
def test_an_answer_is_worked_out_again_only_after_a_change(asked: list[int]) -> None:
    parts = [(object(), f"key {number}") for number in range(4)]
    calls: list[int] = []
    remembered = Remembered[int]()
    for number in asked:

        def answer(number: int = number) -> int:
            calls.append(number)
            return number

        assert remembered.of(parts[number], answer) == number
    changes = [one for place, one in enumerate(asked) if place == 0 or asked[place - 1] != one]
    assert calls == changes

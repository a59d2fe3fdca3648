"""Texts from outside on one line: nothing in them moves a cursor, turns or hides a name."""

from __future__ import annotations

import pytest

from skyframe_gui.text import natural_order, on_one_line

GONE = "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    "one",
    ["\n", "\r", "\t", "\x1b", "\x00", "\x7f", "\x9b", "\u2028", "\u2029", "\udc80", "\u061c",
     "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"],
)  # fmt: skip
def test_what_moves_or_turns_is_replaced(one: str) -> None:
    assert on_one_line(f"a{one}b{one}") == f"a{GONE}b{GONE}"


@pytest.mark.parametrize("text", ["", "a b.fits", "é ± Ω", "\u05d0\u05d1", "\U0001f52d", "a\u0301"])
def test_letters_of_any_writing_stay(text: str) -> None:
    assert on_one_line(text) == text


def test_numbers_in_names_are_put_in_order_as_numbers() -> None:
    names = ["S10", "s2", "10", "2", "007", "", "R22_S11", "R22_S9", "9" * 5000, "x"]
    assert sorted(names, key=natural_order) == [
        "", "2", "007", "10", "9" * 5000, "R22_S9", "R22_S11", "s2", "S10", "x"
    ]  # fmt: skip
    assert natural_order("det007") == natural_order("DET7")


def test_what_is_no_text_is_written_as_one() -> None:
    assert on_one_line(12.5) == "12.5"
    assert on_one_line(None) == "None"

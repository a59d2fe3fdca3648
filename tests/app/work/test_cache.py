"""What is remembered, what is dropped, and that nothing is made twice."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from skyframe_gui.app.model.sizes import size_of
from skyframe_gui.app.work.cache import PART_OF_QUICK, Memory


def test_a_result_is_made_once_for_one_key_and_anew_for_another() -> None:
    memory = Memory()
    first, again, other = (memory.get("grid", key, lambda: object()) for key in "aab")
    assert first is again
    assert other is not first
    assert memory.made["grid"] == 2


def test_two_threads_that_want_the_same_make_it_once() -> None:
    memory = Memory()
    found: list[object] = []

    def slow() -> object:
        time.sleep(0.05)
        return object()

    threads = [
        threading.Thread(target=lambda: found.append(memory.get("grid", 1, slow))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert memory.made["grid"] == 1
    assert len(set(map(id, found))) == 1


def test_a_failure_is_not_remembered() -> None:
    memory = Memory()

    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        memory.get("grid", 1, fails)
    assert memory.get("grid", 1, lambda: 7) == 7


def test_large_results_are_dropped_by_the_budget_the_longest_unused_first() -> None:
    memory = Memory(budget=10_000)
    for key in "abc":
        memory.get("exposure", key, lambda k=key: k, lambda _: 4000)
        memory.get("exposure", "a", lambda: "a again", lambda _: 4000)
    assert memory.peek("exposure", "a") == "a"
    assert memory.peek("exposure", "b") is None
    assert memory.peek("exposure", "c") == "c"
    assert memory.bytes_held <= 10_000


def test_small_results_stay_while_large_ones_go() -> None:
    memory = Memory(budget=100_000)
    for number in range(50):
        memory.get("grid", number, lambda n=number: np.full(50, n))
        memory.get("exposure", number, lambda n=number: n, lambda _: 30_000)
    assert all(memory.peek("grid", number) is not None for number in range(50))
    assert memory.made["exposure"] == 50
    assert memory.peek("exposure", 0) is None
    assert memory.bytes_held <= 100_000


def test_small_results_go_too_when_there_are_too_many_of_them() -> None:
    memory = Memory(budget=100_000)
    for number in range(1000):
        memory.get("samples", number, lambda n=number: (np.full(100, n), {"of": "a"}))
        memory.get("samples", 0, lambda: "made again")
    assert memory.bytes_held <= 50_000
    assert memory.peek("samples", 999) is not None
    assert memory.peek("samples", 0) != "made again"
    assert memory.peek("samples", 1) is None


def test_a_value_has_the_size_of_all_arrays_in_it() -> None:
    array = np.zeros(1000)

    class Holder:
        def __init__(self) -> None:
            self.parts = ({"one": array, "same": array}, [np.zeros(500, np.float32)])

    assert 10_000 <= size_of(Holder()) < 11_000


def test_what_only_a_key_holds_counts_too() -> None:
    memory = Memory(budget=100_000)
    for number in range(10):
        memory.get("findings", (number, Holder(np.zeros(5000))), lambda: ())
        memory.get("exposure", (number, Holder(np.zeros(2500))), lambda: (), lambda _: 0)
    assert 80_000 < memory.bytes_held <= 100_000
    assert memory.peek("findings", 0) is None


class Holder:
    def __init__(self, array: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
        self.array = array


def test_the_one_that_is_needed_now_is_kept_even_beyond_the_budget() -> None:
    memory = Memory(budget=10)
    memory.get("exposure", "big", lambda: "big", lambda _: 1000)
    assert memory.peek("exposure", "big") == "big"


class Picture:
    def __init__(self, size: int) -> None:
        self.size = size


def picture(memory: Memory, key: object, size: int = 4000) -> Picture:
    return memory.get("masks", key, lambda: Picture(size), lambda one: one.size, quick=True)


def test_what_is_quickly_made_stays_while_somebody_has_it_and_counts_as_long() -> None:
    memory = Memory(budget=16_000)
    held = picture(memory, "held")
    for number in range(20):
        picture(memory, number)
    assert picture(memory, "held") is held
    assert memory.stages()["masks"] < 9000, "the held one and the last"
    assert memory.bytes_held == memory.stages()["masks"]
    del held
    assert memory.peek("masks", "held") is None
    assert memory.stages()["masks"] < 5000, "the last alone"


def test_of_what_is_quickly_made_a_small_part_of_the_budget_is_kept_unused() -> None:
    memory = Memory(budget=1_000_000)
    for number in range(100):
        picture(memory, number)
        picture(memory, 0)
    assert 20_000 < memory.stages()["masks"] <= 1_000_000 * PART_OF_QUICK
    assert memory.peek("masks", 0) is not None
    assert memory.peek("masks", 99) is not None
    assert memory.peek("masks", 1) is None
    assert memory.made["masks"] == 100


def test_pictures_in_use_push_whole_exposures_out_of_the_budget() -> None:
    memory = Memory(budget=100_000)
    memory.get("exposure", "a", lambda: "a", lambda _: 40_000)
    memory.get("exposure", "b", lambda: "b", lambda _: 40_000)
    held = picture(memory, "held", 30_000)
    assert memory.peek("exposure", "a") is None
    assert memory.peek("exposure", "b") == "b"
    assert memory.bytes_held <= 100_000
    assert memory.peek("masks", "held") is held

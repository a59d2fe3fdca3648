"""The kernel that unpacks Rice reads and writes within its arrays, whatever the bytes are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from skyframe_gui.engine.kernels.rice import unpack_rice

SCRIPT = """
import sys
import numpy as np
sys.path.insert(0, {helpers!r})
from rice_files import rice_coded
from skyframe_gui.engine.kernels.rice import dequantise, unpack_rice

outcomes = dict.fromkeys(("pixels", "damaged"), 0)
for seed in range({n}):
    rng = np.random.default_rng(seed)
    width, block = int(rng.choice([1, 2, 4])), int(rng.choice([8, 16, 32, 64]))
    values = rng.normal(90, rng.choice([0.2, 5, 40]), (3, int(rng.integers(1, 90))))
    values[:, -1] = 0 if seed % 3 else 127
    streams = [bytearray(rice_coded(row.astype(int), block, width)) for row in values]
    hurt = streams[int(rng.integers(3))]
    for _ in range(int(rng.integers(1, 5))):
        at = int(rng.integers(len(hurt)))
        way = rng.random()
        if way < 0.5:
            hurt[at] ^= 1 << int(rng.integers(8))
        elif way < 0.8:
            hurt[at:] = bytes(len(hurt) - at)
        else:
            del hurt[at + 1 :]
    # Each in an array of its own size: a read beyond it is one beyond the array.
    packed = np.frombuffer(b"".join(streams), np.uint8).copy()
    counts = np.array([len(one) for one in streams])
    starts = np.cumsum(counts) - counts
    if rng.random() < 0.2:  # what an index may say
        (starts, counts)[int(rng.integers(2))][int(rng.integers(3))] += int(rng.integers(-99, 99))
    sizes = np.full(3, values.shape[1])
    if rng.random() < 0.2:
        sizes += int(rng.integers(-2, 9))
    out = np.full(values.size + 1, 7, np.int32)
    bad = unpack_rice(packed, starts, counts, sizes, block, 8 * width, out[:-1])
    assert -1 <= bad < 3
    assert out[-1] == 7
    outcomes["damaged" if bad >= 0 else "pixels"] += 1
sizes = np.full(2, 21_000)  # two rounds through the random numbers, from the last seed on
reals, seeds, floats = np.ones(2), np.array([-1, 9999]), np.empty(42_000, np.float32)
random = np.linspace(0, 1, 10_000, dtype=np.float32)
dequantise(np.zeros(42_000, np.int32), sizes, reals, reals, seeds, seeds, random, 1, floats)
assert np.isfinite(floats).all()
assert min(outcomes.values()) > {n} // 50, outcomes
"""


def run(n: int, cache: Path) -> None:
    """Run it with every index checked, which numba does where it is told to."""
    helpers = str(Path(__file__).parents[1] / "files" / "fits")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(helpers=helpers, n=n)],
        env={**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(cache)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_damaged_streams_never_lead_out_of_the_arrays(tmp_path: Path) -> None:
    run(400, tmp_path)


@pytest.mark.parametrize("start", [-1, -9, 1, 3, 2**40, 2**62])
def test_a_tile_that_an_index_puts_outside_of_the_stream_is_damaged(start: int) -> None:
    packed = np.zeros(2, np.uint8)  # a first value of 0 and, in three bits, no difference from it
    sizes, counts = np.array([9]), np.array([2])
    out = np.zeros(9, np.int32)
    assert unpack_rice(packed, np.array([0]), counts, sizes, 32, 8, out) == -1
    assert unpack_rice(packed, np.array([start]), counts, sizes, 32, 8, out) == 0


@pytest.mark.long
def test_ten_thousand_damaged_streams_never_lead_out_of_the_arrays(tmp_path: Path) -> None:
    run(10_000, tmp_path)

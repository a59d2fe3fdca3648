"""Memory of large arrays is the system's again when they are gone."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

CODE = """
import numpy as np, sys
import skyframe_gui.app.work.allocator as allocator
if sys.argv[1] == "told":
    assert allocator.give_back_large()

def resident():
    line = next(one for one in open("/proc/self/status") if one.startswith("VmRSS"))
    return int(line.split()[1]) >> 10

np.ones(4 << 20, np.float32)  # from such a one the C library learns to keep them
before = resident()
held = []
for _ in range(10):
    large = np.ones(4 << 20, np.float32)
    held.append((large, np.ones(40_000, np.float32)))  # what stays lies between them
small = [one[1] for one in held]
held.clear()
del large
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told")
def test_ten_arrays_of_16_mb_are_given_back() -> None:
    def left(word: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", CODE, word],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return int(done.stdout)

    assert left("told") < 20
    assert left("not") > 60, "where it keeps nothing itself, nobody need tell it"

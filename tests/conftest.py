"""What every test gets."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import HealthCheck, settings
from nights import Night, make_night

# The first call of a kernel compiles it, which no deadline can know of. The same examples in every
# run, so that a change fails for its own fault; --hypothesis-seed tries others.
settings.register_profile(
    "project",
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return make_night(tmp_path_factory.mktemp("night"))

"""What every test gets."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# The first call of a kernel compiles it, which no deadline can know of.
settings.register_profile(
    "project", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")

"""From values to colours: stretches and colour maps as lookup tables."""

from __future__ import annotations

STRETCHES = ("linear", "log", "sqrt", "asinh", "histogram")
COLOURS = ("grey", "grey inverted", "viridis", "inferno", "cividis", "magma")

"""Fits of visits that were never files."""

from __future__ import annotations

import numpy as np

from skyframe_gui.app.model.visit_fit import VisitFit
from skyframe_gui.engine import Samples, SkyMeasurementConfig, solve_scales


def make_fit(
    n_detectors: int = 4,
    n_side: int = 6,
    config: SkyMeasurementConfig | None = None,
    visit: str = "908120",
    seed: int = 2,
) -> VisitFit:
    config = config or SkyMeasurementConfig()
    random = np.random.default_rng(seed)
    edges = np.linspace(0, 1200, n_side + 1).astype(int)
    boxes = [
        (edges[i], edges[j], edges[i + 1], edges[j + 1])
        for i in range(n_side)
        for j in range(n_side)
    ]
    samples = []
    for detector in range(n_detectors):
        n = len(boxes)
        sky = random.normal(0, 8e-3, n)
        image = 1000 * sky + random.normal(0, 1, n)
        image[:5] += random.uniform(4, 30, 5)
        good = random.uniform(0.7, 1, n)
        image[n - 1], good[n - 1] = np.nan, 0
        good[0] = 0.3
        samples.append(Samples(image, sky, good, boxes, f"{detector:03d}"))
    solution = solve_scales(samples, config)
    keys = tuple(f"/night/{visit}-{index}.fits[1]" for index in range(n_detectors))
    return VisitFit(
        sources=(),
        visit=visit,
        keys=keys,
        samples=tuple(samples),
        solution=solution,
        alone=solution,
        why="",
        n_members=n_detectors,
        made_from=None,
    )

"""Fits of visits that were never files."""

from __future__ import annotations

import numpy as np

from skyframe_gui.app.model.visit_fit import VisitFit
from skyframe_gui.engine import Samples, ScaleError, SkyMeasurementConfig, solve_scales


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
    keys = tuple(f"/night/{visit}-{index}.fits[1]" for index in range(n_detectors))
    return fit_of(samples, config, keys=keys, visit=visit)


def fit_of(
    samples: list[Samples],
    config: SkyMeasurementConfig | None = None,
    excluded: np.ndarray | None = None,
    keys: tuple[str, ...] = (),
    visit: str = "7",
) -> VisitFit:
    """Return the fit of these samples, also where it fails."""
    try:
        solution = solve_scales(samples, config or SkyMeasurementConfig(), excluded)
    except ScaleError as error:
        solution = error.solution
    return VisitFit(
        sources=(),
        visit=visit,
        keys=keys or tuple(f"{index}.fits[1]" for index in range(len(samples))),
        samples=tuple(samples),
        solution=solution,
        alone=solution,
        why="",
        n_members=len(samples),
        made_from=None,
    )

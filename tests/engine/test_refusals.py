"""What the engine says of that which it cannot use, each sentence whole as it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from kept import kept

from skyframe_gui.engine import (
    BackgroundList,
    BackgroundModel,
    BinGrid,
    Camera,
    ChebyshevModel,
    Detector,
    Exposure,
    FocalPlaneBackground,
    FocalPlaneBackgroundConfig,
    MaskPlanes,
    Samples,
    SkyCorrectionConfig,
    SkyFrameError,
    SkyMeasurementConfig,
    average_backgrounds,
    compute_statistic,
    correct_sky,
    fill_objects,
    find_objects,
    measure_focal_plane,
    solve_scales,
)
from skyframe_gui.engine.filling import fill_bad
from skyframe_gui.engine.stack import bin_history, stacked
from skyframe_gui.engine.statistics import box_statistics
from skyframe_gui.engine.subtract import subtract_sky_frame

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG = SkyMeasurementConfig()
EIGHT = np.ones((8, 6), np.float32)


def grid(values: Any = ((1.0, 2.0), (3.0, 4.0)), box: Any = (0, 0, 5, 7), **more: Any) -> BinGrid:
    return BinGrid.from_values(values, box, **more)


def plane(config: dict[str, Any], image: Any = EIGHT, name: str = "a") -> FocalPlaneBackground:
    """Return the focal plane of a camera of one or two detectors of 6 x 8 pixels."""
    known: dict[str, Any] = {"xSize": 3.0, "ySize": 4.0, "pixelSize": 1.0, "binning": 2}
    made = FocalPlaneBackgroundConfig(**(known | config))
    detectors = tuple(Detector(one, 6, 8, (1, 0, 0, 1, 7.0 * k, 0)) for k, one in enumerate("ab"))
    camera = Camera("Cam" if name == "a" else "", detectors)
    return measure_focal_plane(Exposure(image), name, camera, made)


def scales(image: Any, sky: Any, excluded: Any = None, **config: Any) -> object:
    return solve_scales([Samples(image, sky)], SkyMeasurementConfig(**config), excluded)


def focal(**more: Any) -> SkyCorrectionConfig:
    background = FocalPlaneBackgroundConfig(xSize=3.0, ySize=4.0, pixelSize=1.0, binning=2)
    known = {"bgModel1": background, "bgModel2": background, "doMaskObjects": False}
    return SkyCorrectionConfig(**(known | more))


def calls() -> dict[str, Callable[[], object]]:
    model = BackgroundModel(grid(), "LINEAR")
    pair = Camera("Cam", (Detector("a", 6, 8, (1, 0, 0, 1, 0, 0)),))
    whole = {"a": Exposure(EIGHT, name="x.fits", detector="a")}
    mask = np.zeros((8, 6), np.int32)
    full = Exposure(EIGHT, mask, planes={f"P{bit}": bit for bit in range(32)}, name="x.fits")
    nothing = grid(np.full((2, 2), np.nan))
    chance = np.random.default_rng(0).normal(0, 1, 20)
    return {
        "flat grid": lambda: grid([1.0, 2.0]),
        "grid of nothing": lambda: grid(np.ones((0, 2))),
        "box without width": lambda: grid(box=(5, 0, 4, 7)),
        "box without height": lambda: grid(box=(0, 8, 4, 7)),
        "box of three": lambda: grid(box=(0, 0, 4)),
        "errors of another shape": lambda: grid(errors=np.ones((2, 3))),
        "bins finer than pixels": lambda: BackgroundModel(grid(np.ones((2, 7))), "LINEAR"),
        "bins finer than rows": lambda: BackgroundModel(grid(np.ones((9, 2))), "LINEAR"),
        "infinite bin": lambda: BackgroundModel(grid([[1, 2], [3, np.inf]]), "LINEAR"),
        "part of three": lambda: model.image((0, 0, 1)),  # type: ignore[arg-type]
        "empty part": lambda: model.image((3, 0, 3, 8)),
        "part outside": lambda: model.image((0, 0, 7, 8)),
        "part below": lambda: model.image((0, -1, 6, 8)),
        "output": lambda: model.image(None, None, None, np.empty((3, 3), np.float32)),
        "list of two boxes": lambda: BackgroundList(
            [model, BackgroundModel(grid(box=(0, 0, 5, 8)), "LINEAR")]
        ),
        "empty list": lambda: BackgroundList([]).image(),
        "order": lambda: ChebyshevModel(grid(), -1, True),
        "no bin for an order": lambda: ChebyshevModel(nothing, 1, True).image(),
        "no error for an order": lambda: ChebyshevModel(grid(), 1, True).image(),
        "no weighting": lambda: ChebyshevModel(nothing, 1, False).image(),
        "order too high": lambda: ChebyshevModel(grid(), 3, False).image(),
        "plane's bit": lambda: MaskPlanes({"BAD": 32}),
        "one plane": lambda: MaskPlanes({"BAD": 1}).bits("BAD"),
        "image of words": lambda: Exposure([["a"]]),  # type: ignore[list-item]
        "image of a row": lambda: Exposure([1.0, 2.0], name="x.fits"),  # type: ignore[list-item]
        "mask of another size": lambda: Exposure(EIGHT, mask[:, :5]),
        "variance of another size": lambda: Exposure(EIGHT, None, EIGHT[:7], name="x.fits"),
        "broken mask": lambda: Exposure(EIGHT, mask + 0.5, name="x.fits"),
        "mask of words": lambda: Exposure(EIGHT, np.full((8, 6), "a"), name="x.fits"),
        "mask of 33 bits": lambda: Exposure(EIGHT, mask + np.int64(1 << 33), name="x.fits"),
        "nothing to fill from": lambda: fill_bad(EIGHT, EIGHT > 0, "LINEAR"),
        "small superpixels": lambda: plane({"xSize": 1e-4, "ySize": 2e-4}),
        "sums": lambda: FocalPlaneBackground(pair, plane({}).config, EIGHT, EIGHT),
        "counts": lambda: FocalPlaneBackground(pair, plane({}).config, np.ones((4, 4)), EIGHT),
        "merged": lambda: plane({}) + plane({"xSize": 2.0, "ySize": 2.5}),
        "nothing good": lambda: plane({}, np.full((8, 6), np.nan)).level,
        "too few good": lambda: plane({"minFrac": 2.0}).level,
        "nothing after smoothing": lambda: plane({"minFrac": 0.0, "doSmooth": True}).level,
        "large cells": lambda: plane({"binning": 7}).grid("a"),
        "high cells": lambda: plane({"binning": 9}).model("a"),
        "exposure of another size": lambda: plane({}, EIGHT.T),
        "of a nameless camera": lambda: plane({}, EIGHT[:, :5], "b"),
        "nothing to correct": lambda: correct_sky(whole, {}, {}, pair, focal()),
        "nothing to correct without sky": lambda: correct_sky(
            whole, {}, {}, pair, focal(doSky=False)
        ),
        "in the first background": lambda: correct_sky(
            whole, {"a": ()}, {"a": model}, pair,
            focal(bgModel1=focal().bgModel1.model_copy(update={"minFrac": 2.0})),
        ),
        "in the second background": lambda: correct_sky(
            whole, {"a": ()}, {"a": model}, pair,
            focal(bgModel2=focal().bgModel1.model_copy(update={"interpolation": "NONE"})),
        ),
        "of another detector": lambda: correct_sky(
            {"z": whole["a"]}, {"z": ()}, {"z": model}, pair, focal()
        ),
        "no pixel to fill from": lambda: fill_objects(
            Exposure(EIGHT, mask | 32, name="x.fits"), None
        ),
        "no bit left": lambda: find_objects(full),
        "samples": lambda: Samples([1.0], [1.0, 2.0], [1.0], np.zeros((3, 4)), "7"),
        "samples of none": lambda: Samples([1.0], [1.0], np.ones(2)),
        "excluded numbers": lambda: scales([1.0], [1.0], [0]),
        "excluded too few": lambda: scales([1.0, 2.0], [1.0, 2.0], [True]),
        "no sample": lambda: solve_scales([], CONFIG),
        "no finite sample": lambda: scales([np.nan], [1.0]),
        "all rejected": lambda: scales(1000 + chance, chance / 50 + 0.001, skyRej=0.5),
        "no grid": lambda: average_backgrounds([]),
        "no finite grid": lambda: average_backgrounds([nothing] * 3),
        "grids unlike": lambda: average_backgrounds(
            [grid(), grid(), grid(np.ones((2, 3)), (0, 0, 5, 8))], names=["a", "b", "c"]
        ),
        "clip": lambda: compute_statistic(EIGHT, clip=0.0),
        "iterations": lambda: compute_statistic(EIGHT, n_iter=-1),
        "mask unlike": lambda: compute_statistic(EIGHT, mask[:3], 1),
        "statistic": lambda: box_statistics(
            EIGHT, mask, 0, np.array([0, 6]), np.array([0, 8]), "MODE", 3.0, 3
        ),
        "style": lambda: BackgroundModel(grid(), "CUBIC"),
        "no style": lambda: BackgroundModel(grid(), "NONE"),
        "subtracted elsewhere": lambda: subtract_sky_frame(
            Exposure(EIGHT, xy0=(3, 4), name="x.fits"), model, 1.0
        ),
        "no stack": lambda: stacked([]),
        "stack of unlike": lambda: stacked([grid(), grid(np.ones((2, 3)))]),
        "bin to the right": lambda: bin_history(stacked([grid(np.ones((2, 3)))]), 0, 3),
        "bin above": lambda: bin_history(stacked([grid(np.ones((2, 3)))]), 2, 0),
    }  # fmt: skip


def test_each_refusal_is_a_sentence_as_kept() -> None:
    lines = []
    for name, call in calls().items():
        try:
            call()
        except SkyFrameError as error:
            lines.append(f"{name}: {type(error).__name__}: {error}")
        else:
            lines.append(f"{name}: nothing is said")
    kept("refusals", lines)

"""The numbers of LSST's SkyCorrectionTask, and what its chain refuses."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from golden import assert_within, cameras, exposure_of, golden, ulp_of
from pydantic import ValidationError

from skyframe_gui.engine import (
    BackgroundList,
    BackgroundModel,
    BinGrid,
    Cancelled,
    ChebyshevModel,
    CorrectedVisit,
    CorrectionStage,
    Exposure,
    Samples,
    SkyCorrectionConfig,
    SkyFrameError,
    Watch,
    correct_sky,
    find_objects,
    measure_scale,
    solve_scales,
    subtract_backgrounds,
)

G10 = golden("g10_skyCorrection")
CAMERAS = cameras("g10_skyCorrection")
SIXTEEN = 16 * ulp_of(900.0)
SWITCHES = ("doSky", "doBgModel2", "undoBgModel1")


def _config(case: dict) -> SkyCorrectionConfig:
    # Where the recording masked objects their detection was left out, so the masks are as given.
    switches = {name: case[name] for name in SWITCHES}
    return SkyCorrectionConfig.model_validate(
        {**case["resolved"], **switches, "doMaskObjects": False}
    )


def _inputs(
    k: int,
) -> tuple[dict[str, Exposure], dict[str, BackgroundList], dict[str, BackgroundModel]]:
    case = G10.cases[k]
    exposures, before, sky = {}, {}, {}
    for name in map(str, reversed(case["detectors"])):
        exposure = exposure_of(G10, case["base"], name)
        exposures[name] = exposure
        members: list = []
        for j, (style, fitted) in enumerate(case["old"]):
            grid = BinGrid.from_values(
                G10[f"c{k}_old{j}g_{name}"], exposure.bbox, errors=G10[f"c{k}_old{j}v_{name}"]
            )
            members.append(
                BackgroundModel(grid, style) if fitted is None else ChebyshevModel(grid, *fitted)
            )
        before[name] = BackgroundList(members)
        if f"c{k}_sky_{name}" in G10:
            grid = BinGrid.from_values(G10[f"c{k}_sky_{name}"], exposure.bbox)
            sky[name] = BackgroundModel(grid, case["skyalg"])
    return exposures, before, sky


@pytest.mark.parametrize("k", range(len(G10.cases)), ids=lambda k: f"{k}-{G10.cases[k]['name']}")
def test_visit_corrected(k: int) -> None:
    case = G10.cases[k]
    if case.get("raises", [""])[0] == "ValueError":
        with pytest.raises(ValidationError, match="at least one of doSky and doBgModel2"):
            _config(case)
        return
    config, camera = _config(case), CAMERAS[case["camera"]]
    exposures, before, sky = _inputs(k)
    if "raises" in case:
        with pytest.raises(SkyFrameError, match="No superpixel of the focal plane has"):
            correct_sky(exposures, before, sky, camera, config)
        return
    visit = correct_sky(exposures, before, sky, camera, config)
    assert list(visit.corrected) == [str(d) for d in sorted(case["detectors"])]
    if case["doSky"]:
        assert visit.solution is not None
        assert abs(visit.solution.scale / case["scale"] - 1) < 1e-5
        _compare_samples(k, visit, exposures, sky)
    else:
        assert visit.solution is None
    sy, sx = case["step"]
    for index, name in enumerate(visit.corrected):
        _compare_lists(k, name, case["lists"][index], visit.backgrounds[name])
        total = visit.backgrounds[name].image()[::sy, ::sx]
        assert_within(total, G10[f"c{k}_T_{name}"], SIXTEEN, "correction: summed list (counts)")
        corrected = visit.corrected[name].image[::sy, ::sx]
        assert_within(corrected, G10[f"c{k}_O_{name}"], SIXTEEN, "correction: image (counts)")
        whole = exposures[name].image - visit.backgrounds[name].image()
        np.testing.assert_array_equal(visit.corrected[name].image, whole)


def _compare_lists(k: int, name: str, lists: list, ours: BackgroundList) -> None:
    styles = {0: "CONSTANT", 1: "LINEAR", 2: "NATURAL_SPLINE", 5: "AKIMA_SPLINE"}
    assert len(ours) == len(lists)
    n_old = len(G10.cases[k]["old"])
    for j, (model, (style, _, fitted, order, _, weighting)) in enumerate(
        zip(ours, lists, strict=True)
    ):
        assert model.algorithm == styles[style]
        if fitted == 0:
            assert isinstance(model, ChebyshevModel)
            assert (model.order, model.weighting) == (order, weighting)
        theirs = G10[f"c{k}_L{j}_{name}"]
        allowed = 0.0 if j < n_old else SIXTEEN
        assert_within(model.grid.values, theirs, allowed, "correction: members' grids (counts)")
        np.testing.assert_array_equal(model.grid.mask, G10[f"c{k}_LM{j}_{name}"])
        if j < n_old:
            np.testing.assert_array_equal(model.grid.errors, G10[f"c{k}_LV{j}_{name}"])


def _compare_samples(
    k: int,
    visit: CorrectedVisit,
    exposures: dict[str, Exposure],
    sky: dict[str, BackgroundModel],
) -> None:
    config = _config(G10.cases[k]).sky
    stage = next(stage for stage in visit.stages if stage.name == "background 1")
    recorded = []
    for name in visit.corrected:
        exposure = exposures[name]
        rest = exposure.with_planes(image=exposure.image - stage.backgrounds[name].image())
        samples = measure_scale(rest, sky[name], config)
        theirs = Samples(G10[f"c{k}_I_{name}"], G10[f"c{k}_S_{name}"])
        assert_within(samples.image, theirs.image, SIXTEEN, "correction: samples (counts)")
        assert_within(samples.sky, theirs.sky, 1e-6, "correction: samples of the sky frame")
        recorded.append(theirs)
    assert abs(solve_scales(recorded, config).scale / G10.cases[k]["scale"] - 1) < 1e-9


def test_stages_lead_to_the_result() -> None:
    exposures, before, sky = _inputs(1)
    visit = correct_sky(exposures, before, sky, CAMERAS["four"], _config(G10.cases[1]))
    assert [stage.name for stage in visit.stages] == [
        "restored", "background 1", "sky", "background 1 undone", "background 2"
    ]  # fmt: skip
    assert [len(stage.backgrounds["0"]) for stage in visit.stages] == [1, 2, 3, 2, 3]


def test_detectors_without_all_that_is_needed_take_no_part() -> None:
    exposures, before, sky = _inputs(0)
    camera, config = CAMERAS["four"], _config(G10.cases[0])
    del sky["1"]
    del before["2"]
    assert list(correct_sky(exposures, before, sky, camera, config).corrected) == ["0", "3"]
    with pytest.raises(SkyFrameError, match="Of 4 exposures none has"):
        correct_sky(exposures, before, {}, camera, config)
    with pytest.raises(SkyFrameError, match="has no detector 7"):
        correct_sky({**exposures, "7": exposures["0"]}, before, sky, camera, config)
    with pytest.raises(SkyFrameError, match="nothing to correct"):
        correct_sky({}, before, sky, camera, config)


def test_second_background_has_defaults_of_its_own() -> None:
    size = {"xSize": 256, "ySize": 256}
    config = SkyCorrectionConfig.model_validate({"bgModel1": size, "bgModel2": size})
    assert config.bgModel2 is not None
    second = config.bgModel2
    assert (second.doSmooth, second.smoothScale, second.minFrac) == (True, 1.0, 0.3)
    assert (config.bgModel1.doSmooth, config.bgModel1.minFrac) == (False, 0.1)
    own = SkyCorrectionConfig.model_validate({"bgModel1": size, "bgModel2": {**size, "minFrac": 1}})
    assert own.bgModel2 is not None
    assert own.bgModel2.minFrac == 1
    with pytest.raises(ValidationError, match="doBgModel2 needs bgModel2"):
        SkyCorrectionConfig.model_validate({"bgModel1": size})


def test_objects_found_anew_are_left_out_of_the_backgrounds() -> None:
    exposures, before, sky = _inputs(0)
    marked, bright = {}, {}
    for name, exposure in exposures.items():
        image, variance = exposure.image.copy(), np.full(exposure.image.shape, 196, np.float32)
        image[60:80, 40:60] += 600
        given = Exposure(image, exposure.mask & ~32, variance, detector=name)
        restored = given.with_planes(image=given.image + before[name].image())
        bright[name] = given
        marked[name] = given.with_planes(mask=find_objects(restored).mask)
    # On some detectors NaN pixels hide the object.
    assert any((one.mask[60:80, 40:60] & 32).any() for one in marked.values())
    config = _config(G10.cases[0])
    anew = config.model_copy(update={"doMaskObjects": True})
    ours = correct_sky(bright, before, sky, CAMERAS["four"], anew)
    by_hand = correct_sky(marked, before, sky, CAMERAS["four"], config)
    as_given = correct_sky(bright, before, sky, CAMERAS["four"], config)
    moved = 0.0
    for name, backgrounds in ours.backgrounds.items():
        for model, same in zip(backgrounds, by_hand.backgrounds[name], strict=True):
            np.testing.assert_allclose(model.grid.values, same.grid.values, atol=SIXTEEN)
        other = as_given.backgrounds[name].models[-1].grid.values
        moved = max(moved, float(np.abs(backgrounds.models[-1].grid.values - other).max()))
        np.testing.assert_array_equal(ours.corrected[name].mask, bright[name].mask)
    assert moved > 1


class _Read(Mapping[str, Exposure]):
    """Exposures that are made anew each time they are asked for, and counted while they live."""

    def __init__(self, exposures: dict[str, Exposure]) -> None:
        self._exposures = exposures
        self._lock = threading.Lock()
        self.alive = self.most = 0

    def __getitem__(self, name: str) -> Exposure:
        given = self._exposures[name]
        exposure = Exposure(given.image.copy(), given.mask.copy(), detector=name)
        with self._lock:
            self.alive += 1
            self.most = max(self.most, self.alive)
        weakref.finalize(exposure, self._gone)
        return exposure

    def _gone(self) -> None:
        with self._lock:
            self.alive -= 1

    def __contains__(self, name: object) -> bool:
        return name in self._exposures

    def __iter__(self) -> Iterator[str]:
        return iter(self._exposures)

    def __len__(self) -> int:
        return len(self._exposures)


@pytest.mark.parametrize("anew", [False, True])
def test_exposures_that_are_read_when_needed_give_the_same_bits(anew: bool) -> None:
    exposures, before, sky = _inputs(1)
    config = _config(G10.cases[1]).model_copy(update={"doMaskObjects": anew})
    whole = correct_sky(exposures, before, sky, CAMERAS["four"], config, threads=1)
    read = _Read(exposures)
    visit = correct_sky(read, before, sky, CAMERAS["four"], config, threads=2, images=False)
    assert visit.corrected == {}
    assert read.alive == 0
    # One a thread; the one that a thread lets go may outlive its successor's reading by a moment.
    assert read.most <= 3
    for name, backgrounds in whole.backgrounds.items():
        for model, same in zip(backgrounds, visit.backgrounds[name], strict=True):
            np.testing.assert_array_equal(model.grid.values, same.grid.values)
        ours = subtract_backgrounds(exposures[name], visit.backgrounds[name])
        np.testing.assert_array_equal(ours.image, whole.corrected[name].image)
        np.testing.assert_array_equal(visit.samples[name].image, whole.samples[name].image)
    solutions = [one.solution for one in (whole, visit)]
    assert solutions[0] is not None and solutions[1] is not None  # noqa: PT018 - for types
    assert solutions[0].scale == solutions[1].scale


def test_without_an_earlier_background_nothing_is_put_back() -> None:
    exposures, before, sky = _inputs(0)
    config = _config(G10.cases[0])
    restored = {
        name: one.with_planes(image=one.image + before[name].image())
        for name, one in exposures.items()
    }
    visit = correct_sky(restored, dict.fromkeys(exposures, ()), sky, CAMERAS["four"], config)
    usual = correct_sky(exposures, before, sky, CAMERAS["four"], config)
    for name, backgrounds in visit.backgrounds.items():
        assert len(backgrounds) == len(usual.backgrounds[name]) - 1
        ours, theirs = (one.corrected[name].image for one in (visit, usual))
        np.testing.assert_allclose(ours, theirs, atol=SIXTEEN)
    assert len(visit.stages[0].backgrounds["0"]) == 0
    with pytest.raises(SkyFrameError, match="needs at least one background"):
        visit.stages[0].backgrounds["0"].image()


def test_stages_are_published_as_they_are_finished() -> None:
    exposures, before, sky = _inputs(0)
    seen: list[CorrectionStage] = []
    labels: set[str] = set()
    watch = Watch(lambda _done, _total, label: labels.add(label), seen.append)
    visit = correct_sky(exposures, before, sky, CAMERAS["four"], _config(G10.cases[0]), watch)
    assert seen == list(visit.stages)
    first, fitted = visit.stages[1], visit.stages[2]
    assert first.focal_plane is not None
    assert first.focal_plane.superpixels().shape == first.focal_plane.counts.shape
    assert fitted.solution is visit.solution
    assert labels == {"Measuring background 1", "Sampling", "Measuring background 2", "Correcting"}


def test_a_cancelled_correction_stops() -> None:
    exposures, before, sky = _inputs(0)
    watch = Watch(lambda _done, _total, label: watch.cancel() if label == "Sampling" else None)
    with pytest.raises(Cancelled):
        correct_sky(exposures, before, sky, CAMERAS["four"], _config(G10.cases[0]), watch)

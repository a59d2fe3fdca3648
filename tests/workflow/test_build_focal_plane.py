"""Visits normalised over the focal plane: the engine's numbers, the truth, and no file lost."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from skyframe_gui.engine import (
    Exposure,
    FocalPlaneBackgroundConfig,
    SkyFrameError,
    SkyMeasurementConfig,
    average_backgrounds,
    fill_objects,
    find_objects,
    measure_background,
    normalise_visit,
)
from skyframe_gui.files import read_camera, read_exposures, write_exposure
from skyframe_gui.files.cameras import read_camera_table
from skyframe_gui.simulate import Camera, simulate_night, table_of
from skyframe_gui.workflow import focal_plane
from skyframe_gui.workflow.build import NothingBuiltError, build_sky_frames
from skyframe_gui.workflow.normalising import sky_image_config
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.engine.focal_config import SkyImageConfig
    from skyframe_gui.workflow.build import BuildResult

CONFIG = SkyMeasurementConfig()
SMALL = Camera(
    n_detectors=4, width=200, height=180, seed=6, kinds=(("E2V", 1.0), ("ITL", 1.1)), stars=60
)
SUPERPIXEL = 150.0
MASKED = ["DETECTED", "BAD", "NO_DATA", "SAT"]


@dataclass(frozen=True)
class Night:
    table: str
    paths: list[str]


def night_of(folder: Path, camera: Camera, n_visits: int, superpixel: float = SUPERPIXEL) -> Night:
    table = folder / "camera.json"
    table.write_text(table_of(camera, superpixel), encoding="utf-8")
    paths = []
    for exposure in simulate_night(camera, n_visits, 2, gradient=20.0):
        paths.append(str(folder / f"v{exposure.visit}-d{exposure.detector}.fits"))
        write_exposure(paths[-1], exposure)
    return Night(str(table), paths)


@pytest.fixture(scope="module")
def two_kinds(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return night_of(tmp_path_factory.mktemp("kinds"), SMALL, 2)


def build(night: Night, paths: list[str] | None = None, **more: Any) -> BuildResult:
    given = night.paths if paths is None else paths
    return build_sky_frames(
        given, CONFIG, normalise=Normalise.FOCAL_PLANE, **({"camera": night.table} | more)
    )


def grids_of(result: BuildResult) -> dict[str, np.ndarray]:
    return {one.detector: one.sky_frame.grid.values for one in result.sky_frames}


def changed(path: str, folder: Path, change: Callable[[Exposure], Exposure]) -> str:
    (exposure,) = read_exposures(path)
    target = folder / f"changed-{Path(path).name}"
    write_exposure(target, change(exposure))
    return str(target)


def by_hand(night: Night, find: bool) -> tuple[dict[str, np.ndarray], list[dict[str, float]]]:
    """Return frames and levels of the engine's own functions, with whole visits in memory."""
    table = read_camera_table(night.table)
    config = sky_image_config(table).largeScaleBackground
    grids: dict[str, list] = {}
    levels = []
    visits: dict[str, dict[str, Exposure]] = {}
    for path in night.paths:
        (exposure,) = read_exposures(path)
        exposure = find_objects(exposure) if find else exposure
        visits.setdefault(exposure.visit, {})[exposure.detector] = fill_objects(exposure, MASKED)
    for exposures in visits.values():
        visit = normalise_visit(exposures, table.camera, config, by_kind=True)
        levels.append(visit.levels)
        for name, exposure in visit.exposures.items():
            grids.setdefault(name, []).append(measure_background(exposure, CONFIG.background))
    return {name: average_backgrounds(own).grid.values for name, own in grids.items()}, levels


@pytest.mark.parametrize("how", [MaskObjects.ALWAYS, MaskObjects.NEVER])
def test_frames_have_the_numbers_of_the_engine(two_kinds: Night, how: MaskObjects) -> None:
    expected, levels = by_hand(two_kinds, how is MaskObjects.ALWAYS)
    result = build(two_kinds, mask_objects=how)
    assert not result.failed
    assert set(grids_of(result)) == {"1", "2", "3", "4"}
    for name, values in grids_of(result).items():
        np.testing.assert_array_equal(values, expected[name])
    for built in result.sky_frames:
        kind, _ = SMALL.kind(built.detector)
        assert list(built.levels) == [of_visit[kind] for of_visit in levels]
        assert built.sky_frame.identity.unit == "sky level"
    assert "each of the types E2V and ITL its own" in " ".join(result.notes)


def test_any_number_of_workers_gives_the_same_bits(
    two_kinds: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = grids_of(build(two_kinds, executor=ThreadPoolExecutor(1)))
    read = []
    monkeypatch.setattr(focal_plane, "filled", _counting(focal_plane.filled, read))
    with ThreadPoolExecutor(2) as pool:
        _same(expected, build(two_kinds, executor=pool))
    assert len(read) == len(two_kinds.paths)
    read.clear()
    monkeypatch.setattr(focal_plane, "KEPT_BYTES", 3 * 200 * 180 * 4)
    with ThreadPoolExecutor(2) as pool:
        _same(expected, build(two_kinds, executor=pool))
    assert len(two_kinds.paths) < len(read) < 2 * len(two_kinds.paths)


def test_processes_give_the_same_bits_and_get_little(
    two_kinds: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    class Weighing(ProcessPoolExecutor):
        def submit(self, function: Any, *given: Any, **named: Any) -> Any:
            sizes.append(len(pickle.dumps((function, given, named))))
            return super().submit(function, *given, **named)

    expected = grids_of(build(two_kinds))
    with Weighing(1, mp_context=get_context("spawn")) as pool:
        _same(expected, build(two_kinds, executor=pool))
    assert max(sizes) < 20_000


def _same(expected: dict[str, np.ndarray], result: BuildResult) -> None:
    assert not result.failed
    for name, values in grids_of(result).items():
        np.testing.assert_array_equal(values, expected[name])


def _counting(function: Callable[..., Any], into: list[int]) -> Callable[..., Any]:
    def counted(*given: Any, **named: Any) -> Any:
        into.append(1)
        return function(*given, **named)

    return counted


def test_part_of_a_large_camera_is_a_small_task() -> None:
    camera = read_camera("LSSTCam")
    corners = focal_plane.corners_of(camera)
    part = focal_plane.around(camera, "R22_S11", corners)
    assert len(part.detectors) <= 5
    assert part.bounds == camera.bounds


def test_injected_pattern_comes_back(tmp_path: Path) -> None:
    camera = Camera(n_detectors=9, width=500, height=450, seed=3, stars=60, galaxies=40)
    night = night_of(tmp_path, camera, 5, superpixel=1000)
    result = build(night)
    assert not result.failed
    found, pattern = [], []
    for name, values in grids_of(result).items():
        through = measure_background(Exposure(camera.pattern(name)), CONFIG.background)
        found.append((values - values.mean()).ravel())
        pattern.append((through.values - through.values.mean()).ravel())
    correlation = np.corrcoef(np.concatenate(found), np.concatenate(pattern))[0, 1]
    assert correlation > 0.98


def test_lost_detectors_are_named_and_the_others_built(two_kinds: Night, tmp_path: Path) -> None:
    first = two_kinds.paths[:4]
    dead = changed(first[0], tmp_path, lambda one: one.with_planes(image=one.image * np.nan))
    small = changed(first[1], tmp_path, lambda one: replace_image(one, one.image[:170]))
    unknown = changed(first[2], tmp_path, lambda one: replace_image(one, one.image, "9"))
    given = [dead, small, unknown, first[3], *two_kinds.paths[4:]]
    result = build(two_kinds, given, mask_objects=MaskObjects.NEVER)
    failed = {Path(one.path).name: one.why for one in result.failed}
    assert "no good pixel to fill its objects from" in failed[Path(dead).name]
    assert "200 x 170 pixels, but detector 2 of SkySim has 200 x 180" in failed[Path(small).name]
    assert "SkySim has no detector 9" in failed[Path(unknown).name]
    assert {one.detector: len(one.sources) for one in result.sky_frames} == {
        "1": 1, "2": 1, "3": 1, "4": 2
    }  # fmt: skip


def replace_image(exposure: Exposure, image: np.ndarray, detector: str = "") -> Exposure:
    header = fits.Header({"INSTRUME": "SkySim", "EXPNUM": 1001, "FILTER": "r"})
    return Exposure(image, header=header, detector=detector or exposure.detector)


def test_detector_that_comes_twice_in_a_visit_is_left_out_once(
    two_kinds: Night, tmp_path: Path
) -> None:
    twice = changed(two_kinds.paths[0], tmp_path, lambda one: one)
    fits.setval(twice, "DATE-OBS", value="2026-03-14T00:32:00")
    result = build(two_kinds, [*two_kinds.paths, twice])
    (failure,) = result.failed
    assert failure.path == twice
    assert "which has one already; it was left out" in failure.why
    _same(grids_of(build(two_kinds)), replace(result, failed=()))


def test_visit_whose_focal_plane_is_empty(two_kinds: Night, tmp_path: Path) -> None:
    empty = [
        changed(
            path, tmp_path, lambda one: one.with_planes(mask=np.ones(one.image.shape, np.int32))
        )
        for path in two_kinds.paths[:4]
    ]
    result = build(two_kinds, [*empty, *two_kinds.paths[4:]])
    assert [one.path for one in result.failed] == empty
    assert "no good pixel in any bin" in result.failed[0].why
    assert {len(one.sources) for one in result.sky_frames} == {1}


def test_min_frac_that_nothing_meets(two_kinds: Night) -> None:
    def adjust(config: SkyImageConfig) -> SkyImageConfig:
        background = config.largeScaleBackground.model_copy(update={"minFrac": 9.0})
        return config.model_copy(update={"largeScaleBackground": background})

    with pytest.raises(NothingBuiltError) as raised:
        build(two_kinds, adjust=adjust)
    assert len(raised.value.failed) == len(two_kinds.paths)
    assert (
        "Visit 1001: detectors of type E2V: No superpixel of the focal plane has"
        in raised.value.failed[0].why
    )


def test_exposures_whose_sky_is_off_already(two_kinds: Night, tmp_path: Path) -> None:
    flat = [
        changed(path, tmp_path, lambda one: one.with_planes(image=one.image - one.image.mean()))
        for path in two_kinds.paths
    ]
    with pytest.raises(SkyFrameError, match="sky was subtracted from these exposures before"):
        build(two_kinds, flat, mask_objects=MaskObjects.NEVER)


def test_pixel_size_that_makes_min_frac_void_is_told(two_kinds: Night) -> None:
    def adjust(config: SkyImageConfig) -> SkyImageConfig:
        background = config.largeScaleBackground.model_copy(update={"pixelSize": 1.0})
        return config.model_copy(update={"largeScaleBackground": background})

    result = build(two_kinds, adjust=adjust)
    (warning,) = result.warnings
    assert "a pixel of SkySim is 0.01" in warning
    assert "0.225 good pixels of a superpixel, not for 2250" in warning
    assert warning in result.notes


def test_two_cameras_are_built_each_by_itself(two_kinds: Night, tmp_path: Path) -> None:
    others = [changed(path, tmp_path, lambda one: one) for path in two_kinds.paths]
    for path in others:
        fits.setval(path, "INSTRUME", value="OtherSim")
    without = build(two_kinds, [*two_kinds.paths, *others], camera=None)
    assert len(without.sky_frames) == 8
    for name in ("SkySim", "OtherSim"):
        told = f"no table of the camera {name}: its 4 detectors are laid out by their celestial"
        assert sum(told in note for note in without.notes) == 1
    result = build(two_kinds, [*two_kinds.paths, *others])
    assert not result.failed
    assert len(result.sky_frames) == 8
    for path in others:
        fits.delval(path, "CTYPE1", extname="IMAGE")
    with pytest.raises(NothingBuiltError, match="detectors of OtherSim lie in the focal plane"):
        build(two_kinds, others, camera=None)


def of_comcam(folder: Path, visits: int, detectors: int, side: int = 60) -> list[str]:
    rng = np.random.default_rng(1)
    paths = []
    for visit in range(visits):
        for number in range(detectors):
            image = rng.normal(500, 5, (side, side)).astype(np.float32)
            path = folder / f"c{visit}-{number}.fits"
            header = fits.Header(
                {"INSTRUME": "LSSTComCam", "EXPNUM": visit + 1, "DETECTOR": number}
            )
            write_exposure(path, Exposure(image, header=header, detector=str(number)))
            paths.append(str(path))
    return paths


def auto(paths: list[str], camera: str | None = None) -> BuildResult:
    return build_sky_frames(paths, CONFIG, normalise=Normalise.AUTO, camera=camera)


def test_auto_takes_the_focal_plane_where_it_can(two_kinds: Night, tmp_path: Path) -> None:
    result = auto(two_kinds.paths, two_kinds.table)
    assert result.normalise is Normalise.FOCAL_PLANE
    assert "as their visits have several detectors" in " ".join(result.notes)
    assert result.choices["camera"] == "SkySim"
    assert "xSize=1.5 ySize=1.5 pixelSize=0.01" in result.choices["largeScaleBackground"]
    _same(grids_of(build(two_kinds)), result)


def test_auto_normalises_nothing_where_it_cannot(two_kinds: Night, tmp_path: Path) -> None:
    alone = [path for path in two_kinds.paths if "-d1" in path]
    plain = build_sky_frames(alone, CONFIG)
    result = auto(alone, two_kinds.table)
    assert result.normalise is Normalise.NONE
    assert result.notes[1:] == plain.notes
    assert auto(alone).notes == plain.notes
    assert "as 0 of 2 exposures are of visits that several detectors" in result.notes[0]
    _same(grids_of(plain), result)
    unknown = auto(two_kinds.paths)
    assert unknown.normalise is Normalise.NONE
    assert not unknown.failed
    assert (
        "not normalised. There is no table of where the detectors of SkySim lie" in unknown.notes[0]
    )
    other_size = auto(of_comcam(tmp_path, 2, 3))
    assert other_size.normalise is Normalise.NONE
    assert "60 x 60 pixels, but detector R22_S00 of LSSTComCam has 4072" in other_size.notes[0]


def test_known_cameras_have_their_own_superpixels() -> None:
    config = sky_image_config(read_camera_table("HSC")).largeScaleBackground
    assert (config.xSize, config.ySize, config.pixelSize) == (122.88, 122.88, 0.015)
    usual = sky_image_config(read_camera_table("MegaPrime")).largeScaleBackground
    assert usual.xSize == pytest.approx(4612 * 0.0135)
    assert usual.pixelSize == pytest.approx(0.0135)
    for name in ("DECam", "LSSTCam", "LSSTComCam", "LATISS"):
        table = read_camera_table(name)
        for part, values in table.configs.items():
            if (name, part[:-1]) == ("LSSTComCam", "bgModel"):  # nobody sets it there
                continue
            assert FocalPlaneBackgroundConfig(**values).pixelSize < 0.02


def test_table_with_a_config_that_is_none(tmp_path: Path, two_kinds: Night) -> None:
    table = json.loads(Path(two_kinds.table).read_text())
    table["configs"]["largeScaleBackground"]["values"]["xSize"] = -1
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(table))
    with pytest.raises(SkyFrameError, match=r"odd\.json: largeScaleBackground .*xSize: "):
        build(two_kinds, camera=str(path))

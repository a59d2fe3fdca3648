"""Visits with their sky frame subtracted: one scale each, the right frame, files that tell all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from skyframe_gui.engine import (
    Exposure,
    SkyFrameError,
    SkyMeasurementConfig,
    measure_scale,
    solve_scales,
    subtract_sky_frame,
)
from skyframe_gui.engine.identity import Identity
from skyframe_gui.files import (
    read_background_list,
    read_exposures,
    read_samples,
    sha256_of,
    write_exposure,
)
from skyframe_gui.workflow.build import build_sky_frames
from skyframe_gui.workflow.names import stem_of
from skyframe_gui.workflow.outputs import LoadedSkyFrame, load_sky_frames, write_built
from skyframe_gui.workflow.subtract import Subtracted, subtract_visits

if TYPE_CHECKING:
    from nights import Night

CONFIG = SkyMeasurementConfig()


@pytest.fixture(scope="module")
def sky_frames(
    night: Night, tmp_path_factory: pytest.TempPathFactory
) -> tuple[LoadedSkyFrame, ...]:
    folder = tmp_path_factory.mktemp("sky")
    written, failed = write_built(build_sky_frames(night.paths, CONFIG), folder, CONFIG, False)
    assert not failed
    return load_sky_frames([path for _, path in written])


def of_detector(sky_frames: tuple[LoadedSkyFrame, ...], name: str) -> LoadedSkyFrame:
    return next(one for one in sky_frames if one.sky_frame.identity.detector == name)


def subtract(
    paths: list[str], sky_frames: tuple[LoadedSkyFrame, ...], folder: Path, **more: bool
) -> Subtracted:
    return subtract_visits(paths, sky_frames, CONFIG, folder, **more)


def test_a_visit_of_two_detectors_gets_one_scale_and_its_files(
    night: Night, sky_frames: tuple[LoadedSkyFrame, ...], tmp_path: Path
) -> None:
    result = subtract(night.science, sky_frames, tmp_path / "out", background_list=True)
    (visit,) = result.visits
    assert not result.failed
    assert visit.fit.visit == "2001"
    frames = [one.sky_frame for one in sky_frames]
    models = {frame.identity.detector: frame.model() for frame in frames}
    samples = [
        measure_scale(one.exposure, models[one.exposure.detector], CONFIG) for one in night.visit
    ]
    solution = solve_scales(samples, CONFIG)
    assert visit.fit.solution.scale == solution.scale
    assert abs(solution.scale - night.truth) < 5 * solution.error
    names = sorted(Path(path).name for path in visit.outputs)
    assert names == [
        "2001-samples.ecsv",
        "science-d1-background.fits",
        "science-d1-sub.fits",
        "science-d2-background.fits",
        "science-d2-sub.fits",
    ]
    for one, path in zip(night.visit, night.science, strict=True):
        target = tmp_path / "out" / f"{stem_of(path)}-sub.fits"
        (subtracted,) = read_exposures(target)
        model = models[one.exposure.detector]
        expected = subtract_sky_frame(one.exposure, model, solution.scale)
        np.testing.assert_array_equal(subtracted.image, expected.image)
        np.testing.assert_array_equal(subtracted.mask, one.exposure.mask)
        np.testing.assert_array_equal(subtracted.variance, one.exposure.variance)
        assert dict(subtracted.planes) == dict(one.exposure.planes)
        (background,) = read_background_list(tmp_path / "out" / f"{stem_of(path)}-background.fits")
        np.testing.assert_allclose(
            background.image(), one.exposure.image - expected.image, rtol=1e-4
        )
        header = fits.getheader(target)
        loaded = of_detector(sky_frames, one.exposure.detector)
        assert header["SFSKYSUM"] == sha256_of(loaded.path)
        assert header["SFSCALE"] == solution.scale
        assert header["SFERROR"] == solution.error
        assert header["SFNUSED"] == solution.n_used
        assert header["SFINPUT"] == Path(path).name
        with fits.open(target, checksum=True) as file:  # warns, so fails, where a sum is wrong
            file.verify("exception")
            assert [hdu.name for hdu in file[1:]] == ["IMAGE", "MASK", "VARIANCE"]
    table = read_samples(tmp_path / "out" / "2001-samples.ecsv")
    np.testing.assert_array_equal(table.solution.rejected_at, solution.rejected_at)
    assert table.solution.iterations == solution.iterations


def test_an_exposure_without_mask_or_variance_keeps_to_its_image(
    night: Night, sky_frames: tuple[LoadedSkyFrame, ...], tmp_path: Path
) -> None:
    bare = tmp_path / "bare.fits"
    one = night.visit[0].exposure
    write_exposure(bare, Exposure(one.image, detector="1", header=one.header))
    result = subtract([str(bare)], sky_frames, tmp_path)
    assert not result.failed
    with fits.open(tmp_path / "bare-sub.fits") as file:
        assert [hdu.name for hdu in file[1:]] == ["IMAGE"]


def test_different_visits_are_solved_separately(
    night: Night, sky_frames: tuple[LoadedSkyFrame, ...], tmp_path: Path
) -> None:
    result = subtract([*night.science, *night.paths[:4]], sky_frames, tmp_path)
    assert {visit.fit.visit for visit in result.visits} == {"2001", "1001", "1002"}
    assert len({visit.fit.solution.scale for visit in result.visits}) == 3
    assert all(len(visit.fit.sources) == 2 for visit in result.visits)


def test_files_without_a_visit_number_are_visits_of_their_own(
    night: Night, sky_frames: tuple[LoadedSkyFrame, ...], tmp_path: Path
) -> None:
    paths = []
    for name in ("first", "second"):
        image = night.visit[0].exposure.image
        paths.append(str(tmp_path / f"{name}.fits"))
        write_exposure(paths[-1], Exposure(image))
    first = of_detector(sky_frames, "1")
    nameless = replace(first.sky_frame, identity=Identity())
    result = subtract(paths, (replace(first, sky_frame=nameless),), tmp_path / "out")
    assert [visit.fit.visit for visit in result.visits] == ["first", "second"]
    assert not result.failed


def test_what_fails_is_named_and_the_rest_is_written(
    night: Night, sky_frames: tuple[LoadedSkyFrame, ...], tmp_path: Path
) -> None:
    only_one = (of_detector(sky_frames, "1"),)
    cut = tmp_path / "cut.fits"
    cut.write_bytes(Path(night.science[0]).read_bytes()[:90_000])
    result = subtract([str(cut), *night.science], only_one, tmp_path / "out")
    failed = {Path(failure.path).name: failure.why for failure in result.failed}
    assert set(failed) == {"cut.fits", "science-d2.fits"}
    assert "no sky frame for detector 2" in failed["science-d2.fits"]
    assert (tmp_path / "out" / "science-d1-sub.fits").exists()


def test_a_fit_that_rejects_everything_says_so_and_still_writes_the_samples(
    night: Night, sky_frames: tuple[LoadedSkyFrame, ...], tmp_path: Path
) -> None:
    shifted = tmp_path / "shifted.fits"
    one = night.visit[0].exposure
    write_exposure(shifted, one.with_planes(image=one.image * 0 + np.nan))
    result = subtract([str(shifted)], sky_frames, tmp_path / "out")
    (failure,) = result.failed
    assert "2001" in failure.why
    assert "finite" in failure.why
    assert (tmp_path / "out" / "2001-samples.ecsv").exists()
    assert not list((tmp_path / "out").glob("*-sub.fits"))


def test_existing_files_are_left_alone_unless_told(
    night: Night, sky_frames: tuple[LoadedSkyFrame, ...], tmp_path: Path
) -> None:
    old = tmp_path / "science-d1-sub.fits"
    old.write_text("mine")
    result = subtract(night.science, sky_frames, tmp_path)
    # The whole visit: one half of it beside what is there would be another scale's.
    assert {Path(failure.path).name for failure in result.failed} == {
        "science-d1.fits",
        "science-d2.fits",
    }
    assert all("exists" in failure.why for failure in result.failed)
    assert old.read_text() == "mine"
    assert not (tmp_path / "science-d2-sub.fits").exists()
    result = subtract(night.science, sky_frames, tmp_path, overwrite=True)
    assert not result.failed
    assert fits.getheader(old)["SFINPUT"] == "science-d1.fits"


def test_two_exposures_never_go_to_one_file(
    night: Night, sky_frames: tuple[LoadedSkyFrame, ...], tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    twin = tmp_path / "other" / "science-d1.fits"
    twin.write_bytes(Path(night.science[0]).read_bytes())
    result = subtract([*night.science, str(twin)], sky_frames, tmp_path / "out", overwrite=True)
    assert not result.failed
    names = [Path(path).name for path in result.outputs if path.endswith("-sub.fits")]
    parent = Path(night.science[0]).parent.name
    assert sorted(names) == sorted(
        [f"{parent}-science-d1-sub.fits", "science-d2-sub.fits", "other-science-d1-sub.fits"]
    )
    assert [len(visit.fit.sources) for visit in result.visits] == [2, 1]


def test_a_file_given_twice_counts_once(
    night: Night, sky_frames: tuple[LoadedSkyFrame, ...], tmp_path: Path
) -> None:
    result = subtract([*night.science, *night.science], sky_frames, tmp_path)
    assert not result.failed
    assert len(result.visits[0].fit.solution.rejected_at) == 32


def test_files_of_one_name_without_visit_numbers_are_different_visits(
    night: Night, sky_frames: tuple[LoadedSkyFrame, ...], tmp_path: Path
) -> None:
    paths = []
    for folder, detector, factor in (("p", "1", 1), ("q", "2", 2)):
        (tmp_path / folder).mkdir()
        paths.append(str(tmp_path / folder / f"same{'' if folder == 'p' else ' '}.fits"))
        image = night.visit[int(detector) - 1].exposure.image * factor
        write_exposure(paths[-1], Exposure(image, detector=detector))
    result = subtract(paths, sky_frames, tmp_path / "out")
    assert not result.failed
    one, two = (visit.fit.solution.scale for visit in result.visits)
    assert two == pytest.approx(2 * one, rel=0.02)
    assert len(set(result.outputs)) == len(result.outputs) == 4


def test_a_sky_frame_is_never_used_for_another_detector(
    night: Night, sky_frames: tuple[LoadedSkyFrame, ...], tmp_path: Path
) -> None:
    nameless = tmp_path / "nameless.fits"
    write_exposure(nameless, Exposure(night.visit[0].exposure.image))
    result = subtract([str(nameless)], (of_detector(sky_frames, "1"),), tmp_path / "out")
    assert "no sky frame for detector (no name)" in result.failed[0].why


def test_two_sky_frames_of_one_detector_are_refused(
    sky_frames: tuple[LoadedSkyFrame, ...],
) -> None:
    with pytest.raises(SkyFrameError, match="both sky frames of detector 1"):
        load_sky_frames([sky_frames[0].path, sky_frames[0].path])


def test_one_file_too_many_does_not_tear_its_visit_apart(night: Night, tmp_path: Path) -> None:
    from skyframe_gui.files import scan
    from skyframe_gui.workflow.grouping import group_by_visit, repeated_detectors

    copy = tmp_path / "copy.fits"
    copy.write_bytes(Path(night.science[0]).read_bytes())
    sources = [source for path in (*night.science, copy) for source in scan(path)]
    visits = group_by_visit(sources)
    assert [len(members) for members in visits.values()] == [2, 1]
    assert [source.name for source in visits["2001"]] == [s.name for s in sources[:2]]
    (told,) = repeated_detectors(sources)
    assert told.startswith("copy.fits is another exposure of detector 1 of visit 2001")


def test_a_number_that_most_detectors_share_is_no_visit(night: Night) -> None:
    from dataclasses import replace

    from skyframe_gui.files import scan
    from skyframe_gui.workflow.grouping import group_by_visit, repeated_detectors

    sources = [replace(scan(path)[0], visit="20261122") for path in night.paths]
    assert [len(members) for members in group_by_visit(sources).values()] == [1] * len(sources)
    assert repeated_detectors(sources) == ()


def test_an_exposure_of_another_size_than_its_sky_frame_is_refused(
    night: Night, tmp_path: Path
) -> None:
    from skyframe_gui.engine import SkyMeasurementConfig
    from skyframe_gui.files import read_exposures, write_exposure
    from skyframe_gui.workflow.build import build_sky_frames
    from skyframe_gui.workflow.visit import solve_visits

    config = SkyMeasurementConfig()
    built = build_sky_frames(night.paths, config).sky_frames
    (exposure,) = read_exposures(night.science[0])
    small = tmp_path / "small.fits"
    write_exposure(
        small,
        type(exposure)(
            exposure.image[:150, :120],
            exposure.mask[:150, :120],
            planes=exposure.planes,
            detector=exposure.detector,
            visit=exposure.visit,
        ),
    )
    frames = {one.detector: one.sky_frame for one in built}
    (failure,) = solve_visits([small], [frames[exposure.detector]], config).failed
    assert "120 x 150 pixels but the sky frame" in failure.why
    whole = solve_visits(night.science, list(frames.values()), config).notes
    assert not any("but the sky frame" in note for note in whole)

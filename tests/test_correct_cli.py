"""The command that corrects visits: LSST's numbers from files to files, and what it says."""

from __future__ import annotations

import io
import json
import signal
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from corrections import G10, RecordedVisit, write_case
from golden import ulp_of

from skyframe_gui import cli
from skyframe_gui.files import (
    read_background_list,
    read_exposures,
    read_samples,
    write_background_list,
    write_exposure,
)
from skyframe_gui.files.fits.provenance import Provenance

if TYPE_CHECKING:
    from collections.abc import Callable

SIXTEEN = 16 * ulp_of(900.0)


def run(*arguments: object, status: int = 0) -> tuple[str, str]:
    """Run the command; return what it prints and says."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            ended = cli.app(["correct", *map(str, arguments)], standalone_mode=False) or 0
        except cli.SkyFrameError as error:
            print(error, file=err)
            ended = cli.WRONG_USAGE if isinstance(error, cli.WrongUsage) else cli.FAILED
    assert ended == status, err.getvalue()
    return out.getvalue(), err.getvalue()


def options(visit: RecordedVisit, *leave_out: str) -> list[object]:
    """Return what corrects a recorded visit."""
    words: list[object] = [*visit.exposures, "--camera", visit.camera, "--json", "--quiet"]
    if "lists" not in leave_out:
        words += [word for path in visit.lists for word in ("--background-list", path)]
    if "sky" not in leave_out:
        words += [word for path in visit.sky for word in ("--sky", path)]
    return words + [word for setting in visit.settings for word in ("--set", setting)]


def correct(visit: RecordedVisit, out: Path, *more: object, status: int = 0) -> dict[str, Any]:
    printed, _ = run(*options(visit), "-o", out, *more, status=status)
    told: dict[str, Any] = json.loads(printed)
    return told


@pytest.mark.parametrize("k", [0, 1, 2, 3, 4, 5, 7, 8, 9, 12])
def test_recorded_visit_from_files_to_files(k: int, tmp_path: Path) -> None:
    visit = write_case(k, tmp_path)
    told = correct(visit, tmp_path / "out")
    case = visit.case
    assert told["failed"] == []
    (one,) = told["visits"]
    assert one["detectors"] == visit.detectors
    if case["doSky"]:
        assert one["scale"] == pytest.approx(case["scale"], rel=1e-5)
        assert told["scale"] == one["scale"]
        samples = read_samples(tmp_path / "out" / "1001-samples.ecsv")
        recorded = np.concatenate([G10[f"c{k}_I_{name}"] for name in visit.detectors])
        ours = np.concatenate([one.image for one in samples.samples])
        np.testing.assert_allclose(ours, recorded, atol=SIXTEEN)
    else:
        assert one["scale"] is None
    sy, sx = case["step"]
    for index, (name, path) in enumerate(zip(visit.detectors, visit.exposures, strict=True)):
        corrected = tmp_path / "out" / f"{path.stem}-corr.fits"
        ours = read_background_list(tmp_path / "out" / f"{path.stem}-background.fits")
        assert len(ours) == len(case["lists"][index])
        (given,) = read_exposures(path)
        (made,) = read_exposures(corrected)
        np.testing.assert_array_equal(made.image, given.image - ours.image())
        np.testing.assert_array_equal(made.mask, given.mask)
        theirs = G10[f"c{k}_O_{name}"]
        np.testing.assert_allclose(made.image[::sy, ::sx], theirs, atol=SIXTEEN, rtol=0)
        for j, model in enumerate(ours):
            grid = G10[f"c{k}_L{j}_{name}"]
            allowed = 0 if j < len(case["old"]) else SIXTEEN
            np.testing.assert_allclose(model.grid.values, grid, atol=allowed, rtol=0)
    n_files = 2 * len(visit.detectors) + bool(case["doSky"])
    assert len(told["outputs"]) == n_files == len(list((tmp_path / "out").iterdir()))


def test_folders_name_everything_there_is(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    words = [visit.folder / "visit", "--sky", visit.folder / "sky"]
    words += ["--background-list", visit.folder / "lists", "--camera", visit.camera]
    words += [word for setting in visit.settings for word in ("--set", setting)]
    printed, said = run(*words, "--detectors", "0-2", "-o", tmp_path / "out")
    assert "background 1, sky, background 2" in printed
    assert "Visit 1001 has 3 of the 4 detectors of four" in said
    assert "no list of backgrounds" not in said
    assert len(list((tmp_path / "out").glob("*-corr.fits"))) == 3


def test_corrected_files_in_a_folder_are_not_corrected_again(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    folder = visit.exposures[0].parent
    words = [folder, "--sky", visit.folder / "sky", "--camera", visit.camera, "--json"]
    words += [word for setting in visit.settings for word in ("--set", setting)]
    first = json.loads(run(*words, "-o", folder)[0])
    again = json.loads(run(*words, "-o", tmp_path / "out")[0])
    told = [[one["visit"] for one in found["visits"]] for found in (first, again)]
    assert told[0] == told[1] == ["1001"]
    assert any("v1001-det0-corr.fits" in note and "left out" in note for note in again["notes"])


def test_lists_beside_their_exposures_are_found(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    for path in visit.lists:
        path.rename(visit.exposures[0].parent / path.name)
    whole = options(visit, "lists")
    beside = json.loads(run(*whole, "-o", tmp_path / "out")[0])["visits"][0]
    assert beside["without_background_list"] == []
    assert beside["scale"] == pytest.approx(visit.case["scale"], rel=1e-5)


def test_what_was_written_beside_an_exposure_is_no_earlier_list(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    words = [*options(visit, "lists"), "-o", visit.exposures[0].parent]
    first = json.loads(run(*words)[0])["visits"][0]
    again = json.loads(run(*words, "--overwrite")[0])["visits"][0]
    assert (
        first["without_background_list"] == again["without_background_list"] == ["0", "1", "2", "3"]
    )
    assert first["scale"] == again["scale"]
    made = visit.exposures[0].parent / "v1001-det0-background.fits"
    told = json.loads(run(*words[:-1], tmp_path / "x", "--background-list", made, status=1)[0])
    assert "is what this program subtracted from v1001-det0.fits" in told["failed"][0]["why"]
    assert told["visits"][0]["detectors"] == ["1", "2", "3"]


def test_headers_tell_how_it_was_made(tmp_path: Path) -> None:
    visit = write_case(1, tmp_path)
    correct(visit, tmp_path / "out")
    for ending in ("corr", "background"):
        header = fits.getheader(tmp_path / "out" / f"v1001-det2-{ending}.fits")
        made = Provenance.from_header(header)
        assert made is not None
        assert made.scale == pytest.approx(visit.case["scale"], rel=1e-5)
        assert made.input_file == "v1001-det2.fits"
        assert made.sky_frame == "sky-2.fits"
        assert made.extra["config bgModel1.xSize"] == "2.0"
        assert made.extra["config undoBgModel1"] == "True"
        assert made.extra["earlier backgrounds"] == "v1001-det2-background.fits"
        assert made.extra["corrected camera"] == "four"
    with fits.open(tmp_path / "out" / "v1001-det2-background.fits") as file:
        # The earlier member's errors, the sky frame's true variance, and none of background 2.
        assert [hdu.header["SFVARIS"] for hdu in file[::3]] == ["error", "variance", "error"]
        np.testing.assert_allclose(file[5].data, made.scale**2, rtol=1e-6)


def test_stages_are_told_as_data(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    told = correct(visit, tmp_path / "out", "--set", "doBgModel2=false")["visits"][0]
    names = [stage["name"] for stage in told["stages"]]
    assert names == ["restored", "background 1", "sky"]
    first = told["stages"][1]
    assert (first["superpixels"], first["least_pixels"]) == ([5, 4], pytest.approx(1777.8, abs=0.1))
    assert 0 < first["n_measured"] < 20
    assert first["level"] == pytest.approx(900, abs=100)
    assert told["stages"][2]["scale"] == told["scale"]
    assert told["config"]["bgModel1.xSize"] == 2.0
    assert (told["camera"], told["n_camera_detectors"]) == ("four", 4)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4000])


def of_another_size(path: Path) -> None:
    from skyframe_gui.engine import BackgroundModel, BinGrid

    grid = BinGrid.from_values(np.ones((3, 3)), (0, 0, 99, 99))
    write_background_list(path, [BackgroundModel(grid, "LINEAR")], overwrite=True)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [(cut, "v1001-det1-background.fits"), (of_another_size, "covers x 0 to 99, y 0 to 99, but")],
)
def test_a_spoilt_list_costs_its_exposure_only(
    spoil: Callable[[Path], None], why: str, tmp_path: Path
) -> None:
    visit = write_case(0, tmp_path)
    spoil(visit.lists[1])
    told = correct(visit, tmp_path / "out", status=1)
    (failed,) = told["failed"]
    assert failed["path"].endswith("v1001-det1.fits")
    assert why in failed["why"]
    assert told["visits"][0]["detectors"] == ["0", "2", "3"]
    assert len(list((tmp_path / "out").glob("*-corr.fits"))) == 3
    assert "Visit 1001 has 3 of the 4 detectors of four" in " ".join(told["notes"])


def test_an_exposure_that_is_cut_short_costs_itself_only(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    # The headers are whole; that rows of the image are no numbers is seen when it is read.
    packed = tmp_path / "packed.fits"
    (exposure,) = read_exposures(visit.exposures[2])
    image = fits.CompImageHDU(exposure.image, fits.Header({"DETECTOR": "2", "VISIT": 1001}))
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(packed)
    data = bytearray(packed.read_bytes())
    data[-9000:-6000] = bytes(3000)
    visit.exposures[2].write_bytes(data)
    told = correct(visit, tmp_path / "out", status=1)
    assert [Path(one["path"]).name for one in told["failed"]] == ["v1001-det2.fits"]
    assert told["visits"][0]["detectors"] == ["0", "1", "3"]


def test_without_lists_nothing_is_put_back_and_it_is_told(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    told = json.loads(run(*options(visit, "lists"), "-o", tmp_path / "out")[0])
    assert told["visits"][0]["without_background_list"] == ["0", "1", "2", "3"]
    assert any("and 1 other, so that nothing is put back" in note for note in told["notes"])
    assert len(read_background_list(tmp_path / "out" / "v1001-det0-background.fits")) == 3
    for path in visit.lists[1:]:
        path.rename(visit.exposures[0].parent / path.name)
    mixed = json.loads(run(*options(visit, "lists"), "-o", tmp_path / "mixed")[0])
    assert any("but for 3 others of the visit" in note for note in mixed["notes"])


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["bgModel1.pixelSize=1"], "bgModel1.pixelSize is 1, but a pixel of four measures 0.015"),
        (["bgModel2.pixelSize=0.00015"], "say --set bgModel2.pixelSize=0.015"),
        (["bgModel2.mask=BAD,FOO"], "in bgModel2.mask, these are not defined"),
        (
            ["doMaskObjects=false", "bgModel1.mask=FOO", "bgModel2.mask=BAD,FOO"],
            "in bgModel1.mask, bgModel2.mask, these are not defined",
        ),
        (["bgModel2.xSize=0.0075"], "bgModel2 has superpixels of 0.5 x "),
    ],
)
def test_what_looks_like_a_mistake_is_told(settings: list[str], words: str, tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    more = [word for setting in settings for word in ("--set", setting)]
    more += ["--set", "bgModel2.minFrac=0.00001"]
    assert any(words in note for note in correct(visit, tmp_path / "out", *more)["notes"])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--set", "bgModel1.minFrac=3"], "Lower minFrac"),
        (["--camera", "HSC"], "has 128 x 160 pixels, but detector"),
    ],
)
def test_a_visit_that_cannot_be_corrected_says_why(
    more: list[str], words: str, tmp_path: Path
) -> None:
    visit = write_case(0, tmp_path)
    told = correct(visit, tmp_path / "out", *more, status=1)
    assert told["visits"] == []
    assert words in " ".join(one["why"] for one in told["failed"])
    assert list((tmp_path / "out").iterdir()) == []


def test_sky_frames_are_chosen_by_detector_and_camera(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    visit.sky[3].unlink()
    words = [*options(visit, "sky"), "--sky", visit.folder / "sky", "-o", tmp_path / "out"]
    told = json.loads(run(*words, status=1)[0])
    assert "There is no sky frame for detector 3, only for: 0, 1, 2" in told["failed"][0]["why"]
    assert told["visits"][0]["detectors"] == ["0", "1", "2"]


def test_a_number_that_is_another_detectors_name_finds_no_frame_of_that(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    table = json.loads(visit.camera.read_text())
    for number, row in enumerate(table["detectors"]):
        row["id"] = (number + 3) % 4  # detector 0 has the number 3, detector 1 the number 0
    visit.camera.write_text(json.dumps(table))
    visit.sky[1].unlink()
    words = [*options(visit, "sky"), "--sky", visit.folder / "sky", "-o", tmp_path / "out"]
    told = json.loads(run(*words, status=1)[0])
    assert "There is no sky frame for detector 1" in told["failed"][0]["why"]
    assert sorted(told["visits"][0]["detectors"]) == ["0", "2", "3"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "doApplyFlatBackgroundRatio=true"], "doApplyFlatBackgroundRatio, for visits"),
        (["--set", "bgModel1.xsize=2"], "there is no field bgModel1.xsize"),
        (["--set", "doSky=true"], "Sky frames are needed with --sky"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_read(
    words: list[str], said: str, tmp_path: Path
) -> None:
    _, err = run(tmp_path / "none.fits", "-o", tmp_path / "out", *words, status=2)
    assert said in err
    assert not (tmp_path / "out").exists()


def test_two_cameras_in_one_call_are_both_corrected(tmp_path: Path) -> None:
    one = write_case(0, tmp_path / "a")
    other = write_case(0, tmp_path / "b", visit="2002")
    for visit, name in ((one, "First"), (other, "Second")):
        for path in visit.exposures:
            (exposure,) = read_exposures(path)
            path.unlink()
            header = fits.Header({"INSTRUME": name})
            write_exposure(
                path,
                type(exposure)(
                    exposure.image, exposure.mask, header=header,
                    detector=exposure.detector, visit=exposure.visit,
                ),
            )  # fmt: skip
    # The second has no list: that of the first, which is called after it, is not taken for both.
    words = [*options(one), *other.exposures, "-o", tmp_path / "out"]
    told = json.loads(run(*words)[0])
    assert [visit["without_background_list"] for visit in told["visits"]] == [[], list("0123")]
    assert [visit["visit"] for visit in told["visits"]] == ["1001", "2002"]
    note = next(note for note in told["notes"] if "several cameras" in note)
    assert "First: 1001; Second: 2002" in note


def test_a_file_that_stands_in_the_way_keeps_the_visit_unwritten(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    (tmp_path / "out").mkdir()
    there = tmp_path / "out" / "v1001-det3-background.fits"
    there.write_text("mine")
    told = correct(visit, tmp_path / "out", status=1)
    assert told["outputs"] == []
    assert "exists already and was left alone" in told["failed"][0]["why"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == [there.name]


@pytest.mark.parametrize("when", ["Sampling", "Writing visit 1001"])
def test_stopped_in_the_middle_nothing_is_left(
    when: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skyframe_gui.engine.progress import Watch

    visit = write_case(0, tmp_path)
    step = Watch.step

    def stop(watch: Watch, done: int, total: int, label: str = "") -> None:
        if label == when:
            watch.cancel()
        step(watch, done, total, label)

    monkeypatch.setattr(Watch, "step", stop)
    _, said = run(*options(visit), "-o", tmp_path / "out", status=128 + signal.SIGINT)
    assert "Stopped; files that were finished stay." in said
    assert list((tmp_path / "out").iterdir()) == []


def test_objects_are_found_anew_also_without_any_variance(tmp_path: Path) -> None:
    visit = write_case(0, tmp_path)
    for path in visit.exposures:
        (exposure,) = read_exposures(path)
        path.unlink()
        write_exposure(
            path,
            type(exposure)(
                exposure.image, exposure.mask, np.zeros_like(exposure.image),
                detector=exposure.detector, visit=exposure.visit,
            ),
        )  # fmt: skip
    more = ("--set", "doMaskObjects=true", "--set", "bgModel2.minFrac=0.01")
    told = correct(visit, tmp_path / "out", *more)
    assert any("its variance is 0 everywhere" in note for note in told["notes"])
    (made,) = read_exposures(tmp_path / "out" / "v1001-det0-corr.fits")
    (given,) = read_exposures(visit.exposures[0])
    assert made.has_variance
    np.testing.assert_array_equal(made.mask, given.mask)


def test_help_names_what_is_written() -> None:
    out = io.StringIO()
    with redirect_stdout(out):
        cli.app(["correct", "--help"], standalone_mode=False)
    assert "x-corr.fits" in out.getvalue()

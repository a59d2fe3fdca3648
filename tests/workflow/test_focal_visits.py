"""Nothing is averaged over a focal plane that does not belong there, and nothing goes unsaid."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits

from skyframe_gui.engine import Exposure, SkyFrameError, SkyMeasurementConfig
from skyframe_gui.engine.config import BackgroundConfig
from skyframe_gui.files import write_exposure
from skyframe_gui.files.cameras import read_camera_table
from skyframe_gui.files.config.sky_image import read_both
from skyframe_gui.workflow import normalising
from skyframe_gui.workflow.build import NothingBuiltError, build_sky_frames
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from skyframe_gui.workflow.build import BuildResult

SIDE = 64
CONFIG = SkyMeasurementConfig(background=BackgroundConfig(xBinSize=32, yBinSize=32))


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., str]:
    def write(kinds: str = "aaaa", name: str = "Cam", **more: Any) -> str:
        path = tmp_path / f"{name}-{kinds}.json"
        rows = [
            {
                "id": number + 1,
                "name": f"S{number + 1}",
                "kind": kind,
                "size": [SIDE, SIDE],
                "affine": [0.01, 0, 0, 0.01, 0.7 * (number % 2), 0.7 * (number // 2)],
            }
            for number, kind in enumerate(kinds)
        ]
        sizes = {"xSize": 0.32, "ySize": 0.32, "pixelSize": 0.01}
        configs = {"largeScaleBackground": {"values": sizes}}
        content = {"name": name, "detectors": rows, "configs": configs}
        path.write_text(json.dumps(content | more))
        return str(path)

    return write


@pytest.fixture
def exposure(tmp_path: Path) -> Callable[..., str]:
    rng = np.random.default_rng(5)

    def write(
        visit: int | None, detector: str, level: float = 1000, noise: float = 3, **cards: Any
    ) -> str:
        side = cards.pop("side", SIDE)
        image = (level + noise * rng.normal(size=(side, side))).astype(np.float32)
        own = {"INSTRUME": "Cam", "FILTER": "r", "EXPTIME": 60.0}
        if visit is not None:
            own |= {"EXPNUM": visit, "DATE-OBS": f"2026-03-14T01:{visit % 60:02d}:00"}
        header = fits.Header(own | {key: card for key, card in cards.items() if key != "tag"})
        letter = cards.get("tag", "a")
        name = f"e{letter}{visit or ''}-{detector}.fits"
        write_exposure(tmp_path / name, Exposure(image, header=header, detector=detector))
        return str(tmp_path / name)

    return write


def over(
    paths: list[str], camera: str | None, how: Normalise = Normalise.FOCAL_PLANE
) -> BuildResult:
    return build_sky_frames(
        paths, CONFIG, normalise=how, camera=camera, mask_objects=MaskObjects.NEVER
    )


def night(exposure: Callable[..., str], visits: int = 2, n: int = 4, **more: Any) -> list[str]:
    return [exposure(11 + v, str(d + 1), **more) for v in range(visits) for d in range(n)]


def counts(result: BuildResult) -> dict[str, int]:
    return {one.detector: len(one.sources) for one in result.sky_frames}


def test_number_and_name_of_one_detector(
    table: Callable[..., str], exposure: Callable[..., str]
) -> None:
    paths = night(exposure)
    other = exposure(11, "S1", level=3000)
    result = over([*paths, other], table())
    (failure,) = result.failed
    assert failure.path == other
    assert "is of detector S1 of visit 11, as " in failure.why
    for one in result.sky_frames:
        assert np.abs(one.levels).max() < 1010


def test_units_within_a_visit(table: Callable[..., str], exposure: Callable[..., str]) -> None:
    paths = [exposure(11, str(d), BUNIT="electron") for d in (1, 3, 4)]
    odd = exposure(11, "2", level=250, BUNIT="adu")
    result = over([*paths, odd], table())
    assert [one.path for one in result.failed] == [odd]
    assert "is in adu, but most exposures of visit 11 are in electron" in result.failed[0].why
    half = [exposure(12, str(d), BUNIT="adu" if d > 2 else "electron") for d in (1, 2, 3, 4)]
    result = over([*paths, *half], table())
    assert sorted(one.path for one in result.failed) == sorted(half)
    assert "different units (electron and adu)" in result.failed[0].why


def test_exposures_of_no_visit(table: Callable[..., str], exposure: Callable[..., str]) -> None:
    paths = [exposure(None, str(d), tag=letter) for letter in "xy" for d in (1, 2, 3, 4)]
    with pytest.raises(NothingBuiltError) as raised:
        over(paths, table())
    assert len(raised.value.failed) == 8
    assert "of which visit it is" in raised.value.failed[0].why
    result = over(paths, table(), Normalise.AUTO)
    assert result.normalise is Normalise.NONE
    assert "as 0 of 8 exposures are of visits" in result.notes[0]
    assert "lays out nothing" in result.notes[0]


def test_number_that_all_visits_share(
    table: Callable[..., str], exposure: Callable[..., str]
) -> None:
    paths = [
        exposure(11, str(d), tag=letter, **{"DATE-OBS": f"2026-03-14T02:0{minute}:00"})
        for minute, letter in enumerate("xyz")
        for d in (1, 2, 3, 4)
    ]
    with pytest.raises(NothingBuiltError, match="of which visit it is"):
        over(paths, table())


def test_mirrored_read_out(table: Callable[..., str], exposure: Callable[..., str]) -> None:
    paths = night(exposure)
    odd = exposure(13, "1", LTM1_1=-1.0, LTM2_2=1.0)
    result = over([*paths, odd], table())
    assert [one.path for one in result.failed] == [odd]
    assert "was read out mirrored along x, but the camera's table has" in result.failed[0].why
    told = build_sky_frames(
        [*paths, odd],
        CONFIG,
        normalise=Normalise.FOCAL_PLANE,
        camera=table(),
        mask_objects=MaskObjects.NEVER,
        identity={"orientation": "+x+y"},
    )
    assert not told.failed


@pytest.mark.parametrize("noise", [0.5, 5.0, 30.0, 300.0])
@pytest.mark.parametrize("left", [0.0, 0.1])
def test_night_without_its_sky(
    noise: float, left: float, table: Callable[..., str], exposure: Callable[..., str]
) -> None:
    paths = night(exposure, 6, level=left * noise, noise=noise)
    with pytest.raises(SkyFrameError, match="in 6 of 6 visits: in visit 11 the level") as raised:
        over(paths, table(), Normalise.AUTO)
    assert not getattr(raised.value, "failed", ())


@pytest.mark.parametrize("sky", [3.0, 5.0, 20.0, 1000.0])
def test_faint_skies_are_skies(
    sky: float, table: Callable[..., str], exposure: Callable[..., str]
) -> None:
    result = over(night(exposure, level=sky, noise=float(np.sqrt(sky + 49))), table())
    assert not result.failed
    assert counts(result) == dict.fromkeys("1234", 2)


def test_one_visit_without_its_sky(table: Callable[..., str], exposure: Callable[..., str]) -> None:
    odd = [exposure(31, str(d), level=0) for d in (1, 2, 3, 4)]
    result = over([*night(exposure), *odd], table())
    assert sorted(one.path for one in result.failed) == sorted(odd)
    assert "Visit 31: the level" in result.failed[0].why
    assert counts(result) == dict.fromkeys("1234", 2)


def test_hot_and_dead_detectors(table: Callable[..., str], exposure: Callable[..., str]) -> None:
    level = {"1": 100, "2": 3000, "3": 100, "4": 100}
    paths = [exposure(v, d, level=level[d]) for v in (11, 12) for d in level]
    result = over(paths, table())
    assert not result.failed
    hot = [note for note in result.notes if note.startswith("Detector S2 has")]
    assert len(hot) == 1
    assert all(one < 600 for frame in result.sky_frames for one in frame.levels)
    dead = [exposure(v, "3", level=0, noise=noise) for v, noise in ((21, 0), (22, 3))]
    alive = [exposure(v, d) for v in (21, 22) for d in "124"]
    result = over([*dead, *alive], table())
    assert sorted(one.path for one in result.failed) == sorted(dead)
    assert all("as a dead detector has" in one.why for one in result.failed)
    assert counts(result) == dict.fromkeys("124", 2)


def test_type_without_sky_leaves_the_other(
    table: Callable[..., str], exposure: Callable[..., str]
) -> None:
    faint = [exposure(13, d, level=0) for d in "24"]
    bright = [exposure(13, d) for d in "13"]
    result = over([*night(exposure), *faint, *bright], table("EIEI"))
    assert sorted(one.path for one in result.failed) == sorted(faint)
    assert "Visit 13: detectors of type I: the level" in result.failed[0].why
    assert counts(result) == {"1": 3, "2": 2, "3": 3, "4": 2}


def test_third_type_and_missing_detectors_are_told(
    table: Callable[..., str], exposure: Callable[..., str]
) -> None:
    paths = [*night(exposure), *(exposure(13, d) for d in "24")]
    notes = " ".join(over(paths, table("EIXE")).notes)
    assert "each of the types E and I its own (the other types, X, take that of E)" in notes
    assert "Visit 13 (2) lacks some of the 4 detectors" in notes


def test_stray_files_leave_auto_alone(
    table: Callable[..., str], exposure: Callable[..., str]
) -> None:
    stray = [exposure(11, "9"), exposure(13, "1", side=SIDE // 2)]
    result = over([*night(exposure), *stray], table(), Normalise.AUTO)
    assert result.normalise is Normalise.FOCAL_PLANE
    assert sorted(one.path for one in result.failed) == sorted(stray)


def test_minority_of_visits_is_told(
    table: Callable[..., str], exposure: Callable[..., str]
) -> None:
    alone = [exposure(20 + v, "1") for v in range(9)]
    result = over([*night(exposure), *alone], table(), Normalise.AUTO)
    assert result.normalise is Normalise.NONE
    assert "as 8 of 17 exposures are of visits" in result.notes[0]
    assert "--normalise focal-plane does it" in result.notes[0]
    for how in (Normalise.NONE, Normalise.LEVEL):
        (note, *_) = over(alone, table(), how).notes
        assert f"as --normalise {how} asks for; so --camera" in note


def test_two_cameras_with_one_table(
    table: Callable[..., str], exposure: Callable[..., str]
) -> None:
    others = [exposure(40 + v, d, INSTRUME="Other", tag="o") for v in (1, 2) for d in "1234"]
    result = over([*night(exposure), *others], table(), Normalise.AUTO)
    told = Counter("The visits are of several cameras" in note for note in result.notes)
    assert told[True] == 1


def test_camera_without_a_table_beside_one_with(
    table: Callable[..., str], exposure: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = read_camera_table(table())

    def camera_of(sources: list[Any], *given: Any) -> Any:
        if sources[0].instrument == "Cam":
            return known
        raise SkyFrameError("Nobody knows it.")

    monkeypatch.setattr(normalising, "camera_of", lambda sources, *_, **__: camera_of(sources))
    others = [exposure(41, d, INSTRUME="Other", tag="o") for d in "1234"]
    result = over([*night(exposure), *others], None, Normalise.AUTO)
    assert result.normalise is Normalise.FOCAL_PLANE
    assert sorted(one.path for one in result.failed) == sorted(others)
    assert {one.why for one in result.failed} == {"Nobody knows it."}


def test_settings_that_do_nothing_or_cannot_be(
    table: Callable[..., str], exposure: Callable[..., str]
) -> None:
    paths = night(exposure)
    for path in paths:
        with fits.open(path, mode="update") as file:
            mask = fits.ImageHDU(np.zeros((SIDE, SIDE), np.int32), name="MASK")
            mask.header["MP_BAD"] = 0
            file.append(mask)

    def build_with(*settings: str) -> BuildResult:
        _, changes, _ = read_both(None, settings)
        return build_sky_frames(
            paths,
            CONFIG,
            normalise=Normalise.FOCAL_PLANE,
            camera=table(),
            mask_objects=MaskObjects.NEVER,
            adjust=changes,
        )

    assert "maskList" not in " ".join(build_with().notes)
    notes = " ".join(build_with('maskList=["FOO"]').notes)
    assert "Of the mask planes in maskList, these are not defined" in notes
    with pytest.raises(SkyFrameError, match=r"^largeScaleBackground.interpolation is NONE"):
        build_with("largeScaleBackground.interpolation=NONE")
    with pytest.raises(SkyFrameError, match="begins with largeScaleBackground or maskList or"):
        read_both(None, ["largeScaleGround.xSize=3"])


def test_tables_with_names_and_numbers_that_cannot_be(table: Callable[..., str]) -> None:
    sizes = {"values": {"xSize": 1.0, "ySize": 1.0}}
    with pytest.raises(SkyFrameError, match=r"configs\.largescaleBackground"):
        read_camera_table(table(configs={"largescaleBackground": sizes}))
    odd = {"values": {"xsize": 5}}
    with pytest.raises(SkyFrameError, match="bgModel1 has no field xsize"):
        read_camera_table(table(configs={"bgModel1": odd}))
    row = {"size": [8, 8], "affine": [1, 0, 0, 1, 0, 0], "id": 7}
    twice = [row | {"name": "N1"}, row | {"name": "N2"}]
    with pytest.raises(SkyFrameError, match="detectors N1 and N2 have the same id 7"):
        read_camera_table(table(detectors=twice))


def test_camera_laid_out_by_mirrored_exposures(
    table: Callable[..., str], exposure: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = replace(read_camera_table(table()), own_pixels=True)
    monkeypatch.setattr(normalising, "camera_of", lambda *_, **__: known)
    paths = night(exposure, LTM1_1=-1.0, LTM2_2=1.0)
    odd = exposure(13, "1", LTM1_1=1.0, LTM2_2=1.0)
    result = over([*paths, odd], None)
    assert [one.path for one in result.failed] == [odd]
    assert "laid out by exposures that were read out mirrored along x" in result.failed[0].why

"""Files to pixels, and a night to its sky frame, against astropy and a script that uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits

from skyframe_gui.engine import BackgroundConfig, MaskPlanes, SkyMeasurementConfig
from skyframe_gui.files import scan
from skyframe_gui.workflow.build import build_sky_frames
from skyframe_gui.workflow.outputs import load_sky_frames, write_built
from skyframe_gui.workflow.subtract import subtract_visits

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Table
    from pytest_benchmark.fixture import BenchmarkFixture

HEIGHT, WIDTH = 4096, 2048
EXPOSURES = 40
DIFFERENT = 4
"""Exposures that are made; the others of the night are copies under other names and numbers."""


def date_of(number: int) -> str:
    return f"2026-01-01T03:{number:02}:00"


def hdus(number: int, *, compressed: bool) -> fits.HDUList:
    rng = np.random.default_rng(number % DIFFERENT)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    sky = (1000 + 20 * number) * (1 + 0.02 * np.sin(x / 900) * np.cos(y / 700))
    image = (sky + rng.normal(0, 8, sky.shape)).astype(np.float32)
    mask = np.where(rng.random(sky.shape) < 0.01, 1, 0).astype(np.int32)
    variance = np.full(sky.shape, 64, np.float32) + rng.random(sky.shape).astype(np.float32)
    primary = fits.PrimaryHDU()
    primary.header["EXPID"] = number
    primary.header["OBSTYPE"] = "SKY"
    primary.header["DATE-OBS"] = date_of(number)
    made = fits.HDUList([primary])
    for name, plane in (("IMAGE", image), ("MASK", mask), ("VARIANCE", variance)):
        kind = {"dither_seed": 1, "quantize_method": 1} if plane.dtype == np.float32 else {}
        made.append(
            fits.CompImageHDU(plane, name=name, compression_type="RICE_1", **kind)
            if compressed
            else fits.ImageHDU(plane, name=name)
        )
    for name, bit in MaskPlanes.LSST_DEFAULT.items():
        made["MASK"].header[f"HIERARCH MP_{name}"] = bit
    return made


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder: Path = tmp_path_factory.mktemp("night")
    paths = [folder / f"calexp-{number:03}.fits" for number in range(EXPOSURES)]
    for number, path in enumerate(paths[:DIFFERENT]):
        hdus(number, compressed=True).writeto(path)
    for number, path in enumerate(paths[DIFFERENT:], DIFFERENT):
        data = bytearray(paths[number % DIFFERENT].read_bytes())
        card = data.find(b"EXPID   =")
        data[card : card + 30] = f"EXPID   = {number:20}".encode()
        date = data.find(date_of(number % DIFFERENT).encode())
        data[date : date + len(date_of(number))] = date_of(number).encode()
        path.write_bytes(data)
    return paths


def test_three_rice_planes(benchmark: BenchmarkFixture, table: Table, night: list[Path]) -> None:
    def peer() -> list[object]:
        with fits.open(night[0]) as file:
            return [file[name].data for name in ("IMAGE", "MASK", "VARIANCE")]

    def ours() -> object:
        (source,) = scan(night[0])
        exposure = source.read()
        return exposure.image, exposure.mask, exposure.variance

    table.compare(benchmark, "three Rice planes, against astropy", ours, peer)


def test_plain_planes(benchmark: BenchmarkFixture, table: Table, tmp_path: Path) -> None:
    path = tmp_path / "plain.fits"
    hdus(0, compressed=False).writeto(path)
    (source,) = scan(path)
    planes = [np.zeros((HEIGHT, WIDTH), np.float32) for _ in range(3)]
    others = [np.ones((HEIGHT, WIDTH), np.float32) for _ in range(3)]

    def ours() -> object:
        exposure = source.read()
        return exposure.image, exposure.mask, exposure.variance

    def copy() -> None:
        for one, other in zip(planes, others, strict=True):
            np.copyto(one, other)

    table.compare(benchmark, "plain planes read, against a copy", ours, copy)


def test_a_night(benchmark: BenchmarkFixture, table: Table, night: list[Path]) -> None:
    """One core's script reads, bins and averages; the script leaves out what nobody would miss."""
    from astropy.stats import SigmaClip, sigma_clip
    from photutils.background import Background2D, MeanBackground

    few = night[: EXPOSURES // 8]  # of which the script takes its time; each costs it the same

    def peer() -> object:
        grids = []
        for path in few:
            with fits.open(path) as file:
                image, mask = file["IMAGE"].data, file["MASK"].data
                assert file["VARIANCE"].data is not None
            clip = SigmaClip(3.0, maxiters=3)
            bad = (mask & 1) != 0
            background = Background2D(
                image, 128, mask=bad, filter_size=1, sigma_clip=clip,
                bkg_estimator=MeanBackground(),
            )  # fmt: skip
            grids.append(background.background_mesh)
        return np.ma.mean(sigma_clip(np.array(grids), sigma=3, axis=0), axis=0)

    def ours() -> object:
        background = BackgroundConfig(xBinSize=128, yBinSize=128, mask=("BAD",))
        built = build_sky_frames(night, SkyMeasurementConfig(background=background))
        (frame,) = built.sky_frames
        assert len(frame.sources) == len(night)
        return built

    row = "a night of Rice exposures, against a script"
    table.compare(benchmark, row, ours, peer, rounds=1, share=len(night) / len(few))


DETECTORS = 62


@pytest.fixture(scope="module")
def triple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the image file of a camera's image, mask and weight, with headers as long as real."""
    folder: Path = tmp_path_factory.mktemp("triple")
    rng = np.random.default_rng(1)
    shape = (100, 100)
    for product in "idw":
        primary = fits.PrimaryHDU()
        primary.header.update({"INSTRUME": "DECam", "EXPNUM": 7, "FILTER": "r DECam SDSS c0002"})
        primary.header.update({f"CARD{n:03}": n / 7 for n in range(160)})
        made = fits.HDUList([primary])
        for number in range(1, DETECTORS + 1):
            pixels = {
                "i": rng.normal(1000, 8, shape).astype(np.float32),
                "d": np.zeros(shape, np.int32),
                "w": np.full(shape, 1 / 64, np.float32),
            }[product]
            hdu = fits.ImageHDU(pixels, name=f"S{number}")
            hdu.header["CCDNUM"] = number
            hdu.header.update({f"CARD{n:03}": (n / 7, "of the detector") for n in range(140)})
            made.append(hdu)
        made.writeto(folder / f"c4d_170316_062107_oo{product}_r_v1.fits")
    return folder / "c4d_170316_062107_ooi_r_v1.fits"


def test_one_detector_of_many(benchmark: BenchmarkFixture, table: Table, triple: Path) -> None:
    sources = scan(triple)
    turns = iter(sources * 2)
    table.time(benchmark, "one detector of a triple of 62", lambda: next(turns).read())


def test_a_small_visit(
    benchmark: BenchmarkFixture, table: Table, triple: Path, tmp_path: Path
) -> None:
    background = BackgroundConfig(xBinSize=50, yBinSize=50)
    config = SkyMeasurementConfig(background=background)

    def ours() -> object:
        built = build_sky_frames([triple], config)
        written, _ = write_built(built, tmp_path / "sky", config, True)
        assert len(written) == DETECTORS
        frames = load_sky_frames([path for _, path in written])
        done = subtract_visits([triple], frames, config, tmp_path / "out", overwrite=True)
        assert not done.failed
        return done

    row = "a small visit of 62 detectors: sky frame and subtraction"
    (tmp_path / "sky").mkdir()
    table.time(benchmark, row, ours, rounds=3)

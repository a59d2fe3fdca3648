"""The focal plane of 189 detectors: what a moved control costs the window, and what is kept."""

from __future__ import annotations

import time
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io.fits import Header
from PyQt6.QtWidgets import QApplication
from test_window_speed import Gaps, wait

from skyframe_gui.app.collector import Collector
from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.camera_view import CameraView
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.program import Program
from skyframe_gui.app.work.pyramids import prepare
from skyframe_gui.app.work.thumbnails import bins_of
from skyframe_gui.engine import Exposure
from skyframe_gui.engine.thumbnail import thumbnail_of
from skyframe_gui.files import read_camera, write_exposure
from skyframe_gui.ui.camera.plane_picture import PlaneContent
from skyframe_gui.ui.camera.rows import Plane, Row
from skyframe_gui.ui.images.stretch import lookup
from skyframe_gui.ui.preload import Preload
from skyframe_gui.ui.theme import DARK, apply
from skyframe_gui.ui.window import MainWindow
from skyframe_gui.workflow.detector_places import Layout, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Table
    from pytest_benchmark.fixture import BenchmarkFixture

    from skyframe_gui.ui.graph.plane_view import PlaneView

SIZE = (1600, 1000)


@pytest.fixture(scope="module")
def plane() -> Plane:
    """LSSTCam with thumbnails of full size, all of them different."""
    prepare()
    rng = np.random.default_rng(2)
    detectors = [one for one in read_camera("LSSTCam").detectors if one.science]
    places = tuple(
        Place(
            name=str(one.id),
            kind=one.kind,
            width=one.width,
            height=one.height,
            affine=one.affine,
            number=number,
        )
        for number, one in enumerate(detectors)
    )
    keys = tuple(place.name for place in places)
    layout = Layout(camera="LSSTCam", unit="mm", places=places, pixel=0.01)
    image = rng.normal(1000, 30, (4000, 4072)).astype(np.float32)
    first = thumbnail_of(Exposure(image), ())
    thumbnails = {
        key: replace(first, means=read_only(first.means + k)) for k, key in enumerate(keys)
    }
    models = {key: read_only(np.full(first.means.shape, 1000 + k)) for k, key in enumerate(keys)}
    bins = {key: bins_of(thumbnails[key], models[key], 128) for key in keys}
    view = CameraView(
        visit="1",
        keys=keys,
        layout=layout,
        thumbnails=MappingProxyType(thumbnails),
        models=MappingProxyType(models),
        bins=MappingProxyType(bins),
    )
    rows = tuple(
        Row(
            name=place.name,
            key=place.name,
            place=place,
            why="",
            fitted=k,
            warned=k % 20 == 0,
            pull=0.0,
            apart=0.0,
            beside=0.0,
        )
        for k, place in enumerate(places)
    )
    return Plane(view=view, rows=rows, unit="electron")


def read_only(values: np.ndarray) -> np.ndarray:
    found = values.astype(np.float32)
    found.flags.writeable = False
    return found


def content_of(plane: Plane, layer: str, scale: float) -> PlaneContent:
    return PlaneContent(
        plane=plane,
        layer=layer,  # type: ignore[arg-type]
        scale=scale,
        limits=(-20.0, 20.0),
        lut=lookup("CET-D4"),
        nothing=0xFF4A4E55,
    )


@pytest.fixture
def view(qapp: QApplication) -> Iterator[PlaneView]:
    from skyframe_gui.ui.graph.plane_view import PlaneView

    apply(qapp, DARK)
    made = PlaneView()
    made.resize(*SIZE)
    made.show()
    qapp.processEvents()
    yield made
    made.close()


@pytest.mark.parametrize("layer", ["residual", "exposure"])
def test_moving(
    benchmark: BenchmarkFixture, table: Table, view: PlaneView, plane: Plane, layer: str
) -> None:
    view.show_plane(content_of(plane, layer, 1.0), "94", DARK)
    far, turns, port = 40 / view.whole.zoom, iter(range(1_000)), view.viewport()
    assert port is not None

    def pan() -> None:
        view.box.translateBy(x=far if next(turns) % 2 else -far, y=0)
        port.repaint()

    table.time(benchmark, f"focal plane of 189, pan, {layer}", pan, rounds=40)


@pytest.mark.parametrize("layer", ["residual", "exposure"])
def test_zooming(
    benchmark: BenchmarkFixture, table: Table, view: PlaneView, plane: Plane, layer: str
) -> None:
    view.show_plane(content_of(plane, layer, 1.0), "94", DARK)
    turns, port = iter(range(1_000)), view.viewport()
    assert port is not None

    def zoom() -> None:
        view.box.scaleBy((0.8, 0.8) if next(turns) % 2 else (1.25, 1.25))
        port.repaint()

    table.time(benchmark, f"focal plane of 189, zoom, {layer}", zoom, rounds=40)


def test_slider(benchmark: BenchmarkFixture, table: Table, view: PlaneView, plane: Plane) -> None:
    scales, port = iter(np.linspace(0.9, 1.1, 1_000)), view.viewport()
    assert port is not None

    def drag() -> None:
        view.show_plane(content_of(plane, "residual", float(next(scales))), "94", DARK)
        port.repaint()

    table.time(benchmark, "focal plane of 189, trial scale", drag, rounds=40)


def test_a_thumbnail(benchmark: BenchmarkFixture, table: Table, plane: Plane) -> None:
    view = plane.view
    whole = sum(one.nbytes for one in view.thumbnails.values())
    whole += sum(one.nbytes for one in view.models.values())
    table.note("focal plane of 189, thumbnails", whole / (1 << 20))
    rng = np.random.default_rng(2)
    image = rng.normal(1000, 30, (4096, 4096)).astype(np.float32)
    exposure = Exposure(image, (rng.random(image.shape) < 0.01).astype(np.int32))
    row = "one thumbnail, 4096 x 4096"
    table.time(benchmark, row, lambda: thumbnail_of(exposure, ("BAD",)), rounds=12)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Three exposures of each of LSSTCam's detectors, binned 8 x 8."""
    folder = tmp_path_factory.mktemp("lsst")
    rng = np.random.default_rng(3)
    found = []
    for one in read_camera("LSSTCam").detectors:
        if not one.science:
            continue
        shape = (one.height // 8, one.width // 8)
        x = np.linspace(0, 3, shape[1], dtype=np.float32)
        for number in range(3):
            image = (1000 + 10 * number) * (1 + 0.02 * np.sin(x))
            header = {"INSTRUME": "LSSTCam", "CCDSUM": "8 8"}
            exposure = Exposure(
                (image + rng.normal(0, 8, shape)).astype(np.float32),
                np.where(rng.random(shape) < 0.01, 32, 0).astype(np.int32),
                detector=str(one.id),
                visit=str(number),
                header=Header(header),
            )
            path = folder / f"v{number}-d{one.id}.fits"
            write_exposure(path, exposure)
            found.append(str(path))
    return found


def test_the_window(
    benchmark: BenchmarkFixture, table: Table, qapp: QApplication, files: list[str]
) -> None:
    """From files to the focal plane of a fitted visit, and another config for all of it."""
    store, commands, window, collector = a_window()
    commands.open(files)
    settle(commands)
    commands.build()
    settle(commands)
    commands.select_exposure(store.state.exposures[0].key)
    settle(commands)
    gaps = Gaps()
    begun = time.perf_counter()
    commands.show_workspace("camera")
    wait(lambda: store.state.results.camera is not None)
    table.note("focal plane of 189, opened", 1e3 * (time.perf_counter() - begun))
    settle(commands)
    view = store.state.results.camera
    assert view is not None
    assert len(view.thumbnails) == 189
    numbers = iter(range(5, 100))

    def whole() -> None:
        config = store.state.config.model_copy(update={"xNumSamples": next(numbers)})
        commands.set_config(config)
        settle(commands)

    benchmark.pedantic(whole, rounds=2)
    table.note("longest gap, focal plane of 189 sampled anew", gaps.end())
    window.close()
    collector.close()


def test_opening(benchmark: BenchmarkFixture, table: Table, files: list[str]) -> None:
    """A visit of 189 exposures opened while its focal plane is shown."""
    store, commands, window, collector = a_window()
    commands.show_workspace("camera")
    settle(commands)
    gaps = Gaps()
    visit = [path for path in files if "v0-" in path]

    def open_all() -> None:
        commands.open(visit)
        settle(commands)

    benchmark.pedantic(open_all, rounds=1)
    stats = benchmark.stats
    assert stats is not None
    table.note("189 detectors opened into their focal plane", stats.stats.median)
    table.note("longest gap, opening 189 into their focal plane", gaps.end())
    view = store.state.results.camera
    assert view is not None
    assert len(view.thumbnails) == 189
    window.close()
    collector.close()


def a_window() -> tuple[Store, Commands, MainWindow, Collector]:
    """Return an empty window in which all panels are made."""
    store = Store()
    commands = Commands(Program(store))
    window = MainWindow(store, commands)
    collector = Collector(commands.program)  # as the program itself does
    window.resize(*SIZE)
    window.show()
    ready: list[bool] = []
    preload = Preload(window)
    preload.imported.connect(lambda: ready.append(True))
    preload.start()
    wait(lambda: bool(ready) and not preload.busy)
    return store, commands, window, collector


def settle(commands: Commands) -> None:
    wait(lambda: not commands.program.busy)
    QApplication.processEvents()

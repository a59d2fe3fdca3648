"""Make the pictures of the window in ``resources/manual/images`` anew, from simulated nights.

``python docs/screenshots.py``; without a display. The night is that of nine square detectors: what
the demonstration shows in three small ones. That of the focal plane is of DECam's, binned.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from astropy.io.fits import Header
from PyQt6.QtCore import QEventLoop, QTimer

from skyframe_gui.app.model.cuts import Cut, Region
from skyframe_gui.engine import Exposure, SkyMeasurementConfig
from skyframe_gui.engine.hand_masks import HandMask
from skyframe_gui.files import read_camera, write_exposure
from skyframe_gui.files.config.correction import read_correction
from skyframe_gui.simulate import Camera, simulate_night, simulate_visit
from skyframe_gui.ui.main import make_application, make_window

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.window import MainWindow

IMAGES = Path(__file__).parent.parent / "resources" / "manual" / "images"
CAMERA = Camera(n_detectors=9, width=1024, height=1024, seed=3)
N_VISITS, SCIENCE, LEVEL, TILT = 8, 2001, 1170.0, 11.0
PIXEL = 0.015
SUPERPIXELS = {"bgModel1": 15.36, "bgModel2": 3.84}
"""Millimetres."""
MOSAIC, BINNING = Camera(n_detectors=60, width=256, height=512, seed=3, name="DECam"), 8
"""Two detectors of DECam are dead."""
MISSING, ODD, TOO_BRIGHT, BOWL = ("30",), "29", 0.012, 6.0
"""Of the focal plane's science visit: without a file; too bright by this part; and by how many
electrons its middle is brighter than its sky frame, and its rim fainter."""
CELESTIAL = ("CRVAL", "CTYPE", "CRPIX", "CDELT", "CUNIT")
"""Cards of the simulated camera's own layout."""
SIZE = (1440, 900)
SETTLE_MS = 300


def make_files(folder: Path) -> None:
    """Write a night, and a science visit whose sky rises by some electrons over a detector."""
    rise = TILT * CAMERA.radius / CAMERA.width
    science = simulate_visit(CAMERA, 3, SCIENCE, LEVEL, gradient=rise, mask_objects=True)
    for exposure in (*simulate_night(CAMERA, N_VISITS, 3, mask_objects=True),):
        write_exposure(folder / f"v{exposure.visit}-d{exposure.detector}.fits", exposure)
    for one in science:
        exposure = one.exposure
        write_exposure(folder / f"v{exposure.visit}-d{exposure.detector}.fits", exposure)


def write_camera(path: Path) -> None:
    """Write where the nine detectors lie: three by three, with gaps."""
    step = PIXEL * 1.05 * CAMERA.width
    detectors = [
        {
            "id": number + 1,
            "name": str(number + 1),
            "type": "science",
            "kind": "",
            "size": [CAMERA.width, CAMERA.height],
            "pixel": PIXEL,
            "position": [(number % 3 - 1) * step, (number // 3 - 1) * step],
            "reference": [(CAMERA.width - 1) / 2, (CAMERA.height - 1) / 2],
            "quarters": 0,
            "yaw": 0.0,
        }
        for number in range(CAMERA.n_detectors)
    ]
    path.write_text(json.dumps({"name": "Nine", "detectors": detectors}))


def make_mosaic(folder: Path) -> None:
    """Write a short night of DECam, and a science visit that one scale does not serve."""
    science = [one.exposure for one in simulate_visit(MOSAIC, 3, SCIENCE, LEVEL, mask_objects=True)]
    places = {str(one.id): one.corners().mean(axis=0) for one in read_camera("DECam").detectors}
    reach = max(float(np.hypot(*place)) for place in places.values())
    for exposure in (*simulate_night(MOSAIC, 3, 3, mask_objects=True), *science):
        detector, header, image = exposure.detector, exposure.header, exposure.image
        if exposure.visit == str(SCIENCE):
            if detector in MISSING:
                continue
            away = float(np.hypot(*places[detector])) / reach
            image = image + BOWL * (1 - 2 * away**2) + TOO_BRIGHT * LEVEL * (detector == ODD)
        kept = [card for card in header.cards if not card.keyword.startswith(CELESTIAL)]
        made = Exposure(
            image.astype(np.float32),
            exposure.mask,
            planes=exposure.planes,
            header=Header([*kept, ("CCDSUM", f"{BINNING} {BINNING}")]),
            detector=detector,
            visit=exposure.visit,
        )
        write_exposure(folder / f"v{exposure.visit}-d{detector}.fits", made)


def wait(commands: Commands) -> None:
    """Wait until everything that was asked for is done and painted."""
    loop, look = QEventLoop(), QTimer()
    quiet = [0]

    def check() -> None:
        quiet[0] = 0 if commands.program.busy else quiet[0] + 1
        if quiet[0] > 5:
            loop.quit()

    look.timeout.connect(check)
    look.start(SETTLE_MS // 5)
    loop.exec()
    look.stop()


def keys(state: State, part: str) -> list[str]:
    """Return the keys of exposures with a part of their name."""
    return [item.key for item in state.exposures if part in item.key]


def take_of(window: MainWindow, commands: Commands) -> Callable[..., None]:
    """Return what does something, waits, and takes a picture."""

    def take(name: str, *acts: Callable[[], object]) -> None:
        for act in acts:
            act()
            wait(commands)
        window.grab().save(str(IMAGES / f"{name}.png"))
        print(name)

    return take


def pictures(
    commands: Commands,
    window: MainWindow,
    files: list[str],
    camera: Path,
    take: Callable[..., None],
) -> None:
    """Take all pictures of the night, one after the other."""
    store = commands.store
    wait(commands)
    take("empty-dark")
    config = SkyMeasurementConfig(xNumSamples=6, yNumSamples=6)
    bins = {"xBinSize": 64, "yBinSize": 64}
    config = config.model_copy(update={"background": config.background.model_copy(update=bins)})
    commands.set_config(config)
    commands.open(files)
    wait(commands)
    science = keys(store.state, f"v{SCIENCE}-")
    commands.set_only_role("science", science)
    wait(commands)
    commands.build()
    wait(commands)
    take("main-dark", lambda: commands.select_exposure(science[4]))
    take("main-light", lambda: commands.view(theme="light"))
    shown = store.state.results.shown
    assert shown is not None
    take(
        "closer-dark",
        lambda: commands.view(theme="dark"),
        lambda: commands.cuts.set_cut(Cut(x0=60, y0=300, x1=940, y1=430, width=48)),
        lambda: commands.cuts.set_region(Region(x0=700, y0=120, x1=860, y1=280)),
        lambda: commands.masks.draw(HandMask("ellipse", (560.0, 700.0, 110.0, 60.0, 30.0)), shown),
        lambda: commands.view(overview=True),
    )
    take(
        "stack-dark",
        lambda: commands.view(overview=False),
        lambda: commands.masks.remove(store.state.hand_masks),
        commands.cuts.remove,
        commands.cuts.remove,
        lambda: commands.view(theme="dark"),
        lambda: commands.show_workspace("stack"),
        lambda: commands.select_bin((11, 10)),
    )
    sizes = [f"{name}.{axis}Size={mm}" for name, mm in SUPERPIXELS.items() for axis in "xy"]
    pixels = [f"{name}.pixelSize={PIXEL}" for name in SUPERPIXELS]
    changes = read_correction(None, ["doMaskObjects=false", *sizes, *pixels])
    take(
        "correction-dark",
        lambda: commands.show_workspace("visit"),
        lambda: window.context.reveal("correction"),
        lambda: commands.set_correction(config=changes.over({}), camera=str(camera)),
        commands.correct,
        lambda: commands.show_correction(1, "added"),
    )
    loose = config.model_copy(update={"skyRej": 1.1})
    take(
        "compare-dark",
        lambda: commands.set_config(loose),
        lambda: commands.pins.pin("A"),
        lambda: commands.set_config(config),
        lambda: commands.show_workspace("compare"),
        lambda: commands.sweep({"skyRej": (1.0, 1.1, 1.2, 1.3, 1.5, 2.0, 2.5, 3.0, 4.0)}),
    )
    strict = config.model_copy(update={"skyRej": 2.0})
    take(
        "night-dark",
        lambda: commands.set_config(strict),
        lambda: commands.show_workspace("night"),
    )


def picture_of_camera(commands: Commands, files: list[str], take: Callable[..., None]) -> None:
    """Take the picture of a whole focal plane, in the place of what is open."""
    store = commands.store
    commands.close_items([item.key for item in store.state.exposures])
    wait(commands)
    commands.open(files)
    wait(commands)
    science = keys(store.state, f"v{SCIENCE}-")
    commands.set_only_role("science", science)
    commands.set_correction(camera="")
    commands.build()
    wait(commands)
    take(
        "camera-dark",
        lambda: commands.select_exposure(keys(store.state, f"v{SCIENCE}-d42")[0]),
        lambda: commands.show_workspace("camera"),
    )


def main() -> None:
    """Make the night in a temporary folder, open it, take the pictures."""
    with tempfile.TemporaryDirectory() as place:
        os.environ["SKYFRAME_GUI_HOME"] = str(Path(place) / "home")
        night = Path(place) / "night"
        night.mkdir()
        make_files(night)
        application = make_application()  # kept: without it there is no window
        window, commands = make_window()
        camera = Path(place) / "camera.json"
        write_camera(camera)
        window.resize(*SIZE)
        window.show()
        take = take_of(window, commands)
        pictures(commands, window, sorted(str(path) for path in night.iterdir()), camera, take)
        mosaic = Path(place) / "mosaic"
        mosaic.mkdir()
        make_mosaic(mosaic)
        picture_of_camera(commands, [str(mosaic)], take)
        window.close()
        application.quit()


if __name__ == "__main__":
    main()

"""Make the pictures of the window in ``docs/images`` anew, from a simulated night.

``python docs/screenshots.py``; without a display. The night is that of nine square detectors: what
the demonstration shows in three small ones.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PyQt6.QtCore import QEventLoop, QTimer

from skyframe_gui.engine import SkyMeasurementConfig
from skyframe_gui.files import write_exposure
from skyframe_gui.files.config.correction import read_correction
from skyframe_gui.simulate import Camera, simulate_night, simulate_visit
from skyframe_gui.ui.main import make_application, make_window

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.window import MainWindow

IMAGES = Path(__file__).parent / "images"
CAMERA = Camera(n_detectors=9, width=1024, height=1024, seed=3)
N_VISITS, SCIENCE, LEVEL, TILT = 8, 2001, 1170.0, 11.0
PIXEL = 0.015
SUPERPIXELS = {"bgModel1": 15.36, "bgModel2": 3.84}
"""Millimetres."""
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


def pictures(window: MainWindow, commands: Commands, files: list[str], camera: Path) -> None:
    """Take all pictures, one after the other."""

    def take(name: str, *acts: Callable[[], object]) -> None:
        for act in acts:
            act()
            wait(commands)
        window.grab().save(str(IMAGES / f"{name}.png"))
        print(name)

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
    take(
        "stack-dark",
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
        lambda: commands.pin("A"),
        lambda: commands.set_config(config),
        lambda: commands.show_workspace("compare"),
        lambda: commands.sweep({"skyRej": (1.0, 1.1, 1.2, 1.3, 1.5, 2.0, 2.5, 3.0, 4.0)}),
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
        pictures(window, commands, sorted(str(path) for path in night.iterdir()), camera)
        window.close()
        application.quit()


if __name__ == "__main__":
    main()

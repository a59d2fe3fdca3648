"""A layer is smoothed for the eye: as a Gaussian over good pixels would, and in no number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.convolution import Gaussian2DKernel, convolve
from PyQt6.QtCore import Qt
from test_images import now, panel, state  # noqa: F401  (fixtures)
from test_toolbar import activate, loaded, looks  # noqa: F401

from skyframe_gui.app.model.looks import DEFAULT_LOOKS, plain_looks, taken_looks, with_look
from skyframe_gui.app.model.view import Frame
from skyframe_gui.numbers import SIGMA
from skyframe_gui.ui.images.content import content_of
from skyframe_gui.ui.images.geometry import Viewport
from skyframe_gui.ui.images.render import picture_of, piece_of, second_hand
from skyframe_gui.ui.images.smoothing import smoothed, smoothed_part
from skyframe_gui.ui.images.values_text import values_text
from skyframe_gui.ui.panels.readout import parts_of
from skyframe_gui.ui.theme import DARK

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.app.model.state import State
    from skyframe_gui.ui.images.content import Content
    from skyframe_gui.ui.look_controls import LookControls
    from skyframe_gui.ui.panels.images import ImagesPanel
    from skyframe_gui.ui.window import MainWindow


def with_smooth(state: State, layer: Layer, sigma: float) -> State:  # noqa: F811
    return replace(state, looks=with_look(state.looks, layer, smooth=sigma))


def content(state: State, layer: Layer) -> Content:  # noqa: F811
    found = content_of(state, layer)
    assert found is not None
    return found


def test_good_pixels_are_averaged_as_astropy_does_it_and_the_others_stay() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(100, 5, (40, 50)).astype(np.float32)
    good = rng.random(values.shape) > 0.1
    values[~good] = 1e6  # a star would be seen far around
    values[7, 9], good[7, 9] = np.nan, False
    found = smoothed(values, good, 1.7, 6, second_hand())
    kernel = Gaussian2DKernel(1.7, x_size=13, y_size=13)
    wanted = convolve(
        np.where(good, values, np.nan).astype(float), kernel, boundary="fill", fill_value=np.nan
    )
    assert found[good] == pytest.approx(wanted[good], rel=1e-5)
    assert np.array_equal(found[~good], values[~good], equal_nan=True)
    assert values[good].std() > 4 * found[good].std()


@pytest.mark.parametrize("layer", ["exposure", "subtracted"])
def test_what_is_visible_is_smoothed_as_all_of_it_would_be(
    state: State,  # noqa: F811
    layer: Layer,
) -> None:
    smooth = with_smooth(state, layer, 2.5)
    one = content(smooth, layer)
    assert one.image is not None
    shown = one.shown
    assert shown.exposure is not None
    values = shown.exposure.image
    if one.model is not None:
        values = values - np.float32(one.scale) * one.model.levels[0]
    bits = shown.exposure.planes.left_out(state.config.stats.mask)
    good = np.isfinite(values) & (shown.exposure.mask & bits == 0)
    whole = smoothed(values, good, 2.5, 9, second_hand())
    for frame in (Frame(110.0, 70.0, 3.0), Frame(4.0, 3.0, 8.0)):
        piece = piece_of(Viewport(200, 160, frame), 1.0, (shown.width, shown.height))
        assert piece is not None
        part, left, bottom, level = smoothed_part(one, one.image, smooth, piece, second_hand())
        assert level == 0
        inner = slice(12, part.shape[0] - 12), slice(12, part.shape[1] - 12)
        there = whole[bottom : bottom + part.shape[0], left : left + part.shape[1]]
        assert part[inner] == pytest.approx(there[inner], rel=1e-5, abs=1e-3)
        assert part.size < whole.size, "more than what is visible"


def test_the_picture_is_calmer_and_its_colours_are_in_their_places(
    state: State,  # noqa: F811
) -> None:
    viewport = Viewport(240, 200, Frame(119.5, 99.5, 1.0))

    def grey(sigma: float) -> np.ndarray:
        one = with_smooth(state, "exposure", sigma)
        made = picture_of(content(one, "exposure"), one, viewport, 1.0, DARK)
        assert made is not None
        image = made.image
        return np.array(
            [
                [image.pixelColor(x, y).lightness() for x in range(0, 240, 2)]
                for y in range(0, 200, 2)
            ],
            float,
        )

    sharp, calm = grey(0.0), grey(3.0)
    assert np.abs(np.diff(calm, axis=1)).mean() < 0.6 * np.abs(np.diff(sharp, axis=1)).mean()
    wide = 12
    blocks = [
        one[:96, :].reshape(96 // wide, wide, 120 // wide, wide).mean(axis=(1, 3))
        for one in (sharp, calm)
    ]
    assert np.abs(blocks[0] - blocks[1]).max() < 6


def test_it_is_chosen_in_the_toolbar_said_in_the_chip_and_undone(
    loaded: MainWindow,  # noqa: F811
    looks: LookControls,  # noqa: F811
    qtbot: QtBot,
) -> None:
    activate(loaded, "subtracted")
    pane = loaded.panel("images").panes[2]
    assert looks.smooth.isVisible()
    before = pane.canvas.grab().toImage()
    edit = looks.smooth.lineEdit()
    for text, sigma in (("2.5", 2.5), ("3 px", 3.0), ("none", 0.0), ("1", 1.0)):
        edit.selectAll()
        qtbot.keyClicks(edit, text)
        qtbot.keyClick(edit, Qt.Key.Key_Return)
        assert loaded.store.state.looks["subtracted"].smooth == sigma
    assert f"smoothed {SIGMA} 1 px" in pane.chip.text()
    assert loaded.store.state.looks["exposure"].smooth == 0
    assert pane.canvas.grab().toImage() != before
    edit.selectAll()
    qtbot.keyClicks(edit, "51")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert looks.smooth.property("bad") is True
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    loaded.setFocus()
    qtbot.keyClick(loaded, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    assert "smoothed" not in pane.chip.text()
    assert pane.canvas.grab().toImage() == before
    qtbot.keyClick(loaded, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    assert f"smoothed {SIGMA} 2 px" in pane.chip.text()
    loaded.actions_.by_id["undo"].trigger()
    assert "smoothed" not in pane.chip.text()
    loaded.actions_.by_id["redo"].trigger()
    assert f"smoothed {SIGMA} 2 px" in pane.chip.text()
    activate(loaded, "model")
    assert not looks.smooth.isVisible(), "the model is smooth"
    assert not loaded.actions_.by_id["smooth"].isEnabled()


def test_no_number_is_smoothed(panel: ImagesPanel) -> None:  # noqa: F811
    def numbers() -> tuple[object, ...]:
        state = now(panel)  # noqa: F811
        texts = [values_text(content(state, one), viewport, 1.0) for one in both]
        texts = [one.split("\n", 1)[1] for one in texts]
        bars = [content(state, layer).histogram[0] for layer in both]
        return parts_of(state, (50.0, 60.0)), *texts, *map(id, bars)

    viewport, both = Viewport(60, 50, Frame(60.0, 60.0, 1.0)), ("exposure", "subtracted")
    before = numbers()
    for layer in both:
        panel.commands.looks.set_smoothing(layer, 4.0)
    assert numbers() == before
    assert "not smoothed" in values_text(content(now(panel), "subtracted"), viewport, 1.0)


def test_a_session_keeps_it_and_what_cannot_be_is_left_out_in_a_sentence() -> None:
    looks = with_look(DEFAULT_LOOKS, "exposure", smooth=2.5)  # noqa: F811
    assert taken_looks(plain_looks(looks)) == (looks, ())
    for bad in (-1, 0, 1e9, "2", True, None, float("nan")):
        taken, notes = taken_looks({"subtracted": {"smooth": bad}})
        assert taken["subtracted"].smooth == 0
        assert len(notes) == 1, bad
    taken, notes = taken_looks({"model": {"smooth": 2.0}})
    assert taken["model"].smooth == 0
    assert len(notes) == 1

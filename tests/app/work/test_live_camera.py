"""The view of the focal plane: made of reads that happen anyway, only while it is looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from skyframe_gui.app.work.live_camera import model_thumbnail
from skyframe_gui.app.work.thumbnails import STAGE, bins_of
from skyframe_gui.engine import Exposure
from skyframe_gui.engine.kernels.thumbnails import NO_MASK
from skyframe_gui.engine.thumbnail import block_of, thumbnail_of
from skyframe_gui.files import ExposureSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from nights import Night

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.camera_view import CameraView
    from skyframe_gui.app.model.store import Store


def view_of(store: Store) -> CameraView:
    view = store.state.results.camera
    assert view is not None
    return view


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the exposures whose pixels are read."""
    found: list[str] = []
    read = ExposureSource.read

    def counted(self: ExposureSource, *args: object) -> Exposure:
        found.append(self.name)
        return read(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(ExposureSource, "read", counted)
    return found


def test_nothing_is_made_until_the_workspace_is_open_and_then_nothing_is_read(
    commands: Commands,
    store: Store,
    night: Night,
    idle: Callable[[], None],
    reads: list[str],
) -> None:
    commands.open(night.science)
    idle()
    assert store.state.results.camera is None
    before = len(reads)
    commands.show_workspace("camera")
    idle()
    assert len(view_of(store).thumbnails) == len(night.science)
    assert view_of(store).missing == 0
    assert len(reads) == before


def test_what_was_dropped_from_memory_is_read_again(
    commands: Commands,
    store: Store,
    night: Night,
    idle: Callable[[], None],
    reads: list[str],
) -> None:
    commands.open(night.science)
    idle()
    memory = commands.program.stages.memory
    for place in [one for one in memory._small if one[0] == STAGE]:
        del memory._small[place]
    before = len(reads)
    commands.show_workspace("camera")
    idle()
    assert len(view_of(store).thumbnails) == len(night.science)
    assert len(reads) == before + len(night.science)


def test_another_mask_makes_other_thumbnails(
    commands: Commands, store: Store, night: Night, idle: Callable[[], None]
) -> None:
    commands.open(night.science)
    idle()
    commands.show_workspace("camera")
    idle()
    before = view_of(store)
    key = before.keys[0]
    stats = store.state.config.stats.model_copy(update={"mask": ()})
    commands.set_config(store.state.config.model_copy(update={"stats": stats}))
    idle()
    after = view_of(store)
    assert after.thumbnails[key].good.mean() > before.thumbnails[key].good.mean()


def test_a_changed_fit_is_followed_and_what_is_not_changed_is_kept(
    commands: Commands, store: Store, night: Night, idle: Callable[[], None]
) -> None:
    commands.open([*night.science, *night.paths])
    idle()
    commands.build()
    idle()
    key = next(item.key for item in store.state.exposures if "science-d1" in item.key)
    commands.select_exposure(key)
    commands.show_workspace("camera")
    idle()
    before = view_of(store)
    assert before.fit is store.state.results.fit
    assert before.own is not None
    made = dict(commands.program.stages.memory.made)
    commands.set_config(store.state.config.model_copy(update={"skyRej": 2.0}))
    idle()
    after = view_of(store)
    assert after.fit is store.state.results.fit
    assert after.own is not before.own
    assert after.own is not None
    assert after.own.rejected.sum() > before.own.rejected.sum()
    for one in after.keys:
        assert after.thumbnails[one] is before.thumbnails[one]
        assert after.bins[one] is before.bins[one]
    now = commands.program.stages.memory.made
    assert now["layout"] == made["layout"] == 1
    assert now["thumbnail of the model"] == made["thumbnail of the model"]


def test_it_is_gone_with_its_files(
    commands: Commands, store: Store, night: Night, idle: Callable[[], None]
) -> None:
    commands.open(night.science)
    idle()
    commands.show_workspace("camera")
    idle()
    commands.close_items([item.key for item in store.state.exposures])
    idle()
    assert store.state.results.camera is None


def test_a_models_thumbnail_is_the_mean_of_its_image(
    commands: Commands, store: Store, night: Night, idle: Callable[[], None]
) -> None:
    commands.open([*night.science, *night.paths])
    idle()
    commands.build()
    idle()
    state = store.state
    item = next(one for one in state.exposures if "science-d2" in one.key)
    frame = next(one for one in state.sky_frames if one.detector == "2")
    found = model_thumbnail(commands.program.stages.memory, frame, state.config, item)
    image = frame.sky_frame.model().image()
    block = block_of(item.source.width, item.source.height)
    exact = thumbnail_of(Exposure(image), ()).means
    assert found.shape == exact.shape
    assert block == 2
    np.testing.assert_allclose(found, exact, atol=1e-3 * float(np.ptp(image)))


def test_bins_weigh_blocks_by_their_good_pixels() -> None:
    image = np.ones((512, 256), np.float32)
    image[:, 128:] = 3
    mask = np.zeros((512, 256), np.int32)
    mask[:, :64] = 1
    mask[:256, 128:] = 1
    one = thumbnail_of(Exposure(image, mask, planes={"BAD": 0}), ("BAD",))
    assert one.block == 4
    model = np.full(one.means.shape, 2, np.float32)
    bins = bins_of(one, model, 128)
    assert bins.side == 64  # four across at the least
    assert bins.means.shape == (8, 4)
    assert np.isnan(bins.means[:, 0]).all()
    assert np.isnan(bins.means[:4, 2:]).all()
    assert (bins.means[:, 1] == 1).all()
    assert (bins.means[4:, 2:] == 3).all()
    assert (bins.model[4:, 1:] == 2).all()
    assert bins_of(replace(one), model, 1).side == 4


def test_thumbnails_of_a_large_camera_are_small() -> None:
    image = np.zeros((4096, 4004), np.float32)
    one = thumbnail_of(Exposure(image), ())
    assert one.means.shape == (128, 126)
    model = 4 * one.means.size
    assert 189 * (one.nbytes + model) < 30e6
    assert NO_MASK.size == 0

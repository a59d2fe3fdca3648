"""A corrected visit is exported as the command ``correct`` writes it, whole or not at all."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from corrections import write_case

from skyframe_gui.app.export import corrected
from skyframe_gui.app.export.plan import make_plan
from skyframe_gui.app.export.values import Exported, Plan, Scope, Wishes
from skyframe_gui.app.export.write import export
from skyframe_gui.app.model.correction_request import correction_inputs
from skyframe_gui.app.model.hand_masks import MaskItem
from skyframe_gui.app.model.items import BadFile, Correction, ExposureItem, SkyFrameItem
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.app.model.results import Results
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.view import Selection
from skyframe_gui.app.work.cache import Memory
from skyframe_gui.app.work.correct_visit import correct_visit
from skyframe_gui.app.work.scan import open_one
from skyframe_gui.app.work.stages import Stages
from skyframe_gui.engine import Cancelled, Watch
from skyframe_gui.engine.hand_masks import HandMask, masked_pixels
from skyframe_gui.files import read_background_list, read_exposures
from skyframe_gui.files.config.correction import read_correction
from skyframe_gui.files.regions import ds9_words
from skyframe_gui.workflow.correct import correct_visits
from skyframe_gui.workflow.outputs import load_sky_frames

if TYPE_CHECKING:
    from pathlib import Path

    from corrections import RecordedVisit


@dataclass(frozen=True)
class Opened:
    """A recorded visit whose lists lie beside its exposures, and the state of a window with it."""

    visit: RecordedVisit
    state: State

    @property
    def night(self) -> Path:
        return self.visit.exposures[0].parent


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    visit = write_case(1, tmp_path)
    for path in visit.lists:
        path.rename(visit.exposures[0].parent / path.name)
    return Opened(visit, state_of(visit))


def state_of(visit: RecordedVisit) -> State:
    items = [one for path in (*visit.exposures, *visit.sky) for one in open_one(str(path))]
    assert not any(isinstance(one, BadFile) for one in items)
    exposures = tuple(one for one in items if isinstance(one, ExposureItem))
    config = read_correction(None, visit.settings).over({})
    return State(
        exposures=exposures,
        sky_frames=tuple(one for one in items if isinstance(one, SkyFrameItem)),
        selection=Selection(exposure=exposures[1].key),
        correction=Correction(config=config, camera=str(visit.camera)),
    )


def planned(state: State, folder: Path, scope: Scope = "visit", replaces: bool = False) -> Plan:
    return make_plan(state, Wishes(folder=folder, scope=scope, corrected=True, replace=replaces))


def exported(
    state: State, folder: Path, scope: Scope = "visit", watch: Watch | None = None
) -> Exported:
    return export(Stages(Memory()), planned(state, folder, scope), {}, watch or Watch())


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def of_command(visit: RecordedVisit, folder: Path, config: Path | None = None) -> tuple[str, ...]:
    changes = read_correction(config, [] if config else visit.settings)
    sky = load_sky_frames(visit.sky)
    done = correct_visits(visit.exposures, sky, changes, folder, camera=str(visit.camera))
    assert not done.failed
    return done.outputs


def test_every_file_is_the_commands_to_the_byte(opened: Opened, tmp_path: Path) -> None:
    theirs = of_command(opened.visit, tmp_path / "theirs")
    done = exported(opened.state, tmp_path / "ours")
    assert not done.failed
    assert len(theirs) == 2 * len(opened.visit.exposures) + 1
    assert set(names_in(tmp_path / "ours")) - set(names_in(tmp_path / "theirs")) == {
        "1001-correction-config.py"
    }
    assert done.paths[:-1] == [str(tmp_path / "ours" / path.rpartition("/")[2]) for path in theirs]
    for name in names_in(tmp_path / "theirs"):
        ours, command = (tmp_path / where / name for where in ("ours", "theirs"))
        assert ours.read_bytes() == command.read_bytes(), name
    # The config beside them makes the same of the exposures again.
    of_command(opened.visit, tmp_path / "again", tmp_path / "ours" / "1001-correction-config.py")
    for name in names_in(tmp_path / "theirs"):
        if name.endswith("-corr.fits"):
            again, command = (fits.getdata(tmp_path / f / name, 1) for f in ("again", "theirs"))
            np.testing.assert_array_equal(again, command)


def test_what_is_masked_by_hand_is_in_no_background_and_named_in_the_header(
    opened: Opened, tmp_path: Path
) -> None:
    first, second, *_ = opened.state.exposures
    x0, y0, x1, y1 = first.source.bbox
    circle = HandMask("circle", ((x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 4))
    masked = replace(opened.state, hand_masks=(MaskItem(circle, exposure=first.key),))
    for name, state in (("bare", opened.state), ("masked", masked)):
        assert not exported(state, tmp_path / name).failed
    names_ = [one.source.path.name.replace(".fits", "-corr.fits") for one in (first, second)]
    headers = [fits.getheader(tmp_path / "masked" / one) for one in names_]
    assert headers[0]["SFMSK1"] == ds9_words(circle, (x0, y0))
    assert "SFMSK1" not in headers[1]
    assert "SFMSK1" not in fits.getheader(tmp_path / "bare" / names_[0])
    bare, found = (read_exposures(tmp_path / one / names_[0])[0] for one in ("bare", "masked"))
    marked = (found.mask >> found.planes["USER"]) & 1 != 0
    np.testing.assert_array_equal(marked, masked_pixels([circle], found.bbox))
    assert (bare.image != found.image).any()


def test_the_list_sums_up_to_what_was_subtracted(opened: Opened, tmp_path: Path) -> None:
    exported(opened.state, tmp_path / "out")
    for path in opened.visit.exposures:
        (given,) = read_exposures(path)
        (left,) = read_exposures(tmp_path / "out" / path.name.replace(".fits", "-corr.fits"))
        taken = read_background_list(
            tmp_path / "out" / path.name.replace(".fits", "-background.fits")
        ).image()
        np.testing.assert_array_equal(left.image, given.image - taken)
        assert np.abs(taken).max() > 1


def run_of(state: State, watch: Watch | None = None) -> State:
    """Return the state with its visit corrected, as the tab shows it."""
    inputs = correction_inputs(state)
    run = correct_visit(request_of(state), state.correction, inputs, watch or Watch())
    return replace(state, results=Results(correction=run))


def test_what_is_shown_is_not_worked_out_anew(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exported(opened.state, tmp_path / "fresh")
    shown = run_of(opened.state)
    calls: list[object] = []

    def again(*words: object) -> object:
        calls.append(words)
        return correct_visit(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(corrected, "correct_visit", again)
    exported(shown, tmp_path / "shown")
    assert not calls
    for name in names_in(tmp_path / "fresh"):
        fresh, ours = (tmp_path / where / name for where in ("fresh", "shown"))
        assert fresh.read_bytes() == ours.read_bytes(), name
    # With other settings, and where an earlier list has gone, it is.
    other = replace(shown, config=shown.config.model_copy(update={"skyRej": 2.0}))
    exported(other, tmp_path / "other")
    assert len(calls) == 1
    (opened.night / opened.visit.lists[0].name).unlink()
    done = exported(shown, tmp_path / "without")
    assert len(calls) == 2
    assert any("no list of backgrounds was found" in note for note in done.notes)


def test_an_exposure_that_was_changed_since_is_refused(opened: Opened, tmp_path: Path) -> None:
    shown = run_of(opened.state)
    with opened.visit.exposures[0].open("ab") as file:
        file.write(b" " * 2880)
    done = exported(shown, tmp_path / "out")
    assert not done.paths
    assert opened.visit.exposures[0].name in done.failed[0]
    assert not (tmp_path / "out").exists() or names_in(tmp_path / "out") == []


def test_only_the_shown_exposure_is_written_with_its_visits_background(
    opened: Opened, tmp_path: Path
) -> None:
    exported(opened.state, tmp_path / "all")
    exported(opened.state, tmp_path / "one", "shown")
    stem = opened.visit.exposures[1].name.removesuffix(".fits")
    assert names_in(tmp_path / "one") == [
        "1001-correction-config.py",
        "1001-samples.ecsv",
        f"{stem}-background.fits",
        f"{stem}-corr.fits",
    ]
    for name in names_in(tmp_path / "one"):
        one, same = (tmp_path / where / name for where in ("one", "all"))
        assert one.read_bytes() == same.read_bytes()


def test_what_exists_stays_until_replacing_is_allowed(opened: Opened, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    name = opened.visit.exposures[0].name.replace(".fits", "-corr.fits")
    (out / name).write_text("somebody's")
    plan = planned(opened.state, out)
    assert "allow replacing" in plan.why_not
    allowed = planned(opened.state, out, replaces=True)
    assert allowed.why_not == ""
    export(Stages(Memory()), allowed, {}, Watch())
    assert (out / name).read_bytes()[:6] == b"SIMPLE"


def test_an_earlier_list_is_never_replaced(opened: Opened) -> None:
    before = {path: path.read_bytes() for path in opened.night.iterdir()}
    plan = planned(opened.state, opened.night, replaces=True)
    done = export(Stages(Memory()), plan, {}, Watch())
    assert "is a list of backgrounds that is read" in done.failed[0]
    assert {path: path.read_bytes() for path in opened.night.iterdir()} == before


def test_a_dead_detector_is_told_and_the_others_are_written(opened: Opened, tmp_path: Path) -> None:
    dead = opened.visit.exposures[0]
    with fits.open(dead, mode="update") as hdus:
        next(hdu for hdu in hdus if hdu.data is not None).data[:] = 7.0
    done = exported(state_of(opened.visit), tmp_path / "out")
    assert len(done.failed) == 1
    assert dead.name in done.failed[0]
    assert len(done.paths) == 2 * (len(opened.visit.exposures) - 1) + 2


def test_a_disk_that_refuses_leaves_nothing(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from skyframe_gui.files import transaction

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transaction, "give_name", full)
    done = exported(opened.state, tmp_path / "out")
    assert done.failed[0].startswith("Visit 1001:")
    assert names_in(tmp_path / "out") == []


@pytest.mark.parametrize("at", ["Sampling", "Writing visit 1001"])
def test_stopped_at_any_time_it_leaves_nothing(at: str, opened: Opened, tmp_path: Path) -> None:
    watch = Watch(lambda done, total, label: watch.cancel() if label == at else None)
    with pytest.raises(Cancelled):
        exported(opened.state, tmp_path / "out", watch=watch)
    assert not (tmp_path / "out").exists() or names_in(tmp_path / "out") == []


def test_what_has_one_name_is_told_how_to_be_exported(opened: Opened, tmp_path: Path) -> None:
    wishes = Wishes(folder=tmp_path / "out", corrected=True, samples=True)
    plan = make_plan(opened.state, wishes)
    assert "one after the other, into folders of their own" in plan.why_not
    wishes = replace(wishes, samples=False, subtracted=True)
    assert make_plan(opened.state, wishes).why_not == ""


def test_a_visit_in_several_units_is_refused(opened: Opened, tmp_path: Path) -> None:
    for path, unit in zip(opened.visit.exposures, ("electron", "nJy"), strict=False):
        with fits.open(path, mode="update") as hdus:
            next(hdu for hdu in hdus if hdu.data is not None).header["BUNIT"] = unit
    done = exported(state_of(opened.visit), tmp_path / "out")
    assert not done.paths
    assert "units" in done.failed[0]
    shutil.rmtree(tmp_path / "out", ignore_errors=True)


def test_reading_a_plane_stops_between_two_pieces(opened: Opened) -> None:
    source = opened.state.exposures[0].source
    watch = Watch()
    watch.cancel()
    with pytest.raises(Cancelled):
        source.read(watch=watch)
    assert source.read(watch=Watch()).image.shape == (source.height, source.width)

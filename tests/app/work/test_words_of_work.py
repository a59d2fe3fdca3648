"""What the lanes' work says and how it is called, and what they do at their edges."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fitted_visits import make_fit
from made_items import a_frame, a_sky_frame, a_source, an_exposure

from skyframe_gui.app.model.comparison import Pin, Sweep
from skyframe_gui.app.model.items import BadFile, Facts, Options
from skyframe_gui.app.model.requests import Request, fit_inputs, request_of
from skyframe_gui.app.model.results import Job, Problem, Results
from skyframe_gui.app.model.shown import Shown
from skyframe_gui.app.model.sizes import size_of
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.view import Selection, View
from skyframe_gui.app.project.autosave import left_over
from skyframe_gui.app.project.restore import restore
from skyframe_gui.app.work import config_texts, lane, loader, scan, sweep, tasks
from skyframe_gui.app.work.cache import Memory
from skyframe_gui.app.work.compare import fields_of
from skyframe_gui.app.work.fit_visit import fit_visit
from skyframe_gui.app.work.stack_views import average_again
from skyframe_gui.app.work.stages import Stages, check_unchanged, exposure_key
from skyframe_gui.app.work.visit_findings import findings_of
from skyframe_gui.engine import BinGrid, Exposure, MaskPlanes, SkyFrameError, SkyMeasurementConfig
from skyframe_gui.engine import Watch as Told
from skyframe_gui.files import write_exposure, write_sky_frame
from skyframe_gui.files.folders import files_in
from skyframe_gui.files.session_file import FileRecord, SessionDocument, write_session
from skyframe_gui.workflow.build import BuildResult, BuiltSkyFrame
from skyframe_gui.workflow.jobs import Failure
from skyframe_gui.workflow.options import MaskObjects, Normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.store import Store

CONFIG = SkyMeasurementConfig()
ONE, TWO = an_exposure("one.fits"), an_exposure("two.fits", detector="2")
SKY_1, SKY_2 = a_frame("s1"), a_frame("s2", detector="2")


def why(call: Callable[[], object]) -> str:
    with pytest.raises(SkyFrameError) as caught:
        call()
    return str(caught.value)


def a_state(**more: Any) -> State:
    known = {
        "exposures": (ONE, TWO),
        "sky_frames": (SKY_1, SKY_2),
        "selection": Selection(exposure=ONE.key),
    }
    return State(**(known | more))


def watching() -> tuple[Told, list[tuple[int, int, str]]]:
    steps: list[tuple[int, int, str]] = []
    return Told(lambda *step: steps.append(step)), steps


# Configs as text -------------------------------------------------------------------------------


def test_of_a_refused_text_the_first_ten_lines_are_told() -> None:
    text = "\n".join(f"config.no{number} = 1" for number in range(12))
    told = why(lambda: config_texts.parse(text, CONFIG)).splitlines()
    assert told[0] == "The pasted text: 12 lines are refused, so the config stays as it was:"
    assert (len(told), told[-1]) == (12, "and 2 more")
    assert all(f"no{number}" in line for number, line in enumerate(told[1:-1]))
    one = why(lambda: config_texts.parse("config.no = 1", CONFIG)).splitlines()
    assert one[0] == "The pasted text: 1 line is refused, so the config stays as it was:"
    assert len(one) == 2
    assert not one[1].endswith(".")
    ten = "\n".join(text.splitlines()[:10])
    assert len(why(lambda: config_texts.parse(ten, CONFIG)).splitlines()) == 11
    assert why(lambda: config_texts.parse(" \n", CONFIG)) == (
        "The pasted text is empty; paste lines such as config.skyRej = 3.0."
    )
    assert config_texts.parse("config.skyRej = 4", CONFIG).skyRej == 4
    assert config_texts.parse("skyRej: 5", CONFIG).skyRej == 5


def test_of_a_file_that_speaks_of_other_tasks_too_the_config_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.py"

    def read(text: str) -> config_texts.Taken:
        path.write_text(text)
        return config_texts.read(str(path), CONFIG)

    assert read("config.skyRej = 4\n") == config_texts.Taken(
        CONFIG.model_copy(update={"skyRej": 4})
    )
    some = read("config.skyRej = 4\nconfig.no = 1\n")
    assert some.config.skyRej == 4
    first, second = some.problem.splitlines()
    assert first == f"{path}: 1 field was set, but not all lines could be taken:"
    assert "no" in second
    more = read("config.skyRej = 4\nconfig.skyIter = 1\nconfig.no = 1\n").problem
    assert more.startswith(f"{path}: 2 fields were set, but not all lines could be taken:\n")
    path.write_text("config.no = 1\n")
    assert why(lambda: config_texts.read(str(path), CONFIG)).startswith(
        f"{path}: 1 line is refused, so the config stays as it was:\n"
    )
    yaml = tmp_path / "a.yaml"
    yaml.write_text("skyRej: 6\n")
    assert config_texts.read(str(yaml), CONFIG).config.skyRej == 6


# What is remembered ----------------------------------------------------------------------------


@dataclass
class Holder:
    one: object
    other: object


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (1, 64),
        (np.zeros(10), 64 + 80),
        ("abc", 67),
        (b"ab", 66),
        ((1, 2), 64 + 16 + 128),
        ((1, 1), 64 + 16 + 64),
        ({"a": 1000}, 64 + 65 + 64),
        (frozenset({1}), 64 + 8 + 64),
        (Holder("abc", [1]), 64 + 67 + 64 + 8 + 64),
    ],
)
def test_a_value_has_the_size_of_all_that_is_in_it(value: object, size: int) -> None:
    assert size_of(value) == size


def test_small_results_have_half_of_the_budget_and_the_newest_stays() -> None:
    memory = Memory(1064)
    array = np.zeros(9)  # 200 bytes with its key and what an array has besides
    for key in range(2):
        memory.get("small", key, lambda: array)
    assert memory.stages() == {"small": 400}
    exact = np.zeros(0)  # 128 more: 528
    memory.get("small", 2, lambda: exact)
    assert memory.bytes_held == 528
    assert memory.peek("small", 0) is not None
    memory.get("small", 3, lambda: 5)
    # The one that was looked at last stays longer.
    assert memory.peek("small", 1) is None
    assert memory.peek("small", 0) is not None
    assert memory.bytes_held == 456
    memory.get("large", 0, lambda: "a", lambda _: 544)
    assert memory.bytes_held == 1064
    memory.get("large", 1, lambda: "b", lambda _: 5000)
    assert memory.stages() == {"small": 456, "large": 5064}
    assert (memory.peek("large", 0), memory.peek("large", 1)) == (None, "b")
    assert memory.made == {"small": 4, "large": 2}


# Finding files ---------------------------------------------------------------------------------


def test_a_folder_is_searched_in_the_order_that_a_person_reads(tmp_path: Path) -> None:
    names = ["b10.FITS", "b9.fit", "a.fits.gz", ".hidden.fits", "notes.txt", "x/c.fz", ".y/d.fits"]
    for name in names:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    watch, steps = watching()
    found = files_in(str(tmp_path), watch)
    wanted = ["a.fits.gz", "b9.fit", "b10.FITS", "x/c.fz"]
    assert found == [(str(tmp_path / name), True) for name in wanted]
    assert steps == [(0, 0, f"Search {tmp_path.name}"), (0, 0, "Search x")]
    file = str(tmp_path / "notes.txt")
    assert files_in(file) == [(file, False)]
    (tmp_path / "folder.sky").mkdir()
    paths = [str(tmp_path / "folder.sky"), "a.SKY", Path("b.sky"), "c.fits"]
    assert scan.sorted_out(paths) == (["a.SKY", "b.sky"], [paths[0], "c.fits"])


def test_what_was_opened_is_told_file_by_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    write_exposure(tmp_path / "a.fits", Exposure(np.ones((8, 8), np.float32)))
    write_sky_frame(tmp_path / "s.fits", a_sky_frame(), "1")
    true_open = scan.open_one

    def odd(path: str, quietly: bool = False, datasets: Any = ()) -> Any:
        if path.endswith("s.fits"):
            return true_open(path, quietly)
        assert quietly, "it was found in a folder"
        raise ZeroDivisionError("odd")

    watch, steps = watching()
    asked = (str(empty), str(tmp_path))
    found = scan.open_all(asked, watch)
    assert steps[-2:] == [(0, 2, "Open a.fits"), (1, 2, "Open s.fits")]
    bad, exposure, frame = found.items
    assert bad == BadFile(
        str(empty), f"{empty} holds no FITS files; open the folder that has them."
    )
    assert exposure.key == f"{tmp_path / 'a.fits'}[1]"  # type: ignore[union-attr]
    path = str(tmp_path / "s.fits")
    assert (frame.key, frame.name, frame.path, frame.unit) == (path, "s.fits", path, "electron")  # type: ignore[union-attr]
    assert found.looked_at == (str(empty), str(tmp_path / "a.fits"), path)
    assert (found.asked, found.faults) == (asked, ())
    monkeypatch.setattr(scan, "open_one", odd)
    found = scan.open_all(asked[1:], Told())
    fault = found.items[0]
    assert fault == BadFile(
        str(tmp_path / "a.fits"),
        f"{tmp_path / 'a.fits'} cannot be opened by a fault of the program (ZeroDivisionError: "
        "odd); the log has the details.",
    )
    assert "ZeroDivisionError" in found.faults[0]


def test_facts_are_of_the_pixels_that_count(tmp_path: Path) -> None:
    image = np.arange(100, dtype=np.float32).reshape(10, 10)
    image[0, 0] = np.inf
    mask = np.zeros(image.shape, np.int32)
    mask[5:] = 2
    planes = MaskPlanes({"BAD": 0, "SAT": 1})
    write_exposure(tmp_path / "a.fits", Exposure(image, mask, planes=planes))
    nothing = np.full((4, 4), np.nan, np.float32)
    write_exposure(tmp_path / "b.fits", Exposure(nothing))
    (a, b) = (scan.open_one(str(tmp_path / name))[0] for name in ("a.fits", "b.fits"))
    watch, steps = watching()
    found = loader.survey((a, b), ("SAT",), watch)  # type: ignore[arg-type]
    assert steps == [(0, 2, "Look at a.fits"), (1, 2, "Look at b.fits")]
    first, second = found.values()
    assert (first.level, first.problem) == (25.0, "")
    assert first.masked == pytest.approx(0.51)
    assert np.isnan(second.level)
    assert second.masked == 1.0
    assert second.problem == "b.fits has no pixel with a finite value; it cannot be used."
    os.unlink(tmp_path / "a.fits")
    gone = f"{tmp_path / 'a.fits'} is gone; put it back, or take it off the list and go on "
    assert loader.facts_of(a, ()).problem == f"{gone}without it."  # type: ignore[arg-type]


def test_a_file_that_is_not_what_was_opened_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.fits"
    path.write_bytes(b"12345")
    item = an_exposure("a.fits", tmp_path)
    assert why(lambda: check_unchanged(item)) == (
        f"{path} has changed since it was opened; reload it (F5) to work with what it holds now."
    )
    check_unchanged(replace(item, stamp=(0, 0)))
    stat = os.stat(path)
    check_unchanged(replace(item, stamp=(5, stat.st_mtime_ns)))
    assert an_exposure(xy0=(10, 20)).source.bbox == (10, 20, 109, 99)


# Stages from what is remembered ----------------------------------------------------------------


def remembered(*items: Any, **planes: Any) -> Stages:
    stages = Stages(Memory())
    for number, item in enumerate(items):
        rng = np.random.default_rng(number)
        image = rng.normal(100.0, 1.0, (80, 100)).astype(np.float32)
        exposure = Exposure(image, detector=item.source.detector, name=item.source.name, **planes)
        stages.memory.get("exposure", exposure_key(item, Options()), lambda one=exposure: one)
    return stages


def test_a_fit_has_its_members_units_and_inputs() -> None:
    state = a_state()
    request = request_of(state)
    stages = remembered(ONE, TWO)
    fit = fit_visit(stages, request, [0, 1], None)
    assert (fit.visit, fit.keys, fit.n_members) == ("7", (ONE.key, TWO.key), 2)
    assert fit.made_from == fit_inputs(request)
    assert (fit.unit, fit.frame_units) == ("electron", {"electron"})
    assert fit.alone is fit.solution
    assert stages.has_samples(ONE, SKY_1, state.config, state.options)
    assert not stages.has_samples(ONE, SKY_2, state.config, state.options)
    part = fit_visit(stages, request, [1], None)
    assert (part.keys, part.n_members, part.findings) == ((TWO.key,), 2, ())
    box = tuple(int(edge) for edge in fit.samples[1].boxes[3])
    by_hand = replace(request, excluded_samples=frozenset({(TWO.key, box), ("gone", box)}))
    left = fit_visit(stages, by_hand, [0, 1], None)
    n = len(fit.samples[0])
    assert np.flatnonzero(left.solution.rejected_at == -3).tolist() == [n + 3]
    assert left.alone.scale == fit.solution.scale
    assert left.solution.scale != fit.solution.scale
    other = an_exposure("two.fits", detector="2", unit="adu")
    mixed = request_of(a_state(exposures=(ONE, other)))
    assert why(lambda: fit_visit(stages, mixed, [0, 1], None)) == (
        "Visit 7: The exposures of this visit are in different units (electron and adu), which one "
        "scale cannot serve; bring them to one unit."
    )
    unknown = an_exposure("two.fits", detector="2", unit="")
    mixed = request_of(a_state(exposures=(ONE, unknown)))
    assert fit_visit(remembered(ONE, unknown), mixed, [0, 1], None).unit == ""


def test_a_visit_in_its_own_sky_frame_is_told_with_its_detectors() -> None:
    own = a_frame("built 1", (ONE.source,), sky_frame=a_sky_frame(), members=(ONE.key,))
    state = a_state(sky_frames=(own, SKY_2))
    request = request_of(state)
    fit = fit_visit(remembered(ONE, TWO), request, [0, 1], None)
    first = fit.findings[0]
    assert (first.kind, first.severity) == ("in-its-sky-frame", "note")
    assert first.title == "This visit is in its own sky frame."
    after = (
        " in the sky frame that is fitted: what is peculiar to them is in the frame, too, and "
        "residuals and error come out too small. Leave the visit out of the sky frame to judge it."
    )
    assert first.text == f"One exposure is{after}"
    assert (first.detectors, first.short) == (("1",), "One exposure of 2.")
    both = replace(request, frames=(own, replace(own, members=(TWO.key,))))
    (found, *_) = findings_of(both, fit.samples, fit.solution)
    assert (found.text, found.short) == (f"2 exposures are{after}", "2 exposures of 2.")
    out = replace(own, excluded_members=frozenset({ONE.key}))
    apart = replace(request, frames=(out, SKY_2))
    assert findings_of(apart, fit.samples, fit.solution)[:1] != (first,)


# A and B, and sweeps ---------------------------------------------------------------------------


def test_all_that_may_differ_between_two_pins_has_a_row() -> None:
    background = CONFIG.background.model_copy(update={"mask": ("SAT", "BAD")})
    a = Pin(config=CONFIG.model_copy(update={"background": background}), options=Options())
    b = Pin(
        config=CONFIG,
        options=Options(MaskObjects.NEVER),
        sky_frame="s1",
        excluded_samples=frozenset({(ONE.key, (0, 0, 1, 1))}),
    )
    rows = fields_of(a, b)
    assert rows[-3:] == (
        ("mask objects", "auto", "never"),
        ("sky frame", "newest", "s1"),
        ("excluded by hand", "0", "1"),
    )
    found = {name: values for name, *values in rows}
    assert found["background.mask"][0] == "SAT, BAD"
    assert found["skyRej"] == ["3.0", "3.0"]
    assert fields_of(b, a)[-2] == ("sky frame", "s1", "newest")


def a_sweep(*values: tuple[object, ...], **more: Any) -> Sweep:
    names = ("skyRej", "skyIter")[: len(values)]
    return Sweep(**({"fields": names, "values": values, "config": CONFIG, "visit": "7"} | more))


def test_a_sweep_fits_each_combination_the_last_field_fastest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[float, int, frozenset[Any]]] = []

    def fit_whole_visit(stages: Any, request: Request, *_: Any) -> Any:
        asked.append((request.config.skyRej, request.config.skyIter, request.excluded_samples))
        if request.excluded_samples and request.config.skyIter == 2:
            raise SkyFrameError("Not with two.")
        return replace(make_fit(1), why="odd")

    monkeypatch.setattr(sweep, "fit_whole_visit", fit_whole_visit)
    request = request_of(a_state())
    mine = frozenset({(ONE.key, (0, 0, 1, 1))})
    pinned = a_sweep((2.0, 3.0), (1, 2))
    published: list[Sweep] = []
    steps: list[tuple[int, int, str]] = []
    watch = Told(lambda *step: steps.append(step), published.append)
    of_a = replace(request, excluded_samples=mine)
    done = sweep.run_sweep(
        Stages(Memory()), [request, of_a], a_sweep((2.0, 3.0), (1, 2), pinned=pinned), watch
    )
    values = [(2.0, 1), (2.0, 2), (3.0, 1), (3.0, 2)]
    assert [one.values for one in done.points] == values
    assert asked == [(*pair, which) for pair in values for which in (frozenset(), mine)]
    assert done.pinned is not None
    assert [one.why for one in done.pinned.points] == ["odd", "Not with two."] * 2
    assert [one.values for one in done.pinned.points] == values
    assert [len(one.points) for one in published] == [1, 2, 3, 4]
    assert steps == [(number, 4, "Sweep skyRej, skyIter") for number in range(4)]
    fit = make_fit(1)
    first = done.points[0]
    assert (first.scale, first.error) == (fit.solution.scale, fit.solution.error)
    assert first.n_used == fit.solution.n_used
    assert first.n_rejected == int((fit.solution.rejected_at >= 0).sum())
    assert first.why == "odd"


def test_a_sweep_of_nothing_or_of_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stages, request = Stages(Memory()), request_of(a_state())
    none = request_of(a_state(sky_frames=()))
    assert why(lambda: sweep.run_sweep(stages, [none], a_sweep((1.0,)), Told())) == (
        "There is no visit to sweep over; show an exposure whose detector has a sky frame."
    )
    many = tuple(float(number) for number in range(2001))
    assert why(lambda: sweep.run_sweep(stages, [request], a_sweep(many), Told())) == (
        "The sweep has 2001 points; at most 2000 are taken, so give wider steps."
    )
    fit = make_fit(1)
    monkeypatch.setattr(sweep, "fit_whole_visit", lambda *_: fit)
    monkeypatch.setattr(sweep, "with_fields", lambda config, _: config)
    done = sweep.run_sweep(stages, [request], a_sweep(many[:2000]), Told())
    assert len(done.points) == 2000


# Sky frames ------------------------------------------------------------------------------------


def test_a_frame_is_averaged_again_under_a_name_that_tells_of_how_many() -> None:
    sources = tuple(a_source(f"{n}.fits") for n in range(3))
    grids = [BinGrid.from_values(np.full((2, 2), float(n)), (0, 0, 99, 79)) for n in (1, 2, 6)]
    item = a_frame("built 1", sources, name="built from 3", path="x", sha256="y", detector="1")
    item = replace(item, built=replace(item.built, grids=tuple(grids)))
    keys = item.members
    two = average_again(item, frozenset(keys[2:]))
    assert (two.name, two.path, two.sha256) == ("built from 2 of 3", "", "")
    assert two.sky_frame.grid.values.tolist() == [[1.5, 1.5], [1.5, 1.5]]
    assert two.excluded_members == {keys[2]}
    assert two.sky_frame.identity == item.sky_frame.identity
    whole = average_again(two, frozenset())
    assert whole.name == "built from 3"
    assert whole.sky_frame.grid.values[0, 0] == 3.0
    named = average_again(replace(item, name="mine"), frozenset(keys[:1]))
    assert (named.name, named.sky_frame.grid.values[0, 0]) == ("mine", 4.0)
    assert why(lambda: average_again(item, frozenset(keys))) == (
        "All exposures of the sky frame of detector 1 are left out, so it stays as it was; include "
        "at least one."
    )
    nameless = replace(item, detector="")
    assert "of detector (no name) are" in why(lambda: average_again(nameless, frozenset(keys)))


@pytest.fixture
def quiet(commands: Commands) -> Commands:
    """Nobody works on what is put into the state."""
    program = commands.program
    for part in (program.live, program.live_map, program.stacks, program.compare):
        commands.store.changed.disconnect(part._on_changed)
    return commands


def a_built(detector: str, *names: str) -> BuiltSkyFrame:
    frame = a_frame(
        "x", tuple(a_source(n) for n in names), sky_frame=a_sky_frame(detector=detector)
    )
    return replace(frame.built, detector=detector)


@pytest.mark.parametrize(
    ("normalise", "unit"), [(Normalise.NONE, "electron"), (Normalise.LEVEL, "sky level")]
)
def test_what_was_built_is_on_the_list_and_in_the_log(
    quiet: Commands,
    idle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    normalise: Normalise,
    unit: str,
) -> None:
    store = quiet.store
    options = Options(normalise=normalise)
    result: list[BuildResult] = []

    def build(stages: Any, items: Any, *_: Any) -> BuildResult:
        first = replace(a_built("1", "one.fits"), sources=(items[0].source,))
        second = replace(
            a_built("2", "two.fits", "one.fits"), sources=(items[1].source, items[0].source)
        )
        made = (first, second)[: 2 if not result else 1]
        failed = (Failure("x", "X failed."),)
        result.append(BuildResult(made, failed, ("A note.",), normalise=normalise))
        return result[-1]

    monkeypatch.setattr(tasks, "build", build)
    labels: list[str] = []
    monkeypatch.setattr(
        quiet.program.tasks.lane,
        "submit",
        lambda label, *a, submit=quiet.program.tasks.lane.submit, **b: (
            labels.append(label),
            submit(label, *a, **b),
        ),
    )
    store.set(
        exposures=(ONE, TWO),
        options=options,
        selection=Selection(exposure=ONE.key, sky_frame="old"),
        problems=(Problem("task", "old"), Problem("open", "other")),
    )
    quiet.build()
    idle()
    first, second = store.state.sky_frames
    assert (first.key, second.key) == ("built 1", "built 2")
    assert (first.name, second.name) == ("built from 1", "built from 2")
    assert (first.unit, first.detector) == (unit, "1")
    assert second.members == (TWO.key, ONE.key)
    assert (first.made_with, first.made_options) == (store.state.config, options)
    assert store.state.selection == Selection(exposure=ONE.key)
    assert store.state.problems == (Problem("open", "other"),)
    assert store.state.log == (
        "Built 2 sky frames from 3 exposures.",
        "X failed.",
        "A note.",
    )
    store.set(selection=Selection())
    quiet.build()
    idle()
    assert labels == ["Build sky frame from 2 exposures"] * 2
    assert store.state.log[3] == "Built 1 sky frame from 1 exposures."
    assert store.state.sky_frames[-1].key == "built 3"
    assert store.state.selection.sky_frame == "built 3"


# Lanes -----------------------------------------------------------------------------------------


def test_time_left_is_told_after_half_a_second_in_proportion(qtbot: QtBot) -> None:
    now = [100.0]
    made = lane.Lane("test", clock=lambda: now[0])
    told: list[Job | None] = []
    made.progressed.connect(told.append)

    def work(watch: Told) -> None:
        for spent, done, total, label in (
            (0.09, 1, 9, "too soon"),
            (0.5, 1, 4, "Half"),
            (0.54, 1, 4, "again too soon"),
            (1.0, 1, 4, ""),
            (2.0, 4, 4, "All"),
            (3.0, 0, 4, "None"),
            (4.0, 5, 4, "More"),
        ):
            now[0] = 100.0 + spent
            n = len(told)
            watch.step(done, total, label)
            for _ in range(200):
                if len(told) > n or "too soon" in label:
                    break
                threading.Event().wait(0.01)

    made.submit("Work", work)
    qtbot.waitUntil(lambda: not made.busy, timeout=20_000)
    assert made.close()
    found = [(one.label, one.done, one.total, one.seconds_left) for one in told if one is not None]
    assert [one for one in found if one[2]] == [
        ("Half", 1, 4, None),
        ("Work", 1, 4, 3.0),
        ("All", 4, 4, 0.0),
        ("None", 0, 4, None),
        ("More", 5, 4, None),
    ]
    assert told[-1] is None


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (SkyFrameError("A sentence."), "A sentence."),
        (MemoryError(), "Work: there is not enough memory; close other exposures or programs and "
         "try again."),
        (KeyError("x"), "Work stopped by a fault of the program (KeyError: 'x'); the log has the "
         "details."),
    ],
)  # fmt: skip
def test_what_went_wrong_in_a_lane_is_told_in_whole(
    qtbot: QtBot, error: Exception, text: str
) -> None:
    made = lane.Lane("test")
    failed: list[Problem] = []

    def work(_: Told) -> None:
        raise error

    made.submit("Work", work, failed=failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert made.close()
    assert (failed[0].origin, failed[0].text) == ("test", text)
    assert bool(failed[0].detail) is isinstance(error, KeyError)


def test_jobs_of_a_lane_are_in_the_state_while_they_run(store: Store) -> None:
    made = lane.Lane("test")
    lane.track(store, made)
    other, one = Job(lane="other", label="x"), Job(lane="test", label="x")
    store.set(jobs=(other,))
    made.progressed.emit(one)
    made.progressed.emit(replace(one, label="y"))
    assert store.state.jobs == (other, replace(one, label="y"))
    made.progressed.emit(None)
    assert store.state.jobs == (other,)
    assert made.batch == store.batch
    assert made.close()


def test_the_map_that_is_wanted_is_of_what_is_shown(quiet: Commands) -> None:
    exposure = Exposure(np.ones((80, 100), np.float32))
    fit = replace(make_fit(2), keys=(ONE.key, TWO.key))
    shown = Shown(key=ONE.key, width=100, height=80, xy0=(0, 0), exposure=exposure)
    state = a_state(results=Results(shown=shown, fit=fit))
    wanted = quiet.program.live_map.wanted
    found = wanted(state)
    assert found is not None
    assert (found.item, found.frame, found.scale) == (ONE, SKY_1, fit.solution.scale)
    assert (found.config, found.options) == (state.config, state.options)
    background = state.config.background
    assert found.bins == (background.xBinSize, background.yBinSize)
    own = wanted(replace(state, sky_frames=()))
    assert own is not None
    assert (own.frame, own.scale) == (None, 1.0)
    tried = wanted(replace(state, view=replace(state.view, trial=3.0)))
    assert tried is not None
    assert tried.scale == 3.0
    for change in (
        {"view": View(panes=("exposure",))},
        {"results": Results(fit=fit)},
        {"results": Results(shown=replace(shown, exposure=None), fit=fit)},
        {"results": Results(shown=shown)},
        {"selection": Selection(exposure=TWO.key)},
        {"selection": Selection()},
    ):
        assert wanted(replace(state, **change)) is None, change


# Opening ---------------------------------------------------------------------------------------


def test_files_that_are_opened_are_named_in_what_runs(
    quiet: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels: list[str] = []
    opening = quiet.program.loader.opening
    monkeypatch.setattr(opening, "submit", lambda label, *_, **__: labels.append(label))
    quiet.open([])
    quiet.open(["/night/a.fits"])
    quiet.open(["/night/a.fits", "/night/./a.fits"])
    quiet.open(["/night/a.fits", "/night/b.fits"])
    quiet.open(["/"])
    assert labels == ["Open a.fits", "Open a.fits", "Open 2 files", "Open /"]


def test_what_is_odd_of_opened_files_is_told_once_with_how_many_more(
    quiet: Commands, idle: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = quiet.store
    again = [an_exposure(f"{n}.fits", detector="1") for n in range(2)]
    noted = a_frame("s", sky_frame=replace(a_sky_frame(), notes=("It is odd.",)))
    more = tuple(an_exposure(f"m{n}.fits", detector=str(n)) for n in range(2, 6))
    items = (ONE, *more, *again, noted)
    monkeypatch.setattr(
        loader,
        "open_all",
        lambda asked, watch, **_: scan.Found(asked, (), items, ("line 1\nline 2",)),
    )
    monkeypatch.setattr(loader, "facts_of", lambda *_: Facts())
    store.set(problems=(Problem("open", "old"), Problem("x", "stays")))
    quiet.open(["/night"])
    idle()
    assert [(one.origin, one.text) for one in store.state.problems] == [
        ("x", "stays"),
        ("open", "s: It is odd. So are 2 others."),
    ]
    assert store.state.log[-3:-1] == ("line 1", "line 2")
    assert store.state.log[-1].startswith("one.fits (as 0.fits), 1.fits (as 0.fits) are of exp")
    assert set(store.state.facts) == {one.key for one in items if one is not noted}
    assert store.state.selection.exposure == ONE.key
    quiet.open(["/night"])
    idle()
    assert [one.origin for one in store.state.problems] == ["x"]


@pytest.mark.parametrize("begun", [True, False])
def test_a_task_that_is_cancelled_is_in_the_log(
    quiet: Commands, idle: Callable[[], None], monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    store, lane_of_tasks = quiet.store, quiet.program.tasks.lane
    started, ends = threading.Event(), []

    def wait(*arguments: Any) -> None:
        started.set()
        while True:
            arguments[-1].step(0, 1, "")

    monkeypatch.setattr(tasks, "build", wait)
    store.set(exposures=(ONE, TWO))
    if not begun:  # behind another
        lane_of_tasks.submit("first", wait)
        assert started.wait(5)
    quiet.program.tasks.build()
    quiet.program.tasks.run("Export x", wait, ends.append)
    assert started.wait(5)
    lane_of_tasks.cancel()
    idle()
    assert sorted(store.state.log) == [
        "Build sky frame from 2 exposures: cancelled.",
        "Export x: cancelled.",
    ]
    assert (ends, store.state.problems, store.state.sky_frames) == ([], (), ())


def test_a_session_that_is_cancelled_before_a_file_is_opened_says_so(
    quiet: Commands, qtbot: QtBot, tmp_path: Path
) -> None:
    ends: list[str] = []
    program = quiet.program
    go = threading.Event()
    program.loader.opening.submit("first", lambda _: go.wait(10))
    document = SessionDocument(files=(FileRecord(path="a.fits"),), preset_name="")
    quiet.store.set(preset_name="mine")
    program.loader.opening.cancel()
    restore(document, tmp_path, program, lambda _: ends.append("end"), (),
            lambda: ends.append("cancelled"))  # fmt: skip
    program.loader.opening.cancel()
    go.set()
    qtbot.waitUntil(lambda: bool(ends))
    qtbot.waitUntil(lambda: not program.busy)
    assert ends == ["cancelled"]
    assert quiet.store.state.log[-1:] == ("Open session: cancelled; no file was opened.",)
    assert quiet.store.state.preset_name == "mine"
    assert isinstance(quiet.store.state.assigned, MappingProxyType)


def test_of_several_crashes_the_last_is_offered_first(tmp_path: Path, qapp: object) -> None:
    def left(name: str, when: int, **more: Any) -> None:
        write_session(tmp_path / name, SessionDocument(saved=name, **more))
        os.utime(tmp_path / name, (when, when))

    left("run-999999991-00000001.sky", 100)
    left("run-999999992-00000002.sky", 300, autosave_of="/a.sky",
         files=(FileRecord(path="/x"),))  # fmt: skip
    left("run-999999993-00000003.sky", 200)
    left("run-999999994-0000000g.sky", 400)
    (tmp_path / "run-999999995-00000005.sky").write_text("junk")
    (tmp_path / "run-999999996-00000006.txt").write_text("junk")
    found = left_over(tmp_path)
    assert [re.search(r"\d(?=-)", one.path.name)[0] for one in found] == ["2", "3", "1", "5"]  # type: ignore[index]
    newest, *_, junk = found
    assert (newest.saved, newest.n_files, newest.n_unsaved, newest.of, newest.why) == (
        "run-999999992-00000002.sky",
        1,
        0,
        "/a.sky",
        "",
    )
    assert junk.why
    assert junk.saved == ""
    folder = newest.path.with_suffix("")
    folder.mkdir()
    (folder / "sky-1.fits").touch()
    newest.discard()
    assert not list(tmp_path.glob("run-999999992*"))

"""What an export will do is told before: every file, every obstacle, in sentences."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from made_items import a_frame, a_sky_frame, an_exposure

from skyframe_gui.app.export import write
from skyframe_gui.app.export.plan import built_frames, make_plan, requests, why_no_built_frames
from skyframe_gui.app.export.values import Exported, Saved, Wishes
from skyframe_gui.app.export.write import config_text, save_sky_frame, start_export
from skyframe_gui.app.model.items import Facts
from skyframe_gui.app.model.looks import with_look
from skyframe_gui.app.model.results import Problem
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.view import Selection
from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig, Watch
from skyframe_gui.files import read_sky_frame, sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.commands import Commands

CONFIG = SkyMeasurementConfig()
ONE, TWO = an_exposure("one.fits"), an_exposure("two.fits", detector="2")
LATER = an_exposure("later.fits", visit="8", date="2026-01-02T04:00:00")
SKY_1, SKY_2 = a_frame("s1"), a_frame("s2", detector="2")
BUILT = a_frame("built 1", sources=(ONE.source,), path="")
NAMELESS = replace(
    a_frame("built 2", sources=(TWO.source,), sky_frame=a_sky_frame(detector="", filter="")),
    detector="",
    path="",
)


def a_state(**more: Any) -> State:
    known = {
        "exposures": (ONE, TWO, LATER),
        "sky_frames": (SKY_1, SKY_2),
        "selection": Selection(exposure=ONE.key),
    }
    return State(**(known | more))


def planned(state: State, folder: Path = Path("/nowhere"), **wishes: Any) -> list[tuple[str, str]]:
    plan = make_plan(state, Wishes(folder=folder, **wishes))
    return [(one.name, one.what) for one in plan.files]


SUBTRACTED = {
    name: (f"{name}-sub.fits", f"subtracted exposure, {visit}, detector {detector}")
    for name, visit, detector in (("one", 7, 1), ("two", 7, 2), ("later", 8, 1))
}


def test_a_scope_is_the_shown_exposure_its_visit_or_all() -> None:
    state = a_state()
    one, two, later = SUBTRACTED.values()
    assert planned(state, subtracted=True, scope="shown") == [one]
    assert planned(state, subtracted=True) == [one, two]
    assert planned(state, subtracted=True, scope="all") == [one, two, later]
    assert planned(state, samples=True, scope="all") == [
        ("7-samples.ecsv", "samples, 7"),
        ("8-samples.ecsv", "samples, 8"),
    ]
    assert planned(state, background_list=True) == [], "of nothing that is subtracted"
    assert planned(state, scope="shown", subtracted=True, background_list=True, samples=True,
                   residual_maps=True) == [
        one,
        ("one-background.fits", "background list, 7, detector 1"),
        ("one-residual.fits", "residual map, 7, detector 1"),
        ("7-samples.ecsv", "samples, 7"),
    ]  # fmt: skip
    nameless = an_exposure("one.fits", detector="")
    sky = a_frame("s", sky_frame=a_sky_frame(detector=""))
    bare = a_state(exposures=(nameless,), sky_frames=(sky,))
    assert planned(bare, subtracted=True) == [
        ("one-sub.fits", "subtracted exposure, 7, no detector name")
    ]


def test_what_is_written_of_a_visit_is_in_its_part() -> None:
    state = a_state(looks=with_look(State().looks, "residual", bins=16))
    wishes = Wishes(folder=Path("/nowhere"), scope="shown", residual_maps=True)
    (part,) = make_plan(state, wishes).visits
    assert (part.subtracted, part.residual_maps) == ((), ((ONE, "one-residual.fits"),))
    assert (part.background_list, part.samples, part.bins) == (False, False, (16, 16))
    assert part.request.members == (ONE, TWO), "the scale is of the whole visit"
    both = make_plan(state, replace(wishes, subtracted=True, background_list=True, samples=True))
    (part,) = both.visits
    assert (part.subtracted, part.background_list, part.samples) == (
        ((ONE, "one-sub.fits"),),
        True,
        True,
    )
    assert (both.folder, both.replace, both.config) == (Path("/nowhere"), False, state.config)


def test_sky_frames_configs_and_pictures_have_their_names_and_words() -> None:
    background = CONFIG.background.model_copy(update={"algorithm": "CONSTANT"})
    state = a_state(
        sky_frames=(SKY_1, BUILT, NAMELESS),
        config=CONFIG.model_copy(update={"background": background}),
    )
    assert planned(state, sky_frames=True) == [
        ("sky-1-r.fits", "sky frame, detector 1, r"),
        ("sky-unnamed.fits", "sky frame, no detector name"),
    ]
    assert built_frames(state) == (BUILT, NAMELESS)
    plan = make_plan(state, Wishes(folder=Path("/nowhere"), sky_frames=True))
    assert [(one.item, one.algorithm, one.name) for one in plan.sky_frames] == [
        (BUILT, "CONSTANT", "sky-1-r.fits"),
        (NAMELESS, "CONSTANT", "sky-unnamed.fits"),
    ]
    assert planned(
        state, configs=("changed", "complete", "yaml", "arguments"), plots=("a.svg",)
    ) == [
        ("sky-config.py", "config, override file of the changed fields"),
        ("sky-config-complete.py", "config, override file of all fields"),
        ("sky-config.yaml", "config, YAML of all fields"),
        ("sky-config-arguments.txt", "config, -c arguments of the changed fields"),
        ("a.svg", "picture of a panel"),
    ]


def notes_of(state: State, **wishes: Any) -> tuple[str, ...]:
    plan = make_plan(state, Wishes(folder=Path("/nowhere"), **wishes))
    assert plan.why_not == (plan.notes[0] if not plan.files else "")
    return plan.notes


def test_what_is_left_out_is_told_with_what_helps() -> None:
    assert notes_of(a_state(), subtracted=True) == ()
    hidden = a_state(selection=Selection())
    assert notes_of(hidden, subtracted=True) == ("No exposure is shown; open one first.",)
    assert notes_of(hidden, subtracted=True, scope="all") == ()
    lonely = a_state(sky_frames=(SKY_2,))
    told = (
        "one.fits is no science or has no sky frame; tick sci at it, and open or build the sky "
        "frame of its detector.",
    )
    assert notes_of(lonely, subtracted=True, scope="shown") == told
    no_science = a_state(excluded_exposures=frozenset({ONE.key}))
    assert notes_of(no_science, subtracted=True, scope="shown") == told
    assert notes_of(no_science, subtracted=True) == ()
    told = "1 exposure has no sky frame and will not be written; open or build it."
    assert notes_of(lonely, subtracted=True) == (told,)
    told = "2 exposures have no sky frame and will not be written; open or build it."
    assert notes_of(lonely, subtracted=True, scope="all") == (told,)
    none = a_state(excluded_exposures=frozenset({ONE.key, TWO.key}))
    assert notes_of(none, samples=True) == ("No exposure of it is science.",)
    bad = a_state(facts={item.key: Facts(problem="no") for item in (ONE, TWO, LATER)})
    assert notes_of(bad, samples=True) == (
        "No exposure can be used; the Data panel says why at each.",
    )
    assert notes_of(State(), samples=True, scope="all") == ("No exposure is open; open one first.",)


@pytest.mark.parametrize(
    ("frames", "told"),
    [
        ((), "none is built yet (Ctrl+B)"),
        ((SKY_1, SKY_2), "none is built yet (Ctrl+B)"),
        ((BUILT, SKY_2), ""),
        ((BUILT, SKY_1), "those in use are from files; use a built set first"),
    ],
)
def test_why_no_frame_was_made_here_is_told(frames: Any, told: str) -> None:
    state = a_state(sky_frames=frames)
    assert why_no_built_frames(state) == told
    assert bool(built_frames(state)) == (not told)


def test_requests_are_of_visits_that_can_be_fitted() -> None:
    state = a_state(
        sky_frames=(SKY_1,),
        excluded_samples=frozenset({(ONE.key, (0, 0, 1, 1))}),
        config=CONFIG.model_copy(update={"skyRej": 9.0}),
    )
    first, second = requests(state, "all")
    assert (first.visit, first.members, first.frames) == ("7", (ONE,), (SKY_1,))
    assert (second.visit, second.members, second.frames) == ("8", (LATER,), (SKY_1,))
    assert (first.config, first.options) == (state.config, state.options)
    assert first.excluded_samples == state.excluded_samples
    assert (first.shown, first.sky_frame) == (None, None)
    assert [one.visit for one in requests(state, "visit")] == ["7"]
    assert requests(a_state(sky_frames=()), "all") == ()
    assert requests(State(), "visit") == ()


def test_each_obstacle_is_told_at_its_file(tmp_path: Path) -> None:
    state = a_state(exposures=(an_exposure("one.fits", tmp_path), TWO, LATER),
                    selection=Selection(exposure=f"{tmp_path}/one.fits[1]"))  # fmt: skip

    def why(*names: str, **wishes: Any) -> list[str]:
        plan = make_plan(state, Wishes(folder=tmp_path, plots=names, **wishes))
        assert plan.why_not == next((one.why_not for one in plan.files if one.why_not), "")
        assert [one.exists for one in plan.files] == [(tmp_path / name).exists() for name in names]
        return [one.why_not for one in plan.files]

    for name in ("old.svg", "one.fits"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    two = "2 files would be called a.svg; export fewer exposures at a time, into folders of their "
    folder = f"{tmp_path / 'folder'} is a folder; choose another folder to write to."
    read = f"{tmp_path / 'one.fits'} is one of the files that are open; choose another folder."
    old = (
        f"{tmp_path / 'old.svg'} exists; allow replacing existing files, or choose another folder."
    )
    assert why("a.svg", "b.svg", "a.svg") == [f"{two}own.", "", f"{two}own."]
    assert why("new.svg", "old.svg", "folder", "one.fits") == ["", old, folder, read]
    assert why("old.svg", "folder", "one.fits", replace=True) == ["", folder, read]


# What came of it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "line"),
    [
        ([], "Nothing was written."),
        (["/out/a"], "Wrote /out/a."),
        (["/out/a", "/out/b"], "Wrote 2 files to /out."),
    ],
)
def test_what_was_written_is_one_sentence(paths: list[str], line: str) -> None:
    assert Exported(folder=Path("/out"), paths=paths).line == line


def test_configs_are_written_as_they_are_asked_for() -> None:
    changed = SkyMeasurementConfig(skyRej=2.5)
    assert config_text(CONFIG, "changed") == "# Nothing differs from LSST's defaults.\n"
    assert config_text(changed, "changed") == "config.sky.skyRej = 2.5\n"
    assert config_text(changed, "arguments") == "-c skyCorr:sky.skyRej=2.5\n"
    assert "skyRej: 2.5\n" in config_text(changed, "yaml")
    assert config_text(changed, "complete").count("config.sky.") > 10


@pytest.fixture
def exporting(commands: Commands) -> Commands:
    """Sky frames that were built here, and no one who works on them."""
    for part in (commands.program.live, commands.program.live_map, commands.program.stacks):
        commands.store.changed.disconnect(part._on_changed)
    commands.store.set(sky_frames=(BUILT, SKY_2), exposures=(ONE,))
    return commands


def test_the_end_of_an_export_is_told_and_saved_frames_have_their_files(
    exporting: Commands, tmp_path: Path, idle: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    program, store = exporting.program, exporting.store
    outcome = Exported(
        folder=tmp_path,
        paths=["/out/a", "/out/b"],
        failed=["Third."],
        notes=["A note."],
        saved=[Saved("built 1", "/out/a", "sum of a", "CONSTANT")],
    )
    asked: list[tuple[Any, ...]] = []

    def export(*arguments: Any) -> Exported:
        asked.append(arguments)
        return replace(outcome, failed=list(outcome.failed))

    monkeypatch.setattr(write, "export", export)
    plan = make_plan(store.state, Wishes(folder=tmp_path, plots=("x.svg",)))
    ends: list[Exported] = []
    start_export(program, plan, {"x.svg": b"x"}, ends.append, ["First.", "Second."])
    idle()
    assert asked[0][:3] == (program.stages, plan, {"x.svg": b"x"})
    (ended,) = ends
    assert ended.failed == ["First.", "Second.", "Third."]
    (problem,) = store.state.problems
    assert problem == Problem("export", "First. 2 more failed; the log has them.")
    assert store.state.log == (
        "A note.",
        "Second.",
        "Third.",
        "First. 2 more failed; the log has them.",
        f"Wrote 2 files to {tmp_path}.",
    )
    saved, other = store.state.sky_frames
    assert (saved.path, saved.sha256, saved.sky_frame.algorithm) == (
        "/out/a",
        "sum of a",
        "CONSTANT",
    )
    assert other is SKY_2
    outcome = Exported(folder=tmp_path, failed=["Only."])
    start_export(program, plan)
    idle()
    assert [one.text for one in store.state.problems] == ["Only."]
    outcome = Exported(folder=tmp_path)
    start_export(program, plan)
    idle()
    assert store.state.problems == ()
    assert len(store.state.log) == 6, "nothing was written"

    def fail(*_: Any) -> Exported:
        raise SkyFrameError("No.")

    monkeypatch.setattr(write, "export", fail)
    start_export(program, plan, None, ends.append, ["First."])
    idle()
    assert store.state.problems == (Problem("export", "No."),)
    assert store.state.log[-2:] == ("No.", "First.")
    assert ends[-1] == Exported(folder=tmp_path, failed=["No.", "First."])


def test_one_sky_frame_is_saved_under_any_name_but_an_inputs(
    exporting: Commands, tmp_path: Path, idle: Callable[[], None]
) -> None:
    program, store = exporting.program, exporting.store
    labels: list[str] = []
    program.tasks.lane.progressed.connect(lambda job: job and labels.append(job.label))
    path = tmp_path / "deep" / "mine.fits"
    ends: list[str] = []
    save_sky_frame(program, "built 1", str(path), False, lambda: ends.append("saved"))
    idle()
    item = store.state.sky_frames[0]
    style = str(CONFIG.background.algorithm)
    assert (item.path, item.sha256) == (str(path), sha256_of(path))
    assert (item.sky_frame.algorithm, read_sky_frame(path).algorithm) == (style, style)
    assert (ends, store.state.log) == (["saved"], (f"Wrote {path}.",))
    save_sky_frame(program, "built 1", str(path), False)
    idle()
    assert "exists" in store.state.problems[0].text
    save_sky_frame(program, "built 1", str(path), True)
    idle()
    store.set(exposures=(an_exposure("mine.fits", path.parent),))
    before = path.read_bytes()
    save_sky_frame(program, "built 1", str(path), True)
    idle()
    assert store.state.problems[-1].text == (
        f"{path} is one of the files that are open; choose another name."
    )
    assert path.read_bytes() == before


def test_a_plan_with_an_obstacle_is_not_begun(tmp_path: Path, exporting: Commands) -> None:
    plan = make_plan(State(), Wishes(folder=tmp_path))
    with pytest.raises(SkyFrameError, match=r"^Choose what to export\.$"):
        write.export(exporting.program.stages, plan, {}, Watch())


def test_every_step_of_an_export_is_told_by_its_file(tmp_path: Path, exporting: Commands) -> None:
    steps: list[str] = []
    watch = Watch(lambda done, total, label: steps.append(f"{label} {done} of {total}"))
    wishes = Wishes(folder=tmp_path, sky_frames=True, configs=("yaml",), plots=("x.svg",))
    plan = make_plan(exporting.store.state, wishes)
    found = write.export(exporting.program.stages, plan, {"x.svg": b"x"}, watch)
    names = ["sky-1.fits", "x.svg", "sky-config.yaml"]
    assert [step for step in steps if step.startswith("Write ")] == [
        f"Write {name} 0 of 0" for name in names
    ]
    assert found.paths == [str(tmp_path / name) for name in names]
    (saved,) = found.saved
    assert (saved.key, saved.path) == ("built 1", str(tmp_path / "sky-1.fits"))
    assert (found.notes, found.failed) == ([], [])

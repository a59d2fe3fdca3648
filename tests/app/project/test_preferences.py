"""Preferences survive a restart, and nothing that is wrong with their file stops a start."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from killer import at_every_step

from skyframe_gui.app.model.items import Recent
from skyframe_gui.app.model.looks import with_look
from skyframe_gui.app.model.state import State
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.model.view import View
from skyframe_gui.app.project.preferences import HOME, Prefs

OLD = Path(__file__).parents[2] / "data" / "v0.1.0"


def remembered(path: Path) -> Store:
    view = View(theme="light", masks=True, plane_colours={"SAT": "#ff0000"})
    looks = with_look(State().looks, "model", stretch="asinh", colours="magma")
    looks = with_look(looks, "residual", preset="95 %", bins=32)
    store = Store(
        State(view=view, looks=looks, recent=(Recent("/data/night", "3 visits", "2026-11-21"),))
    )
    prefs = Prefs.load(path)
    prefs.remember(
        store,
        geometry=b"\x00\xffgeometry",
        layouts={"visit": {"open": ["data"], "plan": "visit beside", "docks": ""}},
        folders={"open": "/data"},
    )
    assert prefs.save()
    return store


def test_what_was_remembered_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "home" / "preferences.json"
    old = remembered(path).state
    prefs, store = Prefs.load(path), Store()
    prefs.apply_to(store)
    assert store.state.recent == old.recent
    assert store.state.view == old.view
    assert store.state.looks == old.looks
    assert prefs.geometry == b"\x00\xffgeometry"
    assert prefs.layouts == {"visit": {"open": ["data"], "plan": "visit beside", "docks": ""}}
    assert prefs.folders == {"open": "/data"}
    assert prefs.notes == []


def test_what_belongs_to_the_data_is_not_remembered(tmp_path: Path) -> None:
    prefs = Prefs.load(tmp_path / "p.json")
    looks = with_look(State().looks, "exposure", by_hand=(0.0, 1.0), of="a")
    looks = with_look(looks, "subtracted", by_hand=(-1.0, 1.0))
    view = View(measured={"exposure": {"zscale": (0.0, 1.0)}}, before=True)
    prefs.remember(Store(State(view=view, looks=looks)))
    prefs.save()
    store = Store()
    Prefs.load(prefs.path).apply_to(store)
    assert store.state == State()


def test_without_a_file_all_is_as_at_the_first_start(tmp_path: Path) -> None:
    prefs, store = Prefs.load(tmp_path / "none.json"), Store()
    prefs.apply_to(store)
    assert store.state == State()
    assert prefs.notes == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[1, 2]",
        b"null",
        b'{"version": 99, "view": {"theme": "light"}}',
        b"[" * 100_000,
        b'{"version": 1}' + b" " * (1 << 20),
    ],
)
def test_a_damaged_or_foreign_file_is_put_aside_and_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "preferences.json"
    path.write_bytes(content)
    prefs, store = Prefs.load(path), Store()
    prefs.apply_to(store)
    assert store.state == State()
    assert len(prefs.notes) == 1
    assert "preferences.json.bad" in prefs.notes[0]
    assert (tmp_path / "preferences.json.bad").read_bytes() == content
    assert prefs.save()
    assert Prefs.load(path).notes == []


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("recent", [{"path": 3}]),
        ("recent", "none"),
        ("recent", [None]),
        ("view", {"edges": "perhaps"}),
        ("view", {"plane_opacity": "much"}),
        ("view", 3),
        ("looks", "bright"),
        ("window", {"geometry": "%%%"}),
        ("window", {"layouts": {"visit": "first"}}),
        ("folders", {"open": 5}),
        ("memory_mb", "all"),
    ],
)
def test_a_part_that_is_damaged_does_not_spoil_the_others(
    tmp_path: Path, part: str, value: object
) -> None:
    path = tmp_path / "preferences.json"
    remembered(path)
    values = json.loads(path.read_text())
    values[part] = value
    path.write_text(json.dumps(values))
    prefs, store = Prefs.load(path), Store()
    prefs.apply_to(store)
    assert len(prefs.notes) == 1
    if part == "view":
        assert prefs.folders == {"open": "/data"}
        assert store.state.view == View()
    else:
        assert store.state.view.theme == "light"


def test_the_preferences_of_version_0_1_0_give_the_same_looks(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    view = {"stretch": "asinh", "limits_mode": "99 %", "colours": "inferno", "masks": True}
    path.write_text(json.dumps({"version": 1, "view": view}))
    prefs, store = Prefs.load(path), Store()
    prefs.apply_to(store)
    assert prefs.notes == []
    assert store.state.view == View(masks=True)
    wanted = with_look(State().looks, "exposure", stretch="asinh", preset="99 %", colours="inferno")
    assert store.state.looks == wanted


def test_what_release_0_1_0_has_remembered_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    path.write_bytes((OLD / "preferences.json").read_bytes())
    prefs, store = Prefs.load(path), Store()
    prefs.apply_to(store)
    assert prefs.notes == []
    assert [one.path for one in prefs.recent] == ["/data/night/night.sky", "/data/night"]
    assert prefs.recent[1].contents == "6 visits, 12 exposures"
    assert prefs.folders == {"session": "/data/night"}
    assert prefs.geometry.startswith(b"\x01\xd9\xd0\xcb")
    assert prefs.layouts == {}, "its docks were others"
    wanted = View(masks=True, theme="light", plane_colours={"SAT": "#ff0000"})
    assert store.state.view == wanted
    look = store.state.looks["exposure"]
    assert (look.stretch, look.preset, look.colours) == ("asinh", "99 %", "inferno")


def test_looks_that_cannot_be_are_the_default(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    looks = {"residual": {"bins": 0, "preset": "zscale", "colours": "grey"}, "model": 3}
    path.write_text(json.dumps({"version": 1, "looks": looks}))
    store = Store()
    Prefs.load(path).apply_to(store)
    assert store.state.looks == with_look(State().looks, "residual", colours="grey")


def test_of_a_damaged_part_the_sound_rest_is_used(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    values = {
        "version": 1,
        "recent": [{"path": 3}, {"path": ""}, {"path": "/data", "starred": True}],
        "view": {"edges": "perhaps", "masks": True, "plane_opacity": float("nan")},
        "folders": {"open": 5, "export": "/out"},
        "window": [],
        "memory_mb": 10**400,
        "weather": "clear",
    }
    path.write_text(json.dumps(values))
    prefs, store = Prefs.load(path), Store()
    prefs.apply_to(store)
    assert [one.path for one in store.state.recent] == ["/data"]
    assert store.state.view == View(masks=True)
    assert prefs.folders == {"export": "/out"}
    assert prefs.memory_mb == 1 << 20
    told = [line.removeprefix(f"{path}: ").partition(" left out")[0] for line in prefs.notes]
    assert sorted(told) == [
        "2 of 3 of recent were",
        "folders.open was",
        "view.edges was",
        "view.plane_opacity was",
        "window was",
    ]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.just(9**999),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
a_part = st.sampled_from(["recent", "view", "looks", "window", "folders", "memory_mb"])
of_a_part = st.dictionaries(
    st.sampled_from(["path", "edges", "theme", "plane_colours", "geometry", "layouts", "residual"]),
    anything,
)


@given(st.dictionaries(a_part, anything | of_a_part | st.lists(of_a_part, max_size=3)))
def test_whatever_stands_in_them_the_window_can_start(values: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "preferences.json")
        path.write_text(json.dumps({"version": 1, **values}))
        prefs, store = Prefs.load(path), Store()
        prefs.apply_to(store)
        assert all("\n" not in line and line.endswith(".") for line in prefs.notes)
        prefs.remember(store)
        assert prefs.save()
        again = Prefs.load(path)
    assert again.notes == []
    assert (again.view, again.looks, again.recent) == (prefs.view, prefs.looks, prefs.recent)


def test_a_choice_that_is_no_more_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    path.write_text(json.dumps({"version": 1, "view": {"stretch": "cubic", "theme": "light"}}))
    store = Store()
    Prefs.load(path).apply_to(store)
    assert store.state.view == View(theme="light")


def test_a_folder_that_refuses_is_told_and_does_no_harm(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("mine")
    prefs = Prefs.load(in_the_way / "preferences.json")
    assert len(prefs.notes) == 1  # "not a directory" is no missing file
    prefs.notes.clear()
    assert not prefs.save()
    assert not prefs.save()
    assert len(prefs.notes) == 1
    assert "not saved" in prefs.notes[0]
    assert in_the_way.read_text() == "mine"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    remembered(path)
    path.chmod(stat.S_IWUSR)
    assert "cannot be read" in Prefs.load(path).notes[0]


def test_the_environment_can_name_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME, str(tmp_path))
    assert Prefs.load().path == tmp_path / "preferences.json"
    monkeypatch.delenv(HOME)
    assert Prefs.load(tmp_path / "x").path == tmp_path / "x"


# Two windows -----------------------------------------------------------------------------------


def taken_over(path: Path) -> tuple[Prefs, Store]:
    """Start a window: its preferences, and its store with them."""
    prefs, store = Prefs.load(path), Store()
    prefs.apply_to(store)
    return prefs, store


def test_what_one_window_changes_is_not_lost_by_what_another_saves(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    one, first = taken_over(path)
    one.remember(first, layouts={"visit": {"docks": [1]}}, folders={"open": "/old"})
    one.save()
    other, second = taken_over(path)
    first.set(view=replace(first.state.view, theme="light"))
    one.remember(first, folders={"export": "/one"})
    one.save()
    second.set(view=replace(second.state.view, crosshair=False))
    other.remember(second, layouts={**other.layouts, "stack": {}}, folders={"open": "/other"})
    other.save()
    # What it has never touched stays the first one's, however often it saves.
    other.remember(second)
    other.save()
    found = Prefs.load(path)
    assert (found.view.theme, found.view.crosshair) == ("light", False)
    assert found.folders == {"open": "/other", "export": "/one"}
    assert found.layouts == {"visit": {"docks": [1]}, "stack": {}}
    first.set(view=replace(first.state.view, theme="dark"))
    one.remember(first)
    one.save()
    assert Prefs.load(path).view.theme == "dark"


def test_what_either_window_has_opened_is_remembered_and_what_one_forgot_is_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "preferences.json"
    one, first = taken_over(path)
    first.set(recent=(Recent("/b", "", "2026-01-02"), Recent("/a", "", "2026-01-01")))
    one.remember(first)
    one.save()
    other, second = taken_over(path)
    first.set(recent=(Recent("/c", "", "2026-01-03"), *first.state.recent))
    one.remember(first)
    one.save()
    second.set(recent=(Recent("/d", "", "2026-01-04"), second.state.recent[0]))
    other.remember(second)
    other.save()
    one.remember(first)
    one.save()
    assert [recent.path for recent in Prefs.load(path).recent] == ["/d", "/c", "/b"]


USE = """
import sys
from skyframe_gui.app.project.preferences import Prefs
prefs = Prefs.load(sys.argv[1])
print(flush=True)
sys.stdin.readline()
for number in range(20):
    prefs.folders = {**prefs.folders, f"{sys.argv[2]} {number}": "/a"}
    assert prefs.save()
"""


def test_many_windows_that_save_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    windows = [
        subprocess.Popen(
            [sys.executable, "-c", USE, str(path), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for number in range(4)
    ]
    for window in windows:  # all of them have read what there was: nothing
        assert window.stdout is not None
        window.stdout.readline()
    for window in windows:
        assert window.stdin is not None
        window.stdin.write(b"\n")
        window.stdin.flush()
    for window in windows:
        window.communicate(timeout=60)
        assert window.returncode == 0
    assert len(Prefs.load(path).folders) == 80
    assert [one.name for one in tmp_path.iterdir()] == ["preferences.json"]


def test_a_file_that_was_damaged_meanwhile_costs_a_window_nothing(tmp_path: Path) -> None:
    path = tmp_path / "preferences.json"
    one, first = taken_over(path)
    one.remember(first, folders={"open": "/a"})
    one.save()
    path.write_text("{")
    one.remember(first, folders={"export": "/b"})
    one.save()
    assert Prefs.load(path).folders == {"open": "/a", "export": "/b"}


def test_killed_while_they_are_saved_the_old_ones_or_the_new_ones_are_there(
    tmp_path: Path,
) -> None:
    path = tmp_path / "preferences.json"

    def prepare() -> None:
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()
        prefs = Prefs.load(path)
        prefs.folders = {"open": "/old"}
        prefs.save()

    def work() -> None:
        prefs = Prefs.load(path)
        prefs.folders = {"open": "/new"}
        prefs.save()

    found = []
    for _ in at_every_step(work, prepare):
        found.append(Prefs.load(path).folders["open"])
        assert not [one for one in tmp_path.iterdir() if one.name.endswith(".part")]
        assert Prefs.load(path).save()  # a dead window's lock holds nobody up
    assert found == sorted(found, reverse=True)
    assert set(found) == {"/old", "/new"}

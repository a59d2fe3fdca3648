"""Data sets of a Butler repository in the place of files: commands and window."""

from __future__ import annotations

import gc
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from astropy.io import fits
from butlers import CALIB, CHAIN, RUN, Repo, anew, make_repo
from lsst.daf.butler import DatasetType
from lsst.resources import ResourcePath
from PyQt6.QtWidgets import QWidget
from test_cli import run, run_json

from skyframe_gui.app.export.plan import make_plan
from skyframe_gui.app.export.values import Plan, PutInto, Wishes
from skyframe_gui.app.export.write import export
from skyframe_gui.app.model.queries import open_exposures, open_sky_frames
from skyframe_gui.app.model.sky_sets import sky_sets
from skyframe_gui.app.project.restore import document_of, restore
from skyframe_gui.app.work import repositories
from skyframe_gui.app.work.repositories import Contents
from skyframe_gui.engine import Watch
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.engine.identity import Identity
from skyframe_gui.files import read_sky_frame, scan
from skyframe_gui.files.butler.address import Address, Dataset, exposures_of
from skyframe_gui.files.butler.ingest import Destination, check_destination, put_sky_frames
from skyframe_gui.files.butler.repository import Repository, opened, telling
from skyframe_gui.files.session_file import parse_session, session_text
from skyframe_gui.ui.data.tips import tip_of
from skyframe_gui.ui.data.tree_rows import exposure_row
from skyframe_gui.ui.dialogs import butler as butler_dialog
from skyframe_gui.ui.dialogs.butler import ButlerDialog
from skyframe_gui.ui.dialogs.export_choices import Choices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from skyframe_gui.app.commands import Commands

FORMATTER = "lsst.obs.base.formatters.fitsExposure.FitsExposureFormatter"
VISITS = {100: "2024-02-29T10:00:00", 102: "2024-02-29T10:02:00", 300: "2024-07-01T10:00:00"}
QUICK = (
    "--mask-objects", "never", "--normalise", "none",
    "--set", "background.xBinSize=32", "--set", "background.yBinSize=32",
)  # fmt: skip


def write_image(path: Path, level: float) -> Path:
    """Write an exposure whose header tells nothing of what it is."""
    pixels = np.random.default_rng(int(level)).normal(level, 3, (96, 128)).astype("f4")
    fits.PrimaryHDU(pixels).writeto(path)
    return path


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repo]:
    """Give two detectors of three visits, and sky frames of two times of validity."""
    place = tmp_path_factory.mktemp("rubin")
    with make_repo(place / "repo", VISITS) as made:
        _fill(made, place)
        yield made


def _fill(made: Repo, place: Path) -> None:
    for visit in VISITS:
        for detector in (0, 1):
            file = write_image(place / f"{visit}-{detector}.fits", visit + 10 * detector)
            made.put("calexp", file, instrument="HSC", visit=visit, detector=detector)
    skies = [f"{made.word}?collections={RUN}&dataset=calexp&visit={n}" for n in (100, 300)]
    for run_name, word in zip(("skies/winter", "skies/summer"), skies, strict=True):
        for frame in run_json("build", word, "-o", place / run_name, *QUICK)["sky_frames"]:
            made.put(
                "sky", Path(frame["path"]), run=run_name, calibration=True, instrument="HSC",
                physical_filter="HSC-R", detector=int(frame["detector"]),
            )  # fmt: skip
    made.certify("skies/winter", "2024-01-01", "2024-06-01")
    made.certify("skies/summer", "2024-06-01", "2024-12-01")


@pytest.fixture(scope="module")
def repository(repo: Repo) -> Iterator[Repository]:
    with opened(str(repo.path)) as found:
        yield found


def words(repo: Repo, rest: str = "", collections: str = CHAIN) -> str:
    return f"{repo.word}?collections={collections}&dataset=calexp{rest}"


def test_what_headers_do_not_tell_comes_of_the_data_id(repo: Repo) -> None:
    found = run_json("info", words(repo, "&visit=102&detector=1"))["files"]
    (one,) = found
    assert (one["instrument"], one["detector"], one["visit"]) == ("HSC", "1", "102")
    assert (one["filter"], one["night"], one["size"]) == ("HSC-R", "2024-02-29", "128 x 96")
    again = run_json("info", one["parts"][0]["dataset"])["files"]
    assert again[0]["path"] == one["path"]


@pytest.mark.parametrize(
    ("rest", "count"),
    [
        ("", 6),
        ("&visit=100,102", 4),
        ("&visit=100..110&detector=0", 2),
        ("&where=visit > 101 AND detector = 1", 2),
        ("&physical_filter=HSC-R&day_obs=20240701", 2),
    ],
)
def test_data_ids_and_expressions_choose(
    repo: Repo, repository: Repository, rest: str, count: int
) -> None:
    assert len(repository.find(Address.parse(words(repo, rest)))) == count


def test_of_several_collections_the_first_that_has_a_data_id_counts(
    repo: Repo, repository: Repository
) -> None:
    file = repo.path.parent / "102-1.fits"
    repo.put("calexp", file, run="HSC/runs/two", instrument="HSC", visit=100, detector=1)
    for order, run_name in (("two,HSC/runs/one", "two"), ("one,HSC/runs/two", "one")):
        word = words(repo, "&visit=100&detector=1", f"HSC/runs/{order}")
        assert [one.run for one in repository.find(Address.parse(word))] == [f"HSC/runs/{run_name}"]


def test_a_list_may_name_data_sets_beside_files(repo: Repo, tmp_path: Path) -> None:
    write_image(tmp_path / "own.fits", 7)
    (tmp_path / "all.txt").write_text(f"own.fits\n{words(repo, '&visit=100')}\n")
    found = run_json("info", f"@{tmp_path / 'all.txt'}")["files"]
    assert [one["visit"] for one in found] == ["", "100", "100"]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("{repo}?collections=nowhere&dataset=calexp", "No collection with name 'nowhere'"),
        ("{repo}?collections=HSC/runs/one&dataset=calexpo", "'calexpo' does not exist"),
        ("{repo}?collections=HSC/runs/one&dataset=calexp&where=visit >> 3", "Failed to parse"),
        ("{repo}?collections=HSC/runs/one&dataset=calexp&where=blub = 3", "'blub'"),
        ("{repo}?collections=HSC/runs/one&dataset=calexp&blub=3", "no dimension blub"),
        ("{repo}?collections=HSC/runs/one&dataset=calexp&visit=x", "numbers as in 7"),
        ("{repo}?collections=HSC/runs/one&dataset=calexp&visit=9", "there is no calexp in"),
        ("{repo}?dataset=calexp", "the repository has HSC/defaults"),
        ("{repo}?collections=HSC/runs/one", "the repository has calexp, sky"),
    ],
)
def test_what_is_not_there_is_a_sentence(
    repo: Repo, repository: Repository, word: str, told: str
) -> None:
    with pytest.raises(SkyFrameError) as caught, telling(str(repo.path)):
        repository.find(Address.parse(word.format(repo=repo.word)))
    assert told in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("rest", "told"),
    [("?collections=a&dataset=calexp", "is no Butler repository"), ("?a", "the form name=value")],
)
def test_a_word_for_nothing_is_a_sentence(tmp_path: Path, rest: str, told: str) -> None:
    done = run("info", f"butler:{tmp_path}{rest}")
    assert done.returncode == 1
    assert told in done.stderr


@pytest.mark.parametrize(
    ("word", "again"),
    [
        ("butler:/r?collections=a,b&dataset=calexp&visit=1&where=x > 2 AND y='%26'", ""),
        ("butler:https:/host/repo?collection=a&dataset_type=b", ""),  # as a path has it
        ("butler:embargo?at=2024-02-29", "butler:embargo?at=2024-02-29"),
    ],
)
def test_a_word_is_what_its_address_is_written_as(word: str, again: str) -> None:
    address = Address.parse(word)
    assert Address.parse(str(address)) == address
    assert again in str(address)
    if "https" in word:
        assert address == Address(repo="https://host/repo", collections=("a",), dataset="b")
    if "where" in word:
        assert address.where == "x > 2 AND y='&'"


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("butler:?collections=a", "names no repository"),
        ("butler:/r?visit=1&visit=2", "names visit twice"),
        ("butler:/r?at=noon", "takes a day or time"),
        ("butler:/r?visit=", "not of the form name=value"),
    ],
)
def test_a_word_that_says_nothing_is_refused(word: str, told: str) -> None:
    with pytest.raises(SkyFrameError, match=told):
        Address.parse(word)


def test_exposures_of_one_file_are_of_the_data_sets_of_their_detectors(tmp_path: Path) -> None:
    pixels = np.ones((40, 50), "f4")
    hdus = [fits.ImageHDU(pixels, name=name) for name in ("1", "0", "9")]
    fits.HDUList([fits.PrimaryHDU(), *hdus]).writeto(tmp_path / "mosaic.fits")
    datasets = [
        Dataset("/r", "raw", "run", (("instrument", "HSC"), ("exposure", 70 + n), ("detector", n)))
        for n in (0, 1)
    ]
    found = exposures_of(scan(tmp_path / "mosaic.fits"), datasets)
    assert [(one.detector, one.visit) for one in found] == [("1", "71"), ("0", "70"), ("9", "")]
    assert found[2].dataset is None


def test_files_that_are_elsewhere_are_fetched_and_parts_refused(
    repo: Repo, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = repository.find(Address.parse(words(repo, "&visit=100")))
    first = repository.stored(found)[0]
    assert Path(first.path).is_relative_to(repo.path)
    far = ResourcePath("resource://skyframe_gui/resource.py")
    assert not far.isLocal
    packed_in = ResourcePath("/a.zip#zip-path=b.fits")
    places = (
        SimpleNamespace(primaryURI=far, componentURIs={}),
        SimpleNamespace(primaryURI=None, componentURIs={"image": far}),
        SimpleNamespace(primaryURI=packed_in, componentURIs={}),
    )
    found = repository.find(Address.parse(words(repo, "&visit=100,102")))

    def uris_of(refs: list[object], **_: object) -> dict[object, SimpleNamespace]:
        return dict(zip(refs, places, strict=False))

    monkeypatch.setattr(repository.butler, "get_many_uris", uris_of)
    one, parts, packed, gone = repository.stored(found)
    assert Path(one.path).read_bytes() == far.read()
    assert not Path(one.path).is_relative_to(repo.path)
    assert "is stored in parts" in parts.why
    assert "in a zip file" in packed.why
    assert "it was removed" in gone.why

    def one_by_one(refs: list[object], **_: object) -> None:
        raise AttributeError("_datastore")

    monkeypatch.setattr(repository.butler, "get_many_uris", one_by_one)
    assert repository.stored(found)[0] == first


def test_without_butler_a_sentence_says_what_to_install(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lsst.daf.butler", None)
    done = run("info", words(repo))
    assert done.returncode == 1
    assert "pip install skyframe_gui[butler]" in done.stderr


def test_sky_frames_are_those_that_are_valid_for_the_exposures(repo: Repo, tmp_path: Path) -> None:
    sky = f"{repo.word}?collections={CHAIN}"
    for visit, level in ((102, 100), (300, 300)):
        found = run_json(
            "subtract", words(repo, f"&visit={visit}"), "--sky", sky,
            "-o", tmp_path / str(visit), "--mask-objects", "never",
        )  # fmt: skip
        assert len(found["outputs"]) >= 2
        assert found["scale"] == pytest.approx(visit / level, rel=0.01)


def test_plain_files_get_the_sky_frames_of_their_time(repo: Repo, tmp_path: Path) -> None:
    path = write_image(tmp_path / "plain.fits", 600)
    fits.setval(path, "INSTRUME", value="HSC")
    fits.setval(path, "DATE-OBS", value="2024-07-02T10:00:00")
    told = ("--identity", "detector=0", "--identity", "filter=HSC-R", "--mask-objects", "never")
    sky = f"{repo.word}?collections={CALIB}"
    found = run_json("subtract", path, "--sky", sky, *told, "-o", tmp_path / "out")
    assert found["scale"] == pytest.approx(2.0, rel=0.01)


def test_exposures_of_two_validities_are_refused_in_one_run(repo: Repo, tmp_path: Path) -> None:
    sky = f"{repo.word}?collections={CHAIN}"
    done = run("subtract", words(repo), "--sky", sky, "-o", tmp_path, "--mask-objects", "never")
    assert done.returncode == 1
    assert "give those of each time by themselves" in done.stderr


def test_calibrations_are_those_of_a_time_or_it_is_said_that_there_is_none(
    repo: Repo, repository: Repository
) -> None:
    def runs(at: str) -> list[str]:
        word = f"{repo.word}?collections={CALIB}&dataset=sky{at}"
        return [one.run for one in repository.find(Address.parse(word))]

    assert runs("&at=2024-02-01") == ["skies/winter"] * 2
    assert runs("&at=2024-06-01") == ["skies/summer"] * 2
    assert sorted(runs("&detector=1")) == ["skies/summer", "skies/winter"]
    with pytest.raises(SkyFrameError, match="no sky that is valid at 2025-01-01"):
        runs("&at=2025-01-01")
    wanted = Identity(instrument="hsc", detector="0_21", filter="r", date="2024-07-01T00:00:00")
    sky = Address.parse(f"{repo.word}?collections={CHAIN}&dataset=sky")
    (found,) = repository.find(sky, [wanted])
    assert (found.run, found.known["detector"]) == ("skies/summer", "1")
    for change, told in (
        ({"filter": "HSC-I"}, "filter HSC-I of hsc"),
        ({"date": ""}, "say when, as in at="),
        ({"date": "2031-01-01"}, "at 2031-01-01."),
    ):
        with pytest.raises(SkyFrameError, match=told):
            repository.find(sky, [replace(wanted, **change)])


def test_built_sky_frames_go_into_the_repository_as_the_pipelines_know_them(
    repo: Repo, tmp_path: Path
) -> None:
    into = ("--butler", repo.path, "--run", "u/me/built", "--certify", "u/me/calib")
    found = run_json(
        "build", words(repo, "&visit=100,102"), "-o", tmp_path, *QUICK, *into,
        "--begin-date", "2024-02-01", "--end-date", "2024-03-01",
    )  # fmt: skip
    assert (found["run"], len(found["put"])) == ("u/me/built", 2)
    for path, frame in zip(found["put"], found["sky_frames"], strict=True):
        assert Path(path).read_bytes() == Path(frame["path"]).read_bytes()
        assert Path(path).is_relative_to(repo.path / "u/me/built/sky")
        assert read_sky_frame(path).n_used.max() == 2
    with anew(repo.path) as butler:
        spans = butler.registry.queryDatasetAssociations("sky", collections=["u/me/calib"])
        assert [str(one.timespan) for one in spans] == [
            "[2024-02-01T00:00:00, 2024-03-01T00:00:00)"
        ] * 2
    with closing(sqlite3.connect(repo.path / "gen3.sqlite3")) as database:
        rows = database.execute(
            "SELECT DISTINCT formatter, storage_class FROM file_datastore_records "
            "WHERE path LIKE 'u/me/built/%'"
        ).fetchall()
    database.close()
    assert rows == [(FORMATTER, "ExposureF")]


def put(repo: Repo, place: Path, run_name: str, **more: str) -> tuple[str, ...]:
    """Put the sky frames of winter into a run."""
    one = {"instrument": "HSC", "filter": "HSC-R"}
    frames = [
        (str(place / f"sky-{n}.fits"), Identity(detector=str(n), **one))  # type: ignore[arg-type]
        for n in (0, 1)
    ]
    return put_sky_frames(Destination(repo=str(repo.path), run=run_name, **more), frames)


def test_nothing_in_a_repository_is_replaced(repo: Repo) -> None:
    place = repo.path.parent / "skies/winter"
    first = put(repo, place, "u/me/once")
    before = Path(first[0]).read_bytes()
    with pytest.raises(SkyFrameError, match="it is not replaced"):
        put(repo, repo.path.parent / "skies/summer", "u/me/once")
    assert Path(first[0]).read_bytes() == before
    with anew(repo.path) as butler:
        assert len(butler.query_datasets("sky", collections="u/me/once")) == 2


def test_all_sky_frames_are_put_or_none(repo: Repo) -> None:
    place = repo.path.parent / "skies/winter"
    with pytest.raises(SkyFrameError, match="validity range conflict"):
        put(repo, place, "u/me/none", certify=CALIB, begin="2024-05-01")
    with anew(repo.path) as butler:
        assert "u/me/none" not in butler.collections.query("*")
    assert not list((repo.path / "u/me").rglob("*none*.fits"))


def test_the_dataset_type_is_registered_where_there_is_none_and_kept_where_it_is_another(
    repo: Repo, tmp_path: Path
) -> None:
    place = repo.path.parent / "skies/winter"
    with make_repo(tmp_path / "bare", {}) as bare:
        kind = DatasetType(
            "sky", ("instrument", "detector"), "ExposureF",
            isCalibration=True, universe=bare.butler.dimensions,
        )  # fmt: skip
        bare.butler.registry.registerDatasetType(kind)
        with pytest.raises(SkyFrameError, match="something else there"):
            put(bare, place, "u/me/first")
        bare.butler.registry.removeDatasetType("sky")
        put(bare, place, "u/me/first")
    with anew(bare.path) as butler:
        made = butler.get_dataset_type("sky")
        assert (made.storageClass_name, made.isCalibration()) == ("ExposureF", True)
        assert set(made.dimensions.required) == {"instrument", "detector", "physical_filter"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"instrument": "DECam"}, "knows no instrument DECam, but HSC"),
        ({"detector": "77"}, "knows no detector 77 of HSC"),
        ({"filter": "g"}, "knows no filter g of HSC, but HSC-I, HSC-R"),
    ],
)
def test_what_a_repository_does_not_know_is_named(
    repo: Repo, change: dict[str, str], told: str
) -> None:
    known = Identity(**{"instrument": "HSC", "detector": "0", "filter": "HSC-R", **change})  # type: ignore[arg-type]
    with pytest.raises(SkyFrameError) as caught:
        put_sky_frames(Destination(repo=str(repo.path), run="u/me/no"), [("x.fits", known)])
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"run": CHAIN}, "is a CHAINED collection, and a RUN collection is needed"),
        ({"certify": RUN}, "a CALIBRATION collection is needed"),
        ({"run": "u/me; drop"}, "cannot be called 'u/me; drop'"),
        ({"run": "../beside"}, "cannot be called '../beside'"),
        ({"run": "u/.."}, "cannot be called 'u/..'"),
        ({"certify": "."}, "cannot be called '.'"),
        ({"run": ""}, "Name the RUN collection"),
        ({"begin": "2024-01-01"}, "needs a CALIBRATION collection"),
        ({"certify": "c", "begin": "noon"}, "not 'noon'"),
        ({"certify": "c", "begin": "2024-02-01", "end": "2024-01-01"}, "before it begins"),
    ],
)
def test_where_nothing_can_be_put_is_a_sentence(
    repo: Repo, changes: dict[str, str], told: str
) -> None:
    with pytest.raises(SkyFrameError) as caught:
        check_destination(Destination(**{"repo": str(repo.path), "run": "u/me/x", **changes}))
    assert told in str(caught.value)


def test_where_nothing_can_be_put_is_known_before_anything_is_read(
    repo: Repo, tmp_path: Path
) -> None:
    into = ("-o", tmp_path / "out", "--butler", repo.path)
    done = run("build", words(repo), *into, "--run", CHAIN)
    assert done.returncode == 1
    assert CHAIN in done.stderr
    assert not (tmp_path / "out").exists()
    done = run("build", words(repo), "-o", tmp_path / "out", "--run", "u/me/x")
    assert (done.returncode, "--run goes with --butler" in done.stderr) == (2, True)


@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
def test_a_repository_that_may_only_be_read_is_told_so(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(  # as on a disk that may not be written, which root may always
        sqlite3, "connect", lambda to, **how: connect(to.replace("mode=rwc", "mode=ro"), **how)
    )
    done = run("build", words(repo), "-o", tmp_path / "out", "--butler", repo.path)
    assert done.returncode == 1
    assert "is read-only here" in done.stderr
    assert not (tmp_path / "out").exists()
    gc.collect()  # Butler leaves the database open, of which Python 3.13 tells


# The window ------------------------------------------------------------------------------------


def test_the_window_opens_what_belongs_together_and_sessions_keep_what_it_is(
    repo: Repo, commands: Commands, idle: Callable[[], None], tmp_path: Path
) -> None:
    exposures = words(repo, "&visit=100,102")
    commands.open([exposures, f"{repo.word}?collections={CHAIN}&dataset=sky"])
    idle()
    before = commands.store.state
    found = [item.source for item in open_exposures(before)]
    assert [(one.visit, one.detector) for one in found] == [
        ("100", "0"), ("100", "1"), ("102", "0"), ("102", "1"),
    ]  # fmt: skip
    assert {(one.instrument, one.filter, one.night) for one in found} == {
        ("HSC", "HSC-R", "2024-02-29")
    }
    frames = open_sky_frames(before)
    assert [one.detector for one in frames] == ["0", "1"]
    assert [(one.name, len(one.frames)) for one in sky_sets(before)] == [("skies/winter", 2)]
    assert [np.median(one.sky_frame.grid.values) for one in frames] == pytest.approx(
        [100, 110], abs=1
    )
    assert before.bad_files == ()
    tip = tip_of(before, exposure_row(before, before.exposures[0], 0))
    assert f"detector 0, visit 100, physical_filter HSC-R}} in {RUN} of {repo.path}" in tip
    commands.open([found[0].path])  # by its name alone: it is known by now
    idle()
    assert commands.store.state.exposures[0].source == found[0]
    assert exposures in [one.path for one in before.recent]

    document, notes = parse_session(session_text(document_of(before, tmp_path)))
    assert notes == ()
    record = document.files[0].datasets[0]
    assert (record.repo, record.run, record.dataset) == (str(repo.path), RUN, "calexp")
    assert record.data_id["visit"] == 100
    gone = document.files[0].model_copy(update={"path": "gone.fits"})
    document = document.model_copy(update={"files": (gone, *document.files[1:])})
    commands.program.loader.datasets.clear()  # as in a program that is started anew
    restore(document, tmp_path, commands.program)
    idle()
    after = commands.store.state
    assert [one.source for one in after.exposures] == found[1:]
    assert after.exposures[0].source.dataset == found[1].dataset is not None
    assert [one.identity for one in after.sky_frames] == [one.identity for one in frames]
    (bad,) = after.bad_files
    assert "it was calexp {instrument HSC, detector 0, visit 100" in bad.why
    damaged = session_text(document).replace('"visit": 100', '"visit": [1]')
    assert parse_session(damaged)[1], "what is damaged is told"


def test_what_cannot_be_opened_of_a_repository_is_a_row(
    repo: Repo, commands: Commands, idle: Callable[[], None]
) -> None:
    commands.open([f"{repo.word}?collections=nowhere&dataset=calexp"])
    idle()
    (bad,) = commands.store.state.bad_files
    assert "No collection with name 'nowhere'" in bad.why
    assert document_of(commands.store.state, "/somewhere").files == ()


def test_the_dialog_offers_what_is_there_and_opens_what_is_chosen(
    repo: Repo,
    commands: Commands,
    idle: Callable[[], None],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(butler_dialog, "PAUSE_MS", 0)
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ButlerDialog(parent, commands)
    dialog.show()
    ask = commands.program.repositories.lane

    def answered(text: str) -> None:
        qtbot.waitUntil(lambda: text in dialog.message.text() and not ask.busy, timeout=20_000)

    assert not dialog.open_button.isEnabled()
    dialog.repository.setText(str(repo.path.parent))
    answered("is no Butler repository")
    dialog.repository.setText(str(repo.path))
    answered("6 data sets, 3 visits, 2 detectors, 1 filter.")
    assert (dialog.collections.currentText(), dialog.dataset.currentText()) == (CHAIN, "calexp")
    visits = dialog.choices["visit"]
    assert [visits.itemText(i) for i in range(visits.count())] == ["all", "100", "102", "300"]
    visits.setCurrentText("100, 102")
    answered("4 data sets, 2 visits")
    dialog.where.setText("visit >> 3")
    answered("Failed to parse")
    assert not dialog.open_button.isEnabled()
    dialog.where.setText("detector = 1")
    answered("2 data sets, 2 visits, 1 detector")
    assert dialog.open_button.text() == "Open 2"
    dialog.sky.setChecked(True)
    dialog.open_button.click()
    idle()
    state = commands.store.state
    assert [one.source.visit for one in open_exposures(state)] == ["100", "102"]
    assert [one.detector for one in open_sky_frames(state)] == ["1"]
    assert not dialog.isVisible()
    assert commands.folders["butler"] == str(repo.path)


def test_asking_a_repository_can_be_stopped(
    repo: Repo, commands: Commands, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    go_on = threading.Event()
    monkeypatch.setattr(butler_dialog, "PAUSE_MS", 0)
    monkeypatch.setattr(repositories, "contents_of", lambda repo, watch: _wait(go_on, watch))
    dialog = ButlerDialog(parent, commands)
    dialog.show()
    dialog.repository.setText("/repo/main")
    qtbot.waitUntil(lambda: commands.program.repositories.lane.busy)
    assert dialog.message.text() == "Asking main…"
    dialog.stop.click()
    assert dialog.message.text().startswith("Stopped")
    qtbot.waitUntil(lambda: not commands.program.repositories.lane.busy)
    go_on.set()


def _wait(go_on: threading.Event, watch: Watch) -> Contents:
    while not go_on.wait(0.005):
        watch.step(0, 0)
    return Contents("", (), ())


def test_the_export_puts_built_sky_frames_into_the_repository(
    repo: Repo, commands: Commands, idle: Callable[[], None], tmp_path: Path
) -> None:
    commands.open([words(repo, "&visit=100,102")])
    idle()
    commands.build()
    idle()
    state = commands.store.state
    asked = PutInto(
        repo=str(repo.path), run="u/me/window", certify="u/me/windows", end="2024-03-01"
    )

    def plan_of(**changes: str) -> Plan:
        put = replace(asked, **changes)
        return make_plan(state, Wishes(folder=tmp_path, sky_frames=True, put_into=put))

    assert plan_of(repo="").why_not == "Name the repository that the sky frames go into."
    assert "not 'noon'" in plan_of(begin="noon").why_not
    plan = plan_of()
    assert plan.why_not == ""
    assert plan.notes[-1] == f"2 sky frames will go into u/me/window of {repo.path}, too."
    done = export(commands.program.stages, plan, {}, Watch())
    assert (done.failed, len(done.paths)) == ([], 2)
    assert done.line == (
        f"Wrote 2 files to {tmp_path}. Put 2 sky frames into u/me/window of {repo.path}."
    )
    with anew(repo.path) as butler:
        refs = butler.query_datasets("sky", collections="u/me/windows")
        assert sorted(ref.dataId["detector"] for ref in refs) == [0, 1]
        stored = Path(butler.getURI(refs[0]).ospath).read_bytes()
    assert stored in [Path(path).read_bytes() for path in done.paths]
    again = make_plan(state, replace(WISHES, folder=tmp_path, put_into=asked))
    done = export(commands.program.stages, again, {}, Watch())
    assert len(done.failed) == 1
    assert "it is not replaced" in done.failed[0]


WISHES = Wishes(folder=Path(), sky_frames=True, replace=True)


def test_the_export_asks_where_to_only_when_sky_frames_are_wanted(qtbot: QtBot) -> None:
    choices = Choices()
    qtbot.addWidget(choices)
    put = choices.put_into
    assert not put.isEnabled()
    choices.sky_frames.setChecked(True)
    put.wanted.setChecked(True)
    assert put.isEnabled()
    for name, text in (("repo", " /repo "), ("run", "u/me/x"), ("begin", "2024-01-01")):
        put.fields[name].setText(text)
    found = choices.wishes(Path("/out"), (), False).put_into
    assert found == PutInto(repo="/repo", run="u/me/x", begin="2024-01-01")
    choices.sky_frames.setChecked(False)
    assert choices.wishes(Path("/out"), (), False).put_into is None

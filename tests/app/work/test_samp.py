"""Other programs get the image and the samples, and what they choose is selected here."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

import numpy as np
import pytest
from astropy.table import Table
from fitted_visits import make_fit
from made_items import an_exposure
from pyvo import samp

from skyframe_gui.app.commands import Commands
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.app.model.store import Store
from skyframe_gui.app.model.view import Selection
from skyframe_gui.app.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def hub(tmp_path, monkeypatch) -> Iterator[samp.SAMPHubServer]:
    lock = tmp_path / "hub"
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{lock.as_uri()}")
    monkeypatch.setattr(samp.conf, "use_internet", False)
    server = samp.SAMPHubServer(web_profile=False, mode="multiple", lockfile=str(lock))
    server.start()
    yield server
    server.stop()


class Other:
    """A program that takes images and tables."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.client = samp.SAMPIntegratedClient(name="other")
        self.client.connect()
        for kind in ("image.load.fits", "table.load.votable"):
            self.client.bind_receive_notification(kind, self._take)

    def _take(self, key, sender, kind, params, extra) -> None:
        self.got.append({"kind": kind, **params})


@pytest.fixture
def other(hub) -> Iterator[Other]:
    made = Other()
    yield made
    made.client.disconnect()


@pytest.fixture
def commands(qapp, tmp_path) -> Iterator[Commands]:
    store = Store()
    item = an_exposure("a b.fits", tmp_path)
    store.set(exposures=(item,), selection=Selection(exposure=item.key))
    fit = make_fit(n_detectors=2)
    fit = replace(fit, made_from=request_of(store.state).inputs)
    store.set(results=replace(store.state.results, fit=fit))
    made = Commands(Program(store))
    yield made
    assert made.program.close()


def log_of(commands: Commands) -> str:
    return "\n".join(commands.program.store.state.log)


def path_of(message: dict[str, str]) -> Path:
    return Path(unquote(urlparse(message["url"]).path))


def test_the_image_is_offered_by_its_file(commands, other, qtbot, tmp_path) -> None:
    commands.program.samp.send_image()
    qtbot.waitUntil(lambda: len(other.got) == 1, timeout=10_000)
    (message,) = other.got
    assert message["kind"] == "image.load.fits"
    assert path_of(message) == tmp_path / "a b.fits"
    assert message["image-id"] == commands.program.store.state.selection.exposure
    qtbot.waitUntil(lambda: "Sent to 1 program: " in log_of(commands), timeout=10_000)


def test_samples_go_out_as_a_table_and_chosen_rows_come_back(commands, other, qtbot) -> None:
    state = commands.program.store.state
    fit = state.results.fit
    commands.program.samp.send_samples()
    qtbot.waitUntil(lambda: len(other.got) == 1, timeout=10_000)
    (message,) = other.got
    assert message["kind"] == "table.load.votable"
    table = Table.read(path_of(message), format="votable")
    np.testing.assert_array_equal(
        table["image"].filled(np.nan), np.concatenate([one.image for one in fit.samples])
    )
    assert (table["class"] == "rejected").sum() == (fit.solution.rejected_at >= 0).sum()

    def say(kind: str, **params: object) -> None:
        other.client.notify_all({"samp.mtype": kind, "samp.params": params})

    def selected() -> set[tuple[str, tuple[int, ...]]]:
        return set(commands.program.store.state.selection.samples)

    def sample(row: int) -> tuple[str, tuple[int, ...]]:
        return fit.keys[row // 36], tuple(fit.samples[row // 36].boxes[row % 36].tolist())

    known = message["table-id"]
    say("table.select.rowList", **{"table-id": known, "row-list": ["3", "40"]})
    qtbot.waitUntil(lambda: selected() == {sample(3), sample(40)}, timeout=10_000)
    say("table.highlight.row", **{"table-id": known, "row": "71"})
    qtbot.waitUntil(lambda: selected() == {sample(71)}, timeout=10_000)
    say("table.select.rowList", **{"table-id": "of another", "row-list": ["1"]})
    say(
        "table.select.rowList",
        **{"table-id": known, "row-list": ["72", "-1", "x", "9" * 5000, "5"]},
    )
    qtbot.waitUntil(lambda: selected() == {sample(5)}, timeout=10_000)
    answer = other.client.call_and_wait(
        next(iter(other.client.get_subscribed_clients("table.select.rowList"))),
        {
            "samp.mtype": "table.select.rowList",
            "samp.params": {"table-id": known, "row-list": ["0"]},
        },
        "10",
    )
    assert answer["samp.status"] == "samp.ok"
    qtbot.waitUntil(lambda: selected() == {sample(0)}, timeout=10_000)
    written = path_of(message)
    commands.program.samp.close()
    assert not written.exists()


def test_a_hub_that_came_later_is_found(commands, tmp_path, monkeypatch, qtbot) -> None:
    lock = tmp_path / "later"
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{lock.as_uri()}")
    monkeypatch.setattr(samp.conf, "use_internet", False)
    for number, damaged in enumerate(("", "no lock file", "samp.hub.xmlrpc.url=nowhere\n")):
        lock.write_text(damaged)
        commands.program.samp.send_image()
        qtbot.waitUntil(
            lambda n=number: log_of(commands).count("There is no SAMP hub") == n + 1,
            timeout=10_000,
        )
    lock.unlink()
    server = samp.SAMPHubServer(web_profile=False, mode="multiple", lockfile=str(lock))
    server.start()
    try:
        commands.program.samp.send_image()
        qtbot.waitUntil(
            lambda: "Sent to no program: none at the hub takes it" in log_of(commands),
            timeout=10_000,
        )
    finally:
        commands.program.samp.close()
        server.stop()


def test_a_hub_that_is_gone_is_looked_for_anew(commands, tmp_path, monkeypatch, qtbot) -> None:
    monkeypatch.setattr(samp.conf, "use_internet", False)
    for number in (1, 2):
        lock = tmp_path / f"hub{number}"
        monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{lock.as_uri()}")
        server = samp.SAMPHubServer(web_profile=False, mode="multiple", lockfile=str(lock))
        server.start()
        commands.program.samp.send_image()
        qtbot.waitUntil(
            lambda n=number: log_of(commands).count("Sent to no program") == n, timeout=10_000
        )
        server.stop()


def test_a_hub_that_ends_while_it_is_asked_is_told_of(commands, hub, monkeypatch, qtbot) -> None:
    def gone(*_: object) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(samp.SAMPIntegratedClient, "get_subscribed_clients", gone)
    commands.program.samp.send_image()
    qtbot.waitUntil(lambda: "The SAMP hub did not take a b.fits" in log_of(commands))


def test_without_pyvo_the_extra_is_named(commands, monkeypatch, qtbot) -> None:
    monkeypatch.setitem(sys.modules, "pyvo", None)
    commands.program.samp.send_image()
    qtbot.waitUntil(lambda: 'pip install "skyframe_gui[samp]"' in log_of(commands), timeout=10_000)


def test_what_is_not_there_is_not_sent(qapp) -> None:
    made = Commands(Program(Store()))
    made.program.samp.send_image()
    made.program.samp.send_samples()
    assert "There is no exposure to be sent" in log_of(made)
    assert "There is no fit whose samples could be sent" in log_of(made)
    assert not made.program.busy
    assert made.program.close()

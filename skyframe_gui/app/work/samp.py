"""Other programs on the desktop (TOPCAT, Aladin, DS9): images and samples out, chosen rows in.

They meet at a hub of SAMP, the Simple Application Messaging Protocol of the IVOA; pyvo (the extra
``samp``) speaks it.
"""

from __future__ import annotations

import shutil
import tempfile
import xmlrpc.client
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, pyqtSignal

from skyframe_gui import __version__
from skyframe_gui.app.model.problems import write_log
from skyframe_gui.app.model.queries import shown_exposure
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.numbers import plural
from skyframe_gui.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from skyframe_gui.app.model.items import SampleId
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.app.work.tasks import Tasks
    from skyframe_gui.engine import SkyMeasurementConfig

ROWS, ROW = "table.select.rowList", "table.highlight.row"
WHAT = {
    "samp.name": "skyframe_gui",
    "samp.description.text": "Makes, inspects and applies sky frames of mosaic cameras",
    "author.version": __version__,
}
MOST_TABLES = 20
"""So many tables that were sent are known when rows of them come back."""


class Samp(QObject):
    """Sends what is shown to other programs, and hears what they choose.

    A hub is looked for when something is sent. What other programs say comes in a thread of its
    own and is taken on by the GUI's.
    """

    chosen = pyqtSignal(object)
    """Samples that were chosen elsewhere, a frozenset of `SampleId`."""
    _said = pyqtSignal(str, str, object)

    def __init__(self, store: Store, tasks: Tasks) -> None:
        super().__init__()
        self._store = store
        self._tasks = tasks
        self._client: Any = None
        self._folder: Path | None = None
        self._tables: dict[str, tuple[SampleId, ...]] = {}
        self._n_sent = 0
        self._said.connect(self._hear)

    def send_image(self) -> None:
        """Offer the shown exposure's file to every program that takes images."""
        item = shown_exposure(self._store.state)
        if item is None:
            write_log(self._store, "There is no exposure to be sent; choose one.")
            return
        path, name = Path(item.source.path).absolute(), item.source.name
        self._send("image.load.fits", {"image-id": item.key, "name": name}, lambda: path, name)

    def send_samples(self) -> None:
        """Offer the samples of the shown visit as a table; rows that are chosen there come back."""
        state = self._store.state
        fit = state.results.fit
        if fit is None or fit.made_from != request_of(state).inputs:
            write_log(self._store, "There is no fit whose samples could be sent; wait for it.")
            return
        self._n_sent += 1
        name = f"samples of visit {fit.visit}"
        known = f"skyframe_gui-samples-{self._n_sent}"
        self._tables[known] = tuple(
            (key, (int(x0), int(y0), int(x1), int(y1)))
            for key, samples in zip(fit.keys, fit.samples, strict=True)
            for x0, y0, x1, y1 in samples.boxes
        )
        while len(self._tables) > MOST_TABLES:
            del self._tables[next(iter(self._tables))]
        config = state.config
        self._send(
            "table.load.votable",
            {"table-id": known, "name": name},
            lambda: _table_of(fit, config, self._temporary() / f"{known}.vot"),
            name,
        )

    def close(self) -> None:
        """Leave the hub and take away what was written for others."""
        if self._client is not None and self._client.is_connected:
            with suppress(OSError, xmlrpc.client.Error):  # the hub may be gone
                self._client.disconnect()
        self._client = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _send(self, kind: str, about: Mapping[str, str], make: Any, name: str) -> None:
        def work(_: object) -> int:
            client = self._connected()
            message = {"samp.mtype": kind, "samp.params": {**about, "url": make().as_uri()}}
            try:
                takers = client.get_subscribed_clients(kind)  # a hub may refuse one for nobody
                return len(client.notify_all(message)) if takers else 0
            except (OSError, xmlrpc.client.Error) as error:
                raise SkyFrameError(
                    f"The SAMP hub did not take {name} ({on_one_line(str(error))}); try again."
                ) from error

        def done(n: int) -> None:
            to = plural(n, "program") if n else "no program: none at the hub takes it"
            write_log(self._store, f"Sent to {to}: {name}.")

        self._tasks.run(f"Send {name}", work, done)

    def _connected(self) -> Any:
        """Return a client at the hub; that of the time before, where the hub still is.

        Raises
        ------
        SkyFrameError
            There is no pyvo, or no hub.
        """
        try:
            from pyvo import samp
        except ImportError as error:
            raise SkyFrameError(
                "Messages to other programs need pyvo, which is not installed: "
                'pip install "skyframe_gui[samp]".'
            ) from error
        if self._client is not None:
            try:
                self._client.ping()
            except (OSError, xmlrpc.client.Error):  # the hub is gone: look for another
                self._client = None
            else:
                return self._client
        client = samp.SAMPIntegratedClient(metadata=dict(WHAT))
        try:
            client.connect()
        except (samp.SAMPHubError, OSError, ValueError, xmlrpc.client.Error) as error:
            # Also where the file that names a hub is damaged.
            raise SkyFrameError(
                "There is no SAMP hub to send through; start TOPCAT, Aladin, or another program "
                "that brings one, and try again."
            ) from error
        for kind in (ROWS, ROW):
            client.bind_receive_notification(kind, self._on_notification)
            client.bind_receive_call(kind, self._on_call)
        self._client = client
        return client

    def _on_notification(
        self, key: str, sender: str, kind: str, params: Any, extra: Any = None
    ) -> None:
        if sender != key and isinstance(params, dict):
            self._said.emit(kind, str(params.get("table-id", "")), params)

    def _on_call(
        self, key: str, sender: str, message: str, kind: str, params: Any, extra: Any = None
    ) -> None:
        self._on_notification(key, sender, kind, params)
        if self._client is not None:
            answer = {"samp.status": "samp.ok", "samp.result": {}}
            self._client.reply(message, answer)

    def _hear(self, kind: str, table: str, params: Any) -> None:
        samples = self._tables.get(table)
        if samples is None:
            return  # of another program's table
        given = params.get("row-list", []) if kind == ROWS else [params.get("row", "")]
        # Longer ones are no rows, and Python refuses to read thousands of digits.
        rows = [int(row) for row in map(str, given) if row.isdecimal() and len(row) < 12]
        self.chosen.emit(frozenset(samples[row] for row in rows if row < len(samples)))

    def _temporary(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="skyframe_gui-"))
        return self._folder


def _table_of(fit: VisitFit, config: SkyMeasurementConfig, path: Path) -> Path:
    """Write the samples as a VOTable, the columns of the exported table; return its path."""
    from astropy.table import Table

    from skyframe_gui.files.samples_table import write_samples

    ecsv = path.with_suffix(".ecsv")
    write_samples(ecsv, fit.samples, fit.solution, config, fit.visit, fit.unit, overwrite=True)
    table = Table.read(ecsv, format="ascii.ecsv")
    table.meta.clear()  # nested, which a VOTable has no place for
    table.write(path, format="votable", overwrite=True)
    ecsv.unlink()
    return path

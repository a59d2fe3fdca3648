"""The workers of a Dask scheduler as an executor; what is wrong there becomes a sentence."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from concurrent.futures import CancelledError, Executor, Future, InvalidStateError
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.text import on_one_line
from skyframe_gui.workflow.cache import engine_version
from skyframe_gui.workflow.jobs import WorkersError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from distributed import Client

R = TypeVar("R")

CONNECT_SECONDS = 15.0
"""How long a scheduler is waited for."""
NO_WORKER_SECONDS, LOOK_SECONDS = 300.0, 2.0
"""How long a scheduler may be without any worker, which is looked at so often."""
INSTALL = "install skyframe_gui in the environment that the workers run in, in the same version"


@contextmanager
def workers_of(address: str) -> Iterator[Executor]:
    """Give an executor whose tasks are done by the workers of a Dask scheduler.

    Workers may come and go meanwhile; what one that was lost had begun is done by another.

    Parameters
    ----------
    address : str
        As the scheduler tells it: ``tcp://10.0.0.1:8786``.

    Raises
    ------
    WorkersError
        The package ``distributed`` is not installed, nobody answers, or a worker lacks this
        program or has another version of it.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise WorkersError(
            "--scheduler needs the package distributed; install it with "
            "pip install 'skyframe_gui[cluster]'."
        ) from error
    # It tells of each lost connection in many lines; here what matters becomes a sentence.
    for name in [*logging.root.manager.loggerDict]:
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        # A client that could not be started waits half a minute to end, and then tells of it.
        asyncio.run(_knock(address))
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except Exception as error:  # another server's answer is read as any length of anything
        why = on_one_line(str(error) or type(error).__name__)
        if isinstance(error, MemoryError):
            why = "what answers there is something else"
        raise WorkersError(
            f"No Dask scheduler answers at {address} ({why}); start one with dask scheduler, and "
            "give the address that it tells."
        ) from error
    try:
        _check(client)
        with _Workers(client) as executor:
            yield executor
    finally:
        # A scheduler that is gone would be waited for.
        client.close(timeout=1)


async def _knock(address: str) -> None:
    """See that a Dask server is there; what else answers raises any error."""
    from distributed.comm.core import connect
    from distributed.security import Security

    comm = await connect(
        address, timeout=CONNECT_SECONDS, **Security().get_connection_args("client")
    )
    comm.abort()


def _check(client: Client) -> None:
    """See that the workers which are there have this program in this version."""
    try:
        answers = client.run(engine_version, on_error="return")
    except (OSError, TimeoutError) as error:
        raise _lost() from error
    for worker, answer in answers.items():
        # What cannot be imported there may come as another error that tells of it.
        if isinstance(answer, BaseException) and "ModuleNotFoundError" in repr(answer):
            raise _lacking(answer, f"The worker at {worker}")
        if isinstance(answer, BaseException):
            raise WorkersError(f"The worker at {worker} cannot be used ({answer}).") from answer
        if answer != engine_version():
            raise WorkersError(_other_version(f"The worker at {worker}"))


def _lacking(error: BaseException, who: str) -> WorkersError:
    return WorkersError(f"{who} has no skyframe_gui ({on_one_line(error)}); {INSTALL}.")


def _other_version(who: str) -> str:
    return f"{who} has another version of skyframe_gui, whose numbers may differ; {INSTALL}."


def _lost() -> WorkersError:
    return WorkersError(
        "The scheduler is gone before all was done; start it and this command again. With --cache "
        "nothing that was measured is read a second time."
    )


def checked(version: str, function: Callable[..., R], *arguments: Any) -> R:
    """Call a function where the engine is that of whoever asks; this is what a worker does.

    Raises
    ------
    WorkersError
        It is another one.
    """
    if engine_version() != version:
        raise WorkersError(_other_version("A worker"))
    return function(*arguments)


class _Workers(Executor):
    """Dask's own executor, whose failures are given their words."""

    def __init__(self, client: Client) -> None:
        self._pending: set[Future[Any]] = set()
        self._client = client
        self._ended = threading.Event()
        threading.Thread(target=self._watch_workers, name="workers", daemon=True).start()
        # Not pure: nobody looks whether a task was done before, that is what the cache is for.
        self._inner = client.get_executor(pure=False)

    def submit(self, function: Callable[..., R], /, *args: Any, **more: Any) -> Future[R]:
        try:
            inner = self._inner.submit(checked, engine_version(), function, *args, **more)
        except (OSError, RuntimeError) as error:
            raise _lost() from error
        outer: Future[R] = Future()
        self._pending.add(outer)
        outer.add_done_callback(self._pending.discard)

        def hand_on(ended: Future[R]) -> None:
            if outer.done() or not outer.set_running_or_notify_cancel():
                return
            try:
                outer.set_result(ended.result())
            except BaseException as error:
                outer.set_exception(_in_words(error))

        def cancel(ended: Future[R]) -> None:
            if ended.cancelled():
                inner.cancel()

        inner.add_done_callback(hand_on)
        outer.add_done_callback(cancel)
        return outer

    def _watch_workers(self) -> None:
        """Give up where no worker has been there for long: nobody would ever do the rest."""
        seen = time.monotonic()
        while not self._ended.wait(LOOK_SECONDS):
            # What the client knows by itself: a question would wait for an answer.
            known = self._client._scheduler_identity.get("workers")
            now = time.monotonic()
            if known or not self._pending:
                seen = now
            elif now - seen > NO_WORKER_SECONDS:
                error = WorkersError(
                    f"The scheduler has had no worker for {NO_WORKER_SECONDS / 60:g} minutes; "
                    "start workers and this command again. With --cache nothing that was measured "
                    "is read a second time."
                )
                for future in tuple(self._pending):
                    with suppress(InvalidStateError):
                        future.set_exception(error)
                return

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Look for workers no more."""
        self._ended.set()


def _in_words(error: BaseException) -> BaseException:
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return SkyFrameError(
            "The workers that had this exposure ended one after the other, as for want of memory; "
            "give them more of it."
        )
    if isinstance(error, CancelledError | OSError):
        return _lost()
    if isinstance(error, ImportError):
        return _lacking(error, "A worker")
    return error

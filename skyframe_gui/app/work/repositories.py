"""Asks Butler repositories what is in them, in the background; the newest question alone counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from skyframe_gui.app.work.lane import Lane, track

if TYPE_CHECKING:
    from collections.abc import Callable

    from skyframe_gui.app.model.results import Problem
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.engine import Watch
    from skyframe_gui.files.butler.address import Address, Dataset
    from skyframe_gui.files.butler.repository import Collection


@dataclass(frozen=True)
class Contents:
    """What a repository offers to choose from: its collections, and types of images."""

    repo: str
    collections: tuple[Collection, ...]
    image_types: tuple[str, ...]

    def types_of(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the types of images that collections have."""
        there = {one for each in self.collections if each.name in names for one in each.datasets}
        return tuple(one for one in self.image_types if one in there)


class Repositories(QObject):
    """One question at a time; a new one stops the one that runs.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.lane = Lane("repository", interrupts=True)
        track(store, self.lane)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop; return whether that was in time."""
        return self.lane.close(seconds)

    def look(
        self, repo: str, done: Callable[[Contents], None], failed: Callable[[Problem], None]
    ) -> None:
        """Have ``done`` called with what a repository offers, or ``failed``."""
        label = f"Look into {repo}"
        self.lane.submit(label, lambda watch: contents_of(repo, watch), done, failed=failed)

    def find(
        self,
        address: Address,
        done: Callable[[tuple[Dataset, ...]], None],
        failed: Callable[[Problem], None],
    ) -> None:
        """Have ``done`` called with the data sets of an address, or ``failed``."""
        self.lane.submit(
            f"Ask {address.repo}", lambda watch: data_sets_of(address, watch), done, failed=failed
        )


def contents_of(repo: str, watch: Watch) -> Contents:
    """Return what a repository offers.

    Raises
    ------
    SkyFrameError
        There is none.
    Cancelled
        The watch said so.
    """
    from skyframe_gui.files.butler.repository import opened

    watch.step(0, 0, f"Look into {repo}")
    with opened(repo) as repository:
        watch.step(0, 0, f"Look into {repo}")
        return Contents(repo, repository.collections(), repository.image_types())


def data_sets_of(address: Address, watch: Watch) -> tuple[Dataset, ...]:
    """Return the data sets of an address; see `contents_of`."""
    from skyframe_gui.files.butler.repository import opened

    with opened(address.repo) as repository:
        return repository.find(address, watch=watch)

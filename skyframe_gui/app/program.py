"""The parts of the running program: made here, and closed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.app.work.cache import Memory
from skyframe_gui.app.work.compare import Compare
from skyframe_gui.app.work.live import Live
from skyframe_gui.app.work.live_residual import LiveMap
from skyframe_gui.app.work.loader import Loader
from skyframe_gui.app.work.stacks import Stacks
from skyframe_gui.app.work.stages import Stages
from skyframe_gui.app.work.sweep import Sweeps
from skyframe_gui.app.work.tasks import Tasks

if TYPE_CHECKING:
    from skyframe_gui.app.model.store import Session
    from skyframe_gui.app.work.lane import Lane


class Program:
    """The program without its window.

    Parameters
    ----------
    session : Session
    memory : Memory, optional
        Where results are remembered.

    Attributes
    ----------
    session, stages, live, live_map, loader, tasks, stacks, compare, sweeps
        The parts that do the work.
    """

    def __init__(self, session: Session, memory: Memory | None = None) -> None:
        self.session = session
        self.stages = Stages(memory or Memory())
        self.live = Live(session, self.stages)
        self.live_map = LiveMap(session, self.stages)
        self.loader = Loader(session)
        self.tasks = Tasks(session, self.stages)
        self.stacks = Stacks(session)
        self.compare = Compare(session, self.stages)
        self.sweeps = Sweeps(session, self.stages)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """All lanes."""
        return (
            self.live.preview,
            self.live.full,
            self.live_map.lane,
            self.loader.opening,
            self.loader.survey,
            self.tasks.lane,
            self.stacks.lane,
            self.stacks.bins,
            self.compare.lane,
            self.sweeps.lane,
        )

    @property
    def busy(self) -> bool:
        """Whether any work runs or waits."""
        return self.live.busy or self.live_map.busy or any(lane.busy for lane in self.lanes)

    def close(self) -> bool:
        """Stop all work; return whether everything has ended in time."""
        for lane in self.lanes:
            lane.cancel()
        parts = (
            self.live,
            self.live_map,
            self.loader,
            self.tasks,
            self.stacks,
            self.compare,
            self.sweeps,
        )
        ended = [part.close(0.2) for part in parts]  # each is told, whatever the others do
        return all(ended)

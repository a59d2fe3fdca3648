"""All visits of the list side by side, as far as they are fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from skyframe_gui.workflow.night_row import NightRow

LANE = "night"
Progress = Literal["waiting", "fitting", "done"]


@dataclass(frozen=True, eq=False, kw_only=True)
class VisitRow:
    """One visit.

    Attributes
    ----------
    keys : tuple of str
        Its exposures.
    numbers : NightRow
        Until it is done, what is known before.
    progress : {"waiting", "fitting", "done"}
    words : str
        How far the fitting is.
    """

    keys: tuple[str, ...]
    numbers: NightRow
    progress: Progress = "done"
    words: str = ""

    @property
    def visit(self) -> str:
        """Its name."""
        return self.numbers.visit

    @property
    def state(self) -> str:
        """What is to be said of it, in a few words."""
        return self.numbers.state if self.progress == "done" else self.words or self.progress

    @property
    def warns(self) -> bool:
        """Whether something puts its fit in doubt, or there is none."""
        if self.progress != "done":
            return False
        findings = self.numbers.findings
        return bool(self.numbers.why) or any(one.severity == "warning" for one in findings)


@dataclass(frozen=True, eq=False, kw_only=True)
class NightView:
    """The visits by instrument, filter and time."""

    rows: tuple[VisitRow, ...]

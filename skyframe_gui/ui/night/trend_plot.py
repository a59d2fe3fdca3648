"""One number of each visit against time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from typing_extensions import override

from skyframe_gui.ui.samples.chips import Word
from skyframe_gui.ui.stack.level_plot import LevelPlot

if TYPE_CHECKING:
    from skyframe_gui.ui.stack.marks_plot import Shape


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A visit as the plot knows it.

    Attributes
    ----------
    key, name, short : str
        Its name.
    date : str
        Of its start, UTC; "" where it is not known.
    warning : str
        Its state, where it has a warning; else "".
    """

    key: str
    date: str
    warning: str

    @property
    def name(self) -> str:
        """What the chip calls it."""
        return self.key

    @property
    def short(self) -> str:
        """What the axis calls it where times are not known."""
        return self.key


class TrendPlot(LevelPlot):
    """Marks of visits: circles, and triangles in the colour of warnings for odd ones."""

    @override
    def look_of(self, row: object) -> tuple[Shape, str, tuple[Word, ...]]:
        assert isinstance(row, Moment)
        if row.warning:
            return "triangle", self.colours.warning, (Word(row.warning, "warning"),)
        return "circle", self.colours.accent, ()

    @override
    def values_text(self) -> str:
        lines = [f"visit\t{self.y_label}"]
        lines += [f"{mark.words[0].text}\t{mark.y:.9g}" for mark in self.marks]
        return "\n".join(lines)

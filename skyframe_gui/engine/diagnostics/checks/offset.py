"""An offset that the samples want and a pure scale cannot give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.engine.diagnostics.finding import Finding
from skyframe_gui.engine.scale import NO_LEVEL, lacks_level
from skyframe_gui.numbers import with_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from skyframe_gui.engine.diagnostics.context import FitContext

ORDER = 10


def fit(context: FitContext) -> Iterator[Finding]:
    """Test the offset of a line with one."""
    rejected = (context.rejected_at >= 0) & ~context.odd
    n_rejected = int(rejected.sum())
    above = int((context.residual[rejected] > 0).sum())
    below = n_rejected - above
    most, side = (above, "above") if above >= below else (below, "below")
    sides = f"{most} of {n_rejected} rejections lie {side} the line." if n_rejected else ""

    line, solution = context.line, context.solution
    if context.offset is not None and line is not None:
        offset, error = context.offset
        with_it = with_error(line.slope, line.slope_error)
        instead = (
            f" instead of {with_error(solution.scale, solution.error)}"
            if solution.scale == solution.scale
            else ""
        )
        use = context.usable
        cause = f" {NO_LEVEL}" if lacks_level(context.image[use], context.sky[use]) else ""
        yield Finding(
            kind="offset",
            severity="warning",
            title="The samples want an offset.",
            text=f"The samples want an offset of {with_error(offset, error, context.unit)} that a "
            "pure scale cannot give; with it the scale would be "
            f"{with_it}{instead}. {sides}".strip()
            + cause,
            samples=context.numbers_of(rejected),
            numbers={
                "offset": offset,
                "error": error,
                "scale_with_offset": line.slope,
                "scale_with_offset_error": line.slope_error,
                "n_above": above,
                "n_below": below,
            },
            short=f"{with_error(offset, error, context.unit)}.",
        )

"""The compiled loops over pixels; nothing else in the project is compiled.

All kernels release the GIL, write only to their last arguments and are kept compiled on disk.
"""

from skyframe_gui.engine.kernels.bands import add_along
from skyframe_gui.engine.kernels.boxes import place_of_one, scratch_size, statistics_of_boxes
from skyframe_gui.engine.kernels.clipping import STATISTIC_CODES
from skyframe_gui.engine.kernels.detection import mark_grown, smooth
from skyframe_gui.engine.kernels.images import evaluate_rows, subtract_scaled
from skyframe_gui.engine.kernels.stacks import average_cells, averages_without

__all__ = [
    "STATISTIC_CODES",
    "add_along",
    "average_cells",
    "averages_without",
    "evaluate_rows",
    "mark_grown",
    "place_of_one",
    "scratch_size",
    "smooth",
    "statistics_of_boxes",
    "subtract_scaled",
]

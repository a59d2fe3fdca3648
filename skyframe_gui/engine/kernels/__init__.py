"""The compiled loops over pixels; nothing else in the project is compiled.

All kernels release the GIL, write only to their last arguments and are kept compiled on disk.
"""

from skyframe_gui.engine.kernels.boxes import statistics_of_boxes
from skyframe_gui.engine.kernels.clipping import STATISTIC_CODES, average_cells
from skyframe_gui.engine.kernels.detection import mark_grown, smooth
from skyframe_gui.engine.kernels.images import evaluate_pieces, subtract_scaled

__all__ = [
    "STATISTIC_CODES",
    "average_cells",
    "evaluate_pieces",
    "mark_grown",
    "smooth",
    "statistics_of_boxes",
    "subtract_scaled",
]

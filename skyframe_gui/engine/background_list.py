"""Backgrounds of one detector, one after the other, whose sum is the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from skyframe_gui.engine.errors import SkyFrameError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.engine.model import Box, GridModel
    from skyframe_gui.engine.progress import Watch


class BackgroundList:
    """Backgrounds whose sum is the background: LSST's ``calexpBackground``.

    Parameters
    ----------
    models : sequence of BackgroundModel or ChebyshevModel
        All of one bounding box. None where nothing was subtracted: such a list has no image.
    notes : sequence of str
        What was noticed on reading them from a file, a sentence each.

    Raises
    ------
    SkyFrameError
        A member has another bounding box.
    """

    def __init__(self, models: Sequence[GridModel], notes: Sequence[str] = ()) -> None:
        for index, model in enumerate(models):
            if model.bbox != models[0].bbox:
                raise SkyFrameError(
                    f"Background {index + 1} of the list covers {model.bbox}, the first "
                    f"{models[0].bbox}; all must be of one detector."
                )
        self.models = tuple(models)
        self.notes = tuple(notes)

    def __iter__(self) -> Iterator[GridModel]:
        return iter(self.models)

    def __len__(self) -> int:
        return len(self.models)

    def image(
        self, box: Box | None = None, watch: Watch | None = None, threads: int | None = None
    ) -> NDArray[np.float32]:
        """Return the sum of the members' images, float32 [H, W]; see `BackgroundModel.image`.

        Raises
        ------
        SkyFrameError
            The list is empty; or as `BackgroundModel.image`.
        """
        if not self.models:
            raise SkyFrameError("The background list is empty; it needs at least one background.")
        total = self.models[0].image(box, watch, threads)
        for model in self.models[1:]:
            total += model.image(box, watch, threads)
        return total

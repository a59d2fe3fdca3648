"""The sky correction of the shown visit in a lane of its own, and the pictures of its stages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject

from skyframe_gui.app.model.correction import (
    LANE,
    LAYER,
    PART_WORDS,
    PICTURES,
    CorrectionPicture,
    CorrectionRun,
)
from skyframe_gui.app.model.correction_request import correction_inputs, wanted_picture
from skyframe_gui.app.model.problems import clear_problem, report
from skyframe_gui.app.model.queries import shown_exposure
from skyframe_gui.app.model.requests import request_of
from skyframe_gui.app.work.correct_visit import correct_visit
from skyframe_gui.app.work.lane import Lane, track

if TYPE_CHECKING:
    from collections.abc import Hashable

    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import ExposureItem, Options
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.view import CorrectionPart
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import Watch


@dataclass(frozen=True, eq=False, kw_only=True)
class _Wanted:
    """A picture that a pane asks for."""

    run: CorrectionRun
    stage: int
    part: CorrectionPart
    item: ExposureItem
    options: Options
    wanted: Hashable


class Corrections(QObject):
    """Corrects the shown visit when it is asked to, and makes pictures of what came of it.

    Parameters
    ----------
    store : Store
    stages : Stages
    """

    def __init__(self, store: Store, stages: Stages) -> None:
        super().__init__()
        self._store = store
        self._stages = stages
        self._asked: Hashable = None
        self.lane = Lane(LANE, interrupts=True)
        self.pictures = Lane(PICTURES)
        for lane in (self.lane, self.pictures):
            track(store, lane)
        store.changed.connect(self._on_changed)

    def close(self, seconds: float = 1.0) -> bool:
        """Stop everything; return whether it has ended in time."""
        ended = [lane.close(seconds) for lane in (self.lane, self.pictures)]  # both are told
        return all(ended)

    def correct(self) -> None:
        """Correct the shown visit; what a stage measured is shown as soon as it is finished."""
        state = self._store.state
        request, made_from = request_of(state), correction_inputs(state)
        clear_problem(self._store, LANE)
        self.lane.submit(
            f"Sky correction of visit {request.visit}" if request.visit else "Sky correction",
            partial(correct_visit, request, state.correction, made_from),
            self._on_run,
            published=self._on_run,
            failed=partial(report, self._store),
        )

    def _on_run(self, run: CorrectionRun) -> None:
        self._store.set(results=replace(self._store.state.results, correction=run))

    def _on_changed(self, _: State, state: State) -> None:
        wanted = wanted_picture(state)
        if wanted is None or wanted == self._asked:
            return
        run, stage, part, key = wanted
        item = shown_exposure(state)
        if item is None or item.key != key:
            return
        self._asked = wanted
        clear_problem(self._store, PICTURES)
        one = _Wanted(
            run=run, stage=stage, part=part, item=item, options=state.options, wanted=wanted
        )
        self.pictures.submit(
            "Picture of the correction",
            partial(_picture, self._stages, one),
            self._on_picture,
            failed=partial(report, self._store),
        )

    def _on_picture(self, picture: CorrectionPicture) -> None:
        state = self._store.state
        measured = MappingProxyType({**state.view.measured, LAYER: picture.limits})
        self._store.set(
            results=replace(state.results, correction_picture=picture),
            view=replace(state.view, measured=measured),
        )


def _picture(stages: Stages, one: _Wanted, watch: Watch) -> CorrectionPicture:
    """Make the image of a stage over an exposure; in the lane."""
    import numpy as np

    from skyframe_gui.app.model.display_limits import (
        finite_of,
        histogram_of,
        presets,
        quantiles_of,
    )
    from skyframe_gui.app.work.pyramids import image_pyramid

    run, key = one.run, one.item.key
    name = run.detectors[key]
    stage = run.stages[one.stage]
    now = stage.backgrounds[name].models
    before = run.stages[one.stage - 1].backgrounds[name].models if one.stage else ()
    title = f"{stage.name[:1].upper()}{stage.name[1:]}"
    empty = CorrectionPicture(wanted=one.wanted, key=key, title=title)

    def total(models: tuple[object, ...]) -> NDArray[np.float32]:
        image: NDArray[np.float32] = np.zeros(
            (one.item.source.height, one.item.source.width), np.float32
        )
        for model in models:
            image += model.image(None, watch)  # type: ignore[attr-defined]
        return image

    if one.part == "added":
        if not now:
            return replace(empty, why="No earlier background is known, so nothing was put back.")
        # The undoing of a background takes one out of the middle.
        image = total(now[-1:]) if len(now) > len(before) else total(now) - total(before)
    elif one.part == "sum":
        image = total(now)
    else:
        image = stages.exposure(one.item, one.options, watch).image - total(now)
    values = finite_of(image[:: max(image.shape[0] // 256, 1), :: max(image.shape[1] // 256, 1)])
    return replace(
        empty,
        title=f"{title}: {PART_WORDS[one.part].lower()}",
        image=image_pyramid(image, watch),
        limits=presets(values),
        histogram=histogram_of(values) if values.size else None,
        quantiles=quantiles_of(values) if values.size else None,
    )

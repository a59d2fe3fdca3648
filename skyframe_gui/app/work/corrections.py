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
from skyframe_gui.app.work.lane import Lane, track
from skyframe_gui.engine import SkyFrameError
from skyframe_gui.engine.progress import Watch

if TYPE_CHECKING:
    from collections.abc import Hashable

    import numpy as np
    from numpy.typing import NDArray

    from skyframe_gui.app.model.items import Correction, ExposureItem, Options
    from skyframe_gui.app.model.requests import Request
    from skyframe_gui.app.model.state import State
    from skyframe_gui.app.model.store import Store
    from skyframe_gui.app.model.view import CorrectionPart
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine.correction import CorrectionStage
    from skyframe_gui.workflow.jobs import Failure


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
            partial(_run, request, state.correction, made_from),
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


def _run(
    request: Request, correction: Correction, made_from: Hashable, watch: Watch
) -> CorrectionRun:
    """Correct a visit, publishing it after each stage; in the lane."""
    from skyframe_gui.engine.config import field_values
    from skyframe_gui.files.config.correction import CorrectionChanges
    from skyframe_gui.workflow.earlier_lists import find_lists, key_of
    from skyframe_gui.workflow.visit_correction import VisitAtWork

    if not request.members:
        raise SkyFrameError(
            "There is no visit to correct; show an exposure whose detector has a sky frame."
        )
    values = {} if correction.config is None else field_values(correction.config)
    values = {name: value for name, value in values.items() if not name.startswith("sky.")}
    values |= {f"sky.{name}": value for name, value in field_values(request.config).items()}
    sources = [item.source for item in request.members]
    keys = {key_of(item.source): item.key for item in request.members}
    frames = list({id(one.sky_frame): one.sky_frame for one in request.frames}.values())
    notes: list[str] = []
    failed: list[Failure] = []
    lists = find_lists(sources, ())
    work = VisitAtWork(request.visit, sources, frames, lists, notes, failed)
    begun = CorrectionRun(visit=request.visit, made_from=made_from)
    stages: list[CorrectionStage] = []

    def so_far(is_final: bool = False) -> CorrectionRun:
        told = (*(f"{one.why} It was left out." for one in failed), *notes)
        return replace(
            begun,
            detectors=MappingProxyType({keys[key_of(one)]: n for n, one in work.sources.items()}),
            stages=tuple(stages),
            notes=tuple(dict.fromkeys(told)),
            is_final=is_final,
        )

    def publish(stage: object) -> None:
        if stage.name == "restored":  # type: ignore[attr-defined]
            stages.clear()  # an exposure could not be read, and all begins again without it
        stages.append(stage)  # type: ignore[arg-type]
        watch.publish(so_far())

    inner = Watch(watch.step, publish)
    done = work.correct(CorrectionChanges(values), correction.camera or None, inner, None)
    return replace(so_far(True), camera=done.camera.name)


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

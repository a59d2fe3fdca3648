"""Writes the subtracted exposures and the samples of a visit, all or nothing."""

from __future__ import annotations

import os
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from skyframe_gui.app.work.correct_visit import loaded_frame
from skyframe_gui.app.work.residual_stages import residual_of
from skyframe_gui.app.work.sample_visit import fit_to_write
from skyframe_gui.app.work.stages import check_unchanged
from skyframe_gui.engine import Cancelled, SkyFrameError
from skyframe_gui.engine.scale import EXCLUDED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from skyframe_gui.app.export.values import Plan, Saved, VisitPart
    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.model.visit_fit import VisitFit
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import SkyMeasurementConfig, Watch
    from skyframe_gui.workflow.outputs import LoadedSkyFrame


def export_visit(
    stages: Stages,
    plan: Plan,
    part: VisitPart,
    watch: Watch,
    saved: Mapping[str, Saved] = MappingProxyType({}),
) -> tuple[list[str], list[str]]:
    """Fit a visit and write what is wanted of it, all or nothing; return paths and notes.

    ``saved`` are the sky frames that were written just before, by their keys in the session.

    Raises
    ------
    SkyFrameError
        The fit failed, or a file could not be read or written.
    Cancelled
        The watch said so.
    """
    from skyframe_gui.files.transaction import Transaction
    from skyframe_gui.workflow.visit_outputs import write_visit_samples

    with _pool() as pool:
        fit = fit_to_write(stages, part.request, pool, watch)
    if (part.subtracted or part.residual_maps) and fit.why:
        raise SkyFrameError(f"Visit {fit.visit}: {fit.why}")
    # The pool is the inner one: its workers have ended when the folder that they write to goes.
    with Transaction(plan.folder, plan.replace) as transaction, _pool() as pool:
        notes = _write_subtracted(part, fit, transaction.stage, pool, watch, saved)
        _write_residual_maps(stages, part, fit, transaction.stage, watch, saved)
        if part.samples:
            write_visit_samples(fit, transaction.stage, part.request.config, False)
        watch.step(0, 0, f"Write {fit.visit}")
        for item in part.request.members:
            check_unchanged(item)  # while it was being subtracted, too
        return transaction.commit(), notes


def _pool() -> ThreadPoolExecutor:
    """Return a thread for each processor; leaving the pool waits for them."""
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="export")


def _write_subtracted(
    part: VisitPart,
    fit: VisitFit,
    stage: Path,
    pool: Executor,
    watch: Watch,
    saved: Mapping[str, Saved],
) -> list[str]:
    from skyframe_gui.workflow.visit import subtract_visit
    from skyframe_gui.workflow.visit_outputs import SubtractedWriter

    if not part.subtracted:
        return []
    request = part.request
    used = {frame.key: frame for frame in request.frames}
    frames = [_loaded(frame, request.config, saved) for frame in used.values()]
    choices = {"mask_objects": str(request.options.mask_objects), "mask_reading": "auto"}
    n_excluded = int((fit.solution.rejected_at == EXCLUDED).sum())
    if n_excluded:
        choices["excluded_by_hand"] = str(n_excluded)
    writer = SubtractedWriter(
        folder=stage,
        targets={
            (str(item.source.path), item.source.detector): name for item, name in part.subtracted
        },
        sky_frames=frames,
        config=request.config,
        visit=fit,
        background_list=part.background_list,
        choices=choices,
    )
    sources = [item.source for item, _ in part.subtracted]
    written, failed = subtract_visit(writer, sources, executor=pool, watch=watch)
    if watch.cancelled:
        raise Cancelled
    if failed:
        raise SkyFrameError(f"Nothing of visit {fit.visit} is written. {failed[0].why}")
    return [note for one in written for note in one.notes]


def _write_residual_maps(
    stages: Stages,
    part: VisitPart,
    fit: VisitFit,
    stage: Path,
    watch: Watch,
    saved: Mapping[str, Saved],
) -> None:
    """Write what is left of the sky in the bins of each exposure."""
    from skyframe_gui.files import Provenance, sha256_of, write_residual_map
    from skyframe_gui.workflow.names import file_name
    from skyframe_gui.workflow.outputs import masks_in_words

    request, solution = part.request, fit.solution
    frames = {item.key: frame for item, frame in zip(request.members, request.frames, strict=True)}
    for item, name in part.residual_maps:
        watch.step(0, 0, f"Write {name}")
        frame, source = frames[item.key], item.source
        found = residual_of(
            stages, item, frame, request.config, request.options, solution.scale, part.bins, watch
        )
        loaded = _loaded(frame, request.config, saved)
        sizes = {"xBinSize": part.bins[0], "yBinSize": part.bins[1]}
        background = request.config.background.model_copy(update=sizes)
        provenance = Provenance(
            config=request.config.model_copy(update={"background": background}),
            sky_frame=file_name(loaded.path),
            sky_frame_sha256=loaded.sha256,
            scale=solution.scale,
            error=solution.error,
            n_used=solution.n_used,
            n_rejected=int((solution.rejected_at >= 0).sum()),
            n_samples=len(solution.rejected_at),
            n_findings=len(fit.findings),
            input_file=file_name(source.path),
            input_sha256=sha256_of(source.path),
            hand_masks=masks_in_words(source),
            extra={"mask_objects": str(request.options.mask_objects)},
        )
        write_residual_map(stage / name, found.exact, source.unit, source.detector, provenance)


def saved_frame(loaded: LoadedSkyFrame, key: str, saved: Mapping[str, Saved]) -> LoadedSkyFrame:
    """Return a sky frame with the file that it was written to just before, if it was."""
    now = saved.get(key)
    if now is None or now.algorithm != loaded.sky_frame.algorithm:
        return loaded
    return replace(loaded, path=now.path, sha256=now.sha256)


def _loaded(
    item: SkyFrameItem, config: SkyMeasurementConfig, saved: Mapping[str, Saved]
) -> LoadedSkyFrame:
    return saved_frame(loaded_frame(item, config), item.key, saved)

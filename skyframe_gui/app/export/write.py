"""Writes what a plan of an export says; called in the task lane."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from skyframe_gui.app.export.corrected import export_corrected
from skyframe_gui.app.export.values import CONFIG_NAMES, PREFIX, TASK, Exported, Saved
from skyframe_gui.app.export.visits import export_visit
from skyframe_gui.app.model.items import Options
from skyframe_gui.app.model.problems import clear_problem, report, write_log
from skyframe_gui.app.model.queries import inputs_of
from skyframe_gui.app.model.requests import algorithm_of
from skyframe_gui.app.model.results import Problem
from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig
from skyframe_gui.numbers import plural

if TYPE_CHECKING:
    from skyframe_gui.app.export.values import ConfigFormat, Plan
    from skyframe_gui.app.model.items import SkyFrameItem
    from skyframe_gui.app.program import Program
    from skyframe_gui.app.work.stages import Stages
    from skyframe_gui.engine import Watch
    from skyframe_gui.workflow.build import BuiltSkyFrame

Pictures = Mapping[str, bytes]


def start_export(
    program: Program,
    plan: Plan,
    pictures: Pictures | None = None,
    finished: Callable[[Exported], None] | None = None,
    unmade: Sequence[str] = (),
) -> None:
    """Have a plan carried out in the task lane; ``finished`` gets the outcome in the GUI thread.

    ``unmade`` says of pictures why they could not be made; that is told with what else fails.
    """

    def done(exported: Exported) -> None:
        exported.failed[:0] = unmade
        _on_exported(program, finished, exported)

    def failed(problem: Problem) -> None:
        report(program.store, replace(problem, origin="export"))
        write_log(program.store, *unmade)
        if finished is not None:
            finished(Exported(folder=plan.folder, failed=[problem.text, *unmade]))

    count = len(plan.files)
    label = f"Export {plan.files[0].name}" if count == 1 else f"Export {count} files"
    program.tasks.run(
        label,
        partial(export, program.stages, plan, dict(pictures or {})),
        done,
        failed,
    )


def save_sky_frame(
    program: Program,
    key: str,
    path: str,
    overwrite: bool,
    finished: Callable[[], None] | None = None,
) -> None:
    """Have one sky frame of the session written to a file of any name."""
    state = program.store.state
    item = next(item for item in state.sky_frames if item.key == key)
    algorithm = algorithm_of(item, state.config)
    inputs = {os.path.realpath(one) for one in inputs_of(state)}

    def work(watch: Watch) -> Exported:
        from skyframe_gui.files.recovery import recover

        watch.step(0, 1, f"Save {os.path.basename(path)}")
        target = Path(path)
        if os.path.realpath(target) in inputs:
            raise SkyFrameError(f"{target} is one of the files that are open; choose another name.")
        notes = list(recover(target.parent))
        saved = _write_sky_frame(item, algorithm, target, overwrite)
        return Exported(folder=target.parent, paths=[path], saved=[saved], notes=notes)

    def done(exported: Exported) -> None:
        _on_exported(program, None, exported)
        if finished is not None:
            finished()

    program.tasks.run(f"Save {os.path.basename(path)}", work, done)


def export(stages: Stages, plan: Plan, pictures: Pictures, watch: Watch) -> Exported:
    """Carry out a plan.

    Each visit is fitted anew from what is remembered, so that what is written always belongs to
    the plan's config, whether the window has caught up with it or not.

    Raises
    ------
    SkyFrameError
        A file may not be written; nothing was.
    Cancelled
        The watch said so; visits that were finished stay, of others there is nothing.
    """
    from skyframe_gui.files.atomic import write_bytes
    from skyframe_gui.files.recovery import recover
    from skyframe_gui.files.transaction import Transaction

    if plan.why_not:
        raise SkyFrameError(plan.why_not)
    found = Exported(folder=plan.folder, notes=list(recover(plan.folder)))
    # First: what is subtracted beside them names their files.
    try:
        _export_sky_frames(plan, found, watch)
    except SkyFrameError as error:
        found.failed.append(str(error))
    saved = {one.key: one for one in found.saved}
    for part in plan.visits:
        try:
            paths, notes = export_visit(stages, plan, part, watch, saved)
            found.paths += paths
            found.notes += notes
        except SkyFrameError as error:
            found.failed.append(str(error))
    for visit in plan.corrected:
        try:
            export_corrected(plan, visit, found, watch, saved)
        except SkyFrameError as error:
            found.failed.append(f"Visit {visit.request.visit}: {error}")
    small = dict(pictures)
    for one in plan.configs:
        small[CONFIG_NAMES[one]] = config_text(plan.config, one).encode()
    for name, data in small.items():
        watch.step(0, 0, f"Write {name}")
        try:
            with Transaction(plan.folder, plan.replace) as transaction:
                write_bytes(transaction.stage / name, data)
                found.paths += transaction.commit()
        except SkyFrameError as error:
            found.failed.append(str(error))
    return found


def config_text(config: SkyMeasurementConfig, how: ConfigFormat) -> str:
    """Return a config as a file of that format.

    What is changed is told from LSST's defaults, not from a preset: whoever reads the file has
    the defaults, too.
    """
    from skyframe_gui.files.config.write import as_overrides, as_yaml

    if how == "yaml":
        return as_yaml(config)
    if how == "arguments":
        return "\n".join(arguments(config)) + "\n"
    text = as_overrides(config, PREFIX, SkyMeasurementConfig() if how == "changed" else None)
    return text or "# Nothing differs from LSST's defaults.\n"


def arguments(config: SkyMeasurementConfig) -> list[str]:
    """Return the changed fields as ``-c`` arguments of pipetask, quoted for a shell."""
    from skyframe_gui.files.config.write import as_arguments

    return as_arguments(config, TASK, SkyMeasurementConfig(), PREFIX)


def _on_exported(
    program: Program, finished: Callable[[Exported], None] | None, exported: Exported
) -> None:
    store = program.store
    saved = {one.key: one for one in exported.saved}
    items = tuple(_with_file(item, saved.get(item.key)) for item in store.state.sky_frames)
    store.set(sky_frames=items)
    write_log(store, *exported.notes)
    if exported.failed:
        more = len(exported.failed) - 1
        text = exported.failed[0] + (f" {more} more failed; the log has them." if more else "")
        write_log(store, *exported.failed[1:])
        report(store, Problem("export", text))
    else:
        clear_problem(store, "export")
    if exported.paths:
        write_log(store, exported.line)
    if finished is not None:
        finished(exported)


def _with_file(item: SkyFrameItem, saved: Saved | None) -> SkyFrameItem:
    if saved is None:
        return item
    frame = item.sky_frame
    if frame.algorithm != saved.algorithm:
        # The file's checksum vouches for this style only.
        frame = replace(frame, algorithm=saved.algorithm)
    return replace(item, path=saved.path, sha256=saved.sha256, sky_frame=frame)


def _export_sky_frames(plan: Plan, found: Exported, watch: Watch) -> None:
    """Write the sky frames of a plan, all or none."""
    from skyframe_gui.files.transaction import Transaction

    if not plan.sky_frames:
        return
    saved: list[Saved] = []
    with Transaction(plan.folder, plan.replace) as transaction:
        for part in plan.sky_frames:
            watch.step(0, 0, f"Write {part.name}")
            target = transaction.stage / part.name
            one = _write_sky_frame(part.item, part.algorithm, target, False)
            saved.append(replace(one, path=str(plan.folder / part.name)))
        transaction.commit()
    found.saved += saved
    found.paths += [one.path for one in saved]
    if plan.destination is not None:
        from skyframe_gui.files.butler.ingest import put_sky_frames

        frames = [
            (one.path, part.item.identity) for one, part in zip(saved, plan.sky_frames, strict=True)
        ]
        put = put_sky_frames(plan.destination, frames, watch)
        to = plan.destination
        found.put = f"Put {plural(len(put), 'sky frame')} into {to.run} of {to.repo}."


def _write_sky_frame(item: SkyFrameItem, algorithm: str, target: Path, overwrite: bool) -> Saved:
    from skyframe_gui.files import (
        Provenance,
        ensure_folder,
        input_cards,
        sha256_of,
        write_sky_frame,
    )
    from skyframe_gui.workflow.outputs import provenance_of

    provenance: Provenance | None = None
    header = None
    if item.built is not None:
        config = item.made_with or SkyMeasurementConfig()
        background = config.background.model_copy(update={"algorithm": algorithm})
        config = config.model_copy(update={"background": background})
        options = item.made_options or Options()
        choices = {
            "normalise": str(options.normalise),
            "mask_objects": str(options.mask_objects),
            "mask_reading": "auto",
            **item.made_choices,
        }
        built = _of_now(item, item.built)
        provenance = provenance_of(built, config, choices)
        header = input_cards([source.identity for source in built.sources])
    ensure_folder(target.parent)
    write_sky_frame(
        target,
        replace(item.sky_frame, algorithm=algorithm),
        detector=item.detector,
        provenance=provenance,
        overwrite=overwrite,
        header=header,
    )
    return Saved(item.key, str(target), sha256_of(target), algorithm)


def _of_now(item: SkyFrameItem, built: BuiltSkyFrame) -> BuiltSkyFrame:
    """Return a built sky frame without the exposures that are left out of it now."""
    members = item.members or ("",) * len(built.sources)
    inside = [
        source
        for source, key in zip(built.sources, members, strict=True)
        if key not in item.excluded_members
    ]
    return replace(built, sources=tuple(inside))

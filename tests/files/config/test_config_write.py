"""Configs go to LSST's pipelines and come back with the same values, refused lines by number."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from lsst_schema import SkyConfig, TaskConfig
from test_overrides import BASE, configs, lsst_values, words

from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig
from skyframe_gui.engine.config import field_values
from skyframe_gui.files.config.overrides import import_overrides, parse_task
from skyframe_gui.files.config.read import parse_yaml
from skyframe_gui.files.config.write import (
    as_arguments,
    as_overrides,
    as_yaml,
)

if TYPE_CHECKING:
    from pathlib import Path

    from lsst.pex.config import Config

CHANGED = SkyMeasurementConfig.model_validate(
    {"skyRej": 4, "stats": {"mask": ["SAT", "BAD"]}, "background": {"algorithm": None}}
)
bases = st.sampled_from([None, BASE])


def as_pipetask_reads(value: str) -> Any:
    """A value as documented for --config: literals, and in brackets or alone bare words."""
    if value.startswith("["):
        inner = value[1:-1]
        return [as_pipetask_reads(item) for item in inner.split(",")] if inner else []
    if re.fullmatch(r"'.*'", value):
        return value[1:-1]
    if value in ("None", "True", "False"):
        return {"None": None, "True": True, "False": False}[value]
    if re.fullmatch(r"[A-Za-z_]\w*", value):
        return value
    return float(value) if re.search(r"[.e]", value) else int(value)


def set_in(task: Config, field: str, value: Any) -> None:
    *sections, name = field.split(".")
    for section in sections:
        task = getattr(task, section)
    setattr(task, name, value)


@given(configs, bases)
def test_an_exported_override_file_gives_the_same_values_in_lsst_s_own_library(
    config: SkyMeasurementConfig, base: SkyMeasurementConfig | None
) -> None:
    alone, task = SkyConfig(), TaskConfig()
    alone.loadFromString(as_overrides(config, "config", base))
    task.loadFromString(as_overrides(config, "config.sky", base))
    assert lsst_values(alone) == lsst_values(task.sky) == field_values(config)


@given(configs, bases)
def test_arguments_give_the_same_values_after_the_shell(
    config: SkyMeasurementConfig, base: SkyMeasurementConfig | None
) -> None:
    task = TaskConfig()
    words_of_shell = shlex.split(" ".join(as_arguments(config, "skyCorr", base, "sky")))
    assert words_of_shell[::2] == ["-c"] * (len(words_of_shell) // 2)
    for word in words_of_shell[1::2]:
        label, _, setting = word.partition(":")
        assert label == "skyCorr"
        field, _, value = setting.partition("=")
        set_in(task, field, as_pipetask_reads(value))
    assert lsst_values(task.sky) == field_values(config)


def test_arguments_are_of_the_form_that_pipetask_documents() -> None:
    assert as_arguments(CHANGED, "skyCorr", BASE, "sky") == [
        "-c skyCorr:sky.skyRej=4.0",
        "-c skyCorr:sky.background.algorithm=None",
        "-c 'skyCorr:sky.stats.mask=[SAT,BAD]'",
    ]


def test_a_plane_named_like_a_word_of_python_stays_a_name() -> None:
    config = SkyMeasurementConfig.model_validate({"stats": {"mask": ["None", "SAT"]}})
    (argument,) = as_arguments(config, "a", BASE)
    assert shlex.split(argument)[1] == "a:stats.mask=['None',SAT]"


@given(configs, bases)
def test_yaml_is_read_back(config: SkyMeasurementConfig, base: SkyMeasurementConfig | None) -> None:
    assert parse_yaml(as_yaml(config, base), BASE) == config
    task = yaml.safe_load(as_yaml(config, base, "skyCorr", "config.sky"))["tasks"]["skyCorr"]
    theirs = TaskConfig()
    for field, value in task["config"].items():
        set_in(theirs, field, value)
    assert lsst_values(theirs.sky) == field_values(config)


def test_only_what_was_changed_is_exported_when_asked() -> None:
    assert as_overrides(CHANGED, "config.sky", BASE).splitlines() == [
        "config.sky.skyRej = 4.0",
        "config.sky.background.algorithm = None",
        "config.sky.stats.mask = ['SAT', 'BAD']",
    ]
    assert len(as_overrides(CHANGED).splitlines()) == len(field_values(BASE))
    assert as_overrides(BASE, base=BASE) == ""
    assert as_arguments(BASE, "skyCorr", BASE) == []
    assert parse_yaml(as_yaml(BASE, BASE), CHANGED) == CHANGED


@pytest.mark.parametrize(
    "prefix", ["sky frame", "config.", ".sky", "a..b", "1a", "sky;rm", "class", "background", "é"]
)
def test_a_prefix_that_lsst_could_not_take_is_refused(prefix: str) -> None:
    with pytest.raises(SkyFrameError, match="prefix"):
        as_overrides(BASE, prefix)
    with pytest.raises(SkyFrameError, match="prefix"):
        as_arguments(BASE, "skyCorr", None, prefix)
    with pytest.raises(SkyFrameError, match="prefix"):
        as_yaml(BASE, None, "skyCorr", prefix)


@pytest.mark.parametrize("label", ["", " ", "a b", "a:b", "$(ls)", "a=b", "-c"])
def test_a_label_that_is_none_is_refused(label: str) -> None:
    with pytest.raises(SkyFrameError, match="task label"):
        as_arguments(BASE, label)
    with pytest.raises(SkyFrameError, match="task label"):
        as_yaml(BASE, None, label, "sky")


def test_what_config_save_writes_comes_back_through_the_import(tmp_path: Path) -> None:
    theirs = TaskConfig()
    theirs.sky.skyRej = 4.5
    theirs.sky.background.mask = ["A", "B"]
    theirs.sky.background.algorithm = None
    theirs.save(str(tmp_path / "saved.py"))
    taken = import_overrides((tmp_path / "saved.py").read_text(), CHANGED)
    assert field_values(taken.config) == lsst_values(theirs.sky)
    assert taken.refused == ()
    assert set(taken.applied) == set(field_values(BASE))


@given(configs, bases)
def test_our_own_export_comes_back_through_the_import(
    config: SkyMeasurementConfig, base: SkyMeasurementConfig | None
) -> None:
    taken = import_overrides(as_overrides(config, "config.sky", base), BASE)
    assert (taken.config, taken.refused) == (config, ())


def test_what_can_be_taken_is_taken_and_every_other_line_is_listed() -> None:
    text = (
        "import lsst.pipe.tasks\n"  # 1
        "config.sky.skyRej = 4\n"
        "config.sky.load('other.py')\n"  # 3: refused
        "config.sky.skyIter = -1\n"  # 4: refused
        "config.sky.xNumSamples = \n"  # 5: no Python
        "config.bgModel.xSize = 8192\n"  # 6: another task's field
        "config.sky.stats.mask.append('SUSPECT')\r\n"
        "config.other.skyIter = 2\n"  # 8: another prefix
        "config.sky.skyRej = 5\n"
        "config.sky.yNumSamples = (2\n"  # 10: no Python
    )
    taken = import_overrides(text, BASE)
    assert [one.line for one in taken.refused] == [3, 4, 5, 6, 8, 10]
    assert [one.text for one in taken.refused][2] == "config.sky.xNumSamples ="
    assert all(one.why.startswith(f"Line {one.line}: ") for one in taken.refused)
    assert taken.applied == ("skyRej", "stats.mask")
    assert taken.config == SkyMeasurementConfig.model_validate(
        {"skyRej": 5, "stats": {"mask": [*BASE.stats.mask, "SUSPECT"]}}
    )


def test_a_prefix_of_a_refused_line_does_not_bind_the_others() -> None:
    taken = import_overrides("config.isr.skyIter = 'x'\nconfig.sky.skyIter = 2\n", BASE)
    assert [one.line for one in taken.refused] == [1]
    assert taken.config.skyIter == 2


def test_a_file_of_something_else_is_refused_whole() -> None:
    with pytest.raises(SkyFrameError, match="a novel"):
        import_overrides("It was a dark night.\n" * 300, BASE, "a novel")


texts = st.one_of(st.text(max_size=200), st.lists(words, max_size=25).map("".join))


@given(texts)
def test_the_import_takes_a_whole_file_where_the_command_line_takes_it(text: str) -> None:
    try:
        taken = import_overrides(text, BASE, "sky.py")
    except SkyFrameError as error:
        assert str(error).startswith("sky.py")  # noqa: PT017 - both outcomes are right
        return
    n_lines = len(re.split(r"\r\n|\r|\n", text))
    assert all(1 <= one.line <= n_lines and one.why.endswith(".") for one in taken.refused)
    try:
        assert taken.config == parse_task(text, BASE)[0]
        assert not taken.refused
    except SkyFrameError:
        assert taken.refused

"""LSST override files: the same values as LSST's own library gives them, and nothing ever run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsst_schema import SkyConfig, TaskConfig

from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig
from skyframe_gui.engine.config import algorithm_names, field_values
from skyframe_gui.files.config.overrides import import_overrides, parse_task
from skyframe_gui.files.config.read import read_config
from skyframe_gui.files.config.write import override_lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BASE = SkyMeasurementConfig()
plane_names = st.from_regex(r"[A-Z_][A-Z0-9_]{0,11}", fullmatch=True)
statistics = st.sampled_from(["MEANCLIP", "MEAN", "MEDIAN"])
positive = st.floats(1e-3, 1e3)
counts = st.integers(1, 10**6)
configs = st.builds(
    lambda bg, stats, **rest: SkyMeasurementConfig.model_validate(
        {"background": bg, "stats": stats, **rest}
    ),
    bg=st.fixed_dictionaries(
        {
            "statistic": statistics,
            "xBinSize": counts,
            "yBinSize": counts,
            "algorithm": st.sampled_from([*algorithm_names(), None]),
            "mask": st.lists(plane_names, max_size=4),
        }
    ),
    stats=st.fixed_dictionaries(
        {
            "statistic": statistics,
            "clip": positive,
            "nIter": counts,
            "mask": st.lists(plane_names, max_size=4),
        }
    ),
    skyIter=st.integers(0, 100),
    skyRej=positive,
    xNumSamples=counts,
    yNumSamples=counts,
)


def lsst_values(config: SkyConfig) -> dict:
    values = config.toDict()
    sections = {"background": values.pop("background"), "stats": values.pop("stats")}
    for section, inner in sections.items():
        values.update({f"{section}.{name}": value for name, value in inner.items()})
    return values


@given(configs)
def test_our_lines_give_the_same_values_in_lsst_s_own_library(
    config: SkyMeasurementConfig,
) -> None:
    theirs = SkyConfig()
    theirs.loadFromString("\n".join(override_lines(config)))
    assert lsst_values(theirs) == field_values(config)
    task = TaskConfig()
    task.loadFromString("\n".join(override_lines(config, "config.sky", BASE)))
    assert lsst_values(task.sky) == field_values(config)


def test_what_config_save_writes_gives_its_values_back(tmp_path: Path) -> None:
    theirs = TaskConfig()
    theirs.sky.skyRej = 4.5
    theirs.sky.background.mask = ["A", "B"]
    theirs.sky.background.algorithm = None
    theirs.sky.stats.nIter = 7
    path = tmp_path / "saved.py"
    theirs.save(str(path))
    assert field_values(read_config(path)) == lsst_values(theirs.sky)


@given(configs, st.sampled_from(["config", "config.sky", "config.a.b"]))
def test_a_config_goes_through_a_file_unchanged(config: SkyMeasurementConfig, prefix: str) -> None:
    for base in (None, BASE):
        assert parse_task("\n".join(override_lines(config, prefix, base)), BASE)[0] == config


def test_only_what_was_changed_is_written_when_asked() -> None:
    changed = SkyMeasurementConfig(skyRej=4, xNumSamples=8)
    assert override_lines(changed, base=BASE) == ["config.skyRej = 4.0", "config.xNumSamples = 8"]


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("config.skyRej = 2 * 1.5 + 1", "skyRej", 4.0),
        ("config.background.xBinSize = 2**7", "background.xBinSize", 128),
        ("config.skyIter = -(-5) // 2", "skyIter", 2),
        ("config.sky.skyRej=4 # a comment", "skyRej", 4.0),
        ('"""A docstring."""\nconfig.a.b.stats.clip = 2', "stats.clip", 2.0),
        ("config.stats.mask = ('SAT',)", "stats.mask", ["SAT"]),
        (
            "config.stats.mask = ['A']\nconfig.stats.mask.append('B')\n"
            "config.stats.mask.extend(['C', 'D'])\nconfig.stats.mask.remove('A')",
            "stats.mask",
            ["B", "C", "D"],
        ),
        ("config.background.algorithm = None", "background.algorithm", None),
        ("config.skyRej = 5\nconfig.skyRej = 6", "skyRej", 6.0),
    ],
)
def test_lines_that_lsst_users_write_are_taken(text: str, field: str, value: object) -> None:
    assert field_values(parse_task(text, BASE)[0])[field] == value


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("config.skyIter = 2\nimport os\nos.remove('x')", 3),
        ("config.skyIter = 2\n\nfrom os import remove", 3),
        ("config.skyIter = len([1, 2])", 1),
        ("config.skyIter = 9**9**9", 1),
        ("config.skyIter = 1/0", 1),
        ("config.skyRej = float('nan')", 1),
        ("config.skyRej = 1e999", 1),
        ("config.skyRej = -1", 1),
        ("config.skyRej = '3'", 1),
        ("config.skyIter = True", 1),
        ("config.skyIter = True + 1", 1),
        ("config.skyIter = 2.0", 1),
        ("\nconfig.stats.mask = 'SAT'", 2),
        ("config.stats.mask = [1]", 1),
        ("config.stats.mask.append(['SAT'])", 1),
        ("config.stats.mask.remove('NOT_THERE')", 1),
        ("config.stats.mask.clear()", 1),
        ("config.skyRej.append(2)", 1),
        ("config.skyRejection = 3", 1),
        ("config.background.skyIter = 3", 1),
        ("config = 3", 1),
        ("other.skyIter = 3", 1),
        ("config.skyIter += 1", 1),
        ("config.skyIter, config.skyRej = 1, 2", 1),
        ("if True:\n    config.skyIter = 1", 1),
        ("assert open('x')", 1),
        ("config.a.skyIter = 1\nconfig.b.skyRej = 2", 2),
        ("config.skyIter = (1", 1),
        ("config.skyIter = lambda: 1", 1),
        ("config.__class__ = 1", 1),
        ("config.skyIter = [" * 3, 1),
    ],
)
def test_any_other_line_refuses_the_file_with_its_number(text: str, line: int) -> None:
    with pytest.raises(SkyFrameError, match=rf"^sky\.py, line {line}: "):
        parse_task(text, BASE, "sky.py")[0]


@pytest.mark.parametrize(
    "text",
    [
        "\0",
        "-" * 100_000 + "1",
        "(" * 5000,
        "x" * 200_000 + "(",
        "config.skyIter = " + "9" * 5000,
        "config.skyIter = 0x" + "f" * 100_000,
        "config.skyIter = " + "1+" * 50_000 + "1",
        "config.skyIter = " + "(10**64)" + "**64" * 3,
        "config" + ".a" * 50_000 + ".skyIter = 1",
        "config.skyIter = '" + "9" * 200_000 + "'",
        "config.\ud800 = 1",
    ],
)
def test_text_made_to_break_a_parser_gives_a_sentence(text: str) -> None:
    with pytest.raises(SkyFrameError, match=r"^sky\.py"):
        parse_task(text, BASE, "sky.py")[0]


words = st.sampled_from(
    [
        "config",
        ".sky",
        ".skyIter",
        ".stats",
        ".mask",
        "=",
        "3",
        "(",
        ")",
        "[",
        "]",
        "'A'",
        "append",
        "**",
        "9",
        "-",
        "exec",
        "lambda:",
        ",",
        "\\",
        "#",
        "import os",
        "\n",
        " ",
        "\t",
        '"""',
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(words, max_size=25).map("".join)))
def test_any_text_gives_a_config_or_a_sentence(text: str) -> None:
    try:
        config = parse_task(text, BASE, "sky.py")[0]
    except SkyFrameError as error:
        message = str(error)
    else:
        message = "sky.py" if isinstance(config, SkyMeasurementConfig) else ""
    assert message.startswith("sky.py")


@pytest.mark.parametrize(
    "line",
    [
        "config.sky.retarget(Foo)",
        "config.sky.skyRej = other",
        "sky = config.sky",
        "config.sky.load('x.py')",
        "if config.doSky:\n    config.sky.skyRej = 9",
    ],
)
def test_a_line_of_a_task_s_sky_that_is_no_value_is_listed_beside_those_that_are(line: str) -> None:
    config, told = parse_task(f"config.doSky = True\nconfig.sky.skyRej = 4\n{line}\n", BASE, "a.py")
    assert config.skyRej == 4
    assert any(one.startswith("a.py, line 3 sets no plain value") for one in told)


TASK = """config.detection.thresholdValue = 5
config.sky.xNumSamples = 1 if x else 2
config.sky.maskPlanes = other.list
config.sky.stats.mask = planes()
for one in planes:
    config.sky.stats.mask.append(one)
"""


@pytest.mark.parametrize("text", [TASK, TASK.replace("config.detection.thresholdValue = 5", "")])
def test_of_a_task_of_which_nothing_can_be_taken_each_line_is_told(text: str) -> None:
    with pytest.raises(SkyFrameError) as caught:
        parse_task(text, BASE, "a.py")
    told = str(caught.value)
    assert told.startswith("a.py, line 2: ")
    assert all(f"Line {number}: " in told for number in (3, 4, 5))
    assert "Line 1" not in told
    assert "Nothing of the file was taken" in told
    assert ("other parts of the task" in told) == ("detection" in text)
    found = import_overrides(text, BASE, "a.py")
    assert not found.applied
    assert found.config == BASE
    assert {2, 3, 4, 5} <= {one.line for one in found.refused}


def test_a_hundred_lines_that_cannot_be_taken_are_not_all_told() -> None:
    with pytest.raises(SkyFrameError, match=r"with 90 lines more\. Nothing") as caught:
        parse_task("config.sky.skyRej = other\n" * 100, BASE, "a.py")
    assert len(str(caught.value)) < 2000


def refusal_of(read: Callable[[], object]) -> str:
    """What is said where a text is refused; "" where it is taken."""
    try:
        read()
    except SkyFrameError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("depth", [40, 90, 400, 1000, 3000, 100_000])
@pytest.mark.parametrize(
    "deep", ["-{}1", "{}1", "not {}1", "1+{}1", "1**{}1", "a[{}", "[{}]", "({})", "f({})", "x.{}y"]
)
@pytest.mark.parametrize("before", ["", "config.sky.skyIter = 4\nconfig.other.x = 1\n"])
def test_no_depth_of_nesting_is_a_fault(deep: str, depth: int, before: str) -> None:
    left, right = deep.split("{}")
    text = f"{before}config.sky.skyRej = {left * depth}{right * (depth if '1' not in right else 1)}"
    for read in (parse_task, import_overrides):
        said = refusal_of(lambda read=read: read(text, BASE, "sky.py"))
        assert said[:6] in ("", "sky.py")
        assert "recursion" not in said


def test_a_task_of_which_nothing_can_be_taken_and_a_wrong_value_are_refused() -> None:
    with pytest.raises(SkyFrameError, match="line 3"):
        parse_task("config.doSky = True\nconfig.sky.skyIter = 2\nconfig.sky.skyRej = -1", BASE)
    with pytest.raises(SkyFrameError, match="line 2"):
        parse_task("config.doSky = True\nconfig.sky.skyRej = other", BASE)

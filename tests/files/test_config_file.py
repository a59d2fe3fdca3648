"""Config files of either kind, and single settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from test_overrides import BASE, configs

from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig
from skyframe_gui.files.config_file import apply_settings, parse_yaml, read_config
from skyframe_gui.files.config_values import flat

if TYPE_CHECKING:
    from pathlib import Path


@given(configs)
def test_a_config_goes_through_yaml_nested_or_dotted(config: SkyMeasurementConfig) -> None:
    assert parse_yaml(yaml.safe_dump(config.model_dump(mode="json")), BASE) == config
    assert parse_yaml(yaml.safe_dump(flat(config)), BASE) == config


@given(configs)
def test_a_config_goes_through_settings(config: SkyMeasurementConfig) -> None:
    settings = [f"{name}={value!r}" for name, value in flat(config).items()]
    assert apply_settings(BASE, settings) == config


@pytest.mark.parametrize(
    ("setting", "name", "value"),
    [
        ("skyRej=4", "skyRej", 4.0),
        (" config.skyIter = 2*2 ", "skyIter", 4),
        ("background.mask=SAT,BAD", "background.mask", ["SAT", "BAD"]),
        ("background.mask=SAT", "background.mask", ["SAT"]),
        ('background.mask=["SAT", "BAD"]', "background.mask", ["SAT", "BAD"]),
        ("stats.mask=", "stats.mask", []),
        ("background.algorithm=AKIMA_SPLINE", "background.algorithm", "AKIMA_SPLINE"),
        ("background.algorithm=null", "background.algorithm", None),
    ],
)
def test_settings_as_a_shell_has_them(setting: str, name: str, value: object) -> None:
    assert flat(apply_settings(BASE, [setting]))[name] == value


@pytest.mark.parametrize(
    "setting",
    [
        "skyRej",
        "skyRej=",
        "skyRej=-1",
        "skyRej=nan",
        "skyIter=True",
        "skyIter=1.5",
        "speed=3",
        "stats.mask=3",
        "background.xBinSize=0",
        "skyRej=__import__('os')",
        "skyRej=9**9**9",
    ],
)
def test_settings_that_cannot_be_meant_are_named(setting: str) -> None:
    with pytest.raises(SkyFrameError, match="--set"):
        apply_settings(BASE, [setting])


@pytest.mark.parametrize("name", ["sky.yaml", "sky.yml", "sky.cfg", "sky"])
def test_yaml_is_known_by_name_or_by_looks(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("skyRej: 4.5\nbackground:\n  xBinSize: 64\n")
    assert flat(read_config(path))["background.xBinSize"] == 64


@pytest.mark.parametrize("name", ["sky.py", "sky.cfg", "override"])
def test_override_files_are_known_by_name_or_by_looks(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf# note\r\nconfig.skyRej = 4.5\r\n")
    assert read_config(path).skyRej == 4.5


@pytest.mark.parametrize(
    "text",
    [
        "skyRej: 4\nskyRej: 5",
        "skyRej: 4\nbackground: {mask: SAT}",
        "background: 3",
        "stats.clip: 2\nstats: {clip: 3}",
        "sky: {skyRej: 4}",
        "- skyRej",
        "skyRej: .nan",
        "skyIter: yes",
        "x: &a [*a]",
        "!!python/object/apply:os.system ['true']",
        "a: [",
        "? {a: b}\n: 3",
        "[" * 4000,
    ],
)
def test_yaml_that_cannot_be_meant_is_refused_with_the_file_s_name(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "sky.yaml"
    path.write_text(text)
    with pytest.raises(SkyFrameError, match=r"sky\.yaml: "):
        read_config(path)


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    for name in ("empty.yaml", "empty.py"):
        (tmp_path / name).touch()
        assert read_config(tmp_path / name) == BASE


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"config.skyIter = 1\n" * 20_000])
def test_files_that_are_no_config_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.py"
    path.write_bytes(content)
    with pytest.raises(SkyFrameError, match=r"odd\.py: this is"):
        read_config(path)


def test_a_missing_file_or_a_folder_is_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.py", tmp_path):
        with pytest.raises(SkyFrameError, match="cannot be read"):
            read_config(path)


@given(st.text(max_size=100))
def test_any_yaml_gives_a_config_or_a_sentence(text: str) -> None:
    try:
        config = parse_yaml(text, BASE, "sky.yaml")
    except SkyFrameError as error:
        message = str(error)
    else:
        message = "sky.yaml" if isinstance(config, SkyMeasurementConfig) else ""
    assert message.startswith("sky.yaml")

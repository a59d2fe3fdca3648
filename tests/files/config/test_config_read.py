"""Config files of either kind, and single settings."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from test_overrides import BASE, configs, refusal_of

from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig
from skyframe_gui.engine.config import field_values
from skyframe_gui.files.config.read import apply_settings, parse_yaml, read_config, read_task
from skyframe_gui.files.config.values import NotLiteral, literal, parsed


@given(configs)
def test_a_config_goes_through_yaml_nested_or_dotted(config: SkyMeasurementConfig) -> None:
    assert parse_yaml(yaml.safe_dump(config.model_dump(mode="json")), BASE) == config
    assert parse_yaml(yaml.safe_dump(field_values(config)), BASE) == config


@given(configs)
def test_a_config_goes_through_settings(config: SkyMeasurementConfig) -> None:
    settings = [f"{name}={value!r}" for name, value in field_values(config).items()]
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
    assert field_values(apply_settings(BASE, [setting]))[name] == value


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


def test_a_setting_that_is_refused_says_why() -> None:
    for setting, why in (
        ("skyRej=2**65", "powers beyond 64"),
        ("skyRej=1/0", "division by zero"),
        ("skyRej=max(1, 2)", "only literals"),
        ("skyRej=-1", "greater than 0"),
        ("stats.statistic=MODE", "'MEANCLIP', 'MEAN' or 'MEDIAN'"),
    ):
        with pytest.raises(SkyFrameError, match=why):
            apply_settings(BASE, [setting])


@pytest.mark.parametrize("name", ["sky.yaml", "sky.yml", "sky.cfg", "sky"])
def test_yaml_is_known_by_name_or_by_looks(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("skyRej: 4.5\nbackground:\n  xBinSize: 64\n")
    assert field_values(read_config(path))["background.xBinSize"] == 64


@pytest.mark.parametrize("name", ["sky.py", "sky.cfg", "override"])
def test_override_files_are_known_by_name_or_by_looks(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf# note\r\nconfig.skyRej = 4.5\r\n")
    assert read_config(path).skyRej == 4.5


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("skyRej: 4\nskyRej: 5", 2),
        ("skyRej: 4\nbackground: {mask: SAT}", 2),
        ("background: 3", 1),
        ("background:\n  xBinSize: 64\n  yBinSize: -64", 3),
        ("background:\n- xBinSize", 2),
        ("stats.clip: 2\nstats: {clip: 3}", 2),
        ("stats:\n  clip: {a: 3}", 2),
        ("sky: {skyRej: 4}", 1),
        ("- skyRej", 1),
        ("skyRej: .nan", 1),
        ("skyRej: -.inf", 1),
        ("\n\nskyIter: yes", 3),
        ("skyIter: 3.0", 1),
        ("skyIter: '3'", 1),
        ("skyRej: 2026-11-22", 1),
        ("skyIter: 1:30", 1),
        ("skyRej: 1:30.5", 1),
        ("skyRej:", 1),
        ("stats.mask: [SAT, [BAD]]", 1),
        ("skyIter: 0x" + "f" * 9000, 1),
        ("? {a: b}\n: 3", 1),
    ],
)
def test_yaml_that_cannot_be_meant_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int
) -> None:
    path = tmp_path / "sky.yaml"
    path.write_text(text)
    with pytest.raises(SkyFrameError, match=rf"sky\.yaml, line {line}: ") as caught:
        read_config(path)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    "text",
    [
        "skyIter: " + "9" * 5000,
        "x: &a [*a]",
        "stats.mask: &a [SAT]\nbackground.mask: *a",
        "stats.mask: !!python/object/apply:os.system ['true']",
        "skyIter: !!python/name:os.system",
        "skyRej: 2026-13-45",
        "a: [",
        "[" * 4000,
        "skyRej: 3\n---\nskyRej: 4",
        "skyRej: \0",
    ],
)
def test_text_that_is_no_plain_yaml_is_refused_with_the_file_s_name(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "sky.yaml"
    path.write_text(text)
    with pytest.raises(
        SkyFrameError, match=r"sky\.yaml(: this is not YAML|, line 1: \w+ cannot be read)"
    ):
        read_config(path)


def test_aliases_that_multiply_are_refused_before_they_do() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    lines += ["b0: &b0 {skyRej: 4}"]
    lines += [f"b{n}: &b{n} {{<<: [{', '.join([f'*b{n - 1}'] * 10)}]}}" for n in range(1, 12)]
    for text in ("\n".join(lines), "\n".join([*lines[12:], "<<: *b11"])):
        with pytest.raises(SkyFrameError, match="alias"):
            parse_yaml(text, BASE)


def test_a_file_of_blank_lines_is_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "blank"
    path.write_text("\n" * 250_000)
    assert read_config(path) == BASE


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


CASES = Path(__file__).parents[2] / "data" / "cases" / "inputs"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ((CASES / "yaml-bool-foo.yaml").read_text(), "foo is not a true or false value"),
        ((CASES / "yaml-int-empty.yaml").read_text(), "nothing is not a whole number"),
        ("skyRej: !!float three", "three is not a number"),
        ("skyRej: 2026-99-01", "2026-99-01 is not a timestamp"),
        ("stats:\n  mask: [!!int x, SAT]", "is not a list of such values"),
        ("skyRej: !mine 3", "the tag !mine is not taken"),
    ],
)
def test_a_yaml_value_of_another_type_than_its_tag_is_refused_in_a_sentence(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "sky.yaml"
    path.write_text(text)
    with pytest.raises(SkyFrameError) as caught:
        read_config(path)
    assert told in str(caught.value)


def test_of_a_whole_task_s_overrides_the_sky_lines_are_taken_and_the_others_told() -> None:
    config, notes = read_task(CASES / "skycorr-like.txt")
    assert config.skyRej == 4
    assert [note.partition(" is of ")[0].rpartition(" ")[2] for note in notes] == ["3", "4", "5"]
    assert read_config(CASES / "skycorr-like.txt") == config


@pytest.mark.parametrize(
    "text",
    [
        "config.sky.skyRej = 4\nconfig.sky.skyRejj = 3\n",
        "config.skyRej = 4\nconfig.bgModel1.xSize = 3\n",
        "config.sky.skyRej = 4\nconfig.skyIter = 3\n",
        "config.sky.skyRej = 4\nif config.sky.skyRej:\n    pass\n",
    ],
)
def test_a_line_that_may_be_a_mistake_still_refuses_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sky.py"
    path.write_text(text)
    with pytest.raises(SkyFrameError, match="line 2"):
        read_config(path)


def test_fields_of_a_task_s_other_parts_are_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "sky.py"
    path.write_text(
        "config.detection.background.xBinSize = 1024\n"
        "config.sky.background.xBinSize = 256\n"
        "for name in ['A']:\n    config.other[name] = 3\n"
    )
    config, notes = read_task(path)
    assert config.background.xBinSize == 256
    assert len(notes) == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("skyRej: 2020-01-01", "cannot be 2020-01-01, which is a date"),
        ("skyRej:", "cannot be empty"),
        ("skyIter: 1:30", "cannot be 1:30, which YAML counts in sixties"),
    ],
)
def test_a_value_is_refused_as_it_is_written(text: str, why: str) -> None:
    with pytest.raises(SkyFrameError, match=why):
        parse_yaml(text, BASE)


def test_a_field_that_may_be_empty_may_be_so_in_yaml() -> None:
    assert parse_yaml("background.algorithm: null", BASE).background.algorithm is None


@pytest.mark.parametrize("depth", [40, 400, 1000, 3000])
@pytest.mark.parametrize("deep", ["[", "{a: ", "- ", "? ", "-", "!!seq [", "&a [", "(", "'"])
@pytest.mark.parametrize("before", ["", "skyRej: ", "background:\n  mask: "])
def test_no_depth_of_yaml_is_a_fault(deep: str, depth: int, before: str) -> None:
    closing = {"[": "]", "{a: ": "}"}.get(deep, "")
    depth = 100_000 if (depth, deep, before) == (3000, "[", "skyRej: ") else depth
    for end in ("", "1", closing * depth):
        text = f"{before}{deep * depth}{end}\n"
        said = refusal_of(lambda text=text: parse_yaml(text, BASE))
        assert said[:13] in ("", "the YAML file")
        assert "recursion" not in said
        assert len(said) < 1000


@pytest.mark.parametrize("depth", [40, 400, 3000, 100_000])
@pytest.mark.parametrize("deep", ["[", "(", "-", "not ", "1+", "{"])
def test_no_depth_of_a_setting_is_a_fault(deep: str, depth: int) -> None:
    for name in ("skyRej", "stats.mask"):
        setting = f"{name}={deep * depth}1"
        said = refusal_of(lambda setting=setting: apply_settings(BASE, [setting]))
        assert "recursion" not in said
        assert len(said) < 1000


def test_a_value_that_is_nested_too_deeply_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_text(f"config.skyRej = {'-' * 9000}1\n")
    with pytest.raises(SkyFrameError, match="odd") as caught:
        read_config(path)
    assert "recursion" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("None", None),
        ("True", True),
        ("'a b'", "a b"),
        ("3", 3),
        ("-3", -3),
        ("+3", 3),
        ("--3", 3),
        ("0.5", 0.5),
        ("[1, (2, 'x'), []]", [1, [2, "x"], []]),
        ("2 + 3", 5),
        ("2 - 3", -1),
        ("2 * 3", 6),
        ("3 / 2", 1.5),
        ("3 // 2", 1),
        ("7 % 4", 3),
        ("2 ** 3", 8),
        ("2 ** -1", 0.5),
        ("2.0 ** 64", 2.0**64),
        ("2 ** 64", 2**64),
        ("-2 * (3 - 0.5)", -5.0),
        ("1e300", 1e300),
    ],
)
def test_literals_and_what_is_calculated_of_them(text: str, value: object) -> None:
    found = literal(parsed(text, "eval").body)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("b'a'", "bytes values are not taken"),
        ("1j", "complex values are not taken"),
        ("...", "ellipsis values are not taken"),
        ("{1: 2}", "only literals, arithmetic on numbers and lists of them are taken"),
        ("a", "only literals, arithmetic on numbers and lists of them are taken"),
        ("not 1", "only literals, arithmetic on numbers and lists of them are taken"),
        ("1 << 2", "only literals, arithmetic on numbers and lists of them are taken"),
        ("-True", "arithmetic is taken on numbers only"),
        ("1 + True", "arithmetic is taken on numbers only"),
        ("'a' * 3", "arithmetic is taken on numbers only"),
        ("[1] * 3", "arithmetic is taken on numbers only"),
        ("2 ** 65", "powers beyond 64 are not taken"),
        ("2 ** -65", "powers beyond 64 are not taken"),
        ("1 / 0", "it cannot be calculated (division by zero)"),
        ("(-1) ** 0.5", "it is not a real number"),
        ("1e999", "the number is too large"),
        ("-1e999", "the number is too large"),
        ("1" + "0" * 400, "the number is too large"),
        ("1e999 - 1e999", "the number is too large"),
    ],
)
def test_what_is_no_literal_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(NotLiteral) as caught:
        literal(parsed(text, "eval").body)
    assert str(caught.value) == why

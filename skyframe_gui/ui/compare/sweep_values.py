"""Values of a sweep from what a person types: from, to and steps, or a list."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from skyframe_gui.engine import SkyFrameError, SkyMeasurementConfig
from skyframe_gui.numbers import plain_minus

if TYPE_CHECKING:
    from skyframe_gui.ui.form.config_fields import Field

MOST_STEPS = 2000
DIGITS = 10
"""Of the values between: so many that no two are the same, so few that none looks untidy."""


def sweepable() -> tuple[Field, ...]:
    """Return the fields that can be run over values: numbers and choices."""
    from skyframe_gui.ui.form.config_fields import fields_of

    found = fields_of(SkyMeasurementConfig)
    return tuple(one for one in found if one.kind in ("whole", "real", "choice"))


def suggestion(field: Field, value: Any) -> tuple[str, str, str, str]:
    """Return a spacing, from, to and steps that are a good beginning around a value."""
    if field.kind == "choice":
        return "list", "", "", ""
    if field.kind == "real":
        return "linear", typed_text(value / 2), typed_text(value * 2), "10"
    least = int(field.least or 0)
    if value >= 16:
        return "log", typed_text(max(value // 4, least)), typed_text(value * 4), "9"
    low, high = max(value - 3, least), value + 5
    return "linear", typed_text(low), typed_text(high), typed_text(high - low + 1)


def between(
    field: Field, low_text: str, high_text: str, steps_text: str, logarithmic: bool
) -> tuple[Any, ...]:
    """Return values from one to another in so many steps, whole where the field is.

    Raises
    ------
    SkyFrameError
        A text is no number, or there is no such range.
    """
    low, high = number_of(field, low_text, "from"), number_of(field, high_text, "to")
    try:
        steps = int(steps_text)
    except ValueError as error:
        raise SkyFrameError(f"{field.path}: give the number of steps as a whole number.") from error
    if not 2 <= steps <= MOST_STEPS:
        raise SkyFrameError(f"{field.path}: take from 2 to {MOST_STEPS} steps.")
    if not low < high:
        raise SkyFrameError(f"{field.path}: the range must begin below its end.")
    if logarithmic and low <= 0:
        raise SkyFrameError(f"{field.path}: a log range must begin above 0.")
    parts = [index / (steps - 1) for index in range(steps)]
    if logarithmic:
        values = [low * (high / low) ** part for part in parts]
    else:
        values = [low + (high - low) * part for part in parts]
    values[0], values[-1] = low, high
    return checked(field, [_tidy(field, value) for value in values])


def listed(field: Field, text: str) -> tuple[Any, ...]:
    """Return the values of a list such as ``2, 2.5, 3``; numbers in ascending order.

    Raises
    ------
    SkyFrameError
        It is empty, or holds what the field does not take.
    """
    words = [word for word in re.split(r"[,;\s]+", text) if word]
    if not words:
        raise SkyFrameError(f"{field.path}: list its values with commas between them.")
    if field.kind == "choice":
        for word in words:
            if word not in field.choices:
                raise SkyFrameError(f"{field.path}: {word} is not {field.takes}.")
        return checked(field, words)
    return checked(field, sorted(number_of(field, word, "the list") for word in words))


def checked(field: Field, values: list[Any]) -> tuple[Any, ...]:
    """Return the values without repetitions.

    Raises
    ------
    SkyFrameError
        The field does not take one of them.
    """
    from skyframe_gui.files.config.values import with_value

    unique = tuple(dict.fromkeys(values))
    for value in unique:
        with_value(SkyMeasurementConfig(), field.path, value, "The sweep")
    return unique


def number_of(field: Field, text: str, where: str) -> Any:
    """Return the number in a text, whole where the field is.

    Raises
    ------
    SkyFrameError
        It is none.
    """
    text = plain_minus(text.strip())
    try:
        value = float(text)
    except ValueError as error:
        shown = f"{text!r} is no number" if text else "a number is missing"
        raise SkyFrameError(f"{field.path}: {shown} ({where}).") from error
    if not math.isfinite(value):
        raise SkyFrameError(f"{field.path}: {text} is not finite ({where}).")
    if field.kind == "whole":
        if value != round(value):
            raise SkyFrameError(f"{field.path}: {text} is not a whole number ({where}).")
        return round(value)
    return value


def typed_text(value: Any) -> str:
    """Return a value as a person types it."""
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)


def _tidy(field: Field, value: float) -> Any:
    return round(value) if field.kind == "whole" else float(f"{value:.{DIGITS}g}")

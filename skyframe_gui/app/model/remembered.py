"""Answers about a state that many ask for, worked out again only where they can have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


def same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether two states have the same parts: the objects themselves, and keys that read alike.

    A state is frozen, so what was not touched is the same object; comparing it with ``==`` would
    cost more than what is saved.
    """
    return len(one) == len(other) and all(
        a is b or (isinstance(a, str) and a == b) for a, b in zip(one, other, strict=True)
    )


class Same:
    """Equal only for the very same object, which it keeps: no other can come to have its place.

    For keys of what cannot be compared, or not at once, such as arrays.
    """

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other._value is self._value

    def __hash__(self) -> int:
        return id(self._value)


class Remembered(Generic[Answer]):
    """The last answer to a question about a state."""

    def __init__(self) -> None:
        self._last: tuple[tuple[object, ...], Answer] | None = None

    def of(self, parts: tuple[object, ...], answer: Callable[[], Answer]) -> Answer:
        """Return the answer for a state.

        Parameters
        ----------
        parts : tuple
            All of the state that the answer depends on.
        answer : callable
            Works it out.
        """
        last = self._last
        if last is None or not same(parts, last[0]):
            self._last = last = (parts, answer())
        return last[1]

"""What may be replaced is written twice, for the checker of types: both lists are the same."""

from __future__ import annotations

import pytest

from skyframe_gui.app.model.items import Options, OptionsChanges
from skyframe_gui.app.model.state import Changes, State
from skyframe_gui.app.model.view import Selection, SelectionChanges, View, ViewChanges


@pytest.mark.parametrize(
    ("value", "changes"),
    [
        (State, Changes),
        (View, ViewChanges),
        (Selection, SelectionChanges),
        (Options, OptionsChanges),
    ],
)
def test_every_field_can_be_replaced_by_what_it_takes(value: type, changes: type) -> None:
    fields = {name: of.__forward_arg__ for name, of in changes.__annotations__.items()}
    assert fields == value.__annotations__

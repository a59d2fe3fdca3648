"""Which panels stand where: a plan for each workspace and size of window, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from skyframe_gui.ui.images.geometry import best_shape, whole_zoom, width_needed

if TYPE_CHECKING:
    from skyframe_gui.app.model.view import Workspace

Places = tuple[tuple[tuple[str, ...], float], ...]
"""Docks one after the other: the panels in each (tabs where there are several), and its share."""

BARS, STATUS, HANDLE = 72, 28, 4
WITH_DATA = 1100
"""In a narrower window there is no room for the data beside the images."""
LEAST_RIGHT = 372
"""Narrower than this, fit and config are no use."""
LEFT, LOWER = 256, 234
"""Sizes of what a plan does not have but a person has opened."""
LEAST_GAIN = 1.05
"""By how much larger the images must become before fit and config move below."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One arrangement, with the sizes that suit a window.

    Attributes
    ----------
    name : str
        Two plans of one name differ only in sizes.
    centre : str
        The panel in the middle.
    left, right : Places
        From top to bottom.
    bottom : Places
        From left to right.
    left_width, right_width, bottom_height : int
    right_is_full : bool
        Whether the right column goes down to the status line; else the lower row is below it.
    """

    name: str
    centre: str
    left: Places = ()
    right: Places = ()
    bottom: Places = ()
    left_width: int = 0
    right_width: int = 0
    bottom_height: int = 0
    right_is_full: bool = False

    @property
    def panels(self) -> tuple[str, ...]:
        """The panels that are open at first, but for the one in the middle."""
        places = (*self.left, *self.right, *self.bottom)
        return tuple(name for names, _ in places for name in names)


@dataclass(frozen=True, kw_only=True)
class Room:
    """What a plan is made for.

    Attributes
    ----------
    width, height : int
        Of the window.
    image : (width, height)
        Pixels of the shown exposure.
    n_panes : int
    pane_shape : (columns, rows) or None
        As a person has chosen.
    """

    width: int
    height: int
    image: tuple[int, int] = (1, 1)
    n_panes: int = 4
    pane_shape: tuple[int, int] | None = None

    @property
    def body(self) -> int:
        """The height between the bars and the status line."""
        return self.height - BARS - STATUS


@dataclass(frozen=True)
class WorkspaceText:
    """What is said of a workspace.

    Attributes
    ----------
    title : str
        On its segment.
    question : str
        What it answers, for the tooltip.
    """

    title: str
    question: str


ABOUT: dict[Workspace, WorkspaceText] = {
    "visit": WorkspaceText("Visit", "Does the model take the sky out of this exposure?"),
    "stack": WorkspaceText("Stack", "Is this sky frame sound, and which exposures spoil it?"),
    "compare": WorkspaceText("Compare", "Which config, which sky frame: A and B side by side"),
    "camera": WorkspaceText("Camera", "Does one scale serve every detector, and which one is odd?"),
    "night": WorkspaceText("Night", "Which visits are odd? All of them in one table"),
}
AT_HOME: dict[str, Workspace] = {
    "images": "visit",
    "stack-maps": "stack",
    "stack-bin": "stack",
    "stack-exposures": "stack",
    "stack-strip": "stack",
    "compare": "compare",
    "compare-fields": "compare",
    "compare-results": "compare",
    "compare-warnings": "compare",
    "sweep": "compare",
    "focal-plane": "camera",
    "detector-numbers": "camera",
    "detector-samples": "camera",
    "night": "night",
    "night-trends": "night",
}
"""Where a panel is shown when it is asked for; all others open in the present workspace."""


def plan_of(workspace: Workspace, room: Room) -> Plan:
    """Return the arrangement of a workspace that suits a window and an exposure."""
    if workspace == "stack":
        return _stack(room)
    if workspace == "compare":
        return _compare(room)
    if workspace == "camera":
        return _camera(room)
    if workspace == "night":
        return _night(room)
    square, tall = _visit_square(room), _visit_tall(room)
    better = images_scale(tall, room) > LEAST_GAIN * images_scale(square, room)
    return tall if better else square


def all_plans(room: Room) -> tuple[Plan, ...]:
    """Return every arrangement there is, for one that was made by hand from one of them."""
    return (
        start_plan(room),
        _visit_square(room),
        _visit_tall(room),
        _stack(room),
        _compare(room),
        _camera(room),
        _night(room),
    )


def start_plan(room: Room) -> Plan:
    """Return the arrangement while nothing is open."""
    return Plan(
        name="start",
        centre="start",
        left=_left(room),
        right=((("config",), 0.6), (("fit",), 0.4)),
        left_width=_left_width(room),
        right_width=LEAST_RIGHT,
    )


def panes_room(plan: Plan, room: Room) -> tuple[int, int]:
    """Return width and height that a plan leaves for the middle."""
    width, height = room.width, room.body
    width -= (plan.left_width + HANDLE) * bool(plan.left)
    width -= (plan.right_width + HANDLE) * bool(plan.right)
    height -= (plan.bottom_height + HANDLE) * bool(plan.bottom)
    return width, height


def images_scale(plan: Plan, room: Room) -> float:
    """Return the screen pixels per exposure pixel that the panes have in a plan."""
    middle = panes_room(plan, room)
    shape = best_shape(room.n_panes, middle, room.image, room.pane_shape)
    return whole_zoom(shape, middle, room.image)


def _visit_square(room: Room) -> Plan:
    """Put fit and config beside the panes, which are as wide as their images need."""
    # All of the config and the first warning are to be seen in a low window, too.
    fit = _between(room.height, (720, 172), (900, 260))
    config = _between(room.height, (720, 244), (900, 302))
    plan = Plan(
        name="visit beside",
        centre="images",
        left=_left(room),
        right=(
            (("fit",), fit / (fit + config)),
            (("config", "correction"), config / (fit + config)),
        ),
        bottom=(
            (("samples",), 0.39),
            (("residuals",), 0.28),
            (("profile", "region", "masks"), 0.33),
        ),
        left_width=_left_width(room),
        right_width=LEAST_RIGHT,
        bottom_height=_between(room.height, (720, 198), (900, 234)),
    )
    widest = panes_room(plan, room)
    shape = best_shape(room.n_panes, widest, room.image, room.pane_shape)
    spare = widest[0] - width_needed(shape, widest[1], room.image)
    return replace(plan, right_width=LEAST_RIGHT + max(int(spare), 0))


def _visit_tall(room: Room) -> Plan:
    """Give the panes the whole width; fit and config are among tabs at the lower row's end."""
    return Plan(
        name="visit below",
        centre="images",
        left=_left(room),
        bottom=(
            (("samples",), 0.28),
            (("residuals",), 0.195),
            (("profile", "region", "masks"), 0.215),
            (("fit", "config", "correction"), 0.31),
        ),
        left_width=_left_width(room),
        bottom_height=_between(room.height, (720, 250), (900, 324)),
    )


def _stack(room: Room) -> Plan:
    return Plan(
        name="stack",
        centre="stack-maps",
        right=((("stack-bin",), 270 / 626), (("stack-exposures",), 356 / 626)),
        bottom=((("stack-strip",), 1.0),),
        right_width=room.width // 2,
        bottom_height=_between(room.height, (720, 176), (900, 190)),
    )


def _compare(room: Room) -> Plan:
    return Plan(
        name="compare",
        centre="compare",
        right=(
            (("compare-fields",), 0.19),
            (("compare-results",), 0.45),
            (("compare-warnings",), 0.36),
        ),
        bottom=((("sweep", "profile", "region", "masks"), 1.0),),
        right_width=LEAST_RIGHT,
        bottom_height=_between(room.height, (720, 150), (900, 204)),
        right_is_full=True,
    )


def _camera(room: Room) -> Plan:
    return Plan(
        name="camera",
        centre="focal-plane",
        right=((("detector-numbers",), 0.5), (("detector-samples", "fit"), 0.5)),
        right_width=room.width // 2,
    )


def _night(room: Room) -> Plan:
    return Plan(
        name="night",
        centre="night",
        bottom=((("night-trends",), 0.64), (("residuals",), 0.36)),
        bottom_height=_between(room.height, (720, 270), (900, 350)),
    )


def _left(room: Room) -> Places:
    return ((("data",), 1.0),) if room.width >= WITH_DATA else ()


def _left_width(room: Room) -> int:
    return min(_between(room.width, (1280, 200), (1440, 256)), 256)


def _between(size: int, first: tuple[int, int], second: tuple[int, int]) -> int:
    """Return a length on the line through two (size of window, length), not below the first."""
    (x0, y0), (x1, y1) = first, second
    return max(round(y0 + (size - x0) * (y1 - y0) / (x1 - x0)), y0)


@dataclass
class Layout:
    """What a person has made of a workspace.

    Attributes
    ----------
    open : list of str
        The panels that are open.
    plan : str
        The name of the plan it was made from.
    custom : bool
        Whether places and sizes are a person's; else the plan gives them.
    docks : bytes
        Where they are by hand, as Qt saves it.
    """

    open: list[str] = field(default_factory=list)
    plan: str = ""
    custom: bool = False
    docks: bytes = b""

"""How the shown layer is coloured: stretch, typed limits, preset, colours, size of bins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QFrame, QLabel, QWidget

from skyframe_gui.app.model.limits import BY_HAND, limits_of, preset_name
from skyframe_gui.app.model.looks import (
    SMOOTHED,
    STRETCHES,
    colours_of,
    presets_of,
)
from skyframe_gui.numbers import limit
from skyframe_gui.ui.images.content import NAMES
from skyframe_gui.ui.images.facts import factor_of
from skyframe_gui.ui.toolbar_fields import (
    LimitField,
    bins_combo,
    fill,
    make_combo,
    smoothing_combo,
    typed_pair,
)
from skyframe_gui.ui.widgets import in_row

if TYPE_CHECKING:
    from skyframe_gui.app.commands import Commands
    from skyframe_gui.app.model.looks import Layer
    from skyframe_gui.app.model.state import State


def _is_shown(state: State) -> bool:
    """Whether there is a picture to speak of."""
    if state.view.workspace == "compare":
        compared = state.results.compare
        return compared is not None and compared.pictures is not None
    if state.view.workspace == "camera":
        return state.results.camera is not None and state.view.plane_layer != "good"
    return state.results.shown is not None


class LookControls(QWidget):
    """Speaks of the layer in the active pane, or of the one that Compare shows."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        self._layer: Layer = "exposure"
        self._of_plane = False
        self._exact = (0.0, 1.0)
        self._factor = 1.0
        self._square = QFrame()
        self._square.setObjectName("activeSquare")
        self._square.setFixedSize(8, 8)
        self.name = QLabel()
        self.name.setObjectName("activeName")
        self.stretch = make_combo("Stretch of the shown layer")
        self.low = LimitField("Low limit of the shown layer")
        self.high = LimitField("High limit of the shown layer")
        self.preset = make_combo("How the limits of the shown layer are measured")
        self.colours = make_combo("Colours of the shown layer")
        self._to, self.bins_word = QLabel("to"), QLabel("bins")
        self.smooth_word = QLabel("smooth")
        for word in (self._to, self.bins_word, self.smooth_word):
            word.setProperty("role", "text2")
        self.bins, self.smooth = bins_combo(), smoothing_combo()
        in_row(
            self._square,
            self.name,
            self.stretch,
            self.low,
            self._to,
            self.high,
            self.preset,
            self.colours,
            self.bins_word,
            self.bins,
            self.smooth_word,
            self.smooth,
            on=self,
            spacing=6,
        )
        self.stretch.textActivated.connect(
            lambda text: commands.looks.set_stretch(self._layer, text)
        )
        self.preset.textActivated.connect(self._set_preset)
        self.colours.textActivated.connect(
            lambda text: commands.looks.set_colours(self._layer, text)
        )
        self.bins.chosen.connect(commands.looks.set_residual_bins)
        self.smooth.chosen.connect(lambda sigma: commands.looks.set_smoothing(self._layer, sigma))
        for field in (self.low, self.high):
            field.returnPressed.connect(self._apply)
            field.cancelled.connect(self._restore)
            field.textEdited.connect(self._unmark)
            field.installEventFilter(self)

    def show_state(self, state: State) -> None:
        """Paint the layer of the active pane, or Compare's; what is being typed stays."""
        layer, of_plane = state.view.active_layer, state.view.workspace == "camera"
        other = layer != self._layer
        self._layer = layer
        look, preset = state.looks[layer], preset_name(state, layer)
        self.name.setText(NAMES[layer])
        fill(self.stretch, STRETCHES, look.stretch)
        presets = presets_of(layer)
        fill(self.preset, (BY_HAND, *presets) if preset == BY_HAND else presets, preset)
        fill(self.colours, colours_of(layer), look.colours)
        self.bins.show_size(look.bins)
        self.smooth.show_size(look.smooth or None)
        self._of_plane = of_plane
        self.show_own()
        self._factor = factor_of(state, layer)
        exact = limits_of(state, layer)
        if other or exact != self._exact:
            self._exact = exact
            self._restore()
        elif not (self.low.isModified() or self.high.isModified()):
            self._restore()
        self.setEnabled(_is_shown(state))

    def show_own(self) -> None:
        """Show what the layer has; of the focal plane limits, bins and pixels are its own."""
        in_pane = not self._of_plane
        for is_shown, widgets in (
            (in_pane, (self.low, self._to, self.high, self.preset)),
            (in_pane and self._layer == "residual", (self.bins, self.bins_word)),
            (in_pane and self._layer in SMOOTHED, (self.smooth, self.smooth_word)),
        ):
            for widget in widgets:
                widget.setVisible(is_shown)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Forget what was typed when the keyboard goes on to something else."""
        if event is not None and event.type() == QEvent.Type.FocusOut:
            other = self.high if watched is self.low else self.low
            window = self.window()
            if not other.hasFocus() and window is not None and window.isActiveWindow():
                self._restore()
        return super().eventFilter(watched, event)

    def _restore(self) -> None:
        """Write the limits that hold."""
        low, high = (one * self._factor for one in self._exact)
        for field, value in ((self.low, low), (self.high, high)):
            field.show_text(limit(value, high - low))

    def _unmark(self) -> None:
        """Forget what was wrong while something else is being typed."""
        for field in (self.low, self.high):
            field.mark("")

    def _apply(self) -> None:
        """Set the typed limits."""
        low, high = self._exact
        pair = typed_pair(self.low, self.high, (low * self._factor, high * self._factor))
        if pair is None:
            return
        for field in (self.low, self.high):
            field.setModified(False)
        ends = sorted(one / self._factor for one in pair)
        self._commands.looks.set_limits(self._layer, ends[0], ends[1])
        self._restore()

    def _set_preset(self, text: str) -> None:
        if text != BY_HAND:
            self._commands.looks.set_limits_preset(self._layer, text)

"""How an exported file came about, as FITS cards: versions, settings, inputs, and the scale."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from skyframe_gui import __version__
from skyframe_gui.engine.config import SkyMeasurementConfig, field_values
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.fits.headers import CARD, CardText, card_value, made_card

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from astropy.io import fits

    from skyframe_gui.files.fits.headers import Cards

_KEYWORDS = {
    "version": ("SFVERS", "skyframe_gui version"),
    "sky_frame": ("SFSKY", "sky frame file"),
    "sky_frame_sha256": ("SFSKYSUM", ""),
    "scale": ("SFSCALE", "sky frame times this was subtracted"),
    "error": ("SFERROR", "standard error of the scale"),
    "n_used": ("SFNUSED", "samples in the last fit"),
    "n_rejected": ("SFNREJ", "samples rejected"),
    "n_samples": ("SFNSAMP", "samples in all"),
    "n_findings": ("SFNFIND", "warnings and notes on the fit"),
    "input_file": ("SFINPUT", "exposure file"),
    "input_sha256": ("SFINSUM", ""),
}
# Eight letters each, so that they can go on in CONTINUE cards, which not every reader or writer
# accepts after HIERARCH; the comments give the fields' full names.
_CONFIG_KEYWORDS = {
    "skyIter": "SFCITER",
    "skyRej": "SFCREJ",
    "background.statistic": "SFCBSTAT",
    "background.xBinSize": "SFCBXBIN",
    "background.yBinSize": "SFCBYBIN",
    "background.algorithm": "SFCBALG",
    "background.mask": "SFCBMASK",
    "xNumSamples": "SFCXNUM",
    "yNumSamples": "SFCYNUM",
    "stats.statistic": "SFCSSTAT",
    "stats.clip": "SFCSCLIP",
    "stats.nIter": "SFCSITER",
    "stats.mask": "SFCSMASK",
}
_OWN = {*(keyword for keyword, _ in _KEYWORDS.values()), *_CONFIG_KEYWORDS.values()}
_NULL = "null"
MOST_MASKS = 998
"""That have a card each; another says how many more there are."""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What an export says about its making. What is not known stays None or empty.

    Attributes
    ----------
    config : SkyMeasurementConfig, optional
        The settings used.
    unknown : frozenset of str
        Fields of it that say nothing here, such as how a sky frame from elsewhere was binned; they
        get no card.
    sky_frame, sky_frame_sha256 : str
        Name of the sky frame's file and its checksum, see `sha256_of`.
    scale, error : float, optional
        The fitted scale and its standard error; either may be NaN.
    n_used, n_rejected, n_samples : int, optional
        Samples in the last fit, rejected, and in all.
    n_findings : int, optional
        Of what the user was warned, warnings and notes together.
    input_file, input_sha256 : str
        Name of the exposure's file and its checksum.
    hand_masks : tuple of str
        What was masked by hand, in DS9's words.
    extra : mapping of str to str
        Anything else.
    version : str
        Of this program.
    """

    config: SkyMeasurementConfig | None = None
    sky_frame: str = ""
    sky_frame_sha256: str = ""
    scale: float | None = None
    error: float | None = None
    n_used: int | None = None
    n_rejected: int | None = None
    n_samples: int | None = None
    n_findings: int | None = None
    input_file: str = ""
    input_sha256: str = ""
    hand_masks: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    version: str = __version__

    def cards(self) -> list[CardText]:
        r"""Return the FITS cards; what is None or empty has none.

        Letters that FITS does not allow are written as escapes (``\xe9``). Numbers that are not
        finite become the words NaN, inf and -inf, as FITS has no such numbers.
        """
        cards = []
        for name, (keyword, comment) in _KEYWORDS.items():
            value = getattr(self, name)
            if value is not None and value != "":
                cards.append(_card(keyword, value, comment))
        if self.config is not None:
            values = field_values(self.config)
            for name, keyword in _CONFIG_KEYWORDS.items():
                if name not in self.unknown:
                    cards.append(_card(keyword, _as_card(values[name]), name))
        for number, words in enumerate(self.hand_masks[:MOST_MASKS], start=1):
            cards.append(_card(f"SFMSK{number}", words, "masked by hand"))
        if len(self.hand_masks) > MOST_MASKS:
            rest = f"and {len(self.hand_masks) - MOST_MASKS} more, see the plane USER"
            cards.append(_card(f"SFMSK{MOST_MASKS + 1}", rest, ""))
        for number, (key, text) in enumerate(self.extra.items(), start=1):
            cards.append(_card(f"SFX{number}", f"{key}={text}", ""))
        return cards

    @classmethod
    def from_header(cls, header: fits.Header | Cards) -> Provenance | None:
        """Read the cards back; None where the header has none.

        Raises
        ------
        SkyFrameError
            The cards of the configuration were changed to something impossible.
        """
        version = card_value(header, "SFVERS")
        if version is None:
            return None
        known: dict[str, Any] = {}
        for item in fields(cls):
            value = card_value(header, _KEYWORDS.get(item.name, ("", ""))[0])
            if value is not None:
                known[item.name] = _as_type(value, str(item.type))
        masks: list[str] = []
        while isinstance(words := card_value(header, f"SFMSK{len(masks) + 1}"), str):
            masks.append(words)
        extra: dict[str, str] = {}
        while isinstance(text := card_value(header, f"SFX{len(extra) + 1}"), str):
            key, _, rest = text.partition("=")
            extra[key] = rest
        return cls(**known, config=_config(header), hand_masks=tuple(masks), extra=extra)


def is_provenance(keyword: str) -> bool:
    """Whether a card of that keyword is one of those written here."""
    return keyword in _OWN or bool(re.fullmatch(r"SF(X|MSK)\d+", keyword))


def already_subtracted(header: fits.Header | Cards) -> str:
    """Return a sentence where a header tells that a sky frame was subtracted; "" elsewhere."""
    scale = card_value(header, "SFSCALE")
    if scale is None or card_value(header, "SFVERS") is None:
        return ""
    what = card_value(header, "SFSKY") or "a sky frame"
    factor = f"{scale:.6g}" if isinstance(scale, float) else str(scale)
    return (
        f"{what} times {factor} was subtracted from it before (SFSKY, SFSCALE); use the original."
    )


def sha256_of(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 checksum of a file in hexadecimal, read in pieces.

    Raises
    ------
    SkyFrameError
        The file cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SkyFrameError(
            f"{path}: its checksum cannot be computed ({error.strerror or error}); check the file."
        ) from error


def _card(keyword: str, value: Any, comment: str) -> CardText:
    if isinstance(value, float) and math.isfinite(value):
        # Astropy cuts floats to 20 characters; FITS allows all that a float64 needs.
        text = repr(value).upper()
        return CardText(keyword, f"{keyword:8}= {text:>20} / {comment}".ljust(CARD))
    if isinstance(value, float):
        value = {"nan": "NaN"}.get(str(value), str(value))
    return _card_of(keyword, value, comment)


@lru_cache(maxsize=512, typed=True)
def _card_of(keyword: str, value: str | bool | int | None, comment: str) -> CardText:
    """Return the card of what is no float: most are the same in all files of a run."""
    if isinstance(value, bool | int):
        return made_card(keyword, value, comment)
    text = _printable("" if value is None else str(value))
    room = 80 - 10 - 2 - max(len(text.replace("'", "''")), 8) - 3
    # A comment for which only the value leaves no room is left out, not cut in the middle; a
    # value that goes on in CONTINUE cards has room for it in the last.
    return made_card(keyword, text, "" if -3 <= room < len(comment) else comment)


def _printable(text: str) -> str:
    """Return the text with everything but printable ASCII as escapes."""
    return "".join(c if " " <= c <= "~" else ascii(c)[1:-1] for c in text)


def _as_card(value: Any) -> Any:
    """Return a field's value as its card has it, a list joined by commas."""
    if isinstance(value, list):
        return ",".join(value)
    return _NULL if value is None else value


def _config(header: fits.Header | Cards) -> SkyMeasurementConfig | None:
    if not any(keyword in header for keyword in _CONFIG_KEYWORDS.values()):
        return None
    nested: dict[str, Any] = {}
    for name, keyword in _CONFIG_KEYWORDS.items():
        if keyword not in header:
            continue
        value = card_value(header, keyword)
        *parents, last = name.split(".")
        place = nested
        for parent in parents:
            place = place.setdefault(parent, {})
        if last == "mask":
            value = [plane for plane in str(value or "").split(",") if plane]
        place[last] = None if value == _NULL else value
    try:
        return SkyMeasurementConfig.model_validate(nested)
    except ValidationError as error:
        first = error.errors()[0]
        raise SkyFrameError(
            f"The header's record of config.{'.'.join(map(str, first['loc']))} is damaged: "
            f"{first['msg']}; remove its card to read the rest."
        ) from error


def _as_type(value: Any, kind: str) -> Any:
    if "float" in kind:
        try:
            return float(value)
        except ValueError:
            return math.nan
    if "int" in kind:
        return int(value) if isinstance(value, int | float) else None
    return str(value)

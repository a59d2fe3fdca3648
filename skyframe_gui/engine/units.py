"""One spelling for each of the ways in which headers write the same unit."""

from __future__ import annotations

import re

_ATOMS = {
    "electron": "electrons electron e- e el elec e_minus photoelectron photoelectrons",
    "adu": "adu adus dn dns count counts ct cts",
    "s": "s sec secs second seconds",
    "pixel": "pixel pixels pix",
    "mag": "mag mags",
}
_SPELT = {word: unit for unit, words in _ATOMS.items() for word in words.split()}
_WORD = re.compile(r"[A-Za-z_]+-(?![0-9])|[A-Za-z_%]+")
_POWER = re.compile(r"(?:\*\*|\^)?\(?([+\-]?\d)\)?(?![\d.])")
_PER_SECOND = {"cps": "adu", "eps": "electron"}


def same_unit(unit: str) -> str:
    """Return one spelling for all of a unit.

    "electrons" and "e-" are "electron", "DN" is "adu", and "ADU / s", "DN/sec" and "adu s-1" are
    "adu/s". The case of a leading m counts: mJy is not MJy.
    """
    text = " ".join(unit.split())
    powers = _powers(re.sub(r"\bper\b", "/", text, flags=re.IGNORECASE))
    if powers is None:
        return text.casefold()
    above = [f"{atom}{power if power > 1 else ''}" for atom, power in powers if power > 0]
    below = [f"{atom}{-power if power < -1 else ''}" for atom, power in powers if power < 0]
    return "/".join([" ".join(above) or "1", *below])


def _powers(text: str) -> list[tuple[str, int]] | None:
    """Return the parts of a unit with their powers, by the alphabet; None where it has others."""
    if text.casefold() in _PER_SECOND:
        return [(_PER_SECOND[text.casefold()], 1), ("s", -1)]
    found: dict[str, int] = {}
    at, sign, depth = 0, 1, 0
    while at < len(text):
        if word := _WORD.match(text, at):
            at = word.end()
            power = 1
            if raised := _POWER.match(text, at):
                at, power = raised.end(), int(raised[1])
            atom = _atom(word[0])
            found[atom] = found.get(atom, 0) + sign * power
            sign = sign if depth else 1
        elif text[at] == "/":
            at, sign = at + 1, -1
        elif text[at] == "(" and sign < 0:
            at, depth = at + 1, depth + 1
        elif text[at] == ")" and depth:
            at, depth = at + 1, depth - 1
            sign = sign if depth else 1
        elif text[at] in " .*" or (text[at] == "1" and text[at + 1 : at + 2] in ("/", " ")):
            at += 1
        else:
            return None
    return sorted((atom, power) for atom, power in found.items() if power) or None


def _atom(word: str) -> str:
    plain = word.casefold()
    if plain in _SPELT:
        return _SPELT[plain]
    return word[0] + plain[1:] if word[0] in "mM" else plain

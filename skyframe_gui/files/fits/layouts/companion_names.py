"""What the names of files say: which are masks, weights and errors, and of which image."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from skyframe_gui.files.fits.layouts.base import Role

# Words of file names. Those of the first table say by themselves that a file is no image; the
# others may be anything, and are looked at only where the image lies beside it.
_PLAIN: dict[Role, str] = {
    "mask": "mask masks msk mskimg maskimg dqmask flag flags flg bpm badpix bimsk maskbits",
    "weight": "weight weights wht wgt wtmap invvar ivar",
    "variance": "variance varmap",
    "error": "rms sigmap uncert uncertainty cbunc munc",
    "other": "segmap segmentation expmap nexp galdepth psfdepth rrhr",
}
_VAGUE: dict[Role, str] = {
    "mask": "dq badpixels okd mk quality qual fpm",
    "weight": "wt wei okw",
    "variance": "var",
    "error": "err error errors unc sigma sig noise std",
    "other": "seg segm cov coverage ctx conf bkg background num expwt mcov chi2 snr psf exptime "
    "sky exp model n",
}
ALSO_EXPOSURES = frozenset(["std", "sky", "exp", "model", "n", "psf"])
"""Words that exposures have in their names, too: of a standard or the sky, number n."""
STRONG: dict[str, Role] = {word: role for role, words in _PLAIN.items() for word in words.split()}
ROLES = STRONG | {word: role for role, words in _VAGUE.items() for word in words.split()}
CATALOGUES = frozenset(["cat", "catalog", "catalogue", "ldac", "srctbl", "fcat"])
"""Words in the names of tables of objects: v20091210_00023_st_cat.fits."""
_PRODUCTS: tuple[tuple[str, Role], ...] = (
    # SDSS; Euclid's DPDD, VIS and NIR calibrated frames, which come in three files each.
    (r"fpM-\d{6}-[ugriz]\d-\d{4}", "mask"),
    (r"EUC_VIS_SWL[-_]WGT-", "weight"),
    (r"EUC_(VIS_SWL[-_]BKG|NIR_W-CAL-IMAGE-BKG)[-_]", "other"),
)
"""Names of products that are no images, and what they are."""
IMAGES = (
    "",
    "sci",
    "sciimg",
    "science",
    "image",
    "img",
    "int",
    "data",
    "oki",
    "fpc",
    "cbcd",
    "bcd",
    "maic",
)
"""What stands in an image's name where its companion has its word."""
ENDING = re.compile(r"(\.pl)?\.(fits?|fts)(\.(fz|gz|bz2|xz))?$|\.(fz|gz|bz2|xz)$", re.IGNORECASE)
_FUSED = re.compile(r"(.+?)(masks?|weights?|bpm|wht|ivar|invvar|flags?)\d{0,2}")
"""A word behind another without a mark between them: xmask, crmask."""
_PIECES = re.compile(r"[^._\-]+|[._\-]")


def images_of(name: str, names: frozenset[str]) -> list[str]:
    """Return which of some names could be the image of a companion, the likeliest first."""
    ending = ENDING.search(name)
    if ending is None:
        return []
    pieces = split_name(name)
    stems: list[str] = []
    for place in reversed(range(len(pieces))):
        if not role_of_word(pieces[place]):
            continue
        for word in IMAGES:
            stems += _replaced(pieces, place, word)
        fused = _FUSED.fullmatch(pieces[place].lower())
        if fused and pieces[place].lower() not in ROLES:
            own = pieces[place][: len(fused[1])]
            stems.append("".join((*pieces[:place], own, *pieces[place + 1 :])))
    folded = _folded(names)
    found: list[str] = []
    for spelt in (one for stem in stems for one in _spellings(stem, ending[0])):
        found += [spelt] if spelt in names else folded.get(spelt.lower(), ())
    return [one for one in dict.fromkeys(found) if one != name]


@lru_cache(maxsize=16)
def _folded(names: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """Return names by their lower case: archives of old systems mix both, s0.WEIGHT.FITS."""
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(names):
        found[name.lower()] = (*found.get(name.lower(), ()), name)
    return found


def _replaced(pieces: list[str], place: int, word: str) -> list[str]:
    before, after = pieces[:place], pieces[place + 1 :]
    if word:
        return ["".join((*before, word, *after))]
    # Without the word one of the marks around it goes, too.
    stems = []
    if before:
        stems.append("".join((*before[:-1], *after)))
    if after:
        stems.append("".join((*before, *after[1:])))
    return [stem for stem in stems if stem]


def _spellings(stem: str, ending: str) -> list[str]:
    plain = re.sub(r"^\.pl|\.(fz|gz|bz2|xz)$", "", ending, flags=re.IGNORECASE) or ".fits"
    ends = (ending, *(plain + more for more in ("", ".fz", ".gz", ".bz2", ".xz")))
    return [stem + end for end in dict.fromkeys(ends)]


def split_name(name: str) -> list[str]:
    """Return the words of a name and the marks between them; weight.map and inv_var are one."""
    pieces: list[str] = _PIECES.findall(ENDING.sub("", name))
    for place in range(len(pieces) - 2, 0, -1):
        if place + 2 > len(pieces):
            continue
        first, mark, second = pieces[place - 1 : place + 2]
        pair = (first + second).lower()
        if mark in "._-" and (pair in ROLES or (second.lower() == "map" and role_of_word(pair))):
            pieces[place - 1 : place + 2] = [first + mark + second]
    return pieces


def role_of_word(word: str, words: dict[str, Role] = ROLES) -> Role | None:
    """Return what a word says; weightmap, mask2 and crmask say what weight and mask do."""
    plain = re.sub(r"[._\-]", "", word.lower())
    role = words.get(plain) or words.get(plain.removesuffix("map"))
    fused = _FUSED.fullmatch(plain)
    if role is None and words is ROLES:
        role = STRONG.get(fused[2] if fused else plain.rstrip("0123456789"))
    return role


def role_of_name(name: str) -> Role | None:
    """Return what the last word of a name says that says anything; None without one."""
    return next(filter(None, map(role_of_word, reversed(split_name(name)))), None)


def word_of(name: str) -> str:
    """Return the last word of a name that names a kind of companion; "" without one."""
    return next((word.lower() for word in reversed(split_name(name)) if role_of_word(word)), "")


def role_of_product(name: str) -> Role | None:
    """Return what a file is that an archive calls so that it cannot be an image; else None."""
    return next((role for pattern, role in _PRODUCTS if re.match(pattern, name)), None)


def role_by_name(name: str, has_image: bool) -> Role | None:
    """Return what a companion is; without its image beside it only the last word counts."""
    if has_image:
        return role_of_name(name)
    words = split_name(name)
    return role_of_word(words[-1], STRONG) if len(words) > 1 else None

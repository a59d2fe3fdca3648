"""What an export says about its making can be read back from its header."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import strategies as st

from skyframe_gui import __version__
from skyframe_gui.engine.config import SkyMeasurementConfig
from skyframe_gui.engine.errors import SkyFrameError
from skyframe_gui.files.fits.headers import header_of
from skyframe_gui.files.fits.provenance import Provenance, sha256_of

if TYPE_CHECKING:
    from pathlib import Path


def through_a_file(provenance: Provenance) -> fits.Header:
    """Return the header as a reader would see it, having verified it strictly."""
    header = header_of(provenance.cards())
    for card in header.cards:
        card.verify("exception")
    text = header.tostring()
    text.encode("ascii")
    return fits.Header.fromstring(text)


# FITS strings lose their trailing blanks, and leading ones mean nothing in a name.
texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200).map(str.strip)
planes = st.lists(st.text("ABC_", min_size=1, max_size=30), max_size=12)
counts = st.none() | st.integers(0, 10**9)
configs = st.builds(
    lambda rej, it, algorithm, mask, stats_mask, clip: SkyMeasurementConfig.model_validate(
        {
            "skyRej": rej,
            "skyIter": it,
            "background": {"algorithm": algorithm, "mask": mask},
            "stats": {"mask": stats_mask, "clip": clip},
        }
    ),
    st.floats(1e-300, 1e300),
    st.integers(0, 100),
    st.sampled_from([None, "NONE", "AKIMA_SPLINE"]),
    planes,
    planes,
    st.floats(0.1, 10),
)


@given(
    st.builds(
        Provenance,
        config=st.none() | configs,
        sky_frame=texts,
        sky_frame_sha256=st.just("0" * 64),
        scale=st.none() | st.floats(),
        error=st.none() | st.floats(),
        n_used=counts,
        n_rejected=counts,
        n_samples=counts,
        n_findings=counts,
        input_file=texts,
        input_sha256=st.just("f" * 64),
        extra=st.dictionaries(
            texts.filter(lambda text: "=" not in text and text), texts, max_size=3
        ),
    )
)
def test_everything_comes_back_as_it_was(provenance: Provenance) -> None:
    back = Provenance.from_header(through_a_file(provenance))
    assert back is not None
    for name in ("scale", "error"):
        before, after = getattr(provenance, name), getattr(back, name)
        assert before == after or (math.isnan(before) and math.isnan(after))
    for name in vars(provenance):
        if name not in ("scale", "error"):
            assert getattr(back, name) == getattr(provenance, name)


def test_the_cards_can_be_understood_by_people() -> None:
    header = through_a_file(
        Provenance(config=SkyMeasurementConfig(), scale=1013.25, n_used=12, sky_frame="sky.fits")
    )
    assert header["SFVERS"] == __version__
    assert header["SFSCALE"] == 1013.25
    assert header["SFCBXBIN"] == 32
    assert header.comments["SFCBXBIN"] == "background.xBinSize"
    assert header["SFCBMASK"] == "SAT,BAD,EDGE,DETECTED,DETECTED_NEGATIVE,NO_DATA"
    assert "SFERROR" not in header


def test_a_scale_without_an_error_can_be_written() -> None:
    header = through_a_file(Provenance(scale=1.0, error=math.nan))
    assert header["SFERROR"] == "NaN"
    back = Provenance.from_header(header)
    assert back is not None
    assert back.error is not None
    assert math.isnan(back.error)


def test_every_field_of_the_configuration_has_a_card() -> None:
    written = {
        card.comment
        for card in header_of(Provenance(config=SkyMeasurementConfig()).cards()).cards
        if card.keyword.startswith("SFC")
    }
    dumped = SkyMeasurementConfig().model_dump()
    nested = {k: v for k, v in dumped.items() if isinstance(v, dict)}
    expected = {k for k in dumped if k not in nested}
    expected |= {f"{k}.{name}" for k, value in nested.items() for name in value}
    assert written == expected


def test_names_with_letters_beyond_ascii_and_line_breaks_stay_one_valid_card() -> None:
    header = through_a_file(Provenance(sky_frame="ciel-été\n.fits", extra={"näme": "wört"}))
    assert header["SFSKY"] == r"ciel-\xe9t\xe9\n.fits"
    assert header["SFX1"] == r"n\xe4me=w\xf6rt"


def test_a_header_without_provenance_gives_none() -> None:
    assert Provenance.from_header(fits.Header([("OBJECT", "M31")])) is None


def test_a_damaged_record_gives_a_sentence() -> None:
    header = through_a_file(Provenance(config=SkyMeasurementConfig()))
    header["SFCBXBIN"] = -3
    with pytest.raises(SkyFrameError, match=r"config\.background\.xBinSize is damaged"):
        Provenance.from_header(header)


def test_a_checksum_is_that_of_sha256sum(tmp_path: Path) -> None:
    data = bytes(range(256)) * 9000
    (tmp_path / "x").write_bytes(data)
    assert sha256_of(tmp_path / "x") == hashlib.sha256(data).hexdigest()


def test_the_checksum_of_a_missing_file_gives_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SkyFrameError, match=r"missing\.fits: its checksum cannot be computed"):
        sha256_of(tmp_path / "missing.fits")

"""Opening files: every way of packing them, and one clear sentence for all that is wrong."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from functools import partial

import numpy as np
import pytest
from astropy.io import fits
from fits_samples import lsst_exposure, pixels, save, to_bytes

from skyframe_gui.engine import SkyFrameError
from skyframe_gui.files import kind_of, read_exposures, scan
from skyframe_gui.files.fits import io
from skyframe_gui.files.fits.headers import cards_of

packed = partial(gzip.compress, mtime=0)  # the time would be in the names of tests


def refusal(path) -> str:
    """The sentence that reading the file gives, which must be one and must name the file."""
    with pytest.raises(SkyFrameError) as caught:
        read_exposures(path)
    sentence = str(caught.value)
    assert sentence.startswith(str(path))
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.fits", bytes),
        ("a.fits.gz", gzip.compress),
        ("a.fits.bz2", bz2.compress),
        ("a.fits.xz", lzma.compress),
        ("gzipped_but_called.fits", gzip.compress),
        ("plain_but_called.fits.gz", bytes),
    ],
)
def test_the_same_exposure_comes_out_however_the_file_is_packed(tmp_path, name, pack):
    path = tmp_path / name
    path.write_bytes(pack(to_bytes(lsst_exposure())))
    (exposure,) = read_exposures(path)
    np.testing.assert_array_equal(exposure.image, pixels())
    assert exposure.name == name
    assert exposure.mask.max() == 33
    assert exposure.variance.max() == 900


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n", "Git LFS pointer"),
        (b"<!DOCTYPE html><html><body>Please log in</body></html>", "web page"),
        (b"PK\x03\x04" + bytes(100), "zip archive"),
        (b"\x1f\x9d\x90" + bytes(100), "gunzip"),
        (b"XTENSION= 'IMAGE   '".ljust(2880), "beginning of the file is missing"),
        (b"just some text", "not a FITS file"),
        (b"SIMPLE  =                    T".ljust(80) + b" " * 2800, "no END"),
        (packed(packed(b"SIMPLE  = ")), "compressed twice"),
        (packed(b"no fits"), "not a FITS file"),
        (packed(to_bytes(lsst_exposure()))[:400], "compressed data are cut short"),
        (to_bytes(fits.PrimaryHDU()), "headers but no image"),
    ],
)
def test_what_is_not_an_exposure_is_refused_with_the_reason(tmp_path, content, said):
    path = tmp_path / "night-7.fits"
    path.write_bytes(content)
    assert said in refusal(path)


def test_missing_files_and_folders_are_named(tmp_path):
    assert "no such file" in refusal(tmp_path / "absent.fits")
    assert "folder" in refusal(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_says_so(tmp_path):
    path = save(tmp_path / "a.fits", lsst_exposure())
    path.chmod(0)
    assert "permission" in refusal(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_that_ends_within_the_data_is_called_cut_short(tmp_path, pack):
    whole = to_bytes(fits.PrimaryHDU(pixels()))
    path = tmp_path / "a.fits"
    path.write_bytes(pack(whole[: 2880 + 1000]))
    assert "cut short" in refusal(path)
    assert "again" in refusal(path)


def test_missing_padding_at_the_end_does_no_harm(tmp_path):
    path = tmp_path / "a.fits"
    path.write_bytes(to_bytes(fits.PrimaryHDU(pixels()))[: 2880 + 24 * 32 * 4])
    np.testing.assert_array_equal(read_exposures(path)[0].image, pixels())


def test_a_file_that_shrinks_after_the_scan_is_called_cut_short(tmp_path):
    path = save(tmp_path / "a.fits", fits.PrimaryHDU(pixels()))
    (source,) = scan(path)
    path.write_bytes(path.read_bytes()[: 2880 + 500])
    with pytest.raises(SkyFrameError, match="cut short"):
        source.read()


def test_a_file_that_was_replaced_after_the_scan_is_not_read_as_if_it_were_the_same(tmp_path):
    path = save(tmp_path / "a.fits", fits.PrimaryHDU(pixels()))
    (source,) = scan(path)
    save(path, fits.PrimaryHDU(pixels(shape=(5, 5))))
    with pytest.raises(SkyFrameError, match="changed since"):
        source.read()


def test_an_lsst_file_that_ends_between_two_hdus_is_called_cut_short(tmp_path):
    hdus = lsst_exposure()
    hdus[0].header["AR_HDU"] = 5
    path = save(tmp_path / "a.fits", hdus[:3])
    assert "without VARIANCE" in refusal(path)


def test_an_lsst_file_whose_archive_was_left_out_can_be_read(tmp_path):
    hdus = lsst_exposure()
    hdus[0].header["AR_HDU"] = 5
    assert read_exposures(save(tmp_path / "a.fits", hdus))[0].has_variance


@pytest.mark.parametrize(
    ("card", "value"),
    [("NAXIS1", "9999999999"), ("NAXIS2", "-5"), ("NAXIS", "77777"), ("BITPIX", "17")],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_header_that_asks_for_the_impossible_is_refused_at_once(tmp_path, card, value, pack):
    content = bytearray(to_bytes(fits.PrimaryHDU(pixels())))
    at = content.index(f"{card:8}=".encode())
    content[at : at + 30] = f"{card:8}= {value:>20}".encode()
    path = tmp_path / "a.fits"
    path.write_bytes(pack(bytes(content)))
    refusal(path)


def test_a_damaged_header_between_two_hdus_does_not_silently_lose_the_mask(tmp_path):
    content = to_bytes(lsst_exposure())
    at = [n for n in range(0, len(content), 2880) if content[n : n + 8] == b"XTENSION"][1]
    path = tmp_path / "a.fits"
    path.write_bytes(content[:at] + b"XTINSION" + content[at + 8 :])
    assert "header is damaged" in refusal(path)


def test_bytes_behind_the_last_hdu_are_noted_and_left_out(tmp_path):
    path = tmp_path / "a.fits"
    path.write_bytes(to_bytes(fits.PrimaryHDU(pixels())) + b"\x07\x01" * 1440)
    (source,) = scan(path)
    assert any("after the last HDU" in note for note in source.notes)
    assert source.read().width == 32


def test_a_wrong_checksum_is_a_note_and_not_an_error(tmp_path):
    content = bytearray(to_bytes(fits.PrimaryHDU(pixels()), checksum=True))
    path = tmp_path / "a.fits"
    path.write_bytes(content)
    assert read_exposures(path)[0].header.notes == ()
    content[2880 + 2] ^= 1
    path.write_bytes(content)
    notes = read_exposures(path)[0].header.notes
    assert len(notes) == 1
    assert "checksum" in notes[0]


def test_a_header_that_was_edited_after_its_checksum_is_a_note(tmp_path):
    hdu = fits.PrimaryHDU(pixels())
    hdu.header["OBJECT"] = "M31"
    content = to_bytes(hdu, checksum=True).replace(b"M31", b"M33")
    path = tmp_path / "a.fits"
    path.write_bytes(content)
    assert "CHECKSUM" in read_exposures(path)[0].header.notes[0]


def test_random_groups_are_refused_by_name(tmp_path):
    values = {"SIMPLE": "T", "BITPIX": -32, "NAXIS": 2, "NAXIS1": 0, "NAXIS2": 4, "GROUPS": "T"}
    values |= {"PCOUNT": 5, "GCOUNT": 3}
    cards = [f"{key:8}= {value:>20}".ljust(80) for key, value in values.items()]
    path = tmp_path / "a.fits"
    path.write_bytes("".join([*cards, "END"]).ljust(2880).encode() + bytes(2880))
    assert kind_of(path) == "random groups"
    assert "random groups" in refusal(path)


def test_unreadable_cards_do_not_hide_the_image(tmp_path):
    content = to_bytes(fits.PrimaryHDU(pixels()))
    broken = b"OBSERVER= no quotes 'at all" + b" " * 53 + b"caf\xc3\xa9   = \x00\xff".ljust(80)
    content = content[: 5 * 80] + broken + content[5 * 80 : 2880 - 160] + content[2880:]
    path = tmp_path / "a.fits"
    path.write_bytes(content)
    np.testing.assert_array_equal(read_exposures(path)[0].image, pixels())


def test_headers_are_parsed_once_and_a_changed_file_is_read_anew(tmp_path, monkeypatch):
    made = fits.HDUList([fits.PrimaryHDU()])
    for number in range(5):
        made.append(fits.ImageHDU(np.full((4, 6), number, "f4"), name=f"CCD{number}"))
        made[-1].header["FILTER"] = "g"
    path = save(tmp_path / "a.fits", made)
    times = os.stat(path)
    parsed = []
    monkeypatch.setattr(io, "cards_of", lambda block: parsed.append(1) or cards_of(block))
    sources = scan(path)
    assert len(parsed) == 6
    for number, source in enumerate(sources):
        assert source.read().image.max() == number
    assert len(parsed) == 6
    # Another card and other pixels, of the same size and date, in the same file.
    at = path.read_bytes().index(b"FILTER  = 'g", 4 * 2880)
    with open(path, "r+b") as file:
        file.seek(at + 11)
        file.write(b"r")
        file.seek(-2880, os.SEEK_END)
        file.write(np.full(24, 7, ">f4").tobytes())
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    again = scan(path)
    assert [one.filter for one in again].count("r") == 1
    assert len(parsed) == 7
    assert again[-1].read().image.max() == 7


def test_a_file_in_the_place_of_another_is_not_taken_for_it(tmp_path):
    path = tmp_path / "a.fits"
    for count, pack in ((3, bytes), (2, bytes), (4, gzip.compress), (1, gzip.compress)):
        hdus = [fits.ImageHDU(np.full((4, 6), n, "f4"), name=f"CCD{n}") for n in range(count)]
        path.write_bytes(pack(to_bytes(fits.HDUList([fits.PrimaryHDU(), *hdus]))))
        assert [one.read().image.max() for one in scan(path)] == list(range(count))
    path.write_bytes(to_bytes(fits.HDUList([fits.PrimaryHDU(), *hdus]))[:-2880])
    assert "cut short" in refusal(path)


def test_headers_of_files_opened_long_ago_are_let_go(tmp_path, monkeypatch):
    monkeypatch.setattr(io, "MAX_KNOWN_BYTES", 5 * 2880)
    monkeypatch.setattr(io, "_KNOWN", io._Known())
    paths = [save(tmp_path / f"{n}.fits", fits.HDUList(
        [fits.PrimaryHDU(), fits.ImageHDU(pixels())])) for n in range(4)]  # fmt: skip
    parsed = []
    monkeypatch.setattr(io, "cards_of", lambda block: parsed.append(1) or cards_of(block))
    for path in (*paths, paths[3], paths[2], paths[0]):
        scan(path)
    assert len(parsed) == 2 * 4 + 2
    large = fits.HDUList([fits.PrimaryHDU(), *(fits.ImageHDU(pixels()) for _ in range(9))])
    save(tmp_path / "large.fits", large)
    assert len(scan(tmp_path / "large.fits")) == len(scan(tmp_path / "large.fits")) == 9


def test_what_tells_the_size_may_stand_late_in_a_header(tmp_path):
    def card(text):
        return text.ljust(80).encode()

    log = [card(f"COMMENT line {number}") for number in range(40)]
    size = [card("NAXIS1  = 6"), card("NAXIS2  = 4"), card("PCOUNT  = 0"), card("GCOUNT  = 1")]
    head = [card("XTENSION= 'IMAGE   '"), card("BITPIX  = -32"), card("NAXIS   = 2")]
    primary = to_bytes(fits.HDUList([fits.PrimaryHDU()]))
    for place in range(5):
        cards = [*head, *size[:place], *log, *size[place:], card("EXTNAME = 'LATE'"), card("END")]
        block = b"".join(cards)
        data = np.full(24, place, ">f4").tobytes()
        path = tmp_path / f"{place}.fits"
        path.write_bytes(primary + block.ljust(-(-len(block) // 2880) * 2880) + data.ljust(2880))
        (exposure,) = read_exposures(path)
        assert exposure.image.shape == (4, 6)
        assert exposure.image.max() == place

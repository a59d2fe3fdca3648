"""Open any file that claims to be FITS, list its HDUs from the headers alone, refuse the broken."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast, overload

import numpy as np

from skyframe_gui.files.fits.hdu import BITPIX, FETCH, FileFault, Hdu, reading
from skyframe_gui.files.fits.headers import (
    Cards,
    card_int,
    card_text,
    card_value,
    cards_of,
    quiet,
)

if TYPE_CHECKING:
    import io

    from numpy.typing import NDArray

    from skyframe_gui.engine import Watch

BLOCK = 2880
MAX_HEADER_BYTES = 16 << 20
MAX_HDUS = 5000
N_HDUS = "SFNHDUS"
"""Card of the first header in files of our own: how many HDUs the file has."""
MAX_KNOWN_BYTES = 8 << 20
"""Of headers that are kept parsed, which takes six times as much: three triples of 62 detectors."""
MAX_PLANE_BYTES = 1 << 31
"""A plane that is stored compressed may not unpack to more than this."""
MAX_UNPACKED_BYTES = 1 << 33
"""A gzip, bzip2 or xz file may not unpack to more than this."""


@dataclass(kw_only=True)
class FitsFile:
    """An open FITS file and the list of its HDUs. Use `open_fits`."""

    path: Path
    stream: IO[bytes]
    size: int | None
    """Bytes in the file; None where it is compressed as a whole."""
    packing: str = ""
    """How the whole file is compressed: "", "gzip", "bzip2" or "xz"."""
    packed_size: int = 0
    hdus: Sequence[Hdu] = ()
    notes: list[str] = field(default_factory=list)
    watch: Watch | None = None
    """Stops what reads its pixels."""
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def planes(self) -> tuple[Hdu, ...]:
        """The HDUs that hold one two-dimensional image each."""
        return tuple(hdu for hdu in self.hdus if hdu.is_plane)

    @property
    def primary(self) -> Hdu:
        """The first HDU."""
        return self.hdus[0]

    def read_bytes(self, at: int, count: int) -> bytearray:
        """Return ``count`` bytes from offset ``at`` of the unpacked file."""
        data = bytearray(0)
        self.stream.seek(at)
        while len(data) < count:
            # In pieces, so that a lying header cannot claim memory that the file does not fill.
            piece = self.stream.read(min(count - len(data), 16 << 20))
            if not piece:
                raise self.cut_short(f"data of {count:,} bytes end after {len(data):,}")
            data += piece
        return data

    def read_array(self, at: int, count: int) -> NDArray[np.uint8]:
        """Return ``count`` bytes from offset ``at`` of the unpacked file, to be written to."""
        if self.size is None:
            return np.frombuffer(self.read_bytes(at, count), np.uint8)
        data = np.empty(count, np.uint8)
        self.fill_array(at, data)
        return data

    def fill_array(self, at: int, data: NDArray[np.uint8]) -> None:
        """Fill an array with the bytes from offset ``at`` of a file that is not packed.

        Threads may do so side by side.
        """
        done = 0
        while done < data.size:
            got = self._read_into(data[done:].data, at + done)
            if not got:
                raise self.cut_short(f"data of {data.size:,} bytes end after {done:,}")
            done += got

    def _read_into(self, target: memoryview, at: int) -> int:
        """Read some bytes and return how many; without moving where possible."""
        if hasattr(os, "preadv"):
            return os.preadv(self.stream.fileno(), [target], at)
        with self._lock:
            self.stream.seek(at)
            return cast("io.BufferedReader", self.stream).readinto(target)

    def cut_short(self, what: str) -> FileFault:
        """Return the error for a file that ends too early."""
        return FileFault(self.path, f"the file is cut short ({what}); {FETCH}.")


@contextmanager
def open_fits(path: str | Path) -> Iterator[FitsFile]:
    """Open a FITS file, plain or compressed by any of gzip, bzip2 and xz, and list its HDUs.

    The content decides how to unpack, not the name. No data are read; that the file is long
    enough for what its headers announce is checked where the length is known.

    Raises
    ------
    SkyFrameError
        The file cannot be opened, is not FITS, or its structure is damaged. Anything that goes
        wrong inside the ``with`` block becomes one, too.
    """
    path = Path(path)
    with reading(path):
        _check_regular(path)
        with path.open("rb") as raw:
            start = raw.read(512)
            packing = _sniff(path, start)
            raw.seek(0)
            if not packing:
                yield _walk(FitsFile(path=path, stream=raw, size=os.fstat(raw.fileno()).st_size))
                return
            with _unpack(raw, packing) as stream:
                inner = stream.read(512)
                if _sniff(path, inner):
                    raise FileFault(path, "it is compressed twice; unpack it once.")
                packed = os.fstat(raw.fileno()).st_size
                yield _walk(
                    FitsFile(
                        path=path, stream=stream, size=None, packing=packing, packed_size=packed
                    )
                )


def _check_regular(path: Path) -> None:
    """Refuse what is no file on a disk: opening a pipe would wait for somebody to write to it."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(path)
    if not stat.S_ISREG(mode):
        kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
        what = kinds.get(stat.S_IFMT(mode), "a device")
        raise FileFault(path, f"this is {what}, not a file; save what comes out of it first.")


def _unpack(raw: IO[bytes], packing: str) -> IO[bytes]:
    if packing == "gzip":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=raw, mode="rb"))
    return cast("IO[bytes]", bz2.BZ2File(raw) if packing == "bzip2" else lzma.LZMAFile(raw))


def _sniff(path: Path, start: bytes) -> str:
    """Return how the file is packed, "" for plain FITS; refuse what is no FITS file at all."""
    if start.startswith(b"SIMPLE  ="):
        return ""
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    if start.startswith(b"BZh"):
        return "bzip2"
    if start.startswith(b"\xfd7zXZ\x00"):
        return "xz"
    if not start:
        raise FileFault(path, f"the file is empty; {FETCH}.")
    if start.startswith(b"version https://git-lfs"):
        raise FileFault(path, "this is a Git LFS pointer, not the file itself; run 'git lfs pull'.")
    if start.startswith(b"\x1f\x9d"):
        raise FileFault(path, "it is packed by compress (.Z); unpack it with 'gunzip' first.")
    if start.startswith(b"#ASDF"):
        raise FileFault(path, "this is an ASDF file, not FITS; convert its image to FITS first.")
    if start.startswith(b"\x89HDF"):
        raise FileFault(path, "this is an HDF5 file, not FITS; convert its image to FITS first.")
    if start.startswith(b"PK\x03\x04"):
        raise FileFault(path, "this is a zip archive; unpack it first.")
    if start.lstrip()[:200].lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise FileFault(path, "this is a web page, not a FITS file; download the file again.")
    if start.startswith(b"XTENSION"):
        raise FileFault(path, f"the beginning of the file is missing; {FETCH}.")
    raise FileFault(path, "this is not a FITS file (it does not begin with SIMPLE).")


def _walk(file: FitsFile) -> FitsFile:
    """List the HDUs; of a file that was open before, each is compared when it is asked for."""
    known = _KNOWN.get(file)
    with quiet():
        if _is_as_before(file, known):
            file.hdus = _SeenBefore(file, known)
        else:
            file.hdus = tuple(hdu for _, hdu in _walk_all(file, known))
        _check_archive(file)
    return file


def _is_as_before(file: FitsFile, known: list[tuple[bytes, Hdu]]) -> bool:
    """Whether the file begins and ends as it did."""
    if file.size is None or not known or _as_before(file, 0, known[0]) is None:
        return False
    last = known[-1][1]
    at = last.data_at + -(-last.data_bytes // BLOCK) * BLOCK
    return file.size >= last.data_at + last.data_bytes and (
        _header_block(file, at, first=False) is None
    )


def _walk_all(file: FitsFile, known: list[tuple[bytes, Hdu]]) -> list[tuple[bytes, Hdu]]:
    """Read one header after the other, stepping over the data."""
    at = 0
    seen: list[tuple[bytes, Hdu]] = []
    with quiet():
        while len(seen) < MAX_HDUS:
            hdu = _as_before(file, at, known[len(seen)]) if len(seen) < len(known) else None
            if hdu is None:
                block = _header_block(file, at, first=not seen)
                if block is None:
                    break
                hdu = _measure(file, len(seen), block, at)
                seen.append((block, hdu))
            else:
                seen.append(known[len(seen)])
            at = hdu.data_at + -(-hdu.data_bytes // BLOCK) * BLOCK
            if file.size is None and at > MAX_UNPACKED_BYTES:
                raise FileFault(file.path, "it unpacks to more than 8 GiB; unpack it by hand.")
            # Stepping over packed data unpacks them, and so tells how many there are.
            held = (file.stream.seek(at) if file.size is None else file.size) - hdu.data_at
            if held < hdu.data_bytes:
                raise file.cut_short(
                    f"HDU {hdu.index} announces {hdu.data_bytes:,} bytes of data, "
                    f"the file holds {max(held, 0):,}"
                )
    if seen != known:
        _KNOWN.put(file, seen)
    return seen


class _SeenBefore(Sequence[Hdu]):
    """The HDUs of a file that was open before: of a camera's file each is read for itself."""

    def __init__(self, file: FitsFile, known: list[tuple[bytes, Hdu]]) -> None:
        self._file, self._known = file, known
        self._compared = {0}

    def __len__(self) -> int:
        return len(self._known)

    @overload
    def __getitem__(self, place: int) -> Hdu: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Hdu]: ...
    def __getitem__(self, place: int | slice) -> Hdu | Sequence[Hdu]:
        if isinstance(place, slice):
            return [self[one] for one in range(len(self))[place]]
        place = range(len(self))[place]
        if place not in self._compared:
            known = self._known[place]
            if _as_before(self._file, known[1].header_at, known) is None:
                self._known = _walk_all(self._file, self._known)
                self._compared = set(range(len(self)))
            self._compared.add(place)
        if place >= len(self):
            raise FileFault(self._file.path, f"an HDU is gone since it was open before; {FETCH}.")
        return self._known[place][1]


def _as_before(file: FitsFile, at: int, known: tuple[bytes, Hdu]) -> Hdu | None:
    """Return an HDU that was seen before, where its header is there to the byte; else None."""
    block, hdu = known
    if hdu.header_at != at:
        return None
    if file.size is not None and hasattr(os, "pread"):
        return hdu if os.pread(file.stream.fileno(), len(block), at) == block else None
    file.stream.seek(at)
    return hdu if file.stream.read(len(block)) == block else None


class _Known:
    """The headers of the files opened last, and what was made of them.

    A file is opened to tell what it is, to describe it, and for the pixels of each of its
    detectors; its headers are parsed once. They are read each time: what is on the disk counts,
    whatever its date says.
    """

    def __init__(self) -> None:
        self._files: OrderedDict[str, list[tuple[bytes, Hdu]]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, file: FitsFile) -> list[tuple[bytes, Hdu]]:
        """Return headers and HDUs of a file, none where it is not known."""
        with self._lock:
            found = self._files.get(str(file.path))
            if found is None:
                return []
            self._files.move_to_end(str(file.path))
            return found

    def put(self, file: FitsFile, hdus: list[tuple[bytes, Hdu]]) -> None:
        """Keep what a file holds; the files that were opened longest ago go for it."""
        size = _size(hdus)
        with self._lock:
            before = self._files.pop(str(file.path), [])
            self._bytes -= _size(before)
            if size > MAX_KNOWN_BYTES:
                return
            self._files[str(file.path)] = hdus
            self._bytes += size
            while self._bytes > MAX_KNOWN_BYTES:
                _, oldest = self._files.popitem(last=False)
                self._bytes -= _size(oldest)


def _size(hdus: list[tuple[bytes, Hdu]]) -> int:
    return sum(len(block) for block, _ in hdus)


_KNOWN = _Known()


def _header_block(file: FitsFile, at: int, first: bool) -> bytes | None:
    """Return the header that starts at ``at``, padded; None where the file ends."""
    file.stream.seek(at)
    header = file.stream.read(BLOCK)
    if not first and not header.startswith(b"XTENSION"):
        _judge_tail(file, at, header)
        return None
    seen = 0
    while True:
        lines = range(seen, len(header) - 79, 80) if b"END" in header[seen:] else ()
        end = next((n for n in lines if header[n : n + 8].rstrip() == b"END"), None)
        if end is not None:
            return header
        if len(header) % BLOCK or len(header) >= MAX_HEADER_BYTES:
            break
        seen = len(header)
        more = file.stream.read(BLOCK)
        if not more:
            break
        header += more
    raise file.cut_short("a header has no END")


def _judge_tail(file: FitsFile, at: int, tail: bytes) -> None:
    """Say what follows the last HDU: nothing, padding, or a header that is broken."""
    if not tail.strip(b"\x00 "):
        return
    line = tail[:80]
    if len(line) == 80 and all(32 <= c < 127 for c in line) and b"=" in line[:80]:
        raise FileFault(
            file.path, f"a header is damaged (at byte {at:,}, no XTENSION card); {FETCH}."
        )
    file.notes.append(f"Bytes after the last HDU (from {at:,} on) were left out.")


def _measure(file: FitsFile, index: int, block: bytes, at: int) -> Hdu:
    """Work out how long the data of an HDU are."""
    data_at = at + len(block)
    bare = Hdu(
        path=file.path, index=index, block=block, header_at=at, data_at=data_at, data_bytes=0
    )
    # What tells it stands at the beginning; where it does not, the whole header is parsed.
    header = Cards(cards_of(block[:BLOCK]))
    last = f"NAXIS{card_int(header, 'NAXIS') or ''}"
    if index == 0 or not {"BITPIX", "NAXIS", last, "PCOUNT", "GCOUNT"} <= set(header):
        header = bare.table_header
    if card_int(header, "BITPIX") not in BITPIX:
        raise bare.fault("its BITPIX card is damaged")
    count = bare.whole(header, "NAXIS")
    if count > 999:
        raise bare.fault("its NAXIS card is damaged")
    lengths = [bare.whole(header, f"NAXIS{axis}") for axis in range(1, count + 1)]
    grouped = index == 0 and card_value(header, "GROUPS") is True and lengths[:1] == [0]
    if grouped:
        lengths = lengths[1:]
    extra, groups = 0, 1
    if index or grouped:
        # Both are required in an extension, and forgotten by some writers.
        extra = bare.whole(header, "PCOUNT") if "PCOUNT" in header else 0
        groups = bare.whole(header, "GCOUNT") if "GCOUNT" in header else 1
    size = 0
    if lengths:
        size = 1
        for length in lengths:
            size *= length
        size = abs(card_int(header, "BITPIX") or 8) // 8 * groups * (extra + size)
    # Deflate packs zeros 1032 times; a header that asks for more than that is lying.
    most = min(MAX_PLANE_BYTES, 1040 * file.packed_size if file.packing == "gzip" else 1 << 62)
    if file.size is None and size > most:
        raise bare.fault(f"its header asks for {size:,} bytes, more than it can hold")
    return Hdu(
        path=file.path, index=index, block=block, header_at=at, data_at=data_at, data_bytes=size
    )


def _check_archive(file: FitsFile) -> None:
    """Refuse a file of our own, or an LSST exposure, that ends between two HDUs.

    Each HDU is whole then, but the first header says how many there are, or where the archive
    begins that follows them.
    """
    written = card_int(file.primary.header, N_HDUS)
    if written is not None and written > len(file.hdus):
        raise file.cut_short(f"{len(file.hdus)} of {written} HDUs are there")
    archive = card_int(file.primary.header, "AR_HDU")
    if not archive or archive <= len(file.hdus):
        return
    types = {card_text(hdu.header, "EXTTYPE").upper() for hdu in file.hdus}
    if "IMAGE" in types:
        missing = {"MASK", "VARIANCE"} - types
        if missing:
            raise file.cut_short(
                f"{len(file.hdus)} of at least {archive} HDUs are there, "
                f"without {' and '.join(sorted(missing))}"
            )

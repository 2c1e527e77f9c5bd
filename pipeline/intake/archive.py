"""Reads the files in a zip or tar one after the other, within bounds against hostile archives.

Nothing is written to disk, no link is followed and no archive inside the archive is opened.
"""

import bz2
import gzip
import io
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from pipeline.errors import BadFile
from pipeline.intake import formats
from pipeline.workspace.progress import Progress, ignore_progress

MOST_MEMBERS = 500_000
"""The most files in an archive: the list of a zip takes 0.6 KB of memory for each. TREC 2007 has
75,419."""
MOST_UNPACKED = 64 << 30
"""The most bytes of all members together; a mailbox of Google Takeout may well have 20 GB."""
MOST_MEMBER = 32 << 30
"""The most bytes of one member, which is read as a stream."""
MOST_RATIO = 200
"""The most unpacked bytes per packed byte of the whole archive. Mail reaches 3 to 10, a tar.gz of
200,000 mails that differ by a number 103 (mostly the tar's own headers), zeros 1,000."""
FREE = 128 << 20
"""The ratio is checked only beyond this many unpacked bytes: a few mails of zeros are no bomb."""
MOST_LIST = 200
"""The most bytes per file in the list of a zip; 46 and the name are needed."""
MOST_HEAD = 1 << 15
"""The most bytes of one header in a tar; a path has at most 4,096."""
DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError),
    *(struct.error, ValueError, NotImplementedError, RuntimeError, UnicodeError, IndexError),
)
"""What the readers of archives raise for damaged bytes."""
IGNORED_FOLDERS = {"__MACOSX", ".git", ".svn"}
IGNORED_NAMES = {"cmds", "thumbs.db", "desktop.ini", "maildirfolder", "subscriptions"}
IGNORED_STARTS = (".", "dovecot", "courier")


@dataclass(frozen=True)
class Member:
    """One file of an archive.

    Attributes:
        stream: its content; can be read only until the next member is requested.
        problem: why it has no content, such as "is encrypted"; "" if it has.
    """

    name: str
    stream: BinaryIO
    problem: str = ""


def iterate_members(path: Path, progress: Progress = ignore_progress) -> Iterator[Member]:
    """Iterate over the files of a zip or tar (plain, gzip, bzip2 or xz) in their order.

    Skips folders, hidden files, files that macOS and mail servers leave behind, and files in a
    folder "tmp" (of a Maildir). Reading a stream may raise `DAMAGED` or BadFile as well.

    Args:
        progress: receives the share of the file that is read.

    Raises:
        BadFile: if the archive is damaged or exceeds `MOST_MEMBERS`, `MOST_UNPACKED` or
            `MOST_RATIO`.
    """
    path = Path(path)
    bounds = _Bounds(path.name, path.stat().st_size)
    with path.open("rb") as file:
        head = file.read(formats.HEAD)
        file.seek(0)
        read_members = _read_zip if formats.recognise(head) == "zip" else _read_tar
        try:
            note_share = partial(progress, f"Reading {path.name}")
            yield from read_members(cast(BinaryIO, file), head, bounds, note_share)
        except DAMAGED as error:
            raise bounds.damaged(error) from error


@dataclass
class _Bounds:
    """Counts what has been read of an archive and raises BadFile when it is too much."""

    name: str
    packed: int
    members: int = 0
    unpacked: int = 0

    def count(self, members: int) -> None:
        self.members += members
        if self.members > MOST_MEMBERS:
            raise BadFile(
                f'"{self.name}" contains more than {MOST_MEMBERS:,} files; expected at most that '
                "many. Convert the mails to an mbox or a CSV, or take a sample."
            )

    def add(self, unpacked: int) -> None:
        self.unpacked += unpacked
        if self.unpacked > MOST_UNPACKED:
            raise BadFile(
                f'"{self.name}" unpacks to more than {MOST_UNPACKED >> 30:,} GB; expected at most '
                "that much. Split it or take a sample."
            )
        if self.unpacked > FREE and self.unpacked > MOST_RATIO * self.packed:
            raise BadFile(
                f'"{self.name}" ({self.packed:,} bytes) unpacks to more than {MOST_RATIO} times '
                "its size, as malicious archives do; mail reaches 3 to 10 times. If you trust it, "
                "unpack it yourself and upload the mails as an mbox or a CSV."
            )

    def damaged(self, error: BaseException) -> BadFile:
        return BadFile(
            f'"{self.name}" begins like an archive but is damaged or cut short '
            f"({str(error)[:100] or type(error).__name__}); expected a complete zip or tar. Upload "
            "it again or pack the mails again."
        )


class _Source(io.RawIOBase):
    """A stream that counts its bytes and ends after `size` of them."""

    def __init__(self, stream: Any, bounds: _Bounds, size: int = -1) -> None:
        self._stream, self._bounds, self._left = stream, bounds, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = len(buffer) if self._left < 0 else min(len(buffer), self._left)
        data = self._stream.read(size)
        if self._left > 0:
            if size and not data:
                raise EOFError("a file in it ends too early")
            self._left -= len(data)
        self._bounds.add(len(data))
        buffer[: len(data)] = data
        return len(data)


def _read_zip(
    file: BinaryIO, head: bytes, bounds: _Bounds, note_share: Callable[[float], None]
) -> Iterator[Member]:
    bounds.count(_count_listed(file, bounds.packed))
    bounds.members = 0
    with zipfile.ZipFile(file) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        bounds.count(len(infos))
        packed = sum(info.compress_size for info in infos)
        if packed > bounds.packed:
            raise BadFile(
                f'"{bounds.name}" lists files that overlap ({packed:,} bytes in a file of '
                f"{bounds.packed:,}), as malicious archives do. Pack the mails again."
            )
        done = 0
        for info in infos:
            problem = _check_name(info.filename) or _check_size(info.file_size)
            if info.flag_bits & 1:
                problem = "is encrypted"
            if info.external_attr >> 28 in (0o12, 0o1, 0o2, 0o6):  # the file type of Unix
                problem = "is a link or a device"
            if _is_ignored(info.filename) and problem != "is encrypted":
                continue
            if problem:
                yield _skip(info.filename, problem)
            else:
                yield from _open_zipped(archive, info, bounds)
            done += info.compress_size
            note_share(done / max(1, packed))


def _open_zipped(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, bounds: _Bounds
) -> Iterator[Member]:
    try:
        stream = archive.open(info)
    except DAMAGED as error:  # an unknown compression, or a damaged header
        yield _skip(info.filename, f"cannot be unpacked ({str(error)[:60]})")
        return
    with stream:
        source = _Source(stream, bounds, info.file_size)
        yield Member(_clean_name(info.filename), cast(BinaryIO, io.BufferedReader(source, 1 << 16)))


def _count_listed(file: BinaryIO, size: int) -> int:
    """Count the files that a zip lists before reading the list; too many if it is too long.

    Finds the list as `zipfile` does: at the end if there is no comment, else by its last signature.
    """
    start = max(0, size - (1 << 16) - 200)
    file.seek(start)
    tail = file.read()
    file.seek(0)
    bare = tail[-22:-18] == b"PK\5\6" and tail[-2:] == b"\0\0"
    end = len(tail) - 22 if bare else tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        raise zipfile.BadZipFile("it has no list of its files")
    count, length = struct.unpack_from("<HL", tail, end + 10)
    large = tail[max(0, end - 76) : end]
    if len(large) == 76 and large[56:60] == b"PK\6\7" and large[:4] == b"PK\6\6":
        count, length = struct.unpack_from("<QQ", large, 32)
    return MOST_MEMBERS + 1 if length > MOST_MEMBERS * MOST_LIST else count


class _Headers:
    """A tar as `tarfile` reads it: only headers, of bounded size."""

    def __init__(self, stream: Any, bounds: _Bounds) -> None:
        self._stream, self._bounds = stream, bounds
        self.tell = stream.tell

    def seek(self, position: int, whence: int = 0) -> int:
        before = self._stream.tell()
        # Skipping unpacks, so it is done in pieces; a bomb is then noticed.
        while before < position:
            skipped = len(self._stream.read(min(1 << 20, position - before)))
            if not skipped:
                return int(before)
            before += skipped
            self._bounds.add(skipped)
        return cast(int, self._stream.seek(position, whence))

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MOST_HEAD:
            raise tarfile.ReadError(f"a header of more than {MOST_HEAD:,} bytes")
        data = cast(bytes, self._stream.read(size))
        self._bounds.add(len(data))
        return data


def _read_tar(
    file: BinaryIO, head: bytes, bounds: _Bounds, note_share: Callable[[float], None]
) -> Iterator[Member]:
    with (
        io.BufferedReader(_decompress(file, head), 1 << 16) as stream,
        tarfile.open(fileobj=cast(Any, _Headers(stream, bounds)), mode="r:", errorlevel=2) as tar,
    ):
        while (info := tar.next()) is not None:
            tar.members = []  # type: ignore[attr-defined]  # otherwise it keeps all of them
            note_share(min(1.0, file.tell() / max(1, bounds.packed)))
            if info.isdir():
                continue
            bounds.count(1)
            problem = _check_name(info.name) or _check_size(info.size)
            if not info.isreg() or info.issparse():  # a sparse file's zeros take no space
                problem = "is a link, a device or a sparse file"
            if _is_ignored(info.name):
                continue
            if problem:
                yield _skip(info.name, problem)
                continue
            source = _Source(stream, bounds, info.size)
            yield Member(_clean_name(info.name), cast(BinaryIO, io.BufferedReader(source, 1 << 13)))


def _decompress(file: BinaryIO, head: bytes) -> Any:
    if head.startswith(formats.GZIP):
        return gzip.GzipFile(fileobj=file)
    if head.startswith(b"BZh"):
        return bz2.BZ2File(file)
    return lzma.LZMAFile(file) if head.startswith(b"\xfd7zXZ\0") else file


def _check_name(name: str) -> str:
    """Say that a name leads outside the folder where the archive would be unpacked, or ""."""
    parts = name.replace("\\", "/").split("/")
    outside = ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0][1:2]
    return "has a name that leads outside the archive" if outside else ""


def _check_size(size: int) -> str:
    return f"is larger than {MOST_MEMBER >> 30} GB" if size > MOST_MEMBER else ""


def _is_ignored(name: str) -> bool:
    path = PurePosixPath(_clean_name(name))
    lower = path.name.lower()
    return (
        lower in IGNORED_NAMES
        or lower.startswith(IGNORED_STARTS)
        or not IGNORED_FOLDERS.isdisjoint(path.parts)
        or path.parent.name == "tmp"
    )


def _skip(name: str, problem: str) -> Member:
    return Member(_clean_name(name), io.BytesIO(), problem)


def _clean_name(name: str) -> str:
    """The name with forward slashes, on one line and writable to a file."""
    text = name[:4096].encode(errors="replace").decode().replace("\\", "/")
    return text if text.isprintable() else re.sub(r"[\x00-\x1f\x7f]+", " ", text)

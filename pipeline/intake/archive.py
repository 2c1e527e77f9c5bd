"""The files in a zip or tar, one after the other, with bounds against hostile ones.

Nothing is written to disk, no link is followed and no archive in the archive is opened.
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
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from pipeline.errors import BadFile
from pipeline.intake import kind

MOST_MEMBERS = 500_000
"""Files in one archive; the list of a zip takes 0.6 KB of memory for each. TREC 2007 has 75,419."""
MOST_UNPACKED = 64 << 30
"""Bytes of all members; a mailbox of Google Takeout may well have 20 GB."""
MOST_MEMBER = 32 << 30
"""Bytes of one member, which is read as a stream."""
MOST_RATIO = 200
"""Unpacked to packed bytes of the whole: mail has 3 to 10, a tar.gz of 200,000 mails that differ by
a number has 103 (mostly the tar's own heads), zeros have 1,000."""
FREE = 128 << 20
"""Unpacked bytes from which the ratio counts: a few mails of zeros are no bomb."""
MOST_LIST = 200
"""Bytes that a zip's list may take for each of `MOST_MEMBERS`; 46 and the name are needed."""
MOST_HEAD = 1 << 15
"""Bytes of one head in a tar; a path has 4,096 at most."""
DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError),
    *(struct.error, ValueError, NotImplementedError, RuntimeError, UnicodeError, IndexError),
)
"""What the readers of archives raise for bytes that are none."""
IGNORED_FOLDERS = {"__MACOSX", ".git", ".svn"}
IGNORED_NAMES = {"cmds", "thumbs.db", "desktop.ini", "maildirfolder", "subscriptions"}
IGNORED_STARTS = (".", "dovecot", "courier")


@dataclass(frozen=True)
class Member:
    """One file of an archive.

    `stream` is read until the next member is asked for. `problem` says why there is nothing in
    it: "is encrypted".
    """

    name: str
    stream: BinaryIO
    problem: str = ""


def members(path: Path, report: Callable[[float], None] | None = None) -> Iterator[Member]:
    """The files of a zip or tar (plain, gzip, bzip2 or xz), as they stand in it.

    Folders, hidden files, what macOS and mail servers leave behind, and files in a folder "tmp"
    (of a Maildir) are not told. What a stream gives may raise `DAMAGED` or BadFile as well.

    Args:
        report: told the share of the file that is read (0 to 1).

    Raises:
        BadFile: damaged; over `MOST_MEMBERS` or `MOST_UNPACKED`; packed more than `MOST_RATIO`.
    """
    path = Path(path)
    bounds = _Bounds(path.name, path.stat().st_size)
    with path.open("rb") as file:
        head = file.read(kind.HEAD)
        file.seek(0)
        found = _of_zip if kind.kind_of_bytes(head) == "zip" else _of_tar
        try:
            yield from found(cast(BinaryIO, file), head, bounds, report or (lambda share: None))
        except DAMAGED as error:
            raise bounds.damaged(error) from error


@dataclass
class _Bounds:
    """What has been read of an archive, and the sentences when that is too much."""

    name: str
    packed: int
    members: int = 0
    unpacked: int = 0

    def count(self, members: int) -> None:
        self.members += members
        if self.members > MOST_MEMBERS:
            raise BadFile(
                f'"{self.name}" has more than {MOST_MEMBERS:,} files in it; expected at most that. '
                "Make an mbox or a CSV of the mails, or take a sample."
            )

    def add(self, unpacked: int) -> None:
        self.unpacked += unpacked
        if self.unpacked > MOST_UNPACKED:
            raise BadFile(
                f'"{self.name}" unpacks to more than {MOST_UNPACKED >> 30:,} GB; expected at most '
                "that. Split it or take a sample."
            )
        if self.unpacked > FREE and self.unpacked > MOST_RATIO * self.packed:
            raise BadFile(
                f'"{self.name}" ({self.packed:,} bytes) unpacks to more than {MOST_RATIO} times '
                "its size, as archives made to do harm do; mail reaches 3 to 10 times. Unpack it "
                "yourself if you trust it, and upload the mails as an mbox or a CSV."
            )

    def damaged(self, error: BaseException) -> BadFile:
        return BadFile(
            f'"{self.name}" begins like an archive but is damaged or cut short '
            f"({str(error)[:100] or type(error).__name__}); expected a whole zip or tar. Upload it "
            "again or pack it anew."
        )


class _Source(io.RawIOBase):
    """A stream whose bytes are counted; reading on after the last gives b""."""

    def __init__(self, stream: Any, bounds: _Bounds, size: int = -1) -> None:
        self._stream, self._bounds, self._left = stream, bounds, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = len(buffer) if self._left < 0 else min(len(buffer), self._left)
        data = self._stream.read(wanted)
        if self._left > 0:
            if wanted and not data:
                raise EOFError("a file in it ends too early")
            self._left -= len(data)
        self._bounds.add(len(data))
        buffer[: len(data)] = data
        return len(data)


def _of_zip(
    file: BinaryIO, head: bytes, bounds: _Bounds, report: Callable[[float], None]
) -> Iterator[Member]:
    bounds.count(_listed(file, bounds.packed))
    bounds.members = 0
    with zipfile.ZipFile(file) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        bounds.count(len(infos))
        packed = sum(info.compress_size for info in infos)
        if packed > bounds.packed:
            raise BadFile(
                f'"{bounds.name}" lists files that lie over each other ({packed:,} bytes in a file '
                f"of {bounds.packed:,}), as archives made to do harm do. Pack the mails anew."
            )
        done = 0
        for info in infos:
            problem = _wrong_name(info.filename) or _wrong_size(info.file_size)
            if info.flag_bits & 1:
                problem = "is encrypted"
            if info.external_attr >> 28 in (0o12, 0o1, 0o2, 0o6):  # what Unix says of the file
                problem = "is a link or a device"
            if _ignored(info.filename) and problem != "is encrypted":
                continue
            if problem:
                yield _without(info.filename, problem)
            else:
                yield from _zipped(archive, info, bounds)
            done += info.compress_size
            report(done / max(1, packed))


def _zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, bounds: _Bounds) -> Iterator[Member]:
    try:
        stream = archive.open(info)
    except DAMAGED as error:  # a packing that Python does not know, or a damaged head
        yield _without(info.filename, f"cannot be unpacked ({str(error)[:60]})")
        return
    with stream:
        source = _Source(stream, bounds, info.file_size)
        yield Member(_told(info.filename), cast(BinaryIO, io.BufferedReader(source, 1 << 16)))


def _listed(file: BinaryIO, size: int) -> int:
    """How many files a zip lists, before the list is read; more when the list is too long.

    Found as `zipfile` finds it: at the end when there is no comment, else by its last signature.
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


class _Heads:
    """A tar as `tarfile` reads it: heads of bounded size and nothing else."""

    def __init__(self, stream: Any, bounds: _Bounds) -> None:
        self._stream, self._bounds = stream, bounds
        self.tell = stream.tell

    def seek(self, position: int, whence: int = 0) -> int:
        before = self._stream.tell()
        # What is packed is unpacked on the way, so a piece at a time: then a bomb is noticed.
        while before < position:
            skipped = len(self._stream.read(min(1 << 20, position - before)))
            if not skipped:
                return before
            before += skipped
            self._bounds.add(skipped)
        return cast(int, self._stream.seek(position, whence))

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MOST_HEAD:
            raise tarfile.ReadError(f"a head of more than {MOST_HEAD:,} bytes")
        data = cast(bytes, self._stream.read(size))
        self._bounds.add(len(data))
        return data


def _of_tar(
    file: BinaryIO, head: bytes, bounds: _Bounds, report: Callable[[float], None]
) -> Iterator[Member]:
    with (
        io.BufferedReader(_unpacking(file, head), 1 << 16) as stream,
        tarfile.open(fileobj=cast(Any, _Heads(stream, bounds)), mode="r:", errorlevel=2) as tar,
    ):
        while (info := tar.next()) is not None:
            tar.members = []  # type: ignore[attr-defined]  # else it keeps all of them
            report(min(1.0, file.tell() / max(1, bounds.packed)))
            if info.isdir():
                continue
            bounds.count(1)
            problem = _wrong_name(info.name) or _wrong_size(info.size)
            if not info.isreg() or info.issparse():  # zeros of a sparse file take no room at all
                problem = "is a link, a device or a sparse file"
            if _ignored(info.name):
                continue
            if problem:
                yield _without(info.name, problem)
                continue
            source = _Source(stream, bounds, info.size)
            yield Member(_told(info.name), cast(BinaryIO, io.BufferedReader(source, 1 << 13)))


def _unpacking(file: BinaryIO, head: bytes) -> Any:
    if head.startswith(kind.GZIP):
        return gzip.GzipFile(fileobj=file)
    if head.startswith(b"BZh"):
        return bz2.BZ2File(file)
    return lzma.LZMAFile(file) if head.startswith(b"\xfd7zXZ\0") else file


def _wrong_name(name: str) -> str:
    """A name that leads out of the folder where one would unpack it."""
    parts = name.replace("\\", "/").split("/")
    outside = ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0][1:2]
    return "has a name that leads outside the archive" if outside else ""


def _wrong_size(size: int) -> str:
    return f"is larger than {MOST_MEMBER >> 30} GB" if size > MOST_MEMBER else ""


def _ignored(name: str) -> bool:
    path = PurePosixPath(_told(name))
    lower = path.name.lower()
    return (
        lower in IGNORED_NAMES
        or lower.startswith(IGNORED_STARTS)
        or not IGNORED_FOLDERS.isdisjoint(path.parts)
        or path.parent.name == "tmp"
    )


def _without(name: str, problem: str) -> Member:
    return Member(_told(name), io.BytesIO(), problem)


def _told(name: str) -> str:
    """The name as it can be written to a file and shown in a line, Windows' way or not."""
    text = name[:4096].encode(errors="replace").decode().replace("\\", "/")
    return text if text.isprintable() else re.sub(r"[\x00-\x1f\x7f]+", " ", text)

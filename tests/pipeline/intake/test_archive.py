"""Members of archives come out in order; a hostile archive gets a sentence, and no file is made."""

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import BadFile
from pipeline.intake import archive
from pipeline.intake.archive import DAMAGED, iterate_members
from tests.heard import Heard

FILES = {"ham/a.eml": b"Subject: a\n\nb", "spam/deep/b.txt": b"x" * 100_000, "c": b""}


def zipped(files: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", packing) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return target.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w", **more: tarfile.TarInfo) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as made:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
        for info in more.values():
            made.addfile(info)
    return target.getvalue()


def found(path: Path, data: bytes | None = None) -> dict[str, bytes | str]:
    """The bytes of each member, or its problem."""
    if data is not None:
        path.write_bytes(data)
    return {m.name: m.problem or m.stream.read() for m in iterate_members(path)}


PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": zipped,
    "stored zip": lambda files: zipped(files, zipfile.ZIP_STORED),
    **{mode: lambda files, mode=mode: tarred(files, mode) for mode in ("w", "w:gz", "w:bz2")},
    "w:xz": lambda files: tarred(files, "w:xz"),
}


@pytest.mark.parametrize("packer", PACKERS)
def test_what_was_packed_comes_out(tmp_path: Path, packer: str) -> None:
    path = tmp_path / "a"
    assert found(path, PACKERS[packer](FILES)) == FILES
    heard = Heard()
    names = [member.name for member in iterate_members(path, heard)]  # nothing is read of them
    shares = heard.shares
    assert names == list(FILES)
    assert shares == sorted(shares)
    assert shares[-1] == 1 or packer != "zip"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("packer", ["zip", "w"])
def test_names_that_lead_outside_are_told_and_not_read(tmp_path: Path, packer: str) -> None:
    names = ["../../x", "/etc/passwd", "a/../../x", "..\\x", "C:\\x", "fine..txt"]
    if packer == "zip":  # zipfile writes what it is told on this system
        names.remove("C:\\x")
    told = found(tmp_path / "a", PACKERS[packer](dict.fromkeys(names, b"x")))
    assert told.pop("fine..txt") == b"x"
    assert set(told.values()) == {"has a name that leads outside the archive"}
    assert len(told) == len(names) - 1


def test_links_and_devices_are_told_and_not_followed(tmp_path: Path) -> None:
    more = {}
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        more[kind.decode()] = info = tarfile.TarInfo(f"kind{kind.decode()}")
        info.type, info.linkname = kind, "/etc/passwd"
    told = found(tmp_path / "a", tarred({"a": b"b"}, "w", **more))
    assert told.pop("a") == b"b"
    assert set(told.values()) == {"is a link, a device or a sparse file"}
    assert len(told) == 4
    link = zipfile.ZipInfo("link")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "z", "w") as made:
        made.writestr(link, "/etc/passwd")
    assert found(tmp_path / "z") == {"link": "is a link or a device"}


def test_what_systems_leave_behind_is_not_told(tmp_path: Path) -> None:
    names = ["__MACOSX/._a", ".DS_Store", "a/.hidden", "Maildir/tmp/1.2.host", "spam_2/cmds"]
    kept = {"Maildir/.Spam/cur/1.2.host:2,S": b"x", "tmp.txt": b"y"}
    assert found(tmp_path / "a", zipped(dict.fromkeys(names, b"x") | kept)) == kept


def test_encrypted_members_are_told(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.eml": b"secret"}))
    data[6] |= 1
    data[data.rfind(b"PK\1\2") + 8] |= 1
    assert found(tmp_path / "a", bytes(data)) == {"a.eml": "is encrypted"}


@pytest.mark.parametrize("packer", ["zip", "w:gz", "w:bz2", "w:xz"])
def test_a_bomb_is_refused(tmp_path: Path, packer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FREE", 1 << 20)
    path = tmp_path / "a"
    bomb = PACKERS[packer]({f"{i}.txt": b"\0" * 5_000_000 for i in range(4)})
    with pytest.raises(BadFile, match="unpacks to more than 200 times its size"):
        found(path, bomb)
    if packer != "zip":  # nor is it unpacked to find the next member
        with pytest.raises(BadFile, match="unpacks to more than 200 times its size"):
            list(iterate_members(path))


def test_a_long_head_in_a_tar_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a")
    info.pax_headers = {"comment": "x" * 1_000_000}
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as made:
        made.addfile(info)
    with pytest.raises(BadFile, match=r"a header of more than 32,768 bytes"):
        found(tmp_path / "a", target.getvalue())


def test_zeros_that_take_no_room_are_not_read(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a")
    info.type = tarfile.GNUTYPE_SPARSE
    head = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    head[483:495] = b"777777777777"  # the real size
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    told = found(tmp_path / "a", bytes(head) + b"\0" * 1024)
    assert told == {"a": "is a link, a device or a sparse file"}


@pytest.mark.parametrize("packer", ["zip", "w"])
def test_too_many_members(tmp_path: Path, packer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 50)
    many = PACKERS[packer](dict.fromkeys(map(str, range(51)), b""))
    with pytest.raises(BadFile, match="contains more than 50 files"):
        found(tmp_path / "a", many)
    assert (
        len(found(tmp_path / "a", PACKERS[packer](dict.fromkeys(map(str, range(50)), b"")))) == 50
    )


@pytest.mark.parametrize("large", [False, True])
def test_a_million_members_are_refused_before_their_list_is_read(
    tmp_path: Path, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unexpected(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(zipfile.ZipFile, "__init__", unexpected)
    count, length = 1_000_000, 46_000_000
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0, 0)
    if large:
        record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, 0)
        end = record + struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1) + end
    with pytest.raises(BadFile, match="contains more than 500,000 files"):
        found(tmp_path / "a", b"PK\3\4" + b"\0" * 100 + end)


def test_members_over_each_other_are_refused(tmp_path: Path) -> None:
    """Many entries of the list that name the same bytes."""
    whole = zipped({"0": b"x" * 1000}, zipfile.ZIP_STORED)
    start, end = whole.find(b"PK\1\2"), whole.rfind(b"PK\5\6")
    entries = b"".join(whole[start:end].replace(b"0", b"%d" % i) for i in range(10))
    tail = bytearray(whole[end:])
    struct.pack_into("<HHL", tail, 8, 10, 10, len(entries))
    with pytest.raises(BadFile, match="overlap"):
        found(tmp_path / "a", whole[:start] + entries + bytes(tail))


def test_a_size_that_lies_gives_no_more_than_it_says(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": b"x" * 10_000}))
    struct.pack_into("<L", data, data.rfind(b"PK\1\2") + 24, 10)
    with pytest.raises((*DAMAGED, BadFile)):
        found(tmp_path / "a", bytes(data))
    monkey = bytearray(zipped({"a": b"x" * 10}))
    struct.pack_into("<L", monkey, monkey.rfind(b"PK\1\2") + 24, 1 << 31)
    with pytest.raises((*DAMAGED, BadFile)):
        found(tmp_path / "a", bytes(monkey))


@pytest.mark.parametrize("packer", PACKERS)
def test_cut_short(tmp_path: Path, packer: str) -> None:
    whole = PACKERS[packer](FILES)
    for cut in (len(whole) // 3, len(whole) // 2):
        with pytest.raises((*DAMAGED, BadFile)):
            found(tmp_path / "a", whole[:cut])


WHOLE = [PACKERS[name]({"ham/a": b"From: a\nTo: b\n\nc", "b": b"x" * 600}) for name in PACKERS]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(WHOLE), st.data())
def test_damaged_anywhere(tmp_path_factory: pytest.TempPathFactory, whole: bytes, data) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged"
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(whole) - 1))
        dirt = data.draw(st.binary(min_size=1, max_size=6))
        broken[start : start + len(dirt)] = dirt
    try:
        for name, content in found(path, bytes(broken)).items():
            name.encode()
            assert "\0" not in name
            assert len(content) <= 1 << 20
    except (*DAMAGED, BadFile):
        pass

"""What a file holds, whatever its name says."""

import argparse
import bz2
import gzip
import lzma
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cli.mail_files import add_labelled_files
from pipeline.errors import BadFile
from pipeline.intake import csv
from pipeline.intake.formats import FORMATS, Format, detect_format, list_titles, recognise
from tests.pipeline.intake.test_archive import tarred, zipped

compress = partial(gzip.compress, mtime=0)
"""Without the time, which would give a test another name in each process."""

MAIL = b"From: a@b.org\nSubject: b\n\nc"
FROM = b"From a@b.org Mon Aug  5 10:00:00 2002\n"


def parquet() -> bytes:
    target = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": ["b"]}), target)
    return target.getvalue().to_pybytes()


KINDS = [
    ("mbox", FROM + MAIL),
    ("mbox", b"\r\n" + (FROM + MAIL).replace(b"\n", b"\r\n")),
    ("mbox", b"From nobody\n" + MAIL),
    ("eml", MAIL),
    ("eml", b"\xef\xbb\xbf" + MAIL),
    ("eml", b"27\n" + MAIL + b"<?xml"),
    ("zip", zipped({"a.eml": MAIL})),
    ("zip", zipped({})),
    ("tar", tarred({"a.eml": MAIL})),
    ("tar", tarred({"a.eml": MAIL}, "w:gz")),
    ("tar", tarred({"a.eml": MAIL}, "w:bz2")),
    ("tar", tarred({"a.eml": MAIL}, "w:xz")),
    ("jsonl", b'{"a": 1}\n{"a": 2}'),
    ("jsonl", b'\xef\xbb\xbf [\n {"a": 1}]'),
    ("jsonl", '{"a": 1}'.encode("utf-16")),
    ("parquet", parquet()),
    ("csv", b"label,text\nham,From a@b.org 10:00\n"),
    ("csv", b"[label],text\nham,a\n"),
    ("csv", b"From here,to there\n1,2\n"),
    ("csv", b"Note: a\n\nb"),
    ("csv", b""),
    ("csv", b"%PDF"),
    ("csv", zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b""})),
    ("csv", zipped({"docProps/app.xml": b"", "xl/workbook.xml": b""})),
    ("csv", bz2.compress(b"a,b")),
    ("csv", lzma.compress(b"a,b")),
]


@pytest.mark.parametrize(("kind", "data"), KINDS)
def test_kinds(tmp_path: Path, kind: str, data: bytes) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    assert detect_format(path) == kind
    path.write_bytes(compress(data))
    packed_twice = kind in ("zip", "csv") or data.startswith((b"\x1f\x8b", b"BZh", b"\xfd7z"))
    assert detect_format(path) == ("csv" if packed_twice else kind)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (zipped({"xl/workbook.xml": b""}), "is an Excel workbook or another office document"),
        (compress(zipped({"a": b""})), "is a zip archive or an Excel workbook"),
        (b"", "is empty"),
        (b"\0" * 600, "is empty"),
        (bz2.compress(b"a,b"), "is a bzip2 archive"),
        (bytes(range(256)) * 9, "is a binary file"),
        (b"\x1f\x8b", "is damaged or cut short"),
    ],
)
def test_the_rest_is_refused_by_the_reader_of_csv(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    assert detect_format(path) == "csv"
    with pytest.raises(BadFile, match=words):
        csv.read_table(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        detect_format(tmp_path / "a")
    with pytest.raises(BadFile, match="cannot be read"):
        detect_format(tmp_path)


@given(st.binary(max_size=600))
def test_any_bytes(data: bytes) -> None:
    assert recognise(data) in ("mbox", "eml", "zip", "tar", "jsonl", "parquet", "csv")


def test_the_command_line_names_every_format() -> None:
    parser = argparse.ArgumentParser()
    add_labelled_files(parser)
    assert list_titles() in " ".join(parser.format_help().split())


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.kind)
def test_every_format_has_a_reader(form: Format) -> None:
    assert callable(form.load_reader())

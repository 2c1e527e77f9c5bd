"""Bytes to a table: all delimiters and encodings read back; a bad file gets a sentence."""

import csv as python_csv
import gzip
import io
import os
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pipeline import intake
from pipeline.errors import BadFile, SpamlabError
from pipeline.intake.csv import Table, read_table, write_csv

compress = partial(gzip.compress, mtime=0)
"""Without the time, which would give a test another name in each process."""

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")


@pytest.fixture
def read(tmp_path: Path):
    """Read text or bytes as a table."""

    def from_content(content: str | bytes, **options) -> Table:
        path = tmp_path / "mails.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(path, **options)

    return from_content


def written(names: list[str], rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    python_csv.writer(out, delimiter=delimiter).writerows([names, *rows])
    return out.getvalue()


# Every character but surrogates, NUL (removed, with a note) and other controls (binary files).
TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffd\ufeff")
    | st.sampled_from('\n\r\t,;"'),
    max_size=30,
)


@given(
    rows=st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(ENCODINGS),
    zipped=st.booleans(),
)
@example([["x", "\n\t", "y"]], "\t", "utf-8", False)
@example([["Ā", "𐀀", "\r\n"]], ";", "utf-16-le", True)
def test_a_written_frame_reads_back_equal(
    tmp_path: Path, rows: list[list[str]], delimiter: str, encoding: str, zipped: bool
) -> None:
    content = written(["id", "text", "label"], rows, delimiter).encode(encoding)
    path = tmp_path / "mails.csv"
    path.write_bytes(compress(content) if zipped else content)
    table = read_table(path)
    assert table.frame.to_numpy().tolist() == rows
    assert list(table.frame.columns) == ["id", "text", "label"]
    assert table.delimiter == delimiter
    assert table.left_out.empty


@given(st.binary(max_size=400) | st.text(st.characters(max_codepoint=300)).map(str.encode))
@example(b"a,b\n\xff\xfe\x00\xd8")
@example(b"\xff\xfe\x00\xd8,\x00\n\x00")
@example(b'"')
@example(b"\n" * 70_000 + b"a,b\n1,2\n")
@example(b"\x1f\x8b")
@example(b"\xef\xbb\xbf")
@example(b'a\tb\n"x\ty"z')
def test_random_bytes_raise_nothing_but_spamlab_errors(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mails.csv"
    for data in (content, b"label,text\nspam,buy\nham,hi\n" + content, compress(content)):
        path.write_bytes(data)
        try:
            found = read_table(path)
            intake.inspect_table(found)
            intake.read_dataset(path)
        except SpamlabError as error:
            assert str(error).rstrip().endswith((".", "\u2026"))  # noqa: PT017
        else:
            found.frame.to_csv().encode()  # a lone surrogate would not encode


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n \n\n", "is empty"),
        (b"\0\0\0\0", "is empty"),
        (b"text,label\n", "no mail"),
        (b"text,label\nonly one field\n", "1 record of a different width"),
        (b"PK\x03\x04" + b"x" * 50, "zip archive or an Excel workbook"),
        (b"%PDF-1.7\n" + b"x" * 50, "a PDF"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "a PNG picture"),
        (b"\x7fELF\x02" + b"x" * 50, "a program"),
        (b"<!doctype html><html>", "a web page"),
        (bytes(range(256)) * 10, "is a binary file"),
        (b"label,text\n" + b"ham,\0\0\0\0\0\0\n" * 50, "is a binary file"),
        (compress(b"a,b\n1,2\n" * 1000)[:-12], "damaged or cut short"),
        (b"\x1f\x8b" + b"no gzip at all", "damaged or cut short"),
        (compress(compress(b"a,b\n1,2\n")), "gzip file inside a gzip"),
        (",".join(f"c{i}" for i in range(100_000)).encode() + b"\n1", "100,000 columns"),
    ],
)
def test_a_bad_file_gets_one_sentence(read, content: bytes, words: str) -> None:
    with pytest.raises(BadFile, match=words) as caught:
        read(content)
    assert "expected" in str(caught.value)
    assert "mails.csv" in str(caught.value)


@pytest.mark.parametrize("name", ["missing.csv", ".", "nul\0.csv"])
def test_a_path_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        read_table(tmp_path / name)


def test_a_gzip_bomb_is_not_unpacked(read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.intake.textfile.MAX_BYTES", 1 << 20)
    with pytest.raises(BadFile, match="more than 1 MB"):
        read(compress(b"a,b\n" + bytes(20 << 20)))


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "You have won £900! It’s “free” – call now"),
        ("cp1252", "Größe und Qualität, schöne Grüße aus München"),
        ("latin-1", "Vous avez gagné, cliquez dès maintenant à côté"),
        ("cp1251", "Вы выиграли миллион рублей, нажмите здесь"),
        ("koi8_r", "Вы выиграли миллион рублей, нажмите здесь"),
        ("cp1250", "Zażółć gęślą jaźń, proszę o odpowiedź"),
        ("gb18030", "恭喜您中奖了，请点击链接领取奖金"),
        ("shift_jis", "おめでとうございます、当選しました"),
    ],
)
def test_other_encodings_are_found(read, encoding: str, text: str) -> None:
    table = read(
        written(["text", "label"], [[text, "spam"], ["plain", "ham"]] * 9).encode(encoding)
    )
    assert table.frame["text"].iloc[0] == text
    assert "is not UTF-8" in table.notes[0]


def test_a_few_broken_bytes_do_not_change_the_encoding(read) -> None:
    table = read(("text,label\n" + "déjà été là,ham\n" * 9).encode() + b"caf\xe9,ham\n")
    assert table.encoding == "utf-8"
    assert table.frame["text"].iloc[-1] == "caf\ufffd"
    assert table.notes == ("Replaced 1 character not valid in UTF-8 by \ufffd.",)


def test_ragged_records_are_left_out_with_the_reason(read) -> None:
    table = read("id,text,label\n1,hi,ham\n2,cut\n\n3,hi,spam,,\n4,a,b,c\n5,yo,ham\n")
    assert table.frame["id"].to_list() == ["1", "3", "5"]
    assert table.frame.index.to_list() == [1, 3, 5]
    assert table.left_out.to_numpy().tolist() == [
        [2, "", "has 2 fields where the header has 3", "2 | cut"],
        [4, "", "has 4 fields where the header has 3", "4 | a | b | c"],
    ]
    assert table.notes == ("2 records with more or fewer fields than the header (3): left out.",)


def test_ragged_records_are_kept_for_scoring(read) -> None:
    table = read("id,text\n1,hi\n2\n3,a,b\n", keep_ragged=True)
    assert table.frame.to_numpy().tolist() == [["1", "hi"], ["2", ""], ["3", "a"]]
    assert table.left_out.empty
    assert "filled with empty fields or cut" in table.notes[0]


def test_the_sms_file_with_its_nameless_columns(read) -> None:
    table = read("v1,v2,,,\nham,hi,,,\nspam,win\nham,a,b,,\n")
    assert list(table.frame.columns) == ["v1", "v2", "Unnamed: 2"]
    assert table.frame["Unnamed: 2"].to_list() == ["", "", "b"]
    assert table.left_out.empty


def test_the_sms_file_as_published_without_header_and_quoting(read) -> None:
    mails = [("ham", '"Happy day" he said'), ("spam", "Win £9"), ("ham", 'so "it goes')] * 20
    table = read("".join(f"{label}\t{text}\n" for label, text in mails))
    assert [tuple(row) for row in table.frame.to_numpy()] == mails
    assert list(table.frame.columns) == ["column 1", "column 2"]
    assert ["not a header" in n or "ordinary" in n for n in table.notes] == [True, True]


def test_an_unclosed_quote_is_told(read) -> None:
    content = 'id,text\n1,hi\n2,"oops\n3,a\n4,b\n'
    table = read(content)
    assert table.frame["id"].to_list() == ["1"]
    assert table.left_out["reason"].to_list() == [
        "a quotation mark is never closed and swallows 3 lines"
    ]
    assert "Record 2 opens a quotation mark" in table.notes[0]
    assert len(read(content, keep_ragged=True).frame) == 2


def test_names_are_stripped_and_unique(read) -> None:
    table = read(" a ,a,a.2,,b\n1,2,3,4,5\n")
    assert list(table.frame.columns) == ["a", "a.2", "a.2.2", "Unnamed: 3", "b"]


def test_nul_characters_are_removed(read) -> None:
    table = read(b"text,label\n" + b"ab\0cd,ham\n" * 3)
    assert table.frame["text"].to_list() == ["abcd"] * 3
    assert table.notes == ("Removed 3 NUL characters from the text.",)


def test_a_cell_of_ten_million_characters_is_kept(read) -> None:
    table = read('text,label\n"' + "word\n" * 2_000_000 + '",ham\n')
    assert len(table.frame["text"].iloc[0]) == 10_000_000
    assert "1 cell of more than 1,000,000 characters (the longest has 10,000,000)" in table.notes[0]


def test_exported_cells_do_not_run(tmp_path: Path) -> None:
    cells = ["=1+1", "+cmd", "-2", "-2.5e3", "- item", "@x", "\tx", "\rx", " =x", "fine", "a;=b"]
    frame = pd.DataFrame({"=text": cells, "score": [-0.5] * len(cells), "mixed": [-1, *"=" * 10]})
    write_csv(frame, tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_bytes().decode()
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(python_csv.reader(file))
    assert rows[0] == ["'=text", "score", "mixed"]
    assert [r[0] for r in rows[1:]] == [
        *("'=1+1", "'+cmd", "-2", "-2.5e3", "'- item", "'@x", "'\tx", "'\rx", "' =x"),
        *("fine", "a;=b"),
    ]
    assert {r[1] for r in rows[1:]} == {"-0.5"}
    assert [r[2] for r in rows[1:3]] == ["-1", "'="]
    assert '"a;=b",-0.5' in text
    assert frame["=text"].to_list() == cells


@given(st.lists(TEXT, min_size=1))
def test_exported_text_reads_back_but_for_the_apostrophe(tmp_path: Path, cells: list[str]) -> None:
    assume(any(c.strip() for c in cells))
    path = tmp_path / "out.csv"
    write_csv(pd.DataFrame({"text": cells, "more": "x"}), path)
    back = read_table(path).frame["text"]
    assert [b if b == c else b.removeprefix("'") for b, c in zip(back, cells, strict=True)] == cells
    assert not back.str.match(r"^(?:\s*[=+\-@](?!\d+([.,]\d+)?$)|[\t\r])").any()


@pytest.mark.skipif("SPAMLAB_CORPORA" not in os.environ, reason="needs the real corpora")
@pytest.mark.parametrize(
    ("name", "ham", "spam"),
    [
        ("sms", 4827, 747),
        ("lingspam", 2412, 481),
        ("enron1", 3672, 1484),  # 16 spam mails have neither subject nor body
        ("enron3", 4012, 1500),
    ],
)
def test_real_corpora_have_the_published_counts(name: str, ham: int, spam: int) -> None:
    taken = intake.read_dataset(Path(os.environ["SPAMLAB_CORPORA"]) / f"{name}.csv.gz")
    assert taken.dataset.counts == {"ham": ham, "spam": spam}
    assert len(taken.left_out) == (16 if name == "enron1" else 0)
    assert taken.dataset.name == name

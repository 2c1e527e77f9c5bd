"""JSON and Parquet become the text that a CSV of the same records would hold."""

import contextlib
import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import BadFile
from pipeline.intake import csv, json_lines
from pipeline.intake import parquet as parquet_reader
from pipeline.intake.formats import get_format
from pipeline.intake.records import Records
from pipeline.intake.table import ROW

compress = partial(gzip.compress, mtime=0)
"""Without the time, which would give a test another name in each process."""


def taken(path: Path, data: bytes, kind: str = "jsonl") -> tuple[pd.DataFrame, Records]:
    path.write_bytes(data)
    reader = get_format(kind).load_reader()(path)
    tables = list(reader.batches())
    for table in tables:
        assert table.column_names == [ROW, *reader.names]
        assert set(table.schema.types[1:]) == {pa.large_string()}
        table.validate(full=True)
    return pa.concat_tables(tables).to_pandas().set_index(ROW), reader


def parquet(**columns: object) -> bytes:
    target = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), target)
    return target.getvalue().to_pybytes()


ROWS = [
    {"label": "ham", "text": "Grüße\n“x”", "n": 1, "f": 1.0, "yes": True},
    {"text": "b", "label": "spam", "more": {"a": [1, 2.5, None]}, "n": None},
]
TEXTS = {
    "label": ["ham", "spam"],
    "text": ["Grüße\n“x”", "b"],
    "n": ["1", ""],
    "f": ["1.0", ""],
    "yes": ["true", ""],
    "more": ["", '{"a": [1, 2.5, null]}'],
}


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("form", ["lines", "array", "indented", "utf-16"])
def test_json(tmp_path: Path, form: str, pack) -> None:
    text = "\n".join(json.dumps(row, ensure_ascii=form == "lines") for row in ROWS) + "\n\n"
    if form in ("array", "indented"):
        text = json.dumps(ROWS, indent=2 if form == "indented" else None)
    data = pack(text.encode("utf-16" if form == "utf-16" else "utf-8"))
    frame, reader = taken(tmp_path / "a", data)
    assert frame.to_dict("list") == TEXTS
    assert frame.index.to_list() == [1, 2]
    assert "Lists and objects are kept as JSON text: more." in reader.notes
    assert (reader.left_out, reader.share()) == ([], 1.0)


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    numbers = ["1", "1.0", "-0", "1.10", "1e5", "1E400", "12345678901234567890123", "0.1e-7"]
    data = "\n".join(f'{{"a": {n}}}' for n in [*numbers, "NaN", "null", "Infinity"])
    frame, _ = taken(tmp_path / "a", data.encode())
    assert frame["a"].to_list() == [*numbers[:2], "0", *numbers[3:], "", "", "Infinity"]


def test_lines_that_are_no_object_are_left_out(tmp_path: Path) -> None:
    bad = ["nope", "[1]", '{"a": ', '"text"', "[" * 100_000, '{"a": %s}' % ("9" * 5000)]
    data = "\n".join(['{"a": 1}', *bad, "", '{"a": 2}'])
    frame, reader = taken(tmp_path / "a", data.encode())
    assert frame["a"].to_dict() == {1: "1", 8: "2"}
    assert [row for row, *_ in reader.left_out] == [2, 3, 4, 5, 6, 7]
    assert reader.left_out[0][2:] == (
        *("is not JSON (Expecting value: line 1 column 1 (char 0))", "nope"),
    )
    assert reader.left_out[1][2] == "is not a JSON object"


@pytest.mark.parametrize("rest", ["", ",", ', {"a": ', ", nonsense}]"])
def test_an_array_that_breaks_off(tmp_path: Path, rest: str) -> None:
    frame, reader = taken(tmp_path / "a", ('[{"a": 1}, 7, {"a": 2}' + rest).encode())
    assert frame["a"].to_dict() == {1: "1", 3: "2"}
    assert [row for row, *_ in reader.left_out] == [2, 4]
    assert "breaks off" in reader.left_out[1][2]


def test_items_longer_than_a_piece_of_the_file(tmp_path: Path) -> None:
    rows = [{"a": "ä" * n} for n in (10, 3_000_000, 1, 1_500_000)]
    for text in (json.dumps(rows), "\n".join(map(json.dumps, rows))):
        frame, reader = taken(tmp_path / "a", text.encode())
        assert frame["a"].str.len().to_list() == [10, 3_000_000, 1, 1_500_000]
        assert reader.left_out == []


def test_a_record_over_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MOST_RECORD", 1 << 20)
    rows = ['{"a": 1}', json.dumps({"a": "x" * 3_000_000}), '{"a": 2}']
    frame, reader = taken(tmp_path / "a", "\n".join(rows).encode())
    assert frame["a"].to_dict() == {1: "1", 3: "2"}
    assert reader.left_out[0][0] == 2
    frame, reader = taken(tmp_path / "a", f"[{','.join(rows)}]".encode())
    assert frame["a"].to_dict() == {1: "1"}


def test_names_and_halves_of_characters(tmp_path: Path) -> None:
    data = rb'{"a": "x\ud800\u0000y", " a": 1, "": 2, "\udfff": 3}'
    frame, _ = taken(tmp_path / "a", data)
    assert frame.iloc[0].to_dict() == {"a": "x?y", "a.2": "1", "Unnamed: 2": "2", "?": "3"}


def test_batches_of_some_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "BATCH", 10_000)
    monkeypatch.setattr(parquet_reader, "BATCH", 10_000)
    texts = [f"{i} " * 100 for i in range(600)]
    lines = "\n".join(json.dumps({"t": text}) for text in texts).encode()
    for kind, data in (("jsonl", lines), ("parquet", parquet(t=texts))):
        (tmp_path / "a").write_bytes(data)
        reader = get_format(kind).load_reader()(tmp_path / "a")
        shares, found = [], []
        for table in reader.batches():
            shares.append(reader.share())
            found += table["t"].to_pylist()
        assert found == texts
        assert len(shares) > 2
        assert shares == sorted(shares)


def test_parquet(tmp_path: Path) -> None:
    noon = datetime(2002, 8, 5, 12, tzinfo=UTC)
    data = parquet(
        text=["Grüße", None],
        wide=pa.array(["a\0b", "c"], pa.large_string()),
        view=pa.array(["a", None], pa.string_view()),
        bytes=[b"\xff\0a", None],
        int=[1, None],
        float=[1.0, None],
        half=pa.array([0.1, 1.5], pa.float32()),
        bool=[True, False],
        decimal=[Decimal("1.10"), None],
        day=[date(2002, 8, 5), None],
        zoned=pa.array([noon, None], pa.timestamp("ns", "Europe/Berlin")),
        naive=pa.array([noon.replace(tzinfo=None), datetime(2002, 8, 5, 1, 2, 3, 500)]),
        far=pa.array([2**61, None], pa.timestamp("us")),
        words=pa.array(["ham", "spam"]).dictionary_encode(),
        list=[[1, None], None],
        null=pa.nulls(2),
    )
    frame, reader = taken(tmp_path / "a", data, "parquet")
    assert frame.index.to_list() == [1, 2]
    assert frame.drop(columns="far").to_dict("list") == {
        "text": ["Grüße", ""],
        "wide": ["ab", "c"],
        "view": ["a", ""],
        "bytes": ["\ufffda", ""],
        "int": ["1", ""],
        "float": ["1.0", ""],
        "half": ["0.1", "1.5"],
        "bool": ["true", "false"],
        "decimal": ["1.10", ""],
        "day": ["2002-08-05", ""],
        "zoned": ["2002-08-05T12:00:00Z", ""],
        "naive": ["2002-08-05T12:00:00", "2002-08-05T01:02:03.000500"],
        "words": ["ham", "spam"],
        "list": ["[1, null]", ""],
        "null": ["", ""],
    }
    assert reader.notes == ["Lists and objects are kept as JSON text: list."]
    assert reader.share() == 1


def test_parquet_with_broken_utf8_and_one_name_twice(tmp_path: Path) -> None:
    broken = pa.array([b"\xff\xfe", b"b"]).view(pa.string())
    target = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_arrays([broken, pa.array([1, 2])], names=["a", "a"]), target)
    frame, _ = taken(tmp_path / "a", target.getvalue().to_pybytes(), "parquet")
    assert frame.to_dict("list") == {"a": ["\ufffd\ufffd", "b"], "a.2": ["1", "2"]}


WHOLE = parquet(t=["a", "b", None] * 50, n=list(range(150)), d=[date(2002, 8, 5)] * 150)


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("jsonl", b"", "is empty"),
        ("jsonl", b"[]", "no record"),
        ("jsonl", b"{}\n{}", "only empty ones"),
        ("jsonl", b'{\n"a": 1\n}', "none in 3 lines"),
        ("jsonl", b"[1, 2]", "no record"),
        ("jsonl", compress(b'{"a": 1}' * 100)[:-12], "damaged or cut short"),
        ("jsonl", json.dumps({str(i): i for i in range(2001)}).encode(), "more than 2,000 columns"),
        ("parquet", WHOLE[:-9], "cannot be read"),
        ("parquet", b"PAR1", "cannot be read"),
        ("parquet", compress(WHOLE), "gzipped Parquet"),
        ("parquet", parquet(a=pa.array([], pa.string())), "no records"),
        ("parquet", parquet(**{str(i): [i] for i in range(2001)}), "more than 2,000 columns"),
    ],
)
def test_files_that_are_refused(tmp_path: Path, kind: str, data: bytes, words: str) -> None:
    with pytest.raises(BadFile, match=words) as told:
        taken(tmp_path / "a", data, kind)
    assert str(told.value).endswith(".")


PIECES = ['{"a": ', "}", "[", "]", ",", "\n", '"\\ud800"', "1e999", "NaN", "null", "\0", "ä", ":"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25), st.sampled_from(['{"a": 1}\n', "[", "{"]))
def test_pieces_of_json(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], start: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "pieces"
    with contextlib.suppress(BadFile):
        taken(path, (start + "".join(pieces)).encode())


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_parquet_damaged_anywhere(tmp_path_factory: pytest.TempPathFactory, data) -> None:
    broken = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(4, len(WHOLE) - 9))
        broken[start] = data.draw(st.integers(0, 255))
    try:
        taken(tmp_path_factory.getbasetemp() / "damaged", bytes(broken), "parquet")
    except BadFile as told:
        assert "cannot be read" in str(told) or "no records" in str(told)  # noqa: PT017


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(["a", ",", '"', "\n", ";", "\r", "\0", "\x1b", "ü", "=", " "])))
def test_pieces_of_csv(tmp_path_factory: pytest.TempPathFactory, pieces: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "csv"
    for encoding in ("utf-8", "cp1252", "utf-16"):
        path.write_bytes("".join(pieces).encode(encoding))
        try:
            table = csv.read_table(path)
        except BadFile:
            continue
        for text in (*table.names, *table.frame.to_numpy().ravel()):
            assert "\0" not in text
            text.encode()

"""A file whose text column holds whole messages becomes the same dataset as their parts would."""

import csv
import gzip
import io
import time
from pathlib import Path

import pandas as pd
import pytest

from pipeline import intake, quality
from pipeline.intake import Columns, unpack
from pipeline.mail.dataset import CANONICAL, RAW, Dataset

NOTE = (
    "The text column contains whole messages with headers; they were parsed into subject, sender, "
    "date, text, headers, HTML and the list of attachments."
)


def raw(i: int) -> str:
    """A message as it is in an export, every other one with HTML and an attachment."""
    head = (
        f"From a{i}@b.org Mon Aug  5 10:00:00 2002\nReceived: from x\n\tby y\n"
        f"From: Anna {i} <a{i}@b.org>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe_{i}?=\n"
        f"Date: Mon, 05 Aug 2002 10:00:{i % 60:02} +0200\n"
    )
    if i % 2:
        return f"{head}\nwörds of {i}\n"
    return (
        f"{head}Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: text/html\n\n"
        f"<p>wörds of {i}</p>\n--B\nContent-Type: image/gif; name=a.gif\n\nGIF8\x0c\n--B--\n"
    )


def write(path: Path, texts: list[str], header: str = "label,text", *more: str) -> Path:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(header.split(","))
    writer.writerows([("ham", "spam")[i % 2], text, *more] for i, text in enumerate(texts))
    content = target.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("name", ["mails.csv", "mails.csv.gz"])
def test_messages_are_parsed(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, [raw(i) for i in range(60)], "label,text,part", "=x")
    taken = intake.read_dataset(path)
    frame = taken.dataset.frame
    assert list(frame.columns) == [*CANONICAL, *RAW, "file:part"]
    assert frame.dtypes.map(str).to_dict() == {
        **dict.fromkeys(frame.columns, "str"),
        "date": "datetime64[us, UTC]",
    }
    assert frame["subject"].to_list() == [f"Grüße {i}" for i in range(60)]
    assert frame["body"].str.strip().to_list() == [f"wörds of {i}" for i in range(60)]
    assert frame["sender"][3] == "Anna 3 <a3@b.org>"
    assert frame["date"][3] == pd.Timestamp("2002-08-05 08:00:03", tz="UTC")
    assert frame["headers"][1].startswith("Received: from x by y\nFrom: Anna 1 <a1@b.org>\nSubj")
    assert frame["html"].to_list()[:2] == ["<p>wörds of 0</p>", ""]
    assert frame["attachments"].to_list()[:2] == ["image/gif a.gif", ""]
    assert taken.notes == (NOTE,)
    assert taken.left_out.empty


def test_the_dataset_is_saved_and_reported_like_any_other(tmp_path: Path) -> None:
    texts = [raw(i) for i in range(60)] + [raw(1)] * 2
    dataset = intake.read_dataset(write(tmp_path / "mails.csv", texts)).dataset
    dataset.save(tmp_path / "d.parquet")
    assert Dataset.load("d", tmp_path / "d.parquet").fingerprint == dataset.fingerprint
    report = quality.build_quality_report(dataset)
    assert report.repeats == 2
    assert "html" not in " ".join(f.sentence for f in report.findings)  # ham has all of it here


def test_texts_that_are_no_messages_stay_as_they_are(tmp_path: Path) -> None:
    texts = [raw(i) for i in range(60)]
    texts[7], texts[9], texts[11] = "no head\x00 here\n", "", "Subject: one line\n\nno more"
    taken = intake.read_dataset(write(tmp_path / "mails.csv", texts))
    frame = taken.dataset.frame.set_index("id")
    assert frame.loc["8", "body"] == "no head here\n"
    assert frame.loc["12", "body"] == texts[11]
    assert frame.loc["8", ["subject", *RAW]].to_list() == [""] * (1 + len(RAW))
    assert frame.loc["8", ["sender", "date"]].isna().all()
    assert taken.left_out["reason"].to_list() == ["has neither a subject nor a text"]
    assert f"{NOTE} 3 texts without headers were kept whole." in taken.notes


def test_few_messages_among_texts_are_left_alone(tmp_path: Path) -> None:
    texts = [raw(i) if i % 5 else "see below" for i in range(60)]
    frame = intake.read_dataset(write(tmp_path / "mails.csv", texts)).dataset.frame
    assert list(frame.columns) == list(CANONICAL)
    assert frame["body"][1] == texts[1]


def test_a_column_chosen_for_a_role_goes_before_the_headers(tmp_path: Path) -> None:
    path = write(
        tmp_path / "m.csv",
        [raw(i) for i in range(60)],
        "label,text,subject,date,sender",
        *("mine", "2001-01-01", " me\t"),
    )
    taken = intake.read_dataset(path)
    frame = taken.dataset.frame
    assert frame["subject"].unique().tolist() == ["mine"]
    assert frame["sender"].unique().tolist() == ["me"]
    assert frame["date"].unique().tolist() == [pd.Timestamp("2001-01-01", tz="UTC")]
    assert frame["body"][1] == "wörds of 1\n"
    assert taken.notes == (NOTE.replace("subject, sender, date, ", ""),)


def test_no_control_character_gets_in(tmp_path: Path) -> None:
    dirty = "\x18\x1d\x1e"
    kind = "Content-Type: multipart/mixed; boundary=B"
    head = f"From: a{dirty}\nSubject: b{dirty}\nX: {'c' * 200}{dirty}\n{kind}"
    parts = f"--B\nContent-Type: text/html\n\nd{dirty}\n--B\nContent-Type: a/b; name=e{dirty}\n\n"
    path = write(tmp_path / "m.csv", [f"{head}\n\n{parts}{i}" for i in range(60)])
    frame = intake.read_dataset(path).dataset.frame
    assert frame.iloc[0][["subject", "sender", "body", "html", "attachments"]].to_list() == [
        *("b", "a", "d", "d", "a/b e")
    ]
    assert frame["headers"][0] == f"From: a\nSubject: b\nX: {'c' * 200}\n{kind}"


def test_mails_to_score_are_parsed_alike(tmp_path: Path) -> None:
    for texts in ([raw(0)], [raw(i) for i in range(5)]):
        table = intake.read_table(write(tmp_path / "m.csv", texts))
        mails = intake.build_mails(table, Columns("text"))
        assert list(mails.columns) == ["id", *CANONICAL[2:], *RAW, "file:label"]
        assert mails["subject"].to_list() == [f"Grüße {i}" for i in range(len(texts))]
        assert mails["body"].str.strip().to_list() == [f"wörds of {i}" for i in range(len(texts))]


def test_a_thousand_messages_take_a_third_of_a_second() -> None:
    texts = pd.Series([raw(i) for i in range(1000)], dtype="str")
    start = time.perf_counter()
    assert unpack.holds_messages(texts)
    assert len(unpack.unpack_messages(texts)) == 1000
    assert time.perf_counter() - start < 3  # 0.2 s on an idle machine


def test_nothing_is_no_message() -> None:
    assert not unpack.holds_messages(pd.Series([], dtype="str"))
    assert not unpack.holds_messages(pd.Series(["", " "], dtype="str"))
    assert len(unpack.unpack_messages(pd.Series([], dtype="str"))) == 0


def test_batches_are_put_together_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "BATCH", 500)
    texts = pd.Series([raw(i) for i in range(20)], index=range(5, 25), dtype="str")
    found = unpack.unpack_messages(texts)
    assert found["subject"].to_list() == [f"Grüße {i}" for i in range(20)]
    assert found.index.to_list() == list(range(5, 25))

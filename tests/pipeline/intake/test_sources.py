"""Files of any kind to one table: which go together, what says the label, how far it is."""

import gzip
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from pipeline import intake
from pipeline.errors import BadData, BadFile
from pipeline.intake import MailFile
from pipeline.intake.sources import derive_labels
from tests.heard import Heard


def message(n: int, **headers: str) -> bytes:
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return f"From: a{n}@example.org\nSubject: subject {n}\n{more}\nbody {n}\n".encode()


def mbox(path: Path, numbers: range, **headers: str) -> Path:
    parts = [b"From x Mon Jan  1 00:00:00 2001\n" + message(n, **headers) + b"\n" for n in numbers]
    path.write_bytes(b"".join(parts))
    return path


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["ham.mbox", "spam.mbox"], ["ham", "spam"]),
        (["corpus2-ham.mbox.gz", "corpus2-spam.mbox.gz"], ["ham", "spam"]),
        (["my mail ham.mbox", "my mail junk 2.mbox"], ["ham", "junk-2"]),
        (["corpus-ham.mbox"], ["corpus-ham"]),
        (["a.mbox", "a.mbox.gz"], ["a", "a"]),
    ],
)
def test_what_files_are_called(names: list[str], words: list[str]) -> None:
    paths = [Path(name) for name in names]
    assert [derive_labels(paths)[path] for path in paths] == words


def test_two_mboxes_are_ham_and_spam_by_their_names(tmp_path: Path) -> None:
    ham, spam = mbox(tmp_path / "x-ham.mbox", range(30)), tmp_path / "x-spam.mbox.gz"
    spam.write_bytes(gzip.compress(mbox(tmp_path / "b", range(30, 55)).read_bytes()))
    told = Heard()
    files = [MailFile(ham), MailFile(spam)]
    table = intake.open_table(files, tmp_path / "table.parquet", told)
    assert table.messages
    taken = intake.read_dataset(files)
    assert taken.dataset.counts == {"ham": 30, "spam": 25}
    frame = taken.dataset.frame.set_index("subject")
    assert frame.loc["subject 40", "label"] == "spam"
    assert frame.loc["subject 40", "body"] == "body 40\n"
    assert frame.loc["subject 40", "file:source"] == "x-spam.mbox.gz"
    assert all(0 <= share <= 1 for share in told.shares)


def test_what_the_user_says_goes_before_names_and_folders(tmp_path: Path) -> None:
    ham, spam = mbox(tmp_path / "spam.mbox", range(30)), mbox(tmp_path / "b.mbox", range(30, 60))
    taken = intake.read_dataset([MailFile(ham, "ham"), MailFile(spam, "spam")])
    frame = taken.dataset.frame.set_index("subject")
    assert set(frame.loc[[f"subject {n}" for n in range(30)], "label"]) == {"ham"}


def test_the_folders_of_a_zip_and_the_labels_of_gmail(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "mails.zip", "w") as archive:
        for n in range(25):
            archive.writestr(f"corpus/easy_ham/{n}.eml", message(n))
            archive.writestr(f"corpus/spam_2/{n}.eml", message(100 + n))
    by_folder = intake.read_dataset(tmp_path / "mails.zip").dataset
    assert by_folder.counts == {"ham": 25, "spam": 25}
    sources = by_folder.frame.loc[by_folder.frame["label"] == "spam", "file:source"]
    assert sources.str.startswith("corpus/spam_2/").all()
    path = mbox(
        tmp_path / "All mail Including Spam and Trash.mbox", range(30), X_Gmail_Labels="Inbox"
    )
    more = mbox(tmp_path / "more", range(30, 60), X_Gmail_Labels="Spam,Unread").read_bytes()
    trash = mbox(tmp_path / "trash", range(60, 63), X_Gmail_Labels="Trash").read_bytes()
    path.write_bytes(path.read_bytes() + more + trash)
    taken = intake.read_dataset(path)
    assert taken.dataset.counts == {"ham": 30, "spam": 30}
    assert taken.left_out["reason"].to_list() == ["has no label"] * 3


def test_tables_go_alone(tmp_path: Path) -> None:
    table = tmp_path / "mails.csv"
    table.write_text("text,label\na,ham\n")
    box = mbox(tmp_path / "ham.mbox", range(3))
    with pytest.raises(BadFile, match=r"mails\.csv.*expected it alone"):
        intake.open_table([MailFile(box), MailFile(table)])
    with pytest.raises(BadFile, match="labels are in a column"):
        intake.open_table([MailFile(table, "ham")])


def test_names_that_say_nothing_are_asked_about(tmp_path: Path) -> None:
    files = [MailFile(mbox(tmp_path / name, range(30))) for name in ("alpha.mbox", "beta.mbox")]
    with pytest.raises(BadData, match='in "alpha", "beta", which is not known'):
        intake.read_dataset(files)
    assert (
        intake.read_dataset(files, labels={"alpha": "ham", "beta": "spam"}).dataset.counts["spam"]
        == 30
    )


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_records_are_the_same_from_every_kind(tmp_path: Path, kind: str) -> None:
    rows = [
        {"id": f"m{n}", "text": f"words {n}", "label": ("ham", "spam")[n % 2]} for n in range(60)
    ]
    frame, path = pd.DataFrame(rows), tmp_path / f"mails.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    else:
        frame.to_parquet(path)
    expected = tmp_path / "expected.csv"
    frame.to_csv(expected, index=False)
    assert (
        intake.read_dataset(path).dataset.fingerprint
        == intake.read_dataset(expected).dataset.fingerprint
    )

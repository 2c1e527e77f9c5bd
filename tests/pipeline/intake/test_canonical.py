"""A table to a Dataset: nothing is lost without its reason, and the notes give the numbers."""

from pathlib import Path

import pytest

from pipeline import intake
from pipeline.errors import BadData
from pipeline.intake import Columns, Intake
from pipeline.mail.dataset import CANONICAL, Dataset

LABELS = {"ham": "ham", "spam": "spam"}
GOOD = [f"m{i},s{i},text {i},{('ham', 'spam')[i % 2]}" for i in range(60)]


@pytest.fixture
def write(tmp_path: Path):
    def to_file(rows: list[str], header: str = "id,subject,text,label") -> Path:
        path = tmp_path / "mails.csv"
        path.write_bytes("\n".join([header, *rows]).encode())
        return path

    return to_file


def mended(taken: Intake) -> list[list]:
    return taken.left_out.to_numpy().tolist()


def test_the_canonical_frame(write, tmp_path: Path) -> None:
    rows = [
        f'2001-05-{i % 28 + 1:02},"a{i}@b.org",Hello {i},"line\r\nline",{i % 2},{i},x{i}'
        for i in range(60)
    ]
    taken = intake.read_dataset(write(rows, "date,from,title,body,spam,no,part"), name="mine")
    frame = taken.dataset.frame
    assert taken.dataset.name == "mine"
    assert list(frame.columns) == [*CANONICAL, "file:part"]
    assert frame.dtypes.map(str).to_dict() == {
        **dict.fromkeys(frame.columns, "str"),
        "date": "datetime64[us, UTC]",
    }
    assert frame["body"].unique().tolist() == ["line\nline"]
    assert frame.iloc[1].drop(["date", "group"]).to_list() == [
        *("1", "spam", "Hello 1", "line\nline", "a1@b.org", "x1")
    ]
    assert frame["group"].isna().all()
    assert taken.left_out.empty
    assert taken.notes == ("The labels were read as 0 = ham, 1 = spam.",)
    taken.dataset.save(tmp_path / "d.parquet")
    assert Dataset.load("d", tmp_path / "d.parquet").fingerprint == taken.dataset.fingerprint


def test_what_is_left_out_has_row_id_reason_and_excerpt(write) -> None:
    bad = ["a,,,ham", "b,s,t,", "c,s,t,odd", "d,s", f"e, ,{'long ' * 100},?"]
    taken = intake.read_dataset(write(GOOD[:50] + bad + GOOD[50:]))
    assert len(taken.dataset.frame) == 60
    assert mended(taken) == [
        [51, "a", "has neither a subject nor a text", ""],
        [52, "b", "has no label", "s t"],
        [53, "c", 'the label "odd" means neither ham nor spam', "s t"],
        [54, "", "has 2 fields where the header has 4", "d | s"],
        [55, "e", 'the label "?" means neither ham nor spam', ("long " * 24)[:119] + "…"],
    ]
    assert taken.left_out["excerpt"].str.len().max() <= 120


def test_repeated_ids_give_way_to_record_numbers(write) -> None:
    taken = intake.read_dataset(write([*GOOD, "m7,s,t,ham", "m7,s,t,ham", ",s,t,spam"]))
    assert taken.dataset.frame["id"].to_list() == [str(i) for i in range(1, 64)]
    assert taken.notes == (
        'The ids in the column "id" are not unique: 1 is empty, 2 repeat an earlier one (the '
        'first is "m7"). The mails are identified by their record numbers instead.',
    )


def test_an_id_that_only_a_left_out_record_repeats_is_no_repeat(write) -> None:
    taken = intake.read_dataset(write([*GOOD, "m7,s,t,?"]))
    assert taken.dataset.frame["id"].iloc[7] == "m7"
    assert taken.notes == ()


def test_control_characters(write) -> None:
    rows = [
        f"m{i},a\x18b\x07\tc,t\x18\x1b[1m\x07 {i} {'word ' * 20},{('ham', 'spam')[i % 2]}"
        for i in range(60)
    ]
    frame = intake.read_dataset(write(rows)).dataset.frame
    assert frame["subject"].iloc[0] == "ab\tc"
    assert frame["body"].iloc[0] == "t\x1b[1m\x07 0 " + "word " * 20


def test_dates_that_are_none_are_counted(write) -> None:
    days = ["2001-05-01"] * 57 + ["soon", "9999-12-31", ""]
    rows = [f"{day},text {i},{('ham', 'spam')[i % 2]}" for i, day in enumerate(days)]
    taken = intake.read_dataset(write(rows, "date,text,label"))
    assert taken.dataset.frame["date"].isna().sum() == 3
    assert taken.notes == (
        '2 dates in the column "date" cannot be read or lie outside 1970 to 2099 and count '
        'as missing; the first is "soon".',
    )


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["1,s,t,A", "2,s,t,B"] * 30, '2 words not known .*"A", "B"\\. Say for each'),
        ([r.replace("spam", "odd") for r in GOOD], '"odd"'),
        ([r for r in GOOD if "ham" in r], "all 30 mails here are ham"),
        ([r for r in GOOD if "ham" in r] + GOOD[1:5:2], "found 2 spam"),
        ([",,,ham", ",,,spam"], "both classes"),
    ],
)
def test_labels_that_cannot_carry_training(write, rows: list[str], words: str) -> None:
    columns = Columns("text", "label", "subject", id="id")
    with pytest.raises(BadData, match=words):
        intake.read_dataset(write(rows), columns)


@pytest.mark.parametrize(
    ("columns", "labels", "words"),
    [
        (Columns("nope", "label"), LABELS, 'column "nope"; the file has id, subject'),
        (Columns("text", "nope"), None, 'column "nope"'),
        (Columns("text"), LABELS, "expected a label column"),
        (Columns("text", "label"), {"ham": "eggs"}, "received 'eggs'"),
        (Columns("text", "label"), {}, "2 words not known"),
    ],
)
def test_wrong_choices(write, columns: Columns, labels: dict | None, words: str) -> None:
    with pytest.raises(BadData, match=words):
        intake.read_dataset(write(GOOD), columns, labels)


def test_labels_by_hand(write) -> None:
    rows = [r.replace("spam", "B").replace("ham", "A") for r in GOOD]
    taken = intake.read_dataset(write(rows), labels={"A": "spam", " B ": "ham"})
    assert taken.dataset.frame["label"].to_list()[:2] == ["spam", "ham"]


def test_inspect_never_raises_for_data(write) -> None:
    good = intake.inspect_table(intake.read_table(write([*GOOD, "x,s,t,odd"])))
    assert (good.labels, good.unknown, good.problem) == (LABELS, ["odd"], None)
    assert good.columns == Columns("text", "label", "subject", id="id")
    bad = intake.inspect_table(intake.read_table(write(["1,2"], "a,b")))
    assert bad.columns is None
    assert "no column" in str(bad.problem)


def test_scoring_keeps_every_record_in_order(write) -> None:
    path = write(["c,s,t,ham", "a,,,", "b,s", "d,s,t,u,v"])
    table = intake.read_table(path, keep_ragged=True)
    mails = intake.build_mails(table, Columns("text", None, "subject", id="id"))
    assert list(mails.columns) == ["id", *CANONICAL[2:], "file:label"]
    assert mails["id"].to_list() == ["c", "a", "b", "d"]
    assert mails["body"].to_list() == ["t", "", "", "t"]
    assert mails.index.to_list() == [0, 1, 2, 3]

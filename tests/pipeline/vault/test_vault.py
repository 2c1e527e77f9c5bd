import json
import threading
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import Sealed
from pipeline.mail.dataset import Dataset
from pipeline.project import Project, divide_mails, import_dataset
from pipeline.specs import SplitSpec
from pipeline.splits import make_split
from pipeline.vault import memory, select_unsealed
from pipeline.vault.ledger import Ledger
from tests.mails import dataset

SPLIT = make_split(dataset(40), SplitSpec())


def test_it_opens_once_and_says_when_and_for_what(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    assert Ledger(path).opening() is None
    Ledger(path).require_sealed()
    Ledger(path).record("run-1", "data", SPLIT, 0.4, {"f1": 0.9})
    opening = Ledger(path).opening()  # another process reads the same
    assert opening is not None
    assert (opening.run, opening.dataset, opening.threshold) == ("run-1", "data", 0.4)
    assert opening.split == SPLIT.fingerprint
    assert opening.figures == {"f1": 0.9}
    with pytest.raises(Sealed, match=rf"opened on {opening.time[:10]} for run run-1"):
        Ledger(path).require_sealed()


def test_the_band_is_recorded_and_an_older_opening_has_none(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.record("run-1", "data", SPLIT, 0.4, {"f1": 0.9}, 0.2)
    opening = ledger.opening()
    assert opening is not None
    assert opening.unsure_from == 0.2
    assert ledger.is_intact
    line = json.loads(ledger.path.read_text())
    del line["unsure_from"]
    ledger.path.write_text(json.dumps(line) + "\n")
    older = ledger.opening()
    assert older is not None
    assert (older.threshold, older.unsure_from) == (0.4, None)


def test_a_second_opening_is_refused_and_leaves_the_first(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    Ledger(path).record("run-1", "data", SPLIT, 0.4, {"f1": 0.9})
    before = path.read_bytes()
    with pytest.raises(Sealed):
        Ledger(path).record("run-2", "data", SPLIT, 0.4, {"f1": 0.99})
    assert path.read_bytes() == before


def test_of_many_that_open_at_once_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    start = threading.Barrier(8)
    refused = []

    def open_it(number: int) -> None:
        start.wait()
        try:
            Ledger(path).record(f"run-{number}", "data", SPLIT, 0.4, {})
        except Sealed:
            refused.append(number)

    threads = [threading.Thread(target=open_it, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 7
    (line,) = path.read_text().splitlines()
    assert json.loads(line)["run"] == f"run-{({*range(8)} - {*refused}).pop()}"


def test_figures_that_are_not_numbers_survive(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.record("run-1", "data", SPLIT, 0.4, {"lam": float("nan")})
    opening = ledger.opening()
    assert opening is not None
    assert opening.figures["lam"] != opening.figures["lam"]


def test_only_test_mails_are_hidden_and_only_after_a_split() -> None:
    frame = dataset(40).frame
    assert len(select_unsealed(frame, None)) == 40
    seen = select_unsealed(frame, SPLIT)
    assert set(seen["id"]) == {*SPLIT.train, *SPLIT.validation}
    assert set(seen["id"]).isdisjoint(SPLIT.test)
    assert list(seen.columns) == list(frame.columns)


def test_an_edited_ledger_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger(path)
    assert ledger.is_intact
    ledger.record("run-1", "data", SPLIT, 0.4, {"f1": 0.9, "lam": float("nan")})
    ledger.record_change(2, "other", "the mails were divided anew")
    ledger.record_change(3, "other", "other mails were taken in")
    assert ledger.is_intact
    whole = path.read_text()
    lines = whole.splitlines(keepends=True)
    for changed in (
        whole.replace("0.9", "0.99"),
        whole.replace("anew", "again"),
        "".join(lines[1:]),
        lines[0] + lines[2],
        whole + lines[2],
        whole + "more\n",
        "",
    ):
        path.write_text(changed)
        assert ledger.is_intact == (changed == "")
    path.write_text("".join(lines[1:]))
    with pytest.raises(Sealed, match="modified outside Spamlab"):
        ledger.record("run-2", "data", SPLIT, 0.4, {})


def test_a_ledger_that_is_no_text_is_noticed_and_does_not_open(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    for content in (b"\xff\xfe\0", b'{"what": "opened"}\n'):
        path.write_bytes(content)
        assert not Ledger(path).is_intact
        assert Ledger(path).opening() is None
        with pytest.raises(Sealed, match="modified outside Spamlab"):
            Ledger(path).require_sealed()


def sealed_project() -> Project:
    project, small = Project.create("p"), dataset()
    import_dataset(project, small, small.frame.iloc[:0])
    divide_mails(project, SplitSpec())
    return project


def test_the_vault_holds_ids_labels_and_a_hash(workspace: Path) -> None:
    project = sealed_project()
    split, whole = project.split, project.mails.complete()
    assert split is not None
    assert whole is not None
    vault = json.loads((project.path / "vault" / f"{split.fingerprint}.json").read_text())
    assert vault["ids"] == list(split.test)
    rows = whole.frame.set_index("id", drop=False).loc[list(split.test)]
    assert vault["labels"] == rows["label"].tolist()
    (content,) = vault["content"].values()
    assert content == Dataset("test", rows).fingerprint
    project.seal.verify()


@pytest.mark.parametrize(
    "what", ["label", "body", "vault label", "vault hash", "vault texts", "no vault"]
)
def test_tampered_test_mails_do_not_open(what: str) -> None:
    project = sealed_project()
    split, settings = project.split, project.settings
    assert split is not None
    vault = project.path / "vault" / f"{split.fingerprint}.json"
    if what in ("label", "body"):
        path = project.path / "datasets" / f"{settings.dataset}.parquet"
        table = pq.read_table(path)
        frame = table.to_pandas()
        mine = frame["id"] == split.test[0]
        if what == "label":
            frame.loc[mine, "label"] = frame.loc[mine, "label"].map({"ham": "spam", "spam": "ham"})
        else:
            frame.loc[mine, "body"] += "!"
        changed = pa.Table.from_pandas(frame, preserve_index=False)
        pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)
    elif what == "no vault":
        vault.unlink()
    else:
        kept = json.loads(vault.read_text())
        if what == "vault label":
            kept["labels"][0] = "ham" if kept["labels"][0] == "spam" else "spam"
        elif what == "vault texts":
            kept["texts"] = []
        else:
            kept["content"] = dict.fromkeys(kept["content"], "0" * 16)
        vault.write_text(json.dumps(kept))
    with pytest.raises(Sealed, match="not the ones that were sealed"):
        project.seal.verify()


def test_case_and_spacing_do_not_hide_a_text_from_the_memory() -> None:
    frame = pd.DataFrame(
        {"subject": ["Win", "win ", "", "win"], "body": ["NOW\n", " now", " ", "later"]}
    )
    first, second, empty, other = memory.hash_mails(frame)
    assert first == second != other
    assert empty == ""
    assert len(first) == 16

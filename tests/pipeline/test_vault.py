import json
import threading
from pathlib import Path

import pytest

from pipeline.errors import Sealed
from pipeline.specs import SplitSpec
from pipeline.splits import make
from pipeline.vault import Ledger, unsealed
from tests.mails import dataset

SPLIT = make(dataset(40), SplitSpec())


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
    assert len(unsealed(frame, None)) == 40
    seen = unsealed(frame, SPLIT)
    assert set(seen["id"]) == {*SPLIT.train, *SPLIT.validation}
    assert set(seen["id"]).isdisjoint(SPLIT.test)
    assert list(seen.columns) == list(frame.columns)

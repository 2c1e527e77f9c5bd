"""Mails reach the model as they did in training, also when they are whole messages."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.evaluation.operating_point import HALF
from pipeline.export import scoring
from pipeline.export.bundle import Bundle
from pipeline.vault import memory

RAW = "Received: from x\nFrom: a@b.org\nSubject: =?utf-8?q?Gr=C3=BCn?=\n\nwords\n"


class Seen:
    """A model that remembers what it was given."""

    point = HALF

    def score(self, frame: pd.DataFrame) -> np.ndarray:
        self.frame = frame
        return np.full(len(frame), 0.25)


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Seen:
    seen = Seen()
    monkeypatch.setattr(Bundle, "load", lambda _: seen)
    return seen


@pytest.mark.parametrize(
    ("subject", "body", "expected"),
    [
        ("a", "b\x18\r\nc", ("a", "b\nc", None)),
        ("", "", ("", "", None)),
        (" ", "From the start\n", ("", "From the start\n", None)),
        ("", RAW, ("Grün", "words\n", "a@b.org")),
        ("mine", RAW, ("mine", "words\n", "a@b.org")),
        ("\ud800", "\ud800", ("?", "?", None)),
    ],
)
def test_one_mail(model: Seen, subject: str, body: str, expected: tuple) -> None:
    assert scoring.score_mail(model, subject, body) == 0.25
    found = model.frame.iloc[0]
    sender = None if pd.isna(found["sender"]) else found["sender"]
    assert (found["subject"], found["body"], sender) == expected


def test_a_file_of_messages(model: Seen, tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    pd.DataFrame({"text": [RAW, RAW], "nr": ["x", "y"]}).to_csv(path, index=False)
    scored = scoring.score_file(Path("any.spamlab"), path)
    assert scored.to_dict("list") == {"id": ["x", "y"], "score": [0.25] * 2, "label": ["ham"] * 2}
    assert model.frame["subject"].to_list() == ["Grün"] * 2
    assert model.frame["body"].to_list() == ["words\n"] * 2


def test_a_sealed_mail_gets_no_score(tmp_path: Path, model: Seen) -> None:
    path = tmp_path / "mails.csv"
    path.write_text("id,subject,text\na,One,first  mail\nb,Two,second mail\nc,,\n")
    sealed = memory.hash_mails(pd.DataFrame({"subject": ["one", ""], "body": ["First mail", ""]}))
    scored = scoring.score_file(tmp_path / "model", path, sealed=sealed).set_index("id")
    assert scored["label"].to_list() == ["sealed", "ham", "ham"]
    assert scored["score"].isna().to_list() == [True, False, False]
    assert scoring.score_mail(model, "One", "first mail", sealed) is None
    assert scoring.score_mail(model, "Two", "first mail", sealed) == 0.25
    assert scoring.score_mail(model, "", "", sealed) == 0.25

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from pipeline.features.headers import (
    LONGEST_TOKEN,
    MOST_CHARACTERS,
    MOST_FIELDS,
    MOST_TOKENS,
    Headers,
)


def frame(*headers: str) -> pd.DataFrame:
    columns = {"subject": "", "body": "", "headers": list(headers)}
    return pd.DataFrame(columns, dtype=object)


def tokens(text: str, **parameters) -> set[str]:
    known: dict[str, int] = {}
    Headers(**parameters)._count(frame(text), known, grow=True)
    return set(known)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("From: Anna", {"has:from", "from:Anna"}),
        ("FROM : a@b.org", {"has:from", "from:a", "from:@", "from:b", "from:.", "from:org"}),
        ("X-Priority: 3", {"has:x-priority", "x-priority:0"}),
        ("X-Mailer: v2.41", {"has:x-mailer", "x-mailer:v0", "x-mailer:.", "x-mailer:00"}),
        ("Subject: été", {"has:subject", "subject:é", "subject:t"}),
        ("Cc:", {"has:cc"}),
        ("To: a\nTo: b", {"has:to", "to:a", "to:b"}),
        ("Received: from a", set()),
        ("Date: today", set()),
        ("List-Id: x", set()),
        ("from without a colon", set()),
        ("", set()),
    ],
)
def test_a_field_becomes_tokens(header: str, expected: set[str]) -> None:
    assert tokens(header) == expected


def test_other_fields_may_be_left_out() -> None:
    text = "X-Spam: b\nX-Ray: c\nFrom: a"
    assert tokens(text, left_out=["FROM", "x-s*"]) == {"has:x-ray", "x-ray:c"}
    assert tokens(text, left_out=[]) >= {"has:x-spam", "has:x-ray", "has:from"}
    assert Headers(left_out=("To", "from", "to")).parameters()["left_out"] == ["from", "to"]


@pytest.mark.parametrize(
    "name",
    ["Date", "Received", "Message-ID", "List-Post", "X-Mailman-Version", "X-Spam-Status", "Sender"],
)
def test_what_tells_the_corpus_or_the_verdict_is_left_out(name: str) -> None:
    assert tokens(f"{name}: something\nReply-To: a") == {"has:reply-to", "reply-to:a"}


def test_values_are_scikit_learns_idf_of_binary_tokens_at_length_scale() -> None:
    block = Headers(scale=2.0).fit(frame("To: a a b", "To: a b", "To: a c", ""))
    assert block.describe(np.arange(3), frame()) == [
        "header field to",
        "header to: “a”",
        "header to: “b”",
    ]
    weights = np.array([np.log(5 / 4) + 1, np.log(5 / 4) + 1, np.log(5 / 3) + 1])
    row = block.transform(frame("To: a b b")).toarray()[0]
    assert np.allclose(row, 2 * weights / np.linalg.norm(weights))


def test_hostile_headers_are_read_only_so_far() -> None:
    assert len(tokens("To: " + " ".join(f"a{'b' * i}" for i in range(300)))) <= MOST_TOKENS + 1
    assert max(map(len, tokens("To: " + "x" * 10_000))) == len("to:") + LONGEST_TOKEN
    many = "\n".join(f"To: {'x' * i}" for i in range(1, 2 * MOST_FIELDS))
    assert len(tokens(many)) <= MOST_FIELDS + 1
    assert "has:to" not in tokens("X: " + "y" * MOST_CHARACTERS + "\nTo: a")
    assert tokens("Received: x\n" * 1000 + "To: a") == {"has:to", "to:a"}


def test_the_matrix_is_the_same_in_every_process() -> None:
    code = """
import hashlib
import pandas as pd
from pipeline.features.headers import Headers
headers = [f"X-Mailer: {' '.join(chr(97 + (i * k) % 26) * 3 for k in range(9))}" for i in range(60)]
frame = pd.DataFrame({"subject": "", "body": "", "headers": headers}, dtype=object)
matrix = Headers(min_mails=2).fit_transform(frame)
parts = (matrix.indptr, matrix.indices, matrix.data)
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1

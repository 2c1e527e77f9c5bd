"""The corpus that ships is what its program writes, and is what its datasheet says."""

import csv
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[2] / "data"
FILES = ("sample_emails.csv", "sample_truth.csv", "DATASHEET.md")
RESERVED = re.compile(r"(?:^|\.)(?:example|test|invalid|example\.(?:com|net|org))$", re.IGNORECASE)
HOST = re.compile(r"(?:@|https?://|\bwww\.)([a-z0-9.-]+\.[a-z]{2,})", re.IGNORECASE)
# Also "name.com" without @ or http; endings of file names (index.html, parser.py) are no domains.
BARE = re.compile(
    r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|net|org|info|biz|io|de|es|fr|uk|ru|cn)\b", re.IGNORECASE
)
WORD = re.compile(r"\w+")


def read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def emails() -> list[dict[str, str]]:
    return read("sample_emails.csv")


@pytest.fixture(scope="module")
def truth() -> list[dict[str, str]]:
    return read("sample_truth.csv")


def make(out: Path, *options: str) -> None:
    shutil.copy(DATA / "DATASHEET.md", out)
    command = [sys.executable, str(DATA / "make_sample.py"), "--out", str(out), *options]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def test_making_it_again_gives_the_committed_bytes(tmp_path: Path) -> None:
    make(tmp_path)
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes(), name


def test_another_seed_gives_other_mails(tmp_path: Path, emails: list[dict[str, str]]) -> None:
    make(tmp_path, "--seed", "2")
    with (tmp_path / "sample_emails.csv").open(encoding="utf-8", newline="") as file:
        others = {row["body"] for row in csv.DictReader(file)}
    shared = sum(row["body"] in others for row in emails)
    assert shared < len(emails) / 20


def test_columns_counts_and_label_words(emails: list[dict[str, str]]) -> None:
    assert list(emails[0]) == ["id", "date", "sender", "subject", "body", "label"]
    assert 2_900 <= len(emails) <= 3_100
    labels = Counter(row["label"] for row in emails)
    assert set(labels) == {"ham", "spam"}
    assert 0.32 <= labels["spam"] / len(emails) <= 0.38
    assert (DATA / "sample_emails.csv").stat().st_size < 6_000_000


def test_ids_are_unique_and_count_the_mails_by_date(emails: list[dict[str, str]]) -> None:
    assert [row["id"] for row in emails] == [f"mail-{n:05}" for n in range(1, len(emails) + 1)]
    dates = [datetime.fromisoformat(row["date"]) for row in emails]
    assert all(date.utcoffset() is not None for date in dates)
    assert dates == sorted(dates)


def test_truth_agrees_with_the_mails(
    emails: list[dict[str, str]], truth: list[dict[str, str]]
) -> None:
    assert list(truth[0]) == ["id", "true_label", "given_label", "kind", "campaign"]
    assert [(r["id"], r["given_label"]) for r in truth] == [(r["id"], r["label"]) for r in emails]
    labels_of_kind = defaultdict(set)
    for row in truth:
        labels_of_kind[row["kind"]].add(row["true_label"])
    assert all(len(labels) == 1 for labels in labels_of_kind.values()), "a kind is ham or spam"


def test_about_one_label_in_a_hundred_is_wrong_in_both_directions(
    truth: list[dict[str, str]],
) -> None:
    wrong = [row for row in truth if row["true_label"] != row["given_label"]]
    assert 0.007 <= len(wrong) / len(truth) <= 0.013
    assert min(Counter(row["true_label"] for row in wrong)[label] for label in ("ham", "spam")) >= 9


def test_every_address_is_in_a_reserved_domain(emails: list[dict[str, str]]) -> None:
    hosts = set()
    for row in emails:
        for column in ("sender", "subject", "body"):
            hosts.update(HOST.findall(row[column]), BARE.findall(row[column]))
    assert len(hosts) > 500, "the pattern no longer finds the addresses"
    assert [host for host in sorted(hosts) if not RESERVED.search(host)] == []


def test_no_field_looks_like_a_telephone_number(emails: list[dict[str, str]]) -> None:
    telephone = re.compile(r"\+\d{1,3}[ /-]\d{2,}|\(\d{3}\) ?\d{3}-\d{4}|\b\d{3}-\d{3}-\d{4}\b")
    assert [row["id"] for row in emails if telephone.search(row["body"])] == []


def test_campaigns_are_families_of_near_duplicates(
    emails: list[dict[str, str]], truth: list[dict[str, str]]
) -> None:
    families = defaultdict(list)
    alone = defaultdict(list)
    for mail, row in zip(emails, truth, strict=True):
        words = set(WORD.findall(re.sub(r"\S*://\S*", "", mail["body"].lower())))
        (families[row["campaign"]] if row["campaign"] else alone[row["kind"]]).append(words)
    families = {name: own for name, own in families.items() if len(own) >= 5}
    assert len(families) >= 15

    def likeness(mails: list[set[str]]) -> float:
        """Mean share of common words (Jaccard) of each mail with the next."""
        pairs = list(pairwise(mails))
        return sum(len(a & b) / max(1, len(a | b)) for a, b in pairs) / len(pairs)

    closer = 0
    for name, own in families.items():
        closer += likeness(own) > 1.25 * likeness(alone[name.rpartition("-")[0]])
    assert closer >= 0.9 * len(families)


def test_the_mess_of_real_mail_is_there(emails: list[dict[str, str]]) -> None:
    assert 10 <= sum(not row["sender"] for row in emails) <= 100
    assert 30 <= sum(not row["subject"] for row in emails) <= 300
    lengths = sorted(len(row["body"]) for row in emails)
    assert lengths[0] >= 1
    assert lengths[50] < 40
    assert lengths[-50] > 1_800
    copies = Counter((row["sender"], row["subject"], row["body"]) for row in emails)
    assert 20 <= sum(copies.values()) - len(copies) <= 80
    text = "\n".join(row["body"] for row in emails)
    assert all(mark in text for mark in ("\u200b", "\u0430", "</table>", "\n> ", "ñ", "ü", "é"))
    assert not re.search(r"\(\(|->\s*http|\{\w+\}", text), "template marks are left in a mail"


def test_spam_grows_and_trades_come_and_go(
    emails: list[dict[str, str]], truth: list[dict[str, str]]
) -> None:
    rows = [(m["date"][:7], t) for m, t in zip(emails, truth, strict=True)]
    early = [t["true_label"] for month, t in rows if month < "2024-07"]
    late = [t["true_label"] for month, t in rows if month >= "2025-01"]
    assert late.count("spam") / len(late) > early.count("spam") / len(early) + 0.03
    months = defaultdict(set)
    for month, row in rows:
        months[row["kind"]].add(month)
    assert max(months["stock_tip"]) < "2024-10"
    assert min(months["casino"]) > "2024-06"

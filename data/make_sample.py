"""Writes the synthetic sample corpus: sample_emails.csv, sample_truth.csv, tables of DATASHEET.md.

    python data/make_sample.py [--seed 1] [--out data]

Needs nothing but Python, and gives the same bytes on every machine.
"""

import argparse
import csv
from collections.abc import Iterable
from pathlib import Path

from sample.corpus import Mail, make_corpus
from sample.datasheet import with_tables
from sample.grammar import read_library

HERE = Path(__file__).resolve().parent
EMAIL_COLUMNS = ("id", "date", "sender", "subject", "body", "label")
TRUTH_COLUMNS = ("id", "true_label", "given_label", "kind", "campaign")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the synthetic sample corpus.")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other mails (default 1)")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (default data/)")
    arguments = parser.parse_args()
    mails = make_corpus(read_library(HERE / "sample" / "grammar"), arguments.seed)
    write_sample(mails, arguments.out)
    print(f"{len(mails)} mails written to {arguments.out}")


def write_sample(mails: list[Mail], out: Path) -> None:
    """Ids count the mails by date, so that they say nothing about label or kind."""
    out.mkdir(parents=True, exist_ok=True)
    rows = [(f"mail-{number:05}", mail) for number, mail in enumerate(mails, start=1)]
    _write_csv(
        out / "sample_emails.csv",
        EMAIL_COLUMNS,
        ((i, m.date.isoformat(), m.sender, m.subject, m.body, m.given_label) for i, m in rows),
    )
    _write_csv(
        out / "sample_truth.csv",
        TRUTH_COLUMNS,
        ((i, m.label, m.given_label, m.kind, m.campaign) for i, m in rows),
    )
    datasheet = out / "DATASHEET.md"
    if datasheet.exists():
        text = with_tables(datasheet.read_text(encoding="utf-8"), mails)
        datasheet.write_text(text, encoding="utf-8", newline="\n")


def _write_csv(path: Path, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


if __name__ == "__main__":
    main()

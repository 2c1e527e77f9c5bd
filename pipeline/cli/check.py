"""Report how a file would be read, what it contains and what is wrong with it."""

import argparse
from typing import TYPE_CHECKING, Any

from pipeline.cli.mail_files import add_labelled_files, read_file_arguments
from pipeline.cli.output import print_json
from pipeline.cli.progress_bar import ProgressBar

if TYPE_CHECKING:
    from pipeline.mail.dataset import Dataset
    from pipeline.similarity.near_duplicates import Pairs

LABELS_SHOWN = 20
"""At most 20 of the labels that look wrong are printed; --json lists all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_labelled_files(parser)
    parser.add_argument(
        "--labels", action="store_true", help="also rank the labels that look wrong"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> None:
    """Read the files, look for faults and print them."""
    from pipeline import intake, quality
    from pipeline.similarity import near_duplicates

    files = read_file_arguments(arguments)
    bar = ProgressBar()
    bar.draw_text("Reading the mails")
    taken = intake.read_dataset(files)
    frame = taken.dataset.frame
    pairs = near_duplicates.find_near_duplicates(
        near_duplicates.join_texts(frame).to_list(),
        bar.draw,
    )
    bar.draw_text("Looking through the mails")
    report = quality.build_quality_report(taken.dataset, pairs)
    wrong = _list_suspicious_labels(taken.dataset, pairs, bar) if arguments.labels else []
    bar.clear()
    if arguments.json:
        print_json(
            {
                "files": [file.path.name for file in files],
                "dataset": taken.dataset.fingerprint,
                "left_out": len(taken.left_out),
                "notes": list(taken.notes),
                **report.to_dict(),
                **({"labels": wrong} if arguments.labels else {}),
            }
        )
        return
    ham, spam = report.counts["ham"], report.counts["spam"]
    names = ", ".join(file.path.name for file in files)
    print(f"{names}: {ham + spam:,} mails, {ham:,} ham and {spam:,} spam.")
    for note in taken.notes:
        print(f"  {note}")
    for reason, number in taken.left_out["reason"].value_counts().items():
        print(f"  {number:,} rows left out: {reason}")
    for finding in report.findings:
        print(f"  {finding.level}: {finding.sentence}")
        if finding.remedies:
            offers = (f"{r.title} ({r.size})" for r in finding.remedies)
            print(f"    You can: {'; '.join(offers)}.")
    if arguments.labels:
        print(f"  {len(wrong):,} labels look wrong, the most suspicious first:")
    for mail in wrong[:LABELS_SHOWN]:
        print(f"    {mail['id']}: {mail['label']}, {mail['confidence']:.0%} {mail['suggested']}")
    if len(wrong) > LABELS_SHOWN:
        print(f"    and {len(wrong) - LABELS_SHOWN:,} more, which --json lists.")


def _list_suspicious_labels(
    dataset: "Dataset", pairs: "Pairs", bar: ProgressBar
) -> list[dict[str, Any]]:
    """List id, label, suggested and confidence of mails whose label looks wrong, worst first."""
    from pipeline.quality import label_review
    from pipeline.similarity import near_duplicates

    review = label_review.review_labels(
        dataset,
        None,
        clusters=near_duplicates.assign_clusters(len(dataset.frame), pairs),
        progress=bar.draw,
    )
    columns = ["id", "label", "suggested", "confidence"]
    return list(review.loc[review["suspicious"], columns].to_dict("records"))

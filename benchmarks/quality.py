"""The quality report of each corpus: what it finds, and how long it takes.

    SPAMLAB_CORPORA=... python benchmarks/quality.py

Prints the findings and writes quality.json beside itself: of each finding its kind, level, number
of mails, and its sentence without the words of mails that it names.
"""

import time
from pathlib import Path

import corpora

from benchmarks.results import write_figures
from pipeline import intake, quality
from pipeline.mail.dataset import Dataset
from pipeline.sample import sample_file
from pipeline.similarity import near_duplicates

SAMPLE = sample_file()


def dataset(name: str) -> Dataset:
    """A corpus as a user would upload it; SpamAssassin 2 from its messages."""
    if name == "sample":
        return intake.read_dataset(SAMPLE).dataset
    if name == "spamassassin2":
        boxes = [corpora.FOLDER / f"{name}-{label}.mbox.gz" for label in ("ham", "spam")]
        return intake.read_dataset([intake.MailFile(box) for box in boxes]).dataset
    return intake.read_dataset(corpora.FOLDER / f"{name}.csv.gz").dataset


def main() -> None:
    told = {}
    for name in (*corpora.NAMES, "sample"):
        data = dataset(name)
        start = time.perf_counter()
        pairs = near_duplicates.find_near_duplicates(
            near_duplicates.join_texts(data.frame).to_list()
        )
        searched = time.perf_counter()
        report = quality.build_quality_report(data, pairs)
        done = time.perf_counter()
        told[name] = {
            "mails": len(data.frame),
            "seconds_near_duplicates": round(searched - start, 2),
            "seconds_report": round(done - searched, 2),
            "repeats": report.repeats,
            "contradictions": report.contradictions,
            "findings": [
                {
                    "kind": f.kind,
                    "level": f.level,
                    "mails": len(f.ids),
                    "sentence": f.sentence.partition(", first ")[0],
                }
                for f in report.findings
            ],
        }
        print(f"{name}: {len(data.frame):,} mails, {done - searched:.2f} s")
        for finding in report.findings:
            print(f"  {finding.level}: {finding.sentence}")
    write_figures(Path(__file__).with_suffix(".json"), told)


if __name__ == "__main__":
    main()

"""How long raw mail takes to read, and how much memory: each line in a process of its own.

    SPAMLAB_CORPORA=<folder> uv run python benchmarks/intake.py [--json FILE]

SpamAssassin 2 (2,797 mails) as its two mbox.gz files, as a zip of a Maildir and as a tar.gz of
folders; 200,000 tiny mails in a zip and in a tar.gz; an mbox of one mail of 500 MB; a zip that
lists a million files; 120 MB of JSON lines and the same as Parquet; 1 GB of CSV to a dataset.
"""

import argparse
import gzip
import io
import json
import os
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pandas as pd

from benchmarks.results import write_figures
from pipeline.sample import sample_file

SAMPLE = sample_file()
CORPORA = Path(os.environ.get("SPAMLAB_CORPORA", ""))
READ = """
import json, sys, tempfile, time
from pathlib import Path
from pipeline import intake
from pipeline.errors import BadFile
from pipeline.intake import formats, rawmail
def most():  # not ru_maxrss, which begins with the memory of the process that started this one
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10
before = most()
start, busy = time.perf_counter(), time.process_time()
mails, said = 0, ""
try:
    for path in map(Path, sys.argv[1:]):
        found = formats.get_format(formats.detect_format(path))
        if not found.is_table:
            mails += sum(1 for _ in rawmail.open_mails(path, found.kind).mails())
        elif found.kind == "csv":
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                into = Path(folder) / "table.parquet"
                table = intake.open_table([intake.MailFile(path)], into)
                look = intake.inspect_table(table)
                into = Path(folder) / "dataset.parquet"
                stored = intake.write_dataset(table, look.columns, look.labels, into)
            mails += sum(stored.counts.values())
        else:
            mails += sum(table.num_rows for table in found.load_reader()(path).batches())
except BadFile as problem:
    said = str(problem)
print(json.dumps({
    "mails": mails, "seconds": round(time.perf_counter() - start, 2),
    "CPU seconds": round(time.process_time() - busy, 2),
    "MB at first": before, "peak MB": most(), "said": said,
}))
"""


def read(*paths: Path) -> dict[str, object]:
    """Mails, seconds and peak memory of reading these files in a new process."""
    command = [sys.executable, "-c", READ, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def spamassassin(folder: Path) -> dict[str, list[Path]]:
    """The corpus as it came and packed as users have it."""
    from pipeline.intake import mbox

    given = {label: CORPORA / f"spamassassin2-{label}.mbox.gz" for label in ("ham", "spam")}
    zipped, tarred = folder / "maildir.zip", folder / "folders.tar.gz"
    with (
        zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as zip_,
        tarfile.open(tarred, "w:gz") as tar,
    ):
        for label, path in given.items():
            mails = mbox.split_messages(io.BytesIO(gzip.decompress(path.read_bytes())))
            for i, mail in enumerate(mails):
                zip_.writestr(f"Maildir/.{label}/cur/{i}.M1P2.host:2,S", mail)
                info = tarfile.TarInfo(f"{label}_2/{i:05}.7c53336b37003a92")
                info.size = len(mail)
                tar.addfile(info, io.BytesIO(mail))
    return {
        "SpamAssassin 2, two mbox.gz": list(given.values()),
        "SpamAssassin 2, zip of a Maildir": [zipped],
        "SpamAssassin 2, tar.gz of folders": [tarred],
    }


def tiny(folder: Path, n: int = 200_000) -> dict[str, list[Path]]:
    """Archives of many mails of three lines."""
    zipped, tarred = folder / "tiny.zip", folder / "tiny.tar.gz"
    with zipfile.ZipFile(zipped, "w") as zip_, tarfile.open(tarred, "w:gz") as tar:
        for i in range(n):
            mail = b"From: a@b.org\nSubject: %d\n\ntext\n" % i
            zip_.writestr(f"ham/{i}.eml", mail)
            info = tarfile.TarInfo(f"ham/{i}.eml")
            info.size = len(mail)
            tar.addfile(info, io.BytesIO(mail))
    return {f"{n:,} tiny mails, zip": [zipped], f"{n:,} tiny mails, tar.gz": [tarred]}


def hostile(folder: Path) -> dict[str, list[Path]]:
    """A mail of 500 MB, and a zip that lists a million files."""
    large, many = folder / "large.mbox", folder / "many.zip"
    with large.open("wb") as file:
        file.write(b"From a@b.org Mon Aug  5 10:00:00 2002\nFrom: a\nSubject: b\n\n")
        for _ in range(500):
            file.write(b"some words of a mail \n" * (1_000_000 // 22))
    with many.open("wb") as file:
        file.write(b"PK\3\4" + bytes(26))
        start = file.tell()
        for i in range(1_000_000):
            name = b"%07d" % i
            file.write(struct.pack("<4s6H3L5H2L", b"PK\1\2", *[0] * 9, 7, *[0] * 6) + name)
        length = file.tell() - start
        record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, *[10**6] * 2, length, start)
        file.write(record + struct.pack("<4sLQL", b"PK\6\7", 0, start + length, 1))
        file.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0))
    return {"one mail of 500 MB, mbox": [large], "a million files listed, zip": [many]}


def tables(folder: Path) -> dict[str, list[Path]]:
    """100,000 records of 1,200 bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    lines, parquet = folder / "a.jsonl", folder / "a.parquet"
    rows = [{"label": "ham", "text": f"wörd {i} " * 100, "id": i} for i in range(100_000)]
    lines.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    pq.write_table(pa.Table.from_pylist(rows), parquet)
    return {"100,000 records, JSON lines": [lines], "100,000 records, Parquet": [parquet]}


def large(folder: Path) -> dict[str, list[Path]]:
    """The sample corpus again and again, 1 GB of CSV; to a dataset, not only to records."""
    path = folder / "large.csv"
    sample = pd.read_csv(SAMPLE, dtype=str, keep_default_na=False)
    with path.open("w", newline="") as file:
        number = 0
        while file.tell() < 1_000_000_000:
            numbered = sample.assign(id=[f"m{number + i}" for i in range(len(sample))])
            numbered.to_csv(file, index=False, header=number == 0)
            number += len(sample)
    return {"1 GB of CSV to a dataset": [path]}


def main() -> None:
    """Print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=Path(__file__).with_suffix(".json"))
    arguments = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as name:
        for make in (spamassassin, tiny, hostile, tables, large):
            for what, paths in make(Path(name)).items():
                found[what] = read(*paths)
                print(f"{what:38}", *found[what].values(), sep="  ", flush=True)
    write_figures(arguments.json, found)


if __name__ == "__main__":
    main()

"""Inputs that nobody thought of, for the readers of files, until the time is up.

atheris is not one of the project's dependencies: make an environment with it that also sees the
packages of the project's own, and run one target at a time in it:

    python -m venv fuzz && fuzz/bin/pip install atheris
    echo <folder of the project's site-packages> > fuzz/lib/python3.11/site-packages/spamlab.pth
    PYTHONPATH=. fuzz/bin/python benchmarks/fuzz.py mail -max_total_time=240

Targets: mail, csv, archive, mbox, records. Further arguments are libFuzzer's. A target fails when
anything but BadFile or BadData comes out, or a text that cannot be written to a file; the input is
then left in a file ``crash-…`` and belongs into a test. The last line of the output says how many
inputs were tried.
"""

import contextlib
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["pipeline", "email", "zipfile", "tarfile"]):
    from pipeline import intake
    from pipeline.errors import BadData, BadFile
    from pipeline.intake import formats, mbox, message, rawmail

FOLDER = Path(tempfile.mkdtemp(prefix="spamlab-fuzz-"))
SEEDS = {
    "mail": [
        b"From: a\nSubject: =?utf-8?q?=FC?=\nContent-Type: multipart/mixed; boundary=B\n\n--B\n"
        b"Content-Type: text/html; charset=koi8-r\nContent-Transfer-Encoding: base64\n\nPHA+\n"
        b"--B\nContent-Disposition: attachment; filename*=utf-8''a\n\n--B--\n",
        b"Date: Mon, 5 Aug 2002 10:00:00 +0200\nContent-Transfer-Encoding: x-uuencode\n\nbegin",
    ],
    "csv": [b"label,text\nham,a\nspam,b\n", b'label;text\nham;"a\n""b"""\n', b"a\tb\n\xff\t\xfe\n"],
    "mbox": [b"From a 10:00:00 2002\nSubject: a\n\n>From b\n\nFrom c\nTo: d\n\n"],
    "records": [b'{"a": 1.0, "b": [1]}\n{"a": null}\n', b'[{"a": "\\ud800"}, 3]'],
    "archive": [],
}


def file(data: bytes) -> Path:
    path = FOLDER / "input"
    path.write_bytes(data)
    return path


def expect_writable(*texts: object) -> None:
    for text in texts:
        if isinstance(text, str):
            text.encode()
            assert "\0" not in text


def mail(data: bytes) -> None:
    """`message.parse_message`, of bytes and of text."""
    expect_writable(*message.parse_message(data).values())
    expect_writable(*message.parse_message(data.decode("utf-8", "surrogateescape")).values())


def csv(data: bytes) -> None:
    """`intake.read_table`."""
    table = intake.read_table(file(data))
    expect_writable(*table.names, *table.frame.to_numpy().ravel())


def archive(data: bytes) -> None:
    """`rawmail.open_mails` of what begins like a zip or a tar."""
    path = file(data)
    for found in ("zip", "tar"):
        with contextlib.suppress(BadFile):
            for read in rawmail.open_mails(path, found).mails():
                expect_writable(read.file, read.word, *read.fields.values())


def mailbox(data: bytes) -> None:
    """`mbox.split_messages`: no byte comes from nowhere."""
    assert sum(map(len, mbox.split_messages(io.BytesIO(data)))) <= len(data)


def record(data: bytes) -> None:
    """The readers of JSON and Parquet, and the detection of their format."""
    path = file(data)
    formats.detect_format(path)
    for found in ("jsonl", "parquet"):
        with contextlib.suppress(BadFile):
            for table in formats.get_format(found).load_reader()(path).batches():
                table.validate(full=True)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "mail": mail,
    "csv": csv,
    "archive": archive,
    "mbox": mailbox,
    "records": record,
}


def seeds(name: str) -> Path:
    """A folder with small whole inputs to begin with."""
    folder = FOLDER / f"seeds-{name}"
    folder.mkdir()
    whole = list(SEEDS[name])
    if name == "archive":
        import tarfile
        import zipfile

        for packing in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            target = io.BytesIO()
            with zipfile.ZipFile(target, "w", packing) as zipped:
                zipped.writestr("ham/a.eml", SEEDS["mail"][0])
                zipped.writestr("spam/b.txt", b"Subject: b\nc")
            whole.append(target.getvalue())
        for mode in ("w", "w:gz"):
            target = io.BytesIO()
            with tarfile.open(fileobj=target, mode=mode) as tar:
                member = tarfile.TarInfo("ham/a.eml")
                member.size = len(SEEDS["mail"][0])
                tar.addfile(member, io.BytesIO(SEEDS["mail"][0]))
            whole.append(target.getvalue())
    for number, data in enumerate(whole):
        (folder / str(number)).write_bytes(data)
    return folder


def main() -> None:
    """Run the target that the first argument names."""
    name = sys.argv.pop(1)
    target = TARGETS[name]

    def once(data: bytes) -> None:
        with contextlib.suppress(BadFile, BadData):
            target(data)

    atheris.Setup([*sys.argv, str(seeds(name))], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

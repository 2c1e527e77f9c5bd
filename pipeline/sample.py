"""The sample corpus, which the wheel carries as well as the repository."""

from pathlib import Path

_NAME = "sample_emails.csv"


def sample_file() -> Path:
    """Return the path of the sample corpus: some 3,000 made-up mails, a third of them spam, as CSV.

    `data/DATASHEET.md` says how it was made and which faults it has on purpose.
    """
    packaged = Path(__file__).parent / "data" / _NAME  # put there by pyproject.toml
    return packaged if packaged.exists() else Path(__file__).parents[1] / "data" / _NAME

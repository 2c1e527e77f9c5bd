"""The JSON files of the benchmarks: the figures of each part, and when and where it was measured.

A file is ``{"recorded": {part: …}, "figures": {part: …}}``. A script writes the parts that it has
measured, and the other parts stay as they are, with the record that they have. A part without a
record was measured before there were records.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def read_figures(path: Path) -> dict[str, Any]:
    """The figures of each part; none without a file."""
    return _read(path)["figures"]


def read_records(path: Path) -> dict[str, dict[str, Any]]:
    """By part, what `describe_now` said when it was measured; a part may have no record."""
    return _read(path)["recorded"]


def write_figures(path: Path, measured: Mapping[str, Any]) -> None:
    """Put the parts that were measured just now into the file."""
    kept, now = _read(path), describe_now()
    for part, figures in measured.items():
        kept["figures"][part] = figures
        kept["recorded"][part] = now
    text = json.dumps(kept, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def describe_now() -> dict[str, Any]:
    """Date, commit, command and machine of a measurement that ends now."""
    git = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=FOLDER, capture_output=True, text=True
    )
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": git.stdout.strip() or None,
        "command": _command(sys.argv),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }


def _command(arguments: list[str]) -> str:
    """The command line, without the name of the file that it writes: it may tell of a home."""
    words = iter(arguments[1:])
    kept = [f"benchmarks/{Path(arguments[0]).name}"]
    for word in words:
        if word == "--json":
            next(words, None)
        elif not word.startswith("--json="):
            kept.append(word)
    return " ".join(["python", *kept])


def _read(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {"recorded": {}, "figures": {}}
    kept: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return kept

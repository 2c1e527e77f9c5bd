"""Check everything that CI checks, and say on one screen what failed.

``uv run python -m scripts.check`` runs all steps; names of steps run only those, and ``--without``
leaves some out. What a failed step printed is shown at the end and kept in full in a file.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINES = 25
"""Lines of a failed step that are shown; pytest's summary of failures is at the end."""
PYTEST = (sys.executable, "-m", "pytest")
COVERAGE = ("--cov", "--cov-report=term")
STEPS: dict[str, tuple[str, ...]] = {
    "format": ("ruff", "format", "--check", "."),
    "lint": ("ruff", "check", "."),
    "types": ("mypy",),
    "imports": ("lint-imports",),
    "tests": (*PYTEST, *COVERAGE),
    "slow": (*PYTEST, "-m", "slow"),
    "browser": (*PYTEST, "-m", "browser"),
}
"""Every step by its name, in the order of its cost. "tests" runs the doctests, the code of the docs
and what is generated as well, and measures the coverage of `pipeline`."""


def run_step(name: str, folder: Path) -> tuple[bool, Path]:
    """Run one step; returns whether it passed, and the file with what it printed."""
    program, *arguments = STEPS[name]
    path = Path(program)
    if not path.is_absolute():
        path = Path(sys.executable).parent / program  # of this environment, not of the machine
    log = folder / f"{name}.log"
    with log.open("w") as output:
        done = subprocess.run(
            [path, *arguments], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    return done.returncode == 0, log


def find_last_line(log: Path) -> str:
    """The last line that says something: the sum of what a step did."""
    lines = [line.strip(" =\n") for line in log.read_text(encoding="utf-8").splitlines()]
    return next((line for line in reversed(lines) if line), "")


def main() -> int:
    """Run the steps; returns how many failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("steps", nargs="*", metavar="STEP", help=f"one of {', '.join(STEPS)}")
    parser.add_argument("--without", action="append", default=[], choices=STEPS, metavar="STEP")
    arguments = parser.parse_args()
    if unknown := set(arguments.steps) - set(STEPS):
        parser.error(f"expected steps among {', '.join(STEPS)}, received {', '.join(unknown)}")
    chosen = [n for n in arguments.steps or STEPS if n not in arguments.without]
    folder, failed = Path(tempfile.mkdtemp(prefix="spamlab-check-")), {}
    for name in chosen:
        print(f"{name:<9}", end="", flush=True)
        started = time.monotonic()
        passed, log = run_step(name, folder)
        seconds = time.monotonic() - started
        print(f"{'ok' if passed else 'FAILED':<7}{seconds:6.0f} s  {find_last_line(log)}")
        if name == "tests":
            print(*(f"{'':<9}{line}" for line in _find_coverage(log)), sep="\n")
        if not passed:
            failed[name] = log
    for name, log in failed.items():
        print(f"\n{name} failed; all that it printed is in {log}\n")
        print("\n".join(log.read_text(encoding="utf-8").splitlines()[-LINES:]))
    return len(failed)


def _find_coverage(log: Path) -> list[str]:
    lines = log.read_text(encoding="utf-8").splitlines()
    return [f"coverage of pipeline: {line.split()[-1]}" for line in lines if line[:5] == "TOTAL"]


if __name__ == "__main__":
    sys.exit(main())

"""Start the dashboard, with the workspace of this folder."""

import argparse
import os
import subprocess
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--port", type=int, help="8501 by default")


def run(arguments: argparse.Namespace) -> int:
    """Start Streamlit; returns its exit code."""
    from pipeline.workspace import home

    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "streamlit", "run", str(root / "dashboard" / "app.py")]
    if arguments.port:
        command += ["--server.port", str(arguments.port)]
    environment = {**os.environ, "SPAMLAB_HOME": str(home())}
    return subprocess.call(command, env=environment)

"""What all charts have in common."""

import subprocess
import sys
from pathlib import Path

import plotly.graph_objects as go
import pytest

from dashboard import charts
from pipeline.evaluation.operating_point import HALF

from . import test_mails as mails
from . import test_matrix as matrix
from . import test_trade_offs as trade_offs
from . import test_training as training
from . import test_weights as weights


def every_chart() -> dict[str, go.Figure]:
    return {
        **{name: charts.plot_curve(training.CURVES, name, "epoch", 2) for name in training.FIGURES},
        "parts": charts.plot_parts(mails.COUNTS),
        "lengths": charts.plot_lengths({"ham": [1, 2], "spam": [0, 4]}, [1, 10, 100]),
        "precision_recall": trade_offs.trade_off(
            charts.plot_precision_recall,
            {n: e.precision_recall() for n, e in trade_offs.RUNS.items()},
        ),
        "roc": trade_offs.trade_off(
            charts.plot_roc, {n: e.roc() for n, e in trade_offs.RUNS.items()}
        ),
        "confusion": charts.plot_confusion_matrix(matrix.EVALUATION.summary(HALF)),
        **{
            f"inside {name}": charts.plot_inside(training.INSIDE, name)
            for name in (*charts.INSIDE_NAMES, "dead")
        },
        "choice": charts.plot_choice(training.TRIED, 1000.0),
        "strongest": charts.plot_strongest_features(weights.STRONGEST, "ham", 3.0),
    }


@pytest.mark.parametrize("name", list(every_chart()))
def test_every_axis_has_a_title(name: str) -> None:
    figure = every_chart()[name]
    assert figure.layout.xaxis.title.text
    assert figure.layout.yaxis.title.text


def test_charts_import_no_streamlit() -> None:
    script = "import sys; from dashboard import charts; sys.exit('streamlit' in sys.modules)"
    root = Path(__file__).parents[3]
    assert subprocess.run([sys.executable, "-c", script], cwd=root, check=False).returncode == 0

"""Numbers to plotly figures, one family a file; imports no streamlit."""

from dashboard.charts.calibration import reliability
from dashboard.charts.courses import errors_by_run
from dashboard.charts.mails import by_class, lengths, over_time, parts
from dashboard.charts.matrix import confusion
from dashboard.charts.slices import slices
from dashboard.charts.style import (
    BY_LABEL,
    CONFIG,
    HAM,
    OTHER_RUNS,
    PALETTE,
    SPAM,
    TRAIN,
    VALIDATION,
    color_of,
    colors,
    faint,
    layout,
    plain,
)
from dashboard.charts.threshold import LEFT, RIGHT, threshold_along, threshold_scores
from dashboard.charts.trade_offs import det, gain, precision_recall, roc
from dashboard.charts.training import FIGURE_NAMES, INSIDE_NAMES, choice, curve, inside
from dashboard.charts.verdicts import differences, learning
from dashboard.charts.weights import strongest
from dashboard.charts.why import measures

__all__ = [
    "BY_LABEL",
    "CONFIG",
    "FIGURE_NAMES",
    "HAM",
    "INSIDE_NAMES",
    "LEFT",
    "OTHER_RUNS",
    "PALETTE",
    "RIGHT",
    "SPAM",
    "TRAIN",
    "VALIDATION",
    "by_class",
    "choice",
    "color_of",
    "colors",
    "confusion",
    "curve",
    "det",
    "differences",
    "errors_by_run",
    "faint",
    "gain",
    "inside",
    "layout",
    "learning",
    "lengths",
    "measures",
    "over_time",
    "parts",
    "plain",
    "precision_recall",
    "reliability",
    "roc",
    "slices",
    "strongest",
    "threshold_along",
    "threshold_scores",
]

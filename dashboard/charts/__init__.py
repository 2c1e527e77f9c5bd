"""Numbers to plotly figures, one family a file; imports no streamlit."""

from dashboard.charts.calibration import plot_reliability
from dashboard.charts.errors_by_run import plot_errors_by_run
from dashboard.charts.mails import plot_by_class, plot_lengths, plot_over_time, plot_parts
from dashboard.charts.matrix import plot_confusion_matrix
from dashboard.charts.slices import plot_slices
from dashboard.charts.style import (
    BY_LABEL,
    CONFIG,
    HAM,
    OTHER_RUNS,
    PALETTE,
    SPAM,
    TRAIN,
    VALIDATION,
    apply_layout,
    choose_color,
    choose_colors,
    escape_text,
    fade_color,
)
from dashboard.charts.threshold import LEFT, RIGHT, plot_score_histogram, plot_threshold_curves
from dashboard.charts.trade_offs import plot_det, plot_gain, plot_precision_recall, plot_roc
from dashboard.charts.training import (
    FIGURE_NAMES,
    INSIDE_NAMES,
    plot_choice,
    plot_curve,
    plot_inside,
)
from dashboard.charts.verdicts import plot_differences, plot_learning_curve
from dashboard.charts.weights import plot_strongest_features
from dashboard.charts.why import plot_measures

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
    "apply_layout",
    "choose_color",
    "choose_colors",
    "escape_text",
    "fade_color",
    "plot_by_class",
    "plot_choice",
    "plot_confusion_matrix",
    "plot_curve",
    "plot_det",
    "plot_differences",
    "plot_errors_by_run",
    "plot_gain",
    "plot_inside",
    "plot_learning_curve",
    "plot_lengths",
    "plot_measures",
    "plot_over_time",
    "plot_parts",
    "plot_precision_recall",
    "plot_reliability",
    "plot_roc",
    "plot_score_histogram",
    "plot_slices",
    "plot_strongest_features",
    "plot_threshold_curves",
]

"""How the threshold of each run is chosen: a rule with its number and band, or by hand."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import streamlit as st

from dashboard import cache, charts, state
from dashboard.components import chart_view, widgets
from pipeline.evaluation import thresholds
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project, choose_threshold
from pipeline.runs.store import Run
from pipeline.specs import ThresholdSpec

RULES = {
    "own": "Balanced",
    "budget": "Ham budget",
    "cost": "Cost of a lost ham",
    "f_beta": "F-beta",
    "hand": "By hand",
}
NUMBERS = {
    "budget": ("Lose at most 1 ham in …", 1.0, 1e6, 10.0, "%.0f"),
    "cost": ("A lost ham costs as much as … missed spams", 0.01, 1e6, 1.0, "%g"),
    "f_beta": ("β: below 1 precision counts more, above 1 recall", 0.05, 20.0, 0.1, "%g"),
}
"""By rule: the label of its number, the least, the most, a step, the format."""
FIRST = {"cost": 9.0, "f_beta": 0.5}
"""The numbers that rules start with; a budget starts with the strictest that can be shown."""
FIRST_BUDGETS = (1000.0, 500.0, 200.0, 100.0, 50.0, 20.0, 10.0, 5.0, 2.0, 1.0)
FIRST_UNSURE = 0.01


def read_points(project: Project, runs: Sequence[Run]) -> dict[str, OperatingPoint]:
    """The operating point of each run, by its id."""
    return {run.id: cache.operating_point(project, run) for run in runs}


@st.fragment
def draw_threshold_form(
    project: Project, runs: Sequence[Run], drawn: dict[str, OperatingPoint]
) -> None:
    """Let the user choose how thresholds are set.

    The choice is kept with the project; every page, export and downloaded model obeys it. The
    form is a fragment: when a slider moves, its charts are drawn first and then the page.

    Args:
        drawn: the points that the rest of the page was drawn with.
    """
    spec = project.settings.threshold_spec()
    _draw_rule(project, runs, spec)
    current = read_points(project, runs)
    for start in range(0, len(runs), 2):
        for place, run in zip(st.columns(2), runs[start : start + 2], strict=False):
            with place:
                _draw_run(project, run, current[run.id], by_hand=spec.rule == "hand")
    if current != drawn:  # only the form was drawn again; the numbers below it follow
        st.rerun()


def _draw_rule(project: Project, runs: Sequence[Run], spec: ThresholdSpec) -> None:
    """Draw the rule for all runs, its number, and whether there is a band of unsure mails."""
    rule = state.Field[str](f"evaluate_rule_{project.name}")
    unsure = state.Field[bool](f"evaluate_unsure_{project.name}")
    share = state.Field[float](f"evaluate_share_{project.name}")
    number = _number_field(project, spec.rule)
    has_band = spec.unsure is not None
    if spec.rule == "hand":
        has_band = any(project.settings.threshold_spec(r.id).unsure is not None for r in runs)

    def switch() -> None:
        chosen = rule.value
        value = None
        if chosen in NUMBERS:
            kept = _number_field(project, chosen).get()
            value = kept or FIRST.get(chosen) or _first_budget(project, runs)
        band = None if "hand" in (chosen, spec.rule) else spec.unsure
        choose_threshold(project, ThresholdSpec(chosen, value, band))

    def change() -> None:
        band = share.value / 100 if has_band else None
        value = number.value if spec.rule in NUMBERS else None
        choose_threshold(project, ThresholdSpec(spec.rule, value, band))

    def switch_band() -> None:
        on = unsure.value
        if spec.rule != "hand":
            band = FIRST_UNSURE if on else None
            choose_threshold(project, ThresholdSpec(spec.rule, spec.value, band))
            return
        for run in runs:
            point = cache.operating_point(project, run)
            start = _first_band(run, point) if on else None
            choose_threshold(project, ThresholdSpec("hand", point.threshold, start), run.id)

    # the project's choice wins, also when another tab changed it; only a press on a control
    # writes it back
    rule.fill(spec.rule)
    unsure.fill(has_band)
    st.segmented_control(
        "How the threshold is set",
        list(RULES),
        format_func=RULES.__getitem__,
        key=rule.key,
        required=True,
        on_change=switch,
        wrap=True,
        help="A mail whose score reaches the threshold is called spam. It is chosen on validation, "
        "by the same rule for each run; all figures, lists, scores and downloaded models obey it. "
        "Balanced: about the highest F1.",
    )
    left, right = st.columns(2, vertical_alignment="bottom")
    if spec.rule in NUMBERS:
        words, least, most, step, form = NUMBERS[spec.rule]
        number.fill(spec.value)
        left.number_input(
            words,
            least,
            most,
            step=step,
            format=form,
            key=number.key,
            on_change=change,
            persist_state="session",
        )
    # without a number the band stands where the number would
    with right if spec.rule in NUMBERS else left:
        st.toggle(
            "A band of unsure mails",
            key=unsure.key,
            on_change=switch_band,
            help="Mails that score a little below the threshold are marked unsure, for a person to "
            "look at. All figures count them as ham, because they stay in the inbox.",
        )
        if has_band and spec.rule != "hand":
            share.fill(100 * (spec.unsure or 0.0))
            st.number_input(
                "At most … % of the spam may fall below the band",
                0.0,
                100.0,
                step=0.5,
                format="%g",
                key=share.key,
                on_change=change,
            )
    if spec.rule == "budget":
        _say_strictest_budget(project, runs)


def _number_field(project: Project, rule: str) -> state.Field[float | None]:
    return state.Field(f"evaluate_number_{rule}_{project.name}")


def _say_strictest_budget(project: Project, runs: Sequence[Run]) -> None:
    n = min(_witnesses(project, run) for run in runs)
    st.caption(
        f"The {n:,} ham of validation, near-duplicates counted once, can show at most 1 in "
        f"{thresholds.find_strictest_budget(n):,}, about a third of their number: when none of n "
        "ham is lost in validation, up to 3 in n may still be lost later (95% confidence)."
    )


def _witnesses(project: Project, run: Run) -> int:
    return cache.budget_witnesses(project, run.id)


def _first_budget(project: Project, runs: Sequence[Run]) -> float:
    most = thresholds.find_strictest_budget(min(_witnesses(project, run) for run in runs))
    return next(n for n in FIRST_BUDGETS if n <= most)


def _first_band(run: Run, point: OperatingPoint) -> float:
    narrow = replace(point, unsure_from=None)
    start = thresholds.add_band(cache.evaluation(run.id), narrow, FIRST_UNSURE).unsure_from
    return round(point.threshold / 2, 3) if start is None else start


def _draw_run(project: Project, run: Run, point: OperatingPoint, *, by_hand: bool) -> None:
    """Draw one run: the reason for its threshold, its scores, the slider, and the outcome."""
    evaluation = cache.evaluation(run.id)
    st.markdown(f"**{run.name}** at {point.threshold:.3f}")
    st.caption(widgets.escape_markdown(point.why))
    counts = cache.score_counts(run.id)
    chart_view.draw_chart(
        charts.plot_score_histogram(counts, point),
        f"evaluate_scores_{run.id}",
        counts,
        f"{run.name}-scores",
    )
    if by_hand:
        _draw_slider(project, run, point)
    if point.has_band:
        shares = thresholds.measure_unsure_shares(evaluation, point)
        st.markdown(
            f"Unsure: **{shares['mails']:.1%}** of all mails ({shares['ham']:.1%} of the ham, "
            f"{shares['spam']:.1%} of the spam), with scores from {point.unsure_from:.3f}."
        )
    figures = asdict(evaluation.at(point))
    curves = cache.figures_by_threshold(run.id)
    chart_view.draw_chart(
        charts.plot_threshold_curves(curves, point, figures),
        f"evaluate_along_{run.id}",
        curves,
        f"{run.name}-thresholds",
    )


def _draw_slider(project: Project, run: Run, point: OperatingPoint) -> None:
    """Draw the slider of the threshold, with a second handle where the band begins."""
    two = point.has_band
    slider: state.Field[Any] = state.Field(f"evaluate_threshold_{run.id}" + "_band" * two)
    slider.fill((point.unsure_from, point.threshold) if two else point.threshold)

    def move() -> None:
        low, high = slider.value if two else (None, slider.value)
        choose_threshold(project, ThresholdSpec("hand", high, low), run.id)

    # as far from the left as the axis of the chart above
    line = st.container(horizontal=True, gap=None)
    line.space(charts.LEFT - charts.RIGHT)
    line.slider(
        f"Threshold of {run.name}" + (" (right) and start of the band (left)" if two else ""),
        0.0,
        1.0,
        step=0.001,
        format="%.3f",
        key=slider.key,
        on_change=move,
    )

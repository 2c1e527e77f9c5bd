"""What the errors of a run have in common, and what to work on first."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import cache, charts, state
from dashboard.components import chart_view, pages, tables, widgets
from pipeline.error_analysis import FALSE_NEGATIVE
from pipeline.error_analysis.groups import Group
from pipeline.error_analysis.history import PATTERNS
from pipeline.error_analysis.reasons import REASONS
from pipeline.error_analysis.text import escape_line
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project
from pipeline.reports import error_report
from pipeline.reports.error_report import COURSE, GROUP, REASON, ErrorReport
from pipeline.runs.store import Run
from pipeline.wording import format_count

CARDS = 6
"""Groups that are shown at once; smaller ones are folded."""
EXAMPLE = 90
"""Characters of an example that are shown."""
PERCENT = "%.0f%%"


def draw_groups(project: Project, run: Run, point: OperatingPoint) -> None:
    """Draw groups, reasons and history of the errors of a run, each with a button to its mails."""
    report = cache.errors_report(project, run)
    n = int(report.wrong.sum())
    if not n:
        st.success(
            f"At a threshold of {point.threshold:.3f} no validation mail is misclassified.",
            icon=":material/check:",
        )
        return
    _draw_label_warning(report)
    st.subheader("What to work on first")
    st.caption(
        f"The {format_count(n, 'error')} of this run, grouped by topic and ordered by what F1 "
        "would gain without them. Missed spam and lost ham are grouped separately. The words are "
        "those that occur in many mails of the group and in few others."
    )
    _draw_cards(report)
    st.subheader("What is more frequent among errors than among correct mails")
    _draw_reasons(report, run)
    st.subheader("Errors across the runs")
    _draw_history(report, run)
    for remark in report.remarks:
        st.caption(widgets.escape_markdown(remark))


def keep_chosen_group(project: Project, run: Run, shown: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of an ErrorTable in the chosen group, and draw a button to leave it.

    All rows are kept and nothing is drawn without a choice, or when the run has no such group.
    """
    choice = state.chosen_group()
    if choice is None:
        return shown
    ids = error_report.select_mails(cache.errors_report(project, run), *choice)
    if ids is None:
        state.leave_group()
        return shown
    st.button(
        widgets.escape_markdown(f"Only {_describe_choice(*choice)}"),
        key="errors_group",
        icon=":material/close:",
        help="Leave this choice and show all mails again",
        on_click=state.leave_group,
    )
    return shown[shown["id"].isin(set(ids))]


def _describe_choice(aspect: str, name: str) -> str:
    if aspect == COURSE:
        return f"mails {PATTERNS[name]}"
    return f"errors with the reason {name}" if aspect == REASON else name[:100]


def _draw_label_warning(report: ErrorReport) -> None:
    """Advise to review labels first: a wrong label is no error of the model."""
    ids = error_report.select_mails(report, REASON, "suspicious label")
    if not ids:
        return
    n, errors = len(ids), format_count(int(report.wrong.sum()), "error")
    if report.reviewed:
        sentence = f"**Begin with the labels:** {n:,} of {errors} have a label that looks wrong."
    else:
        sentence = (
            f"**Begin with the labels:** in {n:,} of {errors} the run is so sure that the label "
            "may be the mistake. A review of the labels can tell better than this run."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(sentence, width="stretch")
        _offer_mails(n, REASON, "suspicious label", "groups_labels")
        if not report.reviewed:
            pages.link_to("labels", "Review the labels")


def _offer_mails(n: int, aspect: str, name: str, key: str) -> None:
    """Draw a button that lets the Errors page show just these mails."""
    st.button(
        f"Read these {n:,}" if n > 1 else "Read this mail",
        key=key,
        icon=":material/arrow_forward:",
        disabled=not n,
        on_click=state.choose_group,
        args=(aspect, name),
    )


def _draw_cards(report: ErrorReport) -> None:
    groups = report.groups.groups
    if not groups:
        st.info("No two errors are about the same topic.", icon=":material/info:")
        return
    _draw_grid(groups[:CARDS], 0)
    if len(groups) > CARDS:
        with st.expander(f"{format_count(len(groups) - CARDS, 'smaller group')}"):
            _draw_grid(groups[CARDS:], CARDS)


def _draw_grid(groups: tuple[Group, ...], first: int) -> None:
    for start in range(0, len(groups), 2):
        for offset, place in enumerate(st.columns(2)[: len(groups) - start]):
            with place.container(border=True, height="stretch"):
                _draw_card(groups[start + offset], first + start + offset)


def _draw_card(group: Group, number: int) -> None:
    missed, n = group.kind == FALSE_NEGATIVE, len(group.ids)
    st.markdown(
        f"**{n:,} {'missed spam' if missed else 'lost ham'}** · F1 +{group.f1_gain:.4f}  \n"
        + (widgets.escape_markdown(escape_line(", ".join(group.words))) or "no word in common")
    )
    if pd.isna(group.inside):
        st.caption("All of them: too few or too similar to be divided by topic.")
    elif group.alike > n:
        sentence = (
            f"Of about {group.alike:,} similar spam, {group.inside:.0%} were caught"
            if missed
            else f"Of about {group.alike:,} similar mails that were called spam, "
            f"{group.inside:.0%} are"
        )
        rest = "" if pd.isna(group.outside) else f"; elsewhere {group.outside:.0%}"
        st.caption(f"{sentence}{rest}.")
    else:
        st.caption(
            "No similar spam was caught."
            if missed
            else "All similar mails that were called spam are ham."
        )
    examples = [
        f"“{widgets.escape_markdown(escape_line(text, EXAMPLE)) or '(empty)'}”"
        for text in group.examples
    ]
    st.caption("  \n".join(examples))
    _offer_mails(n, GROUP, group.name, f"groups_read_{number}")


def _draw_reasons(report: ErrorReport, run: Run) -> None:
    table = report.overrepresented
    worse = table[table["standing"] == "worse"]
    if worse.empty:
        st.markdown("No reason is more frequent among the errors than luck would allow.")
    else:
        for row in worse.head(3).to_dict("records"):
            st.markdown(f"- {_describe_reason(row)}")
    rows = pd.DataFrame(
        {
            "meaning": [REASONS[v].meaning if w == "reason" else f"{w}: {v}"
                     for w, v in zip(table["what"], table["value"], strict=True)],
            "errors": table["errors"],
            "of the errors": 100 * table["share_of_errors"],
            "of correct mails": 100 * table["share_of_correct"],
            "F1 gain": table["f1_gain"],
            "verdict": table["verdict"],
            "p, corrected": table["p_corrected"],
        }
    )  # fmt: skip
    rows.insert(0, "reason or slice", table["value"].where(table["what"] == "reason", "slice"))
    row = tables.choose_row(
        rows,
        f"groups_reasons_{run.id}",
        columns={
            "meaning": st.column_config.TextColumn(width="medium"),
            "verdict": st.column_config.TextColumn(width="large"),
            "of the errors": st.column_config.NumberColumn(format=PERCENT),
            "of correct mails": st.column_config.NumberColumn(format=PERCENT),
            "F1 gain": st.column_config.NumberColumn(
                format="+%.4f", help="What F1 would gain without these errors."
            ),
            "p, corrected": st.column_config.NumberColumn(
                format="%.3g",
                help="How likely a difference this large is by luck alone (exact test, "
                "near-duplicates counted once, corrected for the number of tests).",
            ),
        },
    )
    if row is None:
        st.caption("Choose a row to read its errors.")
        return
    chosen = table.iloc[row]
    if chosen["what"] == "reason":
        _offer_mails(int(chosen["errors"]), REASON, chosen["value"], "groups_reason")
    else:
        st.button(
            f"Read the {format_count(int(chosen['mails']), 'mail')} of this slice",
            key="groups_slice",
            icon=":material/arrow_forward:",
            on_click=_choose_slice,
            args=(chosen["what"], chosen["value"]),
        )


def _choose_slice(name: str, value: str) -> None:
    state.leave_group()
    state.choose_slice(name, value)


def _describe_reason(row: dict[str, Any]) -> str:
    name = row["value"] if row["what"] == "reason" else f"{row['what']}: {row['value']}"
    return (
        f"**{widgets.escape_markdown(str(name)[:100])}**: {row['errors']:,} of {row['mails']:,} "
        f"such mails are wrong. {row['share_of_errors']:.0%} of the errors have it, and "
        f"{row['share_of_correct']:.0%} of the correct mails do."
    )


def _draw_history(report: ErrorReport, run: Run) -> None:
    if len(report.by_run) < 2:
        st.info(
            "This is the only run on these mails. With a second one, you will see here which "
            "errors stay, which are new and which are gone.",
            icon=":material/info:",
        )
        return
    counts = report.history["pattern"].value_counts()
    st.caption(
        f"Each mail in the {len(report.by_run):,} runs on these mails, the oldest first, each at "
        "its threshold. An error that stays is caused by the mail or its label rather than by the "
        "model."
    )
    with st.container(horizontal=True):
        for pattern in ("stays", "new", "comes and goes", "fixed"):
            n = int(counts.get(pattern, 0))
            st.button(
                f"{pattern.capitalize()}: {n:,}",
                key=f"groups_course_{pattern.replace(' ', '_')}",
                help=f"{format_count(n, 'mail')} {PATTERNS[pattern]}",
                disabled=not n,
                on_click=state.choose_group,
                args=(COURSE, pattern),
            )
    chart_view.draw_chart(
        charts.plot_errors_by_run(report.by_run),
        f"groups_runs_{run.id}",
        report.by_run,
        f"{run.name}-errors-by-run",
    )

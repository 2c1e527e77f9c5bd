"""What the errors of a run have in common, and what to work on first; each leads to its mails."""

import pandas as pd
import streamlit as st

from dashboard import cache, charts, state
from dashboard.components import chart_view, mail_view, pages, widgets
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
from pipeline.wording import counted

CARDS = 6
"""Groups that are shown at once; the smaller ones are folded."""
EXAMPLE = 90
"""Characters of an example."""
PERCENT = "%.0f%%"


def show(project: Project, run: Run, point: OperatingPoint) -> None:
    """Groups, reasons and course of the errors of a run; a button leads to the mails of each."""
    found = cache.errors_report(project, run)
    n = int(found.wrong.sum())
    if not n:
        st.success(
            f"At a threshold of {point.threshold:.3f} no validation mail is called wrongly.",
            icon=":material/check:",
        )
        return
    _labels_first(found)
    st.subheader("What to work on first")
    st.caption(
        f"The {counted(n, 'error')} of this run, those about the same thing together, by what F1 "
        "would gain if none of the group were wrong. Missed spam and lost ham are apart. The words "
        "are those that stand in many mails of the group and in few others."
    )
    _cards(found)
    st.subheader("What errors have more often than correct mails")
    _reasons(found, run)
    st.subheader("Through the runs")
    _course(found, run)
    for remark in found.remarks:
        st.caption(widgets.escape_markdown(remark))


def only(project: Project, run: Run, shown: pd.DataFrame) -> pd.DataFrame:
    """Those rows of an ErrorTable that were chosen here, with a button to leave the choice.

    All rows, and nothing drawn, while none is chosen or this run has nothing of that name.
    """
    choice = state.chosen_group()
    if choice is None:
        return shown
    ids = error_report.chosen(cache.errors_report(project, run), *choice)
    if ids is None:
        state.leave_group()
        return shown
    st.button(
        widgets.escape_markdown(f"Only {_title(*choice)}"),
        key="errors_group",
        icon=":material/close:",
        help="Leave this choice and show all mails again",
        on_click=state.leave_group,
    )
    return shown[shown["id"].isin(set(ids))]


def _title(what: str, name: str) -> str:
    if what == COURSE:
        return f"mails {PATTERNS[name]}"
    return f"errors with the reason {name}" if what == REASON else name[:100]


def _labels_first(found: ErrorReport) -> None:
    """A wrong label among the errors is no error of the model."""
    ids = error_report.chosen(found, REASON, "suspicious label")
    if not ids:
        return
    n, errors = len(ids), counted(int(found.wrong.sum()), "error")
    if found.reviewed:
        said = f"**Begin with the labels:** of {errors}, {n:,} have a label that looks wrong."
    else:
        said = (
            f"**Begin with the labels:** {n:,} of {errors} are so sure that the label may be the "
            "mistake. Whether it is, a review of the labels tells better than this run."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(said, width="stretch")
        _way(n, REASON, "suspicious label", "groups_labels")
        if not found.reviewed:
            pages.link_to("labels", "To the labels")


def _way(n: int, what: str, name: str, key: str) -> None:
    """A button that lets the Errors page show just these mails."""
    st.button(
        f"Read these {n:,}" if n > 1 else "Read this mail",
        key=key,
        icon=":material/arrow_forward:",
        disabled=not n,
        on_click=state.choose_group,
        args=(what, name),
    )


def _cards(found: ErrorReport) -> None:
    groups = found.groups.groups
    if not groups:
        st.info("No two errors are about the same thing.", icon=":material/info:")
        return
    _grid(groups[:CARDS], 0)
    if len(groups) > CARDS:
        with st.expander(f"{counted(len(groups) - CARDS, 'smaller group')}"):
            _grid(groups[CARDS:], CARDS)


def _grid(groups: tuple[Group, ...], first: int) -> None:
    for start in range(0, len(groups), 2):
        for at, place in enumerate(st.columns(2)[: len(groups) - start]):
            with place.container(border=True, height="stretch"):
                _card(groups[start + at], first + start + at)


def _card(group: Group, number: int) -> None:
    missed, n = group.kind == FALSE_NEGATIVE, len(group.ids)
    st.markdown(
        f"**{n:,} {'missed spam' if missed else 'lost ham'}** · F1 +{group.f1_gain:.4f}  \n"
        + (widgets.escape_markdown(escape_line(", ".join(group.words))) or "no word in common")
    )
    if pd.isna(group.inside):
        st.caption("All of them: too few, or too much alike, to be parted by content.")
    elif group.alike > n:
        said = (
            f"Of about {group.alike:,} spam of this sort {group.inside:.0%} were caught"
            if missed
            else f"Of about {group.alike:,} mails of this sort that were called spam "
            f"{group.inside:.0%} are"
        )
        rest = "" if pd.isna(group.outside) else f", elsewhere {group.outside:.0%}"
        st.caption(f"{said}{rest}.")
    else:
        st.caption(
            "No spam of this sort was caught."
            if missed
            else "All mails of this sort that were called spam are ham."
        )
    some = [
        f"“{widgets.escape_markdown(escape_line(text, EXAMPLE)) or '(empty)'}”"
        for text in group.examples
    ]
    st.caption("  \n".join(some))
    _way(n, GROUP, group.name, f"groups_read_{number}")


def _reasons(found: ErrorReport, run: Run) -> None:
    table = found.overrepresented
    worse = table[table["standing"] == "worse"]
    if worse.empty:
        st.markdown("No reason is more frequent among the errors than luck allows.")
    else:
        for row in worse.head(3).to_dict("records"):
            st.markdown(f"- {_sentence(row)}")
    rows = pd.DataFrame(
        {
            "what": [REASONS[v].meaning if w == "reason" else f"{w}: {v}"
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
    row = mail_view.read_chosen_row(
        st.dataframe(
            mail_view.render_cells(rows),
            key=f"groups_reasons_{run.id}",
            hide_index=True,
            width="stretch",
            height=mail_view.compute_height(len(rows)),
            on_select="rerun",
            selection_mode="single-row",
            column_config={
                "what": st.column_config.TextColumn(width="medium"),
                "verdict": st.column_config.TextColumn(width="large"),
                "of the errors": st.column_config.NumberColumn(format=PERCENT),
                "of correct mails": st.column_config.NumberColumn(format=PERCENT),
                "F1 gain": st.column_config.NumberColumn(
                    format="+%.4f", help="What F1 would gain if none of these errors were left."
                ),
                "p, corrected": st.column_config.NumberColumn(
                    format="%.3g",
                    help="How probable so large a difference is by luck alone (exact test, "
                    "near-duplicates counted once, corrected for the number of questions).",
                ),
            },
        )
    )
    if row is None:
        st.caption("Choose a row to read its errors.")
        return
    chosen = table.iloc[row]
    if chosen["what"] == "reason":
        _way(int(chosen["errors"]), REASON, chosen["value"], "groups_reason")
    else:
        st.button(
            f"Read the {counted(int(chosen['mails']), 'mail')} of this slice",
            key="groups_slice",
            icon=":material/arrow_forward:",
            on_click=_choose_slice,
            args=(chosen["what"], chosen["value"]),
        )


def _choose_slice(name: str, value: str) -> None:
    state.leave_group()
    state.choose_slice(name, value)


def _sentence(row: dict) -> str:
    name = row["value"] if row["what"] == "reason" else f"{row['what']}: {row['value']}"
    return (
        f"**{widgets.escape_markdown(str(name)[:100])}**: {row['errors']:,} of {row['mails']:,} "
        f"such mails are wrong; {row['share_of_errors']:.0%} of the errors have it and "
        f"{row['share_of_correct']:.0%} of the correct mails."
    )


def _course(found: ErrorReport, run: Run) -> None:
    if len(found.by_run) < 2:
        st.info(
            "This is the only run on these mails. With a second one you see here which errors "
            "stay, which are new and which are gone.",
            icon=":material/info:",
        )
        return
    counts = found.history["pattern"].value_counts()
    st.caption(
        f"Each mail through the {len(found.by_run):,} runs on these mails, the oldest first, each "
        "at its threshold. An error that stays has its cause in the mail or its label more than in "
        "the model."
    )
    with st.container(horizontal=True):
        for pattern in ("stays", "new", "comes and goes", "fixed"):
            n = int(counts.get(pattern, 0))
            st.button(
                f"{pattern.capitalize()}: {n:,}",
                key=f"groups_course_{pattern.replace(' ', '_')}",
                help=f"{counted(n, 'mail')} {PATTERNS[pattern]}",
                disabled=not n,
                on_click=state.choose_group,
                args=(COURSE, pattern),
            )
    chart_view.draw_chart(
        charts.plot_errors_by_run(found.by_run),
        f"groups_runs_{run.id}",
        found.by_run,
        f"{run.name}-errors-by-run",
    )

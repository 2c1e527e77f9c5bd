"""On which mails a run errs more than on the rest, and the way to read just those."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import cache, charts, state
from dashboard.components import chart_view, mail_view, pages, widgets
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project
from pipeline.runs.store import Run
from pipeline.slices.properties import COLUMN
from pipeline.slices.table import SMALLEST
from pipeline.wording import counted

Points = Mapping[str, OperatingPoint]

MOST = 30
"""Slices of one property in a chart; a cut is said."""
PERCENT = "%.2f%%"
FEW = 20
"""Errors; with fewer, hardly any slice can be told from the rest."""


@st.fragment
def draw_slices(project: Project, runs: Sequence[Run], points: Points) -> None:
    """The slices of a run, the surest worse ones first; a chosen one with a way to its mails.

    Args:
        runs: on the same mails; one of them is chosen, the others stand beside it.
        points: by the run's id.
    """
    by_id = {run.id: run for run in runs}
    run = runs[0]
    if len(runs) > 1:
        run_id = st.segmented_control(
            "Slices of",
            list(by_id),
            default=run.id,
            required=True,
            format_func=lambda i: widgets.escape_markdown(by_id[i].name),
            key=f"slices_run_{'_'.join(by_id)}",
        )
        run = by_id[run_id]
    found = cache.slices(project, run.id, points[run.id])
    if found.empty:
        st.info(
            f"There is nothing to compare: no two sorts of validation mails with at least "
            f"{SMALLEST} mails each.",
            icon=":material/info:",
        )
        return
    _answer(found)
    _notes(project, found)
    others = {
        other.name: cache.slices(project, other.id, points[other.id])
        for other in runs
        if other.id != run.id
    }
    row = _table(found, others, f"slices_table_{run.id}_{hash(points[run.id])}")
    st.download_button(
        "Download all slices as CSV",
        lambda: mail_view.build_csv(found),
        file_name=f"{run.name}-slices.csv",
        mime="text/csv",
        key="slices_download",
        icon=":material/download:",
        on_click="ignore",
    )
    if row is not None:
        _ways_to_the_mails(run, found.iloc[row])
    _chart(project, run, found)


def _answer(found: pd.DataFrame) -> None:
    worse = found[found["standing"] == "worse"]
    if worse.empty:
        # each property divides all the mails, so that none has more errors than the mails have
        errors = (found["false_positives"] + found["false_negatives"]).groupby(found["property"])
        seen = int(errors.sum().max())
        few = f" With {counted(seen, 'error')} in all, only a great difference could be told."
        st.markdown(
            f"**No slice is surely worse than the rest**, of {len(found):,} that were looked at."
            + few * (seen < FEW)
        )
        return
    names = [
        widgets.escape_markdown(f"{r.property}: {r.value}") for r in worse.head(3).itertuples()
    ]
    more = f" and {len(worse) - 3:,} more" if len(worse) > 3 else ""
    are = "slice is" if len(worse) == 1 else "slices are"
    st.markdown(f"**{len(worse):,} {are} worse than the rest**: {', '.join(names)}{more}.")


def _notes(project: Project, found: pd.DataFrame) -> None:
    properties = cache.properties(project)
    small = sum(properties[name].nunique() for name in properties) - len(found)
    smaller = f" ({small:,} smaller ones were not)" if small else ""
    st.caption(
        f"A slice is all validation mails with one value of one property. {len(found):,} slices of "
        f"at least {SMALLEST} mails were looked at{smaller}, the worst first. Each is compared "
        "with the other mails of the same class, because spam is missed more often than ham is "
        "lost; near-duplicates count once. The verdicts are corrected for looking at so many "
        "(Benjamini and Hochberg): of the slices called worse or better, about one in twenty is "
        "luck. Choose a row to read its mails."
    )
    in_file = [c.removeprefix("file:") for c in cache.mails(project).columns if c[:5] == "file:"]
    out = [name for name in in_file if COLUMN + name not in properties]
    if out:
        st.caption(
            widgets.escape_markdown(
                f"Columns of the file that make no slices, for all mails have one value or too "
                f"many different words: {', '.join(out)[:300]}."
            )
        )


def _table(found: pd.DataFrame, others: Mapping[str, pd.DataFrame], key: str) -> int | None:
    """The slices; the position of the chosen row, or None."""
    rows = pd.DataFrame(
        {
            "property": found["property"],
            "value": found["value"],
            "mails": found["mails"],
            "wrong": found["false_positives"] + found["false_negatives"],
            "error rate": 100 * found["error_rate"],
            "the rest": 100 * found["rest_rate"],
            "verdict": found["verdict"],
        }
    )
    where = ["property", "value"]
    for name, other in others.items():
        rate = 100 * other.set_index(where)["error_rate"].reindex(
            pd.MultiIndex.from_frame(found[where])
        )
        rows.insert(6, f"error rate of {name}", rate.to_numpy())
    for name in ("hm", "sm"):
        rows[f"{name}%"] = 100 * found[name]
        rows[f"{name}%, 95% interval"] = [
            f"{low:.2%} to {high:.2%}" if pd.notna(share) else missing
            for share, low, high, missing in zip(
                found[name], found[f"{name}_low"], found[f"{name}_high"], found["missing"],
                strict=True,
            )
        ]  # fmt: skip
    rows["p, corrected"] = found["p_corrected"]
    return mail_view.read_chosen_row(
        st.dataframe(
            mail_view.render_cells(rows),
            key=key,
            hide_index=True,
            width="stretch",
            height=widgets.compute_table_height(len(rows), most=420),
            on_select="rerun",
            selection_mode="single-row",
            column_config={
                "value": st.column_config.TextColumn(width=150),
                "verdict": st.column_config.TextColumn(width="large"),
                "error rate": st.column_config.NumberColumn(format=PERCENT),
                **{
                    f"error rate of {name}": st.column_config.NumberColumn(format=PERCENT)
                    for name in others
                },
                "the rest": st.column_config.NumberColumn(
                    format=PERCENT,
                    help="The error rate that the slice would have if its ham and its spam fared "
                    "like the other mails' ham and spam.",
                ),
                "hm%": st.column_config.NumberColumn(format=PERCENT, help="Ham called spam."),
                "sm%": st.column_config.NumberColumn(
                    format=PERCENT, help="Spam that was let through."
                ),
                "p, corrected": st.column_config.NumberColumn(
                    format="%.3g",
                    help="How probable so large a difference is by luck alone, corrected for the "
                    "number of slices; up to 0.05 it is called worse or better.",
                ),
            },
        )
    )


def _ways_to_the_mails(run: Run, chosen: pd.Series) -> None:
    """Buttons that open the Errors page on just the mails of a slice."""
    mails = int(chosen["mails"])
    wrong = int(chosen["false_positives"] + chosen["false_negatives"])
    ways = {"All mails": f"Read these {mails:,} mails"}
    if wrong:
        ways["All errors"] = f"Read the {wrong:,} wrong ones" if wrong > 1 else "Read the wrong one"
    name = widgets.escape_markdown(f"{chosen['property']}: {chosen['value']}")
    st.markdown(f"**{name}**")
    with st.container(horizontal=True):
        for kind, label in ways.items():
            if st.button(label, key=f"slices_read_{kind}", icon=":material/arrow_forward:"):
                state.choose_run(run.id)
                state.choose_errors_kind(kind)
                state.leave_group()
                state.choose_slice(chosen["property"], chosen["value"])
                pages.switch_to("errors")


def _chart(project: Project, run: Run, found: pd.DataFrame) -> None:
    """The error rates by one property, the values in their own order."""
    names = list(dict.fromkeys(found["property"]))
    name = st.selectbox(
        "Error rate by",
        names,
        key=f"slices_by_{project.name}",
        persist_state="session",
        width=320,
    )
    rows = found[found["property"] == name]
    order = list(cache.properties(project)[name].cat.categories)
    rows = rows.sort_values("value", key=lambda values: values.map(order.index))
    if len(rows) > MOST:
        st.caption(f"The {MOST} with the most mails, of {len(rows):,}.")
        rows = rows[rows["mails"].rank(method="first", ascending=False) <= MOST]
    chart_view.draw_chart(
        charts.plot_slices(rows, name), f"slices_chart_{run.id}", rows, f"{run.name}-by-{name}"
    )


def keep_chosen_slice(project: Project, shown: pd.DataFrame) -> pd.DataFrame:
    """Those rows of an ErrorTable that are of the chosen slice, with a button to leave it.

    All rows, and nothing drawn, while no slice is chosen.
    """
    chosen = state.chosen_slice()
    if chosen is None:
        return shown
    name, value = chosen
    properties = cache.properties(project)
    inside = properties.index[properties[name] == value] if name in properties else ()
    st.button(
        widgets.escape_markdown(f"Only {name[:80]}: {value[:80]}"),
        key="errors_slice",
        icon=":material/close:",
        help="Leave this slice and show all mails again",
        on_click=state.leave_slice,
    )
    return shown[shown["id"].isin(set(inside))]

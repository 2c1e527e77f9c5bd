"""The slices of mails on which a run errs more than on the rest, with links to their mails."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import cache, charts, state
from dashboard.components import chart_view, pages, tables, widgets
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.project import Project
from pipeline.runs.store import Run
from pipeline.slices.properties import COLUMN
from pipeline.slices.table import SMALLEST
from pipeline.wording import format_count

Points = Mapping[str, OperatingPoint]

MOST = 30
"""A chart shows at most 30 slices of a property, and says so if there are more."""
PERCENT = "%.2f%%"
FEW = 20
"""With fewer than 20 errors, hardly any slice can be distinguished from the rest."""


@st.fragment
def draw_slices(project: Project, runs: Sequence[Run], points: Points) -> None:
    """Draw the slices of a run, the most clearly worse ones first, with links to their mails.

    Args:
        runs: runs on the same mails; the user chooses one, and the table shows the others too.
        points: the operating points by the run's id.
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
    table = cache.slices(project, run.id, points[run.id])
    if table.empty:
        st.info(
            f"There is nothing to compare: no two slices of the validation mails have at least "
            f"{SMALLEST} mails each.",
            icon=":material/info:",
        )
        return
    _draw_answer(table)
    _draw_notes(project, table)
    others = {
        other.name: cache.slices(project, other.id, points[other.id])
        for other in runs
        if other.id != run.id
    }
    row = _draw_table(table, others, f"slices_table_{run.id}_{hash(points[run.id])}")
    tables.offer_csv("Download all slices as CSV", table, f"{run.name}-slices", "slices_download")
    if row is not None:
        _offer_mails(run, table.iloc[row])
    _draw_chart(project, run, table)


def _draw_answer(table: pd.DataFrame) -> None:
    worse = table[table["standing"] == "worse"]
    if worse.empty:
        # the slices of a property are disjoint, and small ones are missing: the largest sum is best
        errors = (table["false_positives"] + table["false_negatives"]).groupby(table["property"])
        total = int(errors.sum().max())
        few = (
            f" With only {format_count(total, 'error')}, nothing but a great difference would show."
        )
        st.markdown(
            f"**No slice is clearly worse than the rest**, out of {len(table):,}."
            + few * (total < FEW)
        )
        return
    names = [
        widgets.escape_markdown(f"{r.property}: {r.value}") for r in worse.head(3).itertuples()
    ]
    more = f" and {len(worse) - 3:,} more" if len(worse) > 3 else ""
    are = "slice is" if len(worse) == 1 else "slices are"
    st.markdown(f"**{len(worse):,} {are} worse than the rest**: {', '.join(names)}{more}.")


def _draw_notes(project: Project, table: pd.DataFrame) -> None:
    properties = cache.properties(project)
    small = sum(properties[name].nunique() for name in properties) - len(table)
    smaller = f" ({small:,} smaller ones are left out)" if small else ""
    st.caption(
        f"A slice is all validation mails with one value of one property. The table has the "
        f"{len(table):,} slices of at least {SMALLEST} mails{smaller}, the worst first. Each is "
        "compared with the other mails of the same class, because spam is missed more often than "
        "ham is lost; near-duplicates count once. The verdicts are corrected for the number of "
        "slices (Benjamini and Hochberg): about one in twenty of those called worse or better is "
        "luck. Choose a row to read its mails."
    )
    in_file = [c.removeprefix("file:") for c in cache.mails(project).columns if c[:5] == "file:"]
    out = [name for name in in_file if COLUMN + name not in properties]
    if out:
        st.caption(
            widgets.escape_markdown(
                f"These columns of the file make no slices, because all mails share one value or "
                f"there are too many values: {', '.join(out)[:300]}."
            )
        )


def _draw_table(table: pd.DataFrame, others: Mapping[str, pd.DataFrame], key: str) -> int | None:
    """Draw the slices; returns the position of the chosen row, or None."""
    rows = pd.DataFrame(
        {
            "property": table["property"],
            "value": table["value"],
            "mails": table["mails"],
            "wrong": table["false_positives"] + table["false_negatives"],
            "error rate": 100 * table["error_rate"],
            "the rest": 100 * table["rest_rate"],
            "verdict": table["verdict"],
        }
    )
    where = ["property", "value"]
    for name, other in others.items():
        rate = 100 * other.set_index(where)["error_rate"].reindex(
            pd.MultiIndex.from_frame(table[where])
        )
        rows.insert(6, f"error rate of {name}", rate.to_numpy())
    for name in ("hm", "sm"):
        rows[f"{name}%"] = 100 * table[name]
        rows[f"{name}%, 95% interval"] = [
            f"{low:.2%} to {high:.2%}" if pd.notna(share) else missing
            for share, low, high, missing in zip(
                table[name], table[f"{name}_low"], table[f"{name}_high"], table["missing"],
                strict=True,
            )
        ]  # fmt: skip
    rows["p, corrected"] = table["p_corrected"]
    return tables.choose_row(
        rows,
        key,
        columns={
            "value": st.column_config.TextColumn(width=150),
            "verdict": st.column_config.TextColumn(width="large"),
            "error rate": st.column_config.NumberColumn(format=PERCENT),
            **{
                f"error rate of {name}": st.column_config.NumberColumn(format=PERCENT)
                for name in others
            },
            "the rest": st.column_config.NumberColumn(
                format=PERCENT,
                help="The error rate of the slice if its ham and its spam fared like the other "
                "ham and spam.",
            ),
            "hm%": st.column_config.NumberColumn(format=PERCENT, help="Share of ham called spam."),
            "sm%": st.column_config.NumberColumn(format=PERCENT, help="Share of spam let through."),
            "p, corrected": st.column_config.NumberColumn(
                format="%.3g",
                help="How likely a difference this large is by luck alone, corrected for the "
                "number of slices; a slice up to 0.05 is called worse or better.",
            ),
        },
        most=420,
    )


def _offer_mails(run: Run, chosen: pd.Series) -> None:
    """Draw buttons that open the Errors page on just the mails of a slice."""
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


def _draw_chart(project: Project, run: Run, table: pd.DataFrame) -> None:
    """Draw the error rates by one property, in the order of its values."""
    names = list(dict.fromkeys(table["property"]))
    name = st.selectbox(
        "Error rate by",
        names,
        key=f"slices_by_{project.name}",
        persist_state="session",
        width=320,
    )
    rows = table[table["property"] == name]
    order = list(cache.properties(project)[name].cat.categories)
    rows = rows.sort_values("value", key=lambda values: values.map(order.index))
    if len(rows) > MOST:
        st.caption(f"The {MOST} values with the most mails, of {len(rows):,}.")
        rows = rows[rows["mails"].rank(method="first", ascending=False) <= MOST]
    chart_view.draw_chart(
        charts.plot_slices(rows, name), f"slices_chart_{run.id}", rows, f"{run.name}-by-{name}"
    )


def keep_chosen_slice(project: Project, shown: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of an ErrorTable in the chosen slice, and draw a button to leave it.

    Without a chosen slice all rows are kept and nothing is drawn.
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

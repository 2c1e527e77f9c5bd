"""What the opening of the test part showed: figures, whether they agree, and its errors."""

import pandas as pd
import streamlit as st

from dashboard import cache, charts
from dashboard.components import chart_view, figures_view, mail_view, widgets
from pipeline.errors import SpamlabError
from pipeline.evaluation.figures import FIGURES
from pipeline.project import Project
from pipeline.reports import agreement
from pipeline.reports.final_test import Report, read_point
from pipeline.vault.ledger import Opening

ROWS = 5000
SIGNS = {"agrees": st.success, "worse": st.warning, "better": st.warning, "unknown": st.info}


def figures(report: Report) -> None:
    """Test beside validation: the answer, the main figures with intervals, then all of them."""
    between = report.intervals
    if report.agreements:
        first = next(a for a in report.agreements if a.figure == agreement.FIRST)
        said = agreement.sentence(
            first, between["validation"][first.figure], between["test"][first.figure]
        )
        SIGNS[first.verdict](widgets.escape_markdown(said), icon=":material/balance:")
    for note in report.notes:
        st.warning(widgets.escape_markdown(note), icon=":material/info:")
    figures_view.draw_figures(report.summaries, between, key="final_test_figures")
    if report.agreements:
        st.markdown("**Do test and validation agree?**")
        _agreements(report)
    st.subheader("What happened to the test mails")
    chart_view.draw_chart(
        charts.plot_confusion_matrix(report.opening.figures),
        "final_test_confusion",
        name="test-confusion",
    )


def _agreements(report: Report) -> None:
    rows = [{"figure": FIGURES[a.figure].title, "test against validation": a.words}
            for a in report.agreements]  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
    st.caption(
        "How far test lies from validation, as 95 % intervals, with near-duplicates counted as one "
        "mail. By chance alone 1 figure in 20 would seem to differ. On validation the run and its "
        "threshold were chosen, so some loss on test is usual."
    )


def errors(project: Project, opening: Opening) -> None:
    """The misclassified test mails, to be read and for nothing else."""
    st.subheader("The errors")
    try:
        table = cache.final_errors(project, opening)
    except SpamlabError as error:
        st.warning(widgets.escape_markdown(str(error)[:1].upper() + str(error)[1:]))
        return
    counts = table["kind"].value_counts()
    unsure = f", **{counts.get('unsure', 0):,}** unsure" * read_point(opening).has_band
    st.markdown(
        f"**{counts.get('false positive', 0):,}** ham called spam (false positives), "
        f"**{counts.get('false negative', 0):,}** spam let through (false negatives){unsure}. "
        "Read them to know what the filter will do; what is learned from them must not go back "
        "into training."
    )
    if table.empty:
        st.success("Not one test mail was called wrongly.", icon=":material/check:")
        return
    note = f"{len(table):,} mails, the most wrong first"
    if len(table) > ROWS:
        note += f"; the table shows the first {ROWS:,}, the download has all"
    st.caption(note + ". Choose a row to read the mail.")
    shown = table.head(ROWS)
    row = mail_view.read_chosen_row(
        st.dataframe(
            mail_view.render_cells(shown[["kind", "score", "subject", "excerpt", "id"]]),
            key="final_test_errors",
            hide_index=True,
            width="stretch",
            height=mail_view.compute_height(len(shown)),
            on_select="rerun",
            selection_mode="single-row",
            column_config={
                "score": st.column_config.NumberColumn(format="%.4f"),
                "excerpt": st.column_config.TextColumn("text", width="large"),
            },
        )
    )
    st.download_button(
        "Download this list as CSV",
        mail_view.build_csv(table),
        file_name="test-errors.csv",
        mime="text/csv",
        key="final_test_errors_download",
        on_click="ignore",
    )
    if row is not None:
        chosen = shown.iloc[row]
        st.caption(
            f"Labelled {chosen['label']}, {chosen['kind']}, P(spam) {chosen['score']:.4f} at a "
            f"threshold of {opening.threshold:.4f}. {chosen['reasons'].capitalize()}"
        )
        mail = cache.opened_mails(project, opening).take([chosen["id"]]).iloc[0]
        mail_view.draw_mail(mail, "final_test_mail")

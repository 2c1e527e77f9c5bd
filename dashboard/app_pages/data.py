"""Data: upload files, see how they were read, what is in them and what is wrong with it."""

import streamlit as st

from dashboard import cached, charts, mail_view, reading_form, state, upload_form, widgets
from pipeline import live, quality, uploads

st.title("Data")
st.markdown("See what is in your mails before anything is trained on them.")
project = state.project()
with st.expander("Upload a file", expanded=project is None, icon=":material/upload:"):
    uploaded = upload_form.show(project)
if uploaded:
    state.choose_project(uploaded)
    st.rerun()
if project is None:
    if missing := state.unknown_project():
        st.warning(widgets.literal(f"There is no project {missing!r} in this workspace."))
    raise widgets.EndOfPage

work = uploads.work(project)
if uploads.wants_reading(project):
    # here and not at the upload, so that a reload in the middle comes back to it
    cached.jobs().start(work, uploads.read_upload, project.name)
widgets.follow(work)
if failure := live.failure(work):
    upload_form.explain(project, failure)
reading = uploads.reading_of(project)
if reading is not None:  # None: the mails came in by the command line
    if reading.problem:
        st.warning(widgets.literal(reading.problem), icon=":material/help:")
    with st.expander(
        "How the file was read", expanded=bool(reading.problem), icon=":material/table_view:"
    ):
        chosen = reading_form.show(reading)
    if chosen:
        cached.jobs().start(work, uploads.read_upload, project.name, *chosen)
        st.rerun()
if project.settings().get("dataset") is None:
    raise widgets.EndOfPage

report = cached.quality_report(project)
mails = cached.mails(project)
left_out = project.left_out()
ham, spam = report.counts["ham"], report.counts["spam"]
widgets.metrics(
    {
        "Mails": f"{ham + spam:,}",
        "Ham": f"{ham:,}",
        "Spam": f"{spam:,}",
        "Share of spam": widgets.percent(report.spam_share, 1),
        "Rows left out": f"{len(left_out):,}",
    }
)
split = cached.split(project)
if split is not None:
    st.info(
        f"{len(split.test):,} test mails are sealed and not among those below.",
        icon=":material/lock:",
    )
else:
    st.page_link(
        widgets.page_file("split"),
        label="Next: divide the mails",
        icon=":material/arrow_forward:",
        query_params={state.PROJECT: project.name},
    )
for finding in report.findings:
    show = {"info": st.info, "warning": st.warning, "serious": st.error}[finding.level]
    show(widgets.literal(finding.sentence))

browse, lengths, out = st.tabs(["Mails", "Lengths", f"Rows left out ({len(left_out):,})"])
with browse:
    words, label = st.columns([3, 1], vertical_alignment="bottom")
    wanted = words.text_input("Find in subject and text", key="data_find")
    only = label.segmented_control("Show", ["all", "ham", "spam"], default="all", key="data_label")
    ids = cached.found(project, wanted, only if only in ("ham", "spam") else None)
    key = f"data_table_{only}_{wanted}"
    chosen_id = mail_view.browse(mails, ids, key, ". Choose a row to read the mail.")
    if chosen_id is not None:
        mail_view.show(mails.take([chosen_id]).iloc[0])
with lengths:
    histograms = {label: found.histogram for label, found in report.lengths.items()}
    st.plotly_chart(
        charts.lengths(histograms, quality.BINS),
        key="data_lengths",
        config=charts.CONFIG,
        width="stretch",
    )
    st.dataframe(
        [
            {
                "class": label,
                "median (characters)": found.median,
                "95 % are shorter than": found.p95,
                "longest": found.longest,
            }
            for label, found in report.lengths.items()
        ],
        hide_index=True,
        width="stretch",
    )
with out:
    if left_out.empty:
        st.caption("Every row of the file became a mail.")
    else:
        st.dataframe(left_out, hide_index=True, width="stretch")
        st.download_button(
            "Download as CSV",
            mail_view.csv(left_out),
            file_name="left-out.csv",
            mime="text/csv",
            key="data_left_out",
            on_click="ignore",
        )

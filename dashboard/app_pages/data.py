"""Data: upload a file, see how it was read, what is in it and what was left out."""

import streamlit as st

from dashboard import cached, charts, mail_view, reading_form, state, widgets
from pipeline import quality, uploads
from pipeline.errors import BadFile, SpamlabError

ROWS = 5000

st.title("Data")
st.markdown("See what is in your mails before anything is trained on them.")
project = state.project()

with st.expander("Upload a file", expanded=project is None, icon=":material/upload:"):
    st.caption(
        "CSV with comma, semicolon or tab, also gzipped; one mail a row. Each upload becomes a "
        "project of its own, so nothing that is there is lost."
    )
    file = st.file_uploader(
        "A labelled mail CSV", type=["csv", "tsv", "txt", "gz"], key="data_upload"
    )
    if file is not None and state.is_new_upload(file.file_id):
        try:
            wanted = file.name.removesuffix(".gz").rsplit(".", 1)[0]
            project = uploads.start_project(wanted, file.name, file.getbuffer())
        except SpamlabError as error:
            widgets.refuse(error)
        state.choose_project(project)
        st.rerun()

if project is None:
    if missing := state.unknown_project():
        st.warning(widgets.literal(f"There is no project {missing!r} in this workspace."))
    raise widgets.EndOfPage

reading, file_name = uploads.reading_of(project), project.settings().get("file")
if reading is None and file_name:
    # here and not at the upload, so that a reload in the middle reads the file again
    try:
        with st.spinner(f"Reading {widgets.literal(file_name)} …"):
            reading = cached.jobs().call(uploads.read_upload, project.name, file_name)
    except BadFile as error:
        project.delete()
        state.choose_project(None)
        widgets.refuse(error)
    except SpamlabError as error:
        widgets.refuse(error)
if reading is not None:  # None: the mails came in by the command line
    if reading.problem:
        st.warning(widgets.literal(reading.problem), icon=":material/help:")
    with st.expander(
        "How the file was read", expanded=bool(reading.problem), icon=":material/table_view:"
    ):
        chosen = reading_form.show(reading)
    if chosen:
        try:
            with st.spinner("Reading the file again …"):
                cached.jobs().call(uploads.read_upload, project.name, reading.file, *chosen)
        except SpamlabError as error:
            widgets.refuse(error)
        st.rerun()
dataset = cached.dataset(project)
if dataset is None:
    raise widgets.EndOfPage

report = cached.quality_report(project)
visible = cached.visible_mails(project)
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
if len(visible) < len(dataset.frame):
    st.info(
        f"{len(dataset.frame) - len(visible):,} test mails are sealed and not among those below.",
        icon=":material/lock:",
    )
if project.settings().get("split") is None:
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
    shown = mail_view.matching(visible, wanted)
    if only in ("ham", "spam"):
        shown = shown[shown["label"] == only]
    note = f"{len(shown):,} mails"
    if len(shown) > ROWS:
        note += f"; the table shows the first {ROWS:,}, use the search for others"
    st.caption(note + ". Choose a row to read the mail.")
    row = mail_view.table(shown.head(ROWS), key=f"data_table_{only}_{wanted}")
    if row is not None:
        mail_view.show(shown.iloc[row])
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

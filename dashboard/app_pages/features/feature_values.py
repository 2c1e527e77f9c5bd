"""The features of one mail, and the weights that a trained baseline gives to features."""

import pandas as pd
import streamlit as st

from dashboard import cache, charts, state
from dashboard.components import chart_view, features_form, mail_view, tables, widgets
from pipeline import models
from pipeline.features import FEATURES
from pipeline.project import Project
from pipeline.splits import Split

COLUMNS = ["toward", "weight", "feature", "train mails", "block"]


def draw_features_of_mail(project: Project) -> None:
    """Draw a mail beside the features that each of the chosen blocks makes of it."""
    split = _need_split(project)
    spec = features_form.read_features(project)
    st.markdown("The features that the chosen blocks, fitted on the train mails, make of one mail.")
    words = st.text_input("Find in subject and text", key="features_find")
    mails = cache.mails(project)
    ids = cache.matching_mails(project, words)
    if not ids:
        st.info("No mail contains these words; try others.", icon=":material/search_off:")
        return
    note = " of train and validation. Choose a row to see another mail than the first."
    chosen = mail_view.browse_mails(mails, ids, f"features_mails_{words}", note)
    mail = mails.take([chosen or ids[0]]).iloc[0]
    features = cache.features_of_mail(project, spec, mail["id"])
    text, blocks = st.columns(2, gap="large")
    with text:
        part = "train" if mail["id"] in set(split.train) else "validation"
        st.markdown(f"**The mail**, from the {part} part")
        mail_view.draw_mail(mail, "features_mail")
    with blocks:
        for position, block in enumerate(spec.blocks):
            st.markdown(f"**{FEATURES.describe(block.kind).title}**")
            _draw_values(features[features["position"] == position])


def _need_split(project: Project) -> Split:
    split = cache.split(project)
    if split is None:
        widgets.end_with_link("Features are fitted on train mails.", "split", "Divide the mails")
    return split


def _draw_values(rows: pd.DataFrame) -> None:
    if rows.empty:
        st.caption("None: this mail has no feature of this block.")
        return
    st.caption(f"{len(rows):,} of {rows['present'].iloc[0]:,} shown, the largest value first")
    st.dataframe(
        tables.render_cells(rows[["value", "feature"]]),
        hide_index=True,
        width="stretch",
        height=tables.compute_height(len(rows)),
        column_config={
            "value": st.column_config.NumberColumn(format="%.4f", width="small"),
            "feature": st.column_config.TextColumn(width="large"),
        },
    )


def draw_learnt_weights(project: Project) -> None:
    """Draw the features that speak most for spam and for ham in a linear run."""
    _need_split(project)
    runs = [r for r in cache.usable_runs(project) if models.MODELS.describe(r.kind).is_linear]
    if not runs:
        widgets.end_with_link(
            "No baseline is trained on this split yet. The weights of a baseline can be read, "
            "those of a network cannot.",
            "train",
            "Train the baseline",
        )
    run = widgets.pick_run("Run", runs, "features_run", state.chosen_run())
    state.choose_run(run.id)
    table = cache.strongest_features(project, run.id)
    st.caption(
        "A bar is the weight of a feature: how far one unit of its value moves the log-odds of "
        "spam. A hashed feature is named after the pieces of train mails in its bucket."
    )
    for place, label in zip(st.columns(2), ("spam", "ham"), strict=True):
        rows = table[table["label"] == label]
        place.markdown(f"**Toward {label}**")
        if rows.empty:
            place.caption(f"No feature speaks for {label}.")
            continue
        with place:
            chart_view.draw_chart(
                charts.plot_strongest_features(rows, label, table["weight"].abs().max()),
                f"features_{label}_{run.id}",
                rows,
                f"{run.name}-toward-{label}",
            )
    st.dataframe(
        tables.render_cells(
            table.rename(columns={"label": "toward", "mails": "train mails"})[COLUMNS]
        ),
        hide_index=True,
        width="stretch",
        column_config={
            "toward": st.column_config.TextColumn(width="small"),
            "weight": st.column_config.NumberColumn(
                format="%.3f", width="small", help="Log-odds of spam per unit of the feature."
            ),
            "feature": st.column_config.TextColumn(width="large"),
            "train mails": st.column_config.NumberColumn(
                format="localized", help="Train mails in which the feature is above 0."
            ),
        },
    )
    tables.offer_csv(
        "Download this list as CSV", table, f"{run.name}-features", "features_download"
    )

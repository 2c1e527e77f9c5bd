"""Features: what the models read of a mail, the features it gives, and what a baseline learnt."""

import streamlit as st

from dashboard import state
from dashboard.app_pages.features import feature_values
from dashboard.components import features_form, pages, views, widgets

VIEWS = {
    "Choose blocks": features_form.draw_features_form,
    "One mail": feature_values.draw_features_of_mail,
    "What a baseline learnt": feature_values.draw_learnt_weights,
}

st.title("Features")
st.markdown("Choose what the models read of a mail, and look at the features it gives.")
project = widgets.need_project()
if not project.settings.dataset:
    widgets.end_with_link("There are no mails yet.", "data", "Upload a file")
view = st.segmented_control(
    "Show",
    list(VIEWS),
    default=state.features_view() or "Choose blocks",
    required=True,
    key="features_view",
    label_visibility="collapsed",
    wrap=True,
)
state.choose_features_view(view)
with views.reserve_view("features", list(VIEWS), view):
    VIEWS[view](project)
pages.link_to("train", "Next: train on these features", project=project)

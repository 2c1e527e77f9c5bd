"""The view of near-duplicate clusters, drawn alone: the slider, a chosen cluster, hostile mail."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.dashboard.test_hostile_mail import assert_nothing_hostile_is_markdown

from .test_pages import choose_row


def page() -> None:
    from collections.abc import Sequence

    import pandas as pd

    from dashboard.app_pages.data.clusters import draw_clusters
    from pipeline.similarity import near_duplicates
    from tests.dashboard.conftest import HOSTILE
    from tests.mails import mails

    frame = mails(20)
    variant = frame.head(3).copy()
    variant["id"] = ["v0", "v1", "v2"]
    variant.loc[variant.index[1], "body"] += " " + " ".join(HOSTILE[:12])
    variant.loc[variant.index[0], "label"] = {"ham": "spam", "spam": "ham"}[frame["label"].iloc[0]]
    frame = pd.concat([frame, variant], ignore_index=True)
    frame.loc[1, "subject"] = " ".join(HOSTILE[:12]) + frame.loc[1, "subject"]
    frame.loc[:2, "body"] += " before"
    by_id = frame.set_index("id", drop=False)

    def some(ids: Sequence[str]) -> pd.DataFrame:
        return by_id.loc[list(ids)].reset_index(drop=True)

    pairs = near_duplicates.find_near_duplicates(near_duplicates.join_texts(frame).tolist())
    draw_clusters(frame[["id", "label"]], pairs, some, key="data_near")


@pytest.fixture
def app() -> AppTest:
    drawn = AppTest.from_function(page, default_timeout=30).run()
    assert not drawn.exception
    return drawn


def table(app: AppTest, at: int = 0) -> Any:
    return app.dataframe[at].value


def test_clusters_with_their_labels(app: AppTest) -> None:
    assert table(app)["mails"].tolist() == [2, 2, 2]
    assert sorted(table(app)["both labels"]) == ["no", "no", "yes"]
    assert "6 of 23 mails are in 3 clusters" in app.caption[0].value
    assert "in 1 of these the labels differ" in app.caption[0].value


def test_slider_asks_for_more(app: AppTest) -> None:
    app.slider(key="data_near_threshold").set_value(1.0).run()
    assert not app.exception
    assert not app.dataframe
    assert app.caption[0].value == "No two mails are that similar."


def test_a_chosen_cluster_shows_what_differs(app: AppTest) -> None:
    choose_row(app, 1)
    assert not app.exception
    assert len(table(app, 1)) == 1
    names, lines = (block.value for block in app.code)
    assert "only in this mail, v1" in names
    assert [x for x in lines.splitlines() if x.startswith("- ") and x.endswith("before")]
    assert_nothing_hostile_is_markdown(app)

"""The page tells what `explain.why` tells, and what a mail holds is text there too."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import cache
from dashboard.app_pages.errors import explanation
from pipeline.explain import why
from pipeline.mail.hidden import make_visible
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec
from pipeline.training import train
from tests.dashboard.conftest import HOSTILE, Stage, figure, markdown, run_box

from .test_pages import choose_row
from .test_shaded_text import read

AtStage = Callable[[str], Stage]


def on_errors(here: Stage, run_id: str) -> AppTest:
    app = here.open("errors")
    run_box(app, "errors_run").set_value(run_id).run()
    app.segmented_control(key="errors_kind").set_value("All mails").run()
    choose_row(app, 3)
    return app.segmented_control(key="errors_view").set_value("Why").run()


def shaded(app: AppTest) -> list[str]:
    """The HTML of the text; the page has rules of style besides."""
    return [n.proto.body for n in app.get("html") if "why-text" in n.proto.body]


def chosen_id(app: AppTest) -> str:
    app.segmented_control(key="errors_view").set_value("Mail").run()
    (head,) = [c.value for c in app.code if c.value.startswith("Label:")]
    app.segmented_control(key="errors_view").set_value("Why").run()
    return head.rpartition("Id:")[2].strip()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["logistic", "mlp"])
def test_a_mail_is_taken_apart(at_stage: AtStage, kind: str) -> None:
    here = at_stage("trained")
    run = here.run(kind)
    app = on_errors(here, run.id)
    assert not app.exception
    found = why.explain_visible_mail(here.project, cache.bundle(run.id), chosen_id(app))
    (body,) = shaded(app)
    shown = "".join(read(body).parts)
    assert shown == make_visible(found.text[: found.subject] + found.text[found.subject + 1 :])
    told = "\n".join(markdown(app)).replace("\\", "")
    assert explanation.describe_sum(found) in told
    assert ("Exact" in told) == (kind == "logistic")
    assert ("integrated gradients" in told) == (kind == "mlp")
    for label in ("spam", "ham"):
        mine = found.strongest(explanation.PIECES)
        mine = mine[(mine["toward"] == label) & (mine["contribution"].abs() >= explanation.LEAST)]
        tables = [t.value for t in app.dataframe if "word" in t.value]
        assert any(t["log-odds"].tolist() == mine["contribution"].tolist() for t in tables)
    for text in markdown(app):
        assert not any(hostile in text for hostile in HOSTILE)


def test_measures_are_bars_beside_what_is_usual(at_stage: AtStage) -> None:
    here = at_stage("trained")
    spec = FeatureSpec((BlockSpec("shape"), BlockSpec("links"), BlockSpec("sender")))
    run_id = train.create_run(here.project, ModelSpec(), feature_spec=spec)
    train.train_run(run_id)
    app = on_errors(here, run_id)
    assert not app.exception
    drawn = figure(app, f"why_measures_{run_id}")
    found = why.explain_visible_mail(here.project, cache.bundle(run_id), chosen_id(app))
    bars = [r for r in found.others.itertuples() if abs(r.contribution) >= explanation.LEAST]
    (trace,) = drawn["data"]
    assert len(trace["y"]) == min(len(bars), explanation.MEASURES)
    labels = drawn["layout"]["yaxis"]["ticktext"]
    for bar, label in zip(bars, labels, strict=False):
        words = label.replace("<br>", " ").replace("<i>", "").replace("</i>", "")
        assert words.startswith(f"{bar.feature}: {bar.written} ham ")
    assert not shaded(app)  # no block reads the text
    assert any("reads the text" in text for text in markdown(app))


def test_the_majority_reads_nothing(at_stage: AtStage) -> None:
    here = at_stage("trained")
    run_id = train.create_run(here.project, ModelSpec("majority"))
    train.train_run(run_id)
    app = on_errors(here, run_id)
    assert not app.exception
    assert any("does not read mails" in text for text in markdown(app))
    assert not shaded(app)


def test_signs_are_those_of_print() -> None:
    assert explanation.format_signed(-2.104) == "−2.10"
    assert explanation.format_signed(0.3) == "+0.30"
    assert explanation.format_signed(-0.0012) == "−0.001"
    assert [explanation.format_probability(p) for p in (1e-9, 0.25, 1 - 1e-9)] == [
        "below 0.001",
        "0.250",
        "above 0.999",
    ]

"""The model card: what it tells, what it keeps to itself, and both of its renderings."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import BadData
from pipeline.evaluation.operating_point import HALF, OperatingPoint
from pipeline.export.bundle import Bundle
from pipeline.mail.dataset import Dataset
from pipeline.project import (
    Project,
    choose_threshold,
    divide_mails,
    find_pairs,
    find_visible_pairs,
    import_dataset,
)
from pipeline.quality.project_quality import report_quality
from pipeline.reports import model_card
from pipeline.reports.model_card.card import Card, Picture, Points, Section, Table
from pipeline.reports.model_card.content import write_card
from pipeline.reports.model_card.facts import gather_facts
from pipeline.reports.model_card.limits import list_limits
from pipeline.reports.opening import open_test
from pipeline.runs import store
from pipeline.slices.properties import describe_validation
from pipeline.specs import BlockSpec, FeatureSpec, ModelSpec, SplitSpec
from pipeline.training import train
from tests.mails import HAM, SPAM, mails

SMALL = FeatureSpec((BlockSpec("grams", {"bits": 12, "lengths": [3]}),))
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=http://evil.example/x.png onerror=alert(1)>',
    "![p](http://evil.example/p.png)",
    "[link](http://evil.example)",
    "| a | b |",
    "`code` **bold** # head",
    "</style><style>@import url(http://evil.example)</style>",
    "\x1b[31mred\u202egnp.exe",
)


def trained(project: Project, kind: str = "logistic", **more: Any) -> store.Run:
    small = {"logistic": {"passes": 5}, "mlp": {"hidden": [4], "epochs": 3, "inputs": 64}}
    run_id = train.create_run(project, ModelSpec(kind, small[kind]), feature_spec=SMALL, **more)
    train.train_run(run_id)
    return store.read_run(run_id)


def words(card: Card) -> str:
    return model_card.to_markdown(card).replace("\\", "")


def test_a_card_is_kept_with_the_run_and_tells_its_figures(project: Project) -> None:
    run = trained(project, note="with three-grams only")
    kept = store.read_text(run.id, "card.md").replace("\\", "")
    for said in (run.id, run.spec.dataset, run.split, "with three-grams only"):
        assert said in kept
    assert "102 mails may be looked at" in kept  # of 120, 18 are sealed
    assert f"{run.figures['f1']:.4f}" in kept
    assert "| test | sealed | sealed | 18 |" in kept
    assert "The final test" not in kept
    html = store.read_text(run.id, "card.html")
    assert html.startswith("<!doctype html>")
    assert f"{run.figures['f1']:.4f}" in html


def test_the_card_is_of_the_threshold_in_use(project: Project) -> None:
    from pipeline.specs import ThresholdSpec

    run = trained(project)
    choose_threshold(project, ThresholdSpec("hand", 0.9))
    card = words(model_card.build_card(project, run))
    figures = store.read_evaluation(run.id).summary(OperatingPoint(0.9))
    assert "threshold of 0.9000" in card
    assert "Set by hand" in card
    assert f"| spam | {figures['false_negatives']} | {figures['true_positives']} |" in card


def test_no_word_of_a_mail_is_told(project: Project) -> None:
    frame = mails(200)
    frame["body"] += [f" zqmark{label}" for label in frame["label"]]  # one word tells the class
    import_dataset(project, Dataset("marked", frame), frame.iloc[:0])
    find_pairs(project)
    divide_mails(project, SplitSpec())
    assert any("zqmark" in f.sentence for f in report_quality(project).findings)
    run = trained(project)
    for name in model_card.FILES:
        text = store.read_text(run.id, name)
        assert "zqmark" not in text
        assert "Some words stand almost only in one class" in text
        assert not [w for w in (*HAM, *SPAM) if re.search(rf"\b{w}\b", text)
                    and w not in ("train", "review", "draft")]  # fmt: skip
    assert not re.search("zqmark", "".join(p.read_text() for p in project.path.glob("findings/*")))


def test_the_card_after_the_opening_has_both_parts(project: Project) -> None:
    run, other = trained(project), trained(project)
    open_test(project, run.id, HALF)
    opening = project.seal.ledger.opening()
    assert opening is not None
    for text in (store.read_text(run.id, "card.md"), words(model_card.build_card(project, run))):
        assert "The final test" in text
        assert "| figure | validation | test |" in text
        assert "had no part in training" in text
    test = words(model_card.build_card(project, run))
    assert f"| ham | {opening.figures['true_negatives']} | " in test
    # another run's card says that nobody measured it
    said = words(model_card.build_card(project, other))
    assert "| figure | validation | test |" not in said
    assert "opened for another run" in said
    later = trained(project)
    assert "AFTER TEST" in words(model_card.build_card(project, later))


def test_a_card_of_earlier_mails_is_the_one_that_was_kept(project: Project) -> None:
    run = trained(project)
    kept = store.read_text(run.id, "card.md")
    divide_mails(project, SplitSpec(seed=5))
    assert model_card.render_card(project, run.id) == kept
    made = words(model_card.build_card(project, run))
    assert "other mails or another split by now" in made
    assert "may be looked at" not in made


def test_the_limits_follow_from_the_facts(project: Project) -> None:
    run = trained(project)
    facts = gather_facts(project, run)
    none = replace(facts, figures={**facts.figures, "false_positives": 0, "n_ham": 299})
    assert "at most about 1 ham in 100 is lost" in " ".join(list_limits(none))
    some = replace(facts, figures={**facts.figures, "false_positives": 2})
    assert "1 ham in" not in " ".join(list_limits(some))
    assert "9 spam mails in validation" in " ".join(list_limits(facts))
    many = replace(facts, figures={**facts.figures, "n_spam": 5000})
    assert "spam mails in validation" not in " ".join(list_limits(many))
    assert "seed 0" not in " ".join(list_limits(facts))
    assert "duplicates" in " ".join(list_limits(replace(facts, clustered=False)))
    assert "one file, a.csv" in " ".join(list_limits(replace(facts, files=("a.csv",))))
    assert "after the test part had been opened" in " ".join(
        list_limits(replace(facts, run=replace(run, after_test=True)))
    )


def test_a_run_without_a_model_has_no_card(project: Project) -> None:
    run_id = train.create_run(project, ModelSpec("logistic"), feature_spec=SMALL)
    with pytest.raises(BadData, match="needs a finished run"):
        model_card.build_card(project, store.read_run(run_id))


def test_sorts_of_mails_are_told_but_not_their_senders(database: Path) -> None:
    project = Project.create("larger")
    larger = Dataset("larger", mails(400))
    import_dataset(project, larger, larger.frame.iloc[:0])
    divide_mails(project, SplitSpec())
    find_visible_pairs(project)  # as after an upload
    run = trained(project)
    facts = gather_facts(project, run, OperatingPoint(0.0, None, ""))  # all ham is lost
    assert facts.slices is not None
    assert len(facts.slices)
    assert "sender domain" in describe_validation(project)
    assert "sender domain" not in set(facts.slices["property"])
    told = model_card.to_markdown(write_card(facts))
    assert f"{len(facts.slices)} sorts" in told


def test_a_week_is_told_when_the_user_has_said_what_comes_in(project: Project) -> None:
    run = trained(project)
    assert "a week" not in words(model_card.build_card(project, run))
    project.change(inbox={"share": 10.0, "mails": 100.0})
    card = model_card.build_card(project, run, OperatingPoint(0.0, None, ""))
    assert "about 630 (" in words(card), "90 ham a day, all of them called spam at 0"


def test_the_curves_of_a_network_are_a_picture_and_a_table(project: Project) -> None:
    run = trained(project, "mlp")
    card = model_card.build_card(project, run)
    (picture,) = [b for s in card.sections for b in s.blocks if isinstance(b, Picture)]
    assert picture.svg.count("<polyline") == 2
    assert f"{run.best_epoch} (kept)" in [row[0] for row in picture.table.rows]
    assert "<svg" in model_card.to_html(card)
    assert "<svg" not in model_card.to_markdown(card)
    assert "seed 0. Another seed" in words(card)


class Seen(HTMLParser):
    """The tags and the attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def hostile() -> Card:
    table = Table(HOSTILE, (HOSTILE, tuple(reversed(HOSTILE))), HOSTILE[0])
    blocks = (*HOSTILE, Points(HOSTILE), table)
    return Card(HOSTILE[0], HOSTILE[1], tuple(Section(h, blocks) for h in HOSTILE))


def test_html_shows_hostile_text_as_the_characters_it_is() -> None:
    text = model_card.to_html(hostile())
    seen = Seen(text)
    assert not seen.tags & {"script", "img", "a", "link", "iframe", "object", "base", "form"}
    assert not [a for a in seen.attributes if a.startswith("on") or a in ("src", "href", "style")]
    assert text.count("<style>") == 1
    shown = " ".join(seen.texts)
    for said in HOSTILE[:7]:
        assert said in shown
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_markdown_shows_hostile_text_as_the_characters_it_is() -> None:
    text = model_card.to_markdown(hostile())
    assert not re.search(r"(?<!\\)[<`\[*]", text)
    assert "://evil" not in text  # a word joiner keeps it from becoming a link
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    cells = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    assert cells == {len(HOSTILE) + 1}
    assert "\x1b" not in text
    assert model_card.to_markdown(Card("1. a", "- b", ())) == "# 1\\. a\n\n\\- b\n"


def test_an_exported_model_carries_its_card(project: Project) -> None:
    run = trained(project)
    bundle = Bundle.load(store.locate_bundle(run.id))
    assert "card" not in bundle.about
    carried = Bundle.from_bytes(
        bundle.with_about(card=model_card.render_card(project, run.id)).to_bytes()
    )
    assert carried.about["card"].startswith("# Model card: logistic-1 of small")
    assert carried.about["run"] == run.id

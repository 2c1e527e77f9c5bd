"""What the user decided about labels that look wrong, and the list it was decided on."""

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from pipeline.errors import BadData, expect
from pipeline.mail.dataset import Dataset
from pipeline.project import Project, correct_mails, find_pairs
from pipeline.project.settings import LOCK
from pipeline.quality import label_review
from pipeline.quality.label_review import DECISIONS
from pipeline.workspace import replacing, write_text
from pipeline.workspace.live import Report
from pipeline.workspace.locks import locked

FILE = "label_decisions.json"


def work(project: Project) -> str:
    """The name in `pipeline.workspace.live` of the look through the labels."""
    return f"labels-{project.name}"


def look(project: Project, report: Report | None = None) -> pd.DataFrame:
    """Look for labels that look wrong, see `label_review.review`, and keep the list.

    Raises BadData when there are too few mails for it.
    """
    from pipeline.similarity.near_duplicates import clusters

    dataset = _mails(project)
    table = label_review.review(
        dataset,
        project.split,
        clusters=clusters(len(dataset.frame), find_pairs(project)),
        report=report and partial(report, "Scoring each mail by a model that has not read it"),
    )
    with replacing(_list_path(project)) as path:
        table.to_parquet(path, index=False)
    return table


def kept_list(project: Project) -> pd.DataFrame | None:
    """The list that `look` made of the present mails and split, or None before it did."""
    path = _list_path(project)
    return pd.read_parquet(path) if path.exists() else None


def looked(project: Project) -> bool:
    """Whether `look` has made a list of the present mails and split."""
    return _list_path(project).exists()


def decided(project: Project) -> dict[str, str]:
    """ "keep", "flip" or "drop" by the id of the mail.

    A decision was about a label; where the mail has another one by now, or is gone or sealed, it
    does not count. So "keep" outlives a new version, and "flip" and "drop" do not.
    """
    taken = _read(project)
    if not taken:
        return {}
    labels = _labels(project)
    return {
        mail_id: entry["decision"]
        for mail_id, entry in taken.items()
        if labels.get(mail_id) == entry["label"]
    }


def decide(project: Project, ids: Iterable[str], decision: str | None) -> None:
    """Write a decision about mails down, or take it back with None.

    Raises BadSpec for a word that is no decision, BadData for a mail that may not be looked at.
    """
    expect(decision is None or decision in DECISIONS, "decision", "keep, flip or drop", decision)
    labels = _labels(project)
    with locked(project.path / LOCK):  # two tabs decide at once
        taken = _read(project)
        for mail_id in ids:
            if mail_id not in labels:
                raise BadData(f"no mail {mail_id!r} among those of train and validation.")
            taken.pop(mail_id, None)
            if decision:
                taken[mail_id] = {"decision": decision, "label": labels[mail_id]}
        write_text(project.path / FILE, json.dumps(taken, indent=1))


def apply(project: Project) -> None:
    """Give the project a version of its mails in which the decisions are carried out.

    Raises BadData when nothing would change or too little would be left, Sealed when the mails can
    no longer change.
    """
    visible = project.mails.visible()  # the project itself carries the others over
    if visible is None:
        raise BadData("there are no mails yet; import a file first.")
    new = label_review.corrected(visible, decided(project))
    correct_mails(project, replace(new, parent=project.settings.dataset))


def _mails(project: Project) -> Dataset:
    dataset = project.mails.complete()
    if dataset is None:
        raise BadData("there are no mails yet; import a file first.")
    return dataset


def _list_path(project: Project) -> Path:
    settings = project.settings
    name = f"{settings.dataset}-{settings.split or 'undivided'}.parquet"
    return project.path / "label_review" / name


def _labels(project: Project) -> dict[str, str]:
    """The labels of train and validation, by id; only two columns are read."""
    if not project.settings.dataset:
        return {}
    heads = project.mails.reader().heads
    return dict(zip(heads["id"], heads["label"], strict=True))


def _read(project: Project) -> dict[str, dict[str, str]]:
    path = project.path / FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

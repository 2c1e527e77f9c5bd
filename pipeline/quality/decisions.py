"""The user's decisions about labels that look wrong, and the list that they are based on."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from pipeline.errors import BadData, expect
from pipeline.mail.dataset import Dataset
from pipeline.project import Project, correct_mails, find_pairs
from pipeline.project.settings import LOCK
from pipeline.quality import label_review
from pipeline.quality.label_review import DECISIONS
from pipeline.workspace import replacing, write_text
from pipeline.workspace.locks import locked
from pipeline.workspace.progress import Progress, ignore_progress

FILE = "label_decisions.json"


def name_job(project: Project) -> str:
    """The name of a project's label review in `pipeline.workspace.live`."""
    return f"labels-{project.name}"


def review_project_labels(project: Project, progress: Progress = ignore_progress) -> pd.DataFrame:
    """List the labels that look wrong (`label_review.review_labels`) and store the list.

    Raises BadData if there are too few mails.
    """
    from pipeline.similarity.near_duplicates import assign_clusters

    dataset = _mails(project)
    table = label_review.review_labels(
        dataset,
        project.split,
        clusters=assign_clusters(len(dataset.frame), find_pairs(project)),
        progress=progress,
    )
    with replacing(_list_path(project)) as path:
        table.to_parquet(path, index=False)
    return table


def read_review(project: Project) -> pd.DataFrame | None:
    """Read the stored list for the present mails and split; None if there is none."""
    path = _list_path(project)
    return pd.read_parquet(path) if path.exists() else None


def has_review(project: Project) -> bool:
    """Whether a list is stored for the present mails and split."""
    return _list_path(project).exists()


def read_decisions(project: Project) -> dict[str, str]:
    """Read the decisions that still apply: "keep", "flip" or "drop" by mail id.

    A decision is about a label. It does not apply any more if the mail has another label by now, is
    gone or is sealed. So "keep" outlives a new version, and "flip" and "drop" do not.
    """
    decisions = _read(project)
    if not decisions:
        return {}
    labels = _read_labels(project)
    return {
        mail_id: entry["decision"]
        for mail_id, entry in decisions.items()
        if labels.get(mail_id) == entry["label"]
    }


def record_decision(project: Project, ids: Iterable[str], decision: str | None) -> None:
    """Record a decision about mails; None withdraws it.

    Raises BadSpec if the word is not a decision, BadData if a mail is unknown or sealed.
    """
    expect(decision is None or decision in DECISIONS, "decision", "keep, flip or drop", decision)
    labels = _read_labels(project)
    with locked(project.path / LOCK):  # two tabs may decide at once
        decisions = _read(project)
        for mail_id in ids:
            if mail_id not in labels:
                raise BadData(f"train and validation contain no mail {mail_id!r}.")
            decisions.pop(mail_id, None)
            if decision:
                decisions[mail_id] = {"decision": decision, "label": labels[mail_id]}
        write_text(project.path / FILE, json.dumps(decisions, indent=1))


def apply_decisions(project: Project) -> None:
    """Give the project a version of its mails with the decisions applied.

    Raises BadData if nothing would change or too few mails would remain, Sealed if the mails can no
    longer change.
    """
    visible = project.mails.visible()  # `correct_mails` carries the sealed ones over
    if visible is None:
        raise BadData("there are no mails yet; import a file first.")
    new = label_review.apply_decisions(visible, read_decisions(project))
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


def _read_labels(project: Project) -> dict[str, str]:
    """The labels of train and validation by mail id; reads only two columns."""
    if not project.settings.dataset:
        return {}
    heads = project.mails.reader().heads
    return dict(zip(heads["id"], heads["label"], strict=True))


def _read(project: Project) -> dict[str, dict[str, str]]:
    path = project.path / FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

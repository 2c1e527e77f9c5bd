"""Trains a run's features and model again on parts of its train mails, and keeps the scores.

The whole of train is the run itself, so only the four smaller parts are trained, together 94 % of
the mails. Scores are kept and not figures, so that another threshold needs no training.
"""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline import models
from pipeline.errors import BadData
from pipeline.evaluation import Evaluation
from pipeline.mail.dataset import LABELS
from pipeline.models.monitor import Epoch, Monitor
from pipeline.project import Project, cluster_mails
from pipeline.runs import store
from pipeline.training.learning_curve.subsets import SHARES, choose_nested_parts
from pipeline.training.prepare import prepare_features
from pipeline.workspace import live, replacing
from pipeline.workspace.progress import Progress, ignore_progress, stage

MINIMUM = 10
"""A part is trained only if it holds 10 mails of each class: the baseline chooses its C by three
folds, and fewer mails leave nothing to generalise from."""
COLUMNS = ("share", "ham", "spam", "id", "label", "score")


def name_work(run_id: str) -> str:
    """Name the measurement as `pipeline.workspace.live` knows it."""
    return f"learning-{run_id}"


def measure_sizes(project: Project, run_id: str, progress: Progress = ignore_progress) -> None:
    """Train the run on each part of its train mails that is not measured yet, the smallest first.

    Features, model and calibration see nothing but that part and the validation mails, as in a
    training. Each part is kept at once: after a stop (`live.request_stop(name_work(run_id))`) or an
    interruption the next call goes on from there. A part is left out if it holds fewer than
    `MINIMUM` mails of a class, or if it is no larger than the one before.

    Raises BadData when the run has no model, is of other mails or another split than the present
    ones, or when even half of its train mails are too few.
    """
    run = store.read_run(run_id)
    progress("Reading the mails", 0.0)
    dataset, split = project.mails.visible(), project.split
    if dataset is None or split is None or not run.usable or not run.is_of(project.settings):
        raise BadData(
            "a learning curve needs a finished run of the current mails and split; train again."
        )
    mails = dataset.frame.set_index("id", drop=False).loc[list(split.train)].reset_index(drop=True)
    parts = _choose_parts(mails, cluster_mails(project).loc[list(split.train)].to_numpy())
    have = read_scores(project, run_id)
    there = list_measured_shares(project, run_id)
    left = {share: mine for share, mine in parts.items() if share not in there}
    whole = sum(mine.sum() for mine in left.values())
    done = 0
    sizes = [f"{mine.sum():,}" for mine in left.values()]
    text = f"Training on {', '.join(sizes)} of {len(mails):,} mails"
    for share, mine in left.items():
        part_progress = stage(progress, done / whole, (done + int(mine.sum())) / whole, text)
        part_progress(text, 0.0)
        if live.stop_requested(name_work(run_id)):
            return
        part = replace(split, train=tuple(mails["id"][mine]))
        prepared = prepare_features(dataset, part, run.spec.features)
        validation = (prepared.X_validation, prepared.y_validation)
        model = models.build(run.spec.model)
        watcher = Watcher(name_work(run_id), part_progress)
        model.fit((prepared.X_train, prepared.y_train), validation, watcher)
        if live.stop_requested(name_work(run_id)):  # half trained
            return
        model.calibrate(validation)
        scores = model.score(prepared.X_validation)
        evaluation = Evaluation(
            "validation", prepared.validation_ids, prepared.y_validation, scores
        )
        counts = mails["label"][mine].value_counts().to_dict()
        have = pd.concat([have, evaluation.to_frame().assign(share=share, **counts)])
        with replacing(_locate_scores(project, run_id)) as path:
            have[list(COLUMNS)].to_parquet(path, index=False)
        done += int(mine.sum())


def read_scores(project: Project, run_id: str) -> pd.DataFrame:
    """Read the scores of the validation mails for each part measured so far; empty before.

    Columns share (of the train mails), ham and spam (how many train mails that is), id, label and
    score.
    """
    path = _locate_scores(project, run_id)
    return pd.read_parquet(path) if path.exists() else pd.DataFrame(columns=list(COLUMNS))


def list_measured_shares(project: Project, run_id: str) -> tuple[float, ...]:
    """List the shares of train measured so far, ascending; complete with `SHARES[-2]`."""
    path = _locate_scores(project, run_id)
    shares = pd.read_parquet(path, columns=["share"])["share"] if path.exists() else ()
    return tuple(sorted(set(shares)))


def _locate_scores(project: Project, run_id: str) -> Path:
    return project.path / "learning_curves" / f"{run_id}.parquet"


def _choose_parts(mails: pd.DataFrame, near: np.ndarray) -> dict[float, np.ndarray]:
    """Choose the parts below the whole that are large enough, and larger than the one before.

    If one long footer makes most mails near-duplicates, only exact copies stay together.
    """
    copies = mails.groupby(["subject", "body"], sort=False).ngroup().to_numpy()
    for clusters in (near, copies):
        chosen: dict[float, np.ndarray] = {}
        before = 0
        for share, mine in choose_nested_parts(mails, clusters).items():
            counts = mails["label"][mine].value_counts().reindex(LABELS, fill_value=0)
            if share < 1 and counts.min() >= MINIMUM and mine.sum() > before:
                chosen[share], before = mine, int(mine.sum())
            if share == SHARES[-2]:
                half = f"{counts['ham']:,} ham and {counts['spam']:,} spam"
        if SHARES[-2] in chosen:
            return chosen
    raise BadData(
        f"half of the train mails hold {half}; a learning curve needs at least {MINIMUM} of each "
        "class there. Add mails and train again."
    )


class Watcher(Monitor):
    """Reports how far the training on one part is, and checks whether to stop."""

    def __init__(self, name: str, progress: Progress) -> None:
        self.name, self.progress = name, progress
        self._asked, self._stop = 0.0, False

    def report_epoch(self, epoch: Epoch) -> None:
        # the features came before
        self.progress("Training", 0.5 + 0.5 * min(1.0, epoch.number / epoch.max_epochs))

    def should_stop(self) -> bool:
        if not self._stop and time.monotonic() - self._asked > 0.1:
            self._asked = time.monotonic()
            self._stop = live.stop_requested(self.name)
        return self._stop

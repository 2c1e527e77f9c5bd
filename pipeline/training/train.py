"""Run one RunSpec from start to end: features, model, figures, all written to the store."""

import contextlib
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline import features, models
from pipeline.errors import BadData, BadWorkspace, SpamlabError
from pipeline.evaluation import Evaluation
from pipeline.evaluation.figures import keep_finite
from pipeline.evaluation.operating_point import HALF, OperatingPoint
from pipeline.export.bundle import Bundle
from pipeline.models.monitor import Epoch, Monitor
from pipeline.models.probability import log_loss
from pipeline.project import Project
from pipeline.reports import model_card
from pipeline.runs import store
from pipeline.specs import FeatureSpec, ModelSpec, RunSpec
from pipeline.training.chosen_features import read_chosen_features
from pipeline.training.diagnosis import diagnose
from pipeline.training.prepare import prepare_features
from pipeline.workspace import live
from pipeline.workspace.progress import Pace, Progress, WorkState, ignore_progress


def create_run(
    project: Project,
    model: ModelSpec,
    *,
    feature_spec: FeatureSpec | None = None,
    note: str = "",
    parent: str | None = None,
) -> str:
    """Create a run of the project's current mails and split, not yet trained; returns its id.

    Args:
        feature_spec: None for the features chosen in the project.

    Raises BadData when there is no split yet, BadSpec for an unknown or impossible parameter.
    """
    dataset, split = project.settings.dataset, project.split
    if dataset is None or split is None:
        raise BadData("training needs a split; divide the mails into three parts first.")
    spec = RunSpec(
        dataset,
        split.spec,
        features.complete(feature_spec or read_chosen_features(project)),
        models.complete(model),
    )
    return store.create_run(
        project.name,
        spec,
        split=split.fingerprint,
        note=note,
        parent=parent,
        after_test=project.seal.may_be_known(),
    )


def train_run(run_id: str, progress: Progress = ignore_progress) -> None:
    """Train a run that `create_run` created; every outcome ends up in the store.

    Raises what made it fail, after storing the sentence.
    """
    with live.holding(run_id):
        try:
            store.begin_run(run_id)
            _train(run_id, progress)
        except SpamlabError as error:
            _fail(run_id, str(error))
            raise
        except MemoryError:
            _fail(run_id, "memory ran out; use fewer features or fewer mails.")
            raise
        except OSError as error:
            sentence = f"could not write to the workspace: {error.strerror}; make room, then train."
            _fail(run_id, sentence)
            raise BadWorkspace(sentence) from error
        except Exception as error:
            _fail(run_id, f"an error in Spamlab itself: {type(error).__name__}: {error}")
            raise
    live.clear(run_id)
    # written after the run is marked as finished, so that no reader waits for the card
    _keep_card(Project(store.read_run(run_id).project), run_id)


def _fail(run_id: str, message: str) -> None:
    with contextlib.suppress(BadWorkspace):  # nowhere to write it: the run will read interrupted
        store.fail_run(run_id, message)


def _train(run_id: str, progress: Progress) -> None:
    started = time.monotonic()
    recorder = Recorder(run_id, progress)
    recorder.publish("Reading the mails", 0.0)
    run = store.read_run(run_id)
    project = Project(run.project)
    dataset, split = project.mails.visible(), project.split
    if (
        dataset is None
        or split is None
        or (project.settings.dataset, split.fingerprint) != (run.spec.dataset, run.split)
    ):
        raise BadData("the mails or the split were changed before training began; train again.")
    recorder.publish("Computing features", 0.0)
    prepared = prepare_features(dataset, split, run.spec.features, project.path / "features")
    model = models.build(run.spec.model)
    recorder.begin(model.epoch_name, model.max_epochs, (prepared.y_train, prepared.y_validation))
    model.fit(
        (prepared.X_train, prepared.y_train),
        (prepared.X_validation, prepared.y_validation),
        recorder,
    )
    recorder.publish("Calibrating the scores", 1.0)
    model.calibrate((prepared.X_validation, prepared.y_validation))
    recorder.publish("Writing the model", 1.0)
    evaluation = Evaluation(
        "validation",
        prepared.validation_ids,
        prepared.y_validation,
        model.score(prepared.X_validation),
    )
    point = OperatingPoint(evaluation.best_threshold())
    curves = pd.DataFrame(recorder.rows)
    best_epoch = model.best_epoch
    if best_epoch is None:
        best_epoch = int(curves["epoch"].iloc[-1])
    findings = diagnose(curves, type(model), ended=model.end_reason)
    bundle = Bundle(
        prepared.features,
        model,
        run.spec.features,
        run.spec.model,
        point,
        about={
            "run": run_id,
            "name": run.name,
            "project": run.project,
            "dataset": run.spec.dataset,
            "split": run.split,
            "versions": store.describe_environment(),
            "validation": keep_finite(evaluation.summary(point)),
        },
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.spamlab"
        bundle.save(path)
        store.finish_run(
            run_id,
            stopped=live.stop_requested(run_id),
            point=point,
            best_epoch=best_epoch,
            seconds=time.monotonic() - started,
            diagnosis=[d.to_dict() for d in findings],
            choice=[dict(row) for row in model.choice],
            evaluation=evaluation,
            bundle=path,
        )


class Recorder(Monitor):
    """Turns the reports of a model into curves in the store and progress for its watchers."""

    def __init__(self, run_id: str, progress: Progress = ignore_progress) -> None:
        self.run_id = run_id
        self.progress = progress
        self.rows: list[dict[str, float]] = []
        self.pace = Pace()
        self._labels: tuple[np.ndarray, np.ndarray] | None = None
        self._word, self._most_epochs = "epoch", 1
        self._published_at = self._checked_at = 0.0
        self._stop = False

    def begin(self, word: str, most_epochs: int, labels: tuple[np.ndarray, np.ndarray]) -> None:
        """Start the training.

        Args:
            word: the name of a point of the curves, such as "epoch".
            most_epochs: how many points there are at most.
            labels: those of train and of validation, 1 for spam.
        """
        self._word, self._most_epochs, self._labels = word, most_epochs, labels
        self.pace = Pace()
        self.publish(f"Training, {word} 1 of at most {most_epochs}", 0.0)

    def publish(self, text: str, share: float, seconds_left: float | None = None) -> None:
        """Publish the progress at once."""
        share = min(share, 1.0)
        self._published_at = time.monotonic()
        live.write_state(self.run_id, WorkState(text, share, seconds_left))
        self.progress(text, share, seconds_left)

    def report_epoch(self, epoch: Epoch) -> None:
        assert self._labels is not None
        number, scores = epoch.number, (epoch.train_scores, epoch.validation_scores)
        row = dict(epoch.internals)
        for part, labels, mine in zip(("train", "validation"), self._labels, scores, strict=True):
            row |= {f"{part}/{k}": v for k, v in compute_epoch_figures(labels, mine).items()}
        self.rows.append({"epoch": number, **row})
        store.log_epoch(self.run_id, number, {**row, "epochs": number})
        done = number / epoch.max_epochs
        text = f"{self._word.capitalize()} {number} of at most {epoch.max_epochs}"
        self.publish(text, done, self.pace.left(done))

    def report_step(self, share: float) -> None:
        if time.monotonic() - self._published_at < 0.5:
            return  # a file a step would cost more than the step
        before = int(self.rows[-1]["epoch"]) if self.rows else 0  # rows may begin at 0
        done = (before + share) / self._most_epochs
        text = f"{self._word.capitalize()} {before + 1} of at most {self._most_epochs}"
        self.publish(text, done, self.pace.left(done))

    def should_stop(self) -> bool:
        if not self._stop and time.monotonic() - self._checked_at > 0.1:
            self._checked_at = time.monotonic()
            self._stop = live.stop_requested(self.run_id)
        return self._stop


def compute_epoch_figures(labels: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """Compute one point: loss (nats), average precision; precision, recall and F1 at 0.5."""
    evaluation = Evaluation("", tuple(map(str, range(len(labels)))), labels, scores)
    figures = evaluation.at(HALF)
    return {
        "loss": log_loss(labels, scores),
        "precision": figures.precision,
        "recall": figures.recall,
        "f1": figures.f1,
        "average_precision": evaluation.ranking["average_precision"],
    }


def _keep_card(project: Project, run_id: str) -> None:
    """Store the run's card; if that fails, the card is made on request."""
    with contextlib.suppress(SpamlabError, OSError):
        model_card.keep_card(project, store.read_run(run_id))

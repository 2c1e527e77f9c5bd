"""Why a run gave a mail its score, and what it would give another text."""

import pandas as pd

from dashboard.cache.cached import cached, seal_version
from dashboard.cache.project_mails import mail as read_mail
from dashboard.cache.project_runs import bundle, bundle_path
from dashboard.cache.work import on_worker
from pipeline import explain
from pipeline.evaluation.operating_point import OperatingPoint
from pipeline.explain import neighbours as nearest_train
from pipeline.explain.neighbours import Neighbours
from pipeline.explain.smallest_cut import Cut, find_smallest_cut
from pipeline.explain.what_if import Change
from pipeline.explain.why import Why
from pipeline.project import Project
from pipeline.specs import FeatureSpec


@cached(entries=64, spinner="Computing the features …")
def features_of_mail(project: Project, spec: FeatureSpec, mail_id: str) -> pd.DataFrame:
    """Describe the features of a train or validation mail; see `explain.describe_features`."""
    return on_worker(explain.describe_features, project, spec, mail_id)


@cached(entries=16, spinner="Looking up the strongest features …")
def strongest_features(project: Project, run_id: str) -> pd.DataFrame:
    """Find the strongest features of a usable linear run; see `explain.find_strongest_features`."""
    return on_worker(explain.find_strongest_features, project, bundle_path(run_id))


@cached(entries=16, shared=True, spinner="Taking the score apart …")
def why(project: Project, run_id: str, mail_id: str) -> Why:
    """Explain which parts of a mail moved its score; see `explain.why.explain_visible_mail`."""
    return explain.why.explain_visible_mail(project, bundle(run_id), mail_id)


def rescored(project: Project, run_id: str, mail_id: str, subject: str, body: str) -> Change:
    """Score a mail with another text by a usable run; see `what_if.rescore`."""
    mail, before = read_mail(project, mail_id), why(project, run_id, mail_id)
    return explain.what_if.rescore(bundle(run_id), mail, subject, body, before)


@cached(
    entries=16, shared=True, spinner="Looking for the words that decide …", version=seal_version
)
def smallest_cut(
    project: Project, run_id: str, point: OperatingPoint, mail_id: str, subject: str, body: str
) -> Cut:
    """Find the fewest words whose removal changes the call; see `find_smallest_cut`."""
    mail = explain.what_if.edit_mail(read_mail(project, mail_id), [(subject, body)])
    return find_smallest_cut(bundle(run_id), mail, point)


@cached(entries=64, spinner="Looking for mails like this one …", version=seal_version)
def neighbours(project: Project, run_id: str, mail_id: str) -> Neighbours:
    """Find the train mails that are most like a mail; see `find_neighbours`."""
    return on_worker(nearest_train.find_neighbours, project, bundle_path(run_id), mail_id)


@cached(entries=16, spinner="Looking up what is usual …")
def usual_values(project: Project, run_id: str) -> pd.DataFrame:
    """Measure the usual values of the features of a usable run; see `measure_usual_values`."""
    return on_worker(explain.usual.measure_usual_values, project, bundle_path(run_id))

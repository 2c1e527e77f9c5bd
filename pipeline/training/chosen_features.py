"""What the next training of a project reads of a mail, chosen by its user."""

from pipeline import features
from pipeline.project import Project
from pipeline.specs import FeatureSpec


def chosen_features(project: Project) -> FeatureSpec:
    """What the next training reads, every parameter written out; at first the default.

    Raises BadSpec when another version of Spamlab stored blocks that this one does not have.
    """
    return features.complete(project.settings.feature_spec())


def choose_features(project: Project, spec: FeatureSpec | None) -> None:
    """Choose what the next training reads, None for the default; runs keep what they had.

    Raises BadSpec, and changes nothing, for an unknown block or an impossible parameter.
    """
    project.change(features=spec and features.complete(spec).to_dict())

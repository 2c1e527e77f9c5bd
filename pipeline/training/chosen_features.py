"""The features that a user chose for the next training of a project."""

from pipeline import features
from pipeline.project import Project
from pipeline.specs import FeatureSpec


def read_chosen_features(project: Project) -> FeatureSpec:
    """Read the features of the next training, every parameter written out.

    Raises BadSpec when another version of Spamlab stored blocks that this one does not have.
    """
    return features.complete(project.settings.feature_spec())


def choose_features(project: Project, spec: FeatureSpec | None) -> None:
    """Choose the features of the next training, None for the default; runs keep their own.

    Raises BadSpec, and changes nothing, for an unknown block or an impossible parameter.
    """
    project.change(features=spec and features.complete(spec).to_dict())

"""Models that turn features into P(spam): one per file, by name in `MODELS`."""

from typing import TYPE_CHECKING, Any

from pipeline.parameters import Registry
from pipeline.specs import ModelSpec

if TYPE_CHECKING:
    from pipeline.models.model import Model

MODELS: "Registry[Model]" = Registry(
    "model",
    {
        "majority": "pipeline.models.majority:Majority",
        "naive_bayes": "pipeline.models.naive_bayes:NaiveBayes",
        "logistic": "pipeline.models.logistic:Logistic",
        "mlp": "pipeline.models.mlp:MLP",
    },
)
"""Every model by its name; to add one, write its file and name it here."""


def build(spec: ModelSpec) -> "Model":
    """An unfitted model; raises BadSpec for an unknown model or parameter."""
    return MODELS.build(spec.kind, spec.parameters, seed=spec.seed)


def describe(kind: str) -> "type[Model]":
    """The class of a model, whose class attributes describe it.

    For a kind that this version does not know (a run of another version), a stand-in of that name.
    """
    if kind in MODELS:
        return MODELS[kind]
    from pipeline.models.model import Model

    return type("Unknown", (Model,), {"title": kind, "summary": "This version does not know it."})


def complete(spec: ModelSpec) -> ModelSpec:
    """The same spec with every default written out, so that equal work has an equal key."""
    return ModelSpec(spec.kind, build(spec).parameters(), spec.seed)


def defaults(kind: str) -> dict[str, Any]:
    """The documented defaults of one model."""
    return build(ModelSpec(kind)).parameters()

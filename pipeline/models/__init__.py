"""Models that turn features into P(spam): one per file, by name in `MODELS`."""

import dataclasses
from typing import Any

from pipeline.errors import BadSpec
from pipeline.models.logistic import Logistic
from pipeline.models.majority import Majority
from pipeline.models.mlp import MLP
from pipeline.models.model import Model
from pipeline.models.naive_bayes import NaiveBayes
from pipeline.specs import ModelSpec

MODELS: dict[str, type[Model]] = {
    "majority": Majority,
    "naive_bayes": NaiveBayes,
    "logistic": Logistic,
    "mlp": MLP,
}
"""Every model by its name; to add one, write its file and name it here."""


def build(spec: ModelSpec) -> Model:
    """An unfitted model; raises BadSpec for an unknown model or parameter."""
    if spec.kind not in MODELS:
        raise BadSpec(f"model: expected one of {', '.join(MODELS)}, received {spec.kind!r}.")
    model: Any = MODELS[spec.kind]
    known = {f.name for f in dataclasses.fields(model) if f.init} - {"seed"}
    for name in spec.parameters:
        if name not in known:
            raise BadSpec(
                f"{spec.kind}: expected only {', '.join(sorted(known))}, received {name!r}."
            )
    return model(**spec.parameters, seed=spec.seed)


def complete(spec: ModelSpec) -> ModelSpec:
    """The same spec with every default written out, so that equal work has an equal key."""
    return ModelSpec(spec.kind, build(spec).parameters(), spec.seed)


def defaults(kind: str) -> dict[str, Any]:
    """The documented defaults of one model."""
    return build(ModelSpec(kind)).parameters()

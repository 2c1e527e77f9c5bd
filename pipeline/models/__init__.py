"""Models that turn features into P(spam): one per file, by name in `MODELS`.

>>> build(ModelSpec("logistic", {"C": 10})).parameters()
{'C': 10.0, 'passes': 6, 'class_weight': 'none'}
>>> MODELS.describe("logistic").title
'Logistic regression'
"""

from typing import TYPE_CHECKING

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
    stand_in="pipeline.models.model:UnknownModel",
)
"""Every model by its name. To add one, write its file and name it here; see `model.Model`."""


def build(spec: ModelSpec) -> "Model":
    """Build an unfitted model; raises BadSpec for an unknown model, parameter or value."""
    return MODELS.build(spec.kind, spec.parameters, seed=spec.seed)


def complete(spec: ModelSpec) -> ModelSpec:
    """Write out every default of a spec, so that equal work has an equal hash."""
    return ModelSpec(spec.kind, build(spec).parameters(), spec.seed)

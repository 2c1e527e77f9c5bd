"""The examples in the docstrings of `pipeline` run, and every module of the public API has one."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((ROOT / "pipeline").rglob("*.py"))
    if ">>> " in path.read_text(encoding="utf-8")
]
"""Every module with an example; found without importing it, because some import Keras."""
PUBLIC = [
    "pipeline.comparison",
    "pipeline.comparison.significance",
    "pipeline.error_analysis.history",
    "pipeline.error_analysis.reasons",
    "pipeline.errors",
    "pipeline.features",
    "pipeline.features.block",
    "pipeline.features.grams",
    "pipeline.features.hashing",
    "pipeline.features.headers",
    "pipeline.features.links",
    "pipeline.features.numeric",
    "pipeline.features.sender",
    "pipeline.features.shape",
    "pipeline.features.shared_parameters",
    "pipeline.features.texts",
    "pipeline.features.union",
    "pipeline.features.vocabulary",
    "pipeline.features.weighting",
    "pipeline.features.words",
    "pipeline.intake",
    "pipeline.intake.columns",
    "pipeline.intake.csv",
    "pipeline.intake.dates",
    "pipeline.intake.formats",
    "pipeline.intake.labels",
    "pipeline.intake.message",
    "pipeline.mail.dataset",
    "pipeline.mail.hidden",
    "pipeline.mail.mails",
    "pipeline.mail.quoted",
    "pipeline.models",
    "pipeline.models.calibration",
    "pipeline.models.contributions",
    "pipeline.models.logistic",
    "pipeline.models.majority",
    "pipeline.models.mlp",
    "pipeline.models.mlp.building",
    "pipeline.models.mlp.forward",
    "pipeline.models.mlp.integrated_gradients",
    "pipeline.models.mlp.training",
    "pipeline.models.model",
    "pipeline.models.monitor",
    "pipeline.models.naive_bayes",
    "pipeline.models.probability",
    "pipeline.quality",
    "pipeline.quality.label_review",
    "pipeline.quality.languages",
    "pipeline.quality.leaky_tokens",
    "pipeline.quality.remedies",
    "pipeline.similarity.differences",
    "pipeline.similarity.near_duplicates",
    "pipeline.slices.properties",
    "pipeline.specs",
    "pipeline.splits",
    "pipeline.splits.crossing",
    "pipeline.splits.folds",
    "pipeline.splits.size",
    "pipeline.vault",
    "pipeline.wording",
]
"""Modules that a notebook imports; each has at least one example."""


def run_examples(name: str) -> doctest.TestResults:
    return doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)


@pytest.mark.parametrize("name", MODULES)
def test_every_example_gives_what_it_shows(name: str) -> None:
    assert run_examples(name).failed == 0


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_module_has_an_example(name: str) -> None:
    assert run_examples(name).attempted > 0

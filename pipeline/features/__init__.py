"""Mails to numbers: one feature block per file, put side by side by a `FeatureSpec`."""

from typing import Any

from pipeline.features.block import Block
from pipeline.features.union import Features
from pipeline.parameters import Registry
from pipeline.specs import BlockSpec, FeatureSpec

FEATURES: Registry[Block] = Registry(
    "feature block",
    {
        "grams": "pipeline.features.grams:Grams",
        "words": "pipeline.features.words:Words",
        "headers": "pipeline.features.headers:Headers",
        "links": "pipeline.features.links:Links",
        "shape": "pipeline.features.shape:Shape",
        "sender": "pipeline.features.sender:Sender",
    },
)
"""Every block by its name; to add one, write its file and name it here."""


def _block(spec: BlockSpec) -> Block:
    return FEATURES.build(spec.kind, spec.parameters)


def build(spec: FeatureSpec) -> Features:
    """An unfitted transformer of mails; raises BadSpec for an unknown block or parameter."""
    return Features([(b.kind, _block(b)) for b in spec.blocks])


def describe(kind: str) -> type[Block]:
    """The class of a block, whose class attributes describe it.

    For a kind that this version does not know (a run of another version), a stand-in of that name.
    """
    if kind in FEATURES:
        return FEATURES[kind]
    return type("Unknown", (Block,), {"title": kind, "summary": "This version does not know it."})


def complete(spec: FeatureSpec) -> FeatureSpec:
    """The same spec with every default written out, so that equal work has an equal key."""
    return FeatureSpec(tuple(BlockSpec(b.kind, _block(b).parameters()) for b in spec.blocks))


def defaults(kind: str) -> dict[str, Any]:
    """The documented defaults of one block."""
    return _block(BlockSpec(kind)).parameters()

"""Mails to numbers: one feature block per file, put side by side by a `FeatureSpec`."""

import dataclasses
from typing import Any

from pipeline.errors import BadSpec
from pipeline.features.block import Block
from pipeline.features.grams import Grams
from pipeline.features.headers import Headers
from pipeline.features.links import Links
from pipeline.features.sender import Sender
from pipeline.features.shape import Shape
from pipeline.features.union import Features
from pipeline.features.words import Words
from pipeline.specs import BlockSpec, FeatureSpec

FEATURES: dict[str, type[Block]] = {
    "grams": Grams,
    "words": Words,
    "headers": Headers,
    "links": Links,
    "shape": Shape,
    "sender": Sender,
}
"""Every block by its name; to add one, write its file and name it here."""


def _block(spec: BlockSpec) -> Block:
    if spec.kind not in FEATURES:
        raise BadSpec(
            f"feature block: expected one of {', '.join(FEATURES)}, received {spec.kind!r}."
        )
    block = FEATURES[spec.kind]
    known = {f.name for f in dataclasses.fields(block) if f.init}  # type: ignore[arg-type]
    for name in spec.parameters:
        if name not in known:
            raise BadSpec(
                f"{spec.kind}: expected only {', '.join(sorted(known))}, received {name!r}."
            )
    return block(**spec.parameters)


def build(spec: FeatureSpec) -> Features:
    """An unfitted transformer of mails; raises BadSpec for an unknown block or parameter."""
    return Features([(b.kind, _block(b)) for b in spec.blocks])


def complete(spec: FeatureSpec) -> FeatureSpec:
    """The same spec with every default written out, so that equal work has an equal key."""
    return FeatureSpec(tuple(BlockSpec(b.kind, _block(b).parameters()) for b in spec.blocks))


def defaults(kind: str) -> dict[str, Any]:
    """The documented defaults of one block."""
    return _block(BlockSpec(kind)).parameters()

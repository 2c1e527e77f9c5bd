"""Mails to numbers: one feature block per file, put side by side by a `FeatureSpec`.

>>> import pandas as pd
>>> frame = pd.DataFrame({"subject": ["Hi", "Win!"], "body": ["See you", "http://a.example"]})
>>> spec = FeatureSpec((BlockSpec("words", {"min_mails": 1, "longest": 1}), BlockSpec("links")))
>>> build(spec).fit_transform(frame).shape  # 7 words and 8 measures of links
(2, 15)
>>> FEATURES.describe("words").title
'Words'
"""

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
    stand_in="pipeline.features.block:UnknownBlock",
)
"""Every block by its name. To add one, write its file and name it here; see `block.Block`."""


def build_block(spec: BlockSpec) -> Block:
    """Build an unfitted block; raises BadSpec for an unknown block, parameter or value."""
    return FEATURES.build(spec.kind, spec.parameters)


def build(spec: FeatureSpec) -> Features:
    """Build an unfitted transformer of mails; raises BadSpec as `build_block` does."""
    return Features([(b.kind, build_block(b)) for b in spec.blocks])


def complete(spec: FeatureSpec) -> FeatureSpec:
    """Write out every default of a spec, so that equal work has an equal hash."""
    return FeatureSpec(tuple(BlockSpec(b.kind, build_block(b).parameters()) for b in spec.blocks))

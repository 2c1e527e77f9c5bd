"""The configuration of a run, as frozen values with a JSON round trip and a stable hash.

There is no settings module: these specs are the configuration, and their defaults are the
documented defaults. A spec only contains parameters; `pipeline.splits`, `pipeline.features` and
`pipeline.models`, which are above this layer, build something from it.
"""

import dataclasses
import hashlib
import json
import math
from dataclasses import dataclass, field
from typing import Any, Self

from pipeline.errors import BadSpec, expect, is_whole

PARTS = ("train", "validation", "test")
STRATEGIES = ("stratified", "grouped", "time", "column")
THRESHOLD_RULES = ("own", "budget", "cost", "f_beta", "hand")


def format_canonical_json(value: Any) -> str:
    """Format as JSON with sorted keys and no spaces: equal values give equal text everywhere."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def hash_value(value: Any) -> str:
    """Hash a value to the first 16 hex digits of SHA-256 over its canonical JSON."""
    return hashlib.sha256(format_canonical_json(value).encode()).hexdigest()[:16]


class Spec:
    """Shared by all specs: a JSON round trip and a stable hash."""

    def to_dict(self) -> dict[str, Any]:
        """Convert to plain dicts, lists, strings and numbers."""
        return dict(json.loads(json.dumps(dataclasses.asdict(self))))  # type: ignore[call-overload]

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """The inverse of `to_dict`; raises BadSpec for a field that this spec does not have."""
        known = {f.name for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
        unknown = sorted(set(values) - known)
        if unknown:
            raise BadSpec(
                f"{cls.__name__} expected only {', '.join(sorted(known))}; received {unknown[0]!r}."
            )
        return cls(**values)

    @property
    def key(self) -> str:
        """The hash of the spec, 16 hex digits: equal if and only if the specs are equal."""
        return hash_value({type(self).__name__: self.to_dict()})

    def __eq__(self, other: object) -> bool:
        # by key, because JSON turns tuples among the parameters into lists
        return isinstance(other, Spec) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def _require_whole_seed(seed: Any) -> None:
    expect(is_whole(seed), "seed", "a whole number", seed)


@dataclass(frozen=True, eq=False)
class SplitSpec(Spec):
    """How the mails are divided.

    Args:
        train, validation, test: shares that add up to 1, each at least 0.01.
        strategy: "stratified" (each part has the same share of spam; mails with the same text stay
            in one part), "grouped" (likewise, and near-duplicates stay in one part), "time" (train
            on the oldest mails, test on the newest) or "column" (a column of the file decides).
        seed: any whole number; the same seed gives the same parts on every machine.
        column: for strategy "column", the column with the words train, validation and test; for
            "grouped", an additional column ("sender" or one of the file's) whose values stay
            together.
        similarity: for strategy "grouped", the least similarity of near-duplicates, 0.5 to 1.
        inherited: the fingerprint of the split that this one was carried over from when the mails
            were corrected; None for a split that was made from the values above.

    Raises:
        BadSpec: if a value is out of range.

    >>> spec = SplitSpec(strategy="time", seed=3)
    >>> SplitSpec.from_dict(spec.to_dict()) == spec
    True
    """

    train: float = 0.70
    validation: float = 0.15
    test: float = 0.15
    strategy: str = "stratified"
    seed: int = 0
    column: str | None = None
    similarity: float = 0.65
    inherited: str | None = None

    def __post_init__(self) -> None:
        _require_whole_seed(self.seed)
        expect(self.strategy in STRATEGIES, "strategy", f"one of {STRATEGIES}", self.strategy)
        near = isinstance(self.similarity, int | float) and 0.5 <= self.similarity <= 1
        expect(near, "similarity", "a number from 0.5 to 1", self.similarity)
        if self.strategy == "column":
            if not self.column:
                raise BadSpec("column: expected the name of a column, received nothing.")
            return
        shares = (self.train, self.validation, self.test)
        if not (min(shares) >= 0.01 and abs(sum(shares) - 1) <= 1e-6):
            raise BadSpec(
                "shares: expected train, validation and test of at least 1% each that add up to "
                f"100%, received {', '.join(f'{s:.0%}' for s in shares)}."
            )


@dataclass(frozen=True, eq=False)
class BlockSpec(Spec):
    """A feature block by its name in `pipeline.features.FEATURES`, with its parameters."""

    kind: str
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class FeatureSpec(Spec):
    """Ordered feature blocks, whose columns are concatenated.

    The default is hashed byte n-grams, and the tokens of the headers of mails that have them;
    `docs/decisions/0005-default-features.md` has the figures behind that choice.
    """

    blocks: tuple[BlockSpec, ...] = (BlockSpec("grams"), BlockSpec("headers"))

    def __post_init__(self) -> None:
        blocks = tuple(
            b if isinstance(b, BlockSpec) else BlockSpec.from_dict(b) for b in self.blocks
        )
        if not blocks:
            raise BadSpec("blocks: expected at least one feature block, received none.")
        object.__setattr__(self, "blocks", blocks)


@dataclass(frozen=True, eq=False)
class ModelSpec(Spec):
    """A model by its name in `pipeline.models.MODELS`, with its parameters and its seed."""

    kind: str = "logistic"
    parameters: dict[str, Any] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        _require_whole_seed(self.seed)


@dataclass(frozen=True, eq=False)
class RunSpec(Spec):
    """Everything that determines a result: the data's fingerprint, split, features and model."""

    dataset: str
    split: SplitSpec = SplitSpec()
    features: FeatureSpec = FeatureSpec()
    model: ModelSpec = ModelSpec()

    def __post_init__(self) -> None:
        for name, kind in (("split", SplitSpec), ("features", FeatureSpec), ("model", ModelSpec)):
            value = getattr(self, name)
            if isinstance(value, dict):
                object.__setattr__(self, name, kind.from_dict(value))


@dataclass(frozen=True, eq=False)
class ThresholdSpec(Spec):
    """How the threshold of a run is chosen on its validation mails, and whether there is a band.

    Args:
        rule: "own" (nearest to 0.5 within one standard error of the highest F1), "budget" (lose at
            most 1 in `value` ham), "cost" (a lost ham costs as much as `value` spams read),
            "f_beta" (the highest F with beta = `value`) or "hand" (a threshold of `value`; with
            None, a run keeps its own until somebody sets one).
        value: the number of the rule: from 1 for a budget, above 0 for cost and beta, 0 to 1 by
            hand.
        unsure: None for no band of unsure mails. Else the band begins where at most this share of
            the spam lies below it, 0 to 1; by hand it is the score where the band begins.
    """

    rule: str = "own"
    value: float | None = None
    unsure: float | None = None

    def __post_init__(self) -> None:
        expect(self.rule in THRESHOLD_RULES, "rule", f"one of {THRESHOLD_RULES}", self.rule)
        for name in ("value", "unsure"):
            number = getattr(self, name)
            if number is not None:
                finite = isinstance(number, int | float) and math.isfinite(number)
                expect(finite, name, "a number", number)
                object.__setattr__(self, name, float(number))
        value, unsure = self.value, self.unsure
        if self.rule == "own":
            expect(value is None, "value", "nothing for a run's own threshold", value)
        elif self.rule == "budget":
            expect(value is not None and value >= 1, "budget", "a number of ham from 1 on", value)
        elif self.rule != "hand":
            expect(value is not None and value > 0, self.rule, "a number above 0", value)
        elif value is not None:
            expect(0 <= value <= 1, "threshold", "a number from 0 to 1", value)
        expect(unsure is None or 0 <= unsure <= 1, "unsure", "a number from 0 to 1", unsure)
        if self.rule == "hand" and unsure is not None:
            below = value is not None and unsure <= value
            expect(below, "unsure", "a score that is not above the threshold", unsure)


def flatten_spec(spec: Spec) -> dict[str, str]:
    """Flatten a spec to `part.name` → text, for tables and for MLflow's parameters."""

    def walk(prefix: str, value: Any) -> dict[str, str]:
        if isinstance(value, dict):
            items = value.items()
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            items = {str(i): v for i, v in enumerate(value)}.items()
        else:
            return {prefix: value if isinstance(value, str) else json.dumps(value)}
        return {
            k: v
            for name, inner in items
            for k, v in walk(f"{prefix}.{name}".strip("."), inner).items()
        }

    return walk("", spec.to_dict())

"""The reputation of a sender: the share of spam among the train mails of its address and domain.

A train mail must not see its own label. A sender that wrote once would give the answer away, and a
model would trust reputations more than it can on new mail. So `fit_transform` cross-fits, as
scikit-learn's TargetEncoder does: each fifth of the train mails is measured by what the other four
fifths know. A sender that they do not know is unseen there too, so the model meets unseen senders
while it learns.

>>> parse_sender('"pay@bank.com" <x@evil.com>')
SenderParts(address='x@evil.com', domain='evil.com', is_disguised=True)
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.features.numeric import Numeric
from pipeline.features.texts import read_raw_texts
from pipeline.features.vocabulary import pack_words, unpack_words
from pipeline.parameters import number

FOLDS = 5
"""Train mails are measured by 5-fold cross-fitting."""
MOST_CHARACTERS = 1000
"""Only the first 1,000 characters of a sender are read; a longer one is hostile."""
ADDRESS = re.compile(r"[^\s<>@\"'(),;:\[\]]{1,64}@([^\s<>@\"'(),;:\[\]]{1,255})")


class SenderParts(NamedTuple):
    """A sender taken apart, in lower case."""

    address: str
    """The address; a name without an address as it is; "" for an empty sender."""
    domain: str
    """The domain of the address; "" without an address."""
    is_disguised: bool
    """Whether the name shows an address of another domain."""


@dataclass(eq=False)
class Sender(Numeric):
    """Measures the reputation of address and domain, and whether they are known at all.

    Args:
        smooth: a reputation is (spam + smooth · m) / (mails + smooth), where m is the share of spam
            in train, so a sender of few mails stays near m; 0.1 to 1,000, by default 2. (With the
            automatic smoothing of TargetEncoder, a single spam mail would be proof.)
        scale: the unit, 0.001 to 100; by default 1: a row with every measure at 1 has this
            Euclidean length.
    """

    title: ClassVar[str] = "Sender"
    summary: ClassVar[str] = "How much spam this sender and domain sent before, learnt from train."
    # no measure exceeds 1, so each divisor is 1 whatever train holds
    measures: ClassVar[dict[str, float]] = {
        "spam reputation of the address": 1.0,
        "spam reputation of the domain": 1.0,
        "address not seen in train": 1.0,
        "domain not seen in train": 1.0,
        "sender's name shows an address of another domain": 1.0,
    }
    can_miss: ClassVar[tuple[str, ...]] = (
        "spam reputation of the address",
        "spam reputation of the domain",
    )
    yes_or_no: ClassVar[tuple[str, ...]] = tuple(measures)[2:]

    smooth: float = number(
        2.0,
        0.1,
        1000,
        logarithmic=True,
        label="Smoothing",
        unit="mails",
        help="Mixes this many mails with the usual share of spam into each sender's record, so "
        "that one mail is not taken for a reputation.",
        shown_first=True,
    )
    addresses: dict[str, float] = field(default_factory=dict, init=False, repr=False)
    domains: dict[str, float] = field(default_factory=dict, init=False, repr=False)
    spam_share: float = field(default=0.5, init=False, repr=False)

    def fit(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> Self:
        self._learn_reputations(_parse_senders(frame), _as_numbers(labels))
        self._learn(self.measure(frame))
        return self

    def fit_transform(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> csr_matrix:
        """Fit, and measure the train mails by cross-fitting."""
        from sklearn.model_selection import KFold

        spam, senders = _as_numbers(labels), _parse_senders(frame)
        values = self._make_unfitted()._measure(senders)  # for one mail alone, there is no other
        if len(frame) > 1:
            folds = KFold(min(FOLDS, len(frame)), shuffle=True, random_state=0)
            for rest, held_out in folds.split(senders):
                others = self._make_unfitted()
                others._learn_reputations([senders[i] for i in rest], spam[rest])
                values[held_out] = others._measure([senders[i] for i in held_out])
        self.fit(frame, labels)
        return self._weigh(values)

    def measure(self, frame: pd.DataFrame) -> np.ndarray:
        return self._measure(_parse_senders(frame))

    def state(self) -> dict[str, np.ndarray]:
        return super().state() | {
            "addresses": pack_words(list(self.addresses)),
            "address_values": np.array(list(self.addresses.values()), np.float64),
            "domains": pack_words(list(self.domains)),
            "domain_values": np.array(list(self.domains.values()), np.float64),
            "spam_share": np.array([self.spam_share]),
        }

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        def read_table(names: str, values: str) -> dict[str, float]:
            return dict(zip(unpack_words(state[names]), state[values].tolist(), strict=True))

        super().restore(state)
        self.addresses = read_table("addresses", "address_values")
        self.domains = read_table("domains", "domain_values")
        self.spam_share = float(state["spam_share"][0])
        return self

    def _make_unfitted(self) -> Self:
        return type(self)(**self.parameters())

    def _learn_reputations(self, senders: list[SenderParts], spam: np.ndarray) -> None:
        self.addresses = _compute_reputations([s.address for s in senders], spam, self.smooth)
        self.domains = _compute_reputations([s.domain for s in senders], spam, self.smooth)
        self.spam_share = float(spam.mean()) if len(spam) else 0.5

    def _measure(self, senders: list[SenderParts]) -> np.ndarray:
        values = [
            [
                self.addresses.get(s.address, self.spam_share) if s.address else np.nan,
                self.domains.get(s.domain, self.spam_share) if s.domain else np.nan,
                float(s.address != "" and s.address not in self.addresses),
                float(s.domain != "" and s.domain not in self.domains),
                float(s.is_disguised),
            ]
            for s in senders
        ]
        return np.array(values, np.float64).reshape(len(senders), len(self.measures))


def _as_numbers(labels: Sequence[int] | None) -> np.ndarray:
    assert labels is not None, "the reputation of a sender is learnt from labels"
    return np.asarray(labels, np.float64)


def _compute_reputations(names: list[str], spam: np.ndarray, smooth: float) -> dict[str, float]:
    """Compute the reputation of each name, in the order of the names; "" has none."""
    from sklearn.preprocessing import TargetEncoder

    if not names:
        return {}
    # "continuous", because "binary" fails if all train mails are of one class
    encoder = TargetEncoder(target_type="continuous", smooth=smooth)
    encoder.fit(np.array(names, object)[:, None], spam)
    pairs = zip(encoder.categories_[0], encoder.encodings_[0].tolist(), strict=True)
    return {name: reputation for name, reputation in pairs if name}


def _parse_senders(frame: pd.DataFrame) -> list[SenderParts]:
    return [parse_sender(sender or "") for sender in read_raw_texts(frame, "sender")]


def parse_sender(sender: str) -> SenderParts:
    """Take apart ``Name <address>``, or an address or a name alone."""
    sender = sender[:MOST_CHARACTERS]
    name, _, bracket = sender.lower().rpartition("<")
    match = ADDRESS.search(bracket)
    if match is None:
        return SenderParts(" ".join(sender.lower().split()), "", False)
    shown = ADDRESS.search(name)
    domain = match[1].rstrip(".")
    return SenderParts(match[0], domain, shown is not None and shown[1].rstrip(".") != domain)

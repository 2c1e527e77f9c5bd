"""The reputation of a sender: the share of spam among the train mails of the address and domain.

A train mail must not see its own label: a sender that wrote once would give the answer away, and a
model would trust reputations as it never can on new mail. So `fit_transform` cross-fits, as
scikit-learn's TargetEncoder does: each fifth of the train mails is measured by what the other four
fifths know. A sender that those do not know is unseen there too, so the model meets unseen senders
while it learns.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.features.numeric import Numeric
from pipeline.features.vocabulary import pack, unpack
from pipeline.parameters import number

FOLDS = 5
MOST_CHARACTERS = 1000
"""Of a sender."""
ADDRESS = re.compile(r"[^\s<>@\"'(),;:\[\]]{1,64}@([^\s<>@\"'(),;:\[\]]{1,255})")


class Who(NamedTuple):
    """A sender in parts, lower case: address "" when missing, domain "" when it has none."""

    address: str
    domain: str
    disguised: bool


@dataclass(eq=False)
class Sender(Numeric):
    """Reputation of address and domain, and whether they are known at all.

    Args:
        smooth: a reputation is (spam + smooth · m) / (mails + smooth) with m the share of spam in
            train, so a sender of few mails stays near m; 0.1 to 1,000, by default 2. (The automatic
            smoothing of TargetEncoder would take a single spam for certainty.)
        scale: the unit, 0.001 to 100; by default 1: a row with every measure at 1 has this
            Euclidean length.
    """

    title: ClassVar[str] = "Sender"
    summary: ClassVar[str] = "How much spam this sender and domain sent before, learnt from train."
    measures: ClassVar[dict[str, float]] = {  # at most 1, so 1 is the unit whatever train holds
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
        self._know(_whos(frame), _as_numbers(labels))
        self._learn(self.measure(frame))
        return self

    def fit_transform(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> csr_matrix:
        """`fit`, and the train mails measured by cross-fitting."""
        from sklearn.model_selection import KFold

        spam, whos = _as_numbers(labels), _whos(frame)
        values = self._fresh()._measure(whos)  # one mail alone knows no other
        if len(frame) > 1:
            folds = KFold(min(FOLDS, len(frame)), shuffle=True, random_state=0)
            for rest, held in folds.split(whos):
                others = self._fresh()
                others._know([whos[i] for i in rest], spam[rest])
                values[held] = others._measure([whos[i] for i in held])
        self.fit(frame, labels)
        return self._weigh(values)

    def measure(self, frame: pd.DataFrame) -> np.ndarray:
        return self._measure(_whos(frame))

    def state(self) -> dict[str, np.ndarray]:
        return super().state() | {
            "addresses": pack(list(self.addresses)),
            "address_values": np.array(list(self.addresses.values()), np.float64),
            "domains": pack(list(self.domains)),
            "domain_values": np.array(list(self.domains.values()), np.float64),
            "spam_share": np.array([self.spam_share]),
        }

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        def table(names: str, values: str) -> dict[str, float]:
            return dict(zip(unpack(state[names]), state[values].tolist(), strict=True))

        super().restore(state)
        self.addresses = table("addresses", "address_values")
        self.domains = table("domains", "domain_values")
        self.spam_share = float(state["spam_share"][0])
        return self

    def _fresh(self) -> Self:
        return type(self)(**self.parameters())

    def _know(self, whos: list[Who], spam: np.ndarray) -> None:
        self.addresses = _reputations([w.address for w in whos], spam, self.smooth)
        self.domains = _reputations([w.domain for w in whos], spam, self.smooth)
        self.spam_share = float(spam.mean()) if len(spam) else 0.5

    def _measure(self, whos: list[Who]) -> np.ndarray:
        values = [
            [
                self.addresses.get(w.address, self.spam_share) if w.address else np.nan,
                self.domains.get(w.domain, self.spam_share) if w.domain else np.nan,
                float(w.address != "" and w.address not in self.addresses),
                float(w.domain != "" and w.domain not in self.domains),
                float(w.disguised),
            ]
            for w in whos
        ]
        return np.array(values, np.float64).reshape(len(whos), len(self.measures))


def _as_numbers(labels: Sequence[int] | None) -> np.ndarray:
    assert labels is not None, "the reputation of a sender is learnt from labels"
    return np.asarray(labels, np.float64)


def _reputations(names: list[str], spam: np.ndarray, smooth: float) -> dict[str, float]:
    """Name → its reputation, in the order of the names; "" has none."""
    from sklearn.preprocessing import TargetEncoder

    if not names:
        return {}
    # as numbers from 0 to 1 and not as classes: train mails of one class only are no error then
    encoder = TargetEncoder(target_type="continuous", smooth=smooth)
    encoder.fit(np.array(names, object)[:, None], spam)
    found = zip(encoder.categories_[0], encoder.encodings_[0].tolist(), strict=True)
    return {name: value for name, value in found if name}


def _whos(frame: pd.DataFrame) -> list[Who]:
    senders = frame["sender"] if "sender" in frame.columns else [None] * len(frame)
    return [who(s[:MOST_CHARACTERS] if isinstance(s, str) else "") for s in senders]


def who(sender: str) -> Who:
    """Of ``Name <address>``, or of an address or name alone."""
    name, _, bracket = sender.lower().rpartition("<")
    match = ADDRESS.search(bracket)
    if match is None:
        return Who(" ".join(sender.lower().split()), "", False)
    shown = ADDRESS.search(name)
    domain = match[1].rstrip(".")
    return Who(match[0], domain, shown is not None and shown[1].rstrip(".") != domain)

"""How a model reports its training while it runs, and learns that it should stop.

>>> class Losses(Monitor):
...     def __init__(self):
...         self.losses = []
...     def report_epoch(self, epoch):
...         self.losses.append(log_loss(y, epoch.validation_scores))
>>> from pipeline.models import build
>>> from pipeline.models.probability import log_loss
>>> from pipeline.specs import ModelSpec
>>> import numpy as np
>>> from scipy.sparse import csr_matrix
>>> X, y = csr_matrix(np.eye(4, dtype=np.float32)), np.array([0, 0, 0, 1])
>>> monitor = Losses()
>>> model = build(ModelSpec("majority")).fit((X, y), (X, y), monitor)
>>> [round(loss, 2) for loss in monitor.losses]
[0.57]
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Epoch:
    """One epoch, as a model reports it: one point of the curves."""

    number: int
    """Counted from 1. Epoch 0 is what a model knows before its first pass, such as the linear path
    of a network."""
    max_epochs: int
    """How many epochs the training can have; it may end sooner."""
    train_scores: np.ndarray
    """P(spam) of the train mails after this epoch."""
    validation_scores: np.ndarray
    """P(spam) of the validation mails after this epoch."""
    internals: Mapping[str, float] = field(default_factory=dict)
    """Further figures of the model itself by name, such as its learning rate."""


class Monitor:
    """Follows a training. This one ignores the reports; `training.train.Recorder` stores them."""

    def report_epoch(self, epoch: Epoch) -> None:
        """Receive an epoch that has ended; the numbers rise."""

    def report_step(self, share: float) -> None:
        """Receive how much of the current epoch is done, above 0 and up to 1."""

    def should_stop(self) -> bool:
        """Return whether the user asked to stop.

        Every model asks at least once an epoch. If the answer is yes, it ends its training and
        keeps the best epoch so far.
        """
        return False

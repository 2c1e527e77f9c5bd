"""The forward pass of a multilayer perceptron in NumPy.

Scoring mail needs no TensorFlow: a model file is read and used within a second, and what is
exported is what was measured, because the curves are computed here as well.
"""

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import erf

from pipeline.models.model import sigmoid

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.2 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: 0.5 * z * (1 + erf(z / np.sqrt(2))),
    "tanh": np.tanh,
    "sigmoid": sigmoid,
}
"""By Keras' names and with Keras' constants (the slope of leaky_relu is 0.2)."""

ROWS = 4096
"""Mails a block: keeps the hidden layer of a large corpus from being in memory all at once."""


DEAD_MAILS = 2048
"""Mails that are asked whether a unit ever says anything."""


def forward(layers: list[np.ndarray], activation: str, X: csr_matrix) -> np.ndarray:
    """Log-odds of spam, float64, for each row of X.

    Args:
        layers: kernel and bias of each layer in turn, as Keras' `get_weights` gives them; the
            last layer has one unit.
        activation: a name in `ACTIVATIONS`, of the hidden layers.
        X: (mails, columns).
    """
    odds = [np.zeros(0)]
    for start in range(0, X.shape[0], ROWS):
        *_, h = hidden(layers, activation, X[start : start + ROWS])
        odds.append((h @ layers[-2] + layers[-1])[:, 0].astype(np.float64))
    return np.concatenate(odds)


def hidden(layers: list[np.ndarray], activation: str, X: csr_matrix) -> list[np.ndarray]:
    """What the units of each hidden layer say: one (mails, units) array a layer."""
    act, h, said = ACTIVATIONS[activation], X, []
    for kernel, bias in zip(layers[:-2:2], layers[1:-2:2], strict=True):
        h = act(h @ kernel + bias)
        said.append(h)
    return said


def dead_share(layers: list[np.ndarray], activation: str, X: csr_matrix) -> list[float]:
    """Of each hidden layer, the share of units that say the same of every mail: they learn nothing.

    A ReLU that is 0 for all mails is dead in this sense, and so is a saturated tanh or sigmoid.
    """
    said = hidden(layers, activation, X[:DEAD_MAILS])
    return [float(np.mean(np.ptp(h, axis=0) < 1e-6)) if len(h) else 0.0 for h in said]

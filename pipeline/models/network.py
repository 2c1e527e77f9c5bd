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

SLOPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda z: (z > 0).astype(z.dtype),
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.2),
    "elu": lambda z: np.exp(np.minimum(z, 0)),
    "gelu": lambda z: 0.5 * (1 + erf(z / np.sqrt(2))) + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: sigmoid(z) * sigmoid(-z),
}
"""The derivative of each activation; at the kink of relu and leaky_relu that of the left side."""

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


def output_and_slopes(
    layers: list[np.ndarray], activation: str, sums: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The output, and how it changes with each sum of the first layer: a step back through the net.

    Args:
        layers: kernel and bias of each layer in turn; see `forward`.
        activation: a name in `ACTIVATIONS`.
        sums: (mails, units of the first layer): kernel times mail, without the bias.

    Returns: log-odds of shape (mails,), their slopes of the shape of `sums`.
    """
    act, slope = ACTIVATIONS[activation], SLOPES[activation]
    inside = [sums + layers[1]]
    for kernel, bias in zip(layers[2:-2:2], layers[3:-2:2], strict=True):
        inside.append(act(inside[-1]) @ kernel + bias)
    output = (act(inside[-1]) @ layers[-2] + layers[-1])[:, 0]
    back = slope(inside[-1]) * layers[-2][:, 0]
    for kernel, z in zip(layers[-4:0:-2], inside[-2::-1], strict=True):
        back = (back @ kernel.T) * slope(z)
    return output, back


def dead_share(layers: list[np.ndarray], activation: str, X: csr_matrix) -> list[float]:
    """Of each hidden layer, the share of units that say the same of every mail: they learn nothing.

    A ReLU that is 0 for all mails is dead in this sense, and so is a saturated tanh or sigmoid.
    """
    said = hidden(layers, activation, X[:DEAD_MAILS])
    return [float(np.mean(np.ptp(h, axis=0) < 1e-6)) if len(h) else 0.0 for h in said]

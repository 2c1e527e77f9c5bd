"""The forward pass of a multilayer perceptron in NumPy.

So scoring mail needs no TensorFlow, and a model file is loaded and used within a second. The curves
of a training are computed here as well: what is exported is what was measured.

Throughout, `layers` are the kernel and the bias of each layer in turn, as Keras' `get_weights`
returns them; the last layer has one unit.

>>> layers = [np.eye(2), np.zeros(2), np.array([[1.0], [-1.0]]), np.array([0.5])]
>>> forward(layers, "relu", csr_matrix([[3.0, 1.0], [-3.0, 1.0]])).tolist()
[2.5, -0.5]
"""

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import erf

from pipeline.models.probability import sigmoid

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.2 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: 0.5 * z * (1 + erf(z / np.sqrt(2))),
    "tanh": np.tanh,
    "sigmoid": sigmoid,
}
"""The activations by Keras' names, with Keras' constants (the slope of leaky_relu is 0.2)."""

SLOPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda z: (z > 0).astype(z.dtype),
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.2),
    "elu": lambda z: np.exp(np.minimum(z, 0)),
    "gelu": lambda z: 0.5 * (1 + erf(z / np.sqrt(2))) + z * np.exp(-z * z / 2) / np.sqrt(2 * np.pi),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "sigmoid": lambda z: sigmoid(z) * sigmoid(-z),
}
"""The derivative of each activation; at the kink of relu and leaky_relu, that of the left side."""

MOST_ROWS = 4096
"""The pass takes 4,096 mails at a time: their 1,024 hidden units (the most) take 16 MB."""
DEAD_MAILS = 2048
"""A unit counts as dead if its output is the same for the first 2,048 train mails."""


def forward(layers: list[np.ndarray], activation: str, X: csr_matrix) -> np.ndarray:
    """Compute the log-odds of spam: float64 of shape (mails,).

    Args:
        activation: the name in `ACTIVATIONS` of what all hidden layers use.
        X: features of shape (mails, columns).
    """
    odds = [np.zeros(0)]
    for start in range(0, X.shape[0], MOST_ROWS):
        *_, h = compute_hidden(layers, activation, X[start : start + MOST_ROWS])
        odds.append((h @ layers[-2] + layers[-1])[:, 0].astype(np.float64))
    return np.concatenate(odds)


def compute_hidden(layers: list[np.ndarray], activation: str, X: csr_matrix) -> list[np.ndarray]:
    """Compute the output of each hidden layer, of shape (mails, units)."""
    act, h, outputs = ACTIVATIONS[activation], X, []
    for kernel, bias in zip(layers[:-2:2], layers[1:-2:2], strict=True):
        h = act(h @ kernel + bias)
        outputs.append(h)
    return outputs


def compute_slopes(
    layers: list[np.ndarray], activation: str, sums: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the output, and by backpropagation its slope in each sum of the first layer.

    Args:
        activation: a name in `ACTIVATIONS`.
        sums: mails times the first kernel, without the bias; shape (mails, units of that layer).

    Returns: log-odds of shape (mails,), and slopes of the shape of `sums`.
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


def compute_dead_shares(layers: list[np.ndarray], activation: str, X: csr_matrix) -> list[float]:
    """Compute the share of units in each hidden layer whose output is the same for every mail.

    Such a unit learns nothing: a ReLU that is always 0, or a saturated tanh or sigmoid.
    """
    outputs = compute_hidden(layers, activation, X[:DEAD_MAILS])
    return [float(np.mean(np.ptp(h, axis=0) < 1e-6)) if len(h) else 0.0 for h in outputs]

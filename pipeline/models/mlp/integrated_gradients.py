"""How much each column of a mail contributes to the output of a multilayer perceptron.

M. Sundararajan, A. Taly and Q. Yan, Axiomatic attribution for deep networks, 2017: a column
contributes its value times the mean of its gradient along the straight path from the empty mail to
this one. The contributions add up to the difference between the outputs at both ends, except for
the error of a sum over steps as an integral.

The first layer is linear, so on that path its sums are those of the mail times the share of the
path. A step therefore takes as long as the hidden units alone, however many columns a mail has.

>>> layers = [np.eye(2), np.zeros(2), np.array([[1.0], [-1.0]]), np.array([0.5])]
>>> contributions, error = integrate_gradients(
...     layers, "relu", columns=np.array([0, 1]), values=np.array([3.0, 1.0])
... )
>>> contributions.tolist(), error
([3.0, -1.0], 0.0)
"""

import numpy as np

from pipeline.models.mlp.forward import compute_slopes

TOLERANCE = 0.01
"""The sum is refined while its error is above 1% of the difference to explain."""
FIRST_STEPS, REFINEMENT = 64, 4
"""The first sum has 64 steps, each further one four times as many."""
MOST_STEPS = 16_384
"""No sum has more than 16,384 steps (64 refined four times)."""
MOST_PRODUCTS = 40_000_000
"""No sum takes more than 40 million products (steps · weights between hidden layers): 0.5 s."""
MOST_CELLS = 2_000_000
"""At most 2 million values (units · steps) are in memory at once: 16 MB."""


def integrate_gradients(
    layers: list[np.ndarray], activation: str, columns: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, float]:
    """Compute the contribution of each column in log-odds, and the error of their sum.

    Output for this mail - output for the empty mail = sum of the contributions + error.

    Args:
        layers: kernel and bias of each layer in turn; see `forward`.
        activation: a name in `forward.ACTIVATIONS`.
        columns: the columns of the mail that are not 0.
        values: the value of each of these columns.
    """
    layers = [array.astype(np.float64) for array in (layers[0][columns], *layers[1:])]
    values = values.astype(np.float64)
    sums = values @ layers[0]
    ends, _ = compute_slopes(layers, activation, np.array([0.0, 1.0])[:, None] * sums)
    difference = float(ends[1] - ends[0])
    weights = sum(kernel.size for kernel in layers[2::2])
    most = min(MOST_STEPS, max(FIRST_STEPS, MOST_PRODUCTS // weights))
    steps = FIRST_STEPS
    while True:
        contributions = values * (layers[0] @ _average_slopes(layers, activation, sums, steps))
        error = difference - float(contributions.sum())
        if abs(error) <= TOLERANCE * abs(difference) or steps * REFINEMENT > most:
            return contributions, error
        steps *= REFINEMENT


def _average_slopes(
    layers: list[np.ndarray], activation: str, sums: np.ndarray, steps: int
) -> np.ndarray:
    """Average the slope in each sum of the first layer over the midpoints of the steps."""
    shares = (np.arange(steps) + 0.5) / steps
    total = np.zeros(len(sums))
    batch = max(1, MOST_CELLS // max(len(bias) for bias in layers[1::2]))
    for start in range(0, steps, batch):
        points = shares[start : start + batch, None] * sums
        total += compute_slopes(layers, activation, points)[1].sum(axis=0)
    return total / steps

"""What each column of a mail did to the output of a multilayer perceptron.

M. Sundararajan, A. Taly and Q. Yan, Axiomatic attribution for deep networks, 2017: a column's part
is its value times the mean of its gradient along the straight way from the empty mail to this one.
The parts add up to the difference between the outputs at both ends, but for what a sum over steps
misses of the integral.

The first layer is linear, so along that way its sums are those of the mail times the share of the
way. A step therefore costs the hidden units alone, however many columns a mail has.
"""

import numpy as np

from pipeline.models.network import output_and_slopes

ENOUGH = 0.01
"""Of the difference to explain; more steps are taken while more than this is missed."""
FIRST, TIMES = 64, 4
"""Steps of the first try, and how many times as many each further one takes."""
MOST_STEPS = 16_384
MOST_CELLS = 40_000_000
"""Products of one try at most (steps · weights between hidden layers), about half a second."""
AT_ONCE = 2_000_000
"""Units · steps in memory at once: 16 MB."""


def integrated_gradients(
    layers: list[np.ndarray], activation: str, columns: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, float]:
    """(the part of each column in log-odds, what the parts miss).

    Output for this mail - output for the empty mail = sum of the parts + what they miss.

    Args:
        layers: kernel and bias of each layer in turn; see `network.forward`.
        activation: a name in `network.ACTIVATIONS`.
        columns, values: the columns of the mail that are not 0, and what they hold.
    """
    layers = [array.astype(np.float64) for array in (layers[0][columns], *layers[1:])]
    values = values.astype(np.float64)
    whole = values @ layers[0]
    ends, _ = output_and_slopes(layers, activation, np.array([0.0, 1.0])[:, None] * whole)
    difference = float(ends[1] - ends[0])
    weights = sum(kernel.size for kernel in layers[2::2])
    most = min(MOST_STEPS, max(FIRST, MOST_CELLS // weights))
    steps = FIRST
    while True:
        parts = values * (layers[0] @ _mean_slopes(layers, activation, whole, steps))
        missed = difference - float(parts.sum())
        if abs(missed) <= ENOUGH * abs(difference) or steps * TIMES > most:
            return parts, missed
        steps *= TIMES


def _mean_slopes(
    layers: list[np.ndarray], activation: str, whole: np.ndarray, steps: int
) -> np.ndarray:
    """The mean slope of the output in each sum of the first layer, at the middle of each step."""
    shares = (np.arange(steps) + 0.5) / steps
    total = np.zeros(len(whole))
    at_once = max(1, AT_ONCE // max(len(bias) for bias in layers[1::2]))
    for start in range(0, steps, at_once):
        some = shares[start : start + at_once, None] * whole
        total += output_and_slopes(layers, activation, some)[1].sum(axis=0)
    return total / steps

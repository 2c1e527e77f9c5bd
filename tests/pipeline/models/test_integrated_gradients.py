"""Against finite differences, against SciPy's quadrature, and where the truth is known."""

import numpy as np
import pytest
from scipy.integrate import quad_vec
from scipy.sparse import csr_matrix

from pipeline.models.mlp.forward import ACTIVATIONS, SLOPES, compute_slopes, forward
from pipeline.models.mlp.integrated_gradients import integrate_gradients

SHAPES = {"one layer": (30, 16), "two": (30, 12, 8), "three": (30, 9, 7, 5)}


def network(units: tuple[int, ...], seed: int = 0) -> list[np.ndarray]:
    dice, layers = np.random.default_rng(seed), []
    for before, after in zip(units, (*units[1:], 1), strict=True):
        kernel = dice.normal(size=(before, after)) * np.sqrt(2 / before)
        layers += [kernel.astype(np.float32), dice.normal(size=after).astype(np.float32)]
    return layers


def mail(seed: int = 0, columns: int = 30) -> np.ndarray:
    dice = np.random.default_rng(seed)
    return (dice.uniform(0, 2, columns) * (dice.random(columns) < 0.5)).astype(np.float32)


def explained(layers: list[np.ndarray], activation: str, x: np.ndarray) -> tuple[np.ndarray, float]:
    there = np.flatnonzero(x)
    return integrate_gradients(layers, activation, there, x[there])


def test_every_activation_has_its_slope() -> None:
    assert SLOPES.keys() == ACTIVATIONS.keys()
    z = np.linspace(-6, 6, 121) + 1e-3  # beside the kink
    for name, act in ACTIVATIONS.items():
        measured = (act(z + 1e-6) - act(z - 1e-6)) / 2e-6
        np.testing.assert_allclose(SLOPES[name](z), measured, atol=1e-8)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("units", SHAPES.values(), ids=SHAPES)
def test_the_step_back_is_the_gradient(units: tuple[int, ...], activation: str) -> None:
    layers = [array.astype(np.float64) for array in network(units)]
    x = mail().astype(np.float64)
    (output,), (slopes,) = compute_slopes(layers, activation, (x @ layers[0])[None, :])
    assert output == pytest.approx(forward(layers, activation, csr_matrix(x))[0], rel=1e-12)
    h = 1e-6
    both = [csr_matrix(x + sign * h * np.eye(len(x))) for sign in (1, -1)]
    up, down = (forward(layers, activation, moved) for moved in both)
    np.testing.assert_allclose(layers[0] @ slopes, (up - down) / (2 * h), atol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("units", SHAPES.values(), ids=SHAPES)
def test_the_parts_are_the_integral(units: tuple[int, ...], activation: str) -> None:
    for seed in range(3):
        layers, x = network(units, seed), mail(seed)
        parts, missed = explained(layers, activation, x)
        both = csr_matrix(np.vstack([np.zeros_like(x), x]))
        nothing, whole = forward([a.astype(np.float64) for a in layers], activation, both)
        assert parts.sum() + missed == pytest.approx(whole - nothing, abs=1e-5)
        assert abs(missed) <= 0.01 * abs(whole - nothing)

        def slopes(share: float, x=x, layers=layers) -> np.ndarray:
            sums = share * (x.astype(np.float64) @ layers[0])
            return compute_slopes(layers, activation, sums[None, :])[1][0]

        mean, _ = quad_vec(slopes, 0, 1, epsabs=1e-6, limit=2000)
        there = np.flatnonzero(x)
        expected = x[there] * (layers[0][there] @ mean)
        np.testing.assert_allclose(parts, expected, atol=0.02 * np.abs(expected).sum())


def test_of_a_linear_network_each_part_is_weight_times_value() -> None:
    layers = network((30, 16))
    layers[1] = np.full(16, 1000, np.float32)  # no relu ever rests
    x = mail()
    parts, missed = explained(layers, "relu", x)
    there = np.flatnonzero(x)
    np.testing.assert_allclose(parts, x[there] * (layers[0] @ layers[2])[there, 0], rtol=1e-5)
    assert abs(missed) < 1e-6


def test_more_steps_are_taken_where_few_miss_much_and_their_number_has_an_end() -> None:
    # a unit that wakes at 3/1000 of the way, or falls asleep there: the outputs nearly cancel
    kernel, bias = np.array([[1000.0, 1000.0]], np.float32), np.array([-3.0, -3.0], np.float32)
    out = np.array([[1.0], [-0.9999]], np.float32)
    parts, missed = integrate_gradients(
        [kernel, bias, out, np.zeros(1, np.float32)], "relu", np.array([0]), np.array([1.0])
    )
    assert parts.sum() + missed == pytest.approx(997 * (1 - 0.9999), rel=1e-3)
    assert abs(missed) <= 0.01 * 0.0997 + 1e-6
    # nothing to explain in the end, much on the way: no number of steps is enough, and it ends
    up_and_down = [
        np.array([[1.0, 1.0]], np.float32),
        np.array([-1 / 3, 0.0], np.float32),
        np.array([[3.0], [-2.0]], np.float32),
        np.zeros(1, np.float32),
    ]
    parts, missed = integrate_gradients(up_and_down, "relu", np.array([0]), np.array([1.0]))
    assert abs(parts.sum() + missed) < 1e-6


def test_an_empty_mail_has_no_parts() -> None:
    parts, missed = explained(network((30, 16)), "gelu", np.zeros(30, np.float32))
    assert parts.shape == (0,)
    assert missed == 0

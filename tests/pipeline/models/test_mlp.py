import math
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.feature_selection import SelectKBest, chi2

from pipeline.errors import BadData
from pipeline.models.logistic import Logistic
from pipeline.models.mlp import MLP, callback, training
from pipeline.models.mlp.building import OPTIMIZERS, build_network, read_layers
from pipeline.models.mlp.forward import ACTIVATIONS, compute_dead_shares, forward
from pipeline.models.mlp.model import WIDE_C, choose_inputs
from pipeline.models.monitor import Epoch, Monitor
from pipeline.models.probability import log_loss, sigmoid
from tests.matrices import problem

ROOT = Path(__file__).parents[3]
TRAIN, VALIDATION = problem(seed=1), problem(seed=2, mails=40)


class Curve(Monitor):
    """Writes down each epoch: validation loss, what the model saw of itself, Keras' weights."""

    network: Any = None

    def __init__(self, labels: np.ndarray = VALIDATION[1]) -> None:
        self.labels = labels
        self.losses: dict[int, float] = {}
        self.scores: dict[int, np.ndarray] = {}
        self.internals: dict[int, Mapping[str, float]] = {}
        self.weights: dict[int, list[np.ndarray]] = {}

    def report_epoch(self, epoch: Epoch) -> None:
        assert epoch.internals
        number = epoch.number
        self.losses[number] = log_loss(self.labels, epoch.validation_scores)
        self.scores[number] = epoch.validation_scores
        self.internals[number] = epoch.internals
        if self.network:
            self.weights[number] = self.network.get_weights()

    def watch_network(self, model: MLP) -> "Curve":
        """Look into this model's Keras network as well."""
        build = model._build_network

        def watched(*args):
            self.network = build(*args)
            return self.network

        model._build_network = watched  # type: ignore[method-assign]
        return self


def same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return len(one) == len(other) and all(map(np.array_equal, one, other))


def keras_of(model: MLP, columns: int, size: float = 0.5):
    """Keras' own network of the same shape, with random weights."""
    keras = training.load_keras()
    network = build_network(keras, model, columns, model.wide)
    dice = np.random.default_rng(0)
    for weight in network.weights:
        value = dice.normal(0, size, weight.shape)
        weight.assign(np.abs(value) + 0.1 if "moving_variance" in weight.path else value)
    return network


def both(model: MLP, X: csr_matrix, line: np.ndarray) -> Any:
    """What the network reads, dense: Keras then uses other kernels than in training."""
    return [X.toarray(), line[:, None]] if model.wide else X.toarray()


@pytest.mark.parametrize(("wide", "batch_norm"), [(False, False), (True, False), (True, True)])
@pytest.mark.parametrize("hidden", [(9,), (9, 8), (9, 8, 7)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_numpy_forward_pass_is_keras(activation, hidden, wide, batch_norm) -> None:
    model = MLP(hidden=hidden, activation=activation, wide=wide, batch_norm=batch_norm)
    network = keras_of(model, 30, size=2)
    X = TRAIN[0]
    line = np.random.default_rng(1).normal(0, 2, X.shape[0])
    logits = network(both(model, X, line), training=False).numpy()[:, 0]
    assert logits.std() > 0.1
    ours = forward(read_layers(network, model), activation, X)
    assert ours.dtype == np.float64
    ours = ours + line if wide else ours
    assert np.allclose(ours, logits, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("wide", [False, True])
def test_a_trained_batch_normalisation_goes_into_the_layer_before(wide: bool) -> None:
    model = MLP(hidden=(6, 5), batch_norm=True, wide=wide, epochs=4, batch_size=8)
    curve = Curve().watch_network(model)
    model.fit(TRAIN, VALIDATION, curve)
    X = VALIDATION[0]
    moved = curve.network.get_layer("norm_1").get_weights()
    assert np.ptp(moved[2]) > 0.01, "the mean has not moved, so this says nothing"
    logits = curve.network(both(model, X, model._linear_log_odds(X)), training=False).numpy()[:, 0]
    assert np.allclose(curve.scores[4], sigmoid(logits), atol=1e-5)


def test_the_forward_pass_goes_through_a_large_corpus_in_blocks(monkeypatch) -> None:
    model, X = MLP(hidden=(5,)), TRAIN[0]
    layers = read_layers(keras_of(model, 30), model)
    at_once = forward(layers, "relu", X)
    monkeypatch.setattr("pipeline.models.mlp.forward.MOST_ROWS", 7)
    assert np.allclose(forward(layers, "relu", X), at_once, atol=1e-6)
    assert forward(layers, "relu", X[:0]).shape == (0,)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("activation", ["tanh", "gelu", "elu"])
def test_the_gradient_of_the_loss_agrees_with_finite_differences(activation, wide) -> None:
    import tensorflow as tf

    model = MLP(hidden=(3,), activation=activation, dropout=0.0, l2=0.01, wide=wide)
    network = keras_of(model, 6)
    X, y = csr_matrix(TRAIN[0][:20, :6]), TRAIN[1][:20].astype(np.float64)
    line = np.random.default_rng(1).normal(0, 1, 20)
    with tf.GradientTape() as tape:
        logits = network(both(model, X, line), training=True)
        loss = network.loss(y[:, None], logits) + sum(network.losses)
    variables = {"/".join(v.path.split("/")[-2:]): v for v in network.trainable_variables}
    gradients = [g.numpy() for g in tape.gradient(loss, list(variables.values()))]
    names = ["hidden_0/kernel", "hidden_0/bias", "out/kernel", "out/bias"]
    assert set(variables) == set(names), "the wide path is not trained"

    def plain(weights: dict[str, np.ndarray]) -> float:
        """The loss as the docstring of MLP says it, from the NumPy forward pass alone."""
        odds = forward([weights[n] for n in names], activation, X) + (line if wide else 0)
        return log_loss(y, sigmoid(odds)) + 0.01 * (weights["hidden_0/kernel"] ** 2).sum()

    doubles = {name: v.numpy().astype(np.float64) for name, v in variables.items()}
    assert float(loss) == pytest.approx(plain(doubles), abs=1e-5)
    for name, gradient in zip(variables, gradients, strict=True):
        for place in np.ndindex(gradient.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = {n: w.copy() for n, w in doubles.items()}
                moved[name][place] += step
                ends.append(plain(moved))
            slope = (ends[0] - ends[1]) / 2e-5
            assert gradient[place] == pytest.approx(slope, abs=1e-4), (name, place)


@pytest.mark.slow
@pytest.mark.parametrize("class_weight", ["none", "balanced"])
def test_epoch_0_of_a_wide_path_is_the_logistic_regression(class_weight: str) -> None:
    rare, curve = problem(mails=120, seed=3, spam=0.2), Curve()
    model = MLP(hidden=(4,), epochs=2, class_weight=class_weight, seed=3, inputs=16)
    model.fit(rare, VALIDATION, curve)
    line = Logistic(C=WIDE_C, class_weight=class_weight, seed=3).fit(rare, VALIDATION)
    assert np.allclose(curve.scores[0], line.score(VALIDATION[0]), atol=1e-6)
    assert list(curve.losses) == [0, 1, 2]
    assert not np.allclose(curve.scores[2], curve.scores[0], atol=1e-4)
    plain = Curve()
    MLP(hidden=(4,), epochs=2, wide=False).fit(rare, VALIDATION, plain)
    assert list(plain.losses) == [1, 2]


def test_training_that_only_harms_leaves_the_logistic_regression(monkeypatch) -> None:
    line = Logistic(C=WIDE_C).fit(TRAIN, VALIDATION)
    harm = (VALIDATION[0], (line.score(VALIDATION[0]) > 0.5).astype(np.int8))
    curve = Curve(harm[1])
    # each train mail says the opposite of what the line, which was fitted to others, says
    monkeypatch.setattr(Logistic, "fit", lambda *_: line)
    model = MLP(hidden=(4,), epochs=5, patience=5, learning_rate=0.1)
    model.fit((TRAIN[0], 1 - TRAIN[1]), harm, curve)
    assert (model.best_epoch, model.end_reason) == (0, "patience")
    assert np.allclose(model.score(harm[0]), line.score(harm[0]), atol=1e-6)
    assert curve.losses[5] > curve.losses[0]


@pytest.mark.parametrize("clip", [0.0, 1e-3])
@pytest.mark.parametrize("wide", [False, True])
def test_a_step_of_sgd_is_the_gradient_or_what_is_left_of_it(wide: bool, clip: float) -> None:
    # one step an epoch at learning rate 1: the weights move by as much as the gradient is long
    model = MLP(
        hidden=(4,),
        wide=wide,
        optimizer="sgd",
        learning_rate=1,
        clip_norm=clip,
        batch_size=80,
        epochs=3,
        dropout=0,
    )
    curve = Curve().watch_network(model)
    model.fit((TRAIN[0], 1 - TRAIN[1]) if wide else TRAIN, VALIDATION, curve)
    for number in (2, 3):
        ends = zip(curve.weights[number], curve.weights[number - 1], strict=True)
        moved = [after - before for after, before in ends]
        length = math.sqrt(sum(float((m.astype(np.float64) ** 2).sum()) for m in moved))
        gradient = curve.internals[number]["gradient_norm"]
        assert gradient > 1e-3
        assert length == pytest.approx(clip or gradient, rel=0.01)


@pytest.mark.slow
def test_a_plateau_halves_the_learning_rate() -> None:
    wrong = (VALIDATION[0], 1 - VALIDATION[1])  # the more is learnt of train, the worse it gets
    for plateau in (0, 2):
        curve = Curve(wrong[1])
        model = MLP(hidden=(4,), epochs=9, patience=9, learning_rate=0.02, plateau=plateau)
        model.fit(TRAIN, wrong, curve)
        rates = [curve.internals[n]["learning_rate"] for n in range(1, 10)]
        assert model.best_epoch < 5
        expected, rate, slowed = [], 0.02, 0
        for epoch in range(1, 10):
            expected.append(rate)
            if plateau and epoch > model.best_epoch and epoch - max(model.best_epoch, slowed) >= 2:
                rate, slowed = rate / 2, epoch
        settled = slice(model.best_epoch, None)  # before it, epochs that were the best for a while
        assert rates[settled] == pytest.approx(expected[settled])


def test_a_unit_that_says_the_same_of_all_mails_is_dead() -> None:
    X = TRAIN[0]
    dice = np.random.default_rng(0)
    layers = [dice.normal(size=(30, 8)), np.zeros(8), dice.normal(size=(8, 1)), np.zeros(1)]
    for activation in ACTIVATIONS:
        assert compute_dead_shares(layers, activation, X) == [0.0]
    for activation, bias in (("relu", -1e6), ("sigmoid", 100), ("sigmoid", -100), ("tanh", 100)):
        for share in (0.25, 1.0):
            killed = [*layers[:1], np.where(np.arange(8) < 8 * share, bias, 0), *layers[2:]]
            assert compute_dead_shares(killed, activation, X) == [share], activation
    assert compute_dead_shares(layers, "relu", X[:0]) == [0.0]
    two = [*layers[:2], np.zeros((8, 3)), np.full(3, -1.0), *layers[2:]]
    assert compute_dead_shares(two, "relu", X) == [0.0, 1.0]  # a share a layer, in their order


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [(4,), (4, 3, 2)])
def test_every_epoch_says_how_training_goes_inside(hidden: tuple[int, ...]) -> None:
    curve = Curve()
    MLP(hidden=hidden, epochs=3, learning_rate=0.01).fit(TRAIN, VALIDATION, curve)
    dead = {f"dead_{n}" for n in range(1, len(hidden) + 1)}
    assert set(curve.internals[0]) == dead
    for number in (1, 2, 3):
        inside = curve.internals[number]
        assert set(inside) == {"learning_rate", "gradient_norm", "seconds", *dead}
        assert all(math.isfinite(v) for v in inside.values())
        assert inside["learning_rate"] == pytest.approx(0.01)
        assert inside["gradient_norm"] > 0
        assert 0 < inside["seconds"] < 60
        assert all(0 <= inside[name] <= 1 for name in dead)


@pytest.mark.slow
@pytest.mark.parametrize("more", [{}, {"wide": False}, {"batch_norm": True, "clip_norm": 1}])
def test_validation_chooses_the_epoch_and_nothing_else(more: dict) -> None:
    curves = []
    for validation in (VALIDATION, (VALIDATION[0] * 3, 1 - VALIDATION[1])):
        model = MLP(hidden=(4,), epochs=3, patience=3, learning_rate=0.02, **more)
        curves.append(Curve(validation[1]).watch_network(model))
        model.fit(TRAIN, validation, curves[-1])
    honest, poisoned = curves
    assert honest.weights.keys() == poisoned.weights.keys() >= {1, 2, 3}
    for number, weights in honest.weights.items():
        assert same(weights, poisoned.weights[number]), number


@pytest.mark.slow
def test_nothing_is_made_dense() -> None:
    # as a dense matrix the mails would take 800 MB; the peak can only be measured from outside
    code = """
import resource
import numpy as np
from scipy.sparse import random_array
from pipeline.models.mlp import MLP
MLP.warm_up()
dice = np.random.default_rng(0)
X = random_array((200, 1_000_000), density=1e-4, rng=dice, format="csr", dtype=np.float32)
from scipy.sparse import csr_matrix
X, y = csr_matrix(X), (np.arange(200) % 2).astype(np.int8)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = peak()
model = MLP(hidden=(8,), inputs=64, epochs=2, batch_size=200).fit((X, y), (X, y))
assert model.layers[0].shape == (64, 8)
print(peak() - before)
"""
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert float(result.stdout) < 400


@pytest.mark.slow
@pytest.mark.parametrize("wide", [False, True])
def test_the_model_is_its_best_epoch(wide: bool) -> None:
    curve = Curve()
    model = MLP(
        hidden=(8,), wide=wide, epochs=12, patience=12, learning_rate=0.3, batch_size=8, dropout=0
    )
    model.fit(TRAIN, VALIDATION, curve)
    assert max(curve.losses) == 12
    loss = log_loss(VALIDATION[1], model.score(VALIDATION[0]))
    assert loss == pytest.approx(curve.losses[model.best_epoch], abs=1e-9)
    assert loss <= min(curve.losses.values()) + callback.SMALLEST_GAIN
    assert curve.losses[12] > loss, "the case must overfit for this test to say anything"


@pytest.mark.parametrize("wide", [False, True])
def test_patience_ends_the_training_so_many_epochs_after_the_best(wide: bool) -> None:
    curve = Curve()
    model = MLP(
        hidden=(8,), wide=wide, epochs=100, patience=3, learning_rate=0.3, batch_size=8, dropout=0
    )
    model.fit(TRAIN, VALIDATION, curve)
    assert model.end_reason == "patience"
    assert max(curve.losses) == model.best_epoch + 3 < 100


def test_the_last_epoch_ends_the_training() -> None:
    model = MLP(hidden=(2,), wide=False, epochs=2, learning_rate=0.001).fit(TRAIN, VALIDATION)
    assert (model.end_reason, model.best_epoch) == ("epochs", 2)


@pytest.mark.parametrize("wide", [False, True])
def test_a_stop_within_the_first_epoch_leaves_its_weights(wide: bool) -> None:
    class AtOnce(Curve):
        def should_stop(self) -> bool:
            return True

    curve = AtOnce()
    model = MLP(hidden=(2,), wide=wide, batch_size=1, epochs=50).fit(TRAIN, VALIDATION, curve)
    assert (model.end_reason, list(curve.losses)) == ("stopped", [0, 1] if wide else [1])
    best = min(curve.losses, key=lambda number: curve.losses[number])
    assert model.best_epoch == best


def poisoned(*rows: int):
    X = TRAIN[0].copy()
    for row in rows:
        X.data[X.indptr[row]] = np.nan
    return X, TRAIN[1]


def test_a_loss_that_is_no_number_from_the_start_is_refused_with_a_sentence() -> None:
    with pytest.raises(BadData, match=r"no longer a number .+ choose a smaller learning rate"):
        MLP(hidden=(2,), wide=False, epochs=2).fit(poisoned(*range(80)), VALIDATION)


class Poison(Curve):
    """Multiplies the weights in the last step of the third epoch, as too large a step would."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def report_step(self, share: float) -> None:
        if share == 1 and max(self.losses, default=0) == 2:
            with np.errstate(over="ignore"):
                self.network.set_weights([w * self.factor for w in self.network.get_weights()])


@pytest.mark.slow
# with 1e25 the weights are numbers, but the scores that they give are not
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("factor", [np.nan, 1e25, 1e38])
def test_a_loss_that_becomes_no_number_ends_with_the_best_weights(factor, wide) -> None:
    curve = Poison(factor)
    model = MLP(hidden=(4, 4), wide=wide, epochs=9, learning_rate=0.01)
    model.fit(TRAIN, VALIDATION, curve.watch_network(model))
    assert (model.end_reason, max(curve.losses)) == ("nan", 2)
    assert np.array_equal(model.score(VALIDATION[0]), curve.scores[model.best_epoch])
    loss = log_loss(VALIDATION[1], model.score(VALIDATION[0]))
    assert loss == pytest.approx(min(curve.losses.values()), abs=callback.SMALLEST_GAIN)


@pytest.mark.slow
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd"])
def test_too_large_a_learning_rate_ends_with_a_usable_model_or_a_sentence(optimizer, wide) -> None:
    model = MLP(hidden=(16, 16, 16), wide=wide, optimizer=optimizer, learning_rate=10, epochs=5)
    try:
        model.fit((TRAIN[0] * 1e4, TRAIN[1]), VALIDATION)
    except BadData:
        assert not wide  # there was epoch 0
        return
    scores = model.score(VALIDATION[0])
    assert np.isfinite(scores).all()
    assert math.isfinite(log_loss(VALIDATION[1], scores))


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_learns(optimizer: str) -> None:
    rate = 0.5 if optimizer in ("sgd", "momentum") else 0.02
    curve = Curve(TRAIN[1])
    model = MLP(
        hidden=(4,), wide=False, optimizer=optimizer, learning_rate=rate, epochs=10, batch_size=8
    )
    model.fit(TRAIN, TRAIN, curve)
    assert curve.losses[10] < 0.8 * curve.losses[1]


def test_class_weights_are_the_inverse_shares() -> None:
    y = np.array([0] * 90 + [1] * 10)
    assert MLP()._class_weights(y) == (1, 1)
    ham, spam = MLP(class_weight="balanced")._class_weights(y)
    assert (90 * ham, 10 * spam) == pytest.approx((50, 50))
    assert all(math.isfinite(w) for w in MLP(class_weight="balanced")._class_weights(np.zeros(5)))


@pytest.mark.slow
def test_balanced_classes_move_scores_towards_the_rare_one() -> None:
    rare = problem(mails=120, seed=3, spam=0.1)
    means = [
        MLP(hidden=(16,), wide=False, epochs=8, class_weight=weight, dropout=0, learning_rate=0.01)
        .fit(rare, rare)
        .score(VALIDATION[0])
        .mean()
        for weight in ("none", "balanced")
    ]
    assert means[1] > means[0] + 0.2


@pytest.mark.parametrize("whole", [True, False])
def test_the_batches_hold_every_mail_once_an_epoch_in_a_new_order(whole: bool) -> None:
    X, y = TRAIN
    line = np.arange(len(y), dtype=np.float64)
    batches = training.make_batches(X, y, 7, 0, (1.0, 3.0), None if whole else line)
    epochs = []
    for _ in range(2):
        rows, labels, weights = [], [], []
        for mails, label, weight in batches:
            mail = mails if whole else mails[0]
            dense = np.zeros(mail.dense_shape.numpy(), np.float32)
            dense[tuple(mail.indices.numpy().T)] = mail.values.numpy()
            rows.append(dense if whole else np.hstack([dense, mails[1].numpy()]))
            labels.append(label.numpy()[:, 0])
            weights.append(weight.numpy())
        rows, labels, weights = (np.concatenate(part) for part in (rows, labels, weights))
        assert np.array_equal(weights, np.where(labels == 1, 3, 1))
        epochs.append(np.column_stack([labels, rows]))
    expected = np.column_stack([y, X.toarray()] if whole else [y, X.toarray(), line])
    for seen in epochs:
        assert sorted(map(tuple, seen)) == sorted(map(tuple, expected))
    assert not np.array_equal(*epochs)


def test_the_most_telling_columns_are_scikit_learns_and_seen_on_train_only() -> None:
    X, y = TRAIN
    expected = SelectKBest(chi2, k=16).fit(X, y).get_support(indices=True)
    assert choose_inputs(X, y, 16).tolist() == expected.tolist()
    assert choose_inputs(X, y, 30).tolist() == list(range(30))
    model = MLP(inputs=16, epochs=1, hidden=(2,)).fit(TRAIN, VALIDATION)
    other = MLP(inputs=16, epochs=1, hidden=(2,)).fit(TRAIN, (VALIDATION[0], 1 - VALIDATION[1]))
    assert np.array_equal(model.columns, other.columns)
    assert np.array_equal(model.columns, expected)
    assert model.layers[0].shape == (16, 2)


def test_sigmoid_and_log_loss_survive_extremes() -> None:
    z = np.array([-1e4, -30, 0, 30, 1e4])
    assert np.allclose(sigmoid(z), [0, 9.357623e-14, 0.5, 1, 1], rtol=1e-6, atol=1e-300)
    assert log_loss(np.array([1, 0]), np.array([0.0, 1.0])) == pytest.approx(-math.log(1e-15), 1e-3)
    assert log_loss(np.array([1, 0]), np.array([1.0, 0.0])) < 1e-14


@pytest.mark.slow
@pytest.mark.parametrize("more", [{}, {"wide": False}, {"batch_norm": True}])
def test_other_users_of_the_global_generators_change_nothing(more: dict) -> None:
    # as the threads of a Dask worker do, which draw from Python's generator while a run is made
    import random

    def weights(state: int) -> list[np.ndarray]:
        random.seed(state)
        np.random.seed(state)

        class Noise(Curve):
            def report_step(self, share: float) -> None:
                random.random()

        model = MLP(hidden=(4, 3), dropout=0.5, epochs=2, **more)
        noise = Noise().watch_network(model)
        model.fit(TRAIN, VALIDATION, noise)
        return noise.weights[2]

    assert same(weights(1), weights(2))

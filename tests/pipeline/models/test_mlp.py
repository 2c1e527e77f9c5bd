import math

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.feature_selection import SelectKBest, chi2

from pipeline.errors import BadData
from pipeline.models import mlp
from pipeline.models.mlp import MLP, OPTIMIZERS
from pipeline.models.model import Monitor, log_loss, sigmoid
from pipeline.models.network import ACTIVATIONS, forward
from tests.matrices import problem

TRAIN, VALIDATION = problem(seed=1), problem(seed=2, mails=40)


class Curve(Monitor):
    def __init__(self, labels: np.ndarray = VALIDATION[1]) -> None:
        self.labels = labels
        self.losses: list[float] = []

    def epoch(self, number: int, of: int, train: np.ndarray, validation: np.ndarray) -> None:
        self.losses.append(log_loss(self.labels, validation))


def keras_of(model: MLP, columns: int, size: float = 0.5):
    """Keras' own network of the same shape, with random weights."""
    keras = mlp._keras()
    keras.utils.set_random_seed(1)
    network = model._build(keras, columns)
    dice = np.random.default_rng(0)
    weights = [dice.normal(0, size, w.shape).astype(np.float32) for w in network.get_weights()]
    network.set_weights(weights)
    return network, weights


@pytest.mark.parametrize("hidden", [(9,), (9, 8), (9, 8, 7)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_numpy_forward_pass_is_keras(activation: str, hidden: tuple[int, ...]) -> None:
    network, weights = keras_of(MLP(hidden=hidden, activation=activation), 30, size=3)
    X = TRAIN[0]
    logits = network(X.toarray(), training=False).numpy()[:, 0]
    assert logits.std() > 0.1
    assert np.allclose(forward(weights, activation, X), sigmoid(logits), atol=1e-5)


def test_the_forward_pass_goes_through_a_large_corpus_in_blocks(monkeypatch) -> None:
    _, weights = keras_of(MLP(hidden=(5,)), 30)
    at_once = forward(weights, "relu", TRAIN[0])
    monkeypatch.setattr("pipeline.models.network.ROWS", 7)
    assert np.allclose(forward(weights, "relu", TRAIN[0]), at_once, atol=1e-7)
    assert forward(weights, "relu", TRAIN[0][:0]).shape == (0,)


@pytest.mark.parametrize("activation", ["tanh", "gelu", "elu"])
def test_the_gradient_of_the_loss_agrees_with_finite_differences(activation: str) -> None:
    import tensorflow as tf

    model = MLP(hidden=(3,), activation=activation, dropout=0.0, l2=0.01)
    network, weights = keras_of(model, 6)
    X, y = csr_matrix(TRAIN[0][:20, :6]), TRAIN[1][:20].astype(np.float64)
    with tf.GradientTape() as tape:
        logits = network(X.toarray(), training=True)
        loss = network.loss(y[:, None], logits) + sum(network.losses)
    gradients = [g.numpy() for g in tape.gradient(loss, network.trainable_variables)]

    def plain(layers: list[np.ndarray]) -> float:
        """The loss as the docstring of MLP says it, from the NumPy forward pass alone."""
        squares = sum((kernel**2).sum() for kernel in layers[:-2:2])
        return log_loss(y, forward(layers, activation, X)) + 0.01 * squares

    doubles = [w.astype(np.float64) for w in weights]
    assert float(loss) == pytest.approx(plain(doubles), abs=1e-5)
    for number, gradient in enumerate(gradients):
        for place in np.ndindex(gradient.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = [w.copy() for w in doubles]
                moved[number][place] += step
                ends.append(plain(moved))
            slope = (ends[0] - ends[1]) / 2e-5
            assert gradient[place] == pytest.approx(slope, abs=1e-4), (number, place)


def test_the_model_is_its_best_epoch() -> None:
    curve = Curve()
    model = MLP(hidden=(8,), epochs=12, patience=12, learning_rate=0.3, batch_size=8, dropout=0)
    model.fit(TRAIN, VALIDATION, curve)
    assert len(curve.losses) == 12
    loss = log_loss(VALIDATION[1], model.score(VALIDATION[0]))
    assert loss == pytest.approx(curve.losses[model.best_epoch - 1], abs=1e-9)
    assert loss <= min(curve.losses) + mlp.SMALLEST_GAIN
    assert curve.losses[-1] > loss, "the case must overfit for this test to say anything"


def test_patience_ends_the_training_so_many_epochs_after_the_best() -> None:
    curve = Curve()
    model = MLP(hidden=(8,), epochs=100, patience=3, learning_rate=0.3, batch_size=8, dropout=0)
    model.fit(TRAIN, VALIDATION, curve)
    assert model.ended == "patience"
    assert len(curve.losses) == model.best_epoch + 3 < 100


def test_the_last_epoch_ends_the_training() -> None:
    model = MLP(hidden=(2,), epochs=2, learning_rate=0.001).fit(TRAIN, VALIDATION)
    assert (model.ended, model.best_epoch) == ("epochs", 2)


def test_a_stop_within_the_first_epoch_leaves_its_weights() -> None:
    class AtOnce(Curve):
        def stop_wanted(self) -> bool:
            return True

    curve = AtOnce()
    model = MLP(hidden=(2,), batch_size=1, epochs=50).fit(TRAIN, VALIDATION, curve)
    assert (model.ended, model.best_epoch, len(curve.losses)) == ("stopped", 1, 1)


def poisoned(*rows: int):
    X = TRAIN[0].copy()
    for row in rows:
        X.data[X.indptr[row]] = np.nan
    return X, TRAIN[1]


def test_a_loss_that_is_no_number_from_the_start_is_refused_with_a_sentence() -> None:
    with pytest.raises(BadData, match=r"no longer a number .+ choose a smaller learning rate"):
        MLP(hidden=(2,), epochs=2).fit(poisoned(*range(80)), VALIDATION)


class Poison(Curve):
    """Multiplies the weights in the last step of the third epoch, as too large a step would."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def step(self, share: float) -> None:
        if share == 1 and len(self.losses) == 2:
            self.network.set_weights([w * self.factor for w in self.network.get_weights()])


# with 1e25 the weights are numbers, but the scores that they give are not
@pytest.mark.parametrize("factor", [np.nan, 1e25, 1e38])
def test_a_loss_that_becomes_no_number_ends_with_the_best_weights(factor: float) -> None:
    curve = Poison(factor)
    model = MLP(hidden=(4, 4), epochs=9, learning_rate=0.01)
    build = model._build

    def watched(*args):
        curve.network = build(*args)
        return curve.network

    model._build = watched  # type: ignore[method-assign]
    model.fit(TRAIN, VALIDATION, curve)
    assert (model.ended, len(curve.losses), model.best_epoch) == ("nan", 2, 2)
    assert log_loss(VALIDATION[1], model.score(VALIDATION[0])) == pytest.approx(min(curve.losses))


@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd"])
def test_too_large_a_learning_rate_ends_with_a_usable_model_or_a_sentence(optimizer: str) -> None:
    model = MLP(hidden=(16, 16, 16), optimizer=optimizer, learning_rate=10, epochs=5)
    try:
        model.fit((TRAIN[0] * 1e4, TRAIN[1]), VALIDATION)
    except BadData:
        return
    scores = model.score(VALIDATION[0])
    assert np.isfinite(scores).all()
    assert math.isfinite(log_loss(VALIDATION[1], scores))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_learns(optimizer: str) -> None:
    rate = 0.5 if optimizer in ("sgd", "momentum") else 0.02
    curve = Curve(TRAIN[1])
    model = MLP(hidden=(4,), optimizer=optimizer, learning_rate=rate, epochs=10, batch_size=8)
    model.fit(TRAIN, TRAIN, curve)
    assert curve.losses[-1] < 0.8 * curve.losses[0]


def test_class_weights_are_the_inverse_shares() -> None:
    y = np.array([0] * 90 + [1] * 10)
    assert MLP()._weights(y) == (1, 1)
    ham, spam = MLP(class_weight="balanced")._weights(y)
    assert (90 * ham, 10 * spam) == pytest.approx((50, 50))
    assert all(math.isfinite(w) for w in MLP(class_weight="balanced")._weights(np.zeros(5)))


def test_balanced_classes_move_scores_towards_the_rare_one() -> None:
    rare = problem(mails=120, seed=3, spam=0.1)
    means = [
        MLP(hidden=(16,), epochs=8, class_weight=weight, dropout=0, learning_rate=0.01)
        .fit(rare, rare)
        .score(VALIDATION[0])
        .mean()
        for weight in ("none", "balanced")
    ]
    assert means[1] > means[0] + 0.2


def test_the_batches_hold_every_mail_once_an_epoch_in_a_new_order() -> None:
    X, y = TRAIN
    batches = mlp._batches(X, y, 7, 0, (1.0, 3.0))
    epochs = []
    for _ in range(2):
        rows, labels, weights = [], [], []
        for mails, label, weight in batches:
            dense = np.zeros(mails.dense_shape.numpy(), np.float32)
            dense[tuple(mails.indices.numpy().T)] = mails.values.numpy()
            rows.append(dense)
            labels.append(label.numpy()[:, 0])
            weights.append(weight.numpy())
        rows, labels, weights = (np.concatenate(part) for part in (rows, labels, weights))
        assert np.array_equal(weights, np.where(labels == 1, 3, 1))
        epochs.append(np.column_stack([labels, rows]))
    expected = np.column_stack([y, X.toarray()])
    for seen in epochs:
        assert sorted(map(tuple, seen)) == sorted(map(tuple, expected))
    assert not np.array_equal(*epochs)


def test_the_most_telling_columns_are_scikit_learns_and_seen_on_train_only() -> None:
    X, y = TRAIN
    expected = SelectKBest(chi2, k=16).fit(X, y).get_support(indices=True)
    assert mlp._most_telling(X, y, 16).tolist() == expected.tolist()
    assert mlp._most_telling(X, y, 30).tolist() == list(range(30))
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


def test_other_users_of_the_global_generators_change_nothing() -> None:
    # as the threads of a Dask worker do, which draw from Python's generator while a run is made
    import random

    def weights(state: int) -> list[np.ndarray]:
        random.seed(state)
        np.random.seed(state)

        class Noise(Monitor):
            def step(self, share: float) -> None:
                random.random()

        return MLP(hidden=(4, 3), dropout=0.5, epochs=2).fit(TRAIN, VALIDATION, Noise()).layers

    for one, other in zip(weights(1), weights(2), strict=True):
        assert np.array_equal(one, other)

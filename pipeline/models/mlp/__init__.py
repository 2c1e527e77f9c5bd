"""A multilayer perceptron in Keras, on sparse input; only this folder imports keras."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.errors import BadData, expect
from pipeline.models.contributions import Contributions
from pipeline.models.integrated_gradients import integrated_gradients
from pipeline.models.logistic import Logistic
from pipeline.models.mlp.training import batches, fused_adam, gradient_network, load_keras, recorder
from pipeline.models.model import Mails, Model, Monitor, present
from pipeline.models.network import ACTIVATIONS, forward

OPTIMIZERS = ("adam", "adamw", "rmsprop", "momentum", "sgd")
STEPS_AT_ONCE = 8
"""Training steps between two looks from Python: an epoch of 121 steps takes a quarter less time
than with one, and a stop is still obeyed within a tenth of a second."""
WIDE_C = 1000.0
"""Of the wide path; docs/decisions/0006-wide-and-deep.md has the figures."""


@dataclass(eq=False)
class MLP(Model):
    """One to three hidden layers between the features and the log-odds of spam.

    Args:
        hidden: units of each hidden layer, 1 to 3 layers of 1 to 1,024 units.
        activation: of the hidden layers; relu, leaky_relu, elu, gelu, tanh or sigmoid.
        wide: a linear path from every feature to the output beside the hidden layers (Cheng and
            others, Wide & Deep Learning, 2016). It is the logistic regression of the same train
            mails and stays it, so that the hidden layers learn what a line through the mails
            misses, and training can only gain: epoch 0 is that regression.
        batch_norm: normalise each hidden layer before its activation.
        dropout: share of hidden units switched off in each training step, 0 to 0.9.
        l2: weight of the squared weights of the hidden layers in the loss, 0 to 1.
        optimizer: adam, adamw, rmsprop, momentum (SGD with 0.9) or sgd.
        learning_rate: 1e-6 to 10.
        clip_norm: gradients longer than this are cut to it, 0 (never) to 1,000.
        plateau: halve the learning rate after so many epochs without a lower validation loss, 0
            (never) to 1,000.
        batch_size: mails a step, 1 to 4,096.
        epochs: most passes over the train mails, 1 to 1,000.
        patience: stop after so many epochs without a lower validation loss, 1 to 1,000.
        class_weight: "none", or "balanced" to let both classes weigh the same in total.
        inputs: the hidden layers read the so many features that tell ham and spam apart best on
            train (chi-squared); 16 to 1,048,576. More make each step slower.
        seed: initial weights, order of the mails, dropout.

    The weights of the epoch with the lowest validation loss are the model.
    """

    hidden: tuple[int, ...] = (64,)
    activation: str = "relu"
    wide: bool = True
    batch_norm: bool = False
    dropout: float = 0.2
    l2: float = 0.0
    optimizer: str = "adam"
    learning_rate: float = 0.002
    clip_norm: float = 0.0
    plateau: int = 0
    batch_size: int = 32
    epochs: int = 30
    patience: int = 5
    class_weight: str = "none"
    inputs: int = 4096
    seed: int = 0
    columns: np.ndarray | None = field(default=None, init=False, repr=False)
    layers: list[np.ndarray] = field(default_factory=list, init=False, repr=False)
    line: Logistic | None = field(default=None, init=False, repr=False)
    best_epoch: int = field(default=0, init=False)
    ended: str = field(default="", init=False)
    """Why training ended: "patience", "epochs", "stopped" or "nan"."""
    epoch_name: ClassVar[str] = "epoch"

    def __post_init__(self) -> None:
        def whole(name: str, low: int, high: int) -> None:
            value = getattr(self, name)
            good = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
            expect(good, name, f"a whole number from {low:,} to {high:,}", value)

        def number(name: str, low: float, high: float) -> None:
            value = getattr(self, name)
            good = isinstance(value, int | float) and not isinstance(value, bool)
            expect(good and low <= value <= high, name, f"a number from {low:g} to {high:g}", value)
            setattr(self, name, float(value))  # 1 and 1.0 are one spec

        def one_of(name: str, words: tuple[str, ...]) -> None:
            value = getattr(self, name)
            expect(value in words, name, f"one of {', '.join(words)}", value)

        units = self.hidden
        expect(
            isinstance(units, list | tuple)
            and 1 <= len(units) <= 3
            and all(
                isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= 1024 for n in units
            ),
            "hidden",
            "1 to 3 layers of 1 to 1,024 units",
            units,
        )
        self.hidden = tuple(units)
        one_of("activation", tuple(ACTIVATIONS))
        one_of("optimizer", OPTIMIZERS)
        one_of("class_weight", ("none", "balanced"))
        for name in ("wide", "batch_norm"):
            value = getattr(self, name)
            expect(isinstance(value, bool), name, "true or false", value)
        number("dropout", 0, 0.9)
        number("l2", 0, 1)
        number("learning_rate", 1e-6, 10)
        number("clip_norm", 0, 1000)
        whole("plateau", 0, 1000)
        whole("batch_size", 1, 4096)
        whole("epochs", 1, 1000)
        whole("patience", 1, 1000)
        whole("inputs", 16, 1 << 20)

    @property
    def most_epochs(self) -> int:
        return self.epochs

    def fit(self, train: Mails, validation: Mails, monitor: Monitor | None = None) -> Self:
        """Train; raises BadData when the loss is not a number before one epoch is complete."""
        X, y = train
        self.layers, self.line, self.best_epoch, self.ended = [], None, 0, ""
        self.calibration = type(self).calibration
        self.columns = _most_telling(X, y, self.inputs)
        if self.wide and 0 < y.sum() < len(y):
            line = Logistic(C=WIDE_C, class_weight=self.class_weight, seed=self.seed)
            self.line = line.fit(train, validation)
        # after the line, whose solver wants as much memory for a while as TensorFlow for good
        keras = load_keras()
        network = self._build(keras, len(self.columns), self.line is not None)
        deep = [mails[:, self.columns] for mails, _ in (train, validation)]
        beside = [self._beside(mails) for mails, _ in (train, validation)]
        weights = self._weights(y)
        known = beside[0] if self.line else None
        labels = (y, validation[1])
        network.fit(
            batches(deep[0], y, self.batch_size, self.seed, weights, known),
            epochs=self.epochs,
            verbose=0,
            shuffle=False,  # the pipeline shuffles
            callbacks=[recorder(keras, self, deep, beside, labels, monitor or Monitor())],
        )
        if not self.layers:
            raise BadData(
                "the loss was no longer a number before the first epoch was complete; "
                "choose a smaller learning rate."
            )
        return self

    def log_odds(self, X: csr_matrix) -> np.ndarray:
        assert self.columns is not None, "fit or restore comes first"
        return forward(self.layers, self.activation, X[:, self.columns]) + self._beside(X)

    def contributions(self, x: csr_matrix) -> Contributions:
        """Integrated gradients of the hidden layers, and the exact share of the line beside them.

        The residual is what the integral misses; see `integrated_gradients`.
        """
        assert self.columns is not None, "fit or restore comes first"
        columns, values = present(x)
        read = np.flatnonzero(np.isin(columns, self.columns))
        inputs = np.searchsorted(self.columns, columns[read])
        deep, _ = integrated_gradients(self.layers, self.activation, inputs, values[read])
        parts = np.zeros(len(columns))
        parts[read] = deep
        if self.line:
            parts += self.line.contributions(x).values
        return self._taken_apart(x, columns, self.calibration.slope * parts)

    def _beside(self, X: csr_matrix) -> np.ndarray:
        """What the wide path adds to the log-odds."""
        return self.line.log_odds(X) if self.line else np.zeros(X.shape[0])

    def _state(self) -> dict[str, np.ndarray]:
        assert self.columns is not None
        layers = {f"layer.{i}": array for i, array in enumerate(self.layers)}
        line = self.line._state() if self.line else {}
        return {"columns": self.columns, **layers, **{f"wide.{k}": v for k, v in line.items()}}

    def _restore(self, state: dict[str, np.ndarray]) -> None:
        self.columns = state["columns"]
        self.layers = [state[f"layer.{i}"] for i in range(2 * len(self.hidden) + 2)]
        self.line = None
        if self.wide:
            self.line = Logistic(C=WIDE_C)
            self.line._restore({name: state[f"wide.{name}"] for name in ("weights", "bias")})

    def _weights(self, y: np.ndarray) -> tuple[float, float]:
        """What a ham and a spam mail weigh in the loss."""
        if self.class_weight == "none":
            return 1.0, 1.0
        return len(y) / (2 * max(1, int((y == 0).sum()))), len(y) / (2 * max(1, int(y.sum())))

    def _build(self, keras: Any, columns: int, beside: bool) -> Any:
        # Every seed is given here. Keras would otherwise draw them from Python's global generator,
        # which the threads of a Dask worker use as well: the same spec then gave other weights.
        regularizer = keras.regularizers.L2(self.l2) if self.l2 else None
        start = (
            keras.initializers.HeNormal
            if "elu" in self.activation
            else keras.initializers.GlorotUniform
        )
        seed = self.seed % 2**31
        x = deep = keras.Input((columns,), sparse=True)
        for number, units in enumerate(self.hidden):
            x = keras.layers.Dense(
                units,
                kernel_regularizer=regularizer,
                kernel_initializer=start(seed=seed + number),
                name=f"hidden_{number}",
            )(x)
            if self.batch_norm:
                x = keras.layers.BatchNormalization(name=f"norm_{number}")(x)
            x = keras.layers.Activation(self.activation)(x)
            if self.dropout:
                x = keras.layers.Dropout(self.dropout, seed=seed + 10 + number)(x)
        # beside a line the hidden layers begin by saying nothing: epoch 0 is the line itself
        last = "zeros" if beside else keras.initializers.GlorotUniform(seed + 20)
        out = keras.layers.Dense(1, kernel_initializer=last, name="out")(x)
        inputs = deep
        if beside:
            line = keras.Input((1,))
            inputs, out = [deep, line], keras.layers.Add()([out, line])
        network = gradient_network(keras)(inputs, out)
        rate: dict[str, Any] = {"learning_rate": self.learning_rate}
        if self.clip_norm:
            rate["global_clipnorm"] = self.clip_norm
        optimizer = {
            "adam": lambda: fused_adam(keras)(**rate),
            "adamw": lambda: keras.optimizers.AdamW(**rate),
            "rmsprop": lambda: keras.optimizers.RMSprop(**rate),
            "momentum": lambda: keras.optimizers.SGD(**rate, momentum=0.9),
            "sgd": lambda: keras.optimizers.SGD(**rate),
        }[self.optimizer]()
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        network.compile(
            optimizer,
            loss,
            jit_compile=False,  # XLA has no sparse matrix product
            steps_per_execution=STEPS_AT_ONCE,
        )
        return network

    def read(self, network: Any) -> list[np.ndarray]:
        """Kernels and biases of the hidden layers and the last one.

        A batch normalisation is a scale and a shift at prediction; they go into the layer before.
        """
        layers: list[np.ndarray] = []
        for number in range(len(self.hidden)):
            kernel, bias = network.get_layer(f"hidden_{number}").get_weights()
            if self.batch_norm:
                norm = network.get_layer(f"norm_{number}")
                gamma, beta, mean, variance = norm.get_weights()
                factor = gamma / np.sqrt(variance + norm.epsilon)
                kernel, bias = kernel * factor, (bias - mean) * factor + beta
            layers += [kernel, bias]
        return layers + network.get_layer("out").get_weights()


def warm() -> None:
    """Import TensorFlow and train a mail-sized network for one step.

    The import takes 4 s and the first training step traces and loads kernels for another second;
    a worker does both when it starts, so that nobody waits for them after a click.
    """
    X = csr_matrix(np.eye(4, 32, dtype=np.float32))
    y = np.array([0, 1, 0, 1], dtype=np.int8)
    MLP(hidden=(2,), epochs=1).fit((X, y), (X, y))


def _most_telling(X: csr_matrix, y: np.ndarray, k: int) -> np.ndarray:
    """The numbers of the k columns with the largest chi-squared statistic, ascending."""
    if X.shape[1] <= k:
        return np.arange(X.shape[1], dtype=np.int32)
    from sklearn.feature_selection import chi2

    statistic = np.nan_to_num(chi2(X, y)[0])
    return np.sort(np.argsort(-statistic, kind="stable")[:k]).astype(np.int32)

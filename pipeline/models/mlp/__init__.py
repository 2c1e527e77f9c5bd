"""A multilayer perceptron in Keras, on sparse input; only this folder imports keras."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.errors import BadData
from pipeline.models.contributions import Contributions
from pipeline.models.integrated_gradients import integrated_gradients
from pipeline.models.logistic import Logistic
from pipeline.models.mlp.training import batches, fused_adam, gradient_network, load_keras, recorder
from pipeline.models.model import (
    Color,
    Mails,
    Model,
    Monitor,
    Role,
    declare_class_weight,
    present,
)
from pipeline.models.network import ACTIVATIONS, forward
from pipeline.parameters import choice, flag, number, numbers, whole_number

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
        hidden: units of each hidden layer: 1 to 3 layers of 1 to 1,024 units; by default 64.
        activation: of the hidden layers: by default relu; leaky_relu, elu, gelu, tanh or sigmoid.
        wide: a linear path from every feature to the output beside the hidden layers (Cheng and
            others, Wide & Deep Learning, 2016), by default true. It is the logistic regression of
            the same train mails and stays it, so that the hidden layers learn what a line through
            the mails misses, and training can only gain: epoch 0 is that regression.
        batch_norm: normalise each hidden layer before its activation; by default false.
        dropout: share of hidden units switched off in each training step, 0 to 0.9; by default 0.2.
        l2: weight of the squared weights of the hidden layers in the loss, 0 to 1; by default 0.
        optimizer: by default adam; adamw, rmsprop, momentum (SGD with 0.9) or sgd.
        learning_rate: size of a step, 1e-6 to 10; by default 0.002.
        clip_norm: gradients longer than this are cut to it, 0 (never) to 1,000; by default 0.
        plateau: halve the learning rate after this many epochs without a lower validation loss,
            0 (never) to 1,000; by default 0.
        batch_size: mails a step, 1 to 4,096; by default 32.
        epochs: most passes over the train mails, 1 to 1,000; by default 30.
        patience: stop after this many epochs without a lower validation loss, 1 to 1,000; by
            default 5.
        class_weight: by default "none"; "balanced" lets both classes weigh the same in total.
        inputs: the hidden layers read this many features, those that tell ham and spam apart best
            on train (chi-squared), 16 to 1,048,576; by default 4,096. More make each step slower.
        seed: initial weights, order of the mails, dropout.

    The weights of the epoch with the lowest validation loss are the model.
    """

    title: ClassVar[str] = "Neural network"
    summary: ClassVar[str] = (
        "A multilayer perceptron: hidden layers learn what a weighted sum of the features misses."
    )
    role: ClassVar[Role] = "network"
    color: ClassVar[Color] = "purple"
    explains_exactly: ClassVar[bool] = False
    keeps_best_epoch: ClassVar[bool] = True
    against_overfitting: ClassVar[str] = (
        "More dropout, L2 or fewer units may lower the minimum itself."
    )
    against_underfitting: ClassVar[str] = (
        "Train longer or with a larger learning rate, use more units, or less dropout and L2."
    )

    hidden: tuple[int, ...] = numbers(
        (64,),
        1,
        1024,
        most=3,
        example="64 or 128, 32",
        label="Units of the hidden layers",
        help="One number for each layer. More units can learn more, and overfit more.",
        shown_first=True,
    )
    activation: str = choice(
        "relu",
        tuple(ACTIVATIONS),
        label="Activation",
        help="What a hidden unit does with its sum; relu is the usual choice.",
    )
    wide: bool = flag(
        True,
        label="Linear path beside the hidden layers",
        help="It is the logistic regression of the same mails and gives epoch 0 of the curves; the "
        "hidden layers learn what it misses. Without it the network starts from nothing.",
    )
    batch_norm: bool = flag(
        False,
        label="Batch normalisation",
        help="Brings each hidden unit to mean 0 and variance 1 within a batch.",
    )
    dropout: float = number(
        0.2,
        0,
        0.9,
        step=0.05,
        label="Dropout",
        help="Share of the hidden units switched off at random in each step, against overfitting.",
        shown_first=True,
    )
    l2: float = number(
        0.0,
        0,
        1,
        step=1e-5,
        label="L2",
        help="How much the squared weights of the hidden layers count in the loss; 0 is not at "
        "all, 0.00001 a little.",
    )
    optimizer: str = choice(
        "adam",
        OPTIMIZERS,
        label="Optimiser",
        help="How the weights follow the gradient; adam is the usual choice.",
    )
    learning_rate: float = number(
        0.002,
        1e-6,
        10,
        step=0.001,
        logarithmic=True,
        label="Learning rate",
        help="Size of a step. If it is too large, the loss jumps about; if too small, it crawls.",
        shown_first=True,
    )
    clip_norm: float = number(
        0.0,
        0,
        1000,
        label="Gradient clipping",
        help="Shortens a longer gradient to this length, against exploding gradients (0 = never).",
    )
    plateau: int = whole_number(
        0,
        0,
        1000,
        label="Halve the learning rate after",
        unit="epochs",
        help="Halve the rate after this many epochs without improvement (0 = never).",
    )
    batch_size: int = whole_number(
        32,
        1,
        4096,
        logarithmic=True,
        label="Batch size",
        unit="mails",
        help="Mails read in one step; larger batches mean fewer steps an epoch.",
    )
    epochs: int = whole_number(
        30,
        1,
        1000,
        logarithmic=True,
        label="Epochs at most",
        help="Passes over all train mails; early stopping usually ends training sooner.",
        shown_first=True,
    )
    patience: int = whole_number(
        5,
        1,
        1000,
        label="Early-stopping patience",
        unit="epochs",
        help="Stop after this many epochs without a lower validation loss.",
    )
    class_weight: str = declare_class_weight()
    inputs: int = whole_number(
        4096,
        16,
        1 << 20,
        step=1024,
        logarithmic=True,
        label="Inputs",
        unit="features",
        help="The hidden layers read this many features, those that best tell ham and spam apart "
        "on train; more are slower.",
    )
    seed: int = 0
    columns: np.ndarray | None = field(default=None, init=False, repr=False)
    layers: list[np.ndarray] = field(default_factory=list, init=False, repr=False)
    line: Logistic | None = field(default=None, init=False, repr=False)
    best_epoch: int = field(default=0, init=False)
    ended: str = field(default="", init=False)

    @classmethod
    def warm(cls) -> None:
        """Import TensorFlow and train a mail-sized network for one step.

        The import takes 4 s and the first training step traces and loads kernels for another
        second; a worker does both when it starts, so that nobody waits for them after a click.
        """
        X = csr_matrix(np.eye(4, 32, dtype=np.float32))
        y = np.array([0, 1, 0, 1], dtype=np.int8)
        cls(hidden=(2,), epochs=1).fit((X, y), (X, y))

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
        for layer, units in enumerate(self.hidden):
            x = keras.layers.Dense(
                units,
                kernel_regularizer=regularizer,
                kernel_initializer=start(seed=seed + layer),
                name=f"hidden_{layer}",
            )(x)
            if self.batch_norm:
                x = keras.layers.BatchNormalization(name=f"norm_{layer}")(x)
            x = keras.layers.Activation(self.activation)(x)
            if self.dropout:
                x = keras.layers.Dropout(self.dropout, seed=seed + 10 + layer)(x)
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
        for layer in range(len(self.hidden)):
            kernel, bias = network.get_layer(f"hidden_{layer}").get_weights()
            if self.batch_norm:
                norm = network.get_layer(f"norm_{layer}")
                gamma, beta, mean, variance = norm.get_weights()
                factor = gamma / np.sqrt(variance + norm.epsilon)
                kernel, bias = kernel * factor, (bias - mean) * factor + beta
            layers += [kernel, bias]
        return layers + network.get_layer("out").get_weights()


def _most_telling(X: csr_matrix, y: np.ndarray, k: int) -> np.ndarray:
    """The numbers of the k columns with the largest chi-squared statistic, ascending."""
    if X.shape[1] <= k:
        return np.arange(X.shape[1], dtype=np.int32)
    from sklearn.feature_selection import chi2

    statistic = np.nan_to_num(chi2(X, y)[0])
    return np.sort(np.argsort(-statistic, kind="stable")[:k]).astype(np.int32)

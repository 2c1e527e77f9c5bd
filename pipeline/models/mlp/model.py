"""The multilayer perceptron: its parameters, its training, and the explanation of its scores."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.errors import BadData
from pipeline.models.calibration import Calibration
from pipeline.models.contributions import Contributions
from pipeline.models.logistic import Logistic
from pipeline.models.mlp.building import OPTIMIZERS, build_network
from pipeline.models.mlp.callback import make_callback
from pipeline.models.mlp.forward import ACTIVATIONS, forward
from pipeline.models.mlp.integrated_gradients import integrate_gradients
from pipeline.models.mlp.training import load_keras, make_batches
from pipeline.models.model import Color, Mails, Model, Role, declare_class_weight, read_nonzero
from pipeline.models.monitor import Monitor
from pipeline.parameters import choice, flag, number, numbers, whole_number

WIDE_C = 1000.0
"""The C of the linear path; docs/decisions/0006-wide-and-deep.md has the figures."""


@dataclass(eq=False)
class MLP(Model):
    """One to three hidden layers between the features and the log-odds of spam.

    Args:
        hidden: units of each hidden layer: 1 to 3 layers of 1 to 1,024 units; by default 64.
        activation: of the hidden layers: by default relu; leaky_relu, elu, gelu, tanh or sigmoid.
        wide: adds a linear path from every feature to the output beside the hidden layers (Cheng
            and others, Wide & Deep Learning, 2016); by default true. The path is the logistic
            regression of the same train mails and does not change, so the hidden layers learn what
            it misses, and training can only improve on it: epoch 0 is that regression.
        batch_norm: normalises each hidden layer before its activation; by default false.
        dropout: share of hidden units switched off in each training step, 0 to 0.9; by default 0.2.
        l2: weight of the squared weights of the hidden layers in the loss, 0 to 1; by default 0.
        optimizer: by default adam; adamw, rmsprop, momentum (SGD with 0.9) or sgd.
        learning_rate: size of a step, 1e-6 to 10; by default 0.002.
        clip_norm: gradients longer than this are cut to it, 0 (never) to 1,000; by default 0.
        plateau: halves the learning rate after this many epochs without a lower validation loss,
            0 (never) to 1,000; by default 0.
        batch_size: mails a step, 1 to 4,096; by default 32.
        epochs: most passes over the train mails, 1 to 1,000; by default 30.
        patience: ends training after this many epochs without a lower validation loss, 1 to 1,000;
            by default 5.
        class_weight: by default "none"; "balanced" lets both classes weigh the same in total.
        inputs: the hidden layers read this many features, those that best tell ham and spam apart
            on train (chi-squared), 16 to 1,048,576; by default 4,096. More make each step slower.
        seed: decides the initial weights, the order of the mails and the dropout.

    The weights of the epoch with the lowest validation loss are the model.
    """

    title: ClassVar[str] = "Neural network"
    summary: ClassVar[str] = (
        "A multilayer perceptron: hidden layers learn what a weighted sum of the features misses."
    )
    role: ClassVar[Role] = "network"
    color: ClassVar[Color] = "purple"
    explains_exactly: ClassVar[bool] = False
    epoch_name: ClassVar[str] = "epoch"
    epoch_plural: ClassVar[str] = "epochs"
    keeps_best_epoch: ClassVar[bool] = True
    overfitting_advice: ClassVar[str] = (
        "More dropout, L2 or fewer units may lower the minimum itself."
    )
    underfitting_advice: ClassVar[str] = (
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
        tuple(OPTIMIZERS),
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
    linear_path: Logistic | None = field(default=None, init=False, repr=False)
    best_epoch: int = field(default=0, init=False)
    end_reason: str = field(default="", init=False)

    @classmethod
    def warm_up(cls) -> None:
        """Import TensorFlow and train a tiny network for one step.

        The import takes 4 s, and the first step another second for tracing and loading kernels.
        """
        X = csr_matrix(np.eye(4, 32, dtype=np.float32))
        y = np.array([0, 1, 0, 1], dtype=np.int8)
        cls(hidden=(2,), epochs=1).fit((X, y), (X, y))

    @property
    def max_epochs(self) -> int:
        return self.epochs

    def fit(self, train: Mails, validation: Mails, monitor: Monitor | None = None) -> Self:
        """Train; raises BadData if the loss is not a number before one epoch is complete."""
        X, y = train
        self.layers, self.linear_path, self.best_epoch, self.end_reason = [], None, 0, ""
        self.calibration = Calibration()
        self.columns = choose_inputs(X, y, self.inputs)
        if self.wide and 0 < y.sum() < len(y):
            path = Logistic(C=WIDE_C, class_weight=self.class_weight, seed=self.seed)
            self.linear_path = path.fit(train, validation)
        # only now: while it trains, the linear path needs as much memory as TensorFlow keeps
        keras = load_keras()
        network = self._build_network(keras)
        inputs = [mails[:, self.columns] for mails, _ in (train, validation)]
        linear = [self._linear_log_odds(mails) for mails, _ in (train, validation)]
        batches = make_batches(
            inputs[0],
            y,
            self.batch_size,
            self.seed,
            self._class_weights(y),
            linear[0] if self.linear_path else None,
        )
        labels = (y, validation[1])
        network.fit(
            batches,
            epochs=self.epochs,
            verbose=0,
            shuffle=False,  # the batches are shuffled already
            callbacks=[make_callback(keras, self, inputs, linear, labels, monitor or Monitor())],
        )
        if not self.layers:
            raise BadData(
                "the loss was no longer a number before the first epoch was complete; "
                "choose a smaller learning rate."
            )
        return self

    def log_odds(self, X: csr_matrix) -> np.ndarray:
        assert self.columns is not None, "fit or restore comes first"
        log_odds = forward(self.layers, self.activation, X[:, self.columns])
        log_odds += self._linear_log_odds(X)
        return log_odds

    def contributions(self, x: csr_matrix) -> Contributions:
        """Add integrated gradients of the hidden layers to the exact parts of the linear path.

        The residual is the error of the integral; see `integrate_gradients`.
        """
        assert self.columns is not None, "fit or restore comes first"
        columns, values = read_nonzero(x)
        read = np.flatnonzero(np.isin(columns, self.columns))
        inputs = np.searchsorted(self.columns, columns[read])
        hidden, _ = integrate_gradients(self.layers, self.activation, inputs, values[read])
        parts = np.zeros(len(columns))
        parts[read] = hidden
        if self.linear_path:
            parts += self.linear_path.contributions(x).values
        return self._decompose(x, columns, self.calibration.slope * parts)

    def _linear_log_odds(self, X: csr_matrix) -> np.ndarray:
        """Compute what the linear path adds to the log-odds of each mail."""
        return self.linear_path.log_odds(X) if self.linear_path else np.zeros(X.shape[0])

    def _state(self) -> dict[str, np.ndarray]:
        assert self.columns is not None, "fit or restore comes first"
        layers = {f"layer.{i}": array for i, array in enumerate(self.layers)}
        path = self.linear_path._state() if self.linear_path else {}
        return {"columns": self.columns, **layers, **{f"wide.{k}": v for k, v in path.items()}}

    def _restore(self, state: dict[str, np.ndarray]) -> None:
        self.columns = state["columns"]
        self.layers = [state[f"layer.{i}"] for i in range(2 * len(self.hidden) + 2)]
        self.linear_path = None
        if self.wide:
            self.linear_path = Logistic(C=WIDE_C)
            self.linear_path._restore({name: state[f"wide.{name}"] for name in ("weights", "bias")})

    def _build_network(self, keras: Any) -> Any:
        assert self.columns is not None
        return build_network(keras, self, len(self.columns), self.linear_path is not None)

    def _class_weights(self, y: np.ndarray) -> tuple[float, float]:
        """Compute the weight of a ham and of a spam mail in the loss."""
        if self.class_weight == "none":
            return 1.0, 1.0
        return len(y) / (2 * max(1, int((y == 0).sum()))), len(y) / (2 * max(1, int(y.sum())))


def choose_inputs(X: csr_matrix, y: np.ndarray, k: int) -> np.ndarray:
    """Choose the k columns with the largest chi-squared statistic: int32, ascending.

    Args:
        X: features of the train mails, none below 0.
        y: their labels.
    """
    if X.shape[1] <= k:
        return np.arange(X.shape[1], dtype=np.int32)
    from sklearn.feature_selection import chi2

    statistic = np.nan_to_num(chi2(X, y)[0])
    return np.sort(np.argsort(-statistic, kind="stable")[:k]).astype(np.int32)

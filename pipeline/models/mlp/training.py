"""What Keras does for the MLP: the training step, the optimiser, the batches, the callback."""

import contextlib
import math
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.models.model import Monitor, log_loss, sigmoid
from pipeline.models.network import dead_share, forward

SMALLEST_GAIN = 1e-4
"""A validation loss must fall by this much (nats) for an epoch to count as better."""


def load_keras() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if "keras" not in sys.modules:
        with _no_chatter():
            import keras
            import tensorflow  # noqa: F401
    import keras

    return keras


@contextlib.contextmanager
def _no_chatter() -> Iterator[None]:
    """Send file descriptor 2 nowhere: importing TensorFlow prints a dozen lines about absent GPUs.

    They are written before its logging is set up, so that no log level silences them; an error of
    the import itself is a Python exception and still seen.
    """
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


def gradient_network(keras: Any) -> Any:
    """keras.Model, with the length of each step's gradient as a metric (mean over the epoch)."""
    import tensorflow as tf

    class Network(keras.Model):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.loss_seen = keras.metrics.Mean("loss")
            self.norm_seen = keras.metrics.Mean("gradient_norm")

        @property
        def metrics(self) -> list[Any]:
            return [self.loss_seen, self.norm_seen]

        def train_step(self, data: Any) -> dict[str, Any]:
            x, y, weight = data
            with tf.GradientTape() as tape:
                loss = self.compute_loss(x, y, self(x, training=True), weight)
            variables = self.trainable_variables
            gradients = tape.gradient(loss, variables)
            self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
            self.loss_seen.update_state(loss)
            self.norm_seen.update_state(tf.linalg.global_norm(gradients))
            return {"loss": self.loss_seen.result(), "gradient_norm": self.norm_seen.result()}

    return Network


def fused_adam(keras: Any) -> Any:
    """keras.optimizers.Adam whose step is TensorFlow's one kernel for it instead of ten operations.

    The formula is the same; a step takes 0.3 ms instead of 0.5 on 4,096 × 64 weights (the default)
    and 0.5 instead of 1.4 on 16,384 × 64.
    """
    import tensorflow as tf

    class FusedAdam(keras.optimizers.Adam):
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            place = self._get_variable_index(variable)
            step = tf.cast(self.iterations + 1, variable.dtype)
            beta_1, beta_2 = (
                tf.cast(self.beta_1, variable.dtype),
                tf.cast(self.beta_2, variable.dtype),
            )
            tf.raw_ops.ResourceApplyAdam(
                var=variable.handle,
                m=self._momentums[place].value.handle,
                v=self._velocities[place].value.handle,
                beta1_power=tf.pow(beta_1, step),
                beta2_power=tf.pow(beta_2, step),
                lr=tf.cast(learning_rate, variable.dtype),
                beta1=beta_1,
                beta2=beta_2,
                epsilon=tf.cast(self.epsilon, variable.dtype),
                grad=gradient,
            )

    return FusedAdam


def batches(
    X: csr_matrix,
    y: np.ndarray,
    size: int,
    seed: int,
    weights: tuple[float, float],
    beside: np.ndarray | None = None,
) -> Any:
    """A tf.data pipeline of (sparse mails, labels, weights), shuffled anew in each epoch.

    With `beside`, log-odds of each mail, the mails come as a pair of both. The rows are gathered
    from one ragged tensor inside TensorFlow: nothing is made dense and no Python runs between two
    steps.
    """
    import tensorflow as tf

    with tf.device("CPU"):
        splits = X.indptr.astype(np.int64)
        columns = tf.RaggedTensor.from_row_splits(X.indices.astype(np.int64), splits)
        values = tf.RaggedTensor.from_row_splits(X.data.astype(np.float32), splits)
        labels = tf.constant(y[:, None], tf.float32)
        weight = tf.constant(np.where(y == 1, weights[1], weights[0]), tf.float32)
        line = None if beside is None else tf.constant(beside[:, None], tf.float32)

    @tf.autograph.experimental.do_not_convert  # it has no control flow to convert, only warnings
    def batch(rows: Any) -> Any:
        here = tf.gather(columns, rows)
        indices = tf.stack([here.value_rowids(), here.values], axis=1)
        shape = [tf.shape(rows, out_type=tf.int64)[0], X.shape[1]]
        mails = tf.SparseTensor(indices, tf.gather(values, rows).values, shape)
        both = mails if line is None else (mails, tf.gather(line, rows))
        return both, tf.gather(labels, rows), tf.gather(weight, rows)

    tf.random.set_seed(seed % 2**31)  # the shuffle's seed is this one and its own
    rows = tf.data.Dataset.range(len(y))
    rows = rows.shuffle(len(y), seed=seed % 2**31, reshuffle_each_iteration=True)
    return rows.batch(size).map(batch, num_parallel_calls=1).prefetch(4)


def recorder(
    keras: Any,
    model: Any,
    deep: list[csr_matrix],
    beside: list[np.ndarray],
    labels: tuple[np.ndarray, np.ndarray],
    monitor: Monitor,
) -> Any:
    """The callback that reports epochs, keeps the best weights, slows down and knows when to stop.

    Args:
        model: the MLP that is trained; its layers, best_epoch and ended are set.
        deep: of train and validation, the columns that the hidden layers read.
        beside: of both, what the wide path adds to the log-odds.
        labels: of both.
    """
    steps = math.ceil(deep[0].shape[0] / model.batch_size)

    class Recorder(keras.callbacks.Callback):
        best = math.inf
        broken = False
        started = 0.0
        slowed = 0  # the epoch after which the learning rate was halved last

        def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
            if model.line:
                self._look(0, {})

        def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            self.started = time.perf_counter()

        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            monitor.step(min(1.0, (batch + 1) / steps))  # the last execution may be shorter
            self.broken = not math.isfinite((logs or {}).get("loss", 0.0))
            if self.broken:
                self._end("nan")
            elif monitor.stop_wanted():
                self._end("stopped")

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            logs = logs or {}
            inside = {
                "learning_rate": float(self.model.optimizer.learning_rate),
                "gradient_norm": float(logs.get("gradient_norm", math.nan)),
                "seconds": time.perf_counter() - self.started,
            }
            self._look(epoch + 1, inside)
            if not model.ended:
                since = epoch + 1 - max(model.best_epoch, self.slowed)
                if model.plateau and since >= model.plateau:
                    self.slowed = epoch + 1
                    self.model.optimizer.learning_rate = inside["learning_rate"] / 2
                if epoch + 1 - model.best_epoch >= model.patience:
                    self._end("patience")
                elif epoch + 1 == model.epochs:
                    self._end("epochs")

        def _look(self, epoch: int, inside: dict[str, float]) -> None:
            """Score both parts, report, keep what is best so far."""
            layers = model.read(self.model)
            # weights that are numbers may still be so large that the scores are not
            with np.errstate(over="ignore", invalid="ignore"):
                scores = [
                    sigmoid(forward(layers, model.activation, X) + line)
                    for X, line in zip(deep, beside, strict=True)
                ]
                dead = dead_share(layers, model.activation, deep[0])
            if self.broken or not all(np.isfinite(a).all() for a in (*layers, *scores)):
                self._end("nan")
                return
            loss = log_loss(labels[1], scores[1])
            if not model.layers or loss < self.best - SMALLEST_GAIN:
                self.best, model.best_epoch, model.layers = loss, epoch, layers
            inside |= {f"dead_{number}": share for number, share in enumerate(dead, 1)}
            monitor.epoch(epoch, model.epochs, scores[0], scores[1], inside)

        def _end(self, why: str) -> None:
            model.ended = why
            self.model.stop_training = True

    return Recorder()

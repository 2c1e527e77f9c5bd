"""What happens between the epochs of an MLP: reports, the best weights, the learning rate, the end.

Keras is passed in, so that this module can be imported without it.
"""

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix

from pipeline.models.mlp.building import read_layers
from pipeline.models.mlp.forward import compute_dead_shares, forward
from pipeline.models.monitor import Epoch, Monitor
from pipeline.models.probability import log_loss, sigmoid

if TYPE_CHECKING:
    from pipeline.models.mlp.model import MLP

SMALLEST_GAIN = 1e-4
"""An epoch is better only if it lowers the validation loss by 0.0001 nats a mail; less is noise."""


def make_callback(
    keras: Any,
    model: "MLP",
    inputs: list[csr_matrix],
    linear_log_odds: list[np.ndarray],
    labels: tuple[np.ndarray, np.ndarray],
    monitor: Monitor,
) -> Any:
    """Make the callback that follows `model.fit`, and sets its layers, best_epoch and end_reason.

    Args:
        inputs: the columns that the hidden layers read, of the train and of the validation mails.
        linear_log_odds: those of the linear path for both parts; zeros without such a path.
        labels: those of both parts, 1 for spam.
    """
    steps = math.ceil(inputs[0].shape[0] / model.batch_size)

    class Callback(keras.callbacks.Callback):  # type: ignore[misc] # keras is passed in
        best_loss = math.inf
        is_broken = False
        started = 0.0
        last_halved = 0  # the epoch after which the learning rate was last halved

        def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
            if model.linear_path:
                self._finish_epoch(0, {})

        def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            self.started = time.perf_counter()

        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            monitor.report_step(min(1.0, (batch + 1) / steps))  # the last call may be shorter
            self.is_broken = not math.isfinite((logs or {}).get("loss", 0.0))
            if self.is_broken:
                self._end("nan")
            elif monitor.should_stop():
                self._end("stopped")

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            number = epoch + 1  # Keras counts from 0
            rate = float(self.model.optimizer.learning_rate)
            internals = {
                "learning_rate": rate,
                "gradient_norm": float((logs or {}).get("gradient_norm", math.nan)),
                "seconds": time.perf_counter() - self.started,
            }
            self._finish_epoch(number, internals)
            if model.end_reason:
                return
            if model.plateau and number - max(model.best_epoch, self.last_halved) >= model.plateau:
                self.last_halved = number
                self.model.optimizer.learning_rate = rate / 2
            if number - model.best_epoch >= model.patience:
                self._end("patience")
            elif number == model.epochs:
                self._end("epochs")

        def _finish_epoch(self, number: int, internals: dict[str, float]) -> None:
            """Score both parts, keep the weights if they are the best so far, and report."""
            layers = read_layers(self.model, model)
            # finite weights may still be so large that the scores are not finite
            with np.errstate(over="ignore", invalid="ignore"):
                train_scores, validation_scores = (
                    sigmoid(forward(layers, model.activation, X) + linear)
                    for X, linear in zip(inputs, linear_log_odds, strict=True)
                )
                dead = compute_dead_shares(layers, model.activation, inputs[0])
            numbers = (*layers, train_scores, validation_scores)
            if self.is_broken or not all(np.isfinite(array).all() for array in numbers):
                self._end("nan")
                return
            loss = log_loss(labels[1], validation_scores)
            if not model.layers or loss < self.best_loss - SMALLEST_GAIN:
                self.best_loss, model.best_epoch, model.layers = loss, number, layers
            internals |= {f"dead_{layer}": share for layer, share in enumerate(dead, 1)}
            monitor.report_epoch(
                Epoch(number, model.epochs, train_scores, validation_scores, internals)
            )

        def _end(self, reason: str) -> None:
            model.end_reason = reason
            self.model.stop_training = True

    return Callback()

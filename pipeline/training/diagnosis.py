"""Diagnoses a training from its curves, in plain words, each with the numbers behind it."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from pipeline.models.model import Model
from pipeline.wording import format_count

RISE, RISE_NATS = 1.10, 0.01
"""Overfitting: validation loss ends 10 % and 0.01 nats above its minimum while train loss still
falls. Without the second condition every nearly perfect model would be accused."""

MANY_DEAD = 0.5
"""If half the units of a layer give every mail the same value, the layer hardly learns."""
EXPLODING = 10.0
"""A gradient that grew to 10 times its length in the first epoch explodes, if the loss grew too."""
VANISHING = 1e-4
"""A gradient shorter than 0.0001 moves nothing, a fault while train loss is above `STILL_HIGH`."""
STILL_HIGH = 0.1
"""A train loss above 0.1 nats a mail means that much is left to learn."""
FLAT = 0.01
"""Train loss is on a plateau if it moved by less than 1 % over the last four epochs."""

WEAK_F1 = 0.80
"""An F1 below 0.80 on train at the best epoch means a model too weak or too restrained."""


@dataclass(frozen=True)
class Diagnosis:
    """One diagnosis: a short name, the evidence, one suggestion."""

    verdict: str
    evidence: str
    suggestion: str

    def to_dict(self) -> dict[str, str]:
        return asdict(self)


def diagnose(curves: pd.DataFrame, model: type[Model], *, ended: str = "") -> list[Diagnosis]:
    """Diagnose one run from its curves; the most important diagnosis first, never empty.

    Args:
        curves: columns epoch, train/loss, validation/loss, train/f1, validation/f1; of a network
            also gradient_norm and dead_1, dead_2, … (missing at epoch 0).
        model: the class of the trained model; it knows the name of a row and what helps.
        ended: why training ended; "nan" is a diagnosis by itself.
    """
    findings: list[Diagnosis] = []
    word = model.epoch_name
    if ended == "nan":
        findings.append(
            Diagnosis(
                "Loss became NaN",
                f"the loss was no longer a number after {word} {int(curves['epoch'].iloc[-1])}.",
                "The weights of the best epoch before it were kept; use a learning rate ten times "
                "smaller.",
            )
        )
    train, validation = curves["train/loss"], curves["validation/loss"]
    best = int(validation.idxmin())
    best_epoch, last_epoch = int(curves["epoch"][best]), int(curves["epoch"].iloc[-1])
    lowest, last = validation[best], validation.iloc[-1]
    if model.role == "network":
        findings += _diagnose_network(curves)
        findings += _diagnose_learning_rate(curves, word)
    if last > max(RISE * lowest, lowest + RISE_NATS) and train.iloc[-1] < train[best]:
        findings.append(
            Diagnosis(
                f"Overfitting since {word} {best_epoch}",
                f"validation loss rose from {lowest:.4f} at {word} {best_epoch} to {last:.4f} at "
                f"{word} {last_epoch}, while train loss fell from {train[best]:.4f} to "
                f"{train.iloc[-1]:.4f}.",
                f"The model is that of {word} {best_epoch}, so nothing is lost. "
                f"{model.overfitting_advice}"
                if model.keeps_best_epoch
                else model.overfitting_advice,
            )
        )
    if curves["train/f1"][best] < WEAK_F1:
        findings.append(
            Diagnosis(
                "Underfitting",
                f"even on the train mails F1 is only {curves['train/f1'][best]:.3f} at {word} "
                f"{best_epoch}.",
                model.underfitting_advice,
            )
        )
    if best_epoch == 0 and last_epoch:
        findings.append(
            Diagnosis(
                "The hidden layers added nothing",
                f"no epoch was better on validation than the linear path alone ({lowest:.4f} at "
                f"epoch 0, {last:.4f} at epoch {last_epoch}).",
                "The model is that line, as good as the baseline. Other features or more mails "
                "may give the hidden layers something to find.",
            )
        )
    if ended == "epochs" and best == len(curves) - 1:
        before = validation.iloc[-2] if len(curves) > 1 else float("inf")
        if last < 0.99 * before:
            evidence = (
                f"validation loss was still falling at the last epoch, from {before:.4f} to "
                f"{last:.4f}."
                if len(curves) > 1
                else "after a single epoch nothing says that validation loss had stopped falling."
            )
            findings.append(Diagnosis("Still improving", evidence, "Allow more epochs."))
    if not findings:
        findings.append(
            Diagnosis(
                "Looks fine",
                f"validation loss reached {lowest:.4f} at {word} {best_epoch} of {last_epoch} and "
                f"train loss {train[best]:.4f}."
                if model.keeps_best_epoch
                else f"after {format_count(last_epoch, word, model.epoch_plural)} validation loss "
                f"is {last:.4f} and train loss {train.iloc[-1]:.4f}.",
                "Read the misclassified mails to see what to change next.",
            )
        )
    return findings


def _diagnose_network(curves: pd.DataFrame) -> list[Diagnosis]:
    """Diagnose a network from its gradients and units."""
    findings: list[Diagnosis] = []
    last = curves.iloc[-1]
    dead = [
        f"{last[name]:.0%} of the units of hidden layer {name.removeprefix('dead_')}"
        for name in curves.columns
        if name.startswith("dead_") and last[name] >= MANY_DEAD
    ]
    if dead:
        findings.append(
            Diagnosis(
                "Dead units",
                f"{' and '.join(dead)} say the same of every mail and learn nothing any more.",
                "Try a smaller learning rate, batch normalisation, or leaky_relu or elu, whose "
                "units do not die.",
            )
        )
    if "gradient_norm" not in curves:
        return findings
    norms = curves["gradient_norm"].dropna()
    loss = curves["train/loss"]
    if len(norms) < 2:
        return findings
    if norms.iloc[-1] > EXPLODING * norms.iloc[0] and loss.iloc[-1] > loss.iloc[0]:
        findings.append(
            Diagnosis(
                "Exploding gradient",
                f"the gradient's length went from {norms.iloc[0]:.3g} to {norms.iloc[-1]:.3g}, and "
                f"train loss from {loss.iloc[0]:.4f} to {loss.iloc[-1]:.4f}.",
                "Clip the gradient (to 1, usually) or use a smaller learning rate.",
            )
        )
    elif norms.iloc[-1] < VANISHING and loss.iloc[-1] > STILL_HIGH:
        findings.append(
            Diagnosis(
                "Vanishing gradient",
                f"the gradient's length is down to {norms.iloc[-1]:.2g} while train loss is still "
                f"{loss.iloc[-1]:.4f}.",
                "Use fewer layers, relu instead of tanh or sigmoid, or batch normalisation.",
            )
        )
    recent = loss.iloc[-4:]
    if len(recent) == 4 and recent.min() > STILL_HIGH and np.ptp(recent) < FLAT * recent.mean():
        findings.append(
            Diagnosis(
                "Plateau",
                f"train loss stayed between {recent.min():.4f} and {recent.max():.4f} over the "
                "last four epochs.",
                "Let the learning rate be halved on a plateau, or try one several times larger.",
            )
        )
    return findings


def _diagnose_learning_rate(curves: pd.DataFrame, word: str) -> list[Diagnosis]:
    # epoch 0 is no step of training but the linear path, which may fit train better than a network
    # with dropout and so leave it little to gain
    from_line = bool(curves["epoch"].iloc[0] == 0)
    train = curves["train/loss"].iloc[1 if from_line else 0 :]
    if len(train) < 3:
        return []
    rises = int((train.diff().iloc[1:] > 0.02).sum())
    if rises >= max(2, (len(train) - 1) // 3) or train.iloc[-1] > train.iloc[0] + 0.02:
        return [
            Diagnosis(
                "Learning rate too high",
                f"train loss rose in {rises} of {len(train) - 1} steps between {word}s and went "
                f"from {train.iloc[0]:.4f} to {train.iloc[-1]:.4f}.",
                "Try a learning rate three to ten times smaller.",
            )
        ]
    fall = 1 - train.iloc[-1] / train.iloc[0]
    if fall < 0.15 and train.iloc[-1] > 0.1 and not from_line:
        return [
            Diagnosis(
                "Learning rate too low",
                f"train loss fell by only {fall:.0%} in {len(train)} {word}s, from "
                f"{train.iloc[0]:.4f} to {train.iloc[-1]:.4f}.",
                "Try a learning rate three to ten times larger.",
            )
        ]
    return []

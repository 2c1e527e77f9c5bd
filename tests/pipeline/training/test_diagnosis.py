import numpy as np
import pandas as pd
import pytest

from pipeline.models.logistic import Logistic
from pipeline.models.mlp import MLP
from pipeline.models.model import Model
from pipeline.training.diagnosis import diagnose


def curves(train: list[float], validation: list[float], f1: float = 0.95) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "epoch": range(1, len(train) + 1),
            "train/loss": train,
            "validation/loss": validation,
            "train/f1": f1,
            "validation/f1": f1,
        }
    )


FINE = curves([0.5, 0.3, 0.2, 0.15], [0.52, 0.35, 0.29, 0.288])


def verdicts(frame: pd.DataFrame, model: type[Model] = MLP, ended: str = "patience") -> list[str]:
    return [d.verdict for d in diagnose(frame, model, ended=ended)]


@pytest.mark.parametrize(
    ("train", "validation", "ended", "verdict"),
    [
        ([0.5, 0.2, 0.1, 0.05], [0.5, 0.3, 0.35, 0.45], "patience", "Overfitting since epoch 2"),
        ([0.5, 0.6, 0.4, 0.7, 0.3], [0.5, 0.6, 0.4, 0.7, 0.3], "", "Learning rate too high"),
        ([0.3, 0.4, 0.5, 0.6], [0.3, 0.4, 0.5, 0.6], "patience", "Learning rate too high"),
        ([0.69, 0.68, 0.67, 0.66], [0.69, 0.68, 0.67, 0.66], "", "Learning rate too low"),
        ([0.5, 0.4, 0.3], [0.5, 0.4, 0.3], "epochs", "Still improving"),
        ([0.5, 0.3, 0.2, 0.15], [0.52, 0.35, 0.29, 0.288], "patience", "Looks fine"),
        ([0.5, 0.3, 0.2, 0.15], [0.52, 0.35, 0.29, 0.288], "nan", "Loss became NaN"),
    ],
)
def test_each_curve_has_its_one_verdict(train, validation, ended: str, verdict: str) -> None:
    assert verdicts(curves(train, validation), ended=ended) == [verdict]


def test_a_model_that_cannot_even_learn_its_train_mails_underfits() -> None:
    weak = curves([0.6, 0.5, 0.45], [0.6, 0.52, 0.5], f1=0.6)
    (found,) = diagnose(weak, MLP, ended="patience")
    assert found.verdict == "Underfitting"
    assert "0.600 at epoch 3" in found.evidence
    assert "C" not in found.suggestion
    (found,) = diagnose(weak, Logistic)
    assert found.suggestion == "Try a larger C (weaker regularisation)."


def test_evidence_holds_the_numbers_that_led_to_it() -> None:
    frame = curves([0.5, 0.2, 0.1, 0.05], [0.5, 0.3, 0.35, 0.45])
    (found,) = diagnose(frame, MLP, ended="patience")
    for number in ("0.3000 at epoch 2", "0.4500 at epoch 4", "0.2000", "0.0500"):
        assert number in found.evidence
    assert found.to_dict()["evidence"] == found.evidence


def test_a_nearly_perfect_model_is_not_accused_of_overfitting() -> None:
    # three times the minimum, yet only two thousandths of a nat
    assert verdicts(curves([0.1, 0.01, 0.001], [0.1, 0.001, 0.003])) == ["Looks fine"]


def test_a_rise_of_both_losses_is_not_overfitting() -> None:
    assert not any(
        v.startswith("Overfitting")
        for v in verdicts(curves([0.5, 0.2, 0.1, 0.3], [0.5, 0.3, 0.2, 0.4]))
    )


def test_passes_of_the_baseline_are_called_so_and_have_no_learning_rate() -> None:
    rough = curves([0.3, 0.5, 0.4, 0.6], [0.3, 0.5, 0.4, 0.6])
    assert verdicts(rough, Logistic, ended="") == ["Looks fine"]
    over = curves([0.5, 0.2, 0.1, 0.05], [0.5, 0.3, 0.35, 0.45])
    (found,) = diagnose(over, Logistic)
    assert found.verdict == "Overfitting since pass 2"
    assert found.suggestion == "Try a smaller C (stronger regularisation)."
    over["epoch"] = [1, 2, 3, 5]  # the points of the baseline's curve are not evenly spaced
    (found,) = diagnose(over, Logistic)
    assert "at pass 5" in found.evidence


def test_a_single_epoch_says_something() -> None:
    assert verdicts(curves([0.3], [0.3]), ended="stopped") == ["Looks fine"]
    (found,) = diagnose(curves([0.3], [0.3]), MLP, ended="epochs")
    assert found.verdict == "Still improving"
    assert "inf" not in found.evidence


def test_several_findings_come_together_the_gravest_first() -> None:
    frame = curves([0.5, 0.7, 0.4, 0.8], [0.5, 0.7, 0.4, 0.8], f1=0.5)
    assert verdicts(frame, ended="nan") == [
        "Loss became NaN",
        "Learning rate too high",
        "Underfitting",
    ]


def inside(frame: pd.DataFrame, **columns: list[float]) -> pd.DataFrame:
    """The curves with what a network reports of itself."""
    return frame.assign(**columns)


def from_zero(train: list[float], validation: list[float]) -> pd.DataFrame:
    """The curves of a network that starts as a line through the mails."""
    return curves(train, validation).assign(epoch=range(len(train)))


def test_dead_units_are_said_once_with_each_layer_that_has_many() -> None:
    dead = inside(FINE, dead_1=[0.0, 0.2, 0.4, 0.5], dead_2=[0.9, 0.9, 0.9, 0.49])
    (found,) = diagnose(dead, MLP, ended="patience")
    assert found.verdict == "Dead units"
    assert "50% of the units of hidden layer 1 say" in found.evidence
    assert "layer 2" not in found.evidence  # at the end fewer than half of it
    (found,) = diagnose(inside(dead, dead_2=[0.0, 0.0, 0.0, 0.75]), MLP, ended="patience")
    assert "50% of the units of hidden layer 1 and 75% of the units of hidden" in found.evidence
    assert verdicts(inside(FINE, dead_1=[0.49] * 4)) == ["Looks fine"]


def test_a_gradient_that_grows_with_the_loss_explodes() -> None:
    rising = curves([0.5, 0.4, 0.6, 0.9], [0.5, 0.4, 0.6, 0.9])
    found = diagnose(inside(rising, gradient_norm=[0.5, 1.0, 3.0, 5.5]), MLP, ended="patience")
    assert [d.verdict for d in found] == ["Exploding gradient", "Learning rate too high"]
    for number in ("from 0.5 to 5.5", "from 0.5000 to 0.9000"):
        assert number in found[0].evidence
    # ten times is not more than ten times
    assert "Exploding gradient" not in verdicts(inside(rising, gradient_norm=[0.5, 1.0, 3.0, 5.0]))
    # a gradient that grows while the loss falls does no harm
    assert verdicts(inside(FINE, gradient_norm=[0.5, 1.0, 3.0, 50.0])) == ["Looks fine"]


def test_a_gradient_of_nothing_vanishes_unless_all_is_learnt() -> None:
    short = [0.1, 0.01, 0.001, 0.00005]
    (found,) = diagnose(inside(FINE, gradient_norm=short), MLP, ended="patience")
    assert found.verdict == "Vanishing gradient"
    assert "5e-05 while train loss is still 0.1500" in found.evidence
    learnt = curves([0.5, 0.2, 0.05, 0.01], [0.5, 0.2, 0.06, 0.055])
    assert verdicts(inside(learnt, gradient_norm=short)) == ["Looks fine"]


def test_a_train_loss_that_stands_still_is_a_plateau_unless_all_is_learnt() -> None:
    norms = [0.5, 0.4, 0.3, 0.3, 0.3, 0.3]
    flat = curves([0.6, 0.4, 0.3, 0.299, 0.2985, 0.298], [0.6, 0.4, 0.3, 0.299, 0.2985, 0.2984])
    (found,) = diagnose(inside(flat, gradient_norm=norms), MLP, ended="patience")
    assert found.verdict == "Plateau"
    assert "between 0.2980 and 0.3000" in found.evidence
    learnt = curves([0.6, 0.4, 0.05, 0.05, 0.05, 0.05], [0.6, 0.4, 0.06, 0.06, 0.06, 0.06])
    assert verdicts(inside(learnt, gradient_norm=norms)) == ["Looks fine"]
    falling = curves([0.6, 0.4, 0.3, 0.29, 0.28, 0.27], [0.6, 0.4, 0.3, 0.29, 0.28, 0.28])
    assert verdicts(inside(falling, gradient_norm=norms)) == ["Looks fine"]


def test_a_network_that_was_best_at_epoch_0_learnt_nothing_beside_the_line() -> None:
    frame = from_zero([0.08, 0.07, 0.06, 0.05], [0.1, 0.105, 0.108, 0.109])
    (found,) = diagnose(frame, MLP, ended="patience")
    assert found.verdict == "The hidden layers added nothing"
    for number in ("0.1000 at epoch 0", "0.1090 at epoch 3"):
        assert number in found.evidence
    # stopped before the first epoch there was nothing that could have been added
    assert verdicts(from_zero([0.08], [0.1]), ended="stopped") == ["Looks fine"]


@pytest.mark.parametrize(
    ("train", "validation"),
    [
        # the line is good already, and the network gains a little
        ([0.20, 0.19, 0.185, 0.18, 0.176], [0.22, 0.21, 0.205, 0.202, 0.203]),
        # the line fits train more closely than a network with dropout does
        ([0.02, 0.06, 0.05, 0.045, 0.04], [0.12, 0.10, 0.09, 0.085, 0.086]),
    ],
)
def test_a_healthy_curve_with_an_epoch_0_is_not_accused(train, validation) -> None:
    frame = inside(
        from_zero(train, validation),
        learning_rate=[np.nan, 0.002, 0.002, 0.002, 0.001],
        gradient_norm=[np.nan, 0.5, 0.4, 0.3, 0.3],
        seconds=[np.nan, 1.0, 1.0, 1.0, 1.0],
        dead_1=[0.0, 0.01, 0.02, 0.02, 0.02],
    )
    assert verdicts(frame) == ["Looks fine"]


def test_a_rate_too_high_is_seen_behind_epoch_0() -> None:
    rough = from_zero([0.2, 0.3, 0.5, 0.4, 0.7], [0.2, 0.3, 0.5, 0.4, 0.7])
    assert "Learning rate too high" in verdicts(rough)


def test_any_curve_gets_at_least_one_finding_and_no_warning() -> None:
    dice = np.random.default_rng(0)
    for _ in range(300):
        n = int(dice.integers(1, 12))
        train, validation = dice.uniform(1e-15, 2, (2, n)) ** dice.integers(1, 6)
        frame = curves(list(train), list(validation), f1=float(dice.uniform()))
        if dice.uniform() < 0.5:
            frame["gradient_norm"] = 10 ** dice.uniform(-6, 2, n)
            frame[["dead_1", "dead_2"]] = dice.uniform(size=(n, 2))
            if dice.uniform() < 0.5:
                frame["epoch"] -= 1
                frame.loc[0, "gradient_norm"] = np.nan
        for model in (MLP, Logistic):
            for ended in ("", "patience", "epochs", "stopped", "nan"):
                found = diagnose(frame, model, ended=ended)
                assert found
                assert all(d.verdict and d.evidence and d.suggestion for d in found)
                assert len({d.verdict for d in found}) == len(found)

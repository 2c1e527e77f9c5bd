import numpy as np
import pandas as pd
import pytest

from pipeline.diagnosis import diagnose


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


def verdicts(frame: pd.DataFrame, epoch_name: str = "epoch", ended: str = "patience") -> list[str]:
    return [d.verdict for d in diagnose(frame, epoch_name, ended=ended)]


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
    (found,) = diagnose(weak, "epoch", ended="patience")
    assert found.verdict == "Underfitting"
    assert "0.600 at epoch 3" in found.evidence
    assert "C" not in found.suggestion
    (found,) = diagnose(weak, "pass")
    assert found.suggestion == "Try a larger C (weaker regularisation)."


def test_evidence_holds_the_numbers_that_led_to_it() -> None:
    frame = curves([0.5, 0.2, 0.1, 0.05], [0.5, 0.3, 0.35, 0.45])
    (found,) = diagnose(frame, "epoch", ended="patience")
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
    assert verdicts(rough, "pass", ended="") == ["Looks fine"]
    over = curves([0.5, 0.2, 0.1, 0.05], [0.5, 0.3, 0.35, 0.45])
    (found,) = diagnose(over, "pass")
    assert found.verdict == "Overfitting since pass 2"
    assert found.suggestion == "Try a smaller C (stronger regularisation)."
    over["epoch"] = [1, 2, 3, 5]  # the points of the baseline's curve are not evenly spaced
    (found,) = diagnose(over, "pass")
    assert "at pass 5" in found.evidence


def test_a_single_epoch_says_something() -> None:
    assert verdicts(curves([0.3], [0.3]), ended="stopped") == ["Looks fine"]
    (found,) = diagnose(curves([0.3], [0.3]), "epoch", ended="epochs")
    assert found.verdict == "Still improving"
    assert "inf" not in found.evidence


def test_several_findings_come_together_the_gravest_first() -> None:
    frame = curves([0.5, 0.7, 0.4, 0.8], [0.5, 0.7, 0.4, 0.8], f1=0.5)
    assert verdicts(frame, ended="nan") == [
        "Loss became NaN",
        "Learning rate too high",
        "Underfitting",
    ]


def test_any_curve_gets_at_least_one_finding_and_no_warning() -> None:
    dice = np.random.default_rng(0)
    for _ in range(300):
        n = int(dice.integers(1, 12))
        train, validation = dice.uniform(1e-15, 2, (2, n)) ** dice.integers(1, 6)
        frame = curves(list(train), list(validation), f1=float(dice.uniform()))
        for word in ("epoch", "pass"):
            for ended in ("", "patience", "epochs", "stopped", "nan"):
                found = diagnose(frame, word, ended=ended)
                assert found
                assert all(d.verdict and d.evidence and d.suggestion for d in found)
                assert len({d.verdict for d in found}) == len(found)

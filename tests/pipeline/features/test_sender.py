import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold
from sklearn.preprocessing import TargetEncoder

from pipeline.features.sender import Sender, SenderParts, parse_sender

NAMES = ["address", "domain", "new address", "new domain", "disguised", "no address", "no domain"]
SENDERS = [f"Anna <anna{i % 4}@ham{i % 2}.example>" for i in range(20)]
SENDERS += [f"shop{i % 3}@spam.example" for i in range(19)] + ["Once <once@alone.example>"]
LABELS = [0] * 20 + [1] * 20


def frame(*senders: str | None) -> pd.DataFrame:
    return pd.DataFrame({"subject": "", "body": "", "sender": list(senders)}, dtype=object)


def columns(matrix) -> dict[str, np.ndarray]:
    """The columns at scale 1 for each, by short names."""
    return dict(zip(NAMES, matrix.toarray().T * np.sqrt(5), strict=True))


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("Anna <Anna@Example.ORG>", SenderParts("anna@example.org", "example.org", False)),
        ("anna@example.org", SenderParts("anna@example.org", "example.org", False)),
        ("anna@example.org (Anna)", SenderParts("anna@example.org", "example.org", False)),
        ('"pay@bank.com" <x@evil.com>', SenderParts("x@evil.com", "evil.com", True)),
        ('"x@evil.com" <y@evil.com>', SenderParts("y@evil.com", "evil.com", False)),
        ("Anna  Berg\n", SenderParts("anna berg", "", False)),
        ("", SenderParts("", "", False)),
        ("  ", SenderParts("", "", False)),
        ("@", SenderParts("@", "", False)),
    ],
)
def test_a_sender_is_read(sender: str, expected: SenderParts) -> None:
    assert parse_sender(sender) == expected


def test_reputations_are_those_of_scikit_learns_target_encoder() -> None:
    train, smooth = frame(*SENDERS), 3.0
    block = Sender(smooth=smooth)
    crossed = columns(block.fit_transform(train, LABELS))
    folds = KFold(5, shuffle=True, random_state=0)
    encoder = TargetEncoder(target_type="continuous", smooth=smooth, cv=folds)
    for name, of in (("address", lambda w: w.address), ("domain", lambda w: w.domain)):
        seen = np.array([[of(parse_sender(s))] for s in SENDERS], object)
        assert np.allclose(crossed[name], encoder.fit_transform(seen, LABELS)[:, 0])
        later = columns(block.transform(train))
        assert np.allclose(later[name], encoder.transform(seen)[:, 0])
    assert later["address"][0] == pytest.approx((0 + smooth * 0.5) / (5 + smooth))


def test_a_train_mail_does_not_see_its_own_label() -> None:
    train = frame(*SENDERS)
    flipped = [*LABELS[:-1], 1 - LABELS[-1]]
    one, two = Sender(), Sender()
    before, after = one.fit_transform(train, LABELS), two.fit_transform(train, flipped)
    assert np.array_equal(before[-1].toarray(), after[-1].toarray())
    # the sender wrote once, so the other folds do not know it: their share of spam, and "unseen"
    row = {name: values[-1] for name, values in columns(before).items()}
    folds = KFold(5, shuffle=True, random_state=0).split(SENDERS)
    (rest,) = [rest for rest, held in folds if len(SENDERS) - 1 in held]
    share = np.mean(np.array(LABELS)[rest])
    assert row == pytest.approx(
        dict(zip(NAMES, [share, share, 1, 1, 0, 0, 0], strict=True)), abs=1e-6
    )
    # every other row that changed is a mail whose table held the flipped one; new mail sees it
    assert one.transform(train[-1:]).max() != two.transform(train[-1:]).max()


@pytest.mark.parametrize("flip", range(0, 40, 7))
def test_no_train_mail_sees_its_own_label(flip: int) -> None:
    train, flipped = frame(*SENDERS), list(LABELS)
    flipped[flip] = 1 - flipped[flip]
    before, after = Sender().fit_transform(train, LABELS), Sender().fit_transform(train, flipped)
    assert np.array_equal(before[flip].toarray(), after[flip].toarray())


def test_unseen_and_missing_senders_are_states_of_their_own() -> None:
    block = Sender().fit(frame(*SENDERS), LABELS)
    found = columns(
        block.transform(frame("new@ham0.example", "x@new.example", None, "", "No Address"))
    )
    assert found["new address"].tolist() == pytest.approx([1, 1, 0, 0, 1])
    assert found["new domain"].tolist() == pytest.approx([0, 1, 0, 0, 0])
    assert found["no address"].tolist() == pytest.approx([0, 0, 1, 1, 0])
    assert found["no domain"].tolist() == pytest.approx([0, 0, 1, 1, 1])
    assert found["address"].tolist() == pytest.approx([0.5, 0.5, 0, 0, 0.5])
    assert found["domain"][0] < 0.1
    assert found["domain"][1] == pytest.approx(0.5)


def test_the_state_of_the_random_numbers_does_not_count() -> None:
    np.random.seed(1)
    one = Sender().fit_transform(frame(*SENDERS), LABELS)
    np.random.seed(2)
    two = Sender().fit_transform(frame(*SENDERS), LABELS)
    assert (one != two).nnz == 0


def test_a_frame_without_senders_is_a_frame_of_missing_ones() -> None:
    train = frame(*SENDERS).drop(columns="sender")
    found = columns(Sender().fit_transform(train, LABELS))
    assert found["no address"].tolist() == pytest.approx([1] * 40)


def test_it_learns_from_labels_only() -> None:
    with pytest.raises(AssertionError, match="labels"):
        Sender().fit(frame(*SENDERS))

"""Features for a split: fitted on train, applied to validation, computed once."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, load_npz, save_npz

from pipeline import features
from pipeline.features.union import Features
from pipeline.mail.dataset import Dataset, encode_labels
from pipeline.specs import FeatureSpec, hash_value
from pipeline.splits import Split

FEATURE_SETS_KEPT = 3
"""Only the 3 newest sets are kept: prepared features take some 10 MB per 1,000 long mails."""


@dataclass(frozen=True)
class Prepared:
    """Fitted features and the matrices of train and validation; test is not in here."""

    features: Features
    X_train: csr_matrix
    y_train: np.ndarray
    X_validation: csr_matrix
    y_validation: np.ndarray
    validation_ids: tuple[str, ...]


def prepare_features(
    dataset: Dataset, split: Split, spec: FeatureSpec, cache: Path | None = None
) -> Prepared:
    """Fit the features on the train mails and apply them to validation, once for each spec.

    Args:
        cache: a folder that keeps the result, or None to keep nothing.
    """
    frame = dataset.frame.set_index("id", drop=False)
    train, validation = frame.loc[list(split.train)], frame.loc[list(split.validation)]
    y_train, y_validation = encode_labels(train["label"]), encode_labels(validation["label"])
    unfitted = features.build(spec)
    folder = (
        cache / hash_value([dataset.fingerprint, split.fingerprint, spec.key]) if cache else None
    )
    kept = folder and _load(folder, unfitted)
    if kept:
        fitted, X_train, X_validation = kept
    else:
        fitted = unfitted
        X_train = fitted.fit_transform(train, list(y_train))
        X_validation = fitted.transform(validation)
        if folder:
            _store(folder, fitted, X_train, X_validation)
    return Prepared(fitted, X_train, y_train, X_validation, y_validation, tuple(validation["id"]))


def _load(folder: Path, unfitted: Features) -> tuple[Features, csr_matrix, csr_matrix] | None:
    from safetensors.numpy import load_file

    try:
        fitted = unfitted.restore(load_file(folder / "state.safetensors"))
        os.utime(folder)
        return fitted, load_npz(folder / "train.npz"), load_npz(folder / "validation.npz")
    except Exception:  # a cache that cannot be read, for whatever reason, is computed again
        return None


def _store(folder: Path, fitted: Features, X_train: csr_matrix, X_validation: csr_matrix) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    temporary = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix="."))
        save_file(fitted.state(), temporary / "state.safetensors")
        save_npz(temporary / "train.npz", X_train, compressed=False)
        save_npz(temporary / "validation.npz", X_validation, compressed=False)
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
        kept = sorted(folder.parent.iterdir(), key=lambda p: p.stat().st_mtime, reverse=True)
        for old in kept[FEATURE_SETS_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
    except (OSError, SafetensorError):
        return  # a full disk costs the next run some seconds, not this run its result
    finally:
        if temporary:  # renamed by now, unless the disk was full
            shutil.rmtree(temporary, ignore_errors=True)

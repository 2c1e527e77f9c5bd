"""Train a default model on some mails of a frame and score others, as `training.train` does."""

import numpy as np
import pandas as pd
from corpora import hold_out

from pipeline import features, models
from pipeline.evaluation import Evaluation
from pipeline.specs import FeatureSpec, ModelSpec

VALIDATION = 0.15
"""Share of the train mails that choose the MLP's epoch, the calibration and the threshold."""


def scores(
    kind: str, train: pd.DataFrame, held_out: pd.DataFrame, seed: int = 0
) -> tuple[np.ndarray, float]:
    """P(spam) of the held-out mails, and the threshold of highest F1 on validation.

    Nothing of the held-out mails is looked at but their text. `train` is divided: 85 % teach, 15 %
    choose.
    """
    y = train["y"].to_numpy()
    learn, choose = hold_out(y, VALIDATION, seed)
    block = features.build(FeatureSpec())
    X = block.fit_transform(train.iloc[learn], list(y[learn]))
    X_choose = block.transform(train.iloc[choose])
    model = models.build(ModelSpec(kind, seed=seed))
    model.fit((X, y[learn]), (X_choose, y[choose])).calibrate((X_choose, y[choose]))
    ids = tuple(map(str, choose))
    threshold = Evaluation("", ids, y[choose], model.score(X_choose)).best_threshold()
    return model.score(block.transform(held_out)), threshold

"""A small problem that any model can learn, as the matrix that features would give."""

import numpy as np
from scipy.sparse import csr_matrix, random_array


def problem(
    mails: int = 80, columns: int = 30, seed: int = 0, spam: float = 0.5
) -> tuple[csr_matrix, np.ndarray]:
    """Sparse rows of length 1; the first third of the columns belongs to spam, the next to ham."""
    dice = np.random.default_rng(seed)
    y = (np.arange(mails) < round(mails * spam)).astype(np.int8)
    dice.shuffle(y)
    X = random_array((mails, columns), density=0.3, rng=dice, format="lil", dtype=np.float32)
    third = columns // 3
    for row, label in enumerate(y):
        own = dice.integers(third, size=3) + (0 if label else third)
        X[row, own] = dice.uniform(0.5, 1.5, size=3).astype(np.float32)
    X = csr_matrix(X)
    lengths = np.sqrt(X.power(2).sum(axis=1))
    return csr_matrix(X.multiply(1 / np.asarray(lengths).reshape(-1, 1)), dtype=np.float32), y

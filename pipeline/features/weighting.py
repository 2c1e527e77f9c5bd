"""How blocks of tokens weigh their columns: rare ones count more, and every row has one length.

>>> print(compute_idf(np.array([1, 3]), mails=3).round(3))
[1.693 1.   ]
>>> normalize_rows(csr_matrix([[3.0, 4.0], [0.0, 0.0]])).toarray().round(1).tolist()
[[0.6, 0.8], [0.0, 0.0]]
"""

import numpy as np
from scipy.sparse import csr_matrix


def compute_idf(frequency: np.ndarray, mails: int) -> np.ndarray:
    """Compute ln((1 + mails) / (1 + frequency)) + 1, as scikit-learn's TfidfTransformer does.

    Args:
        frequency: the number of train mails with each token.
        mails: the number of train mails.

    Returns: inverse document frequencies, float32, at least 1.
    """
    return (np.log((1 + mails) / (1 + frequency)) + 1).astype(np.float32)


def normalize_rows(matrix: csr_matrix, length: float = 1.0) -> csr_matrix:
    """Scale each row to this Euclidean length; rows of zeros stay zeros."""
    squares = np.concatenate([[0.0], np.cumsum(matrix.data.astype(np.float64) ** 2)])
    lengths = np.sqrt(squares[matrix.indptr[1:]] - squares[matrix.indptr[:-1]])
    lengths[lengths == 0] = 1.0
    factors = (length / lengths).astype(np.float32)
    values = matrix.data * np.repeat(factors, np.diff(matrix.indptr))
    return csr_matrix((values, matrix.indices, matrix.indptr), shape=matrix.shape)

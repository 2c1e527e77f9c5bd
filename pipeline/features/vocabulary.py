"""A list of words as one plain array, and how much a rare word counts."""

from collections.abc import Sequence

import numpy as np


def pack(words: Sequence[str]) -> np.ndarray:
    """Words, none empty and none with a line break, as UTF-8 joined by line breaks: uint8.

    Half characters (lone surrogates), which UTF-8 forbids, survive the way there and back.
    """
    return np.frombuffer("\n".join(words).encode(errors="surrogatepass"), np.uint8)


def unpack(array: np.ndarray) -> list[str]:
    """The inverse of `pack`."""
    text = array.tobytes().decode(errors="surrogatepass")
    return text.split("\n") if text else []


def idf(frequency: np.ndarray, mails: int) -> np.ndarray:
    """ln((1 + mails) / (1 + mails with the word)) + 1, as in scikit-learn: float32, at least 1."""
    return (np.log((1 + mails) / (1 + frequency)) + 1).astype(np.float32)

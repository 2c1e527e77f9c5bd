"""Stores a list of words as one array of bytes, so that a state holds arrays only.

>>> unpack_words(pack_words(["win", "贏錢"]))
['win', '贏錢']
"""

from collections.abc import Sequence

import numpy as np


def pack_words(words: Sequence[str]) -> np.ndarray:
    """Pack words as UTF-8 joined by line breaks: uint8. No word may be empty or hold a line break.

    Half characters (lone surrogates), which UTF-8 forbids, survive the round trip.
    """
    return np.frombuffer("\n".join(words).encode(errors="surrogatepass"), np.uint8)


def unpack_words(array: np.ndarray) -> list[str]:
    """Invert `pack_words`."""
    text = array.tobytes().decode(errors="surrogatepass")
    return text.split("\n") if text else []

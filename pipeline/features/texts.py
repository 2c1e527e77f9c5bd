"""The text that a block reads of a mail, and which character each byte or letter of it comes from.

>>> frame = pd.DataFrame({"subject": ["Grüße"], "body": ["bis bald"]})
>>> join_texts(frame, first=9)
['Grüße\\nbis']
>>> encode_texts(frame, first=4)
[b'Gr\\xc3\\xbc']
>>> map_bytes_to_characters("Grü").tolist()
[0, 1, 2, 2]
"""

import numpy as np
import pandas as pd

MOST_CHARACTERS = 200_000
"""A block without a parameter `first` reads at most 200,000 characters of a mail's text, HTML or
headers: more is hostile, or changes no share."""


def join_texts(frame: pd.DataFrame, first: int) -> list[str]:
    """Join subject, a line break and body of each mail, cut after `first` characters."""
    # both are cut before they are joined, so that a mail of 50 MB is not copied
    return [
        f"{subject[:first]}\n{body[:first]}"[:first]
        for subject, body in zip(frame["subject"], frame["body"], strict=True)
    ]


def encode_texts(frame: pd.DataFrame, first: int) -> list[bytes]:
    """Encode the joined text of each mail as UTF-8, cut after `first` bytes.

    Half a character (a lone surrogate) has no UTF-8 and becomes a question mark.
    """
    # a character is at least one byte, so `first` characters are enough
    return [text.encode(errors="replace")[:first] for text in join_texts(frame, first)]


def read_raw_texts(frame: pd.DataFrame, name: str) -> list[str | None]:
    """Read a column that not every mail has, such as headers; None where it is missing."""
    if name not in frame.columns:
        return [None] * len(frame)
    return [text if isinstance(text, str) else None for text in frame[name]]


def map_bytes_to_characters(text: str) -> np.ndarray:
    """Map each byte of a text that `encode_texts` encodes to the index of its character: int32."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    sizes = 1 + (codes >= 0x80) + (codes >= 0x800) + (codes >= 0x10000)
    sizes[(codes >= 0xD800) & (codes <= 0xDFFF)] = 1  # half a character becomes a question mark
    return np.repeat(np.arange(len(codes), dtype=np.int32), sizes)


def map_lower_to_characters(text: str) -> np.ndarray:
    """Map each character of ``text.lower()`` to the index of the character that it comes from."""
    if len(text.lower()) == len(text):
        return np.arange(len(text))
    # a Turkish capital I with a dot becomes two characters
    return np.repeat(np.arange(len(text)), [len(c.lower()) for c in text])

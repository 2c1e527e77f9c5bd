"""Tokens of the header fields of a raw message: "x-mailer:outlook", "has:reply-to".

The rows are shorter than those of `grams`: every mail of one program has the same few words in a
field, and at full length these would drown the text of the mail.

>>> train = pd.DataFrame({"subject": "", "body": "", "headers": ["To: anna", "To: anna\\nCc: bob"]})
>>> block = Headers(min_mails=1).fit(train)
>>> block.describe(np.arange(block.width), train)
['header cc: “bob”', 'header field cc', 'header field to', 'header to: “anna”']
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.features.block import Block, require_fitted
from pipeline.features.shared_parameters import declare_min_mails, declare_scale
from pipeline.features.texts import MOST_CHARACTERS, read_raw_texts
from pipeline.features.vocabulary import pack_words, unpack_words
from pipeline.features.weighting import compute_idf, normalize_rows
from pipeline.parameters import names

TOKEN = re.compile(r"[A-Za-z0-9]+|[^\sA-Za-z0-9]")
ONE_DIGIT = str.maketrans("123456789", "0" * 9)
"""Every digit becomes 0: that there is a number says much, which number it is says nothing."""
FIELD_NAME = re.compile(r"[!-9;-~]{1,76}")
"""Printable ASCII without the colon (RFC 5322, 3.6.8), here at most 76 characters."""
MOST_FIELDS = 100
"""Only the first 100 fields of a mail that are not left out are read; more are hostile."""
MOST_TOKENS = 200
"""Only the first 200 tokens of a field are read."""
LONGEST_TOKEN = 40
"""Tokens are cut after 40 characters; longer ones are encoded data."""

LEFT_OUT = (
    # dates
    *("date", "delivery-date", "resent-*", "x-original-date", "x-originalarrivaltime", "reply-by"),
    # the way of delivery, and what the machines on it wrote
    *("received", "x-received", "return-path", "delivered-to", "envelope-to", "x-original-to"),
    *("x-envelope-*", "x-return-path", "x-mdaemon-*", "x-loop", "x-sender", "x-x-sender"),
    *("x-authentication-warning", "x-mime-autoconverted", "x-originating-*", "message-id"),
    *("references", "in-reply-to", "thread-*", "x-uid*", "content-length", "lines"),
    *("authentication-results", "received-spf", "dkim-*", "domainkey-*", "arc-*"),
    # list software
    *("list-*", "x-list*", "x-mailman-*", "x-beenthere", "precedence", "x-precedence*", "sender"),
    *("errors-to", "x-mailing-list", "mailing-list", "mail-followup-to", "x-subscription*"),
    *("x-unsubscription-info", "x-acceptable-languages", "x-library", "x-cidl"),
    # verdicts of other filters, and the traces of who sorted the mails
    *("x-spam*", "x-virus*", "x-mailscanner*", "*-mailscanner*", "x-pyzor*", "x-bogosity"),
    *("x-status", "status", "x-keywords", "x-url", "old-*", "x-delivery-agent", "delivery-agent"),
    *("x-gmail-*", "x-gm-*"),
)
"""Fields that tell where and when a corpus was collected, and not whether a mail is spam."""


@dataclass(eq=False)
class Headers(Block):
    """Binary tokens of header fields, each with the name of its field, weighed by idf.

    Without header fields in the train mails (a CSV file) the matrix has no columns.

    Args:
        left_out: names of the fields that are not read, in any case; a * stands for anything. The
            default, `LEFT_OUT`, leaves out dates, the way of delivery, the traces of list software
            and other filters' verdicts: a model that reads them learns where and when its corpus
            was collected, and fails on tomorrow's mail.
        min_mails: tokens in fewer train mails than this are dropped, 1 to 1,000; by default 2.
        scale: Euclidean length of the rows, 0.001 to 100; by default 0.5 (a mail without known
            tokens: zeros).
    """

    title: ClassVar[str] = "Headers"
    summary: ClassVar[str] = "Tokens of the header fields, when the mails have headers."
    needs_headers: ClassVar[bool] = True

    left_out: tuple[str, ...] = names(
        LEFT_OUT,
        FIELD_NAME.pattern,
        plural="names of header fields",
        example="received, x-spam*",
        label="Header fields left out",
        help="A * stands for anything. The default leaves out what tells where and when the mails "
        "were collected and what other filters said: a model that reads it fails on new mail.",
    )
    min_mails: int = declare_min_mails("tokens")
    scale: float = declare_scale(0.5, "Euclidean length of the rows; a larger one counts more.")
    columns: dict[str, int] | None = field(default=None, init=False, repr=False)
    idf_weights: np.ndarray | None = field(default=None, init=False, repr=False)

    def fit(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> Self:
        self.fit_transform(frame)
        return self

    def fit_transform(self, frame: pd.DataFrame, labels: Sequence[int] | None = None) -> csr_matrix:
        """Do both while reading the fields once."""
        seen: dict[str, int] = {}
        counts = self._count(frame, seen, grow=True)
        frequency = np.bincount(counts.indices, minlength=len(seen))
        tokens = sorted(token for token, i in seen.items() if frequency[i] >= self.min_mails)
        self.columns = {token: i for i, token in enumerate(tokens)}
        order = np.array([seen[token] for token in tokens], np.int64)
        self.idf_weights = compute_idf(frequency[order], len(frame))
        kept = csr_matrix(counts[:, order])
        # each process orders the set of a field's tokens in its own way, and the order of the
        # columns in a row decides the last digit of the row's length
        kept.sort_indices()
        return self._weigh(kept)

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        return self._weigh(self._count(frame, require_fitted(self.columns), grow=False))

    @property
    def width(self) -> int:
        return len(require_fitted(self.columns))

    def describe(self, columns: np.ndarray, frame: pd.DataFrame) -> list[str]:
        """Name the field and quote its token."""
        tokens = list(require_fitted(self.columns))
        parts = (tokens[i].partition(":") for i in columns)
        return [
            f"header field {token}" if field == "has" else f"header {field}: “{token}”"
            for field, _, token in parts
        ]

    def state(self) -> dict[str, np.ndarray]:
        return {
            "tokens": pack_words(list(require_fitted(self.columns))),
            "idf": require_fitted(self.idf_weights),
        }

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        self.columns = {token: i for i, token in enumerate(unpack_words(state["tokens"]))}
        self.idf_weights = state["idf"]
        return self

    def _count(self, frame: pd.DataFrame, columns: dict[str, int], grow: bool) -> csr_matrix:
        """Mark the tokens of each mail by ones.

        Mails of one program repeat each other's lines, so each distinct line is read once.

        Args:
            columns: the column of each known token; others are ignored, or with `grow` added.
        """
        left_out = re.compile("|".join(map(_to_pattern, self.left_out)) or r"(?!)")
        is_read: dict[str, bool] = {}
        columns_of_line: dict[str, list[int]] = {}
        indices: list[int] = []
        ends = [0]
        for text in read_raw_texts(frame, "headers"):
            in_mail: set[int] = set()
            fields = 0
            for line in (text or "")[:MOST_CHARACTERS].split("\n"):
                name, colon, value = line.partition(":")
                if name not in is_read:
                    is_name = FIELD_NAME.fullmatch(name.strip())
                    is_read[name] = bool(is_name) and not left_out.fullmatch(name.strip().lower())
                if not (colon and is_read[name]):
                    continue
                in_line = columns_of_line.get(line)
                if in_line is None:
                    tokens = _tokenize(name.strip().lower(), value)
                    if grow:
                        in_line = [columns.setdefault(token, len(columns)) for token in tokens]
                    else:
                        in_line = [columns[token] for token in tokens if token in columns]
                    columns_of_line[line] = in_line
                fields += 1
                if fields > MOST_FIELDS:
                    break
                in_mail.update(in_line)
            indices += sorted(in_mail)
            ends.append(len(indices))
        ones = np.ones(len(indices), np.float32)
        shape = (len(ends) - 1, len(columns))
        return csr_matrix((ones, np.array(indices, np.int32), np.array(ends)), shape=shape)

    def _weigh(self, counts: csr_matrix) -> csr_matrix:
        values = require_fitted(self.idf_weights)[counts.indices]
        rows = csr_matrix((values, counts.indices, counts.indptr), shape=counts.shape)
        return normalize_rows(rows, self.scale)


def _to_pattern(name: str) -> str:
    return re.escape(name).replace(r"\*", ".*")


def _tokenize(name: str, value: str) -> set[str]:
    """Return the tokens of one field, each with the name of the field."""
    value = value[: MOST_TOKENS * LONGEST_TOKEN].translate(ONE_DIGIT)
    tokens = TOKEN.findall(value)[:MOST_TOKENS]
    return {f"has:{name}", *(f"{name}:{token[:LONGEST_TOKEN]}" for token in tokens)}

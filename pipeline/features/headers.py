"""What the header fields of a raw message say: "x-mailer:outlook", "has:reply-to".

The rows are shorter than those of `grams`: a field is few words said in the same way by every mail
of one program, and at full length those drown the text of the mail.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from pipeline.features.block import (
    Block,
    declare_min_mails,
    declare_scale,
    raw_texts,
    unit_rows,
)
from pipeline.features.vocabulary import idf, pack, unpack
from pipeline.parameters import names

TOKEN = re.compile(r"[A-Za-z0-9]+|[^\sA-Za-z0-9]")
ONE_DIGIT = str.maketrans("123456789", "0" * 9)
"""All digits are 0: that there is a number says much, which number it is says nothing."""
FIELD_NAME = re.compile(r"[!-9;-~]{1,76}")
"""RFC 5322, 3.6.8: printable ASCII without the colon."""
MOST_CHARACTERS = 200_000
"""Of the header of one mail; what is longer is hostile."""
MOST_FIELDS = 100
MOST_TOKENS = 200
"""Of one field."""
LONGEST_TOKEN = 40


LEFT_OUT = (
    # when
    *("date", "delivery-date", "resent-*", "x-original-date", "x-originalarrivaltime", "reply-by"),
    # which way, and what the machines on it wrote down
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
"""Fields that tell where and when a corpus was collected rather than whether a mail is spam."""


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
        """`fit` and `transform` with the fields read once instead of twice."""
        seen: dict[str, int] = {}
        counts = self._count(frame, seen, grow=True)
        frequency = np.bincount(counts.indices, minlength=len(seen))
        tokens = sorted(token for token, i in seen.items() if frequency[i] >= self.min_mails)
        self.columns = {token: i for i, token in enumerate(tokens)}
        order = np.array([seen[token] for token in tokens], np.int64)
        self.idf_weights = idf(frequency[order], len(frame))
        return self._weigh(csr_matrix(counts[:, order]))

    def transform(self, frame: pd.DataFrame) -> csr_matrix:
        assert self.columns is not None, "fit or restore comes first"
        return self._weigh(self._count(frame, self.columns, grow=False))

    @property
    def width(self) -> int:
        assert self.columns is not None, "fit or restore comes first"
        return len(self.columns)

    def describe(self, columns: np.ndarray, frame: pd.DataFrame) -> list[str]:
        """The field and what it holds."""
        assert self.columns is not None, "fit or restore comes first"
        tokens = list(self.columns)
        pairs = (tokens[i].partition(":") for i in columns)
        return [
            f"header field {what}" if name == "has" else f"header {name}: “{what}”"
            for name, _, what in pairs
        ]

    def state(self) -> dict[str, np.ndarray]:
        assert self.columns is not None
        assert self.idf_weights is not None
        return {"tokens": pack(list(self.columns)), "idf": self.idf_weights}

    def restore(self, state: dict[str, np.ndarray]) -> Self:
        self.columns = {token: i for i, token in enumerate(unpack(state["tokens"]))}
        self.idf_weights = state["idf"]
        return self

    def _count(self, frame: pd.DataFrame, known: dict[str, int], grow: bool) -> csr_matrix:
        """Which of the known tokens each mail has, as ones; with `grow` all tokens become known.

        Mails of one program repeat each other's lines, so each different line is read once.
        """
        unwanted = re.compile("|".join(map(_pattern, self.left_out)) or r"(?!)")
        wanted: dict[str, bool] = {}
        columns_of: dict[str, list[int]] = {}
        found: list[int] = []
        ends = [0]
        for text in raw_texts(frame, "headers"):
            mine: set[int] = set()
            fields = 0
            for line in (text or "")[:MOST_CHARACTERS].split("\n"):
                name, colon, value = line.partition(":")
                if name not in wanted:
                    proper = FIELD_NAME.fullmatch(name.strip())
                    wanted[name] = bool(proper) and not unwanted.fullmatch(name.strip().lower())
                if not (colon and wanted[name]):
                    continue
                columns = columns_of.get(line)
                if columns is None:
                    tokens = _tokens(name.strip().lower(), value)
                    if grow:
                        columns = [known.setdefault(token, len(known)) for token in tokens]
                    else:
                        columns = [known[token] for token in tokens if token in known]
                    columns_of[line] = columns
                fields += 1
                if fields > MOST_FIELDS:
                    break
                mine.update(columns)
            found += sorted(mine)
            ends.append(len(found))
        ones = np.ones(len(found), np.float32)
        shape = (len(ends) - 1, len(known))
        return csr_matrix((ones, np.array(found, np.int32), np.array(ends)), shape=shape)

    def _weigh(self, counts: csr_matrix) -> csr_matrix:
        assert self.idf_weights is not None
        values = self.idf_weights[counts.indices]
        rows = csr_matrix((values, counts.indices, counts.indptr), shape=counts.shape)
        return unit_rows(rows, self.scale)


def _pattern(name: str) -> str:
    return re.escape(name).replace(r"\*", ".*")


def _tokens(name: str, value: str) -> set[str]:
    """What one field says."""
    value = value[: MOST_TOKENS * LONGEST_TOKEN].translate(ONE_DIGIT)
    tokens = TOKEN.findall(value)[:MOST_TOKENS]
    return {f"has:{name}", *(f"{name}:{token[:LONGEST_TOKEN]}" for token in tokens)}

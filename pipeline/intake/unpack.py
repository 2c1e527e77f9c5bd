"""Parses a column of raw messages into the columns of their mails."""

from typing import Any

import pandas as pd
import pyarrow as pa

from pipeline.intake import message
from pipeline.mail.dataset import RAW

SAMPLE = 200
"""The filled cells that are examined to decide whether a column contains messages."""
ENOUGH = 0.9
"""At least 90% of them must be messages; mails that begin with quoted headers are rarer than
that."""
BATCH = 8 << 20
"""After this many characters a batch is converted to Arrow, so that Python strings never pile
up."""
SCHEMA = pa.schema(
    {
        **dict.fromkeys(("subject", "body", "sender"), pa.large_string()),
        "date": pa.timestamp("us", "UTC"),
        **dict.fromkeys(RAW, pa.large_string()),
    }
)


def holds_messages(texts: pd.Series) -> bool:
    """Whether the texts are whole messages with headers, judged by a sample of the whole column."""
    filled = texts.index[(texts.str.strip() != "").to_numpy()]
    sample = texts.loc[filled[:: max(1, len(filled) // SAMPLE)][:SAMPLE]]
    return len(sample) > 0 and sum(map(message.is_message, sample)) >= ENOUGH * len(sample)


def unpack_messages(texts: pd.Series) -> pd.DataFrame:
    """Parse texts into the columns of `SCHEMA`; what is not a message becomes a bare body."""
    tables = []
    batch: list[dict[str, Any]] = []
    size = 0
    for text in texts:
        if message.is_message(text):
            batch.append(message.parse_message(text))
        else:
            batch.append({"body": text.replace("\r\n", "\n"), **dict.fromkeys(RAW, "")})
        size += len(text) + 64
        if size > BATCH:
            tables.append(pa.Table.from_pylist(batch, SCHEMA))
            batch, size = [], 0
    tables.append(pa.Table.from_pylist(batch, SCHEMA))
    return pa.concat_tables(tables).to_pandas().set_index(texts.index)

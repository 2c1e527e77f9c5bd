"""A column of raw messages to the columns that they hold."""

from typing import Any

import pandas as pd
import pyarrow as pa

from pipeline.intake import message
from pipeline.mail.dataset import RAW

SAMPLE = 200
"""Filled cells that show whether a column holds messages."""
ENOUGH = 0.9
"""Share of them that must be messages: mail that quotes a head at its beginning is rarer."""
BATCH = 8 << 20
"""Characters parsed before they are packed as Arrow, so that Python's strings never pile up."""
SCHEMA = pa.schema(
    {
        **dict.fromkeys(("subject", "body", "sender"), pa.large_string()),
        "date": pa.timestamp("us", "UTC"),
        **dict.fromkeys(RAW, pa.large_string()),
    }
)


def holds_messages(texts: pd.Series) -> bool:
    """Whether the texts are whole messages with headers, by a sample from all over the column."""
    filled = texts.index[(texts.str.strip() != "").to_numpy()]
    sample = texts.loc[filled[:: max(1, len(filled) // SAMPLE)][:SAMPLE]]
    return len(sample) > 0 and sum(map(message.is_message, sample)) >= ENOUGH * len(sample)


def unpack(texts: pd.Series) -> pd.DataFrame:
    """The columns of `SCHEMA`, one row a text; a text that is no message is a body and no more."""
    tables = []
    batch: list[dict[str, Any]] = []
    size = 0
    for text in texts:
        if message.is_message(text):
            batch.append(message.parse(text))
        else:
            batch.append({"body": text.replace("\r\n", "\n"), **dict.fromkeys(RAW, "")})
        size += len(text) + 64
        if size > BATCH:
            tables.append(pa.Table.from_pylist(batch, SCHEMA))
            batch, size = [], 0
    tables.append(pa.Table.from_pylist(batch, SCHEMA))
    return pa.concat_tables(tables).to_pandas().set_index(texts.index)

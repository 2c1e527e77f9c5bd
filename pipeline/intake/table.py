"""The records of a file, in memory or in a Parquet file that is read part by part."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

ROW = "\x1erow"
"""The column of record numbers; no file has a column of this name, because names are stripped."""
LEFT_OUT = ("row", "id", "reason", "excerpt")
SAMPLE_GROUPS = 8
"""A guess examines at most this many parts of a Parquet file, evenly spread: 64 MB."""


@dataclass(frozen=True)
class Table:
    """All records of a file.

    In a table of mails all columns are text. Raw mail has the columns of
    `pipeline.intake.message.parse_message` and the text columns source (where the mail was found)
    and label (the word that says what it is, or "").

    All frames have the number of the record as their index, named "row": 1 is the first; blank
    lines and the header do not count.

    Attributes:
        source: where the records are.
        encoding, delimiter: how a CSV was read.
        left_out: the records that were left out: columns row, id (empty, because the id column is
            not known yet), reason, excerpt.
        notes: sentences for the user about the reading.
        messages: whether the records are raw mail.
        hidden: columns without name and content, which are not shown.
    """

    source: pq.ParquetFile | pa.Table = field(repr=False)
    encoding: str = "UTF-8"
    delimiter: str = ""
    left_out: pd.DataFrame = field(
        repr=False, default_factory=lambda: pd.DataFrame(columns=list(LEFT_OUT))
    )
    notes: tuple[str, ...] = ()
    messages: bool = False
    hidden: frozenset[str] = frozenset()

    @classmethod
    def of_frame(cls, frame: pd.DataFrame, **values: Any) -> Self:
        """Build a table in memory; the record numbers are the index if named "row", else 1, 2, …"""
        rows = frame.index if frame.index.name == "row" else range(1, len(frame) + 1)
        numbered = frame.set_axis(pd.Index(rows, dtype="int64", name="row"))
        table = pa.Table.from_pandas(numbered.reset_index(names=ROW), preserve_index=False)
        return cls(table, **values)

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        schema = self.source.schema
        arrow = schema if isinstance(schema, pa.Schema) else schema.to_arrow_schema()
        return [name for name in arrow.names if name != ROW and name not in self.hidden]

    def __len__(self) -> int:
        source = self.source
        return int(source.num_rows if isinstance(source, pa.Table) else source.metadata.num_rows)

    @property
    def groups(self) -> int:
        """The number of parts that `group` can read."""
        return 1 if isinstance(self.source, pa.Table) else self.source.num_row_groups

    def group(self, number: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read one part of the records; in a Parquet file about 8 MB of text."""
        names = [ROW, *(self.names if columns is None else columns)]
        if isinstance(self.source, pa.Table):
            part = self.source.select(names)
        else:
            part = self.source.read_row_group(number, names)
        frame = part.to_pandas()
        return frame.set_index(frame[ROW].rename("row"))[names[1:]]

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Read all records, part by part."""
        for number in range(self.groups):
            yield self.group(number, columns)

    def column(self, name: str) -> pd.Series:
        """Read one whole column; meant for columns of short texts."""
        return pd.concat([batch[name] for batch in self.batches([name])])

    @cached_property
    def sample(self) -> pd.DataFrame:
        """Records from the whole file; all of them if it is small."""
        step = max(1, self.groups / SAMPLE_GROUPS)
        numbers = sorted({int(i * step) for i in range(min(self.groups, SAMPLE_GROUPS))})
        return pd.concat([self.group(number) for number in numbers])

    @property
    def frame(self) -> pd.DataFrame:
        """All records at once; meant for small tables."""
        return pd.concat(list(self.batches()))


class Sink:
    """Takes the records of a reader: to a Parquet file, or to memory if there is no path."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._tables: list[pa.Table] = []
        self._writer: pq.ParquetWriter | None = None

    def add(self, table: pa.Table) -> None:
        """Append records; every table must have the same columns."""
        if self.path is None:
            self._tables.append(table)
            return
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, table.schema, use_dictionary=False)
        self._writer.write_table(table)

    def close(self) -> pq.ParquetFile | pa.Table:
        """Finish, and return what a `Table` reads from; at least one table must have been added."""
        if self._writer is None:
            return pa.concat_tables(self._tables)
        self._writer.close()
        return pq.ParquetFile(self.path)

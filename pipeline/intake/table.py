"""The records of a file, in memory or in a Parquet file that is read a part at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

ROW = "\x1erow"
"""The column of record numbers; no file has one of this name, since names are stripped."""
LEFT_OUT = ("row", "id", "reason", "excerpt")
SAMPLE_GROUPS = 8
"""Parts of a Parquet file that a guess looks at, evenly from its first to its last: 64 MB."""


@dataclass(frozen=True)
class Table:
    """All records of a file.

    Of a CSV and its like all columns are text. Raw mail (`messages` is True) has the columns of
    `pipeline.intake.message.parse`, and the text columns source (where the mail was found) and
    label (the word that says what it is, or "").

    Every frame that comes out has the number of the record as its index, named "row" (1 is the
    first; blank lines and the header not counted). `left_out` has the columns row, id (empty,
    nobody knows yet which column it is), reason and excerpt. `notes` are sentences for the user.
    `hidden` names columns without a name and without content, which are not shown.
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
        """A table in memory; the numbers of the records are the index or else 1, 2, ..."""
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
        return source.num_rows if isinstance(source, pa.Table) else source.metadata.num_rows

    @property
    def groups(self) -> int:
        """How many parts `group` can read."""
        return 1 if isinstance(self.source, pa.Table) else self.source.num_row_groups

    def group(self, number: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One part of the records, about 8 MB of text of a Parquet file."""
        wanted = [ROW, *(self.names if columns is None else columns)]
        if isinstance(self.source, pa.Table):
            part = self.source.select(wanted)
        else:
            part = self.source.read_row_group(number, wanted)
        frame = part.to_pandas()
        return frame.set_index(frame[ROW].rename("row"))[wanted[1:]]

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """All records, part by part."""
        for number in range(self.groups):
            yield self.group(number, columns)

    def column(self, name: str) -> pd.Series:
        """One whole column; for those of short texts."""
        return pd.concat([batch[name] for batch in self.batches([name])])

    @cached_property
    def sample(self) -> pd.DataFrame:
        """Records from all over the file; all of them when it is small."""
        step = max(1, self.groups / SAMPLE_GROUPS)
        numbers = sorted({int(i * step) for i in range(min(self.groups, SAMPLE_GROUPS))})
        return pd.concat([self.group(number) for number in numbers])

    @property
    def frame(self) -> pd.DataFrame:
        """All records at once; for tables that are known to be small."""
        return pd.concat(list(self.batches()))


class Sink:
    """Where a reader puts its records: a Parquet file, or memory when there is no path."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._tables: list[pa.Table] = []
        self._writer: pq.ParquetWriter | None = None

    def add(self, table: pa.Table) -> None:
        """Append records; every table has the same columns."""
        if self.path is None:
            self._tables.append(table)
            return
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.path, table.schema, use_dictionary=False)
        self._writer.write_table(table)

    def close(self) -> pq.ParquetFile | pa.Table:
        """What `Table` reads from; at least one table must have been added."""
        if self._writer is None:
            return pa.concat_tables(self._tables)
        self._writer.close()
        return pq.ParquetFile(self.path)

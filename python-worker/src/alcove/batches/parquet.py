"""Parquet files, by pyarrow: an op that runs in an environment of its own, made from ``envs/parquet.txt``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alcove import op, progress
from alcove.files._failures import while_reading
from alcove.files._replacing import replacing

__all__ = ["convert"]

_BLOCK_BYTES = 4 << 20
_BOOLEAN = "^(true|false)$"
# A number that begins with zeros is a name: well 007, day 01.
_INTEGER = r"^-?(0|[1-9]\d*)$"
_DECIMAL = r"^(-?((0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?|Infinity)|NaN)$"


@op(title="Write Parquet", idempotent=True)
def convert(table: Path, output: Path) -> dict[str, Any]:
    """Writes a CSV file as Parquet. A column is of integers, decimals or truth values where all of its cells are, else
    of texts. Empty cells become null, but ``""`` an empty text. The file appears when it is complete, not before.

    Returns ``rows``, and for each of the ``columns`` its type.

    table: the CSV file; its first column is taken as text, whatever it holds.
    output: the file to write.
    """
    import pyarrow  # type: ignore[import-not-found]
    from pyarrow import parquet

    with while_reading(table):
        types = _types(table)
        rows = 0
        with (
            replacing(output, overwrite=True) as file,
            parquet.ParquetWriter(file, pyarrow.schema(list(types.items())), compression="zstd") as writer,
        ):
            for batch in _batches(table, types):
                progress(None, f"writing {output.name}")
                writer.write_batch(batch)
                rows += batch.num_rows
    return {"rows": rows, "columns": {name: str(type) for name, type in types.items()}}


def _batches(table: Path, types: dict[str, Any]) -> Iterator[Any]:
    from pyarrow import csv

    converting = csv.ConvertOptions(
        column_types=types,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        true_values=["true"],
        false_values=["false"],
    )
    with csv.open_csv(
        table,
        read_options=csv.ReadOptions(block_size=_BLOCK_BYTES),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=converting,
    ) as batches:
        yield from batches


def _types(table: Path) -> dict[str, Any]:
    """The type of each column, by all of its cells."""
    import pyarrow
    from pyarrow import csv

    with csv.open_csv(table, read_options=csv.ReadOptions(block_size=_BLOCK_BYTES)) as reader:
        names = reader.schema.names
    texts = {name: pyarrow.string() for name in names}
    possible = {name: _forms() for name in names[1:]}
    filled = set()
    for batch in _batches(table, texts):
        progress(None, f"looking at {table.name}")
        for name, forms in possible.items():
            cells = batch.column(name).drop_null()
            if len(cells):
                filled.add(name)
                possible[name] = {type: pattern for type, pattern in forms.items() if _all_are(cells, type, pattern)}
    return {**texts, **{name: next(iter(forms)) for name, forms in possible.items() if name in filled and forms}}


def _forms() -> dict[Any, str]:
    """The types that a column may have but text, each with how all of its cells look then; the best first."""
    import pyarrow

    return {
        pyarrow.bool_(): _BOOLEAN,
        pyarrow.int64(): _INTEGER,
        pyarrow.uint64(): _INTEGER,
        pyarrow.float64(): _DECIMAL,
    }


def _all_are(cells: Any, type: Any, pattern: str) -> bool:
    import pyarrow
    from pyarrow import compute

    try:
        return compute.all(compute.match_substring_regex(cells, pattern)).as_py() and cells.cast(type) is not None
    except pyarrow.ArrowInvalid:  # too large
        return False

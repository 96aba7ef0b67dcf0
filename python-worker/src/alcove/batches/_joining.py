"""Many tables one below the other, whatever columns each has."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from alcove import OpError, progress
from alcove.batches._records import fields, quoted, records, unquoted
from alcove.files._failures import failure, not_found
from alcove.files._replacing import replacing

_TABLES_BETWEEN_REPORTS = 100
_EMPTY_LINE = [b'""']  # how a row with one column and no value is written, lest readers skip it


class _Found(NamedTuple):
    """All columns, by what they say, each as it was first written; and how many tables there are."""

    columns: dict[str, bytes]
    tables: int


def join(manifest: Path, output: Path) -> dict[str, Any]:
    """See ``alcove.batches.join``."""
    found = _look(manifest)
    item = _name_of_items(found.columns)
    rows = 0
    with replacing(output, overwrite=True) as file:
        file.write(b",".join([quoted(item), *found.columns.values()]) + b"\r\n")
        for index, (name, path) in enumerate(_tables(manifest)):
            _report(0.3 + 0.7 * index / found.tables, index, "joining the tables")
            rows += _copy(quoted(name), path, list(found.columns), file)
    return {"tables": found.tables, "rows": rows, "columns": [item, *found.columns]}


def _look(manifest: Path) -> _Found:
    columns: dict[str, bytes] = {}
    tables = 0
    for tables, (_, path) in enumerate(_tables(manifest), 1):
        _report(None, tables, "looking at the tables")
        with _table(path) as rows:
            for field in _names(rows):
                columns.setdefault(unquoted(field), field)
    return _Found(columns, tables)


def _copy(item: bytes, path: Path, columns: list[str], file: BinaryIO) -> int:
    """Writes the rows of one table and returns how many they were."""
    count = 0
    with _table(path) as rows:
        own = [unquoted(field) for field in _names(rows)]
        # Nearly all tables of a batch have all columns, in the same order: their rows need not be taken apart.
        places = None if own == columns and len(own) > 1 else [own.index(c) if c in own else -1 for c in columns]
        for row in rows:
            file.write(item + b"," + (row if places is None else _arranged(row, places, len(own))) + b"\r\n")
            count += 1
    return count


def _names(rows: Iterator[bytes]) -> list[bytes]:
    """The first record's fields; none in an empty file."""
    first = next(rows, None)
    return [] if first is None else fields(first)


def _arranged(row: bytes, places: list[int], width: int) -> bytes:
    cells = fields(row)
    if len(cells) > width:
        raise ValueError(f"a row has {len(cells)} cells, the first one {width}")
    cells = [b""] if cells == _EMPTY_LINE else cells
    return b",".join(cells[place] if 0 <= place < len(cells) else b"" for place in places)


def _name_of_items(columns: dict[str, bytes]) -> str:
    names = itertools.chain(("item", "batch_item"), (f"batch_item_{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in columns)


def _tables(manifest: Path) -> Iterator[tuple[str, Path]]:
    with open(manifest, encoding="utf-8") as lines:
        for line in lines:
            name, path = json.loads(line)
            yield name, Path(path)


@contextmanager
def _table(path: Path) -> Iterator[Iterator[bytes]]:
    """The records of a table, the first of which names the columns."""
    try:
        with open(path, "rb") as file:
            yield records(file)
    except FileNotFoundError:
        raise not_found(path) from None
    except (UnicodeDecodeError, ValueError) as error:
        hint = "Run the same batch again after deleting the file: its item is done anew."
        raise failure("damaged", path, f"{path} is no table: {error}", hint) from error
    except PermissionError:
        raise OpError(f"{path} may not be read", hint="Ask its owner.", cause="permission", path=str(path)) from None


def _report(fraction: float | None, index: int, message: str) -> None:
    if index % _TABLES_BETWEEN_REPORTS == 0:
        progress(fraction, message)
